"""Waiting for a contact or a place, and beginning it."""

import numpy as np

from kernels import columns as c
from kernels import tallies
from kernels.calendar_queue import schedule
from kernels.draws import block, count, seconds
from kernels.jit import kernel, leaf
from kernels.places import (
    offset,
    touch,
)
from kernels.referrals import gets_worse, is_met, new_row, was_there_before
from kernels.waiting import join, leave


@leaf
def list_of(m, ref):
    """Return the waiting list of a referral's state and place."""
    row = m.state[ref.state]
    return row.list_base + offset(m, ref, row.list_scope)


@leaf
def cell_of(m, ref):
    """Return the tally cell of a referral's state and place."""
    row = m.state[ref.state]
    return row.cell_base + offset(m, ref, row.scope)


@leaf
def queue_changes(m, at, by):
    """Count a referral on or off the pools its list may use."""
    for i in range(m.list_pools.shape[1]):
        p = m.list_pools[at, i]
        if p < 0:
            break
        m.pool[p].queued += by


@leaf
def off_the_list(m, r, t):
    """Take a referral off its list for good and count how long it queued."""
    ref = m.referral[r]
    if (ref.flags & c.IS_ASIDE) != 0:
        ref.flags &= 255 - c.IS_ASIDE
    else:
        at = list_of(m, ref)
        leave(m, at, r)
        queue_changes(m, at, -1)
        for i in range(m.list_pools.shape[1]):
            p = m.list_pools[at, i]
            if p < 0:
                break
            if m.pool[p].kept != 0:
                touch(m, p)  # what was kept for them is free for others


@leaf
def no_longer_waiting(m, r, t):
    """Count the end of a wait, whoever ended it."""
    ref = m.referral[r]
    cell = m.cell[cell_of(m, ref)]
    tallies.waiting_changes(cell, t, -1)
    if ref.since >= m.now[c.MEASURE_FROM]:
        cell.queued += 1
        cell.queue_seconds += t - ref.since


@leaf
def is_seen(m, r, t):
    """Record the beginning of a contact or stay."""
    ref = m.referral[r]
    row = m.state[ref.state]
    wait = t - ref.since
    at = cell_of(m, ref)
    m.now[c.N_CONTACTS] += 1
    if wait > 0:
        m.now[c.N_WAITED] += 1
    if ref.since >= m.now[c.MEASURE_FROM]:
        cell = m.cell[at]
        cell.began += 1
        cell.wait_seconds += wait
        if wait > 0:
            cell.waited += 1
        if wait <= row.within:
            cell.within += 1
        m.histogram[at, tallies.bin_of(wait)] += 1
    tallies.note(m, c.L_BEGAN, r, t)
    if row.worsens >= 0:
        gets_worse(m, r, t)
    ref.began = t
    is_met(m, r, t)


@kernel
def first_working_second(m, p, t, word):
    """Return `t` if the pool is at work then, else a keyed minute of its next working hour."""
    hour = t // 3600
    if m.hours[p, (m.now[c.WEEK_OFFSET] + hour) % 168] != 0:
        return t
    for ahead in range(1, 169):
        if m.hours[p, (m.now[c.WEEK_OFFSET] + hour + ahead) % 168] != 0:
            return 3600 * (hour + ahead) + np.int64(word) % 3600
    return t


@leaf
def begin(m, r, t):
    """Begin what a referral waited for; its staff or place are already taken."""
    ref = m.referral[r]
    row = m.state[ref.state]
    ref.stamp += 1  # patience and escalation are void
    ref.flags |= c.IS_BUSY
    if row.n_sessions >= 0 and ref.n_booked == 0:
        ref.n_planned = min(255, count(m.counts[row.n_sessions], ref.minutes))
        if row.keep != 0:
            at = first_working_second(m, ref.course_pool, t, ref.minutes)
            schedule(m, at, c.E_SESSION, r, 0, ref.stamp)
            return
    if row.kind == c.CONTACT:
        if m.sizes[c.EXCLUSIVE] != 0 and ref.person < m.sizes[c.N_RESIDENTS]:
            m.person[ref.person].contact = r
        no_longer_waiting(m, r, t)
        law = row.minutes
        if row.dna > 0 and np.int64(ref.dna) < row.dna:
            ref.flags |= c.IS_DNA
            if row.dna_minutes >= 0:
                law = row.dna_minutes
        elif ref.n_sessions == 0:
            is_seen(m, r, t)
        ref.began = t
        duration = seconds(m.table[law], ref.minutes)
        schedule(m, t + duration, c.E_END, r, 0, ref.stamp)
        return
    no_longer_waiting(m, r, t)
    is_seen(m, r, t)
    law = row.residual if row.residual >= 0 and was_there_before(m, ref) else row.minutes
    duration = seconds(m.table[law], ref.minutes)
    schedule(m, t + duration, c.E_END, r, 0, ref.stamp)
    if row.child >= 0:
        visit = new_row(m)
        other = m.referral[visit]
        other.id0 = ref.id0
        other.id1 = ref.id1
        other.person = ref.person
        other.entry = ref.entry
        other.visit = 0
        other.system = ref.system
        other.site = ref.site
        other.state = row.child
        other.link = r
        other.opened = t
        ref.link = visit
        schedule(m, t + m.phase[row.phases[0]].every, c.E_DUE, r, 0, ref.stamp)


@leaf
def put_on_list(m, r):
    """Put a referral on the list of its state and place, and touch the pools it may use."""
    at = list_of(m, m.referral[r])
    join(m, at, r)
    for i in range(m.list_pools.shape[1]):
        p = m.list_pools[at, i]
        if p < 0:
            break
        pool = m.pool[p]
        pool.queued += 1
        if pool.touched == 0 and (pool.free > 0 or pool.kind == c.COURSE):
            pool.touched = 1
            m.touched[m.now[c.N_TOUCHED]] = p
            m.now[c.N_TOUCHED] += 1


@leaf
def visit_words(m, r):
    """Draw the block of a visit and return its words."""
    ref = m.referral[r]
    return block(
        m.now[c.SEED],
        m.now[c.REPLICATION],
        ref.id0,
        ref.id1,
        m.state[ref.state].purpose,
        (np.uint32(ref.entry) << np.uint32(16)) | np.uint32(ref.visit),
    )
