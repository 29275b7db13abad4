"""`parity waterfall`: its options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.console import answer, progress_bar
from experiments.options import LARGEST_SEED, Json, within, writable

WORKFORCE, DEMAND, COMPARED = "workforce", "demand", "compared"


EXAMPLE = "parity waterfall --area lsc --by need --out results/waterfall\n\nparity waterfall --area england"


def waterfall(
    area: Annotated[
        str, typer.Option(help="england, an STP such as lsc, a delivery system or a CCG by its name.")
    ] = "lsc",
    of: Annotated[
        str,
        typer.Option(
            help="workforce: the national plan shared out; demand: posts that the demand asks for, factor by factor; "
            "compared: the share of the plan beside what demand asks for."
        ),
    ] = WORKFORCE,
    by: Annotated[
        str,
        typer.Option(help="Of workforce: what the national numbers are shared by: people, deprivation, need, or file."),
    ] = "people",
    weights: Annotated[
        Path | None,
        typer.Option(help="A CSV with the columns place and weight, for --by file; of compared: a share of its own."),
    ] = None,
    modelled: Annotated[
        bool,
        typer.Option("--modelled", help="Of workforce: beside it a simulated workforce, counted person by person."),
    ] = False,
    establishment: Annotated[
        Path | None,
        typer.Option(
            help="Of compared, and with --modelled: the area's own posts (parity staff --template writes a file)."
        ),
    ] = None,
    levers: Annotated[
        list[str] | None,
        typer.Option(
            "--lever",
            "--levers",
            metavar="NAME=VALUE",
            help="Of workforce, with --modelled: as of parity staff. May be given again.",
        ),
    ] = None,
    year: Annotated[str, typer.Option(help="Of demand and compared: the year that is set beside 2016/17.")] = "2020/21",
    replications: Annotated[
        int, typer.Option(callback=within(1, 1000), help="Of demand and compared: paired years of each case.")
    ] = 3,
    scenario: Annotated[
        str | None, typer.Option(help="Of demand and compared: a scenario file or built-in one that holds besides.")
    ] = None,
    seed: Annotated[
        int,
        typer.Option(callback=within(0, LARGEST_SEED), help="Of demand, compared and --modelled: explains all luck."),
    ] = 1,
    out: Annotated[
        Path | None, typer.Option(callback=writable, help="Folder for page, workbook and Parquet. Default: none.")
    ] = None,
    json: Json = False,
) -> None:
    """The workforce waterfall, the demand waterfall, or one against the other."""
    from pathways.errors import InputError, nearest, one_of

    if establishment and not (modelled or of == COMPARED):
        raise InputError(
            key="--establishment", value=str(establishment), expected="--modelled or --of compared beside it"
        )
    for given, option in ((levers, "--lever"), (modelled, "--modelled")):
        if given and not (modelled and of == WORKFORCE):
            raise InputError(
                key=option,
                value=", ".join(given) if isinstance(given, list) else given,
                expected="--of workforce --modelled beside it",
            )
    if of == DEMAND:
        from experiments.demand import commands

        commands.demand(area, year, seed, replications, scenario, out, json)
    elif of == COMPARED:
        from experiments.demand import commands

        commands.compared(area, year, seed, replications, scenario, weights, establishment, out, json)
    elif of == WORKFORCE and modelled:
        _modelled(area, by, weights, levers or [], seed, establishment, out, json)
    elif of == WORKFORCE:
        from experiments.workforce import waterfall as waterfalls
        from experiments.workforce import waterfall_page

        document = waterfalls.document(area, by, weights)
        if out is not None:
            document["written"] = waterfall_page.write(document, out)
        answer(document, waterfall_page.tables, json)
    else:
        known = (WORKFORCE, DEMAND, COMPARED)
        raise InputError(key="--of", value=of, expected=one_of(known), suggestion=nearest(of, known))


def _modelled(
    area: str, by: str, weights: Path | None, levers: list[str], seed: int, establishment: Path | None,
    out: Path | None, json: bool,
) -> None:  # fmt: skip
    from experiments.staff import modelled
    from experiments.staff.commands import read_levers

    values = read_levers(levers)
    with progress_bar("Simulating staff") as progress:
        document = modelled.document(area, by, weights, values, seed, establishment, progress)
    if out is not None:
        document["written"] = modelled.write(document, out)
    answer(document, modelled.tables, json)
