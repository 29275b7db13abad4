"""`parity run` and `parity population`: their options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.console import answer, progress_bar, say
from experiments.options import FROM_SCENARIO, LARGEST_SEED, Area, Json, Out, ScenarioFile, Scheduler, Seed, day, within
from experiments.workers import opener

RUN = (
    "parity run --area lsc --years 1\n\nparity run winter.toml --replications 20 --out results/winter\n\n"
    "parity run --checkpoint-every '90 days'\n\n"
    "parity run --from 'results/run=…/checkpoints/replication=0.day=00180.arrow' mine.toml"
)
POPULATION = "parity population --area lsc --out results/people"


def run(
    scenario: ScenarioFile = None,
    area: Annotated[str | None, typer.Option(help=f"The area. {FROM_SCENARIO}")] = None,
    start: Annotated[str | None, typer.Option(help=f"First day measured (YYYY-MM-DD). {FROM_SCENARIO}")] = None,
    years: Annotated[
        float | None, typer.Option(callback=within(0.01, 20), help=f"Years to run. {FROM_SCENARIO}")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(callback=within(0, LARGEST_SEED), help=f"One seed explains all luck. {FROM_SCENARIO}")
    ] = None,
    replications: Annotated[
        int | None,
        typer.Option(callback=within(1), help=f"Runs, each with luck of its own. {FROM_SCENARIO}"),
    ] = None,
    out: Out = Path("results"),
    events: Annotated[bool, typer.Option("--events", help="Write every event as well.")] = False,
    prove: Annotated[
        bool, typer.Option("--prove", help="Prove every midnight that people, staff, beds and minutes balance.")
    ] = False,
    checkpoint_every: Annotated[
        str | None,
        typer.Option(metavar="DAYS", help="Write a checkpoint every so many days, such as '90 days': see --from."),
    ] = None,
    branch_from: Annotated[
        list[Path] | None,
        typer.Option(
            "--from",
            metavar="CHECKPOINT",
            help="Branch from a checkpoint; the scenario differs from its day on only. May be given again.",
        ),
    ] = None,
    threads: Annotated[
        int | None,
        typer.Option(callback=within(1), help="Threads for an area of several cells (england). Default: all cores."),
    ] = None,
    scheduler: Scheduler = None,
    json: Json = False,
) -> None:
    """Simulate the area for some years, write the results, and set the year beside published figures."""

    chosen = opener(scheduler) if scheduler else None
    first_day = None if start is None else day(start, "--start")
    from abm.areas import cells_of
    from experiments import checkpoints, scenario_checks
    from experiments import run as runs
    from experiments import scenario as scenarios
    from experiments.reports.after import after_run

    wanted = scenarios.read(scenario).replaced(
        area=area, start=first_day, years=years, seed=seed, replications=replications
    )
    scenario_checks.check(wanted, scenario or wanted.name)  # options may have moved it: refused before any worker
    every = 0 if checkpoint_every is None else checkpoints.days_between(checkpoint_every, "--checkpoint-every")
    # One run needs no workers unless somebody names a place for it; several cells have threads.
    several_cells = len(cells_of(wanted.area)) > 1
    open_pool = chosen or opener("inline" if wanted.replications == 1 or several_cells else "local")
    with progress_bar("Running") as progress, open_pool() as pool:
        document = runs.run(
            wanted, out=out, events=events, prove=prove, checkpoint_every=every, branch_from=branch_from or (),
            threads=threads, pool=pool, progress=progress,
        )  # fmt: skip
        report = {} if several_cells else after_run(document)
    document["report"] = {kind: str(path) for kind, path in report.items()}
    answer(document, runs.tables, json)
    if report:
        say(f"Report: {report['html']} and {report['xlsx']}")
    else:
        say("A report is drawn of one STP: parity run --area with its name")
    if document["failed"]:
        numbers = ", ".join(str(row["replication"]) for row in document["failed"])
        say(f"parity: replications that failed: {numbers}; see failed.json in {document['path']}")
        raise typer.Exit(1)


def population(area: Area = "lsc", seed: Seed = 1, out: Out = Path("results"), json: Json = False) -> None:
    """Print and draw the people of the area beside published figures."""
    from experiments import population_report

    with progress_bar("Synthesising the people") as progress:
        document = population_report.report(area=area, seed=seed, out=out, progress=progress)
    answer(document, population_report.tables, json)
