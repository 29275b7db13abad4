"""Closed forms for groups, blocked beds and stays met half-way; companion of `queueing_theory.py`."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
from queueing_theory import gamma_transform, gi_m_1, integrate


def group_wait_to_fill(rate: float, size: int) -> float:
    """Mean wait of a patient for a group of `size` to fill, staff at hand: (size − 1) / (2 rate)."""
    return (size - 1) / (2 * rate)


def groups_on_one_leader(rate: float, size: int, mean: float) -> float:
    """Mean wait of a patient for full groups led by one person: filling, then E_n/M/1 for the leader."""
    per_group = rate / size
    fill = gamma_transform(1 / per_group, 1 / per_group / math.sqrt(size))
    return group_wait_to_fill(rate, size) + gi_m_1(fill, per_group, mean).wait


def stationary(rates: Mapping[tuple[str, str], float]) -> dict[str, float]:
    """Steady state of a small Markov chain given its rates from one state to another."""
    names = sorted({name for pair in rates for name in pair})
    row = {name: i for i, name in enumerate(names)}
    flow = np.zeros((len(names), len(names)))
    for (a, b), rate in rates.items():
        flow[row[a], row[b]] += rate
        flow[row[a], row[a]] -= rate
    system = np.vstack([flow.T, np.ones(len(names))])
    wanted = np.append(np.zeros(len(names)), 1.0)
    solution = np.linalg.lstsq(system, wanted, rcond=None)[0]
    return dict(zip(names, solution.tolist(), strict=True))


def ward_blocked_by_home(rate: float, stay: float, home: float) -> dict[str, float]:
    """One bed, then one care-home place; a patient ready for it keeps the bed (two stations in series).

    Arrivals who find the bed taken are turned away.  States: bed then home, 0 empty, 1 taken, b blocked.
    """
    return stationary(
        {
            ("00", "10"): rate,
            ("01", "11"): rate,
            ("10", "01"): 1 / stay,
            ("11", "b1"): 1 / stay,
            ("01", "00"): 1 / home,
            ("11", "10"): 1 / home,
            ("b1", "01"): 1 / home,
        }
    )


def residual_survival(survival: Callable[[float], float], mean: float, longest: float) -> Callable[[float], float]:
    """P(time left > u) of a stay met at a random moment: ∫ from u of P(stay > x) dx ÷ mean."""
    return lambda u: integrate(survival, u, longest, 2000) / mean
