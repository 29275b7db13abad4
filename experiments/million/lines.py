"""The million's numbers as lines of text: steps of a year, planned beside delivered year by year, staff for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from experiments.million import bottlenecks, counting
from experiments.million.delivery import ALL, CONTACTS, PEOPLE

Row = Mapping[str, Any]
SUM_OF = {PEOPLE: counting.PLAN, CONTACTS: ALL}
"""The sum that is told first: distinct people, all contacts"""
ENDS = (bottlenecks.PLANNED, bottlenecks.DELIVERED)
TITLES = {
    ALL: "Sum over programmes",
    counting.PLAN: "Distinct people of the programmes",
}
RATIO_COLUMNS = (
    "year", "programme", "extra people", "extra contacts", "posts worked (WTE)", "staff in post", "£m a year",
    "posts worked a 1,000 people", "staff a 1,000 people", "£ a person",
)  # fmt: skip


def title_of(programme: str, counter: str = PEOPLE) -> str:
    """Return what a programme, or a sum over programmes, is called."""
    twice = " (people of two count twice)" if (programme, counter) == (ALL, PEOPLE) else ""
    return TITLES.get(programme, programme) + twice


def number(value: float | None, half_width: float | None = None, decimals: int = 0) -> str:
    """Return a number with its half-width; one replication has none (None; NaN from a table)."""
    if value is None or value != value:
        return ""
    text = f"{round(value, decimals) + 0:,.{decimals}f}"
    return text + (f" ± {half_width:,.{decimals}f}" if half_width and half_width == half_width else "")


def steps_of(
    document: Row, place: str, year: str, counter: str
) -> tuple[list[str], dict[str, list[Row | None]]]:  # fmt: skip
    """Return (steps in order, programme -> the row of each step) of one place, year and counter."""
    mine = [r for r in document["rows"] if (r["place"], r["year"], r["counter"]) == (place, year, counter)]
    steps = bottlenecks.in_order(dict.fromkeys(row["step"] for row in mine))
    of = {(row["programme"], row["step"]): row for row in mine}
    programmes = dict.fromkeys(row["programme"] for row in mine)
    return steps, {name: [of.get((name, step)) for step in steps] for name in programmes}


def of_row(row: Row | None) -> str:
    """Return the number of a step."""
    return "" if row is None else number(row["value"], row["half_width"])


def ends(document: Row, place: str, counter: str) -> list[Row]:
    """Return the rows of what was planned and what was delivered, programmes by their titles."""
    return [
        {**row, "programme": title_of(row["programme"], counter)} for row in document["rows"]
        if (row["place"], row["counter"]) == (place, counter) and row["step"] in ENDS
    ]  # fmt: skip


def by_year(document: Row, place: str, counter: str) -> list[tuple[str, ...]]:
    """Return (programme, planned or delivered, a number for each year)."""
    rows = ends(document, place, counter)
    of = {(row["programme"], row["step"], row["year"]): row for row in rows}
    return [
        (name, step, *(of_row(of.get((name, step, year))) for year in document["years"]))
        for name in dict.fromkeys(row["programme"] for row in rows) for step in ENDS
    ]  # fmt: skip


def sums_by_year(document: Row, place: str, counter: str) -> list[tuple[str, ...]]:
    """Return (step, a number for each year) of the sum over programmes: a bottleneck is empty where it is no step."""
    found: dict[str, dict[str, Row | None]] = {}
    for year in document["years"]:
        steps, of = steps_of(document, place, year, counter)
        for step, row in zip(steps, of.get(SUM_OF[counter], [None] * len(steps)), strict=True):
            found.setdefault(step, {})[year] = row
    return [
        (step, *(of_row(found[step].get(year)) for year in document["years"])) for step in bottlenecks.in_order(found)
    ]


def ratios(document: Row, place: str, years: Sequence[str], programmes: Sequence[str] = ()) -> list[tuple[str, ...]]:
    """Return lines of `RATIO_COLUMNS` of a place; all programmes, if none is named."""
    rows = [
        row for row in document["ratios"]
        if row["place"] == place and row["year"] in years and (not programmes or row["programme"] in programmes)
    ]  # fmt: skip
    return [
        (
            row["year"], title_of(row["programme"]),
            *(_known(row, f"extra_{name}", f"{name}_half_width", places, per)
              for name, places, per in (("people", 0, 1.0), ("contacts", 0, 1.0), ("wte", 1, 1.0), ("staff", 1, 1.0),
                                        ("pounds", 1, 1e6))),
            *(_known(row, name, f"{name}_half_width", places)
              for name, places in (("wte_per_1000", 1), ("staff_per_1000", 1), ("pounds_a_person", 0))),
        )
        for row in rows
    ]  # fmt: skip


def _known(row: Row, name: str, half_width: str, decimals: int, per: float = 1.0) -> str:
    value, half = row[name], row[half_width]
    return "" if value is None else number(value / per, None if half is None else half / per, decimals)
