"""Units: teams at their places, with rosters, beds and caseloads, and the levers a plan can move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from abm import posts
from abm.posts import HOUR, PostRow
from kernels import columns as c
from pathways.durations import WEEK
from pathways.specs import PathwaySpec, TeamSpec
from pathways.teams import RosterRow, scaled

UNLIMITED = 30_000  # a plan's number that stands for "as many as anybody could need"
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


class LaterRow(RosterRow):
    """A row of a roster on which nobody is until a day comes: it stands behind the rows of the start."""


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
    post_rows: tuple[PostRow, ...]
    """Size and shifts of every post group, in the order of `post`."""
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

    `rosters` (team, place, rows) replace a unit's own rows (a `LaterRow` is added to them); `plan` (int32[lever])
    replaces all numbers.
    """
    own_rows = {(team, place): rows for team, place, rows in rosters}
    building = _Building(places, plan, own_rows, holders_of_courses(specs))
    for pathway, spec in specs.items():
        for name, team in spec.teams.items():
            for at, place in enumerate(places.names(team.scope)):
                building.add(f"{pathway}/{name}", place, at, team)
    return building.finish()


def holders_of_courses(specs: Mapping[str, PathwaySpec]) -> dict[tuple[str, str], int]:
    """Return how many clinicians of a (team, role) the courses that want most of them need together."""
    found: dict[tuple[str, str], int] = {}
    for pathway, spec in specs.items():
        for state in spec.states.values():
            if state.sessions is None or not state.sessions.keep_clinician:
                continue
            for needs in state.alternatives():
                for team, roles in needs.items():
                    full = team if "/" in team else f"{pathway}/{team}"
                    for role, number in roles.items():
                        found[full, role] = max(number, found.get((full, role), 1))
    return found


class _Building:
    """Units, pools, posts and levers while they are being put up, in the order of the files."""

    def __init__(
        self, places: Places, plan: np.ndarray | None, own_rows: Mapping[tuple[str, str], Any],
        together: Mapping[tuple[str, str], int],
    ) -> None:  # fmt: skip
        self.places, self.plan, self.own_rows, self.together = places, plan, own_rows, together
        self.units: list[Unit] = []
        self.levers: list[Lever] = []
        self.posts: list[PostRow] = []
        self.clinicians: list[tuple[int, int, int]] = []  # pool, caseload, weekly seconds
        self.pools: list[tuple[str, str, str, int]] = []  # unit, role, kind, index of the unit
        self.keys: dict[tuple[str, str, str], int] = {}
        self.scopes: list[int] = []
        self.pool_of: list[list[int]] = []
        self.width = max(len(places.systems), len(places.sites), 1)

    def add(self, team_name: str, place: str, at: int, team: TeamSpec) -> None:
        """Put up one unit: its staff, its places, its clinicians."""
        given = self.own_rows.get((team_name, place), ())
        own = tuple(row for row in given if not isinstance(row, LaterRow))
        later = tuple(row for row in given if isinstance(row, LaterRow))
        spec = replace(team, staff=(own or team.staff) + later) if given else team
        unit = Unit(team_name, place, team.scope, self.places.people.get(place, 0.0), spec)
        self.units.append(unit)
        pools: dict[str, int] = {}
        for i, row in enumerate(spec.staff):
            weekly = sum(end - begin for begin, end in row.spans) / HOUR
            for role, number in row.roles.items():
                if role not in pools:
                    pools[role] = self._pool(unit, at, role, "staff")
                per = None if own else team.per_population  # a unit's own rows are numbers as they stand
                n = scaled(number, unit.people, per, row.least)
                n = self._lever(unit, "staff", role, i, row.hours, row.least, n, pools[role], weekly)
                self.posts.append(PostRow(pools[role], n, row.spans, team.last_start))
        if team.places is not None:
            p = self._pool(unit, at, PLACES_ROLE, "places")
            n = scaled(team.places, unit.people, team.per_population, 1)
            n = self._lever(unit, "places", PLACES_ROLE, 0, "", 1, n, p, WEEK / HOUR)
            self.posts.append(PostRow(p, n, ((0, WEEK),), 0))
        for role, number in team.clinicians.items():
            p = self._pool(unit, at, role, "course")
            least = self.together.get((team_name, role), 1)  # so that a pair can be found at every place
            n = scaled(number, unit.people, team.per_population, least)
            seconds = team.clinic_seconds_per_week.get(role, WEEK)
            n = self._lever(unit, "clinicians", role, 0, "", least, n, p, seconds / HOUR)
            caseload = team.caseload.get(role, UNLIMITED)
            if n >= UNLIMITED:
                n, caseload, seconds = 1, 2**30, 2**30
            self.clinicians += [(p, caseload, seconds)] * n

    def _pool(self, unit: Unit, at: int, role: str, kind: str) -> int:
        key = (unit.team, role, kind)
        if key not in self.keys:
            self.keys[key] = len(self.keys)
            self.scopes.append(SCOPES[unit.scope])
            self.pool_of.append([-1] * self.width)
        self.pools.append((unit.name, role, kind, len(self.units) - 1))
        self.pool_of[self.keys[key]][at] = len(self.pools) - 1
        return len(self.pools) - 1

    def _lever(
        self, unit: Unit, kind: str, role: str, row: int, hours: str, least: int, number: int, pool: int, weekly: float
    ) -> int:
        """Note a number a plan may move, and return the one in force."""
        self.levers.append(Lever(unit.name, kind, role, row, hours, least, number, pool, weekly))
        return number if self.plan is None else int(self.plan[len(self.levers) - 1])

    def finish(self) -> Units:
        """Return the units as arrays; the last pool is that of the states that need nobody."""
        free_pool = len(self.pools)
        self.pools.append(("", "", "course", -1))
        if len(self.pools) > np.iinfo(c.REFERRAL["course_pool"]).max:
            raise ValueError(f"{len(self.pools):,} pools of staff and places: a referral can name 65,535")
        baseline = np.array([lever.baseline for lever in self.levers], dtype=np.int32)
        kinds = [kind for _, _, kind, _ in self.pools]
        clinicians = np.zeros(len(self.clinicians), dtype=c.CLINICIAN)
        for i, row in enumerate(self.clinicians):
            clinicians[i] = row
        self.posts.sort(key=lambda post: post.pool)
        spans_of_pool = [
            [span for row in self.units[u].spec.staff if role in row.roles for span in row.spans] if u >= 0 else []
            for _, role, _, u in self.pools
        ]
        return Units(
            units=tuple(self.units),
            levers=tuple(self.levers),
            plan=baseline if self.plan is None else np.asarray(self.plan, dtype=np.int32),
            pool=posts.pool_rows(kinds, self.posts, self.clinicians),
            post=posts.post_rows(self.posts),
            clinician=clinicians,
            toggle=posts.toggles(self.posts),
            hours=posts.course_hours(kinds, spans_of_pool),
            post_rows=tuple(self.posts),
            pool_names=tuple((unit, role, kind) for unit, role, kind, _ in self.pools),
            keys=self.keys,
            pool_of=np.array(self.pool_of or [[-1] * self.width], dtype=np.int32),
            scope_of_key=tuple(self.scopes),
            unit_of_pool=np.array([row[3] for row in self.pools], dtype=np.int32),
            free_pool=free_pool,
        )
