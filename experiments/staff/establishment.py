"""Who has which posts: a file of the area's own, else the table of teams, else a share of the national plan.

A file is read by `establishment_file.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from abm import areas, tables
from abm.staff_posts import YEARS, Establishment, StaffUnit, shared_out
from abm.staff_rates import Rates
from experiments.staff import establishment_file
from experiments.workforce import apportion
from pathways.errors import InputError, nearest, one_of
from pathways.specs import PathwaySpec

NOT_LOCAL = "not local"
DEMANDS = ("high", "other", "low")
SERVICES = {"high": "services of high demand", "other": "other services", "low": "services of low demand"}


def of_area(area: str, rates: Rates, file: Path | None = None, national: bool = False) -> Establishment:
    """Return the posts of an area, a delivery system, or England, at the start.

    Parameters
    ----------
    file : the area's own establishment; None: the teams of Lancashire & South Cumbria, a share of the plan elsewhere
    national : a share of the plan for Lancashire & South Cumbria too

    Raises
    ------
    InputError
        If there is no such area, team, place or role.
    """
    short, system = named_area(area)
    if file is not None:
        rows = establishment_file.read(file, rates)
        establishment_file.refuse_places(file, rows, short)
        return of_teams(area, rows, rates, basis=f"local: {file.name}", system=system, file=file)
    if short == areas.LSC and not national:
        return of_teams(area, establishment_file.table_rows(), rates, basis=NOT_LOCAL, system=system)
    return national_share(short, rates, system)


def named_area(area: str) -> tuple[str, str | None]:
    """Return an area's short name, and the delivery system if it is one."""
    if area == areas.ENGLAND or area in areas.all_areas():
        return area, None
    systems = [row["system"] for row in tables.read("systems")]
    if area in systems:
        return areas.LSC, area
    known = (areas.ENGLAND, *areas.all_areas(), *systems)
    raise InputError(
        key="--area", value=area, expected="england, an STP or a delivery system", suggestion=nearest(area, known)
    )


def of_teams(
    area: str, rows: Iterable[Mapping[str, Any]], rates: Rates, *, basis: str, system: str | None = None,
    file: Path | None = None, specs: Mapping[str, PathwaySpec] | None = None,
) -> Establishment:  # fmt: skip
    """Return the posts of named teams: whole posts of each role, largest remainders first.

    A delivery system has the teams that stand in it; what the whole area shares belongs to none.  `specs`: the pathway
    of each team, if not the library's.
    """
    specs = establishment_file.team_specs() if specs is None else specs
    rows = [row for row in rows if system is None or system_of(row["place"]) == system]
    if not rows:
        raise InputError(file=file, key="--area", value=area, expected="an area with posts")
    places = list(dict.fromkeys((row["team"], row["place"]) for row in rows))
    wte = np.zeros((len(places), len(rates.roles)))
    for row in rows:
        wte[places.index((row["team"], row["place"])), rates.index[row["role"]]] += row["wte"]
    units = tuple(unit_of(team, place, specs[team], rates) for team, place in places)
    return Establishment(area, units, whole(wte), basis)


def whole(wte: np.ndarray) -> np.ndarray:
    """Return whole posts of each role, int64[unit, role], that sum to the role's rounded WTE."""
    return np.column_stack([shared_out(wte[:, r].sum(), wte[:, r]) for r in range(wte.shape[1])])


def unit_of(team: str, place: str, spec: PathwaySpec, rates: Rates) -> StaffUnit:
    """Return a team at a place with its employer, demand and tasks.

    A ward's posts follow its beds, so that the plan opens and closes none there; its work is no list of tasks.
    """
    pathway, _, name = team.partition("/")
    one = spec.teams[name]
    if one.nursing:
        return StaffUnit(system_of(place), team, place, one.employer)
    return StaffUnit(
        system_of(place), team, place, one.employer, rates.demand.get(pathway, "other"), tasks_of(team, spec, rates)
    )


def system_of(place: str) -> str:
    """Return the delivery system of a place: itself, the site's, or the area's name for what the area shares."""
    trusts = {row["trust"]: row["system"] for row in tables.read("systems")}
    sites = {row["site"]: row.get("trust", "") for row in tables.read("ae_sites")}
    return trusts.get(sites.get(place, ""), place)


def tasks_of(team: str, spec: PathwaySpec, rates: Rates) -> tuple[Mapping[str, Any], ...]:
    """Return what new roles of a team may take over, its own tasks first, then those of its service's other teams.

    One row a new role, relieved role and team (`at`): the share of that role's time there, which is taken as spread
    evenly over the tasks that need it.
    """
    pathway, _, own = team.partition("/")
    found: list[Mapping[str, Any]] = []
    for name in sorted(spec.teams, key=lambda name: name != own):
        needs = needs_of(pathway, name, spec)
        shares: dict[tuple[int, int], dict[str, Any]] = {}
        for row in rates.substitution:
            states = needs.get(rates.roles[row["relieves"]].name, [])
            if row["task"] in states:
                taken = shares.setdefault((row["new_role"], row["relieves"]), {**row, "task": [], "share": 0.0})
                taken["share"] += row["share"] / len(states)
                taken["task"].append(row["task"])
        found += [{**taken, "at": f"{pathway}/{name}"} for taken in shares.values()]
    return tuple(found)


def needs_of(pathway: str, team: str, spec: PathwaySpec) -> dict[str, list[str]]:
    """Return the tasks (`pathway/state`) of a team that need each of its roles."""
    needs: dict[str, list[str]] = {}
    for state, one in spec.states.items():
        roles = {role for option in one.alternatives() for role in option.get(team, {})}
        if one.contacts is not None and (one.contacts.team or one.team) == team:
            roles |= set(one.contacts.roles)
        for role in roles:
            needs.setdefault(role, []).append(f"{pathway}/{state}")
    return needs


def national_share(
    area: str, rates: Rates, system: str | None = None, by: str = "people", weights: Path | None = None
) -> Establishment:
    """Return a share of England's posts by role, delivery system (or STP) and demand; whole shares that sum."""
    weight = apportion.weights_of(by, weights)
    demand = {row["demand"]: float(row["share"]) for row in tables.read("staff_demand_england")}
    chosen = [place for place in apportion.places() if place.level == "system" or _alone(place)]
    if area != areas.ENGLAND:
        title = areas.title_of(area)
        chosen = [place for place in chosen if title in (place.name, place.within)]
    if system is not None:
        chosen = [place for place in chosen if place.name == system]
    posts = np.zeros((len(chosen) * len(DEMANDS), len(rates.roles)), np.int64)
    for role, england in rates.england.items():
        shares = apportion.apportioned(round(england["posts"]), weight)
        for i, place in enumerate(chosen):
            parts = shared_out(shares[place.name], np.array([demand[one] for one in DEMANDS]))
            posts[i * len(DEMANDS) : (i + 1) * len(DEMANDS), rates.index[role]] = parts
    units = tuple(StaffUnit(place.name, SERVICES[one], place.name, demand=one) for place in chosen for one in DEMANDS)
    name = areas.ENGLAND if area == areas.ENGLAND else system or area
    totals = {}
    for kind, times in (("vacancies", 1.0), ("new_posts", rates.numbers["new_posts"]),
                        ("closed_posts", rates.numbers["transfers"])):  # fmt: skip
        england_total = round(times * sum(england[kind] for england in rates.england.values()))
        shares = apportion.apportioned(england_total, weight)
        totals[kind] = sum(shares[place.name] for place in chosen)
    return Establishment(name, units, posts, NOT_LOCAL, whole_country=area == areas.ENGLAND, totals=totals)


def _alone(place: apportion.Place) -> bool:
    """Say whether an STP has no delivery systems of its own here."""
    return place.level == "stp" and place.name != areas.title_of(areas.LSC)


def with_later(
    establishment: Establishment, posts: Iterable[Mapping[str, Any]], rates: Rates, years: Sequence[str] = YEARS
) -> Establishment:
    """Return the establishment with posts by year in place of the plan's changes.

    `posts`: system, team, role, year (one of `years`), posts; a system and team at several places share by their posts.
    """
    units = establishment.units
    names = dict.fromkeys((unit.system, unit.team) for unit in units)
    later: dict[str, np.ndarray] = {}
    for row in posts:
        system, team, role, year = (str(row[key]) for key in ("system", "team", "role", "year"))
        if (system, team) not in names:
            teams = [f"{name} ({place})" for place, name in names]
            raise InputError(
                key="posts", value=f"{team} ({system})", expected="a team of the establishment",
                suggestion=nearest(f"{team} ({system})", teams),
            )  # fmt: skip
        for key, value, known in (("year", year, years), ("role", role, tuple(rates.index))):
            if value not in known:
                raise InputError(
                    key=f"posts.{key}", value=value, expected=one_of(known), suggestion=nearest(value, known)
                )
        if year not in later:
            later[year] = np.full(establishment.posts.shape, -1.0)
        own = [i for i, unit in enumerate(units) if (unit.system, unit.team) == (system, team)]
        r = rates.index[role]
        before = np.maximum(establishment.posts[own, r], 0).astype(float)
        shares = before / before.sum() if before.sum() > 0 else np.full(len(own), 1 / len(own))
        later[year][own, r] = np.maximum(later[year][own, r], 0) + float(row["posts"]) * shares
    last = establishment.posts
    filled = {}
    for year in years:
        if year in later:
            last = whole_where_given(later[year], last)
            filled[year] = last
    return replace(establishment, later=filled)


def whole_where_given(wte: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Return whole posts where somebody gave a number (not −1), those of before elsewhere."""
    found = before.copy()
    for r in range(wte.shape[1]):
        given = np.flatnonzero(wte[:, r] >= 0)
        if len(given):
            found[given, r] = shared_out(wte[given, r].sum(), wte[given, r])
    return found
