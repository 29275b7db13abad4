"""How far from the floor: what an event costs beside the cache lines it must touch.

The rows of an event lie anywhere in their tables.  The lines it touches come in trips: the calendar's row must be read
before it is known whose referral it is, and the referral before it is known which of the person's rows, clocks and
neighbours are needed (where there are any); the lines of one trip overlap.  So the floor is the trips, each as long as
one dependent read of tables of that size, and one block of luck.  A read is measured by a chase: a chain of positions
over a table, each of which is known only when the one before has been read.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from abm.network import Simulation
from experiments.bench import areas, daily_chain, three_stations
from experiments.bench.page import Table, cpu_seconds
from kernels import columns as c
from kernels import draws
from kernels.jit import njit
from kernels.model import Model

DAY = 86_400
LINE = 64
"""Bytes of a cache line."""
SIZES = {"32 KB": 32 << 10, "1 MB": 1 << 20, "8 MB": 8 << 20, "64 MB": 64 << 20, "512 MB": 512 << 20}
COLUMNS = (
    "what runs", "events", "ns an event", "rows in use, MB", "lines an event", "trips", "a read of such rows, ns",
    "floor, ns", "against the floor",
)  # fmt: skip


@njit
def chase(after, n):
    """Follow a chain of positions int64[line, 8] for `n` steps and return where it ends."""
    at = 0
    for _ in range(n):
        at = after[at, 0]
    return at


@njit
def chained_blocks(n):
    """Draw `n` blocks of luck, each keyed by the one before, and return the last word."""
    word = np.uint32(0)
    for i in range(n):
        word, _, _, _ = draws.philox(np.uint32(1), np.uint32(0), word, np.uint32(i), np.uint32(7), np.uint32(1))
    return word


def read_ns(size: int, steps: int = 2_000_000, seed: int = 1) -> float:
    """Return the nanoseconds of one dependent read in a table of `size` bytes, in random order of its lines."""
    lines = max(size // LINE, 2)
    order = np.random.default_rng(seed).permutation(lines)
    after = np.zeros((lines, LINE // 8), np.int64)
    after[order, 0] = np.roll(order, -1)
    chase(after, min(steps, 2 * lines))  # compiles, and fills the caches
    return min(1e9 * cpu_seconds(lambda: chase(after, steps)) / steps for _ in range(3))


def block_ns(n: int = 1_000_000) -> float:
    """Return the nanoseconds of one block of luck."""
    chained_blocks(1)
    return min(1e9 * cpu_seconds(lambda: chained_blocks(n)) / n for _ in range(3))


@dataclass(frozen=True)
class Use:
    """What a run had in use at its end, and the lines an event touches of it, by the design of the tables."""

    n_bytes: int
    lines: float


def lines_of(itemsize: int) -> float:
    """Return on how many lines a packed row of so many bytes lies, on average over where it begins."""
    return 1 + (itemsize - 4) / LINE if itemsize else 0.0


def use_of(m: Model) -> Use:
    """Count rows in use and the lines of one event.

    Every event touches its own row (the next one booked takes the row that was just given back), the head of the
    bucket it goes to, its referral, the referral's visits, clocks, and held staff, and a neighbour on a list.  States,
    routes, pools and tallies are shared by all events and lie near the core.  Of residents, `person` is touched by
    every event, and the other columns and the account when a referral opens or closes, at a third of events.
    """
    now = m.now
    referrals = m.referral.shape[0] - int(now[c.N_FREE_REFERRAL])
    events = m.event.shape[0] - int(now[c.N_FREE_EVENT])
    of_referral = [table.itemsize * table.shape[1] for table in (m.visits, m.running)]
    of_referral += [table.itemsize * table.shape[1] for table in (m.held_post, m.held_shift)]
    n_bytes = events * c.EVENT.itemsize + referrals * (c.REFERRAL.itemsize + sum(of_referral))
    lines = lines_of(c.EVENT.itemsize) + 1 + 2 * lines_of(c.REFERRAL.itemsize) + sum(map(lines_of, of_referral))
    if m.sizes[c.N_RESIDENTS]:
        account = c.ACCOUNT.itemsize
        columns = (m.person, m.risk, m.past_use, m.reached)
        n_bytes += sum(column.nbytes for column in columns) + int(now[c.N_ACCOUNTS]) * account
        n_bytes += int(now[c.N_LEFT]) * c.LEFT.itemsize
        lines += 1 + (len(columns) - 1 + lines_of(account)) / 3
    return Use(n_bytes, lines)


def row(what: str, m: Model, trips: int, events: int, seconds: float, block: float) -> tuple[str, ...]:
    """Return the row of one finished run whose events take so many trips."""
    use = use_of(m)
    read = read_ns(use.n_bytes)
    floor = trips * read + block
    each = 1e9 * seconds / events
    return (
        what, f"{events:,}", f"{each:.0f}", f"{use.n_bytes / 1e6:.2f}", f"{use.lines:.0f}", f"{trips}", f"{read:.1f}",
        f"{floor:.0f}", f"{each / floor:.1f} ×",
    )  # fmt: skip


def _timed(simulation: Simulation, days: int) -> tuple[int, float]:
    before = int(simulation.m.now[c.N_EVENTS])
    seconds = cpu_seconds(lambda: simulation.advance(days * DAY))
    return int(simulation.m.now[c.N_EVENTS]) - before, seconds


def table(rounds: int = 2) -> Table:
    """Return one row a run, and the reads and the block in the note."""
    block = block_ns()
    daily_chain.simulation_of(1000, 2).advance(2 * DAY)  # compiles
    rows = []
    stations = [three_stations.simulation_of(2000, number + 1) for number in range(rounds)]
    events, seconds = min((_timed(one, 2000) for one in stations), key=lambda found: found[1] / found[0])
    rows.append(row("three stations", stations[0].m, 3, events, seconds, block))
    chain = daily_chain.simulation_of(1_000_000, 365)
    rows.append(row("daily chain of a million", chain.m, 2, *_timed(chain, 365), block))
    setting = areas.compile_everything()
    year = areas.year(setting, rounds=rounds)
    model = areas.CareSystem(setting, warm_up=0, days=areas.DAYS).run()
    rows.append(row("a year of the area", model.m, 3, year.events, year.seconds, block))
    model.let_go()
    reads = ", ".join(f"{read_ns(size):.1f} ns of {name}" for name, size in SIZES.items())
    return Table(
        "Floor: what an event must cost",
        COLUMNS,
        tuple(rows),
        f"A dependent read: {reads}. A block of luck: {block:.1f} ns. Floor: a read each trip, and a block.",
    )
