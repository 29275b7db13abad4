"""The business case as a page with every table a statement rests on, a workbook and Parquet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from experiments.board.page import cell
from experiments.business_case import pictures
from experiments.business_case.evidence import tables as evidence_of
from experiments.business_case.said import SETTING_UP, changed, statements
from experiments.money.words import short
from experiments.reports import blocks
from experiments.reports.page import as_parquet, rendered, write_all
from experiments.reports.words import spoken, titled
from experiments.reports.workbook import Book

if TYPE_CHECKING:
    from rich.table import Table

SHOWN = 80
"""Rows of a table on the page; the workbook holds all"""
NAMES = ("team", "service", "role", "group", "employer", "pathway", "of")
"""Columns of code names, spoken on the page"""
BESIDE = (
    "option", "expected", "P50", "P80", "P95", "cash, commissioners", "setting up, once", "five years, present value",
)  # fmt: skip
DRAWN = {"benefits": pictures.benefits, "cost_by_year": pictures.years, "risk": pictures.risk,
         "equality": pictures.equality}  # fmt: skip


def tables(document: Mapping[str, Any]) -> Iterator[Table | str]:
    """Yield the business case for people: the statements of every option, then the options side by side."""
    from rich.table import Table

    for heading, found in statements(document):
        table = Table(title=heading, title_justify="left")
        table.add_column("statement", overflow="fold")
        table.add_column("table")
        for one in found:
            table.add_row(one.text, one.evidence)
        yield table
    table = Table(title=f"Side by side, extra a year in {document['last_year']}", title_justify="left")
    for heading in BESIDE:
        table.add_column(heading, justify="left" if heading == "option" else "right")
    for row in _side_by_side(document):
        table.add_row(*row)
    yield table
    if document.get("written"):
        yield f"Written: {', '.join(str(path) for path in document['written'])}"


def _side_by_side(document: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    titles = {one["name"]: one["title"] for one in document["options"]}
    for one in document["found"]:
        risk, cash = one["risk"]["all payers"], one["risk"]["cash of clinical commissioning groups"]
        yield (
            titles[one["name"]], *(short(risk[key]) for key in ("expected", "p50", "p80", "p95")),
            short(cash["expected"]), short(one["risk"][SETTING_UP]["expected"]), short(one["present_value"]["all"]),
        )  # fmt: skip


def html(document: Mapping[str, Any]) -> str:
    """Return the page: statements with links, then every table with its drawing."""
    evidence = evidence_of(document)
    sections = []
    for k, (heading, found) in enumerate(statements(document)):
        lines: list[blocks.Block] = [blocks.Linked(one.text, f"t-{one.evidence}", one.evidence) for one in found]
        if k == 0:
            lines.append(blocks.Table(
                f"Extra cost a year beside doing nothing, {document['last_year']}", BESIDE,
                list(_side_by_side(document)), words=BESIDE[:1],
            ))  # fmt: skip
            lines.append(_for_patients(document))
        sections.append(blocks.Section(f"s-{k}", heading, lines))
    for key, one in evidence.items():
        inside: list[blocks.Block] = []
        names = [name.replace("_", " ") for name, _ in one.columns]
        words = tuple(name.replace("_", " ") for name, look in one.columns if look in ("text", "wrap"))
        rows = [[_written(row.get(name), name, look) for name, look in one.columns] for row in one.rows[:SHOWN]]
        left = len(one.rows) - len(rows)
        more = f" The first {len(rows)} of {len(one.rows)} rows; all are in the workbook." if left else ""
        table = blocks.Table("", names, rows, words=words, note=f"{one.note}{more}".strip())
        if key in DRAWN:
            inside += [blocks.Linked(title, f"t-{key}", key, svg) for title, svg in DRAWN[key](document)]
        inside.append(table)
        inside.append(blocks.Words(f"Behind it: {one.behind}.", "note"))
        sections.append(blocks.Section(f"t-{key}", one.title, inside))
    return rendered(
        sections, title=f"Business case: {document['place']}", kind="Options appraisal for a joint committee",
        heading=document["place"], scenario=", ".join(one["title"] for one in document["options"]),
        numbers_in="business-case.xlsx and the Parquet files beside this page", style=STYLE,
    )  # fmt: skip


def _written(value: Any, name: str, look: str) -> str:
    return spoken(str(value)) if name in NAMES and value else cell(value, look)


def _for_patients(document: Mapping[str, Any]) -> blocks.Table:
    """Return the benefits of all options side by side; what is not beyond chance is in brackets."""
    titles = {one["name"]: one["title"] for one in document["options"]}
    columns = ("for patients", *(titles[one["name"]] for one in document["found"]))
    names = list(dict.fromkeys(row["benefit"] for one in document["found"] for row in one["benefits"]))
    found = [{row["benefit"]: row for row in one["benefits"]} for one in document["found"]]
    rows = [(titled(name), *(_told(of.get(name)) for of in found)) for name in names]
    note = "Beside doing nothing, a year of the runs. In brackets: no difference found, or one replication only."
    return blocks.Table("What each option does", columns, rows, words=columns[:1], note=note)


def _told(row: Mapping[str, Any] | None) -> str:
    if row is None:
        return ""
    told = changed(row)
    return told if row["verdict"] in ("more", "fewer", "the same") else f"({told})"


STYLE = (
    "a.from { font-size: 11px; white-space: nowrap; border: 1px solid #bccbd6; border-radius: 8px; padding: 0 6px; "
    "color: #45525b; text-decoration: none; } section:target { outline: 3px solid #f2b632; } "
    "p.linked { max-width: 62em; } figure.linked { margin: 14px 0; } figure.linked figcaption { font-weight: bold; }"
)


def workbook(document: Mapping[str, Any]) -> bytes:
    """Return the workbook: the statements, then a sheet a table."""
    book = Book()
    said = [(heading, one.text, one.evidence) for heading, found in statements(document) for one in found]
    book.grid("statements", [("of", "text"), ("statement", "wrap"), ("table", "text")], said)
    for one in evidence_of(document).values():
        rows = [[row.get(name) for name, _ in one.columns] for row in one.rows]
        book.grid(one.key, list(one.columns), rows, f"Behind it: {one.behind}")
    return book.bytes()


def write(document: Mapping[str, Any], out: Path) -> list[Path]:
    """Write `business-case.html`, `.xlsx` and one `business-case-TABLE.parquet` a table; return the files."""
    contents = {"business-case.html": html(document).encode(), "business-case.xlsx": workbook(document)}
    for one in evidence_of(document).values():
        frame = pd.DataFrame(list(one.rows), columns=[name for name, _ in one.columns])
        contents[f"business-case-{one.key}.parquet"] = as_parquet(frame.assign(behind=one.behind))
    return write_all(out, contents)
