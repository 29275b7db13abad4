"""Means over replications with their half-widths (Student's t), and shares with their exact bounds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

import numpy as np
from scipy import stats


class Interval(TypedDict):
    """A mean over replications with its half-width; one replication has none."""

    mean: float
    half_width: float | None


def mean_and_half_width(values: Sequence[float] | np.ndarray, confidence: float = 0.95) -> Interval:
    """Return {mean, half_width} over replications; one value, or none, leaves no half-width (None)."""
    array = np.asarray(values, dtype=np.float64)
    n = array.size
    if n == 0:
        return {"mean": 0.0, "half_width": None}
    half = None
    if n > 1:
        half = float(stats.t.ppf(0.5 + confidence / 2, n - 1) * array.std(ddof=1) / np.sqrt(n))
    return {"mean": float(array.mean()), "half_width": half}


def together(*half_widths: float | None) -> float | None:
    """Return the half-width of a sum of independent parts; where one is not known (None) neither is that of the sum."""
    known = [half for half in half_widths if half is not None]
    return float(np.sqrt(np.sum(np.square(known)))) if known and len(known) == len(half_widths) else None


def binomial_bounds(met: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return the shares that `met` of `n` leaves, at a number of trials fixed beforehand.

    Clopper & Pearson 1934, Biometrika 26:404, doi:10.1093/biomet/26.4.404: exact, so rather too wide than too narrow.
    """
    tail = (1 - confidence) / 2
    low = float(stats.beta.ppf(tail, met, n - met + 1)) if met > 0 else 0.0
    high = float(stats.beta.ppf(1 - tail, met + 1, n - met)) if met < n else 1.0
    return low, high


def share_and_bounds(met: int, years: int, confidence: float = 0.95) -> dict[str, float]:
    """Return {years, met, share, low, high} of a number of years fixed beforehand."""
    if years == 0:
        return {"years": 0, "met": 0, "share": 0.0, "low": 0.0, "high": 1.0}
    low, high = binomial_bounds(met, years, confidence)
    return {"years": years, "met": met, "share": met / years, "low": low, "high": high}
