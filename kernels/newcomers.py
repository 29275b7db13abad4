"""Who moves in: for each small area a keyed Poisson stream of people like its residents, as old as movers are."""

import numpy as np

from kernels.draws import block, quantile
from kernels.jit import njit

TRIES = 64  # a mover as old as nobody who moves is looked for no longer


@njit
def newcomers(key, purpose, code, first, age, seconds_each, mover, exponential, horizon, rows, times, number, part):
    """Write, area by area, the resident each newcomer is like, when they come, their number and a 32-bit word.

    `key` (seed, replication); `code`, `first`, `seconds_each` int64[area] (mean seconds between two, 0: nobody comes);
    `mover` int64[year of age] thresholds of 32-bit words; returns how many there are (more may than fit `rows`).
    """
    n = 0
    for a in range(code.shape[0]):
        people = first[a + 1] - first[a]
        if seconds_each[a] <= 0 or people <= 0:
            continue
        t = np.int64(0)
        k = np.int64(0)
        while True:
            k += 1
            words = block(key[0], key[1], np.uint32(code[a]), np.uint32(k), purpose, 0)
            t += (quantile(exponential, words[0]) * seconds_each[a] >> 24) + 1
            if t >= horizon:
                break
            like = first[a]
            for i in range(1, TRIES):
                tried = block(key[0], key[1], np.uint32(code[a]), np.uint32(k), purpose, i)
                like = first[a] + (np.int64(tried[0]) * people >> 32)
                if np.int64(tried[1]) < mover[age[like]]:
                    break
            if n < rows.shape[0]:
                rows[n] = like
                times[n] = t
                number[n] = k
                part[n] = words[1]
            n += 1
    return n
