"""England's people by age, sex and deprivation: what survey rates and registers are spread over."""

from pathlib import Path

import numpy as np

from abm import tables
from abm.ages import BAND_LABELS, BAND_OF_AGE, BANDS, N_AGES, SEXES, single_years


def england_persons(folder: Path = tables.FOLDER) -> np.ndarray:
    """Return England's residents, float64[age band, decile], mid-2017."""
    persons = np.zeros((len(BANDS), 10))
    for row in tables.read("england_margins", folder):
        persons[BAND_LABELS.index(row["age_band"]), int(row["decile"]) - 1] = float(row["persons"])
    return persons


def england_years(folder: Path = tables.FOLDER) -> np.ndarray:
    """Return England's people by sex and single year of age, float64[sex, age], mid-2018."""
    years = np.zeros((len(SEXES), N_AGES))
    for row in tables.read("england_years", folder):
        years[SEXES.index(row["sex"])] = single_years(row)
    return years


def england_residents(folder: Path = tables.FOLDER) -> np.ndarray:
    """Return England's residents, float64[sex, age, decile]: single years and sexes alike in every tenth."""
    years = england_years(folder)
    of_band = np.bincount(BAND_OF_AGE, weights=years.sum(axis=0))
    return (years / of_band[BAND_OF_AGE])[:, :, None] * england_persons(folder)[BAND_OF_AGE]


def register_level(shape: np.ndarray, row: tables.Row, folder: Path = tables.FOLDER) -> float:
    """Return what the shape of a register is multiplied by so that England has its published prevalence.

    `shape` float64[sex, age, decile] is a share of the residents; `row` is one of `england_registers.csv`.
    """
    residents = england_residents(folder)
    ages = slice(int(row["from_age"]), int(row["to_age"]) + 1)
    sexes = slice(None) if row["sex"] == "all" else SEXES.index(row["sex"])
    return float(row["prevalence"]) * float(residents[sexes, ages].sum() / (residents * shape).sum())
