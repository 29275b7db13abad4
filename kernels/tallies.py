"""Counting what happens, in integers: visits, time waited, clocks.

Areas under a curve (people waiting × seconds) grow when the curve moves, so reading them needs `flush`.
"""

import numpy as np

from kernels import columns as c
from kernels.jit import kernel, leading_zeros, leaf

EXACT_BINS = 64  # seconds 0..63 have a bin each
BINS_AN_OCTAVE = 32
N_BINS = EXACT_BINS + 25 * BINS_AN_OCTAVE  # up to 2**31 seconds
NEVER = np.int64(1) << 40


@leaf
def bin_of(seconds):
    """Return the log-linear histogram bin of a number of seconds (relative width 1/32)."""
    x = np.int64(seconds)
    if x < EXACT_BINS:
        return max(np.int64(0), x)
    octave = 63 - leading_zeros(x)
    return EXACT_BINS + (octave - 6) * BINS_AN_OCTAVE + ((x >> (octave - 5)) & (BINS_AN_OCTAVE - 1))


def bin_edges() -> np.ndarray:
    """Return float64[N_BINS + 1]: the lower edge of each bin in seconds, then the end of the last."""
    exact = np.arange(EXACT_BINS, dtype=np.float64)
    octaves = [(32 + np.arange(BINS_AN_OCTAVE)) * 2.0 ** (k - 5) for k in range(6, 31)]
    return np.concatenate([exact, *octaves, [2.0**31]])


@leaf
def waiting_changes(cell, t, by):
    """Move the number waiting of one cell by `by` at second `t`."""
    cell.waiting_seconds += cell.n_waiting * (t - cell.last_waiting)
    cell.last_waiting = t
    cell.n_waiting += by


@leaf
def present_changes(cell, t, by):
    """Move the number present of one cell by `by` at second `t`."""
    cell.present_seconds += cell.n_present * (t - cell.last_present)
    cell.last_present = t
    cell.n_present += by


@kernel
def pool_changes(m, p, t):
    """Bring one pool's integrals up to second `t` before its numbers change."""
    pool = m.pool[p]
    dt = t - pool.last
    if dt > 0:
        pool.busy_seconds += pool.busy * dt
        pool.on_seconds += pool.on * dt
        if pool.over + pool.blocked + pool.kept != 0:  # mostly none
            pool.over_seconds += pool.over * dt
            pool.blocked_seconds += pool.blocked * dt
            pool.kept_seconds += min(pool.kept, pool.free) * dt
        if m.now[c.HOURLY] != 0:
            at = np.int64(pool.last)
            while at < t:
                hour = at // 3600
                until = min(np.int64(t), 3600 * (hour + 1))
                m.pool_hour[p, (m.now[c.WEEK_OFFSET] + hour) % 168] += (pool.busy + pool.over) * (until - at)
                at = until
        pool.last = t


@kernel
def flush(m, t):
    """Bring every integral up to second `t`, so that tallies can be read."""
    for i in range(m.cell.shape[0]):
        waiting_changes(m.cell[i], t, 0)
        present_changes(m.cell[i], t, 0)
    for i in range(m.pool.shape[0]):
        pool_changes(m, i, t)


@kernel
def flush_series(m, interval):
    """Store every cell's cumulative arrivals and integrals at the end of one interval."""
    for i in range(m.cell.shape[0]):
        m.series[interval, i, 0] = m.cell[i].arrivals
        m.series[interval, i, 1] = m.cell[i].waiting_seconds
        m.series[interval, i, 2] = m.cell[i].present_seconds


@leaf
def note(m, kind, r, t):
    """Mix one happening into the run's digest, and write it down if the run keeps a log.

    The digest is a sum of mixed words: it does not depend on the order within a second.  Joining is not mixed in:
    it is where the last ending led.
    """
    ref = m.referral[r]
    if kind != c.L_JOINED:
        h = (np.uint64(t) << np.uint64(32)) | np.uint64(ref.id1)
        h ^= np.uint64(ref.id0) * np.uint64(0x9E3779B97F4A7C15)
        h += np.uint64((np.int64(ref.state) << 8) | kind) * np.uint64(0xC2B2AE3D27D4EB4F)
        h ^= h >> np.uint64(29)
        h *= np.uint64(0xBF58476D1CE4E5B9)
        h ^= h >> np.uint64(32)
        m.now[c.HASH] = np.int64(np.uint64(m.now[c.HASH]) + h)
    if m.now[c.LOGGING] != 0:
        write_down(m, kind, r, t)


@kernel
def write_down(m, kind, r, t):
    """Add one entry to the event log."""
    ref = m.referral[r]
    entry = m.log[m.now[c.N_LOG]]
    entry.time = t
    entry.id0 = ref.id0
    entry.id1 = ref.id1
    entry.entry = ref.entry
    entry.visit = ref.visit
    entry.state = ref.state
    entry.kind = kind
    m.now[c.N_LOG] += 1


@leaf
def slot_of(m, r, what):
    """Return the slot in which a referral has this: 1 + a clock, or 0 (nothing); −1 if there is none."""
    for i in range(m.running.shape[1]):
        if m.running[r, i].clock == what:
            return i
    return -1


@kernel
def clock_starts(m, r, k, t, cell_place):
    """Start clock `k` of a referral, for which it does not run."""
    i = slot_of(m, r, 0)
    if i < 0:  # cannot happen (`abm/clock_slots.py`): stop the run rather than lose a clock
        m.now[c.FAULT] = -1 - k
        return
    slot = m.running[r, i]
    slot.clock = k + 1
    slot.since = t
    slot.hour = 0
    if t >= m.now[c.MEASURE_FROM]:
        hour = (m.now[c.WEEK_OFFSET] + t // 3600) % 168
        slot.hour = 1 + hour
        at = m.clock[k].cell_base + cell_place
        m.clock_cell[at].started += 1
        m.clock_hour[at, hour, 0] += 1


@kernel
def clock_stops(m, slot, k, t, cell_place):
    """Stop clock `k`, which runs in `slot`, and count it."""
    elapsed = t - slot.since if slot.since >= 0 else -1 - slot.since
    slot.clock = 0
    if slot.hour != 0:
        at = m.clock[k].cell_base + cell_place
        row = m.clock_cell[at]
        row.stopped += 1
        row.seconds += elapsed
        m.clock_histogram[at, bin_of(elapsed)] += 1
        if elapsed <= m.clock[k].within:
            row.within += 1
            m.clock_hour[at, np.int64(slot.hour) - 1, 1] += 1


@leaf
def clock_pauses(slot, t):
    """Pause a clock that runs: what has elapsed is kept."""
    if slot.since >= 0:
        slot.since = -1 - (t - slot.since)


@leaf
def clock_resumes(slot, t):
    """Let a paused clock run on."""
    if slot.since < 0:
        slot.since = t - (-1 - slot.since)


@kernel
def clock_is_lost(m, slot, k, cell_place):
    """Give up a clock: the person left without what would have stopped it."""
    slot.clock = 0
    if slot.hour != 0:
        m.clock_cell[m.clock[k].cell_base + cell_place].lost += 1
