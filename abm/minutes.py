"""Minutes as double entry: what the clock on the wall says of staff and beds, against contacts and stays themselves.

Between two moments of a run, and for every pool of staff and places,

* minutes on shift are those of the roster's rows: people × hours;
* minutes busy (overtime included) are those of the contacts that ended (with the patient, travel and records,
  appointments not attended), more or less what was under way at either moment; contacts are only counted in the
  measured window, so this holds there;
* minutes in beds and places are those of the people who stay there, or keep the place until somebody takes them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from abm.balance import open_referrals, releases_ahead
from abm.network import DAY, Simulation
from kernels import columns as c
from pathways.durations import WEEK
from pathways.rosters import Span


@dataclass(frozen=True)
class Moment:
    """What the books say at one second."""

    second: int
    pool: np.ndarray
    """POOL[pool]"""
    cell: np.ndarray
    """CELL[cell]"""
    under_way: np.ndarray
    """int64[pool] staff seconds spent on contacts that have not ended, less those booked that lie ahead"""


class Minutes:
    """The books of one run, closed whenever somebody looks."""

    def __init__(self, simulation: Simulation) -> None:
        self.simulation = simulation
        self._last = _moment(simulation)

    def faults(self) -> list[str]:
        """Return what does not balance since the last look, as sentences.

        Numbers of staff may change right after a look (dated changes come at midnight), not in between.
        """
        before, now = self._last, _moment(self.simulation)
        self._last = now
        return [
            *_on_shift(self.simulation, before, now),
            *_busy(self.simulation, before, now),
            *_places(self.simulation, before, now),
        ]


def _moment(simulation: Simulation) -> Moment:
    """Bring the integrals up to now and copy them."""
    simulation.flush()
    m, t = simulation.m, int(simulation.m.now[c.T])
    under_way = np.zeros(len(m.pool), np.int64)
    referrals = open_referrals(simulation)
    for r in referrals[m.referral["n_slots"][referrals] > 0]:
        for post in m.held_post[r, : m.referral["n_slots"][r]]:
            under_way[m.post["pool"][post]] += t - int(m.referral["began"][r])
    releases = releases_ahead(simulation)
    ahead = releases[releases["extra"] == 0]
    np.add.at(under_way, m.post["pool"][ahead["what"]], t - ahead["time"].astype(np.int64))
    return Moment(t, m.pool.copy(), m.cell.copy(), under_way)


def _on_shift(simulation: Simulation, before: Moment, now: Moment) -> list[str]:
    """On-shift seconds are people × the roster's hours; clinicians and places are there always."""
    m, units = simulation.m, simulation.network.units
    expected = np.zeros(len(m.pool), np.int64)
    begin = before.second + simulation.start.weekday() * DAY
    for i, row in enumerate(units.post_rows):
        expected[row.pool] += int(m.post["size"][i]) * on_shift_seconds(row.spans, begin, now.second - before.second)
    seated = np.zeros(len(units.clinician), bool)
    for first, stop in m.pool["clinicians"]:
        seated[first:stop] = True  # seats that a growing team has left are nobody's
    holding = units.clinician[seated & (units.clinician["places"] >= 0)]
    np.add.at(expected, holding["pool"], now.second - before.second)
    grown = now.pool["on_seconds"] - before.pool["on_seconds"]
    return [
        f"{_name(simulation, p)}: {grown[p]} s on shift, {expected[p]} s by the roster"
        for p in np.flatnonzero(grown != expected)
    ]


def on_shift_seconds(spans: tuple[Span, ...], begin: int, length: int) -> int:
    """Return how many of `length` seconds from `begin` (since a Monday 00:00) lie in spans of the week."""
    if any(last - first >= WEEK for first, last in spans):
        return length
    total = 0
    for week in range(begin // WEEK - 1, (begin + length) // WEEK + 1):
        for first, last in spans:
            total += max(0, min(last + week * WEEK, begin + length) - max(first + week * WEEK, begin))
    return total


def _busy(simulation: Simulation, before: Moment, now: Moment) -> list[str]:
    """Busy seconds, overtime included, are those of contacts."""
    if before.second < int(simulation.m.now[c.MEASURE_FROM]):
        return []
    staff = now.pool["kind"] == c.STAFF
    by_clock = _grown(now.pool, before.pool, "busy_seconds") + _grown(now.pool, before.pool, "over_seconds")
    of_contacts = now.under_way - before.under_way
    for name in ("face_seconds", "other_seconds", "dna_seconds"):
        of_contacts = of_contacts + _grown(now.pool, before.pool, name)
    return [
        f"{_name(simulation, p)}: {by_clock[p]} s busy by the clock, {of_contacts[p]} s by the contacts"
        for p in np.flatnonzero(staff & (by_clock != of_contacts))
    ]


def _places(simulation: Simulation, before: Moment, now: Moment) -> list[str]:
    """Seconds in places are those of people who stay, or who keep the place until somebody takes them."""
    kind = simulation.network.flat.arrays["state"]["kind"]
    stays = np.array([kind[state] == c.PLACE for state, _ in simulation.network.flat.cells], dtype=bool)
    there = _grown(now.cell, before.cell, "present_seconds") - _grown(now.cell, before.cell, "waiting_seconds")
    places = now.pool["kind"] == c.PLACES
    taken = int(_grown(now.pool, before.pool, "busy_seconds")[places].sum())
    taken += int(_grown(now.pool, before.pool, "over_seconds")[places].sum())  # of places that go when they are left
    kept = int(_grown(now.pool, before.pool, "blocked_seconds")[places].sum())
    stayed = int(there[: len(stays)][stays].sum())
    if taken == stayed + kept:
        return []
    return [f"places: {taken} s taken, {stayed} s by those who stay and {kept} s by those who keep one"]


def _grown(now: np.ndarray, before: np.ndarray, name: str) -> np.ndarray:
    return now[name] - before[name]


def _name(simulation: Simulation, pool: np.integer) -> str:
    unit, role, kind = simulation.network.units.pool_names[int(pool)]
    return f"{unit}: {role if kind == 'staff' else kind}".strip(": ")
