"""The 44 STPs as tables for people, a page, a workbook and Parquet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from experiments.million.drawn import svg
from experiments.national import drawn
from experiments.national.league import ILLUSTRATIVE, TITLES
from experiments.reports import blocks
from experiments.reports.page import as_parquet, rendered, write_all
from experiments.reports.workbook import Book

if TYPE_CHECKING:
    from rich.table import Table

Row = Mapping[str, Any]
LEAGUE = (
    "number", "stp", "area", "illustrative", "residents", "imd_score", "need", "need_rate", "rank_need", "apportioned",
    "apportioned_people", "apportioned_deprivation", "apportioned_need", "weight", "posts", "posts_half_width",
    "posts_rate", "rank", "gap", "people", "people_half_width", "people_rate", "people_any", "people_any_half_width",
    "contacts", "contacts_half_width", "contacts_any", "staff", "staff_half_width", "pounds", "pounds_half_width",
)  # fmt: skip
SUMS = ("title", "unit", "promised", "apportioned", "planned", "counted", "modelled", "half_width")
FUNNEL = ("indicator", "stp", "residents", "rate", "z", "z_spread", "outside")
PROGRAMMES = ("programme", "name", "modelled", "half_width")
POINTS = (
    "Dotted: limits that hold if STPs differ by chance alone (95 % and 99.8 %). Drawn through: with the spread between "
    "STPs that the winsorised z-scores show (Spiegelhalter 2005, additive): outside these is unusual among STPs that "
    "differ anyway."
)


def tables(document: Row) -> Iterator[Table | str]:
    """Yield the answer for people: national sums, then the league."""
    from rich.table import Table

    columns, rows = sum_lines(document)
    table = Table(title=f"England, {document['year']}: {document['said']}", title_justify="left")
    for name in columns:
        table.add_column(name, justify="left" if name in columns[:2] else "right", overflow="fold")
    for row in rows:
        table.add_row(*row)
    yield table
    columns, rows = league_lines(document)
    table = Table(title="League", title_justify="left")
    for name in columns:
        words = name == "STP"
        table.add_column(name, justify="left" if words else "right", no_wrap=words, max_width=34 if words else None)
    for row in rows:
        table.add_row(*row)
    yield table
    for one in document["funnels"]:
        yield _dispersion(one)
    yield ILLUSTRATIVE
    if document.get("written"):
        yield f"Written: {', '.join(str(path) for path in document['written'])}"


def sum_lines(document: Row) -> tuple[list[str], list[list[str]]]:
    """Return the national sums as finished text."""
    columns = ["promised for 2020/21", "modelled as", "promised", "shares add up to", "trajectories", "modelled"]
    return columns, [[row["title"], row["counted"], *_of_england(row)] for row in document["sums"]]


def _of_england(row: Row) -> list[str]:
    if row["name"] == "pounds":
        modelled, half = row["modelled"], row["half_width"]
        found = "" if modelled is None else f"£{modelled / 1e9:.2f}bn" + (f" ± {half / 1e9:.2f}" if half else "")
        return [f"£{row['promised'] / 1e9:g}bn a year", "", "", found]
    return [
        f"{row['promised']:,} {row['unit']}", _whole(row["apportioned"]), _whole(row["planned"]),
        _with(row["modelled"], row["half_width"]),
    ]  # fmt: skip


def league_lines(document: Row) -> tuple[list[str], list[list[str]]]:
    """Return the league, by posts where they were simulated, else by need."""
    simulated = any(row["posts"] is not None for row in document["rows"])
    columns = ["", "STP", "residents", "need per 1,000", "share of 21,000 posts"]
    if simulated:
        columns += ["modelled posts", "per 100,000", "modelled less share", "more staff", "extra people", "£m a year"]
    key = "rank" if simulated else "rank_need"
    ranked = sorted(document["rows"], key=lambda row: (row[key] is None, row[key] or row["number"]))
    rows = []
    for row in ranked:
        line = [str(row[key] or ""), row["stp"] + (" *" if row["illustrative"] else ""), f"{row['residents']:,}",
                f"{row['need_rate']:.1f}", f"{row['apportioned']:,}"]  # fmt: skip
        if simulated:
            line += [
                _with(row["posts"], row["posts_half_width"]), _one(row["posts_rate"]), _whole(row["gap"]),
                _whole(row["staff"]),
                _with(row["people"], row["people_half_width"]),
                _one(None if row["pounds"] is None else row["pounds"] / 1e6),
            ]  # fmt: skip
        rows.append(line)
    return columns, rows


def _whole(value: float | None) -> str:
    return "" if value is None else f"{round(value) + 0:,}"


def _one(value: float | None) -> str:
    return "" if value is None else f"{value:,.1f}"


def _with(value: float | None, half_width: float | None) -> str:
    return _whole(value) + (f" ± {half_width:,.0f}" if value is not None and half_width else "")


def _dispersion(one: Row) -> str:
    outside = [place["stp"] for place in one["places"] if place["outside"]]
    beyond = ", ".join(outside) if outside else "nobody"
    return (
        f"{one['title']}: {one['overall']:,.1f} over all; squared z-scores average {one['dispersion']:,.0f} (1 is "
        f"chance alone); spread between STPs {one['spread']:,.1f}; outside the outer limits: {beyond}."
    )


def html(document: Row) -> str:
    """Return the page: sums, funnels, league, method."""
    columns, lines = sum_lines(document)
    sums = blocks.Table("England", columns, lines, words=columns[:2])
    sections = [blocks.Section("england", "England", [
        blocks.Words(ILLUSTRATIVE, "warning"), blocks.Words(document["said_in_full"], "note"), sums,
        *_programmes(document),
    ])]  # fmt: skip
    figures = []
    for one in document["funnels"]:
        table = blocks.Table(
            one["title"], ("STP", "residents", "rate", "z, chance", "z, with spread"),
            [(row["stp"], f"{row['residents']:,}", f"{row['rate']:,.1f}", f"{row['z']:.1f}", f"{row['z_spread']:.1f}")
             for row in one["places"]], words=("STP",),
        )  # fmt: skip
        figures.append(blocks.Figure(one["title"], svg(drawn.funnel(one)), table, _dispersion(one), wide=True))
    sections.append(blocks.Section("funnels", "Funnels", [blocks.Words(POINTS), *figures]))
    columns, lines = league_lines(document)
    simulated = any(row["posts"] is not None for row in document["rows"])
    rate = "posts" if simulated else "need"
    table = blocks.Table("League (* illustrative)", columns, lines, words=("STP",))
    picture = blocks.Figure(TITLES[rate], svg(drawn.league(document["rows"], rate, TITLES[rate])), table, wide=True)
    sections.append(blocks.Section("league", "League", [picture, table]))
    return rendered(
        sections, title="The 44 STPs", kind="England", heading="The 44 STPs beside each other",
        scenario=document["said"], numbers_in="national.xlsx",
    )  # fmt: skip


def _programmes(document: Row) -> Iterator[blocks.Block]:
    if not document["programmes"]:
        return
    value = {(row["programme"], row["name"]): row for row in document["programmes"]}
    nothing: Row = {"modelled": None, "half_width": None}
    rows = []
    for programme in dict.fromkeys(row["programme"] for row in document["programmes"]):
        each = [value.get((programme, name), nothing) for name in ("posts", "people", "contacts")]
        rows.append((programme, *(_with(one["modelled"], one["half_width"]) for one in each)))
    yield blocks.Table(
        f"More than in {document['baseline']}, England, by programme",
        ("programme", "posts (WTE, all employers)", "people", "contacts"), rows, words=("programme",),
        note="People are counted once within a programme, and once over all in the row of all services.",
    )  # fmt: skip


def workbook(document: Row) -> bytes:
    """Return the workbook: sums, league, funnels, programmes, sample."""
    book = Book()
    text = {"stp", "area", "title", "unit", "counted", "indicator", "programme", "name", "illustrative", "outside"}
    whole = {"number", "residents", "need", "rank", "rank_need", "promised", "apportioned", "planned", "pounds"}
    points = [{"indicator": one["indicator"], **place} for one in document["funnels"] for place in one["places"]]
    for name, columns, rows in (
        ("england", SUMS, document["sums"]), ("league", LEAGUE, document["rows"]), ("funnels", FUNNEL, points),
        ("programmes", PROGRAMMES, document["programmes"]),
        ("sample", ("area", "weight", "certain"), document["sample"]),
    ):  # fmt: skip
        looks = [(one, "text" if one in text else "whole" if one in whole else "two") for one in columns]
        note = ILLUSTRATIVE if name == "league" else ""
        book.grid(name, looks, [[row[column] for column in columns] for row in rows], note)
    return book.bytes()


def write(document: Row, out: Path) -> list[Path]:
    """Write `national.html`, `.xlsx`, and Parquet of league, sums, programmes and funnels, and return them."""
    points = [{"indicator": one["indicator"], **place} for one in document["funnels"] for place in one["places"]]
    contents = {
        "national.html": html(document).encode(), "national.xlsx": workbook(document),
        "national.parquet": _parquet(document["rows"], LEAGUE),
        "national_sums.parquet": _parquet(document["sums"], SUMS),
        "national_funnels.parquet": _parquet(points, FUNNEL),
        "national_programmes.parquet": _parquet(document["programmes"], PROGRAMMES),
    }  # fmt: skip
    return write_all(out, contents)


def _parquet(rows: Sequence[Row], columns: Sequence[str]) -> bytes:
    return as_parquet(pd.DataFrame(rows, columns=list(columns)))
