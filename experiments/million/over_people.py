"""Staff and pounds for extra people: what the extra people of a programme took, with the staff that could be had.

Posts worked are hours: what the extra work takes at the hours a post gives.  Staff in post are people: how many more
there were.  The second may be fewer: who was waiting for work in the baseline year has some now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from experiments.intervals import mean_and_half_width
from experiments.million import counting, trajectories
from experiments.million.delivery import ALL, Lived, at_places
from experiments.money.costs import pounds_a_post

MEASURES = ("people", "contacts", "wte", "staff", "pounds")
RATIOS = {"wte_per_1000": ("wte", 1000.0), "staff_per_1000": ("staff", 1000.0), "pounds_a_person": ("pounds", 1.0)}
"""Ratio -> (what is divided by extra people, for how many of them)"""
COLUMNS = (
    "year", "place", "programme", *(f"extra_{name}" for name in MEASURES), *(f"{name}_half_width" for name in MEASURES),
    *RATIOS, *(f"{name}_half_width" for name in RATIOS),
)  # fmt: skip
FEWEST = 30
"""Extra people below which no ratio to them is given: noise"""


def over_people(found: Sequence[Lived], years: Sequence[str], area: str) -> pd.DataFrame:
    """Return one row (`COLUMNS`) a year, place and programme: what is extra to the baseline year, and its ratios.

    `extra_wte` posts worked (ward nurses left out), `extra_staff` people in post, `extra_pounds` what the posts worked
    cost in prices of the year, with on-costs and overheads.  `ALL` sums the programmes that have a trajectory.

    Parameters
    ----------
    found : one a replication
    """
    rows = []
    for year in years:
        numbers = [_extra(at_places(one.base, area), at_places(one.staffed[year], area), year) for one in found]
        for place, programme in sorted({key[:2] for each in numbers for key in each}, key=_sum_first):
            several = {
                measure: [each.get((place, programme, measure), 0.0) for each in numbers]
                for measure in MEASURES if any((place, programme, measure) in each for each in numbers)
            }  # fmt: skip
            rows.append({"year": year, "place": place, "programme": programme, **ratios(several)})
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _sum_first(key: tuple[str, str]) -> tuple[str, bool, str]:
    place, programme = key
    return place, programme != ALL, programme


def ratios(several: Mapping[str, Sequence[float]]) -> dict[str, Any]:
    """Return means over replications and, where there are enough extra people, what one of them or 1,000 took.

    All with 95 % half-widths.  What is not known of a programme stays empty: people in post where it has no rosters.
    """
    known = {name: mean_and_half_width(several[name]) for name in MEASURES if name in several}
    people = known["people"]["mean"] if "people" in known else 0.0
    found: dict[str, float | None] = {}
    for name in MEASURES:
        there = name in known
        found[f"extra_{name}"] = known[name]["mean"] if there else None
        found[f"{name}_half_width"] = known[name]["half_width"] if there else None
    for name, (measure, per) in RATIOS.items():
        found[name] = found[f"{name}_half_width"] = None
        if measure in known and people >= FEWEST:
            found[name] = per * known[measure]["mean"] / people
            if min(several["people"]) >= FEWEST:
                of_each = [per * n / m for n, m in zip(several[measure], several["people"], strict=True)]
                found[f"{name}_half_width"] = mean_and_half_width(of_each)["half_width"]
    return found


def _extra(base: pd.DataFrame, later: pd.DataFrame, year: str) -> dict[tuple[str, str, str], float]:
    """Return (place, programme, measure) -> later less base, both in the year's prices; shared teams by the area."""
    found: dict[tuple[str, str, str], float] = {}
    for sign, frame in ((1.0, later), (-1.0, base)):
        wte = frame[frame["measure"] == "wte"]
        each = {role: pounds_a_post(role, year) for role in wte["role"].unique()}
        pounds = wte.assign(measure="pounds", value=wte["value"] * wte["role"].map(each))
        every = pd.concat([frame[frame["measure"].isin(MEASURES)], pounds])
        every = every[~every["programme"].isin(["", counting.PLAN, counting.ANY])]
        every = every[every["system"] != counting.SHARED]
        plan = every[every["programme"].isin(trajectories.programmes())].assign(programme=ALL)
        sums = pd.concat([every, plan]).groupby(["system", "programme", "measure"])["value"].sum()
        for key, value in sums.items():
            found[key] = found.get(key, 0.0) + sign * float(value)
    return found
