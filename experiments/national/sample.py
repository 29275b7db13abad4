"""A sample of STPs and the weights with which it stands for all 44.

Systematic with probability proportional to residents, along the order of deprivation, so that rich and poor places
are both there (Cochran 1977, Sampling Techniques, ch. 9A).  A place so large that it would be drawn more than once is
taken for certain, as is Lancashire & South Cumbria, the only one that is not illustrative.  A drawn place stands for
1 ÷ (its probability) places.  Sums over England are ratio estimates on residents, whose number is known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict

import numpy as np
from scipy import stats

from abm import areas
from experiments.intervals import together
from experiments.workforce.apportion import Place, places
from pathways.errors import InputError


@dataclass(frozen=True)
class Sampled:
    """One STP of a sample."""

    area: str
    weight: float
    """How many STPs it stands for"""
    certain: bool


def stps() -> dict[str, Place]:
    """Return area -> place of the 44 STPs, in order."""
    by_title = {place.name: place for place in places() if place.level == "stp"}
    return {area: by_title[areas.title_of(area)] for area in areas.cells_of(areas.ENGLAND)}


def everyone() -> list[Sampled]:
    """Return all 44 STPs, each standing for itself."""
    return [Sampled(area, 1.0, True) for area in areas.cells_of(areas.ENGLAND)]


def sample(stps: Mapping[str, Place], n: int, seed: int) -> list[Sampled]:
    """Draw `n` of the STPs, in their order.

    Parameters
    ----------
    stps : area -> its place (`apportion.places`)

    Raises
    ------
    InputError
        If so many cannot be drawn.
    """
    if not 4 <= n <= len(stps):
        raise InputError(
            key="--sample", value=n, expected=f"a number from 4 to {len(stps)}: fewer leave no measure of error"
        )
    if n == len(stps):
        return [Sampled(area, 1.0, True) for area in stps]
    certain = {areas.LSC}
    while True:
        left = sorted((a for a in stps if a not in certain), key=lambda a: (stps[a].imd_score, a))
        people = np.array([stps[a].people for a in left])
        chance = (n - len(certain)) * people / people.sum()
        large = {a for a, p in zip(left, chance, strict=True) if p >= 1}
        if not large:
            break
        certain |= large
    start = float(np.random.default_rng(seed).random())
    ends = np.cumsum(chance)
    drawn = {left[int(np.searchsorted(ends, start + k))] for k in range(n - len(certain))}
    weight = {a: 1.0 / p for a, p in zip(left, chance.tolist(), strict=True)}
    return [Sampled(a, 1.0 if a in certain else weight[a], a in certain) for a in stps if a in certain | drawn]


class Total(TypedDict):
    """A number of England found from a sample."""

    sum: float
    half_width: float | None


def with_luck(of_sample: float | None, of_replications: float | None) -> float | None:
    """Return the half-width that a sample and the luck of its replications leave.

    One replication has no half-width of its own: the sample's stays, in which the places' luck is; where there is none
    (all places were taken), nothing is known.
    """
    if of_replications is None:
        return of_sample or None
    return together(of_sample, of_replications)


def total(drawn: Sequence[Sampled], number: Sequence[float], people: Sequence[float], people_of_all: float) -> Total:
    """Return {sum, half_width} over England of a number known in the sample only.

    The ratio to residents, times England's residents; the 95 % half-width from how ratios differ between drawn places
    (drawn as if with replacement: rather too wide); places taken for certain add no error.

    Parameters
    ----------
    number, people : float[drawn]; `people_of_all`: residents of all STPs
    """
    weight = np.array([one.weight for one in drawn])
    y, x = np.asarray(number, float), np.asarray(people, float)
    ratio = float((weight * y).sum() / (weight * x).sum())
    by_chance = np.array([not one.certain for one in drawn])
    n = int(by_chance.sum())
    if n < 2:  # all there are have no error; of a single one drawn nobody knows it
        return {"sum": ratio * people_of_all, "half_width": None if n else 0.0}
    residual = (weight * (y - ratio * x))[by_chance]
    error = float(np.sqrt(n / (n - 1) * ((residual - residual.mean()) ** 2).sum()))
    error *= people_of_all / float((weight * x).sum())
    return {"sum": ratio * people_of_all, "half_width": float(stats.t.ppf(0.975, n - 1)) * error}
