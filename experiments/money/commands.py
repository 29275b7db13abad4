"""`parity cost`: its options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.console import answer, progress_bar
from experiments.options import LARGEST_SEED, Json, Scheduler, within, writable

EXAMPLE = (
    "parity cost --area lsc\n\nparity cost crisis-house core24-everywhere --replications 10 --out results/cost\n\n"
    "parity cost crisis-house --factor out_of_area_day=0.8"
)


def cost(
    scenarios: Annotated[
        list[str] | None,
        typer.Argument(metavar="SCENARIO…", help="Scenario files, built-in ones, or folders of finished runs."),
    ] = None,
    baseline: Annotated[
        str, typer.Option(help="What they are set beside: a scenario, or a finished run.")
    ] = "baseline",
    area: Annotated[
        str | None, typer.Option(help="An STP, england, or a delivery system by its name. Default: the scenario's.")
    ] = None,
    prices: Annotated[
        str | None, typer.Option(help="Whose pay and prices: 2016/17 to 2020/21. Default: the run's.")
    ] = None,
    by: Annotated[
        str, typer.Option(help="What national money is shared by: people, deprivation, need, or file.")
    ] = "need",
    weights: Annotated[
        Path | None, typer.Option(help="With --by file: a CSV with the columns place and weight.")
    ] = None,
    factor: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=FACTOR", help="Multiply a price or number (directions.csv). May be given again."),
    ] = None,
    replications: Annotated[int | None, typer.Option(callback=within(1), help="Runs of each scenario.")] = None,
    years: Annotated[float | None, typer.Option(callback=within(0.01, 20), help="Years to run.")] = None,
    seed: Annotated[int | None, typer.Option(callback=within(0, LARGEST_SEED), help="Of all, the same.")] = None,
    keep: Annotated[Path, typer.Option(callback=writable, help="Folder in which runs are kept and found.")] = Path(
        "results"
    ),
    out: Annotated[
        Path | None, typer.Option(callback=writable, help="Folder for page, workbook and Parquet. Default: none.")
    ] = None,
    scheduler: Scheduler = None,
    json: Json = False,
) -> None:
    """What scenarios cost a year, by team and payer; what of a saving is cash; whether it can be afforded."""
    from experiments.money import account, account_page
    from experiments.workers import opener

    factors = factors_of(factor or [])
    account.check_factors(factors)
    open_pool = opener(scheduler or ("inline" if (replications or 1) == 1 else "local"))
    with progress_bar("Costing") as progress, open_pool() as pool:
        document = account.cost(
            *(scenarios or []), baseline=baseline, area=area, year=prices, years=years, seed=seed,
            replications=replications, by=by, weights=weights, factors=factors, keep=keep, pool=pool,
            progress=progress,
        )  # fmt: skip
    if out is not None:
        document["written"] = account_page.write(document, out)
    answer(document, account_page.tables, json)


def factors_of(texts: list[str]) -> dict[str, float]:
    """Read `name=1.2` options."""
    from pathways.errors import InputError

    found = {}
    for text in texts:
        name, sign, value = text.partition("=")
        try:
            found[name.strip()] = float(value)
        except ValueError:
            sign = ""
        if not sign:
            raise InputError(key="--factor", value=text, expected="a name and a factor, such as out_of_area_day=0.8")
    return found
