"""Do the people agree with the tables they were made from?  Every margin, modelled beside published.

A published number that the synthesis uses is a *used* margin and must agree to rounding.  An odds ratio of
the whole chain of conditions is a *check*: single steps were given odds chosen so that it comes out, and it
may differ.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from abm import tables
from abm.ages import BAND_LABELS, BANDS, N_AGES, SEXES
from abm.areas import cell
from abm.conditions import BIT, CONDITIONS, N_LTC, TABLES, by_decile, drawings, n_within, odds_of
from abm.england import england_persons
from abm.illustrative import parameters
from abm.population import ETHNICITIES, Population, land_of

TOLERANCE = 0.02  # a relative difference beyond this is named
N_STRATA = 18 * 2 * 5


@dataclass(frozen=True)
class Margin:
    """One number, modelled and published (people, or shares 0-1, or an odds ratio)."""

    table: str
    name: str
    group: str
    modelled: float
    published: float
    kind: str  # used or check
    source: str = ""

    @property
    def difference(self) -> float:
        """Return the relative difference (0 when both are 0)."""
        return 0.0 if self.published == self.modelled else self.modelled / max(self.published, 1e-12) - 1.0

    @property
    def exceeds(self) -> bool:
        """Say whether the difference is beyond 2 %."""
        return abs(self.difference) > TOLERANCE


def has(population: Population, condition: str) -> np.ndarray:
    """Return who has `condition` (`smi`: psychosis or bipolar; `cmd`: a score at caseness, 16+)."""
    people = population.people
    if condition == "smi":
        return (people["conditions"] & np.uint32(BIT["psychosis"] | BIT["bipolar"])) != 0
    if condition == "cmd":
        return ((people["phq9"] >= 10) | (people["gad7"] >= 8)) & (people["age"] >= 16)
    return (people["conditions"] & np.uint32(BIT[condition])) != 0


def any_mental(population: Population) -> np.ndarray:
    """Return who has any mental health condition, current common mental disorder included."""
    return ((population.people["conditions"] >> np.uint32(N_LTC)) != 0) | has(population, "cmd")


def all_margins(population: Population, folder: Path = tables.FOLDER) -> list[Margin]:
    """Return every margin, used ones first."""
    return [
        *people_of_areas(population, folder),
        *sexes(population, folder),
        *ethnic_groups(population, folder),
        *registers(population, folder),
        *surveys(population, folder),
        *comorbidity(population, folder),
    ]


def people_of_areas(population: Population, folder: Path = tables.FOLDER) -> list[Margin]:
    """Return residents by small area and age band (in one number: people in the right cell), by system."""
    land = land_of(cell(population.area, folder), folder)
    table, source = "lsoa", tables.read("lsoa", folder)[0]["source"]
    if population.illustrative:
        table, source = "areas", cell(population.area, folder).row["source"]
    people, areas = population.people, population.areas
    band = np.searchsorted([low for low, _ in BANDS], people["age"], side="right") - 1
    flat = people["area"].astype(np.int64) * len(BANDS) + band
    modelled = np.bincount(flat, minlength=land.bands.size).reshape(land.bands.shape)
    agree, n = float(land.bands.sum() - np.abs(modelled - land.bands).sum()), float(land.bands.sum())
    rows = [Margin(table, "people in the right area and age band", population.title, agree, n, "used", source)]
    system = np.bincount(areas["system"][people["area"]], minlength=len(population.systems))
    for i, name in enumerate(population.systems):
        n = float(land.bands[land.areas["system"] == i].sum())
        rows.append(Margin(table, "residents", name, float(system[i]), n, "used", source))
    return rows + (deprivation(population, modelled, folder) if population.illustrative else [])


def deprivation(population: Population, by_area: np.ndarray, folder: Path = tables.FOLDER) -> list[Margin]:
    """Return what is published of an illustrative STP: residents by age band, deprivation. `by_area` [area, band]."""
    row = cell(population.area, folder).row
    decile = population.areas["decile"]
    by_decile = np.bincount(decile, weights=by_area.sum(axis=1), minlength=11)[1:] / by_area.sum()
    score = np.array([parameters(folder)["imd_score"][str(d)] for d in range(1, 11)])
    shown = [
        ("share in the most deprived tenth", by_decile[0], float(row["share_decile_1"])),
        ("share in the most deprived fifth", by_decile[:2].sum(), float(row["share_quintile_1"])),
        ("mean deprivation score", by_decile @ score, float(row["imd_score"])),
    ]
    ages = [
        Margin("areas", "residents", label, float(by_area[:, b].sum()), float(row[label]), "used", row["source"])
        for b, label in enumerate(BAND_LABELS)
    ]
    return ages + [
        Margin("areas", name, population.title, float(modelled), published, "used", row["source"])
        for name, modelled, published in shown
    ]


def sexes(population: Population, folder: Path = tables.FOLDER) -> list[Margin]:
    """Return the share of women by district, beside the table's share at the district's own ages."""
    people, areas = population.people, population.areas
    district = areas["district"][people["area"]]
    years = land_of(cell(population.area, folder), folder).years
    table = "england_years" if population.illustrative else "single_year"
    source = tables.read(table, folder)[0]["source"]
    rows = []
    for d, name in enumerate(areas["district_names"]):
        here = district == d
        women, total = years[d, 0], years[d].sum(axis=0)
        residents = np.bincount(people["age"][here], minlength=N_AGES)
        share = np.divide(women, total, out=np.full(N_AGES, 0.5), where=total > 0)
        published = float(share @ residents) / residents.sum()
        rows.append(Margin(table, "women", name, float((people["sex"][here] == 0).mean()), published, "used", source))
    return rows


def ethnic_groups(population: Population, folder: Path = tables.FOLDER) -> list[Margin]:
    """Return the ethnic groups: census shares of each small area on mid-2017 residents."""
    counts = land_of(cell(population.area, folder), folder).ethnic
    sizes = np.diff(population.areas["first"])
    published = (counts / counts.sum(axis=1, keepdims=True) * sizes[:, None]).sum(axis=0) / sizes.sum()
    modelled = np.bincount(population.people["ethnicity"], minlength=5) / population.n
    source = "ONS Census 2021 TS021" + (", England" if population.illustrative else "")
    return [
        Margin("ethnicity", name, population.title, float(modelled[i]), float(published[i]), "used", source)
        for i, name in enumerate(ETHNICITIES)
    ]


def registers(population: Population, folder: Path = tables.FOLDER) -> list[Margin]:
    """Return prevalence by district on each table's own denominator (diabetes 17+, depression 18+ …)."""
    people, areas = population.people, population.areas
    district = areas["district"][people["area"]]
    table = "england_registers" if population.illustrative else "district_margins"
    rows = []
    for row in register_rows(population, folder):
        within = (district == areas["district_names"].index(row["district"])) & (people["age"] >= int(row["from_age"]))
        within &= people["age"] <= int(row["to_age"])
        if row["sex"] != "all":
            within &= people["sex"] == SEXES.index(row["sex"])
        n, count = int(within.sum()), int(has(population, row["condition"])[within].sum())
        published = float(row["prevalence"])
        # agreement is to the person: compare with the nearest whole number of people
        modelled = published if count == round(published * n) else count / n
        rows.append(Margin(table, row["condition"], row["district"], modelled, published, "used", row["source"]))
    return rows


def register_rows(population: Population, folder: Path = tables.FOLDER) -> list[tables.Row]:
    """Return the register margins of the population's districts, as `district_margins.csv` has them.

    An illustrative STP is one district: England's prevalence, carried to its ages, sexes and deprivation.
    """
    names = population.areas["district_names"]
    if not population.illustrative:
        return [row for row in tables.read("district_margins", folder) if row["district"] in names]
    people = population.people
    decile = population.areas["decile"][people["area"]].astype(np.int64) - 1
    at = (people["sex"].astype(np.int64) * N_AGES + people["age"]) * 10 + decile
    residents = np.bincount(at, minlength=2 * N_AGES * 10).reshape(2, N_AGES, 10)
    drawn = {one.condition: one for one in drawings(folder, tables.digest(TABLES, folder))}
    found = []
    for row in tables.read("england_registers", folder):
        one = drawn[row["condition"]]
        ill = float((one.rate.transpose(2, 1, 0) * residents).sum()) * one.level
        found.append({**row, "district": names[0], "prevalence": repr(ill / n_within(residents.sum(axis=2), row))})
    return found


def surveys(population: Population, folder: Path = tables.FOLDER) -> list[Margin]:
    """Return prevalence by sex and age of the conditions known from surveys of England.

    The published column is England's rate carried to the cell's deprivation (`odds_ratios.csv`), people by
    people.
    """
    people = population.people
    decile = population.areas["decile"][people["area"]].astype(np.int64) - 1
    odds, england, rows = tables.read("odds_ratios", folder), england_persons(folder), []
    plain = [r for r in tables.read("conditions", folder) if r["cells"] == "quintile" and not r["given"]]
    prevalence = tables.read("prevalence", folder)
    cell = (people["sex"].astype(np.int64) * N_AGES + people["age"]) * 10 + decile
    counts = np.bincount(cell, minlength=2 * N_AGES * 10).reshape(2, N_AGES, 10)
    for entry in plain:
        condition = entry["condition"]
        who = has(population, condition)
        log_decile, _, _ = odds_of(condition, odds, folder)
        for row in (r for r in prevalence if r["condition"] == condition and float(r["prevalence"]) > 0):
            s, low, high = SEXES.index(row["sex"]), int(row["from_age"]), int(row["to_age"])
            rate = np.full((2, N_AGES), float(row["prevalence"]))
            expected = by_decile(rate, log_decile, england)[s, low : high + 1]
            n = counts[s, low : high + 1]
            within = (people["sex"] == s) & (people["age"] >= low) & (people["age"] <= high)
            modelled = float(who[within].mean())
            group = f"{row['sex']} {low}-{high}"
            published = float((expected * n).sum() / n.sum())
            rows.append(Margin("prevalence", condition, group, modelled, published, "used", row["source"]))
    return rows


def comorbidity(population: Population, folder: Path = tables.FOLDER) -> list[Margin]:
    """Return checks of the joint distribution: odds ratios that no single step was given."""
    people = population.people
    n_ltc = np.minimum(np.bitwise_count(people["conditions"] & np.uint32((1 << N_LTC) - 1)), 5)
    source = "Barnett et al 2012, adjusted odds ratio of a mental disorder"
    ours = [stratified_odds(population, any_mental(population), n_ltc == n, n_ltc == 0) for n in range(1, 6)]
    published = {int(r["level"]): float(r["published"]) for r in tables.read("odds_ratios", folder)
                 if r["condition"] == "cmd" and r["factor"] == "n_ltc"}  # fmt: skip
    rows = [
        Margin(
            "odds_ratios",
            "any mental disorder",
            f"{n}{'+' if n == 5 else ''} physical",
            ours[n - 1],
            published[n],
            "check",
            source,
        )
        for n in range(1, 6)
    ]
    for row in tables.read("odds_ratios", folder):
        if row["published"] and row["condition"] in ("smi", "depression") and row["factor"] in CONDITIONS:
            who, by = has(population, row["condition"]), has(population, row["factor"])
            if row["condition"] == "smi":  # published as a ratio of prevalences, 15-74
                modelled = standardised_ratio(population, by, who, (15, 74))
            else:
                modelled = stratified_odds(population, who, by, ~by)
            rows.append(
                Margin(
                    "odds_ratios",
                    row["condition"],
                    row["factor"],
                    modelled,
                    float(row["published"]),
                    "check",
                    row["source"],
                )
            )
    return rows


def strata(population: Population) -> np.ndarray:
    """Return each person's stratum, int64[person]: five-year age band, sex and deprivation fifth."""
    people = population.people
    fifth = (population.areas["decile"][people["area"]].astype(np.int64) - 1) // 2
    return (np.minimum(people["age"] // 5, 17).astype(np.int64) * 2 + people["sex"]) * 5 + fifth


def stratified_odds(population: Population, outcome: np.ndarray, exposed: np.ndarray, others: np.ndarray) -> float:
    """Return the Mantel-Haenszel odds ratio of `outcome` in `exposed` against `others`, within strata."""
    s = strata(population) * 2 + outcome
    with_exposure, without = (np.bincount(s[who], minlength=2 * N_STRATA).reshape(-1, 2) for who in (exposed, others))
    return mantel_haenszel(with_exposure.astype(float), without.astype(float))


def mantel_haenszel(exposed: np.ndarray, others: np.ndarray) -> float:
    """Return the pooled odds ratio from float64[stratum, (without, with the outcome)], or nan."""
    n = np.maximum(exposed.sum(axis=1) + others.sum(axis=1), 1.0)
    up = (exposed[:, 1] * others[:, 0] / n).sum()
    down = (exposed[:, 0] * others[:, 1] / n).sum()
    return float(up / down) if up > 0 and down > 0 else float("nan")


def standardised_ratio(
    population: Population, outcome: np.ndarray, exposed: np.ndarray, ages: tuple[int, int]
) -> float:
    """Return observed over expected `outcome` in `exposed`, expected from all of the same age and sex."""
    people = population.people
    within = (people["age"] >= ages[0]) & (people["age"] <= ages[1])
    cell = people["age"].astype(np.int64) * 2 + people["sex"]
    rate = np.bincount(cell, weights=outcome, minlength=256) / np.maximum(np.bincount(cell, minlength=256), 1)
    return float(outcome[within & exposed].sum() / rate[cell[within & exposed]].sum())


def odds_matrix(population: Population, names: tuple[str, ...]) -> np.ndarray:
    """Return the odds ratio of each pair of conditions within age, sex and deprivation, float64[name, name].

    Not a number where one condition excludes or implies the other.
    """
    key = strata(population) << len(names)
    for i, name in enumerate(names):
        key |= has(population, name).astype(np.int64) << i
    patterns, people = np.unique(key, return_counts=True)
    stratum = patterns >> len(names)
    who = [(patterns >> i) & 1 for i in range(len(names))]
    matrix = np.ones((len(names), len(names)))
    for i in range(len(names)):
        for j in range(i):
            cell = (stratum * 2 + who[j]) * 2 + who[i]
            count = np.bincount(cell, weights=people, minlength=4 * N_STRATA).reshape(-1, 2, 2)
            matrix[i, j] = matrix[j, i] = mantel_haenszel(count[:, 1], count[:, 0])
    return matrix
