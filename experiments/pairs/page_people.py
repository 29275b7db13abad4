"""The people on the page of a comparison: who gains, who loses, described by group; all of them synthetic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from experiments.pairs.difference_charts import gained_and_lost
from experiments.pairs.people import change_in_words
from experiments.pairs.said import SYNTHETIC
from experiments.reports.blocks import Block, Figure, Table, Words
from experiments.reports.words import count, number, spoken, waiting


def blocks(one: Mapping[str, Any]) -> list[Block]:
    """Return the words, drawings and tables of the people, none if they were not asked for."""
    if "people" not in one:
        return []
    found: list[Block] = [Words(SYNTHETIC, "note"), Words(one["sentence"])]
    if not one["states"]:
        return found
    found.append(_groups(one))
    found.append(_states(one))
    if one["during_stays"]:
        found.append(_during(one))
    if one["list"]:
        found.append(_listed(one))
    return found


def _groups(one: Mapping[str, Any]) -> Figure:
    groups = one["groups"]
    rows = []
    for row in groups:
        n = row["residents"]
        if n:
            half = {
                name: None if row[f"{name}_half_width"] is None else 1000 * row[f"{name}_half_width"] / n
                for name in ("longer", "shorter")
            }
            rows.append({
                "dimension": row["dimension"], "group": f"{row['dimension']}: {row['group']}",
                "longer": row["longer_per_1000"], "shorter": row["shorter_per_1000"], "longer_half": half["longer"],
                "shorter_half": half["shorter"],
            })  # fmt: skip
    title = "Who waits shorter, who waits longer, in a thousand residents of each group"
    columns = ("group", "residents", "longer", "a thousand", "shorter", "a thousand", "median", "seen now", "no longer")
    table = Table(
        "", columns,
        [(f"{row['dimension']}: {row['group']}", count(row["residents"]), number(row["longer"]),
          number(row["longer_per_1000"], 2), number(row["shorter"]), number(row["shorter_per_1000"], 2),
          _change(row["median_change_days"]), number(row["seen_now"]), number(row["seen_no_longer"]))
         for row in groups],
        words=("group",),
    )  # fmt: skip
    note = "lines are 95 % half-widths; somebody with two conditions is in both rows"
    return Figure(title, gained_and_lost(rows, title), table, note=note, wide=True)


def _states(one: Mapping[str, Any]) -> Table:
    columns = ("state", "seen in both", "longer", "median", "shorter", "median", "only reference", "only scenario")
    return Table(
        "Where their waits change", columns,
        [(spoken(row["state"]), count(row["seen_in_both"]), number(row["longer"]), _change(row["median_longer_days"]),
          number(row["shorter"]), _change(row["median_shorter_days"]), number(row["seen_in_base_only"]),
          number(row["seen_in_other_only"])) for row in one["states"]],
        words=("state",),
    )  # fmt: skip


def _during(one: Mapping[str, Any]) -> Table:
    columns = (
        "visits", "made, reference", "made, scenario", "not made, reference", "not made, scenario", "people with more",
        "people with fewer",
    )  # fmt: skip
    keys = ("made_base", "made_other", "not_made_base", "not_made_other", "people_more", "people_fewer")
    return Table(
        "Visits during stays", columns,
        [(spoken(row["state"]), *(number(row[key]) for key in keys)) for row in one["during_stays"]],
        words=("visits",), folded=True,
    )  # fmt: skip


def _listed(one: Mapping[str, Any]) -> Table:
    def waited(row: Mapping[str, Any], side: str) -> str:
        return waiting(row[f"{side}_days"] * 1440) + (", still waiting" if row[f"still_waiting_in_{side}"] else "")

    return Table(
        "Synthetic people whose waits change most (first replication)",
        ("row", "person", "change", "most at", "waited, reference", "waited, scenario"),
        [(str(row["row"]), f"{row['small_area']}/{row['ordinal']}, {row['sex']}, {row['age']}, {row['system']}",
          _change(row["change_days"]), spoken(row["most_at"]), waited(row, "base"), waited(row, "other"))
         for row in one["list"]],
        words=("person", "most at"), folded=True,
    )  # fmt: skip


def _change(days: float | None) -> str:
    return "" if days is None else change_in_words(days)
