"""The plan's increment apportioned to places beside the increment that their demand asks for.

An apportioned increment stands only beside a modelled increment (a later year less the baseline) of the same kind,
over the same services, employers and staff groups (`national.in_plan`).  Modelled numbers are hundredths of a post at
the smallest places, and sums of those above; apportioned ones are whole and sum likewise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from abm import areas
from experiments.console import Progress
from experiments.demand import deprivation, national, places, present
from experiments.demand.factors import BASELINE, LAST
from experiments.demand.national import PEOPLE, POSTS, POUNDS, Quantity
from experiments.demand.needed import cell_of, people_reached, posts_needed
from experiments.demand.waterfall import ILLUSTRATIVE, NOT_MODELLED, SHARED, name_of, stp_of
from experiments.intervals import mean_and_half_width
from experiments.money.costs import pounds_a_post
from experiments.workforce import apportion
from experiments.workforce.waterfall import is_within

HUNDREDTHS = 100
SAME = (
    "Compared are increments of the same kind: the plan's, shared out, and the later year's posts less the baseline's "
    "over the services of the plan (tables/same_services.csv), NHS employers, and the plan's staff groups."
)


@dataclass(frozen=True)
class Increment:
    """What a later year asks for beyond the baseline: one row a replication, leaf, staff group and programme.

    Columns: replication, leaf, system, group, programme, posts, pounds.  `people`: replication, system, people.
    """

    posts: pd.DataFrame
    england: pd.DataFrame | None
    """The same carried to England, without leaves"""
    people: pd.DataFrame
    of_england: float
    """Share of England's referrals that come from the residents"""
    levels: tuple[pd.DataFrame, pd.DataFrame] | None = None
    """Posts of the plan's services by leaf, at the baseline and later"""


def increment(
    area: str, year: str = LAST, seed: int = 1, replications: int = 1, scenario: str | None = None,
    progress: Progress | None = None,
) -> Increment:  # fmt: skip
    """Simulate the baseline and the year with all factors; a scenario holds in the later year alone."""
    cell = areas.LSC if area == areas.ENGLAND else cell_of(area)[0]
    cases: list[tuple[dict[str, float] | None, str | None, int]] = [({}, None, -1), (None, scenario, 1)]
    posts, england, people, levels = [], [], [], []
    for done, (factors, own, sign) in enumerate(cases):
        if progress is not None:
            progress(done, len(cases), "Baseline" if done == 0 else f"Demand of {year}")
        found = national.in_plan(posts_needed(cell, factors, year, seed, replications, own))
        levels.append(places.shared_out(found, cell))
        posts.append(signed(priced(levels[-1], year), sign))
        england.append(signed(priced(places.carried_to_england(found, cell), year), sign))
        reached = people_reached(cell, factors, year, seed, replications, own)
        people.append(signed(reached[reached["what"] == "all"], sign))
    where = places.use_of(cell)
    keys = ["replication", "leaf", "system", "group", "programme"]
    return Increment(
        _summed(posts, keys), _summed(england, [k for k in keys if k != "leaf"]) if cell == areas.LSC else None,
        pd.concat(people).groupby(["replication", "system"], as_index=False)["people"].sum(),
        float(np.median(where.of_england)), (levels[0], levels[1]),
    )  # fmt: skip


def priced(posts: pd.DataFrame, year: str) -> pd.DataFrame:
    """Return posts with their cost a year in pounds of that year, on-costs and overheads included."""
    each = {role: pounds_a_post(role, year) for role in posts["role"].unique()}
    return posts.assign(pounds=posts["posts"] * posts["role"].map(each))


def signed(rows: pd.DataFrame, sign: int) -> pd.DataFrame:
    """Return rows with posts, pounds and people times a sign: a baseline is taken off."""
    return rows.assign(**{name: rows[name] * sign for name in ("posts", "pounds", "people") if name in rows})


def _summed(frames: list[pd.DataFrame], keys: list[str]) -> pd.DataFrame:
    return pd.concat(frames).groupby(keys, as_index=False, sort=False)[["posts", "pounds"]].sum()


def document(
    area: str = "lsc", year: str = LAST, seed: int = 1, replications: int = 3, scenario: str | None = None,
    own: Path | None = None, establishment: Path | None = None, progress: Progress | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Return the document of `parity waterfall --of compared`.

    `rows`: place, quantity and basis with apportioned, modelled and gap; `ranks`; `deprivation`: what was checked;
    `sums`: the bottom-up sum beside the top-down figure; `present`: posts there are beside posts asked for, of the
    `establishment` file, else not local.
    """
    chosen = name_of(area)
    shares = national.shares(own)  # refused before anything runs
    present.posts_there(stp_of(area), establishment)
    found = increment(stp_of(area), year, seed, replications, scenario, progress)
    spots = [place for place in apportion.places() if place.name == chosen or is_within(place, chosen)]
    if chosen == apportion.ENGLAND:  # of other STPs nothing is simulated
        spots = [place for place in spots if place.level == "england" or place.name == areas.title_of(areas.LSC)
                 or is_within(place, areas.title_of(areas.LSC))]  # fmt: skip
    rows = [row for place in spots for row in _rows(found, shares, place, own)]
    return {
        "kind": "compared", "place": chosen, "level": spots[0].level, "year": year, "baseline": BASELINE,
        "seed": seed, "replications": replications, "scenario": scenario, "bases": national.bases(own), "rows": rows,
        "ranks": ranks(rows, spots), "sums": sums(rows, spots), "deprivation": deprivation.checks(),
        "present": present.levels(stp_of(area), *found.levels, spots, establishment) if found.levels else [],
        "notes": [SAME, NOT_MODELLED, SHARED, *([ILLUSTRATIVE] if chosen == apportion.ENGLAND else [])],
    }  # fmt: skip


def _rows(
    found: Increment, shares: Mapping[tuple[str, str], Mapping[str, int]], place: apportion.Place, own: Path | None
) -> Iterator[dict[str, Any]]:
    for quantity in national.quantities():
        modelled, half = modelled_of(found, quantity, place)
        for basis in national.bases(own):
            share = shares[quantity.name, basis][place.name]
            gap = None if modelled is None else round(modelled - share, 2)
            yield {
                "place": place.name, "level": place.level, "within": place.within, "residents": place.people,
                "quantity": quantity.name, "title": quantity.title, "counter": quantity.counter,
                "group": quantity.group, "programme": quantity.programme, "basis": basis, "apportioned": share,
                "modelled": modelled, "half_width": half, "gap": gap,
                "low": None if gap is None or half is None else gap - half,
                "high": None if gap is None or half is None else gap + half,
                "why": quantity.why, "source": quantity.source, "confidence": quantity.confidence,
            }  # fmt: skip


def modelled_of(found: Increment, quantity: Quantity, place: apportion.Place) -> tuple[float | None, float | None]:
    """Return the modelled increment of a place and its half-width (None: nothing of that kind, or one replication)."""
    if not quantity.compared:
        return None, None
    if quantity.counter == PEOPLE:
        return _people(found, place)
    table = found.england if place.level == "england" else found.posts
    if table is None:
        return None, None
    rows = table[table["group"].isin(quantity.groups)]
    if quantity.programme != "all":
        rows = rows[rows["programme"] == quantity.programme]
    if place.level in ("system", "ccg"):
        rows = rows[rows["system" if place.level == "system" else "leaf"] == place.name]
    replications = table["replication"].nunique()
    if quantity.counter == POUNDS:
        cells = rows.groupby([k for k in ("leaf", "system") if k in rows])["pounds"].sum() / replications
        value = float(np.rint(cells).sum())
    else:
        keys = [name for name in ("leaf", "system", "group", "programme") if name in rows]
        cells = rows.groupby(keys)["posts"].sum() / replications
        value = float(np.rint(cells * HUNDREDTHS).sum()) / HUNDREDTHS
    each = rows.groupby("replication")["pounds" if quantity.counter == POUNDS else POSTS].sum()
    return value, _half(each, replications)


def _people(found: Increment, place: apportion.Place) -> tuple[float | None, float | None]:
    rows = found.people
    if place.level == "ccg":  # where people live within a system is not kept
        return None, None
    if place.level == "system":
        rows = rows[rows["system"] == place.name]
    scale = 1 / found.of_england if place.level == "england" else 1.0
    each = rows.groupby("replication")["people"].sum() * scale
    n = each.size
    by_system = rows.groupby("system")["people"].sum() / n * scale
    return float(np.rint(by_system).sum()), _half(each, n)


def _half(each: pd.Series, replications: int) -> float | None:
    return mean_and_half_width(each.to_numpy())["half_width"] if replications > 1 else None


def ranks(rows: list[dict[str, Any]], spots: list[apportion.Place]) -> list[dict[str, Any]]:
    """Return the order of places of one level by new posts per 100,000 residents, under each basis and as modelled."""
    found: list[dict[str, Any]] = []
    for level in ("system", "ccg"):
        names = [place.name for place in spots if place.level == level]
        if len(names) < 2:
            continue
        posts = [row for row in rows if row["quantity"] == POSTS and row["place"] in names]
        of: dict[str, dict[str, float]] = {}
        for row in posts:
            of.setdefault(row["basis"], {})[row["place"]] = row["apportioned"] / row["residents"] * 1e5
            of.setdefault("modelled", {})[row["place"]] = (row["modelled"] or 0.0) / row["residents"] * 1e5
        order = {basis: sorted(names, key=lambda name: -each[name]) for basis, each in of.items()}
        first = next(iter(national.bases()))
        for basis, ranked in order.items():
            for place, name in enumerate(ranked, start=1):
                found.append({
                    "level": level, "place": name, "basis": basis, "posts_per_100000": round(of[basis][name], 2),
                    "rank": place, "change": order[first].index(name) + 1 - place,
                })  # fmt: skip
    return found


def sums(rows: list[dict[str, Any]], spots: list[apportion.Place]) -> list[dict[str, Any]]:
    """Return, for each place with places in it, its top-down number beside the sum of what lies within it."""
    posts = [row for row in rows if row["quantity"] == POSTS]
    found = []
    for place in spots:
        inside = {one.name for one in spots if one.within == place.name}
        if not inside or place.level == "england":  # of England one STP of 44 is simulated
            continue
        for row in posts:
            if row["place"] == place.name:
                below = [one for one in posts if one["place"] in inside and one["basis"] == row["basis"]]
                found.append({
                    "place": place.name, "basis": row["basis"], "apportioned": row["apportioned"],
                    "apportioned_below": sum(one["apportioned"] for one in below), "modelled": row["modelled"],
                    "modelled_below": round(sum(one["modelled"] for one in below), 2),
                })  # fmt: skip
    return found
