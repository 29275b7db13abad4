"""Headroom: how much demand may rise before each team first fails.

Everything that comes from outside is multiplied by a few factors, the plan staying as it is; a team fails
at the first factor at which one of its targets is, by the years simulated there, more likely than not met
in less than the assured share of years. The answer lies between that factor and the one before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from experiments.planning.search import Search

FACTORS = (1.03, 1.06, 1.10, 1.15, 1.25)


@dataclass(frozen=True)
class Headroom:
    """Rises in demand at which one unit was tried."""

    holds_at: float
    """Largest rise at which it held (0: none tried held)."""
    fails_at: float | None
    """Smallest rise at which it failed; None: at none that was tried."""
    target: str


def headroom(search: Search, plan: np.ndarray) -> list[Headroom] | None:
    """Return every unit's headroom, or None if the time is up before the first factor."""
    layout = search.layout
    key = tuple(int(n) for n in plan)
    n = len(layout.units)
    holds, target = [0.0] * n, [""] * n
    fails: list[float | None] = [None] * n
    first = True
    for factor in FACTORS:
        open_ones = [u for u in range(n) if fails[u] is None]
        if not open_ones or search.stop():
            break
        search.say(f"headroom: demand × {factor:g}")
        outcomes = search.years.evaluate([(key, r) for r in range(len(search.reference))], demand=factor)
        score = search.likely(outcomes)
        first = False
        for u in open_ones:
            mine = [t for t in layout.targets_of_unit[u] if search.usable[t]]
            worst = min(mine, key=lambda t: score[t], default=None)
            if worst is not None and score[worst] < 0:
                fails[u], target[u] = round(factor - 1, 4), layout.targets[worst].name
            else:
                holds[u] = round(factor - 1, 4)
    return None if first else [Headroom(*row) for row in zip(holds, fails, target, strict=True)]
