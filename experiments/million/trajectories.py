"""What was planned: the national trajectories of people, shared out to places, programme by programme and year by year.

The trajectories count people a year more than in 2015/16; the baseline here is 2016/17, so that what a programme had
already planned for 2016/17 is taken off.  Nothing else is known to England's plan: what is left to the million is shown
as belonging to no programme.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from abm import tables
from experiments.workforce import apportion
from pathways.errors import InputError, nearest, one_of

FOLDER = Path(__file__).resolve().parent / "tables"
YEARS = ("2016/17", "2017/18", "2018/19", "2019/20", "2020/21")
BASELINE = YEARS[0]


@dataclass(frozen=True)
class Promise:
    """A national number of the plan."""

    name: str
    title: str
    value: int
    unit: str
    source: str
    confidence: str


def promises(folder: Path = FOLDER) -> dict[str, Promise]:
    """Return what the plan promised for 2020/21: people, contacts, posts, staff, pounds, each a counter of its own."""
    return {
        row["name"]: Promise(
            row["name"], row["title"], int(row["value"]), row["unit"], row["source"], row["confidence"]
        )
        for row in tables.read("promises", folder)
    }


def published(folder: Path = FOLDER) -> dict[tuple[str, str], int]:
    """Return England's trajectories as published: (programme, year) -> people a year more than in 2015/16.

    Raises
    ------
    InputError
        If a number is no whole number, a year is missing, or one is there twice.
    """
    found: dict[tuple[str, str], int] = {}
    file = tables.path_of("trajectories", folder)
    for row in tables.read("trajectories", folder):
        key = (row["programme"], row["year"])
        if not row["people"].isdigit() or key in found or row["year"] not in YEARS:
            raise InputError(
                file=file, key=" ".join(key), value=row["people"], expected="each year once, a whole number of people"
            )
        found[key] = int(row["people"])
    for programme in dict.fromkeys(name for name, _ in found):
        for year in YEARS:
            if (programme, year) not in found:
                raise InputError(file=file, key=programme, value=year, expected="a row for this year too")
    return found


def programmes(folder: Path = FOLDER) -> tuple[str, ...]:
    """Return the programmes with a trajectory of people, in the order of the table."""
    return tuple(dict.fromkeys(programme for programme, _ in published(folder)))


def extra(folder: Path = FOLDER) -> dict[tuple[str, str], int]:
    """Return England's planned people a year more than in the baseline year: (programme, year) -> people."""
    found = published(folder)
    return {(programme, year): n - found[programme, BASELINE] for (programme, year), n in found.items()}


def planned(
    by: str = "people", weights: Path | None = None, folder: Path = FOLDER
) -> dict[tuple[str, str], dict[str, int]]:
    """Return (programme, year) -> place -> people extra to the baseline year; exact at every level.

    Parameters
    ----------
    by, weights : what is shared by (`apportion.weights_of`)
    """
    weight = apportion.weights_of(by, weights)
    return {key: apportion.apportioned(n, weight) for key, n in extra(folder).items()}


@cache
def programme_of() -> Mapping[str, str]:
    """Return pathway -> the programme it belongs to (`workforce/tables/programmes.csv`)."""
    return {row["pathway"]: row["programme"] for row in tables.read("programmes", apportion.FOLDER)}


def chosen(years: Sequence[str] | None) -> tuple[str, ...]:
    """Return the years asked for, in order; all after the baseline year, if none is named.

    Raises
    ------
    InputError
        If the plan has no such year.
    """
    later = YEARS[1:]
    for year in years or ():
        if year not in later:
            raise InputError(key="--year", value=year, expected=one_of(later), suggestion=nearest(year, later))
    return tuple(year for year in later if not years or year in years)
