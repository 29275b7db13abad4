"""Which states a referral can visit more than once: those on a cycle of routes, within or across pathways."""

from __future__ import annotations

from collections.abc import Mapping

import networkx as nx

from pathways.specs import PathwaySpec


def cycles(specs: Mapping[str, PathwaySpec]) -> dict[str, int]:
    """Return the states that lie on a cycle (`pathway/state`), each with the number of its group.

    From every state of a group one can come to every other.  Who leaves a group does not come back.
    """
    graph = nx.DiGraph()
    for pathway, spec in specs.items():
        for route in spec.routes:
            to = route.to if "/" in route.to and route.to not in spec.states else f"{pathway}/{route.to}"
            graph.add_edge(f"{pathway}/{route.source}", to)
    groups = [part for part in nx.strongly_connected_components(graph) if len(part) > 1 or _loops(graph, part)]
    return {state: number for number, part in enumerate(groups) for state in part}


def _loops(graph: nx.DiGraph, part: set[str]) -> bool:
    return any(graph.has_edge(state, state) for state in part)
