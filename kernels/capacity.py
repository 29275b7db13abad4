"""More or fewer people at work from one second to the next: what a team's owner decides between two days."""

from kernels.jit import kernel
from kernels.places import touch
from kernels.tallies import pool_changes


@kernel
def resize_post(m, i, size, t):
    """Change how many people (or places) one post group has, from second `t`.

    On shift, whoever is added is free at once; of those taken away the free go first, and the busy finish
    what they began as overtime.
    """
    post = m.post[i]
    by = size - post.size
    post.size = size
    if post.on == 0:
        return
    pool = m.pool[post.pool]
    pool_changes(m, post.pool, t)
    pool.on += by
    if by >= 0:
        stay = min(by, post.leaving)  # who was about to go stays
        post.leaving -= stay
        pool.over -= stay
        pool.busy += stay
        free = by - stay
    else:
        free = -min(-by, post.free)
        busy = free - by
        post.leaving += busy
        pool.busy -= busy
        pool.over += busy
    post.free += free
    if post.open != 0:
        pool.free += free
        if free > 0 and pool.queued > 0:
            touch(m, post.pool)


@kernel
def clinicians_change(m, p, by, t):
    """Count clinicians who hold courses in or out of a pool, from second `t`."""
    pool = m.pool[p]
    pool_changes(m, p, t)
    pool.on += by
    if by > 0 and pool.queued > 0:
        touch(m, p)
