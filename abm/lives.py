"""How long people live and what happens to them on the way: the hazards of a cell's people, found once per setting.

Base hazards by year of age and sex are those of the tables (`life_rates.csv`, `life_mortality.csv`), or, for illnesses
without published incidence by age, those that keep the prevalence at each age what it is (`abm/incidence.py`).  They
are divided by the mean relative hazard of people of that age and sex, so that relative hazards redistribute and add
nothing; births, deaths and moves are then held to the published counts of each district (`life_districts.csv`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from abm import gradients, incidence, tables, tags
from abm.ages import N_AGES
from abm.conditions import CONDITIONS
from abm.demand import england_weight
from abm.population import Population, reference
from abm.scores import normal_scores
from kernels import columns as c
from kernels import lifetime as lt
from kernels.draws import purpose
from pathways.errors import InputError, nearest, one_of

if TYPE_CHECKING:
    from abm.setting import Setting

TABLES = (
    "life_mortality", "life_rates", "life_factors", "life_districts", "life_numbers", "life_turning_up",
    "life_physical",
)  # fmt: skip
YEAR_SECONDS = int(lt.YEAR)
RATE, TIMES, WORD = 2.0**46, 2.0**12, 2.0**32
STEPS = 1024
ENGLAND = "England"
STAND_IN = {"Craven": "Ribble Valley"}
"""Districts without figures of their own here, and the neighbour that stands in (docs/population.md)"""
LEVELLED = {"death": "deaths", "birth": "births", "moves_out": "moves_out"}
BITS = {name: i for i, name in enumerate(CONDITIONS)}


@dataclass(frozen=True, eq=False)
class Lives:
    """The hazards of one cell's people, as the kernels read them, and how their lives stand when a run starts."""

    base: np.ndarray
    """float64[process, sex, year of age] a year"""
    factors: np.ndarray
    """LIFE_FACTOR[attribute]"""
    times: np.ndarray
    """uint32[life group, process] relative hazard, 2**-12"""
    level: np.ndarray
    """int64[process, area] 2**-12"""
    class_of: np.ndarray
    """uint8[life group] long-term conditions (0-3) × none, untreated, treated"""
    share: np.ndarray
    """int64[2 × process + sex, year of age, 8] cumulative thresholds"""
    life: np.ndarray
    """uint8[resident] how they are treated when a run starts"""
    group: np.ndarray
    """uint16[resident]"""
    moves_in: np.ndarray
    """float64[area] people a year"""
    expected: dict[str, float]
    """Published deaths, births and moves a year of the districts' people who live here"""


def numbers(folder: Path = tables.FOLDER) -> dict[str, float]:
    """Return the single numbers of `life_numbers.csv`."""
    return {row["name"]: float(row["value"]) for row in tables.read("life_numbers", folder)}


def lives_of(setting: Setting, folder: Path = tables.FOLDER) -> Lives:
    """Return the hazards of a setting's people.

    Raises
    ------
    InputError
        If a table names an unknown process or attribute, or a district is missing.
    """
    population = setting.population
    england = reference(population.seed)
    named = _factors(folder)
    attributes, factors, n_groups = _lay_out(named)
    times = _relative(attributes, factors, n_groups, named)
    life = treated_at_start(england, folder)
    group = groups_of(england, life, attributes, factors)
    base, share = _base_hazards(england, group, times, folder)
    decile = england.areas["decile"][england.people["area"]]
    gradient = gradients.levels(england.people, decile, england_weight(england, folder), base, times[group])
    if population is not england:
        life = treated_at_start(population, folder)
        group = groups_of(population, life, attributes, factors)
    level, moves_in, expected = _levels(population, base, times, group, folder)
    level *= gradient[:, population.areas["decile"].astype(np.int64) - 1]
    return Lives(
        base, factors, np.rint(times * TIMES).astype(np.uint32), np.rint(level * TIMES).astype(np.int64),
        _classes(attributes, factors, n_groups), share, life, group.astype(np.uint16), moves_in, expected,
    )  # fmt: skip


def _factors(folder: Path) -> dict[str, dict[str, list[tuple[float, float]]]]:
    """Return the levels (at least, relative hazard) by process and attribute."""
    file = tables.path_of("life_factors", folder)
    found: dict[str, dict[str, list[tuple[float, float]]]] = {}
    words = (*lt.ATTRIBUTES, "n_ltc", *CONDITIONS)
    for row in tables.read("life_factors", folder):
        for key, among in (("name", lt.PROCESSES), ("factor", words)):
            if row[key] not in among:
                raise InputError(
                    file=file, key=key, value=row[key], expected=one_of(among), suggestion=nearest(row[key], among)
                )
        levels = found.setdefault(row["name"], {}).setdefault(row["factor"], [])
        levels.append((float(row["at_least"]), float(row["relative_rate"])))
    return {name: {key: sorted(levels) for key, levels in by.items()} for name, by in found.items()}


def _lay_out(named: dict[str, dict[str, list[tuple[float, float]]]]) -> tuple[list[str], np.ndarray, int]:
    """Return the attributes that matter, LIFE_FACTOR[attribute], and how many life groups they make.

    `mental`, `cmd`, `treated` and `n_ltc` always do: people's time is measured by them.
    """
    cuts: dict[str, set[float]] = {"n_ltc": {1, 2, 3}, "mental": {1, 2}, "cmd": {1}, "treated": {1}}
    for by in named.values():
        for name, levels in by.items():
            cuts.setdefault(name, set()).update(at for at, _ in levels[1:])
    rows = np.zeros(len(cuts), c.LIFE_FACTOR)
    stride = 1
    for row, (name, at) in zip(rows, cuts.items(), strict=True):
        row["attribute"] = lt.ATTRIBUTES.get(name, 10 if name == "n_ltc" else 20 + BITS.get(name, 0))
        row["stride"] = stride
        row["cuts"] = sorted(at) + [np.inf] * (3 - len(at))
        stride *= len(at) + 1
    if stride > 1 << 16:
        raise InputError(
            file="life_factors.csv", key="at_least", value=f"{stride:,} combinations of levels",
            expected=f"at most {1 << 16:,}: use fewer attributes or fewer levels",
        )  # fmt: skip
    return list(cuts), rows, stride


def _levels_of(factors: np.ndarray, n_groups: int) -> np.ndarray:
    """Return int64[attribute, life group]: the level of each attribute in a group."""
    number = np.arange(n_groups)
    n_levels = np.isfinite(factors["cuts"]).sum(axis=1) + 1
    return np.stack([(number // row["stride"]) % n for row, n in zip(factors, n_levels, strict=True)])


def _relative(attributes: list[str], factors: np.ndarray, n_groups: int, named: dict) -> np.ndarray:
    """Return float64[life group, process]: the product of the relative hazards of a group's levels."""
    level, times = _levels_of(factors, n_groups), np.ones((n_groups, lt.N_PROCESSES))
    for process, by in named.items():
        for name, levels in by.items():
            f = attributes.index(name)
            lowest = np.concatenate([[-np.inf], factors["cuts"][f]])
            rates = [[x for at, x in levels if at <= max(low, levels[0][0])][-1] for low in lowest]
            times[:, lt.PROCESSES.index(process)] *= np.array(rates)[level[f]]
    return times


def _classes(attributes: list[str], factors: np.ndarray, n_groups: int) -> np.ndarray:
    level = dict(zip(attributes, _levels_of(factors, n_groups), strict=True))
    ill = (level["mental"] > 0) | (level["cmd"] > 0)
    return (3 * level["n_ltc"] + ill * (1 + level["treated"])).astype(np.uint8)


def treated_at_start(population: Population, folder: Path = tables.FOLDER) -> np.ndarray:
    """Return uint8[resident]: TREATED for who used a service in the past year, PRIMARY_CARE by keyed luck."""
    people, n = population.people, numbers(folder)
    golden = (np.arange(population.n) * 2654435761 + population.seed) % (1 << 32) / WORD  # spread evenly
    conditions = people["conditions"]
    ill = (people["phq9"] >= 10) | (people["gad7"] >= 8) | ((conditions & lt.DISORDER_BITS) != 0)
    share = np.where((conditions & lt.SMI_BITS) != 0, n["smi_in_primary_care"], ill * n["cmd_in_primary_care"])
    services = (people["past_use"] & (4 | 8)) != 0
    return (services * int(lt.TREATED) + (golden < share) * int(lt.PRIMARY_CARE)).astype(np.uint8)


def groups_of(population: Population, life: np.ndarray, attributes: list[str], factors: np.ndarray) -> np.ndarray:
    """Return the life group of each resident, int64[resident] (the kernels' `group_of` for everybody at once)."""
    people = population.people
    conditions = people["conditions"]
    values = {
        "n_ltc": lambda: np.bitwise_count(conditions & 0x1FF),
        "cmd": lambda: (people["phq9"] >= 10) | (people["gad7"] >= 8),
        "treated": lambda: (life & (lt.TREATED | lt.PRIMARY_CARE)) != 0,
        "window": lambda: (life & lt.WINDOW) != 0,
        "mental": lambda: np.where((conditions & lt.SMI_BITS) != 0, 2, (conditions & lt.DISORDER_BITS) != 0),
        "grave": lambda: (conditions & lt.GRAVE_BITS) != 0,
        "harmed": lambda: ((conditions & lt.SELF_HARM_BIT) != 0) | ((people["past_use"] & lt.HARMED_USE) != 0),
        "remits": lambda: (conditions & lt.REMIT_BITS) != 0,
    }
    group = np.zeros(population.n, np.int64)
    for name, row in zip(attributes, factors, strict=True):
        value = values[name]() if name in values else (conditions >> BITS[name]) & 1
        group += np.searchsorted(row["cuts"], value, side="right") * int(row["stride"])
    return group


def _base_hazards(
    england: Population, group: np.ndarray, times: np.ndarray, folder: Path
) -> tuple[np.ndarray, np.ndarray]:
    """Return (base float64[process, sex, age], cumulative shares of the conditions of each process)."""
    people = england.people
    weight = england_weight(england, folder)
    cell = people["sex"].astype(np.int64) * N_AGES + people["age"]
    persons = np.bincount(cell, weights=weight, minlength=2 * N_AGES).reshape(2, N_AGES)
    rate, share = incidence.hazards(people, weight, cell, persons, folder)
    for sex, name in enumerate(("female", "male")):
        rows = tables.read("life_mortality", folder)
        rate[lt.DEATH, sex] = np.interp(np.arange(N_AGES), [float(r["age"]) for r in rows],
                                        [float(r[name]) for r in rows])  # fmt: skip
    for row in tables.read("life_rates", folder):
        if row["process"] not in lt.PROCESSES:
            raise InputError(
                file=tables.path_of("life_rates", folder), key="process", value=row["process"],
                expected=one_of(lt.PROCESSES), suggestion=nearest(row["process"], lt.PROCESSES),
            )  # fmt: skip
        q = lt.PROCESSES.index(row["process"])
        ages = slice(int(row["from_age"]), int(row["to_age"]) + 1)
        for sex in {"female": (0,), "male": (1,), "all": (0, 1)}[row["sex"]]:
            rate[q, sex, ages] = float(row["per_1000"]) / 1000
    cases = 200_000 / 55.6e6 * persons.sum()  # self-harm managed in hospital, England (life_rates.csv)
    rate[lt.SELF_HARM] *= cases / (rate[lt.SELF_HARM] * persons).sum()
    rate[lt.CMD_ONSET] = incidence.of_episodes(people, weight, cell, persons, rate[lt.CMD_REMISSION])
    base = np.zeros_like(rate)
    band = np.minimum(np.arange(N_AGES) // 5, 18)
    for q in range(lt.N_PROCESSES):
        if q == lt.BIRTH:
            base[q] = rate[q] / (1 - np.minimum(rate[q] * lt.LEAD / YEAR_SECONDS, 0.5))
            continue
        total = np.bincount(cell, weights=weight * times[group, q], minlength=2 * N_AGES).reshape(2, N_AGES)
        for b in range(19):
            at = band == b
            mean = total[:, at].sum(axis=1) / np.maximum(persons[:, at].sum(axis=1), 1)
            if q in (lt.CMD_ONSET, lt.CMD_REMISSION, lt.SUBSIDES):  # hazards of those who can have the event
                able = np.bincount(cell, weights=weight * (times[group, q] > 0), minlength=2 * N_AGES)
                mean = total[:, at].sum(axis=1) / np.maximum(able.reshape(2, N_AGES)[:, at].sum(axis=1), 1e-9)
            base[q][:, at] = rate[q][:, at] / np.maximum(mean, 1e-3)[:, None]
    base[lt.CMD_ONSET][:, :16] = 0  # the survey's adults begin at 16; children's conditions are processes of their own
    return base, share


def _levels(
    population: Population, base: np.ndarray, times: np.ndarray, group: np.ndarray, folder: Path
) -> tuple[np.ndarray, np.ndarray, dict[str, float]]:
    """Return (level float64[process, area], people who move in float64[area], published counts of a year)."""
    people, areas, n = population.people, population.areas, numbers(folder)
    published = {row["district"]: row for row in tables.read("life_districts", folder)}
    district = areas["district"].astype(np.int64)[people["area"]]
    names = list(areas["district_names"])
    persons = np.bincount(district, minlength=len(names)).astype(float)
    counts = np.zeros((4, len(names)))
    for d, name in enumerate(names):
        row = published[ENGLAND] if population.illustrative else published.get(STAND_IN.get(name, name))
        if row is None:
            raise InputError(
                file=tables.path_of("life_districts", folder), key="district", value=name, expected=one_of(published)
            )
        part = persons[d] / float(row["persons"])
        inside, outside = [float(row[f"international_{way}"]) * part for way in ("in", "out")]
        if population.illustrative:
            inside += persons[d] * n["illustrative_moves"]
            outside += persons[d] * n["illustrative_moves"]
        else:
            within = min(float(row["internal_in"]), float(row["internal_out"])) * n["moves_within"]
            inside += (float(row["internal_in"]) - within) * part
            outside += (float(row["internal_out"]) - within) * part
        counts[:, d] = float(row["deaths"]) * part, float(row["births"]) * part, outside, inside
    level = np.ones((lt.N_PROCESSES, len(areas["first"]) - 1))
    for i, q in enumerate((lt.DEATH, lt.BIRTH, lt.MOVES_OUT)):
        hazard = base[q][people["sex"], people["age"]] * times[group, q]
        if q == lt.BIRTH:  # women in the perinatal window are among the people: the rate of birth itself
            rate = base[q] / (1 + base[q] * lt.LEAD / YEAR_SECONDS)
            hazard = rate[people["sex"], people["age"]]
        expected = np.bincount(district, weights=hazard, minlength=len(names))
        level[q] = (counts[i] / np.maximum(expected, 1e-9))[areas["district"].astype(np.int64)]
    residents = np.diff(areas["first"]).astype(float)
    moves_in = residents / persons[areas["district"].astype(np.int64)] * counts[3][areas["district"].astype(np.int64)]
    words = ("deaths", "births", "moved_out", "moved_in")
    return level, moves_in, {word: float(counts[i].sum()) for i, word in enumerate(words)}


def static_tables(setting: Setting, lives: Lives, days: int, hazards: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the tables of lives that the kernels read, for a run of `days`."""
    n = numbers()
    weight = np.rint(lives.base.reshape(-1, N_AGES) / YEAR_SECONDS * RATE).astype(np.int64)
    integral = np.zeros_like(weight)
    integral[:, 1:] = np.cumsum(weight[:, :-1] * YEAR_SECONDS, axis=1)
    span = days * 86400 + int(lt.LEAD) + 2 * YEAR_SECONDS
    until = np.arange(N_AGES) * YEAR_SECONDS + span
    year = np.minimum(until // YEAR_SECONDS, N_AGES - 1)
    reach = integral[:, year] + weight[:, year] * (until - year * YEAR_SECONDS)
    before = np.maximum(np.arange(N_AGES) - 2, 0)
    reach = np.ascontiguousarray((reach - integral[:, before] >> 14) + 1)
    typical = n["typical_wait_days"] * 86400
    turn, keep, hazard = _turning_up(setting)
    number = {
        "treated_lasts": n["treated_lasts_days"] * 86400, "treated_keeps": n["treated_keeps"] * WORD,
        **{name: n[name] * WORD for name in
           ("cmd_in_primary_care", "smi_in_primary_care", "perinatal_ill", "severe_share", "anxiety_share")},
        "turn_rate": typical / hazard if hazard else 0, "urgencies": n["least_urgency"],
    }  # fmt: skip
    bit = np.full((lt.N_PROCESSES, 8), -1, np.int64)
    for q, names in incidence.CONDITIONS_OF.items():
        bit[q, : len(names)] = [BITS[name] for name in names]
    return {
        "area_first": setting.population.areas["first"].astype(np.int32), "life_integral": integral,
        "life_weight": weight, "life_reach": reach, "life_times": lives.times, "life_level": lives.level,
        "life_factor": lives.factors, "life_class": lives.class_of, "life_share": lives.share, "life_bit": bit,
        "life_score": _scores(), "life_number": np.array([round(number[name]) for name in lt.NUMBERS], np.int64),
        "life_purpose": np.array([purpose(f"life/{i}") for i in range(6)], np.uint32), "life_keep": keep,
        "life_turn": turn, "age_matters": _ages_that_matter(hazards),
    }  # fmt: skip


def _turning_up(setting: Setting) -> tuple[np.ndarray, np.ndarray, float]:
    """Return (TURN[door], keep int64[door], summed hazard in a typical wait) of the doors that are open."""
    names = [door.name for door in setting.demand.doors]
    keep = np.full(len(names), 1 << 32, np.int64)
    rows = [row for row in tables.read("life_turning_up") if row["door"] in names]
    hazard = np.array([-np.log1p(-float(row["share"]) * float(row["reaches"])) for row in rows])
    tag_of = tags.of_turning_up(setting.specs, [row["door"] for row in rows])
    turn = np.zeros(len(rows), c.TURN)
    for i, row in enumerate(rows):
        d = names.index(row["door"])
        keep[d] = round(float(row["keep"]) * WORD)
        turn[i]["door"], turn[i]["tag"] = d, tag_of[row["door"]]
    turn["threshold"] = np.rint(np.cumsum(hazard) / max(hazard.sum(), 1e-9) * WORD)
    turn["harmed"] = np.rint(np.cumsum([float(row["after_self_harm"]) for row in rows]) * WORD)
    return turn, keep, float(hazard.sum())


def _scores() -> np.ndarray:
    """Return uint8[group, score, 1024]: PHQ-9 and GAD-7 of people well, and ill by severity and anxiety."""
    groups = ("well", "cmd_anxiety", "cmd_other", "severe_anxiety", "severe_other")
    scores = np.zeros((len(groups), 2, STEPS), np.uint8)
    for row in tables.read("scores"):
        at = groups.index(row["group"]), ("phq9", "gad7").index(row["score"])
        scores[at] = normal_scores(*(float(row[key]) for key in ("least", "most", "mean", "sd")))
    return scores


def _ages_that_matter(hazards: dict[str, np.ndarray]) -> np.ndarray:
    """Return uint8[year of age]: 1 where a level of a door's factor begins."""
    matters = np.zeros(N_AGES, np.uint8)
    for column, cuts in zip(hazards["factor_column"], hazards["factor_cuts"], strict=True):
        if column == 0:  # age, `kernels.attributes.NAMES`
            matters[[int(cut) for cut in cuts if np.isfinite(cut) and cut < N_AGES]] = 1
    return matters
