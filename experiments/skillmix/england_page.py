"""England's skill mix as tables for people, a page with drawings, a workbook and Parquet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from experiments import store
from experiments.console import plain
from experiments.national.league import ILLUSTRATIVE
from experiments.reports import blocks
from experiments.reports.page import as_parquet, rendered, write_all
from experiments.reports.words import NOTHING, number, percent, signed, spoken, titled
from experiments.reports.workbook import Book
from experiments.skillmix import charts
from experiments.skillmix.mix import MIX, PRESENT, SAME
from experiments.skillmix.page import NOT_MODELLED, point, sources
from experiments.skillmix.page import money as millions
from experiments.skillmix.rules import title_of as role
from experiments.skillmix.tidy import LOOKS

if TYPE_CHECKING:
    from rich.table import Table

MIXES = (PRESENT, SAME, MIX)
CHANGES = (f"{MIX} less {PRESENT}", f"{MIX} less {SAME}")
SHEETS = ("sums", "roles", "stps", "frontier", "sources")
FRONTIER_COLUMNS = ("time standards allow", "registered", "a year", "mean wait", "standards not met", "")

Document = Mapping[str, Any]


def in_full(document: Document) -> str:
    """Return in words how the sample stands for England."""
    stps = document["stps"]
    chance = sum(not row["certain"] for row in stps)
    words = (
        f"{len(stps)} of 44 STPs, each with a programme and a check of its own: {len(stps) - chance} for certain, "
        f"{chance} drawn along the order of deprivation with probability proportional to residents. Sums over England "
        "are ratio estimates on residents; ± is the 95 % half-width of the sample."
    )
    without = [f"{row['stp']} ({row['no_mix']})" for row in stps if row["no_mix"]]
    return f"{words} Without a mix within the limits, and in no sum: {'; '.join(without)}." if without else words


def headline(document: Document) -> str:
    """Return the answer in a few sentences."""
    cost = {row["of"]: row for row in document["sums"] if row["measure"] == "cost a year"}
    words = f"England's cheapest mixes cost {_said(cost[MIX])} a year, {_said(cost[PRESENT])} at present"
    if CHANGES[0] in cost:
        words += f" ({_said(cost[CHANGES[0]], sign=True)})"
    if CHANGES[1] in cost:
        words += f"; the mix itself, against right numbers alone: {_said(cost[CHANGES[1]], sign=True)}"
    return f"{words}."


def _said(row: Document, sign: bool = False) -> str:
    """Return a sum with its half-width."""
    if row["sum"] is None:
        return NOTHING
    value, half = row["sum"], row["half_width"]
    if row["unit"] == "share":
        return f"{percent(value)} ± {percent(half)}"
    if row["unit"] == "pounds":
        before = ("+" if value >= 0 else "−") if sign else ""
        return f"{before}{millions(abs(value) if sign else value)} ± {half / 1e6:,.2f}m"
    return f"{signed(value, 0) if sign else number(value, 0)} ± {number(half, 0)}"


def sum_lines(document: Document) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return (columns, rows) of England's sums."""
    by: dict[str, dict[str, Document]] = {}
    for row in document["sums"]:
        by.setdefault(f"{row['measure']}{', WTE' if row['unit'] == 'WTE' else ''}", {})[row["of"]] = row
    columns = ("", *MIXES, *CHANGES)
    rows = [
        (title, *(_said(of[name], name in CHANGES) if name in of else NOTHING for name in columns[1:]))
        for title, of in by.items()
    ]
    return columns, rows


def stp_lines(document: Document) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return (columns, rows) of the STPs of the sample."""
    columns = ("STP", "residents", "stands for", *(f"£m, {name}" for name in MIXES), "posts, mix", "registered, mix",
               *(f"not met, {name}" for name in MIXES))  # fmt: skip
    rows = []
    for row in document["stps"]:
        line = [row["stp"] + (" *" if row["illustrative"] else ""), f"{row['residents']:,.0f}", f"{row['weight']:.1f}"]
        if row["no_mix"]:
            rows.append((*line, *[NOTHING] * (len(columns) - 4), "no mix"))
            continue
        line += [_of(row, f"pounds, {name}", 1e6) for name in MIXES]
        line += [number(row[f"wte, {MIX}"]), percent(row[f"registered, {MIX}"])]
        line += [
            f"{row[f'not met, {name}']} of {row['targets']}" if f"not met, {name}" in row else NOTHING for name in MIXES
        ]
        rows.append(tuple(line))
    return columns, rows


def _of(row: Document, key: str, over: float) -> str:
    return f"{row[key] / over:,.2f}" if key in row else NOTHING


def role_lines(document: Document) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return (columns, rows) of England's posts by role."""
    columns = ("role", "registered", *MIXES)
    rows = [
        (role(row["role"]), "yes" if row["registered"] else "no",
         *(NOTHING if row[name] is None else f"{number(row[name], 0)} ± {number(row[f'{name} ±'], 0)}"
           for name in MIXES))
        for row in document["roles"]
    ]  # fmt: skip
    return columns, rows


def _frontier_lines(document: Document) -> list[tuple[str, ...]]:
    return [point(row) for row in document["frontier"]]


def tables(document: Document) -> Iterator[Table | str]:
    """Yield the answer for people."""
    yield ILLUSTRATIVE
    for title, (columns, rows) in (
        (f"Skill mix of {spoken(document['service'])}, England", sum_lines(document)),
        ("Posts (WTE)", role_lines(document)),
        ("STPs (* illustrative)", stp_lines(document)),
        ("The frontier", (FRONTIER_COLUMNS, _frontier_lines(document))),
    ):
        yield _rich(title, columns, rows)
    yield headline(document)
    yield in_full(document)
    yield NOT_MODELLED
    if document.get("written"):
        yield f"Written: {', '.join(str(path) for path in document['written'])}"


def _rich(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    from rich.table import Table

    table = Table(title=title, title_justify="left")
    for k, column in enumerate(columns):
        table.add_column(column, justify="right" if k else "left", overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table


def html(document: Document) -> str:
    """Return the page."""
    columns, rows = sum_lines(document)
    sums = blocks.Table("England", columns, rows, words=("",))
    columns, rows = role_lines(document)
    drawn = {**document, "roles": [{**row, SAME: row[SAME] or 0.0} for row in document["roles"]]}
    names = [name for name in MIXES if any(row[name] is not None for row in document["roles"])]
    posts = blocks.Figure("Posts by role", charts.posts(drawn, names),
                          blocks.Table("Posts (WTE)", columns, rows, words=columns[:2]), wide=True)  # fmt: skip
    columns, rows = stp_lines(document)
    stps = blocks.Table(
        "The sample (* illustrative)", columns, rows, words=("STP",),
        note="Each STP's own answer lies in the folder stps; parity skill-mix --area NAME writes its page.",
    )  # fmt: skip
    frontier = blocks.Figure(
        "Each point sums the STPs' cheapest mixes for one registered share and one time allowed",
        charts.frontier(document), blocks.Table("Points", FRONTIER_COLUMNS, _frontier_lines(document), words=("",)),
        wide=True, note="Beaten (hollow): another point is no dearer, no slower, no less registered and fails no more "
        "standards.",
    )  # fmt: skip
    sections = [
        blocks.Section("answer", "The answer", [
            blocks.Words(ILLUSTRATIVE, "warning"), blocks.Words(headline(document)), sums, posts,
            blocks.Words(in_full(document), "note"), blocks.Words(NOT_MODELLED, "note"),
        ]),
        blocks.Section("stps", "STP by STP", [stps]),
        blocks.Section("frontier", "Cost against wait against registered share", [frontier]),
        blocks.Section("sources", "Where the limits are from", [sources(document)]),
    ]  # fmt: skip
    return rendered(
        sections, title=f"Skill mix: {spoken(document['service'])}, England",
        kind="The cheapest mix that meets the standards", heading=f"{titled(document['service'])}: England",
        scenario=f"{document['scenario']}; {document['replications']} simulated years of each mix; pay of "
        f"{document['year']}",
        numbers_in="skill-mix.xlsx",
    )  # fmt: skip


def workbook(document: Document) -> bytes:
    """Return the workbook: a sheet a table of the document."""
    book = Book()
    for name in SHEETS:
        keys = list(dict.fromkeys(key for row in document[name] for key in row))
        columns = [(key, _look(key)) for key in keys]
        book.grid(name, columns, [[plain(row.get(key)) for key in keys] for row in document[name]])
    return book.bytes()


def _look(key: str) -> str:
    first = key.partition(", ")[0]
    looks = {"registered": "share", "not met": "whole", "residents": "whole", "targets": "whole", "weight": "one",
             "sum": "one", "half_width": "one"}  # fmt: skip
    return looks.get(first) or LOOKS.get(first) or LOOKS.get(key.removesuffix(" ±")) or "text"


def write(document: Document, out: Path) -> list[Path]:
    """Write the page, the workbook, a Parquet file a table and the document; return them."""
    contents = {
        "skill-mix.html": html(document).encode(), "skill-mix.xlsx": workbook(document),
        "skill-mix.json": store.as_json(document),
    }  # fmt: skip
    for name in SHEETS:
        contents[f"{name}.parquet"] = as_parquet(pd.DataFrame([dict(row) for row in document[name]]))
    return write_all(out, contents)
