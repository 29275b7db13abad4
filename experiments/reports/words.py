"""How numbers and names are written for a reader: WTE to one decimal, shares as per cent, no code names."""

from __future__ import annotations

import math
import re
from functools import cache

from abm import tables
from pathways.durations import DAY, HOUR, MINUTE, WEEK

NOTHING = "–"
UNIT = re.compile(r"([a-z_0-9]+/[a-z_0-9]+) @ ([^,;.]+)")
DAYS_OF_WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
TITLES = {
    "cbt": "CBT", "pwp": "PWP", "amhp": "AMHP", "mha": "Mental Health Act", "picu": "PICU",
    "ltc": "long-term condition",
    "ed": "A&E", "ae": "A&E", "gp": "GP", "nhs111": "NHS 111", "s12": "section 12", "ambulance999": "999",
}  # fmt: skip


def number(value: float | None, digits: int = 1) -> str:
    """Return a number with thousands separators, a dash for nothing."""
    if value is None or not math.isfinite(value):
        return NOTHING
    rounded = f"{value:,.{digits}f}"
    return rounded.lstrip("-") if float(rounded.replace(",", "")) == 0 else rounded.replace("-", "−")


def count(value: float | None) -> str:
    """Return a whole number."""
    return number(value, 0)


def signed(value: float | None, digits: int = 1) -> str:
    """Return a difference with its sign."""
    if value is None or not math.isfinite(value):
        return NOTHING
    text = number(value, digits)
    return f"+{text}" if value > 0 and float(text.replace(",", "")) != 0 else text


def percent(share: float | None) -> str:
    """Return a share (0–1) as per cent with at most one decimal."""
    if share is None or not math.isfinite(share):
        return NOTHING
    return f"{100 * share:.1f}".removesuffix(".0") + " %"


def between(low: float | None, high: float | None, digits: int = 1) -> str:
    """Return an interval in words; None is an open end."""
    if low is None and high is None:
        return NOTHING
    if low is None or high is None:
        return f"at least {number(low, digits)}" if high is None else f"at most {number(high, digits)}"
    return f"{number(low, digits)} to {number(high, digits)}"


def share_between(low: float | None, high: float | None) -> str:
    """Return an interval of shares as per cent."""
    if low is None or high is None:
        return NOTHING
    return f"{percent(low).removesuffix(' %')} to {percent(high)}"


def duration(seconds: float | None) -> str:
    """Return a duration in its largest whole unit."""
    if seconds is None or not math.isfinite(seconds):
        return NOTHING
    for unit, name in ((WEEK, "week"), (DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")):
        if seconds >= unit and seconds % unit == 0 and (unit != DAY or seconds > DAY):
            n = int(seconds // unit)
            return f"{n} {name}" + ("s" if n != 1 else "")
    return f"{seconds:g} seconds"


def waiting(minutes: float | None) -> str:
    """Return a waiting time, given in minutes, in the unit a reader would use."""
    if minutes is None or not math.isfinite(minutes):
        return NOTHING
    if minutes < 90:
        return f"{minutes:.0f} min"
    return f"{minutes / 60:.1f} h" if minutes < 48 * 60 else f"{minutes / 1440:.1f} days"


def spoken(name: str) -> str:
    """Return a code name as words: `talking_therapies` → talking therapies; known abbreviations in capitals."""
    return " ".join(TITLES.get(word, word) for word in name.replace("/", ": ").replace("_", " ").split())


def titled(name: str) -> str:
    """Return words that begin with a capital."""
    text = spoken(name)
    return text[:1].upper() + text[1:]


def in_plain_words(text: str) -> str:
    """Return a note with its units (`pathway/team @ place`) called what a reader would call them."""
    return UNIT.sub(lambda found: f"{titled(found[1])} ({found[2]})", text)


def team_title(team: str, title: str = "") -> str:
    """Return what a team (`pathway/team`) is called: its own title, else pathway and team."""
    pathway, _, name = team.partition("/")
    if title and title != name.replace("_", " "):
        return titled(title)
    return titled(pathway) if pathway == name or not name else f"{titled(pathway)}: {spoken(name)}"


@cache
def role(name: str) -> str:
    """Return a role's title, without what stands in brackets."""
    if name == "places":
        return "places"
    for row in tables.read("working_time"):
        if row["role"] == name:
            return row["title"].partition(" (")[0]
    return titled(name)
