"""What changes demand between the baseline and 2020/21, and what each factor does to a simulated year.

A factor is a row of `tables/factors.csv`; what it does is in rows of `tables/changes.csv`: levels by year of a door's
demand, of contact time, or the share of a built-in scenario that is in place.  Only the ratio to the baseline's level
counts.  The residents of later years are in `tables/population.csv`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from abm import tables
from pathways.errors import InputError, nearest, one_of

FOLDER = Path(__file__).resolve().parent / "tables"
YEARS = ("2016/17", "2017/18", "2018/19", "2019/20", "2020/21")
BASELINE, LAST = YEARS[0], YEARS[-1]
POPULATION = "population"
KINDS = ("demand", "hours", "scenario")
MOST = 10.0
"""The largest amount of a factor: ten times what is planned."""


@dataclass(frozen=True)
class Change:
    """One thing a factor does: `kind` of `KINDS`; `key` a pathway, a door, or a built-in scenario."""

    kind: str
    key: str
    levels: Mapping[str, float]
    source: str
    confidence: str

    def ratio(self, year: str) -> float:
        """Return the level of a year over the baseline's."""
        return self.levels[year] / self.levels[BASELINE]


@dataclass(frozen=True)
class Factor:
    """One reason why demand changes."""

    name: str
    title: str
    bar: str
    """Which part of the waterfall it belongs to"""
    programme: str
    direction: str
    """What it does to posts in all, written down before it was simulated: more or fewer"""
    source: str
    confidence: str
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Asked:
    """What a year with so much of each factor is."""

    year: str
    population: float = 0.0
    """How much of the change of the residents, 0 to 1 or more"""
    demand: Mapping[str, float] = field(default_factory=dict)
    """Factor by pathway or door"""
    hours: float = 1.0
    """Factor on the time of contacts"""
    scenarios: Mapping[str, float] = field(default_factory=dict)
    """Share in place, by built-in scenario"""


def all_factors(folder: Path = FOLDER) -> dict[str, Factor]:
    """Return the factors by name, in the order of the table.

    Raises
    ------
    InputError
        If a change belongs to no factor, is of no known kind, or a level is no number above what makes sense.
    """
    rows = {row["factor"]: row for row in tables.read("factors", folder)}
    changes: dict[str, list[Change]] = {name: [] for name in rows}
    file = tables.path_of("changes", folder)
    for row in tables.read("changes", folder):
        _known(row["factor"], rows, "factor", file)
        _known(row["kind"], KINDS, f"{row['factor']}.kind", file)
        changes[row["factor"]].append(
            Change(row["kind"], row["key"], _levels(row, file), row["source"], row["confidence"])
        )
    return {
        name: Factor(
            name, row["title"], row["bar"], row["programme"], row["direction"], row["source"], row["confidence"],
            tuple(changes[name]),
        ) for name, row in rows.items()
    }  # fmt: skip


def _known(value: str, words: object, key: str, file: Path) -> None:
    known = list(words)  # type: ignore[call-overload]
    if value not in known:
        raise InputError(file=file, key=key, value=value, expected=one_of(known), suggestion=nearest(value, known))


def _levels(row: tables.Row, file: Path) -> dict[str, float]:
    key = f"{row['factor']}, {row['key']}"
    try:
        levels = {year: float(row[year]) for year in YEARS}
    except ValueError as error:
        raise InputError(file=file, key=key, value=str(error), expected="a number for each year") from error
    for year, level in levels.items():
        if not math.isfinite(level) or level < 0 or (row["kind"] != "scenario" and level == 0):
            raise InputError(file=file, key=f"{key}, {year}", value=level, expected="a number above 0")
        if row["kind"] == "scenario" and level > 1:
            raise InputError(file=file, key=f"{key}, {year}", value=level, expected="a share from 0 to 1")
    return levels


def amounts_of(factors: Mapping[str, float] | None, folder: Path = FOLDER) -> dict[str, float]:
    """Return how much of every factor: None is all as planned; a factor that is not named is not there.

    Raises
    ------
    InputError
        If a factor is not in the table, or an amount is not a number from 0 to `MOST`.
    """
    known = all_factors(folder)
    if factors is None:
        return dict.fromkeys(known, 1.0)
    for name, amount in factors.items():
        _known(name, known, "factors", tables.path_of("factors", folder))
        if not (isinstance(amount, int | float) and 0 <= amount <= MOST):
            raise InputError(key=f"factors.{name}", value=amount, expected=f"an amount from 0 to {MOST:g}")
    return {name: float(factors.get(name, 0.0)) for name in known}


def asked(amounts: Mapping[str, float], year: str, folder: Path = FOLDER) -> Asked:
    """Return what a year is with so much of each factor (`amounts_of`).

    Raises
    ------
    InputError
        If the year is not one of `YEARS`.
    """
    if year not in YEARS:
        raise InputError(key="--year", value=year, expected=one_of(YEARS), suggestion=nearest(year, YEARS))
    demand: dict[str, float] = {}
    scenarios: dict[str, float] = {}
    hours = 1.0
    for factor in all_factors(folder).values():
        amount = amounts[factor.name]
        for change in factor.changes if amount else ():
            if change.kind == "scenario":
                share = min(1.0, amount * change.levels[year])
                scenarios[change.key] = max(scenarios.get(change.key, 0.0), share)
                continue
            factor_now = max(0.0, 1 + amount * (change.ratio(year) - 1))
            if change.kind == "hours":
                hours *= factor_now
            else:
                demand[change.key] = demand.get(change.key, 1.0) * factor_now
    return Asked(
        year, 0.0 if year == BASELINE else amounts[POPULATION], {k: f for k, f in demand.items() if f != 1.0}, hours,
        {name: share for name, share in scenarios.items() if share},
    )  # fmt: skip
