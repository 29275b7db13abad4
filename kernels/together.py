"""Several cells, hour by hour, by as many threads as come along: whoever is free takes the next few cells.

Nothing a cell does within an hour depends on another, so it does not matter who takes which.  Whoever is done last lets
the cells meet and opens the next hour; the others wait for that, for a moment only.  A thread that never comes holds
nobody up.
"""

from kernels import ahead, steps
from kernels import columns as c
from kernels.jit import kernel
from kernels.meeting import meet
from kernels.model import model_at
from kernels.turns import add, look, put

HOUR = 3600
LOOKS = 20000  # at the board before a thread goes back to Python for a while: some hundredths of a millisecond
TURN_BITS = 32


@kernel
def run_group(addresses, order, low, high, until, codes):
    """Run cells `order[low:high]`, all at the same second, to second `until`, in turn a few buckets at a time.

    What happens in these buckets is asked for before, of all of them side by side.
    """
    now = model_at(addresses[order[low]]).now
    step = now[c.STEP]
    first = now[c.T] // step
    for k in range(low, high):
        codes[order[k]] = c.DONE
    last = until // step
    n_buckets = max(4, ahead.SLICE // (high - low))
    while True:  # once at least: what resumes in this very second has no bucket before it
        stop = min(first + n_buckets, last)
        ahead.fetch_events(addresses, order, low, high, first, stop)
        for k in range(low, high):
            i = order[k]
            if codes[i] != c.DONE:
                continue
            m = model_at(addresses[i])
            if ahead.may_look_ahead(m, first):
                ahead.fetch_rows(m, first, stop)
            codes[i] = steps.advance(m, stop * step)
        first = stop
        if first >= last:
            return


@kernel
def end_hour(addresses, nearest, beds, mail, home, sorting, told, board, codes):
    """Let the cells meet once all are done with an hour; say whether another follows."""
    until = look(board, c.UNTIL)
    for i in range(codes.shape[0]):
        if codes[i] != c.DONE:
            return False
    if addresses.shape[0] > 1:
        n = meet(addresses, nearest, beds, mail, home, sorting, told, board[c.N_TOLD], until)
        if n < 0:
            return False
        board[c.N_TOLD] = n
    board[c.MET] = until
    if until >= board[c.LAST]:
        return False
    board[c.UNTIL] = min(until + HOUR, board[c.LAST])
    return True


@kernel
def take_part(addresses, order, groups, nearest, beds, mail, home, sorting, told, board, codes):
    """Work with others on the hours to second `board[LAST]`; return OVER, or WAITS if there was nothing to do.

    It is over too when a cell stopped on the way (its code says why) or notes are full; then `board[MET]` is not
    `board[UNTIL]`.
    """
    n_groups = groups.shape[0] - 1
    while True:
        if look(board, c.IS_OPEN) == 0:
            return c.OVER
        turn = add(board, c.NEXT, 1)
        hour = turn >> TURN_BITS
        g = turn & ((1 << TURN_BITS) - 1)
        if g < n_groups:
            run_group(addresses, order, groups[g], groups[g + 1], look(board, c.UNTIL), codes)
            if add(board, c.N_READY, 1) == n_groups - 1:
                put(board, c.N_READY, 0)
                if end_hour(addresses, nearest, beds, mail, home, sorting, told, board, codes):
                    put(board, c.NEXT, (hour + 1) << TURN_BITS)
                else:
                    put(board, c.IS_OPEN, 0)
        else:
            looks = 0
            while look(board, c.NEXT) >> TURN_BITS == hour and look(board, c.IS_OPEN) != 0:
                looks += 1
                if looks == LOOKS:
                    return c.WAITS
