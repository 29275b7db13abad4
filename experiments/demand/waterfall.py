"""The demand waterfall: baseline → population → prevalence → access → comorbidity → productivity → alternatives → net.

Each factor is measured alone, against the baseline, with everybody's luck the same; what all together do beyond the
sum of what each does alone is a bar of its own, the interaction.  Numbers are tenths of a post at the smallest places
and sums of those above, so that every waterfall closes and places add up, to the last tenth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from abm import areas
from experiments.console import Progress
from experiments.demand import places
from experiments.demand.factors import BASELINE, LAST, Factor, all_factors
from experiments.demand.needed import cell_of, posts_needed
from experiments.intervals import mean_and_half_width
from experiments.workforce import waterfall as workforce

TENTHS = 10
BASE, INTERACTION, NET = "baseline", "interaction", "net"
ILLUSTRATIVE = (
    "England is illustrative: the posts of Lancashire & South Cumbria, service by service, times England's published "
    "referrals over those expected from its residents."
)
NOT_MODELLED = (
    "Posts are WTE that the expressed demand asks for in the services that are modelled, with staff and beds for "
    "whoever comes; they are not sized for waiting times (parity size), nor what there is. Administrative and "
    "management posts, psychiatrists of teams and wards beyond the roles of the pathway files, and services outside "
    "the library are not modelled."
)
SHARED = (
    "Teams are counted where they work; what the area shares (wards above all) is divided among the delivery systems, "
    "and a system's posts among its CCGs, by the referrals their residents are expected to make to the service."
)


@dataclass(frozen=True)
class Measured:
    """Posts of every simulated case, by leaf and replication."""

    cell: str
    year: str
    replications: int
    cases: tuple[str, ...]
    """baseline, each factor alone, net"""
    leaves: tuple[str, ...]
    system_of: tuple[str, ...]
    posts: np.ndarray
    """float64[case, leaf, replication]"""
    by_programme: pd.DataFrame
    """case, programme, group, employer, posts (mean over replications)"""
    england: np.ndarray | None
    """float64[case, replication] carried to England"""


def cases(names: Sequence[str] | None = None) -> dict[str, dict[str, float] | None]:
    """Return what is simulated: {case: factors of `posts_needed`}."""
    found: dict[str, dict[str, float] | None] = {BASE: {}}
    found |= {name: {name: 1.0} for name in names or all_factors()}
    found[NET] = None if names is None else dict.fromkeys(names, 1.0)
    return found


def measured(
    area: str = "lsc", year: str = LAST, seed: int = 1, replications: int = 1, scenario: str | None = None,
    progress: Progress | None = None,
) -> Measured:  # fmt: skip
    """Simulate the baseline, each factor alone, and all together."""
    cell = areas.LSC if area == areas.ENGLAND else cell_of(area)[0]
    found, england, programme = [], [], []
    wished = cases()
    for done, (case, factors) in enumerate(wished.items()):
        if progress is not None:
            progress(done, len(wished), f"Demand: {case}")
        posts = posts_needed(cell, factors, year, seed, replications, scenario)
        found.append(_by_leaf(places.shared_out(posts, cell), cell, replications))
        keys = ["programme", "group", "employer"]
        one = posts.groupby(keys, as_index=False)["posts"].sum()
        programme.append(one.assign(case=case, posts=one["posts"] / replications))
        if cell == areas.LSC:
            carried = places.carried_to_england(posts, cell)
            england.append(carried.groupby("replication")["posts"].sum().to_numpy())
    where = places.use_of(cell)
    return Measured(
        cell, year, replications, tuple(wished), where.leaves, where.system_of, np.stack(found),
        pd.concat(programme, ignore_index=True), np.stack(england) if england else None,
    )  # fmt: skip


def _by_leaf(posts: pd.DataFrame, cell: str, replications: int) -> np.ndarray:
    table = posts.pivot_table(index="leaf", columns="replication", values="posts", aggfunc="sum", fill_value=0.0)
    return table.reindex(list(places.use_of(cell).leaves)).to_numpy().reshape(-1, replications)


def whole_tenths(posts: np.ndarray) -> np.ndarray:
    """Return bars in tenths of a post, int64[bar, place]: baseline, factors, interaction, net; they close exactly.

    `posts` float64[case, place] are levels: baseline first, net last.  Baseline, factors and net are rounded; the
    interaction is what is left.
    """
    base, net = posts[0], posts[-1]
    bars = np.rint(np.concatenate([base[None], posts[1:-1] - base]) * TENTHS).astype(np.int64)
    end = np.rint(net * TENTHS).astype(np.int64)
    return np.concatenate([bars, (end - bars.sum(axis=0))[None], end[None]])


def document(
    area: str = "lsc", year: str = LAST, seed: int = 1, replications: int = 3, scenario: str | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Return the document of `parity waterfall --of demand`: the waterfall of a place and of the places within it."""
    chosen = name_of(area)
    found = measured(stp_of(area), year, seed, replications, scenario, progress)
    factors = all_factors()
    rows = [row for place in _inside(tree(found), chosen) for row in _rows(found, factors, place)]
    return {
        "kind": "demand", "place": chosen, "level": rows[0]["level"], "year": year, "baseline": BASELINE, "seed": seed,
        "replications": replications, "scenario": scenario, "rows": rows, "programmes": _programmes(found, factors),
        "notes": [NOT_MODELLED, SHARED, *([ILLUSTRATIVE] if chosen == places.ENGLAND else [])],
    }  # fmt: skip


@dataclass(frozen=True)
class Spot:
    """A place of the tree: which leaves it adds up (None: England, carried)."""

    name: str
    level: str
    within: str
    leaves: tuple[int, ...] | None


def tree(found: Measured) -> list[Spot]:
    """Return the places from the top: England (from L&SC only), the STP, its delivery systems, its CCGs."""
    title = areas.title_of(found.cell)
    spots = [Spot(places.ENGLAND, "england", "", None)] if found.england is not None else []
    spots.append(Spot(title, "stp", places.ENGLAND, tuple(range(len(found.leaves)))))
    for system in dict.fromkeys(found.system_of):
        own = tuple(k for k, home in enumerate(found.system_of) if home == system)
        spots.append(Spot(system, "system", title, own))
        if found.leaves != found.system_of:
            spots += [Spot(found.leaves[k], "ccg", system, (k,)) for k in own]
    return spots


def _inside(spots: Sequence[Spot], chosen: str) -> list[Spot]:
    within = {spot.name: spot.within for spot in spots}
    found = []
    for spot in spots:
        name = spot.name
        while name and name != chosen:
            name = within.get(name, "")
        if name == chosen:
            found.append(spot)
    return found


def name_of(area: str) -> str:
    """Return the name of an area or place as waterfalls have it (`workforce.place_of`)."""
    return workforce.place_of(area).name


def stp_of(area: str) -> str:
    """Return the short name of the STP to simulate for an area or place; England is carried from L&SC."""
    place = workforce.place_of(area)
    if place.level == "stp":
        return next(name for name in areas.all_areas() if areas.title_of(name) == place.name)
    return areas.LSC


def _rows(found: Measured, factors: Mapping[str, Factor], place: Spot) -> list[dict[str, Any]]:
    """Return the bars of one place; means are sums of the leaves' tenths, intervals are of the place's own total."""
    if place.leaves is None:
        assert found.england is not None
        levels, tenths = found.england, whole_tenths(found.england.mean(axis=1)[:, None])[:, 0]
    else:
        own = list(place.leaves)
        levels = found.posts[:, own].sum(axis=1)
        tenths = whole_tenths(found.posts.mean(axis=2))[:, own].sum(axis=1)
    bars = np.concatenate([levels[:1], levels[1:-1] - levels[0]])
    bars = np.concatenate([bars, (levels[-1] - bars.sum(axis=0))[None], levels[-1:]])
    rows, at = [], 0.0
    for k, step in enumerate([BASE, *factors, INTERACTION, NET]):
        value = int(tenths[k]) / TENTHS
        level = step in (BASE, NET)
        factor = factors.get(step)
        half = mean_and_half_width(bars[k])["half_width"]
        start, end = (0.0, value) if level else (at, round(at + value, 1))
        rows.append({
            "place": place.name, "level": place.level, "within": place.within, "step": step,
            "title": _title(step, factor, found.year), "bar": factor.bar if factor else step,
            "programme": factor.programme if factor else "all", "kind": "level" if level else "change",
            "value": value, "half_width": half, "start": start, "end": end,
            "source": factor.source if factor else "simulated", "confidence": factor.confidence if factor else "model",
        })  # fmt: skip
        at = end
    return rows


def _title(step: str, factor: Factor | None, year: str) -> str:
    if factor is not None:
        return factor.title
    return {BASE: f"Posts needed, {BASELINE}", INTERACTION: "Together (interaction)", NET: f"Posts needed, {year}"}[
        step
    ]


def _programmes(found: Measured, factors: Mapping[str, Factor]) -> list[dict[str, Any]]:
    """Return what each case does to the posts of each programme and staff group in the STP."""
    table = found.by_programme
    keys = ["programme", "group", "employer"]
    base = table[table["case"] == BASE].set_index(keys)["posts"]
    rows = []
    for case in found.cases:
        now = table[table["case"] == case].set_index(keys)["posts"]
        for key, value in now.items():
            rows.append({
                "step": case, "title": _title(case, factors.get(case), found.year), **dict(zip(keys, key, strict=True)),
                "posts": float(value), "change": float(value - base.get(key, 0.0)),
            })  # fmt: skip
    return rows
