"""Waiting lists: one per state and place, in order of (joined, tie), each a doubly linked list of referrals."""

from kernels import columns as c
from kernels.jit import kernel, leaf


@kernel
def before(m, a, b):
    """Say whether referral `a` stands before `b` in order of (joined, tie, id)."""
    x = m.referral[a]
    y = m.referral[b]
    if x.since != y.since:
        return x.since < y.since
    if x.tie != y.tie:
        return x.tie < y.tie
    if x.id0 != y.id0:
        return x.id0 < y.id0
    return x.id1 < y.id1


@leaf
def join(m, at, r):
    """Put a referral on a list in its order; almost always that is the end."""
    row = m.waiting[at]
    ref = m.referral[r]
    ref.flags |= c.IS_WAITING
    row.n += 1
    after = row.tail
    if (after >= 0 and m.referral[row.head].since < ref.since) or after < 0:
        while after >= 0 and before(m, r, after):
            after = m.referral[after].prev
    elif before(m, r, row.head):
        after = -1  # somebody who was set aside comes back to the head
    else:
        after = row.head
        while m.referral[after].next >= 0 and before(m, m.referral[after].next, r):
            after = m.referral[after].next
    ref.prev = after
    if after < 0:
        ref.next = row.head
        row.head = r
    else:
        ref.next = m.referral[after].next
        m.referral[after].next = r
    if ref.next >= 0:
        m.referral[ref.next].prev = r
    else:
        row.tail = r


@leaf
def leave(m, at, r):
    """Take a referral off a list."""
    row = m.waiting[at]
    ref = m.referral[r]
    ref.flags &= 255 - c.IS_WAITING
    row.n -= 1
    if ref.prev >= 0:
        m.referral[ref.prev].next = ref.next
    else:
        row.head = ref.next
    if ref.next >= 0:
        m.referral[ref.next].prev = ref.prev
    else:
        row.tail = ref.prev
    ref.next = -1
    ref.prev = -1
