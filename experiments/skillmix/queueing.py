"""How much work so many people carry while the standard holds, by formula: where margins of capacity begin.

For people on shift: M/M/c with one class that goes first (Davis 1966, doi:10.1287/opre.14.1.133): with load a, of
which a share h goes first, P(wait of those > t) = C(c, a) exp(-(c - a h) t / s). For clinicians who hold courses: the
same with every caseload place a server and nobody going first. A simulation has the last word (`check.py`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from experiments.planning.formulas import erlang_c

TURNS = 25
"""Halvings of the load: to a few parts in a hundred million"""


@dataclass(frozen=True)
class Standard:
    """What a pool's queue is held to."""

    within: float
    """Seconds"""
    share: float
    first: float = 1.0
    """Share of the load that goes first"""


def holds(servers: int, load: float, mean_seconds: float, standard: Standard, most: float) -> bool:
    """Say whether so many servers keep the standard under a load, busy at most a share of their time."""
    if load <= 0:
        return True
    if load > most * servers + 1e-12 or load >= servers:
        return False
    ahead = servers - load * standard.first
    late = erlang_c(servers, load) * math.exp(-ahead * standard.within / mean_seconds)
    return late <= 1 - standard.share + 1e-12


def load_carried(servers: int, mean_seconds: float, standard: Standard, most: float) -> float:
    """Return the largest load (erlangs) that so many servers carry within the standard."""
    low, high = 0.0, float(servers)
    for _ in range(TURNS):
        middle = (low + high) / 2
        low, high = (middle, high) if holds(servers, middle, mean_seconds, standard, most) else (low, middle)
    return low


def carried_on_shift(
    up_to: float, mean_seconds: float, standards: Sequence[Standard], most: float
) -> tuple[float, ...]:
    """Return the load that 0, 1, 2 … people on shift carry within all standards, until one carries `up_to`."""
    found = [0.0]
    while found[-1] < up_to:
        k = len(found)
        found.append(min((load_carried(k, mean_seconds, one, most) for one in standards), default=most * k))
    return tuple(found)


def carried_by_clinicians(
    up_to: float, courses_each: float, course_seconds: float, standards: Sequence[Standard], most: float
) -> tuple[float, ...]:
    """Return the load, in clinicians' worth of courses, that 0, 1, 2 … clinicians carry within all standards."""
    found = [0.0]
    while found[-1] < up_to:
        k = len(found)
        servers = max(1, math.floor(k * courses_each))
        loads = (load_carried(servers, course_seconds, one, most) for one in standards)
        found.append(min(loads, default=most * servers) / courses_each)
    return tuple(found)
