"""Closed forms for people who do not wait for ever; companion of `queueing_theory.py`."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from queueing_theory import Queue


def erlang_a(rate: float, mean: float, servers: int, patience: float) -> Queue:
    """M/M/c+M: waiting people leave after an exponential patience (Palm 1946; Garnett et al. 2002)."""
    weights, n = [1.0], 0
    while weights[-1] > 1e-15 * max(weights) or n <= rate * mean + servers:
        n += 1
        weights.append(weights[-1] * rate / (min(n, servers) / mean + max(0, n - servers) / patience))
    total = sum(weights)
    waiting = sum(max(0, n - servers) * w for n, w in enumerate(weights)) / total
    present = sum(n * w for n, w in enumerate(weights)) / total
    seen = patience_queue(rate, mean, servers, lambda u: math.exp(-u / patience), 40 * patience).wait_of_seen
    left = waiting / (rate * patience)
    return Queue(sum(weights[servers:]) / total, waiting / rate, waiting, present, 0.0, left, seen)


def patience_queue(rate: float, mean: float, servers: int, survival: Callable[[float], float], longest: float) -> Queue:
    """M/M/c+G (Baccelli & Hebuterne 1981): `survival(u)` = P(patience > u), negligible beyond `longest`.

    The wait a patient without end of patience would have, has density λ π(c−1) exp(λ ∫ survival − cμx).
    """
    load, busy = rate * mean, servers / mean
    idle = [load**n / math.factorial(n) for n in range(servers)]
    pieces = 20_000
    step = longest / pieces
    xs = (np.arange(pieces) + 0.5) * step
    alive = np.array([survival(x) for x in xs])
    patient_time = np.cumsum(alive) * step - alive * step / 2
    density = rate * idle[-1] * np.exp(rate * patient_time - busy * xs) * step
    # Beyond `longest` everybody has left before: only the work of those present remains.
    beyond = rate * idle[-1] * math.exp(rate * float(alive.sum()) * step - busy * longest) / busy
    total = sum(idle) + float(density.sum()) + beyond
    left = (float((density * (1 - alive)).sum()) + beyond) / total
    seen_wait = float((density * alive * xs).sum()) / total / (1 - left)
    # E[min(wait, patience)] = ∫ P(wait > x) P(patience > x) dx.
    longer = (density[::-1].cumsum()[::-1] - density / 2 + beyond) / total
    queue = float((longer * alive).sum()) * step
    waited = (float(density.sum()) + beyond) / total
    return Queue(waited, queue, rate * queue, rate * queue + load * (1 - left), 0.0, left, seen_wait)


def mmc_with_limit(rate: float, mean: float, servers: int, limit: float) -> Queue:
    """M/M/c+D: everybody still waiting after `limit` goes elsewhere (Barrer 1957)."""
    return patience_queue(rate, mean, servers, lambda u: 1.0, limit)
