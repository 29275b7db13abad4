"""Was the warm-up long enough?  Waiting lists and caseloads that still grow or fall are named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import stats

if TYPE_CHECKING:
    from experiments.baseline import Results

BLOCK_DAYS = 28  # weeks repeat; four of them smooth out what is no trend
LEAST_BLOCKS = 4
LEAST_CHANGE = 0.10  # of the mean: less does not move a figure that is read
LEAST_PEOPLE = 5.0  # lists of a handful have no trend worth telling


def trends(results: Results) -> dict[str, Any]:
    """Return the waiting lists and caseloads with a trend beyond its own half-width.

    Means of four weeks, replications averaged,
    a straight line through them: its change over the window is held
    against the half-width of that change, at 95 % for all lists and caseloads together (Bonferroni),
    else one in
    twenty steady ones would be named.  `enough_days` is false where the window is too short to tell.
    """
    waiting = results.tables["waiting_daily"].assign(
        what=lambda table: "waiting: " + table["pathway"] + " @ " + table["place"],
        number=lambda table: table["waiting"],
    )
    caseload = results.tables["occupancy_daily"].assign(
        what=lambda table: "caseload: " + table["unit"], number=lambda table: table["taken"]
    )
    columns = ["what", "day", "number"]
    daily = pd.concat([waiting[columns], caseload[columns]]).groupby(["what", "day"], sort=True)["number"].sum()
    enough = results.facts["days"] >= BLOCK_DAYS * LEAST_BLOCKS
    rows = []
    n_series = daily.index.get_level_values("what").nunique()
    for what, numbers in daily.groupby(level="what") if enough else ():
        found = trend(numbers.to_numpy(dtype=float) / results.replications, confidence=1 - 0.05 / n_series)
        if (
            abs(found["change"]) > found["half_width"]
            and found["mean"] >= LEAST_PEOPLE
            and abs(found["change"]) > LEAST_CHANGE * found["mean"]
        ):
            rows.append({"what": what, **found})
    rows.sort(key=lambda row: -abs(row["change"]) / row["mean"])
    return {"enough_days": enough, "steady": enough and not rows, "trends": rows}


def trend(daily: np.ndarray, confidence: float = 0.95) -> dict[str, float]:
    """Return mean, change over the window and the half-width of the change, from means of four weeks."""
    n = len(daily) // BLOCK_DAYS
    blocks = daily[: n * BLOCK_DAYS].reshape(n, BLOCK_DAYS).mean(axis=1)
    line = stats.linregress(np.arange(n), blocks)
    span = n - 1
    half = float(stats.t.ppf(0.5 + confidence / 2, n - 2)) * float(line.stderr) * span
    return {"mean": float(blocks.mean()), "change": float(line.slope) * span, "half_width": half}
