"""Who gains and who loses: people of each group who wait shorter or longer in an option, of a thousand of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

GAINS, LOSES, NEITHER, NOT_KNOWN = "gains", "loses", "no difference found", "one replication"


def rows_of(comparison: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return one row a group of a comparison with people: shorter less longer of a thousand, with what may be said.

    The half-width adds those of both counts: rather too wide.
    """
    found = []
    for row in comparison["groups"]:
        n = row["residents"]
        if not n:
            continue
        half = None
        if row["shorter_half_width"] is not None:
            half = 1000 * (row["shorter_half_width"] + row["longer_half_width"]) / n
        net = row["shorter_per_1000"] - row["longer_per_1000"]
        found.append({
            "dimension": row["dimension"], "group": row["group"], "residents": n,
            "shorter_per_1000": row["shorter_per_1000"], "longer_per_1000": row["longer_per_1000"],
            "net_per_1000": net, "half_width": half, "finding": finding(net, half),
            "median_change_days": row["median_change_days"],
        })  # fmt: skip
    return found


def finding(net: float, half: float | None) -> str:
    """Return gains, loses, or that neither can be told."""
    if half is None:
        return NOT_KNOWN
    return NEITHER if abs(net) <= half else GAINS if net > 0 else LOSES


def sides(rows: Sequence[Mapping[str, Any]], side: str) -> list[str]:
    """Return the groups that gain, or lose, most of a thousand first; the conditions and places apart."""
    people = [row for row in rows if row["finding"] == side and row["dimension"] != "delivery system"]
    ordered = sorted(people, key=lambda row: -abs(row["net_per_1000"]))
    return [f"{row['group']} ({row['dimension']})" for row in ordered]
