"""Contacts that come again: during a stay, and the sessions of a course that wait for whoever is free."""

from kernels import columns as c
from kernels import tallies
from kernels.calendar_queue import schedule
from kernels.contacts import (
    cell_of,
    no_longer_waiting,
    off_the_list,
)
from kernels.jit import kernel
from kernels.referrals import (
    free_row,
)


@kernel
def next_session(m, r, t):
    """Let a patient come back for the next of several contacts after the interval."""
    ref = m.referral[r]
    ref.flags = 0
    ref.stamp += 1
    schedule(m, t + m.state[ref.state].every, c.E_DUE, r, 1, ref.stamp)


@kernel
def visit_is_over(m, r, t):
    """A recurring contact of a stay ends: the visit waits to be due again."""
    ref = m.referral[r]
    cell = m.cell[cell_of(m, ref)]
    tallies.present_changes(cell, t, -1)
    tallies.note(m, c.L_ENDED, r, t)
    if (ref.flags & c.IS_DNA) != 0:
        if t >= m.now[c.MEASURE_FROM]:
            cell.dna += 1
    elif t >= m.now[c.MEASURE_FROM]:
        cell.completed += 1
    if (ref.flags & c.IS_ORPHAN) != 0:
        free_row(m, r)
        return
    ref.flags = 0
    ref.stamp += 1


@kernel
def end_recurring(m, r, t):
    """The stay is over: its recurring contact is cancelled, or ends as the last."""
    ref = m.referral[r]
    visit = ref.link
    if visit < 0:
        return
    ref.link = -1
    other = m.referral[visit]
    if (other.flags & c.IS_BUSY) != 0:
        other.flags |= c.IS_ORPHAN
        return
    if (other.flags & (c.IS_WAITING | c.IS_ASIDE)) != 0:
        off_the_list(m, visit, t)
        no_longer_waiting(m, visit, t)
        tallies.present_changes(m.cell[cell_of(m, other)], t, -1)
    free_row(m, visit)
