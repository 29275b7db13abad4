"""The workforce of an area, month by month, 2016/17 to 2020/21, person by person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from abm import staff_rates
from abm.staff import MEASURES as COUNTED
from abm.staff import Workforce
from abm.staff_posts import N_MONTHS, YEARS, Establishment
from abm.staff_rates import Rates
from experiments.money.prices import NO_FACTORS, Factors
from experiments.staff import establishment as establishments
from experiments.staff import prices
from experiments.staff.prices import MEASURES

COLUMNS = ("replication", "year", "month", "system", "team", "role", "group", "employer", "measure", "value")
STOCKS = ("posts", "in_post", "vacancies", "in_training", "capacity_wte")
"""Measures that stand at the end of a month; all others are counted in it."""
KEPT_AT_ZERO = ("posts", "in_post", "vacancies")


def staff_years(
    area: str = "lsc",
    levers: Mapping[str, float] | None = None,
    seed: int = 1,
    replications: int = 1,
    posts: pd.DataFrame | Iterable[Mapping[str, Any]] | None = None,
    *,
    establishment: Path | None = None,
    national: bool = False,
) -> pd.DataFrame:
    """Return what happened to the staff of an area, one row a replication, month, team, role and measure.

    Parameters
    ----------
    area : lsc, one of its delivery systems, another STP, or england
    levers : name (`staff_levers.csv`, `price_levers.csv`) -> value
    posts : posts by year (system, team, role, year, posts), in place of the plan's new and closed posts
    establishment : file of the area's own posts (`experiments.staff.establishment`)
    national : a share of the national plan for Lancashire & South Cumbria too, not its teams

    Returns
    -------
    DataFrame with `COLUMNS`; people and posts are whole (1.0 WTE each); rows of nothing are left out but for posts,
    in_post and vacancies.  `month` counts from April 2016 (0).
    """
    of_people, factors = prices.apart(levers)
    rates = staff_rates.read(of_people)
    found = establishments.of_area(area, rates, establishment, national)
    if posts is not None:
        rows = posts.to_dict("records") if isinstance(posts, pd.DataFrame) else posts
        found = establishments.with_later(found, rows, rates)
    return pd.concat(
        [frame_of(found, rates, seed, replication, factors) for replication in range(replications)], ignore_index=True
    )


def tallies(
    establishment: Establishment,
    rates: Rates,
    seed: int = 1,
    replication: int = 0,
    months: int = N_MONTHS,
    factors: Factors = NO_FACTORS,
) -> np.ndarray:
    """Return what was counted, and what it costs: float64[month, measure, unit, role], in the order of `MEASURES`."""
    model = Workforce(establishment, rates, seed=seed, replication=replication)
    found = np.zeros((months, len(COUNTED), model.n_cells))
    for month, tally in enumerate(model.run(months)):
        for i, name in enumerate(COUNTED):
            found[month, i] = tally[name]
    counted = found.reshape(months, len(COUNTED), len(establishment.units), len(rates.roles))
    return np.concatenate([counted, prices.pounds(counted, rates, factors)], axis=1)


def frame_of(
    establishment: Establishment, rates: Rates, seed: int, replication: int, factors: Factors = NO_FACTORS
) -> pd.DataFrame:
    """Return one replication as rows."""
    counted = tallies(establishment, rates, seed, replication, factors=factors)
    return frame_of_counts(establishment, rates, counted, replication)


def frame_of_counts(establishment: Establishment, rates: Rates, counted: np.ndarray, replication: int) -> pd.DataFrame:
    """Return what was counted (see `tallies`) as rows."""
    there = counted[:, [MEASURES.index(name) for name in KEPT_AT_ZERO]].any(axis=(0, 1))
    wanted = counted != 0
    for name in KEPT_AT_ZERO:
        wanted[:, MEASURES.index(name)] |= there
    month, measure, unit, role = np.nonzero(wanted)
    units, roles = establishment.units, rates.roles

    def named(words: list[str], rows: np.ndarray) -> pd.Categorical:
        levels = list(dict.fromkeys(words))
        codes = np.array([levels.index(word) for word in words])
        return pd.Categorical.from_codes(codes[rows], levels)

    return pd.DataFrame(
        {
            "replication": replication,
            "year": named(list(YEARS), month // 12),
            "month": month,
            "system": named([one.system for one in units], unit),
            "team": named([one.team for one in units], unit),
            "role": named([one.name for one in roles], role),
            "group": named([one.group for one in roles], role),
            "employer": named([one.employer for one in units], unit),
            "measure": named(list(MEASURES), measure),
            "value": counted[wanted],
        }
    )
