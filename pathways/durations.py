"""Durations as people write them: a number and a unit, such as "30 min" or "7.4 days"."""

from __future__ import annotations

import math
import re

from pathways.errors import InputError, nearest

MINUTE, HOUR, DAY, WEEK = 60, 3600, 86_400, 604_800
LONGEST = 2**31 - 1
"""Seconds an int32 clock can hold (68 years)."""

SECONDS_PER_UNIT: dict[str, int] = {
    "s": 1,
    "second": 1,
    "seconds": 1,
    "min": MINUTE,
    "minute": MINUTE,
    "minutes": MINUTE,
    "h": HOUR,
    "hour": HOUR,
    "hours": HOUR,
    "day": DAY,
    "days": DAY,
    "week": WEEK,
    "weeks": WEEK,
}

EXPECTED = 'a duration with a unit: s, min, h, days or weeks, such as "30 min" or "7.4 days"'
_SHAPE = re.compile(r"\s*([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)\s*([A-Za-z]*)\s*")


def seconds(text: object, *, file: object = None, key: str = "", zero: bool = False) -> float:
    """Read a duration; returns seconds (may be fractional).

    `zero = True` lets a duration be nothing; a negative one is refused always.
    """
    found = _SHAPE.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise InputError(file=file, key=key, value=text, expected=EXPECTED)
    number, unit = float(found[1]), found[2]
    if unit.lower().startswith(("month", "year", "mo", "yr")):
        raise InputError(file=file, key=key, value=text, expected="days or weeks (months and years differ in length)")
    if unit not in SECONDS_PER_UNIT:
        raise InputError(file=file, key=key, value=text, expected=EXPECTED, suggestion=nearest(unit, SECONDS_PER_UNIT))
    length = number * SECONDS_PER_UNIT[unit]
    if length < 0 or (length == 0 and not zero):
        raise InputError(
            file=file,
            key=key,
            value=text,
            expected="a duration of nothing or more" if zero else "more than 0",
        )
    if not math.isfinite(length) or length > LONGEST:
        raise InputError(file=file, key=key, value=text, expected="less than 68 years")
    return length


def whole_seconds(text: object, *, file: object = None, key: str = "", zero: bool = False) -> int:
    """Read a duration to the nearest second, at least 1 s unless `zero`."""
    return max(0 if zero else 1, round(seconds(text, file=file, key=key, zero=zero)))


def written(length: float) -> str:
    """Write seconds in the largest unit that gives a short number; `seconds(written(x)) == x`."""
    for unit, size in (("weeks", WEEK), ("days", DAY), ("h", HOUR), ("min", MINUTE)):
        if length >= size and (length / size) * size == length and len(f"{length / size!r}") <= 6:
            return f"{_plain(length / size)} {unit}"
    return f"{_plain(length)} s"


def _plain(number: float) -> str:
    return str(int(number)) if float(number).is_integer() else repr(float(number))
