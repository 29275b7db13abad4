"""Prices as the tables have them: units, numbers, years; and pounds of one year in pounds of another.

Every number can be multiplied by a factor by its name (`factors`), to ask what hangs on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType

from abm import tables
from pathways.errors import InputError, nearest, one_of

FOLDER = Path(__file__).resolve().parent / "tables"
YEARS = ("2016/17", "2017/18", "2018/19", "2019/20", "2020/21")
BASELINE_YEAR = YEARS[0]
Factors = Mapping[str, float]
NO_FACTORS: Factors = MappingProxyType({})


def row_of(table: str, key: str, name: str, folder: Path = FOLDER) -> tables.Row:
    """Return the row of a table whose column `key` says `name`; a name that is not there is refused."""
    rows = {row[key]: row for row in tables.read(table, folder)}
    if name not in rows:
        raise InputError(
            file=tables.path_of(table, folder).name, key=key, value=name, expected=one_of(rows),
            suggestion=nearest(name, rows),
        )  # fmt: skip
    return rows[name]


def number(name: str, factors: Factors = NO_FACTORS) -> float:
    """Return one of `numbers.csv`: a share, a premium, a rate."""
    return float(row_of("numbers", "name", name)["value"]) * factors.get(name, 1.0)


@cache
def _index() -> dict[str, float]:
    return {row["year"]: float(row["index"]) for row in tables.read("gdp_deflator", FOLDER)}


def in_prices(pounds: float, of: str, to: str) -> float:
    """Return pounds of one financial year in prices of another (GDP deflator)."""
    for year in (of, to):
        if year not in _index():
            raise InputError(
                file="gdp_deflator.csv", key="year", value=year, expected=one_of(_index()),
                suggestion=nearest(year, _index()),
            )  # fmt: skip
    return pounds * _index()[to] / _index()[of]


def unit_cost(name: str, year: str, factors: Factors = NO_FACTORS) -> float:
    """Return what one of a thing costs in pounds of a financial year.

    Parameters
    ----------
    name : a row of `unit_costs.csv`
    year : such as 2018/19: the price of its own year is carried there by the GDP deflator

    Raises
    ------
    InputError
        If there is no such unit cost, or no index of the year.
    """
    row = row_of("unit_costs", "name", name)
    return in_prices(float(row["pounds"]), row["price_year"], year) * factors.get(name, 1.0)


def financial_year(day: date) -> str:
    """Return the financial year of a day: 2016-04-01 is in 2016/17."""
    first = day.year if day.month >= 4 else day.year - 1
    return f"{first}/{(first + 1) % 100:02d}"


def priced_year(day: date) -> str:
    """Return the year whose prices a run that starts on a day is costed in: its own, or the nearest there is."""
    return min(max(financial_year(day), YEARS[0]), YEARS[-1])
