"""Headroom: how much demand may rise before each team first fails.

Everything that comes from outside is multiplied by a few factors, the plan staying as it is; a team fails
at the first factor at which one of its targets is, by the years simulated there, more likely than not met
in less than the assured share of years. The answer lies between that factor and the one before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from experiments.planning.layout import Layout
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
    tried: dict[float, np.ndarray] = {}
    for factor in FACTORS:
        if search.stop() or (tried and all(one.fails_at is not None for one in first_failures(layout, tried, search))):
            break
        search.say(f"headroom: demand × {factor:g}")
        outcomes = search.years.evaluate([(key, r) for r in range(len(search.reference))], demand=factor)
        tried[round(factor - 1, 4)] = search.likely(outcomes)
    return first_failures(layout, tried, search) if tried else None


class Judged(Protocol):
    """Whoever knows which targets count."""

    usable: np.ndarray
    """bool[target]"""


def first_failures(layout: Layout, tried: Mapping[float, np.ndarray], judged: Judged) -> list[Headroom]:
    """Return, for every unit, the smallest rise of those tried at which it failed, and the largest below it.

    `tried` holds float[target] scores by rise (`search.likely`).
    """
    found = []
    for mine in layout.targets_of_unit:
        usable = [t for t in mine if judged.usable[t]]
        holds, fails, target = 0.0, None, ""
        for rise in sorted(tried):
            worst = min(usable, key=lambda t: tried[rise][t], default=None)
            if worst is not None and tried[rise][worst] < 0:
                fails, target = rise, layout.targets[worst].name
                break
            holds = rise
        found.append(Headroom(holds, fails, target))
    return found
