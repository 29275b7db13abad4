"""Do the people agree with the tables they were made from?  Every margin, modelled beside published.

A published number that the synthesis uses is a *used* margin and must agree to rounding.  An odds ratio of
the whole chain of conditions is a *check*: single steps were given odds chosen so that it comes out, and it
may differ.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from abm import tables
from abm.conditions import BANDS, BIT, CONDITIONS, N_AGES, N_LTC, SEXES, by_decile, england_persons, odds_of
from abm.population import Population

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
    small = tables.read("lsoa", folder)
    labels = [f"age_{low}_{high}" if high < N_AGES - 1 else f"age_{low}plus" for low, high in BANDS]
    published = tables.matrix(small, labels)
    people, areas = population.people, population.areas
    band = np.searchsorted([low for low, _ in BANDS], people["age"], side="right") - 1
    flat = people["area"].astype(np.int64) * len(BANDS) + band
    modelled = np.bincount(flat, minlength=published.size).reshape(published.shape)
    agree = float(published.sum() - np.abs(modelled - published).sum())
    source = small[0]["source"]
    rows = [
        Margin(
            "lsoa",
            "people in the right area and age band",
            "L&SC",
            agree,
            float(published.sum()),
            "used",
            source,
        )
    ]
    system = np.bincount(areas["system"][people["area"]], minlength=len(population.systems))
    for i, name in enumerate(population.systems):
        n = sum(float(row["persons"]) for row in small if row["system"] == name)
        rows.append(Margin("lsoa", "residents", name, float(system[i]), n, "used", source))
    return rows


def sexes(population: Population, folder: Path = tables.FOLDER) -> list[Margin]:
    """Return the share of women by district, beside the table's share at the district's own ages."""
    people, areas = population.people, population.areas
    district = areas["district"][people["area"]]
    by = {(row["district"], row["sex"]): row for row in tables.read("single_year", folder)}
    keys = [f"age_{age}" for age in range(90)] + ["age_90plus"]
    rows = []
    for d, name in enumerate(areas["district_names"]):
        here = district == d
        women, men = (np.array([float(by[name, sex][key]) for key in keys]) for sex in SEXES)
        residents = np.bincount(np.minimum(people["age"][here], 90), minlength=91)
        share = np.divide(women, women + men, out=np.full(91, 0.5), where=women + men > 0)
        published = float(share @ residents) / residents.sum()
        rows.append(
            Margin("single_year", "women", name, float((people["sex"][here] == 0).mean()), published, "used",
                   by[name, "female"]["source"])
        )  # fmt: skip
    return rows


def ethnic_groups(population: Population, folder: Path = tables.FOLDER) -> list[Margin]:
    """Return the ethnic groups: census shares of each small area on mid-2017 residents."""
    census = {int(row["code"][1:]): row for row in tables.read("ethnicity", folder)}
    sizes = np.diff(population.areas["first"])
    names = ("white", "asian", "black", "mixed", "other")
    counts = np.array([[float(census[int(code)][name]) for name in names] for code in population.areas["code"]])
    published = (counts / counts.sum(axis=1, keepdims=True) * sizes[:, None]).sum(axis=0) / sizes.sum()
    modelled = np.bincount(population.people["ethnicity"], minlength=5) / population.n
    source = "ONS Census 2021 TS021"
    return [
        Margin("ethnicity", name, "L&SC", float(modelled[i]), float(published[i]), "used", source)
        for i, name in enumerate(names)
    ]


def registers(population: Population, folder: Path = tables.FOLDER) -> list[Margin]:
    """Return prevalence by district on each table's own denominator (diabetes 17+, depression 18+ …)."""
    people, areas = population.people, population.areas
    district = areas["district"][people["area"]]
    rows = []
    for row in tables.read("district_margins", folder):
        if row["district"] not in areas["district_names"]:
            continue
        within = (district == areas["district_names"].index(row["district"])) & (people["age"] >= int(row["from_age"]))
        within &= people["age"] <= int(row["to_age"])
        if row["sex"] != "all":
            within &= people["sex"] == SEXES.index(row["sex"])
        n, count = int(within.sum()), int(has(population, row["condition"])[within].sum())
        published = float(row["prevalence"])
        # agreement is to the person: compare with the nearest whole number of people
        modelled = published if count == round(published * n) else count / n
        rows.append(
            Margin(
                "district_margins",
                row["condition"],
                row["district"],
                modelled,
                published,
                "used",
                row["source"],
            )
        )
    return rows


def surveys(population: Population, folder: Path = tables.FOLDER) -> list[Margin]:
    """Return prevalence by sex and age of the conditions known from surveys of England.

    The published column is England's rate carried to the deprivation of L&SC (`odds_ratios.csv`), people by
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
