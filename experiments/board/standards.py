"""Waits of the baseline year against their standards: the share within, and the breaches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from experiments.baseline import Results, clocks
from experiments.board.evidence import Evidence, Statement
from experiments.reports.material import Case
from experiments.reports.words import duration

OFFICIAL = ("national", "recommended")


def rows(case: Case, places: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Return one row a clock with a standard in force that decided anything: share within, standard, breaches a year.

    Parameters
    ----------
    places : only clocks that ran there (None: everywhere)
    """
    table = case.tables["clocks"]
    here = table if places is None else table[table["place"].isin(places)]
    found = clocks(Results(case.tables | {"clocks": here}, case.facts[0], case.replications))
    return [
        {"pathway": row["pathway"], "clock": row["title"], "status": row["status"],
         "standard": f"{100 * row['standard_share']:g} % within {duration(row['standard_seconds'])}",
         "share_within": row["share_within"], "standard_share": row["standard_share"],
         "met": row["share_within"] >= row["standard_share"],
         "clocks_a_year": row["clocks"] * case.a_year,
         "breaches_a_year": row["clocks"] * (1 - row["share_within"]) * case.a_year,
         "not_met_at": ", ".join(row["not_met_at"])}
        for row in found if row["share_within"] is not None
    ]  # fmt: skip


def evidence(found: Sequence[Mapping[str, Any]], run: str) -> Evidence:
    """Return the table of standards."""
    columns = [
        ("pathway", "text"), ("clock", "text"), ("status", "text"), ("standard", "text"), ("share_within", "share"),
        ("standard_share", "share"), ("met", "text"), ("clocks_a_year", "whole"), ("breaches_a_year", "whole"),
        ("not_met_at", "wrap"),
    ]  # fmt: skip
    note = "Whoever gave up waiting beyond a standard, and whoever still waits beyond it, is a breach."
    return Evidence("standards", "Waits against standards in the baseline year", columns, found, run, note)


def said(found: Sequence[Mapping[str, Any]]) -> Statement:
    """Say how many national and recommended standards are missed, and which by most people."""
    official = [row for row in found if row["status"] in OFFICIAL]
    missed = sorted((row for row in official if not row["met"]), key=lambda row: -row["breaches_a_year"])
    worst = "; ".join(
        f"{row['pathway'].replace('_', ' ')}, {row['clock']}: {100 * row['share_within']:.0f} % "
        f"(standard {100 * row['standard_share']:g} %)"
        for row in missed[:3]
    )  # fmt: skip
    text = f"{len(missed)} of {len(official)} national and recommended waiting standards are missed"
    return Statement(
        text + (f": {worst}." if worst else "."), "standards", {"missed": len(missed), "official": len(official)}
    )
