"""Leaving from wherever one is: by death or a move, when referrals end and what was held is free, or by a birthday."""

import numpy as np

from kernels import columns as c
from kernels import tallies
from kernels.contacts import cell_of, no_longer_waiting, off_the_list
from kernels.courses import gives_course_back
from kernels.jit import kernel
from kernels.passage import contact_is_over, departs_by, gives_up
from kernels.places import give_all, give_kept_place
from kernels.recurring import end_recurring
from kernels.referrals import close_referral, gets_worse
from kernels.routing import route


@kernel
def leaves_care(m, p, t):
    """End all open referrals of a person at second `t` and return how many there were."""
    n = 0
    while m.person[p].first_referral >= 0:
        leaves(m, m.person[p].first_referral, t)
        n += 1
    return n


@kernel
def birthday_routes(m, p, t):
    """Send on whoever has just turned an age at which a route leaves the state they are in or wait for.

    Who is with a clinician at that second finishes first: the ordinary routes know the age.
    """
    r = m.person[p].first_referral
    age = np.int64(m.age[p])
    while r >= 0:
        ref = m.referral[r]
        following = ref.sibling
        if ref.state >= 0:
            row = m.state[ref.state]
            if (ref.flags & (c.IS_WAITING | c.IS_ASIDE)) != 0:
                gives_up(m, r, c.TURNS, age, t)
            elif (row.kind == c.PLACE and (ref.flags & c.IS_BUSY) != 0) or row.kind == c.WAIT:
                chosen = route(m, r, t, c.TURNS, age)
                if chosen >= 0:
                    if row.kind == c.PLACE:
                        end_recurring(m, r, t)
                        if ref.since >= m.now[c.MEASURE_FROM]:
                            m.cell[cell_of(m, ref)].stay_seconds += t - ref.began
                    elif row.worsens >= 0:
                        gets_worse(m, r, t)
                    departs_by(m, r, chosen, t)
        r = following


@kernel
def leaves(m, r, t):
    """End one referral in whatever state it is; clocks that run are lost, staff and beds are free at once."""
    ref = m.referral[r]
    row = m.state[ref.state]
    if (ref.flags & (c.IS_WAITING | c.IS_ASIDE)) != 0:
        off_the_list(m, r, t)
        no_longer_waiting(m, r, t)
    elif (ref.flags & c.IS_BUSY) != 0:
        if row.n_sessions >= 0 and row.keep != 0:
            gives_course_back(m, r, t)
        elif row.kind == c.CONTACT:
            contact_is_over(m, r, 0, t)
        else:
            end_recurring(m, r, t)
            if ref.since >= m.now[c.MEASURE_FROM]:
                m.cell[cell_of(m, ref)].stay_seconds += t - ref.began
    give_kept_place(m, r, t)
    ref.stamp += 1  # whatever was due to happen here is void
    tallies.present_changes(m.cell[cell_of(m, ref)], t, -1)
    tallies.note(m, c.L_GONE, r, t)
    if ref.n_slots > 0:
        give_all(m, r, t, 0)
    ref.flags = 0
    close_referral(m, r, t)
