"""Which states a referral can visit more than once: those on a cycle of routes, within or across pathways."""

from __future__ import annotations

from collections.abc import Mapping

import networkx as nx

from pathways.specs import PathwaySpec


def states_on_cycles(specs: Mapping[str, PathwaySpec]) -> set[str]:
    """Return the full names (`pathway/state`) of the states that lie on a cycle."""
    graph = nx.DiGraph()
    for pathway, spec in specs.items():
        for route in spec.routes:
            to = route.to if "/" in route.to and route.to not in spec.states else f"{pathway}/{route.to}"
            graph.add_edge(f"{pathway}/{route.source}", to)
    loops = {state for state in graph if graph.has_edge(state, state)}
    return loops | {s for part in nx.strongly_connected_components(graph) if len(part) > 1 for s in part}
