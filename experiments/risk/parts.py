"""The parts of a gap: what demand asks for, what becomes of the staff, what a post costs; and what moves them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pandas as pd

from abm import areas, tables
from abm.population import places_of
from abm.staff_posts import N_MONTHS
from experiments import money
from experiments import staff as staff_part
from experiments.demand import factors as demand_factors
from experiments.demand.needed import posts_needed
from experiments.money.costs import pounds_a_post
from experiments.money.pay import post
from experiments.money.prices import number
from experiments.risk.analysis import Parts
from experiments.risk.england import for_england
from experiments.risk.gap import FACTORS, Key
from experiments.risk.register import FOLDER
from experiments.risk.simulated import Answer, Point
from experiments.risk.value import Decision
from experiments.run import model_digest
from experiments.staff import prices
from experiments.staff.simulate import staff_years
from experiments.workforce import apportion

YEARS_OF_STAFF = 5
COVER = ("bank", "agency", "overtime")
COMMONEST = "mh_practitioner"
"""The role whose post says which part of its cost is pay, on which an agency's premium is charged"""
BOTH = ("team", "role")


def parts(area: str, year: str) -> Parts:
    """Return the parts for an area: present values of every driver, and how they are simulated."""
    return Parts(drivers(year), simulate, residents(area), decision(post(COMMONEST, year).whole), in_place(year))


def drivers(year: str) -> dict[str, dict[str, float]]:
    """Return what inputs may drive, by part, and the present value of each."""
    one = post(COMMONEST, year)
    return {
        "demand": dict.fromkeys(demand_factors.all_factors(), 1.0),
        "staff": {lever.name: lever.default for lever in prices.levers().values()},
        "arithmetic": {
            **dict.fromkeys(FACTORS, 1.0), "agency_share": number("agency_share"),
            "agency_premium": number("agency_premium") * one.pay / one.whole,
        },
    }  # fmt: skip


def in_place(year: str) -> dict[str, float]:
    """Return the factors of demand that are built-in scenarios in place by a share, and that share as planned."""
    return {
        factor.name: factor.changes[0].levels[year]
        for factor in demand_factors.all_factors().values()
        if [change.kind for change in factor.changes] == ["scenario"] and factor.changes[0].levels[year] > 0
    }  # fmt: skip


def decision(pounds: float) -> Decision:
    """Return what a post planned too few, and one too many, costs a year (`tables/decision.csv`, parts of a post)."""
    share = {row["of"]: float(row["share"]) for row in tables.read("decision", FOLDER)}
    return Decision(pounds * share["too few"], pounds * share["too many"])


def residents(area: str) -> dict[str, float]:
    """Return residents by place: the area's title, and its delivery systems."""
    people = {place.name: place.people for place in apportion.places()}
    return {name: people[name] for name in places(area) if name in people}


def places(area: str) -> list[str]:
    """Return an area's title, then the delivery systems it has figures of."""
    return [areas.title_of(area), *(places_of(area, "system") if area == areas.LSC else ())]


def identity() -> str:
    """Return the digest of everything a point rests on beside what it is told: figures and code of all parts."""
    found = hashlib.sha256(model_digest().encode())
    for package in (demand_factors.__file__, money.__file__, staff_part.__file__, apportion.__file__, __file__):
        folder = Path(package).parent
        for path in sorted([*folder.glob("*.py"), *folder.glob("tables/*.csv")]):
            found.update(path.name.encode() + path.read_bytes())
    return found.hexdigest()


def simulate(point: Point) -> Answer:
    """Return what one simulated point says, by measure and place."""
    of = _demand if point.part == "demand" else _staff
    if point.area != areas.ENGLAND:
        return of(point)
    return for_england(point, of)


def within_limits(told: Mapping[str, float], limits: Mapping[str, tuple[float, float]]) -> dict[str, float]:
    """Return what a part is told, no further out than it can simulate: ranges have tails without an end."""
    return {name: min(max(value, limits[name][0]), limits[name][1]) for name, value in told.items()}


def _demand(point: Point) -> dict[Key, float]:
    """Return the posts demand asks for, of teams and roles that the staff part has too."""
    told = within_limits(dict(point.told), dict.fromkeys(demand_factors.all_factors(), (0.0, demand_factors.MOST)))
    rows = posts_needed(
        point.area, told, year=point.year, seed=point.seed, scenario=point.scenario or None
    )  # fmt: skip
    common = teams_and_roles(point.area)
    if common is not None:
        rows = rows[pd.MultiIndex.from_frame(rows[list(BOTH)]).isin(common)]
    return _by_place(rows, point, {"modelled_posts": "posts"}, ("modelled_pounds", "posts"))


@cache
def teams_and_roles(area: str) -> pd.MultiIndex | None:
    """Return (team, role) pairs with an establishment; None if an area's is not given by team."""
    if area != areas.LSC:
        return None
    rows = [(row["team"], row["role"]) for row in tables.read("establishment") if row["unit"] == "wte"]
    return pd.MultiIndex.from_tuples(sorted(set(rows)), names=BOTH)


def _staff(point: Point) -> dict[Key, float]:
    """Return who is in post at the end, what they amount to, and what supply cost a year; posts at the start."""
    limits = {lever.name: (lever.least, lever.most) for lever in prices.levers().values()}
    told = within_limits(dict(point.told), limits)
    rows = staff_years(point.area, told, seed=point.seed)
    rows = rows.assign(**{name: rows[name].astype(str) for name in ("system", "team", "role", "employer", "measure")})
    by = ["system", "role", "employer"]
    last, first = rows[rows["month"] == N_MONTHS - 1], rows[rows["month"] == 0]
    table = last.pivot_table(index=by, columns="measure", values="value", aggfunc="sum", fill_value=0.0)
    covered = min(sum(told[name] for name in COVER), 1.0)
    effective = table["capacity_wte"] - covered * table["vacancies"]
    now = pd.DataFrame({"in_post": table["in_post"], "effective": effective}).reset_index()
    found = _by_place(now, point, {"in_post": "in_post", "effective": "effective"}, ("effective_pounds", "effective"))
    start = first[first["measure"] == "posts"].groupby(by, as_index=False)["value"].sum()
    found |= _by_place(start, point, {"start_posts": "value"}, ("start_pounds", "value"))
    spent = rows[rows["measure"] == "supply_pounds"].groupby("system", as_index=False)["value"].sum()
    return found | _by_place(spent.assign(value=spent["value"] / YEARS_OF_STAFF), point, {"supply_pounds": "value"})


def _by_place(
    rows: pd.DataFrame, point: Point, sums: Mapping[str, str], priced: tuple[str, str] | None = None
) -> dict[Key, float]:  # fmt: skip
    """Return sums of columns by place; `priced`: (measure, column of WTE) in pounds of the year.

    The area's title has all rows, what its systems share among them; a system has its own.
    """
    columns = dict(sums)
    if priced is not None:
        each = [pounds_a_post(role, point.year, employer or None) for role, employer in _roles(rows)]
        rows = rows.assign(pounds=rows[priced[1]].to_numpy() * each)
        columns[priced[0]] = "pounds"
    whole, *systems = places(point.area)
    found = {}
    for measure, column in columns.items():
        of = rows.groupby("system")[column].sum()
        found[measure, whole] = float(of.sum())
        found |= {(measure, system): float(of.get(system, 0.0)) for system in systems}
    return found


def _roles(rows: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(rows["role"], rows["employer"], strict=True))
