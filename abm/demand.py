"""Who asks for help, by which door, how often: a hazard for every resident, scaled so that England adds up.

rate(person, door) = scale of the door × product of the relative rates of the person's levels
(`demand_factors.csv`). Every factor is one attribute of a person with cut points.  Doors are dealt to *families*
whose levels together make the risk groups (`abm/families.py`): a person has one group a family.  The scale of a
door is England's external total divided by England's summed relative rates.  These are those of the L&SC
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
from abm.england import england_persons
from abm.families import ATTRIBUTES, Family, Levels, dealt, lay_out, relative_rates
from abm.population import Population
from abm.surges import Curve, Surge
from kernels import synthesis
from pathways.errors import InputError, nearest, one_of

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
    surges: tuple[Surge, ...] = ()

    @property
    def curve(self) -> Curve:
        """When people come: the profile, and the surges on it."""
        return self.profile, self.surges


@dataclass(frozen=True, eq=False)
class Calibration:
    """Doors and their families of risk groups with rates, the same all over England."""

    doors: tuple[Door, ...]
    families: tuple[Family, ...]


@dataclass(frozen=True, eq=False)
class Demand:
    """Hazards of all doors for the people of one cell.

    The groups that occur in the cell are, family by family, below `n_ceilings`. `site_factor` float64[door, site]:
    the share of residents' attendances that are kept, so that no site has more than its published attendances.
    `outside` float64[door, site]: attendances a year of people from elsewhere. `expected` float64[door, system]:
    referrals a year of the cell's residents before the site factor.
    """

    calibration: Calibration
    n_ceilings: tuple[int, ...]
    site_factor: np.ndarray
    outside: np.ndarray
    expected: np.ndarray
    england_share: np.ndarray  # float64[door] the residents' share of England's referrals

    @property
    def doors(self) -> tuple[Door, ...]:
        """Return the ways in."""
        return self.calibration.doors

    @property
    def families(self) -> tuple[Family, ...]:
        """Return the families of doors that share risk groups: England's, not to be written."""
        return self.calibration.families

    @property
    def attributes(self) -> tuple[str, ...]:
        """Return the attributes that matter at any door, in the order of `ATTRIBUTES`."""
        wanted = {name for family in self.families for name in family.factors.attributes}
        return tuple(name for name in ATTRIBUTES if name in wanted)

    def external(self) -> dict[str, float]:
        """Return England's referrals a year through the doors of each pathway that has any."""
        total: dict[str, float] = {}
        for door in self.doors:
            pathway = door.name.partition("/")[0]
            total[pathway] = total.get(pathway, 0.0) + door.total
        return total

    def group_of(self, columns: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return the risk groups of each person, uint16[person, family] (see `Factors.mixed_radix`)."""
        return np.column_stack([family.factors.group_of(columns) for family in self.families])

    def rates_of(self, risk: np.ndarray) -> np.ndarray:
        """Return float64[person, door], referrals a year where the profile is 1, of people in groups `risk`."""
        found = np.empty((len(risk), len(self.doors)))
        for f, family in enumerate(self.families):
            found[:, family.doors] = family.rates[risk[:, f]]
        return found

    def scaled(self, factors: np.ndarray) -> "Demand":
        """Return the demand with each door's referrals times a factor: float[door].

        Published attendances of a site are a share of the door's total, so its site factor stays.
        """
        doors = tuple(replace(door, total=door.total * float(f)) for door, f in zip(self.doors, factors, strict=True))
        families = tuple(replace(one, rates=one.rates * factors[list(one.doors)]) for one in self.families)
        down = factors[:, None]
        return replace(
            self, calibration=Calibration(doors, families), outside=self.outside * down, expected=self.expected * down
        )


def read_factors(doors: list[Door], folder: Path) -> dict[str, Levels]:
    """Return {name: {attribute: [(at least, relative rate), …]}} of the factor names the doors use."""
    file = tables.path_of("demand_factors", folder)
    found: dict[str, Levels] = {}
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
    columns, weight = columns_of(people), england_weight(people, folder)
    families = []
    for sets in dealt(named):
        layout = lay_out({name: named[name] for name in sets})
        number = layout.mixed_radix(columns)
        count = np.bincount(number, minlength=layout.compact.size)
        rank = np.argsort(-count, kind="stable")
        compact = np.empty(layout.compact.size, np.uint16)
        compact[rank] = np.arange(rank.size)
        england = np.bincount(compact[number], weights=weight, minlength=rank.size)
        own = tuple(d for d, door in enumerate(doors) if door.factors in sets)
        relative = np.column_stack([relative_rates(layout, named[doors[d].factors])[rank] for d in own])
        ratios = [england_ratio(doors[d].factors, folder) for d in own]
        scale = np.array([doors[d].total for d in own]) / ((england[:, None] * relative).sum(axis=0) * ratios)
        families.append(Family(own, replace(layout, compact=compact), relative * scale, int((count > 0).sum())))
    return Calibration(tuple(doors), tuple(families))


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
    people, areas, families = population.people, population.areas, calibration.families
    columns = columns_of(population)
    if people["risk"].shape != (population.n, len(families)):
        people["risk"] = np.empty((population.n, len(families)), np.uint16)
    for f, family in enumerate(families):
        family.factors.fill_groups(columns, people["risk"], f)
    shape = len(doors), len(population.sites)
    factor, outside = np.ones(shape), np.zeros(shape)
    of_area = np.empty((areas["first"].size - 1, len(doors)))
    for f, family in enumerate(families):
        part = np.empty((len(of_area), len(family.doors)))
        synthesis.sum_rates(areas["first"], people["risk"], f, family.rates, part)
        of_area[:, family.doors] = part
    expected = np.stack([of_area[areas["system"] == s].sum(axis=0) for s in range(len(population.systems))], axis=1)
    shares = np.diff(areas["catchment"] / 2**32, axis=1, prepend=0.0)
    for d, door in enumerate(doors):
        if door.site and door.to == outside_to and not population.illustrative:
            residents = (of_area[:, d, None] * shares).sum(axis=0)
            published = published_attendances(population, folder) * door.total
            factor[d] = np.minimum(1.0, published / np.maximum(residents, 1e-9))
            outside[d] = np.maximum(0.0, published - residents)
    share = expected.sum(axis=1) / np.maximum([door.total for door in doors], 1e-9)
    n_ceilings = tuple(
        family.n_occurring if most < family.n_occurring else len(family.rates)
        for family, most in zip(families, people["risk"].max(axis=0), strict=True)
    )
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
