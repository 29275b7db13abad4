"""The answer of `parity skill-mix` as tables for people, a page with drawings, a workbook and Parquet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from abm.areas import title_of
from experiments import store
from experiments.console import plain
from experiments.reports import blocks
from experiments.reports.page import as_parquet, rendered, write_all
from experiments.reports.words import NOTHING, number, percent, signed, spoken, titled, waiting
from experiments.reports.workbook import Book
from experiments.run_tables import ILLUSTRATIVE
from experiments.skillmix import charts
from experiments.skillmix.mix import MIX, PRESENT, SAME
from experiments.skillmix.problem import WEEKS
from experiments.skillmix.rules import title_of as role
from experiments.skillmix.tidy import LOOKS, SHEETS, sheet_rows

if TYPE_CHECKING:
    from rich.table import Table

NOT_MODELLED = (
    "Not in the cost: redundancy, recruitment, training and the months until somebody is there. Posts are those the "
    "programme asks for, not people who can be had by a date."
)


def mixes_of(document: Mapping[str, Any]) -> list[str]:
    """Return the mixes there are, in order."""
    return [name for name in (PRESENT, SAME, MIX) if name in document["pounds"]]


def headline(document: Mapping[str, Any]) -> str:
    """Return the answer in a few sentences."""
    pounds, names = document["pounds"], mixes_of(document)
    words = [
        f"The cheapest mix that was found costs {money(pounds[MIX])} a year, {money(pounds[PRESENT])} at present; "
        f"{percent(document['registered_share'][MIX])} of its {number(document['wte'][MIX])} posts are registered "
        f"({percent(document['registered_share'][PRESENT])} at present; at least {percent(document['floor'])} asked)."
    ]
    if SAME in names:
        words.append(
            f"Right numbers alone, every task done as now, cost {money(pounds[SAME])}: the mix itself makes "
            f"{money(abs(pounds[SAME] - pounds[MIX]))} a year of "
            f"{'saving' if pounds[MIX] <= pounds[SAME] else 'cost'}."
        )
    elif document["refused"]:
        words.append(f"With every task done as now the standards cannot be met: {document['refused']}.")
        if abs(pounds[SAME] - pounds[MIX]) <= document["allowed_gap"] * pounds[MIX]:
            words.append(no_saving(document))
    for name in names:
        n, all_of = document["not_met"][name], document["n_targets"][name]
        held = "every standard holds" if not n else f"{n} of {all_of} standards do not hold"
        words.append(f"{name.capitalize()}: {held} in {percent(document['assurance'])} of the simulated years.")
    for row in document["outcomes"]:
        counts = ", ".join(f"{number(row[name], 0)} ({name})" for name in names)
        words.append(f"{row['title'].capitalize()} in a year: {counts}.")
    return " ".join(words)


def busy(document: Mapping[str, Any], mix: str) -> float:
    """Return the share of the hours on rosters and in clinics that is work at tasks."""
    there = sum((row[mix] or 0.0) * row["hours_a_week"] for row in document["numbers"]) * WEEKS
    return float(sum(row[mix] for row in document["minutes"])) / 60 / there if there else 0.0


def no_saving(document: Mapping[str, Any]) -> str:
    """Say why a mix saves nothing: most of what is paid for is somebody being free, whoever it is."""
    failed: dict[str, int] = {}
    for row in document["standards"]:
        if row["mix"] == PRESENT and row["years_met"] < document["assurance"]:
            failed[row["place"]] = failed.get(row["place"], 0) + 1
    words = (
        f"The mix saves nothing because {percent(1 - busy(document, MIX))} of its hours are cover: people who are "
        f"there so that whoever comes finds somebody free in time ({percent(1 - busy(document, PRESENT))} at present). "
        "What is saved on minutes of tasks would not take one person off a shift."
    )
    if failed and document["pounds"][MIX] > document["pounds"][PRESENT]:
        at = ", ".join(f"{place} ({n})" for place, n in failed.items())
        words += (
            f" The {money(document['pounds'][MIX] - document['pounds'][PRESENT])} more than at present buy numbers: "
            f"standards that do not hold today, by place: {at}."
        )
    return words


def money(pounds: float) -> str:
    """Return pounds as millions."""
    return f"£{pounds / 1e6:,.2f}m"


def tables(document: Mapping[str, Any]) -> Iterator[Table | str]:
    """Yield the answer for people."""
    from rich.table import Table

    if document["illustrative"]:
        yield ILLUSTRATIVE
    names = mixes_of(document)
    where = document["system"] or title_of(document["area"])
    table = Table(title=f"Skill mix of {spoken(document['service'])}, {where}: posts (WTE)", title_justify="left")
    table.add_column("role")
    for name in (*names, "can be had"):
        table.add_column(name, justify="right")
    for row in document["roles"]:
        table.add_row(role(row["role"]), *(number(row[name]) for name in names), number(row["supply"]))
    for title, key, form in (
        ("all", "wte", number),
        ("registered", "registered_share", percent),
        ("a year", "pounds", money),
    ):
        table.add_row(title, *(form(document[key][name]) for name in names), "", style="bold")
    yield table
    table = Table(title="What is done otherwise", title_justify="left")
    for column in ("task", "instead", "share", "at most"):
        table.add_column(column, justify="right" if column in ("share", "at most") else "left")
    for row in document["shares"]:
        to = role(row["to"]) if row["what"] == "another role" else spoken(row["to"])
        table.add_row(spoken(row["task"]), to, percent(row["share"]), percent(row["at_most"]))
    yield table
    table = Table(title="The frontier", title_justify="left")
    for column in ("time allowed", "registered", "a year", "mean wait", "not met", ""):
        table.add_column(column, justify="right")
    for row in document["frontier"]:
        table.add_row(*point(row))
    yield table
    yield headline(document)
    yield NOT_MODELLED
    if document.get("written"):
        yield f"Written: {', '.join(str(path) for path in document['written'])}"


def point(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Return a point of the frontier as finished text."""
    if "refused" in row:
        return (f"× {row['wait_factor']:g}", f"≥ {percent(row['floor'])}", NOTHING, NOTHING, NOTHING, row["refused"])
    last = "beaten" if row["beaten"] else "on the frontier"
    if row.get("own_time"):
        last += f"; the standard's own time: {', '.join(role(one) for one in row['own_time'].split(', '))}"
    return (
        f"× {row['wait_factor']:g}", percent(row["registered_share"]), money(row["pounds"]),
        waiting(row["wait_minutes"]), f"{row['not_met']} of {row['targets']}", last,
    )  # fmt: skip


def html(document: Mapping[str, Any]) -> str:
    """Return the page."""
    where = document["system"] or title_of(document["area"])
    first = [blocks.Words(ILLUSTRATIVE, "warning")] if document["illustrative"] else []
    warned = [name for name in mixes_of(document) if document["not_met"][name] and name != PRESENT]
    first += [
        blocks.Words(
            f"{name.capitalize()}: not all standards hold, after {len(_rounds(document, name))} rounds.", "warning"
        ) for name in warned
    ]  # fmt: skip
    sections = [
        blocks.Section("answer", "The answer", [*first, blocks.Words(headline(document)), _roles(document),
                                                blocks.Words(NOT_MODELLED, "note")]),
        blocks.Section("otherwise", "What is done otherwise, and by whom", [_shares(document), _minutes(document)]),
        blocks.Section("numbers", "Teams, place by place", [_numbers(document)]),
        blocks.Section(
            "check", "Checked by simulation", [_people(document), _standards(document), _rounds_table(document)]
        ),
        blocks.Section("frontier", "Cost against wait against registered share", [_frontier(document)]),
        blocks.Section("sources", "Where the limits are from", [sources(document)]),
    ]  # fmt: skip
    return rendered(
        sections, title=f"Skill mix: {spoken(document['service'])}", kind="The cheapest mix that meets the standards",
        heading=f"{titled(document['service'])}: {where}",
        scenario=f"{document['scenario']}; {document['replications']} simulated years of each mix; pay of "
        f"{document['year']}",
        numbers_in="skill-mix.xlsx",
    )  # fmt: skip


def _roles(document: Mapping[str, Any]) -> blocks.Figure:
    names = mixes_of(document)
    rows = [
        (role(row["role"]), "yes" if row["registered"] else "no", f"£{row['pounds_a_post']:,.0f}",
         *(number(row[name]) for name in names), number(row["supply"]))
        for row in document["roles"]
    ]  # fmt: skip
    for title, key, form in (
        ("All", "wte", number),
        ("Registered", "registered_share", percent),
        ("A year", "pounds", money),
    ):
        rows.append((title, "", "", *(form(document[key][name]) for name in names), ""))
    columns = ("role", "registered", "pounds a post", *names, "can be had")
    table = blocks.Table("Posts (WTE)", columns, rows, words=("role", "registered"),
                         strong=frozenset(range(len(rows) - 3, len(rows))))  # fmt: skip
    return blocks.Figure("Posts by role", charts.posts(document, names), table, wide=True)


def _shares(document: Mapping[str, Any]) -> blocks.Table:
    rows = [
        (titled(row["task"].partition("/")[2]), row["what"],
         role(row["to"]) if row["what"] == "another role" else spoken(row["to"].partition("/")[2]),
         percent(row["share"]), percent(row["at_most"]))
        for row in document["shares"]
    ]  # fmt: skip
    columns = ("task", "what", "instead", "share of people", "at most")
    return blocks.Table("Shares of those who come", columns, rows, words=columns[:3],
                        note="At most: the table's share of those whom a change of routes reaches.")  # fmt: skip


def _minutes(document: Mapping[str, Any]) -> blocks.Table:
    rows = [
        (titled(row["task"].partition("/")[2]), role(row["role"]), number(row["people"], 0),
         number(row[PRESENT] / 60, 0), number(row["people_mix"], 0), number(row[MIX] / 60, 0))
        for row in document["minutes"]
    ]  # fmt: skip
    columns = ("task", "role", "people a year", "hours a year", "people, mix", "hours, mix")
    return blocks.Table("Work by task and role", columns, rows, words=columns[:2])


def _numbers(document: Mapping[str, Any]) -> blocks.Table:
    rows = [
        (spoken(row["team"].partition("/")[2]), row["place"], role(row["role"]),
         row["hours"] or "holds courses", number(row[PRESENT], 0), number(row[SAME], 0), number(row[MIX], 0))
        for row in document["numbers"]
    ]  # fmt: skip
    columns = ("team", "place", "role", "hours", PRESENT, SAME, MIX)
    return blocks.Table("People on shift together, or who hold courses", columns, rows, words=columns[:4], folded=True)


def _standards(document: Mapping[str, Any]) -> blocks.Table:
    names = mixes_of(document)
    found: dict[tuple[str, str], dict[str, Mapping[str, Any]]] = {}
    for row in document["standards"]:
        found.setdefault((row["place"], row["target"]), {})[row["mix"]] = row
    rows = []
    for (place, target), by_mix in found.items():
        one = next(iter(by_mix.values()))
        cells = [
            f"{percent(by_mix[name]['value'])} ({percent(by_mix[name]['years_met'])})" if name in by_mix else NOTHING
            for name in names
        ]
        bound = f"{'≥' if one['at_least'] else '≤'} {percent(one['bound'])}"
        rows.append((place, spoken(target.rpartition("/")[2]), bound, *cells))
    columns = ("place", "standard", "bound", *names)
    return blocks.Table(
        "Standards: mean of the years (share of years met)", columns, rows, words=columns[:2], folded=True
    )


def _people(document: Mapping[str, Any]) -> blocks.Table:
    names = mixes_of(document)
    rows = [
        (titled(row["state"].partition("/")[2]), *(number(row[name], 0) for name in names),
         signed(row[MIX] - row[PRESENT], 0))
        for row in document["people"] if max(row[name] for name in names) >= 1
    ]  # fmt: skip
    columns = ("state", *names, "mix less present")
    return blocks.Table("People a year through each state", columns, rows, words=columns[:1],
                        note="The same people and luck in all mixes. A mix that saves may help fewer: read the ends.",
    )  # fmt: skip


def _rounds(document: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    return [row for row in document["rounds"] if row["mix"] == name]


def _rounds_table(document: Mapping[str, Any]) -> blocks.Table:
    rows = [
        (row["mix"], str(row["round"]), money(row["pounds"]), percent(row["registered_share"]),
         f"{row['failing']} of {row['targets']}")
        for row in document["rounds"]
    ]  # fmt: skip
    columns = ("mix", "round", "a year", "registered", "standards not met")
    return blocks.Table(
        "Rounds of solving, simulating and raising margins", columns, rows, words=columns[:1], folded=True
    )


def _frontier(document: Mapping[str, Any]) -> blocks.Figure:
    columns = ("time standards allow", "registered", "a year", "mean wait", "standards not met", "")
    table = blocks.Table("Points", columns, [point(row) for row in document["frontier"]], words=("",))
    return blocks.Figure(
        "Each point is the cheapest mix for one registered share and one time allowed", charts.frontier(document),
        table, wide=True,
        note="Beaten (hollow): another point is no dearer, no slower, no less registered and fails no more standards. "
        "Waits are simulated. A role of which too few can be had for a shorter time keeps the standard's own, and is "
        "named.",
    )  # fmt: skip


def sources(document: Mapping[str, Any]) -> blocks.Table:
    """Return the table of limits, each with its source."""
    columns = ("table", "about", "says", "where it is from", "how sure")
    rows = [
        (row["table"], spoken(row["about"]), row["says"], row["source"], row["confidence"])
        for row in document["sources"]
    ]
    return blocks.Table("Limits", columns, rows, words=columns)


def workbook(document: Mapping[str, Any]) -> bytes:
    """Return the workbook: a sheet a table of the document."""
    book = Book()
    for name in SHEETS:
        rows = sheet_rows(document, name)
        keys = list(dict.fromkeys(key for row in rows for key in row))
        columns = [(key, LOOKS.get(key, "text")) for key in keys]
        book.grid(name, columns, [[plain(row.get(key)) for key in keys] for row in rows])
    return book.bytes()


def write(document: Mapping[str, Any], out: Path) -> list[Path]:
    """Write the page, the workbook, a Parquet file a table, the document and the mix as a scenario; return them."""
    from experiments.skillmix.tidy import scenario_toml

    contents = {
        "skill-mix.html": html(document).encode(), "skill-mix.xlsx": workbook(document),
        "skill-mix.json": store.as_json(document), "skill-mix.toml": scenario_toml(document).encode(),
    }  # fmt: skip
    for name in SHEETS:
        contents[f"{name}.parquet"] = as_parquet(pd.DataFrame(sheet_rows(document, name)))
    return write_all(out, contents)
