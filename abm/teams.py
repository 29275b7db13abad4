"""Teams: ordinary agents, one for each team at each of its places, who own how many people are at work.

Numbers may be changed between two days, and hold from the day that is about to begin: who is added and on shift is
free at once; of those taken away the free go first and the busy finish what they began, as overtime.

Vacancies and absence are shares of the rostered people who are not there.  People come whole: of a role, all rows
together, `rostered × (1 − vacancies) × (1 − absence)` are at work, rounded to the nearest whole number and
given to the rows by largest remainder (earlier rows first among equals).  Places are not affected.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import mesa
import numpy as np

from abm.units import UNLIMITED, Lever, Unit
from kernels import columns as c
from kernels import entry
from pathways.durations import WEEK
from pathways.errors import InputError, nearest, one_of
from pathways.teams import RosterRow

if TYPE_CHECKING:
    from abm.model import CareSystem

HOURS_OF_A_WTE = 37.5
"""Standard hours of a full-time week (NHS terms and conditions of service handbook, section 10)."""

LEAVING = c.MANY
"""Caseload places taken off a clinician who leaves: none is ever free again."""


class Numbers(MutableMapping[Any, Any]):
    """Numbers of a team that take effect when they are set; keys stay as they are."""

    def __init__(
        self, what: str, values: dict[Any, Any], check: Callable[[Any], bool], expected: str, team: Team
    ) -> None:
        self._what, self._values, self._check, self._expected, self._team = (
            what,
            values,
            check,
            expected,
            team,
        )

    def __getitem__(self, key: Any) -> Any:
        if key not in self._values:
            names = [str(one) for one in self._values]
            raise InputError(
                file=self._team.name, key=self._what, value=key, expected=one_of(names),
                suggestion=nearest(str(key), names),
            )  # fmt: skip
        return self._values[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        was = self[key]
        if not self._check(value):
            raise InputError(file=self._team.name, key=f"{self._what} {key}", value=value, expected=self._expected)
        self._values[key] = value
        if value != was:
            try:
                self._team.come_to_work()
            except InputError:
                self._values[key] = was
                raise

    def recall(self, values: list[Any]) -> None:
        """Note values, in the order of the keys, that hold already."""
        self._values.update(zip(self._values, values, strict=True))

    def __delitem__(self, key: Any) -> None:
        raise TypeError(f"{self._what} of {self._team.name}: set it to 0 instead")

    def __contains__(self, key: object) -> bool:
        return key in self._values

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return repr(self._values)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool) and bool(0 <= value <= UNLIMITED)


def _is_share(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0.0 <= value <= 1.0


class Team(mesa.Agent):
    """One team at one place (a unit)."""

    model: CareSystem

    def __init__(self, model: CareSystem, unit: Unit, levers: list[tuple[Lever, int]]) -> None:
        super().__init__(model)
        self.unit = unit
        self.levers = tuple(lever for lever, _ in levers)
        whole, share = f"a whole number from 0 to {UNLIMITED}", "a share from 0 to 1"
        rows = {(one.role, one.row): n for one, n in levers if one.kind == "staff"}
        courses = {one.role: n for one, n in levers if one.kind == "clinicians"}
        self.on_shift = Numbers("on_shift", rows, _is_number, whole, self)
        """(role, row) -> people rostered"""
        self.clinicians = Numbers("clinicians", courses, _is_number, whole, self)
        """role -> people who hold courses"""
        roles = dict.fromkeys([role for role, _ in rows] + list(courses), 0.0)
        self._vacancies = Numbers("vacancies", dict(roles), _is_share, share, self)
        self._absence = Numbers("absence", dict(roles), _is_share, share, self)
        self._places = next((n for one, n in levers if one.kind == "places"), None)
        self.pools = tuple(dict.fromkeys(lever.pool for lever in self.levers))
        self._posts: dict[tuple[str, int], int] = {}
        met: dict[int, int] = {}
        for lever in self.levers:
            if lever.kind != "clinicians":
                at = met.setdefault(lever.pool, int(model.m.pool[lever.pool]["posts"][0]))
                self._posts[lever.role, lever.row] = at
                met[lever.pool] = at + 1

    # --- what it is -----------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """`pathway/team @ place`."""
        return self.unit.name

    @property
    def team(self) -> str:
        """`pathway/team`."""
        return self.unit.team

    @property
    def place(self) -> str:
        """Where the team stands."""
        return self.unit.place

    @property
    def roster(self) -> tuple[RosterRow, ...]:
        """The rows of the roster: when people of which role are on shift."""
        return self.unit.spec.staff

    @property
    def establishment(self) -> dict[str, float]:
        """On-shift WTE by role: rostered hours a week of all rows over 37.5; leave and training come on top."""
        found: dict[str, float] = {}
        for lever in self.levers:
            if lever.kind == "staff":
                wte = self.on_shift[lever.role, lever.row] * lever.hours_a_week / HOURS_OF_A_WTE
                found[lever.role] = found.get(lever.role, 0.0) + wte
            elif lever.kind == "clinicians":
                wte = self.clinicians[lever.role] * lever.hours_a_week / HOURS_OF_A_WTE
                found[lever.role] = found.get(lever.role, 0.0) + wte
        return found

    @property
    def vacancies(self) -> Numbers:
        """Role -> share of posts that nobody fills; one number sets it for every role."""
        return self._vacancies

    @vacancies.setter
    def vacancies(self, share: float) -> None:
        for role in self._vacancies:
            self._vacancies[role] = share

    @property
    def absence(self) -> Numbers:
        """Role -> share of those in post who are away beyond what the roster allows for; one number sets all."""
        return self._absence

    @absence.setter
    def absence(self, share: float) -> None:
        for role in self._absence:
            self._absence[role] = share

    @property
    def places(self) -> int | None:
        """Beds or caseload places; None if the team has none."""
        return self._places

    @places.setter
    def places(self, number: int) -> None:
        if self._places is None or not _is_number(number):
            expected = "no places: the team has none" if self._places is None else "a whole number from 0 to 30000"
            raise InputError(file=self.name, key="places", value=number, expected=expected)
        self._places = number
        self.come_to_work()

    def numbers(self) -> list[Any]:
        """Return every number somebody may have set, in the order of the roles and rows."""
        plain = [[n.item() if isinstance(n, np.generic) else n for n in of.values()] for of in self._numbers()]
        return [*plain, None if self._places is None else int(self._places)]

    def recall(self, numbers: list[Any]) -> None:
        """Note numbers of another run that goes on here: its posts are at work already."""
        *tables, self._places = numbers
        for of, values in zip(self._numbers(), tables, strict=True):
            of.recall(values)

    def _numbers(self) -> tuple[Numbers, ...]:
        return self.on_shift, self.clinicians, self._vacancies, self._absence

    # --- as it is now ---------------------------------------------------------------------------------------

    @property
    def n_on(self) -> int:
        """People on shift, clinicians and places."""
        return int(self.model.m.pool["on"][list(self.pools)].sum())

    @property
    def n_busy(self) -> int:
        """People in contacts (overtime too), courses held and places taken."""
        rows = self.model.m.pool[list(self.pools)]
        return int(rows["busy"].sum() + rows["over"].sum())

    @property
    def n_waiting(self) -> int:
        """Referrals on the lists the team works."""
        m = self.model.m
        lists = np.isin(m.list_pools, self.pools).any(axis=1)
        return int(m.waiting["n"][: len(lists)][lists].sum())

    @property
    def at_work(self) -> dict[tuple[str, int], int]:
        """(role, row) -> people rostered less vacancies and absence, by the rule above."""
        found: dict[tuple[str, int], int] = {}
        for role in dict.fromkeys(role for role, _ in self.on_shift):
            rows = [key for key in self.on_shift if key[0] == role]
            whole = [self.on_shift[key] for key in rows]
            found |= dict(zip(rows, shared_out(whole, self._share(role)), strict=True))
        return found

    def _share(self, role: str) -> float:
        return (1.0 - self._vacancies[role]) * (1.0 - self._absence[role])

    # --- what takes effect ----------------------------------------------------------------------------------

    def come_to_work(self) -> None:
        """Let the running model have exactly the people and places of this team, from now on."""
        m = self.model.m
        for lever in self.levers:
            if lever.kind == "clinicians":
                at_work = shared_out([self.clinicians[lever.role]], self._share(lever.role))[0]
                _employ(self.model, self.unit, lever, at_work)
        wanted: dict[tuple[str, int], int] = dict(self.at_work)
        if self._places is not None:
            wanted["places", 0] = self._places
        for key, number in wanted.items():
            post = self._posts[key]
            more = number - int(m.post[post]["size"])
            if more:
                self.model.simulation.room_for_events(4 * max(more, 0))
                entry.resize_post(m.address, post, number, int(m.now[c.T]))
        self.model.noted("team", self.name, repr((wanted, dict(self.clinicians), self._vacancies, self._absence)))


def shared_out(numbers: list[int], share: float) -> list[int]:
    """Return `share` of each number, whole: their sum is rounded to the nearest, parts by largest remainder."""
    exact = [n * share for n in numbers]
    parts = [int(one + 1e-9) for one in exact]
    left = int(sum(exact) + 0.5 + 1e-9) - sum(parts)
    for i in sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))[: max(left, 0)]:
        parts[i] += 1
    return parts


def _employ(model: CareSystem, unit: Unit, lever: Lever, number: int) -> None:
    """Have `number` clinicians hold courses; who leaves keeps the courses begun and takes no more."""
    m, p = model.m, lever.pool
    first, stop = (int(at) for at in m.pool[p]["clinicians"])
    whole = model.network.units.clinician[first:stop].copy()
    staying = np.flatnonzero(whole["places"] >= 0)
    unlimited = len(whole) > 0 and whole["places"].max() >= LEAVING  # one who stands for as many as are needed
    more = number - (UNLIMITED if unlimited else len(staying))
    if more == 0:
        return
    if unlimited or number >= UNLIMITED:
        raise InputError(
            file=unit.name, key=f"clinicians {lever.role}", value=number,
            expected="a number of clinicians, when the run began with one: no limit is set before the run",
        )  # fmt: skip
    change = np.zeros(len(whole), np.int32)
    if more < 0:
        free_first = staying[np.argsort(-m.clinician["places"][first:stop][staying], kind="stable")]
        change[free_first[:-more]] = -LEAVING
    else:
        change[np.flatnonzero(whole["places"] < 0)[:more]] = LEAVING
    whole["places"] += change
    m.clinician["places"][first:stop] += change
    caseload = unit.spec.caseload.get(lever.role, UNLIMITED)
    seconds = unit.spec.clinic_seconds_per_week.get(lever.role, WEEK)
    n_new = max(0, more - int((change > 0).sum()))
    new = np.array([(p, caseload, seconds)] * n_new, dtype=c.CLINICIAN)
    _seat(model, p, whole, new)
    model.simulation.room_for_events(4 * max(more, 0))
    entry.clinicians_change(m.address, p, more, int(m.now[c.T]))


def _seat(model: CareSystem, p: int, whole: np.ndarray, new: np.ndarray) -> None:
    """Keep what a pool's clinicians have when free (`whole`), and put new ones behind them: at the end of the table."""
    m, units = model.m, model.network.units
    first, stop = (int(at) for at in m.pool[p]["clinicians"])
    all_free, now = units.clinician.copy(), m.clinician
    all_free[first:stop] = whole
    if len(new):
        by = len(now) - first
        for held in (m.referral["clinician"], m.referral["second"]):
            held[(held >= first) & (held < stop)] += by
        releases = (m.event["kind"] == c.E_RELEASE) & (m.event["extra"] == 1)
        releases &= (m.event["what"] >= first) & (m.event["what"] < stop)
        m.event["what"][releases] += by
        m.pool[p]["clinicians"] = (first + by, stop + by + len(new))
        now = np.concatenate([now, now[first:stop], new])
        all_free = np.concatenate([all_free, whole, new])
        now[first:stop] = all_free[first:stop] = np.zeros(1, c.CLINICIAN)  # nobody sits here any more
        m.replace(clinician=now)
    model.network.units = replace(units, clinician=all_free)


def all_teams(model: CareSystem) -> list[Team]:
    """Make the agents of every unit of a model."""
    units = model.network.units
    levers: dict[str, list[tuple[Lever, int]]] = {unit.name: [] for unit in units.units}
    for lever, number in zip(units.levers, units.plan.tolist(), strict=True):
        levers[lever.unit].append((lever, number))
    return [Team(model, unit, levers[unit.name]) for unit in units.units]
