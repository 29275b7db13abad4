"""From people on shift to posts (`abm/working_time.py`), and a ward's nurses."""

from __future__ import annotations

import math
from collections.abc import Mapping

from abm.units import Lever, Unit
from abm.working_time import WorkingTime, working_times, wte

__all__ = ["WorkingTime", "nursing_hours", "nursing_on_shift", "rostered_hours", "working_times", "wte"]
NURSING_ROLES = {"registered": "registered_nurse", "support": "healthcare_assistant"}


def rostered_hours(levers: Mapping[int, Lever], plan: Mapping[int, int]) -> dict[str, float]:
    """Return on-shift (or clinic) hours a week by role; places have none."""
    hours: dict[str, float] = {}
    for i, lever in levers.items():
        if lever.kind != "places":
            hours[lever.role] = hours.get(lever.role, 0.0) + plan[i] * lever.hours_a_week
    return hours


def nursing_on_shift(unit: Unit, places: int) -> list[tuple[str, str, int, float]]:
    """Return a ward's per-shift rule at so many beds: (role, hours, people on shift, hours a week of one).

    A row says so many for each `per_places` beds; people are whole, and never fewer than `least` where the
    row
    wants any of the role at all.
    """
    found = []
    for row in unit.spec.nursing:
        weekly = sum(end - begin for begin, end in row.spans) / 3600
        for role, number in row.roles.items():
            if number <= 0:
                continue
            people = max(math.ceil(number * places / row.per_places - 1e-9), row.least)
            found.append((NURSING_ROLES.get(role, role), row.hours, people, weekly))
    return found


def nursing_hours(unit: Unit, places: int) -> dict[str, float]:
    """Return a ward's nursing hours a week by role."""
    hours: dict[str, float] = {}
    for role, _, people, weekly in nursing_on_shift(unit, places):
        hours[role] = hours.get(role, 0.0) + people * weekly
    return hours
