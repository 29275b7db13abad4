"""`parity board` and `parity roadmap`: their options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.console import answer, progress_bar
from experiments.options import Json, Seed, writable

BOARD_EXAMPLE = "parity board --area lsc --out results/board\n\nparity board --area 'Fylde Coast' --run results/run=…"
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
