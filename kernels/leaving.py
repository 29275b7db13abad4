"""Leaving care from wherever one is: whoever dies or moves away gives back what they held, and their referrals end."""

from kernels import columns as c
from kernels import tallies
from kernels.contacts import cell_of, no_longer_waiting, off_the_list
from kernels.courses import gives_course_back
from kernels.jit import kernel
from kernels.passage import contact_is_over
from kernels.places import give_all, give_kept_place
from kernels.recurring import end_recurring
from kernels.referrals import close_referral


@kernel
def leaves_care(m, p, t):
    """End all open referrals of a person at second `t` and return how many there were."""
    n = 0
    while m.person[p].first_referral >= 0:
        leaves(m, m.person[p].first_referral, t)
        n += 1
    return n


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
