"""England's people beside those of Lancashire & South Cumbria: the rows of `abm/tables/england_ratio.csv`.

Doors are scaled by L&SC's residents reweighted to England's ages and deprivation.  Those are iller than others of
their age and deprivation, so that all 44 STPs together would ask for less than is published.  What they ask for, as a
share of it, is the ratio by which the scale is raised (`abm.demand`).
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np

from abm import tables
from abm.areas import cells_of
from abm.demand import england_ratio
from abm.setting import edited, every_pathway, setting_of_cell, shared_of

SOURCE = (
    "relative rates summed over the residents of all 44 STPs (seed 1) ÷ over L&SC's reweighted to England's ages and "
    "deprivation; tests/test_abm_areas.py holds it to the people"
)


def ratios(
    pathways: tuple[str, ...] | None = None, area: str = "england", folder: Path = tables.FOLDER
) -> dict[str, float]:
    """Return {factor set: ratio} of the pathways' doors, one cell in memory at a time."""
    shared = shared_of(edited(pathways or every_pathway(), ()))
    doors = shared.calibration.doors
    asked = np.zeros(len(doors))
    for name in cells_of(area):
        asked += setting_of_cell(shared, name).demand.expected.sum(axis=1)
    found: dict[str, float] = {}
    for door, came in zip(doors, asked, strict=True):
        if door.total > 0:
            found[door.factors] = england_ratio(door.factors, folder) * float(came) / door.total
    return found


def write(area: str = "england", folder: Path = tables.FOLDER) -> None:
    """Add to `england_ratio.csv` the factor sets of the library that have no row."""
    found = ratios(area=area, folder=folder)
    tables.path_of("england_ratio", folder).write_text(table(found, folder), encoding="utf-8")


def table(found: dict[str, float], folder: Path = tables.FOLDER) -> str:
    """Return the text of `england_ratio.csv`: rows it has stay, factor sets without one are added."""
    rows = tables.read("england_ratio", folder)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("name", "ratio", "source", "confidence"))
    writer.writerows((row["name"], row["ratio"], row["source"], row["confidence"]) for row in rows)
    had = {row["name"] for row in rows}
    writer.writerows((name, f"{ratio:.5g}", SOURCE, "constructed") for name, ratio in found.items() if name not in had)
    return out.getvalue()
