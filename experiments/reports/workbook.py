"""The workbook: every number of the report in sheets to filter and to work on; establishment as live formulas.

Working time → hours a post gives → WTE: change a sickness rate or a number on shift and the posts follow.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from abm.working_time import WORKING_DAYS
from experiments.intervals import mean_and_half_width
from experiments.reports import sheets, words
from experiments.reports.material import Case, Material

FORMATS = {
    "text": {}, "wrap": {"text_wrap": True, "valign": "top"}, "whole": {"num_format": "#,##0"},
    "one": {"num_format": "#,##0.0"}, "two": {"num_format": "#,##0.00"}, "share": {"num_format": "0.0%"},
    "minutes": {"num_format": "#,##0"},
    "head": {"bold": True, "bottom": 1, "text_wrap": True, "valign": "bottom"},
    "title": {"bold": True, "font_size": 14}, "sum": {"bold": True, "top": 1, "num_format": "#,##0.0"},
    "input": {"font_color": "#1f5f99", "num_format": "General"},
    "input_share": {"font_color": "#1f5f99", "num_format": "0.0%"},
}  # fmt: skip
WIDTHS = {"text": 26, "wrap": 60}
Columns = Sequence[tuple[str, str]]
"""(heading, name of a format)"""


class Book:
    """A workbook in memory with our formats; `grid` writes a sheet of rows with filters and a frozen heading."""

    def __init__(self) -> None:
        self.content = io.BytesIO()
        options = {
            "in_memory": True,
            "nan_inf_to_errors": False,
            "strings_to_formulas": False,
            "strings_to_urls": False,
        }
        self.book = xlsxwriter.Workbook(self.content, options)
        self.formats: dict[str, Format] = {name: self.book.add_format(look) for name, look in FORMATS.items()}

    def sheet(self, name: str, columns: Columns, top: int = 0) -> Worksheet:
        """Add a sheet with a heading row at row `top`, frozen there."""
        sheet = self.book.add_worksheet(name)
        for k, (heading, look) in enumerate(columns):
            sheet.write(top, k, heading, self.formats["head"])
            sheet.set_column(k, k, WIDTHS.get(look, 12))
        sheet.freeze_panes(top + 1, 0)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(top)
        return sheet

    def grid(self, name: str, columns: Columns, rows: Iterable[Sequence[Any]], note: str = "") -> Worksheet:
        """Add a sheet of rows of values."""
        top = 1 if note else 0
        sheet = self.sheet(name, columns, top)
        if note:
            sheet.write(0, 0, note)
        last = top
        for last, row in enumerate(rows, start=top + 1):
            for k, value in enumerate(row):
                self.put(sheet, last, k, value, columns[k][1])
        sheet.autofilter(top, 0, max(last, top + 1), len(columns) - 1)
        return sheet

    def put(self, sheet: Worksheet, row: int, column: int, value: Any, look: str) -> None:
        """Write one value; what is not a number is left empty."""
        if value is None or (isinstance(value, float) and not np.isfinite(value)) or value is pd.NaT:
            sheet.write_blank(row, column, None, self.formats[look])
        elif isinstance(value, bool | np.bool_):
            sheet.write(row, column, "yes" if value else "no", self.formats[look])
        else:
            sheet.write(row, column, value.item() if isinstance(value, np.generic) else value, self.formats[look])

    def bytes(self) -> bytes:
        """Close the book and return it."""
        self.book.close()
        return self.content.getvalue()


def made(material: Material) -> bytes:
    """Return the workbook of a report."""
    book = Book()
    sheets.summary(book, material)
    if material.document is not None:
        sheets.sizing(book, material)
        _establishment(book, material.document)
        _working_time(book, material.document["working_time"])
    _clocks(book, material.cases)
    _waits(book, material.cases)
    _flows(book, material.cases)
    if material.document is not None:
        sheets.uncertainty(book, material.document)
        sheets.curves(book, material.document)
        sheets.audit(book, material.document)
    sheets.assumptions(book, material)
    sheets.about(book, material)
    return book.bytes()


# --- establishment ----------------------------------------------------------------------------------------------

WORKING_TIME = "Working time"
WORKING: Columns = (
    ("role", "text"), ("title", "text"), ("band", "text"), ("contracted hours a week", "input"),
    ("leave days", "input"),
    ("study days", "input"), ("sickness share", "input_share"), ("non-clinical share", "input_share"),
    ("hours a week a post gives", "two"), ("confidence", "text"), ("source", "wrap"),
)  # fmt: skip
POSTS: Columns = (
    ("team", "text"), ("place", "text"), ("role", "text"), ("hours", "text"), ("rule", "text"),
    ("on shift together", "input"),
    ("hours a week of one", "two"), ("on-shift hours a week", "two"), ("hours a week a post gives", "two"),
    ("WTE", "one"),
)  # fmt: skip


def posts(document: Mapping[str, Any]) -> list[tuple[str, str, str, str, str, int, float]]:
    """Return everybody who must be on shift: (team, place, role, hours, rule, number, hours a week of one)."""
    found = [
        (lever["unit"].partition(" @ ")[0], lever["unit"].partition(" @ ")[2], lever["role"], lever["hours"],
         "sized" if lever["kind"] == "staff" else "sized: holds courses", int(lever["plan"]),
         float(lever["hours_a_week"]))
        for lever in document["plan"] if lever["kind"] != "places"
    ]  # fmt: skip
    return found + [
        (row["unit"].partition(" @ ")[0], row["place"], row["role"], row["hours"], f"nursing of {row['beds']} beds",
         int(row["people"]), float(row["hours_a_week"]))
        for row in document["nursing"]
    ]  # fmt: skip


def _establishment(book: Book, document: Mapping[str, Any]) -> None:
    """Write posts as formulas: on-shift hours over the hours a post gives."""
    gives = {row["role"]: float(row["available_hours"]) for row in document["working_time"]}
    sheet = book.sheet("Establishment", POSTS, top=2)
    sheet.write(
        0,
        0,
        "From people on shift to posts: blue numbers may be changed, the rest follows",
        book.formats["title"],
    )
    rows = posts(document)
    first, last = 4, len(rows) + 3  # as a spreadsheet numbers its rows
    for k, (team, place, role, hours, rule, n, weekly) in enumerate(rows):
        row, at = k + 3, k + 4
        for column, value in enumerate((team, place, role, hours, rule)):
            book.put(sheet, row, column, value, "text")
        book.put(sheet, row, 5, n, "input")
        book.put(sheet, row, 6, weekly, "two")
        per_post = gives.get(role)
        sheet.write_formula(row, 7, f"=F{at}*G{at}", book.formats["two"], n * weekly)
        found = f"=INDEX('{WORKING_TIME}'!I:I,MATCH(C{at},'{WORKING_TIME}'!A:A,0))"
        sheet.write_formula(row, 8, found, book.formats["two"], per_post if per_post else "")
        sheet.write_formula(
            row, 9, f"=IFERROR(H{at}/I{at},0)", book.formats["one"], n * weekly / per_post if per_post else 0
        )
    total = sum(n * weekly / gives[role] for _, _, role, _, _, n, weekly in rows if gives.get(role))
    sheet.write(last, 8, "all, WTE", book.formats["head"])
    sheet.write_formula(last, 9, f"=SUBTOTAL(9,J{first}:J{last})", book.formats["sum"], total)
    sheet.autofilter(2, 0, last - 1, len(POSTS) - 1)


def _working_time(book: Book, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write what one post gives, as a formula over contract, leave, study, sickness and non-clinical time."""
    sheet = book.sheet(WORKING_TIME, WORKING)
    stated = sheets.working_time_inputs()
    for k, one in enumerate(rows):
        row, at = k + 1, k + 2
        given = stated[one["role"]]
        values = (one["role"], one["title"], one["band"], float(given["contracted_hours_per_week"]),
                  float(given["leave_days"]),
                  float(given["study_days"]), float(given["sickness_share"]),
                  float(given["non_clinical_share"]))  # fmt: skip
        for column, value in enumerate(values):
            book.put(sheet, row, column, value, WORKING[column][1])
        formula = f"=D{at}*(1-(E{at}+F{at})/{WORKING_DAYS:g})*(1-G{at})*(1-H{at})"
        sheet.write_formula(row, 8, formula, book.formats["two"], float(one["available_hours"]))
        book.put(sheet, row, 9, one["confidence"], "text")
        book.put(sheet, row, 10, one["source"], "wrap")


# --- simulated years --------------------------------------------------------------------------------------------


def _clocks(book: Book, cases: Sequence[Case]) -> None:
    columns: Columns = (
        ("plan", "text"), ("pathway", "text"), ("clock", "text"), ("place", "text"), ("team", "text"),
        ("status", "text"),
        ("within, minutes", "minutes"), ("standard", "share"), ("mean share within", "share"),
        ("half-width", "share"),
        ("years met", "whole"), ("years", "whole"), ("in force", "text"), ("started a year", "whole"),
        ("median, minutes", "minutes"),
        ("P90, minutes", "minutes"), ("source", "wrap"),
    )  # fmt: skip
    rows = []
    for case in cases:
        for (pathway, clock, place), one in case.tables["clocks"].groupby(["pathway", "clock", "place"], sort=False):
            first, known = one.iloc[0], one["share_within"].dropna()
            share = mean_and_half_width(known)
            met = one["met"].dropna().astype(bool)
            rows.append((
                case.name, pathway, clock, place, _word(first["team"]), _word(first["status"]),
                first["standard_seconds"] / 60,
                first["standard_share"], share["mean"] if len(known) else None, share["half_width"],
                int(met.sum()), len(met),
                bool(first["in_force"]),
                one["started"].sum() * case.a_year, one["p50_minutes"].mean(), one["p90_minutes"].mean(),
                _word(first["source"]),
            ))  # fmt: skip
    book.grid("Clocks", columns, rows)


def _waits(book: Book, cases: Sequence[Case]) -> None:
    columns: Columns = (
        ("plan", "text"), ("pathway", "text"), ("state", "text"), ("kind", "text"), ("place", "text"),
        ("arrivals a year", "whole"),
        ("began a year", "whole"), ("share that waited", "share"), ("left waiting a year", "whole"),
        ("mean wait, minutes", "one"),
        ("P90 wait, minutes", "one"), ("mean number waiting", "two"), ("mean number present", "two"),
    )  # fmt: skip
    rows = []
    for case in cases:
        table = case.tables["waits"]
        table = table[table["kind"].isin(["contact", "place", "wait"])]
        for (pathway, state, place), one in table.groupby(["pathway", "state", "place"], sort=False):
            began = one["began"].sum()
            weighted = (one["wait_mean_minutes"] * one["began"]).sum() / began if began else None
            rows.append((
                case.name, pathway, state, one["kind"].iloc[0], place, one["arrivals"].sum() * case.a_year,
                began * case.a_year,
                one["waited"].sum() / began if began else None, one["left_waiting"].sum() * case.a_year,
                weighted,
                one["wait_p90_minutes"].mean(), one["mean_waiting"].mean(), one["mean_present"].mean(),
            ))  # fmt: skip
    book.grid("Waits", columns, rows)


def _flows(book: Book, cases: Sequence[Case]) -> None:
    columns: Columns = (
        ("plan", "text"),
        ("from", "text"),
        ("to", "text"),
        ("when", "text"),
        ("delivery system", "text"),
        ("people a year", "one"),
    )
    rows = []
    for case in cases:
        table = case.tables["flows"].groupby(["from", "to", "when", "system"], sort=False)["count"].sum() * case.a_year
        rows += [(case.name, *key, float(n)) for key, n in table.items()]
    book.grid(
        "Flows",
        columns,
        rows,
        note=f"People a year, means of {words.count(cases[0].replications)} simulated years",
    )


def _word(value: Any) -> str:
    return value if isinstance(value, str) else ""
