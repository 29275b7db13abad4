"""From a scenario's words to what a run needs: the area's setting, the plan of numbers, the dated shares."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np

from abm import setting as area_setting
from abm.setting import Setting
from experiments.scenario import Scenario, TeamChange
from experiments.scenario_checks import graphs, places
from pathways import rosters
from pathways.errors import InputError, one_of
from pathways.pathway import Pathway
from pathways.specs import PathwaySpec, validated
from pathways.teams import RosterRow


def setting(scenario: Scenario) -> Setting:
    """Return the people, demand and pathways of a scenario; kept per process while they are the same."""
    wanted = scenario.model_copy(
        update={"seed": 1, "replications": 1, "warm_up": 0, "days": 1, "years": None, "minutes_per_step": 15}
    )
    return _setting(wanted.canonical())


@lru_cache(maxsize=2)
def _setting(canonical: str) -> Setting:
    scenario = Scenario.model_validate_json(canonical)
    found = graphs(scenario)
    specs = {name: validated(graph) for name, graph in found.items()}
    multipliers = tuple(sorted(scenario.demand.items()))
    return area_setting.prepare(
        scenario.area, found, scenario.population_seed, multipliers, own_rosters(scenario, specs)
    )


def own_rosters(
    scenario: Scenario, specs: dict[str, PathwaySpec]
) -> tuple[tuple[str, str, tuple[RosterRow, ...]], ...]:
    """Return (team, place, rows) of every roster the scenario replaces, sorted; the last one given holds."""
    found: dict[tuple[str, str], tuple[RosterRow, ...]] = {}
    for change in scenario.team:
        if change.staff is not None:
            rows = tuple(_row(row) for row in change.staff)
            found.update({(change.team, place): rows for place in _places(scenario, change, specs)})
    return tuple(
        (team, place, rows) for (team, place), rows in sorted(found.items(), key=lambda item: item[0])
    )


def plan(scenario: Scenario, setting: Setting) -> np.ndarray:
    """Return int32[lever]: the baseline with the scenario's numbers, places and clinicians."""
    numbers = setting.baseline_plan.copy()
    for change in scenario.team:
        for lever, value in _numbers(scenario, change, setting):
            numbers[lever] = value
    return numbers


def dated_shares(scenario: Scenario) -> dict[date, list[tuple[str, str, float]]]:
    """Return, by day in order, the (pathway, dotted key, share) that hold from that day on."""
    found: dict[date, list[tuple[str, str, float]]] = defaultdict(list)
    for edit in scenario.edit:
        if edit.from_ is not None:
            found[edit.from_].append((edit.pathway, edit.key, float(edit.value)))
    return dict(sorted(found.items()))


def set_share(pathway: Pathway, key: str, share: float) -> None:
    """Set the share of a plain route, `route.FROM.TO.share`, on a pathway that is in use."""
    _, origin, to, _ = key.split(".")
    for a, b, keys in pathway.routes():
        if (a, b) == (origin, to) and "when" not in keys and "if" not in keys:
            keys["share"] = share


def _row(row: dict[str, Any]) -> RosterRow:
    roles = {role: number for role, number in row.items() if role not in ("hours", "least")}
    return RosterRow(row["hours"], rosters.spans(row["hours"]), roles, row.get("least", 0))


def _places(scenario: Scenario, change: TeamChange, specs: dict[str, PathwaySpec]) -> list[str]:
    if change.place is not None:
        return [change.place]
    pathway, _, team = change.team.partition("/")
    return places(scenario, specs[pathway].teams[team].scope)


def _numbers(scenario: Scenario, change: TeamChange, setting: Setting) -> list[tuple[int, int]]:
    """Return (lever, value) of one [[team]] table."""
    found: list[tuple[int, int]] = []
    units = [f"{change.team} @ {place}" for place in _places(scenario, change, setting.specs)]
    for i, lever in enumerate(setting.levers):
        if lever.unit not in units:
            continue
        if lever.kind == "places" and change.places is not None:
            found.append((i, change.places))
        elif lever.kind == "clinicians" and lever.role in (change.clinicians or {}):
            found.append((i, (change.clinicians or {})[lever.role]))
        elif lever.kind == "staff" and lever.role == change.role and change.hours in (None, lever.hours):
            found.append((i, change.number or 0))
    if change.number is not None and not any(setting.levers[i].kind == "staff" for i, _ in found):
        hours = [lever.hours for lever in setting.levers if lever.unit in units and lever.role == change.role]
        raise InputError(
            key="team.hours",
            value=change.hours,
            expected=f"a row of {change.role}: {one_of(dict.fromkeys(hours))}",
        )
    return found
