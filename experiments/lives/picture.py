"""A life as a picture: a line of time for every step of every referral, and the scores beneath."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd

from experiments.reports.words import titled

WAITING, IN_CARE, PASSING = "waiting", "seen, treated or staying", "time passing"
COLOURS = {WAITING: "#b3402a", IN_CARE: "#1f5f99", PASSING: "#c9d1d7"}
SEEN, NOT_ATTENDED, NOT_MADE, OUTCOME = "seen", "not attended", "due, not made", "ends"
SHAPES = {SEEN: "circle", NOT_ATTENDED: "cross", NOT_MADE: "triangle-down", OUTCOME: "square"}
FILLS = {SEEN: "#0b2f52", NOT_ATTENDED: "#f2b632", NOT_MADE: "#7a868f", OUTCOME: "#26323a"}
KINDS = ("png", "svg", "html")
MOST_LANES = 20
"""Lines of a picture up to which every referral has its own"""


def drawn(life: Mapping[str, Any], title: str) -> alt.VConcatChart:
    """Return the picture of a life that has referrals, without the look of its frame."""
    lanes = _lanes(life)
    order = list(dict.fromkeys(lanes.values()))
    axis = alt.X("from:T", title=None, axis=alt.Axis(format="%d %b %Y", labelAngle=-30, labelOverlap=True))
    lane = alt.Y("lane:N", sort=order, title=None, axis=alt.Axis(labelLimit=330, grid=True))
    bottom = alt.Legend(orient="bottom", labelLimit=300)
    colours = alt.Scale(domain=list(COLOURS), range=list(COLOURS.values()))
    bars = alt.Chart(_bars(life, lanes)).mark_bar(height=11, strokeWidth=1.5).encode(
        x=axis, x2="to:T", y=lane, color=alt.Color("what:N", title=None, scale=colours, legend=bottom),
        stroke=alt.Stroke("what:N", scale=colours, legend=None),  # so that a minute can be seen beside a month
        tooltip=["lane:N", "what:N", "from:T", "to:T"],
    )  # fmt: skip
    points = alt.Chart(_points(life, lanes)).mark_point(size=42, filled=True, opacity=1).encode(
        x=axis, y=lane,
        shape=alt.Shape("what:N", title=None, scale=alt.Scale(domain=list(SHAPES), range=list(SHAPES.values())),
                        legend=bottom),
        fill=alt.Fill("what:N", title=None, scale=alt.Scale(domain=list(FILLS), range=list(FILLS.values())),
                      legend=bottom),
        tooltip=["lane:N", "what:N", "from:T"],
    )  # fmt: skip
    steps = alt.layer(bars, points).resolve_scale(color="independent").properties(width=720, height=alt.Step(22))
    scores = _scores(life)
    rows = [steps] if scores is None else [steps, scores]
    words = alt.TitleParams(title, subtitle="A synthetic person: made from published tables.", anchor="start")
    return alt.vconcat(*rows, title=words).resolve_scale(color="independent", x="shared")


def save(life: Mapping[str, Any], title: str, out: Path) -> dict[str, Path]:
    """Write the picture as PNG, SVG and a page that needs nothing from outside; returns the files by kind."""
    chart = drawn(life, title).configure_view(stroke=None)
    files = {kind: out / f"life.{kind}" for kind in KINDS}
    chart.save(files["png"], scale_factor=2)
    chart.save(files["svg"])
    chart.save(files["html"], inline=True)
    return files


def save_together(lives: Sequence[Mapping[str, Any]], out: Path) -> dict[str, Path]:
    """Write lives one under another on the same line of time; returns the files by kind."""
    charts = [drawn(life, str(life["name"])) for life in lives if life["visits"]]
    first = min(visit["joined"] for life in lives for visit in life["visits"])
    last = max(life["ends"] for life in lives)
    frame = alt.Chart(pd.DataFrame({"from": [first, last]})).mark_point(opacity=0).encode(
        x=alt.X("from:T", title=None, axis=None)
    ).properties(width=720, height=2)  # fmt: skip
    chart = alt.vconcat(*charts, frame).resolve_scale(x="shared", color="independent").configure_view(stroke=None)
    files = {kind: out / f"lives.{kind}" for kind in KINDS}
    chart.save(files["png"], scale_factor=2)
    chart.save(files["svg"])
    chart.save(files["html"], inline=True)
    return files


def _lanes(life: Mapping[str, Any]) -> dict[tuple[int, str], str]:
    """Return the name of the line of (referral, state), in the order in which they were come to.

    In a life of many referrals the visits to a state share a line.
    """
    visits = life["visits"]
    apart = len({(visit["referral"], visit["state"]) for visit in visits}) <= MOST_LANES and len(life["referrals"]) > 1
    return {
        (visit["referral"], visit["state"]): (f"{visit['referral']} · " if apart else "") + titled(visit["title"])
        for visit in visits
    }


def _bars(life: Mapping[str, Any], lanes: Mapping[tuple[int, str], str]) -> pd.DataFrame:
    rows = []
    for visit in life["visits"]:
        lane = lanes[visit["referral"], visit["state"]]
        began, ended = visit["began"], visit["ended"] or life["ends"]
        if visit["kind"] == "time passing":
            rows.append({"lane": lane, "what": PASSING, "from": visit["joined"], "to": ended})
            continue
        rows.append(
            {"lane": lane, "what": WAITING, "from": visit["joined"], "to": began or visit["missed_at"] or ended}
        )
        if began is not None:
            rows.append({"lane": lane, "what": IN_CARE, "from": began, "to": ended})
    return pd.DataFrame(rows, columns=["lane", "what", "from", "to"])


def _points(life: Mapping[str, Any], lanes: Mapping[tuple[int, str], str]) -> pd.DataFrame:
    rows = []
    for visit in life["visits"]:
        lane = lanes[visit["referral"], visit["state"]]
        if visit["kind"] == "contact" and visit["began"] is not None:
            rows.append({"lane": lane, "what": SEEN, "from": visit["began"]})
        if visit["missed_at"] is not None:
            rows.append({"lane": lane, "what": NOT_ATTENDED, "from": visit["missed_at"]})
    for one in life["contacts"]:
        lane = lanes[one["referral"], one["state"].partition("/")[2].removesuffix("/visit")]
        what = SEEN if one["attended"] else NOT_ATTENDED if one["made"] else NOT_MADE
        rows.append({"lane": lane, "what": what, "from": one["when"]})
    for referral in life["referrals"]:
        mine = [visit for visit in life["visits"] if visit["referral"] == referral["referral"]]
        if referral["closed"] is not None and mine:
            last = lanes[mine[-1]["referral"], mine[-1]["state"]]
            rows.append({"lane": last, "what": OUTCOME, "from": referral["closed"]})
    return pd.DataFrame(rows, columns=["lane", "what", "from"])


def _scores(life: Mapping[str, Any]) -> alt.Chart | None:
    """Draw the depression and anxiety scores, if they changed."""
    names = {"phq9": "PHQ-9", "gad7": "GAD-7"}
    changed = [row for row in life["changes"] if row["what"] in names]
    if not changed:
        return None
    first = min(visit["joined"] for visit in life["visits"])
    rows = []
    for name in dict.fromkeys(row["what"] for row in changed):
        mine = [row for row in changed if row["what"] == name]
        rows.append({"what": names[name], "from": min(first, pd.Timestamp(mine[0]["day"])), "score": mine[0]["before"]})
        rows += [{"what": names[name], "from": pd.Timestamp(row["day"]), "score": row["after"]} for row in mine]
        rows.append({"what": names[name], "from": life["ends"], "score": mine[-1]["after"]})
    several = len({row["what"] for row in rows}) > 1
    dash = alt.StrokeDash("what:N", title=None, legend=alt.Legend(orient="bottom") if several else None)
    return alt.Chart(pd.DataFrame(rows)).mark_line(interpolate="step-after", color="#26323a").encode(
        x=alt.X("from:T", title=None, axis=alt.Axis(format="%d %b %Y", labelAngle=-30, labelOverlap=True)),
        y=alt.Y("score:Q", title="score" if several else rows[0]["what"], scale=alt.Scale(domain=[0, 27])),
        strokeDash=dash,
    ).properties(width=720, height=110)  # fmt: skip
