"""`parity board` and `parity roadmap`: their options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.console import answer, progress_bar
from experiments.options import Json, Scheduler, Seed, within, writable
from experiments.workers import opener

BOARD_EXAMPLE = "parity board --area lsc --out results/board\n\nparity board --area 'Fylde Coast' --run results/run=…"
ROADMAP_EXAMPLE = (
    "parity roadmap --area lsc --out results/roadmap\n\nparity roadmap --area 'Fylde Coast' --from '2018/19 Q1'"
)
Place = Annotated[str, typer.Option(help="An STP such as lsc, a delivery system by its name, or england.")]
Folder = Annotated[
    Path | None, typer.Option(callback=writable, help="Folder for page, workbook and Parquet. Default: none.")
]


def board(
    area: Place = "lsc",
    run: Annotated[
        Path | None,
        typer.Option(help="Folder of a finished run of the whole system. Default: it is run now."),
    ] = None,
    risk: Annotated[
        Path | None, typer.Option(help="Folder that `parity risk --out` wrote. Default: made now, see --budget.")
    ] = None,
    establishment: Annotated[
        Path | None, typer.Option(help="The area's own posts (CSV or Excel: team, place, role, wte).")
    ] = None,
    budget: Annotated[str, typer.Option(help="Time for the risk analysis, if it is made now.")] = "4 min",
    by: Annotated[str, typer.Option(help="What the national plan is shared by: people, deprivation or need.")] = "need",
    replications: Annotated[int, typer.Option(callback=within(1, 50), help="Years of what demand asks for.")] = 1,
    seed: Seed = 1,
    out: Folder = None,
    scheduler: Scheduler = None,
    json: Json = False,
) -> None:
    """One page for the board: the area, current reality, apportioned against demand, what to do and to ask."""
    open_pool = opener(scheduler)
    from experiments.board import board as boards
    from experiments.board import page

    wanted = boards.Wanted(area, run, risk, establishment, budget, by, seed, replications)
    boards.check(wanted)  # refused before any worker is started
    with progress_bar("Board") as progress, open_pool() as pool:
        document = boards.board(wanted, pool, out, progress)
    answer(document, page.tables, json)


def roadmap(
    area: Place = "lsc",
    decided: Annotated[
        str, typer.Option("--from", metavar="QUARTER", help="First quarter in which something can still be begun.")
    ] = "2017/18 Q2",
    posts: Annotated[
        Path | None,
        typer.Option(help="CSV or Parquet of posts by year (system, team, role, year, posts). Default: the plan's."),
    ] = None,
    by: Annotated[
        str, typer.Option(help="What the national plan beside it is shared by: people, deprivation or need.")
    ] = "people",
    seed: Seed = 1,
    replications: Annotated[int, typer.Option(callback=within(1, 200), help="Years simulated so often; means.")] = 1,
    out: Folder = None,
    json: Json = False,
) -> None:
    """Every recruitment, training start and role conversion by quarter, with lead time and owner; what is too late."""
    from experiments.board import roadmap as roadmaps
    from experiments.board import roadmap_page

    with progress_bar("Roadmap") as progress:
        document = roadmaps.roadmap(
            area, decided=decided, posts=posts, by=by, seed=seed, replications=replications, progress=progress
        )
    if out is not None:
        document["written"] = roadmap_page.write(document, out)
    answer(document, roadmap_page.tables, json)
