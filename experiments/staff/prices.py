"""What the workforce's months cost: hours and people counted (`abm.staff`), priced by the money part.

supply = kept × retention + joined × recruitment + begun × price of the route + learners' pay
cover  = hours of bank, agency and overtime × the hour
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from abm import staff_rates, tables
from abm.staff import MEASURES as COUNTED
from abm.staff_posts import YEARS
from abm.staff_rates import Lever, Rates
from experiments.money import supply
from experiments.money.prices import NO_FACTORS, Factors

FOLDER = Path(__file__).resolve().parent / "tables"
PRICED = ("supply_pounds", "cover_pounds")
MEASURES = (*COUNTED, *PRICED)
"""What there is of every month, unit and role: counted, then priced"""
PRICES = "prices"
MONTHS = 12
NO_LEVERS: Mapping[str, float] = MappingProxyType({})


def price_levers() -> dict[str, Lever]:
    """Return the levers that move prices alone: each multiplies what the money part's tables say."""
    return {
        row["lever"]: Lever(
            row["lever"], PRICES, {}, "", True, float(row["default"]), float(row["least"]), float(row["most"])
        )
        for row in tables.read("price_levers", FOLDER)
    }


def levers() -> dict[str, Lever]:
    """Return every lever of the workforce: of people and hours (`staff_levers.csv`), and of prices."""
    return staff_rates.levers() | price_levers()


def rows_of_levers() -> list[tables.Row]:
    """Return the rows of both tables of levers."""
    return [*tables.read("staff_levers"), *tables.read("price_levers", FOLDER)]


def checked(values: Mapping[str, Any], file: object = None) -> dict[str, float]:
    """Return the values of levers as numbers, refusing what is none or lies outside its range."""
    return staff_rates.checked(values, file, levers())


def apart(values: Mapping[str, float] | None) -> tuple[dict[str, float], Factors]:
    """Return the levers of people and hours, and the factors of prices, of levers of both kinds."""
    values, of_prices = checked(values or {}), price_levers()
    return (
        {name: value for name, value in values.items() if name not in of_prices},
        {name: value for name, value in values.items() if name in of_prices},
    )


def pounds(counted: np.ndarray, rates: Rates, factors: Factors = NO_FACTORS) -> np.ndarray:
    """Return what was counted costs, in pounds of each month's financial year: float64[month, PRICED, unit, role].

    Parameters
    ----------
    counted : float64[month, measure, unit, role], measures in the order of `abm.staff.MEASURES`
    """
    n = {name: counted[:, i] for i, name in enumerate(COUNTED)}
    found = np.zeros((len(counted), len(PRICED), *counted.shape[2:]))
    time_of = {row["role"]: row["working_time_of"] or None for row in tables.read("staff_roles")}
    for month in range(0, len(counted), MONTHS):
        own, year = slice(month, month + MONTHS), YEARS[min(month // MONTHS, len(YEARS) - 1)]
        spent, covered = found[own, 0], found[own, 1]
        spent += n["kept"][own] * supply.supply_number("retention_pounds", year, factors)
        spent += n["joined"][own] * supply.supply_number("recruitment_pounds", year, factors)
        for route, role in supply.routes():
            r = rates.index[role]
            spent[..., r] += n[f"began_{route}"][own, :, r] * supply.pounds_each(route, role, year, factors)
            spent[..., r] += n[f"learning_{route}"][own, :, r] * supply.pounds_a_month(route, role, year, factors)
        for r, one in enumerate(rates.roles):
            for kind in supply.COVER:
                price = supply.cover_hour(kind, one.name, year, factors, time_of[one.name])
                covered[..., r] += n[f"{kind}_hours"][own, :, r] * price
    return found
