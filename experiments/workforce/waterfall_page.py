"""The workforce waterfall as tables for people, a page with drawings, a workbook and Parquet."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd

from experiments.reports import blocks
from experiments.reports.page import as_parquet, rendered, write_all
from experiments.reports.workbook import Book

if TYPE_CHECKING:
    from rich.table import Table

COLOURS = {"level": "#1f5f99", "more": "#3f8f5f", "fewer": "#b3402a", "gap": "#f2b632"}
NOT_LOCAL = (
    "Shares of the national plan: they say nothing of how many staff a place has or needs. What a place needs is sized "
    "(parity size); its establishment is not published by delivery system."
)
COLUMNS = ("level", "place", "within", "step", "title", "kind", "value", "start", "end", "source", "confidence")


def tables(document: Mapping[str, Any]) -> Iterator[Table | str]:
    """Yield the answer for people: the place asked for beside what lies directly within it."""
    from rich.table import Table

    names = beside(document)
    table = Table(title=f"Workforce, {document['place']}: shared by {document['by']}", title_justify="left")
    table.add_column("")
    for name in names:
        table.add_column(name, justify="right", overflow="fold")
    for title, kind, values in _lines(document, names):
        words = [f"{value:+,}" if kind == "change" else f"{value:,}" for value in values]
        table.add_row(title, *words, style=None if kind == "change" else "bold")
    yield table
    yield NOT_LOCAL
    if document.get("written"):
        yield f"Written: {', '.join(str(path) for path in document['written'])}"


def beside(document: Mapping[str, Any], most: int = 6) -> list[str]:
    """Return the place asked for and, if they are not too many, the places directly within it."""
    names = list(dict.fromkeys(row["place"] for row in document["rows"]))
    direct = {row["place"] for row in document["rows"] if row["within"] == document["place"]}
    return [document["place"], *[name for name in names if name in direct][: most if len(direct) <= most else 0]]


def _lines(document: Mapping[str, Any], names: Sequence[str]) -> Iterator[tuple[str, str, list[int]]]:
    of = {(row["place"], row["step"]): row for row in document["rows"]}
    for row in document["rows"]:
        if row["place"] == names[0]:
            yield row["title"], row["kind"], [of[name, row["step"]]["value"] for name in names]


def drawn(rows: Sequence[Mapping[str, Any]]) -> alt.LayerChart:
    """Return one place's waterfall: bars from left to right, changes hanging where the one before ended."""
    frame = pd.DataFrame(rows)
    change = frame["kind"] == "change"
    frame["what"] = frame["kind"].where(~change, (frame["value"] >= 0).map({True: "more", False: "fewer"}))
    frame["label"] = [
        f"{value:+,}" if kind == "change" else f"{value:,}"
        for value, kind in zip(frame["value"], frame["kind"], strict=True)
    ]
    frame["top"] = frame[["start", "end"]].max(axis=1)
    across = alt.X("title:N", sort=None, title=None, axis=alt.Axis(labelAngle=-40, labelLimit=230))
    scale = alt.Scale(domain=list(COLOURS), range=list(COLOURS.values()))
    base = alt.Chart(frame)
    bars = base.mark_bar().encode(
        x=across, y=alt.Y("start:Q", title="posts and staff"), y2="end:Q",
        color=alt.Color("what:N", scale=scale, legend=None), tooltip=["title", "value", "source", "confidence"],
    )  # fmt: skip
    labels = base.mark_text(dy=-7, fontSize=10).encode(x=across, y="top:Q", text="label:N")
    return (bars + labels).properties(width=760, height=300)


def svg(chart: alt.TopLevelMixin) -> str:
    """Return a drawing as SVG."""
    out = io.StringIO()
    chart.save(out, format="svg")
    return out.getvalue()


def html(document: Mapping[str, Any]) -> str:
    """Return the page: a section a place, each with its drawing and the numbers it was drawn from."""
    sections = []
    for i, name in enumerate(dict.fromkeys(row["place"] for row in document["rows"])):
        rows = [row for row in document["rows"] if row["place"] == name]
        columns = ("bar", "value", "where the number is from", "how sure")
        table = blocks.Table(
            name, columns,
            [(row["title"], f"{row['value']:+,}" if row["kind"] == "change" else f"{row['value']:,}",
              row["source"], row["confidence"]) for row in rows],
            words=(columns[0], *columns[2:]),
            strong=frozenset(k for k, row in enumerate(rows) if row["kind"] != "change"),
        )  # fmt: skip
        figure = blocks.Figure(f"{name}: from the establishment to the gap", svg(drawn(rows)), table, wide=True)
        words = [blocks.Words(NOT_LOCAL, "note")] if i == 0 and document["level"] != "england" else []
        sections.append(blocks.Section(f"place-{i}", name, [*words, figure]))
    return rendered(
        sections, title=f"Workforce waterfall: {document['place']}", kind="The national plan, shared out",
        heading=document["place"], scenario=f"shared by {document['by']}", numbers_in="waterfall.xlsx",
    )  # fmt: skip


def workbook_of(rows: Sequence[Mapping[str, Any]], columns: Sequence[str] = COLUMNS) -> bytes:
    """Return the workbook: one sheet, a row a place and bar."""
    book = Book()
    looks = dict.fromkeys(("value", "start", "end", "apportioned"), "whole") | {"source": "wrap", "title": "wrap"}
    book.grid("waterfall", [(name, looks.get(name, "text")) for name in columns],
              [[row[name] for name in columns] for row in rows])  # fmt: skip
    return book.bytes()


def parquet(rows: Sequence[Mapping[str, Any]], columns: Sequence[str] = COLUMNS, **more: Any) -> bytes:
    """Return rows as a Parquet file."""
    return as_parquet(pd.DataFrame(rows, columns=list(columns)).assign(**more))


def write(document: Mapping[str, Any], out: Path) -> list[Path]:
    """Write `waterfall.html`, `.xlsx` and `.parquet` into a folder and return them."""
    rows = document["rows"]
    contents = {
        "html": html(document).encode(), "xlsx": workbook_of(rows), "parquet": parquet(rows, by=document["by"])
    }  # fmt: skip
    return write_all(out, {f"waterfall.{kind}": content for kind, content in contents.items()})
