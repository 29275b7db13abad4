"""Whether standards hold: years of a scenario simulated, the same luck for every mix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.planning.layout import Layout
from experiments.planning.targets import Target, met
from experiments.planning.years import AreaSubject, Outcome, Task, prepared, setting_with
from experiments.planning.years import evaluate as one_year
from experiments.scenario import Scenario
from experiments.scenario_setting import plan as numbers_of
from experiments.skillmix.asked import Asked


@dataclass(frozen=True)
class Judged:
    """A mix in simulated years."""

    days: int
    layout: Layout
    targets: tuple[Target, ...]
    """Those of the service at its places that its staff decide"""
    values: np.ndarray
    """float[year, target]"""
    outcomes: tuple[Outcome, ...]

    @property
    def share_met(self) -> np.ndarray:
        """Return float[target]: share of years in which each is met."""
        return met(self.targets, self.values).mean(axis=0)

    def failing(self, assurance: float) -> list[Target]:
        """Return the targets met in fewer years than they should be."""
        return [t for t, share in zip(self.targets, self.share_met, strict=True) if share < assurance - 1e-9]

    def rows(self) -> list[dict[str, Any]]:
        """Return one row a target: its name, place, bound, mean value and share of years met."""
        return [
            {"target": target.name, "team": self.layout.units[target.unit].team,
             "place": self.layout.units[target.unit].place, "measure": target.measure, "bound": target.bound,
             "at_least": target.at_least, "status": target.status,
             "value": float(np.nanmean(self.values[:, i])) if np.isfinite(self.values[:, i]).any() else None,
             "years_met": float(share)}
            for i, (target, share) in enumerate(zip(self.targets, self.share_met, strict=True))
        ]  # fmt: skip


def judged(scenario: Scenario, asked: Asked, replications: int, pool: Any = None) -> Judged:
    """Simulate a scenario's years and return what became of the service's standards."""
    subject = AreaSubject(scenario.canonical())
    plan = tuple(int(n) for n in numbers_of(scenario, setting_with(subject)))
    tasks = [Task(subject, plan, replication, whole=True) for replication in range(replications)]
    found = tuple(map(one_year, tasks) if pool is None else pool.map_ordered(one_year, tasks, on_failure="raise"))
    layout = prepared(subject)
    chosen = [i for i, target in enumerate(layout.targets) if decides(layout, target, asked)]
    targets = tuple(layout.targets[i] for i in chosen)
    return Judged(subject.days, layout, targets, np.stack([outcome.values[chosen] for outcome in found]), found)


def decides(layout: Layout, target: Target, asked: Asked) -> bool:
    """Whether a target is one of the service's staff: not of beds or places, and at one of its places."""
    unit = layout.units[target.unit]
    staffed = any(layout.network.units.pool_names[p][2] != "places" for p in target.pools)
    mine = unit.team.startswith(f"{asked.service}/") and unit.place in asked.places
    return mine and target.sizes and staffed


def people_through(judged_years: Judged, asked: Asked) -> dict[str, float]:
    """Return people a year who came to each state of a service at its places, means of the years."""
    layout = judged_years.layout
    works = [outcome.work for outcome in judged_years.outcomes if outcome.work is not None]
    arrivals = np.mean([work.arrivals for work in works], axis=0)
    found: dict[str, float] = {}
    for at, (state, place) in enumerate(layout.network.flat.cells):
        full = layout.network.flat.state_names[state]
        if full.startswith(f"{asked.service}/") and place in asked.places:
            found[full] = found.get(full, 0.0) + float(arrivals[at])
    return found
