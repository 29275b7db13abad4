"""Who asks for help, by which door, how often: a hazard for every resident, scaled so that England adds up.

rate(person, door) = scale of the door × product of the relative rates of the person's levels
(`demand_factors.csv`). Every factor is one attribute of a person with cut points.  All levels together are a
mixed-radix number; the *risk group* is its place after the groups that occur have been put first.  The scale
of a door is England's external total divided by England's summed relative rates.  These are those of the L&SC
residents reweighted to England's age bands and deprivation tenths, times the ratio that all 44 STPs have to them
(`england_ratio.csv`): people of the same age and deprivation are less ill elsewhere.  Groups and rates are found
once (`calibrate`) and are the same in every cell of England (`build_demand`): no cell needs another's people.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from abm import tables
from abm.ages import BAND_OF_AGE, BANDS
from abm.conditions import CONDITIONS
from abm.england import england_persons
from abm.population import Population
from kernels import synthesis
from pathways.errors import InputError, nearest, one_of

COLUMNS = ("age", "sex", "ethnicity", "phq9", "gad7", "severity", "past_use")
ATTRIBUTES = (*COLUMNS, "deprivation", "n_ltc", "n_mental", *CONDITIONS)  # the order the kernel counts on
N_COLUMNS = len(COLUMNS) + 1
MOST_GROUPS = 65_535  # risk is uint16
HOURS_OF_YEAR = 8766.0


@dataclass(frozen=True)
class Door:
    """A way in.  `total` is England's referrals a year through it; `site`: the person goes to an A&E site."""

    name: str
    to: str
    total: float
    profile: str
    factors: str
    site: bool = False


@dataclass(frozen=True)
class Factors:
    """The attributes that matter, with their levels.  Entry f of every array is one attribute.

    A person's group: `compact[sum over f of stride[f] * number of cuts[f] that are <= the attribute]`.
    """

    attributes: tuple[str, ...]
    cuts: np.ndarray  # float64[factor, cut] ascending, padded with inf
    stride: np.ndarray  # int64[factor]
    n_levels: np.ndarray  # int64[factor]
    compact: np.ndarray  # uint16[mixed radix] -> group

    def mixed_radix(self, columns: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return the mixed-radix number of each person, int32[person].

        `columns` needs `conditions` and the columns of `attributes`, and `deprivation` (decile) where it
        matters.
        """
        conditions = np.ascontiguousarray(columns["conditions"], np.uint32)
        kinds = np.array([ATTRIBUTES.index(name) for name in self.attributes])
        values = np.arange(256)  # every attribute is a small whole number: its level is looked up
        level = [
            np.searchsorted(cuts, values, side="right") * stride
            for cuts, stride in zip(self.cuts, self.stride, strict=True)
        ]
        bytes_of = tuple(
            _to_be_read(np.ascontiguousarray(columns[name] if name in self.attributes else (), np.uint8))
            for name in ATTRIBUTES[:N_COLUMNS]
        )
        number = np.empty(conditions.size, np.int32)
        table = np.array(level, np.int32).reshape(-1, 256)
        synthesis.levels(kinds, table, bytes_of, _to_be_read(conditions), number)
        return number

    def group_of(self, columns: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return the risk group of each person, uint16[person] (see `mixed_radix`)."""
        number = self.mixed_radix(columns)
        risk = np.empty(number.size, np.uint16)
        synthesis.risk_groups(number, self.compact, risk)
        return risk


def _to_be_read(column: np.ndarray) -> np.ndarray:
    """Return a view that cannot be written: kernels are compiled once, for columns that may be shared."""
    view = column.view()
    view.setflags(write=False)
    return view


@dataclass(frozen=True, eq=False)
class Calibration:
    """Doors, risk groups and their rates, the same all over England.

    `rates` float64[group, door] referrals a year where the profile is 1; groups that occur among the people it was
    found from come first, commonest first.
    """

    doors: tuple[Door, ...]
    factors: Factors
    rates: np.ndarray
    n_occurring: int


@dataclass(frozen=True, eq=False)
class Demand:
    """Hazards of all doors for the people of one cell.

    `rates` is the calibration's; the groups that occur in the cell are below `n_ceilings`. `site_factor`
    float64[door, site]: the share of residents' attendances that are kept, so that no site has more than its
    published attendances.  `outside` float64[door, site]: attendances a year of people from elsewhere. `expected`
    float64[door, system]: referrals a year of the cell's residents before the site factor.
    """

    calibration: Calibration
    n_ceilings: int
    site_factor: np.ndarray
    outside: np.ndarray
    expected: np.ndarray
    england_share: np.ndarray  # float64[door] the residents' share of England's referrals

    @property
    def doors(self) -> tuple[Door, ...]:
        """Return the ways in."""
        return self.calibration.doors

    @property
    def n_occurring(self) -> int:
        """Return the number of groups that occur where the rates were found."""
        return self.calibration.n_occurring

    @property
    def factors(self) -> Factors:
        """Return the attributes that matter."""
        return self.calibration.factors

    @property
    def rates(self) -> np.ndarray:
        """Return float64[group, door], referrals a year where the profile is 1: England's, not to be written."""
        return self.calibration.rates

    def group_of(self, columns: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return the risk group of each person, uint16[person]."""
        return self.factors.group_of(columns)

    def scaled(self, factors: np.ndarray) -> "Demand":
        """Return the demand with each door's referrals times a factor: float[door].

        Published attendances of a site are a share of the door's total, so its site factor stays.
        """
        doors = tuple(replace(door, total=door.total * float(f)) for door, f in zip(self.doors, factors, strict=True))
        calibration = replace(self.calibration, doors=doors, rates=self.rates * factors)
        down = factors[:, None]
        return replace(self, calibration=calibration, outside=self.outside * down, expected=self.expected * down)


def read_factors(doors: list[Door], folder: Path) -> dict[str, dict[str, list[tuple[float, float]]]]:
    """Return {name: {attribute: [(at least, relative rate), …]}} of the factor names the doors use."""
    file = tables.path_of("demand_factors", folder)
    found: dict[str, dict[str, list[tuple[float, float]]]] = {}
    for row in tables.read("demand_factors", folder):
        if row["factor"] not in ATTRIBUTES:
            raise InputError(
                file=file, key="factor", value=row["factor"], expected=one_of(ATTRIBUTES),
                suggestion=nearest(row["factor"], ATTRIBUTES),
            )  # fmt: skip
        levels = found.setdefault(row["name"], {}).setdefault(row["factor"], [])
        levels.append((float(row["at_least"]), float(row["relative_rate"])))
    for door in doors:
        if door.factors not in found:
            raise InputError(
                file=file, key=f"door.{door.name}.factors", value=door.factors, expected=one_of(found),
                suggestion=nearest(door.factors, found),
            )  # fmt: skip
    wanted = {door.factors for door in doors}
    return {name: {key: sorted(levels) for key, levels in by.items()} for name, by in found.items() if name in wanted}


def lay_out(named: dict[str, dict[str, list[tuple[float, float]]]]) -> Factors:
    """Return the attributes with the union of all doors' cut points (`compact` still the identity).

    Raises
    ------
    InputError
        If there are more combinations than a 16-bit group can name.
    """
    attributes = tuple(name for name in ATTRIBUTES if any(name in by for by in named.values()))
    cuts_of = []
    for name in attributes:
        # the lowest level of each table is everybody else: its threshold is no cut
        cuts_of.append(sorted({at for by in named.values() for at, _ in by.get(name, [])[1:]}))
    n_levels = np.array([len(cuts) + 1 for cuts in cuts_of], np.int64)
    n = int(n_levels.prod())
    if n > MOST_GROUPS:
        raise InputError(
            file="demand_factors.csv", key="at_least", value=f"{n:,} combinations of levels",
            expected=f"at most {MOST_GROUPS:,}: use fewer factors or fewer, shared cut points",
        )  # fmt: skip
    cuts = np.full((len(attributes), max(1, max((len(c) for c in cuts_of), default=1))), np.inf)
    for i, row in enumerate(cuts_of):
        cuts[i, : len(row)] = row
    stride = np.concatenate([[1], np.cumprod(n_levels)[:-1]]).astype(np.int64)
    return Factors(attributes, cuts, stride, n_levels, np.arange(n, dtype=np.uint16))


def relative_rates(factors: Factors, by: dict[str, list[tuple[float, float]]]) -> np.ndarray:
    """Return the relative rate of every mixed-radix number under one set of factors, float64[mixed radix]."""
    total = np.ones(factors.compact.size)
    number = np.arange(factors.compact.size)
    for name, cuts, stride, n in zip(factors.attributes, factors.cuts, factors.stride, factors.n_levels, strict=True):
        if name not in by:
            continue
        starts = np.array([at for at, _ in by[name]])
        rates = np.array([rate for _, rate in by[name]])
        lowest = np.concatenate([[starts[0]], cuts[: n - 1]])  # where each level begins
        of_level = rates[np.maximum(np.searchsorted(starts, lowest, side="right") - 1, 0)]
        total *= of_level[(number // stride) % n]
    return total


def calibrate(people: Population, doors: list[Door], folder: Path = tables.FOLDER) -> Calibration:
    """Find the risk groups and scale every door to England's total.

    `people` stand for England when reweighted to its ages and deprivation (`abm.population.reference`).

    Raises
    ------
    InputError
        If a door names unknown factors or profiles, or there are too many combinations of levels.
    """
    for door in doors:
        profile(door.profile, folder)
    named = read_factors(doors, folder)
    layout = lay_out(named)
    number = layout.mixed_radix(columns_of(people))
    count = np.bincount(number, minlength=layout.compact.size)
    rank = np.argsort(-count, kind="stable")
    compact = np.empty(layout.compact.size, np.uint16)
    compact[rank] = np.arange(rank.size)
    england = np.bincount(compact[number], weights=england_weight(people, folder), minlength=rank.size)
    relative = np.column_stack([relative_rates(layout, named[door.factors])[rank] for door in doors])
    sums = (england[:, None] * relative).sum(axis=0) * [england_ratio(door.factors, folder) for door in doors]
    scale = np.array([door.total for door in doors]) / sums
    factors = Factors(layout.attributes, layout.cuts, layout.stride, layout.n_levels, compact)
    return Calibration(tuple(doors), factors, relative * scale, int((count > 0).sum()))


def england_ratio(factors: str, folder: Path = tables.FOLDER) -> float:
    """Return England's summed relative rates over those of L&SC's people reweighted to it (`england_ratio.csv`).

    L&SC's people are iller than others of their age and deprivation.  Factors without a row: 1.
    """
    rows = tables.read("england_ratio", folder)
    return next((float(row["ratio"]) for row in rows if row["name"] == factors), 1.0)


def build_demand(
    population: Population,
    doors: list[Door],
    outside_to: str | None = None,
    folder: Path = tables.FOLDER,
    calibration: Calibration | None = None,
) -> Demand:
    """Give every resident a hazard at every door, and fill `population.people["risk"]`.

    Parameters
    ----------
    outside_to : the state that people from elsewhere enter: site doors that lead there are held to the published
        attendances of each A&E site; other site doors (acute wards) keep their residents by catchment alone.  No
        attendances are published for illustrative sites: they see their residents and nobody else.
    calibration : groups and rates found before; not given, they are found from these people

    Raises
    ------
    InputError
        If a door names unknown factors or profiles, or there are too many combinations of levels.
    """
    if calibration is None:
        calibration = calibrate(population, doors, folder)
    people, areas, rates = population.people, population.areas, calibration.rates
    people["risk"][:] = calibration.factors.group_of(columns_of(population))
    shape = len(doors), len(population.sites)
    factor, outside = np.ones(shape), np.zeros(shape)
    of_area = np.empty((areas["first"].size - 1, len(doors)))
    synthesis.sum_rates(areas["first"], people["risk"], rates, of_area)
    expected = np.stack([of_area[areas["system"] == s].sum(axis=0) for s in range(len(population.systems))], axis=1)
    shares = np.diff(areas["catchment"] / 2**32, axis=1, prepend=0.0)
    for d, door in enumerate(doors):
        if door.site and door.to == outside_to and not population.illustrative:
            residents = (of_area[:, d, None] * shares).sum(axis=0)
            published = published_attendances(population, folder) * door.total
            factor[d] = np.minimum(1.0, published / np.maximum(residents, 1e-9))
            outside[d] = np.maximum(0.0, published - residents)
    share = expected.sum(axis=1) / np.maximum([door.total for door in doors], 1e-9)
    known = int(people["risk"].max()) < calibration.n_occurring
    n_ceilings = calibration.n_occurring if known else len(rates)
    return Demand(calibration, n_ceilings, factor, outside, expected, share)


def columns_of(population: Population) -> dict[str, np.ndarray]:
    """Return the columns of the residents that a factor may name, deprivation among them."""
    people = population.people
    return {**people, "deprivation": population.areas["decile"].astype(np.uint8)[people["area"]]}


def published_attendances(population: Population, folder: Path = tables.FOLDER) -> np.ndarray:
    """Return each A&E site's published share of England's type 1 attendances, float64[site].

    Times a door's English total this is the number of attendances through that door at the site: a door
    scaled to 4.2 % of England's attendances (Baracaia et al 2020) puts 4.2 % of the site's attendances
    through it.
    """
    rows = {row["site"]: row for row in tables.read("ae_sites", folder)}
    return np.array([float(rows[s]["attendances"]) / float(rows[s]["england_attendances"]) for s in population.sites])


def england_weight(population: Population, folder: Path = tables.FOLDER) -> np.ndarray:
    """Return how many people of England each resident stands for, float64[person], by age band and decile."""
    people = population.people
    cell = BAND_OF_AGE[people["age"]] * 10 + population.areas["decile"][people["area"]] - 1
    own = np.bincount(cell, minlength=len(BANDS) * 10)
    return (england_persons(folder).ravel() / np.maximum(own, 1))[cell]


def profile(name: str, folder: Path = tables.FOLDER) -> tuple[np.ndarray, np.ndarray]:
    """Return (hour of week float64[168] from Monday 00:00, month float64[12]), each of mean 1.

    Months are weighted by their days in a year of 365.
    """
    rows = {row["profile"]: row for row in tables.read("profiles", folder)}
    if name not in rows:
        raise InputError(
            file=tables.path_of("profiles", folder), key="profile", value=name, expected=one_of(rows),
            suggestion=nearest(name, rows),
        )  # fmt: skip
    hours = np.array([float(rows[name][f"h_{hour}"]) for hour in range(168)])
    months = np.array([float(rows[name][f"m_{month}"]) for month in range(1, 13)])
    days = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    return hours / hours.mean(), months * (days.sum() / (months * days).sum())
