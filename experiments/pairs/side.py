"""One of two runs that are compared: lived through with its event log in memory, and what is kept of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
import pandas as pd

from abm.network import DAY
from experiments import outcome_tables
from experiments import run as runs
from experiments.lives.visits import Visits, ids_of_others, people_of, visits_of
from experiments.run import Run

CLOCK, WAIT, REACHED = "share within", "mean wait", "people reached"
Figure = tuple[str, str, str]
"""(what, pathway, clock or state)"""


@dataclass(frozen=True)
class Side:
    """One run of a pair."""

    digest: str
    n_residents: int
    measure_from: int
    """Second at which measuring began"""
    end: int
    """Second at which the run ended"""
    visits: Visits
    """`state` is an index of `states`"""
    states: list[str]
    person: np.ndarray
    """int64[person] everybody who is in the log, sorted (`people_of`)"""
    traces: np.ndarray
    """uint64[person] digest of all that happened to them, warm-up included"""
    figures: dict[Figure, float]
    """Shares, minutes, people"""


def live(run: Run, states: Mapping[str, int] | None = None) -> Side:
    """Live through one run and return what a comparison needs; `states` numbers states as the other side does."""
    model = runs.begin(replace(run, events=True))
    model.run()
    log = model.simulation.events()
    names = list(model.network.flat.state_names)
    if states is not None:
        common = dict(states)
        number = np.array([common.setdefault(name, len(common)) for name in names], np.int16)
        log["state"] = number[log["state"]]
        names = list(common)
    others = ids_of_others(model)
    reading = model.reading()
    first_day = model.first_day + timedelta(days=model.warm_up)
    figures = _shares(outcome_tables.clocks(model.network, reading, first_day, model.days).to_pandas())
    figures |= _waits(outcome_tables.waits(model.network, reading).to_pandas())
    for p, pathway in enumerate(model.network.flat.pathways):
        figures[REACHED, pathway, ""] = float(reading.reached[p].sum())
    person, traces = traces_of(log, people_of(log["id0"], log["id1"], others))
    side = Side(
        f"{reading.digest:016x}", model.network.n_residents, model.warm_up * DAY,
        (model.warm_up + model.days) * DAY, visits_of(log, others), names, person, traces, figures,
    )  # fmt: skip
    model.let_go()
    return side


def traces_of(log: np.ndarray, person: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return everybody in a log (int64[person], sorted) and a digest of all entries of each (uint64[person])."""
    mixed = log["time"].astype(np.uint64) << np.uint64(32) | log["id0"]
    for name in ("id1", "entry", "visit", "state", "kind"):
        mixed = _mix(mixed ^ log[name].astype(np.uint64))
    order = np.argsort(person, kind="stable")
    found, starts = np.unique(person[order], return_index=True)
    return found, np.add.reduceat(mixed[order], starts) if len(starts) else mixed[:0]


def _mix(word: np.ndarray) -> np.ndarray:
    """Mix 64 bits (the finaliser of SplitMix64: Steele, Lea & Flood 2014, doi:10.1145/2660193.2660195)."""
    word = (word + np.uint64(0x9E3779B97F4A7C15)).astype(np.uint64)
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))


def _shares(table: pd.DataFrame) -> dict[Figure, float]:
    """Return the share within its standard of every clock with one in force, over all places."""
    table = table[table["standard_share"].notna() & table["in_force"] & ~table["of_state"]]
    found = {}
    for (pathway, clock), mine in table.groupby(["pathway", "clock"], sort=False):
        lost = 0 if mine["of_finished"].iloc[0] else mine["lost"].sum()
        decided = mine["stopped"].sum() + mine["still_over"].sum() + lost
        found[CLOCK, str(pathway), str(clock)] = float(mine["within"].sum() / decided) if decided else float("nan")
    return found


def _waits(table: pd.DataFrame) -> dict[Figure, float]:
    """Return the mean wait in minutes of those seen or admitted, by state, over all places."""
    table = table[table["kind"].isin(["contact", "place"])]
    found = {}
    for (pathway, state), mine in table.groupby(["pathway", "state"], sort=False):
        began = float(mine["began"].sum())
        total = float((mine["wait_mean_minutes"].fillna(0.0) * mine["began"]).sum())
        found[WAIT, str(pathway), str(state)] = total / began if began else float("nan")
    return found
