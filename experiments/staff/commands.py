"""`parity staff`: its options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.console import answer, say
from experiments.options import Json, Seed, within, writable

EXAMPLE = (
    "parity staff --area lsc\n\nparity staff --area lsc --lever retention=0.5 --replications 10 --out results/staff\n\n"
    "parity staff --template own.xlsx"
)


def staff(
    area: Annotated[str, typer.Option(help="lsc, one of its delivery systems, another STP, or england.")] = "lsc",
    levers: Annotated[
        list[str] | None,
        typer.Option(
            "--lever", "--levers", metavar="NAME=VALUE",
            help="A lever that the page lists, such as retention=0.5 or agency_premium=1.2. May be given again.",
        ),
    ] = None,
    establishment: Annotated[
        Path | None, typer.Option(help="The area's own posts: a .csv or .xlsx (see --template).")
    ] = None,
    template: Annotated[
        Path | None, typer.Option(help="Write an establishment file to fill in (.csv or .xlsx), and stop.")
    ] = None,
    national: Annotated[
        bool, typer.Option("--national", help="A share of the national plan, not the area's teams.")
    ] = False,
    replications: Annotated[
        int, typer.Option(callback=within(1), help="Runs, each with luck of its own.")
    ] = 5,
    seed: Seed = 1,
    out: Annotated[
        Path | None, typer.Option(callback=writable, help="Folder for page, workbook and Parquet. Default: none.")
    ] = None,
    json: Json = False,
) -> None:  # fmt: skip
    """Staff as people, month by month to 2020/21: who leaves, who comes, what is left at work, what it costs."""
    from abm import staff_rates
    from experiments.staff import establishment_file, report

    if template is not None:
        say(f"Written: {establishment_file.write_template(template, staff_rates.read())}")
        return
    values = read_levers(levers or [])
    document = report.document(area, values, seed, replications, establishment, national, out)
    answer(document, report.tables, json)


def read_levers(words: list[str]) -> dict[str, float]:
    """Read NAME=VALUE words.

    Raises
    ------
    InputError
        If one is not of that form, there is no such lever, or its value lies outside its range.
    """
    from experiments.staff import prices
    from pathways.errors import InputError

    found: dict[str, float] = {}
    for word in words:
        name, equals, text = word.partition("=")
        try:
            found[name] = float(text)
        except ValueError as error:
            expected = "NAME=VALUE, such as retention=0.5" if not equals else "a number"
            raise InputError(key="--lever", value=word, expected=expected) from error
    return prices.checked(found, "--lever")
