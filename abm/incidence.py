"""How often illness begins and ends, where only its prevalence by age is published: what keeps that prevalence.

If people of each age are to be as ill as now, p(a) of them, then illness begins at (p'(a) + p(a) × excess deaths) ÷
(1 − p(a)) a year where prevalence rises with age, and subsides at −p'(a) ÷ p(a) where it falls (the stationary
illness-death model; Keiding 1991).  Prevalence is smoothed over eleven years of age first: its tables come in bands.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from abm import tables
from abm.ages import N_AGES
from abm.conditions import CONDITIONS
from kernels import lifetime as lt

CONDITIONS_OF: dict[int, tuple[str, ...]] = {
    lt.SMI_ONSET: ("psychosis", "bipolar"),
    lt.PHYSICAL_ONSET: ("diabetes", "copd", "stroke", "chd", "heart_failure", "asthma", "cancer"),
    lt.OLD_AGE_ONSET: ("dementia", "frailty"),
    lt.YOUNG_ONSET: ("child_emotional", "child_behavioural", "adhd", "autism"),
    lt.OTHER_ONSET: ("depression", "personality_disorder", "eating_disorder", "substance_misuse", "self_harm"),
    lt.SUBSIDES: (
        "asthma", "child_emotional", "child_behavioural", "adhd", "eating_disorder", "substance_misuse", "self_harm",
        "personality_disorder",
    ),
}  # fmt: skip
EXCESS = {
    "psychosis": 1.6, "bipolar": 1.0, "copd": 1.6, "stroke": 1.0, "chd": 0.8, "heart_failure": 2.0, "cancer": 2.5,
    "dementia": 2.2, "frailty": 1.5, "diabetes": 0.5,
}  # fmt: skip
"""assumption: deaths beside those of others of the age, as a multiple of theirs, of the order of `life_factors.csv`"""
FASTEST = 2.0
"""A year: assumption: nothing subsides faster, even where a survey's prevalence ends with an age"""
REACH = 5  # years to each side


def prevalence(has: np.ndarray, weight: np.ndarray, cell: np.ndarray, persons: np.ndarray) -> np.ndarray:
    """Return float64[sex, age]: the share who have something, smoothed over eleven years of age."""
    ill = np.bincount(cell[has], weights=weight[has], minlength=2 * N_AGES).reshape(2, N_AGES)
    window = np.ones(2 * REACH + 1)
    smooth = [np.convolve(a, window, "same") / np.maximum(np.convolve(b, window, "same"), 1)
              for a, b in zip(ill, persons, strict=True)]  # fmt: skip
    found = np.stack(smooth)
    found[:, 96:] = found[:, 95:96]  # too few people to tell
    return found


def hazards(
    people: dict[str, np.ndarray], weight: np.ndarray, cell: np.ndarray, persons: np.ndarray, folder: Path
) -> tuple[np.ndarray, np.ndarray]:
    """Return (hazard float64[process, sex, age] a year, cumulative thresholds int64[2 × process + sex, age, 8])."""
    rate = np.zeros((lt.N_PROCESSES, 2, N_AGES))
    share = np.full((2 * lt.N_PROCESSES, N_AGES, 8), 1 << 32, np.int64)
    rows = tables.read("life_mortality", folder)
    deaths = np.stack([np.interp(np.arange(N_AGES), [float(r["age"]) for r in rows], [float(r[s]) for r in rows])
                       for s in ("female", "male")])  # fmt: skip
    begins, ends = {}, {}
    for bit, name in enumerate(CONDITIONS):
        has = (people["conditions"] >> bit) & 1 != 0
        p = prevalence(has, weight, cell, persons)
        slope = np.gradient(p, axis=1)
        dying = p * EXCESS.get(name, 0.0) * deaths
        begins[name] = np.maximum(slope + dying, 0) / np.maximum(1 - p, 0.05)
        ends[name] = np.minimum(np.maximum(-slope, 0) / np.maximum(p, 1e-6), FASTEST) * (p > 1e-5)
    for q, names in CONDITIONS_OF.items():
        if q == lt.SUBSIDES:  # the process of those who have any: each of theirs ends at its own rate or faster
            each = np.stack([ends[name] for name in names])
        else:
            each = np.stack([begins[name] for name in names])
        rate[q] = each.sum(axis=0)
        part = np.cumsum(each, axis=0) / np.maximum(rate[q], 1e-12)
        share[2 * q : 2 * q + 2, :, : len(names)] = np.rint(part * 2.0**32).transpose(1, 2, 0)
        share[2 * q : 2 * q + 2, :, len(names) :] = 1 << 32
    return rate, share


def of_episodes(
    people: dict[str, np.ndarray], weight: np.ndarray, cell: np.ndarray, persons: np.ndarray, ending: np.ndarray
) -> np.ndarray:
    """Return float64[sex, age]: how often episodes of common mental disorder begin among those without one."""
    has = (people["phq9"] >= 10) | (people["gad7"] >= 8)
    p = prevalence(has, weight, cell, persons)
    return np.maximum(np.gradient(p, axis=1) + p * ending, 0) / np.maximum(1 - p, 0.05)
