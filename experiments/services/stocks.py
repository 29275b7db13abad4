"""How many people a long stay holds in the long run: starts a year × mean stay, beside those there at the start.

Caseloads of years do not fill in a warm-up of months; `at_start_england` fills them.  What it should say follows from
a run: what begins in a year does not wait for what is there, so that starts times the mean stay is where the number
goes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from experiments.services.counting import DAY, Counts
from pathways.specs import PathwaySpec

LONG = 45 * DAY
"""Mean stay (s) from which a warm-up of half a year may not fill a caseload."""


def at_start(
    specs: Mapping[str, PathwaySpec], counts: Counts, states: Sequence[str], received: np.ndarray
) -> list[dict[str, Any]]:
    """Return England's number at the start and in the long run, for each long stay and wait.

    `states`: names such as `camhs/brief_therapy`, in the order of `counts.starts`; `received`: England's referrals a
    year of each pathway.
    """
    up = dict(zip(specs, received / np.maximum(counts.received, 1e-9), strict=True))
    rows: list[dict[str, Any]] = []
    for full, begun in zip(states, counts.starts, strict=True):
        pathway, _, name = full.partition("/")
        state = specs[pathway].states.get(name)
        if state is None:
            continue  # the visit of a stay
        law = state.minutes if state.kind == "wait" else state.stay
        if law and law.mean >= LONG:
            stock = float(begun) * up[pathway] * law.mean / (365.25 * DAY)
            rows.append({"state": full, "at_start_england": state.at_start_england, "in_the_long_run": stock})
    return rows
