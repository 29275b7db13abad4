"""What is left of a stay that is met under way: the equilibrium residual life.

A ward that has run for years holds patients at random moments of their stays.  Long stays are met more
often, and what remains of one has survival function (1 / mean) ∫_x^∞ S(t) dt, S being that of the whole stay
(Cox 1962, Renewal Theory, §5.4).
"""

from __future__ import annotations

from typing import Protocol

import numpy as np


class Lasting(Protocol):
    """A law that knows its survival function and its tail."""

    def survival(self, x: np.ndarray) -> np.ndarray:
        """Chance of lasting longer than x seconds."""

    def upper_quantile(self, survival: np.ndarray) -> np.ndarray:
        """Value exceeded with the given probability."""


_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(8)
_PER_OCTAVE = 200
_SMALLEST = 1e-25
"""Survival probability at which the tail integral is cut: far below the 2^-32 that a table resolves."""


def upper_quantile(law: Lasting, survival: np.ndarray) -> np.ndarray:
    """Return the residual life (s) exceeded with probability `survival` (descending from 1), by quadrature.

    S is integrated by 8-point Gauss–Legendre between points that follow the law's own quantiles (so that
    steps of an empirical law are ends of intervals), summed from the tail, and inverted by linear
    interpolation.
    """
    falling = np.concatenate([
        np.linspace(1.0, 0.5, 4 * _PER_OCTAVE),
        np.exp2(-np.arange(1.0, -np.log2(_SMALLEST), 1.0 / _PER_OCTAVE)),
    ])  # fmt: skip
    at = np.unique(np.concatenate([[0.0], law.upper_quantile(falling)]))
    # Halve wide gaps so that steps and low ends are followed as closely as the rest.
    widest = at[-1] / (8 * _PER_OCTAVE)
    pieces = np.clip(np.ceil(np.diff(at) / widest), 1, 8 * _PER_OCTAVE).astype(int)
    grid = np.concatenate([
        *(np.linspace(a, b, n, endpoint=False) for a, b, n in zip(at[:-1], at[1:], pieces, strict=True)),
        at[-1:],
    ])  # fmt: skip
    half = np.diff(grid) / 2
    inside = grid[:-1, None] + half[:, None] * (1.0 + _NODES)
    area = half * (law.survival(inside) @ _WEIGHTS)
    beyond = np.append(np.cumsum(area[::-1])[::-1], 0.0)
    chance = beyond / beyond[0]
    return np.interp(-survival, -chance, grid)
