"""Pounds for each further person reached: people counted once, whatever services see them."""

from __future__ import annotations

from typing import Any

import numpy as np

from experiments.intervals import mean_and_half_width
from experiments.money.case import Case


def reached(case: Case) -> np.ndarray:
    """Return residents seen or admitted by any service of a run, scaled to a year, float64[replication]."""
    table = case.tables["people_reached"]
    mine = table if case.system is None else table[table["system"] == case.system]
    mine = mine[mine["pathways"] != ""]
    counted = mine.groupby("replication")["people"].sum()
    return counted.reindex(range(case.scenario.replications), fill_value=0).to_numpy(float)


def per_extra_person(base: Case, other: Case) -> dict[str, Any]:
    """Return people reached in both, how many more, and pounds for each: none where more people cannot be told."""
    one, two = reached(base), reached(other)
    more = mean_and_half_width(two - one)
    numbers = range(base.scenario.replications)
    costs = [
        case.rows.groupby("replication")["amount"].sum().reindex(numbers).to_numpy(float) for case in (base, other)
    ]
    pounds = mean_and_half_width(costs[1] - costs[0])
    told = more["mean"] > (more["half_width"] or 0.0)
    return {
        "people_base": float(one.mean()), "people_other": float(two.mean()), "more_people": more["mean"],
        "more_people_half_width": more["half_width"], "extra_pounds": pounds["mean"],
        "extra_pounds_half_width": pounds["half_width"],
        "pounds_per_extra_person": pounds["mean"] / more["mean"] if told else None,
    }  # fmt: skip
