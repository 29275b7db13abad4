"""`parity compare`: its options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from experiments.console import answer, progress_bar
from experiments.options import FROM_SCENARIO, LARGEST_SEED, Json, Scheduler, day, within, writable
from experiments.workers import opener

EXAMPLE = (
    "parity compare baseline mine.toml --people --replications 10\n\n"
    "parity compare winter-surge\n\n"
    "parity compare baseline core24.toml cafe.toml --area lsc --precision 'admissions=2 %' --out results/compared"
)


def compare(
    scenarios: Annotated[
        list[str],
        typer.Argument(
            metavar="REFERENCE OTHER…",
            help="Scenario files, names of built-in ones, or folders of finished runs; the first is the reference "
            "(one alone: what it extends is).",
        ),
    ],
    area: Annotated[str | None, typer.Option(help=f"The area of all. {FROM_SCENARIO}")] = None,
    start: Annotated[str | None, typer.Option(help=f"First day measured of all (YYYY-MM-DD). {FROM_SCENARIO}")] = None,
    people: Annotated[bool, typer.Option("--people", help="Also whose waits change, person by person.")] = False,
    precision: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WHAT=HALF-WIDTH",
            help="Stop when half-widths are so narrow: 'admissions=2 %', "
            "'share within=0.5 points', or '3 %' for all headlines. May be given again.",
        ),
    ] = None,
    replications: Annotated[
        int | None,
        typer.Option(
            callback=within(1),
            help="Replications; with --precision at most so many. "
            "Default: until the headlines are precise enough, at most 30.",
        ),
    ] = None,
    budget: Annotated[
        float | None,
        typer.Option(metavar="MINUTES", callback=within(0.1), help="Begin no replication after so many minutes."),
    ] = None,
    years: Annotated[
        float | None, typer.Option(callback=within(0.01, 20), help=f"Years to run. {FROM_SCENARIO}")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(callback=within(0, LARGEST_SEED), help=f"Of all, the same. {FROM_SCENARIO}")
    ] = None,
    listed: Annotated[int, typer.Option("--list", callback=within(0, 100_000), help="With --people: how many.")] = 20,
    person: Annotated[
        int | None,
        typer.Option(callback=within(0), help="Tell this resident's life (row) in every scenario instead."),
    ] = None,
    threads: Annotated[
        int | None,
        typer.Option(callback=within(1), help="Threads for an area of several cells. Default: all cores."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(callback=writable, help="Folder for page, workbook and tables. Default: none.")
    ] = None,
    scheduler: Scheduler = None,
    json: Json = False,
) -> None:
    """Set scenarios side by side, the same people with the same luck; what differs, who waits longer or shorter."""
    chosen = opener(scheduler) if scheduler else None
    options: dict[str, Any] = {"area": area, "years": years, "seed": seed}
    options["start"] = None if start is None else day(start, "--start")
    if person is not None:
        from experiments.lives import together

        with progress_bar("Living again") as progress:
            document = together.of_scenarios(*scenarios, person=person, out=out, progress=progress, **options)
        answer(document, together.tables, json)
        return
    from abm.areas import cells_of
    from experiments.pairs import compare as comparing
    from experiments.pairs import compare_tables

    wanted, _ = comparing.in_common(*scenarios, **options)  # refused before any worker is started
    asked = [] if precision is None and replications is None else precision
    alone = replications == 1 or len(cells_of(wanted[0].area)) > 1
    open_pool = chosen or opener("inline" if alone else "local")
    with progress_bar("Comparing") as progress, open_pool() as pool:
        document = comparing.compare(
            *scenarios, people=people, precision=asked, replications=replications, budget_minutes=budget,
            listed=listed, threads=threads, out=out, pool=pool, progress=progress, **options,
        )  # fmt: skip
    answer(document, compare_tables.tables, json)
