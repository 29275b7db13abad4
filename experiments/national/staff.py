"""How many more staff England's STPs have by a year: its whole workforce simulated at once, and kept.

Posts are shares of the national plan (`experiments.staff`), by services of high, low and other demand; people leave,
come and move by the national rates.  This is what the plan's supply routes bring, not what demand asks for.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import pandas as pd

from abm import areas
from experiments.million.identity import digest
from experiments.reports.page import as_parquet, write_whole
from experiments.staff.simulate import staff_years
from experiments.workforce import apportion


def more(year: str, seed: int, replications: int, folder: Path) -> pd.DataFrame:
    """Return people in post at the end of a year less those at the end of April 2016: (area, replication, staff)."""
    identity = hashlib.sha256(f"{year}{seed}{replications}{digest('staff', 'workforce')}".encode()).hexdigest()
    place = folder / f"staff.{identity[:12]}.parquet"
    if not place.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        found = difference(staff_years(areas.ENGLAND, seed=seed, replications=replications), year)
        write_whole(place, as_parquet(found))
    return pd.read_parquet(place)


def difference(frame: pd.DataFrame, year: str) -> pd.DataFrame:
    """Return (area, replication, staff) of the workforce's rows (`staff_years`): systems are summed to STPs."""
    mine = frame[frame["measure"] == "in_post"]
    last = mine.loc[mine["year"] == year, "month"].max()
    area_of = {areas.title_of(area): area for area in areas.cells_of(areas.ENGLAND)}
    home = {
        place.name: area_of[place.name if place.name in area_of else place.within]
        for place in apportion.places() if place.name in area_of or place.within in area_of
    }  # fmt: skip
    found = mine.assign(area=mine["system"].astype(str).map(home))
    sums = [found[found["month"] == month].groupby(["area", "replication"])["value"].sum() for month in (last, 0)]
    return sums[0].sub(sums[1], fill_value=0.0).rename("staff").reset_index()
