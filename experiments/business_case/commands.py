"""`parity business-case`: its options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.console import answer, progress_bar
from experiments.options import LARGEST_SEED, Json, Scheduler, within, writable

EXAMPLE = (
    "parity business-case --area lsc --options crisis-house,core24-everywhere --out results/case\n\n"
    "parity business-case --options mine.toml --minimum core24-blackpool --begins 2018/19 --replications 20"
)


def business_case(
    options: Annotated[
        str, typer.Option(help="Scenarios, joined by commas: files, built-in ones, or folders of finished runs.")
    ] = "crisis-house,core24-everywhere,integrated-crisis-pathway",
    minimum: Annotated[str, typer.Option(help="Do minimum: a scenario.")] = "core24-blackpool",
    nothing: Annotated[str, typer.Option(help="Do nothing: a scenario.")] = "baseline",
    area: Annotated[str | None, typer.Option(help="An STP, england, or a delivery system by its name.")] = None,
    begins: Annotated[str, typer.Option(help="Financial year in whose April options begin.")] = "2017/18",
    decided: Annotated[str, typer.Option(help="Quarter of the decision: nothing begins before it.")] = "2016/17 Q2",
    by: Annotated[str, typer.Option(help="What national money is shared by: people, deprivation or need.")] = "need",
    replications: Annotated[int, typer.Option(callback=within(1), help="Runs of each.")] = 5,
    people: Annotated[
        int, typer.Option(callback=within(0), help="Of these lived again, for who gains and loses; 0: none.")
    ] = 3,
    lives: Annotated[bool, typer.Option("--lives", help="People fall ill, harm themselves and die.")] = False,
    years: Annotated[float | None, typer.Option(callback=within(0.01, 20), help="Years to run.")] = None,
    seed: Annotated[int | None, typer.Option(callback=within(0, LARGEST_SEED), help="Of all, the same.")] = None,
    inputs: Annotated[
        Path | None, typer.Option(help="Uncertain inputs of your own (see parity risk). Default: the built-in table.")
    ] = None,
    keep: Annotated[
        Path, typer.Option(callback=writable, help="Folder in which runs are kept and found.")
    ] = Path("results"),
    out: Annotated[
        Path | None, typer.Option(callback=writable, help="Folder for page, workbook and Parquet. Default: none.")
    ] = None,
    scheduler: Scheduler = None,
    json: Json = False,
) -> None:  # fmt: skip
    """The options appraisal for a joint committee: do nothing, do minimum, options; benefits, cost, risk, equality."""
    from experiments.business_case import appraisal, page
    from experiments.workers import opener

    names = tuple(name.strip() for name in options.split(",") if name.strip())
    wanted = appraisal.Wanted(
        names, minimum, nothing, area, begins, decided, by, years, seed, replications, people, lives, inputs
    )  # fmt: skip
    appraisal.check(wanted)
    open_pool = opener(scheduler or ("inline" if replications == 1 else "local"))
    with progress_bar("Appraising") as progress, open_pool() as pool:
        document = appraisal.appraise(wanted, keep, pool, progress)
    if out is not None:
        document["written"] = page.write(document, out)
    answer(document, page.tables, json)
