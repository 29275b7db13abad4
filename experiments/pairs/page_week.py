"""The week on the page: when breaches and waits differ, by hour of the week in which somebody began to wait."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import numpy as np

from experiments.pairs.difference_charts import week_of_differences
from experiments.pairs.figures import BREACHES
from experiments.reports.blocks import Block, Figure, Group, Table
from experiments.reports.words import DAYS_OF_WEEK, number, signed, spoken, titled, waiting

MOST = 6
"""Maps of each kind: those in which most differs"""


def weeks(one: Mapping[str, Any]) -> list[Block]:
    """Return the maps of the clocks and the waits that differ most."""
    maps = [list(rows) for _, rows in groupby(one["by_hour"], key=lambda row: (row["what"], row["pathway"], row["of"]))]
    breaches = [rows for rows in maps if rows[0]["what"] == BREACHES]
    waits = [rows for rows in maps if rows[0]["what"] != BREACHES]
    found: list[Block] = []
    for chosen, title, note in (
        (breaches, "Breaches", "breaches of the standard by the hour in which the clock started, in the whole window"),
        (waits, "Waits", "mean wait in minutes of those seen, by the hour in which they began to wait"),
    ):
        chosen = sorted(chosen, key=_weight, reverse=True)[:MOST]
        if chosen:
            found.append(Group(title, [_map(rows, title == "Waits") for rows in chosen], note=note))
    return found


def _weight(rows: Sequence[Mapping[str, Any]]) -> tuple[int, float]:
    return sum(row["differs"] is True for row in rows), abs(sum(row["all_difference"] for row in rows))


def _map(rows: Sequence[Mapping[str, Any]], of_waits: bool) -> Figure:
    first = rows[0]
    title = titled(f"{first['pathway']}/{first['of']}")
    difference = np.array([row["difference"] for row in rows]).reshape(7, -1)
    differs = np.array([row["differs"] is not False for row in rows]).reshape(7, -1)
    size = float(np.abs(difference).max())
    most = waiting(size) if of_waits else number(size)
    hours = int(first["hours"])
    heads = [f"{h:02d}" if hours == 1 else f"{h:02d}–{h + hours:02d}" for h in range(0, 24, hours)]
    words = [[signed(value) for value in day] for day in difference]
    table = Table(
        "", ("", *heads), [(day, *cells) for day, cells in zip(DAYS_OF_WEEK, words, strict=True)], words=("",)
    )
    total = sum(row["all_difference"] for row in rows)
    note = f"{signed(total / 60)} hours of waiting in all" if of_waits else f"{signed(total)} breaches in all"
    clear = int(sum(row["differs"] is True for row in rows))
    note += f"; {clear} of {len(rows)} parts of the week differ beyond chance" if first["differs"] is not None else ""
    label = f"{spoken(title)}: difference by hour of the week, at most {most}"
    return Figure(title, week_of_differences(difference, differs, most, label), table, note=note)
