"""`parity risk`: its options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.console import answer, progress_bar
from experiments.options import Json, Scheduler, Seed, within, writable
from experiments.workers import opener

EXAMPLE = "parity risk --area lsc\n\nparity risk --area 'West Lancashire' --budget '4 min' --out results/risk"


def risk(
    area: Annotated[
        str, typer.Option(help="england, an STP such as lsc, or a delivery system of lsc by its name.")
    ] = "lsc",
    budget: Annotated[str, typer.Option(help="Time to simulate for; fewer points are less sure.")] = "9 min",
    points: Annotated[
        int,
        typer.Option(
            callback=within(16, 4096), help="Simulated points of demand at most; of staff four times as many."
        ),
    ] = 64,
    inputs: Annotated[
        Path | None, typer.Option(help="Your own table of uncertain inputs (TOML). Default: the built-in one.")
    ] = None,
    register: Annotated[Path | None, typer.Option(help="Your own risk register (CSV). Default: the template.")] = None,
    mitigations: Annotated[
        Path | None, typer.Option(help="Your own mitigations (TOML). Default: the built-in ones.")
    ] = None,
    seed: Seed = 1,
    out: Annotated[
        Path | None,
        typer.Option(callback=writable, help="Folder for page, workbook and Parquet; also goes on from there."),
    ] = None,
    scheduler: Scheduler = None,
    json: Json = False,
) -> None:
    """The risk of the gap in posts and pounds at P50/P80/P95, the top five questions, what could be done."""
    open_pool = opener(scheduler)
    from experiments.risk import results, run

    wanted = run.wanted_of(area, budget, points, seed)  # refused before any worker is started
    tables = run.tables_of(wanted, inputs, register, mitigations)
    with progress_bar("Risk") as progress, open_pool() as pool:
        document = run.risk(wanted, tables, pool, out, progress)
    if out is not None:
        document["written"] = results.write(document, out)
    answer(document, results.tables, json)
