"""Asking for rows before they are needed: what is due is known, so the memory's trips can overlap.

When many people are on the calendar their rows lie beyond the caches, and an event waits for one row after another.
Nothing here changes anything: an asked-for row is only nearer when its event comes.
"""

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic
from numba.np import arrayobj

from kernels import columns as c
from kernels.jit import kernel, leaf
from kernels.model import TableType, model_at
from kernels.places import offset

LINE = 64
SLICE = 16  # buckets looked ahead at a time, of all cells together; at least 4 of each


@intrinsic
def fetch(typingctx, table, row, offset):  # type: ignore[no-untyped-def]
    """Ask for the line that holds byte `offset` of a row of a table; a row that does not exist does no harm."""
    if not isinstance(table, TableType):
        return None

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        array_type = signature.args[0]
        array = arrayobj.make_array(array_type)(context, builder, args[0])
        stride = cgutils.unpack_tuple(builder, array.strides, array_type.ndim)[0]
        byte, word = ir.IntType(8).as_pointer(), ir.IntType(32)
        base = builder.ptrtoint(array.data, ir.IntType(64))
        at = builder.inttoptr(builder.add(base, builder.add(builder.mul(args[1], stride), args[2])), byte)
        of = ir.FunctionType(ir.VoidType(), [byte, word, word, word])
        prefetch = cgutils.get_or_insert_function(builder.module, of, "llvm.prefetch.p0")
        builder.call(prefetch, [at, word(0), word(3), word(1)])
        return context.get_dummy_value()

    return types.void(table, types.intp, types.intp), codegen


@leaf
def is_of_a_referral(kind):
    """Say whether an event is about a referral."""
    return (
        kind != c.E_ONSET and kind != c.E_RELEASE and kind != c.E_ARRIVAL and kind != c.E_ROSTER and kind != c.E_FLUSH
        and kind != c.E_LIFE
    )  # fmt: skip


@leaf
def fetch_event(m, e):
    """Ask for an event's row."""
    if e >= 0:
        fetch(m.event, e, 0)
        fetch(m.event, e, c.EVENT_BYTES - 1)


@kernel
def fetch_first_events(m, first, stop):
    """Ask for the first event of each bucket from `first` to `stop`; where they are is kept behind the heap."""
    behind = m.now[c.HEAP] - first
    for step in range(first, stop):
        e = m.bucket[step]
        m.heap_event[behind + step] = e
        fetch_event(m, e)


@kernel
def fetch_next_events(m, first, stop):
    """Go one event further along each of these buckets and ask for it; say whether any goes on."""
    behind = m.now[c.HEAP] - first
    more = False
    for step in range(first, stop):
        e = m.heap_event[behind + step]
        if e >= 0:
            e = m.event[e].next
            m.heap_event[behind + step] = e
            fetch_event(m, e)
            more = more or e >= 0
    return more


@kernel
def fetch_rows(m, first, stop):
    """Ask for what the events of these buckets are about, then for what that points at."""
    for step in range(first, stop):
        e = m.bucket[step]
        while e >= 0:
            event = m.event[e]
            fetch_what_it_is_about(m, event.kind, event.what)
            e = event.next
    for step in range(first, stop):
        e = m.bucket[step]
        while e >= 0:
            event = m.event[e]
            if is_of_a_referral(event.kind):
                if m.referral[event.what].stamp == event.stamp:
                    fetch_what_it_points_at(m, event.what)
            elif event.kind == c.E_ONSET and m.person[event.what].account >= 0:
                fetch(m.account_row, m.person[event.what].account, 0)
            elif event.kind == c.E_ONSET and m.person[event.what].account < -1:
                fetch(m.left_group, -2 - m.person[event.what].account, 0)
            e = event.next


@leaf
def fetch_what_it_is_about(m, kind, what):
    """Ask for a referral and what is kept beside it, or a person who is about to ask, or a post."""
    if is_of_a_referral(kind):
        fetch(m.referral, what, 0)
        fetch(m.referral, what, LINE)
        fetch(m.referral, what, c.REFERRAL_BYTES - 1)
        fetch(m.held_post, what, 0)
        fetch(m.held_shift, what, 0)
        fetch(m.visits, what, 0)
        fetch(m.running, what, 0)
    elif kind == c.E_ONSET:
        fetch(m.person, what, 0)
        fetch(m.risk, what, 0)
        fetch(m.area, what, 0)
        fetch(m.ordinal, what, 0)
    elif kind == c.E_RELEASE:
        fetch(m.post, what, 0)
    elif kind == c.E_LIFE:  # mostly of a person
        fetch(m.life, what, 0)
        fetch(m.life_group, what, 0)
        fetch(m.life_account, what, 0)
        fetch(m.person, what, 0)
        fetch(m.risk, what, 0)
        fetch(m.area, what, 0)
        fetch(m.age, what, 0)
        fetch(m.conditions, what, 0)


@leaf
def fetch_what_it_points_at(m, r):
    """Ask for the person of a referral, its neighbours on a list, and where its stay is counted."""
    ref = m.referral[r]
    p = ref.person
    if p < m.sizes[c.N_RESIDENTS]:
        fetch(m.person, p, 0)
        fetch(m.past_use, p, 0)
        fetch(m.reached, p, 0)
    if (ref.flags & c.IS_WAITING) != 0:
        fetch(m.referral, ref.next, 0)
        fetch(m.referral, ref.prev, 0)
    state = m.state[ref.state]
    at = state.cell_base + offset(m, ref, state.scope)
    fetch(m.cell, at, 0)
    fetch(m.cell, at, LINE)
    fetch(m.cell, at, 2 * LINE)


@leaf
def may_look_ahead(m, first):
    """Say whether all of these buckets still lie ahead (not if the run stopped within them, for room or a rule)."""
    return m.now[c.BUCKET] < first


@kernel
def fetch_events(addresses, order, low, high, first, stop):
    """Ask for all events of cells `order[low:high]` in buckets `first` to `stop`.

    An event's row says where the next of its bucket lies: buckets of all cells are followed side by side.
    """
    for k in range(low, high):
        m = model_at(addresses[order[k]])
        if may_look_ahead(m, first):
            fetch_first_events(m, first, stop)
    more = True
    while more:
        more = False
        for k in range(low, high):
            m = model_at(addresses[order[k]])
            if may_look_ahead(m, first):
                more = fetch_next_events(m, first, stop) or more
