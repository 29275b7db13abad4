"""The document of `parity million`: steps from planned to delivered, people once and over programmes, staff."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from abm import areas
from experiments.console import Progress
from experiments.million import bottlenecks, delivery, over_people, trajectories
from experiments.workforce import apportion
from pathways.errors import InputError, nearest, one_of

if TYPE_CHECKING:
    from cluster.pool import Pool


LOST = ("left_waiting", "turned_away", "mean_waiting")


def area_and_place(name: str) -> tuple[str, str]:
    """Return (the STP that is simulated, the place that is asked for) of `--area`.

    Raises
    ------
    InputError
        If there is no such place.
    """
    known = {area: areas.title_of(area) for area in areas.all_areas()}
    systems = dict.fromkeys(delivery.places_of(areas.LSC), areas.LSC)
    if name in known or name == areas.ENGLAND:
        return name, areas.title_of(name)
    if name in systems:
        return systems[name], name
    words = (*known, areas.ENGLAND, *systems)
    raise InputError(
        key="--area",
        value=name,
        expected=f"an STP, a delivery system or england: {one_of(words)}",
        suggestion=nearest(name, words),
    )


def million(
    area: str = areas.LSC,
    *,
    by: str = "people",
    weights: Path | None = None,
    years: Sequence[str] = trajectories.YEARS[1:],
    bottlenecks_each: int = 6,
    replications: int = 1,
    seed: int = 1,
    folder: Path,
    pool: Pool | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Return the document of `parity million`.

    Parameters
    ----------
    by, weights : what the national trajectories are shared by (`apportion.weights_of`)
    bottlenecks_each : teams of each year that are relieved one at a time
    folder : where single years are kept

    Raises
    ------
    InputError
        If there is no such place or weight.
    """
    stp, _ = area_and_place(area)
    found = delivery.lived(stp, years, seed, replications, bottlenecks_each, folder, pool, progress)
    return {**told(found, area, years, by, weights), "seed": seed}


def told(
    found: Sequence[delivery.Lived], area: str, years: Sequence[str], by: str = "people", weights: Path | None = None
) -> dict[str, Any]:
    """Return the document of years that were lived, one of `found` a replication."""
    stp, place = area_and_place(area)
    title = areas.title_of(stp)
    plan = planned_at(stp, years, by, weights)
    rows = pd.concat([
        pd.DataFrame(delivery.steps(one, year, plan, stp)).assign(replication=k)
        for k, one in enumerate(found) for year in years
    ])  # fmt: skip
    table = delivery.over_replications(rows)
    ratios = over_people.over_people(found, years, stp)
    if place != title:
        table, ratios = (one[one["place"] == place] for one in (table, ratios))
    promised = trajectories.promises()
    weight = apportion.weights_of(by, weights)
    return {
        "area": stp, "place": place, "title": title, "by": apportion.WEIGHTS.get(by, str(weights)),
        "illustrative": areas.is_illustrative(stp), "years": list(years), "baseline": trajectories.BASELINE,
        "replications": len(found),
        "rows": table.to_dict("records"), "ratios": ratios.to_dict("records"), "lost_at": lost_at(found, years),
        "england": [
            {"programme": programme, "year": year, "people": n}
            for (programme, year), n in trajectories.extra().items()
        ],
        "promises": [vars(one) for one in promised.values()],
        "share": {name: apportion.apportioned(one.value, weight)[place] for name, one in promised.items()},
    }  # fmt: skip


def planned_at(area: str, years: Sequence[str], by: str, weights: Path | None) -> delivery.Planned:
    """Return year -> place -> programme -> people planned extra to the baseline year, of an STP and its systems."""
    shares = trajectories.planned(by, weights)
    places = (*delivery.places_of(area), areas.title_of(area))
    return {
        year: {
            place: {programme: shares[programme, year][place] for programme in trajectories.programmes()}
            for place in places
        }
        for year in years
    }


def lost_at(found: Sequence[delivery.Lived], years: Sequence[str]) -> list[dict[str, Any]]:
    """Return where people wait and leave with the staff that can be had: (year, team, left, turned away, waiting).

    Means over replications, over the whole area; teams at which nobody left, was turned away or waits are left out.
    """
    rows = []
    for year in (trajectories.BASELINE, *years):
        both = pd.concat([one.staffed[year] for one in found])
        mine = both[both["measure"].isin(LOST)].groupby(["team", "measure"])["value"].sum() / len(found)
        for team, row in mine.unstack(fill_value=0.0).reindex(columns=list(LOST), fill_value=0.0).iterrows():
            if row.sum() > 0:
                rows.append({"year": year, "team": str(team), **row.to_dict()})
    return rows


def unreconciled(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    """Return (year, place, programme, counter) whose steps do not sum to what was delivered: none, if all is well."""
    sums: dict[tuple[str, ...], float] = {}
    for row in rows:
        key = (row["year"], row["place"], row["programme"], row["counter"])
        sign = -1.0 if row["step"] == bottlenecks.DELIVERED else 1.0
        sums[key] = sums.get(key, 0.0) + sign * row["value"]
    return [key for key, value in sums.items() if abs(value) > 1e-6 * max(1.0, abs(value))]
