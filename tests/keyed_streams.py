"""The words of the kernels' luck in the orders in which a run uses them, as streams for a battery.

Counter-based luck is only as good as its worst order: here neighbours are people of one small area, visits of one
person, the library's own purposes, and seeds and replications that count 1, 2, 3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from battery import Stream

from kernels import draws
from kernels.jit import njit

CHUNK = 1 << 16
Keys = tuple[np.ndarray, ...]
"""uint32[n] each: seed, replication, id word 0, id word 1, purpose, occasion."""


@njit
def words_of(key0, key1, c0, c1, c2, c3, words):
    for i in range(words.shape[0]):
        words[i, 0], words[i, 1], words[i, 2], words[i, 3] = draws.philox(key0[i], key1[i], c0[i], c1[i], c2[i], c3[i])


@njit
def ties_of(words, ties):
    for i in range(words.shape[0]):
        ties[i] = draws.tie_of(words[i, 0], words[i, 1], words[i, 2], words[i, 3])


def keyed(*columns: np.ndarray | int) -> Keys:
    """Return key columns, each filled up to the same length."""
    n = max(np.size(column) for column in columns)
    return tuple(np.broadcast_to(np.asarray(column, dtype=np.uint32), n) for column in columns)


def orders(people: np.ndarray, purposes: np.ndarray) -> dict[str, Callable[[np.ndarray], Keys]]:
    """Return each order as a function from positions int64[n] to keys.

    `people` is uint32[person, 2], the id words of residents by small area; `purposes` uint32[purpose].
    """
    visit, first = purposes[0], 1 << 16 | 1

    def occasion(i: np.ndarray) -> np.ndarray:
        return (1 + i // 32 % 8) << 16 | (1 + i % 32)  # entries 1 to 8, visits 1 to 32

    def person(i: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        row = people[i % len(people)]
        return row[:, 0], row[:, 1]

    return {
        "people": lambda i: keyed(1, 0, *person(i), visit, (1 + i // len(people)) << 16 | 1),
        "occasions": lambda i: keyed(1, 0, *person(i // 256), visit, occasion(i)),
        "purposes": lambda i: keyed(1, 0, *person(i // len(purposes)), purposes[i % len(purposes)], first),
        "seeds": lambda i: keyed(1 + i, 0, *people[0], visit, first),
        "replications": lambda i: keyed(1, i, *people[0], visit, first),
        "paired runs": lambda i: keyed(1 + i // 8 % 8, i % 8, *person(i // 64), visit, first),
    }


def blocks_of(keys: Keys) -> np.ndarray:
    """Return the kernels' blocks: uint32[n, 4]."""
    words = np.empty((len(keys[0]), 4), np.uint32)
    words_of(*keys, words)
    return words


def weakened(keys: Keys, rounds: int) -> np.ndarray:
    """Return blocks of Philox with so many rounds: uint32[n, 4].  Ten rounds are the kernels' own."""
    key0, key1, a, b, c, d = (key.astype(np.uint64) for key in keys)
    low = np.uint64(0xFFFFFFFF)
    for _ in range(rounds):
        first, second = draws.M0 * a, draws.M1 * c
        a, b, c, d = (second >> draws.SHIFT) ^ b ^ key0, second & low, (first >> draws.SHIFT) ^ d ^ key1, first & low
        key0, key1 = (key0 + draws.W0) & low, (key1 + draws.W1) & low
    return np.stack([a, b, c, d], axis=1).astype(np.uint32)


def stream(
    order: Callable[[np.ndarray], Keys], part: int | str, make: Callable[[Keys], np.ndarray] = blocks_of
) -> Stream:
    """Return the stream of one part of the blocks: word 0 to 3, `all` four in turn, or the `tie`."""

    def begin() -> Iterator[np.ndarray]:
        at = np.arange(CHUNK, dtype=np.int64)
        while at[-1] < 1 << 32:
            words = make(order(at))
            if part == "all":
                yield words.reshape(-1)
            elif part == "tie":
                ties = np.empty(CHUNK, np.uint32)
                ties_of(words, ties)
                yield ties
            else:
                yield np.ascontiguousarray(words[:, int(part)])
            at += CHUNK

    return begin


def with_rounds(rounds: int) -> Callable[[Keys], np.ndarray]:
    """Return a maker of weakened blocks."""
    return partial(weakened, rounds=rounds)
