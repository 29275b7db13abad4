"""Third quadrant: the share of the national plan beside the demand of the people who live there."""

from __future__ import annotations

from typing import Any

from experiments.board import pictures
from experiments.board.evidence import Drawing, Evidence, Quadrant, Statement
from experiments.board.where import Where
from experiments.workforce import waterfall

WAYS = ("people", "deprivation", "need")


def quadrant(where: Where) -> Quadrant:
    """Return the quadrant of a place."""
    rows = shares(where)
    bars = [("people", "by head count", pictures.GREY), ("deprivation", "by deprivation (illustrative)", "#b9a04a"),
            ("need", "by need", pictures.BLUE)]  # fmt: skip
    drawn = [{"name": row["place"], **row} for row in (rows[1:] or rows)]
    table = Evidence(
        "apportioned", "New posts by 2020/21, shared out three ways",
        [("place", "text"), *((way, "whole") for way in WAYS)], rows,
        "parity waterfall --by people, deprivation and need", "Whole posts that sum at every level.",
    )  # fmt: skip
    whole = rows[0]
    said = Statement(
        f"The plan's 21,000 posts are {whole['people']:,} here by head count, {whole['deprivation']:,} by deprivation "
        f"and {whole['need']:,} by need.", "apportioned", dict(whole),
    )  # fmt: skip
    drawing = Drawing("New posts apportioned", pictures.paired(drawn, bars, "New posts apportioned"), "apportioned")
    return Quadrant("apportionment", "Apportioned against demand", [drawing], [said], [table])


def shares(where: Where) -> list[dict[str, Any]]:
    """Return the new posts of the place and of the places within it, by each way of sharing."""
    found: dict[str, dict[str, Any]] = {}
    for way in WAYS:
        for row in waterfall.document(where.place, way)["rows"]:
            if row["step"] == "new_posts" and row["place"] in (where.place, *where.inside):
                found.setdefault(row["place"], {"place": row["place"]})[way] = row["value"]
    return list(found.values())
