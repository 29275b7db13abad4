"""The gap: posts needed in 2020/21 less staff in post, and what a year of closing it costs, as functions of the inputs.

    posts needed    DEMAND, by simulation   → a surrogate of the demand inputs
    staff in post   STAFF, by simulation    → a surrogate of the staff inputs
    pounds          arithmetic: (pounds of the posts needed − pounds of the staff in post) × pay
                    × (1 + agency share × agency premium) while posts are short

All are WTE.  The luck of a simulated year, and what a surrogate misses, are two more inputs: they are drawn with the
rest and can be blamed, but not asked about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.stats import norm

from experiments.risk.inputs import Inputs
from experiments.risk.joint import Joint, Law, joint
from experiments.risk.surrogate import Surrogate

MEASURES = {"demand": ("needed_posts", "needed_pounds"), "staff": ("in_post", "staff_pounds", "supply_pounds")}
"""What each part simulates, WTE and pounds a year at the money part's prices"""
OUTCOMES = {
    "gap_posts": "gap in posts (WTE)",
    "gap_pounds": "pounds a year to close the gap",
    "needed_posts": "posts needed (WTE)",
    "in_post": "staff in post (WTE)",
}
GAPS = ("gap_posts", "gap_pounds")
PARTS = ("demand", "staff")
LUCK = {part: f"luck_of_{part}" for part in PARTS}
PRICES = ("pay", "agency_premium", "agency_share")

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
    prices: Mapping[str, float]
    """Agency premium and share as the money part has them; the input `pay` is a factor"""
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
        for part, measures in MEASURES.items():
            if measure in measures:
                return self._simulated(part, measure, place, scores, more)
        needed, there = ("needed_posts", "in_post") if measure == "gap_posts" else ("needed_pounds", "staff_pounds")
        gap = self._simulated("demand", needed, place, scores, more)
        gap = gap - self._simulated("staff", there, place, scores, more)
        if measure == "gap_posts":
            return gap
        share, premium = (self.price(name, scores) for name in ("agency_share", "agency_premium"))
        return gap * self.price("pay", scores) * np.where(gap > 0, 1 + share * premium, 1.0)

    def price(self, name: str, scores: np.ndarray) -> np.ndarray:
        """Return a price in every set: as it is, moved by the inputs that drive it."""
        found = np.full(len(scores), self.prices.get(name, 1.0))
        for k in self.inputs.of("money"):
            one = self.inputs.inputs[k]
            if name in one.drives:
                values = one.law.quantile(norm.cdf(scores[:, k]))
                found = found * values if one.is_factor else values
        return found

    def _simulated(self, part: str, measure: str, place: str, scores: np.ndarray, more: More | None) -> np.ndarray:
        luck = norm.cdf(scores[:, self.joint.names.index(LUCK[part])])
        found = self.surrogates[measure, place].with_residual(scores[:, self.inputs.of(part)], luck)
        return found if more is None else found + more(part, measure)

    def with_surrogates(self, surrogates: Mapping[Key, Surrogate]) -> Gap:
        """Return the same model on other surrogates."""
        return Gap(self.inputs, surrogates, self.prices)


def driven(inputs: Inputs, part: str, scores: np.ndarray, present: Mapping[str, float]) -> list[dict[str, float]]:
    """Return what a part is told in each set: only drivers that an input moves.

    Parameters
    ----------
    scores : float[set, input of the part]
    present : every driver's present value
    """
    mine = [inputs.inputs[k] for k in inputs.of(part)]
    values = [one.law.quantile(norm.cdf(scores[:, k])) for k, one in enumerate(mine)]
    told: list[dict[str, float]] = []
    for i in range(len(scores)):
        row: dict[str, float] = {}
        for one, value in zip(mine, values, strict=True):
            for name in one.drives:
                before = row.get(name, present[name])
                row[name] = before * float(value[i]) if one.is_factor else float(value[i])
        told.append(row)
    return told


def places_of(keys: Sequence[Key]) -> list[str]:
    """Return the places there are figures of, in order."""
    return list(dict.fromkeys(place for _, place in keys))
