"""When somebody asks: the k-th onset falls where the integrated hazard reaches the k-th keyed unit exponential.

Time is warped by a profile (hour of week × month), integrated to the hour.  All in integers: rates in 2**-46 a second
at profile weight 1, profile integrals in 2**-10 s, exponentials in 2**-24, so products are in 2**-56.
Whoever's hazard never changes has no account: their first onset was found by one scan, and they cost nothing.
An account is one row for one door, made when somebody first comes through it or their rate there changes; a person's
rows are linked in the order of doors.
"""

import numpy as np

from kernels import columns as c
from kernels.attributes import risk_group
from kernels.calendar_queue import schedule
from kernels.draws import block, blocks, quantile
from kernels.jit import kernel, njit
from kernels.lifetime import is_elsewhere, life_changes
from kernels.who import begun_at, id_words

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
def unit_exponential(m, p, d, k):
    """Return the k-th keyed unit exponential of person `p` at door `d`, in 2**-56."""
    id0, id1 = id_words(m, p, np.uint32(0))
    door = m.door[d]
    words = block(m.now[c.SEED], m.now[c.REPLICATION], id0, id1, door.purpose, k)
    return quantile(m.exponential, words[door.slot]) << EXPONENTIAL_SHIFT


@kernel
def rate_of(m, p, d):
    """Return a person's rate at one door, in 2**-46 a second at profile weight 1."""
    door = m.door[d]
    return m.rate[door.rate + np.int64(m.risk[p, door.family]) * door.stride]


@kernel
def account_at(m, p, d):
    """Return the row of a person's account at one door, −1 if they have none."""
    a = np.int64(m.person[p].account)
    while a >= 0 and m.account_row[a].door < d:
        a = np.int64(m.account_row[a].next)
    return a if a >= 0 and m.account_row[a].door == d else np.int64(-1)


@kernel
def new_account(m, p, d, before):
    """Give a person an account at one door, behind row `before` (−1: first): nothing used yet, since the start."""
    a = m.now[c.N_ACCOUNTS]
    m.now[c.N_ACCOUNTS] = a + 1
    row = m.account_row[a]
    if before < 0:
        row.next = m.person[p].account
        m.person[p].account = a
    else:
        row.next = m.account_row[before].next
        m.account_row[before].next = a
    row.door = d
    row.used = 0
    row.since = begun_at(m, p)
    row.k = 1
    row.stamp = 0
    return a


@kernel
def open_account(m, p, d):
    """Return the row of a person's account at one door, made if they have none."""
    before = np.int64(-1)
    a = np.int64(m.person[p].account)
    while a >= 0 and m.account_row[a].door < d:
        before = a
        a = np.int64(m.account_row[a].next)
    if a >= 0 and m.account_row[a].door == d:
        return a
    return new_account(m, p, d, before)


@kernel
def onset_after(m, p, d, k, used, since):
    """Return the second of the k-th onset at one door if `used` was used up by `since` (FAR: beyond the tables)."""
    rate = rate_of(m, p, d)
    if rate <= 0:
        return FAR
    profile = m.door[d].profile
    remaining = unit_exponential(m, p, d, k) - used
    t = second_when(m, profile, integral(m, profile, since) + remaining // rate + 1, since)
    return max(t, since + 1)


@kernel
def next_onset(m, p, d):
    """Return the second of a person's next onset at one door (FAR if it lies beyond the tables)."""
    a = account_at(m, p, d)
    if a < 0:
        return onset_after(m, p, d, np.int64(1), np.int64(0), begun_at(m, p))
    row = m.account_row[a]
    return onset_after(m, p, d, np.int64(row.k), np.int64(row.used), np.int64(row.since))


@kernel
def book_onset(m, p, d, a):
    """Put the next onset of a person at one door on the calendar; `a` is their account there."""
    row = m.account_row[a]
    row.stamp += 1
    t = onset_after(m, p, d, np.int64(row.k), np.int64(row.used), np.int64(row.since))
    if t < m.now[c.HORIZON]:
        schedule(m, t, c.E_ONSET, p, d, row.stamp)


@kernel
def onset_is_due(m, p, d, stamp):
    """Say whether an onset event is still meant, or was rebooked since."""
    if m.now[c.LIVES] != 0 and is_elsewhere(m, p):
        return False
    a = account_at(m, p, d)
    if a < 0:
        return stamp == 0
    return m.account_row[a].stamp == stamp


@kernel
def after_onset(m, p, d, t):
    """Use up the exponential that was reached, book the next, and return which onset this was."""
    a = open_account(m, p, d)
    row = m.account_row[a]
    k = row.k
    row.used = 0
    row.since = t
    row.k = k + 1
    book_onset(m, p, d, a)
    return k


@kernel
def risk_changes(m, p, t, changed):
    """Find a person's risk groups anew; where one changed, what is used up stays used up and the rest is rebooked.

    `changed` uint64 is the bit set of the attribute codes that may have changed: other families are left alone.
    """
    if m.now[c.LIVES] != 0:
        if is_elsewhere(m, p):
            return
        life_changes(m, p, t)
    for f in range(m.family.shape[0]):
        if (m.family[f].depends & changed) != np.uint64(0):
            group = risk_group(m, p, f)
            if group != m.risk[p, f]:
                group_changes(m, p, f, group, t)


@kernel
def group_changes(m, p, f, group, t):
    """Put a person into another risk group of one family."""
    family = m.family[f]
    first = np.int64(family.doors[0])
    n_doors = np.int64(family.doors[1]) - first
    old_rates = family.rate + np.int64(m.risk[p, f]) * n_doors
    new_rates = family.rate + np.int64(group) * n_doors
    m.risk[p, f] = group
    before = np.int64(-1)
    a = np.int64(m.person[p].account)
    for i in range(n_doors):
        old = m.rate[old_rates + i]
        if old == m.rate[new_rates + i]:
            continue
        d = np.int64(m.family_door[first + i])
        while a >= 0 and m.account_row[a].door < d:
            before = a
            a = np.int64(m.account_row[a].next)
        if a < 0 or m.account_row[a].door != d:
            a = new_account(m, p, d, before)
        row = m.account_row[a]
        profile = m.door[d].profile
        row.used += old * (integral(m, profile, t) - integral(m, profile, row.since))
        row.since = t
        book_onset(m, p, d, a)


ANYTHING = np.uint64(0xFFFFFFFFFFFFFFFF)


@kernel
def risks_change(m, people, first, t):
    """Recompute the risk groups of `people` (int64 rows) from entry `first` on; return how far room sufficed."""
    n_doors = m.door.shape[0]
    i = first
    while i < people.shape[0]:
        if m.now[c.N_ACCOUNTS] + n_doors >= m.account_row.shape[0] or m.now[c.N_FREE_EVENT] <= n_doors + 1:
            return i
        risk_changes(m, people[i], t, ANYTHING)
        i += 1
    return i


CHUNK = 512  # people whose blocks are computed in one plain loop, which the compiler makes wide
LOOKS = 64  # as many as a mask has bits


@kernel
def look(m, s, first, here, words, lowest, mask, bit):
    """Set `bit` in the mask of everyone who may ask at a door of look `s`: a quick test that misses nobody.

    A person's lowest word at these doors is held against the highest that leads to an onset within the horizon.
    """
    one = m.scan[s]
    for i in range(one.doors[0], one.doors[1]):
        row = 4 * one.block + m.door[m.scan_door[i]].slot
        if i == one.doors[0]:
            for at in range(here):
                lowest[at] = words[row, at]
        else:
            for at in range(here):
                lowest[at] = min(lowest[at], words[row, at])
    family = one.family
    most = one.most
    for at in range(here):
        may = lowest[at] <= m.most[most + np.int64(m.risk[first + at, family])]
        mask[at] |= np.uint64(may) << bit


@kernel
def first_onsets(m, n_residents, found, times, words, id0, id1, lowest, mask):
    """Find everybody's first onset at every door within the horizon: one scan, one block a person and pathway.

    Writes (person << 8 | door) to `found` and the second to `times`; returns how many there are
    (if more than fit, the caller scans again with more room).  `words` uint32[4 × block, CHUNK], `id0`, `id1` and
    `lowest` uint32[CHUNK] and `mask` uint64[CHUNK] are overwritten.
    """
    n = 0
    n_looks = m.scan.shape[0]
    for first in range(0, n_residents, CHUNK):
        here = min(CHUNK, n_residents - first)
        for i in range(here):
            id0[i] = m.area_code[m.area[first + i]]
            id1[i] = m.ordinal[first + i]
        for looks in range(0, n_looks, LOOKS):
            last = min(looks + LOOKS, n_looks)
            for i in range(here):
                mask[i] = np.uint64(0)
            for s in range(looks, last):
                block_of = m.scan[s].block
                if s == looks or block_of != m.scan[s - 1].block:
                    purpose = m.door[m.scan_door[m.scan[s].doors[0]]].purpose
                    at = 4 * block_of
                    blocks(m.now[c.SEED], m.now[c.REPLICATION], id0, id1, purpose, 1, here, words[at : at + 4])
                look(m, s, first, here, words, lowest, mask, np.uint64(s - looks))
            for i in range(here):
                rest = mask[i]
                s = looks
                while rest != np.uint64(0):
                    if (rest & np.uint64(1)) != np.uint64(0):
                        n = onsets_of_look(m, s, first + i, i, words, found, times, n)
                    rest >>= np.uint64(1)
                    s += 1
    return n


@kernel
def onsets_of_look(m, s, p, i, words, found, times, n):
    """Note a person's first onsets at the doors of one look; return how many have been found so far."""
    one = m.scan[s]
    for j in range(one.doors[0], one.doors[1]):
        d = m.scan_door[j]
        door = m.door[d]
        word = words[4 * one.block + door.slot, i]
        at = door.rate + np.int64(m.risk[p, door.family]) * door.stride
        if np.int64(word) < m.ceiling[at]:
            value = quantile(m.exponential, word) << EXPONENTIAL_SHIFT
            t = second_when(m, door.profile, value // m.rate[at] + 1, 0)
            if t < m.now[c.HORIZON]:
                if n < found.shape[0]:
                    found[n] = (np.int64(p) << 8) | d
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
    """Return int64[risk, door of `door`]: the least word whose exponential lies beyond the horizon (2**32 at most)."""
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
