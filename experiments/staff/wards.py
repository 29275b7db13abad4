"""Wards' nursing as posts, and the beds that the people there can staff: both by the wards' own per-shift rule.

A ward is a team with beds and a rule (`[team.X.nursing]`, so many people on each shift for so many beds).  The posts
are those that keep the rule's shifts staffed (`abm/working_time.py`).  Beds close from the top: so many stay open as
the same rule allows with the people there are, shifts a stated share short at most.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np

from abm import areas, tables
from abm.population import land_of
from abm.setting import every_pathway, places_served
from abm.staff_rates import Rates
from abm.units import UNLIMITED, Lever, Unit, build
from experiments.planning.establishment import NURSING_ROLES, nursing_hours, wte
from pathways import files
from pathways.specs import PathwaySpec, validated

REGISTERED = NURSING_ROLES["registered"]
ROUNDING = 1e-9


@dataclass(frozen=True)
class Ward:
    """A ward: a team at a place with so many beds, nursed by its rule."""

    unit: Unit
    beds: int

    def posts(self) -> dict[str, float]:
        """Return the posts (WTE) that keep the rule's shifts staffed, by role."""
        return {role: wte(role, hours) or 0.0 for role, hours in nursing_hours(self.unit, self.beds).items()}

    @cached_property
    def hours(self) -> np.ndarray:
        """Hours a week that so many beds need, float64[bed + 1, 2]: of registered nurses, of all; none need none."""
        found = np.zeros((self.beds + 1, 2))
        for beds in range(1, self.beds + 1):
            hours = nursing_hours(self.unit, beds)
            found[beds] = hours.get(REGISTERED, 0.0), sum(hours.values())
        return found

    def staffed_beds(self, registered: float, everyone: float, tolerance: float) -> int:
        """Return the beds that the people there can staff, never more than there are.

        A registered nurse may do a support worker's work, not the other way round.

        Parameters
        ----------
        registered, everyone : what is there of the hours that all beds need, of registered nurses and in all, as shares
        tolerance : share of the rule's hours by which shifts may be short before beds close
        """
        there = self.hours[-1] * (registered, everyone) + ROUNDING
        return int(np.flatnonzero((self.hours * (1.0 - tolerance) <= there).all(axis=1))[-1])

    def of_roles(self, shares: Mapping[str, float]) -> tuple[float, float]:
        """Return the shares `staffed_beds` asks for, of the share of each role that is there."""
        hours = nursing_hours(self.unit, self.beds)
        there = sum(shares.get(role, 1.0) * n for role, n in hours.items())
        return shares.get(REGISTERED, 1.0), there / sum(hours.values())


def at_work(rates: Rates, posts: np.ndarray, capacity: np.ndarray) -> np.ndarray:
    """Return what is at work of each unit's posts, registered and all, float64[month, unit, 2]; 1 of none.

    Whoever holds a post counts, a nursing associate in a nurse's; what they take over is the nurses' time.

    Parameters
    ----------
    posts : int64[unit, role] at the start
    capacity : float64[month, unit, role] WTE at work
    """
    registered = np.array([role.registered for role in rates.roles])
    shares = np.stack([capacity[..., registered].sum(axis=2), capacity.sum(axis=2)], axis=2)
    of = np.stack([posts[:, registered].sum(axis=1), posts.sum(axis=1)], axis=1)
    return np.where(of > 0, shares / np.maximum(of, 1), 1.0)


def of_plan(specs: Mapping[str, PathwaySpec], numbers: Iterable[tuple[Lever, int]]) -> dict[Lever, Ward]:
    """Return the wards of a plan by the lever of their beds; those without a bed, or with beds for everybody, are none.

    Parameters
    ----------
    numbers : levers of units and their numbers in the plan
    """
    found = {}
    for lever, number in numbers:
        if lever.kind == "places" and 0 < number < UNLIMITED:
            name, _, place = lever.unit.partition(" @ ")
            pathway, _, team = name.partition("/")
            spec = specs[pathway].teams[team]
            if spec.nursing:
                found[lever] = Ward(Unit(name, place, spec.scope, 0.0, spec), int(number))
    return found


@cache
def of_area(area: str) -> tuple[Ward, ...]:
    """Return the wards of the library with the beds that the units of an area have."""
    specs = {name: validated(files.library(name)) for name in every_pathway()}
    units = build(specs, places_served(area, land_of(areas.cell(area))))
    return tuple(of_plan(specs, zip(units.levers, units.plan.tolist(), strict=True)).values())


def rows_of(area: str) -> list[dict[str, Any]]:
    """Return the wards' nursing as rows of an establishment file: team, place, role, wte.

    A ward that `establishment.csv` says has no bed yet has posts of 0: it is there to be filled.
    """
    to_come = {
        row["team"] for row in tables.read("establishment") if row["unit"] == "places" and float(row["value"]) == 0
    }
    return [
        {"team": ward.unit.team, "place": ward.unit.place, "role": role,
         "wte": 0.0 if ward.unit.team in to_come else posts}
        for ward in of_area(area) for role, posts in ward.posts().items()
    ]  # fmt: skip
