"""Who they are: residents of the groups that equality duties ask about, by what is known of them at the start."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

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


def described(people: pd.DataFrame, population: Population, cell: str = "") -> pd.DataFrame:
    """Return a table of residents by id with what is known of them at the start: a row of the cell, age, sex …"""
    rows = rows_of(population, people.index.to_numpy())
    columns, areas = population.people, population.areas
    area = columns["area"][rows]
    known = {name: columns[name][rows] for name in ("age", "sex", "ethnicity", "conditions", "ordinal")}
    systems = np.array(population.systems, object)[areas["system"][area]]
    return people.assign(
        row=rows, **known, decile=areas["decile"][area], system=systems, code=areas["code"][area], cell=cell
    )


def groups_in(people: pd.DataFrame) -> Iterator[tuple[str, str, np.ndarray]]:
    """Yield (dimension, group, bool[person]) of a table of residents; of conditions somebody can be in several."""
    age, conditions = people["age"].to_numpy(), people["conditions"].to_numpy().astype(np.uint32)
    for low, high in AGES:
        name = f"{low}+" if high > 110 else f"{low}–{high}"
        yield "age", name, (age >= low) & (age <= high)
    for value, name in enumerate(("female", "male")):
        yield "sex", name, people["sex"].to_numpy() == value
    fifth = (people["decile"].to_numpy().astype(np.int64) - 1) // 2
    for value, name in enumerate(FIFTHS):
        yield "deprivation fifth", name, fifth == value
    for value, name in enumerate(ETHNICITIES):
        yield "ethnicity", name, people["ethnicity"].to_numpy() == value
    for name in dict.fromkeys(people["cell"]):
        if name:
            yield "STP", name, (people["cell"] == name).to_numpy()
    for name in dict.fromkeys(people["system"]):
        yield "delivery system", name, (people["system"] == name).to_numpy()
    for bit, name in enumerate(CONDITIONS):
        yield "condition", spoken(name), (conditions >> np.uint32(bit)) & np.uint32(1) != 0
    yield "condition", "none of these", conditions == 0


def residents_of(population: Population, cell: str = "") -> dict[tuple[str, str], int]:
    """Return how many residents are in each (dimension, group)."""
    found = {(dimension, group): int(members.sum()) for dimension, group, members in groups_of(population)}
    return found | ({("STP", cell): population.n} if cell else {})


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
