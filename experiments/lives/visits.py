"""Everybody's visits, read from a run's event log: when somebody joined, began and ended."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from abm.model import CareSystem
from kernels import columns as c
from kernels.draws import purpose

SMALL_AREA = 0xFFFFF
"""Bits of id word 0 that hold a resident's small area; the door or opening they came by stands above."""
ORDINALS, SINCE_THE_START = 1 << 30, 1 << 28
"""Id words from the first on are of people who came or were born; the second tells their numbers from others'."""
NEVER = -1


@dataclass(frozen=True)
class Visits:
    """Visits to contacts and places, each array int64[visit]; a stay's recurring contacts are not among them."""

    person: np.ndarray
    """`people_of`"""
    id0: np.ndarray
    id1: np.ndarray
    entry: np.ndarray
    visit: np.ndarray
    state: np.ndarray
    joined: np.ndarray
    """Second of the run, as all times here"""
    began: np.ndarray
    """Seen or admitted; −1: never"""
    ended: np.ndarray
    """−1: still there, or still waiting, when the run ended"""

    def __len__(self) -> int:
        return len(self.person)

    @property
    def wait(self) -> np.ndarray:
        """Seconds from joining to being seen or admitted; −1: never."""
        return np.where(self.began >= 0, self.began - self.joined, NEVER)

    def waited(self, end: int) -> np.ndarray:
        """Seconds waited, seen in the end or not: of those who still wait, until the run's `end`."""
        until = np.where(self.began >= 0, self.began, np.where(self.ended >= 0, self.ended, end))
        return until - self.joined


def ids_of_others(model: CareSystem) -> np.ndarray:
    """Return id words 0 of people who are no residents, uint32[id] sorted: arrivals of streams, people of the start.

    A door's tag may begin as theirs do, so that nothing less than the whole word tells them apart.
    """
    streams = model.m.stream["id"][: len(model.network.streams)]
    at_start = [c.AT_START | (purpose(f"{name}/at_start") & 0x0FFFFFFF) for name in model.network.flat.state_names]
    return np.unique(np.concatenate([streams, np.array(at_start, np.uint32)]))


def people_of(id0: np.ndarray, id1: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return one number a person, int64[entry]: a resident's id (`Patient.id`).

    Negative for people from elsewhere, and for who was not there when the run started: moved in or was born.
    """
    wide, number = id0.astype(np.int64), id1.astype(np.int64)
    at = np.searchsorted(others, id0)
    elsewhere = others[np.minimum(at, len(others) - 1)] == id0
    came = ((wide & SMALL_AREA) | SINCE_THE_START) << 32 | number
    others_or_residents = np.where(elsewhere, -1 - ((at << 32) | number), ((wide & SMALL_AREA) << 16) | number)
    return np.where(~elsewhere & (number >= ORDINALS), -1 - came, others_or_residents)


def visits_of(log: np.ndarray, others: np.ndarray) -> Visits:
    """Return the visits of an event log: LOG[entry], in the order in which it was written.

    `others` is `ids_of_others` of the run.
    """
    first = (log["id0"].astype(np.uint64) << np.uint64(32)) | log["id1"]
    second = (log["entry"].astype(np.uint64) << np.uint64(32)) | (log["visit"].astype(np.uint64) << np.uint64(16))
    second |= log["state"].astype(np.uint64)
    order = np.lexsort((second, first))  # stable: within a visit in order of time
    log, first, second = log[order], first[order], second[order]
    new = np.ones(len(log), bool)
    new[1:] = (first[1:] != first[:-1]) | (second[1:] != second[:-1])
    starts = np.flatnonzero(new)
    if not len(starts):
        return Visits(*(np.zeros(0, np.int64) for _ in range(9)))
    kind, time = log["kind"], log["time"].astype(np.int64)
    joined = _first(starts, time, kind == c.L_JOINED)
    here = joined >= 0
    at = log[starts[here]]
    words = {name: at[name].astype(np.int64) for name in ("id0", "id1", "entry", "visit", "state")}
    return Visits(
        people_of(at["id0"], at["id1"], others), **words, joined=joined[here],
        began=_first(starts, time, kind == c.L_BEGAN)[here], ended=_first(starts, time, kind == c.L_ENDED)[here],
    )  # fmt: skip


def _first(starts: np.ndarray, time: np.ndarray, which: np.ndarray) -> np.ndarray:
    """Return the earliest time of the entries `which` in each group that begins at `starts`; −1 where there is none."""
    never = np.iinfo(np.int64).max
    found = np.minimum.reduceat(np.where(which, time, never), starts)
    return np.where(found == never, NEVER, found)
