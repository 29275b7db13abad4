"""`parity waterfall`: its options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.console import answer, progress_bar
from experiments.options import Json, Seed, writable


def waterfall(
    area: Annotated[
        str, typer.Option(help="england, an STP such as lsc, a delivery system or a CCG by its name.")
    ] = "lsc",
    by: Annotated[
        str, typer.Option(help="What the national numbers are shared by: people, deprivation, need, or file.")
    ] = "people",
    weights: Annotated[
        Path | None, typer.Option(help="With --by file: a CSV with the columns place and weight.")
    ] = None,
    modelled: Annotated[
        bool, typer.Option("--modelled", help="Beside it what is counted of a simulated workforce, person by person.")
    ] = False,
    establishment: Annotated[
        Path | None, typer.Option(help="With --modelled: the area's own posts (parity staff --template writes a file).")
    ] = None,
    levers: Annotated[
        list[str] | None,
        typer.Option(
            "--lever", "--levers", metavar="NAME=VALUE", help="With --modelled: as of parity staff. May be given again."
        ),
    ] = None,
    seed: Seed = 1,
    out: Annotated[
        Path | None, typer.Option(callback=writable, help="Folder for page, workbook and Parquet. Default: none.")
    ] = None,
    json: Json = False,
) -> None:
    """The national workforce plan shared out: establishment, leavers, supply, in post, posts, gap; or modelled."""
    if modelled:
        from experiments.staff import modelled as staff
        from experiments.staff.commands import read_levers

        values = read_levers(levers or [])
        with progress_bar("Simulating staff") as progress:
            found = staff.document(area, by, weights, values, seed, establishment, progress)
        if out is not None:
            found["written"] = staff.write(found, out)
        answer(found, staff.tables, json)
        return
    for given, option in ((establishment, "--establishment"), (levers, "--lever")):
        if given:
            from pathways.errors import InputError

            raise InputError(key=option, value=str(given), expected="--modelled beside it")
    from experiments.workforce import waterfall as waterfalls
    from experiments.workforce import waterfall_page

    document = waterfalls.document(area, by, weights)
    if out is not None:
        document["written"] = waterfall_page.write(document, out)
    answer(document, waterfall_page.tables, json)
