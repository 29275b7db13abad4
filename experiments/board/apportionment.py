"""Third quadrant: the share of the national plan beside what people's demand asks for, and how large the gap may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from experiments.board import pictures
from experiments.board.evidence import Drawing, Evidence, Quadrant, Statement
from experiments.board.where import Where
from experiments.demand.national import POSTS
from experiments.workforce import waterfall

WAYS = ("people", "deprivation", "need")
LEVELS = ("P50", "P80", "P95")
MILLION = 1e6
APPORTIONED = (
    ("place", "text"), *((way, "whole") for way in WAYS), ("modelled", "one"), ("half_width", "one"), ("gap", "one"),
    ("rank_by_share", "whole"), ("rank_by_demand", "whole"),
)  # fmt: skip
BARS = (
    ("place", "text"), ("step", "text"), ("title", "text"), ("kind", "text"), ("value", "whole"), ("start", "whole"),
    ("end", "whole"), ("source", "wrap"), ("confidence", "text"),
)  # fmt: skip
RISKS = (
    ("place", "text"), ("outcome", "text"), ("level", "text"), ("value", "one"), ("low", "one"), ("high", "one")
)  # fmt: skip


def quadrant(
    where: Where, by: str, compared: Mapping[str, Any], compared_behind: str, percentiles: Sequence[Mapping[str, Any]],
    risk_behind: str,
) -> Quadrant:  # fmt: skip
    """Return the quadrant of a place.

    Parameters
    ----------
    by : the way of sharing that is set beside demand
    compared : the document of `demand.compared`
    percentiles : of a risk analysis
    """
    rows = posts_of(compared, where, by)
    bars = [row for row in waterfall.document(where.place, by)["rows"] if row["place"] == where.place]
    risks = [row for row in percentiles if row["level"] in LEVELS and row["place"] in (where.place, *where.inside)]
    tables = [
        Evidence(
            "apportioned", "New posts by 2020/21: apportioned, and asked for by demand", APPORTIONED, rows,
            compared_behind, " ".join(
                (*compared["notes"], f"Gap and rank: beside the share by {by}; ranks by new posts a resident.")
            ),
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
        [_said(rows, by), *_ranks(rows, by), *_risk_said(where, risks)], tables,
    )  # fmt: skip


def posts_of(document: Mapping[str, Any], where: Where, by: str) -> list[dict[str, Any]]:
    """Return a row for the place and each within it: new posts by each share, what demand asks for more, the gap.

    Parameters
    ----------
    document : of `demand.compared`: increments over the same services, employers and staff groups
    by : the share whose gap and rank are told
    """
    rows: dict[str, dict[str, Any]] = {}
    for row in document["rows"]:
        if row["quantity"] != POSTS or row["place"] not in (where.place, *where.inside):
            continue
        one = rows.setdefault(row["place"], {"place": row["place"]})
        one[row["basis"]] = row["apportioned"]
        one |= {"modelled": row["modelled"], "half_width": row["half_width"]}
        if row["basis"] == by:
            one["gap"] = row["gap"]
    order = {(row["place"], row["basis"]): row["rank"] for row in document["ranks"]}
    for name, one in rows.items():
        one["rank_by_share"], one["rank_by_demand"] = order.get((name, by)), order.get((name, "modelled"))
    return sorted(rows.values(), key=lambda one: one["place"] != where.place)


def _waterfall(bars: Sequence[Mapping[str, Any]]) -> Drawing:
    return Drawing("The plan's share, from posts to gap", pictures.waterfall(bars, "Workforce waterfall"), "waterfall")


def _beside(rows: Sequence[Mapping[str, Any]], by: str) -> Drawing:
    titles = {"people": "by head count", "deprivation": "by deprivation", "need": "by need"}
    bars = [(by, f"apportioned {titles[by]}", pictures.GREY), ("modelled", "asked for by demand", pictures.BLUE)]
    both = [row for row in rows if row["modelled"] is not None]
    shown = (both[1:] if len(both) > 2 else both) or rows[:1]
    drawn = []
    for row in shown:
        value, half = row["modelled"] or 0.0, row["half_width"] or 0.0
        drawn.append({"name": row["place"], by: row[by], "modelled": value, "low": value - half, "high": value + half})
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
    values = {**{way: whole[way] for way in WAYS}, "by": by}
    if whole["modelled"] is None:
        return Statement(f"{text}.", "apportioned", values)
    half = "" if whole["half_width"] is None else f" ± {whole['half_width']:,.0f}"
    text += (
        f"; over the same services demand asks for {whole['modelled']:,.0f}{half} more than in 2016/17, "
        f"{abs(whole['gap']):,.0f} {'more' if whole['gap'] > 0 else 'fewer'} than the share by {by}."
    )
    return Statement(text, "apportioned", values | {"modelled": whole["modelled"], "gap": whole["gap"]})


def _ranks(rows: Sequence[Mapping[str, Any]], by: str) -> list[Statement]:
    ranked = [row for row in rows if row["rank_by_share"] is not None]
    moved = [row for row in ranked if row["rank_by_share"] != row["rank_by_demand"]]
    if not ranked:
        return []
    words = "; ".join(
        f"{row['place']} {row['rank_by_share']} by share, {row['rank_by_demand']} by demand" for row in moved
    )
    text = f"Ranks by new posts a resident that change: {words}." if moved else (
        "Delivery systems rank alike, by new posts a resident, under the share and by demand."
    )  # fmt: skip
    return [Statement(text, "apportioned", {"moved": len(moved), "by": by})]


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
