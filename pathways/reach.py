"""Where people can get to: every state is reached, every state has a way out, no loop takes no time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import networkx as nx

from pathways.errors import InputError
from pathways.routes import AT_ONCE

if TYPE_CHECKING:
    from pathways.specs import PathwaySpec


def local(spec: PathwaySpec, name: str) -> str | None:
    """Return the state's own name if it belongs to this pathway, None if it is elsewhere."""
    pathway, _, state = name.rpartition("/")
    return state if pathway in ("", spec.name) else None


def _entered(spec: PathwaySpec) -> set[str]:
    """States into which people come without a route of this file."""
    into = [stream.to for stream in spec.arrivals.values()] + [door.to for door in spec.doors.values()]
    into += [spec.outside.to] if spec.outside else []
    into += [*spec.entries, *(to for state in spec.states.values() for to in state.opens)]
    found = {own for own in (local(spec, name) for name in into) if own is not None}
    return found | {name for name, state in spec.states.items() if state.at_start or state.at_start_waiting}


def _graph(spec: PathwaySpec, without: tuple[str, ...] = ()) -> nx.DiGraph:
    """States and the routes somebody takes (but on events `without`); those elsewhere by their full name."""
    taken = [r for r in spec.routes if r.share > 0 and not (r.when and r.when.kind in without)]
    graph = nx.DiGraph()
    graph.add_nodes_from(spec.states)
    graph.add_edges_from((r.source, local(spec, r.to) or r.to) for r in taken)
    return graph


def reached(spec: PathwaySpec) -> None:
    """Every state can be reached from an arrival, a door, the outside, or an entry from other pathways."""
    entered = _entered(spec)
    if not entered:
        raise InputError(
            file=spec.file,
            key="arrivals",
            expected="a way in: [arrivals.X], [door.X], [outside], entries or at_start",
        )
    graph = _graph(spec)
    seen = entered.union(*(nx.descendants(graph, name) for name in entered))
    for name in spec.states:
        if name not in seen:
            raise InputError(
                file=spec.file,
                key=f"state.{name}",
                value="cannot be reached",
                expected="a route, arrival or door to it, or its name in `entries` (sent by others)",
            )


def ended(spec: PathwaySpec) -> None:
    """From every state an end, here or elsewhere, can be reached, also by those who were seen."""
    graph = _graph(spec, (*AT_ONCE, "left_waiting", "waiting"))
    ends = [name for name in graph if name not in spec.states or spec.states[name].kind == "end"]
    back = graph.reverse(copy=False)
    finish = set(ends).union(*(nx.descendants(back, name) for name in ends))
    for name in spec.states:
        if name not in finish:
            raise InputError(
                file=spec.file,
                key=f"state.{name}",
                value="has no way out",
                expected='routes that lead to a state of kind "end" in the end',
            )


def at_once(spec: PathwaySpec) -> Iterator[tuple[str, str]]:
    """Yield the steps that take no time, by full name: from decisions, and on being refused."""
    for route in spec.routes:
        decision = spec.states[route.source].kind == "decision"
        refusal = route.when is not None and route.when.kind in AT_ONCE
        if route.share > 0 and (decision or refusal):
            yield f"{spec.name}/{route.source}", full(spec, route.to)


def full(spec: PathwaySpec, state: str) -> str:
    """Return `pathway/state`."""
    return state if "/" in state else f"{spec.name}/{state}"


def loops(spec: PathwaySpec) -> None:
    """Nobody can go round without time passing."""
    try:
        cycle = nx.find_cycle(nx.DiGraph(at_once(spec)))
    except nx.NetworkXNoCycle:
        return
    around = [name.removeprefix(f"{spec.name}/") for name in (cycle[0][0], *(to for _, to in cycle))]
    raise InputError(
        file=spec.file,
        key=f"state.{around[0]}",
        value=f"a zero-time cycle: {' → '.join(around)}",
        expected="a wait, contact or place somewhere in the loop",
    )


def led_to(specs: Mapping[str, PathwaySpec]) -> set[str]:
    """Return the states (`pathway/state`) to which doors, routes that somebody takes, and openings lead."""
    leads = nx.DiGraph()
    for pathway, spec in specs.items():
        leads.add_edges_from(("", full(spec, door.to)) for door in spec.doors.values())
        if spec.outside:
            leads.add_edge("", full(spec, spec.outside.to))
        for name, state in spec.states.items():
            leads.add_edges_from((f"{pathway}/{name}", full(spec, to)) for to in state.opens)
            if state.at_start or state.at_start_waiting or state.at_start_england:
                leads.add_edge("", f"{pathway}/{name}")
        leads.add_edges_from((f"{pathway}/{one.source}", full(spec, one.to)) for one in spec.routes if one.share > 0)
    return set(nx.descendants(leads, "")) if "" in leads else set()
