"""The million as tables for people, a page, a workbook and Parquet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from experiments.million import bottlenecks, counting, drawn
from experiments.million.delivery import ALL, CONTACTS, PEOPLE
from experiments.million.document import LOST
from experiments.million.over_people import COLUMNS as RATIOS
from experiments.reports import blocks
from experiments.reports.page import as_parquet, rendered, write_all
from experiments.reports.workbook import Book

if TYPE_CHECKING:
    from rich.table import Table

Row = Mapping[str, Any]
METHOD = (
    "Planned: England's published trajectories less what they had for the baseline year, shared out. Delivered: people "
    "whom the services see in a simulated year, less those of the simulated baseline year: the same people with the "
    "same luck. Lost to a team: what plenty of staff in that team alone would bring; what single reliefs do not add up "
    "to is a row of its own. Steps sum from planned to delivered."
)
COUNTERS = (
    "People are residents, each counted once in a programme; the row of distinct people counts those of several "
    "programmes once. Contacts are those of each member of staff. The policy promised a million more people, ministers "
    "spoke of a million more contacts: both are shown, and never added. Planned contacts are planned people × the "
    "contacts a person has in the baseline year."
)
ILLUSTRATIVE = (
    "Illustrative: outside Lancashire & South Cumbria teams, hospitals and establishments are not the STP's own; ages "
    "and deprivation are published."
)
STEP_COLUMNS = ("year", "place", "programme", "counter", "step", "value", "half_width")


def tables(document: Row) -> Iterator[Table | str]:
    """Yield the answer for people: the last year, people and contacts, then staff and pounds for extra people."""
    from rich.table import Table

    year = document["years"][-1]
    for counter in (PEOPLE, CONTACTS):
        table = Table(
            title=f"{document['place']}, {year}: {counter} more than in {document['baseline']}", title_justify="left"
        )
        steps, lines = _grid(document, document["place"], year, counter)
        table.add_column("")
        for programme, _ in lines:
            table.add_column(_title(programme), justify="right", overflow="fold")
        for k, step in enumerate(steps):
            strong = "bold" if step in (bottlenecks.PLANNED, bottlenecks.DELIVERED) else None
            table.add_row(step, *(_number(values[k]) for _, values in lines), style=strong)
        yield table
    yield ratio_table(document, document["place"], year)
    yield from said(document)
    if document.get("written"):
        yield f"Written: {', '.join(str(path) for path in document['written'])}"


def ratio_table(document: Row, place: str, year: str) -> Table:
    """Return staff for extra people of one place and year, for the terminal."""
    from rich.table import Table

    table = Table(title="Staff for extra people", title_justify="left")
    columns, rows = _ratio_lines(document, place, year)
    for name in columns:
        table.add_column(name, justify="left" if name == "programme" else "right")
    for row in rows:
        table.add_row(*row)
    return table


def said(document: Row) -> list[str]:
    """Return what has to be said beside the numbers."""
    share = document["share"]
    million = (
        f"{document['place']}'s part of a million, shared by {document['by']}: {share['people']:,} people, or "
        f"{share['contacts']:,} contacts if ministers are taken at their word."
    )
    named = sum(one["people"] for one in document["england"] if one["year"] == document["years"][-1])
    promised = next(one["value"] for one in document["promises"] if one["name"] == "people")
    rest = (
        f"England's programmes with a trajectory add up to {named:,} more people than in {document['baseline']} by "
        f"{document['years'][-1]}; {promised - named:,} of the {promised:,} belong to no published programme or were "
        "planned before."
    )
    sampled = document.get("sampled", [])
    drawn = f"{len(sampled)} of 44 STPs were simulated, each standing for so many as its weight in the workbook says."
    return [
        *([ILLUSTRATIVE] if document["illustrative"] else []), million, rest, *([drawn] if sampled else []), METHOD,
        COUNTERS,
    ]  # fmt: skip


def _title(programme: str) -> str:
    return {
        ALL: "Sum over programmes (people of two count twice)",
        counting.PLAN: "Distinct people of the programmes",
    }.get(programme, programme)


def _grid(document: Row, place: str, year: str, counter: str) -> tuple[list[str], list[tuple[str, list[float | None]]]]:
    """Return (steps, [(programme, a number for each step)]) of one place, year and counter."""
    mine = [r for r in document["rows"] if (r["place"], r["year"], r["counter"]) == (place, year, counter)]
    steps = bottlenecks.in_order(dict.fromkeys(row["step"] for row in mine))
    value = {(row["programme"], row["step"]): row["value"] for row in mine}
    programmes = list(dict.fromkeys(row["programme"] for row in mine))
    return steps, [(name, [value.get((name, step)) for step in steps]) for name in programmes]


def _number(value: float | None) -> str:
    return "" if value is None or value != value else f"{round(value) + 0:,}"


def _ratio_lines(document: Row, place: str, year: str) -> tuple[list[str], list[list[str]]]:
    columns = [
        "programme", "extra people", "extra contacts", "posts worked (WTE)", "staff in post", "£m a year",
        "posts worked a 1,000 people", "staff a 1,000 people", "£ a person",
    ]  # fmt: skip
    rows = []
    for row in document["ratios"]:
        if (row["place"], row["year"]) == (place, year):
            pounds = row["extra_pounds"]
            rows.append([
                _title(row["programme"]), _with_half_width(row["extra_people"] or 0.0, row["people_half_width"]),
                _number(row["extra_contacts"]), _one(row["extra_wte"]), _one(row["extra_staff"]),
                _one(None if pounds is None else pounds / 1e6), _one(row["wte_per_1000"]),
                _one(row["staff_per_1000"]), _number(row["pounds_a_person"]),
            ])  # fmt: skip
    return columns, rows


def _one(value: float | None) -> str:
    return "" if value is None or value != value else f"{value + 0:,.1f}"


def html(document: Row) -> str:
    """Return the page: what was promised, a section a place with its years, then the method."""
    places = list(dict.fromkeys(row["place"] for row in document["rows"]))
    first = [place for place in places if place == document["place"]]
    sections = [_promises(document)]
    for i, place in enumerate([*first, *(one for one in places if one not in first)]):
        sections.append(blocks.Section(f"place-{i}", place, list(_of_place(document, place))))
    sections.append(blocks.Section("waiting", "Where people wait and leave", [_lost(document)]))
    sections.append(blocks.Section("method", "How it is counted", [blocks.Words(METHOD), blocks.Words(COUNTERS)]))
    return rendered(
        sections, title=f"The million: {document['place']}", kind="People and contacts, planned and delivered",
        heading=f"The million: {document['place']}", scenario=f"planned people shared by {document['by']}",
        numbers_in="million.xlsx",
    )  # fmt: skip


def _promises(document: Row) -> blocks.Section:
    rows = [
        (one["title"], f"{one['value']:,}", one["unit"], f"{document['share'][one['name']]:,}", one["source"],
         one["confidence"])
        for one in document["promises"]
    ]  # fmt: skip
    columns = ("promised for 2020/21", "England", "counted in", document["place"], "source", "how sure")
    table = blocks.Table("What was promised", columns, rows, words=(columns[0], columns[2], *columns[4:]))
    notes = [blocks.Words(line, "note") for line in said(document)[:-2]]
    return blocks.Section("promised", "What was promised", [table, *notes])


def _of_place(document: Row, place: str) -> Iterator[blocks.Block]:
    last = document["years"][-1]
    total = {PEOPLE: counting.PLAN, CONTACTS: ALL}
    for counter in (PEOPLE, CONTACTS):
        steps, lines = _grid(document, place, last, counter)
        if not any(value for _, values in lines for value in values):
            continue
        values = dict(lines)[total[counter]]
        listed = [(step, value) for step, value in zip(steps, values, strict=True) if value is not None]
        table = blocks.Table(
            f"{place}, {last}", ("programme", *steps), [(_title(n), *map(_number, v)) for n, v in lines],
            words=("programme",), strong=frozenset(k for k, (n, _) in enumerate(lines) if n in total.values()),
        )  # fmt: skip
        words = "distinct people" if counter == PEOPLE else "contacts"
        title = f"{last}: {words} more than in {document['baseline']}, from planned to delivered"
        yield blocks.Figure(title, drawn.svg(drawn.cascade(listed, words)), table, wide=True)
    if len(document["years"]) > 1:
        mine = [
            row for row in document["rows"]
            if row["place"] == place and row["counter"] == PEOPLE and row["step"] in ("planned", "delivered")
        ]  # fmt: skip
        if mine:
            yield blocks.Figure(
                "People more than in the baseline year, by programme", drawn.svg(drawn.by_year(mine, "people")),
                _year_table(document, place, mine), wide=True,
            )  # fmt: skip
    columns, rows = _ratio_lines(document, place, last)
    if rows:
        yield blocks.Table(f"Staff for extra people, {last}", columns, rows, words=("programme",))


def _lost(document: Row) -> blocks.Table:
    year = document["years"][-1]
    rows = sorted((row for row in document["lost_at"] if row["year"] == year), key=lambda row: -row["left_waiting"])
    lines = [(row["team"], *(_one(row[name]) if name == "mean_waiting" else _number(row[name]) for name in LOST))
             for row in rows if row["left_waiting"] + row["turned_away"] >= 1]  # fmt: skip
    return blocks.Table(
        f"{document['title']}, {year}, with the staff that can be had: by team",
        ("team", "left the list", "turned away", "on the list (mean)"), lines, words=("team",),
        note="Of all programmes and services. Who leaves one list may be seen by another team.",
    )  # fmt: skip


def _year_table(document: Row, place: str, rows: Sequence[Row]) -> blocks.Table:
    value = {(row["programme"], row["step"], row["year"]): row for row in rows}
    programmes = list(dict.fromkeys(row["programme"] for row in rows))
    columns = ("programme", "", *document["years"])
    lines = [
        (_title(name), step, *(_of(value[name, step, year]) for year in document["years"]))
        for name in programmes for step in ("planned", "delivered")
    ]  # fmt: skip
    return blocks.Table(f"{place}: people", columns, lines, words=columns[:2])


def _with_half_width(value: float, half_width: float | None) -> str:
    """Return a number with its half-width; one replication has none, and NaN stands for it in a table."""
    return _number(value) + (f" ± {half_width:,.0f}" if half_width and half_width == half_width else "")


def _of(row: Row) -> str:
    return _with_half_width(row["value"], row["half_width"])


def workbook(document: Row) -> bytes:
    """Return the workbook: steps, ratios, England's trajectories, promises."""
    book = Book()
    looks = {"value": "one", "half_width": "one", "step": "wrap", "people": "whole", "source": "wrap", "title": "wrap"}
    sheets = {
        "steps": (STEP_COLUMNS, document["rows"]), "staff": (RATIOS, document["ratios"]),
        "england": (("programme", "year", "people"), document["england"]),
        "waiting and leaving": (("year", "team", *LOST), document["lost_at"]),
        "promised": (("title", "value", "unit", "source", "confidence"), document["promises"]),
    }  # fmt: skip
    if document.get("sampled"):
        sheets["sample"] = (("area", "weight", "certain"), document["sampled"])
    for name, (columns, rows) in sheets.items():
        look = [(column, looks.get(column, "one" if column in RATIOS[3:] else "text")) for column in columns]
        book.grid(name, look, [[row[column] for column in columns] for row in rows])
    return book.bytes()


def write(document: Row, out: Path) -> list[Path]:
    """Write `million.html`, `.xlsx`, `million.parquet` (steps) and `million_staff.parquet` and return them."""
    contents = {
        "million.html": html(document).encode(), "million.xlsx": workbook(document),
        "million.parquet": _parquet(document["rows"], STEP_COLUMNS, document),
        "million_staff.parquet": _parquet(document["ratios"], RATIOS, document),
    }  # fmt: skip
    return write_all(out, contents)


def _parquet(rows: Sequence[Row], columns: Sequence[str], document: Row) -> bytes:
    frame = pd.DataFrame(rows, columns=list(columns)).assign(area=document["area"], by=document["by"])
    return as_parquet(frame)
