"""Where people live: small areas with their age bands, deprivation, delivery system and A&E sites."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from abm import tables
from abm.ages import BAND_LABELS, N_AGES, SEXES, single_years

ETHNICITIES = ("white", "asian", "black", "mixed", "other")
TABLES = ("areas", "lsoa", "single_year", "ethnicity", "systems", "ae_sites", "catchment")


@dataclass(frozen=True)
class SmallAreas:
    """The small areas of a cell and what is known of their people.

    `areas` holds the columns that `abm.population.Population` describes.
    """

    areas: dict[str, Any]
    bands: np.ndarray  # int32[area, band] people
    years: np.ndarray  # float64[district, sex, age]: shares of single years and of women follow these people
    ethnic: np.ndarray  # float64[area, group]: shares follow these
    systems: list[str]
    sites: list[str]


def published(folder: Path = tables.FOLDER) -> SmallAreas:
    """Return the 1,058 small areas of Lancashire & South Cumbria."""
    small = tables.read("lsoa", folder)
    systems = [row["system"] for row in tables.read("systems", folder)]
    sites = [row["site"] for row in tables.read("ae_sites", folder)]
    districts = sorted({row["district"] for row in small})
    ccgs = sorted({row["ccg"] for row in small})
    share_of = {row["code"]: row for row in tables.read("catchment", folder)}
    census = {row["code"]: row for row in tables.read("ethnicity", folder)}
    keys = [site.lower().replace(" ", "_") for site in sites]
    shares = np.array([[float(share_of[row["code"]][key]) for key in keys] for row in small])
    persons = tables.column(small, "persons", int)
    areas = {
        "code": np.array([int(row["code"][1:]) for row in small], np.int32),
        "system": np.array([systems.index(row["system"]) for row in small], np.int8),
        "decile": tables.column(small, "decile", int).astype(np.int8),
        "ccg": np.array([ccgs.index(row["ccg"]) for row in small], np.int8),
        "district": np.array([districts.index(row["district"]) for row in small], np.int8),
        "first": np.concatenate([[0], np.cumsum(persons)]).astype(np.int32),
        "catchment": thresholds(shares),
        "lsoa": [row["name"] for row in small],
        "ccg_names": ccgs,
        "district_names": districts,
    }
    ethnic = np.array([[float(census[row["code"]][group]) for group in ETHNICITIES] for row in small])
    bands = tables.matrix(small, BAND_LABELS).astype(np.int32)
    return SmallAreas(areas, bands, district_years(districts, folder), ethnic, systems, sites)


def thresholds(shares: np.ndarray) -> np.ndarray:
    """Return cumulative 32-bit thresholds, int64[area, site], of the share of patients seen at each site."""
    return np.rint(np.minimum(np.cumsum(shares, axis=1), 1.0) * 2**32).astype(np.int64)


def district_years(district_names: list[str], folder: Path) -> np.ndarray:
    """Return people by district, sex and single year of age, float64[district, sex, age]."""
    years = np.zeros((len(district_names), len(SEXES), N_AGES))
    for row in tables.read("single_year", folder):
        if row["district"] in district_names:
            years[district_names.index(row["district"]), SEXES.index(row["sex"])] = single_years(row)
    return years
