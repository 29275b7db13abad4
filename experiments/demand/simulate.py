"""Years in which nobody has to wait for staff or a bed: what the demand of the area's residents asks for.

Capacity is unlimited, so that what is asked for is what is done: hours of work by team and role, beds taken, people
reached, contacts made.  The same seed gives every resident the same luck whatever the factors.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from abm.demand import Calibration
from abm.model import CareSystem
from abm.network import compile_network
from abm.population import places_of
from abm.setting import Setting, home_system, with_residents
from experiments import scenario as scenarios
from experiments import scenario_checks, scenario_setting
from experiments.demand.factors import BASELINE, Asked
from experiments.demand.residents import residents_of
from experiments.planning.layout import Layout, layout_of
from experiments.planning.offered_load import Offered, offered_load
from experiments.planning.years import work_of
from experiments.scenario import Scenario
from pathways.errors import InputError

WHOLE = "whole-system"


@dataclass(frozen=True, eq=False)
class Year:
    """One simulated year of what is asked for."""

    layout: Layout
    offered: Offered
    reached: np.ndarray
    """int64[pathway, system] residents of each system whom the pathway saw, everybody once"""
    ways: tuple[tuple[int, int, int], ...]
    """(pathways as bits, system, residents seen by exactly these)"""
    home: np.ndarray
    """int64[site] the delivery system most of a site's catchment lives in"""


def wanted(area: str, scenario: str | None, preset: tuple[str, ...], seed: int) -> Scenario:
    """Return the scenario to simulate: every pathway, what the caller's scenario changes, what presets change.

    Of a preset that changes pathways and demand its rosters are not taken; of one that changes rosters, they are.

    Raises
    ------
    InputError
        If a scenario cannot be read or does not fit.
    """
    if scenario is None:
        return _built_in(area, preset, seed)
    return _with(scenario, area, preset, seed)


@lru_cache(maxsize=32)
def _built_in(area: str, preset: tuple[str, ...], seed: int) -> Scenario:
    return _with(WHOLE, area, preset, seed)


def _with(scenario: str, area: str, preset: tuple[str, ...], seed: int) -> Scenario:
    found = scenarios.read(scenario).replaced(area=area, seed=seed, pathways="all", years=1.0)
    for name in preset:
        found = _joined(found, _at_places_of(area, scenarios.read(name)))
    scenario_checks.check(found, scenario)
    _refuse_dates(found, scenario)
    return found


def _refuse_dates(found: Scenario, file: str) -> None:
    """Refuse what comes on a day, and lives: a year of demand is the same from its first day."""
    days = [(f"edit.{i}", edit.from_) for i, edit in enumerate(found.edit)]
    days += [(f"team.{i}", change.from_) for i, change in enumerate(found.team)]
    for key, day in days:
        if day is not None:
            raise InputError(
                file=file, key=f"{key}.from", value=str(day),
                expected="no date: what demand asks for holds from the first day of its year",
            )  # fmt: skip
    if found.lives:
        raise InputError(
            file=file, key="lives", value=True, expected="false: the residents are those of the year's table"
        )


def _at_places_of(area: str, preset: Scenario) -> Scenario:
    """Return a preset without what it changes at places that the area does not have: it may name another area's."""
    there = {*places_of(area, "system"), *places_of(area, "site")}
    return preset.model_copy(
        update={"team": tuple(change for change in preset.team if change.place is None or change.place in there)}
    )


def rosters_only(one: Scenario) -> bool:
    """Say whether a scenario changes rosters and numbers, and nothing else."""
    return bool(one.team) and not (one.pathway or one.edit or one.demand or one.surge)


def _joined(below: Scenario, above: Scenario) -> Scenario:
    if rosters_only(above):
        return below.replaced(team=[*(change.model_dump(by_alias=True) for change in below.team),
                                    *(change.model_dump(by_alias=True) for change in above.team)])  # fmt: skip
    pathway = {name: dict(table) for name, table in below.pathway.items()}
    for name, table in above.pathway.items():
        pathway[name] = pathway.get(name, {}) | dict(table)
    return below.replaced(
        pathway=pathway, demand=dict(below.demand) | dict(above.demand),
        edit=[edit.model_dump(by_alias=True) for edit in (*below.edit, *above.edit)],
    )  # fmt: skip


def setting_for(scenario: Scenario, asked: Asked) -> Setting:
    """Return the setting of a scenario with the residents and the demand of a year.

    A caseload that is there at the start is larger by the demand: England's totals stay those of the baseline.
    """
    setting = scenario_setting.setting(scenario)
    if asked.population:
        setting = with_residents(setting, residents_of(setting.population, asked.year, asked.population))
    doors = setting.demand.doors
    factors = np.array([
        asked.demand.get(door.name, 1.0) * asked.demand.get(door.name.partition("/")[0], 1.0) for door in doors
    ])  # fmt: skip
    if (factors == 1.0).all():
        return setting
    demand = setting.demand.scaled(factors)
    demand = replace(demand, calibration=Calibration(doors, demand.families))
    return replace(setting, demand=demand, digest=f"{setting.digest}|{factors.tolist()!r}", _horizons={}, _onsets={})


@lru_cache(maxsize=4)
def _layout(canonical: str) -> Layout:
    """Return the layout of a scenario at the baseline; residents and demand change nothing in it."""
    scenario = Scenario.model_validate_json(canonical)
    setting = scenario_setting.setting(scenario)
    network = compile_network(setting.specs, setting.places, rosters=setting.rosters, n_residents=setting.population.n)
    return layout_of(network)


_kept: dict[tuple[str, str, int], Year] = {}
KEPT = 128
"""Years that a process remembers: the same corner stands behind many mixtures."""


def simulated(scenario: Scenario, asked: Asked, replications: int = 1) -> list[Year]:
    """Return one year for each replication; contact time and shares of scenarios play no part in it."""
    asked = replace(asked, hours=1.0, scenarios={})
    if not asked.population and not asked.demand:
        asked = replace(asked, year=BASELINE)
    canonical = scenario.canonical()
    missing = [r for r in range(replications) if (canonical, repr(asked), r) not in _kept]
    if missing:
        setting = setting_for(scenario, asked)
        for r in missing:
            while len(_kept) >= KEPT:
                _kept.pop(next(iter(_kept)))
            _kept[canonical, repr(asked), r] = _one(scenario, setting, _layout(canonical), r)
    return [_kept[canonical, repr(asked), r] for r in range(replications)]


def _one(scenario: Scenario, setting: Setting, layout: Layout, replication: int) -> Year:
    days = scenario.measured_days
    model = CareSystem(
        setting, start=scenario.start, days=days, warm_up=scenario.warm_up,
        plan=np.array(layout.unlimited, dtype=np.int32), seed=scenario.seed, replication=replication, hourly=True,
    )  # fmt: skip
    model.run()
    reading = model.reading()
    year = Year(
        layout, offered_load(layout, [work_of(reading)], days), reading.reached.copy(), _ways(model),
        home_system(setting.population),
    )  # fmt: skip
    model.let_go()
    return year


def _ways(model: CareSystem) -> tuple[tuple[int, int, int], ...]:
    """Return how many residents of each system were seen by exactly which pathways."""
    seen = np.flatnonzero(model.m.reached[: model.setting.population.n])
    system = model.m.area_system[model.m.area[seen]].astype(np.int64)
    ways, way = np.unique(model.m.reached[seen], return_inverse=True)
    n = len(model.setting.places.systems)
    counts = np.bincount(way * n + system, minlength=len(ways) * n).reshape(-1, n)
    return tuple((int(ways[w]), s, int(counts[w, s])) for w, s in np.argwhere(counts).tolist())
