"""Sheets of the workbook that hold what the sizing says: summary, sizing, curves, audit trail, sources, about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from abm import tables
from experiments.reports import uncertain, words
from experiments.reports.assumptions import of_all
from experiments.reports.material import Material
from experiments.reports.method import about_rows
from experiments.reports.resting import resting
from experiments.reports.staffing import bracket, lines

if TYPE_CHECKING:
    from experiments.reports.workbook import Book

SUMMARY = (
    ("delivery system", "text"), ("place", "text"), ("team", "text"), ("in", "text"), ("present", "one"),
    ("present is local", "text"),
    ("published ratio", "one"), ("time budget", "one"), ("formula", "one"), ("simulated", "one"),
    ("least left", "one"),
    ("most left", "one"), ("gap", "one"), ("verdict", "text"), ("decided", "text"),
)  # fmt: skip


def summary(book: Book, material: Material) -> None:
    """Write one row a team and measure, with the sum of WTE that is in view."""
    if material.document is None:
        case = material.main
        table = case.tables["people"].groupby(["pathway", "system"], sort=False)
        people = [
            (pathway, system, one["residents"].iloc[0], one["need"].mean(), one["asked"].sum() * case.a_year,
             one["reached"].sum() * case.a_year)
            for (pathway, system), one in table
        ]  # fmt: skip
        book.grid("Summary", (("pathway", "text"), ("delivery system", "text"), ("residents", "whole"),
                              ("in need", "whole"),
                              ("times asked a year", "whole"), ("people seen a year", "whole")),
                              people)  # fmt: skip
        return
    rows = []
    for line in lines(material):
        home = line.place if line.place in material.systems else material.home_of_site.get(line.place, "shared")
        rows.append((
            home, line.place, words.team_title(line.team, line.title),
            "WTE" if line.measure == "wte" else "places", line.present,
            None if line.present is None else line.present_local, line.published, line.time_budget,
            line.formula, line.simulated,
            line.low, line.high, line.gap, line.verdict, line.decided,
        ))  # fmt: skip
    sheet = book.grid(
        "Summary",
        SUMMARY,
        rows,
        note=f"{material.area}, {material.document['year'] or ''}: WTE and places are never added",
    )
    last = len(rows) + 2
    sheet.write(last, 8, "all staff, WTE", book.formats["head"])
    total = sum(line.simulated for line in lines(material) if line.measure == "wte")
    sheet.write_formula(last, 9, f'=SUMIF(D3:D{last},"WTE",J3:J{last})', book.formats["sum"], total)
    present = sum(line.present or 0 for line in lines(material) if line.measure == "wte")
    sheet.write_formula(last, 4, f'=SUMIF(D3:D{last},"WTE",E3:E{last})', book.formats["sum"], present)


def sizing(book: Book, material: Material) -> None:
    """Write one row a lever, and one row a target."""
    document = material.document or {}
    columns = (
        ("unit", "text"), ("role", "text"), ("hours", "text"), ("kind", "text"), ("work offered", "two"),
        ("formula", "whole"),
        ("as declared", "whole"), ("minimum", "whole"), ("sized", "whole"), ("least left", "whole"),
        ("most left", "whole"), ("WTE", "one"),
        ("with one fewer", "text"), ("years with one fewer", "whole"), ("of these met", "whole"),
        ("share from", "share"),
        ("share to", "share"), ("fails at", "whole"), ("passes at", "whole"), ("decided by", "text"),
    )  # fmt: skip
    rows = []
    for unit in document["units"]:
        for one in unit["levers"]:
            least, most = bracket(one, unit["verdict"] == "passes")
            rows.append((
                one["unit"], one["role"], one["hours"], one["kind"], one["offered"], one["formula"],
                one["baseline"], one["least"],
                one["plan"], least, most, one["wte"], one["one_fewer"], one["one_fewer_years"],
                one["one_fewer_met"],
                one["one_fewer_low"], one["one_fewer_high"], one["fails_at"], one["passes_at"],
                one["one_fewer_target"],
            ))  # fmt: skip
    book.grid("Sizing", columns, rows)
    of_targets = (
        ("unit", "text"), ("target", "text"), ("measure", "text"), ("status", "text"), ("bound", "share"),
        ("at least", "text"),
        ("mean", "share"), ("P10", "share"), ("P90", "share"), ("years met", "whole"), ("years", "whole"),
        ("share from", "share"),
        ("share to", "share"), ("verdict", "text"), ("source", "wrap"),
    )  # fmt: skip
    targets = [
        (unit["unit"], one["target"], one["measure"], one["status"], one["bound"], one["at_least"], one["mean"],
         one["p10"],
         one["p90"], one["years_met"], one["years"], one["low"], one["high"], one["verdict"], one["source"])
        for unit in document["units"] for one in unit["targets"]
    ]  # fmt: skip
    book.grid("Targets", of_targets, targets)


def uncertainty(book: Book, document: Mapping[str, Any]) -> None:
    """Write what parameter uncertainty adds, one row a unit, and the ranges it was tried with."""
    found = document.get("uncertainty")
    if found:
        book.grid("Uncertainty", uncertain.SHEET, uncertain.unit_rows(found))
        book.grid("Parameter ranges", uncertain.RANGES, uncertain.range_rows(found))


def curves(book: Book, document: Mapping[str, Any]) -> None:
    """Write every set of numbers tried, and how each target did."""
    columns = (
        ("unit", "text"), ("target", "text"), ("numbers", "text"), ("capacity, hours a week", "one"),
        ("simulated years", "whole"),
        ("mean", "share"), ("share of years held", "share"),
    )  # fmt: skip
    book.grid("Staffing curves", columns, [
        (row["unit"], row["target"], ", ".join(map(str, row["numbers"])), row["capacity_hours_a_week"], row["years"],
         row["mean"], row["share_of_years"])
        for row in document["curves"]
    ])  # fmt: skip


def audit(book: Book, document: Mapping[str, Any]) -> None:
    """Write every decision of the search."""
    columns = (
        ("number", "whole"), ("phase", "text"), ("unit", "text"), ("what was tried", "text"),
        ("outcome", "text"), ("target", "text"),
        ("years", "whole"), ("met", "whole"), ("share from", "share"), ("share to", "share"),
        ("tested together with", "text"), ("note", "wrap"),
    )  # fmt: skip
    keys = (
        "number",
        "phase",
        "unit",
        "what",
        "outcome",
        "target",
        "years",
        "met",
        "low",
        "high",
        "together_with",
        "note",
    )
    book.grid("Audit trail", columns, [[row[key] for key in keys] for row in document["audit"]])


def assumptions(book: Book, material: Material) -> None:
    """Write every source, and what each headline rests on."""
    columns = (
        ("pathway or table", "text"),
        ("number", "wrap"),
        ("rests on", "text"),
        ("confidence", "text"),
        ("source", "wrap"),
    )
    book.grid("Assumptions", columns, [
        (one.where, one.what, one.rests_on, one.confidence, one.source) for one in of_all(material.setting.specs)
    ])  # fmt: skip
    of_shares = (
        ("unit", "text"), ("of", "text"), ("work a year", "whole"),
        ("time it takes: wholly assumed", "share"), ("at least partly", "share"),
        ("who comes: wholly assumed", "share"), ("at least partly", "share"),
        ("either, at least partly", "share"),
    )  # fmt: skip
    book.grid("Rests on assumption", of_shares, [
        (row.unit, row.measure, row.work, row.length_assumed, row.length_partly, row.number_assumed,
         row.number_partly, row.either)
        for row in resting(material)
    ])  # fmt: skip


def about(book: Book, material: Material) -> None:
    """Write what must be known to run it again."""
    book.grid("About", (("what", "text"), ("value", "wrap")), about_rows(material))


def working_time_inputs() -> dict[str, dict[str, str]]:
    """Return the rows of the table of working time by role."""
    return {row["role"]: row for row in tables.read("working_time")}
