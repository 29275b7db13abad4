"""A comparison as tables for people: figures with half-widths, who waits longer or shorter, where, and the list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from experiments.pairs.people import change_in_words
from experiments.pairs.said import SYNTHETIC, difference, finding, half_width, name_of, noteworthy, value
from experiments.reports.words import count, number, signed, spoken, waiting
from experiments.run_tables import ILLUSTRATIVE

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

WORDS = (
    "what", "of", "state", "group", "person", "most at", "finding", "from", "to", "when", "team", "role", "hours",
    "figure", "",
)  # fmt: skip
SHOWN = 14
"""Routes and teams that the terminal shows; the files hold all"""


def tables(document: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Yield the tables of a `parity compare` document (`docs/compare.md`)."""
    if document["illustrative"]:
        yield ILLUSTRATIVE
    n = document["replications"]
    runs = "1 replication, so no half-widths" if n == 1 else f"{n} replications, half-widths 95 %"
    for one in document["comparisons"]:
        title = f"{one['name']} against {document['base']['name']}: {document['days']} days from {document['start']}"
        yield from _one(f"{title} ({runs})", one)
    yield from _precision(document)
    if document["not_in_results"]:
        yield f"Not in these results: {', '.join(document['not_in_results'])}."
    if document["files"]:
        yield f"Written to {document['files']['document'].parent}: comparison.html, comparison.xlsx and tables"


def _one(title: str, one: Mapping[str, Any]) -> Iterator[RenderableType]:
    yield _figures(title, one["figures"])
    if one["flows"]:
        yield _flows(one["flows"])
    staff = [row for row in one["staff"] if row["verdict"] in ("more", "fewer", "one replication")]
    if staff:
        yield _staff(staff)
    if "people" in one:
        yield SYNTHETIC
        yield one["sentence"] + "\n"
        yield _people(one["people"])
        if one["states"]:
            yield _states(one["states"])
            yield _groups(one["groups"])
        if one["list"]:
            yield _list(one["list"])


def _precision(document: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Say which half-widths are not as narrow as was asked."""
    rows = document["precision"]
    if not rows:
        return
    open_ones = [row for row in rows if not row["met"]]
    yield (
        f"{document['replications']} replications: {document['stopped']}. "
        f"{len(rows) - len(open_ones)} of {len(rows)} half-widths are as narrow as was asked."
    )
    if open_ones:
        table = _table("Not precise enough yet", "what", "of", "asked", "wanted ±", "has ±")
        for row in open_ones[: 2 * SHOWN]:
            by = 100 if row["what"] == "share within" else 1
            has = "" if row["half_width"] is None else number(by * row["half_width"], 2)
            table.add_row(row["what"], name_of(row), row["asked"], number(by * row["wanted"], 2), has)
        yield table


def _table(title: str, *columns: str) -> Table:
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=escape(title), title_justify="left")
    for column in columns:
        table.add_column(column, justify="left" if column in WORDS else "right")
    return table


def _figures(title: str, figures: Sequence[Mapping[str, Any]]) -> Table:
    """Show every headline, and what else differs."""
    table = _table(title, "what", "of", "before", "after", "difference", "±", "finding")
    shown = [row for row in figures if noteworthy(row)]
    for row in shown:
        table.add_row(
            row["title"], name_of(row), value(row, "base"), value(row, "other"), difference(row), half_width(row),
            finding(row),
        )  # fmt: skip
    if len(shown) < len(figures):
        same = sum(row["verdict"] == "the same" for row in figures if row not in shown)
        table.caption = (
            f"{len(figures) - len(shown)} more figures: {same} exactly the same, of the others no difference found."
        )
        table.caption_justify = "left"
    return table


def _flows(flows: Sequence[Mapping[str, Any]]) -> Table:
    table = _table("Routes that gained or lost people", "from", "to", "when", "before", "after", "difference", "±")
    for row in flows[:SHOWN]:
        half = "" if row["half_width"] is None else number(row["half_width"])
        table.add_row(
            spoken(row["from"]), spoken(row["to"]), spoken(row["when"]), count(row["base"]), count(row["other"]),
            signed(row["difference"]), half,
        )  # fmt: skip
    return table


def _staff(rows: Sequence[Mapping[str, Any]]) -> Table:
    table = _table(
        "Hours of staff that differ (not priced)", "team", "role", "hours", "before", "after", "difference", "±"
    )
    for row in sorted(rows, key=lambda row: -abs(row["difference"]))[:SHOWN]:
        half = "" if row["half_width"] is None else number(row["half_width"])
        table.add_row(
            spoken(row["team"]), spoken(row["role"]), row["time"], count(row["base"]), count(row["other"]),
            signed(row["difference"]), half,
        )  # fmt: skip
    return table


def _people(people: Mapping[str, Any]) -> Table:
    named = {
        "longer": "wait longer, all their waits together", "longer_by_a_day": "… by a day or more",
        "shorter": "wait shorter", "shorter_by_a_day": "… by a day or more",
        "seen_now": "seen, and not at all before", "seen_no_longer": "not seen at all any more",
        "otherwise": "touched otherwise (another time or outcome, the same wait)", "untouched": "untouched to the bit",
        "untouched_in_care": "… who came to a service", "residents": "residents",
        "from_elsewhere": "people from elsewhere who are touched",
    }  # fmt: skip
    table = _table("People", "", "people", "±")
    for name, words in named.items():
        half = people[name]["half_width"]
        table.add_row(words, count(people[name]["mean"]), "" if half is None else count(half))
    return table


def _states(states: Sequence[Mapping[str, Any]]) -> Table:
    columns = ("state", "seen in both", "longer", "median", "shorter", "median", "only before", "only after")
    table = _table("Visits, by state", *columns)
    for row in states:
        table.add_row(
            spoken(row["state"]), count(row["seen_in_both"]), count(row["longer"]), _change(row["median_longer_days"]),
            count(row["shorter"]), _change(row["median_shorter_days"]), count(row["seen_in_base_only"]),
            count(row["seen_in_other_only"]),
        )  # fmt: skip
    return table


def _groups(groups: Sequence[Mapping[str, Any]]) -> Table:
    columns = ("group", "residents", "longer", "per 1,000", "shorter", "per 1,000", "median", "seen now", "no longer")
    table = _table("Who they are", *columns)
    before = None
    for row in groups:
        if before not in (None, row["dimension"]):
            table.add_section()
        before = row["dimension"]
        rates = [f"{row[name] or 0:.2f}" for name in ("longer_per_1000", "shorter_per_1000")]
        table.add_row(
            f"{row['dimension']}: {row['group']}", count(row["residents"]), count(row["longer"]), rates[0],
            count(row["shorter"]), rates[1], _change(row["median_change_days"]), count(row["seen_now"]),
            count(row["seen_no_longer"]),
        )  # fmt: skip
    return table


def _list(people: Sequence[Mapping[str, Any]]) -> Table:
    table = _table(
        "Whose waits change most (first replication; synthetic people)",
        "row", "person", "change", "most at", "waited before", "after",
    )  # fmt: skip
    for one in people:
        table.add_row(
            str(one["row"]), f"{one['small_area']}/{one['ordinal']}, {one['sex']}, {one['age']}, {one['system']}",
            _change(one["change_days"]), spoken(one["most_at"]), _waited(one, "base"), _waited(one, "other"),
        )  # fmt: skip
    return table


def _waited(one: Mapping[str, Any], side: str) -> str:
    still = ", still waiting" if one[f"still_waiting_in_{side}"] else ""
    return waiting(one[f"{side}_days"] * 1440) + still


def _change(days: float | None) -> str:
    return "" if days is None else change_in_words(days)
