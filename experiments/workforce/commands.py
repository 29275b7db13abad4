"""`parity waterfall`: its options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.console import answer
from experiments.options import Json, writable


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
    out: Annotated[
        Path | None, typer.Option(callback=writable, help="Folder for page, workbook and Parquet. Default: none.")
    ] = None,
    json: Json = False,
) -> None:
    """The national workforce plan shared out: establishment, leavers, supply, in post, posts, gap."""
    from experiments.workforce import waterfall as waterfalls
    from experiments.workforce import waterfall_page

    document = waterfalls.document(area, by, weights)
    if out is not None:
        document["written"] = waterfall_page.write(document, out)
    answer(document, waterfall_page.tables, json)
