"""The loop: bucket after bucket, second after second, in the order the rules give.

Within a second: ends release → rosters change → joins → match → patience and escalation → refusals reroute, until
nothing moves.  The loop stops (and can go on) when room runs out, when a Python rule must decide, or when the log
is full.
"""

import numpy as np

from kernels import columns as c
from kernels import tallies
from kernels.aside import in_another_bed
from kernels.calendar_queue import ROOM, forget, load_bucket, pop, schedule
from kernels.coming import comes_in
from kernels.contacts import cell_of, visit_words
from kernels.courses import course_ends, session
from kernels.draws import block, quantile, seconds
from kernels.due import session_is_due, visit_is_due
from kernels.jit import kernel, leaf
from kernels.lives import does_come, life_event
from kernels.matching import match
from kernels.onset import EXPONENTIAL_SHIFT, FAR, after_onset, onset_is_due, second_when
from kernels.passage import deteriorates, enter, finishes, gives_up, goes_along
from kernels.places import give_clinician, give_post, offset, toggle, touch
from kernels.referrals import open_referral, will_enter

WEEK = 604800
BIRTHS = 64  # rows that must be free before a second begins


@leaf
def next_arrival(m, s):
    """Book the next arrival of a stream: renewal intervals, or a Poisson stream warped by its profile."""
    row = m.stream[s]
    words = block(m.now[c.SEED], m.now[c.REPLICATION], row.id, np.uint32(row.ordinal), row.purpose, row.ordinal >> 32)
    if row.interval >= 0:
        t = row.since + seconds(m.table[row.interval], words[0])
    else:
        if row.rate <= 0:
            return
        row.position += (quantile(m.exponential, words[0]) << EXPONENTIAL_SHIFT) // row.rate
        t = second_when(m, row.profile, row.position, row.since)
        t = max(t, row.since)
    if t < row.stop and t < FAR:
        schedule(m, t, c.E_ARRIVAL, s, 0, 0)


@leaf
def arrives(m, s, t):
    """Open the referral of one arrival of a stream, and book the next."""
    row = m.stream[s]
    ordinal = row.ordinal
    person = row.person
    if row.n_persons > 1:
        words = block(m.now[c.SEED], m.now[c.REPLICATION], row.id, np.uint32(ordinal), row.purpose, 1 << 31)
        person += np.int64(words[0]) * row.n_persons >> 32
    r = open_referral(m, person, row.id, np.uint32(ordinal), 1, row.system, row.site, t)
    will_enter(m, r, row.to)
    row.ordinal = ordinal + 1
    row.since = t
    next_arrival(m, s)


@kernel
def asks(m, p, d, t):
    """Let a resident come through a door: their k-th onset there."""
    k = after_onset(m, p, d, t)
    if m.now[c.LIVES] == 0 or does_come(m, p, d, k):
        comes_in(m, p, d, m.door[d].tag, k, t)


@kernel
def rosters_change(m, t):
    """Carry out the week's roster changes that fall on second `t`, and book the next."""
    n = m.toggle.shape[0]
    if n == 0:
        return
    at = (t + m.now[c.WEEK_OFFSET] * 3600) % WEEK
    low = 0
    high = n
    while low < high:
        middle = (low + high) >> 1
        if m.toggle[middle].second < at:
            low = middle + 1
        else:
            high = middle
    i = low
    while i < n and m.toggle[i].second == at:
        row = m.toggle[i]
        toggle(m, row.post, row.what, t + row.length, t)
        i += 1
    ahead = m.toggle[i].second - at if i < n else m.toggle[0].second + WEEK - at
    schedule(m, t + ahead, c.E_ROSTER, 0, 0, 0)


@leaf
def carry_out(m, e, t):
    """Carry out one event of the phases before matching, if it is still meant."""
    row = m.event[e]
    kind = row.kind
    what = row.what
    stamp = row.stamp
    extra = row.extra
    forget(m, e)
    m.now[c.N_EVENTS] += 1
    if kind == c.E_END:
        if m.referral[what].stamp == stamp:
            finishes(m, what, t)
    elif kind == c.E_ARRIVAL:
        arrives(m, what, t)
    elif kind == c.E_RELEASE:
        if extra == 1:
            give_clinician(m, what, np.int64(stamp), t)
        else:
            give_post(m, what, np.int64(stamp), t)
    elif kind == c.E_SESSION:
        if m.referral[what].stamp == stamp:
            if extra == 1:
                course_ends(m, what, c.NO_EVENT, t)
            else:
                session(m, what, t)
    elif kind == c.E_ONSET:
        if onset_is_due(m, what, extra, stamp):
            asks(m, what, extra, t)
    elif kind == c.E_DUE:
        if m.referral[what].stamp == stamp:
            if extra == 1:
                session_is_due(m, what, t)
            else:
                visit_is_due(m, what, t)
    elif kind == c.E_ROSTER:
        rosters_change(m, t)
    elif kind == c.E_GROUP:
        if m.referral[what].stamp == stamp:
            row_state = m.state[m.referral[what].state]
            need = m.need[m.alternative[row_state.alternative[0]].needs[0]]
            touch(m, m.pool_of[need.key, offset(m, m.referral[what], need.scope)])
    elif kind == c.E_FLUSH:
        tallies.flush(m, t)
        interval = (t - m.now[c.MEASURE_FROM]) // m.now[c.SERIES_EVERY] - 1
        if interval < m.series.shape[0]:
            tallies.flush_series(m, interval)
            schedule(m, t + m.now[c.SERIES_EVERY], c.E_FLUSH, 0, 0, 0)


@kernel
def patience_ends(m, e, t):
    """Let one person's patience end, or their wait escalate, if they still wait."""
    row = m.event[e]
    r = row.what
    kind = row.kind
    extra = row.extra
    stamp = row.stamp
    forget(m, e)
    m.now[c.N_EVENTS] += 1
    ref = m.referral[r]
    if ref.stamp != stamp:
        return
    if (ref.flags & (c.IS_WAITING | c.IS_ASIDE)) == 0 and m.state[ref.state].kind != c.WAIT:
        return
    state = m.state[ref.state]
    if kind == c.E_ESCALATE and extra == 255:
        deteriorates(m, r, t)
        return
    after = m.escalation[state.escalations[0] + extra] if kind == c.E_ESCALATE else 0
    if state.ward != 0 and in_another_bed(m, r):  # nobody is sent away from one bed for want of another
        if kind == c.E_PATIENCE:
            after = seconds(m.table[state.patience], visit_words(m, r)[2])
        schedule(m, t + after, kind, r, extra, stamp)
    elif kind == c.E_PATIENCE:
        gives_up(m, r, c.LEFT_WAITING, 0, t)
    else:
        gives_up(m, r, c.WAITING, after, t)


@leaf
def joins(m, t):
    """Let everyone who was routed or arrived enter their state."""
    i = 0
    while i < m.now[c.N_JOINING]:
        enter(m, m.joining[i], m.joining_to[i], t, m.now[c.N_JOINING] == 1)
        i += 1
    m.now[c.N_JOINING] = 0


@kernel
def refusals(m, t):
    """Turn away who joined this second and found nobody at work (`closed`) or too many waiting (`full`).

    The last to join go first: they are taken in reverse order of (joined, tie).
    """
    n = m.now[c.N_NEWLY]
    for i in range(n):
        r = m.newly[i]
        ref = m.referral[r]
        if (ref.flags & c.IS_WAITING) == 0 or ref.since != t:
            continue
        row = m.state[ref.state]
        if row.closed != 0 and not somebody_at_work(m, ref):
            gives_up(m, r, c.CLOSED, 0, t)
    for i in range(n):
        r = m.newly[i]
        ref = m.referral[r]
        if (ref.flags & c.IS_WAITING) == 0 or ref.since != t:
            continue
        row = m.state[ref.state]
        if row.queue_limit < 0:
            continue
        at = row.list_base + offset(m, ref, row.list_scope)
        while m.waiting[at].n > row.queue_limit:
            last = m.waiting[at].tail
            if m.referral[last].since != t:
                break
            before = m.waiting[at].n
            gives_up(m, last, c.FULL, 0, t)
            if m.waiting[at].n == before:
                break
    m.now[c.N_NEWLY] = 0


@kernel
def somebody_at_work(m, ref):
    """Say whether every pool of some alternative has somebody on shift."""
    row = m.state[ref.state]
    for a in range(row.alternative[0], row.alternative[1]):
        needs = m.alternative[a].needs
        open_now = True
        for i in range(needs[0], needs[1]):
            need = m.need[i]
            p = m.pool_of[need.key, offset(m, ref, need.scope)]
            if m.pool[p].on < need.count:
                open_now = False
        if open_now:
            return True
    return False


@kernel
def lives_go_on(m, t):
    """Carry out what happens to people's lives at second `t`, once care has settled; say whether anything did."""
    any_did = False
    while m.now[c.HEAP] > 0 and (m.heap_key[0] >> 29) == ((t << 3) | 6):
        e = pop(m)
        row = m.event[e]
        what = row.what
        kind = row.extra
        stamp = row.stamp
        forget(m, e)
        m.now[c.N_EVENTS] += 1
        life_event(m, what, kind, stamp, t)
        any_did = True
    return any_did


@kernel
def has_room_to_live(m):
    """Say whether there is room for what one second may bring to people's lives."""
    n = ROOM + 4 * m.now[c.HEAP]
    newcomers = m.sizes[c.N_RESIDENTS] - m.sizes[c.N_AT_START]
    return m.now[c.N_LIFE_ACCOUNTS] + n < m.life_row.shape[0] and m.now[c.N_LATER] + BIRTHS < newcomers


@kernel
def has_room(m):
    """Say whether there is room for whatever one second may bring."""
    n = ROOM + 4 * m.now[c.HEAP]
    if m.now[c.LIVES] != 0 and not has_room_to_live(m):
        return False
    return (
        m.now[c.N_FREE_REFERRAL] > n
        and m.now[c.N_FREE_EVENT] > 4 * n
        and m.now[c.N_ACCOUNTS] + n < m.account_row.shape[0]
        and m.now[c.N_LEFT] + n * m.family.shape[0] < m.left_group.shape[0]
        and m.now[c.HEAP] + ROOM < m.heap_key.shape[0]
        and m.now[c.N_OUTBOX] + ROOM < m.outbox.shape[0]
    )


@kernel
def advance(m, until):
    """Run to second `until` (a multiple of the step); return DONE, GROW, RULE or LOG_FULL.

    After GROW or LOG_FULL the caller makes room and calls again; after RULE it puts the decided referrals on
    `joining` and calls again: the same second goes on where it stopped.
    """
    step_seconds = m.now[c.STEP]
    while True:
        if m.now[c.RESUME_AT] >= 0:
            t = m.now[c.RESUME_AT]
            m.now[c.RESUME_AT] = -1
            if settle(m, t) == RULES:
                return c.RULE
        while m.now[c.HEAP] > 0:
            if not has_room(m):
                return c.GROW
            if m.now[c.LOGGING] != 0 and m.now[c.N_LOG] + ROOM > m.log.shape[0]:
                return c.LOG_FULL
            t = m.heap_key[0] >> 32
            m.now[c.T] = t
            while m.now[c.HEAP] > 0 and (m.heap_key[0] >> 29) < ((t << 3) | 4):
                carry_out(m, pop(m), t)
            if settle(m, t) == RULES:
                return c.RULE
            while m.now[c.HEAP] > 0 and (m.heap_key[0] >> 30) == ((t << 2) | 2):
                patience_ends(m, pop(m), t)
            if m.now[c.N_JOINING] + m.now[c.N_TOUCHED] > 0:
                if settle(m, t) == RULES:
                    return c.RULE
            if m.now[c.LIVES] != 0 and lives_go_on(m, t) and settle(m, t) == RULES:
                return c.RULE
        following = m.now[c.BUCKET] + 1
        if following * step_seconds >= until:
            m.now[c.T] = until
            return c.DONE
        if not load_bucket(m, following):
            return c.GROW


RULES = 1


@kernel
def settle(m, t):
    """Join, match and refuse until nothing moves any more at second `t`."""
    while m.now[c.N_JOINING] + m.now[c.N_TOUCHED] + m.now[c.N_NEWLY] > 0:
        if m.now[c.N_JOINING] > 0:
            joins(m, t)
            if m.now[c.N_RULED] > 0:
                m.now[c.RESUME_AT] = t
                return RULES
        if m.now[c.N_TOUCHED] > 0:
            match(m, t)
        if m.now[c.N_NEWLY] > 0:
            refusals(m, t)
    return 0


@kernel
def fill(m, state, person, id0, first, n):
    """Let people number `first` to `first + n` be in (or wait for) a state when the run starts: they joined before."""
    for i in range(first, first + n):
        r = open_referral(m, person, np.uint32(id0), np.uint32(i), 1, 0, 0, 0)
        enter(m, r, state, 0, False)
        m.referral[r].since = -1
    m.now[c.N_NEWLY] = 0  # who was there before is not turned away


@kernel
def send(m, r, chosen, t):
    """Send a referral from a decision along a chosen route."""
    if t >= m.now[c.MEASURE_FROM]:
        m.cell[cell_of(m, m.referral[r])].completed += 1
    state = goes_along(m, r, chosen, t)
    if state >= 0:
        will_enter(m, r, state)


@kernel
def is_back(m, r, stamp, t):
    """Let somebody whose stay in another cell is over go on at home."""
    if m.referral[r].stamp == stamp:
        finishes(m, r, t)
