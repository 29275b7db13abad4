"""What formulas say a team needs: Erlang C, square-root staffing, the infinite-server rule, least clinicians."""

from __future__ import annotations

import math
from statistics import NormalDist


def erlang_b(servers: int, load: float) -> float:
    """Return the share who find all of `servers` busy and go (Erlang 1917); load in erlangs."""
    blocking = 1.0
    for n in range(1, servers + 1):
        blocking = load * blocking / (n + load * blocking)
    return blocking


def erlang_c(servers: int, load: float) -> float:
    """Return the share who wait in M/M/c (Erlang 1917); 1 if the load is not less than the servers."""
    if load >= servers:
        return 1.0
    blocking = erlang_b(servers, load)
    return servers * blocking / (servers - load * (1 - blocking))


def least_staff(load: float, mean_seconds: float, within: float, share: float, least: int = 0) -> int:
    """Return the fewest people with whom a share of patients begins within so many seconds (M/M/c, first
    come).
    """
    if load <= 0:
        return least
    n = max(least, math.floor(load) + 1)
    while 1 - erlang_c(n, load) * math.exp(-(n - load) * within / mean_seconds) < share:
        n += 1
    return n


def square_root(load: float, beta: float) -> float:
    """Return load + beta × √load: capacity of equal quality at any size (Halfin & Whitt 1981,
    doi:10.1287/opre.29.3.567).
    """
    return load + beta * math.sqrt(max(load, 0.0))


def infinite_server(load: float, share: float) -> int:
    """Return the places that suffice with chance `share` when stays are not cut short (M/G/∞, normal tail)."""
    return math.ceil(load + NormalDist().inv_cdf(min(max(share, 1e-9), 1 - 1e-9)) * math.sqrt(max(load, 0.0)))


def places_for_occupancy(load: float, at_most: float) -> int:
    """Return the fewest places of which on average no more than a share is taken."""
    return math.ceil(load / at_most - 1e-9) if at_most > 0 else 0
