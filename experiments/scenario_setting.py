"""From a scenario's words to what a run needs: the area's setting, the plan of numbers, the dated changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import numpy as np

from abm import setting as area_setting
from abm.model import CareSystem
from abm.policy import NewNumbers
from abm.setting import Setting, Shared
from abm.surges import Surge
from abm.units import Lever
from experiments import dated_edits, dated_rosters
from experiments.scenario import Scenario
from experiments.scenario_checks import graphs, places
from experiments.scenario_tables import TeamChange
from experiments.staff import in_runs
from experiments.staff.in_runs import StaffOfMonth
from pathways import edits
from pathways.errors import InputError, one_of
from pathways.specs import PathwaySpec, validated
from pathways.teams import RosterRow


def setting(scenario: Scenario) -> Setting:
    """Return the people, demand and pathways of a scenario; kept per process while they are the same.

    Numbers of teams and what is dated are no part of it: scenarios that differ in those share one.
    """
    before_all = {
        "edit": tuple(edit for edit in scenario.edit if edit.from_ is None or dated_edits.added_teams(edit)),
        "team": tuple(change for change in scenario.team if change.staff is not None),
    }
    wanted = scenario.model_copy(
        update={"seed": 1, "replications": 1, "warm_up": 0, "days": 1, "years": None, "minutes_per_step": 15}
        | {"staff": False}
        | before_all
    )
    return _setting(wanted.canonical())


@lru_cache(maxsize=2)
def _setting(canonical: str) -> Setting:
    scenario = Scenario.model_validate_json(canonical)
    found = graphs(scenario)
    specs = {name: validated(graph) for name, graph in found.items()}
    multipliers = tuple(sorted(scenario.demand.items()))
    return area_setting.prepare(
        scenario.area, found, scenario.population_seed, multipliers, own_rosters(scenario, specs),
        surges(scenario),
    )  # fmt: skip


def shared(scenario: Scenario) -> Shared:
    """Return what all cells of a scenario's area have in common."""
    found = graphs(scenario)
    specs = {name: validated(graph) for name, graph in found.items()}
    multipliers = tuple(sorted(scenario.demand.items()))
    own = own_rosters(scenario, specs)
    return area_setting.shared_of(found, scenario.population_seed, multipliers, own, surges=surges(scenario))


def surges(scenario: Scenario) -> tuple[Surge, ...]:
    """Return the days with more or fewer people at a door."""
    return tuple(Surge(one.door, one.factor, one.from_, one.until) for one in scenario.surge)


def own_rosters(
    scenario: Scenario, specs: dict[str, PathwaySpec]
) -> tuple[tuple[str, str, tuple[RosterRow, ...]], ...]:
    """Return (team, place, rows) of every roster the scenario replaces, and of rows that come later, sorted."""
    found: dict[tuple[str, str], tuple[RosterRow, ...]] = {}
    for change in scenario.team:
        if change.staff is not None:
            for place in _places(scenario, change, specs):
                declared = _declared(change.team, specs)
                found[change.team, place] = dated_rosters.at_start(scenario, change.team, place, declared)
    return tuple((team, place, rows) for (team, place), rows in sorted(found.items(), key=lambda item: item[0]))


def _declared(team: str, specs: Mapping[str, PathwaySpec]) -> tuple[RosterRow, ...]:
    pathway, _, name = team.partition("/")
    return specs[pathway].teams[name].staff


def plan(scenario: Scenario, setting: Setting) -> np.ndarray:
    """Return int32[lever]: the baseline with the scenario's numbers, places and clinicians."""
    numbers = _plan_once_all_are_there(scenario, setting)
    coming = dated_edits.teams_to_come(scenario)
    numbers[[lever.unit.partition(" @ ")[0] in coming for lever in setting.levers]] = 0
    return numbers


def _plan_once_all_are_there(scenario: Scenario, setting: Setting) -> np.ndarray:
    numbers = setting.baseline_plan.copy()
    for change in scenario.team:
        if change.from_ is None:
            for lever, value in _numbers(scenario, change, setting):
                numbers[lever] = value
    return numbers


@dataclass(frozen=True)
class ChangeOfDay:
    """What a scenario changes when one day begins; called with the model, by Mesa's schedule."""

    day: date
    edits: tuple[tuple[str, dict[str, Any]], ...]
    """(pathway, what it is edited by: see `pathways.edits`)"""
    numbers: tuple[tuple[Lever, int], ...]

    def __call__(self, model: CareSystem) -> None:
        """Make the change."""
        for pathway, changes in self.edits:
            model.pathways.put(pathway, edits.apply(model.pathways[pathway], changes))
        NewNumbers(self.numbers)(model)


def dated_changes(
    scenario: Scenario, setting: Setting, seed: int | None = None, replication: int = 0
) -> list[ChangeOfDay | StaffOfMonth]:
    """Return what a scenario changes during a run, in order of days: edits and numbers, then who is there.

    `seed` (default: the scenario's) and `replication` are the run's: staff have its luck.
    """
    own = changes_of_days(scenario, setting)
    levers = scenario.staff_levers
    if levers is None:
        return list(own)
    seed = scenario.seed if seed is None else seed
    first = scenario.start - timedelta(days=scenario.warm_up)
    last = scenario.start + timedelta(days=scenario.measured_days - 1)
    dated = {change.day: list(change.numbers) for change in own}
    staff = in_runs.changes(setting, plan(scenario, setting), dated, levers, first, last, seed, replication)
    return sorted([*own, *staff], key=lambda change: change.day)


def changes_of_days(scenario: Scenario, setting: Setting) -> list[ChangeOfDay]:
    """Return what a scenario itself changes during the run, one a day, in order."""
    edited: dict[date, list[tuple[str, dict[str, Any]]]] = defaultdict(list)
    numbers: dict[date, list[tuple[Lever, int]]] = defaultdict(list)
    for (day, pathway), changes in dated_edits.by_day(scenario).items():
        edited[day].append((pathway, changes))
    coming, plan = dated_edits.teams_to_come(scenario), _plan_once_all_are_there(scenario, setting)
    for lever, number in zip(setting.levers, plan.tolist(), strict=True):
        if first := coming.get(lever.unit.partition(" @ ")[0]):
            numbers[first].append((lever, number))
    for change in sorted(scenario.team, key=lambda change: change.staff is None):  # rosters, then numbers on their rows
        if change.from_ is not None:
            levers = _numbers(scenario, change, setting)
            numbers[change.from_] += [(setting.levers[i], number) for i, number in levers]
    return [ChangeOfDay(day, tuple(edited[day]), tuple(numbers[day])) for day in sorted({*edited, *numbers})]


def _places(scenario: Scenario, change: TeamChange, specs: dict[str, PathwaySpec]) -> list[str]:
    if change.place is not None:
        return [change.place]
    pathway, _, team = change.team.partition("/")
    return places(scenario, specs[pathway].teams[team].scope)


def _numbers(scenario: Scenario, change: TeamChange, setting: Setting) -> list[tuple[int, int]]:
    """Return (lever, value) of one [[team]] table."""
    found: list[tuple[int, int]] = []
    units = [f"{change.team} @ {place}" for place in _places(scenario, change, setting.specs)]
    if not any(lever.unit in units for lever in setting.levers):
        return []  # of another cell
    declared = _declared(change.team, setting.specs)
    for unit in units:
        own = [(i, lever) for i, lever in enumerate(setting.levers) if lever.unit == unit]
        rows = dated_rosters.in_force(scenario, change.team, unit.partition(" @ ")[2], declared, change.from_)
        meant = {row.hours for row in rows if change.role in row.roles and change.hours in (None, row.hours)}
        if change.staff is not None and change.from_ is not None:
            found += dated_rosters.numbers(rows, own)
        for i, lever in own:
            if lever.kind == "places" and change.places is not None:
                found.append((i, change.places))
            elif lever.kind == "clinicians" and lever.role in (change.clinicians or {}):
                found.append((i, (change.clinicians or {})[lever.role]))
            elif lever.kind == "staff" and lever.role == change.role and lever.hours in meant:
                found.append((i, change.number or 0))
    if change.number is not None and not any(setting.levers[i].kind == "staff" for i, _ in found):
        hours = [lever.hours for lever in setting.levers if lever.unit in units and lever.role == change.role]
        raise InputError(
            key="team.hours",
            value=change.hours,
            expected=f"a row of {change.role}: {one_of(dict.fromkeys(hours))}",
        )
    return found
