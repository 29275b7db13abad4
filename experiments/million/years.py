"""One simulated year of an area, lived with some teams relieved, and the little that is kept of it.

A year is a value: an area, the year whose residents and demand it has, whether its staff are those that can be had, and
the teams that get as many as anybody could need.  What is kept of it lies in one Parquet file named by the identity of
all it depends on, so that an interrupted answer goes on where it stopped.  All years have the calendar of the baseline
year: they differ by demand and staff alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa

from abm.model import CareSystem
from abm.setting import Setting
from abm.units import UNLIMITED
from experiments import scenario_setting
from experiments.console import Progress
from experiments.demand import factors, simulate
from experiments.million import counting, staffed, trajectories
from experiments.million.identity import digest
from experiments.reports.page import as_parquet, write_whole
from experiments.scenario import Scenario
from experiments.watch import Watch

if TYPE_CHECKING:
    from cluster.pool import Pool

COUNTED = "2"
"""Raised when a year is lived or counted in another way: what was kept before is then done again"""
EVERY_TEAM = "*"
KEYS = ("measure", "system", "programme", "team", "role")


@dataclass(frozen=True)
class Year:
    """One year that is to be lived."""

    area: str
    year: str
    """The financial year whose residents, demand and staff it has"""
    relieved: tuple[str, ...] = ()
    """Teams (`pathway/team`) with as many staff and places as anybody could need; `EVERY_TEAM`: all"""
    staffed: bool = True
    """With the staff that can be had; else with whole rosters"""
    seed: int = 1
    replication: int = 0

    @property
    def identity(self) -> str:
        """Return the SHA-256 of all that can change what is counted."""
        own = digest("demand", "staff", "workforce")
        return hashlib.sha256(f"{astuple(self)!r}{COUNTED}{own}".encode()).hexdigest()


def demanded(year: Year) -> factors.Asked:
    """Return the demand of a year, every factor as planned.

    Contact time stays, and new services are not opened: both are no people who ask.
    """
    wished = factors.asked(factors.amounts_of(None), year.year)
    return replace(wished, hours=1.0, scenarios={})


def simulated(year: Year) -> tuple[Mapping[str, pa.Table], Setting]:
    """Live through a year and return the tables of its results."""
    scenario = _scenario(year)
    setting = simulate.setting_for(scenario, demanded(year))
    plan = scenario_setting.plan(scenario, setting)
    free = np.array([_is_relieved(lever.unit, year.relieved) for lever in setting.levers])
    plan[free] = UNLIMITED
    model = CareSystem(
        setting, start=scenario.start, days=scenario.measured_days, warm_up=scenario.warm_up, plan=plan,
        seed=year.seed, replication=year.replication,
    )  # fmt: skip
    if year.staffed:
        relieved = [(setting.levers[i], UNLIMITED) for i in np.flatnonzero(free)]
        for change in staffed.changes(scenario, year.year, relieved, year.seed, year.replication):
            model.change_on(change.day, change)
    watch = Watch(model)
    model.at_midnight = lambda _: watch.day_is_over()
    for _ in range(scenario.warm_up + scenario.measured_days):
        watch.day_begins()
        model.step()
    found = watch.outcome(year.identity, year.replication, False)
    model.let_go()
    return found.tables, setting


def _scenario(year: Year) -> Scenario:
    return simulate.wanted(year.area, None, (), year.seed)


def _is_relieved(unit: str, relieved: Sequence[str]) -> bool:
    return EVERY_TEAM in relieved or unit.partition(" @ ")[0] in relieved


def lived(year: Year) -> pd.DataFrame:
    """Live through one year and return what is counted of it: one row (measure, system, programme, team, role, value).

    Measures: `people` (distinct residents; also of all programmes together), `contacts`, `wte` (posts that the hours
    worked take), `staff` (people in post), `left_waiting`, `turned_away`, `mean_waiting` (by team), `asked`.
    """
    found, setting = simulated(year)
    tables_of = {name: found[name].to_pandas() for name in ("people_reached", "people", "contacts", "waits")}
    of, systems = trajectories.programme_of(), setting.places.systems
    team_of = {
        (pathway, name): f"{pathway}/{state.team}"
        for pathway, spec in setting.specs.items() for name, state in spec.states.items() if state.team
    }  # fmt: skip
    asked = tables_of["people"].assign(programme=tables_of["people"]["pathway"].map(of))
    frames = [
        counting.people(tables_of["people_reached"], of, trajectories.programmes()),
        asked.groupby(["system", "programme"], as_index=False)["asked"].sum(),
        counting.contacts(tables_of["contacts"], of, systems, counting.home_of_site()),
        counting.lost(tables_of["waits"], team_of),
    ]
    if year.staffed:
        staff = staffed.in_post(_scenario(year), year.year, year.seed, year.replication)
        programme = staff["team"].str.partition("/")[0].map(of)
        there = staff["system"].isin(systems)
        frames.append(staff.assign(programme=programme, system=staff["system"].where(there, counting.SHARED)))
    long = [frame.melt([key for key in KEYS if key in frame], var_name="measure") for frame in frames]
    whole = pd.concat(long, ignore_index=True).reindex(columns=[*KEYS, "value"])
    return whole.fillna(dict.fromkeys(KEYS, "")).astype({"value": float})


def live_and_keep(year: Year, folder: str) -> str:
    """Live through a year where the results are wanted, unless it lies there already; return its identity."""
    place = Path(folder) / f"{year.identity[:16]}.parquet"
    if not place.is_file():
        write_whole(place, as_parquet(lived(year)))
    return year.identity


def all_lived(
    years: Sequence[Year], folder: Path, pool: Pool | None = None, progress: Progress | None = None
) -> Mapping[Year, pd.DataFrame]:
    """Live through several years, those that lie in `folder` excepted, and return what was counted of each."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = list(dict.fromkeys(years))
    task: Callable[[Year], str] = partial(live_and_keep, folder=str(folder.resolve()))
    done: Iterator[str] = map(task, wanted) if pool is None else pool.map_ordered(task, wanted, on_failure="raise")
    for n, _ in enumerate(done, start=1):
        if progress is not None:
            progress(n, len(wanted), "Years")
    return {year: pd.read_parquet(folder / f"{year.identity[:16]}.parquet") for year in wanted}
