"""A referral's passage: entering a state, finishing it, being routed on."""

import numpy as np

from kernels import columns as c
from kernels import tallies
from kernels.aside import come_back, has_a_bed, in_another_bed, may_deteriorate, passes_time
from kernels.calendar_queue import schedule
from kernels.contacts import (
    cell_of,
    no_longer_waiting,
    off_the_list,
    put_on_list,
    visit_words,
)
from kernels.draws import block, seconds, tie_of
from kernels.exchange import tell
from kernels.jit import kernel, leaf
from kernels.lifetime import may_turn_up
from kernels.matching import begins_at_once
from kernels.places import give_all, give_kept_place
from kernels.recurring import end_recurring, next_session, visit_is_over
from kernels.referrals import (
    close_referral,
    deteriorates_at,
    finished_changes,
    gets_worse,
    open_others,
    operate,
    will_enter,
)
from kernels.routing import route


@leaf
def visit_begins(m, r, t):
    """Count one more visit to the present state and look up its luck."""
    ref = m.referral[r]
    row = m.state[ref.state]
    ref.since = t
    ref.began = -1
    ref.stamp += 1
    if row.parent >= 0:
        ref.visit += 1
    elif row.repeat >= 0:
        if m.state[ref.before].cycle != row.cycle:  # what they left, they do not come back to
            for i in range(m.visits.shape[1]):
                m.visits[r, i] = 0
        m.visits[r, row.repeat] += 1
        ref.visit = m.visits[r, row.repeat]
    else:
        ref.visit = 1
    words = visit_words(m, r)
    ref.minutes = words[0]
    ref.dna = words[1]
    ref.route = words[3]
    ref.tie = tie_of(words[0], words[1], words[2], words[3])
    return words[2]


@leaf
def enter(m, r, state, t, alone):
    """Let a referral enter a state at second `t`; decisions route on at once.

    `alone`: nobody else joins anything in this second, so that order is no question.
    """
    ref = m.referral[r]
    while True:
        ref.before = ref.state
        ref.state = state
        row = m.state[state]
        patience = visit_begins(m, r, t)
        ref.n_sessions = 0
        ref.n_booked = 0
        for i in range(row.enters[0], row.enters[1]):
            operate(m, r, m.clock_op[i].op, m.clock_op[i].clock, t)
        at = cell_of(m, ref)
        cell = m.cell[at]
        if t >= m.now[c.MEASURE_FROM]:
            cell.arrivals += 1
        if row.kind == c.CONTACT or row.kind == c.PLACE:
            tallies.present_changes(cell, t, 1)
            tallies.waiting_changes(cell, t, 1)
            tallies.note(m, c.L_JOINED, r, t)
            if alone and begins_at_once(m, r, t):
                return
            starts_waiting(m, r, patience, t)
            return
        if give_kept_place(m, r, t):
            come_back(m, ref.person, t)
        open_others(m, r, t)
        if row.kind == c.END:
            if t >= m.now[c.MEASURE_FROM]:
                cell.completed += 1
            tallies.note(m, c.L_ENDED, r, t)
            close_referral(m, r, t)
            return
        if row.kind == c.WAIT:
            tallies.present_changes(cell, t, 1)
            if row.ward != 0 and in_another_bed(m, r):
                ref.flags |= c.IS_ASIDE
                tallies.waiting_changes(cell, t, 1)
            else:
                passes_time(m, r, t)
            return
        if row.rule != 0:
            m.ruled[m.now[c.N_RULED]] = r
            m.now[c.N_RULED] += 1
            return
        if t >= m.now[c.MEASURE_FROM]:
            cell.completed += 1
        state = goes_along(m, r, route(m, r, t, c.NO_EVENT, 0), t)
        if state < 0:
            return


@leaf
def goes_along(m, r, chosen, t):
    """Count a route taken and return the next state; −1 if the referral ended on the way.

    Patients from elsewhere are not carried into other pathways: their own area's services take over.
    """
    ref = m.referral[r]
    row = m.state[ref.state]
    if chosen < 0:  # cannot happen in a pathway that passed its checks: stop the run rather than guess
        m.now[c.FAULT] = ref.state + 1
        close_referral(m, r, t)
        return -1
    if t >= m.now[c.MEASURE_FROM]:
        m.flow[chosen, ref.system] += 1
    for i in range(row.leaves[0], row.leaves[1]):
        operate(m, r, m.clock_op[i].op, m.clock_op[i].clock, t)
    to = m.route[chosen].to
    if ref.person >= m.sizes[c.N_RESIDENTS] and m.state[to].pathway != row.pathway:
        close_referral(m, r, t)
        return -1
    return to


@leaf
def starts_waiting(m, r, patience, t):
    """Put a referral on its list, with its patience and escalations on the calendar."""
    ref = m.referral[r]
    row = m.state[ref.state]
    if row.patience >= 0:
        schedule(m, t + seconds(m.table[row.patience], patience), c.E_PATIENCE, r, 0, ref.stamp)
    for i in range(row.escalations[0], row.escalations[1]):
        schedule(m, t + m.escalation[i], c.E_ESCALATE, r, i - row.escalations[0], ref.stamp)
    if row.worsens_above >= 0:
        may_deteriorate(m, r, t)
    if row.group_within > 0:
        schedule(m, t + row.group_within, c.E_GROUP, r, 0, ref.stamp)
    if m.now[c.LIVES] != 0:
        may_turn_up(m, r, t)
    if row.ward != 0 and in_another_bed(m, r):
        ref.flags |= c.IS_ASIDE
        return
    put_on_list(m, r)
    if row.queue_limit >= 0 or row.closed != 0:
        m.newly[m.now[c.N_NEWLY]] = r
        m.now[c.N_NEWLY] += 1


@leaf
def departs(m, r, event, number, t):
    """Route a referral on by an event, out of its state; its wait, if any, is already closed."""
    if t >= m.now[c.MEASURE_FROM] and (event == c.NO_EVENT or event == c.DROPPED_OUT):
        m.cell[cell_of(m, m.referral[r])].completed += 1
    chosen = route(m, r, t, event, number)
    if event == c.DNA:
        forgive_clock(m, r)
    if chosen < 0 and event == c.DROPPED_OUT:  # who drops out leaves as others do, unless a route says where
        chosen = route(m, r, t, c.NO_EVENT, 0)
    departs_by(m, r, chosen, t)


@kernel
def forgive_clock(m, r):
    """Void the clock of the state's own standard: who was offered an appointment and did not come is no breach."""
    row = m.state[m.referral[r].state]
    for i in range(row.leaves[0], row.leaves[1]):
        if m.clock_op[i].op == c.CANCEL:
            slot = tallies.slot_of(m, r, m.clock_op[i].clock + 1)
            if slot >= 0:
                m.running[r, slot].clock = 0


@kernel
def guest_goes_home(m, r, t):
    """End a guest's stay, and tell their home."""
    ref = m.referral[r]
    tell(m, r, c.IS_OVER, ref.state, 0, ref.home_cell, ref.home_row, ref.home_stamp, t)
    give_all(m, r, t, 0)
    close_referral(m, r, t)


@leaf
def departs_by(m, r, chosen, t):
    """Send a referral along a chosen route; a blocked person keeps the place until the next state admits."""
    ref = m.referral[r]
    row = m.state[ref.state]
    ref.stamp += 1  # whatever else was due to happen here, even in this second, is void
    tallies.present_changes(m.cell[cell_of(m, ref)], t, -1)
    tallies.note(m, c.L_ENDED, r, t)
    if ref.home_cell >= 0:
        guest_goes_home(m, r, t)
        return
    to = goes_along(m, r, chosen, t)
    if to >= 0 and to == row.blocked_by and ref.n_slots > 0:
        ref.kept_post = m.held_post[r, 0]
        ref.kept_shift = m.held_shift[r, 0]
        pool = m.pool[m.post[ref.kept_post].pool]
        tallies.pool_changes(m, m.post[ref.kept_post].pool, t)
        pool.blocked += 1
        ref.n_slots = 0
    if ref.n_slots > 0:
        give_all(m, r, t, 0)
    had_a_bed = has_a_bed(m, ref)
    ref.flags = 0
    if to >= 0:
        will_enter(m, r, to)
    if had_a_bed and ref.kept_post < 0:
        come_back(m, ref.person, t)


@kernel
def gives_up(m, r, event, number, t):
    """Take somebody who waits off the list and route them by an event (nothing happens if no route holds)."""
    ref = m.referral[r]
    chosen = route(m, r, t, event, number)
    if chosen < 0:
        return
    row = m.state[ref.state]
    cell = m.cell[cell_of(m, ref)]
    if ref.since >= m.now[c.MEASURE_FROM]:
        if t > ref.since:
            cell.waited += 1
        if event == c.LEFT_WAITING:
            cell.left += 1
        elif event == c.FULL:
            cell.full += 1
        elif event == c.CLOSED:
            cell.closed += 1
    off_the_list(m, r, t)
    no_longer_waiting(m, r, t)
    gets_worse(m, r, t)
    left_a_bed = give_kept_place(m, r, t)
    departs_by(m, r, chosen, t)
    if row.blocked_by >= 0:
        ref.n_slots = 0
    if left_a_bed:
        come_back(m, ref.person, t)


@kernel
def deteriorates(m, r, t):
    """Send on somebody who has got so much worse while they wait: on a list, or for time to pass.

    Whom another service made better meanwhile has further to go: that is put on the calendar anew.
    """
    ref = m.referral[r]
    if m.state[ref.state].worsens_above >= 0 and deteriorates_at(m, r, ref.since) > t:
        may_deteriorate(m, r, ref.since)
        return
    if m.state[ref.state].kind != c.WAIT or (ref.flags & c.IS_ASIDE) != 0:
        gives_up(m, r, c.DETERIORATED, 0, t)
        return
    chosen = route(m, r, t, c.DETERIORATED, 0)
    if chosen >= 0:
        gets_worse(m, r, t)
        departs_by(m, r, chosen, t)


@leaf
def contact_is_over(m, r, extra, t):
    """Free the patient now, the clinicians after their travel and records, and count the minutes."""
    ref = m.referral[r]
    for slot in range(ref.n_slots):
        pool = m.pool[m.post[m.held_post[r, slot]].pool]
        if t >= m.now[c.MEASURE_FROM]:
            if (ref.flags & c.IS_DNA) != 0:
                pool.dna_seconds += t - ref.began
            else:
                pool.contacts += 1
                pool.face_seconds += t - ref.began
                pool.other_seconds += extra
    give_all(m, r, t, extra)
    if m.sizes[c.EXCLUSIVE] != 0 and ref.person < m.sizes[c.N_RESIDENTS]:
        if m.person[ref.person].contact == r:
            m.person[ref.person].contact = -1
            if m.person[ref.person].n_open > 1 or ref.link >= 0:
                come_back(m, ref.person, t)


@kernel
def extra_seconds(m, r):
    """Return the travel and records of a contact."""
    ref = m.referral[r]
    row = m.state[ref.state]
    words = block(
        m.now[c.SEED],
        m.now[c.REPLICATION],
        ref.id0,
        ref.id1,
        row.purpose_travel,
        (np.uint32(ref.entry) << np.uint32(16)) | np.uint32(ref.visit),
    )
    extra = np.int64(0)
    if row.travel >= 0:
        extra += seconds(m.table[row.travel], words[0])
    if row.records >= 0:
        extra += seconds(m.table[row.records], words[1])
    return extra


@leaf
def finishes(m, r, t):
    """A contact, stay or wait comes to its end."""
    ref = m.referral[r]
    row = m.state[ref.state]
    if row.kind == c.CONTACT:
        missed = (ref.flags & c.IS_DNA) != 0
        extra = extra_seconds(m, r) if not missed and (row.travel >= 0 or row.records >= 0) else np.int64(0)
        contact_is_over(m, r, extra, t)
        if row.parent >= 0:
            visit_is_over(m, r, t)
            return
        if missed:
            ref.n_dna += 1
            cell = m.cell[cell_of(m, ref)]
            if t >= m.now[c.MEASURE_FROM]:
                cell.dna += 1
            if row.n_sessions >= 0 and ref.n_dna <= row.dna_allowed:
                ref.n_booked += 1
                next_session(m, r, t)
                return
            departs(m, r, c.DNA, ref.n_dna, t)
            return
        if row.n_sessions >= 0:
            ref.n_sessions += 1
            ref.n_booked += 1
            if ref.n_sessions < ref.n_planned:
                next_session(m, r, t)
                return
    elif row.kind == c.PLACE:
        end_recurring(m, r, t)
    elif row.worsens >= 0:
        gets_worse(m, r, t)
    if row.kind != c.WAIT and ref.since >= m.now[c.MEASURE_FROM]:
        m.cell[cell_of(m, ref)].stay_seconds += t - ref.began
    if row.change[1] > row.change[0]:
        finished_changes(m, r, t)
    departs(m, r, c.NO_EVENT, 0, t)
