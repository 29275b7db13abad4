"""The demand waterfall as tables for people, a page with drawings, a workbook and Parquet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd

from experiments.reports import blocks
from experiments.reports.page import as_parquet, rendered, write_all
from experiments.reports.workbook import Book
from experiments.workforce.waterfall_page import COLOURS, beside, svg

if TYPE_CHECKING:
    from rich.table import Table

COLUMNS = (
    "level", "place", "within", "step", "title", "bar", "programme", "kind", "value", "half_width", "start", "end",
    "source", "confidence",
)  # fmt: skip
OF_PROGRAMMES = ("step", "title", "programme", "group", "employer", "posts", "change")
LOOKS = {"value": "one", "half_width": "one", "start": "one", "end": "one", "posts": "two", "change": "two",
         "source": "wrap", "title": "wrap"}  # fmt: skip


def words_of(row: Mapping[str, Any]) -> str:
    """Return a bar's number as people read it, its half-width behind it if there is one."""
    number = f"{row['value']:+,.1f}" if row["kind"] == "change" else f"{row['value']:,.1f}"
    return number if row["half_width"] is None else f"{number} ± {row['half_width']:.1f}"


def tables(document: Mapping[str, Any]) -> Iterator[Table | str]:
    """Yield the answer for people: the place asked for beside what lies directly within it."""
    from rich.table import Table

    names = beside(document)
    of = {(row["place"], row["step"]): row for row in document["rows"]}
    title = f"Posts (WTE) the demand asks for, {document['place']}, {document['baseline']} to {document['year']}"
    table = Table(title=title, title_justify="left")
    table.add_column("")
    for name in names:
        table.add_column(name, justify="right", overflow="fold")
    for row in document["rows"]:
        if row["place"] == names[0]:
            cells = [words_of(of[name, row["step"]]) for name in names]
            table.add_row(row["title"], *cells, style="bold" if row["kind"] == "level" else None)
    yield table
    yield from document["notes"]
    if document.get("written"):
        yield f"Written: {', '.join(str(path) for path in document['written'])}"


def drawn(rows: Sequence[Mapping[str, Any]]) -> alt.LayerChart | alt.FacetChart:
    """Return one place's waterfall; the axis begins below the smallest level, so that changes can be seen."""
    frame = pd.DataFrame(rows)
    change = frame["kind"] == "change"
    frame["what"] = frame["kind"].where(~change, (frame["value"] >= 0).map({True: "more", False: "fewer"}))
    frame.loc[frame["step"] == "interaction", "what"] = "gap"
    frame["label"] = [words_of({**row, "half_width": None}) for row in rows]
    frame["top"] = frame[["start", "end"]].max(axis=1)
    least = float(frame.loc[~change, "value"].min())
    span = max(float(frame["top"].max()) - least, 1.0)
    floor = max(0.0, least - 0.6 * span)
    frame["from"] = frame["start"].where(change, floor)
    scale = alt.Scale(domain=list(COLOURS), range=list(COLOURS.values()))
    across = alt.X("title:N", sort=None, title=None, axis=alt.Axis(labelAngle=-40, labelLimit=260))
    up = alt.Y("from:Q", title="posts (WTE)", scale=alt.Scale(domain=[floor, float(frame["top"].max()) + 0.08 * span]))
    base = alt.Chart(frame)
    bars = base.mark_bar(clip=True).encode(
        x=across, y=up, y2="end:Q", color=alt.Color("what:N", scale=scale, legend=None),
        tooltip=["title", "value", "half_width", "source", "confidence"],
    )  # fmt: skip
    labels = base.mark_text(dy=-7, fontSize=10).encode(x=across, y="top:Q", text="label:N")
    layers = [bars, labels]
    if frame["half_width"].notna().any():
        frame["low"], frame["high"] = frame["end"] - frame["half_width"], frame["end"] + frame["half_width"]
        layers.insert(1, base.mark_rule(color="#333", clip=True).encode(x=across, y="low:Q", y2="high:Q"))
    return alt.layer(*layers).properties(width=780, height=320)


def html(document: Mapping[str, Any]) -> str:
    """Return the page: a section a place, each with its drawing and the numbers it was drawn from."""
    sections = []
    for i, name in enumerate(dict.fromkeys(row["place"] for row in document["rows"])):
        rows = [row for row in document["rows"] if row["place"] == name]
        columns = ("bar", "posts (WTE)", "where it is from", "how sure")
        table = blocks.Table(
            name, columns, [(row["title"], words_of(row), row["source"], row["confidence"]) for row in rows],
            words=(columns[0], *columns[2:]),
            strong=frozenset(k for k, row in enumerate(rows) if row["kind"] == "level"),
        )  # fmt: skip
        title = f"{name}: posts the demand asks for (the axis does not begin at nothing)"
        notes = [blocks.Words(note, "note") for note in document["notes"]] if i == 0 else []
        sections.append(
            blocks.Section(f"place-{i}", name, [*notes, blocks.Figure(title, svg(drawn(rows)), table, wide=True)])
        )
    sections.append(blocks.Section("programmes", "By programme", [_by_programme(document)]))
    return rendered(
        sections, title=f"Demand waterfall: {document['place']}", kind="What the demand asks for, factor by factor",
        heading=document["place"], numbers_in="waterfall_demand.xlsx",
        scenario=f"{document['baseline']} to {document['year']}, {document['replications']} paired replications",
    )  # fmt: skip


def _by_programme(document: Mapping[str, Any]) -> blocks.Table:
    frame = pd.DataFrame(document["programmes"])
    wide = frame.pivot_table(index="programme", columns="step", values="change", aggfunc="sum", sort=False)
    base = frame[frame["step"] == "baseline"].groupby("programme")["posts"].sum()
    names = {row["step"]: row["title"] for row in document["programmes"]}
    steps = [step for step in wide.columns if step != "baseline"]
    rows = [
        (programme, f"{base[programme]:,.1f}", *(f"{wide.loc[programme, step]:+,.1f}" for step in steps))
        for programme in wide.index
    ]
    return blocks.Table(
        "Change of posts in the whole STP by programme of the service, each factor alone",
        ("programme", "baseline", *("net change" if step == "net" else names[step] for step in steps)), rows,
        words=("programme",),
    )  # fmt: skip


def workbook(document: Mapping[str, Any]) -> bytes:
    """Return the workbook: bars by place, changes by programme, staff group and employer, and what is not modelled."""
    book = Book()
    book.grid("waterfall", _looks(COLUMNS), [[row[name] for name in COLUMNS] for row in document["rows"]])
    rows = [[row[name] for name in OF_PROGRAMMES] for row in document["programmes"]]
    book.grid("programmes", _looks(OF_PROGRAMMES), rows, "the whole STP, mean over replications; each factor alone")
    book.grid("notes", [("note", "wrap")], [[note] for note in document["notes"]])
    return book.bytes()


def _looks(columns: Sequence[str]) -> list[tuple[str, str]]:
    return [(name, LOOKS.get(name, "text")) for name in columns]


def write(document: Mapping[str, Any], out: Path) -> list[Path]:
    """Write `waterfall_demand.html`, `.xlsx` and `.parquet` into a folder and return them."""
    frame = pd.DataFrame(document["rows"], columns=list(COLUMNS))
    frame = frame.assign(year=document["year"], replications=document["replications"])
    contents = {"html": html(document).encode(), "xlsx": workbook(document), "parquet": as_parquet(frame)}
    return write_all(out, {f"waterfall_demand.{kind}": content for kind, content in contents.items()})
