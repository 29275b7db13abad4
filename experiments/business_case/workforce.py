"""Posts of an option beside the baseline, and when each must be begun to be filled when the option begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from abm import tables as committed
from experiments.board.quarters import MONTHS_A_QUARTER, Quarter, of_month, quarter
from experiments.board.starts import Lead, actions, lead, leads, owner
from experiments.business_case.where import FOLDER, number
from experiments.money.case import Case
from experiments.workforce.apportion import FOLDER as WORKFORCE

IN_TIME, LATE = "in time", "late"


def posts(base: Case, option: Case) -> list[dict[str, Any]]:
    """Return one row a system, team, employer and role whose posts differ: WTE of both and the difference."""
    groups = {row["role"]: row["group"] for row in committed.read("roles", WORKFORCE)}
    keys = ["system", "team", "employer", "payer", "role"]
    summed = {}
    for name, case in (("base", base), ("other", option)):
        mine = case.mean[case.mean["line"] == "posts"]
        summed[name] = mine.groupby(keys, sort=False)["quantity"].sum()
    both = pd.DataFrame(summed).fillna(0.0).reset_index()
    both["extra"] = both["other"] - both["base"]
    changed = both[both["extra"].abs() >= number("least_posts")]
    return [{**row, "group": groups.get(row["role"], "other")} for row in changed.to_dict("records")]


@dataclass(frozen=True)
class Begun:
    """By what route a post of a role is filled, and when that must be begun."""

    measure: str
    lead: Lead
    start: Quarter


def begun(role: str, begins: str, decided: str) -> Begun:
    """Return how a post is filled for an option that begins in April of a year: not begun before it is decided."""
    due, earliest = quarter(f"{begins} Q1"), quarter(decided, "--decided")
    routes = {row["role"]: row["measure"] for row in committed.read("routes", FOLDER)}
    measure = routes.get(role, "recruited")
    one = lead(leads(), measure, role)
    wanted = of_month(due.index * MONTHS_A_QUARTER - one.months)
    return Begun(measure, one, max(wanted, earliest))


def there(one: Begun) -> Quarter:
    """Return the quarter in which who is begun with is in post."""
    return of_month(one.start.index * MONTHS_A_QUARTER + one.lead.months)


def plan(rows: Sequence[Mapping[str, Any]], begins: str, decided: str) -> list[dict[str, Any]]:
    """Return one row a system, employer and role to be filled: when to begin, by whom, and whether that is in time.

    Parameters
    ----------
    rows : `posts`
    begins : financial year in whose first quarter the option begins
    decided : quarter of the decision: nothing begins before it
    """
    due, doing = quarter(f"{begins} Q1"), actions()
    sums: dict[tuple[str, str, str], float] = {}
    for row in rows:
        if row["extra"] > 0:
            key = (row["system"], row["employer"], row["role"])
            sums[key] = sums.get(key, 0.0) + row["extra"]
    found = []
    for (system, employer, role), n in sums.items():
        one = begun(role, begins, decided)
        filled = there(one)
        action = doing[one.measure]
        found.append({
            "start": str(one.start), "in_post": str(max(filled, due)), "system": system, "employer": employer,
            "role": role,
            "posts": n, "starts": one.lead.starts(n), "route": action["title"], "action": action["action"],
            "lead_months": one.lead.months, "when": IN_TIME if filled <= due else LATE,
            "owner": owner(action["kind"], employer),
        })  # fmt: skip
    return sorted(found, key=lambda row: (row["start"], row["in_post"], row["system"], row["role"]))


def last_of(rows: Sequence[Mapping[str, Any]]) -> Quarter | None:
    """Return the quarter in which the last post of a plan is filled."""
    return max((quarter(row["in_post"]) for row in rows), default=None)
