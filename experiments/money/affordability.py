"""The Mental Health Investment Standard: mental health spending grows at least as fast as the commissioner's money.

Only cash counts: what a scenario costs more, less what it releases in cash.  Freed time and avoided care do not pay.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from abm import tables
from experiments.money.prices import BASELINE_YEAR, FOLDER, NO_FACTORS, YEARS, Factors, in_prices
from experiments.workforce import apportion

COMMISSIONERS = ("ccg", "specialised_commissioning")
MILLION = 1_000_000


def spend(
    place: str, by: str = "need", weights: Path | None = None, payer: str = "ccg", factors: Factors = NO_FACTORS
) -> int:
    """Return a place's share of England's spending on mental health in 2016/17, in pounds."""
    row = next(
        row for row in tables.read("mental_health_spend", FOLDER)
        if (row["payer"], row["year"]) == (payer, BASELINE_YEAR)
    )  # fmt: skip
    pounds = round(float(row["millions"]) * MILLION * factors.get("mental_health_spend", 1.0))
    return apportion.apportioned(pounds, apportion.weights_of(by, weights))[place]


def growth(year: str) -> float:
    """Return how much a commissioner's allocation grows into a year."""
    return next(float(row["growth"]) for row in tables.read("allocation_growth", FOLDER) if row["year"] == year)


def standard(
    place: str, by: str = "need", weights: Path | None = None, factors: Factors = NO_FACTORS
) -> list[dict[str, Any]]:
    """Return, year by year, what the standard asks of a place and how much of it is new money.

    `floor` is spending of 2016/17 raised as the allocation grows (pounds of the year), `as_it_was` the same services
    at the year's prices, `room` what is left for more of them.
    """
    first = spend(place, by, weights, factors=factors)
    floor, found = float(first), []
    for year in YEARS:
        if year != BASELINE_YEAR:
            floor *= 1 + growth(year) * factors.get("allocation_growth", 1.0)
        rise = in_prices(first, BASELINE_YEAR, year) - first
        as_it_was = first + rise * factors.get("gdp_deflator", 1.0)
        found.append({
            "place": place, "year": year, "growth": growth(year) * factors.get("allocation_growth", 1.0),
            "floor": round(floor),
            "as_it_was": round(as_it_was), "room": round(floor) - round(as_it_was),
        })  # fmt: skip
    return found


def afforded(room: list[dict[str, Any]], net_cash: dict[str, float], first: str = YEARS[1]) -> list[dict[str, Any]]:
    """Return, for each year from the first on, whether the commissioner's net cash cost lies within the room.

    Parameters
    ----------
    room : `standard`
    net_cash : additional cash cost by year, in pounds of the year (negative: it releases cash)
    first : the year after the baseline, from which on there is room; or the baseline, which has none
    """
    return [
        {**row, "net_cash": round(net_cash[row["year"]]), "left": row["room"] - round(net_cash[row["year"]]),
         "within": row["room"] >= round(net_cash[row["year"]])}
        for row in room if row["year"] in net_cash and row["year"] >= first
    ]  # fmt: skip
