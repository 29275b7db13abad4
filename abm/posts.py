"""Post groups: people who come and go together, and the week's timetable of their coming and going."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from kernels import columns as c
from pathways.durations import DAY, HOUR, WEEK
from pathways.rosters import Span

FOREVER = 2**31 - 1
OFFICE_HOURS = [day * 24 + hour for day in range(5) for hour in range(9, 17)]
KINDS = {"staff": c.STAFF, "places": c.PLACES, "course": c.COURSE}

__all__ = ["DAY", "HOUR", "PostRow", "course_hours", "initial", "pool_rows", "post_rows", "shift_left", "toggles"]


class PostRow(NamedTuple):
    """One roster row of one pool."""

    pool: int
    size: int
    spans: tuple[Span, ...]
    last_start: int


def pool_rows(kinds: Sequence[str], rows: Sequence[PostRow], clinicians: Sequence[tuple[int, int, int]]) -> np.ndarray:
    """Return POOL[pool]: kinds and ranges of posts and clinicians (`rows` are in order of pool)."""
    pools = np.zeros(len(kinds), dtype=c.POOL)
    pools["kind"] = [KINDS[kind] for kind in kinds]
    n_posts = np.bincount([row.pool for row in rows], minlength=len(kinds))
    n_held = np.bincount([row[0] for row in clinicians], minlength=len(kinds))
    for name, n in (("posts", n_posts), ("clinicians", n_held)):
        pools[name][:, 1] = np.cumsum(n)
        pools[name][:, 0] = pools[name][:, 1] - n
    pools["on"] = n_held
    return pools


def post_rows(rows: Sequence[PostRow]) -> np.ndarray:
    """Return POST[post]: whose they are and how many, nobody on shift yet."""
    posts = np.zeros(len(rows), dtype=c.POST)
    posts["pool"] = [row.pool for row in rows]
    posts["size"] = [row.size for row in rows]
    return posts


def toggles(rows: Sequence[PostRow]) -> np.ndarray:
    """Return the week's roster changes in order; shifts that never end are on from the start instead."""
    changes = []
    for i, row in enumerate(rows):
        for begin, end in row.spans:
            if end - begin >= WEEK:
                continue
            changes.append((begin, i, c.COME_ON, end - begin))
            changes.append((end % WEEK, i, c.GO_OFF, 0))
            if row.last_start > 0:
                changes.append(((end - row.last_start) % WEEK, i, c.CLOSE, 0))
    changes.sort(key=lambda change: (change[0], change[2], change[1]))
    return np.array(changes, dtype=c.TOGGLE) if changes else np.zeros(0, dtype=c.TOGGLE)


def course_hours(kinds: Sequence[str], spans: Sequence[Sequence[Span]]) -> np.ndarray:
    """Return int8[pool, 168]: hours in which courses are held (the role's own shifts, else Mon–Fri 09:00–17:00)."""
    out = np.zeros((len(kinds), 168), dtype=np.int8)
    for p, kind in enumerate(kinds):
        if kind == "course":
            out[p, OFFICE_HOURS] = not spans[p]
            for begin, end in spans[p]:
                out[p, [hour % 168 for hour in range(begin // HOUR, -(-end // HOUR))]] = 1
    return out


def shift_left(spans: Sequence[Span], second_of_week: int) -> int:
    """Return how long the shift that is on at a second of the week still lasts; 0 if none is on."""
    for begin, end in spans:
        if end - begin >= WEEK:
            return FOREVER
        for turn in (0, WEEK):
            if begin <= second_of_week + turn < end:
                return end - second_of_week - turn
    return 0


def initial(rows: Sequence[PostRow], post: np.ndarray, pool: np.ndarray, second_of_week: int) -> None:
    """Put on shift whoever is at work at the run's first second: fills `post` and `pool` in place."""
    for i, row in enumerate(rows):
        left = shift_left(row.spans, second_of_week)
        if left == 0:
            continue
        post[i]["on"] = 1
        post[i]["free"] = row.size
        post[i]["ends"] = left
        pool[row.pool]["on"] += row.size
        if left == FOREVER or left > row.last_start:
            post[i]["open"] = 1
            pool[row.pool]["free"] += row.size
