"""`parity board` and `parity roadmap`: their options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.console import answer, progress_bar
from experiments.options import Json, Seed, within, writable

BOARD_EXAMPLE = "parity board --area lsc --out results/board\n\nparity board --area 'Fylde Coast' --run results/run=…"
ROADMAP_EXAMPLE = (
    "parity roadmap --area lsc --out results/roadmap\n\nparity roadmap --area 'Fylde Coast' --from '2018/19 Q1'"
)
Folder = Annotated[
    Path | None, typer.Option(callback=writable, help="Folder for page, workbook and Parquet. Default: none.")
]


def board(
    area: Annotated[str, typer.Option(help="An STP such as lsc, a delivery system by its name, or england.")] = "lsc",
    run: Annotated[
        Path | None, typer.Option(help="Folder of a finished run of the area. Default: the whole system is run now.")
    ] = None,
    by: Annotated[str, typer.Option(help="What national numbers are shared by: people, deprivation or need.")] = "need",
    seed: Seed = 1,
    out: Folder = None,
    json: Json = False,
) -> None:
    """One page for the board: the area and its interfaces, reality, apportioned against demand, what to do and ask."""
    from experiments.board import page
    from experiments.board.board import board as boards

    with progress_bar("Board") as progress:
        document = boards(area, run=run, by=by, seed=seed, out=out, progress=progress)
    answer(document, page.tables, json)


def roadmap(
    area: Annotated[str, typer.Option(help="An STP such as lsc, a delivery system by its name, or england.")] = "lsc",
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
