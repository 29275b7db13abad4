"""`parity skill-mix`: its options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from experiments.console import answer, progress_bar
from experiments.options import Json, Scheduler, Seed, within, writable

EXAMPLE = (
    "parity skill-mix --area lsc --out results/skill-mix\n\n"
    "parity skill-mix --service liaison --system 'Fylde Coast' --replications 10\n\n"
    "parity skill-mix --area england --sample 4 --out results/skill-mix-england"
)


def skill_mix(
    area: Annotated[
        str, typer.Option(help="An STP such as lsc, a delivery system of lsc by its name, or england.")
    ] = "lsc",
    service: Annotated[str, typer.Option(help="talking_therapies, crisis or liaison.")] = "talking_therapies",
    system: Annotated[str | None, typer.Option(help="Only the teams of one delivery system.")] = None,
    scenario: Annotated[Path | None, typer.Option(help="Scenario file. Default: the built-in baseline.")] = None,
    registered: Annotated[
        float | None,
        typer.Option(callback=within(0, 1), help="Least share of posts registered. Default: floors.csv."),
    ] = None,
    year: Annotated[str, typer.Option(help="Whose pay: 2016/17 to 2020/21.")] = "2016/17",
    replications: Annotated[int, typer.Option(callback=within(1), help="Simulated years of each mix.")] = 5,
    rounds: Annotated[int, typer.Option(callback=within(1, 50), help="Rounds of raising margins, at most.")] = 8,
    floors: Annotated[
        list[float] | None,
        typer.Option("--floor", help="A registered share of the frontier. May be given again."),
    ] = None,
    waits: Annotated[
        list[float] | None,
        typer.Option("--wait", help="A factor on what standards allow, of the frontier. May be given again."),
    ] = None,
    sample: Annotated[
        int | None,
        typer.Option(callback=within(4, 44), help="With --area england: STPs that stand for it. Default: 4."),
    ] = None,
    seed: Seed = 1,
    out: Annotated[
        Path | None,
        typer.Option(callback=writable, help="Folder for page, workbook, Parquet and finished STPs. Default: none."),
    ] = None,
    scheduler: Scheduler = None,
    json: Json = False,
) -> None:
    """The cheapest mix of roles with which a service meets its standards, checked by simulation; what it trades off."""
    from abm import areas
    from experiments.skillmix import case, england, england_page, mix, page
    from experiments.workers import opener

    area, system = case.place_of(area, system)
    case.check_frontier(floors, waits)
    whole = area == areas.ENGLAND
    case.check_england(whole, system, sample)
    open_pool = opener(scheduler or (None if whole else "inline"))  # STPs side by side; years of one STP in turn
    given: dict[str, Any] = {
        "replications": replications, "rounds": rounds, "seed": seed, "year": year, "floor": registered,
        "floors": floors, "waits": waits,
    }  # fmt: skip
    with progress_bar("Skill mix") as progress, open_pool() as pool:
        if whole:
            document = england.document(
                service, scenario, n=sample or england.N_STPS, folder=None if out is None else out / "stps", pool=pool,
                progress=progress, **given,
            )  # fmt: skip
        else:
            document = mix.document(area, service, system, scenario, pool=pool, progress=progress, **given)
    told = england_page if whole else page
    if out is not None:
        document["written"] = told.write(document, out)
    answer(document, told.tables, json)
