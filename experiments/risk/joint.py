"""Uncertain inputs drawn together: each with its own law, all with their declared rank correlations.

A Gaussian copula (Nelsen 2006, An Introduction to Copulas, section 3.1): normal scores with a correlation matrix, each
turned into its input's law.  The scores of a set come from scrambled Sobol points (Owen 1998,
doi:10.1006/jcom.1998.0487), so that few sets cover much, and follow from the seed alone.  Declared are rank
correlations (Spearman's); a normal score's correlation is 2 sin(π/6 × rank correlation) (Pearson 1907).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.stats import norm, qmc

from pathways.errors import InputError

PURPOSE = 0x7269736B  # keeps these draws apart from whatever else a seed is used for
EDGE = 1e-9
LEAST_EIGENVALUE = 1e-8

Pairs = Mapping[tuple[str, str], float]
"""Rank correlation of two inputs, by their names"""


class Law(Protocol):
    """Whatever turns probabilities into values: a range's law, or one of SciPy's behind two lines."""

    def quantile(self, u: np.ndarray) -> np.ndarray:
        """Return the values not exceeded with probability `u`."""


@dataclass(frozen=True)
class Joint:
    """Inputs with their laws and how they go together; `scores` are normal, float[set, input]."""

    names: tuple[str, ...]
    laws: tuple[Law, ...]
    correlation: np.ndarray
    """float[input, input] of the normal scores"""

    def scores(self, n: int, seed: int, purpose: int = PURPOSE) -> np.ndarray:
        """Return correlated normal scores of `n` sets (a power of two spreads evenly)."""
        return self.correlated(points(n, len(self.names), seed, purpose))

    def correlated(self, u: np.ndarray) -> np.ndarray:
        """Return the scores of independent probabilities `u`, float[set, input]."""
        return norm.ppf(np.clip(u, EDGE, 1 - EDGE)) @ np.linalg.cholesky(self.correlation).T

    def values(self, scores: np.ndarray) -> np.ndarray:
        """Return the inputs' values at these scores, float[set, input]."""
        u = np.clip(norm.cdf(scores), EDGE, 1 - EDGE)
        return np.column_stack([law.quantile(u[:, k]) for k, law in enumerate(self.laws)])

    def given(self, known: Sequence[int], at: np.ndarray, inner: np.ndarray) -> np.ndarray:
        """Return scores of all inputs when some are known.

        Parameters
        ----------
        known : indices of the inputs that are known
        at : float[known], their scores
        inner : float[set, input] independent normal scores that carry what remains unknown
        """
        others = [k for k in range(len(self.names)) if k not in set(known)]
        r = self.correlation
        found = np.empty((len(inner), len(self.names)))
        found[:, list(known)] = at
        if others:
            slope = np.linalg.solve(r[np.ix_(known, known)], r[np.ix_(known, others)])
            rest = r[np.ix_(others, others)] - r[np.ix_(others, known)] @ slope
            spread = np.linalg.cholesky(rest + LEAST_EIGENVALUE * np.eye(len(others)))
            found[:, others] = np.asarray(at) @ slope + inner[:, others] @ spread.T
        return found


def points(n: int, dimensions: int, seed: int, purpose: int = PURPOSE) -> np.ndarray:
    """Return scrambled Sobol points, float[n, dimensions], strictly between 0 and 1; a prefix is itself well spread."""
    rng = np.random.default_rng(np.random.SeedSequence([seed, purpose]))
    u = qmc.Sobol(dimensions, scramble=True, rng=rng).random_base2(max(int(np.ceil(np.log2(max(n, 1)))), 0))
    return np.clip(u[:n], EDGE, 1 - EDGE)


def joint(names: Sequence[str], laws: Sequence[Law], pairs: Pairs, file: object = None) -> Joint:
    """Return the inputs with how they go together.

    Raises
    ------
    InputError
        If no joint law has all these correlations (the matrix is not positive definite); the error names the
        inputs whose correlations contradict each other most.
    """
    at = {name: k for k, name in enumerate(names)}
    matrix = np.eye(len(names))
    for (one, other), rank in pairs.items():
        matrix[at[one], at[other]] = matrix[at[other], at[one]] = 2 * np.sin(np.pi / 6 * rank)
    values, vectors = np.linalg.eigh(matrix)
    if len(names) and values[0] < LEAST_EIGENVALUE:
        blame = np.argsort(-np.abs(vectors[:, 0]), kind="stable")[:3]
        among = [names[k] for k in sorted(blame) if abs(vectors[k, 0]) > 0.1]
        raise InputError(
            file=file, key="correlation", value={f"{a} ~ {b}": rank for (a, b), rank in pairs.items() if a in among},
            expected="correlations that can all hold at once (a positive definite matrix; its smallest eigenvalue is "
            f"{values[0]:.3g}): those among {', '.join(among)} contradict each other, weaken one",
        )  # fmt: skip
    return Joint(tuple(names), tuple(laws), matrix)
