"""Everything the runs of one area share: people, demand, pathways, places.  Made once per process, never changed."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np

from abm.demand import HOURS_OF_YEAR, Demand, Door, build_demand, profile
from abm.network import DAY, RATE, Profiles, Stream, integrated
from abm.population import Population, synthesise
from abm.units import Lever, Places, build
from kernels import columns as c
from kernels import entry, onset
from kernels.attributes import NAMES
from kernels.draws import purpose, tag
from kernels.jit import sources_digest
from kernels.model import Model
from pathways import edits as pathway_edits
from pathways import files, laws
from pathways.errors import InputError
from pathways.pathway import Pathway
from pathways.specs import PathwaySpec, RosterRow, validated

PATHWAYS = ("crisis", "liaison", "talking_therapies", "inpatient")
KEPT_REPLICATIONS = 64
TEMPLATES_A_SITE = 64  # residents whose attributes stand in for people from elsewhere
AREA_NAMES = {"lsc": "Lancashire & South Cumbria"}

Edit = tuple[str, str, Any]
Roster = tuple[str, str, tuple[RosterRow, ...]]


@dataclass(frozen=True, eq=False)
class Setting:
    """One area, ready to be simulated."""

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

    def hazards(self, start: datetime.date, days: int) -> dict[str, np.ndarray]:
        """Return the demand tables of the kernels for a run of `days` from `start`."""
        key = (start, days)
        if key not in self._horizons:
            self._horizons.clear()
            self._horizons[key] = _hazards(self, start, days)
        return self._horizons[key]

    def first_onsets(
        self, m: Model, start: datetime.date, days: int, seed: int, replication: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return everybody's first onsets (person << 8 | door, second), found once per seed and replication.

        Plans and capacities cannot change them, so paired runs share them.
        """
        key = (start, days, seed, replication)
        if key not in self._onsets:
            room = 1 << 18
            while True:
                found, times = np.empty(room, np.int64), np.empty(room, np.int64)
                n = int(entry.first_onsets(m.address, self.population.n, found, times))
                if n <= room:
                    break
                room = n
            while len(self._onsets) >= KEPT_REPLICATIONS:
                self._onsets.pop(next(iter(self._onsets)))
            self._onsets[key] = (found[:n].astype(np.int64), times[:n].copy())
        return self._onsets[key]


@lru_cache(maxsize=4)
def setting_of(
    area: str = "lsc",
    pathways: tuple[str, ...] = PATHWAYS,
    population_seed: int = 1,
    edits: tuple[Edit, ...] = (),
    multipliers: tuple[tuple[str, float], ...] = (),
    rosters: tuple[Roster, ...] = (),
) -> Setting:
    """Make the setting of an area.

    Parameters
    ----------
    edits : (pathway, dotted key, value), applied in order
    multipliers : (door such as `crisis/gp`, or pathway; factor) on external demand
    rosters : (team such as `talking_therapies/step2`, place, rows) that replace a unit's own rosters
    """
    graphs = {name: files.library(name) for name in pathways}
    for name, key, value in edits:
        if name not in graphs:
            raise InputError(file="edits", key=name, value=key, expected=f"a pathway among {', '.join(graphs)}")
        graphs[name] = pathway_edits.apply(graphs[name], {"set": {key: value}}, file="edits")
    return prepare(area, graphs, population_seed, multipliers, rosters)


def prepare(
    area: str,
    graphs: dict[str, Pathway],
    population_seed: int = 1,
    multipliers: Iterable[tuple[str, float]] = (),
    rosters: tuple[Roster, ...] = (),
) -> Setting:
    """Make a setting of pathways at hand (see `setting_of`)."""
    specs = {name: validated(graph) for name, graph in graphs.items()}
    population = synthesise(area, population_seed)
    factor = dict(multipliers)
    doors = [
        Door(
            f"{pathway}/{name}", f"{pathway}/{door.to}",
            spec.demand.external * door.share * factor.get(f"{pathway}/{name}", 1.0) * factor.get(pathway, 1.0),
            door.profile or "steady", door.factors or pathway, door.site,
        )
        for pathway, spec in specs.items() if spec.demand
        for name, door in spec.doors.items()
    ]  # fmt: skip
    outside_to = next((f"{name}/{spec.outside.to}" for name, spec in specs.items() if spec.outside), None)
    demand = build_demand(population, doors, outside_to)
    places = _places(area, population)
    units = build(specs, places, rosters=rosters)
    digest = hashlib.sha256(
        "|".join(
            [population.digest, sources_digest(), *(graph.digest() for graph in graphs.values()),
             repr(sorted(factor.items())), repr(rosters), *(f"{d.name}{d.total!r}" for d in doors)]
        ).encode()
    ).hexdigest()  # fmt: skip
    return Setting(area, graphs, specs, places, population, demand, units.levers, units.baseline(), digest, rosters)


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


def _places(area: str, population: Population) -> Places:
    """Return the area's places with the people each serves: systems their residents, sites their catchment."""
    areas = population.areas
    residents = np.diff(areas["first"]).astype(np.float64)
    people = {AREA_NAMES.get(area, area): float(residents.sum())}
    for i, name in enumerate(population.systems):
        people[name] = float(residents[areas["system"] == i].sum())
    shares = np.diff(areas["catchment"] / 2**32, axis=1, prepend=0.0)
    for i, name in enumerate(population.sites):
        people[name] = float((residents * shares[:, i]).sum())
    return Places(AREA_NAMES.get(area, area), tuple(population.systems), tuple(population.sites), people)


def home_system(population: Population) -> np.ndarray:
    """Return, for each A&E site, the delivery system most of its catchment lives in: int[site]."""
    areas = population.areas
    residents = np.diff(areas["first"]).astype(np.float64)
    shares = np.diff(areas["catchment"] / 2**32, axis=1, prepend=0.0) * residents[:, None]
    by_system = np.stack([shares[areas["system"] == i].sum(axis=0) for i in range(len(population.systems))])
    return by_system.argmax(axis=0)


def profile_names(setting: Setting) -> list[str]:
    """Return the profiles in use, doors' first."""
    names = [door.profile for door in setting.demand.doors]
    names += [spec.outside.profile or "steady" for spec in setting.specs.values() if spec.outside]
    return list(dict.fromkeys(names))


def streams(setting: Setting) -> list[Stream]:
    """Return the streams of people from elsewhere, one a site; templates stand behind the residents."""
    population, demand = setting.population, setting.demand
    home = home_system(population)
    found = []
    for pathway, spec in setting.specs.items():
        if spec.outside is None:
            continue
        to = f"{pathway}/{spec.outside.to}"
        for s, site in enumerate(population.sites):
            per_year = float(sum(demand.outside[d, s] for d, door in enumerate(demand.doors) if door.to == to))
            found.append(
                Stream(
                    name=f"{pathway}/outside/{site}", to=to, per_hour=per_year / HOURS_OF_YEAR,
                    profile_row=profile_names(setting).index(spec.outside.profile or "steady"),
                    person=population.n + s * TEMPLATES_A_SITE, n_persons=TEMPLATES_A_SITE, system=int(home[s]), site=s,
                )
            )  # fmt: skip
    return found


def people_tables(setting: Setting) -> dict[str, np.ndarray]:
    """Return fresh people columns: residents, then templates of people from elsewhere, then one blank row."""
    population = setting.population
    n_sites = len(population.sites)
    chosen = np.linspace(0, population.n - 1, TEMPLATES_A_SITE * n_sites).astype(np.int64)
    chosen = chosen.reshape(TEMPLATES_A_SITE, n_sites).T.ravel()
    tables = {}
    for name, column in population.people.items():
        extra = np.concatenate([column[chosen], column[:1]])
        tables["first_referral" if name == "first" else name] = np.concatenate([column, extra])
    for name in ("contact", "account", "first_referral"):
        tables[name][:] = -1
    tables["traits"] = np.zeros((1, 1))
    return tables


def area_tables(setting: Setting) -> dict[str, np.ndarray]:
    """Return the small-area tables of the kernels."""
    areas = setting.population.areas
    return {
        "area_code": areas["code"].astype(np.uint32),
        "area_system": areas["system"].astype(np.int8),
        "area_decile": areas["decile"].astype(np.int8),
        "catchment": np.ascontiguousarray(areas["catchment"], dtype=np.int64),
    }


def _hazards(setting: Setting, start: datetime.date, days: int) -> dict[str, np.ndarray]:
    demand = setting.demand
    names = profile_names(setting)
    profiles: Profiles = integrated([profile(name) for name in names], start, days)
    door = np.zeros(len(demand.doors), c.DOOR)
    tags: dict[int, str] = {}
    in_pathway: dict[str, int] = {}
    for d, one in enumerate(demand.doors):
        pathway = one.name.partition("/")[0]
        slot = in_pathway.get(pathway, 0)
        in_pathway[pathway] = slot + 1
        row = door[d]
        row["to"] = _state_index(setting, one.to)
        row["profile"] = names.index(one.profile)
        row["site"] = one.site
        row["slot"] = slot % 4
        row["purpose"] = purpose(f"{pathway}/onset/{slot // 4}")
        row["purpose_site"] = purpose(f"{one.name}/site")
        row["tag"] = tag(f"door/{one.name}", 12)
        row["pathway"] = list(setting.specs).index(pathway)
        if int(row["tag"]) in tags:
            raise InputError(
                file=pathway, key=f"door.{one.name}", value=one.name, expected="another name: its tag clashes"
            )
        tags[int(row["tag"])] = one.name
    rate = np.rint(demand.rates / (HOURS_OF_YEAR * 3600) * RATE).astype(np.int64)
    exponential = laws.unit_exponential_table()
    at_horizon = profiles.integral[:, days * DAY // 3600]
    ceiling = np.zeros_like(rate)
    ceiling[: demand.n_occurring] = onset.ceilings(rate[: demand.n_occurring], door, at_horizon, exponential)
    factors = demand.factors
    return {
        "door": door, "rate": rate, "ceiling": ceiling, "integral": profiles.integral, "weight": profiles.weight,
        "site_factor": np.rint(demand.site_factor * 2**32).astype(np.int64),
        "factor_column": np.array([NAMES[name] for name in factors.attributes], np.int32),
        "factor_cuts": np.column_stack([factors.cuts, np.full(len(factors.cuts), np.inf)]),
        "factor_stride": factors.stride, "compact": factors.compact, "exponential": exponential,
    }  # fmt: skip


def _state_index(setting: Setting, name: str) -> int:
    """Return the index a state will have when the pathways are flattened (a stay's visit follows it)."""
    names = []
    for pathway, spec in setting.specs.items():
        for state, one in spec.states.items():
            names.append(f"{pathway}/{state}")
            if one.contacts is not None:
                names.append(f"{pathway}/{state}/visit")
    return names.index(name)
