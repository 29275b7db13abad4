"""What scenarios cost, as tables for people, a page with drawings, a workbook and Parquet."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd

from experiments.money.account import tables_of
from experiments.money.words import KINDS, payer, pounds, short, signed, within
from experiments.reports import blocks
from experiments.reports.page import as_parquet, rendered, write_all
from experiments.reports.words import number, percent, spoken, titled
from experiments.reports.workbook import Book
from experiments.run_tables import ILLUSTRATIVE

if TYPE_CHECKING:
    from rich.table import Table

COLOURS = ("#1f5f99", "#b3402a", "#3f8f5f", "#f2b632", "#7a868f", "#7b5ea7", "#c98a4b", "#4aa3a2", "#26323a", "#a5b8c7",
           "#d18fb0", "#8fae5d")  # fmt: skip
ONLY_OPEN = (
    "Only the services that a scenario opens are in it; a place's whole spending on mental health is larger. What one "
    "scenario alone opens, such as calls and ambulances, is in its sum alone."
)
KINDS_NOTE = (
    "The three kinds are never added: cash leaves a budget, capacity is time or beds for other people, avoided care is "
    "asked for nowhere but cuts no budget by itself. A minus is a cost."
)
LOOKS = {"pounds": "whole", "quantity": "two", "unit_pounds": "two", "amount": "two", "saving": "whole",
         "half_width": "whole", "base": "whole", "other": "whole", "net_cash": "whole", "room": "whole",
         "floor": "whole", "as_it_was": "whole", "left": "whole", "growth": "share", "pounds_a_day": "two",
         "published": "two", "bed_days": "whole", "reason": "wrap", "source": "wrap"}  # fmt: skip


def tables(document: Mapping[str, Any]) -> Iterator[Table | str]:
    """Yield the answer for people: sums by payer and service, then savings and room under the standard."""
    from rich.table import Table

    if document["illustrative"]:
        yield ILLUSTRATIVE
    names = [one["name"] for one in document["scenarios"]]
    title = f"{document['place']}: pounds a year, pay and prices of {document['prices']}"
    for by, heading in (("by_payer", "payer"), ("by_service", "service"), ("by_line", "line")):
        table = Table(title=title if by == "by_payer" else None, title_justify="left")
        table.add_column(heading)
        for name in names:
            table.add_column(name, justify="right", overflow="fold")
        for words, cells, strong in _side_by_side(document, by):
            table.add_row(words, *cells, style="bold" if strong else None)
        yield table
    yield ONLY_OPEN
    if document["savings"]:
        table = Table(title="Savings beside the baseline (minus: a cost)", title_justify="left")
        for heading in ("scenario", "kind", "line", "payer"):
            table.add_column(heading)
        table.add_column("a year", justify="right")
        for row in shown(document["savings"]):
            table.add_row(row["scenario"], KINDS[row["kind"]], row["line"], payer(row["payer"]),
                          within(row["saving"], row["half_width"]))  # fmt: skip
        yield table
        yield KINDS_NOTE
        yield from (in_words(row) for row in document["per_person"])
        table = Table(title="Mental Health Investment Standard: cash only", title_justify="left")
        for heading in ("scenario", "year", "room", "net cash cost", "left"):
            table.add_column(heading, justify="left" if heading in ("scenario", "year") else "right")
        for row in document["affordability"]:
            table.add_row(row["scenario"], row["year"], short(row["room"]), short(row["net_cash"]), short(row["left"]))
        yield table
    if document.get("written"):
        yield f"Written: {', '.join(str(path) for path in document['written'])}"


def _side_by_side(document: Mapping[str, Any], by: str) -> Iterator[tuple[str, list[str], bool]]:
    scenarios = document["scenarios"]
    key = by.removeprefix("by_")
    names = list(dict.fromkeys(row[key] for one in scenarios for row in one[by]))
    for name in names:
        found = [sum(row["pounds"] for row in one[by] if row[key] == name) for one in scenarios]
        yield (payer(name) if key == "payer" else spoken(name)), [pounds(value) for value in found], False
    yield "all", [within(one["pounds"], one["half_width"]) for one in scenarios], True


def shown(savings: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return savings of at least half a pound."""
    return [row for row in savings if abs(row["saving"]) >= 0.5]


def in_words(row: Mapping[str, Any]) -> str:
    """Return what each further person costs, or that more people cannot be told."""
    half = row["more_people_half_width"]
    more = f"{row['more_people']:+,.0f}".replace("-", "−") + ("" if half is None else f" ± {half:,.0f}")
    extra = f"{signed(row['extra_pounds'])} a year in all"
    each = row["pounds_per_extra_person"]
    told = "no more people were found" if each is None else f"{pounds(each)} for each further person"
    return f"{row['scenario']}: people reached, each counted once: {more}; {extra}: {told}."


def drawn(document: Mapping[str, Any], by: str) -> str:
    """Return stacked bars as SVG: one a scenario, split by `line`, `payer` or `service`."""
    key = by.removeprefix("by_")
    rows = [
        {"scenario": one["name"], "part": payer(row[key]) if key == "payer" else spoken(row[key]),
         "millions": row["pounds"] / 1e6}
        for one in document["scenarios"] for row in one[by]
    ]  # fmt: skip
    parts = list(dict.fromkeys(row["part"] for row in rows))
    names = [one["name"] for one in document["scenarios"]]
    colours = [COLOURS[i % len(COLOURS)] for i in range(len(parts))]
    chart = (
        alt.Chart(pd.DataFrame(rows).assign(order=lambda f: f["part"].map(parts.index)))
        .mark_bar()
        .encode(
            x=alt.X("millions:Q", title="£ million a year"), y=alt.Y("scenario:N", sort=names, title=None),
            color=alt.Color("part:N", scale=alt.Scale(domain=parts, range=colours), title=None,
                            legend=alt.Legend(orient="bottom", columns=3, labelLimit=260)),
            order=alt.Order("order:Q"), tooltip=["scenario", "part", "millions"],
        )
        .properties(width=720, height=38 * len(names))
    )  # fmt: skip
    out = io.StringIO()
    chart.save(out, format="svg")
    return out.getvalue()


def html(document: Mapping[str, Any]) -> str:
    """Return the page."""
    sections = [
        blocks.Section("whole", "What it costs and who pays", list(_whole(document))),
        blocks.Section("teams", "Team by team", list(_teams(document))),
        blocks.Section("years", "Year by year", list(_years(document))),
    ]
    if document["savings"]:
        sections.append(blocks.Section("savings", "What of it is saved, and how", list(_savings(document))))
        sections.append(blocks.Section("standard", "Can it be afforded?", list(_standard(document))))
    sections.append(blocks.Section("investment", "The national money, shared out", list(_investment(document))))
    sections.append(blocks.Section("prices", "Prices", list(_prices(document))))
    return rendered(
        sections, title=f"Cost: {document['place']}", kind="What it costs and who pays", heading=document["place"],
        scenario=", ".join(one["title"] or one["name"] for one in document["scenarios"]), numbers_in="cost.xlsx",
    )  # fmt: skip


def _whole(document: Mapping[str, Any]) -> Iterator[blocks.Block]:
    if document["illustrative"]:
        yield blocks.Words(ILLUSTRATIVE, "warning")
    n = document["replications"]
    yield blocks.Words(
        f"Pounds of a year of 365 days in pay and prices of {document['prices']}: {document['days']} days from "
        f"{document['start']}, {n} replication{'s' if n > 1 else ''}; half-widths 95 %."
    )
    yield blocks.Words(ONLY_OPEN, "note")
    for by, title in (("by_payer", "By payer"), ("by_line", "By line"), ("by_service", "By service")):
        rows = list(_side_by_side(document, by))
        columns = ("", *(one["name"] for one in document["scenarios"]))
        table = blocks.Table(title, columns, [(titled(words), *cells) for words, cells, _ in rows], words=("",),
                             strong=frozenset({len(rows) - 1}))  # fmt: skip
        if by == "by_payer":
            yield table
        else:
            yield blocks.Figure(title, drawn(document, by), table, wide=True)
    if document["level"] == "system":
        yield blocks.Words("What the area shares (wards, the Act's assessors) is under the area's own name.", "note")


def _teams(document: Mapping[str, Any]) -> Iterator[blocks.Block]:
    columns = ("team", "payer", *(one["name"] for one in document["scenarios"]))
    keys = list(dict.fromkeys((row["team"], row["payer"]) for one in document["scenarios"] for row in one["by_team"]))
    rows = [
        (spoken(team), payer(by),
         *(pounds(sum(row["pounds"] for row in one["by_team"] if (row["team"], row["payer"]) == (team, by)))
           for one in document["scenarios"]))
        for team, by in keys
    ]  # fmt: skip
    yield blocks.Table("", columns, rows, words=columns[:2])
    for one in document["scenarios"]:
        if one["not_used"]:
            teams = ", ".join(spoken(team) for team in one["not_used"])
            yield blocks.Words(f"{one['name']}: nobody came to {teams}: they are not costed.", "note")


def _years(document: Mapping[str, Any]) -> Iterator[blocks.Block]:
    years = list(dict.fromkeys(row["year"] for row in document["scenarios"][0]["by_year"]))
    columns = ("scenario", "payer", *years)
    rows = []
    for one in document["scenarios"]:
        for name in dict.fromkeys(row["payer"] for row in one["by_year"]):
            sums = [sum(row["pounds"] for row in one["by_year"] if (row["year"], row["payer"]) == (year, name))
                    for year in years]  # fmt: skip
            rows.append((one["name"], payer(name), *map(pounds, sums)))
    note = "The same activity and posts in the pay and prices of each year."
    yield blocks.Table("", columns, rows, words=columns[:2], note=note)


def _savings(document: Mapping[str, Any]) -> Iterator[blocks.Block]:
    yield blocks.Words(KINDS_NOTE)
    columns = ("scenario", "kind", "line", "payer", "baseline", "scenario's", "saved a year", "±", "why")
    for row in document["per_person"]:
        yield blocks.Words(in_words(row))
    yield blocks.Table(
        "", columns,
        [(row["scenario"], KINDS[row["kind"]], row["line"], payer(row["payer"]), pounds(row["base"]),
          pounds(row["other"]), signed(row["saving"]), pounds(row["half_width"]), row["reason"])
         for row in shown(document["savings"])],
        words=(*columns[:4], "why"),
    )  # fmt: skip


def _standard(document: Mapping[str, Any]) -> Iterator[blocks.Block]:
    yield blocks.Words(
        "Spending on mental health is to grow at least as fast as the commissioner's allocation. Room is what that "
        "leaves beyond the prices of what there was in 2016/17. Only cash counts; the whole room is open to every plan."
    )
    columns = ("scenario", "year", "allocation grows", "standard asks", "as it was", "room", "net cash cost", "left")
    yield blocks.Table(
        f"Share of national spending by {document['by']}", columns,
        [(row["scenario"], row["year"], percent(row["growth"]), short(row["floor"]), short(row["as_it_was"]),
          short(row["room"]), short(row["net_cash"]), short(row["left"])) for row in document["affordability"]],
        words=columns[:2],
    )  # fmt: skip


def _investment(document: Mapping[str, Any]) -> Iterator[blocks.Block]:
    rows = document["investment"]
    years = list(dict.fromkeys(row["year"] for row in rows))
    columns = ("programme", "", *years)
    found: dict[tuple[str, bool], dict[str, int]] = {(row["programme"], row["in_the_billion"]): {} for row in rows}
    for row in rows:
        found[row["programme"], row["in_the_billion"]][row["year"]] = row["pounds"]
    lines = [
        (titled(name), "" if inside else "beside the billion", *(short(values[year]) for year in years))
        for (name, inside), values in sorted(found.items(), key=lambda item: not item[0][1])
    ]
    inside = [sum(row["pounds"] for row in rows if row["in_the_billion"] and row["year"] == year) for year in years]
    lines.append(("The place's share of the billion", "", *(short(value) for value in inside)))
    yield blocks.Table(
        f"Additional money a year, shared by {document['by']}", columns, lines, words=columns[:2],
        strong=frozenset({len(lines) - 1}), note="Cash of the year. It is in allocations: not beside the room above.",
    )  # fmt: skip


def _prices(document: Mapping[str, Any]) -> Iterator[blocks.Block]:
    if document["wards"]:
        columns = ("ward", "occupied days a year", "pounds a day, bottom up", "published")
        yield blocks.Table(
            "A day on a ward, from posts and other costs, beside the published one", columns,
            [(spoken(row["team"]), number(row["bed_days"], 0), pounds(row["pounds_a_day"]), pounds(row["published"]))
             for row in document["wards"]],
            words=columns[:1], note="Wards that stand half empty cost more a day: their staff is that of their beds.",
        )  # fmt: skip
    rows = tables_of(document)["unit_costs"]
    heads = ("unit cost", "pounds", "prices of", "source", "how sure")
    yield blocks.Table(
        "Unit costs", heads,
        [(titled(str(row["title"])), str(row["pounds"]), str(row["price_year"]), str(row["source"]),
          str(row["confidence"])) for row in rows],
        words=(heads[0], *heads[3:]), folded=True,
    )  # fmt: skip


def workbook(document: Mapping[str, Any]) -> bytes:
    """Return the workbook: a sheet a table."""
    book = Book()
    for name, rows in tables_of(document).items():
        if rows:
            columns = [(key, LOOKS.get(key, "text")) for key in rows[0]]
            book.grid(name, columns, [[row[key] for key, _ in columns] for row in rows])
    return book.bytes()


def write(document: Mapping[str, Any], out: Path) -> list[Path]:
    """Write `cost.html`, `cost.xlsx` and one Parquet file a table into a folder and return them."""
    contents = {"cost.html": html(document).encode(), "cost.xlsx": workbook(document)}
    for name, rows in tables_of(document).items():
        if rows:
            contents[f"{name}.parquet"] = as_parquet(pd.DataFrame(rows))
    return write_all(out, contents)
