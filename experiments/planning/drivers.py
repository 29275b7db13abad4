"""Which uncertain parameters go with failing: rank correlations, named only when they are beyond what chance gives.

Over few years two parameters may happen to go together. So one that is beyond chance is named only if it also goes with
what the stronger ones leave (partial rank correlation).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import stats

from experiments.planning.parameter_sets import Design

FALSE_SHARE = 0.05
"""Of all drivers named, the expected share at most that is named by chance (Benjamini & Hochberg 1995)."""
STILL = 0.05
"""Largest p-value given the stronger drivers of the same unit."""
FEWEST = 8


@dataclass(frozen=True)
class Driver:
    """A parameter whose values go with a unit's margin."""

    parameter: int
    correlation: float
    """Spearman's, with the margin: negative if the target fails where the value is high"""
    p_value: float


def drivers(design: Design, margin: Mapping[int, np.ndarray]) -> dict[int, list[Driver]]:
    """Return the drivers of each unit, the strongest first.

    Parameters
    ----------
    margin : by unit, float[set]: by how much its target was on the right side of its bound (nan: not measured)
    """
    tests: list[tuple[int, Driver]] = []
    for unit, gap in margin.items():
        known = ~np.isnan(gap)
        if known.sum() < FEWEST or np.ptp(gap[known]) == 0:
            continue
        for k in range(len(design.parameters)):
            value = design.values[known, k]
            if np.ptp(value) > 0:
                found = stats.spearmanr(value, gap[known])
                tests.append((unit, Driver(k, float(found.statistic), float(found.pvalue))))
    named: dict[int, list[Driver]] = {unit: [] for unit in margin}
    if tests:
        adjusted = stats.false_discovery_control([one.p_value for _, one in tests], method="bh")
        for (unit, one), p in zip(tests, adjusted, strict=True):
            if p <= FALSE_SHARE:
                named[unit].append(one)
    return {unit: _apart(design, margin[unit], found) for unit, found in named.items()}


def _apart(design: Design, gap: np.ndarray, found: list[Driver]) -> list[Driver]:
    """Return, strongest first, those that go with the margin given the ones before them."""
    known = ~np.isnan(gap)
    rank = stats.rankdata(gap[known])
    kept: list[Driver] = []
    for one in sorted(found, key=lambda driver: driver.p_value):
        stronger = np.column_stack(
            [np.ones(len(rank)), *(stats.rankdata(design.values[known, other.parameter]) for other in kept)]
        )
        freedom = len(rank) - 2 - len(kept)
        mine = _left(stats.rankdata(design.values[known, one.parameter]), stronger)
        rest = _left(rank, stronger)
        size = float(np.linalg.norm(mine) * np.linalg.norm(rest))
        r = float(np.clip(mine @ rest / size, -1 + 1e-12, 1 - 1e-12)) if size > 0 else 0.0
        p = 2 * stats.t.sf(abs(r) * np.sqrt(freedom / (1 - r * r)), freedom) if freedom > 0 else 1.0
        if p <= STILL and r * one.correlation > 0:
            kept.append(one)
    return kept


def _left(y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return what a least-squares fit on the columns of x leaves of y."""
    return y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
