"""Rosters that hold from a day: which rows are in force when, and those that have to stand ready before their day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from abm.units import LaterRow, Lever
from experiments.scenario import Scenario
from experiments.scenario_tables import TeamChange
from pathways import rosters
from pathways.teams import RosterRow


def row_of(row: dict[str, Any]) -> RosterRow:
    """Return a row { hours, role = number on shift, least } of a [[team]] table."""
    roles = {role: number for role, number in row.items() if role not in ("hours", "least")}
    return RosterRow(row["hours"], rosters.spans(row["hours"]), roles, row.get("least", 0))


def in_force(
    scenario: Scenario, team: str, place: str | None, declared: Sequence[RosterRow], day: date | None
) -> tuple[RosterRow, ...]:
    """Return the rows of a team at a place on a day (None: at the start); the last roster given holds."""
    found = tuple(declared)
    for change in _rosters_of(scenario, team, place):
        if change.from_ is None or (day is not None and change.from_ <= day):
            found = tuple(row_of(row) for row in change.staff or ())
    return found


def at_start(scenario: Scenario, team: str, place: str, declared: Sequence[RosterRow]) -> tuple[RosterRow, ...]:
    """Return the rows that replace a team's own, and behind them those on which people come later.

    Empty if the scenario gives the team no roster there.
    """
    changes = _rosters_of(scenario, team, place)
    first = in_force(scenario, team, place, declared, None)
    own = first if any(change.from_ is None for change in changes) else ()
    there = {(row.hours, role) for row in first for role in row.roles}
    later: list[RosterRow] = []
    for change in changes:
        for row in map(row_of, (change.staff or ()) if change.from_ is not None else ()):
            new = [role for role in row.roles if (row.hours, role) not in there]
            there |= {(row.hours, role) for role in new}
            if new:
                later.append(LaterRow(row.hours, row.spans, dict.fromkeys(new, 0)))
    return (*own, *later)


def numbers(rows: Sequence[RosterRow], levers: Sequence[tuple[int, Lever]]) -> list[tuple[int, int]]:
    """Return (lever, number) with which a team works by a roster: those who are on none of its rows go home."""
    wanted: dict[tuple[str, str], int] = {}
    for row in rows:
        for role, number in row.roles.items():
            wanted[row.hours, role] = wanted.get((row.hours, role), 0) + number
    return [(i, wanted.pop((lever.hours, lever.role), 0)) for i, lever in levers if lever.kind == "staff"]


def _rosters_of(scenario: Scenario, team: str, place: str | None) -> list[TeamChange]:
    """Return the rosters given to a team at a place, those of the start first, then by day."""
    found = [
        change for change in scenario.team
        if change.staff is not None and change.team == team and change.place in (None, place)
    ]  # fmt: skip
    return sorted(found, key=lambda change: change.from_ or date.min)
