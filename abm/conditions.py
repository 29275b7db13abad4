"""Who is ill: long-term and mental health conditions, drawn in turn so that they cluster as they do in life.

Each condition has published numbers of people by cell (district, five-year age band and sex; or national
deprivation fifth, year of age and sex) and odds that depend on the conditions drawn before it, on their
number and on deprivation. The numbers are met to the person (`kernels/synthesis.py`). Deprivation acts here,
on who has a condition, and not again on who asks for help, save where `demand_factors.csv` says so.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from abm import tables
from kernels import synthesis
from kernels.draws import purpose
from pathways.errors import InputError, nearest

CONDITIONS = (
    "diabetes", "copd", "stroke", "chd", "heart_failure", "asthma", "cancer", "dementia", "frailty",
    "depression", "anxiety", "psychosis", "bipolar", "personality_disorder", "eating_disorder", "perinatal",
    "child_emotional", "child_behavioural", "adhd", "autism", "substance_misuse", "self_harm",
)  # fmt: skip
N_LTC = 9
USES = ("use_crisis", "use_liaison", "use_talking_therapies", "use_inpatient", "use_self_harm")
# Further bits are needed while people are made: caseness, the register of severe mental illness, past use.
DRAWN = (*CONDITIONS, "cmd", "severe_cmd", "smi", *USES)
BIT = {name: 1 << i for i, name in enumerate(DRAWN)}
SEXES = ("female", "male")
N_AGES = 111
BANDS = (
    (0, 4),
    (5, 10),
    (11, 17),
    (18, 24),
    (25, 34),
    (35, 44),
    (45, 54),
    (55, 64),
    (65, 74),
    (75, 84),
    (85, 110),
)
BAND_OF_AGE = np.array([next(i for i, (low, high) in enumerate(BANDS) if low <= age <= high) for age in range(N_AGES)])
TABLES = (
    "conditions",
    "prevalence",
    "odds_ratios",
    "district_margins",
    "england_margins",
    "past_use",
    "scores",
    "severity",
)


@dataclass
class Residents:
    """The columns a condition may depend on, one entry a resident or a small area; `bits` is filled."""

    area: np.ndarray  # uint16[person]
    ordinal: np.ndarray  # uint16[person]
    age: np.ndarray  # uint8[person]
    sex: np.ndarray  # uint8[person]
    bits: np.ndarray  # uint32[person], order of DRAWN
    code: np.ndarray  # int32[area]
    decile: np.ndarray  # int8[area]
    district: np.ndarray  # int64[area]
    district_names: list[str]
    key: tuple[int, int]


@dataclass(frozen=True)
class Cells:
    """People sorted by cell: (group of small areas, age band, sex)."""

    order: np.ndarray  # int32[person]
    start: np.ndarray  # int32[cell + 1]
    n_groups: int

    @property
    def n(self) -> int:
        """Return the number of cells."""
        return self.start.size - 1


def england_persons(folder: Path = tables.FOLDER) -> np.ndarray:
    """Return England's residents, float64[age band, decile], mid-2017."""
    persons = np.zeros((len(BANDS), 10))
    labels = {f"age_{low}_{high}" if high < 110 else f"age_{low}plus": i for i, (low, high) in enumerate(BANDS)}
    for row in tables.read("england_margins", folder):
        persons[labels[row["age_band"]], int(row["decile"]) - 1] = float(row["persons"])
    return persons


def england_weight(residents: Residents, folder: Path = tables.FOLDER) -> np.ndarray:
    """Return the people of England that one resident stands for, float64[age, decile]."""
    own = np.zeros((N_AGES, 10))
    np.add.at(own, (residents.age, residents.decile[residents.area] - 1), 1.0)
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
    flat = (residents.district[residents.area] * 2 + residents.sex) * N_AGES + residents.age
    return np.bincount(flat, minlength=len(residents.district_names) * 2 * N_AGES).reshape(-1, 2, N_AGES)


def cells_of(residents: Residents, kind: str) -> Cells:
    """Return the people in cells: by district and five years of age, or deprivation fifth and single year."""
    ages = np.arange(N_AGES)
    if kind == "district":
        group, n_groups, band = residents.district, len(residents.district_names), np.minimum(ages // 5, 17)
    else:
        group, n_groups, band = (residents.decile.astype(np.int64) - 1) // 2, 5, ages
    n_cells = n_groups * (int(band[-1]) + 1) * 2
    order, start = synthesis.sort_by_cell(group, band, residents.area, residents.age, residents.sex, n_cells)
    return Cells(order, start, n_groups)


def draw_conditions(residents: Residents, folder: Path = tables.FOLDER) -> None:
    """Fill `residents.bits` with every condition in the order of `conditions.csv`."""
    prevalence, odds = tables.read("prevalence", folder), tables.read("odds_ratios", folder)
    margins, england = tables.read("district_margins", folder), england_persons(folder)
    counts = residents_by_district(residents)
    cells = {kind: cells_of(residents, kind) for kind in ("district", "quintile")}
    for row in sorted(tables.read("conditions", folder), key=lambda row: int(row["order"])):
        name, on = row["condition"], cells[row["cells"]]
        if name not in BIT:
            raise InputError(
                file=tables.path_of("conditions", folder), key="condition", value=name,
                expected="a condition", suggestion=nearest(name, DRAWN),
            )  # fmt: skip
        given = BIT[row["given"]] if row["given"] else 0
        decile, count, bit = odds_of(name, odds, folder)
        rate = prevalence_by_age(name, prevalence)
        eligible = rate > 0
        eligible[:, : int(row["from_age"])] = False
        rate_by_decile = by_decile(np.where(eligible, rate, 0.0), decile, england)
        people = np.zeros(on.n)
        synthesis.expected(
            on.order, on.start, residents.area, residents.age, residents.bits, residents.decile,
            np.uint32(given), rate_by_decile, people,
        )  # fmt: skip
        if row["cells"] == "district":
            target = to_district_margins(people, name, margins, residents.district_names, counts)
        else:
            target = whole_people_by_age(people, on.n_groups)
        give(residents, on, target, eligible, given, name, decile, count, bit)
    psychosis = (residents.bits & (BIT["smi"] | BIT["bipolar"])) == BIT["smi"]
    residents.bits[psychosis] |= np.uint32(BIT["psychosis"])


def draw_past_use(residents: Residents, folder: Path = tables.FOLDER) -> None:
    """Fill the bits of services used in the past year: England's totals, shared by need."""
    odds = tables.read("odds_ratios", folder)
    weight = england_weight(residents, folder)
    on = cells_of(residents, "quintile")
    for row in sorted(tables.read("past_use", folder), key=lambda row: int(row["order"])):
        decile, count, bit = odds_of(row["use"], odds, folder)
        eligible = np.zeros((2, N_AGES), bool)
        eligible[:, int(row["from_age"]) :] = True
        risk = np.zeros(on.n)
        total = synthesis.relative_use(
            on.order, on.start, residents.area, residents.age, residents.bits, residents.decile, eligible,
            weight, decile, count, bit, risk,
        )  # fmt: skip
        people = risk * (float(row["people_england"]) / total)
        give(
            residents,
            on,
            whole_people_by_age(people, on.n_groups),
            eligible,
            0,
            row["use"],
            decile,
            count,
            bit,
        )


def give(
    residents: Residents, cells: Cells, target: np.ndarray, eligible: np.ndarray, given: int, name: str,
    decile: np.ndarray, count: np.ndarray, bit: np.ndarray,
) -> None:  # fmt: skip
    """Set the bit of `name` for `target[cell]` of the eligible people with all bits of `given`."""
    synthesis.give(
        cells.order, cells.start, target, residents.area, residents.ordinal, residents.age, residents.bits,
        residents.code, residents.decile, eligible, np.uint32(given), np.uint32(BIT[name]),
        decile, count, bit, residents.key[0], residents.key[1], purpose(f"population/{name}/drawn"),
    )  # fmt: skip


def draw_scores(residents: Residents, folder: Path = tables.FOLDER) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (phq9, gad7, severity), uint8[person] each."""
    groups = ("well", "cmd_anxiety", "cmd_other", "severe_anxiety", "severe_other")
    scores = np.zeros((len(groups), 2, synthesis.SCORE_STEPS), np.uint8)
    for row in tables.read("scores", folder):
        at = groups.index(row["group"]), ("phq9", "gad7").index(row["score"])
        scores[at] = normal_scores(*(float(row[key]) for key in ("least", "most", "mean", "sd")))
    ends = np.full((len(DRAWN), 2), -1.0)
    for row in tables.read("severity", folder):
        mild = float(row["mild"])
        ends[DRAWN.index(row["condition"])] = mild, mild + float(row["moderate"])
    phq9, gad7, severity = (np.zeros(residents.area.size, np.uint8) for _ in range(3))
    synthesis.fill_scores(
        residents.area, residents.ordinal, residents.bits, residents.code,
        np.uint32(BIT["cmd"]), np.uint32(BIT["severe_cmd"]), np.uint32(BIT["anxiety"]), scores, ends,
        residents.key[0], residents.key[1], purpose("population/scores/drawn"), phq9, gad7, severity,
    )  # fmt: skip
    return phq9, gad7, severity


def normal_scores(least: float, most: float, mean: float, sd: float) -> np.ndarray:
    """Return the score at each of 1,024 equal steps of luck, uint8[step]: a normal law, cut."""
    values = np.arange(int(least), int(most) + 1)
    share = np.exp(-0.5 * ((values - mean) / sd) ** 2)
    end = np.cumsum(share) / share.sum()
    return values[np.searchsorted(end, (np.arange(synthesis.SCORE_STEPS) + 0.5) / synthesis.SCORE_STEPS)].astype(
        np.uint8
    )
