"""The daily chain: one digest a day over the day before and all that has happened, so that two runs part on a day.

Two runs have the same links up to the day on which something happened otherwise, and other links for ever after, even
if they should do the same again.  The link of several cells is over those of the cells.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Sequence

import numpy as np

DIGITS = 32
"""Hexadecimal digits of a link: 128 bits of its SHA-256"""


def links(first_day: datetime.date, happened: np.ndarray) -> list[str]:
    """Return the chain of one cell, one link a day.

    Parameters
    ----------
    happened : int64[day] the kernels' digest of all that has happened, at the midnight that ends each day
    """
    return _chained(first_day, [f"{int(word) & (2**64 - 1):016x}" for word in happened])


def together(first_day: datetime.date, chains: Sequence[Sequence[str]]) -> list[str]:
    """Return the chain of several cells, in order, from their own."""
    return _chained(first_day, [" ".join(day) for day in zip(*chains, strict=True)])


def first_difference(one: Sequence[str], other: Sequence[str]) -> int | None:
    """Return the first day (from 0) on which two chains part; None if the days they share are the same."""
    return next((day for day, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)


def _chained(first_day: datetime.date, words: Sequence[str]) -> list[str]:
    found: list[str] = []
    for day, word in enumerate(words):
        date = first_day + datetime.timedelta(days=day)
        before = found[-1] if found else ""
        found.append(hashlib.sha256(f"{before} {date} {word}".encode()).hexdigest()[:DIGITS])
    return found
