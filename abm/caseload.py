"""People who are in the middle of a long stay when a run begins: residents, drawn by how likely they are to ask.

A caseload of years cannot fill in a warm-up of months. A state with `at_start_england` therefore begins with people:
of England's number the part that a system's residents have in the pathway's external referrals.  Who they are follows
from the same hazards: systematic sampling along the residents with chances proportional to their rates through the
pathway's doors, and one keyed uniform a state and system; who is in a hospital bed is not drawn for another.  They
have before them what is left of a stay met under way, and their recurring contacts fall due evenly over the interval,
as they would after years.  Where the interval changes with the time since admission they were admitted before the
run, as long ago as stays met under way were.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache

import numpy as np

from abm import tags
from abm.demand import HOURS_OF_YEAR
from abm.network import CHUNK, RATE, Simulation
from kernels import columns as c
from kernels import entry
from kernels.draws import purpose
from pathways.durations import HOUR
from pathways.laws import Law
from pathways.residual import upper_quantile
from pathways.states import StateSpec

SLICES = 28  # first contacts fall due at so many moments of their interval: daily, where it is four weeks
APART = 11  # slices are admitted in another order than contacts fall due: the two have nothing to do with each other


def begin(simulation: Simulation, england: Mapping[str, float]) -> None:
    """Let residents be in the states that declare `at_start_england`; nobody of them counts as an arrival.

    `england`: external referrals a year of each pathway; the residents' part of them is their part of the caseload.
    """
    m, flat = simulation.m, simulation.network.flat
    measured_from = int(m.now[c.MEASURE_FROM])
    m.now[c.MEASURE_FROM] = max(measured_from, 1)  # they joined before the run
    tag_of = tags.of_caseloads(simulation.network.specs)
    home = m.area_system[m.area[: simulation.network.n_residents]]
    residents = [np.flatnonzero(home == system) for system in range(len(simulation.network.places.systems))]
    in_bed = np.zeros(simulation.network.n_residents, bool)
    for pathway, spec in simulation.network.specs.items():
        long = {name: state for name, state in spec.states.items() if state.at_start_england}
        if not long or spec.demand is None:
            continue
        rate = _rates(simulation, pathway)
        rates = [rate[rows] for rows in residents]
        for name, state in long.items():
            at = flat.state(f"{pathway}/{name}")
            for system, own in enumerate(rates):
                n = round(state.at_start_england * own.sum() / max(england[pathway], 1e-9))
                key = purpose(f"{pathway}/{name}/start")
                word = entry.block(m.now[c.SEED], m.now[c.REPLICATION], system, 0, key, 0)[0]
                ward = bool(m.state["ward"][at])
                free = np.where(in_bed[residents[system]], 0.0, own) if ward else own
                people = residents[system][drawn(free, n, int(word) / 2**32)]
                in_bed[people] |= ward
                for piece, ago in enumerate(admitted_ago(state)):
                    with _under_way(simulation, at, (piece + 1) / SLICES, ago):
                        _join(simulation, at, people[piece::SLICES], system, tag_of[f"{pathway}/{name}"], ago)
    m.now[c.MEASURE_FROM] = measured_from


def admitted_ago(state: StateSpec) -> list[int]:
    """Return how long before the run (s) each slice was admitted: 0 where contacts have one interval for ever.

    Time since admission of stays met under way has the law of what is left of them; the slices stand for its
    equal parts.
    """
    if state.stay is None or state.contacts is None or len(state.contacts.every) == 1:
        return [0] * SLICES
    ages = _under_way_for(state.stay)
    return [ages[piece * APART % SLICES] for piece in range(SLICES)]


@lru_cache(maxsize=256)
def _under_way_for(stay: Law) -> tuple[int, ...]:
    """Return how long stays met under way have lasted (s), one for each of their equal parts; found once a process."""
    return tuple(int(age) for age in upper_quantile(stay, 1.0 - (np.arange(SLICES) + 0.5) / SLICES))


def drawn(rate: np.ndarray, n: int, u: float) -> np.ndarray:
    """Return at most `n` rows, chances proportional to `rate` and none above 1; `u` in [0, 1) is all the luck.

    Fewer than `n` are drawn only if fewer have a rate at all.
    """
    n = min(n, int((rate > 0).sum()))
    if n == 0:
        return np.zeros(0, np.int64)
    chance = np.zeros(rate.size)
    sure = np.zeros(rate.size, bool)
    while True:  # whose chance would be above 1 is drawn for certain; the rest is shared out again
        rest = np.where(sure, 0.0, rate)
        chance = np.where(sure, 1.0, rest * ((n - sure.sum()) / max(rest.sum(), 1e-300)))
        over = (chance > 1.0) & ~sure
        if not over.any():
            break
        sure |= over
    up_to = np.cumsum(chance)
    return np.unique(np.minimum(np.searchsorted(up_to, np.arange(n) + u, side="right"), np.flatnonzero(chance)[-1]))


def _rates(simulation: Simulation, pathway: str) -> np.ndarray:
    """Return external referrals a year of each resident through the pathway's doors, float64[resident]."""
    m = simulation.m
    number = simulation.network.flat.pathways.index(pathway)
    doors = [d for d in range(m.door.shape[0]) if m.door["pathway"][d] == number]
    total = np.zeros(simulation.network.n_residents)
    for d in doors:
        door = m.door[d]
        group = m.risk[: total.size, door["family"]].astype(np.int64)
        total += m.rate[door["rate"] + group * door["stride"]]
    return total / RATE * (HOURS_OF_YEAR * HOUR)


@contextmanager
def _under_way(simulation: Simulation, state: int, share: float, ago: int) -> Iterator[None]:
    """While it lasts, entering the state begins a residual stay, with a first contact after `share` of its interval.

    The interval is the one `ago` seconds after admission.
    """
    row, phase = simulation.m.state[state], simulation.m.phase
    whole, first = int(row["minutes"]), int(row["phases"][0])
    interval = int(phase["every"][first])
    simulation.m.state["minutes"][state] = simulation.network.flat.under_way[state]
    if row["child"] >= 0:
        last = int(row["phases"][1]) - 1
        at = next((i for i in range(first, last) if ago < phase["until"][i]), last)
        phase["every"][first] = max(1, round(int(phase["every"][at]) * share))
    try:
        yield
    finally:
        simulation.m.state["minutes"][state] = whole
        phase["every"][first] = interval


def _join(simulation: Simulation, state: int, people: np.ndarray, system: int, tag: int, ago: int) -> None:
    """Open a referral of each resident and let them enter the state at second 0, admitted `ago` seconds before."""
    mark = np.uint32(tag << 20)
    for first in range(0, people.size, CHUNK):
        some = people[first : first + CHUNK]
        while min(simulation.m.now[c.N_FREE_REFERRAL], simulation.m.now[c.N_FREE_EVENT] // 4) < 2 * CHUNK:
            simulation.make_room()
        m = simulation.m
        if m.now[c.LOGGING]:
            simulation.drain_log()
        rows = _open(simulation, some, m.area_code[m.area[some]].astype(np.uint32) | mark, system)
        m.joining[: rows.size], m.joining_to[: rows.size] = rows, state
        m.now[c.N_JOINING] = rows.size
        _settle(simulation)
        if ago:
            began = simulation.m.referral["began"]
            began[rows[began[rows] == 0]] = -ago


def _settle(simulation: Simulation) -> None:
    """Let who joins enter at second 0: nothing else happens, not even in that second."""
    simulation.m.now[c.RESUME_AT] = 0
    simulation.advance(0)


def _open(simulation: Simulation, people: np.ndarray, id0: np.ndarray, system: int) -> np.ndarray:
    """Take referral rows off the free list for residents, blank as `kernels.referrals.new_row` leaves them."""
    m = simulation.m
    following, row = m.referral["next"], int(m.now[c.FREE_REFERRAL])
    rows = np.empty(people.size, np.int64)
    for i in range(people.size):
        rows[i], row = row, int(following[row])
    m.now[c.FREE_REFERRAL] = row
    m.now[c.N_FREE_REFERRAL] -= people.size
    blank = m.referral[rows]
    for name in ("next", "prev", "link", "kept_post", "clinician", "home_cell", "began"):
        blank[name] = -1
    for name in ("flags", "n_slots", "n_dna", "n_missed", "n_sessions", "n_booked", "tie", "site", "opened"):
        blank[name] = 0
    blank["id0"], blank["id1"] = id0, m.ordinal[people]
    blank["person"], blank["entry"], blank["system"] = people, 1, system
    blank["sibling"] = m.first_referral[people]
    m.referral[rows] = blank
    m.visits[rows] = 0
    m.running["clock"][rows] = 0
    m.first_referral[people] = rows
    m.n_open[people] += 1
    return rows
