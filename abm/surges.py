"""Surges: for some days more people, or fewer, ask at a door: a factor on how often, from a day until another."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Surge:
    """A factor on what comes through a door (`pathway/door`), or all doors of a pathway, from outside."""

    door: str
    factor: float
    since: datetime.date
    until: datetime.date | None = None
    """The first day on which it no longer holds; None: to the end"""

    def holds_at(self, door: str) -> bool:
        """Say whether a door is meant."""
        return self.door in (door, door.partition("/")[0])


Curve = tuple[str, tuple[Surge, ...]]
"""A profile of the week and year by name, and the surges it is multiplied by."""


def at_door(surges: Sequence[Surge], door: str) -> tuple[Surge, ...]:
    """Return the surges of one door, in order."""
    return tuple(surge for surge in surges if surge.holds_at(door))


def by_hour(surges: Sequence[Surge], start: datetime.date, days: int) -> np.ndarray:
    """Return the factor of every hour of a run of `days` from `start`, and of the one after: float64[hour + 1]."""
    factor = np.ones(days * 24 + 1)
    for surge in surges:
        first = max((surge.since - start).days, 0) * 24
        last = None if surge.until is None else max((surge.until - start).days, 0) * 24
        factor[first:last] *= surge.factor
    return factor
