"""The workbook of a comparison: every table of it, to filter and to work on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from experiments.pairs.results import table_of
from experiments.pairs.said import NOTES
from experiments.reports.workbook import Book

TEXT = (
    "scenario", "what", "pathway", "of", "part", "title", "unit", "verdict", "from", "to", "when", "team", "role",
    "time", "band", "status", "state", "dimension", "group", "system", "sex", "small_area", "most_at", "cell", "asked",
    "payer", "line", "kind",
)  # fmt: skip
SHEETS = {
    "figures": "Figures", "precision": "Precision", "by_hour": "By hour of week", "flows": "Routes",
    "staff": "Staff time", "costs": "Costs", "states": "Visits by state", "during_stays": "Visits during stays",
    "groups": "Who they are", "list": "People",
}  # fmt: skip
WHOLE = ("replications", "hour_of_week", "residents", "row", "ordinal", "age", "met")


def made(document: Mapping[str, Any]) -> bytes:
    """Return the workbook as bytes."""
    book = Book()
    about = [
        ("reference", f"{document['base']['name']}: {document['base']['title']}"),
        *((f"compared: {one['name']}", one["title"]) for one in document["others"]),
        ("area", document["area_title"]), ("first day", str(document["start"])), ("days", document["days"]),
        ("warm-up, days", document["warm_up"]), ("seed", document["seed"]),
        ("replications", f"{document['replications']} ({document['stopped']})"),
        *(("note", note) for note in NOTES),
        *(("not in these results", name) for name in document["not_in_results"]),
    ]  # fmt: skip
    book.grid("About", (("what", "text"), ("value", "wrap")), about)
    for name, title in SHEETS.items():
        table = table_of(document, name)
        if len(table):
            columns = [(str(column).replace("_", " "), _look(str(column))) for column in table.columns]
            rows = table.astype(object).where(table.notna(), None).values.tolist()
            book.grid(title, columns, rows)
    book.book.close()
    return book.content.getvalue()


def _look(column: str) -> str:
    return "text" if column in TEXT else "whole" if column in WHOLE else "two"
