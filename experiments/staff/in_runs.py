"""A run whose teams have the people there are: the simulated workforce changes every team's numbers month by month.

Luck of staff is that of the run: its seed and replication.  At the run's first midnight, and at the first of each
month, each role of a team has `capacity_wte` over the posts of the start as its share of the roster: below 1 as
vacancies, above 1 as more people on shift or in clinics.  Teams or roles too small for a whole post follow the role in
the whole area.  A role of a team with as many as anybody could need keeps them.  A ward has the beds that its nurses
can staff (`wards.py`): those above close as people leave them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import numpy as np

from abm import staff_capacity, staff_rates
from abm.model import CareSystem
from abm.setting import Setting
from abm.staff import MEASURES, Workforce
from abm.staff_posts import N_MONTHS, Establishment
from abm.teams import shared_out
from abm.units import UNLIMITED, Lever
from abm.working_time import wte
from experiments.staff import establishment as establishments
from experiments.staff import wards
from experiments.staff.wards import Ward

FIRST_YEAR = 2016
LEAST_CHANGE = 1e-9


@dataclass(frozen=True, eq=False)
class AtWork:
    """The people of an area's posts, month by month.  Row 0 is the start, before the first month; row 1 its end."""

    establishment: Establishment
    shares: np.ndarray
    """float64[month + 1, unit, role] at work of each post of the start; where there is none, that of the role"""
    by_role: np.ndarray
    """float64[month + 1, role] at work of each post of the start in the whole area"""
    in_post: np.ndarray
    """float64[month + 1, unit, role] people"""
    nursing: np.ndarray
    """float64[month + 1, unit, 2] at work of a ward's posts: registered, and all, whoever holds them"""


@dataclass(frozen=True)
class StaffOfMonth:
    """Who is there from a day on; called with the model, by Mesa's schedule."""

    day: date
    shares: tuple[tuple[str, str, float], ...]
    """(unit, role, share of its roster that is there)"""
    rosters: tuple[tuple[Lever, int], ...]
    """What the roster would have with every post filled, that day"""
    beds: tuple[tuple[Lever, int], ...] = ()
    """Beds of wards that are staffed"""

    def __call__(self, model: CareSystem) -> None:
        """Let every team have its people."""
        full: dict[tuple[str, str, str], list[tuple[Lever, int]]] = {}
        for lever, number in self.rosters:
            full.setdefault((lever.unit, lever.role, lever.kind), []).append((lever, number))
        share_of = {(unit, role): share for unit, role, share in self.shares}
        for (unit, role, kind), rows in full.items():
            share = share_of.get((unit, role), 1.0)
            name, _, place = unit.partition(" @ ")
            team = model.team(name, place)
            numbers = shared_out([number for _, number in rows], max(share, 1.0))
            for (lever, _), number in zip(rows, numbers, strict=True):
                if kind == "staff":
                    team.on_shift[role, lever.row] = number
                else:
                    team.clinicians[role] = number
            vacant = 1.0 - min(share, 1.0)
            if abs(team.vacancies[role] - vacant) > LEAST_CHANGE:
                team.vacancies[role] = vacant
        for lever, number in self.beds:
            name, _, place = lever.unit.partition(" @ ")
            ward = model.team(name, place)
            if ward.places != number:
                ward.places = number


def of_setting(setting: Setting, plan: np.ndarray, levers: Mapping[str, float]) -> Establishment:
    """Return the posts that keep a plan's rosters, clinics and wards staffed (`working_time.csv`)."""
    rates = staff_rates.read(levers)
    numbers = list(zip(setting.levers, plan.tolist(), strict=True))
    hours: dict[tuple[str, str, str], float] = {}
    for lever, number in numbers:
        if lever.kind != "places" and 0 < number < UNLIMITED:
            name, _, place = lever.unit.partition(" @ ")
            key = (name, place, lever.role)
            hours[key] = hours.get(key, 0.0) + number * lever.hours_a_week
    rows = [
        {"team": team, "place": place, "role": role, "wte": wte(role, weekly) or 0.0}
        for (team, place, role), weekly in hours.items() if role in rates.index
    ]  # fmt: skip
    rows += [
        {"team": ward.unit.team, "place": ward.unit.place, "role": role, "wte": posts}
        for ward in wards.of_plan(setting.specs, numbers).values() for role, posts in ward.posts().items()
    ]  # fmt: skip
    specs = {f"{name}/{team}": spec for name, spec in setting.specs.items() for team in spec.teams}
    return establishments.of_teams(setting.area, rows, rates, basis=establishments.NOT_LOCAL, specs=specs)


def lived(establishment: Establishment, levers: Mapping[str, float], seed: int, replication: int) -> AtWork:
    """Live through the five years of a workforce and return who is at work, and in post."""
    rates = staff_rates.read(levers)
    model = Workforce(establishment, rates, seed=seed, replication=replication)
    model.tally = {name: np.zeros(model.n_cells) for name in MEASURES}
    staff_capacity.write_down(model)
    tallies = [model.tally, *model.run(N_MONTHS)]
    at_work, in_post = (
        np.array([tally[name] for tally in tallies]).reshape(N_MONTHS + 1, *establishment.posts.shape)
        for name in ("capacity_wte", "in_post")
    )
    posts = establishment.posts
    by_role = at_work.sum(axis=1) / np.maximum(posts.sum(axis=0), 1)
    by_role[:, posts.sum(axis=0) == 0] = 1.0
    shares = np.where(posts > 0, at_work / np.maximum(posts, 1), by_role[:, None, :])
    return AtWork(establishment, shares, by_role, in_post, wards.at_work(rates, posts, at_work))


def at_work(
    setting: Setting, plan: np.ndarray, levers: Mapping[str, float], seed: int, replication: int
) -> AtWork:  # fmt: skip
    """Return who is at work of a plan's posts; kept while a resumed run, or the next of the same kind, may ask."""
    return _at_work_kept(setting, tuple(plan.tolist()), tuple(sorted(levers.items())), seed, replication)


def months_of(
    first: date, last: date, months_later: int = 0, dated: Iterable[date] = ()
) -> list[tuple[date, int]]:  # fmt: skip
    """Return the days on which staff change, and rows of `AtWork`: the first day, the first of each month, `dated`.

    A run whose April 2016 stands for a later April says by how many months (`months_later`); before it the staff are
    those with whom that April begins.
    """
    found = {first, *(day for day in dated if first <= day <= last)}
    day = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
    while day <= last:
        found.add(day)
        day = (day + timedelta(days=32)).replace(day=1)
    days = sorted(found)
    lived_through = [max((day.year - FIRST_YEAR) * 12 + day.month - 4 + 1, 0) for day in days]
    return [(day, min(n + months_later, N_MONTHS)) for day, n in zip(days, lived_through, strict=True)]


def changes(
    setting: Setting, plan: np.ndarray, dated: Mapping[date, list[tuple[Lever, int]]], levers: Mapping[str, float],
    first: date, last: date, seed: int, replication: int, months_later: int = 0,
) -> list[StaffOfMonth]:  # fmt: skip
    """Return the changes of a run: `plan` int32[lever] is its full roster, `dated` what that becomes.

    The posts are those of `plan`: what is dated gives nobody another luck.  `months_later`: see `months_of`.
    """
    there = at_work(setting, plan, levers, seed, replication)
    rates = staff_rates.read(levers)
    role_at = rates.index
    unit_at = {unit.name: i for i, unit in enumerate(there.establishment.units)}
    numbers = dict(zip(setting.levers, plan.tolist(), strict=True))
    kept: dict[tuple[Lever, int], Ward] = {}  # what so many beds of a ward need is found once
    result = []
    ahead = sorted(dated)
    for day, row in months_of(first, last, months_later, dated):
        while ahead and ahead[0] <= day:
            numbers.update(dict(dated[ahead.pop(0)]))
        rosters = tuple(
            _limited((one, n) for one, n in numbers.items() if one.kind != "places" and one.role in role_at)
        )
        pairs = dict.fromkeys((lever.unit, lever.role) for lever, _ in rosters)
        own = []
        for unit, role in pairs:
            r = role_at[role]
            share = there.shares[row, unit_at[unit], r] if unit in unit_at else there.by_role[row, r]
            own.append((unit, role, float(share)))
        beds = []
        for lever, found in wards.of_plan(setting.specs, numbers.items()).items():
            ward = kept.setdefault((lever, found.beds), found)
            if lever.unit in unit_at:
                registered, everyone = there.nursing[row, unit_at[lever.unit]]
            else:  # a ward that opens later: as the roles are in the whole area
                registered, everyone = ward.of_roles(dict(zip(role_at, there.by_role[row], strict=True)))
            beds.append((lever, ward.staffed_beds(registered, everyone, rates.numbers["ward_tolerance"])))
        result.append(StaffOfMonth(day, tuple(own), rosters, tuple(beds)))
    return result


def _limited(rows: Iterable[tuple[Lever, int]]) -> Iterator[tuple[Lever, int]]:
    """Yield the rows of roles that have as many as somebody wrote down, not as many as anybody could need."""
    rows = list(rows)
    unlimited = {(lever.unit, lever.role) for lever, number in rows if number >= UNLIMITED}
    return ((lever, number) for lever, number in rows if (lever.unit, lever.role) not in unlimited)


@lru_cache(maxsize=2)
def _at_work_kept(
    setting: Setting,
    plan: tuple[int, ...],
    levers: tuple[tuple[str, float], ...],
    seed: int,
    replication: int,
) -> AtWork:
    return lived(of_setting(setting, np.array(plan), dict(levers)), dict(levers), seed, replication)
