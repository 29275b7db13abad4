"""Keyed luck in plain Python integers: the slow twin of `kernels/draws.py`, written from the paper.

Philox4x32-10 of Salmon, Moraes, Dror & Shaw 2011 (doi:10.1145/2063384.2063405).
"""

from __future__ import annotations

import hashlib

MASK = 0xFFFFFFFF


def philox(key: tuple[int, int], counter: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    """Return the four words of one block after ten rounds."""
    (k0, k1), (a, b, c, d) = key, counter
    for _ in range(10):
        first, second = 0xD2511F53 * a, 0xCD9E8D57 * c
        a, b, c, d = (second >> 32) ^ b ^ k0, second & MASK, (first >> 32) ^ d ^ k1, first & MASK
        k0, k1 = (k0 + 0x9E3779B9) & MASK, (k1 + 0xBB67AE85) & MASK
    return a, b, c, d


def purpose(path: str) -> int:
    """Return the 32-bit purpose of a path such as `crisis/triage/visit`."""
    return int.from_bytes(hashlib.blake2b(path.encode(), digest_size=4).digest(), "little")


def tie_of(words: tuple[int, int, int, int]) -> int:
    """Return the hash that breaks ties between visits of one second: independent of any three words of the block."""
    return words[0] ^ words[1] ^ words[2] ^ words[3]


def quantile(table: list[int], u: int) -> int:
    """Look a 32-bit uniform up in a table of 32 octaves of 64 cells, each octave a run of leading ones."""
    ones = len(f"{u:032b}") - len(f"{u:032b}".lstrip("1"))
    octave = min(ones, 31)
    width = 1 << (31 - octave)  # words in this octave
    cell, part = divmod((u % width) << 6, width)
    low, high = table[64 * octave + cell], table[64 * octave + cell + 1]
    return low + (high - low) * part // width


def seconds(table: list[int], u: int) -> int:
    """Return a duration in whole seconds, to the nearest, at least 1."""
    return max(1, (quantile(table, u) + 128) >> 8)


def index(thresholds: list[int], u: int) -> int:
    """Return the first position whose cumulative threshold lies above `u`."""
    return next(i for i, threshold in enumerate(thresholds) if u < threshold)
