"""Clocks that run across states, and the standards they are held to."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from pathways.tables import Table
from pathways.teams import STATUSES

KEYS = ("starts", "stops", "pauses", "standard", "of", "scope", "team")
STANDARD_KEYS = ("within", "share", "status", "from", "to")


@dataclass(frozen=True)
class StandardSpec:
    """So large a share within so long."""

    within: int
    """Seconds."""
    share: float
    source: str = ""
    status: str = "local"
    from_date: datetime.date | None = None
    to_date: datetime.date | None = None


@dataclass(frozen=True)
class ClockSpec:
    """From the first start to the first stop after it."""

    starts: tuple[str, ...]
    """States (entered) or "arrival"."""
    stops: tuple[str, ...]
    """States: seen (contact), admitted (place), entered (others)."""
    pauses: tuple[str, ...] = ()
    standard: StandardSpec | None = None
    of: str = "all"
    scope: str = "system"
    team: str | None = None
    title: str = ""
    source: str = ""


def standard(table: Table, name: str = "standard") -> StandardSpec | None:
    """Read `standard = { within, share, … }`."""
    inner = table.child(name, STANDARD_KEYS)
    if inner is None:
        return None
    inner.needed("within", 'a duration such as "4 h"')
    inner.needed("share", "a share from 0 to 1")
    share = inner.share("share")
    if share == 0.0:
        raise inner.refusal("share", "a share more than 0, up to 1")
    begin, end = inner.date("from"), inner.date("to")
    if begin and end and end < begin:
        raise inner.refusal("to", f"a date not before {begin}")
    return StandardSpec(
        within=inner.duration("within"),
        share=share,
        source=inner.text("source", ""),
        status=inner.choice("status", STATUSES, "local"),
        from_date=begin,
        to_date=end,
    )


def clock(content: Any, key: str, file: object = None) -> ClockSpec:
    """Read `[clock.X]`."""
    table = Table(content, key, KEYS, file)
    for end in ("starts", "stops"):
        table.needed(end, "a list of states")
        if not table.texts(end):
            raise table.refusal(end, "at least one state")
    return ClockSpec(
        starts=table.texts("starts"),
        stops=table.texts("stops"),
        pauses=table.texts("pauses"),
        standard=standard(table),
        of=table.choice("of", ("all", "finished"), "all"),
        scope=table.choice("scope", ("system", "site", "area"), "system"),
        team=table.text("team"),
        title=table.text("title", ""),
        source=table.text("source", ""),
    )
