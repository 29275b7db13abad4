"""What pathways send each other, carried from a run to England by rates: referrals sent for each one received.

England receives in each pathway what is published (× carried back).  Of each referral received a share is sent on, as
in the run; what arrives from other pathways is taken off the doors.  That changes a little who comes, so the run is
repeated until the flows stand still.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from abm import tables
from abm.internal_referrals import Flows, external, sent
from abm.setting import every_pathway
from experiments.services.counting import Counts
from pathways.specs import PathwaySpec

COLUMNS = ("from_pathway", "to_pathway", "referrals", "kept", "source", "confidence")
SETTLED = 0.02
"""Flows stand still when none changes by more than this share of what a pathway receives."""
LEAST = 0.5
"""Referrals a year in England below which a flow is not written."""


def rates(counts: Counts) -> np.ndarray:
    """Return how many referrals are sent on for each one received, float64[from, to]."""
    return counts.sent / np.maximum(counts.received, 1e-9)[:, None]


def kept(folder: Path = tables.FOLDER) -> Flows:
    """Return the flows that are not counted anew where only a part of the system is open."""
    rows = tables.read("internal_referrals", folder)
    return {(r["from_pathway"], r["to_pathway"]): float(r["referrals"]) for r in rows if r["kept"] == "yes"}


def flows_of(specs: Mapping[str, PathwaySpec], counts: Counts, folder: Path = tables.FOLDER) -> Flows:
    """Return what open pathways send each other, England, referrals a year.

    Flows that are kept stay as they are, unless the whole library is open.
    """
    names, rate = list(specs), rates(counts)
    total = england_received(specs, counts)
    found = {
        (origin, to): float(rate[i, j] * total[i])
        for i, origin in enumerate(names) for j, to in enumerate(names)
        if i != j and rate[i, j] * total[i] >= LEAST and specs[to].demand is not None
    }  # fmt: skip
    if set(every_pathway()) <= set(specs):
        return found
    fixed = kept(folder)
    settled_among = {name for pair in fixed for name in pair}
    return {pair: n for pair, n in found.items() if not set(pair) <= settled_among} | {
        pair: n for pair, n in fixed.items() if set(pair) <= set(names)
    }


def england_received(specs: Mapping[str, PathwaySpec], counts: Counts) -> np.ndarray:
    """Return what each pathway receives in England a year, float64[pathway]: published, or (none) what others send."""
    total = np.array([spec.demand.received if spec.demand else 0.0 for spec in specs.values()])
    open_ended = np.array([spec.demand is None for spec in specs.values()])
    rate = rates(counts)
    for _ in range(20):  # those without a published count may send each other too
        total = np.where(open_ended, total @ rate, total)
    return total


def modelled_received(specs: Mapping[str, PathwaySpec], counts: Counts, flows: Flows) -> np.ndarray:
    """Return what England receives a year in the model, float64[pathway]: doors, and all that follows from them.

    The solution of T = doors + T × rates.
    """
    doors = external(specs, flows)
    outside = np.array([doors.get(name, 0.0) for name in specs])
    rate = rates(counts).copy()
    np.fill_diagonal(rate, 0.0)
    return np.linalg.solve(np.eye(len(outside)) - rate.T, outside)


def settled(specs: Mapping[str, PathwaySpec], before: Flows, after: Flows) -> bool:
    """Say whether two rounds give the same flows."""
    pairs = set(before) | set(after)
    return all(
        abs(before.get(pair, 0.0) - after.get(pair, 0.0)) <= SETTLED * max(specs[pair[1]].demand.received, 1.0)  # type: ignore[union-attr]
        for pair in pairs if pair[1] in specs and specs[pair[1]].demand
    )  # fmt: skip


def fixed_point(
    specs: Mapping[str, PathwaySpec], run: Callable[[Flows], Counts], rounds: int, folder: Path = tables.FOLDER
) -> tuple[Counts, Flows, Flows]:
    """Run and count until the flows stand still; return the last counts, the flows they were run with, the new ones.

    Raises
    ------
    InputError
        If pathways send more than another's whole demand, with the flows.
    """
    flows = {pair: n for pair, n in sent(specs, folder).items() if set(pair) <= set(specs)}
    counts = run(flows)
    after = flows_of(specs, counts, folder)
    for _ in range(rounds - 1):
        external(specs, after)
        if settled(specs, flows, after):
            break
        flows = after
        counts = run(flows)
        after = flows_of(specs, counts, folder)
    external(specs, after)
    return counts, flows, after


def table(flows: Flows, area: str, folder: Path = tables.FOLDER) -> str:
    """Return the text of `internal_referrals.csv` with these flows; rows that are kept, and those of others, stay."""
    touched = {name for pair in flows for name in pair}
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    rows = tables.read("internal_referrals", folder)
    stay = [r for r in rows if r["kept"] == "yes" or not {r["from_pathway"], r["to_pathway"]} <= touched]
    writer.writerows(stay)
    for origin, to in sorted(flows):
        writer.writerow({
            "from_pathway": origin, "to_pathway": to, "referrals": f"{flows[origin, to]:.0f}", "kept": "no",
            "source": f"counted in a year of {area}: sent on for each referral received, × England's referrals",
            "confidence": "constructed",
        })  # fmt: skip
    return out.getvalue()
