"""Residents with a mental disorder, by STP, delivery system and CCG: the weights of a share by need.

`python -m experiments.workforce.need` synthesises all 44 STPs (population seed 1, about half a minute) and writes
`tables/need_by_place.csv`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator

import numpy as np

from abm import areas, tables
from abm.conditions import N_LTC, N_MENTAL
from abm.population import Population, synthesise
from experiments.workforce.apportion import FOLDER, places

SEED = 1
COLUMNS = ("place", "residents_in_need", "source", "confidence")
SOURCE = f"residents with a mental health condition among the synthesised people (population seed {SEED})"


def in_need(population: Population) -> np.ndarray:
    """Return who has a mental health condition of any kind: bool[resident]."""
    mental = np.uint32(sum(1 << bit for bit in range(N_LTC, N_LTC + N_MENTAL)))
    return (population.people["conditions"] & mental) != 0


def counted(area: str) -> Iterator[tuple[str, int]]:
    """Yield an STP's residents in need; of Lancashire & South Cumbria its delivery systems' and CCGs' too."""
    population = synthesise(area, SEED)
    ill = in_need(population)
    yield areas.title_of(area), int(ill.sum())
    if area == areas.LSC:
        of_area = np.bincount(population.people["area"], weights=ill, minlength=len(population.areas["code"]))
        named = {row["code"]: row for row in tables.read("lsoa")}
        sums: dict[str, int] = {}
        for code, n in zip(population.areas["code"], of_area, strict=True):
            row = named[f"E0{code}"]
            for name in (row["system"], f"NHS {row['ccg']} CCG"):
                sums[name] = sums.get(name, 0) + int(n)
        yield from sums.items()


def write() -> None:
    """Write the table, places in order."""
    found = dict(pair for area in areas.cells_of(areas.ENGLAND) for pair in counted(area))
    with (FOLDER / "need_by_place.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(COLUMNS)
        table.writerows((place.name, found[place.name], SOURCE, "constructed") for place in places()[1:])


if __name__ == "__main__":
    write()
