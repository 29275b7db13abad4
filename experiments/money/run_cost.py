"""What a finished run costs a year, and who pays: every pound in exactly one row.

posts × pay → agency cover of vacancies → overtime → days on wards → nights elsewhere, attendances, journeys
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pandas as pd

from abm import tables as committed
from abm.units import Unit
from experiments.money import pay
from experiments.money.places import systems_of
from experiments.money.prices import FOLDER, NO_FACTORS, Factors, number, priced_year, unit_cost
from experiments.money.whole import rounded
from experiments.planning.establishment import NURSING_ROLES, nursing_hours, wte
from experiments.scenario import Scenario
from experiments.scenario_checks import graphs
from pathways.specs import PathwaySpec, validated

DAYS_A_YEAR, WEEK_DAYS, MINUTES = 365, 7, 60
KEYS = ("system", "place", "service", "team", "payer", "employer", "line", "role", "unit")
COLUMNS = (*KEYS, "quantity", "unit_pounds", "amount", "pounds")
"""`amount` is exact, `pounds` whole: they sum to the rounded sum of the amounts"""
NOT_STATED = "not stated"
Tables = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Books:
    """What is needed to put a scenario's costs down: its teams, its places, the year and factors of its prices."""

    specs: Mapping[str, PathwaySpec]
    systems: Mapping[str, str]
    year: str
    days: int
    factors: Factors

    @property
    def to_a_year(self) -> float:
        """Return what counts of the window are multiplied by."""
        return DAYS_A_YEAR / self.days

    def of_team(self, team: str) -> tuple[str, str, str]:
        """Return a team's service, payer and employer."""
        service, _, name = team.partition("/")
        spec = self.specs.get(service)
        if spec is None:
            return service, NOT_STATED, "nhs"
        mine = spec.teams.get(name)
        payer = (mine.payer if mine is not None else None) or spec.payer or NOT_STATED
        return service, payer, mine.employer if mine is not None else "nhs"


def books(scenario: Scenario, year: str | None = None, factors: Factors = NO_FACTORS) -> Books:
    """Return the books of a scenario; left out, prices are those of the year in which it starts."""
    return Books(
        specs_of(scenario),
        systems_of(scenario.area),
        year or priced_year(scenario.start),
        scenario.measured_days,
        factors,
    )


def specs_of(scenario: Scenario) -> Mapping[str, PathwaySpec]:
    """Return the pathways of a scenario as it begins, with teams that come later."""
    return _specs(scenario.canonical())


@lru_cache(maxsize=8)
def _specs(canonical: str) -> Mapping[str, PathwaySpec]:
    scenario = Scenario.model_validate_json(canonical)
    return {name: validated(graph) for name, graph in graphs(scenario).items()}


def cost_of_run(
    tables: Tables, scenario: Scenario, year: str | None = None, factors: Factors = NO_FACTORS
) -> pd.DataFrame:
    """Return what a run costs a year of 365 days, in pounds of a financial year.

    Parameters
    ----------
    tables : of a run (`experiments.store.read`); with a column `replication` each replication is costed by itself
    year : whose pay and prices; left out: the year in which the run starts
    factors : multipliers of prices by name, for asking what hangs on them

    Returns
    -------
    One row a place, team, payer and line of cost (`COLUMNS`, and `replication` first where the tables have it).
    """
    return entered(tables, books(scenario, year, factors))


def entered(tables: Tables, of: Books) -> pd.DataFrame:
    """Return the rows of a run's tables in a scenario's books; teams to whom nobody came cost nothing."""
    idle = idle_teams(tables)
    tables = {**tables, **{name: tables[name][~tables[name]["team"].isin(idle)] for name in ("contacts", "places")}}
    if "replication" not in tables["contacts"]:
        return _whole(pd.DataFrame(_rows(tables, of), columns=list(COLUMNS[:-1])))
    found = []
    for n in sorted(tables["contacts"]["replication"].unique()):
        mine = {name: table[table["replication"] == n] for name, table in tables.items() if "replication" in table}
        rows = pd.DataFrame(_rows(mine, of), columns=list(COLUMNS[:-1]))
        found.append(_whole(rows).assign(replication=int(n)))
    together = pd.concat(found, ignore_index=True)
    return together[["replication", *COLUMNS]]


def idle_teams(tables: Tables) -> list[str]:
    """Return teams that stood ready and had nobody: no contact, no place taken.

    A pathway brings all its teams; a scenario that opens one of its doors does not buy the others.
    """
    used = tables["contacts"].groupby("team", sort=False)["busy_minutes"].sum()
    taken = tables["places"].groupby("team", sort=False)["mean_taken"].sum()
    return sorted(str(team) for team, n in used.add(taken, fill_value=0.0).items() if not n)


def mean_of(cost: pd.DataFrame) -> pd.DataFrame:
    """Return the mean year of several replications, in whole pounds that sum to the rounded mean total."""
    if "replication" not in cost:
        return cost
    n = cost["replication"].nunique()
    summed = cost.groupby(list(KEYS), sort=False, dropna=False)[["quantity", "amount"]].sum() / n
    prices = cost.groupby(list(KEYS), sort=False, dropna=False)["unit_pounds"].first()
    return _whole(summed.assign(unit_pounds=prices).reset_index()[list(COLUMNS[:-1])])


def _whole(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(pounds=rounded(rows["amount"].to_numpy(float)))


def _rows(tables: Tables, of: Books) -> list[tuple[Any, ...]]:
    """Return the rows of one replication: places, teams and lines in the order of the tables."""
    return [
        (of.systems.get(place, place), place, *of.of_team(team)[:1], team, payer, employer, line, role, unit,
         quantity, price, quantity * price)
        for place, team, payer, employer, line, role, unit, quantity, price
        in (*_posts(tables, of), *_wards(tables, of), *_events(tables, of), *_physical(tables, of))
        if quantity
    ]  # fmt: skip


def _posts(tables: Tables, of: Books) -> Iterator[tuple[Any, ...]]:
    """Yield posts, agency premiums and overtime of every role on the rosters and in clinics."""
    weeks = of.days / WEEK_DAYS
    contacts = tables["contacts"]
    for row in contacts.itertuples():
        posts = wte(row.role, row.on_shift_minutes / MINUTES / weeks)
        if posts is None:
            posts = row.on_shift_minutes / MINUTES / weeks * (DAYS_A_YEAR / WEEK_DAYS) / pay.paid_hours(row.role)
        yield from _staffed(row.place, row.team, row.role, posts, of)
        if row.overtime_minutes:
            hours = row.overtime_minutes / MINUTES * of.to_a_year
            _, payer, employer = of.of_team(row.team)
            price = pay.overtime_hour(row.role, of.year, of.factors)
            yield row.place, row.team, payer, employer, "overtime", row.role, "hour", hours, price


def _staffed(place: str, team: str, role: str, posts: float, of: Books) -> Iterator[tuple[Any, ...]]:
    _, payer, employer = of.of_team(team)
    # A charity's or council's team is paid as its own employer pays; a council's professional stays one in an NHS team.
    own = None if employer == "nhs" else employer
    price = pay.pounds_a_post(role, of.year, own, factors=of.factors)
    yield place, team, payer, employer, "posts", role, "post", posts, price
    by_agency = posts * number("vacancy_share", of.factors) * number("agency_share", of.factors)
    premium = pay.agency_premium(role, of.year, of.factors)
    yield place, team, payer, employer, "agency premium", role, "post", by_agency, premium


def _wards(tables: Tables, of: Books) -> Iterator[tuple[Any, ...]]:
    """Yield the nursing of every ward by its per-shift rule, and what its occupied days cost beyond."""
    for row in tables["places"].itertuples():
        service, _, name = row.team.partition("/")
        spec = of.specs[service].teams.get(name) if service in of.specs else None
        if spec is None or not spec.nursing or row.what != "places":
            continue
        unit = Unit(row.team, row.place, spec.scope, 0.0, spec)
        for role, hours in nursing_hours(unit, row.places).items():
            posts = wte(NURSING_ROLES.get(role, role), hours)
            yield from _staffed(row.place, row.team, role, posts or 0.0, of)
        _, payer, employer = of.of_team(row.team)
        price = unit_cost("ward_day_other", of.year, of.factors)
        days = row.mean_taken * DAYS_A_YEAR
        yield row.place, row.team, payer, employer, "ward days beyond nursing", "", "bed day", days, price


def _events(tables: Tables, of: Books) -> Iterator[tuple[Any, ...]]:
    """Yield what is paid by the night, the attendance or the journey (`event_costs.csv`)."""
    waits = tables["waits"]
    names = waits["pathway"] + "/" + waits["state"]
    for rule in committed.read("event_costs", FOLDER):
        price = unit_cost(rule["unit_cost"], of.year, of.factors)
        unit = committed_unit(rule["unit_cost"])
        if rule["counted"] == "places":
            mine = tables["places"][tables["places"]["team"] == rule["of"]]
            counts = mine["places"] * DAYS_A_YEAR
        else:
            mine = waits[names == rule["of"]]
            days = rule["counted"] == "days"
            there = mine["mean_present"] - mine["mean_waiting"]  # who still has another bed waits for this one
            counts = there * DAYS_A_YEAR if days else mine[rule["counted"]] * of.to_a_year
        for place, count in zip(mine["place"], counts, strict=True):
            yield place, rule["of"], rule["payer"], "", rule["line"], "", unit, float(count), price


def _physical(tables: Tables, of: Books) -> Iterator[tuple[Any, ...]]:
    """Yield what mental disorder adds to people's physical care, of runs with lives."""
    if "life_years" in tables:
        for system, added in tables["life_years"].groupby("system", sort=False)["cost_gbp_added"].sum().items():
            pounds = float(added) * of.to_a_year
            factor = of.factors.get("physical_care", 1.0)
            yield str(system), "physical care", "ccg", "", "physical care", "", "pound", pounds, factor


def committed_unit(name: str) -> str:
    """Return in what a unit cost is counted: bed day, attendance …"""
    return next(row["unit"] for row in committed.read("unit_costs", FOLDER) if row["name"] == name)


def margin(cost: pd.DataFrame, *by: str) -> pd.DataFrame:
    """Return whole pounds by some columns, in the order in which they first stand."""
    return cost.groupby(list(by), sort=False, dropna=False)["pounds"].sum().reset_index()
