"""The national money by programme and year, shared out to places, to the pound."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from abm import tables
from experiments.money.prices import FOLDER, YEARS
from experiments.money.whole import rounded
from experiments.workforce import apportion

THE_REST = "not broken down by programme"
MILLION = 1_000_000


@cache
def path() -> dict[str, int]:
    """Return the additional pounds of each year: the path to £1 billion in 2020/21."""
    rows = {row["year"]: row for row in tables.read("investment", FOLDER)}
    return {year: round(float(rows[year]["millions"]) * MILLION) for year in YEARS}


def by_programme() -> list[dict[str, Any]]:
    """Return England's pounds by programme and year.

    A programme's total over five years is spread as the whole path; of one for which 2020/21 is known, the path leads
    there.  What the billion leaves is `not broken down by programme`.  Money for children, young people and mothers
    lies beside the billion (`in_the_billion` no).
    """
    whole = path()
    total = sum(whole.values())
    found: list[dict[str, Any]] = []
    for row in tables.read("programme_funding", FOLDER):
        pounds = float(row["millions"]) * MILLION
        all_years = pounds * total / whole[YEARS[-1]] if row["what"] == "in 2020/21" else pounds
        shares = rounded([all_years * whole[year] / total for year in YEARS])
        found += [
            {"programme": row["programme"], "in_the_billion": row["in_the_billion"] == "yes", "year": year,
             "pounds": int(n), "source": row["source"], "confidence": row["confidence"]}
            for year, n in zip(YEARS, shares, strict=True)
        ]  # fmt: skip
    for year in YEARS:
        named = sum(row["pounds"] for row in found if row["in_the_billion"] and row["year"] == year)
        found.append({
            "programme": THE_REST, "in_the_billion": True, "year": year, "pounds": whole[year] - named,
            "source": "the whole of the year less the programmes above", "confidence": "derived",
        })  # fmt: skip
    return found


def apportioned(by: str = "need", weights: Path | None = None) -> list[dict[str, Any]]:
    """Return every place's pounds by programme and year: whole, and summing at every level."""
    weight = apportion.weights_of(by, weights)
    places = {place.name: place for place in apportion.places()}
    return [
        {"place": name, "level": places[name].level, "within": places[name].within, **row, "pounds": pounds}
        for row in by_programme()
        for name, pounds in apportion.apportioned(row["pounds"], weight).items()
    ]
