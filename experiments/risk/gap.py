"""The gap: posts needed in 2020/21 less staff in post, and what a year of closing it costs, as functions of the inputs.

    posts needed = establishment × posts of 2016/17 + (modelled posts − modelled posts of 2016/17) × minutes × asking
    gap          = posts needed − establishment × staff in post, as what they amount to
    pounds       = the same in pounds × pay × (1 + agency share × agency premium) while posts are short

Modelled posts (DEMAND) and staff (STAFF) are simulated, and a surrogate of each part's inputs stands for them; the
rest is arithmetic.  Only the modelled *increment* is added to the posts there are, over the same teams and roles.  All
are WTE.  The luck of a simulated year, and what a surrogate misses, are two more inputs: they are drawn with the rest
and can be blamed, but not asked about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.stats import norm

from experiments.risk.inputs import Input, Inputs
from experiments.risk.joint import Joint, Law, joint
from experiments.risk.surrogate import Surrogate

PARTS = ("demand", "staff")
MEASURES = {
    "demand": ("modelled_posts", "modelled_pounds"),
    "staff": ("in_post", "effective", "effective_pounds", "supply_pounds"),
}
"""What each part simulates, WTE and pounds a year; effective: what those in post amount to, without bank and agency"""
START = ("start_posts", "start_pounds")
"""What staff simulations say besides: the posts of 2016/17, which no input changes"""
OUTCOMES = {
    "gap_posts": "gap in posts (WTE)",
    "gap_pounds": "pounds a year to close the gap",
    "needed_posts": "posts needed (WTE)",
    "in_post": "staff in post (WTE)",
}
GAPS = ("gap_posts", "gap_pounds")
LUCK = {part: f"luck_of_{part}" for part in PARTS}
FACTORS = ("establishment", "contact_minutes", "asking", "pay")
"""Arithmetic drivers that are 1 unless an input says otherwise; the others are prices"""

Key = tuple[str, str]
"""(measure, place)"""
More = Callable[[str, str], np.ndarray]
"""From part and measure to what is added in every set"""


class Luck:
    """The law of luck: a normal score, by which the error at a left-out point is picked."""

    def quantile(self, u: np.ndarray) -> np.ndarray:
        """Return the score itself."""
        return norm.ppf(u)


@dataclass(frozen=True)
class Gap:
    """The model of the gap, fast: surrogates and arithmetic."""

    inputs: Inputs
    surrogates: Mapping[Key, Surrogate]
    base: Mapping[Key, float]
    """Modelled posts and pounds of 2016/17, and the posts there were then (`START`), by place"""
    prices: Mapping[str, float]
    """Present value of every arithmetic driver"""
    shares: Mapping[str, float] = field(default_factory=dict)
    """Drivers that are in place by a share, and that share for an amount of 1"""
    joint: Joint = field(init=False)
    """Of the inputs, then luck"""

    def __post_init__(self) -> None:
        names = [*(one.name for one in self.inputs.inputs), *LUCK.values()]
        laws: list[Law] = [*(one.law for one in self.inputs.inputs), *(Luck() for _ in LUCK)]
        object.__setattr__(self, "joint", joint(names, laws, self.inputs.pairs, self.inputs.file))

    @property
    def n_inputs(self) -> int:
        """Return how many inputs can be asked about; luck comes after them."""
        return len(self.inputs.inputs)

    def of(self, measure: str, place: str) -> Callable[[np.ndarray], np.ndarray]:
        """Return an outcome of a place as a function of scores, float[set, input] with the scores of luck last."""
        return lambda scores: self.measured(measure, place, scores)

    def measured(self, measure: str, place: str, scores: np.ndarray, more: More | None = None) -> np.ndarray:
        """Return one outcome at scores, float[set]; `more`: what is added to what is simulated."""

        def simulated(part: str, name: str) -> np.ndarray:
            found = self._simulated(part, name, place, scores)
            return found if more is None else found + more(part, name)

        there = self.price("establishment", scores)
        if measure == "in_post":
            return there * simulated("staff", measure)
        unit = "pounds" if measure == "gap_pounds" else "posts"
        grown = simulated("demand", f"modelled_{unit}") - self.base[f"modelled_{unit}", place]
        grown = grown * self.price("contact_minutes", scores) * self.price("asking", scores)
        needed = there * self.base[f"start_{unit}", place] + grown
        if measure == "needed_posts":
            return needed
        gap = needed - there * simulated("staff", "effective" if unit == "posts" else "effective_pounds")
        if unit == "posts":
            return gap
        share, premium = (self.price(name, scores) for name in ("agency_share", "agency_premium"))
        return gap * self.price("pay", scores) * np.where(gap > 0, 1 + share * premium, 1.0)

    def price(self, name: str, scores: np.ndarray) -> np.ndarray:
        """Return an arithmetic driver in every set: as it is, moved by the inputs that drive it."""
        found = np.full(len(scores), self.prices[name])
        for k in self.inputs.of("arithmetic"):
            one = self.inputs.inputs[k]
            if name in one.drives:
                values = one.law.quantile(norm.cdf(scores[:, k]))
                found = found * values if one.is_factor else values
        return found

    def coordinates(self, part: str, scores: np.ndarray) -> np.ndarray:
        """Return what a part's surrogates are functions of, float[set, input of the part].

        An input's score; of one that is in place by a share, −1 (not in place) to 1 (all in place).
        """
        mine = self.inputs.of(part)
        found = scores[:, mine].copy()
        for i, k in enumerate(mine):
            level = whole(self.inputs.inputs[k], self.shares)
            if level is not None:
                found[:, i] = 2 * self.in_place(self.inputs.inputs[k], scores[:, k], level) - 1
        return found

    def amount(self, part: str, driver: str, scores: np.ndarray) -> np.ndarray:
        """Return how much of a driver there is in every set, by the input that drives it; 1 if none does."""
        for k in self.inputs.of(part):
            if driver in self.inputs.inputs[k].drives:
                return self.inputs.inputs[k].law.quantile(norm.cdf(scores[:, k]))
        return np.ones(len(scores))

    def in_place(self, one: Input, score: np.ndarray, level: float) -> np.ndarray:
        """Return the share in place at an input's scores."""
        return np.minimum(one.law.quantile(norm.cdf(score)) * level, 1.0)

    def _simulated(self, part: str, measure: str, place: str, scores: np.ndarray) -> np.ndarray:
        luck = norm.cdf(scores[:, self.joint.names.index(LUCK[part])])
        return self.surrogates[measure, place].with_residual(self.coordinates(part, scores), luck)

    def with_surrogates(self, surrogates: Mapping[Key, Surrogate]) -> Gap:
        """Return the same model on other surrogates."""
        return replace(self, surrogates=surrogates)


def whole(one: Input, shares: Mapping[str, float]) -> float | None:
    """Return the share in place for an amount of 1 if an input drives just such a driver, else None."""
    return shares.get(one.drives[0]) if len(one.drives) == 1 else None


def driven(
    inputs: Inputs, part: str, scores: np.ndarray, present: Mapping[str, float], shares: Mapping[str, float]
) -> list[dict[str, float]]:
    """Return what a part is told in each set: every driver, present or moved by the inputs.

    What is in place by a share is told to be in place wholly or not at all, by the sign of the score: years with it and
    without mix by the share, and one year is simulated faster than a mixture.

    Parameters
    ----------
    scores : float[set, input of the part]
    present : every driver's present value
    """
    mine = [inputs.inputs[k] for k in inputs.of(part)]
    values = [one.law.quantile(norm.cdf(scores[:, k])) for k, one in enumerate(mine)]
    told: list[dict[str, float]] = []
    for i in range(len(scores)):
        row = dict(present)
        for k, (one, value) in enumerate(zip(mine, values, strict=True)):
            level = whole(one, shares)
            for name in one.drives:
                if level is not None:
                    row[name] = 1 / level if scores[i, k] > 0 else 0.0
                else:
                    row[name] = row[name] * float(value[i]) if one.is_factor else float(value[i])
        told.append(row)
    return told


def corner(scores: np.ndarray, inputs: Inputs, part: str, shares: Mapping[str, float]) -> np.ndarray:
    """Return the coordinates of simulated points (`Gap.coordinates` of what `driven` told them)."""
    found = scores.copy()
    for i, k in enumerate(inputs.of(part)):
        if whole(inputs.inputs[k], shares) is not None:
            found[:, i] = np.where(scores[:, i] > 0, 1.0, -1.0)
    return found


def places_of(keys: Sequence[Key]) -> list[str]:
    """Return the places there are figures of, in order."""
    return list(dict.fromkeys(place for _, place in keys))
