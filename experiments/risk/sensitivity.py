"""Which inputs drive the spread: variance-based indices (SALib), a tornado, and whether the rankings agree.

First-order index: the share of variance an input explains alone; total: alone and together with others (Sobol 2001,
doi:10.1016/S0378-4754(00)00270-6; estimators of Saltelli et al. 2010, doi:10.1016/j.cpc.2009.09.018).  Both are of
inputs drawn independently of each other: with correlated inputs shares of variance no longer add up.  What knowing
an input is worth with its correlations is in `value.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from SALib.analyze import sobol as analysis
from SALib.sample import sobol as sampling
from scipy.stats import norm, spearmanr

from experiments.risk.joint import EDGE

Outcome = Callable[[np.ndarray], np.ndarray]
"""From normal scores, float[set, input], to a number a set"""

TAILS = (0.1, 0.9)
"""Where a tornado sets each input"""
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Indices:
    """Sobol indices, float[input] each, with half-widths at 95 % of sampling and of the surrogate together."""

    first: np.ndarray
    first_half_width: np.ndarray
    total: np.ndarray
    total_half_width: np.ndarray
    of_surrogate: np.ndarray
    """Half-width of `total` that is due to the surrogate alone"""


def sobol(names: Sequence[str], outcome: Outcome, n: int, seed: int, others: Sequence[Outcome] = ()) -> Indices:
    """Return first-order and total indices.

    Parameters
    ----------
    n : base sample, a power of two; the outcome is computed for n × (inputs + 2) sets
    others : the same outcome by surrogates fitted to other draws of the simulated points: their error
    """
    problem = {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0]] * len(names)}
    u = sampling.sample(problem, n, calc_second_order=False, seed=seed)
    scores = norm.ppf(np.clip(u, EDGE, 1 - EDGE))
    main = _analysed(problem, outcome(scores), seed)
    again = [_analysed(problem, other(scores), seed, resamples=2) for other in others]
    off = {key: _half_width([one[key] for one in again], len(names)) for key in ("S1", "ST")}
    return Indices(
        main["S1"], np.hypot(main["S1_conf"], off["S1"]), main["ST"], np.hypot(main["ST_conf"], off["ST"]), off["ST"]
    )  # fmt: skip


def _analysed(problem: dict, y: np.ndarray, seed: int, resamples: int = 100) -> Mapping[str, np.ndarray]:
    y = np.asarray(y, float)
    if np.ptp(y) == 0:
        nothing = np.zeros(problem["num_vars"])
        return {"S1": nothing, "S1_conf": nothing, "ST": nothing, "ST_conf": nothing}
    return analysis.analyze(problem, y, calc_second_order=False, num_resamples=resamples, seed=seed)


def _half_width(found: Sequence[np.ndarray], n_inputs: int) -> np.ndarray:
    if len(found) < 2:
        return np.zeros(n_inputs)
    return norm.ppf(0.5 + CONFIDENCE / 2) * np.std(found, axis=0, ddof=1)


@dataclass(frozen=True)
class Swing:
    """What one input does alone: the outcome with it low and high, all others at their medians."""

    low: float
    high: float

    @property
    def width(self) -> float:
        """Return how far apart the two are."""
        return abs(self.high - self.low)


def tornado(n_inputs: int, outcome: Outcome, tails: tuple[float, float] = TAILS) -> tuple[float, list[Swing]]:
    """Return the outcome with all inputs at their medians, and every input's swing, in the inputs' order."""
    scores = np.zeros((1 + 2 * n_inputs, n_inputs))
    for k in range(n_inputs):
        scores[1 + 2 * k, k], scores[2 + 2 * k, k] = norm.ppf(tails)
    y = outcome(scores)
    return float(y[0]), [Swing(float(y[1 + 2 * k]), float(y[2 + 2 * k])) for k in range(n_inputs)]


def agreement(rankings: Mapping[str, np.ndarray]) -> dict[str, float]:
    """Return Spearman's rank correlation of every two ways to rank, float[input] each; 1: they agree on the order."""
    names = list(rankings)
    found = {}
    for i, one in enumerate(names):
        for other in names[i + 1 :]:
            a, b = rankings[one], rankings[other]
            constant = np.ptp(a) == 0 or np.ptp(b) == 0
            found[f"{one} ~ {other}"] = float("nan") if constant else float(spearmanr(a, b).statistic)
    return found
