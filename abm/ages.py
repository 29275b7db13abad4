"""Ages and sexes as the tables have them."""

import numpy as np

from abm import tables

SEXES = ("female", "male")
N_AGES = 111
BANDS = (
    (0, 4),
    (5, 10),
    (11, 17),
    (18, 24),
    (25, 34),
    (35, 44),
    (45, 54),
    (55, 64),
    (65, 74),
    (75, 84),
    (85, 110),
)
BAND_LABELS = tuple(f"age_{low}_{high}" if high < N_AGES - 1 else f"age_{low}plus" for low, high in BANDS)
BAND_OF_AGE = np.array([next(i for i, (low, high) in enumerate(BANDS) if low <= age <= high) for age in range(N_AGES)])


def single_years(row: tables.Row) -> np.ndarray:
    """Return people by single year of age, float64[age].

    The table ends with 90 and over, which is spread with 78 % living on from each year to the next.
    """
    old = 0.78 ** np.arange(N_AGES - 90)
    years = np.zeros(N_AGES)
    years[:90] = [float(row[f"age_{age}"]) for age in range(90)]
    years[90:] = float(row["age_90plus"]) * old / old.sum()
    return years
