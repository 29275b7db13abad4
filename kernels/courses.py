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
    if np.int64(words[1]) < row.dna:
        ref.n_dna += 1
        if measured:
            cell.dna += 1
            session_missed(m, ref.clinician, minutes)
            session_missed(m, ref.second, minutes)
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
    if measured:
        records = seconds(m.table[row.records], words[0]) if row.records >= 0 else np.int64(0)
        session_held(m, ref.clinician, minutes, records)
        session_held(m, ref.second, minutes, records)
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
def session_held(m, clinician, minutes, records):
    """Count a session and its records among the minutes of one who holds it (−1: nobody; a group has one leader's)."""
    if clinician >= 0:
        pool = m.pool[m.clinician[clinician].pool]
        pool.contacts += 1
        pool.face_seconds += minutes
        pool.other_seconds += records


@kernel
def session_missed(m, clinician, minutes):
    """Count a session that was missed among the minutes of one who would have held it."""
    if clinician >= 0:
        m.pool[m.clinician[clinician].pool].dna_seconds += minutes


@kernel
def gives_course_back(m, r, t):
    """Give back what a course holds: the clinicians' places and minutes."""
    ref = m.referral[r]
    row = m.state[ref.state]
    if ref.n_sessions == 0:
        no_longer_waiting(m, r, t)
    left = np.int64(ref.n_planned) - np.int64(ref.n_sessions)
    planned = left * row.every if row.group_size > 0 and left > 0 else np.int64(0)
    gives_clinician_back(m, ref.clinician, ref.course_seconds, planned, t)
    gives_clinician_back(m, ref.second, ref.course_seconds, planned, t)
    ref.clinician = -1
    ref.second = -1
    give_all(m, r, t, np.int64(0))


@kernel
def gives_clinician_back(m, clinician, of_course, planned, t):
    """Give back one clinician's place and `of_course` seconds a week, `planned` seconds from now (−1: nobody)."""
    if clinician >= 0:
        if planned > 0:
            schedule(m, t + planned, c.E_RELEASE, clinician, 1, np.uint16(of_course))
        else:
            give_clinician(m, clinician, of_course, t)


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
