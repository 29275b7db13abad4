"""Posts there are beside posts the demand asks for, over the plan's services, employers and staff groups."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from abm import areas, staff_rates, tables
from experiments.demand import national, places
from experiments.demand.needed import groups, programmes
from experiments.staff import establishment
from experiments.workforce import apportion

NAMED = "teams that the establishment names, wards with the nursing of their beds among them"
COLUMNS = ("place", "level", "present", "basis", "asked_baseline", "asked_later")


def posts_there(cell: str, file: Path | None = None) -> tuple[pd.DataFrame, str]:
    """Return the establishment as rows of `posts_needed`, and its basis: the area's own file, else not local.

    A team that it names and that has nobody yet (a unit to come) has a row of 0 posts.

    Raises
    ------
    InputError
        If the file cannot be read, or names a team, place or role that there is not.
    """
    rates = staff_rates.read()
    found = establishment.of_area(cell, rates, file)
    title = areas.title_of(cell)
    services = {row["service"] for row in tables.read("same_services", national.FOLDER)}
    rows = []
    for u, unit in enumerate(found.units):
        service = unit.team.partition("/")[0]
        for r in held_or_first(found.posts[u]) if service in services else ():
            role = rates.roles[r].name
            rows.append({
                "replication": 0, "system": title if unit.system == "area" else unit.system, "team": unit.team,
                "service": service, "programme": programmes()[service], "role": role, "group": groups().get(role, ""),
                "employer": unit.employer, "payer": "", "posts": float(found.posts[u, r]),
            })  # fmt: skip
    return pd.DataFrame(rows), found.basis


def held_or_first(posts: np.ndarray) -> np.ndarray:
    """Return the roles of which a team has posts; the first one where it has none at all."""
    held = np.flatnonzero(posts)
    return held if len(held) else np.array([0])


def levels(
    cell: str, baseline: pd.DataFrame, later: pd.DataFrame, spots: list[apportion.Place], file: Path | None = None
) -> list[dict[str, Any]]:
    """Return one row a place (`COLUMNS`): posts there are, asked for at the baseline and later (mean WTE).

    `baseline` and `later` are rows of `places.shared_out` that the plan is about; teams that the establishment does not
    name are in no column.
    """
    there, basis = posts_there(cell, file)
    if there.empty:  # a share of the national plan has no teams of its own to set beside
        return []
    own = places.shared_out(national.in_plan(there), cell)
    named = set(there["team"])
    baseline, later = (frame[frame["team"].isin(named)] for frame in (baseline, later))
    frames = {"present": own, "asked_baseline": baseline, "asked_later": later}
    rows = []
    for place in spots:
        row: dict[str, Any] = {"place": place.name, "level": place.level, "basis": basis}
        for name, frame in frames.items():
            part = frame
            if place.level in ("system", "ccg"):
                part = frame[frame["system" if place.level == "system" else "leaf"] == place.name]
            row[name] = round(float(part["posts"].sum()) / frame["replication"].nunique(), 1)
        if place.level != "england":
            rows.append({name: row[name] for name in COLUMNS})
    return rows
