"""First quadrant: the area and its interfaces: who lives where, who sends whom how many referrals a year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from experiments.board import interfaces, system_map
from experiments.board.evidence import Drawing, Evidence, Quadrant, Statement
from experiments.reports.material import Case
from pathways.specs import PathwaySpec

MOST_SYSTEMS = 8
"""Delivery systems that the map names one by one; more are one"""


def quadrant(case: Case, specs: Mapping[str, PathwaySpec], systems: Sequence[str], run: str, place: str) -> Quadrant:
    """Return the quadrant of some delivery systems.

    Parameters
    ----------
    case : a run of the area
    systems : whose people are shown
    run : what the run is called on the page
    place : what they are together
    """
    flows = interfaces.flows(case, specs)
    flows = flows[flows["system"].isin(systems)]
    between = interfaces.between(flows)
    people = people_of(case, systems)
    titles = interfaces.titles()
    named = [
        {"from": titles[row["from"]], "to": titles[row["to"]], "how": row["how"], "system": row["system"],
         "a_year": row["a_year"]}
        for row in flows.to_dict("records")
    ]  # fmt: skip
    shown = people if len(people) <= MOST_SYSTEMS else [_together(people, place)]
    note = (
        "Referrals of a mean year, not people: one person may pass several. Through doors: what was counted for a "
        "pathway and system, dealt to its doors by their declared shares."
    )
    tables = [
        Evidence(
            "flows", "Flows between services and neighbours",
            [("from", "text"), ("to", "text"), ("how", "text"), ("system", "text"), ("a_year", "whole")],
            named, run, note, shown=40,
        ),
        Evidence(
            "people", "People: residents, those seen, by delivery system",
            [("system", "text"), ("residents", "whole"), ("reached", "whole"), ("share_reached", "share"),
             ("asked", "whole")],
            people, run, "Reached: residents seen by any service in the year, each counted once. Asked: times "
            "residents came through a service's own door.",
        ),
    ]  # fmt: skip
    drawing = Drawing(
        "Who sends whom how many a year; wider arrows, more referrals",
        system_map.drawn(shown, between, "Map of the area and flows between its services"), "flows",
        wide=True,
    )  # fmt: skip
    return Quadrant("stp", "The area and its interfaces", [drawing], _said(between, people), tables)


def people_of(case: Case, systems: Sequence[str]) -> list[dict[str, Any]]:
    """Return residents, residents reached (each once) and times asked, a mean year, by delivery system."""
    table, reached = case.tables["people"], case.tables["people_reached"]
    seen = reached[reached["pathways"] != ""].groupby("system")["people"].sum() / case.replications
    asked = table.groupby("system")["asked"].sum() * case.a_year
    residents = table.groupby("system")["residents"].first()
    return [
        {"system": system, "residents": int(residents[system]), "reached": float(seen.get(system, 0)),
         "share_reached": float(seen.get(system, 0)) / int(residents[system]), "asked": float(asked[system])}
        for system in systems
    ]  # fmt: skip


def _together(people: Sequence[Mapping[str, Any]], place: str) -> dict[str, Any]:
    residents, reached, asked = (sum(row[name] for row in people) for name in ("residents", "reached", "asked"))
    return {
        "system": place, "residents": residents, "reached": reached, "share_reached": reached / residents,
        "asked": asked,
    }  # fmt: skip


def _said(between: pd.DataFrame, people: Sequence[Mapping[str, Any]]) -> list[Statement]:
    residents = sum(row["residents"] for row in people)
    reached = sum(row["reached"] for row in people)
    out = interfaces.passing(between, "wards", "out_of_area")
    police = interfaces.passing(between, "justice", "crisis")
    councils = between.loc[(between["to"] == "local_authority"), "a_year"].sum()
    hospitals = between.loc[(between["from"] == "hospitals") & (between["to"] != "primary"), "a_year"].sum()
    return [
        Statement(
            f"{reached:,.0f} of {residents:,} residents are seen in a year, each counted once: "
            f"{100 * reached / residents:.1f} in a hundred.",
            "people", {"reached": reached, "residents": residents},
        ),
        Statement(
            f"{out:,.0f} stays a year begin in beds outside the area. Hospitals pass on {hospitals:,.0f} referrals to "
            f"mental health services and councils, the police and courts {police:,.0f} to crisis teams; councils "
            f"receive {councils:,.0f}.",
            "flows", {"out_of_area": out, "hospitals": hospitals, "police": police, "councils": float(councils)},
        ),
    ]  # fmt: skip
