"""How many people pass each state: the traffic equations of a network of pathways.

visits = inflow + routingᵀ visits, solved at once (Jackson 1957).  Only what happens in the ordinary course is
counted: plain and guarded routes, and further referrals opened; event routes, odds and queues are left out.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from pathways.errors import InputError
from pathways.reach import full
from pathways.routes import RouteSpec
from pathways.specs import PathwaySpec
from pathways.structure import groups

GUARDED_WEIGHT = 0.25
"""Share of people for whom a guard is taken to hold.

assumption: a guard picks out a minority, and the traffic equations do not know who comes; the caller may say
better.
"""


def shares_taken(
    spec: PathwaySpec, state: str, guarded_weight: float = GUARDED_WEIGHT
) -> list[tuple[RouteSpec, float]]:
    """Return the ordinary routes of a state with the share of people taken to use each; sums to 1.

    The first guarded group takes `guarded_weight`, the next that share of what is left, the plain group the
    rest.
    """
    ordinary = [group for group in groups(spec.routes_from(state)) if group[0].when is None]
    guarded = [group for group in ordinary if group[0].guard is not None]
    plain = [group for group in ordinary if group[0].guard is None]
    taken, left = [], 1.0
    for group in guarded:
        taken += [(route, left * guarded_weight * route.share) for route in group]
        left *= 1.0 - guarded_weight
    return taken + [(route, left * route.share) for group in plain for route in group]


def expected_visits(
    specs: Mapping[str, PathwaySpec],
    inflow: Mapping[str, float],
    guarded_weight: float | Mapping[str, float] = GUARDED_WEIGHT,
) -> dict[str, float]:
    """Return the visits to every state, `pathway/state`, in the unit of `inflow` (people a year, an hour …).

    `guarded_weight` may be given by state.  Routes to pathways that are not among `specs` leave the network.
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
            if isinstance(guarded_weight, Mapping):
                weight = guarded_weight.get(states[origin], GUARDED_WEIGHT)
            else:
                weight = guarded_weight
            for route, share in shares_taken(spec, state, weight):
                if full(spec, route.to) in position:
                    routing[origin, position[full(spec, route.to)]] += share
            for opened in declared.opens:
                if full(spec, opened) in position:
                    routing[origin, position[full(spec, opened)]] += 1.0
    if np.abs(np.linalg.eigvals(routing)).max(initial=0.0) >= 1.0 - 1e-9:
        raise InputError(
            key="routes",
            expected="people to leave the network in the end (each is sent round, or opens, without end)",
        )
    entering = np.array([inflow.get(state, 0.0) for state in states])
    visits = np.linalg.solve(np.eye(len(states)) - routing.T, entering)
    return {state: float(visits[i]) for i, state in enumerate(states)}


def flows_along(
    specs: Mapping[str, PathwaySpec], visits: Mapping[str, float], guarded_weight: float = GUARDED_WEIGHT
) -> dict[str, dict[tuple[str, str], float]]:
    """Return, by pathway, how many people take each pair (from, to) of its routes: what `drawing.draw`
    takes.
    """
    found: dict[str, dict[tuple[str, str], float]] = {name: {} for name in specs}
    for name, spec in specs.items():
        for state in spec.states:
            for route, share in shares_taken(spec, state, guarded_weight):
                pair = (state, route.to)
                found[name][pair] = found[name].get(pair, 0.0) + visits[f"{name}/{state}"] * share
    return found
