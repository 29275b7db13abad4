"""How likely a gap above so many posts, or pounds, is; the gap not exceeded in 50, 80 and 95 of 100 cases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

LEVELS = (0.50, 0.80, 0.95)
CURVE_POINTS = 101


def percentiles(
    y: np.ndarray, others: Sequence[np.ndarray] = (), levels: Sequence[float] = LEVELS
) -> list[dict[str, Any]]:
    """Return one row a level: {level, value, low, high}.

    Parameters
    ----------
    y : float[set] the outcome
    others : the same by surrogates fitted to other draws of the simulated points; their 2.5 and 97.5 % bound `value`
    """
    values = np.quantile(y, levels)
    again = np.array([np.quantile(other, levels) for other in others])
    low, high = (values, values) if len(again) < 2 else _around(values, again)
    return [
        {"level": f"P{round(100 * level)}", "probability": level, "value": float(value),
         "low": float(a), "high": float(b)}
        for level, value, a, b in zip(levels, values, low, high, strict=True)
    ]  # fmt: skip


def _around(values: np.ndarray, again: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return bounds that hold the value itself: draws anew differ from the points they are drawn from."""
    low, high = np.quantile(again, [0.025, 0.975], axis=0)
    return np.minimum(low, values), np.maximum(high, values)


def curve(y: np.ndarray, n: int = CURVE_POINTS) -> list[dict[str, float]]:
    """Return {value, exceeded}: the share of sets above each of `n` values evenly from the least to the most."""
    ordered = np.sort(y)
    grid = np.linspace(ordered[0], ordered[-1], n)
    above = 1 - np.searchsorted(ordered, grid, side="right") / len(ordered)
    return [{"value": float(x), "exceeded": float(p)} for x, p in zip(grid, above, strict=True)]
