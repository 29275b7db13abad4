"""Second quadrant: the baseline year as it is: posts, staff and vacancies, and waits against their standards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from abm import tables as published
from experiments.board import pictures, standards
from experiments.board.evidence import Drawing, Evidence, Quadrant, Statement
from experiments.board.where import Where
from experiments.reports.material import Case
from experiments.workforce import waterfall

SHOWN = 11


def quadrant(where: Where, case: Case, run: str, by: str) -> Quadrant:
    """Return the quadrant of a place from its run, and its share of the national plan."""
    found = standards.rows(case, places_of(where))
    staff = establishment(where, by)
    drawings = [_waits(found), _posts(staff)]
    evidence = [standards.evidence(found, run), _establishment_table(staff, by)]
    return Quadrant("reality", "Current reality: workforce and waits", drawings, [_said(staff), standards.said(found)],
                    evidence)  # fmt: skip


def places_of(where: Where) -> list[str] | None:
    """Return the places of a delivery system whose clocks are its own; None: all places."""
    if where.level != "system":
        return None
    system_of_trust = {row["trust"]: row["system"] for row in published.read("systems")}
    homes = {row["site"]: system_of_trust[row["trust"]] for row in published.read("ae_sites")}
    return [where.place, *where.sites(homes)]


def establishment(where: Where, by: str) -> list[dict[str, Any]]:
    """Return the place's and its parts' share of posts, vacancies, staff and leavers of the national plan."""
    wanted = {"establishment": "posts", "vacancies": "vacancies", "in_post": "in_post", "leavers": "leavers",
              "retained": "retained"}  # fmt: skip
    found: dict[str, dict[str, Any]] = {}
    for row in waterfall.document(where.place, by)["rows"]:
        if row["place"] in (where.place, *where.inside) and row["step"] in wanted:
            found.setdefault(row["place"], {"place": row["place"]})[wanted[row["step"]]] = abs(row["value"])
    return list(found.values())


def _waits(found: Sequence[Mapping[str, Any]]) -> Drawing:
    official = [row for row in found if row["status"] in standards.OFFICIAL]
    order = sorted(official, key=lambda row: -row["breaches_a_year"])[:SHOWN]
    rows = [
        {"name": row["clock"], "share": row["share_within"], "standard": row["standard_share"],
         "breaches": row["breaches_a_year"]}
        for row in order
    ]  # fmt: skip
    return Drawing("Seen within the standard (mark: the standard)", pictures.bullets(rows, "Waits"), "standards")


def _posts(staff: Sequence[Mapping[str, Any]]) -> Drawing:
    rows = [{"name": row["place"], **row} for row in (staff[1:] or staff)]
    parts = [("in_post", "in post", pictures.BLUE), ("vacancies", "vacant", pictures.ORANGE)]
    return Drawing(
        "Posts, 2016: in post and vacant (not local)", pictures.stacked(rows, parts, "Posts"), "establishment"
    )


def _establishment_table(staff: Sequence[Mapping[str, Any]], by: str) -> Evidence:
    columns = [
        ("place", "text"),
        *((name, "whole") for name in ("posts", "vacancies", "in_post", "leavers", "retained")),
    ]
    return Evidence(
        "establishment", "Posts and staff in 2016, shares of the national plan", columns, staff,
        f"parity waterfall --by {by}, its table of national rows", "Not local: England's numbers shared out.",
    )  # fmt: skip


def _said(staff: Sequence[Mapping[str, Any]]) -> Statement:
    whole = staff[0]
    return Statement(
        f"Of {whole['posts']:,} posts {whole['vacancies']:,} are vacant ({whole['vacancies'] / whole['posts']:.1%}); "
        f"{whole['leavers']:,} of those in post are expected to leave the workforce in five years, and "
        f"{whole['retained']:,} of them to be kept (shares of the national plan, not local).",
        "establishment", dict(whole),
    )  # fmt: skip
