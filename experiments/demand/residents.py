"""The residents of a later year: as many of each age in each district as then, and otherwise the same people.

Where an age band shrinks, some of its people give their place to others like those of a band that grows; where a
district grows, more are added to its small areas.  Whoever stays keeps name and luck, so that years can be compared
person by person; illness, use and deprivation at each age stay as they were.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from abm import tables
from abm.ages import BAND_LABELS, BAND_OF_AGE
from abm.population import Population
from experiments.demand.factors import BASELINE, FOLDER, POPULATION

ENGLAND = "England"


@lru_cache(maxsize=32)
def growth(year: str, folder: Path = FOLDER) -> dict[str, np.ndarray]:
    """Return people of a year over those of the baseline: {district: float64[band]}; England stands for others."""
    found: dict[str, np.ndarray] = {}
    for row in tables.read(POPULATION, folder):
        one = found.setdefault(row["district"], np.ones(len(BAND_LABELS)))
        one[BAND_LABELS.index(row["band"])] = float(row[year]) / float(row[BASELINE])
    return found


def wanted(population: Population, year: str, amount: float = 1.0, folder: Path = FOLDER) -> np.ndarray:
    """Return people of a year by district and age band, int64[district, band], with so much of the change."""
    now = counted(population)
    by_district = growth(year, folder)
    ratio = np.array([by_district.get(name, by_district[ENGLAND]) for name in names_of(population)])
    return np.rint(now * (1 + amount * (ratio - 1))).astype(np.int64)


def names_of(population: Population) -> list[str]:
    """Return the names of a population's districts; made-up areas have none and grow as England."""
    return list(population.areas["district_names"])


def cells_of(population: Population) -> np.ndarray:
    """Return district × bands + band of each resident: int64[resident]."""
    district = population.areas["district"].astype(np.int64)[population.people["area"]]
    return district * len(BAND_LABELS) + BAND_OF_AGE[population.people["age"]]


def counted(population: Population) -> np.ndarray:
    """Return residents by district and age band: int64[district, band]."""
    n = len(names_of(population)) * len(BAND_LABELS)
    return np.bincount(cells_of(population), minlength=n).reshape(-1, len(BAND_LABELS))


def residents_of(population: Population, year: str, amount: float = 1.0, folder: Path = FOLDER) -> Population:
    """Return the residents of a year (`wanted`), the population itself if nothing changes."""
    if year == BASELINE or amount == 0:
        return population
    more = wanted(population, year, amount, folder) - counted(population)
    area, source = _arranged(population, more)
    first = np.concatenate([[0], np.cumsum(np.bincount(area, minlength=len(population.areas["code"])))])
    people = {name: column[source] for name, column in population.people.items()}
    people["area"] = area.astype(population.people["area"].dtype)
    people["ordinal"] = (np.arange(area.size) - first[area]).astype(population.people["ordinal"].dtype)
    identity = f"{population.digest}|{year}|{amount!r}|{tables.digest([POPULATION], folder)}"
    return replace(
        population, people=people, areas=population.areas | {"first": first.astype(population.areas["first"].dtype)},
        digest=hashlib.sha256(identity.encode()).hexdigest(),
    )  # fmt: skip


def _arranged(population: Population, more: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (small area, row of the resident who stands behind it) of each resident of the year, in order of area."""
    area, first = population.people["area"].astype(np.int64), population.areas["first"].astype(np.int64)
    source = np.arange(population.n)
    gone = np.zeros(population.n, bool)
    added: list[np.ndarray] = []
    by_cell = np.argsort(cells_of(population), kind="stable")
    ends = np.cumsum(counted(population).ravel())
    rows = np.split(by_cell, ends[:-1])
    bands = more.shape[1]
    for d, change in enumerate(more):
        own = rows[d * bands : (d + 1) * bands]
        leaving = _sorted(spread(cell, -n) for cell, n in zip(own, change, strict=True) if n < 0)
        coming = _sorted(spread(cell, n) for cell, n in zip(own, change, strict=True) if n > 0)
        both = min(leaving.size, coming.size)
        replaced, taken = spread(np.arange(leaving.size), both), spread(np.arange(coming.size), both)
        source[leaving[replaced]] = coming[taken]
        gone[np.delete(leaving, replaced)] = True
        added.append(np.delete(coming, taken))
    for a in np.unique(area[gone]):
        _close_up(source, gone, int(first[a]), int(first[a + 1]))
    extra = np.concatenate(added)
    area, source = np.concatenate([area[~gone], area[extra]]), np.concatenate([source[~gone], extra])
    order = np.argsort(area, kind="stable")
    return area[order], source[order]


def _sorted(parts: object) -> np.ndarray:
    return np.sort(np.concatenate([np.zeros(0, np.int64), *parts]))  # type: ignore[misc]


def spread(rows: np.ndarray, n: int) -> np.ndarray:
    """Return `n` of the rows, spread evenly over them; if there are fewer, some of them again."""
    return rows[((np.arange(n) + 0.5) * rows.size / n).astype(np.int64)] if n > 0 else rows[:0]


def _close_up(source: np.ndarray, gone: np.ndarray, begin: int, end: int) -> None:
    """Let the last of a small area take the places of those who are gone, so that nobody else's number changes."""
    n_stay = int((~gone[begin:end]).sum())
    holes = np.flatnonzero(gone[begin : begin + n_stay]) + begin
    last = np.flatnonzero(~gone[begin + n_stay : end]) + begin + n_stay
    source[holes] = source[last]
    gone[begin : begin + n_stay], gone[begin + n_stay : end] = False, True
