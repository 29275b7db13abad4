"""From people on shift to posts: leave, study, sickness and time away from patients, and a ward's nurses.

A post (one WTE) works its contracted hours less leave, study and sickness, less the share of the rest that
goes into supervision, handover and meetings; that is what it can give to a roster or a clinic
(`abm/tables/working_time.csv`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from abm import tables
from abm.units import Lever, Unit

WORKING_DAYS = 260.0  # 52 weeks of five
NURSING_ROLES = {"registered": "registered_nurse", "support": "healthcare_assistant"}


@dataclass(frozen=True)
class WorkingTime:
    """What one WTE of a role gives in a week."""

    role: str
    title: str
    band: str
    contracted_hours: float
    available_hours: float
    """Hours a week, over the year, that can be rostered or spent in clinics."""
    source: str
    confidence: str


@cache
def working_times() -> dict[str, WorkingTime]:
    """Return the working time of every role in the table."""
    found = {}
    for row in tables.read("working_time"):
        contracted = float(row["contracted_hours_per_week"])
        away = (float(row["leave_days"]) + float(row["study_days"])) / WORKING_DAYS
        present = contracted * (1 - away) * (1 - float(row["sickness_share"]))
        available = present * (1 - float(row["non_clinical_share"]))
        found[row["role"]] = WorkingTime(
            row["role"], row["title"], row["band"], contracted, available, row["source"], row["confidence"]
        )
    return found


def wte(role: str, hours_a_week: float) -> float | None:
    """Return the posts that keep so many hours a week on shift; None for a role that the table does not have."""
    time = working_times().get(role)
    return hours_a_week / time.available_hours if time else None


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
