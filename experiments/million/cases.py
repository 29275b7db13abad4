"""The years that are compared: the baseline year, and each later one with its demand and the staff it can have."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pandas as pd

from experiments.million import trajectories
from experiments.scenario import Scenario


def baseline(area: str, seed: int) -> Scenario:
    """Return the baseline year with every service open."""
    return Scenario.model_validate({
        "name": f"{area} {trajectories.BASELINE}", "area": area, "pathways": "all", "seed": seed,
        "start": first_day(trajectories.BASELINE),
    })  # fmt: skip


def first_day(year: str) -> date:
    """Return the first day of a financial year such as 2016/17."""
    return date(int(year[:4]), 4, 1)


def expanded(base: Scenario, year: str, reached: pd.DataFrame, planned: Mapping[str, int]) -> Scenario:
    """Return a later year: as many more ask, by programme, as are planned beside those reached in the baseline year.

    Parameters
    ----------
    reached : what is kept of the baseline year (`years.lived`)
    planned : programme -> the area's people that year, extra to the baseline year
    """
    people = reached[reached["measure"] == "people"].groupby("programme")["value"].sum()
    factor = {
        programme: 1.0 + planned[programme] / people[programme]
        for programme in trajectories.programmes() if people.get(programme, 0.0) > 0
    }  # fmt: skip
    of = trajectories.programme_of()
    demand = {pathway: factor[of[pathway]] for pathway in base.pathways if of[pathway] in factor}
    return base.replaced(name=f"{base.area} {year}", start=first_day(year), demand={**base.demand, **demand})
