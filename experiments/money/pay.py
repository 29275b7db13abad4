"""What one post costs a year: pay, additional hours, on-costs and overheads, by role, employer and year."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from abm import tables
from abm.working_time import WORKING_DAYS, working_times
from experiments.money.prices import FOLDER, NO_FACTORS, Factors, in_prices, number, row_of
from pathways.errors import InputError, nearest, one_of

WEEKS = WORKING_DAYS / 5


@dataclass(frozen=True)
class Post:
    """One whole-time post for one year, in pounds of that year."""

    role: str
    scale: str
    employer: str
    year: str
    basic: float
    additional: float
    """Unsocial hours, on-call, further sessions"""
    insurance: float
    """National Insurance of the employer, and the apprenticeship levy"""
    pension: float
    overheads: float
    """Management, estates, supplies and capital"""

    @property
    def pay(self) -> float:
        """Return basic pay with additional hours."""
        return self.basic + self.additional

    @property
    def direct(self) -> float:
        """Return pay with on-costs."""
        return self.pay + self.insurance + self.pension

    @property
    def whole(self) -> float:
        """Return pay with on-costs and overheads."""
        return self.direct + self.overheads


@cache
def _bands() -> dict[tuple[str, str], tuple[float, float]]:
    rows = tables.read("pay_bands", FOLDER)
    return {(row["scale"], row["year"]): (float(row["least"]), float(row["most"])) for row in rows}


def basic_pay(scale: str, year: str, factors: Factors = NO_FACTORS) -> float:
    """Return basic pay on a scale: the point in the band at which posts are paid (`point_in_band`)."""
    if (scale, year) not in _bands():
        years = [known for name, known in _bands() if name == scale]
        raise InputError(
            file="pay_bands.csv", key="year" if years else "scale", value=year if years else scale,
            expected=one_of(years or dict.fromkeys(name for name, _ in _bands())),
        )  # fmt: skip
    least, most = _bands()[scale, year]
    return (least + (most - least) * number("point_in_band", factors)) * factors.get("pay", 1.0)


def post(role: str, year: str, employer: str | None = None, factors: Factors = NO_FACTORS) -> Post:
    """Return what one whole-time post costs in a financial year, part by part.

    Parameters
    ----------
    role : a role of `role_pay.csv`
    employer : whose overheads it carries (`overheads.csv`); left out: the role's usual employer

    Raises
    ------
    InputError
        If there is no such role, employer or year.
    """
    paid = row_of("role_pay", "role", role)
    costs = row_of("on_costs", "year", year)
    basic = basic_pay(paid["scale"], year, factors)
    additional = basic * float(paid["additional_share"]) * factors.get("additional_share", 1.0)
    pay = basic + additional
    insurance = max(pay - float(costs["ni_threshold"]), 0.0) * float(costs["ni_rate"]) * factors.get("ni_rate", 1.0)
    scheme = "pension_local_authority" if paid["employer"] == "local_authority" else "pension_nhs"
    pension = pay * float(costs[scheme]) * factors.get("pension", 1.0)
    employed = employer or paid["employer"]
    over = row_of("overheads", "employer", employed)
    share = float(over["staff_share"]) + float(over["other_share"])
    insurance += pay * float(costs["levy"])
    capital = in_prices(float(over["capital_gbp"]), over["price_year"], year)
    overheads = (share * (pay + insurance + pension) + capital) * factors.get("overheads", 1.0)
    return Post(role, paid["scale"], employed, year, basic, additional, insurance, pension, overheads)


def pounds_a_post(
    role: str, year: str, employer: str | None = None, *, overheads: bool = True, factors: Factors = NO_FACTORS
) -> float:
    """Return what one whole-time post of a role costs in a financial year, in pounds of that year.

    With on-costs, and with overheads unless they are left out.
    """
    found = post(role, year, employer, factors)
    return found.whole if overheads else found.direct


def paid_hours(role: str) -> float:
    """Return the hours a year for which a post of a role is paid."""
    times = working_times()
    if role not in times:
        raise InputError(
            file="working_time.csv", key="role", value=role, expected=one_of(times), suggestion=nearest(role, times)
        )
    return times[role].contracted_hours * WEEKS


def overtime_hour(role: str, year: str, factors: Factors = NO_FACTORS, time_of: str | None = None) -> float:
    """Return what an hour beyond a shift costs: basic pay at the overtime rate, with National Insurance.

    `time_of`: the role whose hours it has, where `working_time.csv` has none of its own.
    """
    basic = basic_pay(row_of("role_pay", "role", role)["scale"], year, factors)
    rate = float(row_of("on_costs", "year", year)["ni_rate"]) * factors.get("ni_rate", 1.0)
    return basic / paid_hours(time_of or role) * number("overtime_rate", factors) * (1 + rate)


def agency_premium(role: str, year: str, factors: Factors = NO_FACTORS) -> float:
    """Return what a vacancy that an agency fills costs a year beyond the post itself."""
    return post(role, year, None, factors).pay * number("agency_premium", factors)
