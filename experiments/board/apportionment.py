"""Third quadrant: the share of the national plan beside what people's demand asks for, and how large the gap may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

import pandas as pd

from experiments.board import pictures
from experiments.board.evidence import Drawing, Evidence, Quadrant, Statement
from experiments.board.where import Where
from experiments.demand import places
from experiments.intervals import mean_and_half_width
from experiments.workforce import waterfall

WAYS = ("people", "deprivation", "need")
LEVELS = ("P50", "P80", "P95")
NHS = "nhs"
"""The employer whose posts the plan counts"""
MILLION = 1e6
APPORTIONED = (
    ("place", "text"), *((way, "whole") for way in WAYS), ("needed_2016_17", "one"), ("needed_2020_21", "one"),
    ("modelled", "one"), ("half_width", "one"), ("gap", "one"), ("rank_by_share", "whole"), ("rank_by_demand", "whole"),
)  # fmt: skip
BARS = (
    ("place", "text"), ("step", "text"), ("title", "text"), ("kind", "text"), ("value", "whole"), ("start", "whole"),
    ("end", "whole"), ("source", "wrap"), ("confidence", "text"),
)  # fmt: skip
RISKS = (
    ("place", "text"), ("outcome", "text"), ("level", "text"), ("value", "one"), ("low", "one"), ("high", "one")
)  # fmt: skip


def quadrant(
    where: Where, by: str, modelled: Mapping[str, Sequence[tuple[float, float]]], modelled_behind: str,
    percentiles: Sequence[Mapping[str, Any]], risk_behind: str,
) -> Quadrant:  # fmt: skip
    """Return the quadrant of a place.

    Parameters
    ----------
    by : the way of sharing that is set beside demand
    modelled : by place, what demand asks for in 2016/17 and 2020/21, a pair each replication
    percentiles : of a risk analysis
    """
    rows = compared(where, by, modelled)
    bars = [row for row in waterfall.document(where.place, by)["rows"] if row["place"] == where.place]
    risks = [row for row in percentiles if row["level"] in LEVELS and row["place"] in (where.place, *where.inside)]
    tables = [
        Evidence(
            "apportioned", "New posts by 2020/21: apportioned, and asked for by demand", APPORTIONED, rows,
            f"{modelled_behind}; parity waterfall --by people, deprivation, need",
            f"WTE of NHS employers. Modelled: posts the demand of 2020/21 asks for, less those of 2016/17. Gap: "
            f"modelled less the share by {by}.",
        ),
        Evidence(
            "waterfall", "The national workforce plan's share", BARS, bars,
            f"parity waterfall --area '{where.place}' --by {by}", "Not local: England's numbers shared out.", 100,
        ),
        Evidence("risk", "How large the gap may be in 2020/21", RISKS, risks, risk_behind,
                 "Posts needed less staff in post (WTE), and pounds a year to close it; low and high: what the "
                 "surrogate leaves open. Percentiles of places do not add up."),
    ]  # fmt: skip
    return Quadrant(
        "apportionment", "Apportioned against demand, with risk",
        [_waterfall(bars), _beside(rows, by), *_risks(risks, where.place)],
        [_said(rows, by), _ranks(rows, by), *_risk_said(where, risks)], tables,
    )  # fmt: skip


def compared(where: Where, by: str, modelled: Mapping[str, Sequence[tuple[float, float]]]) -> list[dict[str, Any]]:
    """Return a row for the place and each within it: shares each way, what demand asks for more, the signed gap, ranks.

    Only places with both have a gap and a rank.
    """
    rows = shares(where)
    for row in rows:
        pairs = modelled.get(row["place"])
        if pairs is None:
            continue
        first, last = (mean_and_half_width([pair[k] for pair in pairs])["mean"] for k in (0, 1))
        more = mean_and_half_width([later - now for now, later in pairs])
        half = more["half_width"] if len(pairs) > 1 else None
        row |= {"needed_2016_17": first, "needed_2020_21": last, "modelled": more["mean"], "half_width": half}
        if by in row:
            row["gap"] = more["mean"] - row[by]
    ranked = [row for row in rows[1:] if "gap" in row]
    for name, key in (("rank_by_share", by), ("rank_by_demand", "modelled")):
        for rank, row in enumerate(sorted(ranked, key=itemgetter(key), reverse=True), start=1):
            row[name] = rank
    return rows


def shares(where: Where) -> list[dict[str, Any]]:
    """Return the new posts of the place and of the places within it, by each way of sharing."""
    found: dict[str, dict[str, Any]] = {}
    for way in WAYS:
        for row in waterfall.document(where.place, way)["rows"]:
            if row["step"] == "new_posts" and row["place"] in (where.place, *where.inside):
                found.setdefault(row["place"], {"place": row["place"]})[way] = row["value"]
    return list(found.values())


def by_place(posts: Mapping[str, pd.DataFrame], where: Where) -> dict[str, list[tuple[float, float]]]:
    """Return, by place, what demand asks for of NHS employers at the baseline and later, a pair each replication.

    What the area shares is divided among its delivery systems by their residents' use (`demand.places`).

    Parameters
    ----------
    posts : `posts_needed` of the whole area, `now` and `later`
    """
    nhs = [
        places.shared_out(frame[frame["employer"] == NHS], where.area).groupby(["system", "replication"])["posts"].sum()
        for frame in (posts["now"], posts["later"])
    ]
    systems = [str(name) for name in dict.fromkeys(nhs[0].index.get_level_values("system"))]
    own = {system: list(zip(*(one[system].to_numpy(float) for one in nhs), strict=True)) for system in systems}
    if where.level == "system":
        return {where.place: own[where.place]}
    whole = [tuple(map(sum, zip(*pairs, strict=True))) for pairs in zip(*own.values(), strict=True)]
    return {where.place: whole, **{name: own[name] for name in systems if name in where.inside}}


def _waterfall(bars: Sequence[Mapping[str, Any]]) -> Drawing:
    return Drawing("The plan's share, from posts to gap", pictures.waterfall(bars, "Workforce waterfall"), "waterfall")


def _beside(rows: Sequence[Mapping[str, Any]], by: str) -> Drawing:
    titles = {"people": "by head count", "deprivation": "by deprivation", "need": "by need"}
    bars = [(by, f"apportioned {titles[by]}", pictures.GREY), ("modelled", "asked for by demand", pictures.BLUE)]
    shown = [row for row in (rows[1:] or rows) if "modelled" in row] or list(rows[:1])
    drawn = [
        {"name": row["place"], by: row.get(by, 0), "modelled": row.get("modelled", 0.0),
         "low": row.get("modelled", 0.0) - (row.get("half_width") or 0.0),
         "high": row.get("modelled", 0.0) + (row.get("half_width") or 0.0)}
        for row in shown
    ]  # fmt: skip
    picture = pictures.paired(drawn, bars, "Apportioned and asked for", low="low", high="high", wide=370, row_tall=11)
    return Drawing("New posts by 2020/21", picture, "apportioned")


def _risks(risks: Sequence[Mapping[str, Any]], whole: str) -> list[Drawing]:
    rows: dict[str, dict[str, Any]] = {}
    for row in risks:
        if row["outcome"] == "gap_posts":
            name = "all together" if row["place"] == whole else row["place"]
            rows.setdefault(name, {"name": name})[row["level"].lower()] = row["value"]
    if not rows:
        return []
    picture = pictures.spans(list(rows.values()), "Risk")
    return [Drawing("Posts needed beyond staff in post, 2020/21", picture, "risk")]


def _said(rows: Sequence[Mapping[str, Any]], by: str) -> Statement:
    whole = rows[0]
    text = (
        f"The plan's new posts are {whole['people']:,} here by head count, {whole['deprivation']:,} by deprivation "
        f"(illustrative), {whole['need']:,} by need"
    )
    if "modelled" not in whole:
        return Statement(f"{text}.", "apportioned", {way: whole[way] for way in WAYS})
    more = "more" if whole["gap"] > 0 else "fewer"
    text += (
        f"; demand asks for {whole['modelled']:,.0f} more than in 2016/17, {abs(whole['gap']):,.0f} {more} than the "
        f"share by {by}."
    )
    return Statement(
        text,
        "apportioned",
        {**{way: whole[way] for way in WAYS}, "modelled": whole["modelled"], "gap": whole["gap"], "by": by},
    )


def _ranks(rows: Sequence[Mapping[str, Any]], by: str) -> Statement:
    ranked = [row for row in rows if "rank_by_share" in row]
    moved = [row for row in ranked if row["rank_by_share"] != row["rank_by_demand"]]
    if len(ranked) < 2:
        return Statement("Only this place is compared: it has no places within it.", "apportioned")
    if not moved:
        return Statement("Delivery systems rank alike by share and by demand.", "apportioned", {"moved": 0})
    words = "; ".join(
        f"{row['place']}: {row['rank_by_share']} by share, {row['rank_by_demand']} by demand" for row in moved
    )
    return Statement(f"Ranks that change: {words}.", "apportioned", {"moved": len(moved), "by": by})


def _risk_said(where: Where, risks: Sequence[Mapping[str, Any]]) -> list[Statement]:
    of = {(row["outcome"], row["level"]): row["value"] for row in risks if row["place"] == where.place}
    if ("gap_posts", LEVELS[0]) not in of:
        return []
    posts = [of["gap_posts", level] for level in LEVELS]
    pounds = [of["gap_pounds", level] / MILLION for level in LEVELS]
    text = (
        f"Posts needed exceed staff in post in 2020/21 by {posts[0]:,.0f} (P50), {posts[1]:,.0f} (P80), "
        f"{posts[2]:,.0f} (P95); closing that costs £{pounds[0]:,.1f}, £{pounds[1]:,.1f} and £{pounds[2]:,.1f} million "
        "a year."
    )
    return [Statement(text, "risk", dict(zip(LEVELS, posts, strict=True)))]
