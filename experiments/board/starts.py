"""When to begin: every joiner's start is the month in post less the lead time of the route.

    who joins, by month (staff simulated month by month)  ─ lead time →  who must begin, when, owned by whom

More begin than join, where some do not finish.  What had to begin before a decision could be taken is under way
already, or cannot be in time any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from abm import tables
from experiments.board.interfaces import FOLDER
from experiments.board.quarters import MONTHS_A_QUARTER, Quarter, of_month
from pathways.errors import InputError, nearest, one_of

SUPPLY, ROLES = "staff_supply", "staff_roles"
LOCAL = "recruited"
"""The measure of those who come from the local labour market"""
KINDS = ("training start", "role conversion", "recruitment", "retention")
UNDER_WAY, TO_BEGIN, TOO_LATE = "under way already", "to begin", "no longer in time"


@dataclass(frozen=True)
class Lead:
    """How long a route takes for a role, and who is lost on the way."""

    months: int
    attrition: float
    """Share of those who begin and do not finish"""
    source: str
    confidence: str

    def starts(self, joins: float) -> float:
        """Return how many must begin for so many to join."""
        return joins / (1 - self.attrition)


def actions() -> dict[str, tables.Row]:
    """Return by measure of the staff simulation what is done: title, kind, action, and where its lead time stands."""
    return {row["measure"]: row for row in tables.read("actions", FOLDER)}


def leads() -> dict[tuple[str, str], Lead]:
    """Return the lead of every (measure, role) that the table of supply has, and of (measure, "") for any role."""
    of_route = {row["supply_route"]: name for name, row in actions().items() if row["supply_route"]}
    found = {
        (of_route[row["route"]], row["role"]): Lead(
            int(row["lead_months"]), float(row["attrition"]), row["source"], row["confidence"]
        )
        for row in tables.read(SUPPLY) if row["route"] in of_route
    }  # fmt: skip
    for name, row in actions().items():
        if row["lead_months"]:
            found[name, ""] = Lead(int(row["lead_months"]), 0.0, row["source"], row["confidence"])
    return found


def lead(known: Mapping[tuple[str, str], Lead], measure: str, role: str) -> Lead:
    """Return how long a route takes for a role.

    Raises
    ------
    InputError
        If neither table has a lead time: none is made up.
    """
    found = known.get((measure, role)) or known.get((measure, ""))
    if found is None:
        names = sorted({name for name, _ in known})
        raise InputError(
            file=f"{SUPPLY}.csv", key="lead_months", value=f"{measure}, {role}", expected="a lead time of this route",
            suggestion=nearest(measure, names),
        )  # fmt: skip
    return found


def owner(kind: str, employer: str) -> str:
    """Return who owns an action of a kind at an employer.

    Raises
    ------
    InputError
        If the table names nobody.
    """
    known = {(row["kind"], row["employer"]): row["owner"] for row in tables.read("owners", FOLDER)}
    if (kind, employer) not in known:
        employers = sorted({name for _, name in known})
        raise InputError(
            file="owners.csv", key="employer", value=employer, expected=one_of(employers),
            suggestion=nearest(employer, employers),
        )  # fmt: skip
    return known[kind, employer]


def dated(joins: Iterable[Mapping[str, Any]], decided: Quarter) -> list[dict[str, Any]]:
    """Return one row a (system, employer, measure, role, quarter of start, quarter in post), in order of starts.

    Parameters
    ----------
    joins : rows with system, employer, measure, role, month (0 is April 2016) and value (people, one WTE each)
    decided : the first quarter in which something can still be begun
    """
    known, doing = leads(), actions()
    sums: dict[tuple[Any, ...], float] = {}
    for row in joins:
        months = lead(known, row["measure"], row["role"]).months
        quarters = of_month(row["month"] - months), of_month(row["month"])
        key = (row["system"], row["employer"], row["measure"], row["role"], *quarters)
        sums[key] = sums.get(key, 0.0) + row["value"]
    rows = []
    for (system, employer, measure, role, start, there), n in sums.items():
        action, one = doing[measure], lead(known, measure, role)
        rows.append({
            "start": str(start), "in_post": str(there), "year": there.year, "system": system, "employer": employer,
            "measure": measure, "route": action["title"], "kind": action["kind"], "action": action["action"],
            "role": role, "lead_months": one.months, "starts": one.starts(n), "joins": n,
            "state": UNDER_WAY if start < decided else TO_BEGIN, "owner": owner(action["kind"], employer),
        })  # fmt: skip
    return sorted(rows, key=lambda row: (row["start"], row["in_post"], row["system"], row["measure"], row["role"]))


def routes_to(role: str) -> list[tuple[str, str, Lead]]:
    """Return the routes by which a vacant post of a role can be filled: measure, the role that comes, its lead.

    A role that may take over posts of another (`staff_roles.csv`, may_fill) counts; a role without any route of supply
    is recruited from the local labour market.
    """
    known = leads()
    coming = {role} | {row["role"] for row in tables.read(ROLES) if role in row["may_fill"].split(";")}
    found = [(measure, comes, one) for (measure, comes), one in known.items() if comes in coming]
    return found or [(LOCAL, role, lead(known, LOCAL, role))]


def late(short: Iterable[Mapping[str, Any]], decided: Quarter) -> list[dict[str, Any]]:
    """Return one row a shortage and route that could meet it: by when it must begin, and whether that can still be.

    Parameters
    ----------
    short : rows with system, role, month (the one at whose end it is counted), posts, in_post and short
    decided : the first quarter in which something can still be begun
    """
    rows, doing = [], actions()
    for row in short:
        for measure, comes, one in routes_to(row["role"]):
            start = of_month(row["month"] - one.months)
            rows.append({
                "needed": str(of_month(row["month"])), "system": row["system"], "role": row["role"],
                "posts": row["posts"], "in_post": row["in_post"], "short": row["short"],
                "route": doing[measure]["title"], "comes": comes, "lead_months": one.months, "begin_by": str(start),
                "starts": one.starts(row["short"]), "state": TOO_LATE if start < decided else TO_BEGIN,
                "earliest_in_post": str(of_month(decided.index * MONTHS_A_QUARTER + one.months)),
            })  # fmt: skip
    return rows
