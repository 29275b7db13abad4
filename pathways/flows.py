"""How many people pass each state: the traffic equations of a network of pathways.

visits = inflow + routingᵀ visits, solved at once (Jackson 1957).  Only what happens in the ordinary course is
counted: plain and guarded routes, and further referrals opened; event routes, odds and queues are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from pathways.errors import InputError
from pathways.guards import Expr
from pathways.reach import full
from pathways.routes import RouteSpec
from pathways.specs import PathwaySpec
from pathways.structure import groups

GUARDED_WEIGHT = 0.25
"""Share of people for whom a guard is taken to hold.

assumption: a guard picks out a minority, and the traffic equations do not know who comes; the caller may say
better.
"""


Weight = float | Callable[[str, Expr], float]
"""One share for every guard, or a function of (pathway/state, guard): the share for whom it holds."""


def shares_taken(
    spec: PathwaySpec, state: str, guarded_weight: Weight = GUARDED_WEIGHT
) -> list[tuple[RouteSpec, float]]:
    """Return the ordinary routes of a state with the share of people taken to use each; sums to 1.

    The first guarded group takes its weight, the next its weight of what is left, the plain group the rest.
    """
    ordinary = [group for group in groups(spec.routes_from(state)) if group[0].when is None]
    taken: list[tuple[RouteSpec, float]] = []
    left = 1.0
    for group in ordinary:
        guard = group[0].guard
        if guard is not None:
            weight = guarded_weight(full(spec, state), guard) if callable(guarded_weight) else guarded_weight
            taken += [(route, left * weight * route.share) for route in group]
            left *= 1.0 - weight
    return taken + [(route, left * route.share) for group in ordinary if not group[0].guard for route in group]


def expected_visits(
    specs: Mapping[str, PathwaySpec],
    inflow: Mapping[str, float],
    guarded_weight: Weight = GUARDED_WEIGHT,
) -> dict[str, float]:
    """Return the visits to every state, `pathway/state`, in the unit of `inflow` (people a year, an hour …).

    Routes to pathways that are not among `specs` leave the network.
    """
    states = [f"{name}/{state}" for name, spec in specs.items() for state in spec.states]
    position = {state: i for i, state in enumerate(states)}
    for state in inflow:
        if state not in position:
            raise InputError(key="inflow", value=state, expected="a state, as pathway/state")
    routing = np.zeros((len(states), len(states)))  # [from, to]
    for name, spec in specs.items():
        for state, declared in spec.states.items():
            origin = position[f"{name}/{state}"]
            for route, share in shares_taken(spec, state, guarded_weight):
                if full(spec, route.to) in position:
                    routing[origin, position[full(spec, route.to)]] += share
            for opened, share in declared.openings():
                if full(spec, opened) in position:
                    routing[origin, position[full(spec, opened)]] += share
    if np.abs(np.linalg.eigvals(routing)).max(initial=0.0) >= 1.0 - 1e-9:
        raise InputError(
            key="routes",
            expected="people to leave the network in the end (each is sent round, or opens, without end)",
        )
    entering = np.array([inflow.get(state, 0.0) for state in states])
    visits = np.linalg.solve(np.eye(len(states)) - routing.T, entering)
    return {state: float(visits[i]) for i, state in enumerate(states)}


def flows_along(
    specs: Mapping[str, PathwaySpec], visits: Mapping[str, float], guarded_weight: Weight = GUARDED_WEIGHT
) -> dict[str, dict[tuple[str, str, int], float]]:
    """Return, by pathway, how many people take each route (from, to, position): for `drawing.draw`."""
    found: dict[str, dict[tuple[str, str, int], float]] = {name: {} for name in specs}
    for name, spec in specs.items():
        for state in spec.states:
            for route, share in shares_taken(spec, state, guarded_weight):
                found[name][state, route.to, route.order] = visits[f"{name}/{state}"] * share
    return found
