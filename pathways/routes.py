"""Routes: where a person goes from a state, in what share, on what event, under what condition."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pathways import durations, guards
from pathways.errors import nearest, one_of
from pathways.guards import Expr
from pathways.tables import Table

ROUTE_KEYS = ("from", "to", "share", "odds", "if", "when")
EVENTS = ("full", "refused", "closed", "left_waiting", "waiting", "dna", "missed", "deteriorated", "turns")
NUMBERED = ("dna", "missed", "turns")
AT_ONCE = ("full", "refused", "closed")
"""Events that take no time."""


@dataclass(frozen=True)
class EventSpec:
    """What sets a route off before the state is finished."""

    kind: str
    number: int = 0
    """`dna 2`: the second; 1 where none is written.  `turns 18`: the age."""
    seconds: int = 0
    """`waiting 4 h`: after so long in the queue."""

    def __str__(self) -> str:
        if self.kind == "waiting":
            return f"waiting {durations.written(self.seconds)}"
        return f"{self.kind} {self.number}" if self.number > 1 else self.kind


@dataclass(frozen=True)
class RouteSpec:
    """One route.  Routes of one state with the same event and guard are a group: their shares sum to 1."""

    source: str
    to: str
    share: float
    odds: dict[str, float] = field(default_factory=dict)
    """Factor by attribute: weight = share × odds of each attribute that holds (× odds ** value for
    numbers).
    """
    guard: Expr | None = None
    when: EventSpec | None = None
    order: int = 0
    """Position in the file."""
    evidence: str = ""
    """The source of the number."""

    @property
    def group(self) -> tuple[EventSpec | None, Expr | None]:
        """What the routes of one group have in common."""
        return self.when, self.guard


def route(
    origin: str, to: str, keys: Mapping[str, Any], order: int, vocabulary: Iterable[str], file: object = None
) -> RouteSpec:
    """Read one `[[route]]`, given without `from` and `to`."""
    content = {key: value for key, value in keys.items() if key not in ("order", "also")}
    table = Table(content, f"route {origin} → {to}", ROUTE_KEYS[2:], file)
    table.needed("share", "a share from 0 to 1")
    words = frozenset(vocabulary)
    guard = None
    if "if" in table:
        guard = guards.parse(table.raw("if"), words, file=file, key=table.at("if"))
    when: EventSpec | None = None
    if "when" in table:
        found = event(table)
        if isinstance(found, Expr):
            guard = found if guard is None else found.both(guard)
        else:
            when = found
    odds = table.amounts("odds", lambda inner, name: float(inner.number(name)))
    for name in odds:
        if name not in words:
            inner = Table(table.raw("odds"), table.at("odds"), odds, file)
            raise inner.refusal(name, f"an attribute: {one_of(sorted(words))}", nearest(name, words))
    return RouteSpec(origin, to, table.share("share"), odds, guard, when, order, table.text("source", ""))


def event(table: Table) -> EventSpec | Expr:
    """Read `when`: an event, or `waited > 4 h`, which is a guard tested when the state is left."""
    text = " ".join(str(table.text("when")).split())
    if re.match(r"waited\b", text):
        return guards.parse(text, ("waited",), file=table.file, key=table.at("when"))
    kind, _, rest = text.partition(" ")
    if kind not in EVENTS:
        raise table.refusal("when", f"{one_of(EVENTS)}, or waited > a duration", nearest(kind, (*EVENTS, "waited")))
    if kind == "waiting":
        return EventSpec(kind, seconds=durations.whole_seconds(rest, file=table.file, key=table.at("when")))
    if kind in NUMBERED:
        if kind == "turns" and not rest:
            raise table.refusal("when", '"turns 18": on that birthday')
        if rest and (not rest.isdigit() or int(rest) < 1):
            raise table.refusal("when", f'"{kind}" or "{kind} 2": a whole number from 1')
        return EventSpec(kind, number=int(rest or 1))
    if rest:
        raise table.refusal("when", f'"{kind}" alone')
    return EventSpec(kind)
