"""Luck, looked up: every random number is a pure function of who, what for and which time.

Philox4x32-10 (Salmon et al. 2011, doi:10.1145/2063384.2063405; passes BigCrush).  The key is (seed, replication), the
counter (id word 0, id word 1, purpose, entry << 16 | visit).  Nothing is drawn in turn, so threads, workers, order
and restarts cannot matter, and a change at one place leaves everyone else's luck alone.
"""

import hashlib

import numpy as np

from kernels.jit import kernel, leading_zeros, leaf

M0 = np.uint64(0xD2511F53)
M1 = np.uint64(0xCD9E8D57)
W0 = np.uint64(0x9E3779B9)
W1 = np.uint64(0xBB67AE85)
LOW = np.uint64(0xFFFFFFFF)
SHIFT = np.uint64(32)

OCTAVES = 32
NODES = 64  # per octave
FRACTION_BITS = 8  # nodes of duration tables are in 1/256 s


def purpose(path: str) -> int:
    """Return the 32-bit purpose of a stable path such as `crisis/triage/visit`."""
    return int.from_bytes(hashlib.blake2b(path.encode(), digest_size=4).digest(), "little")


def tag(path: str, bits: int) -> int:
    """Return a short stable tag of a path (door and stream tags in id word 0)."""
    return purpose(path) & ((1 << bits) - 1)


@leaf
def philox(key0, key1, c0, c1, c2, c3):
    """Return the four 32-bit words of one Philox4x32-10 block, in place."""
    x0 = np.uint64(np.uint32(c0))
    x1 = np.uint64(np.uint32(c1))
    x2 = np.uint64(np.uint32(c2))
    x3 = np.uint64(np.uint32(c3))
    k0 = np.uint64(np.uint32(key0))
    k1 = np.uint64(np.uint32(key1))
    for _ in range(10):
        p0 = M0 * x0
        p1 = M1 * x2
        x0 = (p1 >> SHIFT) ^ x1 ^ k0
        x1 = p1 & LOW
        x2 = (p0 >> SHIFT) ^ x3 ^ k1
        x3 = p0 & LOW
        k0 = (k0 + W0) & LOW
        k1 = (k1 + W1) & LOW
    return np.uint32(x0), np.uint32(x1), np.uint32(x2), np.uint32(x3)


@kernel
def block(key0, key1, c0, c1, c2, c3):
    """Return the four 32-bit words of one Philox4x32-10 block."""
    return philox(key0, key1, c0, c1, c2, c3)


@kernel
def blocks(key0, key1, c0, c1, c2, c3, n, words):
    """Fill words[4, :n] with the blocks of `n` people (uint32[n] `c0`, `c1`) for one purpose and occasion."""
    for i in range(n):
        words[0, i], words[1, i], words[2, i], words[3, i] = philox(key0, key1, c0[i], c1[i], c2, c3)


@leaf
def tie_of(w0, w1, w2, w3):
    """Return the 32-bit hash that breaks ties: uniform, and independent of any three words of the visit's block."""
    return w0 ^ w1 ^ w2 ^ w3


@leaf
def quantile(table, u):
    """Return the value of an integer quantile table at the 32-bit uniform `u` (in the table's own unit).

    The octave is the number of leading ones of `u`: the upper tail is as finely divided as the middle.
    """
    word = np.int64(u)
    octave = min(leading_zeros(word ^ 0xFFFFFFFF) - 32, OCTAVES - 1)
    # below the leading ones stands a zero (except in the last octave), then the position within the octave
    n_bits = OCTAVES - 1 - octave
    rest = word & ((np.int64(1) << n_bits) - 1)
    if n_bits >= 6:
        left = n_bits - 6
        node = rest >> left
        fraction = rest & ((np.int64(1) << left) - 1)
    else:
        left = 0
        node = rest << (6 - n_bits)
        fraction = np.int64(0)
    at = octave * NODES + node
    low = table[at]
    return low + (((table[at + 1] - low) * fraction) >> left)


@leaf
def seconds(table, u):
    """Return a duration in whole seconds, at least 1, from a duration table."""
    value = (quantile(table, u) + (1 << (FRACTION_BITS - 1))) >> FRACTION_BITS
    return max(np.int64(1), value)


@kernel
def count(thresholds, u):
    """Return an index from cumulative 32-bit thresholds (int64, last = 2**32)."""
    word = np.int64(u)
    index = 0
    while thresholds[index] <= word:
        index += 1
    return index
