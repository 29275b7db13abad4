"""When somebody asks: the k-th onset falls where the integrated hazard reaches the k-th keyed unit exponential.

Time is warped by a profile (hour of week × month), integrated to the hour.  All in integers: rates in 2**-46 a second
at profile weight 1, profile integrals in 2**-10 s, exponentials in 2**-24, so products are in 2**-56.
Whoever's hazard never changes has no account: their first onset was found by one scan, and they cost nothing.
"""

import numpy as np

from kernels import columns as c
from kernels.attributes import risk_group
from kernels.calendar_queue import schedule
from kernels.draws import block, blocks, quantile
from kernels.jit import kernel, njit

EXPONENTIAL_SHIFT = np.int64(32)  # from 2**-24 to 2**-56
FAR = np.int64(2**31 - 2)


@kernel
def integral(m, profile, t):
    """Return the profile integrated from 0 to second `t`, in 2**-10 s."""
    hour = t // 3600
    return m.integral[profile, hour] + m.weight[profile, hour] * (t - 3600 * hour)


@kernel
def second_when(m, profile, target, after):
    """Return the first second at which the profile's integral reaches `target` (FAR if beyond the tables).

    The answer is not before second `after`: the search gallops from there, for most waits are short.
    """
    table = m.integral[profile]
    n = table.shape[0] - 1
    if target >= table[n]:
        return FAR
    low = min(np.int64(after) // 3600, n - 1)
    stride = np.int64(1)
    while low + stride < n and table[low + stride] <= target:
        low += stride
        stride *= 2
    high = min(low + stride, n)
    while high - low > 1:
        middle = (low + high) >> 1
        if table[middle] <= target:
            low = middle
        else:
            high = middle
    weight = max(m.weight[profile, low], np.int64(1))
    return 3600 * low + (target - table[low] + weight - 1) // weight


@kernel
def id_words(m, p, tag):
    """Return the two id words of a resident; the tag says by which door or opening they came."""
    return np.uint32(m.area_code[m.area[p]]) | np.uint32(tag << np.uint32(20)), np.uint32(m.ordinal[p])


@kernel
def unit_exponential(m, p, d, k):
    """Return the k-th keyed unit exponential of person `p` at door `d`, in 2**-56."""
    id0, id1 = id_words(m, p, np.uint32(0))
    door = m.door[d]
    words = block(m.now[c.SEED], m.now[c.REPLICATION], id0, id1, door.purpose, k)
    return quantile(m.exponential, words[door.slot]) << EXPONENTIAL_SHIFT


@kernel
def open_account(m, p):
    """Give a person an account at every door: nothing used yet, since the start."""
    a = m.account[p]
    if a < 0:
        a = m.now[c.N_ACCOUNTS]
        m.now[c.N_ACCOUNTS] = a + 1
        m.account[p] = a
        m.account_person[a] = p
        for d in range(m.door.shape[0]):
            row = m.account_row[a, d]
            row.used = 0
            row.since = 0
            row.k = 1
            row.stamp = 0
    return a


@kernel
def next_onset(m, p, d):
    """Return the second of a person's next onset at one door (FAR if it lies beyond the tables)."""
    rate = m.rate[m.risk[p], d]
    if rate <= 0:
        return FAR
    k = np.int64(1)
    used = np.int64(0)
    since = np.int64(0)
    a = m.account[p]
    if a >= 0:
        row = m.account_row[a, d]
        k = np.int64(row.k)
        used = np.int64(row.used)
        since = np.int64(row.since)
    profile = m.door[d].profile
    remaining = unit_exponential(m, p, d, k) - used
    t = second_when(m, profile, integral(m, profile, since) + remaining // rate + 1, since)
    return max(t, since + 1)


@kernel
def book_onset(m, p, d):
    """Put the next onset of an account holder at one door on the calendar."""
    row = m.account_row[m.account[p], d]
    row.stamp += 1
    t = next_onset(m, p, d)
    if t < m.now[c.HORIZON]:
        schedule(m, t, c.E_ONSET, p, d, row.stamp)


@kernel
def onset_is_due(m, p, d, stamp):
    """Say whether an onset event is still meant, or was rebooked since."""
    a = m.account[p]
    if a < 0:
        return stamp == 0
    return m.account_row[a, d].stamp == stamp


@kernel
def after_onset(m, p, d, t):
    """Use up the exponential that was reached, book the next, and return which onset this was."""
    a = open_account(m, p)
    row = m.account_row[a, d]
    k = row.k
    row.used = 0
    row.since = t
    row.k = k + 1
    book_onset(m, p, d)
    return k


@kernel
def risk_changes(m, p, t):
    """Recompute a person's risk group; if it changed, what is used up stays used up and the rest is rebooked."""
    group = risk_group(m, p)
    if group == m.risk[p]:
        return
    a = open_account(m, p)
    old = m.risk[p]
    m.risk[p] = group
    for d in range(m.door.shape[0]):
        if m.rate[old, d] == m.rate[group, d]:
            continue
        row = m.account_row[a, d]
        profile = m.door[d].profile
        passed = integral(m, profile, t) - integral(m, profile, row.since)
        row.used += m.rate[old, d] * passed
        row.since = t
        book_onset(m, p, d)


@kernel
def risks_change(m, people, first, t):
    """Recompute the risk groups of `people` (int64 rows) from entry `first` on; return how far room sufficed."""
    n_doors = m.door.shape[0]
    i = first
    while i < people.shape[0]:
        if m.now[c.N_ACCOUNTS] + 1 >= m.account_row.shape[0] or m.now[c.N_FREE_EVENT] <= n_doors + 1:
            return i
        risk_changes(m, people[i], t)
        i += 1
    return i


CHUNK = 1024  # people whose blocks are computed in one plain loop, which the compiler makes wide


@kernel
def first_onsets(m, n_residents, found, times, column, words, id0, id1):
    """Find everybody's first onset at every door within the horizon: one scan, one block a person and pathway.

    Writes (person << 8 | door) to `found` and the second to `times`; returns how many there are
    (if more than fit, the caller scans again with more room).  `column` int64[door], `words` uint32[4 × door, CHUNK],
    `id0` and `id1` uint32[CHUNK] are overwritten.
    """
    n = 0
    n_doors = m.door.shape[0]
    n_blocks = 0
    for d in range(n_doors):  # doors of one pathway share a block
        if d == 0 or m.door[d].purpose != m.door[d - 1].purpose:
            n_blocks += 1
        column[d] = 4 * (n_blocks - 1) + m.door[d].slot
    for first in range(0, n_residents, CHUNK):
        here = min(CHUNK, n_residents - first)
        for i in range(here):
            id0[i] = m.area_code[m.area[first + i]]
            id1[i] = m.ordinal[first + i]
        for d in range(n_doors):
            if d == 0 or m.door[d].purpose != m.door[d - 1].purpose:
                at = 4 * (column[d] // 4)
                blocks(m.now[c.SEED], m.now[c.REPLICATION], id0, id1, m.door[d].purpose, 1, here, words[at : at + 4])
        for i in range(here):
            risk = m.risk[first + i]
            for d in range(n_doors):
                word = words[column[d], i]
                if np.int64(word) < m.ceiling[risk, d]:
                    value = quantile(m.exponential, word) << EXPONENTIAL_SHIFT
                    t = second_when(m, m.door[d].profile, value // m.rate[risk, d] + 1, 0)
                    if t < m.now[c.HORIZON]:
                        if n < found.shape[0]:
                            found[n] = (np.int64(first + i) << 8) | d
                            times[n] = t
                        n += 1
    return n


@kernel
def book_first_onsets(m, found, times, n):
    """Put first onsets on the calendar (they carry stamp 0: valid until an account rebooks them)."""
    for i in range(n):
        schedule(m, times[i], c.E_ONSET, found[i] >> 8, found[i] & 255, 0)


@njit
def ceilings(rate, door, integral_at_horizon, exponential):
    """Return int64[risk, door]: the least word whose exponential lies beyond the horizon (2**32 at most)."""
    out = np.zeros(rate.shape, dtype=np.int64)
    for g in range(rate.shape[0]):
        for d in range(rate.shape[1]):
            total = rate[g, d] * integral_at_horizon[door[d].profile]
            low = np.int64(0)
            high = np.int64(1) << 32
            while low < high:
                middle = (low + high) >> 1
                if quantile(exponential, np.uint32(middle)) << EXPONENTIAL_SHIFT < total:
                    low = middle + 1
                else:
                    high = middle
            out[g, d] = low
    return out
