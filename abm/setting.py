"""Everything the runs of one cell share: people, demand, pathways, places.  Made once per process, never changed.

England is 44 cells: what they have in common (pathways, specs, risk groups and their rates) is `Shared`, made once.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np

from abm.areas import LSC, cell, cells_of, check_memory, title_of
from abm.demand import HOURS_OF_YEAR, Calibration, Demand, Door, build_demand, calibrate
from abm.hazards import curves_of, hazards_of
from abm.internal_referrals import Flows, external, sent
from abm.lives import Lives, lives_of
from abm.network import Stream
from abm.newcomers import Newcomers, newcomers_of
from abm.pages import Blank, side_by_side
from abm.population import Population, reference, synthesise
from abm.small_areas import SmallAreas
from abm.surges import Surge, at_door
from abm.units import Lever, Places, build
from kernels import columns as c
from kernels import entry
from kernels.compiled_beside import compile_beside
from kernels.jit import sources_digest
from kernels.model import Model
from pathways import edits as pathway_edits
from pathways import files
from pathways.errors import InputError
from pathways.pathway import Pathway
from pathways.specs import PathwaySpec, RosterRow, validated

PATHWAYS = ("crisis", "liaison", "talking_therapies", "inpatient")
KEPT_REPLICATIONS = 64
TEMPLATES_A_SITE = 64  # residents whose attributes stand in for people from elsewhere

Edit = tuple[str, str, Any]
Roster = tuple[str, str, tuple[RosterRow, ...]]


def every_pathway() -> tuple[str, ...]:
    """Return all pathways of the library: those of the baseline, then the others by name."""
    return PATHWAYS + tuple(name for name in files.library_names() if name not in PATHWAYS)


@dataclass(frozen=True, eq=False)
class Setting:
    """One cell, ready to be simulated."""

    area: str
    pathways: dict[str, Pathway]
    specs: dict[str, PathwaySpec]
    places: Places
    population: Population
    demand: Demand
    levers: tuple[Lever, ...]
    baseline_plan: np.ndarray
    digest: str
    rosters: tuple[Roster, ...] = ()
    _horizons: dict = field(default_factory=dict, repr=False)
    _onsets: dict = field(default_factory=dict, repr=False)
    _lives: dict = field(default_factory=dict, repr=False)
    """What concerns lives; nothing of it depends on demand or pathways"""
    _spare: list = field(default_factory=list, repr=False)
    """People tables of runs that are over: memory the next run need not ask for"""

    @property
    def illustrative(self) -> bool:
        """Say whether the small areas, teams and hospitals are made up to fit published totals."""
        return self.population.illustrative

    def hazards(self, start: datetime.date, days: int) -> dict[str, np.ndarray]:
        """Return the demand tables of the kernels for a run of `days` from `start`."""
        key = (start, days)
        if key not in self._horizons:
            self._horizons.clear()
            self._horizons[key] = hazards_of(self, start, days)
        return self._horizons[key]

    @property
    def lives(self) -> Lives:
        """The hazards of its people's lives, found when they are first asked for."""
        if "lives" not in self._lives:
            self._lives["lives"] = lives_of(self)
        return self._lives["lives"]

    def newcomers(self, days: int, seed: int, replication: int) -> Newcomers:
        """Return who moves in during a run of `days`."""
        return self._kept("newcomers", (days, seed, replication),
                          lambda: newcomers_of(self, self.lives, days, seed, replication))  # fmt: skip

    def first_lives(self, m: Model, days: int, seed: int, replication: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the first events of everybody's life (person << 8 | kind, second), as `first_onsets` does."""
        return self._kept("events", (days, seed, replication), lambda: found_by(
            lambda found, times: entry.first_lives(m.address, self.population.n, found, times)))  # fmt: skip

    def _kept(self, what: str, key: tuple, make: Callable[[], Any]) -> Any:
        """Return what is made once for a key; of each kind as many are kept as of first onsets."""
        kept = self._lives.setdefault(what, {})
        if key not in kept:
            while len(kept) >= KEPT_REPLICATIONS:
                kept.pop(next(iter(kept)))
            kept[key] = make()
        return kept[key]

    def first_onsets(
        self, m: Model, start: datetime.date, days: int, seed: int, replication: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return everybody's first onsets (person << 8 | door, second), found once per seed and replication.

        Plans and capacities cannot change them, so paired runs share them.
        """
        key = (start, days, seed, replication)
        if key not in self._onsets:
            while len(self._onsets) >= KEPT_REPLICATIONS:
                self._onsets.pop(next(iter(self._onsets)))
            self._onsets[key] = found_by(
                lambda found, times: entry.first_onsets(m.address, self.population.n, found, times)
            )
        return self._onsets[key]


def found_by(scan: Callable[[np.ndarray, np.ndarray], int]) -> tuple[np.ndarray, np.ndarray]:
    """Return what a scan writes to two int64 arrays, which are made longer if it does not fit."""
    room = 1 << 18
    while True:
        found, times = np.empty(room, np.int64), np.empty(room, np.int64)
        n = int(scan(found, times))
        if n <= room:
            return found[:n].copy(), times[:n].copy()
        room = n


@lru_cache(maxsize=4)
def setting_of(
    area: str = LSC,
    pathways: tuple[str, ...] = PATHWAYS,
    population_seed: int = 1,
    edits: tuple[Edit, ...] = (),
    multipliers: tuple[tuple[str, float], ...] = (),
    rosters: tuple[Roster, ...] = (),
) -> Setting:
    """Make the setting of an area that is one cell.

    Parameters
    ----------
    edits : (pathway, dotted key, value), applied in order
    multipliers : (door such as `crisis/gp`, or pathway; factor) on external demand
    rosters : (team such as `talking_therapies/step2`, place, rows) that replace a unit's own rosters
    """
    return prepare(area, edited(pathways, edits), population_seed, multipliers, rosters)


@dataclass(frozen=True, eq=False)
class Shared:
    """What all cells of an area have in common."""

    pathways: dict[str, Pathway]
    specs: dict[str, PathwaySpec]
    calibration: Calibration
    outside_to: str | None
    population_seed: int
    rosters: tuple[Roster, ...]
    digest: str
    """Of everything here."""


def settings_of(
    area: str,
    pathways: tuple[str, ...] = PATHWAYS,
    population_seed: int = 1,
    edits: tuple[Edit, ...] = (),
    multipliers: tuple[tuple[str, float], ...] = (),
) -> Iterator[Setting]:
    """Yield the setting of every cell of an area, in order, each made when it is asked for (see `setting_of`).

    Cells may as well be made by several threads: `setting_of_cell(shared_of(…), cell)` for each of `cells_of(area)`.

    Raises
    ------
    InputError
        If there is no such area, or all its people together do not fit into the memory.
    """
    cells = cells_of(area)
    check_memory(area)
    shared = shared_of(edited(pathways, edits), population_seed, multipliers)
    return (setting_of_cell(shared, name) for name in cells)


def edited(pathways: tuple[str, ...], edits: tuple[Edit, ...]) -> dict[str, Pathway]:
    """Return the pathways of the library by name, with edits (pathway, dotted key, value) applied in order."""
    graphs = {name: files.library(name) for name in pathways}
    for name, key, value in edits:
        if name not in graphs:
            raise InputError(file="edits", key=name, value=key, expected=f"a pathway among {', '.join(graphs)}")
        graphs[name] = pathway_edits.apply(graphs[name], {"set": {key: value}}, file="edits")
    return graphs


def prepare(
    area: str,
    graphs: dict[str, Pathway],
    population_seed: int = 1,
    multipliers: Iterable[tuple[str, float]] = (),
    rosters: tuple[Roster, ...] = (),
    surges: Sequence[Surge] = (),
) -> Setting:
    """Make the setting of one cell of pathways at hand (see `setting_of`)."""
    cell(area)
    check_memory(area)
    return setting_of_cell(shared_of(graphs, population_seed, multipliers, rosters, surges=surges), area)


def shared_of(
    graphs: dict[str, Pathway],
    population_seed: int = 1,
    multipliers: Iterable[tuple[str, float]] = (),
    rosters: tuple[Roster, ...] = (),
    flows: Flows | None = None,
    surges: Sequence[Surge] = (),
) -> Shared:
    """Return what all cells with these pathways have in common; the loop is compiled meanwhile, if it is not yet.

    `flows` are what pathways send each other in England a year; not given, `internal_referrals.csv` says it.
    """
    compile_beside()
    specs = {name: validated(graph) for name, graph in graphs.items()}
    factor = dict(multipliers)
    total = external(specs, sent(specs) if flows is None else flows)
    doors = [
        Door(
            f"{pathway}/{name}", f"{pathway}/{door.to}",
            total[pathway] * door.share * factor.get(f"{pathway}/{name}", 1.0) * factor.get(pathway, 1.0),
            door.profile or "flat", door.factors or pathway, door.site,
            at_door(surges, f"{pathway}/{name}"),
        )
        for pathway, spec in specs.items() if spec.demand
        for name, door in spec.doors.items()
    ]  # fmt: skip
    outside_to = next((f"{name}/{spec.outside.to}" for name, spec in specs.items() if spec.outside), None)
    england = reference(population_seed)
    digest = "|".join(
        [england.digest, sources_digest(), *(graph.digest() for graph in graphs.values()),
         repr(sorted(factor.items())), repr(rosters), *(f"{d.name}{d.total!r}" for d in doors),
         *map(repr, surges)]
    )  # fmt: skip
    return Shared(graphs, specs, calibrate(england, doors), outside_to, population_seed, rosters, digest)


def setting_of_cell(shared: Shared, area: str) -> Setting:
    """Make the setting of one cell; several threads may do so at once."""
    kept, calibration = _residents(area, shared.population_seed), shared.calibration
    risk = np.zeros((kept.n, len(calibration.families)), np.uint16)
    population = replace(kept, people=kept.people | {"risk": risk})
    demand = build_demand(population, list(calibration.doors), shared.outside_to, calibration=calibration)
    places = places_served(area, population)
    units = build(shared.specs, places, rosters=shared.rosters)
    digest = hashlib.sha256(f"{population.digest}|{shared.digest}".encode()).hexdigest()
    return Setting(
        area, shared.pathways, shared.specs, places, population, demand, units.levers, units.baseline(), digest,
        shared.rosters,
    )  # fmt: skip


@lru_cache(maxsize=2)
def _residents(area: str, seed: int) -> Population:
    """Return the cell's people; settings that differ in demand or pathways share them, so nobody may write."""
    population = reference(seed) if area == LSC else synthesise(area, seed)
    for column in population.people.values():
        column.setflags(write=False)
    return population


def varied(setting: Setting, graphs: Mapping[str, Pathway], factors: Mapping[str, float]) -> Setting:
    """Return a setting with other values in its pathways and other demand, for the same people and teams.

    Cheap beside `prepare`: hazards are proportional to a door's total, so that nobody has to be looked at.

    Parameters
    ----------
    graphs : pathways that replace those of the same name; they differ in values only, not in doors or teams
    factors : by door such as `crisis/gp`, on what comes through it from outside
    """
    pathways = {name: graphs.get(name, pathway) for name, pathway in setting.pathways.items()}
    specs = {name: validated(graphs[name]) if name in graphs else spec for name, spec in setting.specs.items()}
    demand = setting.demand.scaled(np.array([factors.get(door.name, 1.0) for door in setting.demand.doors]))
    changed = [pathways[name].digest() for name in graphs] + [repr(sorted(factors.items()))]
    digest = hashlib.sha256("|".join([setting.digest, *changed]).encode()).hexdigest()
    return replace(
        setting, pathways=pathways, specs=specs, demand=demand, digest=digest, _horizons={}, _onsets={}
    )  # fmt: skip


def with_residents(setting: Setting, residents: Population) -> Setting:
    """Return a setting whose cell has other residents; each asks as often as somebody like them did before.

    People from elsewhere, and the share of residents whom an A&E site sees, stay as they were.
    """
    before = setting.demand
    risk = np.zeros((residents.n, len(before.families)), np.uint16)
    population = replace(residents, people=residents.people | {"risk": risk})
    demand = build_demand(population, list(before.doors), calibration=before.calibration)
    demand = replace(demand, site_factor=before.site_factor, outside=before.outside)
    places = places_served(setting.area, population)
    units = build(setting.specs, places, rosters=setting.rosters)
    digest = hashlib.sha256(f"{population.digest}|{setting.digest}".encode()).hexdigest()
    return replace(
        setting, population=population, demand=demand, places=places, levers=units.levers,
        baseline_plan=units.baseline(), digest=digest, _horizons={}, _onsets={}, _lives={}, _spare=[],
    )  # fmt: skip


def places_served(area: str, land: Population | SmallAreas) -> Places:
    """Return the area's places with the people each serves: systems their residents, sites their catchment."""
    areas = land.areas
    residents = np.diff(areas["first"]).astype(np.float64)
    title = title_of(area)
    people = {title: float(residents.sum())}
    for i, name in enumerate(land.systems):
        people[name] = float(residents[areas["system"] == i].sum())
    shares = np.diff(areas["catchment"] / 2**32, axis=1, prepend=0.0)
    for i, name in enumerate(land.sites):
        people[name] = float((residents * shares[:, i]).sum())
    return Places(title, tuple(land.systems), tuple(land.sites), people)


def home_system(population: Population) -> np.ndarray:
    """Return, for each A&E site, the delivery system most of its catchment lives in: int[site]."""
    areas = population.areas
    residents = np.diff(areas["first"]).astype(np.float64)
    shares = np.diff(areas["catchment"] / 2**32, axis=1, prepend=0.0) * residents[:, None]
    by_system = np.stack([shares[areas["system"] == i].sum(axis=0) for i in range(len(population.systems))])
    return by_system.argmax(axis=0)


def streams(setting: Setting, n_rows: int | None = None) -> list[Stream]:
    """Return the streams of people from elsewhere, one a site; templates stand behind the residents' `n_rows`."""
    behind = setting.population.n if n_rows is None else n_rows
    population, demand = setting.population, setting.demand
    home = home_system(population)
    found = []
    for pathway, spec in setting.specs.items():
        if spec.outside is None:
            continue
        doors: dict[tuple[Surge, ...], list[int]] = {}  # those of one surge together
        for d, door in enumerate(demand.doors):
            if door.to == f"{pathway}/{spec.outside.to}":
                doors.setdefault(door.surges, []).append(d)
        for k, (surges, own) in enumerate((doors or {(): []}).items()):
            curve = curves_of(setting).index((spec.outside.profile or "flat", surges))
            for s, site in enumerate(population.sites):
                per_year = float(sum(demand.outside[d, s] for d in own))
                found.append(
                    Stream(
                        name=f"{pathway}/outside/{site}" + (f"/{k}" if k else ""), to=f"{pathway}/{spec.outside.to}",
                        per_hour=per_year / HOURS_OF_YEAR, profile_row=curve,
                        person=behind + s * TEMPLATES_A_SITE, n_persons=TEMPLATES_A_SITE, system=int(home[s]),
                        site=s,
                    )
                )  # fmt: skip
    return found


def templates(setting: Setting) -> np.ndarray:
    """Return the residents whose attributes stand behind the residents' rows: int64[row]; the last is nobody."""
    n_sites = len(setting.population.sites)
    chosen = np.linspace(0, setting.population.n - 1, TEMPLATES_A_SITE * n_sites).astype(np.int64)
    return np.append(chosen.reshape(TEMPLATES_A_SITE, n_sites).T.ravel(), 0)


def people_tables(setting: Setting, n_rows: int | None = None) -> dict[str, np.ndarray]:
    """Return fresh people columns: residents, then templates of people from elsewhere, then one blank row.

    `n_rows` keeps rows between them for people who are not there at the start (to be filled by `abm.newcomers`).
    """
    population, chosen = setting.population, templates(setting)
    behind = population.n if n_rows is None else n_rows
    n = behind + len(chosen)
    own = {name: Blank((n, *column.shape[1:]), column.dtype) for name, column in population.people.items()}
    if setting._spare and len(setting._spare[-1]["age"]) == n:
        tables = setting._spare.pop()
    else:
        setting._spare.clear()
        tables = side_by_side(own | {"reached": Blank(n, np.uint64), "person": Blank(n, c.PERSON)})
    tables["reached"].fill(0)
    tables["person"].fill(c.NOBODY)
    for name, column in population.people.items():
        tables[name][: population.n] = column
        tables[name][behind:] = column[chosen]
    tables["traits"] = np.zeros((1, 1))
    return tables


def take_back(setting: Setting, m: Model) -> None:
    """Keep a finished run's people tables for the next run; nobody may look at them any more.

    Fresh memory costs more than what is written into it: the system clears it, a page at a time.
    """
    if not setting._spare:
        names = (*setting.population.people, "reached", "person")
        setting._spare.append({name: getattr(m, name) for name in names})


def area_tables(setting: Setting) -> dict[str, np.ndarray]:
    """Return the small-area tables of the kernels."""
    areas = setting.population.areas
    return {
        "area_code": areas["code"].astype(np.uint32),
        "area_system": areas["system"].astype(np.int8),
        "area_decile": areas["decile"].astype(np.int8),
        "catchment": np.ascontiguousarray(areas["catchment"], dtype=np.int64),
    }
