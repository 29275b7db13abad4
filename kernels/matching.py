"""Who is seen next: matching those who wait with staff, beds and clinicians who are free."""

from kernels import columns as c
from kernels import tallies
from kernels.aside import come_back, in_another_bed
from kernels.contacts import begin, list_of, off_the_list, queue_changes
from kernels.jit import kernel, leaf
from kernels.places import (
    free_clinician,
    give_kept_place,
    offset,
    take_clinician,
    take_post,
)
from kernels.waiting import before, leave


@kernel
def can_have(m, ref, alternative):
    """Say whether everybody one alternative needs is free together."""
    needs = m.alternative[alternative].needs
    for i in range(needs[0], needs[1]):
        need = m.need[i]
        p = m.pool_of[need.key, offset(m, ref, need.scope)]
        pool = m.pool[p]
        if need.kind == c.COURSE:
            if free_clinician(m, p, need.seconds) < 0:
                return False
        elif pool.free - pool.kept < need.count:
            return False
    return True


@kernel
def take(m, r, alternative, t):
    """Take everybody one alternative needs."""
    ref = m.referral[r]
    needs = m.alternative[alternative].needs
    slot = 0
    for i in range(needs[0], needs[1]):
        need = m.need[i]
        p = m.pool_of[need.key, offset(m, ref, need.scope)]
        ref.course_pool = p
        if need.kind == c.COURSE:
            ref.clinician = free_clinician(m, p, need.seconds)
            ref.course_seconds = need.seconds
            take_clinician(m, p, ref.clinician, need.seconds, t)
            continue
        for _ in range(need.count):
            post = take_post(m, p, t)
            m.held_post[r, slot] = post
            m.held_shift[r, slot] = m.post[post].shift
            slot += 1
    ref.n_slots = slot


@kernel
def keep_for(m, ref, alternative, t):
    """Keep what is free of the roles a held-back request needs (until the next match)."""
    needs = m.alternative[alternative].needs
    for i in range(needs[0], needs[1]):
        need = m.need[i]
        if need.kind != c.COURSE:
            p = m.pool_of[need.key, offset(m, ref, need.scope)]
            pool = m.pool[p]
            tallies.pool_changes(m, p, t)
            pool.kept = min(pool.free, pool.kept + need.count)


@leaf
def begin_with_one(m, r, p, t):
    """Begin for a referral that needs one person or place of one pool."""
    ref = m.referral[r]
    post = take_post(m, p, t)
    m.held_post[r, 0] = post
    m.held_shift[r, 0] = m.post[post].shift
    ref.n_slots = 1
    ref.course_pool = p
    left_a_bed = give_kept_place(m, r, t)
    begin(m, r, t)
    if left_a_bed:
        come_back(m, ref.person, t)


@leaf
def is_held_elsewhere(m, r):
    """Say whether somebody is in another contact, or has another hospital bed, and so cannot have their turn."""
    ref = m.referral[r]
    row = m.state[ref.state]
    if row.kind == c.CONTACT:
        return m.sizes[c.EXCLUSIVE] != 0 and ref.person < m.sizes[c.N_RESIDENTS] and m.person[ref.person].contact >= 0
    return row.ward != 0 and in_another_bed(m, r)


@leaf
def serve(m, at, t):
    """Try to begin for the head of a list; say whether the list may try again."""
    r = m.waiting[at].head
    ref = m.referral[r]
    row = m.state[ref.state]
    if is_held_elsewhere(m, r):
        leave(m, at, r)
        queue_changes(m, at, -1)
        ref.flags |= c.IS_ASIDE
        return True
    if row.group_size > 0:
        n = m.waiting[at].n
        if n < row.group_size and (n < row.group_least or t - ref.since < row.group_within):
            return False
    if row.simple != 0:
        need = m.need[m.alternative[row.alternative[0]].needs[0]]
        p = m.pool_of[need.key, offset(m, ref, need.scope)]
        if m.pool[p].free - m.pool[p].kept < 1:
            return False
        off_the_list(m, r, t)
        begin_with_one(m, r, p, t)
        return True
    for alternative in range(row.alternative[0], row.alternative[1]):
        if can_have(m, ref, alternative):
            take(m, r, alternative, t)
            off_the_list(m, r, t)
            left_a_bed = give_kept_place(m, r, t)
            leader_word = ref.minutes
            begin(m, r, t)
            if left_a_bed:
                come_back(m, ref.person, t)
            for _ in range(row.group_size - 1):
                member = m.waiting[at].head
                if member < 0:
                    break
                off_the_list(m, member, t)
                left_a_bed = give_kept_place(m, member, t)
                m.referral[member].minutes = leader_word
                m.referral[member].course_pool = ref.course_pool
                begin(m, member, t)
                if left_a_bed:
                    come_back(m, m.referral[member].person, t)
            return True
    if t - ref.since >= row.hold_after:
        keep_for(m, ref, row.alternative[0], t)
    return False


@kernel
def match(m, t):
    """Match every touched pool's lists: most urgent first, then by (joined, tie).

    A pool with one list that needs no other pool is a matter of its own: the short way.
    """
    m.now[c.MATCH_NO] += 1
    number = m.now[c.MATCH_NO]
    n = 0
    for i in range(m.now[c.N_TOUCHED]):
        pool = m.pool[m.touched[i]]
        pool.touched = 0
        if pool.queued == 0:
            continue
        if pool.alone != 0:
            at = m.lists_of_pool[pool.lists[0]]
            if pool.kept != 0:
                tallies.pool_changes(m, m.touched[i], t)
                pool.kept = 0
            while m.waiting[at].n > 0 and serve(m, at, t):
                pass
            continue
        for j in range(pool.lists[0], pool.lists[1]):
            at = m.lists_of_pool[j]
            if m.waiting[at].n > 0 and m.waiting[at].seen_at != number:
                m.waiting[at].seen_at = number
                m.candidate[n] = at
                n += 1
    m.now[c.N_TOUCHED] = 0
    i = 0
    while i < n:
        for j in range(m.list_pools.shape[1]):
            p = m.list_pools[m.candidate[i], j]
            if p < 0:
                break
            if m.pool[p].kept != 0:
                # whom it is kept for is settled anew: everybody who may use the pool is looked at again
                tallies.pool_changes(m, p, t)
                m.pool[p].kept = 0
                for k in range(m.pool[p].lists[0], m.pool[p].lists[1]):
                    other = m.lists_of_pool[k]
                    if m.waiting[other].n > 0 and m.waiting[other].seen_at != number:
                        m.waiting[other].seen_at = number
                        m.candidate[n] = other
                        n += 1
        i += 1
    while n > 0:
        best = 0
        for i in range(1, n):
            if stands_first(m, m.candidate[i], m.candidate[best]):
                best = i
        at = m.candidate[best]
        again = serve(m, at, t)
        if not again or m.waiting[at].n == 0:
            n -= 1
            m.candidate[best] = m.candidate[n]


@kernel
def stands_first(m, a, b):
    """Say whether the head of list `a` goes before the head of list `b`."""
    one = m.state[m.waiting[a].state].urgency
    other = m.state[m.waiting[b].state].urgency
    if one != other:
        return one < other
    return before(m, m.waiting[a].head, m.waiting[b].head)


@leaf
def begins_at_once(m, r, t):
    """Begin for somebody who joins alone, finds nobody before them and the one they need free; say if it was so."""
    ref = m.referral[r]
    row = m.state[ref.state]
    if row.simple == 0 or m.waiting[list_of(m, ref)].n > 0:
        return False
    need = m.need[m.alternative[row.alternative[0]].needs[0]]
    p = m.pool_of[need.key, offset(m, ref, need.scope)]
    pool = m.pool[p]
    if pool.alone == 0 or pool.free < 1 or pool.touched != 0:
        return False
    if is_held_elsewhere(m, r):
        return False
    begin_with_one(m, r, p, t)
    return True
