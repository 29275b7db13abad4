"""Staff, beds and caseloads: taken and given back, never more than there are."""

import numpy as np

from kernels import columns as c
from kernels.calendar_queue import schedule
from kernels.jit import kernel, leaf
from kernels.tallies import pool_changes


@leaf
def offset(m, ref, scope):
    """Return where a referral stands among the places of a scope."""
    if scope == c.AREA:
        return 0
    if scope == c.SYSTEM:
        return np.int64(ref.system)
    if scope == c.SITE:
        return np.int64(ref.site)
    return np.int64(ref.system) * m.sizes[c.N_SITES] + ref.site


@leaf
def touch(m, p):
    """Note that a pool may have somebody free for somebody who waits."""
    if m.pool[p].touched == 0:
        m.pool[p].touched = 1
        m.touched[m.now[c.N_TOUCHED]] = p
        m.now[c.N_TOUCHED] += 1


@leaf
def take_post(m, p, t):
    """Take one free person or place of a pool: of several groups, one of that whose shift ends last."""
    pool = m.pool[p]
    best = pool.posts[0]
    if pool.posts[1] - pool.posts[0] > 1:
        best = -1
        for i in range(pool.posts[0], pool.posts[1]):
            post = m.post[i]
            if post.open != 0 and post.free > 0 and (best < 0 or post.ends > m.post[best].ends):
                best = i
    pool_changes(m, p, t)
    m.post[best].free -= 1
    pool.free -= 1
    pool.busy += 1
    return best


@leaf
def give_post(m, i, shift, t):
    """Give one person or place back; somebody whose shift has ended meanwhile goes home."""
    post = m.post[i]
    p = post.pool
    pool = m.pool[p]
    pool_changes(m, p, t)
    if post.on != 0 and (post.shift & 0xFFFF) == (shift & 0xFFFF) and post.leaving == 0:
        pool.busy -= 1
        post.free += 1
        if post.open != 0:
            pool.free += 1
            if pool.queued > 0:
                touch(m, p)
    else:
        if post.on != 0 and (post.shift & 0xFFFF) == (shift & 0xFFFF):
            post.leaving -= 1
        pool.over -= 1


@leaf
def give_all(m, r, t, extra):
    """Give back what a referral holds, `extra` seconds from now (travel and records hold the clinician only)."""
    ref = m.referral[r]
    for slot in range(ref.n_slots):
        post = m.held_post[r, slot]
        shift = m.held_shift[r, slot]
        if extra > 0:
            schedule(m, t + extra, c.E_RELEASE, post, 0, np.uint16(shift & 0xFFFF))
        else:
            give_post(m, post, shift, t)
    ref.n_slots = 0


@kernel
def give_kept_place(m, r, t):
    """Give back the place somebody kept until the next state admitted them; say whether it was a hospital bed."""
    ref = m.referral[r]
    if ref.kept_post < 0:
        return False
    pool = m.pool[m.post[ref.kept_post].pool]
    pool_changes(m, m.post[ref.kept_post].pool, t)
    pool.blocked -= 1
    schedule(m, t, c.E_RELEASE, ref.kept_post, 0, np.uint16(ref.kept_shift & 0xFFFF))
    ref.kept_post = -1
    return m.state[ref.before].ward != 0


@kernel
def free_clinician(m, p, seconds):
    """Return the clinician of a course pool with a caseload place and most free minutes, or −1."""
    best = -1
    for i in range(m.pool[p].clinicians[0], m.pool[p].clinicians[1]):
        one = m.clinician[i]
        if one.places > 0 and one.seconds >= seconds and (best < 0 or one.seconds > m.clinician[best].seconds):
            best = i
    return best


@kernel
def take_clinician(m, p, i, seconds, t):
    """Give a course a caseload place and weekly minutes of one clinician."""
    pool_changes(m, p, t)
    m.pool[p].busy += 1
    m.clinician[i].places -= 1
    m.clinician[i].seconds -= seconds


@kernel
def give_clinician(m, i, seconds, t):
    """End a course: its caseload place and weekly minutes are free again."""
    p = m.clinician[i].pool
    pool_changes(m, p, t)
    m.pool[p].busy -= 1
    m.clinician[i].places += 1
    m.clinician[i].seconds += seconds
    if m.pool[p].queued > 0:
        touch(m, p)


@kernel
def toggle(m, i, what, ends, t):
    """Let one post group come on shift, stop starting contacts, or go off shift."""
    post = m.post[i]
    pool = m.pool[post.pool]
    pool_changes(m, post.pool, t)
    if what == c.COME_ON:
        if post.on != 0:
            return
        post.on = 1
        post.open = 1
        post.shift += 1
        post.free = post.size
        post.ends = ends
        pool.on += post.size
        pool.free += post.size
        if pool.queued > 0:
            touch(m, post.pool)
    else:
        if post.open != 0:
            pool.free -= post.free
            post.open = 0
        if what == c.GO_OFF and post.on != 0:
            post.on = 0
            post.leaving = 0
            pool.on -= post.size
            still = post.size - post.free
            pool.busy -= still
            pool.over += still
            post.free = 0
