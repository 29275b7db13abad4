"""An STP whose small areas are not published: made so that its published age bands and deprivation come out.

Age bands are met to the person; the share of people in the most deprived tenth and fifth to 12 people (each age
band of a tenth is rounded to whole people).  The other eight tenths are shared so that the mean deprivation score
comes as near to the published one as it can.  Age within a tenth follows England's pattern, raked to both.
Delivery systems are equal parts of every tenth; small areas are equal parts of a system's tenth.  Hospitals are the
STP's acute trusts, side by side along the systems.  All of it is an assumption (`illustrative.csv`), and
`Population.illustrative` says so.
"""

from pathlib import Path

import numpy as np

from abm import tables
from abm.ages import BAND_LABELS
from abm.areas import Area
from abm.conditions import whole_people
from abm.england import england_persons, england_years
from abm.small_areas import ETHNICITIES, SmallAreas, thresholds
from pathways.errors import InputError

TABLES = ("areas", "illustrative", "acute_sites")
STEEPEST = 0.3  # tilt of the eight tenths, log of share a score point


def constructed(area: Area, folder: Path = tables.FOLDER) -> SmallAreas:
    """Return the illustrative small areas of `area`."""
    parameter = parameters(folder)
    n_systems = max(1, round(area.persons / parameter["people_per_system"][""]))
    decile, system, part = cut(tenths(area, folder), n_systems, parameter["people_per_small_area"][""])
    n = decile.size
    step = int(parameter["code_step"][""])
    if n >= step:
        raise InputError(
            file=tables.path_of("areas", folder), key=f"{area.name}, persons", value=area.persons,
            expected=f"fewer than {step * parameter['people_per_small_area']['']:,.0f}: small areas run out of codes",
        )  # fmt: skip
    by_decile = age_by_decile(area, folder)  # float64[band, decile]
    bands = np.array([whole_people(row[decile] * part) for row in by_decile]).T.astype(np.int32)
    sites = [row["site"] for row in tables.read("acute_sites", folder) if row["area"] == area.name]
    areas = {
        "code": (area.number * step + 1 + np.arange(n)).astype(np.int32),
        "system": system.astype(np.int8),
        "decile": (decile + 1).astype(np.int8),
        "ccg": np.zeros(n, np.int8),
        "district": np.zeros(n, np.int8),
        "first": np.concatenate([[0], np.cumsum(bands.sum(axis=1))]).astype(np.int32),
        "catchment": thresholds(overlap(n_systems, len(sites))[system]),
        "lsoa": [f"{area.title}, illustrative small area {i + 1}" for i in range(n)],
        "ccg_names": [area.title],
        "district_names": [area.title],
    }
    ethnic = np.tile([parameter["ethnicity"][group] for group in ETHNICITIES], (n, 1))
    systems = [f"{area.title} {i + 1}" for i in range(n_systems)]
    return SmallAreas(areas, bands, england_years(folder)[None], ethnic, systems, sites)


def parameters(folder: Path = tables.FOLDER) -> dict[str, dict[str, float]]:
    """Return {quantity: {level: value}} of `illustrative.csv`."""
    found: dict[str, dict[str, float]] = {}
    for row in tables.read("illustrative", folder):
        found.setdefault(row["quantity"], {})[row["level"]] = float(row["value"])
    return found


def tenths(area: Area, folder: Path) -> np.ndarray:
    """Return the people of each tenth of deprivation, float64[decile].

    The first two are published.  The others follow England's tenths, tilted along their scores until the mean
    score is the published one, or as near as a tilt of `STEEPEST` brings it.
    """
    score = np.array([parameters(folder)["imd_score"][str(d)] for d in range(1, 11)])
    first = float(area.row["share_decile_1"])
    share = np.zeros(10)
    share[:2] = first, max(0.0, float(area.row["share_quintile_1"]) - first)
    wanted = float(area.row["imd_score"]) - share @ score
    england = england_persons(folder).sum(axis=0)[2:]
    low, high = -STEEPEST, STEEPEST
    for _ in range(60):
        tilt = (low + high) / 2
        weight = england * np.exp(tilt * (score[2:] - score[2:].mean()))
        share[2:] = weight / weight.sum() * (1.0 - share[:2].sum())
        low, high = (tilt, high) if share[2:] @ score[2:] < wanted else (low, tilt)
    return share * area.persons


def age_by_decile(area: Area, folder: Path) -> np.ndarray:
    """Return people by age band and tenth, float64[band, decile]: England's pattern raked to both margins."""
    bands = np.array([float(area.row[label]) for label in BAND_LABELS])
    deciles = tenths(area, folder)
    people = england_persons(folder)
    for _ in range(200):
        people = people * (deciles / np.maximum(people.sum(axis=0), 1e-9))  # a tenth may have nobody
        people = people * (bands / people.sum(axis=1))[:, None]
    return people


def cut(deciles: np.ndarray, n_systems: int, people_per_area: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return, one entry a small area, tenth (from 0) int64, system int64, and its share of the tenth float64."""
    rows = [
        (d, s, 1.0 / (n_systems * n))
        for d in range(10)
        for s in range(n_systems)
        for n in [int(np.ceil(deciles[d] / n_systems / people_per_area))]
        for _ in range(n)
    ]
    decile, system, part = (np.array(column) for column in zip(*rows, strict=True))
    return decile, system, part


def overlap(n_systems: int, n_sites: int) -> np.ndarray:
    """Return the share of each system's patients at each site, float64[system, site].

    Systems and sites divide one line into equal parts; a system's patients go to the sites its part touches.
    """
    system = np.arange(n_systems + 1) / n_systems
    site = np.arange(n_sites + 1) / n_sites
    begin = np.maximum(system[:-1, None], site[None, :-1])
    end = np.minimum(system[1:, None], site[None, 1:])
    return np.maximum(end - begin, 0.0) * n_systems
