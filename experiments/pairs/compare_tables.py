"""A comparison as tables for people: figures with half-widths, who waits longer or shorter, where, and the list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from experiments.pairs.compare import change_in_words
from experiments.pairs.side import CLOCK, REACHED
from experiments.reports.words import count, percent, signed, spoken, waiting
from experiments.run_tables import ILLUSTRATIVE

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

WORDS = ("what", "of", "state", "group", "person", "most at", "")
NOTICEABLE = 0.5
"""Minutes of a mean wait, or people, below which a difference is not shown"""
SYNTHETIC = "People are synthetic: made from published tables; the same people and the same luck in both scenarios."


def tables(document: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Yield the tables of a `parity compare` document (`docs/compare.md`)."""
    if document["illustrative"]:
        yield ILLUSTRATIVE
    base, other = document["base"]["name"], document["other"]["name"]
    n = document["replications"]
    runs = "1 replication, so no half-widths" if n == 1 else f"{n} replications, half-widths 95 %"
    title = f"{other} against {base}: {document['days']} days from {document['start']} ({runs})"
    yield _figures(title, document["figures"])
    if "people" in document:
        yield SYNTHETIC
        yield document["sentence"] + "\n"
        yield _people(document["people"])
        if document["states"]:
            yield _states(document["states"])
            yield _groups(document["groups"])
        if document["list"]:
            yield _list(document["list"])
    if document["files"]:
        yield f"Written to {document['files']['document'].parent}"


def _table(title: str, *columns: str) -> Table:
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=escape(title), title_justify="left")
    for column in columns:
        table.add_column(column, justify="left" if column in WORDS else "right")
    return table


def _figures(title: str, figures: Sequence[Mapping[str, Any]]) -> Table:
    """Show every clock, and what else differs."""
    table = _table(title, "what", "of", "before", "after", "difference", "±")
    same = 0
    for row in figures:
        if row["what"] != CLOCK and abs(row["difference"]) < NOTICEABLE:
            same += 1
            continue
        name = spoken(f"{row['pathway']}/{row['of']}" if row["of"] else row["pathway"])
        if row["what"] == CLOCK:
            shown = [percent(row["base"]), percent(row["other"])]
            apart = [signed(100 * row["difference"], 2) + " points", _half(row, 100, 2)]
        elif row["what"] == REACHED:
            shown, apart = [count(row["base"]), count(row["other"])], [signed(row["difference"]), _half(row, 1, 1)]
        else:
            shown = [waiting(row["base"]), waiting(row["other"])]
            apart = [signed(row["difference"]) + " min", _half(row, 1, 1)]
        table.add_row(row["what"], name, *shown, *apart)
    if same:
        table.caption = (
            f"{same} more waits and counts differ by less than {NOTICEABLE:g} minutes or people, or not at all."
        )
        table.caption_justify = "left"
    return table


def _half(row: Mapping[str, Any], by: float, digits: int) -> str:
    return "" if row["half_width"] is None else f"{by * row['half_width']:.{digits}f}"


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
