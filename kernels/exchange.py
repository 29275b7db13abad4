"""Between cells: who is in a cell without a bed may be a guest on another cell's ward.

Cells meet at exchanges, on the hour.  A home asks as soon as somebody enters a state that may be exchanged, and books
the stay there as if nobody answered.  A cell that takes them in opens a referral of a guest with the person's own id
words; the home's booking is void, and the stay there ends when the guest's is over.
"""

import numpy as np

from kernels import columns as c
from kernels.jit import kernel
from kernels.referrals import open_referral, will_enter


@kernel
def tell(m, r, kind, state, keep_free, cell, row, stamp, t):
    """Put a message about referral `r` into the outbox."""
    ref = m.referral[r]
    message = m.outbox[m.now[c.N_OUTBOX]]
    m.now[c.N_OUTBOX] += 1
    message.time = t
    message.urgency = m.state[state].urgency
    message.tie = ref.tie
    message.id0 = ref.id0
    message.id1 = ref.id1
    message.entry = ref.entry
    message.kind = kind
    message.state = state
    message.keep_free = keep_free
    message.cell = cell
    message.row = row
    message.stamp = stamp


@kernel
def free_beds(m, state, keep_free):
    """Return how many guests a state of one bed each could take in now, `keep_free` percent of the beds left free.

    None while the cell's own people wait.
    """
    row = m.state[state]
    if row.kind != c.PLACE or row.simple == 0:
        return 0
    need = m.need[m.alternative[row.alternative[0]].needs[0]]
    if need.scope != c.AREA:
        return 0
    pool = m.pool[m.pool_of[need.key, 0]]
    kept = (np.int64(pool.on) * keep_free + 99) // 100
    return max(0, pool.free - pool.kept - kept) if pool.queued == 0 else 0


@kernel
def takes_in(m, state, id0, id1, entry, cell, row, stamp, t):
    """Open a guest's referral, to enter `state` when this second is settled."""
    blank = m.age.shape[0] - 1
    r = open_referral(m, blank, np.uint32(id0), np.uint32(id1), entry, 0, 0, t)
    ref = m.referral[r]
    ref.home_cell = cell
    ref.home_row = row
    ref.home_stamp = np.uint32(stamp)
    will_enter(m, r, state)
