"""The roadmap as tables for people, a page with its chart, a workbook and Parquet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from experiments.board import gantt
from experiments.board.page import cell
from experiments.board.quarters import quarter
from experiments.board.roadmap import lost
from experiments.board.starts import TO_BEGIN
from experiments.reports import blocks
from experiments.reports.page import as_parquet, rendered, write_all
from experiments.reports.words import role
from experiments.reports.workbook import Book

if TYPE_CHECKING:
    from rich.table import Table

Columns = Sequence[tuple[str, str]]
ROWS: Columns = (
    ("start", "text"), ("in_post", "text"), ("system", "text"), ("employer", "text"), ("kind", "text"),
    ("route", "text"), ("action", "text"), ("role", "text"), ("lead_months", "whole"), ("starts", "one"),
    ("joins", "one"), ("state", "text"), ("owner", "text"),
)  # fmt: skip
LEADS: Columns = (
    ("kind", "text"), ("route", "text"), ("role", "text"), ("lead_months", "whole"), ("starts", "one"),
    ("to_begin", "one"), ("joins", "one"), ("first_start", "text"), ("last_start", "text"),
)  # fmt: skip
QUARTERS: Columns = (
    ("quarter", "text"), ("kind", "text"), ("route", "text"), ("role", "text"), ("lead_months", "whole"),
    ("starts", "one"), ("joins", "one"),
)  # fmt: skip
LATE: Columns = (
    ("needed", "text"), ("system", "text"), ("role", "text"), ("posts", "one"), ("in_post", "one"), ("short", "one"),
    ("route", "text"), ("comes", "text"), ("lead_months", "whole"), ("begin_by", "text"), ("starts", "one"),
    ("state", "text"), ("earliest_in_post", "text"),
)  # fmt: skip
RECONCILED: Columns = (
    ("title", "text"), ("routes", "wrap"), ("on_roadmap", "one"), ("waterfall", "one"), ("difference", "one"),
    ("share_of_plan", "whole"),
)  # fmt: skip
SHEETS: Mapping[str, tuple[str, Columns]] = {
    "roadmap": ("rows", ROWS), "quarters": ("quarters", QUARTERS), "leads": ("leads", LEADS), "late": ("late", LATE),
    "reconciled": ("reconciled", RECONCILED),
}  # fmt: skip
SHOWN = 80
RETENTION = "retention"


def said(document: Mapping[str, Any]) -> list[str]:
    """Return the roadmap in words: what is to begin, what is next, what can no longer be in time."""
    first = document["decided"]
    coming = [row for row in document["rows"] if row["kind"] != RETENTION]
    kept = sum(row["joins"] for row in document["rows"] if row["kind"] == RETENTION)
    begin = [row for row in coming if row["state"] == TO_BEGIN]
    under_way = [row for row in coming if row["state"] != TO_BEGIN]
    nearest = [row for row in begin if row["start"] == first]
    found = [
        f"From {first} on {_sum(begin, 'starts')} people must begin, for {_sum(begin, 'joins')} to be in post by March "
        f"2021; {_sum(under_way, 'joins')} more come of what began before; {kept:,.0f} who would have left are kept.",
        f"In {first} itself {_sum(nearest, 'starts')} must begin: "
        + ("; ".join(f"{n:,.0f} {words}" for words, n in _by_route(nearest)[:5]) or "nobody") + ".",
    ]  # fmt: skip
    gone = lost(document)
    for needed in sorted({row["needed"] for row in gone}):
        rows = sorted((row for row in gone if row["needed"] == needed), key=lambda row: -row["short"])
        found.append(
            f"No longer in time for {needed}: {_sum(rows, 'short')} of the posts that then stand empty, most of them "
            + ", ".join(f"{row['short']:,.0f} of {_role(row['role'])} in {row['system']}" for row in rows[:3])
            + f"; filled {min(row['earliest_in_post'] for row in rows)} at the earliest."
        )  # fmt: skip
    return found if gone else [*found, "Every post that stands empty at a year's end can still be filled in time."]


def _role(name: str) -> str:
    """Return a role's title as it stands within a sentence."""
    title = role(name)
    return title[0].lower() + title[1:]


def _sum(rows: Sequence[Mapping[str, Any]], name: str) -> str:
    return f"{sum(row[name] for row in rows):,.0f}"


def _by_route(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, float]]:
    sums: dict[str, float] = {}
    for row in rows:
        words = f"{_role(row['role'])} ({row['route'].lower()})"
        sums[words] = sums.get(words, 0.0) + row["starts"]
    return sorted(sums.items(), key=lambda pair: -pair[1])


def tables(document: Mapping[str, Any]) -> Iterator[Table | str]:
    """Yield the answer for people: a row a route and role, and the words."""
    from rich.table import Table

    table = Table(title=f"Roadmap, {document['place']}, decisions from {document['decided']}", title_justify="left")
    for name, look in LEADS:
        table.add_column(name.replace("_", " "), justify="left" if look == "text" else "right", overflow="fold")
    for row in document["leads"]:
        table.add_row(*(cell(row[name], look) for name, look in LEADS))
    yield table
    yield from said(document)
    yield document["behind"][0].upper() + document["behind"][1:] + "."
    if document.get("written"):
        yield f"Written: {', '.join(str(path) for path in document['written'])}"


def html(document: Mapping[str, Any]) -> str:
    """Return the page: the words, the chart, and the tables."""
    chart = blocks.Figure(
        "Who begins, and who is in post, by quarter", gantt.drawn(
            document["leads"], document["quarters"], quarter(document["decided"])
        ), _table("", document["quarters"], QUARTERS), "People, one WTE each.", wide=True,
    )  # fmt: skip
    owners: dict[tuple[str, str], float] = {}
    for row in document["rows"]:
        if row["state"] == TO_BEGIN:
            key = (row["owner"], row["kind"])
            owners[key] = owners.get(key, 0.0) + row["starts"]
    owned = [{"owner": owner, "kind": kind, "starts": n} for (owner, kind), n in sorted(owners.items())]
    sections = [
        blocks.Section("words", "In words", [*(blocks.Words(one) for one in said(document)),
                                              blocks.Words(f"Behind it: {document['behind']}.", "note")]),
        blocks.Section("chart", "The roadmap", [chart]),
        blocks.Section("owners", "Who owns what is to begin", [
            _table("", owned, (("owner", "wrap"), ("kind", "text"), ("starts", "one"))),
            _table("Routes, lead times and what comes of them", document["leads"], LEADS),
        ]),
        blocks.Section("late", "Posts that stay empty, and by when a route must begin to fill them", [
            _table("", document["late"], LATE, "Short: posts nobody holds at the end of that quarter."),
        ]),
        blocks.Section("rows", "Every start", [_table("", document["rows"], ROWS)]),
        blocks.Section("reconciled", "Sums", [_table(
            "", document["reconciled"], RECONCILED,
            f"Waterfall: the bars of the simulated workforce's waterfall (five years). Share of the plan: the national "
            f"one's, by {document['shared_by']}.",
        )]),
    ]  # fmt: skip
    return rendered(
        sections, title=f"Roadmap: {document['place']}", kind="Roadmap 2016/17 to 2020/21", heading=document["place"],
        scenario=f"decisions from {document['decided']}", numbers_in="roadmap.xlsx",
    )  # fmt: skip


def _table(title: str, rows: Sequence[Mapping[str, Any]], columns: Columns, note: str = "") -> blocks.Table:
    more = f" The first {SHOWN} of {len(rows)} rows; all are in roadmap.xlsx." if len(rows) > SHOWN else ""
    words = tuple(name.replace("_", " ") for name, look in columns if look in ("text", "wrap"))
    return blocks.Table(
        title, [name.replace("_", " ") for name, _ in columns],
        [[cell(row[name], look) for name, look in columns] for row in rows[:SHOWN]], words=words,
        note=f"{note}{more}".strip(),
    )  # fmt: skip


def workbook(document: Mapping[str, Any]) -> bytes:
    """Return the workbook: a sheet a table."""
    book = Book()
    for name, (key, columns) in SHEETS.items():
        rows = [[row[column] for column, _ in columns] for row in document[key]]
        book.grid(name, list(columns), rows, f"Behind it: {document['behind']}")
    return book.bytes()


def write(document: Mapping[str, Any], out: Path) -> list[Path]:
    """Write `roadmap.html`, `roadmap.xlsx` and a Parquet file a table; return the files."""
    contents = {"roadmap.html": html(document).encode(), "roadmap.xlsx": workbook(document)}
    for name, (key, columns) in SHEETS.items():
        frame = pd.DataFrame(document[key], columns=[column for column, _ in columns])
        contents["roadmap.parquet" if name == "roadmap" else f"roadmap-{name}.parquet"] = as_parquet(
            frame.assign(behind=document["behind"])
        )
    return write_all(out, contents)
