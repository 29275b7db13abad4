"""Who they are: residents of the groups that equality duties ask about, by what is known of them at the start."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from abm.population import Population
from abm.small_areas import ETHNICITIES
from experiments.reports.words import spoken
from kernels.attributes import CONDITIONS

AGES = ((0, 17), (18, 24), (25, 44), (45, 64), (65, 79), (80, 120))
FIFTHS = ("1 (most deprived)", "2", "3", "4", "5 (least deprived)")


def rows_of(population: Population, person: np.ndarray) -> np.ndarray:
    """Return the rows of residents by id, int64[person] (`Patient.id`)."""
    codes = population.areas["code"].astype(np.int64)
    order = np.argsort(codes)
    area = order[np.searchsorted(codes[order], person >> 16)]
    return population.areas["first"][area].astype(np.int64) + (person & 0xFFFF)


def groups_of(population: Population) -> Iterator[tuple[str, str, np.ndarray]]:
    """Yield (dimension, group, bool[resident]); everybody is in one group of a dimension, save of conditions."""
    people, areas = population.people, population.areas
    for low, high in AGES:
        name = f"{low}+" if high > 110 else f"{low}–{high}"
        yield "age", name, (people["age"] >= low) & (people["age"] <= high)
    for value, name in enumerate(("female", "male")):
        yield "sex", name, people["sex"] == value
    fifth = (areas["decile"].astype(np.int64)[people["area"]] - 1) // 2
    for value, name in enumerate(FIFTHS):
        yield "deprivation fifth", name, fifth == value
    for value, name in enumerate(ETHNICITIES):
        yield "ethnicity", name, people["ethnicity"] == value
    home = areas["system"][people["area"]]
    for value, name in enumerate(population.systems):
        yield "delivery system", name, home == value
    for bit, name in enumerate(CONDITIONS):
        yield "condition", spoken(name), (people["conditions"] >> np.uint32(bit)) & np.uint32(1) != 0
    yield "condition", "none of these", people["conditions"] == 0
