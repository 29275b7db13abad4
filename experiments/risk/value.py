"""What knowing an answer is worth: how much less is left open, and how much less a plan then costs on average.

Every input is learnt in turn: at even steps through its law, all others are drawn as they are once it is known
(`Joint.given`, so what goes together with it is learnt too).  Expected value of partial perfect information: Raiffa &
Schlaifer 1961; Strong, Oakley & Brennan 2014, doi:10.1177/0272989X13505910, whose nested estimate this is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from experiments.risk.joint import Joint, points
from experiments.risk.sensitivity import Outcome

PURPOSE = 0x6B6E6F77


@dataclass(frozen=True)
class Decision:
    """How many posts (or pounds) to plan for, before the need is known."""

    too_few: float
    """Cost of each unit planned too few"""
    too_many: float
    """Cost of each unit planned too many"""

    @property
    def cover(self) -> float:
        """Return the probability with which the cheapest plan suffices."""
        return self.too_few / (self.too_few + self.too_many)

    def loss(self, y: np.ndarray) -> np.ndarray:
        """Return the mean cost of the cheapest plan for outcomes `y`, float[..., set]: over the last axis."""
        plan = np.quantile(y, self.cover, axis=-1, keepdims=True)
        return (self.too_few * np.maximum(y - plan, 0) + self.too_many * np.maximum(plan - y, 0)).mean(axis=-1)


@dataclass(frozen=True)
class Known:
    """What is left when an input is known, beside what there is now."""

    spread: float
    """Standard deviation of the outcome now"""
    spread_known: float
    """Root of the expected variance once it is known"""
    evppi: float | None
    """Expected saving of the cheapest plan, in the decision's unit of cost; None without a decision"""

    @property
    def narrower(self) -> float:
        """Return by how much the standard deviation falls."""
        return self.spread - self.spread_known

    @property
    def share(self) -> float:
        """Return the share of variance that goes."""
        return 1 - (self.spread_known / self.spread) ** 2 if self.spread else 0.0


def when_known(
    joint: Joint, outcome: Outcome, known: Sequence[int], seed: int, decision: Decision | None = None,
    outer: int = 32, inner: int = 1024,
) -> Known:  # fmt: skip
    """Return what is left open once the inputs `known` are.

    Parameters
    ----------
    known : indices of inputs, learnt together
    outer, inner : answers tried (evenly through the law), and sets drawn given each, the same luck for all
    """
    unknown = norm.ppf(points(inner, len(joint.names), seed, PURPOSE))
    if len(known) == 1:
        answers = norm.ppf((np.arange(outer) + 0.5) / outer)[:, None]
    else:
        own = np.linalg.cholesky(joint.correlation[np.ix_(known, known)])
        answers = norm.ppf(points(outer, len(known), seed, PURPOSE)) @ own.T
    y = np.stack([outcome(joint.given(known, at, unknown)) for at in answers])
    everything = y.reshape(-1)
    saved = None
    if decision is not None:
        saved = max(float(decision.loss(everything) - decision.loss(y).mean()), 0.0)
    return Known(float(everything.std()), float(np.sqrt(y.var(axis=1).mean())), saved)
