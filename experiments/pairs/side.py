"""One of the runs that are compared: lived through with its event log in memory, and what is kept of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from abm.country import live_a_day_alone
from abm.network import DAY
from abm.population import Population
from experiments import country_run
from experiments import run as runs
from experiments.lives.rerun import Finished, setting_of
from experiments.lives.visits import Visits, ids_of_others, people_of, visits_of
from experiments.pairs.costs import cost_figures
from experiments.pairs.figures import (
    SEEN,
    WAITED,
    ByHour,
    Figure,
    Figures,
    figures_of,
    hours_of,
    kinds_of,
)
from experiments.run import Run
from experiments.scenario import Scenario
from experiments.watch import Watch
from kernels import columns as c

HOUR, WEEK_HOURS = 3600, 168
GUEST = -(1 << 62)
"""Added to the ids of people of other cells: negative, as are all who are no residents"""


@dataclass(frozen=True)
class Side:
    """One run of a pair."""

    digest: str
    population: Population
    measure_from: int
    """Second at which measuring began"""
    end: int
    """Second at which the run ended"""
    visits: Visits
    """`state` is an index of `states`"""
    during: pd.DataFrame
    """One row a stay with recurring visits: key, person, state, how many were made and how many were not"""
    states: list[str]
    person: np.ndarray
    """int64[person] everybody who is in the log, sorted (`people_of`)"""
    traces: np.ndarray
    """uint64[person] digest of all that happened to them, warm-up included"""
    figures: Figures
    by_hour: ByHour

    @property
    def n_residents(self) -> int:
        """Return how many residents there are."""
        return self.population.n


def live(run: Run, states: Mapping[str, int] | None = None, of: Finished | None = None) -> Side:
    """Live through one run and return what a comparison needs; `states` numbers states as the other side does.

    `of` is the run of one cell of several, which is told what it was told by the others.
    """
    run = replace(run, events=True)
    if of is None or of.told is None:
        model = runs.begin(run)
        watch = Watch(model)
        for _ in range(run.warm_up + run.days):
            watch.day_begins()
            model.step()
            watch.day_is_over()
    else:
        model = country_run.begin(run, Scenario.model_validate_json(run.scenario), setting_of(of))
        watch = Watch(model)
        for _ in range(run.warm_up + run.days):
            watch.day_begins()
            live_a_day_alone(model, of.told)
            watch.day_is_over()
    log = model.simulation.events()
    names = list(model.network.flat.state_names)
    parent = model.network.flat.arrays["state"]["parent"]
    recurring = parent[log["state"]] >= 0
    if states is not None:
        common = dict(states)
        number = np.array([common.setdefault(name, len(common)) for name in names], np.int16)
        log["state"] = number[log["state"]]
        names = list(common)
    outcome = watch.outcome(run.identity, run.replication, False)
    tables = {name: table.to_pandas() for name, table in outcome.tables.items()}
    figures = figures_of(tables, kinds_of(model.network.specs), model.days)
    figures |= cost_figures(tables, Scenario.model_validate_json(run.scenario))
    others = ids_of_others(model)
    codes = model.setting.population.areas["code"]
    visits = visits_of(log, others)
    visits = replace(visits, person=_at_home(visits.person, codes))
    measure_from, end = model.warm_up * DAY, (model.warm_up + model.days) * DAY
    by_hour = hours_of(tables["clocks_by_hour"], tables["clocks"])
    by_hour |= _waits_by_hour(visits, names, measure_from, model.first_day.weekday())
    everybody = _at_home(people_of(log["id0"], log["id1"], others), codes)
    person, traces = traces_of(log, everybody)
    side = Side(
        outcome.digest, model.setting.population, measure_from, end, visits,
        _during(log[recurring], everybody[recurring], measure_from), names, person, traces, figures, by_hour,
    )  # fmt: skip
    model.let_go()
    return side


def _at_home(person: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Return ids with those of guests made negative: they are residents of another cell, and compared there."""
    return np.where((person >= 0) & ~np.isin(person >> 16, codes), person + GUEST, person)


def _waits_by_hour(visits: Visits, states: list[str], measure_from: int, weekday: int) -> ByHour:
    """Return people seen, and the minutes they had waited, by state and hour of the week in which they joined."""
    mine = (visits.joined >= measure_from) & (visits.began >= 0)
    hour = (visits.joined[mine] // HOUR + 24 * weekday) % WEEK_HOURS
    at = visits.state[mine] * WEEK_HOURS + hour
    n = len(states) * WEEK_HOURS
    seen = np.bincount(at, minlength=n).reshape(-1, WEEK_HOURS).astype(float)
    waited = np.bincount(at, weights=visits.wait[mine] / 60, minlength=n).reshape(-1, WEEK_HOURS)
    found: ByHour = {}
    for state in np.flatnonzero(seen.any(axis=1)):
        pathway, _, name = states[state].partition("/")
        found[Figure(SEEN, pathway, name)] = seen[state]
        found[Figure(WAITED, pathway, name)] = waited[state]
    return found


def _during(log: np.ndarray, person: np.ndarray, measure_from: int) -> pd.DataFrame:
    """Return the recurring visits of stays, one row a stay of a resident: how many were made, and how many were due
    and not made, in the measured window.
    """
    mine = (log["time"] >= measure_from) & (person >= 0) & ((log["kind"] == c.L_BEGAN) | (log["kind"] == c.L_MISSED))
    log, person = log[mine], person[mine]
    frame = pd.DataFrame({
        "referral": (log["id0"].astype(np.int64) << 32) | log["id1"],
        "stay": (log["entry"].astype(np.int64) << 16) | log["state"], "person": person,
        "state": log["state"].astype(np.int64), "made": (log["kind"] == c.L_BEGAN).astype(np.int64),
        "not_made": (log["kind"] == c.L_MISSED).astype(np.int64),
    })  # fmt: skip
    return frame.groupby(["referral", "stay", "person", "state"], as_index=False)[["made", "not_made"]].sum()


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
