"""What it costs to find, teach and keep staff, and to cover posts that nobody holds: pounds of a financial year.

Pay is that of `pay.py`: there is no other.  Names of factors are those of `supply_numbers.csv`, `pounds_ROUTE` (paid
once, when somebody begins) and `pay_of_ROUTE` (paid while they learn), and money's own (pay, agency_premium …).
"""

from __future__ import annotations

from functools import cache

from abm import tables
from experiments.money import pay
from experiments.money.prices import FOLDER, NO_FACTORS, Factors, in_prices, number, row_of

COVER = ("bank", "agency", "overtime")
MONTHS = 12


def supply_number(name: str, year: str, factors: Factors = NO_FACTORS) -> float:
    """Return one of `supply_numbers.csv` in pounds of a year: for each person kept, for each who joins."""
    row = row_of("supply_numbers", "name", name)
    return in_prices(float(row["value"]), row["price_year"], year) * factors.get(name, 1.0)


@cache
def _routes() -> dict[tuple[str, str], tables.Row]:
    return {(row["route"], row["role"]): row for row in tables.read("supply_prices", FOLDER)}


def routes() -> tuple[tuple[str, str], ...]:
    """Return (route, role) of every row of `supply_prices.csv`, in order."""
    return tuple(_routes())


def pounds_each(route: str, role: str, year: str, factors: Factors = NO_FACTORS) -> float:
    """Return what somebody who begins a route to a role costs once; a route without a row costs nothing."""
    row = _routes().get((route, role))
    if row is None:
        return 0.0
    return in_prices(float(row["pounds_each"]), row["price_year"], year) * factors.get(f"pounds_{route}", 1.0)


def pounds_a_month(route: str, role: str, year: str, factors: Factors = NO_FACTORS) -> float:
    """Return the pay with on-costs of somebody who learns for a month; 0 where a learner is no employee's."""
    row = _routes().get((route, role))
    if row is None or not row["paid_as"]:
        return 0.0
    return pay.post(row["paid_as"], year, factors=factors).direct / MONTHS * factors.get(f"pay_of_{route}", 1.0)


def cover_hour(kind: str, role: str, year: str, factors: Factors = NO_FACTORS, time_of: str | None = None) -> float:
    """Return what an hour of a vacant post costs that bank, agency or overtime works: pay with on-costs and premium.

    Overheads stand with the post and are paid whether or not somebody holds it.

    Parameters
    ----------
    kind : one of `COVER`
    time_of : the role whose hours it has (`staff_roles.csv`), where `working_time.csv` has none of its own
    """
    if kind == "overtime":
        return pay.overtime_hour(role, year, factors, time_of)
    one = pay.post(role, year, factors=factors)
    if kind == "bank":
        premium = float(row_of("supply_numbers", "name", "bank_premium")["value"]) * factors.get("bank_premium", 1.0)
    else:
        premium = number("agency_premium", factors)
    return (one.direct + one.pay * premium) / pay.paid_hours(time_of or role)
