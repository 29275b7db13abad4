"""The document of `parity national`: a league table of the STPs, funnels of their rates, and sums over England.

Need is counted among the synthesised people of all 44 STPs.  Posts, people and contacts of a later year less the
baseline year are simulated, in every STP or in a stated sample.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from abm import areas, tables
from experiments.intervals import mean_and_half_width, together
from experiments.million import trajectories
from experiments.national import funnel, sample
from experiments.national.sample import Sampled
from experiments.workforce import apportion

PER = {"need": 1000, "staff": 100_000, "posts": 100_000, "people": 1000, "contacts": 1000, "people_any": 1000}
"""The number of residents that a rate of each indicator is per"""
TITLES = {
    "need": "Residents with a mental disorder, per 1,000 residents",
    "posts": "NHS posts (WTE) that the extra demand asks for, per 100,000 residents",
    "staff": "More people in post by the plan's supply routes, per 100,000 residents",
    "people": "Extra people of the programmes with a trajectory, per 1,000 residents",
    "contacts": "Extra contacts of the programmes with a trajectory, per 1,000 residents",
    "people_any": "Extra distinct people of any service, per 1,000 residents",
}
MEASURED = ("posts", "pounds", "people", "contacts", "people_any", "contacts_any")
ILLUSTRATIVE = (
    "Outside Lancashire & South Cumbria teams, delivery systems and hospitals are illustrative: their numbers follow "
    "from published ages and deprivation alone."
)


def rows(
    by: str,
    weights: Path | None,
    drawn: Sequence[Sampled],
    measured: Mapping[str, pd.DataFrame],
    staff: pd.DataFrame | None = None,
) -> list[dict[str, Any]]:
    """Return one row an STP: who lives there, need, the apportioned posts, and what was simulated of it.

    Parameters
    ----------
    by, weights : what `apportioned` is shared by (`apportion.weights_of`)
    measured : area -> rows (replication, name, extra) of the STPs that were simulated (`stp.numbers`)
    staff : more people in post (`staff.more`)
    """
    posts = trajectories.promises()["posts"].value
    share = apportion.apportioned(posts, apportion.weights_of(by, weights))
    each = {name: apportion.apportioned(posts, apportion.weights_of(name)) for name in apportion.WEIGHTS}
    need = {row["place"]: int(row["residents_in_need"]) for row in tables.read("need_by_place", apportion.FOLDER)}
    weight = {one.area: one.weight for one in drawn}
    found = []
    for area, place in sample.stps().items():
        row: dict[str, Any] = {
            "area": area, "stp": place.name, "number": areas.cell(area).number,
            "illustrative": areas.is_illustrative(area), "residents": int(place.people),
            "imd_score": round(place.imd_score, 2), "need": need[place.name],
            "apportioned": share[place.name],
            **{f"apportioned_{name}": shares[place.name] for name, shares in each.items()},
            "weight": weight.get(area),
        }  # fmt: skip
        for name in MEASURED:
            extra = measured[area].query("name == @name")["extra"] if area in measured else None
            row[name], row[f"{name}_half_width"] = _over(extra)
        there = None if staff is None else staff.query("area == @area")["staff"]
        row["staff"], row["staff_half_width"] = _over(there)
        row["gap"] = None if row["posts"] is None else row["posts"] - row["apportioned"]
        for name in PER:
            row[f"{name}_rate"] = None if row[name] is None else PER[name] * row[name] / place.people
        found.append(row)
    _ranked(found)
    return found


def _ranked(found: list[dict[str, Any]]) -> None:
    """Number the rows from the highest rate of posts (of need, where no posts were simulated) and of the share."""
    for rank, rate in (("rank", "posts_rate"), ("rank_need", "need_rate")):
        known = sorted((row for row in found if row[rate] is not None), key=lambda row: (-row[rate], row["number"]))
        for row in found:
            row[rank] = known.index(row) + 1 if row in known else None


def funnels(found: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return one row an indicator and STP: rate, z-scores, and limits at its size; the line of limits besides.

    Of posts, people and contacts fewer than nothing there is no funnel: an STP with less demand than in the baseline
    year leaves the indicator out.
    """
    out = []
    for name, title in TITLES.items():
        known = [row for row in found if row[name] is not None]
        if len(known) < 3 or any(row[name] < 0 for row in known):
            continue
        people = np.array([row["residents"] for row in known], float)
        one = funnel.funnel([row[name] for row in known], people.tolist(), of_people=name == "need")
        line = np.linspace(0.9 * people.min(), 1.05 * people.max(), 60)
        out.append({
            "indicator": name, "title": title, "per": PER[name], "overall": one.overall * PER[name],
            "dispersion": one.dispersion, "spread": one.spread * PER[name],
            "places": [
                {"stp": row["stp"], "illustrative": row["illustrative"], "residents": row["residents"],
                 "rate": rate * PER[name], "z": z, "z_spread": zs, "outside": bool(out)}
                for row, rate, z, zs, out in zip(
                    known, one.rate.tolist(), one.z.tolist(), one.z_spread.tolist(), one.outside.tolist(), strict=True
                )
            ],
            "limits": [
                {"residents": float(n), "limit": f"{100 * share:g} %", "spread": spread,
                 "low": low * PER[name], "high": high * PER[name]}
                for share in funnel.LIMITS for spread in (False, True)
                for n, low, high in zip(line, *one.limits(line, share, spread=spread), strict=True)
            ],
        })  # fmt: skip
    return out


BESIDE = {
    "posts": (("posts", "NHS posts the extra demand asks for"),),
    "staff": (("staff", "people in post by the plan's supply routes"),),
    "people": (
        ("people", "sum over the programmes with a trajectory"),
        ("people_any", "distinct people of any service"),
    ),
    "contacts": (("contacts", "of the programmes with a trajectory"), ("contacts_any", "of any service")),
    "pounds": (("pounds", "what the NHS posts cost, with on-costs and overheads"),),
}
"""What is simulated of each promise, and in which words"""


def _over(values: pd.Series | None) -> tuple[float | None, float | None]:
    """Return mean and half-width over replications; of what was not simulated neither."""
    if values is None:
        return None, None
    found = mean_and_half_width(values)
    return found["mean"], found["half_width"]


def sums(found: Sequence[Mapping[str, Any]], drawn: Sequence[Sampled]) -> list[dict[str, Any]]:
    """Return England's promises beside the sums of shares and of what was simulated, carried to England from a sample.

    One row a promise and way of counting it: title, unit, `promised`, `apportioned` (sum over the STPs), `planned`
    (England's trajectories), what is `counted`, `modelled` with its half-width: the sampling error of a sample and that
    of replications.
    """
    out = []
    for name, promise in trajectories.promises().items():
        for measure, counted in BESIDE.get(name, (("", ""),)):
            out.append({
                "name": name, "title": promise.title, "unit": promise.unit, "promised": promise.value,
                "apportioned": sum(one["apportioned"] for one in found) if name == "posts" else None,
                "planned": _planned() if name == "people" else None, "counted": counted,
                **_carried(found, drawn, measure),
            })  # fmt: skip
    return out


def _carried(found: Sequence[Mapping[str, Any]], drawn: Sequence[Sampled], measure: str) -> dict[str, float | None]:
    """Return {modelled, half_width} over England of one measure; None where it was not simulated."""
    if measure and all(row.get(measure) is not None for row in found) and len(drawn) < len(found):
        half_width = together(*(row[f"{measure}_half_width"] for row in found))
        return {"modelled": sum(row[measure] for row in found), "half_width": half_width}
    by_area = {row["area"]: row for row in found}
    simulated = [by_area[one.area] for one in drawn]
    if not simulated or any(row.get(measure) is None for row in simulated):
        return {"modelled": None, "half_width": None}
    people = [row["residents"] for row in simulated]
    whole = sample.total(drawn, [row[measure] for row in simulated], people, sum(row["residents"] for row in found))
    luck = [
        None if row[f"{measure}_half_width"] is None else row[f"{measure}_half_width"] * one.weight
        for row, one in zip(simulated, drawn, strict=True)
    ]
    return {"modelled": whole["sum"], "half_width": sample.with_luck(whole["half_width"], together(*luck))}


def _planned() -> int:
    """Return the people of England's trajectories in the last year, extra to the baseline year."""
    return sum(n for (_, year), n in trajectories.extra().items() if year == trajectories.YEARS[-1])


def by_programme(drawn: Sequence[Sampled], frames: Mapping[str, pd.DataFrame]) -> list[dict[str, Any]]:
    """Return England's extra posts, people and contacts by programme: (programme, name, modelled, half_width)."""
    place = sample.stps()
    people = [place[one.area].people for one in drawn]
    everybody = sum(one.people for one in place.values())
    keys = list(
        dict.fromkeys(key for frame in frames.values() for key in zip(frame["programme"], frame["name"], strict=True))
    )
    means = {
        area: frame.groupby(["programme", "name", "replication"])["extra"].sum().groupby(level=[0, 1]).mean()
        for area, frame in frames.items()
    }
    out = []
    for programme, name in sorted(keys):
        each = [float(means[one.area].get((programme, name), 0.0)) for one in drawn]
        whole = sample.total(drawn, each, people, everybody)
        out.append({
            "programme": programme, "name": name, "modelled": whole["sum"], "half_width": whole["half_width"]
        })  # fmt: skip
    return out
