"""Means over replications and their half-widths: 95 %, Student's t."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import stats


def mean_and_half_width(values: Sequence[float] | np.ndarray, confidence: float = 0.95) -> dict[str, float]:
    """Return {mean, half_width} over replications; the half-width of a single value is 0."""
    array = np.asarray(values, dtype=np.float64)
    n = array.size
    if n == 0:
        return {"mean": 0.0, "half_width": 0.0}
    half = 0.0
    if n > 1:
        half = float(stats.t.ppf(0.5 + confidence / 2, n - 1) * array.std(ddof=1) / np.sqrt(n))
    return {"mean": float(array.mean()), "half_width": half}
