"""The top five questions: the inputs that drive the gap most, and what knowing each would be worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from experiments.risk.gap import GAPS, Gap
from experiments.risk.sensitivity import agreement, sobol, tornado
from experiments.risk.value import Decision, Known, when_known

BASE_SAMPLE = 1024
"""Of the Sobol indices: the model is computed for so many × (inputs + 2) sets"""
TOP = 5


def indices(gap: Gap, others: Sequence[Gap], place: str, seed: int, n: int = BASE_SAMPLE) -> list[dict[str, Any]]:
    """Return one row an outcome and input (luck among them): Sobol indices with their half-widths."""
    rows = []
    for outcome in GAPS:
        names = gap.joint.names
        found = sobol(names, gap.of(outcome, place), n, seed, [other.of(outcome, place) for other in others])
        rows += [
            {"outcome": outcome, "input": name, "first": found.first[k], "first_half_width": found.first_half_width[k],
             "total": found.total[k], "total_half_width": found.total_half_width[k],
             "half_width_of_surrogate": found.of_surrogate[k]}
            for k, name in enumerate(names)
        ]  # fmt: skip
    return rows


def swings(gap: Gap, place: str) -> list[dict[str, Any]]:
    """Return one row an outcome and input, widest first: the gap with the input low and high, all else at medians."""
    rows: list[dict[str, Any]] = []
    for outcome in GAPS:
        middle, found = tornado(len(gap.joint.names), gap.of(outcome, place))
        mine: list[dict[str, Any]] = [
            {"outcome": outcome, "input": one.name, "middle": middle, "gap_if_low": found[k].low,
             "gap_if_high": found[k].high, "width": found[k].width, "low": float(one.law.quantile(0.1)),
             "high": float(one.law.quantile(0.9))}
            for k, one in enumerate(gap.inputs.inputs)
        ]  # fmt: skip
        rows += sorted(mine, key=lambda row: -row["width"])
    return rows


def worth(gap: Gap, place: str, seed: int, decision: Decision) -> list[dict[str, Any]]:
    """Return one row an outcome and input: what is left open when it is known; of posts, what a plan then saves."""
    rows = []
    for outcome in GAPS:
        for k, one in enumerate(gap.inputs.inputs):
            known = when_known(gap.joint, gap.of(outcome, place), [k], seed, decision if outcome == GAPS[0] else None)
            rows.append(
                {"outcome": outcome, "input": one.name, "spread": known.spread, "spread_known": known.spread_known,
                 "narrower": known.narrower, "share": known.share, "evppi_pounds": known.evppi}
            )  # fmt: skip
    return rows


def top(
    gap: Gap, place: str, seed: int, decision: Decision,
    sensitivity: Sequence[Mapping[str, Any]], values: Sequence[Mapping[str, Any]], n: int = TOP,
) -> tuple[list[dict[str, Any]], dict[str, Any]]:  # fmt: skip
    """Return the top questions, and what knowing the answers to all of them would leave open.

    Ranked by the total index of the gap in posts, which no assumed correlation moves; beside it the value of knowing
    the answer, what goes together with it included, and the rank by that.
    """
    by = {(row["outcome"], row["input"]): row for row in values}
    total = {(row["outcome"], row["input"]): row for row in sensitivity}
    names = [one.name for one in gap.inputs.inputs]
    posts, pounds = GAPS
    ordered = sorted(names, key=lambda name: -total[posts, name]["total"])
    by_value = sorted(names, key=lambda name: -by[posts, name]["share"])
    rows = [
        {"rank": i + 1, "input": name, "title": gap.inputs.named(name).title,
         "question": gap.inputs.named(name).question, "share_of_variance": by[posts, name]["share"],
         "posts_narrower": by[posts, name]["narrower"], "pounds_narrower": by[pounds, name]["narrower"],
         "evppi_pounds": by[posts, name]["evppi_pounds"], "total_index": total[posts, name]["total"],
         "total_half_width": total[posts, name]["total_half_width"], "rank_by_value": by_value.index(name) + 1}
        for i, name in enumerate(ordered[:n])
    ]  # fmt: skip
    together = [names.index(name) for name in ordered[:n]]
    known: dict[str, Known] = {}
    for outcome in GAPS:
        chosen = decision if outcome == posts else None
        known[outcome] = when_known(gap.joint, gap.of(outcome, place), together, seed, chosen, outer=64)
    return rows, {
        "spread_posts": known[posts].spread, "spread_posts_known": known[posts].spread_known,
        "spread_pounds": known[pounds].spread, "spread_pounds_known": known[pounds].spread_known,
        "evppi_pounds": known[posts].evppi,
    }  # fmt: skip


def rankings(
    gap: Gap, sensitivity: Sequence[Mapping[str, Any]], values: Sequence[Mapping[str, Any]],
    tornado_rows: Sequence[Mapping[str, Any]],
) -> list[dict[str, Any]]:  # fmt: skip
    """Return Spearman's rank correlation of every two ways to rank the inputs, by outcome."""
    names = [one.name for one in gap.inputs.inputs]
    found = []
    for outcome in GAPS:
        ways = {"total index": (sensitivity, "total"), "value of knowing": (values, "share"),
                "tornado": (tornado_rows, "width")}  # fmt: skip
        columns = {}
        for way, (rows, what) in ways.items():
            of = {row["input"]: row[what] for row in rows if row["outcome"] == outcome}
            columns[way] = np.array([of[name] for name in names])
        found += [
            {"outcome": outcome, "ways": ways_of, "rank_correlation": value}
            for ways_of, value in agreement(columns).items()
        ]
    return found
