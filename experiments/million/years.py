"""One simulated year of an area, lived with some teams relieved, and the little that is kept of it.

A year is a value: a scenario and the teams that get as many staff as anybody could need.  What is kept of it lies in
one Parquet file named by the identity of all it depends on, so that an interrupted answer goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from abm.setting import Setting
from experiments import run as runs
from experiments import scenario_setting
from experiments.console import Progress
from experiments.million import counting, trajectories
from experiments.reports.page import write_whole
from experiments.scenario import Scenario
from experiments.scenario_tables import TeamChange

if TYPE_CHECKING:
    from cluster.pool import Pool

EVERY_TEAM = "*"
PLENTY = 20_000
"""People on a row, or places: as many as a scenario may ask for, more than anybody could need"""
KEYS = ("measure", "system", "programme", "team", "role")


@dataclass(frozen=True)
class Year:
    """One year that is to be lived."""

    scenario: str
    """Canonical text of the scenario"""
    relieved: tuple[str, ...] = ()
    """Teams (`pathway/team`) with as many staff and places as anybody could need; `EVERY_TEAM`: all"""
    replication: int = 0

    @property
    def identity(self) -> str:
        """Return the SHA-256 of all that can change what is counted."""
        run = _run(Scenario.model_validate_json(self.scenario), self.replication)
        return hashlib.sha256("\x1f".join((run.identity, *self.relieved)).encode()).hexdigest()


def _run(scenario: Scenario, replication: int) -> runs.Run:
    return runs.runs_of(scenario.model_copy(update={"replications": replication + 1}))[replication]


def relieved(scenario: Scenario, setting: Setting, teams: Sequence[str]) -> Scenario:
    """Return the scenario with plenty of staff and places in these teams, at all their places.

    Clinicians who hold courses are ten times as many as there were and twenty more.
    """
    changes = []
    for lever in setting.levers:
        team, _, place = lever.unit.partition(" @ ")
        if EVERY_TEAM not in teams and team not in teams:
            continue
        number: dict[str, object] = {"places": PLENTY}
        if lever.kind == "staff":
            number = {"role": lever.role, "hours": lever.hours, "number": PLENTY}
        elif lever.kind == "clinicians":
            number = {"clinicians": {lever.role: 10 * lever.baseline + 20}}
        changes.append(TeamChange.model_validate({"team": team, "place": place, **number}))
    return scenario.model_copy(update={"team": (*scenario.team, *changes)})


def lived(year: Year) -> pd.DataFrame:
    """Live through one year and return what is counted of it: one row (measure, system, programme, team, role, value).

    Measures: `people` (distinct residents; also of all programmes together), `contacts`, `wte` (posts that the hours
    worked take), `left_waiting`, `turned_away`, `mean_waiting` (by team), `asked` (times residents asked).
    """
    scenario = Scenario.model_validate_json(year.scenario)
    setting = scenario_setting.setting(scenario)
    if year.relieved:
        scenario = relieved(scenario, setting, year.relieved)
    tables = {name: table.to_pandas() for name, table in runs.simulate(_run(scenario, year.replication)).tables.items()}
    of = trajectories.programme_of()
    specs = setting.specs
    team_of = {
        (pathway, name): f"{pathway}/{state.team}"
        for pathway, spec in specs.items() for name, state in spec.states.items() if state.team
    }  # fmt: skip
    people = counting.people(tables["people_reached"], of, trajectories.programmes())
    work = counting.contacts(tables["contacts"], of, setting.places.systems, counting.home_of_site())
    lost = counting.lost(tables["waits"], team_of)
    asked = tables["people"].assign(programme=tables["people"]["pathway"].map(of))
    asked = asked.groupby(["system", "programme"], as_index=False)["asked"].sum()
    found = [
        people.melt(["system", "programme"], var_name="measure"),
        asked.melt(["system", "programme"], var_name="measure"),
        work.melt(["system", "programme", "team", "role"], var_name="measure"),
        lost.melt(["team"], var_name="measure"),
    ]
    frame = pd.concat(found, ignore_index=True).reindex(columns=[*KEYS, "value"])
    return frame.fillna(dict.fromkeys(KEYS, "")).astype({"value": float})


def live_and_keep(year: Year, folder: str) -> str | None:
    """Live through a year where the results are wanted, unless it lies there already; return its identity."""
    place = Path(folder) / f"{year.identity[:16]}.parquet"
    if not place.is_file():
        table = io.BytesIO()
        lived(year).to_parquet(table, index=False)
        write_whole(place, table.getvalue())
    return year.identity


def all_lived(
    years: Sequence[Year], folder: Path, pool: Pool | None = None, progress: Progress | None = None
) -> Mapping[Year, pd.DataFrame]:
    """Live through several years, those that lie in `folder` excepted, and return what was counted of each."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = list(dict.fromkeys(years))
    task: Callable[[Year], str | None] = partial(live_and_keep, folder=str(folder.resolve()))
    done = map(task, wanted) if pool is None else pool.map_ordered(task, wanted, on_failure="raise")
    for n, _ in enumerate(done, start=1):
        if progress is not None:
            progress(n, len(wanted), "Years")
    return {year: pd.read_parquet(folder / f"{year.identity[:16]}.parquet") for year in wanted}
