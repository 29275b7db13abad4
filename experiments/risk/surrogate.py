"""A surrogate: a polynomial in normal scores that stands for a simulation, and how far off it is.

Polynomial chaos (Ghanem & Spanos 1991), its terms chosen by the error at points left out, corrected for their number
(Blatman & Sudret 2011, doi:10.1016/j.jcp.2010.12.021); a square or a product is considered only where its inputs are in
by themselves.  The error a surrogate reports is that of polynomials *chosen and fitted*
without the points they are held against (eight folds).  It holds what the polynomial misses and the luck of the
simulated year; luck is known from years with the same inputs, the rest is the surrogate's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Term = tuple[int, ...]
"""Indices of inputs: () is the mean, (2,) linear in input 2, (2, 2) its square, (1, 2) a product"""

FOLDS = 8
WORSE = 2
"""Terms tried in vain before the search for more ends"""
ENOUGH = 0.98
"""A square or product must bring the error down to this part of it: many are tried, some help by chance"""


@dataclass(frozen=True)
class Surrogate:
    """A polynomial of normal scores, of a number or of its logarithm."""

    terms: tuple[Term, ...]
    weights: np.ndarray
    """float[term]"""
    logarithm: bool
    left_out: np.ndarray
    """float[point] simulated less predicted by the other points, on the polynomial's scale"""
    q2: float
    """1 − squared error at left-out points ÷ variance: 1 is exact, 0 no better than the mean"""
    error: float
    """Root mean square error at left-out points, in the number's own unit; luck included"""

    def predict(self, scores: np.ndarray) -> np.ndarray:
        """Return the number at scores, float[set]."""
        found = columns(scores, self.terms) @ self.weights
        return np.exp(found) if self.logarithm else found

    def with_residual(self, scores: np.ndarray, pick: np.ndarray) -> np.ndarray:
        """Return the number with an error drawn from those at left-out points (`pick`: float[set] in 0..1)."""
        ordered = np.sort(self.left_out - self.left_out.mean())
        index = np.minimum((pick * len(self.left_out)).astype(int), len(self.left_out) - 1)
        off = ordered[index]
        found = columns(scores, self.terms) @ self.weights + off
        return np.exp(found) if self.logarithm else found


def columns(scores: np.ndarray, terms: Sequence[Term]) -> np.ndarray:
    """Return float[set, term]: Hermite polynomials, of mean 0 and variance 1 for independent normal scores."""
    found = np.empty((len(scores), len(terms)))
    for k, term in enumerate(terms):
        if not term:
            found[:, k] = 1.0
        elif len(term) == 1:
            found[:, k] = scores[:, term[0]]
        elif term[0] == term[1]:
            found[:, k] = (scores[:, term[0]] ** 2 - 1) / np.sqrt(2)
        else:
            found[:, k] = scores[:, term[0]] * scores[:, term[1]]
    return found


def fitted(scores: np.ndarray, numbers: np.ndarray) -> Surrogate:
    """Return the polynomial, plain or of the logarithm, of degree 1 or 2, that predicts left-out points best.

    Parameters
    ----------
    scores : float[point, input]
    numbers : float[point] what was simulated there
    """
    numbers = np.asarray(numbers, float)
    if np.ptp(numbers) == 0:
        nothing = np.zeros(len(numbers))
        return Surrogate(((),), numbers[:1].copy(), False, nothing, 1.0, 0.0)
    scales = (False, True) if (numbers > 0).all() else (False,)
    found = [_of_kind(scores, numbers, logarithm, degree) for logarithm in scales for degree in (1, 2)]
    return min(found, key=lambda one: one.error)


def _of_kind(scores: np.ndarray, numbers: np.ndarray, logarithm: bool, degree: int) -> Surrogate:
    y = np.log(numbers) if logarithm else numbers
    terms, weights = _grown(scores, y, degree)
    off = _left_out(scores, y, degree)
    predicted = np.exp(y - off) if logarithm else y - off
    error = float(np.sqrt(np.mean((numbers - predicted) ** 2)))
    return Surrogate(terms, weights, logarithm, off, 1 - error**2 / float(numbers.var()), error)


def _left_out(scores: np.ndarray, y: np.ndarray, degree: int) -> np.ndarray:
    """Return the error at each point of a polynomial chosen and fitted without its fold."""
    off = np.empty(len(y))
    fold = np.arange(len(y)) % min(FOLDS, len(y))
    for one in np.unique(fold):
        there = fold == one
        terms, weights = _grown(scores[~there], y[~there], degree)
        off[there] = y[there] - columns(scores[there], terms) @ weights
    return off


def _grown(scores: np.ndarray, y: np.ndarray, degree: int) -> tuple[tuple[Term, ...], np.ndarray]:
    """Return terms and weights: all inputs by themselves (if points are few, those that explain most), then squares
    and products, one after another; then those that are not worth their weight go.
    """
    n, d = scores.shape
    alone: list[Term] = [(k,) for k in range(d)]
    terms: list[Term] = [()]
    terms = [*terms, *alone] if n >= 2 * (d + 1) else _forward(scores, y, terms, alone)
    if degree == 2:
        terms = _forward(scores, y, terms, [(i, j) for i in range(d) for j in range(i, d)])
    terms = _backward(scores, y, terms)
    return tuple(terms), _least_squares(scores, y, terms)[0]


def _forward(scores: np.ndarray, y: np.ndarray, start: list[Term], candidates: list[Term]) -> list[Term]:
    """Add candidates while the error at left-out points falls by enough; the one that explains most is next."""
    n = len(y)
    everything = columns(scores, candidates)
    terms, best = list(start), list(start)
    least, worse = _least_squares(scores, y, terms)[1], 0
    while len(terms) < min(len(start) + len(candidates), n // 2) and worse < WORSE:
        orthogonal, _ = np.linalg.qr(columns(scores, terms))
        remaining = y - orthogonal @ (orthogonal.T @ y)
        free = everything - orthogonal @ (orthogonal.T @ everything)
        size = np.sqrt((free**2).sum(axis=0))
        with np.errstate(invalid="ignore", divide="ignore"):
            gain = np.where(size > 1e-8 * np.sqrt(n), np.abs(remaining @ free) / size, 0.0)
        gain[[k for k, term in enumerate(candidates) if not _is_next(term, terms)]] = 0.0
        if not gain.max() > 1e-12 * np.sqrt(n) * max(np.abs(y).max(), 1e-300):
            break
        terms.append(candidates[int(gain.argmax())])
        error = _least_squares(scores, y, terms)[1]
        if error < ENOUGH * least:
            best, least, worse = list(terms), error, 0
        else:
            worse += 1
    return best


def _backward(scores: np.ndarray, y: np.ndarray, terms: list[Term]) -> list[Term]:
    """Leave terms out, the least of them first, while the error at left-out points does not rise."""
    weights, least = _least_squares(scores, y, terms)
    floor = 1e-20 * float(np.mean(y**2))  # an exact fit is not worse for what rounding leaves
    while True:
        needed = {k for term in terms if len(term) > 1 for k in term}
        size = np.abs(weights) * columns(scores, terms).std(axis=0)
        free = [i for i, term in enumerate(terms) if term and not (len(term) == 1 and term[0] in needed)]
        if not free:
            return terms
        out = min(free, key=lambda i: float(size[i]))
        fewer = [term for i, term in enumerate(terms) if i != out]
        weights, error = _least_squares(scores, y, fewer)
        if error > max(least, floor):
            return terms
        terms, least = fewer, error


def _is_next(term: Term, terms: Sequence[Term]) -> bool:
    """Say whether a term may be taken: it is new, and its inputs are in by themselves."""
    return term not in terms and (len(term) == 1 or all((k,) in terms for k in term))


def _least_squares(scores: np.ndarray, y: np.ndarray, terms: Sequence[Term]) -> tuple[np.ndarray, float]:
    """Return weights, and the mean squared error at points left out one by one, corrected for the number of terms."""
    basis = columns(scores, terms)
    n, p = basis.shape
    orthogonal, upper = np.linalg.qr(basis)
    weights = np.linalg.solve(upper, orthogonal.T @ y)
    leverage = np.minimum((orthogonal**2).sum(axis=1), 1 - 1e-9)
    off = (y - basis @ weights) / (1 - leverage)
    spread = float(np.trace(np.linalg.inv(basis.T @ basis / n))) / n
    return weights, float(np.mean(off**2)) * n / (n - p) * (1 + spread)


def refitted(one: Surrogate, scores: np.ndarray, numbers: np.ndarray, rng: np.random.Generator) -> Surrogate:
    """Return the same polynomial with weights from points drawn anew with replacement: how sure its weights are."""
    y = np.log(numbers) if one.logarithm else np.asarray(numbers, float)
    pick = rng.integers(len(y), size=len(y))
    basis = columns(scores[pick], one.terms)
    weights = np.linalg.lstsq(basis, y[pick], rcond=None)[0]
    return Surrogate(one.terms, weights, one.logarithm, one.left_out, one.q2, one.error)
