"""Drawings of the 44 STPs: funnels with their limits, and the league as points about England's mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

from experiments.national.league import PER
from experiments.reports.charts import BLUE, GREY, ORANGE

OWN, OTHERS, OUTSIDE = "Lancashire & South Cumbria", "illustrative STP", "outside the outer limits"
COLOURS = {OWN: ORANGE, OTHERS: BLUE, OUTSIDE: "#26323a"}


def funnel(one: Mapping[str, Any]) -> alt.LayerChart | alt.FacetChart:
    """Draw one indicator against residents: limits of chance dotted, of chance and spread together drawn through."""
    limits = pd.DataFrame(one["limits"])
    limits["residents"] /= 1e6
    places = pd.DataFrame(one["places"])
    places["residents"] /= 1e6
    places["what"] = [
        OWN if not illustrative else OUTSIDE if outside else OTHERS
        for illustrative, outside in zip(places["illustrative"], places["outside"], strict=True)
    ]
    across = alt.X("residents:Q", title="residents, millions", scale=alt.Scale(nice=False))
    layers: list[alt.Chart | alt.LayerChart] = []
    for spread, dash in ((False, [2, 3]), (True, [1, 0])):
        mine = limits[limits["spread"] == spread]
        for edge in ("low", "high"):
            layers.append(
                alt.Chart(mine).mark_line(strokeDash=dash, color=GREY, strokeWidth=1).encode(
                    x=across, y=alt.Y(f"{edge}:Q", title=f"per {one['per']:,}", scale=alt.Scale(zero=False)),
                    detail="limit:N",
                )
            )  # fmt: skip
    mean = pd.DataFrame({"overall": [one["overall"]]})
    layers.append(alt.Chart(mean).mark_rule(color=GREY).encode(y="overall:Q"))
    scale = alt.Scale(domain=list(COLOURS), range=list(COLOURS.values()))
    colour = alt.Color("what:N", scale=scale, title=None, legend=alt.Legend(orient="top"))
    layers.append(alt.Chart(places).mark_circle(size=55).encode(x=across, y="rate:Q", color=colour))
    named = places[places["what"] != OTHERS]
    layers.append(
        alt.Chart(named).mark_text(dy=-9, fontSize=9).encode(x=across, y="rate:Q", text="stp:N", color=colour)
    )
    return alt.layer(*layers).properties(width=700, height=340)


def league(rows: Sequence[Mapping[str, Any]], rate: str, title: str) -> alt.LayerChart:
    """Draw a rate of each STP, highest first, as a point on its line, with its half-width where there is one."""
    frame = pd.DataFrame([row for row in rows if row[f"{rate}_rate"] is not None])
    frame["rate"] = frame[f"{rate}_rate"]
    half_width = frame.get(f"{rate}_half_width", pd.Series(float("nan"), frame.index))
    half = PER[rate] * pd.to_numeric(half_width) / frame["residents"]  # one replication has none: no rule is drawn
    frame["low"], frame["high"] = frame["rate"] - half, frame["rate"] + half
    frame["what"] = frame["illustrative"].map({True: OTHERS, False: OWN})
    frame = frame.sort_values(["rate", "number"], ascending=[False, True])
    down = alt.Y("stp:N", sort=list(frame["stp"]), title=None, axis=alt.Axis(labelLimit=330, labelFontSize=9))
    scale = alt.Scale(domain=[OWN, OTHERS], range=[ORANGE, BLUE])
    colour = alt.Color("what:N", scale=scale, title=None, legend=alt.Legend(orient="top"))
    base = alt.Chart(frame)
    points = base.mark_circle(size=45).encode(
        y=down, x=alt.X("rate:Q", title=title, scale=alt.Scale(zero=False)), color=colour
    )
    bars = base.transform_filter("isValid(datum.low)").mark_rule().encode(y=down, x="low:Q", x2="high:Q", color=colour)
    return (bars + points).properties(width=480, height=14 * len(frame))
