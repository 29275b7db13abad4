"""Staffing curves: one family of plans for each pool, from too little to plenty, by one number beta.

Along a curve every roster row of a pool has R + beta × √R people (R its offered load), at least its
minimum; places the same; clinicians with courses likewise in units of caseloads. A pool is sized first by
its place on its curve, which is one number to find, and only then row by row.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from experiments.planning import formulas
from experiments.planning.layout import Layout
from experiments.planning.offered_load import Offered
from experiments.planning.targets import Target

BETAS = np.arange(-1.5, 8.01, 0.05)
MOST_STEPS = 64  # a curve of more distinct plans is thinned at its upper end


@dataclass(frozen=True)
class Curve:
    """Plans of one pool in order of size."""

    pool: int
    levers: tuple[int, ...]
    plans: tuple[tuple[int, ...], ...]
    betas: tuple[float, ...]
    start: int
    """Step at which the search begins: what a formula says."""


@dataclass
class Descent:
    """Where one pool stands on its curve: fails below `low`, passes at `high` (None: nowhere yet)."""

    curve: Curve
    probe: int
    low: int = 0
    high: int | None = None
    stride: int = 1

    @property
    def moving(self) -> bool:
        """Whether there is a step left to try."""
        return self.high is None or self.low < self.high

    def passed(self) -> str:
        """Take the step tried as enough; go down, in growing strides until something has failed."""
        self.high = self.probe
        never_failed = self.low == 0
        self.probe = max(0, self.high - self.stride) if never_failed else (self.low + self.high) // 2
        self.stride *= 2 if never_failed else 1
        return "passes"

    def failed(self) -> str:
        """Take the step tried as too little; go up, in growing strides until something has passed."""
        top = len(self.curve.plans) - 1
        if self.probe == top:
            self.low = self.high = top
            return "fails at the top of the curve"
        self.low = self.probe + 1
        if self.high is None:
            self.probe = min(self.probe + self.stride, top)
            self.stride *= 2
        else:
            self.probe = (self.low + self.high) // 2
        return "fails"


def curve_of(layout: Layout, offered: Offered, pool: int, floors: np.ndarray) -> Curve:
    """Return a pool's staffing curve; no number goes below its floor."""
    levers = layout.levers_of_pool[pool]
    least = [int(floors[lever]) for lever in levers]
    plans: list[tuple[int, ...]] = []
    betas: list[float] = []
    for beta in BETAS:
        plan = tuple(
            max(low, int(np.ceil(_capacity(layout, offered, lever, float(beta)) - 1e-9)))
            for lever, low in zip(levers, least, strict=True)
        )
        if not plans or plan != plans[-1]:
            plans.append(plan)
            betas.append(float(beta))
    keep = _thinned(len(plans))
    plans, betas = [plans[i] for i in keep], [betas[i] for i in keep]
    beta = formula_beta(layout, offered, pool)
    start = int(np.searchsorted(betas, beta))
    return Curve(pool, levers, tuple(plans), tuple(betas), min(start, len(plans) - 1))


def _thinned(n: int) -> list[int]:
    """Return which of n steps are kept: all, or all of the lower ones and ever fewer of the upper ones."""
    if n <= MOST_STEPS:
        return list(range(n))
    return sorted({round(i) for i in np.linspace(0, n - 1, MOST_STEPS)})


def _capacity(layout: Layout, offered: Offered, lever: int, beta: float) -> float:
    load = float(offered.by_lever[lever])
    one = layout.levers[lever]
    if one.kind != "clinicians":
        return formulas.square_root(load, beta)
    courses = max(float(offered.courses[one.pool]), 1e-9)
    return load * (1 + beta / np.sqrt(courses))  # in clinicians: the square root is that of courses


def formula_beta(layout: Layout, offered: Offered, pool: int) -> float:
    """Return the beta at which queueing formulas put the pool's sternest target."""
    first = layout.levers_of_pool[pool][0]
    lever = layout.levers[first]
    betas = [0.0 if lever.kind == "clinicians" else 0.3]
    for target in layout.targets:
        if pool not in target.pools or not target.sizes:
            continue
        for one in layout.levers_of_pool[pool]:
            load = float(offered.by_lever[one])
            if load > 0.3:
                n = formula_number(layout, offered, one, target)
                if n is not None:
                    betas.append((n - load) / np.sqrt(load))
    return float(min(max(betas), 6.0)) if lever.kind != "clinicians" else betas[0]


def formula_number(layout: Layout, offered: Offered, lever: int, target: Target) -> int | None:
    """Return what a formula says a lever needs for one target; None where no formula fits."""
    one = layout.levers[lever]
    load = float(offered.by_lever[lever])
    if one.pool not in target.pools:
        return None
    if one.kind == "clinicians":
        return int(np.ceil(load - 1e-9))
    if target.measure in ("occupancy", "utilisation"):
        return formulas.places_for_occupancy(load, target.bound) if not target.at_least else None
    if target.measure == "visits_made":
        return int(np.ceil(load - 1e-9))
    mean = mean_seconds(offered, one.pool)
    if one.kind == "places" or target.within is None or mean <= 0:
        return formulas.infinite_server(load, target.bound)
    return formulas.least_staff(load, mean, target.within, target.bound)


def mean_seconds(offered: Offered, pool: int) -> float:
    """Return the mean time one contact takes of one person of a pool, seconds."""
    contacts = float(offered.contacts_a_year[pool])
    return float(offered.hours_a_week[pool]) * 3600 * (365 / 7) / contacts if contacts > 0 else 0.0
