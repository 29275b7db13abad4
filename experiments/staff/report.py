"""`parity staff`: the document, the tables for people, the page with its drawings, the workbook and Parquet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
import pandas as pd

from abm import staff_rates
from abm.staff_posts import YEARS, financial_year, years_to
from experiments.intervals import mean_and_half_width
from experiments.reports import blocks
from experiments.reports.page import as_parquet, rendered, write_all
from experiments.reports.workbook import Book
from experiments.staff.counted import Counted, counted, hung
from experiments.staff.posts_file import read_posts
from experiments.staff.prices import MEASURES, rows_of_levers
from experiments.staff.simulate import STOCKS, frame_of_counts
from experiments.workforce.waterfall import place_of
from experiments.workforce.waterfall_page import drawn, svg

if TYPE_CHECKING:
    from rich.table import Table

WHOLE = "the whole area"
FIRST_YEAR = int(YEARS[0][:4])
SHOWN = (
    ("posts", "posts, end of year"), ("in_post", "in post, end of year"), ("vacancies", "vacancies, end of year"),
    ("in_training", "on their way, end of year"), ("capacity_wte", "WTE at work, end of year"),
    ("left_workforce", "left the workforce"), ("kept", "kept by retention"), ("moved_away", "moved to another team"),
    ("moved_here", "came from another team"), ("newly_qualified", "newly qualified"),
    ("return_to_practice", "returned to practice"), ("international", "international"),
    ("apprentices", "apprentices qualified"), ("nursing_associates", "nursing associates qualified"),
    ("trainees", "therapists trained"), ("new_roles", "people in new roles"), ("recruited", "recruited"),
    ("transferred_in", "transferred"), ("training_minutes", "learners away, hours"),
    ("supervision_minutes", "supervision, hours"), ("freed_minutes", "registered hours freed by new roles"),
    ("bank_hours", "bank hours"), ("agency_hours", "agency hours"), ("overtime_hours", "overtime hours"),
    ("supply_pounds", "supply and retention, pounds"), ("cover_pounds", "bank, agency, overtime, pounds"),
)  # fmt: skip
COLUMNS = ("place", "measure", "title", "year", "mean", "half_width")


def document(
    area: str, levers: Mapping[str, float] | None = None, seed: int = 1, replications: int = 1,
    file: Path | None = None, national: bool = False, out: Path | None = None, posts: Path | None = None,
    until: str = YEARS[-1],
) -> dict[str, Any]:  # fmt: skip
    """Return the document of `parity staff`, and write its page, workbook and Parquet if there is a folder.

    `posts`: a file of posts by year, in place of the plan's; `until`: the last financial year.
    """
    years_to(until, "--until")
    wanted = None if posts is None else read_posts(posts).to_dict("records")
    found = counted(
        area, levers, seed, replications, file=file, national=national, posts=wanted, until=until
    )  # fmt: skip
    places = [WHOLE, *(found.systems if len(found.systems) > 1 else ())]
    rows = [row for place in places for row in _rows(found, place)]
    bars = []
    for place in places:
        values = found.bars(None if place == WHOLE else place)
        first = {step: int(each[0]) for step, each in values.items()}
        bars += [
            {"place": place, **vars(bar), **mean_and_half_width(values[bar.step])} for bar in hung(first, until=until)
        ]  # fmt: skip
    result = {
        "area": area, "title": place_of(area).name, "basis": found.establishment.basis,
        "seed": seed, "replications": replications, "levers": dict(levers or {}), "until": until, "years": found.years,
        "posts": None if posts is None else posts.name, "teams": len(found.establishment.units), "rows": rows,
        "waterfall": bars, "freed": freed(found), "new_roles": dated(found),
    }  # fmt: skip
    if out is not None:
        result["written"] = [str(path) for path in write(result, found, out)]
    return result


def _rows(found: Counted, place: str) -> Iterator[dict[str, Any]]:
    system = None if place == WHOLE else place
    for measure, title in SHOWN:
        each = found.of(measure, system) / (60.0 if measure.endswith("minutes") else 1.0)
        for i, year in enumerate(found.years):
            own = each[:, 12 * i : 12 * i + 12]
            value = own[:, -1] if measure in STOCKS else own.sum(axis=1)
            yield {"place": place, "measure": measure, "title": title, "year": year, **mean_and_half_width(value)}


def freed(found: Counted) -> list[dict[str, Any]]:
    """Return registered hours that new roles freed in all years, by service and role relieved: where they went."""
    of: dict[tuple[str, str], float] = {}
    n = found.n[:, :, _index("freed_minutes")].mean(axis=0).sum(axis=0) / 60.0
    for u, r in np.argwhere(n).tolist():
        unit = found.establishment.units[u]
        key = (unit.team.partition("/")[0], found.rates.roles[r].name)
        of[key] = of.get(key, 0.0) + float(n[u, r])
    return [{"service": service, "role": role, "hours": hours} for (service, role), hours in sorted(of.items())]


def dated(found: Counted) -> list[dict[str, Any]]:
    """Return who takes up a new role, by month and role: a mean of whole people over replications."""
    n = (found.n[:, :, _index("new_roles")] + found.n[:, :, _index("nursing_associates")]).mean(axis=0).sum(axis=1)
    return [
        {"year": financial_year(month), "month": f"{FIRST_YEAR + (month + 3) // 12}-{(month + 3) % 12 + 1:02d}",
         "role": found.rates.roles[r].name, "people": float(n[month, r])}
        for month, r in np.argwhere(n).tolist()
    ]  # fmt: skip


def _index(measure: str) -> int:
    return MEASURES.index(measure)


def tables(result: Mapping[str, Any]) -> Iterator[Table | str]:
    """Yield the answer for people: the whole area by year, and its waterfall."""
    from rich.table import Table

    table = Table(title=f"Staff of {result['title']}: {result['basis']}", title_justify="left")
    table.add_column("")
    for year in result["years"]:
        table.add_column(year, justify="right")
    for measure, title in SHOWN:
        own = [row for row in result["rows"] if row["place"] == WHOLE and row["measure"] == measure]
        table.add_row(title, *(f"{row['mean']:,.0f}" for row in own))
    yield table
    flow = Table(title="From the establishment to the gap", title_justify="left")
    for name in ("", "first replication", "mean", "±"):
        flow.add_column(name, justify="right" if name else "left")
    for row in result["waterfall"]:
        if row["place"] == WHOLE:
            words = f"{row['value']:+,}" if row["kind"] == "change" else f"{row['value']:,}"
            flow.add_row(row["title"], words, f"{row['mean']:,.1f}", _half(row))
    yield flow
    yield said(result)
    if result.get("written"):
        yield f"Written: {', '.join(result['written'])}"


def said(result: Mapping[str, Any]) -> str:
    """Return what the numbers rest on, in a sentence or two."""
    of = {row["step"]: row for row in result["waterfall"] if row["place"] == WHOLE}
    local = "" if str(result["basis"]).startswith("local") else (
        " The posts at the start are not local: an establishment of the area's own is read by --establishment."
    )  # fmt: skip
    end = f"March {int(result['until'][:4]) + 1}"
    given = "" if result["posts"] is None else f" Posts by year: {result['posts']}, in place of the plan's."
    intake = result["levers"].get("intake_after_plan", staff_rates.levers()["intake_after_plan"].default)
    after = "" if result["until"] == YEARS[-1] else (
        f" After {YEARS[-1]} posts stay; as many begin to learn as in the plan's years, times {intake:g}."
    )  # fmt: skip
    return (
        f"In post {of['in_post']['mean']:,.0f} at the start, {of['in_post_later']['mean']:,.0f} in {end}, for "
        f"{of['posts_later']['mean']:,.0f} posts. Posts and staff in whole WTE; seed {result['seed']}, "
        f"{result['replications']} replication(s).{given}{after}{local}"
    )


def _half(row: Mapping[str, Any]) -> str:
    """Return a half-width in words: one replication has none."""
    return "–" if row["half_width"] is None else f"{row['half_width']:,.1f}"


def lines(result: Mapping[str, Any], place: str) -> alt.LayerChart:
    """Return posts, in post and WTE at work by year, for one place."""
    rows = [
        row
        for row in result["rows"]
        if row["place"] == place and row["measure"] in ("posts", "in_post", "capacity_wte")
    ]
    frame = pd.DataFrame(rows)
    half = pd.to_numeric(frame["half_width"])  # one replication has none: no rule is drawn
    frame["low"], frame["high"] = frame["mean"] - half, frame["mean"] + half
    base = alt.Chart(frame).encode(
        x=alt.X("year:N", title=None),
        color=alt.Color("title:N", title=None, scale=alt.Scale(range=["#777777", "#1f5f99", "#f2b632"]),
                        legend=alt.Legend(orient="bottom", labelLimit=300)),
    )  # fmt: skip
    scale = alt.Scale(zero=False, padding=8)
    line = base.mark_line(point=True).encode(y=alt.Y("mean:Q", title="WTE", scale=scale))
    known = base.transform_filter("isValid(datum.low)").mark_rule()
    return (known.encode(y=alt.Y("low:Q", scale=scale), y2="high:Q") + line).properties(width=620, height=240)


def html(result: Mapping[str, Any]) -> str:
    """Return the page: a section a place with its waterfall, its years and its numbers."""
    sections = []
    for i, place in enumerate(dict.fromkeys(row["place"] for row in result["rows"])):
        own = [row for row in result["rows"] if row["place"] == place]
        flow = [row for row in result["waterfall"] if row["place"] == place]
        bars = blocks.Table(
            place, ("bar", "first replication", "mean", "±"),
            [(row["title"], f"{row['value']:+,}" if row["kind"] == "change" else f"{row['value']:,}",
              f"{row['mean']:,.1f}", _half(row)) for row in flow],
            words=("bar",), strong=frozenset(k for k, row in enumerate(flow) if row["kind"] != "change"),
        )  # fmt: skip
        years = blocks.Table(
            f"{place}: year by year", ("", *result["years"]),
            [(title, *(f"{row['mean']:,.0f}" for row in own if row["measure"] == measure)) for measure, title in SHOWN],
            words=("",),
        )  # fmt: skip
        figures: list[blocks.Block] = [
            blocks.Figure("From the establishment to the gap", svg(drawn(flow)), bars, wide=True),
            blocks.Figure(
                "Posts, people in post, and what they amount to", svg(lines(result, place)), years, wide=True
            ),
        ]
        words: list[blocks.Block] = [blocks.Words(said(result), "note")] if i == 0 else []
        sections.append(blocks.Section(f"place-{i}", place[0].upper() + place[1:], [*words, *figures]))
    if result["freed"]:
        rows = [(row["service"], row["role"], f"{row['hours']:,.0f}") for row in result["freed"]]
        title = f"Registered hours that new roles freed, {result['years'][0]} to {result['until']}"
        table = blocks.Table(title, ("service", "role", "hours"), rows, words=("service", "role"))
        sections.append(blocks.Section("freed", "Where the hours went that new roles freed", [table]))
    if result["new_roles"]:
        sections.append(blocks.Section("new-roles", "Who took up a new role, and when", [_new_roles(result)]))
    sections.append(blocks.Section("levers", "What can be changed", [_levers(result)]))
    return rendered(
        sections, title=f"Staff: {result['title']}", kind="Staff as people, month by month",
        heading=str(result["title"]),
        scenario=", ".join(f"{name} = {value:g}" for name, value in result["levers"].items()) or "as planned",
        numbers_in="staff.xlsx",
    )  # fmt: skip


def _new_roles(result: Mapping[str, Any]) -> blocks.Table:
    roles = list(dict.fromkeys(row["role"] for row in result["new_roles"]))
    of: dict[tuple[str, str], float] = {}
    for row in result["new_roles"]:
        of[row["role"], row["year"]] = of.get((row["role"], row["year"]), 0.0) + row["people"]
    rows = [(role, *(f"{of.get((role, year), 0.0):,.0f}" for year in result["years"])) for role in roles]
    note = (
        "By month in the workbook. Nursing associates come by a route of their own; the others are of the plan's 8,000."
    )
    return blocks.Table(
        "People in new roles by financial year", ("role", *result["years"]), rows, words=("role",), note=note
    )


def _levers(result: Mapping[str, Any]) -> blocks.Table:
    rows = [
        (row["lever"], f"{result['levers'].get(row['lever'], float(row['default'])):g}",
         f"{row['measure']} goes {row['direction']} with {row['tried']}", row["why"])
        for row in rows_of_levers()
    ]  # fmt: skip
    return blocks.Table("Levers, and what was expected of each beforehand", ("lever", "here", "direction", "why"), rows,
                        words=("lever", "direction", "why"), folded=True)  # fmt: skip


def write(result: Mapping[str, Any], found: Counted, out: Path) -> list[Path]:
    """Write `staff.html`, `.xlsx` and `.parquet` (every team, role and month) into a folder and return them."""
    book, looks = Book(), {"mean": "one", "half_width": "one", "title": "wrap"}
    book.grid("years", [(name, looks.get(name, "text")) for name in COLUMNS],
              [[row[name] for name in COLUMNS] for row in result["rows"]])  # fmt: skip
    steps = ("place", "step", "title", "kind", "value", "mean", "half_width")
    book.grid("waterfall", [(name, {"value": "whole"}.get(name, looks.get(name, "text"))) for name in steps],
              [[row[name] for name in steps] for row in result["waterfall"]])  # fmt: skip
    book.grid("freed", [("service", "text"), ("role", "text"), ("hours", "one")],
              [list(row.values()) for row in result["freed"]])  # fmt: skip
    book.grid("new roles", [("year", "text"), ("month", "text"), ("role", "text"), ("people", "one")],
              [list(row.values()) for row in result["new_roles"]])  # fmt: skip
    frame = pd.concat(
        [frame_of_counts(found.establishment, found.rates, n, k) for k, n in enumerate(found.n)], ignore_index=True
    )
    contents = {"html": html(result).encode(), "xlsx": book.bytes(), "parquet": as_parquet(frame)}
    return write_all(out, {f"staff.{kind}": content for kind, content in contents.items()})
