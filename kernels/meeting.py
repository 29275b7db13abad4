"""Where cells meet, on the hour: messages of all cells are answered in one order, whoever wrote them first.

Requests go in order of (second, urgency, tie, id, cell), each to the nearest cell with a free bed on the same kind of
ward.  What each cell is told is written down: with it the cell can be run again alone.
"""

from kernels import columns as c
from kernels.exchange import free_beds, takes_in
from kernels.jit import kernel, leaf
from kernels.model import model_at
from kernels.steps import is_back


@kernel
def collect(addresses, mail, home):
    """Empty all outboxes into `mail` EXCHANGE[message] and `home` int64[message], whose cell wrote it; return how many.

    Returns −1, and takes nothing, if there is no room.
    """
    n = 0
    for i in range(addresses.shape[0]):
        n += model_at(addresses[i]).now[c.N_OUTBOX]
    if n > mail.shape[0]:
        return -1
    n = 0
    for i in range(addresses.shape[0]):
        m = model_at(addresses[i])
        for k in range(m.now[c.N_OUTBOX]):
            mail[n] = m.outbox[k]
            home[n] = i
            n += 1
        m.now[c.N_OUTBOX] = 0
    return n


@leaf
def comes_before(one, home, other, its_home):
    """Say whether a message goes before another: by second, urgency, tie, id, and cell."""
    if one.time != other.time:
        return one.time < other.time
    if one.urgency != other.urgency:
        return one.urgency < other.urgency
    if one.tie != other.tie:
        return one.tie < other.tie
    if one.id0 != other.id0:
        return one.id0 < other.id0
    if one.id1 != other.id1:
        return one.id1 < other.id1
    return home < its_home


@kernel
def in_order(mail, home, order, n):
    """Fill `order` int64[message] with the first `n` messages as they are answered, by insertion: they are few."""
    for k in range(n):
        at = k
        while at > 0 and comes_before(mail[k], home[k], mail[order[at - 1]], home[order[at - 1]]):
            order[at] = order[at - 1]
            at -= 1
        order[at] = k


@kernel
def note(told, n, to, kind, state, message, cell, stamp, t):
    """Write down what a cell is told, and return how many notes there are then."""
    row = told[n]
    row.second = t
    row.kind = kind
    row.state = state
    row.id0 = message.id0
    row.id1 = message.id1
    row.entry = message.entry
    row.cell = cell
    row.row = message.row
    row.stamp = stamp
    row.to = to
    return n + 1


@kernel
def find_a_bed(addresses, nearest, beds, home, message, told, n, t):
    """Let the nearest cell with a free bed take somebody in; return how many notes there are then."""
    r = message.row
    state = message.state
    at_home = model_at(addresses[home])
    if at_home.referral[r].stamp != message.stamp:
        return n  # gone again
    for k in range(nearest.shape[1]):
        host = nearest[home, k]
        if beds[host, state] < 0:
            beds[host, state] = free_beds(model_at(addresses[host]), state, message.keep_free)
        if beds[host, state] > 0:
            beds[host, state] -= 1
            at_home.referral[r].stamp += 1
            stamp = at_home.referral[r].stamp
            n = note(told, n, home, c.IS_TAKEN, state, message, host, stamp, t)
            there = model_at(addresses[host])
            takes_in(there, state, message.id0, message.id1, message.entry, home, r, stamp, t)
            there.now[c.RESUME_AT] = t
            return note(told, n, host, c.TAKES_IN, state, message, home, stamp, t)
    return n


@kernel
def meet(addresses, nearest, beds, mail, home, order, told, n_told, t):
    """Let cells meet at second `t`: who is back, then who asks, each in a fixed order.

    `nearest` int64[cell, other] other cells, nearest first; `beds` int64[cell, state], `mail`, `home`, `order` are
    room to work in.  Returns how many notes `told` TOLD[note] holds then, −1 if it (or `mail`) is too short.
    """
    n = -1
    if n_told + 2 * mail.shape[0] <= told.shape[0]:
        n = collect(addresses, mail, home)
    if n <= 0:
        return n_told if n == 0 else -1
    in_order(mail, home, order, n)
    for k in range(n):
        message = mail[order[k]]
        if message.kind == c.IS_OVER:
            m = model_at(addresses[message.cell])
            is_back(m, message.row, message.stamp, t)
            m.now[c.RESUME_AT] = t
            n_told = note_return(told, n_told, message, t)
    beds[:, :] = -1
    for k in range(n):
        message = mail[order[k]]
        if message.kind == c.ASKS:
            n_told = find_a_bed(addresses, nearest, beds, home[order[k]], message, told, n_told, t)
    return n_told


@kernel
def note_return(told, n, message, t):
    """Write down that somebody is told to be back, and return how many notes there are then."""
    row = told[n]
    row.second = t
    row.kind = c.IS_BACK
    row.state = 0
    row.id0 = 0
    row.id1 = 0
    row.entry = 0
    row.cell = 0
    row.row = message.row
    row.stamp = message.stamp
    row.to = message.cell
    return n + 1
