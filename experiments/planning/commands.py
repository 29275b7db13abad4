"""`parity size`, `parity recheck` and `parity headroom`: their options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.console import answer, progress_bar, say
from experiments.options import (
    FROM_SCENARIO,
    LARGEST_SEED,
    Area,
    Json,
    Out,
    ScenarioFile,
    Scheduler,
    Seed,
    financial_year,
    within,
    writable,
)
from experiments.workers import opener

SIZE = (
    "parity size --area lsc --year 2016/17\n\n"
    "parity size --area lsc --year 2016/17 --scenario mine.toml --budget '20 min'"
)
RECHECK = "parity recheck results/sizing-lsc-2016-17\n\nparity recheck results --years 120 --unit 'West Lancashire'"
HEADROOM = "parity headroom\n\nparity headroom mine.toml --of absence --budget '20 min' --out results/headroom"


def size(
    area: Area = "lsc",
    year: Annotated[str, typer.Option(help="Financial year to size for.")] = "2016/17",
    assurance: Annotated[
        float, typer.Option(callback=within(0.01, 0.99), help="Share of years in which all targets hold.")
    ] = 0.8,
    confidence: Annotated[
        float, typer.Option(callback=within(0.5, 0.9999), help="Confidence of each decision.")
    ] = 0.95,
    budget: Annotated[str, typer.Option(help="Time to stop after; what is open is then shown as a bracket.")] = "6 min",
    scenario: Annotated[Path | None, typer.Option(help="Scenario file. Default: the built-in baseline.")] = None,
    seed: Seed = 1,
    out: Out = Path("results"),
    scheduler: Scheduler = None,
    json: Json = False,
) -> None:
    """How many staff and beds each team needs, so that its waiting standards hold."""
    from pathways.durations import seconds

    open_pool = opener(scheduler)
    budget_seconds = seconds(budget, key="--budget")
    financial_year(year)
    from experiments.planning import sizing
    from experiments.reports.after import after_sizing

    sizing.wanted_of(area, year, scenario, seed)  # refused before any worker is started
    with progress_bar("Sizing") as progress, open_pool() as pool:
        document = sizing.size(
            area=area,
            year=year,
            assurance=assurance,
            confidence=confidence,
            budget_seconds=budget_seconds,
            scenario=scenario,
            seed=seed,
            out=out,
            pool=pool,
            progress=progress,
        )
        report = after_sizing(document, scenario, out, pool=pool, progress=progress)
    document["report"] = {kind: str(path) for kind, path in report.items()}
    answer(document, sizing.tables, json)
    say(f"Report: {report['html']} and {report['xlsx']}")


def recheck(
    sizing: Annotated[Path, typer.Argument(metavar="SIZING", help="Folder or sizing.json of a finished sizing.")],
    years: Annotated[int, typer.Option(callback=within(1, 2000), help="Fresh years of the plan.")] = 60,
    seed: Annotated[
        int | None, typer.Option(callback=within(0), help="Of the fresh years. Default: another than the sizing's.")
    ] = None,
    confidence: Annotated[
        float | None,
        typer.Option(callback=within(0.5, 0.9999), help="Confidence of each answer. Default: the sizing's."),
    ] = None,
    one_fewer: Annotated[bool, typer.Option(help="Also every number with one fewer, one at a time.")] = True,
    undecided: Annotated[bool, typer.Option(help="Of those too that the sizing left undecided.")] = True,
    unit: Annotated[
        list[str] | None, typer.Option(help="Only this team, place, or 'team @ place'; may be given again.")
    ] = None,
    scheduler: Scheduler = None,
    json: Json = False,
) -> None:
    """Check a finished sizing on years it never saw: its plan, and the plan with one of each fewer."""

    chosen = opener(scheduler) if scheduler else None
    from experiments.planning import recheck as rechecks

    open_pool = chosen or opener("inline" if rechecks.stands_alone(sizing) else "local")
    with progress_bar("Recheck") as progress, open_pool() as pool:
        document = rechecks.recheck(
            sizing, years=years, seed=seed, confidence=confidence, one_fewer=one_fewer, undecided=undecided,
            units=unit or (), pool=pool, progress=progress,
        )  # fmt: skip
    answer(document, rechecks.tables, json)


def headroom(
    scenario: ScenarioFile = None,
    of: Annotated[str, typer.Option(help="What rises: demand, absence or both.")] = "both",
    area: Annotated[str | None, typer.Option(help=f"The area. {FROM_SCENARIO}")] = None,
    years: Annotated[int, typer.Option(callback=within(2, 200), help="Simulated years of each rise.")] = 6,
    assurance: Annotated[
        float, typer.Option(callback=within(0.01, 0.99), help="Share of years in which all targets hold.")
    ] = 0.8,
    budget: Annotated[str, typer.Option(help="Time to stop after; brackets are then wider.")] = "6 min",
    seed: Annotated[
        int | None,
        typer.Option(callback=within(0, LARGEST_SEED), help=f"One seed explains all luck. {FROM_SCENARIO}"),
    ] = None,
    out: Annotated[Path | None, typer.Option(callback=writable, help="Folder for tables. Default: none.")] = None,
    scheduler: Scheduler = None,
    json: Json = False,
) -> None:
    """By how much demand or absence may rise before each team's targets fail as they stand; who fails first."""
    from pathways.durations import seconds

    open_pool = opener(scheduler)
    budget_seconds = seconds(budget, key="--budget")
    from experiments.planning import resilience

    resilience.wanted_of(scenario, of, area, seed)  # refused before any worker is started
    with progress_bar("Headroom") as progress, open_pool() as pool:
        document = resilience.headroom(
            scenario, of=of, area=area, years=years, assurance=assurance, budget_seconds=budget_seconds, seed=seed,
            out=out, pool=pool, progress=progress,
        )  # fmt: skip
    answer(document, resilience.tables, json)
