"""The figures of one run that a comparison sets side by side, read from its tables of results.

Tables that nobody here knows are added up too: whatever a model writes down is compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from experiments.outcome_schema import TABLES
from experiments.pairs.measures import Measure, measures
from pathways.specs import PathwaySpec
from pathways.teams import TeamSpec

HOURS = 168
HOURS_AT_MOST = 3 * 86400
"""Seconds of a standard beyond which its clock has no profile over the week"""
SHARE, BREACHES, WAIT, REACHED, ASKED = "share within", "breaches", "mean wait", "people reached", "asked"
ADMISSIONS, AWAY, CONTACTS, STAFF, ROUTE = "admissions", "out-of-area nights", "care contacts", "staff hours", "route"
RESPONSE_CLOCK, BED_CLOCK = "response clock", "bed clock"
COST, COST_OF_PAYER, COST_LINE = "cost", "cost by payer", "cost line"
STARTED, SEEN, WAITED = "started", "seen", "minutes waited"
"""Figures by hour of the week: clocks started and breached, people seen and the minutes they had waited"""
KINDS_OF_TIME = {
    "face_minutes": "with people", "travel_and_records_minutes": "travel and records", "dna_minutes": "not attended",
    "overtime_minutes": "overtime", "on_shift_minutes": "on shift",
}  # fmt: skip
NO_COUNTS = (*(name for name in TABLES if name != "delays"), "cells", "exchanges")
OF_PLACES = ("system", "place", "site", "cell", "unit", "told")
"""Columns of unknown tables that say where: a figure is the sum over them"""


class Figure(NamedTuple):
    """What a number is: a measure, of what pathway, of what clock, state or team in it, and which part of that."""

    what: str
    pathway: str = ""
    of: str = ""
    part: str = ""


Figures = dict[Figure, float]
ByHour = dict[Figure, np.ndarray]
"""float64[168] a figure, Monday 00:00 first"""


@dataclass(frozen=True)
class Kinds:
    """What the pathways say of their states and clocks; the names are `pathway/name`."""

    wards: frozenset[str]
    """Places with nurses to which people are admitted; a ward they only move on to is none"""
    bed_clocks: frozenset[str]
    """Clocks that stop at a ward more often than elsewhere"""
    elsewhere: frozenset[str]
    """States in which somebody lies outside the area"""


def kinds_of(specs: Mapping[str, PathwaySpec]) -> Kinds:
    """Return what kinds of states and clocks some pathways have."""
    wards, elsewhere, clocks = set(), set(), set()
    for pathway, spec in specs.items():
        onward = {state.blocked_by for state in spec.states.values()}
        for name, state in spec.states.items():
            team = _team(specs, pathway, state.team)
            if state.kind == "place" and team is not None and team.nursing and name not in onward:
                wards.add(f"{pathway}/{name}")
            if state.exchange is not None:
                elsewhere.add(f"{pathway}/{name}")
    for pathway, spec in specs.items():
        for name, clock in spec.clocks.items():
            stops = [stop if "/" in stop else f"{pathway}/{stop}" for stop in clock.stops]
            if 2 * sum(stop in wards for stop in stops) > len(stops):
                clocks.add(f"{pathway}/{name}")
    return Kinds(frozenset(wards), frozenset(clocks), frozenset(elsewhere))


def _team(specs: Mapping[str, PathwaySpec], pathway: str, name: str | None) -> TeamSpec | None:
    if name is None:
        return None
    other, _, team = name.rpartition("/")
    return specs[other or pathway].teams.get(team) if (other or pathway) in specs else None


def figures_of(tables: Mapping[str, pd.DataFrame], kinds: Kinds, days: int) -> Figures:
    """Return every figure of one replication; `days` is the length of the measured window."""
    found: Figures = {}
    found |= _clocks(tables["clocks"], kinds)
    found |= _waits(tables["waits"], kinds, days)
    found |= _people(tables)
    found |= _staff(tables["contacts"])
    found |= _routes(tables["flows"])
    for one in measures().values():
        found |= _declared(one, tables)
    for name, table in tables.items():
        if name not in NO_COUNTS:
            found |= _unknown(name, table)
    return found


def hours_of(table: pd.DataFrame, clocks: pd.DataFrame) -> ByHour:
    """Return clocks started and breached by hour of the week, of standards in force (`clocks_by_hour`).

    The table holds who started and who was within; whoever still runs at the end is neither, and counted as breached.
    So clocks with a standard of more than three days are left out: too many of them still run.
    """
    judged = clocks[clocks["standard_share"].notna() & clocks["in_force"] & ~clocks["of_state"]]
    judged = judged[judged["standard_seconds"] <= HOURS_AT_MOST]
    names = set(zip(judged["pathway"], judged["clock"], strict=True))
    found: ByHour = {}
    for (pathway, clock), mine in table.groupby(["pathway", "clock"], sort=False):
        if (pathway, clock) in names:
            at = mine["hour_of_week"].to_numpy()
            started = np.bincount(at, weights=mine["started"], minlength=HOURS)
            within = np.bincount(at, weights=mine["within"], minlength=HOURS)
            found[Figure(STARTED, pathway, clock)] = started
            found[Figure(BREACHES, pathway, clock)] = started - within
    return found


def _clocks(table: pd.DataFrame, kinds: Kinds) -> Figures:
    """Return share within its standard and breaches of every clock with one in force, over all places."""
    table = table[table["standard_share"].notna() & table["in_force"] & ~table["of_state"]]
    found: Figures = {}
    for (pathway, clock), mine in table.groupby(["pathway", "clock"], sort=False):
        lost = 0 if mine["of_finished"].iloc[0] else mine["lost"].sum()
        decided = mine["stopped"].sum() + mine["still_over"].sum() + lost
        within = mine["within"].sum()
        part = BED_CLOCK if f"{pathway}/{clock}" in kinds.bed_clocks else RESPONSE_CLOCK
        found[Figure(SHARE, pathway, clock, part)] = float(within / decided) if decided else float("nan")
        found[Figure(BREACHES, pathway, clock, part)] = float(decided - within)
    return found


def _waits(table: pd.DataFrame, kinds: Kinds, days: int) -> Figures:
    """Return mean wait in minutes of those seen or admitted by state, admissions, and nights out of area."""
    found: Figures = {}
    for (pathway, state), mine in table.groupby(["pathway", "state"], sort=False):
        name = f"{pathway}/{state}"
        began = float(mine["began"].sum())
        if mine["kind"].iloc[0] in ("contact", "place"):
            total = float((mine["wait_mean_minutes"].fillna(0.0) * mine["began"]).sum())
            found[Figure(WAIT, pathway, state)] = total / began if began else float("nan")
        if name in kinds.wards:
            found[Figure(ADMISSIONS, pathway, state)] = began
            found[Figure(ADMISSIONS, pathway)] = found.get(Figure(ADMISSIONS, pathway), 0.0) + began
        if name in kinds.elsewhere:
            found[Figure(AWAY, pathway, state)] = float((mine["mean_present"] - mine["mean_waiting"]).sum()) * days
    return found


def _people(tables: Mapping[str, pd.DataFrame]) -> Figures:
    summed = tables["people"].groupby("pathway", sort=False)[["reached", "asked"]].sum()
    found = {Figure(REACHED, str(p)): float(n) for p, n in summed["reached"].items()}
    return found | {Figure(ASKED, str(p)): float(n) for p, n in summed["asked"].items()}


def _staff(table: pd.DataFrame) -> Figures:
    """Return contacts, and hours by kind of time, of every role of every team."""
    found: Figures = {}
    for (team, role), mine in table.groupby(["team", "role"], sort=False):
        pathway, _, name = str(team).partition("/")
        found[Figure(CONTACTS, pathway, name, role)] = float(mine["care_contacts"].sum())
        for column, words in KINDS_OF_TIME.items():
            found[Figure(STAFF, pathway, name, f"{role}: {words}")] = float(mine[column].sum()) / 60
    return found


def _routes(table: pd.DataFrame) -> Figures:
    found: Figures = {}
    for (source, to, when), n in table.groupby(["from", "to", "when"], sort=False, dropna=False)["count"].sum().items():
        found[Figure(ROUTE, str(source), str(to), str(when or ""))] = float(n)
    return found


def _declared(one: Measure, tables: Mapping[str, pd.DataFrame]) -> Figures:
    """Return a measure that the file says how to add up, or under what name to look for it."""
    table = tables.get(one.table)
    if table is not None and one.column in table.columns:
        if one.states:
            table = table[(table["pathway"] + "/" + table["state"]).isin(one.states)]
        return {Figure(one.name): float(table[one.column].sum())} if len(table) else {}
    found = [n for name, table in tables.items() if name != "exchanges" for n in _sought(one.sought, table)]
    return {Figure(one.name): float(sum(found))} if found else {}


def _sought(names: tuple[str, ...], table: pd.DataFrame) -> Iterator[float]:
    for name in names:
        if name in table.columns and pd.api.types.is_numeric_dtype(table[name]):
            yield float(table[name].sum())
            return
    counts = [column for column in ("count", "people", "number", "n") if column in table.columns]
    if not counts or not names:
        return
    for column in _words(table):
        mine = table[table[column].isin(names)]
        if len(mine):
            yield float(mine[counts[0]].sum())
            return


def _unknown(name: str, table: pd.DataFrame) -> Figures:
    """Return the sums of a table's columns of whole numbers, by what its columns of words say."""
    words = [column for column in _words(table) if column not in OF_PLACES]
    counts = [column for column in table.columns if pd.api.types.is_integer_dtype(table[column])]
    counts = [column for column in counts if column not in ("replication", "hour_of_week")]
    found: Figures = {}
    for column in counts:
        if not words:
            found[Figure(name, "", "", column)] = float(table[column].sum())
            continue
        for key, n in table.groupby(words, sort=False)[column].sum().items():
            of = ", ".join(str(one) for one in (key if isinstance(key, tuple) else (key,)))
            found[Figure(name, "", of, "" if column == "count" else column)] = float(n)
    return found


def _words(table: pd.DataFrame) -> list[str]:
    return [column for column in table.columns if pd.api.types.is_string_dtype(table[column])]
