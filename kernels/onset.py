"""When somebody asks: the k-th onset falls where the integrated hazard reaches the k-th keyed unit exponential.

Time is warped by a profile (hour of week × month), integrated to the hour.  All in integers: rates in 2**-46 a second
at profile weight 1, profile integrals in 2**-10 s, exponentials in 2**-24, so products are in 2**-56.
Whoever's hazard never changes has no account: their first onset was found by one scan, and they cost nothing.
An account is one row for one door, made when somebody first comes through it.  Who has been in another risk group
before has a row for each group they left: what is used up at a door is summed over them when it is asked for, so that
a change costs one row and not one a door.  A person's accounts are linked in the order of doors; behind the last
stands −2 − the row of the group they left last, or −1.
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
def rate_of(m, d, group):
    """Return the rate of a risk group at one door, in 2**-46 a second at profile weight 1."""
    door = m.door[d]
    return np.int64(m.rate[door.rate + np.int64(group) * door.stride])


@kernel
def account_at(m, p, d):
    """Return the row of a person's account at one door, −1 if they have none."""
    a = np.int64(m.person[p].account)
    while a >= 0 and m.account_row[a].door < d:
        a = np.int64(m.account_row[a].next)
    return a if a >= 0 and m.account_row[a].door == d else np.int64(-1)


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
    new = m.now[c.N_ACCOUNTS]
    m.now[c.N_ACCOUNTS] = new + 1
    row = m.account_row[new]
    row.door = d
    row.k = 1
    row.since = begun_at(m, p)
    row.next = a
    if before < 0:
        m.person[p].account = new
    else:
        m.account_row[before].next = new
    return new


@kernel
def last_left(m, p):
    """Return the row of the risk group a person left last, −1 if they have left none."""
    a = np.int64(m.person[p].account)
    while a >= 0:
        a = np.int64(m.account_row[a].next)
    return -2 - a


@kernel
def leave_group(m, p, f, t):
    """Note the risk group that a person leaves at second `t`."""
    new = m.now[c.N_LEFT]
    m.now[c.N_LEFT] = new + 1
    row = m.left_group[new]
    row.until = t
    row.family = f
    row.group = m.risk[p, f]
    before = np.int64(-1)
    a = np.int64(m.person[p].account)
    while a >= 0:
        before = a
        a = np.int64(m.account_row[a].next)
    row.next = -2 - a
    if before < 0:
        m.person[p].account = -2 - new
    else:
        m.account_row[before].next = -2 - new


@kernel
def left_since(m, p, d, since):
    """Return when a person's rate at one door may have changed last, at `since` or later."""
    family = m.door[d].family
    g = last_left(m, p)
    while g >= 0 and m.left_group[g].until > since:
        if m.left_group[g].family == family:
            return np.int64(m.left_group[g].until)
        g = np.int64(m.left_group[g].next)
    return since


@kernel
def used_up(m, p, d, since, until):
    """Return the hazard used up at one door from `since` to `until`, in 2**-56: group by group, the last first."""
    family = m.door[d].family
    profile = m.door[d].profile
    rate = rate_of(m, d, m.risk[p, family])
    upper = integral(m, profile, until)
    used = np.int64(0)
    g = last_left(m, p)
    while g >= 0 and m.left_group[g].until > since:
        if m.left_group[g].family == family:
            before = rate_of(m, d, m.left_group[g].group)
            if before != rate:
                at = integral(m, profile, np.int64(m.left_group[g].until))
                used += rate * (upper - at)
                upper = at
                rate = before
        g = np.int64(m.left_group[g].next)
    return used + rate * (upper - integral(m, profile, since))


@kernel
def stamp_of(m, p, d):
    """Return how often a person's next onset at one door has been booked anew: at onsets, and when the rate changed."""
    a = account_at(m, p, d)
    n = np.int64(0) if a < 0 else np.int64(m.account_row[a].k) - 1
    family = m.door[d].family
    rate = rate_of(m, d, m.risk[p, family])
    g = last_left(m, p)
    while g >= 0:
        if m.left_group[g].family == family:
            before = rate_of(m, d, m.left_group[g].group)
            n += before != rate
            rate = before
        g = np.int64(m.left_group[g].next)
    return n


@kernel
def next_onset(m, p, d):
    """Return the second of a person's next onset at one door (FAR if it lies beyond the tables)."""
    family = m.door[d].family
    rate = rate_of(m, d, m.risk[p, family])
    if rate == 0:
        return FAR
    a = account_at(m, p, d)
    k = np.int64(1)
    since = begun_at(m, p)
    if a >= 0:
        k = np.int64(m.account_row[a].k)
        since = np.int64(m.account_row[a].since)
    after = left_since(m, p, d, since)
    profile = m.door[d].profile
    remaining = unit_exponential(m, p, d, k) - used_up(m, p, d, since, after)
    t = second_when(m, profile, integral(m, profile, after) + remaining // rate + 1, after)
    return max(t, after + 1)


@kernel
def book_onset(m, p, d):
    """Put the next onset of a person at one door on the calendar."""
    t = next_onset(m, p, d)
    if t < m.now[c.HORIZON]:
        schedule(m, t, c.E_ONSET, p, d, stamp_of(m, p, d))


@kernel
def onset_is_due(m, p, d, stamp):
    """Say whether an onset event is still meant, or was rebooked since."""
    if m.now[c.LIVES] != 0 and is_elsewhere(m, p):
        return False
    return stamp_of(m, p, d) == stamp


@kernel
def after_onset(m, p, d, t):
    """Use up the exponential that was reached, book the next, and return which onset this was."""
    row = m.account_row[open_account(m, p, d)]
    k = row.k
    row.since = t
    row.k = k + 1
    book_onset(m, p, d)
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
    leave_group(m, p, f, t)
    old = m.risk[p, f]
    m.risk[p, f] = group
    for i in range(m.family[f].doors[0], m.family[f].doors[1]):
        d = np.int64(m.family_door[i])
        if rate_of(m, d, old) != rate_of(m, d, group):
            book_onset(m, p, d)


ANYTHING = np.uint64(0xFFFFFFFFFFFFFFFF)


@kernel
def risks_change(m, people, first, t):
    """Recompute the risk groups of `people` (int64 rows) from entry `first` on; return how far room sufficed."""
    i = first
    while i < people.shape[0]:
        left = m.now[c.N_LEFT] + m.family.shape[0]
        if left >= m.left_group.shape[0] or m.now[c.N_FREE_EVENT] <= m.door.shape[0] + 1:
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
        rate = np.int64(m.rate[at])
        if rate > 0:
            value = quantile(m.exponential, word) << EXPONENTIAL_SHIFT
            t = second_when(m, door.profile, value // rate + 1, 0)
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
