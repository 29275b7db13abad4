"""Second quadrant: the baseline year as it is: posts and staff, spend by payer, waits against their standards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from abm import tables as published
from experiments.board import pictures, spend, standards, workforce
from experiments.board.evidence import Drawing, Quadrant
from experiments.board.gather import Ran
from experiments.board.roadmap import national_share
from experiments.board.where import Where
from experiments.reports import words
from experiments.workforce.waterfall import FIRST

CLOCKS_SHOWN = 11


def quadrant(where: Where, ran: Ran, staff: pd.DataFrame, staff_behind: str, basis: str, by: str) -> Quadrant:
    """Return the quadrant of a place.

    Parameters
    ----------
    ran : a run of the baseline year
    staff : `staff_years` of the place
    basis : what its posts are: local, or not
    by : how national numbers are shared out
    """
    waits = standards.rows(ran.case, places_of(where))
    people = workforce.rows(staff, where.place, where.systems)
    costs = spend.rows(ran, where)
    plan = national_share(where.place, by)[FIRST]
    return Quadrant(
        "reality", "Current reality: workforce, money and waits",
        [_waits(waits), _posts(people, basis, where.place), _payers(costs)],
        [workforce.said(people, basis, plan), spend.said(costs, spend.published(where, by)), standards.said(waits)],
        [workforce.evidence(people, staff_behind, basis), spend.evidence(costs, ran.behind),
         standards.evidence(waits, ran.behind)],
    )  # fmt: skip


def places_of(where: Where) -> list[str] | None:
    """Return the places of a delivery system whose clocks are its own; None: all places."""
    if where.level != "system":
        return None
    system_of_trust = {row["trust"]: row["system"] for row in published.read("systems")}
    homes = {row["site"]: system_of_trust[row["trust"]] for row in published.read("ae_sites")}
    return [where.place, *where.sites(homes)]


def _posts(people: Sequence[Mapping[str, Any]], basis: str, place: str) -> Drawing:
    shown = [row for row in people if row["of"] == "system"]
    if len(shown) < 2:
        shown = [row for row in people if row["of"] == "group"]
    parts = [("in_post", "in post", pictures.BLUE), ("vacancies", "vacant", pictures.ORANGE)]
    titles = workforce.GROUPS | {place: "shared by the area"}
    named = [{**row, "name": titles.get(row["name"], row["name"])} for row in shown[:8]]
    return Drawing(
        f"Posts in March 2017, filled and vacant ({basis})", pictures.stacked(named, parts, "Posts"), "staff"
    )


def _waits(found: Sequence[Mapping[str, Any]]) -> Drawing:
    official = [row for row in found if row["status"] in standards.OFFICIAL]
    order = sorted(official, key=lambda row: -row["breaches_a_year"])[:CLOCKS_SHOWN]
    rows = [
        {"name": f"{words.titled(row['pathway'])}: {row['clock']}", "share": row["share_within"],
         "standard": row["standard_share"], "breaches": row["breaches_a_year"]}
        for row in order
    ]  # fmt: skip
    return Drawing("Seen within the standard (mark: the standard)", pictures.bullets(rows, "Waits"), "standards")


def _payers(costs: Sequence[Mapping[str, Any]]) -> Drawing:
    rows = [
        {"name": spend.PAYERS.get(row["payer"], row["payer"]), "pounds": row["pounds"] / spend.MILLION}
        for row in spend.by_payer(list(costs))  # type: ignore[arg-type]
    ]
    parts = [("pounds", "£ million a year", pictures.GREEN)]
    return Drawing("Who pays", pictures.stacked(rows, parts, "Spend by payer", row_tall=17), "spend")
