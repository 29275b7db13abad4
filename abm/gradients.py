"""How much oftener illness begins in deprived areas: as much as keeps their prevalence where the tables put it.

The people of the tables are iller in deprived areas, by published odds (`odds_ratios.csv`).  If illness began equally
often everywhere, deprived areas would drift towards the mean.  So each tenth of deprivation has a level: (ill people
observed ÷ expected by age and sex) ÷ (relative hazard its people have already, by what else they suffer from).  Levels
redistribute between tenths and add nothing: England's events stay as many.
"""

from __future__ import annotations

import numpy as np

from abm import incidence
from abm.ages import N_AGES
from abm.conditions import CONDITIONS
from kernels import lifetime as lt

TENTHS = 10
ONSETS = (lt.CMD_ONSET, lt.SMI_ONSET, lt.PHYSICAL_ONSET, lt.OLD_AGE_ONSET, lt.YOUNG_ONSET, lt.OTHER_ONSET)


def levels(
    people: dict[str, np.ndarray], decile: np.ndarray, weight: np.ndarray, base: np.ndarray, times: np.ndarray
) -> np.ndarray:
    """Return float64[process, tenth]: what the hazard of each process is multiplied by; 1 for those that are no onsets.

    `decile` int[person] 1 (most deprived) to 10, `weight` float64[person] England's people each stands for, `base`
    float64[process, sex, age], `times` float64[person, process] relative hazards.
    """
    tenth = decile.astype(np.int64) - 1
    cell = people["sex"].astype(np.int64) * N_AGES + people["age"]
    found = np.ones((lt.N_PROCESSES, TENTHS))
    for q in ONSETS:
        hazard = weight * base[q][people["sex"], people["age"]]
        able = hazard * (times[:, q] > 0)
        now = np.bincount(tenth, weights=hazard * times[:, q], minlength=TENTHS)
        evenly = np.bincount(tenth, weights=able, minlength=TENTHS)
        wanted = observed_to_expected(_ill(people, q), tenth, cell, weight) * evenly
        found[q] = wanted / np.maximum(now, 1e-12) * now.sum() / max(wanted.sum(), 1e-12)
    return found


def observed_to_expected(ill: np.ndarray, tenth: np.ndarray, cell: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return float64[tenth]: ill people ÷ those expected by the mean at each age and sex; `ill` counts conditions."""
    mean = np.bincount(cell, weights=weight * ill) / np.maximum(np.bincount(cell, weights=weight), 1e-12)
    observed = np.bincount(tenth, weights=weight * ill, minlength=TENTHS)
    return observed / np.maximum(np.bincount(tenth, weights=weight * mean[cell], minlength=TENTHS), 1e-12)


def _ill(people: dict[str, np.ndarray], q: int) -> np.ndarray:
    """Return float64[person]: how many of the conditions that a process brings somebody has."""
    if q == lt.CMD_ONSET:
        return ((people["phq9"] >= 10) | (people["gad7"] >= 8)).astype(float)
    bits = [CONDITIONS.index(name) for name in incidence.CONDITIONS_OF[q]]
    return np.sum([(people["conditions"] >> bit) & 1 for bit in bits], axis=0).astype(float)
