"""Everyone who lives in one cell: one row a resident, made from published tables.

Small areas give age bands, deprivation and delivery system exactly; districts give single years of age and
sex; the census gives ethnic groups; `abm/conditions.py` gives the illnesses.  The same area, seed and tables
give the same people, to the bit, whatever else is made beside them.
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from math import gcd
from pathlib import Path
from typing import Any

import numpy as np

from abm import illustrative, small_areas, tables
from abm.ages import BAND_OF_AGE, BANDS, N_AGES
from abm.areas import LSC, Area, cell, cells_of, check_memory, memory_needed
from abm.conditions import TABLES, Residents, draw_conditions, draw_past_use
from abm.scores import finish
from abm.small_areas import ETHNICITIES, SmallAreas
from kernels import columns as c
from kernels import synthesis
from kernels.draws import purpose
from kernels.entry import block

__all__ = ["ETHNICITIES", "Population", "cells_of", "memory_needed", "places_of", "reference", "synthesise"]


RUN_COLUMNS: dict[str, int] = {"reached": 0, **{name: int(c.NOBODY[name]) for name in c.PERSON.names or ()}}
"""What a run adds to the residents' own columns, and what stands there before anything has happened."""
RUN_BYTES = 8 + c.PERSON.itemsize
"""Bytes of them a person: all but `reached` lie side by side."""


@dataclass(frozen=True)
class Population:
    """The residents of a cell and where they live.

    `people` holds the columns of `docs/architecture.md`, one entry a resident, ordered by small area. `areas`
    holds, one entry a small area: `code` int32 (no two areas of England share one), `system` int8, `decile` int8
    (1 most deprived), `ccg` int8, `district` int8, `first` int32[area + 1], `catchment` int64[area, site]
    cumulative 32-bit thresholds (at or above the last: seen at a hospital elsewhere), and the names `lsoa`,
    `ccg_names`, `district_names`.
    """

    area: str
    seed: int
    people: dict[str, np.ndarray]
    areas: dict[str, Any]
    systems: list[str]
    sites: list[str]
    digest: str
    title: str = ""
    illustrative: bool = False
    """Small areas, delivery systems and hospitals are made up to fit the published totals."""
    england_use: dict[str, float] | None = None
    """England's summed relative use of each service in the past year, to which past use was scaled."""

    @property
    def n(self) -> int:
        """Return the number of residents."""
        return self.people["age"].size

    @property
    def bytes_per_resident(self) -> float:
        """Return the memory of all columns of a run, bytes a resident: who they are, risk group, what happens."""
        risk = {"risk": np.zeros((1, 1), np.uint16)}  # one family, where hazards have not been given yet
        own = sum(column[:1].nbytes for column in (risk | self.people).values())
        return float(own + RUN_BYTES)


def synthesise(area: str = LSC, seed: int = 1, folder: Path = tables.FOLDER) -> Population:
    """Make the residents of one cell.

    Parameters
    ----------
    area : an STP of `areas.csv`
    seed : chooses one of many populations that agree with the tables
    folder : where the tables are

    Raises
    ------
    InputError
        If the area is unknown or too large for the memory, or a table is missing or malformed.
    """
    one = cell(area, folder)
    check_memory(area, folder)
    england = reference(seed, folder).england_use if one.illustrative else None
    return make(one, seed, england, folder)


@lru_cache(maxsize=2)
def reference(seed: int = 1, folder: Path = tables.FOLDER) -> Population:
    """Return the people who, reweighted to England's ages and deprivation, stand for England: L&SC's, kept.

    Demand and past use of every cell are scaled by them, so that the same person asks as often everywhere.
    """
    return make(cell(LSC, folder), seed, None, folder)


def make(area: Area, seed: int, england: dict[str, float] | None, folder: Path) -> Population:
    """Return the residents of a cell; `england` is England's summed relative use (see `draw_past_use`)."""
    own = illustrative.TABLES if area.illustrative else small_areas.TABLES
    identity = f"{area.name}|{seed}|{tables.digest((*TABLES, *own), folder)}"
    if area.illustrative:
        identity += "|" + repr(england)
    key = (seed & 0xFFFFFFFF, (seed >> 32) & 0xFFFFFFFF)
    land = land_of(area, folder)
    residents = settle(land, key, area.illustrative)
    ethnicity = ethnic_groups(land, key)
    draw_conditions(residents, folder)
    england_use = draw_past_use(residents, england, folder)
    columns = finish(residents, folder)
    people = {
        "area": residents.area,
        "ordinal": residents.ordinal,
        "age": residents.age,
        "sex": residents.sex,
        "ethnicity": ethnicity,
        **columns,
    }
    digest = hashlib.sha256(identity.encode()).hexdigest()
    return Population(
        area.name,
        seed,
        people,
        land.areas,
        land.systems,
        land.sites,
        digest,
        area.title,
        area.illustrative,
        england_use,
    )


def land_of(area: Area, folder: Path = tables.FOLDER) -> SmallAreas:
    """Return the small areas of a cell: published, or constructed."""
    return illustrative.constructed(area, folder) if area.illustrative else small_areas.published(folder)


def places_of(area: str, scope: str, folder: Path = tables.FOLDER) -> list[str]:
    """Return the names of a cell's places of a scope: area, system or site."""
    one = cell(area, folder)
    if scope == "area":
        return [one.title]
    land = land_of(one, folder)
    return land.systems if scope == "system" else land.sites


def lattice(size: np.ndarray, key: tuple[int, int], what: str) -> tuple[np.ndarray, np.ndarray]:
    """Return for each size a step near its golden section, coprime to it, and an offset the seed chooses.

    Walking a list by that step meets every place once and any stretch of the walk is spread evenly.
    """
    step, offset = np.ones(size.shape, np.int64), np.zeros(size.shape, np.int64)
    for number, (at, n) in enumerate(np.ndenumerate(size)):
        if n < 2:
            continue
        s = max(1, int(n * 0.6180339887))
        while gcd(s, int(n)) != 1:
            s += 1
        word, _, _, _ = block(key[0], key[1], number, 0, purpose(f"population/{what}/offset"), 0)
        step[at], offset[at] = s, int(word) % int(n)
    return step, offset


def settle(land: SmallAreas, key: tuple[int, int], is_illustrative: bool) -> Residents:
    """Return the residents with area, ordinal, age and sex: bands by small area, the rest by district."""
    areas, bands, years = land.areas, land.bands, land.years
    n, n_districts = int(bands.sum()), len(areas["district_names"])
    district = areas["district"].astype(np.int64)
    by_band = np.zeros((n_districts, len(BANDS)), np.int64)
    np.add.at(by_band, district, bands)
    people = np.zeros((n_districts, N_AGES), np.int64)
    year_end = np.zeros((n_districts, len(BANDS), N_AGES), np.int64)
    for d in range(n_districts):
        for b in range(len(BANDS)):
            weight = np.where(b == BAND_OF_AGE, years[d].sum(axis=0), 0.0)
            people_of_band = apportioned(weight, by_band[d, b])
            people[d] += people_of_band
            year_end[d, b] = np.cumsum(people_of_band)
    total = years.sum(axis=1)
    share = np.divide(years[:, 0], total, out=np.full_like(total, 0.5), where=total > 0)
    n_female = np.rint(share * people).astype(np.int64)
    area, ordinal = np.empty(n, np.uint16), np.empty(n, np.uint16)
    age, sex = np.empty(n, np.uint8), np.empty(n, np.uint8)
    synthesis.settle(
        areas["first"], bands, district, year_end, by_band, *lattice(by_band, key, "age"),
        n_female, people, *lattice(people, key, "sex"), area, ordinal, age, sex,
    )  # fmt: skip
    start = np.zeros(n_districts * 10 * N_AGES * 2 + 1, np.int32)
    order, id0, id1 = np.empty(n, np.int32), np.empty(n, np.uint32), np.empty(n, np.uint16)
    group = district * 10 + areas["decile"] - 1
    synthesis.sort_into_runs(group, areas["code"], area, ordinal, age, sex, start, order, id0, id1)
    return Residents(
        area, ordinal, age, sex, areas["code"], areas["district_names"], key, is_illustrative,
        start, order, id0, id1, np.zeros(n, np.uint32),
    )  # fmt: skip


def apportioned(weight: np.ndarray, total: int) -> np.ndarray:
    """Return `total` people shared in proportion to `weight`, by largest remainders, int64 like `weight`."""
    exact = weight * (total / weight.sum())
    whole = np.floor(exact).astype(np.int64)
    most = np.argsort(whole - exact, kind="stable")[: int(total - whole.sum())]
    whole[most] += 1
    return whole


def ethnic_groups(land: SmallAreas, key: tuple[int, int]) -> np.ndarray:
    """Return the ethnic group of each resident, uint8[person]: census 2021 shares of the small area."""
    first = land.areas["first"]
    sizes = np.diff(first).astype(np.int64)
    ends = np.array([np.cumsum(apportioned(w, int(n))) for w, n in zip(land.ethnic, sizes, strict=True)])
    ethnicity = np.empty(int(first[-1]), np.uint8)
    synthesis.fill_ethnicity(first, ends, *lattice(sizes, key, "ethnicity"), ethnicity)
    return ethnicity
