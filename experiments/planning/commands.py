"""`parity headroom`: its options."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from experiments.console import answer, progress_bar
from experiments.options import FROM_SCENARIO, LARGEST_SEED, Json, Opener, ScenarioFile, Scheduler, within, writable

EXAMPLE = "parity headroom\n\nparity headroom mine.toml --of absence --budget '20 min' --out results/headroom"


def made(opener: Opener) -> Callable[..., None]:
    """Return the command, given the one who can open a pool of workers."""

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

    return headroom
