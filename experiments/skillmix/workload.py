"""Minutes by task of a simulated year in which nobody waits for staff, and the programme's problem made of them.

People and flows are counted; staff time of a task is what its pathway file says, scaled so that all tasks of a pool add
up to the hours that pool was busy; courses under way are those of the pool. All of it is by place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from abm.units import UNLIMITED
from experiments.planning.layout import Layout
from experiments.planning.offered_load import HOURS, on_shift
from experiments.planning.years import Plan
from experiments.planning.years import Work as YearWork
from experiments.skillmix.problem import WEEKS, Block, Post, Work
from pathways.durations import WEEK
from pathways.laws import Law
from pathways.specs import StateSpec

VISIT = "/visit"


@dataclass(frozen=True)
class Task:
    """A state at which staff of the service work."""

    name: str
    """pathway/state"""
    state: StateSpec
    visits: bool
    """Whether it is the visits of a stay that are counted"""
    people: Mapping[str, float]
    """place -> people (visits) a year"""
    work: Mapping[Post, Work]

    @property
    def mean_seconds(self) -> float:
        """Return how long one of its contacts holds somebody."""
        source = self.state.contacts if self.visits else self.state
        assert source is not None
        laws = (source.minutes, source.travel, source.records)
        return sum(law.mean for law in laws if law is not None)

    @property
    def urgency(self) -> int:
        """Return 0 emergency … 3 routine."""
        return self.state.contacts.urgency if self.visits and self.state.contacts else self.state.urgency


def plan_without_waits(layout: Layout, service: str) -> Plan:
    """Return the plan in which a service's staff are without number; its places and other services stay."""
    return tuple(
        UNLIMITED if lever.unit.startswith(f"{service}/") and lever.kind != "places" else lever.baseline
        for lever in layout.levers
    )


def tasks_of(layout: Layout, service: str, works: Sequence[YearWork], days: int) -> dict[str, Task]:
    """Return the tasks of a service, in order of its states."""
    year = 365 / days
    arrivals = np.mean([work.arrivals for work in works], axis=0) * year
    present = np.mean([work.present for work in works], axis=0)
    busy = np.mean([work.busy_by_hour for work in works], axis=0)
    found: dict[str, Task] = {}
    cells: dict[str, dict[str, int]] = {}
    for at, (number, place) in enumerate(layout.network.flat.cells):
        full = layout.network.flat.state_names[number]
        if full.startswith(f"{service}/"):
            cells.setdefault(full, {})[place] = at
    expected = {full: _expected(layout, full) for full in cells}
    pools = {
        post: [p for p, (unit, role, _) in enumerate(layout.network.units.pool_names)
               if role == post[1] and unit.startswith(f"{post[0]} @ ")]
        for wanted in expected.values() for post in wanted
    }  # fmt: skip
    for full, wanted in expected.items():
        if not wanted:
            continue
        state = _state(layout, full)
        people = {place: float(arrivals[at]) for place, at in cells[full].items()}
        total = sum(people.values())
        if total <= 0:
            continue
        work = {}
        for post, hours in wanted.items():
            kind = layout.network.units.pool_names[pools[post][0]][2]
            mine = [other for other, their in expected.items() if post in their]
            if kind == "course":
                places = float(busy[pools[post]].mean(axis=1).sum())
                holders = {one: _number(layout, one, post) for one in mine}
                weights = {
                    one: holders[one] * sum(present[at] for at in cells[one].values()) / _size(layout, one)
                    for one in mine
                }
                held = places * weights[full] / max(sum(weights.values()), 1e-9)
                work[post] = Work(hours / holders[full] * held * WEEKS / total, held / total)
            else:
                asked = sum(sum(arrivals[at] for at in cells[one].values()) * expected[one][post] for one in mine)
                observed = float(busy[pools[post]].sum()) * WEEKS
                work[post] = Work(hours * observed / max(asked, 1e-9))
        found[full.removesuffix(VISIT)] = Task(full.removesuffix(VISIT), state, full.endswith(VISIT), people, work)
    return found


def follow_of(layout: Layout, tasks: Mapping[str, Task], works: Sequence[YearWork]) -> dict[tuple[str, str], float]:
    """Return the chance of going on from one task to the next, by whatever states lie between.

    Visits of a stay lead nowhere: the stay does.
    """
    flows = np.sum([work.flow for work in works], axis=0)
    routes = layout.network.flat.routes
    service = next(iter(tasks)).partition("/")[0]
    states = [full for full in layout.network.flat.state_names if full.startswith(f"{service}/")]
    index = {full: i for i, full in enumerate(states)}
    counted = np.zeros((len(states), len(states)))
    out = np.zeros(len(states))
    for route, n in zip(routes, flows[: len(routes)].tolist(), strict=True):
        if route[0] in index:
            out[index[route[0]]] += n
            if route[1] in index:
                counted[index[route[0]], index[route[1]]] += n
    step = counted / np.maximum(out, 1.0)[:, None]
    stops = np.array([full in tasks and not tasks[full].visits for full in states])
    between = np.where(stops[None, :], 0.0, step)  # until the next task
    reach = np.linalg.solve(np.eye(len(states)) - between, np.where(stops[None, :], step, 0.0))
    return {
        (states[i], states[j]): float(reach[i, j])
        for i in np.flatnonzero(stops) for j in np.flatnonzero(stops) if reach[i, j] > 1e-9
    }  # fmt: skip


def blocks_of(layout: Layout, levers: Sequence[int], by_hour: np.ndarray) -> tuple[Block, ...]:
    """Return the hours of the week by the rows on shift, with the load each hour of work brings them.

    What is asked for while nobody is on shift is done evenly over the hours when somebody is.
    """
    on = np.stack([on_shift(layout, lever) > 0 for lever in levers])
    open_hours = on.any(axis=0)
    load = np.where(open_hours, by_hour, 0.0)
    load[open_hours] += by_hour[~open_hours].sum() / max(open_hours.sum(), 1)
    total = max(float(load.sum()), 1e-9)
    sets: dict[tuple[int, ...], list[int]] = {}
    for hour in range(HOURS):
        if open_hours[hour]:
            sets.setdefault(tuple(int(i) for i in np.flatnonzero(on[:, hour])), []).append(hour)
    return tuple(Block(rows, float(load[hours].mean()) / total) for rows, hours in sets.items())


def _state(layout: Layout, full: str) -> StateSpec:
    pathway, _, name = full.removesuffix(VISIT).partition("/")
    return layout.network.specs[pathway].states[name]


def _size(layout: Layout, full: str) -> int:
    group = _state(layout, full).group
    return group.size if group else 1


def _number(layout: Layout, full: str, post: Post) -> int:
    """Return how many of a role a contact needs."""
    pathway, needs = full.partition("/")[0], next(iter(_state(layout, full).alternatives()))
    return next(
        roles[post[1]] for team, roles in needs.items()
        if post == (team if "/" in team else f"{pathway}/{team}", post[1])
    )  # fmt: skip


def _expected(layout: Layout, full: str) -> dict[Post, float]:
    """Return hours of a contact (a week, for a course) by (team, role); nothing where no staff are needed."""
    pathway, _, name = full.partition("/")
    state = _state(layout, full)
    if name.endswith(VISIT):
        contacts = state.contacts
        assert contacts is not None
        needs = {contacts.team or state.team or "": contacts.roles}
        laws: tuple[Law | None, ...] = (contacts.minutes, contacts.travel, contacts.records)
    elif state.kind == "contact":
        needs = next(iter(state.alternatives()), {})
        laws = (state.minutes, state.travel, state.records)
    else:
        return {}
    seconds = sum(law.mean for law in laws if law is not None)
    if state.sessions is not None and state.sessions.keep_clinician:
        seconds *= WEEK / state.sessions.every
    return {
        (team if "/" in team else f"{pathway}/{team}", role): number * seconds / 3600
        for team, roles in needs.items() for role, number in roles.items()
    }  # fmt: skip


def reach_of(
    layout: Layout, tasks: Mapping[str, Task], works: Sequence[YearWork], pairs: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], float]:
    """Return the share of a task's people whom a change of routes reaches, for (task, other) and (task, task).

    People are moved to another treatment only where the pathway offers both; who comes on an event, or is opened a
    referral there, comes as before.
    """
    flows = np.sum([work.flow for work in works], axis=0)
    arrivals = np.sum([work.arrivals for work in works], axis=0)
    into: dict[str, float] = {}
    for (state, _), n in zip(layout.network.flat.cells, arrivals.tolist(), strict=True):
        full = layout.network.flat.state_names[state]
        into[full] = into.get(full, 0.0) + n
    plain = [
        (origin, to, n)
        for (origin, to, why), n in zip(layout.network.flat.routes, flows.tolist(), strict=False) if why in ("", "if")
    ]  # fmt: skip
    offers: dict[str, set[str]] = {}
    for origin, to, _ in plain:
        offers.setdefault(origin, set()).add(to)
    found = {}
    for task, other in pairs:
        if task in tasks:
            moved = sum(n for origin, to, n in plain if to == task and {task, other} <= offers[origin])
            found[task, other] = min(1.0, moved / into[task]) if into.get(task) else 0.0
    return found
