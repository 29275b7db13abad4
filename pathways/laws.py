"""Laws of durations, and the integer tables the simulation draws them from.

A law is looked up, not computed: every law becomes a table of quantiles in whole 1/256 seconds, so that a
draw is integer arithmetic only and the last bit of a logarithm cannot change a result.

Layout.  The 32 random bits `u` stand for the probability u / 2^32.  Octave L (0–31) holds the `u` that begin
with exactly L ones: probabilities from 1 - 2^-L to 1 - 2^-(L+1).  Each octave has 64 cells of equal width;
`table[64 L + j]` is the quantile at 1 - 2^-L + j 2^-(L+7), and between nodes the table is linear.  So the
upper tail is resolved to 2^-32 with 2,049 numbers.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from pathways import residual
from pathways.durations import seconds
from pathways.errors import InputError, nearest, one_of

OCTAVES = 32
CELLS = 64
NODES = OCTAVES * CELLS + 1
PER_SECOND = 256
NORMAL_SCALE = 1 << 16
EXPONENTIAL_SCALE = 1 << 24

SHAPES: dict[str, tuple[str, ...]] = {
    "constant": (),
    "exponential": ("mean",),
    "lognormal": ("mean", "sd"),
    "gamma": ("mean", "sd"),
    "weibull": ("shape", "scale"),
    "uniform": ("low", "high"),
    "triangular": ("low", "mode", "high"),
    "empirical": ("values", "weights"),
}


def survival_nodes() -> np.ndarray:
    """Return 1 - probability at every node: float64[2049], exact binary fractions from 1 to 2^-32."""
    octave, cell = np.divmod(np.arange(NODES), CELLS)
    return np.ldexp(1.0 - cell / (2.0 * CELLS), -octave)


@dataclass(frozen=True)
class Law:
    """The law of a duration: its kind and its parameters (seconds; `shape` has no unit)."""

    kind: str
    parameters: tuple[float, ...]
    """In the order of `SHAPES`; for `empirical` the values, then as many weights."""

    @functools.cached_property
    def _frozen(self) -> Any:
        """The scipy distribution in seconds (not for constant and empirical)."""
        p = self.parameters
        match self.kind:
            case "exponential":
                return stats.expon(scale=p[0])
            case "lognormal":
                variance = np.log1p((p[1] / p[0]) ** 2)
                return stats.lognorm(s=np.sqrt(variance), scale=p[0] * np.exp(-variance / 2))
            case "gamma":
                return stats.gamma(a=(p[0] / p[1]) ** 2, scale=p[1] ** 2 / p[0])
            case "weibull":
                return stats.weibull_min(c=p[0], scale=p[1])
            case "uniform":
                return stats.uniform(loc=p[0], scale=p[1] - p[0])
            case "triangular":
                return stats.triang(c=(p[1] - p[0]) / (p[2] - p[0]), loc=p[0], scale=p[2] - p[0])
        raise ValueError(f"no distribution for {self.kind}")

    @functools.cached_property
    def points(self) -> tuple[np.ndarray, np.ndarray]:
        """Values in ascending order (s) and their probabilities: of a constant or empirical law."""
        if self.kind == "constant":
            return np.array(self.parameters[:1]), np.ones(1)
        half = len(self.parameters) // 2
        values, weights = np.array(self.parameters[:half]), np.array(self.parameters[half:])
        order = np.argsort(values, kind="stable")
        return values[order], weights[order] / weights.sum()

    @property
    def discrete(self) -> bool:
        """Whether the law has a few values only."""
        return self.kind in ("constant", "empirical")

    @property
    def mean(self) -> float:
        """Mean, seconds."""
        if self.discrete:
            values, chances = self.points
            return float(values @ chances)
        return float(self._frozen.mean())

    @property
    def sd(self) -> float:
        """Standard deviation, seconds."""
        if self.discrete:
            values, chances = self.points
            return float(np.sqrt(max(0.0, values**2 @ chances - (values @ chances) ** 2)))
        return float(self._frozen.std())

    def upper_quantile(self, survival: np.ndarray) -> np.ndarray:
        """Return the value exceeded with probability `survival`, seconds (accurate far into the tail)."""
        if not self.discrete:
            return np.asarray(self._frozen.isf(survival), dtype=np.float64)
        values, chances = self.points
        beyond = np.append(np.cumsum(chances[::-1])[::-1][1:], 0.0)  # chance of more than each value
        beyond[np.abs(beyond) < 1e-15] = 0.0
        # The first value whose chance of being exceeded is below `survival`.
        position = len(values) - np.searchsorted(beyond[::-1], survival, side="left")
        return values[np.clip(position, 0, len(values) - 1)]

    def quantile(self, u: np.ndarray | float) -> np.ndarray:
        """Return the value not exceeded with probability `u`, seconds."""
        return self.upper_quantile(1.0 - np.asarray(u, dtype=np.float64))

    def survival(self, x: np.ndarray) -> np.ndarray:
        """Return the chance of lasting longer than `x` seconds."""
        if not self.discrete:
            return np.asarray(self._frozen.sf(x), dtype=np.float64)
        values, chances = self.points
        cumulative = np.append(0.0, np.cumsum(chances))
        return 1.0 - cumulative[np.searchsorted(values, x, side="right")]

    def table(self) -> np.ndarray:
        """Return the quantile table: int64[2049] in 1/256 s.

        Laws of a few values: draws that fall in the cell where one value gives way to the next (1 in 128 at
        most) lie between the two; the nodes beside it are shifted inwards so that the mean stays exact.
        Other laws: the first node is raised, as far as the second allows, until the mean of the table is
        that of the law.
        """
        nodes = self.upper_quantile(survival_nodes())
        if self.discrete:
            nodes = _with_exact_area(nodes, *self.points)
        else:
            nodes[0] = _first_node(nodes, self.mean)
        return np.rint(nodes * PER_SECOND).astype(np.int64)

    def residual_table(self) -> np.ndarray:
        """Return the table of what remains of a duration met at a random moment (equilibrium):
        int64[2049].
        """
        nodes = residual.upper_quantile(self, survival_nodes())
        return np.rint(nodes * PER_SECOND).astype(np.int64)

    def digest(self) -> str:
        """Return the sha256 of kind and parameters."""
        return hashlib.sha256(json.dumps([self.kind, *self.parameters]).encode()).hexdigest()


def _first_node(nodes: np.ndarray, mean: float) -> float:
    """Return the node at probability 0 with which the linear cells have the right mean (a quantile falls
    steeply there, more than a straight line does), between the true one and the next.
    """
    width = -np.diff(survival_nodes())
    missing = mean - float(width @ (nodes[1:] + nodes[:-1])) / 2
    return float(np.clip(nodes[0] + 2 * missing / width[0], nodes[0], nodes[1]))


def _with_exact_area(nodes: np.ndarray, values: np.ndarray, chances: np.ndarray) -> np.ndarray:
    """Shift nodes beside a jump inwards so that each linear cell keeps the area of the step function."""
    upper = 1.0 - survival_nodes()
    ends = np.cumsum(chances)
    ends[-1] = 1.0
    area = np.zeros(NODES)  # integral of the quantile function from 0 to each node
    begin = 0.0
    for value, end in zip(values, ends, strict=True):
        area += value * np.clip(np.minimum(upper, end) - begin, 0.0, None)
        begin = end
    width = np.diff(upper)
    short = np.diff(area) - width * (nodes[1:] + nodes[:-1]) / 2
    around = np.zeros(NODES)
    around[:-1] += width / 2
    around[1:] += width / 2
    shifted = nodes.copy()
    shifted[:-1] += np.where(short > 0, short, 0.0) / around[:-1]
    shifted[1:] += np.where(short < 0, short, 0.0) / around[1:]
    return np.clip(np.maximum.accumulate(shifted), values[0], values[-1])


def interpolated(table: np.ndarray, u: np.ndarray) -> np.ndarray:
    """Look `u` up: uint32[n] to int64[n] in the table's own unit.  The kernel repeats this line by line.

    L  = number of leading ones of u, at most 31
    rest = the 31 - L bits below the ones and the zero that ends them
    j  = top 6 bits of rest (fewer bits are shifted up), the others are the position in the cell
    """
    u = np.asarray(u, dtype=np.uint32).astype(np.int64)
    zeros = 0xFFFFFFFF - u
    octave = np.minimum(32 - np.frexp(zeros.astype(np.float64))[1].astype(np.int64), 31)
    bits = 31 - octave
    rest = u & ((np.int64(1) << bits) - 1)
    low = np.maximum(bits - 6, 0)
    j = np.where(bits >= 6, rest >> low, rest << np.maximum(6 - bits, 0))
    part = np.where(bits >= 6, rest & ((np.int64(1) << low) - 1), 0)
    left = table[CELLS * octave + j]
    right = table[CELLS * octave + j + 1]
    return left + (((right - left) * part) >> low)


def draw(table: np.ndarray, u: np.ndarray) -> np.ndarray:
    """Draw durations: uint32[n] to int64[n] whole seconds, to the nearest, at least 1."""
    return np.maximum(1, (interpolated(table, u) + PER_SECOND // 2) >> 8)


@functools.cache
def normal_table() -> np.ndarray:
    """Return the upper half of the standard normal, × 65,536: int64[2049], nodes as for a law.

    Octave 0 (the lower half) is not used: see `draw_normal`.
    """
    nodes = stats.norm.isf(survival_nodes()[CELLS:])
    return np.append(np.zeros(CELLS, np.int64), np.rint(nodes * NORMAL_SCALE).astype(np.int64))


def draw_normal(table: np.ndarray, u: np.ndarray) -> np.ndarray:
    """Draw standard normals × 65,536: the first bit of `u` is the sign; a lower-half u is mirrored (~u)."""
    u = np.asarray(u, dtype=np.uint32)
    upper = u >= np.uint32(1 << 31)
    value = interpolated(table, np.where(upper, u, ~u))
    return np.where(upper, value, -value)


@functools.cache
def unit_exponential_table() -> np.ndarray:
    """Return the exponential of mean 1, × 2^24 (integrated hazards): int64[2049], nodes as for a law."""
    return np.rint(-np.log(survival_nodes()) * EXPONENTIAL_SCALE).astype(np.int64)


def law(value: object, *, file: object = None, key: str = "") -> Law:
    """Read a law as files write it: `{ lognormal = { mean = "2 h", sd = "1 h" } }`, `{ constant = "30 min"
    }`.
    """
    if isinstance(value, str):
        value = {"constant": value}
    if not isinstance(value, Mapping) or len(value) != 1:
        raise InputError(file=file, key=key, value=value, expected=f"one law: {one_of(SHAPES)}")
    (kind, given), *_ = value.items()
    if kind not in SHAPES:
        raise InputError(
            file=file,
            key=key,
            value=kind,
            expected=f"a law, {one_of(SHAPES)}",
            suggestion=nearest(kind, SHAPES),
        )
    here = f"{key}.{kind}" if key else kind
    if kind == "constant":
        return Law(kind, (seconds(given, file=file, key=here),))
    names = SHAPES[kind]
    if not isinstance(given, Mapping):
        raise InputError(file=file, key=here, value=given, expected="a table with " + ", ".join(names))
    for name in given:
        if name not in names:
            raise InputError(
                file=file,
                key=f"{here}.{name}",
                value=given[name],
                expected=one_of(names),
                suggestion=nearest(name, names),
            )
    for name in names:
        if name not in given and name != "weights":
            raise InputError(file=file, key=f"{here}.{name}", expected=f"a value: {kind} needs {', '.join(names)}")
    if kind == "empirical":
        return _empirical(given, file, here)
    zero = kind in ("uniform", "triangular")
    parameters = tuple(
        _positive(given[name], file, f"{here}.{name}")
        if name == "shape"
        else seconds(given[name], file=file, key=f"{here}.{name}", zero=zero and name != "high")
        for name in names
    )
    if zero and not (all(a <= b for a, b in itertools.pairwise(parameters)) and parameters[0] < parameters[-1]):
        raise InputError(file=file, key=here, value=dict(given), expected=" ≤ ".join(names) + ", low below high")
    return Law(kind, parameters)


def _empirical(given: Mapping[str, Any], file: object, key: str) -> Law:
    values, weights = given["values"], given.get("weights")
    if not isinstance(values, list) or not values:
        raise InputError(file=file, key=f"{key}.values", value=values, expected="a list of durations")
    lengths = [seconds(value, file=file, key=f"{key}.values") for value in values]
    weights = [1.0] * len(lengths) if weights is None else weights
    if not isinstance(weights, list) or len(weights) != len(lengths):
        raise InputError(file=file, key=f"{key}.weights", value=weights, expected=f"{len(lengths)} numbers")
    return Law("empirical", (*lengths, *(_positive(weight, file, f"{key}.weights") for weight in weights)))


def _positive(value: object, file: object, key: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
        raise InputError(file=file, key=key, value=value, expected="a number more than 0")
    return float(value)
