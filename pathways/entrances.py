"""How people come in: streams of a stand-alone file, doors for residents, and patients from outside."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Any

from pathways.errors import InputError
from pathways.laws import Law
from pathways.tables import Table

ARRIVAL_KEYS = (
    "to", "per_hour", "per_day", "hour_of_day", "weekday", "per_hour_by_hour_of_week", "interval", "from",
    "until", "attributes",
)  # fmt: skip
DOOR_KEYS = ("to", "share", "profile", "factors", "site")
DEMAND_KEYS = ("published", "year", "carried_back", "internal")
OUTSIDE_KEYS = ("to", "profile")
RATES = ("per_hour", "per_day", "per_hour_by_hour_of_week", "interval")


@dataclass(frozen=True)
class ArrivalSpec:
    """A stream of people: Poisson with a weekly profile, or a renewal process."""

    to: str
    per_hour: float
    """Mean rate while the stream runs."""
    profile: tuple[float, ...] = ()
    """Arrivals an hour in each of the 168 hours of the week, Monday 00:00 first; empty for a renewal
    process.
    """
    interval: Law | None = None
    from_date: datetime.date | None = None
    until_date: datetime.date | None = None
    """The first day without arrivals."""
    attributes: dict[str, float] = field(default_factory=dict)
    source: str = ""


@dataclass(frozen=True)
class DemandSpec:
    """Referrals of all England in a year; external total = published × carried_back - internal."""

    published: float
    year: str
    carried_back: float = 1.0
    internal: float = 0.0
    source: str = ""
    confidence: str = ""

    @property
    def received(self) -> float:
        """Referrals a year received in all, carried back to 2016/17."""
        return self.published * self.carried_back

    @property
    def external(self) -> float:
        """Referrals a year that come through external doors, by this file alone."""
        return self.received - self.internal


@dataclass(frozen=True)
class DoorSpec:
    """A way in for residents: a share of the external total, with a profile in time and factors by person."""

    to: str
    share: float
    profile: str | None = None
    factors: str | None = None
    site: bool = False
    source: str = ""


@dataclass(frozen=True)
class OutsideSpec:
    """Patients from elsewhere at each A&E site."""

    to: str
    profile: str | None = None
    source: str = ""


def arrival(content: Any, key: str, file: object = None) -> ArrivalSpec:
    """Read `[arrivals.X]`."""
    table = Table(content, key, ARRIVAL_KEYS, file)
    table.needed("to", "the state in which the stream arrives")
    given = [rate for rate in RATES if rate in table]
    if len(given) != 1:
        raise InputError(file=file, key=key, value=given, expected=f"one of {', '.join(RATES)}")
    rate = given[0]
    if rate in ("interval", "per_hour_by_hour_of_week"):
        for name in ("hour_of_day", "weekday"):
            if name in table:
                raise table.refusal(name, f"no profile beside `{rate}`")
    begin, end = table.date("from"), table.date("until")
    if begin and end and end <= begin:
        raise table.refusal("until", f"a date after {begin}")
    interval = table.law("interval")
    profile: tuple[float, ...] = ()
    if interval is None:
        if rate == "per_hour_by_hour_of_week":
            profile = _numbers(table, rate, 168)
        else:
            mean = table.number(rate) / (24.0 if rate == "per_day" else 1.0)
            day, week = _shape(table, "hour_of_day", 24), _shape(table, "weekday", 7)
            profile = tuple(mean * by_day * by_hour for by_day in week for by_hour in day)
    return ArrivalSpec(
        to=table.text("to"),
        per_hour=sum(profile) / 168 if interval is None else 3600.0 / interval.mean,
        profile=profile,
        interval=interval,
        from_date=begin,
        until_date=end,
        attributes=table.amounts("attributes", lambda inner, name: float(inner.number(name, low=float("-inf")))),
        source=table.text("source", ""),
    )


def _numbers(table: Table, name: str, length: int) -> tuple[float, ...]:
    given = table.raw(name)
    if not isinstance(given, list | tuple) or len(given) != length:
        raise table.refusal(name, f"a list of {length} numbers")
    for value in given:
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
            raise table.refusal(name, f"a list of {length} numbers, none below 0")
    return tuple(float(value) for value in given)


def _shape(table: Table, name: str, length: int) -> tuple[float, ...]:
    """Return a profile scaled to mean 1; flat if not given."""
    if name not in table:
        return (1.0,) * length
    numbers = _numbers(table, name, length)
    if not sum(numbers):
        raise table.refusal(name, "at least one number more than 0")
    return tuple(value * length / sum(numbers) for value in numbers)


def door(content: Any, key: str, file: object = None) -> DoorSpec:
    """Read `[door.X]`."""
    table = Table(content, key, DOOR_KEYS, file)
    table.needed("to", "the state in which people arrive")
    table.needed("share", "a share from 0 to 1 of the external total")
    return DoorSpec(
        to=table.text("to"),
        share=table.share("share"),
        profile=table.text("profile"),
        factors=table.text("factors"),
        site=table.truth("site"),
        source=table.text("source", ""),
    )


def demand(content: Any, file: object = None) -> DemandSpec:
    """Read `[demand]`."""
    table = Table(content, "demand", DEMAND_KEYS, file)
    table.needed("published", "referrals a year in England")
    spec = DemandSpec(
        published=table.number("published"),
        year=str(table.raw("year") or ""),
        carried_back=table.number("carried_back", 1.0),
        internal=table.number("internal", 0.0),
        source=table.text("source", ""),
        confidence=table.text("confidence", ""),
    )
    if spec.external < 0:
        raise table.refusal("internal", f"at most {spec.published * spec.carried_back:g}, the whole of the demand")
    return spec


def outside(content: Any, file: object = None) -> OutsideSpec:
    """Read `[outside]`."""
    table = Table(content, "outside", OUTSIDE_KEYS, file)
    table.needed("to", "the state in which they arrive")
    return OutsideSpec(table.text("to"), table.text("profile"), table.text("source", ""))
