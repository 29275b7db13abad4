"""The calendar: events in buckets of a step, taken in exact order of (second, phase, tie).

Buckets are linked lists in the order of insertion; the bucket that is due is put on a small binary heap, and
whatever it causes within its own span joins the heap.  So the bucket's width changes the cost, never the order.
"""

import numpy as np

from kernels import columns as c
from kernels.jit import kernel, leaf

ROOM = 4096  # rows that must be free before a second begins
LAST = np.int64(2**63 - 1)


@leaf
def bucket_of(m, t):
    """Return the step that second `t` lies in: t // STEP by multiplication (exact for all t < 2**31)."""
    return (t * m.now[c.STEP_FACTOR]) >> m.now[c.STEP_SHIFT]


def step_division(seconds: int) -> tuple[int, int]:
    """Return factor and shift with which `bucket_of` divides by a step (Granlund & Montgomery 1994)."""
    shift = 31 + (seconds - 1).bit_length()
    return -(-(1 << shift) // seconds), shift


@kernel
def schedule(m, t, kind, what, extra, stamp):
    """Put one event on the calendar (it must not lie in the past)."""
    e = m.now[c.FREE_EVENT]
    row = m.event[e]
    m.now[c.FREE_EVENT] = row.next
    m.now[c.N_FREE_EVENT] -= 1
    row.time = t
    row.what = what
    row.kind = kind
    row.extra = extra
    row.stamp = stamp
    step = bucket_of(m, t)
    if step <= m.now[c.BUCKET]:
        push(m, t, kind, e)
    else:
        at = min(step, m.bucket.shape[0] - 1)
        row.next = m.bucket[at]
        m.bucket[at] = e


@leaf
def forget(m, e):
    """Return an event's row to the free list."""
    m.event[e].next = m.now[c.FREE_EVENT]
    m.now[c.FREE_EVENT] = e
    m.now[c.N_FREE_EVENT] += 1


@leaf
def tie_of_event(m, e):
    """Return the tie of an event: its referral's, or a mix of what it is about."""
    row = m.event[e]
    kind = row.kind
    if kind == c.E_END or kind == c.E_SESSION or kind == c.E_DUE or (kind >= c.E_GROUP and kind <= c.E_ESCALATE):
        return m.referral[row.what].tie
    h = (np.uint64(row.what) * np.uint64(0x9E3779B1) + np.uint64(row.extra)) & np.uint64(0xFFFFFFFF)
    return np.uint32(h ^ (h >> np.uint64(15)))


@leaf
def push(m, t, kind, e):
    """Put event `e` on the heap."""
    key = (np.int64(t) << 32) | (np.int64(c.PHASE_OF[kind]) << 29) | (np.int64(tie_of_event(m, e)) >> 3)
    n = m.now[c.HEAP]
    m.now[c.HEAP] = n + 1
    keys = m.heap_key
    events = m.heap_event
    while n > 0:
        up = (n - 1) >> 1
        if keys[up] <= key:
            break
        keys[n] = keys[up]
        events[n] = events[up]
        n = up
    keys[n] = key
    events[n] = e


@leaf
def pop(m):
    """Take the first event off the heap and return it.

    The hole sinks to the bottom by the smaller child, then the last event rises to its place: the way down has no
    branch that depends on keys.
    """
    keys = m.heap_key
    events = m.heap_event
    first = events[0]
    n = m.now[c.HEAP] - 1
    m.now[c.HEAP] = n
    key = keys[n]
    e = events[n]
    keys[n] = LAST
    at = 0
    down = 1
    while down < n:
        down += np.int64(keys[down + 1] < keys[down])
        keys[at] = keys[down]
        events[at] = events[down]
        at = down
        down = 2 * at + 1
    while at > 0:
        up = (at - 1) >> 1
        if keys[up] <= key:
            break
        keys[at] = keys[up]
        events[at] = events[up]
        at = up
    keys[at] = key
    events[at] = e
    return first


@kernel
def load_bucket(m, step):
    """Move the events of bucket `step` to the (empty) heap; if they do not find room, put them back and say so."""
    e = m.bucket[step]
    while e >= 0 and m.now[c.HEAP] + ROOM < m.heap_key.shape[0]:
        following = m.event[e].next
        push(m, m.event[e].time, m.event[e].kind, e)
        e = following
    if e >= 0:
        for i in range(m.now[c.HEAP]):
            m.event[m.heap_event[i]].next = e
            e = m.heap_event[i]
        m.now[c.HEAP] = 0
        m.bucket[step] = e
        return False
    m.bucket[step] = -1
    m.now[c.BUCKET] = step
    return True
