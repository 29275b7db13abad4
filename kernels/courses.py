"""Courses of sessions with one clinician: weekly, missed, dropped out of, finished."""

import numpy as np

from kernels import columns as c
from kernels import tallies
from kernels.calendar_queue import schedule
from kernels.contacts import cell_of, is_seen, no_longer_waiting
from kernels.draws import block, seconds
from kernels.jit import kernel
from kernels.passage import departs
from kernels.places import give_all, give_clinician
from kernels.referrals import finished_changes, score_changes


@kernel
def is_in_emergency(m, r):
    """Say whether the person is in a contact, a bed or an emergency elsewhere: the session is rebooked."""
    p = m.referral[r].person
    if p >= m.sizes[c.N_RESIDENTS]:
        return False
    if m.person[p].contact >= 0:
        return True
    at = m.person[p].first_referral
    while at >= 0:
        other = m.referral[at]
        row = m.state[other.state]
        if at != r and row.urgency == 0 and row.kind <= c.PLACE and other.flags != 0:
            return True
        at = other.sibling
    return False


@kernel
def session(m, r, t):
    """Hold one session of a course (or not), and book the next or end the course."""
    ref = m.referral[r]
    row = m.state[ref.state]
    if is_in_emergency(m, r):
        schedule(m, t + row.every, c.E_SESSION, r, 0, ref.stamp)
        return
    words = block(
        m.now[c.SEED],
        m.now[c.REPLICATION],
        ref.id0,
        ref.id1,
        row.purpose_session,
        (np.uint32(ref.entry) << np.uint32(16)) | np.uint32((np.int64(ref.visit) & 0xFF) << 8 | ref.n_booked),
    )
    cell = m.cell[cell_of(m, ref)]
    measured = t >= m.now[c.MEASURE_FROM]
    first = ref.n_sessions == 0
    ref.n_booked = min(255, ref.n_booked + 1)
    law = row.first_minutes if first and row.first_minutes >= 0 else row.minutes
    minutes = seconds(m.table[law], words[0])
    pool = m.pool[ref.course_pool]
    leads = ref.clinician >= 0
    if np.int64(words[1]) < row.dna:
        ref.n_dna += 1
        if measured:
            cell.dna += 1
            if leads:
                pool.dna_seconds += minutes
        tallies.note(m, c.L_DNA, r, t)
        if ref.n_dna > row.dna_allowed or ref.n_booked == 255:
            course_ends(m, r, c.DNA, t)
        else:
            schedule(m, t + row.every, c.E_SESSION, r, 0, ref.stamp)
        return
    if first:
        no_longer_waiting(m, r, t)
        is_seen(m, r, t)
    ref.n_sessions += 1
    tallies.note(m, c.L_SESSION, r, t)
    if measured and leads:
        pool.contacts += 1
        pool.face_seconds += minutes
        if row.records >= 0:
            pool.other_seconds += seconds(m.table[row.records], words[0])
    if row.session_change >= 0:
        score_changes(m, r, row.session_change, words[3], t)
    if ref.n_sessions >= ref.n_planned:
        ref.stamp += 1
        schedule(m, t + minutes, c.E_SESSION, r, 1, ref.stamp)
    elif np.int64(words[2]) < row.drop_out:
        course_ends(m, r, c.DROPPED_OUT, t)
    else:
        schedule(m, t + row.every, c.E_SESSION, r, 0, ref.stamp)


@kernel
def gives_course_back(m, r, t):
    """Give back what a course holds: the clinician's place and minutes."""
    ref = m.referral[r]
    row = m.state[ref.state]
    if ref.n_sessions == 0:
        no_longer_waiting(m, r, t)
    if ref.clinician >= 0:
        left = np.int64(ref.n_planned) - np.int64(ref.n_sessions)
        if row.group_size > 0 and left > 0:
            schedule(m, t + left * row.every, c.E_RELEASE, ref.clinician, 1, np.uint16(ref.course_seconds))
        else:
            give_clinician(m, ref.clinician, ref.course_seconds, t)
        ref.clinician = -1
    give_all(m, r, t, np.int64(0))


@kernel
def course_ends(m, r, event, t):
    """End a course: finished, or by not attending; the clinician's place and minutes are given back.

    The clinician of a group stays with it to its planned end, whoever drops out.
    """
    ref = m.referral[r]
    gives_course_back(m, r, t)
    if event == c.NO_EVENT:
        if ref.since >= m.now[c.MEASURE_FROM]:
            m.cell[cell_of(m, ref)].stay_seconds += t - ref.began
        finished_changes(m, r, t)
        departs(m, r, event, 0, t)
    else:
        departs(m, r, event, max(1, ref.n_dna), t)
