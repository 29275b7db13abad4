"""From people on shift to posts: leave, study, sickness and time away from patients.

A post (one WTE) works its contracted hours less leave, study and sickness, less the share of the rest that
goes into supervision, handover and meetings; that is what it can give to a roster or a clinic
(`abm/tables/working_time.csv`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from abm import tables

WORKING_DAYS = 260.0  # 52 weeks of five


@dataclass(frozen=True)
class WorkingTime:
    """What one WTE of a role gives in a week."""

    role: str
    title: str
    band: str
    contracted_hours: float
    available_hours: float
    """Hours a week, over the year, that can be rostered or spent in clinics."""
    sickness_share: float
    source: str
    confidence: str


@cache
def working_times() -> dict[str, WorkingTime]:
    """Return the working time of every role in the table."""
    found = {}
    for row in tables.read("working_time"):
        contracted = float(row["contracted_hours_per_week"])
        away = (float(row["leave_days"]) + float(row["study_days"])) / WORKING_DAYS
        sickness = float(row["sickness_share"])
        available = contracted * (1 - away) * (1 - sickness) * (1 - float(row["non_clinical_share"]))
        found[row["role"]] = WorkingTime(
            row["role"], row["title"], row["band"], contracted, available, sickness, row["source"], row["confidence"]
        )
    return found


def wte(role: str, hours_a_week: float) -> float | None:
    """Return the posts that keep so many hours a week on shift; None for a role that the table does not have."""
    time = working_times().get(role)
    return hours_a_week / time.available_hours if time else None
