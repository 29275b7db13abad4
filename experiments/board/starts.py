"""When to begin: every joiner's start is the quarter in post less the lead time of the route.

    who joins, by month (staff simulated month by month)  ─ lead time →  who must begin, when, owned by whom

More begin than join: some do not finish.  A start before the quarter of the decision is one of those under way already.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from abm import tables
from experiments.board.quarters import Quarter, of_month
from pathways.errors import InputError, nearest, one_of

FOLDER = Path(__file__).resolve().parent / "tables"
SUPPLY = "staff_supply"
UNDER_WAY, TO_BEGIN = "under way already", "to begin"


@dataclass(frozen=True)
class Lead:
    """How long a route takes for a role, and who is lost on the way."""

    months: int
    attrition: float
    source: str
    confidence: str

    def starts(self, joins: float) -> float:
        """Return how many must begin for so many to join."""
        return joins / (1 - self.attrition)


@cache
def actions() -> dict[str, dict[str, str]]:
    """Return by route what is done: title, kind (training start, role conversion, recruitment, retention), action."""
    return {row["route"]: row for row in tables.read("actions", FOLDER)}


@cache
def leads() -> dict[tuple[str, str], Lead]:
    """Return the lead of every (route, role) of the table of supply, and of (route, "") where the route has one."""
    found = {
        (row["route"], row["role"]): Lead(
            int(row["lead_months"]), float(row["attrition"]), row["source"], row["confidence"]
        )
        for row in tables.read(SUPPLY)
    }
    for route, row in actions().items():
        if row["lead_months"]:
            found[route, ""] = Lead(int(row["lead_months"]), 0.0, row["source"], row["confidence"])
    return found


def lead(route: str, role: str) -> Lead:
    """Return how long a route takes for a role.

    Raises
    ------
    InputError
        If neither table has a lead time: none is made up.
    """
    known = leads()
    found = known.get((route, role)) or known.get((route, ""))
    if found is None:
        routes = sorted({name for name, _ in known})
        raise InputError(
            file=f"{SUPPLY}.csv", key="lead_months", value=f"{route}, {role}", expected="a lead time for this route",
            suggestion=nearest(route, routes),
        )  # fmt: skip
    return found


@cache
def _owners() -> dict[tuple[str, str], str]:
    return {(row["kind"], row["employer"]): row["owner"] for row in tables.read("owners", FOLDER)}


def owner(kind: str, employer: str) -> str:
    """Return who owns an action of a kind at an employer.

    Raises
    ------
    InputError
        If the table names nobody.
    """
    known = _owners()
    if (kind, employer) not in known:
        employers = sorted({name for _, name in known})
        raise InputError(
            file="owners.csv", key="employer", value=employer, expected=one_of(employers),
            suggestion=nearest(employer, employers),
        )  # fmt: skip
    return known[kind, employer]


def dated(joins: Iterable[Mapping[str, Any]], decided: Quarter) -> list[dict[str, Any]]:
    """Return one row a (system, employer, route, role, quarter in post, quarter of start), in order of starts.

    Parameters
    ----------
    joins : rows with system, employer, route, role, month (0 is April 2016) and joins (WTE)
    decided : the first quarter in which something can still be begun
    """
    sums: dict[tuple[str, str, str, str, Quarter, Quarter], list[float]] = {}
    for row in joins:
        one = lead(row["route"], row["role"])
        start, there = of_month(row["month"] - one.months), of_month(row["month"])
        key = (row["system"], row["employer"], row["route"], row["role"], start, there)
        both = sums.setdefault(key, [0.0, 0.0])
        both[0] += row["joins"]
        both[1] += one.starts(row["joins"])
    rows = []
    for (system, employer, route, role, start, there), (n, begin) in sums.items():
        action = actions()[route]
        rows.append({
            "system": system, "employer": employer, "route": route, "title": action["title"], "kind": action["kind"],
            "action": action["action"], "role": role, "start": str(start), "in_post": str(there), "year": there.year,
            "lead_months": lead(route, role).months, "starts": begin, "joins": n,
            "state": UNDER_WAY if start < decided else TO_BEGIN, "owner": owner(action["kind"], employer),
        })  # fmt: skip
    return sorted(rows, key=lambda row: (row["start"], row["in_post"], row["system"], row["route"], row["role"]))
