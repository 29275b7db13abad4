"""Laws of parameters that are not known for sure, each given by the range it lies in with 95 %."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import optimize, stats

from pathways.errors import InputError

LAWS = ("lognormal", "beta")
INSIDE = 0.95
TAIL = (1 - INSIDE) / 2


@dataclass(frozen=True)
class ParameterLaw:
    """A law by its range: `lognormal` of a factor, `beta` of a share; of no width if `low` is `high`."""

    kind: str
    low: float
    high: float

    def quantile(self, u: np.ndarray | float) -> np.ndarray:
        """Return the value not exceeded with probability `u`, which lies strictly between 0 and 1."""
        u = np.asarray(u, dtype=np.float64)
        if self.low == self.high:
            return np.full(u.shape, self.low)
        if self.kind == "lognormal":
            middle, half = (math.log(self.high) + math.log(self.low)) / 2, (math.log(self.high / self.low)) / 2
            return np.exp(middle + half * stats.norm.ppf(u) / stats.norm.ppf(1 - TAIL))
        return stats.beta.ppf(u, *_beta(self.low, self.high))


def law(kind: str, content: object, file: object, key: str) -> ParameterLaw:
    """Read `{ low = …, high = … }`; a range that is none is refused."""
    expected = "{ low = …, high = … }, the range in which it lies with 95 %"
    if not isinstance(content, Mapping) or set(content) != {"low", "high"}:
        raise InputError(file=file, key=key, value=content, expected=expected)
    numbers = [content["low"], content["high"]]
    if not all(isinstance(n, int | float) and not isinstance(n, bool) and math.isfinite(n) for n in numbers):
        raise InputError(file=file, key=key, value=content, expected=f"numbers: {expected}")
    low, high = map(float, numbers)
    if not 0 < low <= high or (kind == "beta" and high >= 1):
        top = " < 1" if kind == "beta" else ""
        raise InputError(file=file, key=key, value=content, expected=f"0 < low <= high{top}")
    return ParameterLaw(kind, low, high)


@lru_cache(maxsize=64)
def _beta(low: float, high: float) -> tuple[float, float]:
    """Return (a, b) of the beta law with this range: from the normal law of the same range, made exact."""
    mean, sd = (low + high) / 2, (high - low) / (2 * stats.norm.ppf(1 - TAIL))
    size = max(mean * (1 - mean) / sd**2 - 1, 1e-3)

    def off(logs: np.ndarray) -> np.ndarray:
        return stats.beta.ppf([TAIL, 1 - TAIL], *np.exp(logs)) - np.array([low, high])

    found = optimize.root(off, np.log([mean * size, (1 - mean) * size]), tol=1e-12)
    if np.abs(off(found.x)).max() > 1e-6:
        raise InputError(key="beta", value={"low": low, "high": high}, expected="a range a beta law can have")
    a, b = np.exp(found.x)
    return float(a), float(b)
