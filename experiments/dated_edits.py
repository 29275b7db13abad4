"""The [[edit]] tables of a scenario: joined into what edits a pathway, and those with a date tried beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from pathways import edits
from pathways.errors import InputError, nearest, one_of
from pathways.pathway import Pathway
from pathways.specs import PathwaySpec, validated

if TYPE_CHECKING:
    from experiments.scenario import Edit, Scenario

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
        elif path in ("state", "clock") and isinstance(content, Mapping):
            added.update({f"{path}.{name}": keys for name, keys in content.items()})
        else:
            added[path] = content


def by_day(scenario: Scenario) -> dict[tuple[date, str], dict[str, Any]]:
    """Return the changes of each day and pathway, in order."""
    found: dict[tuple[date, str], dict[str, Any]] = {}
    for edit in scenario.edit:
        if edit.from_ is not None:
            join(found.setdefault((edit.from_, edit.pathway), {}), edit)
    return dict(sorted(found.items(), key=lambda one: one[0][0]))


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
    now = dict(pathways)
    specs = {name: validated(graph) for name, graph in now.items()} if by_day(scenario) else {}
    for (day, name), changes in by_day(scenario).items():
        leaving = _removed(scenario, day, now[name], file)
        now[name] = edited(now[name], changes, file)
        _are_there(leaving, now[name], file)
        specs[name] = _taken_over(specs[name], now[name])


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
