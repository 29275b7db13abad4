"""Funnel plots: a rate of each place against its size, with control limits and what over-dispersion makes of them.

Spiegelhalter 2005, Statistics in Medicine 24:1185, doi:10.1002/sim.1970.  Limits lie about the rate of all places
together.  The inner ones hold if places differed by chance alone; real places differ by more (age, deprivation), so
that most would lie outside.  Where they do, a spread between places is estimated from the winsorised z-scores (its
section 5, additive) and the limits are those of chance and spread together: who lies outside *these* is unusual among
places that differ anyway.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

WINSORISED = 0.1
"""Share of z-scores at each end that are pulled in before dispersion is estimated (Spiegelhalter 2005)."""
LIMITS = (0.95, 0.998)
"""Shares of places within the two pairs of limits: about two and three standard errors"""


@dataclass(frozen=True)
class Funnel:
    """One rate of every place, and how far from the others it may lie."""

    rate: np.ndarray
    """float[place]: number ÷ people"""
    overall: float
    """Number of all ÷ people of all"""
    z: np.ndarray
    """float[place]: distance from `overall` in standard errors of chance alone"""
    dispersion: float
    """Mean of the squared winsorised z-scores: 1 if places differ by chance alone"""
    spread: float
    """Standard deviation between places, in units of the rate; 0 where chance alone explains them"""
    z_spread: np.ndarray
    """float[place]: distance in standard errors of chance and spread together"""
    per_person: float
    """Variance of one person's part of the rate: a rate of n people has that ÷ n"""

    def limits(self, people: np.ndarray, share: float, *, spread: bool = True) -> tuple[np.ndarray, np.ndarray]:
        """Return (low, high) between which that share of places of these sizes lies; never below nothing."""
        variance = self.per_person / np.asarray(people, float) + (self.spread**2 if spread else 0.0)
        half = float(stats.norm.ppf(0.5 + share / 2)) * np.sqrt(variance)
        return np.maximum(self.overall - half, 0.0), self.overall + half

    @property
    def outside(self) -> np.ndarray:
        """Return bool[place]: outside the outer limits of chance and spread together."""
        return np.abs(self.z_spread) > stats.norm.ppf(0.5 + LIMITS[-1] / 2)


def funnel(numbers: Sequence[float], people: Sequence[float], *, of_people: bool) -> Funnel:
    """Return the funnel of numbers among people.

    Parameters
    ----------
    numbers : float[place], nothing or more
    people : float[place], more than nothing
    of_people : numbers count some of these people (binomial), else they are events or posts among them (Poisson)

    Raises
    ------
    ValueError
        If there are fewer than three places, or a number cannot be.
    """
    number, size = np.asarray(numbers, float), np.asarray(people, float)
    if len(number) < 3 or (size <= 0).any() or (number < 0).any() or (of_people and (number > size).any()):
        raise ValueError("three places or more, with people, and numbers that can be theirs")
    overall = float(number.sum() / size.sum())
    per_person = overall * (1 - overall) if of_people else overall
    error = np.sqrt(per_person / size)
    rate = number / size
    z = np.divide(rate - overall, error, out=np.zeros_like(rate), where=error > 0)
    dispersion = float(np.mean(winsorised(z) ** 2))
    spread = spread_between(dispersion, error)
    total = np.sqrt(error**2 + spread**2)
    z_spread = np.divide(rate - overall, total, out=np.zeros_like(rate), where=total > 0)
    return Funnel(rate, overall, z, dispersion, spread, z_spread, per_person)


def winsorised(z: np.ndarray, share: float = WINSORISED) -> np.ndarray:
    """Return z-scores with the outermost `share` at each end pulled in to those next to them."""
    low, high = np.quantile(z, [share, 1 - share])
    return np.clip(z, low, high)


def spread_between(dispersion: float, error: np.ndarray) -> float:
    """Return the standard deviation between places that explains the dispersion beyond chance.

    Moments as DerSimonian & Laird 1986, doi:10.1016/0197-2456(86)90046-2; 0 unless the dispersion exceeds what chance
    lets it reach: 1 + 2 √(2 ÷ places).
    """
    n = len(error)
    if dispersion <= 1 + 2 * np.sqrt(2 / n) or (error <= 0).any():
        return 0.0
    weight = error**-2.0
    scale = float(weight.sum() - (weight**2).sum() / weight.sum())
    return float(np.sqrt(max((n * dispersion - (n - 1)) / scale, 0.0)))
