"""A risk analysis as tables for people, a page, a workbook and Parquet files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from experiments.reports import words
from experiments.reports.page import as_parquet, write_all
from experiments.reports.workbook import Book
from experiments.risk import page

if TYPE_CHECKING:
    from rich.table import Table

TABLES = (
    "percentiles", "curves", "questions", "sensitivity", "value_of_knowing", "tornado", "agreement", "register",
    "mitigations", "inputs", "correlations", "surrogates",
)  # fmt: skip
"""Each a sheet of the workbook and a Parquet file"""


def tables(document: Mapping[str, Any]) -> Iterator[Table | str]:
    """Yield the answer for people."""
    from rich.table import Table

    yield f"{document['place']}: {page.headline(document)}"
    asked = Table(title="The top five questions", title_justify="left")
    for name, at in (("", "right"), ("question", "left"), ("total index", "right"), ("posts narrower", "right"),
                     ("£ million narrower", "right")):  # fmt: skip
        asked.add_column(name, justify=at, overflow="fold")  # type: ignore[arg-type]
    for row in document["questions"]:
        asked.add_row(
            str(row["rank"]), row["question"], f"{row['total_index']:.2f} ± {row['total_half_width']:.2f}",
            words.number(row["posts_narrower"], 1), words.number(row["pounds_narrower"] * page.MILLION, 2),
        )  # fmt: skip
    yield asked
    if document["mitigations"]:
        yield _options(document)
    points = document["points"]
    sets = f"{document['sets']:,} joint sets"
    yield f"From {points['demand']} simulated points of demand and {points['staff']} of staff; {sets}."
    if document.get("written"):
        yield f"Written: {', '.join(str(path) for path in document['written'])}"


def _options(document: Mapping[str, Any]) -> Table:
    from rich.table import Table

    table = Table(title="Mitigations, best value first", title_justify="left")
    for name in ("mitigation", "posts closed", "costs, £1,000 a year", "posts for £100,000"):
        table.add_column(name, justify="left" if name == "mitigation" else "right", overflow="fold")
    for row in document["mitigations"]:
        table.add_row(
            row["title"], words.number(row["posts_closed"], 1), words.count(row["cost_pounds"] / 1000),
            words.number(row["posts_for_100k"], 2),
        )  # fmt: skip
    return table


def frame(document: Mapping[str, Any], name: str) -> pd.DataFrame:
    """Return one table, dates as text."""
    rows = [
        {key: value.isoformat() if isinstance(value, date) else value for key, value in row.items()}
        for row in document[name]
    ]
    return pd.DataFrame(rows)


def workbook(document: Mapping[str, Any]) -> bytes:
    """Return the workbook: a sheet a table, the headline first."""
    book = Book()
    about = [
        ("place", document["place"]), ("year", document["year"]), ("seed", str(document["seed"])),
        ("headline", page.headline(document)), ("method", document["said"]),
    ]  # fmt: skip
    book.grid("About", (("what", "text"), ("value", "wrap")), about)
    for name in TABLES:
        table = frame(document, name)
        if table.empty:
            continue
        columns = [(str(column).replace("_", " "), _look(table[column])) for column in table.columns]
        rows = table.astype(object).where(table.notna(), None).values.tolist()
        book.grid(name.replace("_", " ").capitalize(), columns, rows)
    return book.bytes()


def _look(column: pd.Series) -> str:
    if pd.api.types.is_integer_dtype(column):
        return "whole"
    if pd.api.types.is_float_dtype(column):
        return "two"
    return "wrap" if column.astype(str).str.len().max() > 40 else "text"


def write(document: Mapping[str, Any], out: Path) -> list[Path]:
    """Write `risk.html`, `risk.xlsx` and a Parquet file a table into a folder and return them."""
    contents = {"risk.html": page.html(document).encode(), "risk.xlsx": workbook(document)}
    for name in TABLES:
        table = frame(document, name)
        if not table.empty:
            contents[f"risk_{name}.parquet"] = as_parquet(table)
    return write_all(out, contents)
