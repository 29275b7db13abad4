"""`parity national`: its options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.console import answer, progress_bar
from experiments.options import Json, Scheduler, Seed, within, writable
from experiments.workers import opener

EXAMPLE = "parity national --sample 10 --out results/national\n\nparity national --sample 0 --by need"


def national(
    by: Annotated[str, typer.Option(help="What posts are shared by: people, deprivation, need, or file.")] = "people",
    weights: Annotated[
        Path | None, typer.Option(help="With --by file: a CSV with the columns place and weight.")
    ] = None,
    year: Annotated[str, typer.Option(help="Financial year that is compared with 2016/17.")] = "2020/21",
    sample: Annotated[
        int | None,
        typer.Option(
            callback=within(0, 44),
            help="Simulate so many STPs, drawn by size along the order of deprivation and weighted; "
            "0: none, need and shares alone. Default: all 44.",
        ),
    ] = None,
    replications: Annotated[int, typer.Option(callback=within(1), help="Runs of each STP.")] = 1,
    seed: Seed = 1,
    out: Annotated[
        Path, typer.Option(callback=writable, help="Folder for page, workbook, Parquet and each STP's answer.")
    ] = Path("results/national"),
    scheduler: Scheduler = None,
    json: Json = False,
) -> None:
    """England's 44 STPs: league table, funnel plots, sums beside the posts, staff, people and pounds promised."""
    open_pool = opener("inline" if sample == 0 and scheduler is None else scheduler)
    from experiments.million import trajectories
    from experiments.national import document as documents
    from experiments.national import page
    from experiments.workforce import apportion

    chosen = trajectories.chosen([year])[0]  # refused before any worker is started
    apportion.weights_of(by, weights)
    documents.chosen(sample, seed)
    with progress_bar("The STPs") as progress, open_pool() as pool:
        document = documents.national(
            year=chosen, by=by, weights=weights, n=sample, replications=replications, seed=seed,
            folder=out / "stps", pool=pool, progress=progress,
        )  # fmt: skip
    document["written"] = page.write(document, out)
    answer(document, page.tables, json)
