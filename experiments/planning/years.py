"""One simulated year of one plan, judged: what a worker does, and the little that it sends back.

A `Subject` says what is sized and is all that travels; what is expensive to make of it (the residents, the
parsed pathways) is made once in each process and kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Protocol

import numpy as np

from abm import standalone
from abm.model import CareSystem
from abm.network import Network, compile_network
from abm.readings import Reading
from abm.setting import Setting
from experiments import scenario_setting
from experiments.planning.absence import let_be_away
from experiments.planning.layout import Layout, layout_of
from experiments.planning.parameter_sets import ParameterSet, with_values
from experiments.scenario import Scenario
from experiments.standalone import measured
from kernels import columns
from pathways import files
from pathways.specs import PathwaySpec, validated

Plan = tuple[int, ...]
QUARTER_DAYS = 91


@dataclass(frozen=True)
class AreaSubject:
    """The teams of an area, with its residents, as a scenario describes them."""

    scenario: str
    """Canonical text of the scenario (`experiments/scenario.py`): start, length, warm-up and seed are in it.
    """

    @property
    def year(self) -> tuple[date, date]:
        """Return the first and the last measured day."""
        scenario = scenario_of(self)
        return scenario.start, scenario.start + timedelta(days=scenario.measured_days - 1)

    @property
    def days(self) -> int:
        """Return the length of the measured window."""
        return scenario_of(self).measured_days

    @property
    def warm_up(self) -> int:
        """Return the days before it."""
        return scenario_of(self).warm_up


@dataclass(frozen=True)
class FileSubject:
    """The teams of one stand-alone pathway file."""

    content: str
    """The file's text: workers elsewhere have no such file."""
    file: str
    days: int = 365
    warm_up: int = 90
    seed: int = 1

    @property
    def year(self) -> tuple[date, date]:
        """Return the first and the last measured day."""
        first = _spec_of(self).start or standalone.A_MONDAY
        first += timedelta(days=self.warm_up)
        return first, first + timedelta(days=self.days - 1)


Subject = AreaSubject | FileSubject


def described(subject: Subject) -> dict[str, Any]:
    """Return a subject as plain words, for a document; `restored` reads them again."""
    if isinstance(subject, AreaSubject):
        return {"scenario": json.loads(subject.scenario)}
    return {"pathway": asdict(subject)}


def restored(words: Mapping[str, Any], seed: int) -> Subject:
    """Return the subject that `described` wrote down, its luck drawn from another seed."""
    if "scenario" in words:
        scenario = Scenario.model_validate_json(json.dumps(words["scenario"]))
        return AreaSubject(scenario.replaced(seed=seed).canonical())
    return FileSubject(**{**words["pathway"], "seed": seed})


@dataclass(frozen=True)
class Task:
    """One year to be simulated."""

    subject: Subject
    plan: Plan
    replication: int
    demand: float = 1.0
    """Factor on everything that comes from outside."""
    whole: bool = False
    """Send the tallies of work back too."""
    values: ParameterSet = ()
    """Values of uncertain parameters in place of those of the files."""
    absence: float = 0.0
    """Share of the staff who are away each day, beyond what the rosters allow for."""


@dataclass(frozen=True)
class Work:
    """What was asked for in a year, whatever the targets."""

    busy_by_hour: np.ndarray
    """float[pool, 168] mean busy staff or places taken, by hour of the week"""
    present: np.ndarray
    """float[cell] mean number of people present"""
    arrivals: np.ndarray
    """int64[cell]"""
    flow: np.ndarray
    """int64[route] people who took it"""
    contacts: np.ndarray
    """int64[pool]"""
    waiting: np.ndarray
    """float[cell] mean number of people waiting"""


@dataclass(frozen=True)
class Outcome:
    """One judged year."""

    values: np.ndarray
    """float64[target]"""
    asked: np.ndarray
    """int64[unit] people who came to the unit's states"""
    waiting: np.ndarray
    """float32[unit, 2] mean number waiting in the first and the last quarter (zeros if not known)"""
    work: Work | None = None


class Years(Protocol):
    """Whoever can simulate years of plans: the search knows no more of simulation than this."""

    layout: Layout

    def evaluate(self, tasks: Sequence[tuple[Plan, int]], *, demand: float = 1.0, whole: bool = False) -> list[Outcome]:
        """Return one outcome for each (plan, replication), in that order."""


def evaluate(task: Task) -> Outcome:
    """Simulate and judge one year: the function that workers are given."""
    reading, daily_waiting = _simulated(task)
    layout = prepared(task.subject)
    values = np.array([target.value(reading) for target in layout.targets])
    asked = np.array([int(reading.cell["arrivals"][list(cells)].sum()) for cells in layout.cells], dtype=np.int64)
    work = work_of(reading) if task.whole else None
    return Outcome(values, asked, _by_quarter(layout, daily_waiting, task.subject.warm_up), work)


def work_of(reading: Reading) -> Work:
    """Return what was asked for in a simulated year."""
    weeks = reading.seconds / 604_800
    return Work(
        busy_by_hour=reading.pool_hour / (3600 * weeks),
        present=reading.cell["present_seconds"] / reading.seconds,
        arrivals=reading.cell["arrivals"].copy(), flow=reading.flow.sum(axis=1),
        contacts=reading.pool["contacts"].copy(), waiting=reading.cell["waiting_seconds"] / reading.seconds,
    )  # fmt: skip


def _by_quarter(layout: Layout, daily: np.ndarray | None, warm_up: int) -> np.ndarray:
    out = np.zeros((len(layout.cells), 2), np.float32)
    if daily is None or len(daily) < warm_up + 2 * QUARTER_DAYS:
        return out
    first = daily[warm_up : warm_up + QUARTER_DAYS].mean(axis=0)
    last = daily[-QUARTER_DAYS:].mean(axis=0)
    for u, cells in enumerate(layout.cells):
        out[u] = first[list(cells)].sum(), last[list(cells)].sum()
    return out


def _simulated(task: Task) -> tuple[Reading, np.ndarray | None]:
    subject, plan = task.subject, np.array(task.plan, dtype=np.int32)
    if isinstance(subject, FileSubject):
        spec = _spec_of(subject)
        network = standalone.network_of(spec, plan)
        one = standalone.simulation(
            spec, days=subject.days, warm_up=subject.warm_up, seed=subject.seed,
            replication=task.replication, network=_scaled(network, task.demand),
        )  # fmt: skip
        one.m.now[columns.HOURLY] = task.whole
        return measured(one, subject.days, subject.warm_up), None
    scenario = scenario_of(subject)
    setting = setting_with(subject, task.demand)
    if task.values:
        setting = with_values(setting, task.values)
    model = CareSystem(
        setting, start=scenario.start, days=subject.days, warm_up=subject.warm_up, plan=plan, seed=scenario.seed,
        replication=task.replication, hourly=task.whole, lives=scenario.lives,
    )  # fmt: skip
    for change in scenario_setting.changes_of_days(scenario, model.setting):
        model.change_on(change.day, change)
    if task.absence:
        let_be_away(model, task.absence, scenario.seed, task.replication)
    model.run()
    found = model.reading(), model.daily.waiting
    model.let_go()
    return found


def setting_with(subject: AreaSubject, demand: float = 1.0) -> Setting:
    """Return the setting of a subject, everything that comes from outside times `demand`."""
    scenario = scenario_of(subject)
    if demand != 1.0:
        factors = {name: scenario.demand.get(name, 1.0) * demand for name in scenario.pathways}
        scenario = scenario.model_copy(update={"demand": {**scenario.demand, **factors}})
    return scenario_setting.setting(scenario)


@lru_cache(maxsize=4)
def scenario_of(subject: AreaSubject) -> Scenario:
    """Return the scenario that a subject is."""
    return Scenario.model_validate_json(subject.scenario)


def _scaled(network: Network, demand: float) -> Network:
    """Return a stand-alone network whose streams bring `demand` times as many; renewal streams stay."""
    if demand == 1.0:
        return network
    network.streams = tuple(replace(stream, per_hour=stream.per_hour * demand) for stream in network.streams)
    return network


@lru_cache(maxsize=4)
def _spec_of(subject: FileSubject) -> PathwaySpec:
    return validated(files.parse(subject.content, subject.file))


@lru_cache(maxsize=4)
def prepared(subject: Subject) -> Layout:
    """Return the layout of a subject: its units, levers and targets."""
    if isinstance(subject, FileSubject):
        return layout_of(standalone.network_of(_spec_of(subject)), subject.year)
    setting = setting_with(subject)
    network = compile_network(setting.specs, setting.places, rosters=setting.rosters, n_residents=setting.population.n)
    return layout_of(network, subject.year)


def _prepare(item: tuple[Subject, bool]) -> Layout | None:
    """Make what is expensive to make, and return the layout if it is wanted."""
    subject, wanted = item
    layout = prepared(subject)
    return layout if wanted else None


class YearsOfPool:
    """Years simulated by a pool of workers (`cluster.pool.Pool`), in the order asked for; None: here."""

    def __init__(self, subject: Subject, pool: Any = None) -> None:
        self.subject, self.pool = subject, pool
        self.layout = self._prepared_everywhere()
        self.runs = 0

    def _prepared_everywhere(self) -> Layout:
        """Let all workers make the people at once, and take the layout from one of them."""
        if self.pool is not None:
            items = [(self.subject, worker == 0) for worker in range(self.pool.n_workers)]
            try:
                layouts = list(self.pool.map_ordered(_prepare, items, on_failure="raise"))
                return layouts[0]
            except RuntimeError:  # refused: by this process, in its own words
                pass
        return prepared(self.subject)

    def evaluate(self, tasks: Sequence[tuple[Plan, int]], *, demand: float = 1.0, whole: bool = False) -> list[Outcome]:
        """Return one outcome for each (plan, replication), in that order; the first failure is raised."""
        return list(self.one_by_one(tasks, demand=demand, whole=whole))

    def one_by_one(
        self, tasks: Sequence[tuple[Plan, int]], *, demand: float = 1.0, whole: bool = False
    ) -> Iterator[Outcome]:
        """Yield the outcomes as `evaluate` returns them, each as soon as it and all before it are there."""
        return self._each([Task(self.subject, plan, replication, demand, whole) for plan, replication in tasks])

    def judged(self, items: Sequence[Task]) -> list[Outcome]:
        """Return one outcome for each task, in that order; the first failure is raised."""
        return list(self._each(items))

    def _each(self, items: Sequence[Task]) -> Iterator[Outcome]:
        found = (
            map(evaluate, items) if self.pool is None else self.pool.map_ordered(evaluate, items, on_failure="raise")
        )
        for outcome in found:
            self.runs += 1
            yield outcome
