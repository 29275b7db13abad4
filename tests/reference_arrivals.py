"""When the patients of a stream arrive, for the slow twin: the details of keys and clocks in one place.

A Poisson stream's k-th patient comes when the integrated rate reaches the sum of k keyed unit exponentials; a
renewal stream's when the k-th keyed interval has passed.  All in integers: no last bit can matter.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

import reference_luck as luck
from reference_service import Service, table

from pathways import laws

HOURS = 168


def arrivals(
    service: Service, stream: str, keys: dict[str, Any], key: tuple[int, int], until: int
) -> Iterator[tuple[int, int, int]]:
    """Yield (ordinal, second, id word 0) of everyone who arrives in a stream before `until`."""
    purpose = luck.purpose(f"{service.name}/{stream}/arrival")
    id0 = 0xF0000000 | (luck.purpose(f"{service.name}/{stream}/stream") & 0xFFFFFFF)
    begin, stop = (_second(service, keys.get(end)) for end in ("from", "until"))
    interval = table(keys.get("interval"))
    clock = None if interval else _Clock(keys)
    second, passed, ordinal = begin or 0, 0, 0
    if clock:
        passed = clock.passed(service.start_second, second)
    while True:
        word = luck.philox(key, (id0, ordinal, purpose, 0))[0]
        if interval:
            second += luck.seconds(interval, word)
        else:
            assert clock is not None
            passed += (luck.quantile(_exponential(), word) << 32) // clock.rate
            second = clock.second_when(service.start_second, passed, second)
        if second >= (until if stop is None else min(stop, until)):
            return
        yield ordinal, second, id0
        ordinal += 1


class _Clock:
    """A stream's rate over the week, integrated hour by hour as the kernels hold it."""

    def __init__(self, keys: dict[str, Any]) -> None:
        if "per_hour_by_hour_of_week" in keys:
            profile = [float(x) for x in keys["per_hour_by_hour_of_week"]]
        else:
            mean = keys["per_hour"] if "per_hour" in keys else keys["per_day"] / 24
            by_hour, by_day = (_shape(keys, name, n) for name, n in (("hour_of_day", 24), ("weekday", 7)))
            profile = [mean * d * h for d in by_day for h in by_hour]
        self.per_hour = sum(profile) / HOURS
        self.rate = round(self.per_hour / 3600 * 2**46)
        self.weights = [round(1024 * x / self.per_hour) for x in profile]

    def passed(self, start: int, second: int) -> int:
        """Profile integrated from the start of the run to a second, in 2**-10 s."""
        hours, rest = divmod(second, 3600)
        first = start // 3600
        weeks, some = divmod(hours, HOURS)
        whole = weeks * sum(self.weights) + sum(self.weights[(first + h) % HOURS] for h in range(some))
        return 3600 * whole + self.weights[(first + hours) % HOURS] * rest

    def second_when(self, start: int, target: int, after: int) -> int:
        """First second, not before the hour of `after`, at which the integrated profile reaches `target`."""
        hour = after // 3600
        passed = self.passed(start, 3600 * hour)
        while True:
            weight = self.weights[(start // 3600 + hour) % HOURS]
            if passed + 3600 * weight > target:
                return 3600 * hour + -(-(target - passed) // max(weight, 1))
            passed, hour = passed + 3600 * weight, hour + 1


def _shape(keys: dict[str, Any], name: str, length: int) -> list[float]:
    numbers = keys.get(name, [1.0] * length)
    return [x * length / sum(numbers) for x in numbers]


def _second(service: Service, date: Any) -> int | None:
    if date is None:
        return None
    return int((datetime.date.fromisoformat(str(date)) - service.start).total_seconds())


def _exponential() -> list[int]:
    return laws.unit_exponential_table().tolist()
