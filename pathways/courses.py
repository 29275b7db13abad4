"""What happens to a patient over and over: courses of sessions, groups, visits during a stay, changes of a
score.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pathways.errors import nearest, one_of
from pathways.laws import Law
from pathways.tables import NUMERIC_COLUMNS, URGENCIES, Table

PACES = ("same", "exponential")


@dataclass(frozen=True)
class ChangeSpec:
    """A normal change of a column, e.g. of the PHQ-9 score after a session."""

    column: str
    mean: float
    sd: float = 0.0


@dataclass(frozen=True)
class WorseningSpec:
    """Drift of a column while waiting."""

    column: str
    per_week: float
    above: int | None = None
    """Going beyond this while waiting is the event `deteriorated`."""
    pace: str = "same"
    """`same`: everybody gets worse by `per_week`; `exponential`: each at a pace of their own, exponential about it."""


@dataclass(frozen=True)
class CountLaw:
    """A law of a whole number, such as the sessions of a course."""

    values: tuple[int, ...]
    chances: tuple[float, ...]

    @property
    def mean(self) -> float:
        """Mean number."""
        return sum(v * p for v, p in zip(self.values, self.chances, strict=True))

    def thresholds(self) -> np.ndarray:
        """Return uint32[n]: the number is values[i] for the first i with u ≤ thresholds[i]; the last is 2^32
        - 1.
        """
        upper = np.rint(np.cumsum(self.chances) * 2.0**32) - 1
        upper[-1] = 2.0**32 - 1
        return np.clip(upper, 0, 2.0**32 - 1).astype(np.uint32)


@dataclass(frozen=True)
class ContactsSpec:
    """Contacts that recur while a place is held."""

    every: tuple[tuple[int | None, int], ...]
    """(until so many seconds of the stay, interval in seconds); the last has no end."""
    roles: dict[str, int]
    minutes: Law
    travel: Law | None = None
    records: Law | None = None
    urgency: int = 3
    team: str | None = None


@dataclass(frozen=True)
class SessionsSpec:
    """A course: so many contacts at an interval, with one clinician if `keep_clinician`."""

    number: CountLaw
    every: int
    keep_clinician: bool = False
    first_minutes: Law | None = None
    drop_out: float = 0.0
    dna: float = 0.0
    dna_allowed: int | None = None
    change: ChangeSpec | None = None


@dataclass(frozen=True)
class GroupSpec:
    """Patients who are seen together."""

    size: int
    least: int = 1
    start_within: int | None = None


def _column(table: Table) -> str:
    table.needed("column", one_of(NUMERIC_COLUMNS))
    return str(table.choice("column", NUMERIC_COLUMNS))


def change(table: Table) -> ChangeSpec:
    """Read `{ column, mean, sd }`."""
    table.needed("mean", "the mean change")
    return ChangeSpec(_column(table), table.number("mean", low=float("-inf")), table.number("sd", 0.0))


def worsening(table: Table) -> WorseningSpec | None:
    """Read `worsening` of a state."""
    inner = table.child("worsening", ("column", "per_week", "above", "pace"))
    if inner is None:
        return None
    inner.needed("per_week", "the change a week")
    above = inner.number("above", None, low=0, whole=True)
    per_week = inner.number("per_week", low=float("-inf"))
    return WorseningSpec(_column(inner), per_week, above, str(inner.choice("pace", PACES, "same")))


def contacts(table: Table) -> ContactsSpec | None:
    """Read `contacts` of a place."""
    inner = table.child("contacts", ("every", "roles", "minutes", "travel", "records", "urgency", "team"))
    if inner is None:
        return None
    for name in ("every", "roles", "minutes"):
        inner.needed(name, "given for recurring contacts")
    minutes = inner.law("minutes")
    assert minutes is not None
    return ContactsSpec(
        every=_every(inner),
        roles=inner.counts("roles"),
        minutes=minutes,
        travel=inner.law("travel"),
        records=inner.law("records"),
        urgency=URGENCIES[inner.choice("urgency", URGENCIES, "routine")],
        team=inner.text("team"),
    )


def _every(table: Table) -> tuple[tuple[int | None, int], ...]:
    if isinstance(table.raw("every"), str):
        return ((None, table.duration("every")),)
    rows = table.children("every", ("until", "every"))
    if not rows:
        raise table.refusal("every", 'a duration, or rows [ { until = "7 days", every = "1 day" }, { every = … } ]')
    found: list[tuple[int | None, int]] = []
    for row in rows:
        row.needed("every", "an interval")
        found.append((row.duration("until"), row.duration("every")))
    untils = [until for until, _ in found[:-1]]
    if found[-1][0] is not None or None in untils or untils != sorted(set(untils), key=lambda u: u or 0):
        raise table.refusal("every", "rows with rising `until`, and a last one without")
    return tuple(found)


def _count_law(table: Table, name: str) -> CountLaw:
    value = table.raw(name)
    if isinstance(value, int) and not isinstance(value, bool):
        value = {"constant": value}
    kinds = ("constant", "uniform", "empirical")
    if not hasattr(value, "keys") or len(value) != 1 or next(iter(value)) not in kinds:
        word = next(iter(value), "") if hasattr(value, "keys") else value
        raise table.refusal(name, f"one law of a whole number: {one_of(kinds)}", nearest(word, kinds))
    law = Table(value, table.at(name), kinds, table.file)
    if "constant" in law:
        return CountLaw((law.number("constant", low=1, whole=True),), (1.0,))
    if uniform := law.child("uniform", ("low", "high")):
        uniform.needed("low", "the smallest number")
        uniform.needed("high", "the largest number")
        low = uniform.number("low", low=1, whole=True)
        high = uniform.number("high", low=low, whole=True)
        return CountLaw(tuple(range(low, high + 1)), (1.0 / (high - low + 1),) * (high - low + 1))
    empirical = law.child("empirical", ("values", "weights"))
    assert empirical is not None
    values, weights = empirical.raw("values"), empirical.raw("weights")
    if not isinstance(values, list | tuple) or not values or not all(type(v) is int and v >= 1 for v in values):
        raise empirical.refusal("values", "a list of whole numbers from 1")
    weights = [1.0] * len(values) if weights is None else weights
    if not isinstance(weights, list | tuple) or len(weights) != len(values):
        raise empirical.refusal("weights", f"{len(values)} numbers")
    if not all(isinstance(w, int | float) and w >= 0 for w in weights) or not sum(weights):
        raise empirical.refusal("weights", "numbers, none below 0 and not all 0")
    return CountLaw(tuple(values), tuple(w / sum(weights) for w in weights))


def sessions(table: Table) -> SessionsSpec | None:
    """Read `sessions` of a contact."""
    keys = ("number", "every", "keep_clinician", "first_minutes", "drop_out", "dna", "dna_allowed", "change")
    inner = table.child("sessions", keys)
    if inner is None:
        return None
    inner.needed("number", "the law of the number of sessions")
    inner.needed("every", 'an interval such as "1 week"')
    each = inner.child("change", ("column", "mean", "sd"))
    return SessionsSpec(
        number=_count_law(inner, "number"),
        every=inner.duration("every"),
        keep_clinician=inner.truth("keep_clinician"),
        first_minutes=inner.law("first_minutes"),
        drop_out=inner.share("drop_out", 0.0),
        dna=inner.share("dna", 0.0),
        dna_allowed=inner.number("dna_allowed", whole=True),
        change=None if each is None else change(each),
    )


def group(table: Table) -> GroupSpec | None:
    """Read `group` of a contact."""
    inner = table.child("group", ("size", "least", "start_within"))
    if inner is None:
        return None
    inner.needed("size", "the places of a group")
    size = inner.number("size", low=1, whole=True)
    return GroupSpec(size, inner.number("least", 1, low=1, high=size, whole=True), inner.duration("start_within"))
