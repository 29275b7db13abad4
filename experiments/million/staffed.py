"""The staff that can be had in a year: the simulated workforce of an area's rosters (`experiments.staff.in_runs`).

All years have the calendar of the baseline year, so that a year's April is the workforce's of so many months later.
The posts are those of the whole rosters at the baseline, with the plan's new and closed posts as the years go: who is
relieved changes nobody's luck.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import numpy as np
import pandas as pd

from abm import staff_rates
from abm.setting import Setting
from abm.staff_posts import YEARS
from abm.units import Lever
from experiments import scenario_setting
from experiments.scenario import Scenario
from experiments.staff import in_runs
from experiments.staff.in_runs import AtWork, StaffOfMonth

MONTHS = 12
LEVERS: Mapping[str, float] = {}
"""Every lever of the workforce as the national plan has it"""


def changes(
    scenario: Scenario, year: str, relieved: list[tuple[Lever, int]], seed: int, replication: int
) -> list[StaffOfMonth]:
    """Return who is there from the first day on, and from the first of each month; `relieved` keep their numbers."""
    setting, plan = _rosters(scenario)
    first = scenario.start - timedelta(days=scenario.warm_up)
    last = scenario.start + timedelta(days=scenario.measured_days - 1)
    return in_runs.changes(
        setting, plan, {first: relieved}, LEVERS, first, last, seed, replication, MONTHS * YEARS.index(year)
    )


def in_post(scenario: Scenario, year: str, seed: int, replication: int) -> pd.DataFrame:
    """Return the people in post in a year (`mean_in_post`) of a scenario's area."""
    return mean_in_post(in_runs.at_work(*_rosters(scenario), LEVERS, seed, replication), year)


def mean_in_post(there: AtWork, year: str) -> pd.DataFrame:
    """Return the mean people in post over a year's twelve months: (system, team, role, staff).

    `system`: the delivery system, or the place of a team that stands in none.
    """
    first = MONTHS * YEARS.index(year) + 1
    mean = there.in_post[first : first + MONTHS].mean(axis=0)
    units, roles = there.establishment.units, staff_rates.read(LEVERS).roles
    rows = [
        (units[u].system, units[u].team, roles[r].name, float(mean[u, r])) for u, r in np.argwhere(mean > 0).tolist()
    ]
    frame = pd.DataFrame(rows, columns=["system", "team", "role", "staff"])
    return frame.groupby(["system", "team", "role"], as_index=False)["staff"].sum()


def _rosters(scenario: Scenario) -> tuple[Setting, np.ndarray]:
    """Return the setting of the baseline's residents and demand, and its whole rosters: the same for every year."""
    setting = scenario_setting.setting(scenario)
    return setting, scenario_setting.plan(scenario, setting)
