"""A run whose teams have the people there are: the simulated workforce changes every team's numbers month by month.

Luck of staff is that of the run: its seed and replication.  At the run's first midnight, and at the first of each
month, each role of a team has `capacity_wte` over the posts of the start as its share of the roster: below 1 as
vacancies, above 1 as more people on shift or in clinics.  Teams or roles too small for a whole post follow the role in
the whole area.  A ward has the beds that its nurses can staff (`wards.py`): those above close as people leave them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
                elif number < UNLIMITED:
                    team.clinicians[role] = number
            vacant = 1.0 - min(share, 1.0)
            if abs(team.vacancies[role] - vacant) > LEAST_CHANGE:
                team.vacancies[role] = vacant
        for lever, number in self.beds:
            name, _, place = lever.unit.partition(" @ ")
            ward = model.team(name, place)
            if ward.places != number:
                ward.places = number


@dataclass(frozen=True)
class AtWork:
    """Who is at work, as shares of the posts of the start.  Row 0 is the start, before the first month."""

    shares: np.ndarray
    """float64[month + 1, unit, role]; where there are no posts, that of the role in the area"""
    by_role: np.ndarray
    """float64[month + 1, role] in the area"""
    nursing: np.ndarray
    """float64[month + 1, unit, 2] of a ward's posts: registered, and all, whoever holds them"""


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


def capacity(establishment: Establishment, levers: Mapping[str, float], seed: int, replication: int) -> AtWork:
    """Return the share of each post of the start that is at work, month by month."""
    rates = staff_rates.read(levers)
    model = Workforce(establishment, rates, seed=seed, replication=replication)
    model.tally = {name: np.zeros(model.n_cells) for name in MEASURES}
    staff_capacity.write_down(model)
    months = [model.tally, *model.run(N_MONTHS)]
    at_work, freed = (
        np.array([month[name] for month in months]).reshape(N_MONTHS + 1, *establishment.posts.shape)
        for name in ("capacity_wte", "freed_minutes")
    )
    posts = establishment.posts
    by_role = at_work.sum(axis=1) / np.maximum(posts.sum(axis=0), 1)
    by_role[:, posts.sum(axis=0) == 0] = 1.0
    shares = np.where(posts > 0, at_work / np.maximum(posts, 1), by_role[:, None, :])
    return AtWork(shares, by_role, wards.at_work(rates, posts, at_work, freed))


def days_of(first: date, last: date, dated: Iterable[date] = ()) -> list[tuple[date, int]]:
    """Return the days on which staff change, and rows of `AtWork`: the first day, each month's first, dated ones."""
    days = {first, *(day for day in dated if first <= day <= last)}
    day = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
    while day <= last:
        days.add(day)
        day = (day + timedelta(days=32)).replace(day=1)
    return [(day, min(max((day.year - FIRST_YEAR) * 12 + day.month - 4 + 1, 0), N_MONTHS)) for day in sorted(days)]


def changes(
    setting: Setting, plan: np.ndarray, dated: Mapping[date, list[tuple[Lever, int]]], levers: Mapping[str, float],
    first: date, last: date, seed: int, replication: int,
) -> list[StaffOfMonth]:  # fmt: skip
    """Return the changes of a run: `plan` int32[lever] is its full roster, `dated` what that becomes."""
    values = tuple(sorted(levers.items()))
    establishment, at_work = _capacity_kept(setting, tuple(plan.tolist()), values, seed, replication)
    rates = staff_rates.read(levers)
    role_at = rates.index
    unit_at = {unit.name: i for i, unit in enumerate(establishment.units)}
    numbers = dict(zip(setting.levers, plan.tolist(), strict=True))
    kept: dict[tuple[Lever, int], Ward] = {}  # a ward of so many beds is looked at once
    result = []
    ahead = sorted(dated)
    for day, row in days_of(first, last, dated):
        while ahead and ahead[0] <= day:
            numbers.update(dict(dated[ahead.pop(0)]))
        rosters = tuple((one, n) for one, n in numbers.items() if one.kind != "places" and one.role in role_at)
        pairs = dict.fromkeys((lever.unit, lever.role) for lever, _ in rosters)
        own = []
        for unit, role in pairs:
            r = role_at[role]
            share = at_work.shares[row, unit_at[unit], r] if unit in unit_at else at_work.by_role[row, r]
            own.append((unit, role, float(share)))
        beds = []
        for lever, ward in wards.of_plan(setting.specs, numbers.items()).items():
            ward = kept.setdefault((lever, ward.beds), ward)
            if lever.unit in unit_at:
                registered, everyone = at_work.nursing[row, unit_at[lever.unit]]
            else:  # a ward to come: as the roles are in the whole area
                registered, everyone = ward.of_roles(dict(zip(role_at, at_work.by_role[row], strict=True)))
            beds.append((lever, ward.staffed_beds(registered, everyone, rates.numbers["ward_tolerance"])))
        result.append(StaffOfMonth(day, tuple(own), rosters, tuple(beds)))
    return result


@lru_cache(maxsize=8)
def _capacity_kept(
    setting: Setting,
    plan: tuple[int, ...],
    levers: tuple[tuple[str, float], ...],
    seed: int,
    replication: int,
) -> tuple[Establishment, AtWork]:
    """Keep what a resumed run, or the next of the same kind, asks for again."""
    establishment = of_setting(setting, np.array(plan), dict(levers))
    return establishment, capacity(establishment, dict(levers), seed, replication)
