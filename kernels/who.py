"""Who somebody is: the two id words that key all their luck."""

import numpy as np

from kernels import columns as c
from kernels.jit import kernel


@kernel
def id_words(m, p, tag):
    """Return the two id words of a resident; the tag says by which door or opening they came.

    The first word holds the small area.  The second is the number within it; of people who were born or came since
    the start it says how (`kernels/lives.py`).
    """
    id0 = np.uint32(m.area_code[m.area[p]]) | np.uint32(tag << np.uint32(20))
    at = p - m.sizes[c.N_AT_START]
    if m.now[c.LIVES] != 0 and at >= 0:
        return id0, m.later[at].id1
    return id0, np.uint32(m.ordinal[p])


@kernel
def begun_at(m, p):
    """Return the second from which a resident's hazards count: the run's start, or when they came or were born."""
    at = p - m.sizes[c.N_AT_START]
    if m.now[c.LIVES] != 0 and at >= 0:
        return np.int64(m.later[at].since)
    return np.int64(0)
