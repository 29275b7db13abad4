"""When staff are on shift: the hours of a roster row as spans of the week, in seconds."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pathways.durations import DAY, HOUR, MINUTE, WEEK
from pathways.errors import InputError, nearest

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
EXPECTED = 'hours such as "24/7", "Mon-Fri 09:00-17:00", "Sat,Sun 10:00-16:00" or "Mon-Sun 20:00-08:00"'

Span = tuple[int, int]


def spans(hours: object, *, file: object = None, key: str = "hours") -> tuple[Span, ...]:
    """Return the shifts of a week: (start, end) in seconds from Monday 00:00, in order, apart from one
    another.

    A shift that runs beyond Sunday ends after 604,800; shifts that touch are one; `24/7` is (0, 604800).
    """
    if hours == "24/7":
        return ((0, WEEK),)
    found = re.fullmatch(r"\s*([A-Za-z,\s-]+?)\s+(\d{1,2}):(\d\d)\s*-\s*(\d{1,2}):(\d\d)\s*", str(hours))
    if not isinstance(hours, str) or found is None:
        raise InputError(file=file, key=key, value=hours, expected=EXPECTED)
    begin = int(found[2]) * HOUR + int(found[3]) * MINUTE
    end = int(found[4]) * HOUR + int(found[5]) * MINUTE
    if begin >= DAY or end > DAY or int(found[3]) > 59 or int(found[5]) > 59:
        raise InputError(file=file, key=key, value=hours, expected="times of day from 00:00 to 24:00")
    if end <= begin:  # into the next morning; the same time twice is a whole day
        end += DAY
    return merged([(day * DAY + begin, day * DAY + end) for day in _days(found[1], hours, file, key)])


def _days(text: str, hours: str, file: object, key: str) -> list[int]:
    days: set[int] = set()
    for part in text.split(","):
        names = [name.strip() for name in part.split("-")]
        if len(names) > 2:
            raise InputError(file=file, key=key, value=hours, expected=EXPECTED)
        for name in names:
            if name not in DAYS:
                raise InputError(
                    file=file,
                    key=key,
                    value=hours,
                    expected=f"days among {', '.join(DAYS)} in place of {name!r}",
                    suggestion=nearest(name, DAYS),
                )
        first, last = DAYS.index(names[0]), DAYS.index(names[-1])
        days.update((first + i) % 7 for i in range((last - first) % 7 + 1))
    return sorted(days)


def merged(shifts: Sequence[Span]) -> tuple[Span, ...]:
    """Join shifts of a week that touch or overlap, across Sunday midnight too."""
    joined: list[Span] = []
    for begin, end in sorted(shifts):
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((begin, end))
    # The last shift may run into the first of the next week.
    while len(joined) > 1 and joined[-1][1] >= joined[0][0] + WEEK:
        begin, end = joined.pop(0)
        joined[-1] = (joined[-1][0], max(joined[-1][1], end + WEEK))
    if len(joined) == 1 and joined[0][1] - joined[0][0] >= WEEK:
        return ((0, WEEK),)
    return tuple(joined)


def on_shift(rows: Sequence[tuple[Sequence[Span], int]]) -> list[tuple[int, int]]:
    """Add rows up: returns (second of the week, people from then on), starting at 0, changes only."""
    change: dict[int, int] = {0: 0}
    for shifts, people in rows:
        for begin, end in shifts:
            change[begin] = change.get(begin, 0) + people
            if end - begin == WEEK:
                continue
            if end >= WEEK:  # already there when the week begins
                change[0] += people
            change[end % WEEK] = change.get(end % WEEK, 0) - people
    steps: list[tuple[int, int]] = []
    present = 0
    for second in sorted(change):
        present += change[second]
        if not steps or steps[-1][1] != present:
            steps.append((second, present))
    return steps


def longest(shifts: Sequence[Span]) -> int | None:
    """Return the longest shift in seconds; None if it never ends (24/7)."""
    lengths = [end - begin for begin, end in shifts]
    return None if not lengths or max(lengths) >= WEEK else max(lengths)
