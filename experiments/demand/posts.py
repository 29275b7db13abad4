"""From the work of a year to posts: people on shift for the load, never fewer than the roster's least, as WTE.

A role on a roster row needs its load over the share of time that work may take (a team's own target of utilisation,
else `tables/utilisation.csv`), or the row's least; therapists the larger of courses over caseloads and of clinic
hours; wards their per-shift rule for the beds taken over the target of occupancy.  Numbers are not rounded to whole
people, so that a small change of demand is not lost in a large team.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from abm import tables
from abm.units import Unit
from experiments.demand.factors import FOLDER
from experiments.demand.simulate import Year
from experiments.planning.establishment import NURSING_ROLES, working_times
from experiments.planning.layout import Layout
from pathways.errors import InputError


@dataclass(frozen=True)
class UnitPosts:
    """What one team at one place needs of one role."""

    unit: Unit
    role: str
    wte: float
    contacts: float
    """Contacts a year in which somebody of the role takes part"""


@lru_cache(maxsize=8)
def most_used(folder: Path = FOLDER) -> dict[str, float]:
    """Return the share of time, clinic hours and beds that may be taken, by kind of lever.

    Raises
    ------
    InputError
        If a share is not above 0 and at most 1.
    """
    found = {row["kind"]: float(row["at_most"]) for row in tables.read("utilisation", folder)}
    for kind, share in found.items():
        if not 0 < share <= 1:
            raise InputError(
                file=tables.path_of("utilisation", folder), key=kind, value=share, expected="above 0, at most 1"
            )
    return found


def posts_of(year: Year, hours: float = 1.0, folder: Path = FOLDER) -> list[UnitPosts]:
    """Return the posts of every team and role; `hours` is a factor on the time of contacts.

    Raises
    ------
    InputError
        If a role of a team has no row in `working_time.csv`.
    """
    layout, offered = year.layout, year.offered
    share = most_used(folder)
    found: list[UnitPosts] = []
    for u, unit in enumerate(layout.units):
        weekly: dict[str, float] = {}
        contacts: dict[str, float] = {}
        beds = 0.0
        for p in layout.pools_of_unit[u]:
            levers = layout.levers_of_pool.get(p, ())
            role = layout.network.units.pool_names[p][1]
            for lever in levers:
                one = layout.levers[lever]
                load = float(offered.by_lever[lever])
                if one.kind == "places":
                    beds += load / _bound(layout, p, "occupancy", share["places"])
                    continue
                most = share["clinicians"]
                if one.kind == "staff":
                    most = _bound(layout, p, "utilisation", share["staff"])
                people = max(load * hours / most, layout.floor(lever) if one.kind == "staff" else 0.0)
                weekly[role] = weekly.get(role, 0.0) + people * one.hours_a_week
            if levers and layout.levers[levers[0]].kind != "places":
                contacts[role] = contacts.get(role, 0.0) + float(offered.contacts_a_year[p])
        for role, extra in ward_hours(unit, beds).items():
            weekly[role] = weekly.get(role, 0.0) + extra
        found += [UnitPosts(unit, role, _wte(role, h), contacts.get(role, 0.0)) for role, h in weekly.items()]
    return found


def _bound(layout: Layout, pool: int, measure: str, default: float) -> float:
    own = [t.bound for t in layout.targets if t.measure == measure and not t.at_least and pool in t.pools]
    return min(own, default=default)


def ward_hours(unit: Unit, beds: float) -> dict[str, float]:
    """Return a ward's nursing hours a week by role for so many beds, by its per-shift rule and least."""
    hours: dict[str, float] = {}
    for row in unit.spec.nursing:
        weekly = sum(end - begin for begin, end in row.spans) / 3600
        for name, number in row.roles.items():
            if number > 0:
                role = NURSING_ROLES.get(name, name)
                hours[role] = hours.get(role, 0.0) + max(number * beds / row.per_places, row.least) * weekly
    return hours


def _wte(role: str, hours: float) -> float:
    times = working_times()
    if role not in times:
        raise InputError(file=tables.path_of("working_time"), key="role", value=role, expected="a row for this role")
    return hours / times[role].available_hours
