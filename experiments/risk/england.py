"""England from a few STPs: each simulated point is lived in one of them and carried to England as a ratio.

The STPs are drawn systematically along the order of deprivation with probability proportional to residents (Cochran
1977, Sampling Techniques, ch. 9A), so that each stands for as many people.  What a point says is a ratio: posts asked
for over the same STP's posts in the baseline year, staff over its posts at the start; England's baseline is the mean of
posts a resident over the sample, times its residents.  How STPs differ stays in the surrogate's error.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np

from abm import areas, tables
from experiments.risk.gap import MEASURES, START, Key
from experiments.risk.simulated import Answer, Point
from experiments.workforce import apportion

N_STPS = 3
BASELINE_SEED = 1
Simulate = Callable[[Point], Answer]


@cache
def sample(n: int = N_STPS) -> tuple[str, ...]:
    """Return the STPs that stand for England; L&SC, whose teams are its own and not a share of the plan, is none."""
    people = residents()
    score = {row["area"]: float(row["imd_score"]) for row in tables.read("areas")}
    ordered = sorted((area for area in people if area != areas.LSC), key=lambda area: (score[area], area))
    ends = np.cumsum([people[area] for area in ordered])
    at = (np.arange(n) + 0.5) / n * ends[-1]
    return tuple(ordered[int(np.searchsorted(ends, one))] for one in at)


@cache
def residents() -> dict[str, float]:
    """Return residents of every STP."""
    by_title = {place.name: place.people for place in apportion.places()}
    return {area: by_title[areas.title_of(area)] for area in areas.cells_of(areas.ENGLAND)}


def for_england(point: Point, of: Simulate) -> Answer:
    """Return a point's answer for England: that of one STP of the sample, which one follows from the point's seed."""
    stp = sample()[point.seed % N_STPS]
    here, title, whole = of(replace(point, area=stp)), areas.title_of(stp), areas.title_of(areas.ENGLAND)
    if point.part == "staff":
        scale = posts() / here[START[0], title]
        return {(measure, whole): here[measure, title] * scale for measure in (*MEASURES["staff"], *START)}
    before = baseline(stp, point.year, of)
    found: dict[Key, float] = {}
    for measure in MEASURES["demand"]:
        a_resident = np.mean([baseline(one, point.year, of)[measure] / residents()[one] for one in sample()])
        found[measure, whole] = here[measure, title] / before[measure] * float(a_resident) * sum(residents().values())
    return found


@cache
def baseline(stp: str, year: str, of: Simulate) -> dict[str, float]:
    """Return what an STP asks for in the baseline year, by measure; once a process."""
    answer = of(Point("demand", stp, year, (), BASELINE_SEED))
    return {measure: answer[measure, areas.title_of(stp)] for measure in MEASURES["demand"]}


@cache
def posts() -> float:
    """Return England's posts at the start (`staff_england.csv`)."""
    return sum(float(row["posts"]) for row in tables.read("staff_england"))
