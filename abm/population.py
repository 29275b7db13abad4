"""Everyone who lives in the area: one row a resident, made from published tables.

Small areas give age bands, deprivation and delivery system exactly; districts give single years of age and
sex; the census gives ethnic groups; `abm/conditions.py` gives the illnesses.  The same area, seed and tables
give the same people, to the bit.
"""

import hashlib
from dataclasses import dataclass
from math import gcd
from pathlib import Path
from typing import Any

import numpy as np

from abm import tables
from abm.conditions import (
    BAND_OF_AGE,
    BANDS,
    BIT,
    CONDITIONS,
    N_AGES,
    SEXES,
    TABLES,
    USES,
    Residents,
    draw_conditions,
    draw_past_use,
    draw_scores,
)
from kernels import synthesis
from kernels.draws import purpose
from kernels.entry import block
from pathways.errors import InputError, nearest, one_of

ETHNICITIES = ("white", "asian", "black", "mixed", "other")
PLACE_TABLES = ("areas", "lsoa", "single_year", "ethnicity", "systems", "ae_sites", "catchment")


@dataclass(frozen=True)
class Population:
    """The residents of an area and where they live.

    `people` holds the columns of `docs/architecture.md`, one entry a resident, ordered by small area. `areas`
    holds, one entry a small area: `code` int32, `system` int8, `decile` int8 (1 most deprived), `ccg` int8,
    `district` int8, `first` int32[area + 1], `catchment` int64[area, site] cumulative 32-bit thresholds (at
    or above the last: seen at a hospital elsewhere), and the names `lsoa`, `ccg_names`, `district_names`.
    """

    area: str
    seed: int
    people: dict[str, np.ndarray]
    areas: dict[str, Any]
    systems: list[str]
    sites: list[str]
    digest: str

    @property
    def n(self) -> int:
        """Return the number of residents."""
        return self.people["age"].size

    @property
    def bytes_per_resident(self) -> float:
        """Return the memory of all columns, bytes a resident."""
        return sum(column.nbytes for column in self.people.values()) / self.n


def synthesise(area: str = "lsc", seed: int = 1, folder: Path = tables.FOLDER) -> Population:
    """Make the residents of `area`.

    Parameters
    ----------
    area : a name of `areas.csv`
    seed : chooses one of many populations that agree with the tables
    folder : where the tables are

    Raises
    ------
    InputError
        If the area is unknown or a table is missing or malformed.
    """
    known = [row["area"] for row in tables.read("areas", folder)]
    if area not in known:
        raise InputError(
            file="areas.csv", key="area", value=area, expected=one_of(known), suggestion=nearest(area, known)
        )
    identity = f"{area}|{seed}|{tables.digest((*TABLES, *PLACE_TABLES), folder)}"
    key = (seed & 0xFFFFFFFF, (seed >> 32) & 0xFFFFFFFF)
    small = tables.read("lsoa", folder)
    areas, systems, sites = places(small, folder)
    residents = settle(small, areas, key, folder)
    ethnicity = ethnic_groups(areas, residents, folder)
    draw_conditions(residents, folder)
    draw_past_use(residents, folder)
    phq9, gad7, severity = draw_scores(residents, folder)
    n = residents.area.size
    past_use = np.zeros(n, np.uint8)
    for i, use in enumerate(USES):
        past_use |= ((residents.bits & BIT[use]) != 0).astype(np.uint8) << i
    people = {
        "area": residents.area,
        "ordinal": residents.ordinal,
        "age": residents.age,
        "sex": residents.sex,
        "ethnicity": ethnicity,
        "conditions": residents.bits & np.uint32((1 << len(CONDITIONS)) - 1),
        "phq9": phq9,
        "gad7": gad7,
        "severity": severity,
        "past_use": past_use,
        "risk": np.zeros(n, np.uint16),
        "reached": np.zeros(n, np.uint8),
        "n_open": np.zeros(n, np.uint8),
        "contact": np.full(n, -1, np.int32),
        "account": np.full(n, -1, np.int32),
        "first": np.full(n, -1, np.int32),
        "entries": np.zeros(n, np.uint16),
    }
    digest = hashlib.sha256(identity.encode()).hexdigest()
    return Population(area, seed, people, areas, systems, sites, digest)


def places(small: list[tables.Row], folder: Path) -> tuple[dict[str, Any], list[str], list[str]]:
    """Return the small-area columns, the delivery systems and the A&E sites."""
    systems = [row["system"] for row in tables.read("systems", folder)]
    sites = [row["site"] for row in tables.read("ae_sites", folder)]
    districts = sorted({row["district"] for row in small})
    ccgs = sorted({row["ccg"] for row in small})
    persons = tables.column(small, "persons", int)
    share_of = {row["code"]: row for row in tables.read("catchment", folder)}
    keys = [site.lower().replace(" ", "_") for site in sites]
    shares = np.array([[float(share_of[row["code"]][key]) for key in keys] for row in small])
    areas = {
        "code": np.array([int(row["code"][1:]) for row in small], np.int32),
        "system": np.array([systems.index(row["system"]) for row in small], np.int8),
        "decile": tables.column(small, "decile", int).astype(np.int8),
        "ccg": np.array([ccgs.index(row["ccg"]) for row in small], np.int8),
        "district": np.array([districts.index(row["district"]) for row in small], np.int8),
        "first": np.concatenate([[0], np.cumsum(persons)]).astype(np.int32),
        "catchment": np.rint(np.minimum(np.cumsum(shares, axis=1), 1.0) * 2**32).astype(np.int64),
        "lsoa": [row["name"] for row in small],
        "ccg_names": ccgs,
        "district_names": districts,
    }
    return areas, systems, sites


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


def settle(small: list[tables.Row], areas: dict[str, Any], key: tuple[int, int], folder: Path) -> Residents:
    """Return the residents with area, ordinal, age and sex: bands by small area, the rest by district."""
    labels = [f"age_{low}_{high}" if high < N_AGES - 1 else f"age_{low}plus" for low, high in BANDS]
    bands = tables.matrix(small, labels).astype(np.int32)
    n, n_districts = int(bands.sum()), len(areas["district_names"])
    district = areas["district"].astype(np.int64)
    years = single_years(areas["district_names"], folder)  # [district, sex, age]
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
    area, ordinal = np.zeros(n, np.uint16), np.zeros(n, np.uint16)
    age, sex = np.zeros(n, np.uint8), np.zeros(n, np.uint8)
    first = areas["first"]
    synthesis.fill_ages(first, bands, district, year_end, by_band, *lattice(by_band, key, "age"), area, ordinal, age)
    total = years.sum(axis=1)
    share = np.divide(years[:, 0], total, out=np.full_like(total, 0.5), where=total > 0)
    n_female = np.rint(share * people).astype(np.int64)
    synthesis.fill_sexes(area, age, district, n_female, people, *lattice(people, key, "sex"), sex)
    return Residents(
        area, ordinal, age, sex, np.zeros(n, np.uint32), areas["code"], areas["decile"], district,
        areas["district_names"], key,
    )  # fmt: skip


def single_years(district_names: list[str], folder: Path) -> np.ndarray:
    """Return people by district, sex and single year of age, float64[district, sex, age].

    The table ends with 90 and over, which is spread with 78 % living on from each year to the next.
    """
    years = np.zeros((len(district_names), len(SEXES), N_AGES))
    old = 0.78 ** np.arange(N_AGES - 90)
    for row in tables.read("single_year", folder):
        if row["district"] in district_names:
            at = district_names.index(row["district"]), SEXES.index(row["sex"])
            years[at][:90] = [float(row[f"age_{age}"]) for age in range(90)]
            years[at][90:] = float(row["age_90plus"]) * old / old.sum()
    return years


def apportioned(weight: np.ndarray, total: int) -> np.ndarray:
    """Return `total` people shared in proportion to `weight`, by largest remainders, int64 like `weight`."""
    exact = weight * (total / weight.sum())
    whole = np.floor(exact).astype(np.int64)
    most = np.argsort(whole - exact, kind="stable")[: int(total - whole.sum())]
    whole[most] += 1
    return whole


def ethnic_groups(areas: dict[str, Any], residents: Residents, folder: Path) -> np.ndarray:
    """Return the ethnic group of each resident, uint8[person]: census 2021 shares of the small area."""
    census = {int(row["code"][1:]): row for row in tables.read("ethnicity", folder)}
    sizes = np.diff(areas["first"]).astype(np.int64)
    ends = np.zeros((sizes.size, len(ETHNICITIES)), np.int64)
    for a, code in enumerate(areas["code"]):
        weight = np.array([float(census[int(code)][group]) for group in ETHNICITIES])
        ends[a] = np.cumsum(apportioned(weight, int(sizes[a])))
    ethnicity = np.zeros(residents.area.size, np.uint8)
    synthesis.fill_ethnicity(areas["first"], ends, *lattice(sizes, residents.key, "ethnicity"), ethnicity)
    return ethnicity
