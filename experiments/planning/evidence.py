"""Pass or fail, counted year by year: a sequential test that may be looked at after every year.

Each simulated year meets a target or not. The question is whether it does so in at least a share `p0` of
years. Against "p < p0" and against "p ≥ p0" a mixture of likelihood ratios is kept (Robbins 1970, Ann Math
Stat 41:1397, doi:10.1214/aoms/1177696786; Howard et al. 2021, Ann Stat 49:1055, doi:10.1214/20-AOS1991):
the likelihood averaged over Jeffreys' prior cut off at p0, over the largest likelihood of the hypothesis.
By Ville's inequality it exceeds 1 / (1 − confidence) at any time with chance at most 1 − confidence if the
hypothesis is true, so one may stop whenever it does. Years enter in index order, never in the order in
which they were finished.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.special import betainc, betaln

PASSES, FAILS, OPEN = "passes", "fails", "undecided"
HALF = 0.5  # Jeffreys' prior is Beta(1/2, 1/2)


@dataclass(frozen=True)
class Evidence:
    """Years in which a target was met, and was not."""

    met: int = 0
    missed: int = 0

    @property
    def years(self) -> int:
        """Return the number of years seen."""
        return self.met + self.missed

    @property
    def share(self) -> float:
        """Return the share of years in which the target was met (0 of none)."""
        return self.met / self.years if self.years else 0.0

    def verdict(self, p0: float, confidence: float) -> str:
        """Return passes, fails or undecided for "met in at least p0 of years"."""
        limit = math.log(1 / (1 - confidence))
        if log_evidence(self.met, self.missed, p0, above=True) >= limit:
            return PASSES
        if log_evidence(self.met, self.missed, p0, above=False) >= limit:
            return FAILS
        return OPEN

    def bounds(self, confidence: float) -> tuple[float, float]:
        """Return the shares of years that this evidence leaves: an interval that holds at all times together."""
        return _bound(self, confidence, above=True), _bound(self, confidence, above=False)


def overall(
    found: Sequence[tuple[int, Evidence]], p0: float, confidence: float
) -> tuple[str, int | None, Evidence]:  # fmt: skip
    """Return (passes | fails | undecided, deciding target, its evidence) of all targets together.

    `found` holds (target, evidence); one that fails decides, and to pass all must.
    """
    if not found:
        return PASSES, None, Evidence()
    worst, evidence = min(found, key=lambda pair: (pair[1].share, pair[0]))
    judged = [(e.verdict(p0, confidence), t, e) for t, e in found]
    for verdict, t, e in judged:
        if verdict == FAILS:
            return FAILS, t, e
    if all(verdict == PASSES for verdict, _, _ in judged):
        return PASSES, worst, evidence
    return OPEN, worst, evidence


def log_evidence(met: int, missed: int, p0: float, above: bool) -> float:
    """Return the logarithm of the evidence that p lies above (or below) p0."""
    if p0 <= 0 or p0 >= 1:
        certain = (p0 <= 0) == above
        return math.inf if certain or (not above and missed) else -math.inf
    best = met / (met + missed) if met + missed else p0
    at = min(p0, best) if above else max(p0, best)  # the hypothesis at its likeliest
    if above:
        inside = betainc(missed + HALF, met + HALF, 1 - p0) / betainc(HALF, HALF, 1 - p0)
    else:
        inside = betainc(met + HALF, missed + HALF, p0) / betainc(HALF, HALF, p0)
    if inside <= 0:
        return -math.inf
    mixture = betaln(met + HALF, missed + HALF) - betaln(HALF, HALF) + math.log(inside)
    return mixture - _xlogy(met, at) - _xlogy(missed, 1 - at)


def _xlogy(x: int, y: float) -> float:
    return 0.0 if x == 0 else x * math.log(y) if y > 0 else -math.inf


def _bound(evidence: Evidence, confidence: float, above: bool) -> float:
    """Return the largest p0 shown to be passed (above), or the smallest shown to be failed."""
    limit = math.log(1 / (1 - confidence))
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        shown = log_evidence(evidence.met, evidence.missed, middle, above) >= limit
        if shown == above:
            low = middle
        else:
            high = middle
    return low if above else high
