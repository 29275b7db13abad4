"""Compare scenarios with the same people and the same luck: figures with intervals, and people visit by visit.

scenarios → replications of all of them → until half-widths are narrow → figures, hours, routes, staff → people
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abm.areas import cells_of, is_illustrative, title_of
from experiments import run as runs
from experiments import scenario as scenarios
from experiments import scenario_checks, store
from experiments.console import Progress
from experiments.lives.rerun import finished
from experiments.pairs import contrasts, results
from experiments.pairs.costs import costs_of
from experiments.pairs.measures import measures
from experiments.pairs.people import people_of_all
from experiments.pairs.precision import Judge, Stopping, stopping
from experiments.pairs.replicate import Asked, Replicate, compared
from experiments.run import Run
from experiments.scenario import Scenario
from pathways.errors import InputError

if TYPE_CHECKING:
    from cluster.pool import Pool

SHARED = ("area", "start", "measured_days", "warm_up", "seed", "population_seed")
"""What scenarios must have in common: without it their people or their luck differ."""
Given = Path | str | Scenario


def compare(
    base: Given,
    *others: Given,
    people: bool = False,
    area: str | None = None,
    replications: int | None = None,
    precision: Sequence[str] | None = None,
    budget_minutes: float | None = None,
    start: date | None = None,
    years: float | None = None,
    seed: int | None = None,
    listed: int = 20,
    threads: int | None = None,
    out: Path | None = None,
    pool: Pool | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Return the document of a comparison (`docs/compare.md`), and write its tables and pages to `out`.

    Parameters
    ----------
    base, others : scenarios, files, names of built-in ones, or folders of finished runs; the first is the reference
    people : also count, describe and list the people whose waits change
    precision : half-widths asked for (`parity compare --precision`); None: all replications are carried out
    budget_minutes : time after which no further replication is begun
    listed : how many people are listed, those whose waits change most first

    Raises
    ------
    InputError
        If a scenario cannot be run, or they do not have people and luck in common.
    """
    options = {"area": area, "start": start, "years": years, "seed": seed}
    wanted, stored = in_common(base, *others, **options)
    enough = stopping(precision, replications, budget_minutes, wanted[0].replications)
    todo = _todo(wanted, stored, enough, people, threads)
    judge = Judge(enough, [one.name for one in wanted[1:]])
    found = list(_carried_out(todo, judge, pool, progress))
    document: dict[str, Any] = {
        "base": {"name": wanted[0].name, "title": wanted[0].title},
        "others": [{"name": one.name, "title": one.title} for one in wanted[1:]],
        "synthetic": True, "illustrative": is_illustrative(wanted[0].area), "area": wanted[0].area,
        "area_title": title_of(wanted[0].area), "cells": len(cells_of(wanted[0].area)),
        "start": wanted[0].start, "days": wanted[0].measured_days, "warm_up": wanted[0].warm_up,
        "seed": wanted[0].seed, "replications": len(found), "stopped": judge.why, "precision": judge.rows(),
        "comparisons": [
            {"name": one.name, "title": one.title, **_compared([row[k] for row in found], people, listed)}
            for k, one in enumerate(wanted[1:])
        ],
    }  # fmt: skip
    known = {row["what"] for one in document["comparisons"] for row in one["figures"]}
    document["not_in_results"] = [one.title for one in measures().values() if one.sought and one.name not in known]
    document["files"] = {} if out is None else results.write(document, Path(out))
    return document


def _compared(found: Sequence[Replicate], people: bool, listed: int) -> dict[str, Any]:
    """Return what all replications say of one scenario beside the reference."""
    document: dict[str, Any] = {
        "digests": [
            {"replication": one.replication, "base": one.digests[0], "other": one.digests[1]} for one in found
        ],
        "figures": contrasts.rows_of(found), "by_hour": contrasts.hours_of_week(found),
        "flows": contrasts.flows_of(found), "staff": contrasts.staff_of(found), "costs": costs_of(found),
    }  # fmt: skip
    return document | (people_of_all([one.cells for one in found], listed) if people else {})


def in_common(base: Given, *others: Given, **options: Any) -> tuple[list[Scenario], list[Path | None]]:
    """Return the scenarios with the options put into all, once they are known to have people and luck in common.

    Beside each the folder of its finished run, where that was given.
    """
    if not others:
        base, others = _with_parent(base)
    stored = [_folder(given) for given in (base, *others)]
    if any(stored) and any(value is not None for value in options.values()):
        given = next(name for name, value in options.items() if value is not None)
        raise InputError(
            key=f"--{given}", value=options[given], expected="nothing: a finished run is compared as it was"
        )
    wanted = []
    for which, folder in zip((base, *others), stored, strict=True):
        one = _of_folder(folder) if folder is not None else _read(which).replaced(**options)
        scenario_checks.check(one, one.name if isinstance(which, Scenario) or folder else which)
        wanted.append(one)
    first = wanted[0] = wanted[0] if stored[0] else _on_the_days_of(wanted[1:], wanted[0])
    for one, which in zip(wanted[1:], others, strict=True):
        for name in SHARED:
            asked, found = getattr(first, name), getattr(one, name)
            if asked != found:
                raise InputError(
                    file=one.name if isinstance(which, Scenario) else which,
                    key="days" if name == "measured_days" else name, value=str(found),
                    expected=f"{asked} as in {first.name}: people are compared one by one, with the same luck",
                )  # fmt: skip
    return wanted, stored


def _with_parent(given: Given) -> tuple[Scenario, tuple[Given]]:
    """Return what a lone scenario is compared with, the one it extends, and itself."""
    parent = None if isinstance(given, Scenario) or _folder(given) else scenarios.parent_of(given)
    if parent is None:
        raise InputError(
            key="compare", value=given.name if isinstance(given, Scenario) else str(given),
            expected="two scenarios or more, the first of them the reference, or one that extends its reference",
        )  # fmt: skip
    return parent, (given,)


def _on_the_days_of(others: Sequence[Scenario], first: Scenario) -> Scenario:
    """Return the reference, moved to the days on which all others are measured if its own are merely the default.

    A scenario of some winter is compared with the same winter as it would have been.  What is dated in the reference
    stays on its date, so a reference with dates is never moved.
    """
    plain = scenarios.read()
    unmoved = (first.start, first.measured_days) == (plain.start, plain.measured_days)
    dates = [one.from_ for one in first.team] + [one.from_ for one in first.edit]
    dated = first.surge or any(dates)
    days = {(one.start, one.measured_days) for one in others}
    if not unmoved or dated or len(days) > 1 or (first.start, first.measured_days) in days:
        return first
    start, n = days.pop()
    title = f"{first.title or first.name}, on the {n} days from {start}"
    return first.replaced(start=start, days=n, title=title)


def _folder(given: Given) -> Path | None:
    """Return the folder of a finished run, if that is what was given."""
    if isinstance(given, Scenario) or not Path(given).is_dir():
        return None
    place = Path(given)
    return place if (place / store.RUN_FILE).is_file() else store.only_case(place)


def _of_folder(folder: Path) -> Scenario:
    """Return the scenario of a finished run, with as many replications as are there one after the other."""
    about = store.about(folder)
    there = {one["replication"] for one in store.facts(folder)}
    n = next(i for i in range(len(there) + 1) if i not in there)
    if not n:
        raise InputError(file=folder, key="replication", value=sorted(there) or None, expected="replication 0")
    scenario = Scenario.model_validate_json(about["scenario"])
    return scenario.model_copy(
        update={"name": about.get("name", scenario.name), "title": about.get("title", ""), "replications": n}
    )


def _read(given: Given) -> Scenario:
    """Return a scenario: itself, of a file, or a built-in one by its name."""
    if isinstance(given, Scenario):
        return given
    built_in = scenarios.PRESETS / f"{given}.toml"
    return scenarios.read(built_in if not Path(given).exists() and built_in.is_file() else given)


def _todo(
    wanted: Sequence[Scenario], stored: Sequence[Path | None], enough: Stopping, people: bool, threads: int | None
) -> list[Asked]:
    """Return the replications, in order; of finished runs there are no more than they have in common."""
    most = min([enough.most, *(one.replications for one, place in zip(wanted, stored, strict=True) if place)])
    each = [
        _runs_of(one.model_copy(update={"replications": most}), place)
        for one, place in zip(wanted, stored, strict=True)
    ]
    places = tuple(None if place is None else str(place) for place in stored)
    return [Asked(together, places, people, threads) for together in zip(*each, strict=True)]


def _runs_of(scenario: Scenario, stored: Path | None) -> list[Run]:
    if stored is None:
        return runs.runs_of(scenario)
    cell = cells_of(scenario.area)[0]
    return [finished(stored, number, cell).run for number in range(scenario.replications)]


def _carried_out(
    todo: Sequence[Asked], judge: Judge, pool: Pool | None, progress: Progress | None
) -> Iterable[list[Replicate]]:
    """Yield the replications in order until there are enough; what workers have begun beyond them is given up."""
    found = map(compared, todo) if pool is None else pool.map_ordered(compared, todo, on_failure="raise")
    for done, row in enumerate(found, start=1):
        yield row
        enough = judge.enough([one.figures for one in row])
        if progress is not None:
            progress(done, len(todo), _doing(judge))
        if enough:
            break


def _doing(judge: Judge) -> str:
    rows = judge.rows() if judge.stopping.wanted else []
    return f"Comparing: {sum(row['met'] for row in rows)} of {len(rows)} precise enough" if rows else "Comparing"
