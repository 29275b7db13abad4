"""The roadmap: every recruitment, training start and role conversion by quarter, with lead time and owner.

staff simulated month by month → who joins by which route → when each had to begin
posts nobody holds at each year's end → by when a route must begin to fill them, and which can no longer be in time
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from abm import staff_rates
from experiments.board.quarters import MONTHS_A_YEAR, Quarter, quarter
from experiments.board.starts import KINDS, TO_BEGIN, TOO_LATE, actions, dated, late
from experiments.console import Progress
from experiments.run import model_digest
from experiments.staff import establishment
from experiments.staff.counted import TITLES, Counted
from experiments.staff.posts_file import read_posts
from experiments.staff.simulate import frame_of_counts, tallies
from experiments.workforce import waterfall

DECIDED = "2017/18 Q2"
"""The plan was published in July 2017: what begins before was not decided by it"""
JOINING = ("system", "employer", "measure", "role", "month")


def roadmap(
    area: str = "lsc", *, decided: str = DECIDED, posts: Path | None = None, by: str = "people", seed: int = 1,
    replications: int = 1, progress: Progress | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Return the document of `parity roadmap`.

    Parameters
    ----------
    area : an STP, a delivery system by its name, or england
    decided : the first quarter in which something can still be begun
    posts : CSV or Parquet of posts by year (system, team, role, year, posts), in place of the plan's
    by : how the national plan beside it is shared out
    """
    first = quarter(decided, "--from")
    place = waterfall.place_of(area)
    wanted = None if posts is None else read_posts(posts)
    if progress is not None:
        progress(0, None, "Staff, month by month")
    staff, bars = simulated(area, seed, replications, wanted)
    return {
        "place": place.name, "decided": str(first), "seed": seed, "replications": replications,
        "behind": f"staff simulated month by month, seed {seed}, replications {replications}, "
                  f"model {model_digest()[:12]}",
        **made(staff, first, bars, national_share(place.name, by)), "shared_by": by,
    }  # fmt: skip


def simulated(
    area: str, seed: int, replications: int, posts: pd.DataFrame | None = None
) -> tuple[pd.DataFrame, dict[str, float]]:  # fmt: skip
    """Return the staff of an area month by month (`staff_years`), and the bars of their workforce waterfall (means)."""
    rates = staff_rates.read()
    found = establishment.of_area(area, rates)
    if posts is not None:
        found = establishment.with_later(found, posts.to_dict("records"), rates)
    counted = Counted(found, rates, np.array([tallies(found, rates, seed, k) for k in range(replications)]))
    staff = pd.concat([frame_of_counts(found, rates, one, k) for k, one in enumerate(counted.n)], ignore_index=True)
    return staff, {step: float(values.mean()) for step, values in counted.bars().items()}


def made(
    staff: pd.DataFrame, decided: Quarter, bars: Mapping[str, float], national: Mapping[str, int]
) -> dict[str, Any]:  # fmt: skip
    """Return the tables of the roadmap.

    Parameters
    ----------
    staff : `staff_years`
    decided : the first quarter in which something can still be begun
    bars : of the simulated workforce's waterfall, by step
    national : the place's share of the national plan, by step of the workforce waterfall
    """
    rows = dated(joins(staff).to_dict("records"), decided)
    return {
        "rows": rows, "quarters": by_quarter(rows), "late": late(shortages(staff).to_dict("records"), decided),
        "reconciled": reconciled(rows, bars, national), "leads": lead_times(rows),
    }  # fmt: skip


def joins(staff: pd.DataFrame) -> pd.DataFrame:
    """Return who joins, or is kept, by a route that has an action: mean over replications, one row a month."""
    mine = staff[staff["measure"].isin(actions())]
    found = mine.groupby(list(JOINING), observed=True, as_index=False)["value"].sum()
    found["value"] /= staff["replication"].nunique()
    return found


def shortages(staff: pd.DataFrame) -> pd.DataFrame:
    """Return posts nobody holds at the end of each year, by system and role: posts, in_post, short, month."""
    ends = staff[staff["month"] % MONTHS_A_YEAR == MONTHS_A_YEAR - 1]
    stocks = ends[ends["measure"].isin(["posts", "in_post"])]
    found = stocks.pivot_table(
        index=["month", "system", "role"], columns="measure", values="value", aggfunc="sum", fill_value=0.0,
        observed=True,
    ).reset_index()  # fmt: skip
    n = staff["replication"].nunique()
    found = found.assign(posts=found["posts"] / n, in_post=found["in_post"] / n)
    found["short"] = found["posts"] - found["in_post"]
    return found[found["short"] > 0]


def by_quarter(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return one row a quarter, kind, route and role: how many begin and how many are in post."""
    sums: dict[tuple[Any, ...], list[float]] = {}
    for row in rows:
        of = (row["kind"], row["route"], row["role"], row["lead_months"])
        for when, k, value in ((row["start"], 0, row["starts"]), (row["in_post"], 1, row["joins"])):
            sums.setdefault((when, *of), [0.0, 0.0])[k] += value
    return [
        {"quarter": when, "kind": kind, "route": route, "role": role, "lead_months": months, "starts": starts,
         "joins": joined}
        for (when, kind, route, role, months), (starts, joined) in sorted(sums.items())
    ]  # fmt: skip


def reconciled(
    rows: Sequence[Mapping[str, Any]], bars: Mapping[str, float], national: Mapping[str, int]
) -> list[dict[str, Any]]:  # fmt: skip
    """Return one row a bar of the workforce waterfall: on the roadmap, in the waterfall, difference, the plan's share.

    Parameters
    ----------
    bars : the simulated workforce's waterfall by step, changes with their sign
    national : the place's share of the national plan by step
    """
    steps: dict[str, list[str]] = {}
    for measure, action in actions().items():
        steps.setdefault(action["waterfall_step"], []).append(measure)
    found = []
    for step, measures in steps.items():
        on_road = sum(row["joins"] for row in rows if row["measure"] in measures)
        found.append({
            "step": step, "title": TITLES[step], "routes": ", ".join(actions()[name]["title"] for name in measures),
            "on_roadmap": on_road, "waterfall": bars[step], "difference": on_road - bars[step],
            "share_of_plan": national.get(step),
        })  # fmt: skip
    return found


def lead_times(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return one row a route and role on the roadmap: lead time, all who begin and join, first and last start."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        one = found.setdefault((row["route"], row["role"]), {
            "kind": row["kind"], "route": row["route"], "role": row["role"], "lead_months": row["lead_months"],
            "starts": 0.0, "joins": 0.0, "to_begin": 0.0, "first_start": row["start"], "last_start": row["start"],
        })  # fmt: skip
        one["starts"] += row["starts"]
        one["joins"] += row["joins"]
        one["to_begin"] += row["starts"] if row["state"] == TO_BEGIN else 0.0
        one["last_start"] = max(one["last_start"], row["start"])
    return sorted(found.values(), key=lambda one: (KINDS.index(one["kind"]), one["route"], -one["joins"]))


def national_share(place: str, by: str) -> dict[str, int]:
    """Return a place's share of each step of the national plan."""
    found = waterfall.waterfalls(by)
    return next({bar.step: bar.value for bar in bars} for one, bars in found.items() if one.name == place)


def lost(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return one row a system, role and year in which no route can be in time any more: the posts that stay empty."""
    cases: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for row in document["late"]:
        cases.setdefault((row["needed"], row["system"], row["role"]), []).append(row)
    return [
        {"needed": needed, "system": system, "role": role, "short": rows[0]["short"],
         "earliest_in_post": min(row["earliest_in_post"] for row in rows)}
        for (needed, system, role), rows in cases.items() if all(row["state"] == TOO_LATE for row in rows)
    ]  # fmt: skip
