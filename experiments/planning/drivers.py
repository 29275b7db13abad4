"""Which uncertain parameters go with failing: rank correlations, named only when they are beyond what chance gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import stats

from experiments.planning.parameter_sets import Design

FALSE_SHARE = 0.05
"""Of all drivers named, the expected share at most that is named by chance (Benjamini & Hochberg 1995)."""
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
    return {unit: sorted(found, key=lambda one: one.p_value) for unit, found in named.items()}
