"""Drawings of the million: from planned to delivered in one year, and planned beside delivered year by year."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

from experiments.million import bottlenecks
from experiments.reports.charts import BLUE, GREY, ORANGE

GREEN = "#3f8f5f"
COLOURS = {"planned": GREY, "delivered": BLUE, "lost": ORANGE, "more": GREEN}


def svg(chart: alt.LayerChart | alt.Chart | alt.FacetChart) -> str:
    """Return a drawing as text that needs nothing from outside."""
    out = io.StringIO()
    chart.save(out, format="svg")
    return out.getvalue()


def cascade(steps: Sequence[tuple[str, float]], unit: str) -> alt.LayerChart:
    """Draw the steps from planned down to delivered: each hangs where the one before ended.

    Parameters
    ----------
    steps : (title, number), planned first and delivered last; what is lost is negative
    """
    rows, at = [], 0.0
    for title, value in steps:
        level = title in (bottlenecks.PLANNED, bottlenecks.DELIVERED)
        start, end = (0.0, value) if level else (at, at + value)
        at = end
        what = title if level else ("more" if value >= 0 else "lost")
        label = f"{value:,.0f}" if level else f"{value:+,.0f}"
        rows.append({"step": title, "start": start, "end": end, "top": max(start, end), "what": what, "label": label})
    frame = pd.DataFrame(rows)
    down = alt.Y("step:N", sort=None, title=None, axis=alt.Axis(labelLimit=330))
    base = alt.Chart(frame)
    scale = alt.Scale(domain=list(COLOURS), range=list(COLOURS.values()))
    bars = base.mark_bar().encode(
        y=down, x=alt.X("start:Q", title=unit), x2="end:Q", color=alt.Color("what:N", scale=scale, legend=None)
    )
    labels = base.mark_text(align="left", dx=4, fontSize=10).encode(y=down, x="top:Q", text="label:N")
    return (bars + labels).properties(width=520, height=24 * len(rows))


def by_year(rows: Sequence[Mapping[str, Any]], unit: str) -> alt.FacetChart:
    """Draw planned and delivered (with their half-widths) by year, a small drawing a programme."""
    frame = pd.DataFrame(rows)
    half = pd.to_numeric(frame["half_width"])  # one replication has none: no rule is drawn
    frame["low"], frame["high"] = frame["value"] - half, frame["value"] + half
    scale = alt.Scale(domain=["planned", "delivered"], range=[GREY, BLUE])
    colour = alt.Color("step:N", scale=scale, title=None, legend=alt.Legend(orient="top"))
    across = alt.X("year:N", title=None, axis=alt.Axis(labelAngle=-40))
    base = alt.Chart(frame)
    line = base.mark_line(point=True).encode(x=across, y=alt.Y("value:Q", title=unit), color=colour)
    known = base.transform_filter("isValid(datum.low)")
    bars = known.mark_rule().encode(x=across, y="low:Q", y2="high:Q", color=colour)
    faceted = (
        (line + bars)
        .properties(width=200, height=130)
        .facet(facet=alt.Facet("programme:N", title=None, sort=None), columns=3)
    )
    return faceted.resolve_scale(y="independent")
