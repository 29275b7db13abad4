"""What was to come again is due: a visit during a stay, the next of several contacts."""

import numpy as np

from kernels import columns as c
from kernels import tallies
from kernels.calendar_queue import schedule
from kernels.contacts import (
    cell_of,
    put_on_list,
)
from kernels.draws import block, tie_of
from kernels.jit import kernel
from kernels.passage import departs_by, visit_begins
from kernels.recurring import end_recurring
from kernels.routing import route


@kernel
def visit_is_due(m, parent, t):
    """A stay's recurring contact is due: it joins the list, or is missed if the last has still not been made."""
    stay = m.referral[parent]
    r = stay.link
    ref = m.referral[r]
    place = m.state[stay.state]
    cell = m.cell[cell_of(m, ref)]
    measured = t >= m.now[c.MEASURE_FROM]
    if measured:
        cell.due += 1
    since_admission = t - stay.began
    phase = place.phases[0]
    while phase < place.phases[1] - 1 and since_admission >= m.phase[phase].until:
        phase += 1
    if ref.flags != 0:
        if measured:
            cell.missed += 1
        tallies.note(m, c.L_MISSED, r, t)
        schedule(m, t + m.phase[phase].every, c.E_DUE, parent, 0, stay.stamp)
        stay.n_missed = min(255, stay.n_missed + 1)
        chosen = route(m, parent, t, c.MISSED, stay.n_missed)
        if chosen >= 0:
            end_recurring(m, parent, t)
            departs_by(m, parent, chosen, t)
        return
    schedule(m, t + m.phase[phase].every, c.E_DUE, parent, 0, stay.stamp)
    visit_begins(m, r, t)
    if measured:
        cell.arrivals += 1
    tallies.present_changes(cell, t, 1)
    tallies.waiting_changes(cell, t, 1)
    put_on_list(m, r)


@kernel
def session_is_due(m, r, t):
    """The next of several contacts is due: the patient joins the list again, with that session's own luck."""
    ref = m.referral[r]
    row = m.state[ref.state]
    words = block(
        m.now[c.SEED],
        m.now[c.REPLICATION],
        ref.id0,
        ref.id1,
        row.purpose_session,
        (np.uint32(ref.entry) << np.uint32(16)) | np.uint32((np.int64(ref.visit) & 0xFF) << 8 | ref.n_booked),
    )
    ref.stamp += 1
    ref.since = t
    ref.minutes = words[0]
    ref.dna = words[1]
    ref.tie = tie_of(words[0], words[1], words[2], words[3])
    tallies.waiting_changes(m.cell[cell_of(m, ref)], t, 1)
    put_on_list(m, r)
