"""The names in a scenario held against the pathways, teams, places and doors that there are."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from abm import areas, staff_rates
from abm.population import places_of
from experiments import dated_edits, dated_rosters
from pathways import files, rosters, structure
from pathways.errors import InputError, nearest, one_of
from pathways.pathway import Pathway
from pathways.specs import PathwaySpec, TeamSpec, validated

if TYPE_CHECKING:
    from experiments.scenario import Scenario
    from experiments.scenario_tables import TeamChange

DEPTH = {"state": 3, "team": 3, "clock": 3, "door": 3, "arrivals": 3, "demand": 2, "outside": 2, "route": 4}
"""Words of a dotted key; `route` has one more where an event is named."""
NOT_ROLES = ("hours", "least")


def check(scenario: Scenario, file: object) -> None:
    """Refuse names that do not exist and values that do not fit."""
    _area(scenario.area, file)
    library = files.library_names()
    for i, name in enumerate(scenario.pathways):
        _known(name, library, file, f"pathways.{i}")
    if len(set(scenario.pathways)) < len(scenario.pathways):
        raise InputError(file=file, key="pathways", value=list(scenario.pathways), expected="each pathway once")
    specs = {name: validated(graph) for name, graph in graphs(scenario, file).items()}
    _open_to_one_another(specs, file)
    dated_edits.check(scenario, graphs(scenario, file), file)
    teams = {f"{name}/{team}": one for name, spec in specs.items() for team, one in spec.teams.items()}
    for i, change in enumerate(scenario.team):
        _known(change.team, teams, file, f"team.{i}.team")
        if change.staff is not None:
            _roster(change.staff, teams[change.team], file, f"team.{i}.staff")
    for i, change in enumerate(scenario.team):
        _team(scenario, change, teams[change.team], file, f"team.{i}")
    staff_rates.checked(scenario.staff_levers or {}, file)
    doors = [f"{name}/{door}" for name, spec in specs.items() for door in spec.doors]
    for key, factor in scenario.demand.items():
        _known(key, [*specs, *doors], file, "demand")
        if not math.isfinite(factor) or not 0 <= factor <= 100:
            raise InputError(file=file, key=f"demand.{key}", value=factor, expected="a factor from 0 to 100")
    for i, surge in enumerate(scenario.surge):
        _known(surge.door, [*specs, *doors], file, f"surge.{i}.door")
        dated_edits.within_run(scenario, surge.from_, file, f"surge.{i}.from")
        if surge.until is not None:
            dated_edits.within_run(scenario, surge.until, file, f"surge.{i}.until")
            if surge.until <= surge.from_:
                raise InputError(
                    file=file, key=f"surge.{i}.until", value=str(surge.until), expected=f"a day after {surge.from_}"
                )


def _open_to_one_another(specs: Mapping[str, PathwaySpec], file: object) -> None:
    """Refuse a choice of pathways in which one needs staff of another that is not open (people sent there leave)."""
    for name, spec in specs.items():
        for key, word in structure.teams_elsewhere(spec):
            other = word.partition("/")[0]
            if other not in specs:
                raise InputError(
                    file=file, key="pathways", value=list(specs), expected=f"{other} too: {name} needs {word} ({key})"
                )  # fmt: skip


def _area(area: str, file: object) -> None:
    try:
        areas.cells_of(area)
    except InputError as refusal:
        raise InputError(
            file=file, key="area", value=refusal.value, expected=refusal.expected, suggestion=refusal.suggestion
        ) from None


def graphs(scenario: Scenario, file: object = None) -> dict[str, Pathway]:
    """Return the scenario's pathways with its undated edits, applied all together and validated."""
    found = {name: _library(name).copy() for name in scenario.pathways}
    changes: dict[str, dict[str, Any]] = {}
    for name, content in scenario.pathway.items():
        _known(name, found, file, "pathway")
        table = changes.setdefault(name, {"set": {}})
        for key, value in content.items():
            if key in ("add", "remove"):
                table[key] = value
            elif key == "set" and isinstance(value, Mapping):
                table["set"].update(dict(_flat(value)))
            else:
                table["set"].update(dict(_flat({key: value})))
    for i, edit in enumerate(scenario.edit):
        _known(edit.pathway, found, file, f"edit.{i}.pathway")
        if edit.from_ is None:
            dated_edits.join(changes.setdefault(edit.pathway, {"set": {}}), edit)
        elif teams := dated_edits.added_teams(edit):
            table = changes.setdefault(edit.pathway, {"set": {}})
            table["add"] = {**table.get("add", {}), **teams}
    for name, table in changes.items():
        found[name] = dated_edits.edited(found[name], table, file)
    return found


def places(scenario: Scenario, scope: str) -> list[str]:
    """Return the places of a scope of the scenario's area."""
    return [name for cell in areas.cells_of(scenario.area) for name in places_of(cell, scope)]


@lru_cache(maxsize=16)
def _library(name: str) -> Pathway:
    return files.library(name)


def _flat(content: Mapping[str, Any], before: str = "") -> list[tuple[str, Any]]:
    """Spell nested tables as dotted keys: [pathway.x.state.y] minutes = … is "state.y.minutes" = …"""
    rows: list[tuple[str, Any]] = []
    for key, value in content.items():
        path = f"{before}.{key}" if before else key
        words = path.split(".")
        depth = DEPTH.get(words[0], 1)
        at_event = words[0] == "route" and len(words) == 4 and isinstance(value, Mapping) and words[3] != "odds"
        if isinstance(value, Mapping) and (len(words) < depth or at_event):
            rows += _flat(value, path)
        else:
            rows.append((path, value))
    return rows


def _known(word: object, names: Any, file: object, key: str) -> None:
    listed = list(names)
    if word not in listed:
        raise InputError(file=file, key=key, value=word, expected=one_of(listed), suggestion=nearest(word, listed))


def _team(scenario: Scenario, change: TeamChange, team: TeamSpec, file: object, key: str) -> None:
    if change.place is not None:
        _known(change.place, places(scenario, team.scope), file, f"{key}.place")
    hours_of = {role: [row.hours for row in team.staff if role in row.roles] for role in team.roles}
    held = [role for role in team.clinicians if hours_of[role] or any(role in row for row in change.staff or ())]
    if change.staff is not None and change.from_ is not None and held:
        raise InputError(
            file=file, key=f"{key}.from", value=str(change.from_),
            expected=f"no date: {held[0]} of {change.team} hold courses in the hours of the roster, from the start",
        )  # fmt: skip
    if change.staff is not None or change.role is not None:
        rows = dated_rosters.in_force(scenario, change.team, change.place, team.staff, change.from_)
        hours_of = {role: [row.hours for row in rows if role in row.roles] for role in team.roles}
    if change.role is not None:
        _known(change.role, [role for role, hours in hours_of.items() if hours], file, f"{key}.role")
        if change.hours is not None:
            _known(change.hours, hours_of[change.role], file, f"{key}.hours")
        elif len(hours_of[change.role]) > 1:
            raise InputError(
                file=file,
                key=f"{key}.hours",
                expected=f"which row of {change.role}: {one_of(hours_of[change.role])}",
            )
    if change.from_ is not None:
        dated_edits.within_run(scenario, change.from_, file, f"{key}.from")
    if change.places is not None and team.places is None:
        raise InputError(file=file, key=f"{key}.places", value=change.places, expected="a team that has places")
    for role, number in (change.clinicians or {}).items():
        _known(role, team.clinicians, file, f"{key}.clinicians")
        if not 0 <= number <= 20_000:
            raise InputError(file=file, key=f"{key}.clinicians.{role}", value=number, expected="0 to 20,000")


def _roster(rows: tuple[dict[str, Any], ...], team: TeamSpec, file: object, key: str) -> None:
    roles = [role for row in team.staff for role in row.roles] or list(team.roles)
    for i, row in enumerate(rows):
        at = f"{key}.{i}"
        if "hours" not in row:
            raise InputError(file=file, key=f"{at}.hours", expected=rosters.EXPECTED)
        rosters.spans(row["hours"], file=file, key=f"{at}.hours")
        numbers = {word: number for word, number in row.items() if word != "hours"}
        for word, number in numbers.items():
            _known(word, [*dict.fromkeys(roles), *NOT_ROLES], file, at)
            if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number <= 20_000:
                raise InputError(file=file, key=f"{at}.{word}", value=number, expected="a whole number of people")
        if not set(numbers) - set(NOT_ROLES):
            raise InputError(file=file, key=at, value=row, expected=f"a role and its number: {one_of(roles)}")
    gone = [role for role in dict.fromkeys(roles) if not any(role in row for row in rows)]
    if gone:
        raise InputError(
            file=file, key=key, value=list(rows), expected=f"a row with {gone[0]} too (0 if nobody is to be there)"
        )
