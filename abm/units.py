"""Units: teams at their places, with rosters, beds and caseloads, and the levers a plan can move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from kernels import columns as c
from pathways.durations import WEEK
from pathways.specs import PathwaySpec, TeamSpec
from pathways.teams import scaled

UNLIMITED = 30_000  # a plan's number that stands for "as many as anybody could need"
FOREVER = 2**31 - 1
PLACES_ROLE = "places"


@dataclass(frozen=True)
class Places:
    """Where teams stand: the area, its delivery systems, its A&E sites, and how many people each serves."""

    area: str = "area"
    systems: tuple[str, ...] = ("area",)
    sites: tuple[str, ...] = ("site",)
    people: Mapping[str, float] = field(default_factory=dict)

    def names(self, scope: str) -> tuple[str, ...]:
        """Return the places of a scope."""
        return {"area": (self.area,), "system": self.systems, "site": self.sites}[scope]


SCOPES = {"area": c.AREA, "system": c.SYSTEM, "site": c.SITE}


@dataclass(frozen=True)
class Unit:
    """One team at one place."""

    team: str
    """`pathway/team`"""
    place: str
    scope: str
    people: float
    spec: TeamSpec

    @property
    def name(self) -> str:
        """Return `pathway/team @ place`."""
        return f"{self.team} @ {self.place}"


@dataclass(frozen=True)
class Lever:
    """One number of a plan: people of a role on one roster row, places, or clinicians who hold courses."""

    unit: str
    kind: str
    """staff, places or clinicians"""
    role: str
    row: int
    hours: str
    least: int
    baseline: int
    pool: int
    hours_a_week: float
    """On-shift hours a week of one of these."""

    @property
    def name(self) -> str:
        """Return a name that says what the number is."""
        return f"{self.unit}: {self.role} {self.hours}".rstrip()


@dataclass(frozen=True)
class Units:
    """All units with their pools and posts as arrays for the kernels."""

    units: tuple[Unit, ...]
    levers: tuple[Lever, ...]
    plan: np.ndarray
    """int32[lever]"""
    pool: np.ndarray
    post: np.ndarray
    clinician: np.ndarray
    toggle: np.ndarray
    hours: np.ndarray
    """int8[pool, 168]"""
    pool_names: tuple[tuple[str, str, str], ...]
    """(unit, role, kind) of every pool"""
    keys: dict[tuple[str, str, str], int]
    """(team, role, kind) -> row of `pool_of`"""
    pool_of: np.ndarray
    """int32[key, place]"""
    scope_of_key: tuple[int, ...]
    unit_of_pool: np.ndarray
    free_pool: int
    """The pool of states that need nobody."""

    def baseline(self) -> np.ndarray:
        """Return the plan of the files: int32[lever]."""
        return np.array([lever.baseline for lever in self.levers], dtype=np.int32)


def build(
    specs: Mapping[str, PathwaySpec],
    places: Places,
    plan: np.ndarray | None = None,
    rosters: Sequence[tuple[str, str, Any]] = (),
) -> Units:
    """Instantiate every team at its places.

    `rosters` (team, place, rows) replace a unit's own rows; `plan` (int32[lever]) replaces all numbers.
    """
    own_rows = {(team, place): rows for team, place, rows in rosters}
    units: list[Unit] = []
    levers: list[Lever] = []
    posts: list[tuple[int, int, tuple[tuple[int, int], ...], int]] = []  # pool, size, spans, last_start
    clinicians: list[tuple[int, int, int]] = []
    pool_rows: list[tuple[str, str, str, int]] = []  # unit, role, kind, unit index
    pool_posts: list[list[int]] = []
    keys: dict[tuple[str, str, str], int] = {}
    scopes: list[int] = []
    width = max(len(places.systems), len(places.sites), 1)
    pool_of: list[list[int]] = []

    def size_of(
        lever_kind: str, role: str, row: int, hours: str, least: int, number: int, pool: int, weekly: float
    ) -> int:
        levers.append(Lever(unit.name, lever_kind, role, row, hours, least, number, pool, weekly))
        return number if plan is None else int(plan[len(levers) - 1])

    for pathway, spec in specs.items():
        for name, team in spec.teams.items():
            names = places.names(team.scope)
            for at, place in enumerate(names):
                people = places.people.get(place, 0.0)
                mine = team
                if (f"{pathway}/{name}", place) in own_rows:
                    mine = replace(team, staff=own_rows[f"{pathway}/{name}", place])
                unit = Unit(f"{pathway}/{name}", place, team.scope, people, mine)
                units.append(unit)

                def pool(role: str, kind: str) -> int:
                    key = (unit.team, role, kind)
                    if key not in keys:
                        keys[key] = len(keys)
                        scopes.append(SCOPES[unit.scope])
                        pool_of.append([-1] * width)
                    index = len(pool_rows)
                    pool_rows.append((unit.name, role, kind, len(units) - 1))
                    pool_posts.append([])
                    pool_of[keys[key]][at] = index
                    return index

                staff_pool: dict[str, int] = {}
                for i, row in enumerate(mine.staff):
                    weekly = sum(end - begin for begin, end in row.spans) / 3600
                    for role, number in row.roles.items():
                        if role not in staff_pool:
                            staff_pool[role] = pool(role, "staff")
                        p = staff_pool[role]
                        per = None if mine is not team else team.per_population
                        n = scaled(number, people, per, row.least)
                        n = size_of("staff", role, i, row.hours, row.least, n, p, weekly)
                        pool_posts[p].append(len(posts))
                        posts.append((p, n, row.spans, team.last_start))
                if team.places is not None:
                    p = pool(PLACES_ROLE, "places")
                    n = scaled(team.places, people, team.per_population, 1)
                    n = size_of("places", PLACES_ROLE, 0, "", 1, n, p, 168.0)
                    pool_posts[p].append(len(posts))
                    posts.append((p, n, ((0, WEEK),), 0))
                for role, number in team.clinicians.items():
                    p = pool(role, "course")
                    n = scaled(number, people, team.per_population, 1)
                    weekly_seconds = team.clinic_seconds_per_week.get(role, WEEK)
                    n = size_of("clinicians", role, 0, "", 1, n, p, weekly_seconds / 3600)
                    caseload = team.caseload.get(role, UNLIMITED)
                    if n >= UNLIMITED:
                        n, caseload, weekly_seconds = 1, 2**30, 2**30
                    clinicians.extend([(p, caseload, weekly_seconds)] * n)
    free_pool = len(pool_rows)
    pool_rows.append(("", "", "course", -1))
    pool_posts.append([])
    return Units(
        free_pool=free_pool,
        units=tuple(units),
        levers=tuple(levers),
        plan=np.array([lever.baseline for lever in levers] if plan is None else plan, dtype=np.int32),
        pool=_pools(pool_rows, pool_posts, clinicians, levers),
        post=_posts(posts),
        clinician=np.array(clinicians, dtype=c.CLINICIAN) if clinicians else np.zeros(0, dtype=c.CLINICIAN),
        toggle=_toggles(posts),
        hours=_hours(pool_rows, posts, pool_posts, units),
        pool_names=tuple((unit, role, kind) for unit, role, kind, _ in pool_rows),
        keys=keys,
        pool_of=np.array(pool_of or [[-1] * width], dtype=np.int32),
        scope_of_key=tuple(scopes),
        unit_of_pool=np.array([row[3] for row in pool_rows], dtype=np.int32),
    )


def _pools(rows: list, pool_posts: list[list[int]], clinicians: list, levers: list[Lever]) -> np.ndarray:
    # posts of one pool stand together only if they were appended together: sorted by `_posts` below
    pools = np.zeros(len(rows), dtype=c.POOL)
    first = 0
    for p, mine in enumerate(pool_posts):
        pools[p]["posts"] = (first, first + len(mine))
        first += len(mine)
        pools[p]["kind"] = {"staff": c.STAFF, "places": c.PLACES, "course": c.COURSE}[rows[p][2]]
        held = [i for i, one in enumerate(clinicians) if one[0] == p]
        if held:
            pools[p]["clinicians"] = (held[0], held[-1] + 1)
            pools[p]["on"] = len(held)
    return pools


def _posts(posts: list) -> np.ndarray:
    out = np.zeros(len(posts), dtype=c.POST)
    for i, (pool, size, _, _) in enumerate(sorted(posts, key=lambda row: row[0])):
        out[i]["pool"] = pool
        out[i]["size"] = size
    return out


def _toggles(posts: list) -> np.ndarray:
    """Return the week's roster changes; shifts that never end are switched on at the start instead."""
    rows = []
    for i, (_, _, spans, last_start) in enumerate(sorted(posts, key=lambda row: row[0])):
        for begin, end in spans:
            if end - begin >= WEEK:
                continue
            rows.append((begin, i, c.COME_ON, end - begin))
            rows.append((end % WEEK, i, c.GO_OFF, 0))
            if last_start > 0:
                rows.append(((end - last_start) % WEEK, i, c.CLOSE, 0))
    rows.sort(key=lambda row: (row[0], row[2], row[1]))
    return np.array(rows, dtype=c.TOGGLE) if rows else np.zeros(0, dtype=c.TOGGLE)


def _hours(pool_rows: list, posts: list, pool_posts: list[list[int]], units: list[Unit]) -> np.ndarray:
    """Return int8[pool, 168]: hours in which courses may be held (those of the unit's staff, else Mon–Fri 9–17)."""
    out = np.zeros((len(pool_rows), 168), dtype=np.int8)
    office = [day * 24 + hour for day in range(5) for hour in range(9, 17)]
    for p, (_, role, kind, u) in enumerate(pool_rows):
        if kind != "course" or u < 0:
            continue
        spans = [span for row in units[u].spec.staff if role in row.roles for span in row.spans]
        if spans:
            for begin, end in spans:
                out[p, [hour % 168 for hour in range(begin // 3600, -(-end // 3600))]] = 1
        else:
            out[p, office] = 1
    return out


def shift_now(spans: tuple[tuple[int, int], ...], second_of_week: int) -> int:
    """Return how many seconds the shift that is on at a second of the week still lasts; 0 if none is on."""
    for begin, end in spans:
        if end - begin >= WEEK:
            return FOREVER
        for turn in (0, WEEK):
            if begin <= second_of_week + turn < end:
                return end - second_of_week - turn
    return 0


def initial_posts(
    specs: Mapping[str, PathwaySpec], units: Units, second_of_week: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return posts and pools as they stand at the run's first second."""
    post, pool = units.post.copy(), units.pool.copy()
    spans: list[tuple[int, tuple[tuple[int, int], ...], int]] = []
    for p, (_, role, kind) in enumerate(units.pool_names):
        if units.unit_of_pool[p] < 0:
            continue
        team = units.units[units.unit_of_pool[p]].spec
        if kind == "staff":
            spans += [(p, row.spans, team.last_start) for row in team.staff if role in row.roles]
        elif kind == "places":
            spans.append((p, ((0, WEEK),), 0))
    for i, (p, shifts, last_start) in enumerate(spans):
        left = shift_now(shifts, second_of_week)
        if left == 0:
            continue
        row = post[i]
        row["on"] = 1
        row["free"] = row["size"]
        row["ends"] = FOREVER if left == FOREVER else left
        pool[p]["on"] += row["size"]
        if left == FOREVER or left > last_start:
            row["open"] = 1
            pool[p]["free"] += row["size"]
    return post, pool
