"""How much work is asked for: staff busy and places taken if nobody ever had to wait.

Runs with unlimited capacity give each pool's offered load by hour of the week. Each roster row then carries
its share: an hour's load is split evenly among the people on shift in that hour; what comes in while nobody
is on shift waits for the next shift and is carried over evenly (time-varying square-root staffing of
rosters; Green, Kolesar & Whitt 2007, doi:10.3401/poms.1070.0116).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from abm.units import UNLIMITED
from experiments.planning.layout import Layout, course_seconds
from experiments.planning.years import Work

HOURS = 168


@dataclass(frozen=True)
class Offered:
    """Offered load of every pool and lever."""

    by_hour: np.ndarray
    """float[pool, 168] erlangs"""
    by_lever: np.ndarray
    """float[lever] erlangs while the row is on shift; places; clinicians"""
    hours_a_week: np.ndarray
    """float[pool] hours of work asked for in a week (courses: clinic hours)"""
    courses: np.ndarray
    """float[pool] courses under way (0 for other pools)"""
    contacts_a_year: np.ndarray
    """float[pool]"""
    arrivals_a_year: np.ndarray
    """float[cell]"""


def offered_load(layout: Layout, works: Sequence[Work], days: int) -> Offered:
    """Return the mean offered load over unlimited years."""
    by_hour = np.mean([work.busy_by_hour for work in works], axis=0)
    present = np.mean([work.present for work in works], axis=0)
    n_pools = len(by_hour)
    by_lever = np.zeros(len(layout.levers))
    hours = by_hour.sum(axis=1)
    courses = np.zeros(n_pools)
    for p, levers in layout.levers_of_pool.items():
        kind = layout.levers[levers[0]].kind
        if kind == "clinicians":
            weekly = course_seconds(layout, p)
            courses[p] = sum(present[at] * share for at, (share, _) in weekly.items())
            hours[p] = sum(present[at] * seconds for at, (_, seconds) in weekly.items()) / 3600
            by_lever[levers[0]] = clinicians_for(layout, p, courses[p], hours[p])
        elif kind == "places":
            by_lever[levers[0]] = by_hour[p].mean()
        else:
            by_lever[list(levers)] = _by_row(layout, levers, by_hour[p])
    year = 365 / days
    return Offered(
        by_hour, by_lever, hours, courses, np.mean([work.contacts for work in works], axis=0) * year,
        np.mean([work.arrivals for work in works], axis=0) * year,
    )  # fmt: skip


def clinicians_for(layout: Layout, pool: int, courses: float, hours: float) -> float:
    """Return the clinicians whose caseloads and whose clinic hours both suffice."""
    unit = layout.units[layout.network.units.unit_of_pool[pool]]
    role = layout.network.units.pool_names[pool][1]
    lever = layout.levers[layout.levers_of_pool[pool][0]]
    caseload = unit.spec.caseload.get(role, UNLIMITED)
    return max(courses / caseload, hours / lever.hours_a_week)


def on_shift(layout: Layout, lever: int) -> np.ndarray:
    """Return the share of each hour of the week in which a roster row is on shift: float[168]."""
    one = layout.levers[lever]
    row = layout.units[layout.unit_of_lever[lever]].spec.staff[one.row]
    on = np.zeros(HOURS)
    for begin, end in row.spans:
        for hour in range(begin // 3600, -(-end // 3600)):
            on[hour % HOURS] += (min(end, (hour + 1) * 3600) - max(begin, hour * 3600)) / 3600
    return np.minimum(on, 1.0)


def _by_row(layout: Layout, levers: Sequence[int], by_hour: np.ndarray) -> np.ndarray:
    """Split a pool's load among its rows; returns erlangs of each while it is on shift."""
    on = np.stack([on_shift(layout, lever) for lever in levers])  # [row, hour]
    anybody = on.sum(axis=0)
    load = by_hour.copy()
    closed = anybody <= 0
    if closed.any() and not closed.all():
        load[~closed] += load[closed].sum() / (~closed).sum()
        load[closed] = 0.0
    split = np.where(closed, 0.0, on / np.where(closed, 1.0, anybody))
    hours_on = np.maximum(on.sum(axis=1), 1e-9)
    return (split * load).sum(axis=1) / hours_on
