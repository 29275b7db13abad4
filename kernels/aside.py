"""Standing aside: nobody is in two contacts at once, and nobody has two hospital beds.

Who is in a contact when their turn comes elsewhere stands aside until it ends.  Who has a hospital bed and waits for
another, by another referral, is not admitted twice: they stand aside, keep their place on the list, and are admitted
when they have left the bed they have.
"""

from kernels import columns as c
from kernels.calendar_queue import schedule
from kernels.contacts import no_longer_waiting, put_on_list
from kernels.draws import seconds
from kernels.exchange import tell
from kernels.jit import kernel
from kernels.lifetime import FAR
from kernels.referrals import deteriorates_at, was_there_before


@kernel
def has_a_bed(m, ref):
    """Say whether a referral has a hospital bed at this moment: is in it, is in one elsewhere, or keeps one."""
    if (ref.flags & c.IS_ELSEWHERE) != 0:
        return True
    if ref.state < 0:
        return False
    if m.state[ref.state].ward != 0 and ((ref.flags & c.IS_BUSY) != 0 or (ref.kept_post >= 0 and ref.flags == 0)):
        return True  # in it, or just ready to leave it, on the way to the state that must admit
    return ref.kept_post >= 0 and m.state[ref.before].ward != 0


@kernel
def in_another_bed(m, r):
    """Say whether a resident has a hospital bed by another referral than `r`."""
    p = m.referral[r].person
    if p >= m.sizes[c.N_RESIDENTS]:
        return False
    at = m.person[p].first_referral
    while at >= 0:
        if at != r and has_a_bed(m, m.referral[at]):
            return True
        at = m.referral[at].sibling
    return False


@kernel
def come_back(m, p, t):
    """Let a person whose contact ended, or who left a hospital bed, take up the places they stood aside from."""
    if p >= m.sizes[c.N_RESIDENTS]:
        return
    at = m.person[p].first_referral
    while at >= 0:
        come_back_one(m, at, t)
        link = m.referral[at].link
        if link >= 0:
            come_back_one(m, link, t)
        at = m.referral[at].sibling


@kernel
def come_back_one(m, r, t):
    """Put one referral that stood aside back on its list, or let its time begin to pass, if nothing else holds it."""
    ref = m.referral[r]
    if (ref.flags & c.IS_ASIDE) == 0:
        return
    kind = m.state[ref.state].kind
    if kind == c.CONTACT:
        if m.person[ref.person].contact >= 0:
            return
    elif in_another_bed(m, r):
        return
    ref.flags &= 255 - c.IS_ASIDE
    if kind == c.WAIT:
        no_longer_waiting(m, r, t)
        passes_time(m, r, t)
    else:
        put_on_list(m, r)


@kernel
def passes_time(m, r, t):
    """Let the time of a wait begin to pass; in a bed elsewhere, a guest's bed may be found."""
    ref = m.referral[r]
    row = m.state[ref.state]
    law = row.residual if row.residual >= 0 and was_there_before(m, ref) else row.minutes
    schedule(m, t + seconds(m.table[law], ref.minutes), c.E_END, r, 0, ref.stamp)
    if row.worsens_above >= 0:
        may_deteriorate(m, r, t)
    if row.ward != 0:
        ref.flags |= c.IS_ELSEWHERE
    if row.exchange >= 0 and m.now[c.EXCHANGING] != 0 and ref.person < m.sizes[c.N_RESIDENTS]:
        tell(m, r, c.ASKS, ref.before, row.exchange, -1, r, ref.stamp, t)


@kernel
def may_deteriorate(m, r, t):
    """Put on the calendar that a resident who waits since `t` goes beyond the limit of their state."""
    ref = m.referral[r]
    if ref.person >= m.sizes[c.N_RESIDENTS]:
        return
    due = deteriorates_at(m, r, t)
    if t < due < FAR:
        schedule(m, due, c.E_ESCALATE, r, 255, ref.stamp)
