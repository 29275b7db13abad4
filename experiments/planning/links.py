"""Who depends on whom: which units may be tested with fewer people in the same simulated years.

Two units are *tied* if one contact needs both, or if one's places stay blocked until the other admits: what
one lacks shows at the other. Unit B is *referred to* by unit A if at least `MATERIAL` of those who come to
B came through A before. Units that are neither tied nor refer to one another can be tested together: with
one person fewer at A, B would see less than `MATERIAL` × (the little that A then turns away) less demand.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from experiments.planning.layout import Layout
from experiments.planning.targets import pools_of_state
from experiments.planning.years import Work

MATERIAL = 0.05


@dataclass(frozen=True)
class Links:
    """Ties between units: bool[unit, unit]."""

    tied: np.ndarray
    upstream: np.ndarray
    """[unit, other]: what the other does decides how many come here, or how long they hold what they hold"""
    apart: np.ndarray
    """Tied or referred to, either way: never tested with fewer in the same years; a unit is apart from
    itself.
    """


def linked(layout: Layout, works: Sequence[Work]) -> Links:
    """Return who depends on whom, from the pathways and the flows of the unlimited years."""
    tied = _ties(layout)
    material = referred_share(layout, works) >= MATERIAL
    team = _team_index(layout)
    upstream = tied.copy()
    n = len(layout.units)
    for unit in range(n):
        for other in range(n):
            if material[team[other], team[unit]] and may_share_people(layout, unit, other):
                upstream[unit, other] = unit != other
    return Links(tied, upstream, np.eye(n, dtype=bool) | upstream | upstream.T)


def may_share_people(layout: Layout, a: int, b: int) -> bool:
    """Whether one person can come to both: never units of two delivery systems, or of two A&E sites."""
    one, other = layout.units[a], layout.units[b]
    return one.scope != other.scope or one.place == other.place


def _team_index(layout: Layout) -> list[int]:
    teams = list(dict.fromkeys(unit.team for unit in layout.units))
    return [teams.index(unit.team) for unit in layout.units]


def _states_of_team(layout: Layout) -> list[list[int]]:
    """Return the states each team serves, visits during a stay apart: [team]."""
    network = layout.network
    found = []
    for team in dict.fromkeys(unit.team for unit in layout.units):
        unit = next(unit for unit in layout.units if unit.team == team)
        names = enumerate(network.flat.state_names)
        found.append([i for i, n in names if not n.endswith("/visit") and pools_of_state(network, unit, n)])
    return found


def _ties(layout: Layout) -> np.ndarray:
    network, n = layout.network, len(layout.units)
    team = _team_index(layout)
    states = _states_of_team(layout)
    teams_tied = np.zeros((len(states), len(states)), dtype=bool)
    for a, mine in enumerate(states):
        for b, others in enumerate(states):
            if a != b and set(mine) & set(others):
                teams_tied[a, b] = True
    for a, mine in enumerate(states):
        for i in mine:
            pathway, _, name = network.flat.state_names[i].partition("/")
            blocker = network.specs[pathway].states[name].blocked_by
            if blocker is None:
                continue
            full = blocker if "/" in blocker else f"{pathway}/{blocker}"
            for b, others in enumerate(states):
                if network.flat.state(full) in others and a != b:
                    teams_tied[a, b] = teams_tied[b, a] = True
    out = np.zeros((n, n), dtype=bool)
    for a in range(n):
        for b in range(n):
            out[a, b] = a != b and teams_tied[team[a], team[b]] and may_share_people(layout, a, b)
    return out


def referred_share(layout: Layout, works: Sequence[Work]) -> np.ndarray:
    """Return float[team A, team B]: the share of those who come to B who came through A before.

    Follows the people of the unlimited years backwards: of those who enter a state, so many came from each
    other
    state, by the flows along the routes and by referrals opened.
    """
    network = layout.network
    names = network.flat.state_names
    index = {name: i for i, name in enumerate(names)}
    n = len(names)
    arrivals = np.zeros(n)
    for (state, _), number in zip(network.flat.cells, np.sum([work.arrivals for work in works], axis=0), strict=True):
        arrivals[state] += number
    flow = np.zeros((n, n))  # [from, to]
    for (origin, to, _), number in zip(
        network.flat.routes, np.sum([work.flow for work in works], axis=0), strict=False
    ):
        flow[index[origin], index[to]] += number
    for name, i in index.items():
        pathway, _, short = name.partition("/")
        spec = network.specs[pathway].states.get(short)
        for opened, share in spec.openings() if spec else ():
            full = opened if "/" in opened else f"{pathway}/{opened}"
            if full in index:
                flow[i, index[full]] += share * max(arrivals[i], flow[:, i].sum())
    entered = np.maximum(np.maximum(arrivals, flow.sum(axis=0)), 1e-9)
    back = flow / entered  # back[i, j]: of those who enter j, the share that came from i
    states = _states_of_team(layout)
    out = np.zeros((len(states), len(states)))
    for a, mine in enumerate(states):
        through = np.zeros(n)  # share of those who enter j who passed through A
        for _ in range(200):
            held = through.copy()
            held[mine] = 1.0
            new = np.minimum(held @ back, 1.0)
            if np.abs(new - through).max() < 1e-6:
                break
            through = new
        for b, others in enumerate(states):
            weight = arrivals[others]
            if a != b and weight.sum() > 0:
                out[a, b] = float(through[others] @ weight / weight.sum())
    return out


def packs(candidates: Iterable[tuple[int, int]], apart: np.ndarray, most: int = 10**9) -> list[list[tuple[int, int]]]:
    """Put (unit, lever) candidates into groups in which no two units are `apart`: first fit, in the order
    given.
    """
    groups: list[list[tuple[int, int]]] = []
    for unit, lever in candidates:
        for group in groups:
            if len(group) < most and not any(apart[unit, other] for other, _ in group):
                group.append((unit, lever))
                break
        else:
            groups.append([(unit, lever)])
    return groups
