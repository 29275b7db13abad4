"""The [[edit]] tables of a scenario: joined into what edits a pathway, and those with a date tried beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from pathways import edits
from pathways.errors import InputError, nearest, one_of
from pathways.pathway import TABLES, Pathway
from pathways.specs import PathwaySpec, validated

if TYPE_CHECKING:
    from experiments.scenario import Scenario
    from experiments.scenario_tables import Edit

HOLD_PEOPLE = ("contact", "place", "wait")
"""Kinds of states in which time passes: somebody may be there at any midnight"""


def join(changes: dict[str, Any], edit: Edit) -> None:
    """Join one [[edit]] to what its pathway is edited by (see `pathways.edits`)."""
    if edit.key is not None:
        changes.setdefault("set", {})[edit.key] = edit.value
    if edit.remove is not None:
        changes["remove"] = [*changes.get("remove", ()), edit.remove]
        if edit.moves_to is not None:
            changes.setdefault("moves_to", {})[edit.remove] = edit.moves_to
    for path, content in (edit.add or {}).items():
        added = changes["add"] = dict(changes.get("add", {}))
        if path == "route":
            rows = content if isinstance(content, list | tuple) else [content]
            added["route"] = [*added.get("route", ()), *rows]
        elif path in ("state", *TABLES) and isinstance(content, Mapping):
            added.update({f"{path}.{name}": keys for name, keys in content.items()})
        else:
            added[path] = content


def by_day(scenario: Scenario) -> dict[tuple[date, str], dict[str, Any]]:
    """Return the changes of each day and pathway, in order."""
    found: dict[tuple[date, str], dict[str, Any]] = {}
    for edit in scenario.edit:
        if edit.from_ is not None:
            join(found.setdefault((edit.from_, edit.pathway), {}), without_teams(edit))
    return dict(sorted(found.items(), key=lambda one: one[0][0]))


def added_teams(edit: Edit) -> dict[str, Any]:
    """Return the teams that an edit adds: { "team.cafe" = { … } }; dated ones stand ready from the start, empty."""
    found: dict[str, Any] = {}
    for path, content in (edit.add or {}).items():
        if path == "team" and isinstance(content, Mapping):
            found |= {f"team.{name}": keys for name, keys in content.items()}
        elif path.startswith("team."):
            found[path] = content
    return found


def without_teams(edit: Edit) -> Edit:
    """Return an edit without the teams it adds."""
    if edit.add is None or not added_teams(edit):
        return edit
    rest = {path: content for path, content in edit.add.items() if path.partition(".")[0] != "team"}
    return edit.model_copy(update={"add": rest})


def teams_to_come(scenario: Scenario) -> dict[str, date]:
    """Return the first day of each team (`pathway/team`) that a dated edit adds."""
    return {
        f"{edit.pathway}/{path.partition('.')[2]}": edit.from_
        for edit in scenario.edit if edit.from_ is not None for path in added_teams(edit)
    }  # fmt: skip


def edited(pathway: Pathway, changes: Mapping[str, Any], file: object) -> Pathway:
    """Return the pathway with the changes; what is then wrong with it is said of the scenario's file."""
    pathway = pathway.copy()
    pathway.file = f"{file or 'scenario'} (pathway {pathway.name})"
    return edits.apply(pathway, changes, file)


def check(scenario: Scenario, pathways: Mapping[str, Pathway], file: object) -> None:
    """Try dated edits on the pathways, so that a wrong one is refused before the run, not on its day.

    Raises
    ------
    InputError
        Naming the edit or the pathway, and the remedy.
    """
    for i, edit in enumerate(scenario.edit):
        if edit.from_ is not None:
            within_run(scenario, edit.from_, file, f"edit.{i}.from")
            _refuse_from_the_start(edit, file, f"edit.{i}")
            _refuse_brief_clock(edit, pathways, file, f"edit.{i}")
    now = dict(pathways)
    specs = {name: validated(graph) for name, graph in now.items()} if by_day(scenario) else {}
    for (day, name), changes in by_day(scenario).items():
        leaving = _removed(scenario, day, now[name], file)
        now[name] = edited(now[name], changes, file)
        _are_there(leaving, now[name], file)
        specs[name] = _taken_over(specs[name], now[name])


FROM_THE_START = {
    "team": "no date: numbers, places and rosters have one in [[team]]; for another scope or role add a team from the "
    "day, and states of it in place of the old ones (remove with moves_to)",
    "door": "no date: doors hold from the start; [[surge]] makes more or fewer people come from a day",
    "arrivals": "no date: arrivals hold from the start",
    "demand": "no date: demand holds from the start; [[surge]] makes more or fewer people come from a day",
    "outside": "no date: demand holds from the start; [[surge]] makes more or fewer people come from a day",
}


def _refuse_from_the_start(edit: Edit, file: object, key: str) -> None:
    """Refuse a date for what holds from the start, with the word for the way round."""
    paths = [("key", edit.key or ""), ("remove", edit.remove or "")]
    paths += [("add", path) for path in without_teams(edit).add or ()]
    for word, path in paths:
        if expected := FROM_THE_START.get(path.partition(".")[0]):
            raise InputError(file=file, key=f"{key}.{word}", value=f"{path} from {edit.from_}", expected=expected)


def _refuse_brief_clock(edit: Edit, pathways: Mapping[str, Pathway], file: object, key: str) -> None:
    """Refuse to let a clock go that only came on a day: a run that goes on from a checkpoint would not know it."""
    words = (edit.remove or "").split(".")
    there = pathways[edit.pathway].clocks or {}
    if words[0] == "clock" and len(words) == 2 and words[1] not in there:
        raise InputError(
            file=file, key=f"{key}.remove", value=edit.remove, expected=f"a clock of the start: {one_of(there)}",
            suggestion=nearest(words[1], there),
        )  # fmt: skip


def _removed(scenario: Scenario, day: date, pathway: Pathway, file: object) -> dict[str, str]:
    """Return {edit: the state people move to} of the states that are removed on a day.

    Raises
    ------
    InputError
        If people may be in such a state, and nothing says where they go on.
    """
    found: dict[str, str] = {}
    for i, edit in enumerate(scenario.edit):
        words = (edit.remove or "").split(".")
        if edit.from_ != day or edit.pathway != pathway.name or words[0] != "state" or len(words) != 2:
            continue
        states = pathway.states()
        if edit.moves_to is not None:
            found[f"edit.{i}.moves_to"] = edit.moves_to
        elif words[1] in states and states[words[1]].get("kind") in HOLD_PEOPLE:
            raise InputError(
                file=file, key=f"edit.{i}.moves_to",
                expected=f"the state in which whoever is in {words[1]} on {day} goes on",
            )  # fmt: skip
    return found


def _are_there(leaving: Mapping[str, str], pathway: Pathway, file: object) -> None:
    states = pathway.states()
    for key, to in leaving.items():
        if to not in states:
            raise InputError(file=file, key=key, value=to, expected=one_of(states), suggestion=nearest(to, states))


def _taken_over(old: PathwaySpec, pathway: Pathway) -> PathwaySpec:
    """Return what a running model would go on by; refused is what holds from a run's start to its end."""
    from abm.policy import refuse_other_parts
    from abm.retired import with_retired

    new = with_retired(validated(pathway), old, pathway.taken_away)
    refuse_other_parts({old.name: old}, {old.name: new})
    return new


def within_run(scenario: Scenario, day: date, file: object, key: str) -> None:
    """Refuse a day that the run does not live through."""
    after = (day - scenario.start).days
    if not -scenario.warm_up <= after < scenario.measured_days:
        raise InputError(file=file, key=key, value=str(day), expected="a day of the run, its warm-up included")
