"""`parity million`: its options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from experiments.console import answer, progress_bar
from experiments.options import Json, Scheduler, Seed, within, writable
from experiments.workers import opener

EXAMPLE = "parity million --area lsc --out results/million\n\nparity million --area 'Fylde Coast' --year 2020/21"


def million(
    area: Annotated[str, typer.Option(help="An STP such as lsc, a delivery system by its name, or england.")] = "lsc",
    by: Annotated[
        str, typer.Option(help="What the planned people are shared by: people, deprivation, need, or file.")
    ] = "people",
    weights: Annotated[
        Path | None, typer.Option(help="With --by file: a CSV with the columns place and weight.")
    ] = None,
    year: Annotated[
        list[str] | None, typer.Option(help="Financial year; may be given again. Default: 2017/18 to 2020/21.")
    ] = None,
    bottlenecks: Annotated[
        int, typer.Option(callback=within(0, 60), help="Teams relieved one at a time, the worst of each year.")
    ] = 6,
    sample: Annotated[
        int | None,
        typer.Option(callback=within(4, 44), help="With --area england: so many STPs, weighted. Default: all 44."),
    ] = None,
    replications: Annotated[int, typer.Option(callback=within(1), help="Runs of each year.")] = 1,
    seed: Seed = 1,
    out: Annotated[
        Path, typer.Option(callback=writable, help="Folder for page, workbook, Parquet and the single years.")
    ] = Path("results/million"),
    scheduler: Scheduler = None,
    json: Json = False,
) -> None:
    """People reached and contacts made beyond the baseline year: planned, delivered, lost to each bottleneck."""
    open_pool = opener(scheduler)
    from abm import areas
    from experiments.million import document as documents
    from experiments.million import england, page, trajectories

    years = trajectories.chosen(year)
    stp, _ = documents.area_and_place(area)  # refused before any worker is started
    trajectories.planned(by, weights)
    with progress_bar("The million") as progress, open_pool() as pool:
        given: dict[str, Any] = {
            "by": by, "weights": weights, "years": years, "replications": replications, "seed": seed,
            "folder": out / "years", "pool": pool, "progress": progress,
        }  # fmt: skip
        if stp == areas.ENGLAND:
            document = england.million(n=sample, **given)
        else:
            document = documents.million(area, bottlenecks_each=bottlenecks, **given)
    document["written"] = page.write(document, out)
    answer(document, page.tables, json)
