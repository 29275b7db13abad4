"""States that a running model does without from a midnight on: whoever is there moves to a named state.

The tables keep a row for such a state, so that tallies and waiting lists stay where they are.  Nothing leads there any
more, and everything leads from there to the named state.  Who waits, stays, passes time or is between two sessions
moves at that midnight, in the order in which events of one second are taken; who is with a clinician finishes what was
begun, then moves.  Clocks that run go on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from abm.balance import open_referrals
from abm.network import Simulation
from kernels import columns as c
from kernels import entry
from pathways.clocks import ClockSpec
from pathways.errors import InputError, nearest, one_of
from pathways.pathway import Pathway, TakenAway
from pathways.routes import EventSpec, RouteSpec, event
from pathways.specs import PathwaySpec
from pathways.states import StateSpec, state
from pathways.tables import Table

AWAY = ("deteriorated", "left_waiting", "full", "closed", "dna", "missed")
"""Events that lead out of a state without its being finished."""


def with_retired(new: PathwaySpec, old: PathwaySpec, taken_away: Mapping[str, TakenAway]) -> PathwaySpec:
    """Return an edited pathway with a row kept for the states that were taken away from the running one.

    Raises
    ------
    InputError
        If people are to move to a state that is not there.
    """
    gone = [name for name in old.states if name not in new.states and name in taken_away]
    new = replace(new, clocks=_clocks(old.clocks, new.clocks))
    if not gone:
        return new
    states: dict[str, StateSpec] = {}
    routes = list(new.routes)
    for name in old.states:
        if name in new.states:
            states[name] = new.states[name]
        elif name in gone:
            spec = state(taken_away[name].keys, f"state.{name}", new.file)
            states[name] = replace(
                spec,
                opens=(),
                blocked_by=None,
                changes=(),
                worsening=spec.worsening and replace(spec.worsening, above=None),
                exchange=None,
                at_start=0,
                at_start_waiting=0,
                at_start_england=0.0,
            )
            routes += _ways_out(name, _home(new, name, taken_away), taken_away[name], len(routes))
    clocks = {
        name: replace(clock, pauses=(*clock.pauses, *(at for at in old.clocks[name].pauses if at in gone)))
        if name in old.clocks else clock
        for name, clock in new.clocks.items()
    }  # fmt: skip
    return replace(new, states=states | new.states, routes=tuple(routes), clocks=clocks)


def _clocks(old: Mapping[str, ClockSpec], new: Mapping[str, ClockSpec]) -> dict[str, ClockSpec]:
    """Return the new clocks behind the old ones; one that is gone starts for nobody, and those that run go on."""
    gone = {name: replace(clock, starts=()) for name, clock in old.items() if name not in new}
    return {name: new.get(name) or gone[name] for name in old} | dict(new)


def _home(new: PathwaySpec, name: str, taken_away: Mapping[str, TakenAway]) -> str:
    """Return the state people move to in the end; an end of the pathway where nobody is to be moved."""
    to = taken_away[name].moves_to
    while to is not None and to in taken_away and to not in new.states:
        to = taken_away[to].moves_to
    if to is None:
        return next(end for end, spec in new.states.items() if spec.kind == "end")
    if to not in new.states:
        raise InputError(
            file=new.file, key=f"state.{name}.moves_to", value=to, expected=one_of(new.states),
            suggestion=nearest(to, new.states),
        )  # fmt: skip
    return to


def _ways_out(name: str, to: str, away: TakenAway, order: int) -> Iterator[RouteSpec]:
    """Yield the routes that are left: whatever happens there leads to one state."""
    table = (Table({"when": text}, f"state.{name}", ("when",)) for text in away.waiting)
    waits = {found for found in map(event, table) if isinstance(found, EventSpec)}
    numbered = {"dna": 1, "missed": 1}
    events = [EventSpec(kind, number=numbered.get(kind, 0)) for kind in AWAY]
    for at, when in enumerate([*events, *sorted(waits, key=lambda one: one.seconds), None]):
        yield RouteSpec(name, to, 1.0, when=when, order=order + at)


def retired(pathway: Pathway, spec: PathwaySpec) -> list[str]:
    """Return the states that a pathway has lost and its running specs still have: `pathway/state`."""
    return [f"{pathway.name}/{name}" for name in spec.states if name not in pathway]


def refuse_lost(simulation: Simulation, pathways: Mapping[str, Pathway], specs: Mapping[str, PathwaySpec]) -> None:
    """Refuse to take a state away whose people would have nowhere to go, or that others still lead to.

    Raises
    ------
    InputError
        Naming the state and how many people it holds, or what leads there.
    """
    for name, spec in specs.items():
        gone = retired(pathways[name], spec)
        for full in gone:
            there = _there(simulation, full)
            if len(there) and pathways[name].taken_away[full.partition("/")[2]].moves_to is None:
                raise InputError(
                    file=spec.file, key=f"state.{full.partition('/')[2]}", value=f"{len(there):,} people are there",
                    expected="`remove_state(name, moves_to=...)`: the state they move to at this midnight",
                )  # fmt: skip
        for other in specs.values():
            for route in other.routes:
                if route.to in gone:
                    raise InputError(
                        file=other.file, key=f"route.{route.source}.{route.to}", value=route.to,
                        expected="another state: this one is taken away",
                    )  # fmt: skip


def move_people(simulation: Simulation, full: str) -> int:
    """Let whoever can move leave a retired state in the second that begins; return how many do."""
    m, t = simulation.m, int(simulation.m.now[c.T])
    there = _there(simulation, full)
    kind = int(m.state["kind"][simulation.network.flat.state(full)])
    simulation.room_for_events(len(there))
    moved = 0
    for r in there.tolist():
        row = m.referral[r]
        waiting = bool(row["flags"] & (c.IS_WAITING | c.IS_ASIDE))
        busy = bool(row["flags"] & c.IS_BUSY)
        if waiting:
            _book(simulation, t, c.E_ESCALATE, r, 255)
        elif kind == c.CONTACT and busy and _in_course(simulation, r):
            if row["began"] < 0:
                row["began"] = t
            _book(simulation, t, c.E_SESSION, r, 1)
        elif kind == c.CONTACT and busy:  # with a clinician now: the present contact is the last
            row["n_planned"] = min(int(row["n_sessions"]) + 1, 255)
            continue
        else:
            row["n_planned"] = row["n_sessions"]
            _book(simulation, t, c.E_END, r, 0)
        moved += 1
    return moved


def _in_course(simulation: Simulation, r: int) -> bool:
    """Say whether a referral holds sessions with one clinician to the end: between two of them it is no contact."""
    state = simulation.m.state[simulation.m.referral["state"][r]]
    return bool(state["n_sessions"] >= 0 and state["keep"] != 0)


def _there(simulation: Simulation, full: str) -> np.ndarray:
    """Return the open referrals in a state: int64[referral]."""
    rows = open_referrals(simulation)
    return rows[simulation.m.referral["state"][rows] == simulation.network.flat.state(full)]


def _book(simulation: Simulation, t: int, kind: int, r: int, extra: int) -> None:
    """Put an event of one referral's present visit on the calendar."""
    m = simulation.m
    e = int(m.now[c.FREE_EVENT])
    entry.book(m.address, t, kind, r)
    m.event["stamp"][e], m.event["extra"][e] = m.referral["stamp"][r], extra
