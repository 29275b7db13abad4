"""The national plan's increments, shared out to places, and which services and roles they are about."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from abm import tables
from experiments.demand.factors import FOLDER
from experiments.workforce import apportion
from pathways.errors import InputError, one_of

POSTS, STAFF, POUNDS, PEOPLE = "posts", "staff", "pounds", "people"
COUNTERS = (POSTS, STAFF, POUNDS, PEOPLE)
CLINICAL = ("nursing", "medical", "ahp_stt")
GROUPS = (*CLINICAL, "support")
"""The plan's staff groups; social care is employed by local authorities and is not among them"""
NHS = "nhs"


@dataclass(frozen=True)
class Quantity:
    """One national number of the plan."""

    name: str
    title: str
    counter: str
    group: str
    """all, clinical, or one of `GROUPS`"""
    programme: str
    value: int
    compared: bool
    """Whether demand has a number of the same kind"""
    why: str
    source: str
    confidence: str

    @property
    def groups(self) -> tuple[str, ...]:
        """Return the staff groups it is about."""
        return {"all": GROUPS, "clinical": CLINICAL}.get(self.group, (self.group,))


def quantities(folder: Path = FOLDER) -> list[Quantity]:
    """Return the plan's numbers in order.

    Raises
    ------
    InputError
        If a value is no whole number or a counter is not known.
    """
    found = []
    file = tables.path_of("national", folder)
    for row in tables.read("national", folder):
        if row["counter"] not in COUNTERS:
            raise InputError(file=file, key=row["quantity"], value=row["counter"], expected=one_of(COUNTERS))
        if not row["value"].isdigit():
            raise InputError(file=file, key=row["quantity"], value=row["value"], expected="a whole number")
        found.append(Quantity(
            row["quantity"], row["title"], row["counter"], row["group"], row["programme"], int(row["value"]),
            row["compared"] == "yes", row["why"], row["source"], row["confidence"],
        ))  # fmt: skip
    return found


def bases(own: Path | None = None) -> dict[str, str]:
    """Return what the plan is shared out by: {name: words}; `own` adds the STP's own file."""
    return apportion.WEIGHTS | ({} if own is None else {"file": f"the file {own.name}"})


def shares(own: Path | None = None, folder: Path = FOLDER) -> dict[tuple[str, str], dict[str, int]]:
    """Return {(quantity, basis): {place: whole share}}; shares sum at every level to the last post and pound."""
    found = {}
    for basis in bases(own):
        weight = apportion.weights_of(basis, own if basis == "file" else None)
        for quantity in quantities(folder):
            found[quantity.name, basis] = apportion.apportioned(quantity.value, weight)
    return found


def in_plan(posts: pd.DataFrame, folder: Path = FOLDER) -> pd.DataFrame:
    """Return the rows of posts that the plan is about: its services, NHS employers, its staff groups."""
    services = {row["service"] for row in tables.read("same_services", folder) if row["in_plan"] == "yes"}
    of_plan = posts["service"].isin(services) & (posts["employer"] == NHS) & posts["group"].isin(GROUPS)
    return posts[of_plan]
