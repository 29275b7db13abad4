"""Apportioned against population demand as tables for people, a page with a tile map, a workbook and Parquet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd

from abm import tables as published
from experiments.demand.factors import FOLDER
from experiments.demand.present import NAMED
from experiments.reports import blocks
from experiments.reports.page import as_parquet, rendered, write_all
from experiments.reports.workbook import Book
from experiments.workforce.waterfall_page import svg

if TYPE_CHECKING:
    from rich.table import Table

COLUMNS = (
    "level", "place", "within", "quantity", "title", "counter", "group", "programme", "basis", "apportioned",
    "modelled", "half_width", "gap", "low", "high", "why", "source", "confidence",
)  # fmt: skip
LOOKS = {"apportioned": "whole", "modelled": "one", "half_width": "one", "gap": "one", "low": "one", "high": "one",
         "title": "wrap", "why": "wrap", "source": "wrap", "posts_per_100000": "one", "rank": "whole",
         "change": "whole", "modelled_below": "two", "apportioned_below": "whole", "times": "whole"}  # fmt: skip
POSTS = "posts"
PEOPLE_OR_PLACE = {"people": "by head count", "deprivation": "by deprivation (illustrative)", "need": "by need"}


def number(value: float | None, counter: str, signed: bool = False) -> str:
    """Return a number as people read it: posts with a tenth, the rest whole; a dash for what there is not."""
    if value is None:
        return "–"
    return f"{value:{'+' if signed else ''},.{1 if counter == POSTS else 0}f}"


def gap_words(row: Mapping[str, Any]) -> str:
    """Return the signed gap, modelled less apportioned, with its half-width."""
    words = number(row["gap"], row["counter"], signed=True)
    return (
        words
        if row["half_width"] is None or row["gap"] is None
        else f"{words} ± {number(row['half_width'], row['counter'])}"
    )


def tables(document: Mapping[str, Any]) -> Iterator[Table | str]:
    """Yield the answer for people: every number of the plan at the place, then new posts place by place."""
    from rich.table import Table

    here = [row for row in document["rows"] if row["place"] == document["place"]]
    yield _grid(
        Table, f"{document['place']}: the plan shared out, and what demand asks for", ("", "basis"), here, "title"
    )
    inside = [row for row in document["rows"] if row["place"] != document["place"] and row["quantity"] == POSTS]
    if inside:
        yield _grid(Table, "New posts, place by place", ("place", "basis"), inside, "place")
    if document["present"]:
        table = Table(
            title=f"Posts there are ({document['present'][0]['basis']}) and posts asked for", title_justify="left"
        )
        for name in ("place", "there are", f"asked for {document['baseline']}", f"asked for {document['year']}"):
            table.add_column(name, justify="left" if name == "place" else "right", overflow="fold")
        for row in document["present"]:
            table.add_row(*_present(row))
        yield table
        yield NAMED
    for check in document["deprivation"]:
        holds = "holds" if check["holds"] else "FAILS"
        yield f"Deprivation, {check['what']}: {check['deprivation enters through']} ({holds})"
    yield from document["notes"]
    if document.get("written"):
        yield f"Written: {', '.join(str(path) for path in document['written'])}"


def _present(row: Mapping[str, Any]) -> tuple[str, ...]:
    return (row["place"], *(f"{row[name]:,.1f}" for name in ("present", "asked_baseline", "asked_later")))


def _grid(kind: Any, title: str, heads: Sequence[str], rows: Sequence[Mapping[str, Any]], first: str) -> Table:
    table = kind(title=title, title_justify="left")
    for name in heads:
        table.add_column(name, overflow="fold")
    for name in ("apportioned", "modelled", "gap"):
        table.add_column(name, justify="right", overflow="fold")
    for row in rows:
        table.add_row(*_cells(row, first))
    return table


def _cells(row: Mapping[str, Any], first: str) -> tuple[str, str, str, str, str]:
    counter = row["counter"]
    share = f"{row['apportioned']:,}"
    return (
        row[first],
        PEOPLE_OR_PLACE.get(row["basis"], row["basis"]),
        share,
        number(row["modelled"], counter),
        gap_words(row),
    )


def tiles(document: Mapping[str, Any], basis: str) -> alt.LayerChart:
    """Return the places as tiles, a hexagon a district: the gap of its CCG in posts per 100,000 residents."""
    gaps = {
        row["place"]: (row["gap"] or 0.0) / row["residents"] * 1e5
        for row in document["rows"] if row["quantity"] == POSTS and row["basis"] == basis and row["level"] == "ccg"
    }  # fmt: skip
    cells = [
        {"district": row["district"], "system": row["system"], "ccg": row["ccg"], "gap": round(gaps[row["ccg"]], 1),
         "x": float(row["hex_q"]) + (0.5 if int(row["hex_r"]) % 2 else 0.0), "y": float(row["hex_r"]),
         "short": row["district"].replace(" ", "\n", 1)}
        for row in published.read("tiles", FOLDER) if row["ccg"] in gaps
    ]  # fmt: skip
    frame = pd.DataFrame(cells)
    most = max(1.0, float(frame["gap"].abs().max()))
    scale = alt.Scale(scheme="purpleorange", domain=[-most, most], domainMid=0, reverse=True)
    scale_of = alt.Scale(padding=40, zero=False)
    base = alt.Chart(frame).encode(x=alt.X("x:Q", axis=None, scale=scale_of), y=alt.Y("y:Q", axis=None, scale=scale_of))
    hexagon = "M0,-1L0.866,-0.5L0.866,0.5L0,1L-0.866,0.5L-0.866,-0.5Z"
    drawn = base.mark_point(shape=hexagon, size=5200, filled=True, opacity=1, stroke="white").encode(
        color=alt.Color("gap:Q", scale=scale, title="posts per 100,000"), tooltip=["district", "ccg", "system", "gap"]
    )
    words = base.mark_text(fontSize=8.5, lineBreak="\n", dy=-8).encode(text="short:N")
    values = base.mark_text(fontSize=10, fontWeight="bold", dy=16).encode(text=alt.Text("gap:Q", format="+.1f"))
    return (drawn + words + values).properties(width=420, height=420)


def dots(document: Mapping[str, Any]) -> alt.LayerChart | alt.FacetChart:
    """Return apportioned numbers by basis beside the modelled one with its interval, place by place."""
    rows = [row for row in document["rows"] if row["quantity"] == POSTS and row["level"] != "england"]
    frame = pd.DataFrame([
        {"place": row["place"], "what": PEOPLE_OR_PLACE.get(row["basis"], row["basis"]), "posts": row["apportioned"]}
        for row in rows
    ])  # fmt: skip
    modelled = pd.DataFrame([
        {"place": row["place"], "what": "modelled demand", "posts": row["modelled"],
         "low": row["modelled"] - (row["half_width"] or 0.0), "high": row["modelled"] + (row["half_width"] or 0.0)}
        for row in rows if row["basis"] == "people"
    ])  # fmt: skip
    down = alt.Y("place:N", sort=None, title=None, axis=alt.Axis(labelLimit=260))
    colours = alt.Scale(range=["#1f5f99", "#b3402a", "#3f8f5f", "#8a6fb0"])
    points = (
        alt.Chart(frame)
        .mark_point(size=70, filled=False, strokeWidth=2)
        .encode(
            x=alt.X("posts:Q", title="new posts by 2020/21"),
            y=down,
            color=alt.Color("what:N", scale=colours, title="shared out"),
        )
    )
    base = alt.Chart(modelled)
    rule = base.mark_rule(strokeWidth=3).encode(x="low:Q", x2="high:Q", y=down)
    tick = base.mark_tick(thickness=4, size=18, color="black").encode(x="posts:Q", y=down, tooltip=["place", "posts"])
    return alt.layer(points, rule, tick).properties(width=560, height=26 * frame["place"].nunique() + 20)


def html(document: Mapping[str, Any]) -> str:
    """Return the page: place by place, maps, ranks, sums, what was checked."""
    here = [row for row in document["rows"] if row["place"] == document["place"]]
    columns = ("", "shared out", "apportioned", "modelled", "gap", "why not, or with care")
    plan = blocks.Table(
        "Every number of the plan", columns, [(*_cells(row, "title"), row["why"]) for row in here],
        words=("", "shared out", columns[-1]), note="gap: modelled less apportioned; ±: 95 % over paired replications",
    )  # fmt: skip
    posts = [row for row in document["rows"] if row["quantity"] == POSTS]
    by_place = blocks.Table(
        "New posts, place by place", ("place", *columns[1:5]), [_cells(row, "place") for row in posts],
        words=("place", "shared out"),
    )  # fmt: skip
    notes = [blocks.Words(note, "note") for note in document["notes"]]
    sections = [blocks.Section("plan", document["place"], [*notes, plan])]
    if len({row["place"] for row in posts if row["level"] != "england"}) > 1:
        title = "New posts: shared out (rings), asked for (black, with its interval)"
        figure = blocks.Figure(title, svg(dots(document)), by_place, wide=True)
        sections.append(blocks.Section("places", "Place by place", [figure]))
        sections += _maps(document)
    else:
        sections.append(blocks.Section("places", "New posts", [by_place]))
    if document["present"]:
        basis = document["present"][0]["basis"]
        heads = ("place", "there are", f"asked for {document['baseline']}", f"asked for {document['year']}")
        rows = [_present(row) for row in document["present"]]
        table = blocks.Table(f"WTE of the plan's services, NHS ({basis})", heads, rows, words=heads[:1], note=NAMED)
        sections.append(blocks.Section("present", "Posts there are", [table]))
    sections.append(blocks.Section("checks", "Sums, ranks, and deprivation", _checks(document)))
    return rendered(
        sections, title=f"Apportioned against demand: {document['place']}", heading=document["place"],
        kind="Apportioned against population demand", numbers_in="compared.xlsx",
        scenario=f"{document['baseline']} to {document['year']}, {document['replications']} paired replications",
    )  # fmt: skip


def _maps(document: Mapping[str, Any]) -> list[blocks.Section]:
    places = {row["ccg"] for row in published.read("tiles", FOLDER)}
    if not places & {row["place"] for row in document["rows"]}:
        return []
    figures = []
    for basis in document["bases"]:
        rows = [
            row
            for row in document["rows"]
            if row["quantity"] == POSTS and row["basis"] == basis and row["level"] == "ccg"
        ]
        table = blocks.Table(
            basis, ("CCG", "gap, posts", "per 100,000"),
            [(row["place"], gap_words(row), f"{row['gap'] / row['residents'] * 1e5:+.1f}") for row in rows],
            words=("CCG",), folded=True,
        )  # fmt: skip
        title = f"Modelled less apportioned {PEOPLE_OR_PLACE.get(basis, basis)}"
        figures.append(blocks.Figure(title, svg(tiles(document, basis)), table))
    note = "A hexagon is a district, coloured by its CCG; Copeland and Craven, partly in the area, have none."
    return [
        blocks.Section("map", "Where the share is too small, and where too large", [blocks.Group("", figures, note)])
    ]


def _checks(document: Mapping[str, Any]) -> list[blocks.Block]:
    ranks = [
        (row["level"], row["place"], PEOPLE_OR_PLACE.get(row["basis"], row["basis"]), f"{row['posts_per_100000']:.1f}",
         str(row["rank"]), f"{row['change']:+d}" if row["change"] else "0")
        for row in document["ranks"]
    ]  # fmt: skip
    sums = [
        (row["place"], PEOPLE_OR_PLACE.get(row["basis"], row["basis"]), f"{row['apportioned']:,}",
         f"{row['apportioned_below']:,}", f"{row['modelled']:,.2f}", f"{row['modelled_below']:,.2f}")
        for row in document["sums"]
    ]  # fmt: skip
    checks = [
        (row["what"], row["deprivation enters through"], str(row["times"]), "yes" if row["holds"] else "NO")
        for row in document["deprivation"]
    ]
    inputs = ("number", "deprivation enters through", "times", "checked")
    return [
        blocks.Table(
            "Bottom-up sums beside top-down figures, new posts",
            ("place", "shared out", "apportioned", "sum within", "modelled", "sum within "), sums,
            words=("place", "shared out"),
        ),
        blocks.Table(
            "Rank of places by new posts per 100,000 residents",
            ("level", "place", "by", "per 100,000", "rank", "change from head count"), ranks,
            words=("level", "place", "by"), folded=True,
        ),
        blocks.Table("Deprivation is counted once", inputs, checks, words=inputs[:2]),
    ]  # fmt: skip


def workbook(document: Mapping[str, Any]) -> bytes:
    """Return the workbook: gaps, ranks, sums, checks, and what is not modelled."""
    book = Book()
    book.grid("compared", _looks(COLUMNS), [[row[name] for name in COLUMNS] for row in document["rows"]])
    for name in ("present", "ranks", "sums", "deprivation"):
        rows = document[name]
        if rows:
            book.grid(name, _looks(tuple(rows[0])), [list(row.values()) for row in rows])
    book.grid("notes", [("note", "wrap")], [[note] for note in document["notes"]])
    return book.bytes()


def _looks(columns: Sequence[str]) -> list[tuple[str, str]]:
    return [(name, LOOKS.get(name, "text")) for name in columns]


def write(document: Mapping[str, Any], out: Path) -> list[Path]:
    """Write `compared.html`, `.xlsx` and `.parquet` into a folder and return them."""
    frame = pd.DataFrame(document["rows"], columns=list(COLUMNS))
    frame = frame.assign(year=document["year"], replications=document["replications"])
    contents = {"html": html(document).encode(), "xlsx": workbook(document), "parquet": as_parquet(frame)}
    return write_all(out, {f"compared.{kind}": content for kind, content in contents.items()})
