"""What queueing theory says simple services do: the closed forms the engine is checked against.

Rates and times share one unit of the caller's choice (per hour and hours, say).  Names: `rate` arrivals per
time, `mean` the mean service time, `servers` staff or places, `load` = rate × mean in erlangs.
Each function names its source.  Patience is in `impatience_theory.py`; groups and blocked beds in
`blocking_theory.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np


def erlang_b(servers: int, load: float) -> float:
    """Share who find every server taken when nobody waits (Erlang 1917); any law of service."""
    blocking = 1.0
    for n in range(1, servers + 1):
        blocking = load * blocking / (n + load * blocking)
    return blocking


def erlang_c(servers: int, load: float) -> float:
    """Share who wait at all in M/M/c (Erlang 1917)."""
    if load >= servers:
        return 1.0
    blocking = erlang_b(servers, load)
    return servers * blocking / (servers - load * (1 - blocking))


@dataclass(frozen=True)
class Queue:
    """Steady state of one queue.  Times in the caller's unit; counts are time averages."""

    waited: float  # share of arrivals who wait at all
    wait: float  # mean wait of all who arrive
    waiting: float  # mean number waiting
    present: float  # mean number waiting or in service
    full: float = 0.0  # share turned away
    left: float = 0.0  # share who leave unseen
    wait_of_seen: float = 0.0  # mean wait of those who are seen


def mmc(rate: float, mean: float, servers: int) -> Queue:
    """M/M/c: Poisson arrivals, exponential service, c servers, one list (Erlang C)."""
    load = rate * mean
    waited = erlang_c(servers, load)
    wait = waited * mean / (servers - load)
    return Queue(waited, wait, rate * wait, rate * wait + load, wait_of_seen=wait)


def mmc_within(rate: float, mean: float, servers: int, within: float) -> float:
    """Share of M/M/c patients whose wait is at most `within`."""
    return 1 - erlang_c(servers, rate * mean) * math.exp(-(servers / mean - rate) * within)


def mmck(rate: float, mean: float, servers: int, room: int) -> Queue:
    """M/M/c/K: at most `room` people wait (so K = servers + room); others are turned away.

    `waited` is a share of all arrivals, those turned away included.
    """
    load = rate * mean
    weights = [1.0]
    for n in range(1, servers + room + 1):
        weights.append(weights[-1] * load / min(n, servers))
    total = sum(weights)
    shares = [w / total for w in weights]
    waiting = sum(max(0, n - servers) * p for n, p in enumerate(shares))
    present = sum(n * p for n, p in enumerate(shares))
    wait_of_seen = waiting / (rate * (1 - shares[-1]))
    return Queue(sum(shares[servers:-1]), waiting / rate, waiting, present, shares[-1], 0.0, wait_of_seen)


def pollaczek_khinchine(rate: float, mean: float, sd: float) -> Queue:
    """M/G/1 (Pollaczek 1930, Khinchine 1932): the wait depends on service through mean and sd alone."""
    load = rate * mean
    wait = rate * (mean**2 + sd**2) / (2 * (1 - load))
    return Queue(load, wait, rate * wait, rate * wait + load, wait_of_seen=wait)


def gi_m_1(interval_transform: Callable[[float], float], rate: float, mean: float) -> Queue:
    """GI/M/1 (Kendall 1953): renewal arrivals, `interval_transform(s)` = E[exp(−s × interval)].

    The share who wait is the root in (0, 1) of x = transform((1 − x) / mean), found by bisection.
    """
    low, high = 0.0, 1.0 - 1e-9
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if interval_transform((1 - middle) / mean) > middle else (low, middle)
    wait = mean * low / (1 - low)
    return Queue(low, wait, rate * wait, rate * wait + rate * mean, wait_of_seen=wait)


def gamma_transform(mean: float, sd: float) -> Callable[[float], float]:
    """Laplace transform of a gamma law."""
    shape = (mean / sd) ** 2
    return lambda s: (1 + s * mean / shape) ** -shape


def priorities_mmc(rates: Sequence[float], mean: float, servers: int) -> list[float]:
    """Mean wait of each class, most urgent first; no pre-emption, one exponential service (Cobham 1954)."""
    residual = erlang_c(servers, sum(rates) * mean) * mean / servers
    return _cobham(residual, [r * mean / servers for r in rates])


def priorities_mg1(rates: Sequence[float], means: Sequence[float], sds: Sequence[float]) -> list[float]:
    """Mean wait of each class, most urgent first; no pre-emption, one server, any laws (Cobham 1954)."""
    residual = sum(r * (m**2 + s**2) for r, m, s in zip(rates, means, sds, strict=True)) / 2
    return _cobham(residual, [r * m for r, m in zip(rates, means, strict=True)])


def _cobham(residual: float, loads: Sequence[float]) -> list[float]:
    waits, before = [], 0.0
    for load in loads:
        waits.append(residual / ((1 - before) * (1 - before - load)))
        before += load
    return waits


def kaufman_roberts(places: int, loads: Sequence[float], sizes: Sequence[int]) -> list[float]:
    """Share of each class turned away when a class-k patient takes `sizes[k]` places at once.

    Kaufman 1981 and Roberts 1981: n q(n) = Σ loads[k] sizes[k] q(n − sizes[k]); any laws of stay.
    """
    q = [1.0]
    for n in range(1, places + 1):
        pairs = zip(loads, sizes, strict=True)
        q.append(sum(a * b * q[n - b] for a, b in pairs if n >= b) / n)
    return [sum(q[places - b + 1 :]) / sum(q) for b in sizes]


def jackson_rates(outside: Mapping[str, float], shares: Mapping[tuple[str, str], float]) -> dict[str, float]:
    """Total arrivals at each station of an open network (Jackson 1957): λ = γ + λP."""
    names = sorted(set(outside) | {a for a, _ in shares} | {b for _, b in shares})
    row = {name: i for i, name in enumerate(names)}
    moves = np.zeros((len(names), len(names)))
    for (a, b), share in shares.items():
        moves[row[a], row[b]] += share
    arrivals = np.array([outside.get(name, 0.0) for name in names])
    return dict(zip(names, np.linalg.solve(np.eye(len(names)) - moves.T, arrivals).tolist(), strict=True))


def integrate(f: Callable[[float], float], low: float, high: float, pieces: int = 4000) -> float:
    """Simpson's rule on an even number of pieces."""
    pieces += pieces % 2
    xs = [low + (high - low) * i / pieces for i in range(pieces + 1)]
    weights = [1] + [4, 2] * (pieces // 2 - 1) + [4, 1]
    return sum(w * f(x) for w, x in zip(weights, xs, strict=True)) * (high - low) / pieces / 3


def mt_g_infinity(rate: Callable[[float], float], survival: Callable[[float], float], at: float) -> float:
    """Mean number present at time `at` from empty: ∫ rate(at − u) P(stay > u) du.

    Palm 1943; Eick, Massey & Whitt 1993.  The number present is Poisson: its variance is the same.
    """
    return integrate(lambda u: rate(at - u) * survival(u), 0.0, at)


def exponential_survival(mean: float) -> Callable[[float], float]:
    """P(stay > u) of an exponential law."""
    return lambda u: math.exp(-u / mean)


def lognormal_survival(mean: float, sd: float) -> Callable[[float], float]:
    """P(stay > u) of a lognormal law given by its mean and standard deviation."""
    spread = math.sqrt(math.log(1 + (sd / mean) ** 2))
    log = NormalDist(math.log(mean) - spread**2 / 2, spread)
    return lambda u: 1.0 if u <= 0 else 1 - log.cdf(math.log(u))


def constant_survival(value: float) -> Callable[[float], float]:
    """P(stay > u) when every stay is `value`."""
    return lambda u: 1.0 if u < value else 0.0


def halfin_whitt(beta: float) -> float:
    """Share who wait when servers = load + beta √load, for a large load (Halfin & Whitt 1981)."""
    normal = NormalDist()
    return 1 / (1 + beta * normal.cdf(beta) / normal.pdf(beta))


def square_root_staffing(load: float, waited: float) -> float:
    """Servers (not rounded) with which about the share `waited` wait: load + beta √load."""
    low, high = 1e-9, 10.0
    for _ in range(100):
        beta = (low + high) / 2
        low, high = (beta, high) if halfin_whitt(beta) > waited else (low, beta)
    return load + beta * math.sqrt(load)


def least_staff(rate: float, mean: float, within: float, share: float) -> int:
    """Fewest servers with which at least `share` of M/M/c patients wait no longer than `within`."""
    servers = math.floor(rate * mean) + 1
    while mmc_within(rate, mean, servers, within) < share:
        servers += 1
    return servers


def littles_law(rate: float, time: float) -> float:
    """Mean number in a system that people enter at `rate` and stay in for `time` on average (Little 1961)."""
    return rate * time
