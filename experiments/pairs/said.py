"""What a comparison says in words: notes a reader must know, and what an interval allows to be said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from experiments.pairs.contrasts import NOT_FOUND, NOT_KNOWN, SAME
from experiments.pairs.figures import BED_CLOCK, RESPONSE_CLOCK, WAIT, Figure
from experiments.pairs.precision import is_headline
from experiments.reports.words import count, number, percent, signed, spoken, waiting

NOTICEABLE = 0.5
"""Minutes or people below which the difference of one replication is not shown"""
SYNTHETIC = "People are synthetic: made from published tables; the same people and the same luck in every scenario."
NOTES = (
    SYNTHETIC,
    "Half-widths are 95 %, Student's t over the differences of pairs. “No difference found” means that the interval "
    "holds 0; the half-width says how large a difference could have been missed.",
    "About one line in twenty with an interval leaves out 0 by chance alone: look at the headline figures first.",
    "Costs are pounds a year of 365 days in the pay and prices of the year in which the runs start; teams to whom "
    "nobody came are not costed.",
)


def name_of(row: Mapping[str, Any]) -> str:
    """Return what a figure is of, in words."""
    of = "/".join(one for one in (row["pathway"], row["of"]) if one)
    part = "" if row["part"] in ("", RESPONSE_CLOCK, BED_CLOCK) else f", {spoken(row['part'])}"
    return spoken(of) + part if of else "all"


def value(row: Mapping[str, Any], side: str) -> str:
    """Return one side of a figure in its unit."""
    if row["unit"] == "share":
        return percent(row[side])
    return waiting(row[side]) if row["what"] == WAIT else count(row[side])


def difference(row: Mapping[str, Any]) -> str:
    """Return the difference of a figure with its sign and unit."""
    if row["unit"] == "share":
        return signed(100 * row["difference"], 2) + " points"
    return signed(row["difference"]) + (" min" if row["what"] == WAIT else "")


def half_width(row: Mapping[str, Any]) -> str:
    """Return the half-width of a figure in the unit of its difference."""
    if row["half_width"] is None:
        return ""
    return number(100 * row["half_width"], 2) if row["unit"] == "share" else number(row["half_width"])


def finding(row: Mapping[str, Any]) -> str:
    """Say what an interval allows to be said."""
    verdict = row["verdict"]
    if verdict == SAME:
        return "exactly the same"
    if verdict == NOT_KNOWN:
        return "one replication: no interval"
    if verdict == NOT_FOUND:
        return f"no difference found (one of {half_width(row)} could have been seen)"
    return str(verdict)


def is_total(row: Mapping[str, Any]) -> bool:
    """Whether a figure is a headline, and not a part of one."""
    return bool(row["headline"]) and is_headline(Figure(row["what"], row["pathway"], row["of"]))


def noteworthy(row: Mapping[str, Any]) -> bool:
    """Whether a figure belongs on a page: a headline total, or one that differs by more than a trace."""
    if is_total(row):
        return True
    if row["verdict"] == NOT_KNOWN:
        return abs(row["difference"]) >= NOTICEABLE
    return row["verdict"] not in (SAME, NOT_FOUND)
