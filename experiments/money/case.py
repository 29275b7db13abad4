"""One scenario's finished replications, costed: rows of the price year, sums by year, and the spread between years."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from experiments import run as runs
from experiments import store
from experiments.console import Progress
from experiments.intervals import mean_and_half_width
from experiments.money.prices import NO_FACTORS, YEARS, Factors
from experiments.money.run_cost import books, entered, margin, mean_of
from experiments.scenario import Scenario

if TYPE_CHECKING:
    from cluster.pool import Pool

NEEDED = ["contacts", "places", "waits", "people_reached"]
WITH_LIVES = "life_years"


@dataclass(frozen=True)
class Case:
    """A scenario with the tables of its replications, and in which prices it is costed."""

    scenario: Scenario
    path: Path
    tables: dict[str, pd.DataFrame]
    year: str
    system: str | None = None
    """Only what is put down to this delivery system; None: the whole area"""
    factors: Factors = NO_FACTORS

    def costed(self, year: str) -> pd.DataFrame:
        """Return the rows of every replication in the pay and prices of a year."""
        rows = entered(self.tables, books(self.scenario, year, self.factors))
        return rows if self.system is None else rows[rows["system"] == self.system]

    @cached_property
    def rows(self) -> pd.DataFrame:
        """Return the rows of every replication in prices of the case's own year."""
        return self.costed(self.year)

    @cached_property
    def mean(self) -> pd.DataFrame:
        """Return the mean year, in whole pounds."""
        return mean_of(self.rows)

    @cached_property
    def of_years(self) -> dict[str, pd.DataFrame]:
        """Return the same activity and posts in the pay and prices of each year of the plan."""
        return {year: self.rows if year == self.year else self.costed(year) for year in YEARS}

    def sums(self, *by: str) -> list[dict[str, Any]]:
        """Return whole pounds by some columns of the mean year."""
        return [dict(row) for row in margin(self.mean, *by).to_dict("records")]

    @property
    def total(self) -> dict[str, Any]:
        """Return the mean total and its half-width over replications (none of one)."""
        each = self.rows.groupby("replication")["pounds"].sum().to_numpy(float)
        half = mean_and_half_width(each)["half_width"]
        return {"pounds": int(self.mean["pounds"].sum()), "half_width": half, "replications": len(each)}


def case_of(
    scenario: Scenario,
    stored: Path | None,
    year: str,
    system: str | None,
    factors: Factors,
    keep: Path,
    pool: Pool | None,
    progress: Progress | None,
) -> Case:
    """Return a scenario's case: finished replications are kept, others are run now, into `keep`."""
    path = stored if stored is not None else Path(runs.run(scenario, out=keep, pool=pool, progress=progress)["path"])
    names = [*NEEDED, WITH_LIVES] if scenario.lives else NEEDED
    tables = {
        name: table[table["replication"] < scenario.replications] for name, table in store.read(path, names).items()
    }
    return Case(scenario, path, tables, year, system, factors)


def by_year(case: Case, *by: str) -> list[dict[str, Any]]:
    """Return whole pounds of the mean year by some columns, in the pay and prices of each year of the plan."""
    return [
        {"year": year, **dict(row)}
        for year, rows in case.of_years.items()
        for row in margin(mean_of(rows), *by).to_dict("records")
    ]


def names_of(cases: Sequence[Case]) -> list[str]:
    """Return the scenarios' names, in order."""
    return [case.scenario.name for case in cases]
