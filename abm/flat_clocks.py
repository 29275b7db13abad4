"""Clocks flattened: those a file declares, and one for every state that has a standard."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from abm.flat import NEVER_WITHIN, ClockName, Rows, in_order, records_of
from abm.units import SCOPES
from kernels import columns as c
from pathways.clocks import ClockSpec, StandardSpec
from pathways.specs import PathwaySpec, StateSpec

IN_ORDER = {c.STOP: 0, c.CANCEL: 0, c.RESUME: 0, c.START_ARRIVAL: 1, c.START: 1, c.PAUSE: 2}
Operation = tuple[int, str, int]  # state, enters | seen | leaves, what


def clocks(rows: Rows, state: np.ndarray, before: Sequence[tuple[str, str, bool]] = ()) -> None:
    """Lay down all clocks, those of `before` first, and in `state` the ranges of what each state does to them."""
    records: list[tuple[int, int, bool, int, int]] = []
    operations: dict[tuple[int, str], list[tuple[int, int]]] = {}
    found: list[tuple[ClockName, Iterator[Operation]]] = []
    for pathway, spec in rows.specs.items():
        declared = [(_declared(rows, pathway, name, clock), _operations(rows, pathway, spec, clock, state))
                    for name, clock in spec.clocks.items()]  # fmt: skip
        of_states = [(_of_state(rows, pathway, name, one), _operations_of_state(rows.index[f"{pathway}/{name}"]))
                     for name, one in spec.states.items() if one.standard is not None]  # fmt: skip
        found += [*declared, *of_states]
    n_cells = 0
    for clock, wanted in in_order(found, lambda one: one[0].key, before):
        for i, when, op in wanted:
            operations.setdefault((i, when), []).append((op, len(records)))
        places = rows.places.names(clock.scope)
        rows.flat.clock_cells += [(len(records), place) for place in places]
        rows.flat.clocks.append(clock)
        within = NEVER_WITHIN if clock.within is None else clock.within
        records.append((within, SCOPES[clock.scope], clock.finished, n_cells, list(rows.specs).index(clock.pathway)))
        n_cells += len(places)
    for i in range(len(state)):
        for when in ("enters", "seen", "leaves"):
            first = len(rows.of["clock_op"])
            rows.of["clock_op"] += sorted(operations.get((i, when), []), key=lambda row: IN_ORDER[row[0]])
            state[i][when] = (first, len(rows.of["clock_op"]))
    rows.flat.arrays["clock"] = records_of(records, c.CLOCK)


def _operations(
    rows: Rows, pathway: str, spec: PathwaySpec, clock: ClockSpec, state: np.ndarray
) -> Iterator[Operation]:
    """Yield what a declared clock has states do."""
    entries = {stream.to for stream in spec.arrivals.values()} | {door.to for door in spec.doors.values()}
    entries |= {spec.outside.to} if spec.outside else set()
    for start in clock.starts:
        if start == "arrival":
            for to in sorted(entries):
                yield rows.index[f"{pathway}/{to}"], "enters", c.START_ARRIVAL
        else:
            yield rows.index[rows.full_name(pathway, start)], "enters", c.START
    for stop in clock.stops:
        i = rows.index[rows.full_name(pathway, stop)]
        yield i, "seen" if state[i]["kind"] <= c.PLACE else "enters", c.STOP
    for pause in clock.pauses:
        i = rows.index[rows.full_name(pathway, pause)]
        yield i, "enters", c.PAUSE
        yield i, "leaves", c.RESUME


def _operations_of_state(i: int) -> Iterator[Operation]:
    """Yield what the clock of a state's own standard does: from entering to being seen, void on leaving."""
    yield i, "enters", c.START
    yield i, "seen", c.STOP
    yield i, "leaves", c.CANCEL


def _declared(rows: Rows, pathway: str, name: str, clock: ClockSpec) -> ClockName:
    return _named(pathway, name, clock.title, clock.scope, clock.team, clock.standard, clock.of == "finished", False)


def _of_state(rows: Rows, pathway: str, name: str, state: StateSpec) -> ClockName:
    """Name the clock of a state's standard: it belongs to the state's team and is kept where that team stands."""
    team = state.team or next(iter(state.needs), None)
    scope = rows.scope_of(pathway)
    if team is not None:
        home, _, own = (team if "/" in team else f"{pathway}/{team}").partition("/")
        scope = rows.specs[home].teams[own].scope
    return _named(pathway, name, state.title, scope, team, state.standard, False, True)


def _named(
    pathway: str,
    name: str,
    title: str,
    scope: str,
    team: str | None,
    standard: StandardSpec | None,
    finished: bool,
    of_state: bool,
) -> ClockName:
    if team and "/" not in team:
        team = f"{pathway}/{team}"
    return ClockName(
        pathway=pathway, name=name, title=title or name.replace("_", " "), scope=scope, team=team,
        within=standard.within if standard else None, share=standard.share if standard else None,
        status=standard.status if standard else "", source=standard.source if standard else "",
        finished=finished, of_state=of_state,
        from_date=standard.from_date if standard else None, to_date=standard.to_date if standard else None,
    )  # fmt: skip
