"""The million as tables for people, a page, a workbook and Parquet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from experiments.million import drawn, lines
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
NOT_AMONG_THE_WORST = "A team without a number was not among the worst of that year: it is one of the others there."
STEP_COLUMNS = ("year", "place", "programme", "counter", "step", "value", "half_width")


def tables(document: Row) -> Iterator[Table | str]:
    """Yield the answer for people: the last year, the years beside each other, then staff and pounds."""
    place, years = document["place"], document["years"]
    more = f"more than in {document['baseline']}"
    for counter in (PEOPLE, CONTACTS):
        steps, of = lines.steps_of(document, place, years[-1], counter)
        columns = ("", *(lines.title_of(name, counter) for name in of))
        rows = [(step, *(lines.of_row(rows[k]) for rows in of.values())) for k, step in enumerate(steps)]
        yield _listed(f"{place}, {years[-1]}: {counter} {more}", columns, rows)
    if len(years) > 1:
        for counter in (PEOPLE, CONTACTS):
            total = lines.title_of(lines.SUM_OF[counter], counter).lower()
            rows = lines.sums_by_year(document, place, counter)
            yield _listed(f"{place}: {counter} {more} ({total})", ("", *years), rows)
        rows = lines.ratios(document, place, years[:-1], (ALL,))
        yield _listed("Staff for extra people, earlier years", lines.RATIO_COLUMNS, rows)
    yield _listed("Staff for extra people", lines.RATIO_COLUMNS, lines.ratios(document, place, years[-1:]))
    yield from said(document)
    if document.get("written"):
        yield f"Written: {', '.join(str(path) for path in document['written'])}"


def _listed(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """Return a table for the terminal; planned and delivered stand out."""
    from rich.table import Table

    table = Table(title=title, title_justify="left")
    for name in columns:
        table.add_column(name, justify="left" if name in ("", "year", "programme") else "right", overflow="fold")
    for row in rows:
        table.add_row(*row, style="bold" if row[0] in lines.ENDS else None)
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
    years = document["years"]
    for counter in (PEOPLE, CONTACTS):
        steps, of = lines.steps_of(document, place, years[-1], counter)
        if not any(row["value"] for rows in of.values() for row in rows if row is not None):
            continue
        total = of[lines.SUM_OF[counter]]
        listed = [(step, row["value"]) for step, row in zip(steps, total, strict=True) if row is not None]
        words = "distinct people" if counter == PEOPLE else counter
        title = f"{years[-1]}: {words} more than in {document['baseline']}, from planned to delivered"
        table = _steps_table(document, place, years[-1], counter)
        yield blocks.Figure(title, drawn.svg(drawn.cascade(listed, words)), table, wide=True)
        if len(years) > 1:
            yield from _years_of(document, place, counter, words)
    rows = lines.ratios(document, place, years)
    if rows:
        yield blocks.Table("Staff for extra people", lines.RATIO_COLUMNS, rows, words=lines.RATIO_COLUMNS[:2])


def _years_of(document: Row, place: str, counter: str, words: str) -> Iterator[blocks.Block]:
    """Yield the years beside each other, what each lost to which bottleneck, and each earlier year's programmes."""
    years = document["years"]
    columns = ("programme", "", *years)
    table = blocks.Table(f"{place}: {counter}", columns, lines.by_year(document, place, counter), words=columns[:2])
    title = f"{counter.capitalize()} more than in the baseline year, by programme"
    drawing = drawn.svg(drawn.by_year(lines.ends(document, place, counter), counter))
    yield blocks.Figure(title, drawing, table, wide=True)
    rows = lines.sums_by_year(document, place, counter)
    ends = frozenset(k for k, row in enumerate(rows) if row[0] in lines.ENDS)
    yield blocks.Table(
        f"{place}: {words}, lost to each bottleneck", ("", *years), rows, words=("",), strong=ends,
        note=NOT_AMONG_THE_WORST if any("" in row for row in rows) else "",
    )  # fmt: skip
    for year in years[:-1]:
        yield _steps_table(document, place, year, counter, folded=True)


def _steps_table(document: Row, place: str, year: str, counter: str, folded: bool = False) -> blocks.Table:
    steps, of = lines.steps_of(document, place, year, counter)
    rows = [(lines.title_of(name, counter), *map(lines.of_row, steps_of)) for name, steps_of in of.items()]
    total = frozenset(k for k, name in enumerate(of) if name == lines.SUM_OF[counter])
    title = f"{place}, {year}: {counter}"
    return blocks.Table(title, ("programme", *steps), rows, words=("programme",), strong=total, folded=folded)


def _lost(document: Row) -> blocks.Table:
    year = document["years"][-1]
    rows = sorted((row for row in document["lost_at"] if row["year"] == year), key=lambda row: -row["left_waiting"])
    told = [
        (row["team"], *(lines.number(row[name], decimals=int(name == "mean_waiting")) for name in LOST))
        for row in rows if row["left_waiting"] + row["turned_away"] >= 1
    ]  # fmt: skip
    return blocks.Table(
        f"{document['title']}, {year}, with the staff that can be had: by team",
        ("team", "left the list", "turned away", "on the list (mean)"), told, words=("team",),
        note="Of all programmes and services. Who leaves one list may be seen by another team.",
    )  # fmt: skip


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
