"""Pounds a post and year, by the band of its role."""

from __future__ import annotations

from pathlib import Path

from abm import tables
from experiments.planning.establishment import working_times
from pathways.errors import InputError

FOLDER = Path(__file__).resolve().parent / "tables"


def pounds_a_post(role: str, year: str) -> float:
    """Return what a post of a role costs in a year, with on-costs and overheads."""
    band = working_times()[role].band
    rows = {row["band"]: row for row in tables.read("pounds", FOLDER)}
    if band not in rows:
        raise InputError(file=tables.path_of("pounds", FOLDER), key="band", value=band, expected=f"a row for {role}")
    return float(rows[band]["pounds_a_year"])
