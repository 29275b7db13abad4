"""Reading a simulation's tallies: one plain record of integers a run, ready to be pooled or written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from abm.network import Simulation
from kernels import columns as c
from kernels.tallies import N_BINS, bin_edges

EDGES = bin_edges()
OPEN = c.IS_WAITING | c.IS_ASIDE


@dataclass(frozen=True)
class Reading:
    """The tallies of one run over its measured window; arrays as in `kernels/columns.py`."""

    cell: np.ndarray
    histogram: np.ndarray
    """int32[cell, bin] waits of those who began"""
    overdue: np.ndarray
    """int64[cell] measured people who still wait beyond the state's standard"""
    pool: np.ndarray
    clock_cell: np.ndarray
    clock_histogram: np.ndarray
    clock_hour: np.ndarray
    """int32[clock cell, 168, 2] started, stopped within, by hour of the week of the start"""
    clock_overdue: np.ndarray
    """int64[clock cell] measured clocks that still run beyond their standard"""
    pool_hour: np.ndarray
    """int64[pool, 168] busy seconds by hour of the week (zeros unless the run was asked for it)"""
    flow: np.ndarray
    reached: np.ndarray
    series: np.ndarray
    seconds: int
    """Length of the measured window."""
    digest: int


def read(simulation: Simulation, since: Reading | None = None) -> Reading:
    """Return the tallies now, less an earlier reading of the same run if one is given."""
    simulation.flush()
    m = simulation.m
    t = int(m.now[c.T])
    measure_from = int(m.now[c.MEASURE_FROM])
    overdue, clock_overdue = _overdue(simulation, t, measure_from)
    every = int(m.now[c.SERIES_EVERY])
    if m.series.shape[0] and every > 1 and t > measure_from and (t - measure_from) % every == 0:
        last = (t - measure_from) // every - 1
        for column, name in enumerate(("arrivals", "waiting_seconds", "present_seconds")):
            m.series[last, :, column] = m.cell[name]
    reading = Reading(
        cell=m.cell.copy(),
        histogram=m.histogram.copy(),
        overdue=overdue,
        pool=m.pool.copy(),
        clock_cell=m.clock_cell.copy(),
        clock_histogram=m.clock_histogram.copy(),
        clock_hour=m.clock_hour.copy(),
        clock_overdue=clock_overdue,
        pool_hour=m.pool_hour.copy(),
        flow=m.flow.copy(),
        reached=m.reached_count.copy(),
        series=m.series.copy(),
        seconds=t - measure_from,
        digest=int(m.now[c.HASH]) & 0xFFFFFFFFFFFFFFFF,
    )
    return reading if since is None else _less(reading, since)


def _overdue(simulation: Simulation, t: int, measure_from: int) -> tuple[np.ndarray, np.ndarray]:
    """Return int64[cell] people who wait, int64[clock cell] clocks that run, longer than their standard allows."""
    m = simulation.m
    flags, since, state = m.referral["flags"], m.referral["since"], m.state
    waiting = np.flatnonzero(((flags & OPEN) != 0) & (since >= measure_from))
    states = m.referral["state"][waiting]
    late = t - since[waiting].astype(np.int64) > state["within"][states]
    waiting, states = waiting[late], states[late]
    at = state["cell_base"][states] + _places_of(simulation, waiting, state["scope"][states])
    overdue = np.bincount(at, minlength=len(m.cell)).astype(np.int64)
    running = m.running
    referral, slot = np.nonzero((running["clock"] != 0) & (running["hour"] != 0))
    k = running["clock"][referral, slot].astype(np.int64) - 1
    late = clocks_elapsed(running["since"][referral, slot], t) > m.clock["within"][k]
    referral, k = referral[late], k[late]
    at = m.clock["cell_base"][k] + _places_of(simulation, referral, m.clock["scope"][k])
    return overdue, np.bincount(at, minlength=len(m.clock_cell)).astype(np.int64)


def clocks_elapsed(since: np.ndarray, t: int) -> np.ndarray:
    """Return the seconds on clocks at second `t`, int64, from the column `since` of `columns.RUNNING`."""
    return np.where(since >= 0, t - since.astype(np.int64), -1 - since.astype(np.int64))


CELL_INTEGRALS = ("waiting_seconds", "present_seconds")
POOL_INTEGRALS = ("busy_seconds", "on_seconds", "over_seconds", "kept_seconds", "blocked_seconds")


def _less(now: Reading, then: Reading) -> Reading:
    """Return `now` with the integrals of `then` taken off (counts are measured from the start of the window anyway)."""
    cell, pool = now.cell.copy(), now.pool.copy()
    for name in CELL_INTEGRALS:
        cell[name] -= then.cell[name]
    for name in POOL_INTEGRALS:
        pool[name] -= then.pool[name]
    return Reading(
        cell, now.histogram, now.overdue, pool, now.clock_cell, now.clock_histogram, now.clock_hour, now.clock_overdue,
        now.pool_hour - then.pool_hour, now.flow, now.reached, now.series, now.seconds, now.digest,
    )  # fmt: skip


def _places_of(simulation: Simulation, referrals: np.ndarray, scope: np.ndarray) -> np.ndarray:
    """Return where referrals stand among the places of each one's scope: int64[referral]."""
    rows = simulation.m.referral
    place = np.where(scope == c.SYSTEM, rows["system"][referrals], rows["site"][referrals]).astype(np.int64)
    return np.where(scope == c.AREA, 0, place)


def percentile(histogram: np.ndarray, share: float) -> float:
    """Return a percentile in seconds of pooled waits, linear within a bin (0 if there are none)."""
    total = int(histogram.sum())
    if total == 0:
        return 0.0
    cumulative = np.cumsum(histogram)
    at = int(np.searchsorted(cumulative, share * total))
    at = min(at, N_BINS - 1)
    before = cumulative[at - 1] if at else 0
    if at < 64:  # bins of one whole second hold that very second
        return float(EDGES[at])
    part = (share * total - before) / max(int(histogram[at]), 1)
    return float(EDGES[at] + part * (EDGES[at + 1] - EDGES[at]))


def pooled(readings: Iterable[Reading], name: str) -> np.ndarray:
    """Return one tally array summed over readings (plain arrays only)."""
    total: np.ndarray | None = None
    for reading in readings:
        array = getattr(reading, name).astype(np.int64)
        total = array if total is None else total + array
    assert total is not None
    return total
