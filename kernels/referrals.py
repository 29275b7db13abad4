"""Opening and closing referrals, and what happens to a person on the way."""

import numpy as np

from kernels import columns as c
from kernels import tallies
from kernels.attributes import NAMES, change_score, of_person
from kernels.draws import block, quantile
from kernels.jit import kernel, leaf
from kernels.lifetime import FAR, is_treated
from kernels.onset import risk_changes
from kernels.places import offset

PAST_USE_CHANGED = np.uint64(1 << NAMES["past_use"])


@kernel
def new_row(m):
    """Take a referral row off the free list and make it blank (its stamp runs on, so old events stay void)."""
    r = m.now[c.FREE_REFERRAL]
    ref = m.referral[r]
    m.now[c.FREE_REFERRAL] = ref.next
    m.now[c.N_FREE_REFERRAL] -= 1
    ref.next = -1
    ref.prev = -1
    ref.sibling = -1
    ref.state = -1  # nowhere yet
    ref.link = -1
    ref.kept_post = -1
    ref.clinician = -1
    ref.home_cell = -1
    ref.flags = 0
    ref.n_slots = 0
    ref.n_dna = 0
    ref.n_missed = 0
    ref.n_sessions = 0
    ref.n_booked = 0
    ref.began = -1
    ref.tie = 0
    for i in range(m.visits.shape[1]):
        m.visits[r, i] = 0
    for i in range(m.running.shape[1]):
        m.running[r, i].clock = 0
    return r


@leaf
def free_row(m, r):
    """Return a referral row to the free list."""
    ref = m.referral[r]
    ref.stamp += 1
    ref.flags = 0
    ref.next = m.now[c.FREE_REFERRAL]
    m.now[c.FREE_REFERRAL] = r
    m.now[c.N_FREE_REFERRAL] += 1


@leaf
def open_referral(m, p, id0, id1, entry, system, site, t):
    """Open a referral of a person and return its row."""
    r = new_row(m)
    ref = m.referral[r]
    ref.id0 = id0
    ref.id1 = id1
    ref.person = p
    ref.entry = entry
    ref.system = system
    ref.site = site
    ref.opened = t
    if p < m.sizes[c.N_RESIDENTS]:
        ref.sibling = m.person[p].first_referral
        m.person[p].first_referral = r
        m.person[p].n_open += 1
    return r


@kernel
def was_there_before(m, ref):
    """Say whether a referral is of the nameless people who are there when the run starts.

    A resident's id may begin as theirs does (a tag of 0xE00 to 0xEFF), and so may a guest's, who has a home.
    """
    nameless = ref.person >= m.sizes[c.N_RESIDENTS] and ref.home_cell < 0
    return nameless and ref.id0 >= c.AT_START and ref.id0 < c.STREAM_ID


@leaf
def will_enter(m, r, state):
    """Queue a referral to enter a state in this second."""
    n = m.now[c.N_JOINING]
    m.joining[n] = r
    m.joining_to[n] = state
    m.now[c.N_JOINING] = n + 1


@leaf
def close_referral(m, r, t):
    """Close a referral: clocks that still run are lost, the person is elsewhere no more."""
    ref = m.referral[r]
    for i in range(m.running.shape[1]):
        k = np.int64(m.running[r, i].clock) - 1
        if k >= 0:
            tallies.clock_is_lost(m, m.running[r, i], k, offset(m, ref, m.clock[k].scope))
    p = ref.person
    if p < m.sizes[c.N_RESIDENTS]:
        if m.person[p].first_referral == r:
            m.person[p].first_referral = ref.sibling
        else:
            at = m.person[p].first_referral
            while m.referral[at].sibling != r:
                at = m.referral[at].sibling
            m.referral[at].sibling = ref.sibling
        m.person[p].n_open -= 1
    free_row(m, r)


@kernel
def open_others(m, r, t):
    """Open the further referrals a state asks for, for residents only.

    Where only a share is opened the visit's first word decides: ends and decisions use it for nothing else.
    """
    ref = m.referral[r]
    p = ref.person
    row = m.state[ref.state]
    if row.opens[1] == row.opens[0] or p >= m.sizes[c.N_RESIDENTS]:
        return
    for i in range(row.opens[0], row.opens[1]):
        opening = m.opening[i]
        word = np.int64(ref.minutes)
        if word < opening.first or word >= opening.stop:
            continue
        m.person[p].entries += 1
        id0 = (ref.id0 & np.uint32(0xFFFFF)) | (opening.tag << np.uint32(20))
        other = open_referral(m, p, id0, ref.id1, m.person[p].entries, ref.system, ref.site, t)
        will_enter(m, other, opening.state)


@leaf
def is_met(m, r, t):
    """Record that a person was seen or admitted: clocks, marks, people reached, further referrals."""
    ref = m.referral[r]
    row = m.state[ref.state]
    for i in range(row.seen[0], row.seen[1]):
        operate(m, r, m.clock_op[i].op, m.clock_op[i].clock, t)
    p = ref.person
    if p < m.sizes[c.N_RESIDENTS]:
        bit = np.uint64(1) << np.uint64(row.pathway)
        if t >= m.now[c.MEASURE_FROM] and (m.reached[p] & bit) == np.uint64(0):
            m.reached[p] |= bit
            m.reached_count[row.pathway, ref.system] += 1
        if row.marks != 0 and (m.past_use[p] & row.marks) != row.marks:
            m.past_use[p] |= row.marks
            risk_changes(m, p, t, PAST_USE_CHANGED)
        if m.now[c.LIVES] != 0 and (row.kind == c.PLACE or row.n_sessions >= 0):
            is_treated(m, p, t)
        open_others(m, r, t)


@kernel
def operate(m, r, op, k, t):
    """Carry out one clock operation: one that starts a clock that runs, or stops one that does not, does nothing."""
    if op == c.START_ARRIVAL and m.referral[r].opened != t:
        return
    i = tallies.slot_of(m, r, k + 1)
    if op == c.START or op == c.START_ARRIVAL:
        if i < 0:
            tallies.clock_starts(m, r, k, t, offset(m, m.referral[r], m.clock[k].scope))
        return
    if i < 0:
        return
    slot = m.running[r, i]
    if op == c.STOP:
        tallies.clock_stops(m, slot, k, t, offset(m, m.referral[r], m.clock[k].scope))
    elif op == c.PAUSE:
        tallies.clock_pauses(slot, t)
    elif op == c.RESUME:
        tallies.clock_resumes(slot, t)
    else:
        tallies.clock_is_lost(m, slot, k, offset(m, m.referral[r], m.clock[k].scope))


@kernel
def pace_of(m, r):
    """Return how fast somebody gets worse while they wait here, 2**-32 points a second.

    The same for all, or, where the state says so, the mean times a keyed unit exponential of this visit.
    """
    ref = m.referral[r]
    row = m.state[ref.state]
    if row.own_pace == 0:
        return np.int64(row.worsening)
    number = (np.uint32(ref.entry) << np.uint32(16)) | np.uint32(ref.visit)
    words = block(m.now[c.SEED], m.now[c.REPLICATION], ref.id0, ref.id1, row.purpose_pace, number)
    return (quantile(m.exponential, words[0]) * row.worsening + (1 << 23)) >> 24


@kernel
def deteriorates_at(m, r, t):
    """Return the second at which somebody who waits since `t` goes beyond their state's limit.

    FAR: not in this run; `t` itself: they are beyond it already, by something other than this wait.  Whole
    points and rounding are those of `gets_worse`, so that the score is beyond the limit at that second.
    """
    ref = m.referral[r]
    row = m.state[ref.state]
    pace = pace_of(m, r)
    gap = row.worsens_above + 1 - np.int64(of_person(m, ref.person, row.worsens))
    if gap <= 0:
        return np.int64(t)
    if pace <= 0:
        return FAR
    after = ((gap << 32) - np.int64(ref.tie) + pace - 1) // pace
    return min(t + max(after, 1), FAR)


@kernel
def gets_worse(m, r, t):
    """Apply what waiting did to a person's score, in whole points; the rest is rounded by the keyed word."""
    ref = m.referral[r]
    row = m.state[ref.state]
    p = ref.person
    if row.worsens < 0 or p >= m.sizes[c.N_RESIDENTS]:
        return
    change = (np.int64(t - ref.since) * pace_of(m, r) + np.int64(ref.tie)) >> 32
    if change != 0:
        change_score(m, p, row.worsens, np.int64(of_person(m, p, row.worsens)) + change)
        risk_changes(m, p, t, np.uint64(1) << np.uint64(row.worsens))


@kernel
def score_changes(m, r, i, word, t):
    """Apply one change (mean and standard deviation in 2**-16 points) by a keyed normal."""
    p = m.referral[r].person
    if p >= m.sizes[c.N_RESIDENTS]:
        return
    change = m.change[i]
    points = change.mean + ((quantile(m.normal, word) * change.sd) >> 16)
    now = np.int64(of_person(m, p, change.column))
    change_score(m, p, change.column, now + ((points + (1 << 15)) >> 16))
    risk_changes(m, p, t, np.uint64(1) << np.uint64(change.column))


@kernel
def finished_changes(m, r, t):
    """Apply the changes a state makes when it is finished."""
    ref = m.referral[r]
    row = m.state[ref.state]
    for i in range(row.change[0], row.change[1]):
        words = block(
            m.now[c.SEED],
            m.now[c.REPLICATION],
            ref.id0,
            ref.id1,
            m.change[i].purpose,
            (np.uint32(ref.entry) << np.uint32(16)) | np.uint32(ref.visit),
        )
        score_changes(m, r, i, words[0], t)
