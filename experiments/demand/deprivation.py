"""Where deprivation enters each number, so that it can be seen to be counted once.

Demand has it through illness (conditions are commoner in deprived areas, `odds_ratios.csv`) and, at the doors named
here, through access given the illness (`demand_factors.csv`): two different things, both of which are in the total
that a door is scaled to.  A share by need rests on the same illness and is not multiplied by a score again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from abm import tables
from experiments.workforce import apportion


def checks() -> list[dict[str, Any]]:
    """Return one row a number: what, where deprivation enters, how often, and whether the check holds."""
    need = apportion.weights_of("need")
    residents = {
        row["place"]: float(row["residents_in_need"]) for row in tables.read("need_by_place", apportion.FOLDER)
    }
    doors = sorted({row["name"] for row in tables.read("demand_factors") if row["factor"] == "deprivation"})
    ill = {row["condition"] for row in tables.read("odds_ratios") if row["factor"] == "decile"}
    return [
        _row("shared out by head count", "nowhere", 0, not follows_score(apportion.weights_of("people"))),
        _row("shared out by people × relative IMD score", "the score, once", 1,
             follows_score(apportion.weights_of("deprivation"))),
        _row("shared out by need", "illness of the synthesised residents; no score", 1,
             need == residents and not follows_score(need)),
        _row("modelled demand", f"illness ({len(ill)} conditions) and access given illness at {', '.join(doors)}; "
             "no weight by score", 1, bool(ill)),
    ]  # fmt: skip


def _row(what: str, where: str, times: int, holds: bool) -> dict[str, Any]:
    return {"what": what, "deprivation enters through": where, "times": times, "holds": holds}


def follows_score(weights: Mapping[str, float]) -> bool:
    """Say whether weights over people are the places' deprivation scores, but for a constant."""
    places = [place for place in apportion.places() if place.level == "stp"]
    ratio = np.array([weights[place.name] / place.people / place.imd_score for place in places])
    return bool(np.ptp(ratio) < 1e-9 * ratio.mean())
