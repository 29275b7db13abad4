"""Posts and staff of the baseline year, by delivery system and group: filled and vacant posts, who left, who came."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from experiments.board.evidence import Evidence, Statement

BASELINE = "2016/17"
STOCKS = ("posts", "in_post", "vacancies")
FLOWS = ("left_workforce", "retired", "kept", "moved_away", "moved_here")
CAME = (
    "newly_qualified", "return_to_practice", "international", "apprentices", "nursing_associates", "trainees",
    "new_roles", "recruited",
)  # fmt: skip
"""Routes by which people come into the workforce (`abm.staff_columns.ROUTES`)"""
COLUMNS = (
    ("of", "text"), ("name", "text"), ("posts", "one"), ("in_post", "one"), ("vacancies", "one"),
    ("vacancy_share", "share"), ("left_workforce", "one"), ("retired", "one"), ("kept", "one"), ("moved_away", "one"),
    ("moved_here", "one"), ("came_by_supply", "one"),
)  # fmt: skip


def rows(staff: pd.DataFrame, place: str, systems: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Return one row for the whole, for each delivery system, staff group and employer.

    Posts, in post and vacancies stand at the end of the year; the others are counted over it.

    Parameters
    ----------
    staff : `staff_years`
    place : what the whole is called
    systems : in this order, before what else the table has
    """
    year = staff[staff["year"] == BASELINE]
    n = staff["replication"].nunique()
    last = year["month"].max()
    stocks = year[(year["month"] == last) & year["measure"].isin(STOCKS)]
    flows = year[year["measure"].isin((*FLOWS, *CAME))]
    found = []
    for of in ("", "system", "group", "employer"):
        names = [place] if not of else [str(name) for name in year[of].unique()]
        if of == "system":
            names = [*(name for name in systems if name in names), *(name for name in names if name not in systems)]
        for name in names:
            pick = [part if not of else part[part[of] == name] for part in (stocks, flows)]
            sums = pd.concat(pick).groupby("measure", observed=True)["value"].sum() / n
            row: dict[str, Any] = {
                "of": of or "whole",
                "name": name,
                **{key: float(sums.get(key, 0.0)) for key in (*STOCKS, *FLOWS)},
            }
            row["came_by_supply"] = float(sum(sums.get(key, 0.0) for key in CAME))
            row["vacancy_share"] = row["vacancies"] / row["posts"] if row["posts"] else None
            found.append(row)
    return found


def evidence(found: Sequence[dict[str, Any]], behind: str, basis: str) -> Evidence:
    """Return the table of posts and staff."""
    note = (
        f"Establishment: {basis}. People, one WTE each. Left the workforce is what national plans count; a team also "
        "loses those who move away. Retired are among those who left; kept are those who would have left."
    )
    return Evidence("staff", f"Posts and staff, {BASELINE}", COLUMNS, found, behind, note)


def said(found: Sequence[dict[str, Any]], basis: str, plan: int) -> Statement:
    """Say how many posts are empty, and how many left.

    Parameters
    ----------
    plan : the place's share of all posts in specialist services, beside those of the teams that are modelled
    """
    whole = found[0]
    groups = [row for row in found if row["of"] == "group" and row["posts"]]
    emptiest = max(groups, key=lambda row: row["vacancies"])
    text = (
        f"{whole['in_post']:,.0f} people hold the {whole['posts']:,.0f} posts of the modelled teams ({basis}; the "
        f"plan's share of all posts in specialist services is {plan:,}); {whole['vacancies']:,.0f} are empty "
        f"({100 * whole['vacancies'] / max(whole['posts'], 1):.0f} %), most of them in "
        f"{GROUPS.get(emptiest['name'], emptiest['name'])} ({emptiest['vacancies']:,.0f}). In the year "
        f"{whole['left_workforce']:,.0f} left the workforce and {whole['moved_away']:,.0f} their team for another; "
        f"{whole['came_by_supply']:,.0f} came by training and supply, {whole['moved_here']:,.0f} from another team."
    )
    return Statement(text, "staff", {key: whole[key] for key in ("posts", "in_post", "vacancies", "left_workforce")})


GROUPS = {
    "nursing": "nursing", "medical": "medicine", "ahp_stt": "therapies and psychology", "support": "support",
    "social_care": "social care",
}  # fmt: skip
