"""Who is ill: long-term and mental health conditions, drawn in turn so that they cluster as they do in life.

Each condition has published numbers of people by cell (district, five-year age band and sex; or national
deprivation fifth, year of age and sex) and odds that depend on the conditions drawn before it, on their
number and on deprivation. The numbers are met to the person (`kernels/synthesis.py`). Deprivation acts here,
on who has a condition, and not again on who asks for help, save where `demand_factors.csv` says so.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from abm import tables
from abm.ages import BAND_OF_AGE, BANDS, N_AGES, SEXES
from abm.england import england_persons, register_level
from kernels import synthesis
from kernels.draws import purpose
from pathways.errors import InputError, nearest

CONDITIONS = (
    "diabetes", "copd", "stroke", "chd", "heart_failure", "asthma", "cancer", "dementia", "frailty",
    "depression", "anxiety", "psychosis", "bipolar", "personality_disorder", "eating_disorder", "perinatal",
    "child_emotional", "child_behavioural", "adhd", "autism", "substance_misuse", "self_harm", "learning_disability",
)  # fmt: skip
N_LTC = 9
N_MENTAL = 13  # the conditions after them; a learning disability is no illness
USES = ("use_crisis", "use_liaison", "use_talking_therapies", "use_inpatient", "use_self_harm")
# Further bits are needed while people are made: caseness, the register of severe mental illness, past use.
DRAWN = (*CONDITIONS, "cmd", "severe_cmd", "smi", *USES)
BIT = {name: 1 << i for i, name in enumerate(DRAWN)}
TABLES = (
    "conditions",
    "prevalence",
    "odds_ratios",
    "district_margins",
    "england_margins",
    "england_registers",
    "england_years",
    "past_use",
    "scores",
    "severity",
)


@dataclass
class Residents:
    """People while they are made.  The first four columns are by row, `id0`, `id1` and `bits` run by run.

    A run is everyone of one district, tenth, year of age and sex: ((district × 10 + tenth) × 111 + age) × 2 + sex.
    """

    area: np.ndarray  # uint16[person]
    ordinal: np.ndarray  # uint16[person]
    age: np.ndarray  # uint8[person]
    sex: np.ndarray  # uint8[person]
    code: np.ndarray  # int32[area]
    district_names: list[str]
    key: tuple[int, int]
    illustrative: bool
    start: np.ndarray  # int32[run + 1]
    order: np.ndarray  # int32[person] row
    id0: np.ndarray  # uint32[person] small-area code
    id1: np.ndarray  # uint16[person] ordinal
    bits: np.ndarray  # uint32[person], order of DRAWN

    @property
    def persons(self) -> np.ndarray:
        """Return the residents, int64[district, decile, age, sex]."""
        return np.diff(self.start).astype(np.int64).reshape(-1, 10, N_AGES, 2)


@dataclass(frozen=True)
class Cells:
    """Which runs make a cell of a table: (group, age band, sex)."""

    of_run: np.ndarray  # int64[run]
    start: np.ndarray  # int32[cell + 1]
    runs: np.ndarray  # int32[run], cell by cell
    n_groups: int

    @property
    def n(self) -> int:
        """Return the number of cells."""
        return self.start.size - 1

    def sums(self, of_run: np.ndarray) -> np.ndarray:
        """Return the sums over cells of an amount by run, float64[cell]."""
        return np.bincount(self.of_run, weights=of_run.ravel(), minlength=self.n)


def england_weight(residents: Residents, folder: Path = tables.FOLDER) -> np.ndarray:
    """Return the people of England that one resident stands for, float64[age, decile]."""
    own = residents.persons.sum(axis=(0, 3)).T  # [age, decile]
    by_band = np.zeros((len(BANDS), 10))
    np.add.at(by_band, BAND_OF_AGE, own)
    england = england_persons(folder)
    return (england / np.maximum(by_band, 1.0))[BAND_OF_AGE]


def odds_of(condition: str, rows: list[tables.Row], folder: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return log odds by decile float64[10], number of physical conditions float64[6] and bit float64[32]."""
    decile, count, bit = np.zeros(10), np.zeros(synthesis.N_LEVELS), np.zeros(32)
    for row in rows:
        if row["condition"] != condition:
            continue
        factor, value = row["factor"], np.log(float(row["odds_ratio"]))
        if factor == "decile":
            decile[int(row["level"]) - 1] = value
        elif factor == "n_ltc":
            count[int(row["level"])] = value
        elif factor in BIT:
            bit[DRAWN.index(factor)] = value
        else:
            raise InputError(
                file=tables.path_of("odds_ratios", folder), key="factor", value=factor,
                expected="decile, n_ltc or a condition", suggestion=nearest(factor, DRAWN),
            )  # fmt: skip
    return decile, count, bit


def prevalence_by_age(condition: str, rows: list[tables.Row]) -> np.ndarray:
    """Return published prevalence of `condition`, float64[sex, age]; 0 where the table has no row."""
    rate = np.zeros((2, N_AGES))
    for row in rows:
        if row["condition"] == condition:
            rate[SEXES.index(row["sex"]), int(row["from_age"]) : int(row["to_age"]) + 1] = float(row["prevalence"])
    return rate


def by_decile(rate: np.ndarray, log_odds: np.ndarray, england: np.ndarray) -> np.ndarray:
    """Return `rate` [sex, age] spread over deciles [sex, age, decile] so that England keeps it at every age.

    The odds between tenths are `log_odds`; the intercept is solved by Newton's method.
    """
    share = (england / england.sum(axis=1, keepdims=True))[BAND_OF_AGE]  # [age, decile]
    safe = np.clip(rate, 1e-9, 1 - 1e-9)
    intercept = np.log(safe / (1 - safe))
    for _ in range(12):
        p = 1 / (1 + np.exp(-(intercept[..., None] + log_odds)))
        gap = (p * share).sum(axis=2) - safe
        intercept -= gap / np.maximum((p * (1 - p) * share).sum(axis=2), 1e-12)
    p = 1 / (1 + np.exp(-(intercept[..., None] + log_odds)))
    return np.where(rate[..., None] > 0, p, 0.0)


def whole_people(count: np.ndarray) -> np.ndarray:
    """Return `count` as whole people, int64 of its shape: every run of entries is within one of its sum.

    Rounding the running total leaves no cell of rare conditions systematically empty.
    """
    running = np.rint(np.cumsum(count.ravel()) + 1e-9)
    return np.diff(running, prepend=0.0).astype(np.int64).reshape(count.shape)


def whole_people_by_age(count: np.ndarray, n_groups: int) -> np.ndarray:
    """Return whole people by cell [group, age, sex]: every span of ages of a sex keeps its sum."""
    by = count.reshape(n_groups, -1, 2)
    return whole_people(by.transpose(2, 1, 0)).transpose(2, 1, 0).ravel()


def to_district_margins(
    count: np.ndarray, condition: str, margins: list[tables.Row], names: list[str], counts: np.ndarray
) -> np.ndarray:
    """Return people by cell, scaled to each district's published prevalence on that table's denominator.

    `count` float64[cell]; `counts` int64[district, sex, age] the residents.  Returns int64[cell].
    """
    by_district = count.reshape(len(names), -1)
    target = np.zeros(by_district.shape, np.int64)
    for row in margins:
        if row["condition"] != condition or row["district"] not in names:
            continue
        d = names.index(row["district"])
        total = float(row["prevalence"]) * n_within(counts[d], row)
        target[d] = whole_people_by_age(by_district[d] * (round(total) / by_district[d].sum()), 1)
    return target.ravel()


def n_within(counts: np.ndarray, row: tables.Row) -> int:
    """Return the residents, of int64[sex, age], within the sex and ages of a margin's denominator."""
    ages = slice(int(row["from_age"]), int(row["to_age"]) + 1)
    return int(counts[:, ages].sum() if row["sex"] == "all" else counts[SEXES.index(row["sex"]), ages].sum())


def residents_by_district(residents: Residents) -> np.ndarray:
    """Return the residents, int64[district, sex, age]."""
    return residents.persons.sum(axis=1).transpose(0, 2, 1)


def cells_of(residents: Residents, kind: str) -> Cells:
    """Return the cells: by district and five years of age, or deprivation fifth and single year."""
    n_districts = len(residents.district_names)
    district, decile, age, sex = np.indices((n_districts, 10, N_AGES, 2)).reshape(4, -1)
    if kind == "district":
        group, n_groups, band, n_bands = district, n_districts, np.minimum(age // 5, 17), 18
    else:
        group, n_groups, band, n_bands = decile // 2, 5, age, N_AGES
    of_run = (group * n_bands + band) * 2 + sex
    runs = np.argsort(of_run, kind="stable").astype(np.int32)
    start = np.searchsorted(of_run[runs], np.arange(n_groups * n_bands * 2 + 1)).astype(np.int32)
    return Cells(of_run, start, runs, n_groups)


def odds_tables(count: np.ndarray, bit: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return odds by bits 0-8 (with their number) float64[512], bits 9-18 [1024] and bits 19-30 [4096]."""
    tables_of = []
    for first, n in ((0, 9), (9, 10), (19, 12)):
        word = np.arange(1 << n)
        log_odds = count[np.minimum(np.bitwise_count(word), count.size - 1)] if first == 0 else np.zeros(word.size)
        for i in range(n):
            log_odds = log_odds + np.where(word >> i & 1, bit[first + i], 0.0)
        tables_of.append(np.exp(log_odds))
    return tables_of[0], tables_of[1], tables_of[2]


@dataclass(frozen=True, eq=False)
class Drawing:
    """How one condition is drawn, the same in every cell of England."""

    condition: str
    kind: str
    """Whose cells: `district` or `quintile`."""
    given: int
    eligible: np.ndarray  # bool[sex, age]
    rate: np.ndarray  # float64[decile, age, sex] England's rate, or its shape
    level: float
    """What `rate` is multiplied by where no register of the district is published."""
    inverse_odds: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
    """One over the odds by decile, and by bits (see `odds_tables`)."""


@lru_cache(maxsize=4)
def drawings(folder: Path, digest: str) -> tuple[Drawing, ...]:
    """Return the conditions in the order they are drawn; `digest` is that of the tables, which may have changed."""
    prevalence, odds = tables.read("prevalence", folder), tables.read("odds_ratios", folder)
    england = england_persons(folder)
    registers = {row["condition"]: row for row in tables.read("england_registers", folder)}
    found = []
    for row in sorted(tables.read("conditions", folder), key=lambda row: int(row["order"])):
        name = row["condition"]
        if name not in BIT:
            raise InputError(
                file=tables.path_of("conditions", folder), key="condition", value=name,
                expected="a condition", suggestion=nearest(name, DRAWN),
            )  # fmt: skip
        decile, count, bit = odds_of(name, odds, folder)
        rate = prevalence_by_age(name, prevalence)
        eligible = rate > 0
        eligible[:, : int(row["from_age"])] = False
        shape = by_decile(np.where(eligible, rate, 0.0), decile, england)
        level = register_level(shape, registers[name], folder) if row["cells"] == "district" else 1.0
        given = BIT[row["given"]] if row["given"] else 0
        inverse = (np.exp(-decile), *odds_tables(-count, -bit))
        found.append(Drawing(name, row["cells"], given, eligible, shape.transpose(2, 1, 0).copy(), level, inverse))
    return tuple(found)


def draw_conditions(residents: Residents, folder: Path = tables.FOLDER) -> None:
    """Fill `residents.bits` with every condition in the order of `conditions.csv`."""
    margins = tables.read("district_margins", folder)
    counts = residents_by_district(residents)
    cells = {kind: cells_of(residents, kind) for kind in ("district", "quintile")}
    persons = residents.persons.astype(np.float64)
    for one in drawings(folder, tables.digest(TABLES, folder)):
        on, able = cells[one.kind], persons
        if one.given:
            able = np.empty(persons.size)
            synthesis.count_with(residents.start, residents.bits, np.uint32(one.given), able)
            able = able.reshape(persons.shape)
        people = on.sums(able * one.rate)
        if one.kind == "quintile" or residents.illustrative:
            target = whole_people_by_age(people * one.level, on.n_groups)
        else:
            target = to_district_margins(people, one.condition, margins, residents.district_names, counts)
        give(residents, on, target, one.eligible, one.given, one.condition, one.inverse_odds)
    psychosis = (residents.bits & (BIT["smi"] | BIT["bipolar"])) == BIT["smi"]
    residents.bits[psychosis] |= np.uint32(BIT["psychosis"])


def draw_past_use(
    residents: Residents, england: dict[str, float] | None = None, folder: Path = tables.FOLDER
) -> dict[str, float]:
    """Fill the bits of services used in the past year: England's totals, shared by need.

    `england` is England's summed relative use of each service; not given, it follows from these residents,
    reweighted to England's ages and deprivation.  Returns what was used.
    """
    odds = tables.read("odds_ratios", folder)
    weight = england_weight(residents, folder).T[None, :, :, None]  # [district, decile, age, sex]
    on = cells_of(residents, "quintile")
    totals = {}
    for row in sorted(tables.read("past_use", folder), key=lambda row: int(row["order"])):
        decile, count, bit = odds_of(row["use"], odds, folder)
        eligible = np.zeros((2, N_AGES), bool)
        eligible[:, int(row["from_age"]) :] = True
        risk = np.empty(residents.start.size - 1)
        synthesis.sum_odds(residents.start, residents.bits, *odds_tables(count, bit), risk)
        risk = risk.reshape(-1, 10, N_AGES, 2) * np.exp(decile)[:, None, None] * eligible.T
        totals[row["use"]] = float((risk * weight).sum()) if england is None else england[row["use"]]
        people = on.sums(risk) * (float(row["people_england"]) / totals[row["use"]])
        target = whole_people_by_age(people, on.n_groups)
        give(residents, on, target, eligible, 0, row["use"], (np.exp(-decile), *odds_tables(-count, -bit)))
    return totals


def give(
    residents: Residents, cells: Cells, target: np.ndarray, eligible: np.ndarray, given: int, name: str,
    inverse_odds: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
) -> None:  # fmt: skip
    """Set the bit of `name` for `target[cell]` of the eligible people with all bits of `given`."""
    synthesis.give(
        residents.start, cells.start, cells.runs, target, eligible, np.uint32(given), np.uint32(BIT[name]),
        residents.id0, residents.id1, residents.bits, *inverse_odds, *residents.key,
        purpose(f"population/{name}/drawn"),
    )  # fmt: skip
