"""The document of `parity million`: steps from planned to delivered, people once and over programmes, staff."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from abm import areas
from experiments.console import Progress
from experiments.intervals import mean_and_half_width
from experiments.million import bottlenecks, counting, delivery, trajectories
from experiments.million.delivery import CONTACTS, PEOPLE, Lived
from experiments.workforce import apportion
from pathways.errors import InputError, nearest, one_of

if TYPE_CHECKING:
    from cluster.pool import Pool


def area_and_place(name: str) -> tuple[str, str]:
    """Return (the STP that is simulated, the place that is asked for) of `--area`.

    Raises
    ------
    InputError
        If there is no such place, or it is more than one STP.
    """
    known = {area: areas.title_of(area) for area in areas.all_areas()}
    systems = dict.fromkeys(delivery.places_of(areas.LSC), areas.LSC)
    if name in known:
        return name, known[name]
    if name in systems:
        return systems[name], name
    words = (*known, *systems)
    raise InputError(
        key="--area",
        value=name,
        expected=f"one STP or delivery system: {one_of(words)}",
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
    stp, place = area_and_place(area)
    plan = planned_at(stp, years, by, weights)
    title = areas.title_of(stp)
    found = [
        delivery.lived(stp, plan, years, seed, k, bottlenecks_each, folder, pool, progress) for k in range(replications)
    ]
    rows = pd.concat([
        pd.DataFrame(delivery.steps(one, year, plan, stp)).assign(replication=k)
        for k, one in enumerate(found) for year in years
    ])  # fmt: skip
    table = delivery.over_replications(rows)
    ratios = over_people(found, years, stp)
    if place != title:
        table, ratios = (one[one["place"] == place] for one in (table, ratios))
    promised = trajectories.promises()
    return {
        "area": stp, "place": place, "title": title, "by": apportion.WEIGHTS.get(by, str(weights)),
        "illustrative": areas.is_illustrative(stp), "years": list(years), "baseline": trajectories.BASELINE,
        "replications": replications, "seed": seed,
        "rows": table.to_dict("records"), "ratios": ratios.to_dict("records"),
        "england": [
            {"programme": programme, "year": year, "people": n}
            for (programme, year), n in trajectories.extra().items()
        ],
        "promises": [vars(one) for one in promised.values()],
        "share": {
            name: apportion.apportioned(one.value, apportion.weights_of(by, weights))[place]
            for name, one in promised.items()
        },
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


def over_people(found: Sequence[Lived], years: Sequence[str], area: str) -> pd.DataFrame:
    """Return staff for extra people: (year, place, programme, extra_people, extra_contacts, extra_wte, wte_per_1000 …).

    `extra_wte` are the posts that the hours worked take beyond those of the baseline year (nurses of wards left out).
    """
    rows = []
    for year in years:
        numbers: dict[tuple[str, str], dict[str, list[float]]] = {}
        for one in found:
            base, staffed = (delivery.at_places(frame, area) for frame in (one.base, one.staffed[year]))
            for measure in (PEOPLE, CONTACTS, "wte"):
                before, after = (delivery.numbers(frame, measure) for frame in (base, staffed))
                for key in sorted({*before, *after}):
                    of = numbers.setdefault(key, {})
                    of.setdefault(measure, []).append(after.get(key, 0.0) - before.get(key, 0.0))
        for (place, programme), of in numbers.items():
            means = {measure: mean_and_half_width(values)["mean"] for measure, values in of.items()}
            people, wte = means.get(PEOPLE, 0.0), means.get("wte", 0.0)
            if programme in (counting.PLAN, counting.ANY) or place == counting.SHARED:
                continue
            rows.append({
                "year": year, "place": place, "programme": programme, "extra_people": people,
                "extra_contacts": means.get(CONTACTS, 0.0), "extra_wte": wte,
                "wte_per_1000": 1000 * wte / people if people > 0 else None,
                "contacts_a_person": means.get(CONTACTS, 0.0) / people if people > 0 else None,
            })  # fmt: skip
    return pd.DataFrame(rows)


def unreconciled(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    """Return (year, place, programme, counter) whose steps do not sum to what was delivered: none, if all is well."""
    sums: dict[tuple[str, ...], float] = {}
    for row in rows:
        key = (row["year"], row["place"], row["programme"], row["counter"])
        sign = -1.0 if row["step"] == bottlenecks.DELIVERED else 1.0
        sums[key] = sums.get(key, 0.0) + sign * row["value"]
    return [key for key, value in sums.items() if abs(value) > 1e-6 * max(1.0, abs(value))]
