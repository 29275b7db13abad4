"""What is changed while the model runs: dated changes on Mesa's schedule, and edits of the pathway graphs."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.clock_slots import most_at_once, running_now
from abm.flat import Flat, Order
from abm.flattening import flatten
from abm.growth import grown, same_front
from abm.network import Simulation
from abm.retired import with_retired
from abm.rules import source_of
from abm.units import Lever
from kernels import columns as c
from pathways.errors import InputError, nearest, one_of
from pathways.pathway import Pathway
from pathways.specs import PathwaySpec, validated

if TYPE_CHECKING:
    from abm.model import CareSystem


class Change:
    """A change of policy that takes effect when a day begins."""

    def __init__(self, model: CareSystem, date: datetime.date, what: Callable[[CareSystem], Any]) -> None:
        self.model, self.date, self.what = model, date, what
        self.made = False
        self.source = source_of(what)
        self.note = f"{date} change {self.source}"
        """What the run's identity says of it, whenever it was announced."""

    def carry_out(self) -> None:
        """Make the change, once (called by Mesa's schedule)."""
        if self.made:
            return
        self.made = True
        self.model.noted("change", self.source)
        self.what(self.model)


@dataclass(frozen=True)
class NewNumbers:
    """A change of policy: teams have other numbers of staff, places and clinicians."""

    numbers: tuple[tuple[Lever, int], ...]

    def __call__(self, model: CareSystem) -> None:
        """Make the change."""
        for lever, number in self.numbers:
            name, _, place = lever.unit.partition(" @ ")
            team = model.team(name, place)
            if lever.kind == "staff":
                team.on_shift[lever.role, lever.row] = number
            elif lever.kind == "clinicians":
                team.clinicians[lever.role] = number
            else:
                team.places = number


class OwnPathways(Mapping[str, Pathway]):
    """A model's own copies of its pathways, made when somebody looks: those of the setting stay as they are."""

    def __init__(self, shared: Mapping[str, Pathway]) -> None:
        self._shared = shared
        self._own: dict[str, Pathway] = {}
        self._seen: dict[str, int] = {}

    def __getitem__(self, name: str) -> Pathway:
        if name not in self._own:
            if name not in self._shared:
                raise InputError(
                    file="model", key="pathways", value=name, expected=one_of(self._shared),
                    suggestion=nearest(name, self._shared),
                )  # fmt: skip
            self._own[name] = self._shared[name].copy()
            self._seen[name] = self._own[name].version
        return self._own[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._shared)

    def __len__(self) -> int:
        return len(self._shared)

    def edited(self) -> list[str]:
        """Return the names of those that changed since they were last taken over."""
        return [name for name, own in self._own.items() if own.version != self._seen[name]]

    def own(self) -> dict[str, Pathway]:
        """Return the copies that somebody looked at and that are no longer as the setting has them."""
        return {name: own for name, own in self._own.items() if own != self._shared[name]}

    def recall(self, own: Mapping[str, Pathway]) -> None:
        """Take copies over from a run that goes on here."""
        self._own |= own
        self.taken_over(list(own))

    def put(self, name: str, pathway: Pathway) -> None:
        """Let the model run by another pathway of this name once it is taken over."""
        self._own[name], self._seen[name] = pathway, -1

    def taken_over(self, names: list[str]) -> None:
        """Note that the model now runs by the present content of these."""
        for name in names:
            self._seen[name] = self._own[name].version


def take_over(
    simulation: Simulation,
    specs: dict[str, PathwaySpec],
    rules: frozenset[str],
    gone: Sequence[tuple[str, str, str]] | None = None,
    order: Order | None = None,
) -> None:
    """Let a simulation in progress run by other pathways from this second on.

    Shares, odds, guards, routes, laws, patience, standards and changes may differ, and states and clocks be new.
    Teams, demand, and where people wait for whom must be the same.  `gone`: the routes that were taken away before,
    where another run's state is about to be put in, and `order` the order of its rows.
    """
    network = simulation.network
    refuse_other_parts(network.specs, specs)
    flat = flatten(specs, network.places, network.units, rules, order or network.flat.order)
    _refuse_other_layout(network.flat, flat, specs)
    m = simulation.m
    flows = _keep_flows(network.flat, flat, m.flow) if gone is None else _blank_flows(flat, gone, m.flow)
    visits = _keep_visits(m.state, flat, m.visits, m.referral["state"])
    flat.clock_slots = most_at_once(flat.arrays, running_now(m))
    network.specs, network.flat = dict(specs), flat
    network.static.update(flat.arrays)
    m.replace(**flat.arrays, flow=flows, visits=visits, **grown(m, flat, network.units))


def changed_specs(pathways: OwnPathways, specs: dict[str, PathwaySpec], edited: list[str]) -> dict[str, PathwaySpec]:
    """Return all specs with those of the edited pathways parsed and checked anew.

    States that were taken away keep their rows (`abm.retired`).
    """
    found = dict(specs)
    for name in edited:
        found[name] = with_retired(validated(pathways[name]), specs[name], pathways[name].taken_away)
    return found


FIXED = {
    "states": "all states it has: one is removed by `remove_state(name, moves_to=...)`",
    "teams": "the teams it started with: change a team's numbers through `model.teams`",
    "doors": "the doors it started with: change demand before the run",
    "demand": "the demand it started with: change demand before the run",
    "outside": "the outside stream it started with: change demand before the run",
    "arrivals": "the arrivals it started with: change demand before the run",
}


def refuse_other_parts(old: Mapping[str, PathwaySpec], new: Mapping[str, PathwaySpec]) -> None:
    """Refuse pathways that differ in what holds from the start of a run to its end.

    Raises
    ------
    InputError
        Naming the part, and what it has to be.
    """
    for name, spec in new.items():
        for part, expected in FIXED.items():
            now, was = getattr(spec, part), getattr(old[name], part)
            if part == "states":
                if not set(was) <= set(now):
                    changed = ", ".join(sorted(set(was) - set(now)))
                    raise InputError(file=spec.file, key="state", value=changed, expected=expected)
            elif now != was:
                raise InputError(file=spec.file, key=part, value="an edit during the run", expected=expected)
        for state in old[name].states:
            for part, now in _waited_for(spec, state).items():
                was = _waited_for(old[name], state)[part]
                if now != was:
                    raise InputError(
                        file=spec.file, key=f"state.{state}.{part}", value=now,
                        expected=f"{was}, as when the run began: remove the state on a day and add another instead",
                    )  # fmt: skip


def _waited_for(spec: PathwaySpec, state: str) -> dict[str, Any]:
    """Return what says where people wait in a state, and for whom: people stand there."""
    one, visit = spec.states[state], spec.states[state].contacts
    events = [route.when for route in spec.routes_from(state)]
    return {
        "kind": one.kind, "team": one.team, "roles": one.alternatives(),
        "contacts": None if visit is None else (visit.team, visit.roles),
        "waiting": sorted({event.seconds for event in events if event is not None and event.kind == "waiting"}),
    }  # fmt: skip


LAYOUT = ("kind", "child", "parent", "list_base", "list_scope", "cell_base", "scope", "escalations")


def _refuse_other_layout(old: Flat, new: Flat, specs: Mapping[str, PathwaySpec]) -> None:
    """Refuse what would move waiting lists, tallies or clocks from under the people in them."""
    same = all(getattr(new, name)[: len(getattr(old, name))] == getattr(old, name)
               for name in ("lists", "cells", "clock_cells", "state_names"))  # fmt: skip
    same = same and old.traits == new.traits and new.order.clocks[: len(old.clocks)] == old.order.clocks
    same = same and _pools_of_lists(old) == _pools_of_lists(new)[: len(old.lists)]
    same = same and (not old.arrays["state"]["escalations"].any() or same_front(*_escalations(old, new)))
    for column in LAYOUT:
        same = same and same_front(old.arrays["state"][column], new.arrays["state"][column])
    if not same:
        raise InputError(
            file=", ".join(str(spec.file) for spec in specs.values() if spec.file), key="state",
            value="who is needed, where people wait, a clock, or `waiting` routes",
            expected="routes, shares, odds, guards, laws or changes: the rest is edited before the run",
        )  # fmt: skip


def _escalations(old: Flat, new: Flat) -> tuple[np.ndarray, np.ndarray]:
    return old.arrays["escalation"], new.arrays["escalation"]


def _pools_of_lists(flat: Flat) -> list[list[int]]:
    return [[int(p) for p in row if p >= 0] for row in flat.arrays["list_pools"][: len(flat.lists)]]


def _keep_flows(old: Flat, new: Flat, flow: np.ndarray) -> np.ndarray:
    """Return the flows so far in the order of the new routes; routes that are gone keep theirs, at the end."""
    where: dict[tuple, int] = {}
    times: Counter = Counter()
    for i, route in enumerate(new.routes):
        where[(*route, times[route])] = i
        times[route] += 1
    gone: list[int] = []
    kept: list[tuple[int, int]] = []
    times = Counter()
    for i, route in enumerate(old.routes):
        at = where.get((*route, times[route]))
        times[route] += 1
        if at is None:
            gone.append(i)
        else:
            kept.append((i, at))
    n_routes = len(new.routes)
    out = _blank_flows(new, [old.routes[i] for i in gone], flow)
    for i, at in kept:
        out[at] = flow[i]
    out[n_routes : n_routes + len(gone)] = flow[gone]
    return out


def _blank_flows(new: Flat, gone: Sequence[tuple[str, str, str]], flow: np.ndarray) -> np.ndarray:
    """Put routes that are gone behind the others, and return flows of nobody for all of them."""
    rows = np.zeros(len(gone), c.ROUTE)
    rows["to"] = [new.state(to) for _, to, _ in gone]
    new.arrays["route"] = np.concatenate([new.arrays["route"][: len(new.routes)], rows])
    new.routes += gone
    new.n_gone = len(gone)
    return np.zeros((max(len(new.routes), 1), flow.shape[1]), flow.dtype)


def _keep_visits(state: np.ndarray, new: Flat, visits: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Return visit counters in the new columns.

    A state that can be visited again from now on has seen one visit of those who are in it, and none of those who left
    it, or its cycle, before.
    """
    out = np.zeros((len(visits), new.n_repeats), visits.dtype)
    rows = new.arrays["state"]
    for i, (was, now) in enumerate(zip(state, rows, strict=False)):
        if now["repeat"] < 0:
            continue
        there = np.flatnonzero(rows["cycle"][at] == now["cycle"])
        if was["repeat"] < 0:
            out[there, now["repeat"]] = at[there] == i
        else:
            kept = there[state["cycle"][at[there]] == was["cycle"]]
            out[kept, now["repeat"]] = visits[kept, was["repeat"]]
    return out
