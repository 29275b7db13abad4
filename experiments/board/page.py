"""The board as a page of four quadrants with the tables behind them, a workbook and Parquet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from experiments.board.evidence import Evidence, Quadrant, evidence_of
from experiments.reports import blocks
from experiments.reports.page import as_parquet, rendered, write_all
from experiments.reports.workbook import Book

if TYPE_CHECKING:
    from rich.table import Table

STYLE = Path(__file__).resolve().parent / "board.css"
LOOKS = {
    "whole": "{:,.0f}", "one": "{:,.1f}", "two": "{:,.2f}", "share": "{:.1%}",
}  # fmt: skip
SAID = (("quadrant", "text"), ("statement", "wrap"), ("table", "text"), ("behind", "wrap"))


def tables(document: Mapping[str, Any]) -> Iterator[Table | str]:
    """Yield the board for people: a table a quadrant, each statement with the table behind it."""
    from rich.table import Table

    for quadrant in document["quadrants"]:
        table = Table(title=quadrant["title"], title_justify="left")
        table.add_column("statement", overflow="fold")
        table.add_column("table", overflow="fold")
        for one in quadrant["statements"]:
            table.add_row(one["text"], one["table"])
        yield table
    yield from (f"{run['what']}: {run['behind']}" for run in document["runs"])
    if document.get("written"):
        yield f"Written: {', '.join(str(path) for path in document['written'])}"


def html(document: Mapping[str, Any], quadrants: Sequence[Quadrant]) -> str:
    """Return the page: four quadrants on one sheet, then every table a statement links to."""
    sections = [
        blocks.Section(
            quadrant.key, f"{number} · {quadrant.title}",
            [
                *(
                    blocks.Linked(one.title, f"t-{one.evidence}", one.evidence, one.svg, one.wide)
                    for one in quadrant.drawings
                ),
                *(blocks.Linked(one.text, f"t-{one.evidence}", one.evidence) for one in quadrant.statements),
            ],
        )
        for number, quadrant in enumerate(quadrants, start=1)
    ]  # fmt: skip
    sections += [
        blocks.Section(f"t-{one.key}", one.title, [_block(one), blocks.Words(f"Behind it: {one.behind}.", "note")])
        for one in evidence_of(quadrants).values()
    ]
    return rendered(
        sections, title=f"Board: {document['place']}", kind=f"The board, {document['year']}", heading=document["place"],
        scenario=document["rests_on"], numbers_in="board.xlsx and the Parquet files beside this page",
        style=STYLE.read_text(encoding="utf-8"),
    )  # fmt: skip


def _block(one: Evidence) -> blocks.Table:
    names = [name for name, _ in one.columns]
    rows = [[cell(row.get(name), look) for name, look in one.columns] for row in one.rows[: one.shown]]
    left = len(one.rows) - len(rows)
    more = f" The first {len(rows)} of {len(one.rows)} rows; all are in board.xlsx, sheet {one.key}." if left else ""
    words = tuple(name.replace("_", " ") for name, look in one.columns if look in ("text", "wrap"))
    titles = [name.replace("_", " ") for name in names]
    return blocks.Table("", titles, rows, words=words, note=f"{one.note}{more}".strip())


def cell(value: Any, look: str) -> str:
    """Return a value as the page writes it; nothing where there is none."""
    if value is None or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return LOOKS[look].format(value).replace("-", "−") if look in LOOKS else str(value)


def workbook(document: Mapping[str, Any], quadrants: Sequence[Quadrant]) -> bytes:
    """Return the workbook: the statements, then one sheet a table."""
    book = Book()
    rows = [
        [quadrant["title"], one["text"], one["table"], one["behind"]]
        for quadrant in document["quadrants"] for one in quadrant["statements"]
    ]  # fmt: skip
    book.grid("statements", list(SAID), rows)
    for one in evidence_of(quadrants).values():
        looks = [(name, look) for name, look in one.columns]
        cells = [[row.get(name) for name, _ in looks] for row in one.rows]
        book.grid(one.key, looks, cells, f"Behind it: {one.behind}")
    return book.bytes()


def write(document: Mapping[str, Any], quadrants: Sequence[Quadrant], out: Path) -> list[Path]:
    """Write `board.html`, `board.xlsx` and one `board-TABLE.parquet` a table; return the files."""
    contents = {"board.html": html(document, quadrants).encode(), "board.xlsx": workbook(document, quadrants)}
    for one in evidence_of(quadrants).values():
        frame = pd.DataFrame(list(one.rows), columns=[name for name, _ in one.columns])
        contents[f"board-{one.key}.parquet"] = as_parquet(frame.assign(behind=one.behind))
    return write_all(out, contents)
