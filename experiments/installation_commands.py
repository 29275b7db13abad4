"""`parity calibrate` and `parity doctor`: their options."""

from __future__ import annotations

from typing import Annotated

import typer

from experiments.console import answer
from experiments.options import Area, Json, Seed, within

CALIBRATE = "parity calibrate --area lsc\n\nparity calibrate --area lsc --ratios --write"


def calibrate(
    area: Area = "lsc",
    days: Annotated[int, typer.Option(callback=within(1, 3653), help="Days measured, scaled to a year.")] = 365,
    warm_up: Annotated[int, typer.Option(callback=within(0, 3653), help="Days before them.")] = 365,
    rounds: Annotated[int, typer.Option(callback=within(1, 10), help="Runs at most, until flows stand still.")] = 3,
    write: Annotated[
        bool, typer.Option("--write", help="Write internal_referrals.csv and the table of docs/services.md.")
    ] = False,
    ratios: Annotated[
        bool,
        typer.Option(
            "--ratios", help="First look at all 44 STPs for sets of demand factors without a ratio, and write."
        ),
    ] = False,
    seed: Seed = 1,
    json: Json = False,
) -> None:
    """Count what services send each other, and set every service type beside its published figures."""
    from experiments.services import calibrate as services
    from experiments.services import ratio

    if ratios:
        ratio.write()
    table, page = (services.default_table(), services.PAGE) if write else (None, None)
    document = services.calibrate(area, None, days, warm_up, rounds, seed, table, page)
    answer(document, services.printed, json)


def doctor(json: Json = False) -> None:
    """Check versions, the five import names, the machine, and a sum with a known answer."""
    from experiments import doctor as examination

    document = examination.examine()
    answer(document, examination.tables, json)
    if not document["sound"]:
        raise typer.Exit(1)
