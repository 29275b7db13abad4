"""Drawings of a skill mix: posts by role in each mix, and the frontier."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

from experiments.skillmix.rules import title_of as role

COLOURS = ("#1f5f99", "#b3402a", "#3f8f5f", "#f2b632", "#7a868f", "#7b5ea7", "#c98a4b", "#4aa3a2")
WIDTH = 700


def svg(chart: alt.Chart | alt.LayerChart) -> str:
    """Return a chart as SVG text."""
    out = io.StringIO()
    chart.save(out, format="svg")
    return out.getvalue()


def unit_of(minutes: Sequence[float]) -> tuple[str, float]:
    """Return the unit in which a reader would say these times, and its minutes."""
    longest = max(minutes, default=0.0)
    return ("minutes", 1.0) if longest < 120 else ("hours", 60.0) if longest < 2880 else ("days", 1440.0)


def posts(document: Mapping[str, Any], names: Sequence[str]) -> str:
    """Draw posts by role, a bar a mix."""
    frame = pd.DataFrame(
        [{"mix": name, "role": role(row["role"]), "posts": row[name]} for row in document["roles"] for name in names]
    )
    roles = [role(row["role"]) for row in document["roles"]]
    scale = alt.Scale(domain=roles, range=list(COLOURS[: len(roles)]))
    chart = alt.Chart(frame).mark_bar().encode(
        y=alt.Y("mix:N", sort=list(names), title=None, axis=alt.Axis(labelLimit=200)),
        x=alt.X("posts:Q", title="posts (WTE)"), color=alt.Color("role:N", scale=scale, title=None, sort=roles),
        order=alt.Order("role:N"), tooltip=["mix", "role", alt.Tooltip("posts", format=".1f")],
    )  # fmt: skip
    return svg(chart.properties(width=WIDTH - 100, height=44 * len(names)))


def frontier(document: Mapping[str, Any]) -> str:
    """Draw cost against wait; colour is the registered share, beaten points are hollow."""
    rows = [row for row in document["frontier"] if "pounds" in row]
    unit, minutes = unit_of([row["wait_minutes"] for row in rows])
    frame = pd.DataFrame(
        [
            {"pounds": row["pounds"] / 1e6, "wait": row["wait_minutes"] / minutes,
             "registered": row["registered_share"],
             "allowed": f"{row['wait_factor']:g} times", "beaten": row["beaten"]}
            for row in rows
        ],
        columns=["pounds", "wait", "registered", "allowed", "beaten"],
    )  # fmt: skip
    order = [f"{wait:g} times" for wait in sorted({row["wait_factor"] for row in rows})]
    across = alt.X("wait:Q", title=f"mean wait for staff, {unit} (simulated)", scale=alt.Scale(zero=False))
    up = alt.Y("pounds:Q", title="£ million a year", scale=alt.Scale(zero=False))
    base = alt.Chart(frame)
    shape = alt.Shape("allowed:N", title="time allowed, of the standard", sort=order)
    colour = alt.Color(
        "registered:Q", title="registered share", scale=alt.Scale(scheme="viridis"), legend=alt.Legend(format=".0%")
    )
    on = base.transform_filter("!datum.beaten").mark_point(filled=True, size=150, opacity=1).encode(
        x=across, y=up, color=colour, shape=shape
    )  # fmt: skip
    off = base.transform_filter("datum.beaten").mark_point(filled=False, size=90, strokeWidth=2).encode(
        x=across, y=up, color=colour, shape=shape
    )  # fmt: skip
    line = base.transform_filter("!datum.beaten").mark_line(color="#c9d1d7", strokeDash=[3, 3]).encode(
        x=across, y=up, detail="registered:N"
    )  # fmt: skip
    labels = base.transform_calculate(label="format(datum.registered, '.0%')").mark_text(dx=12, align="left").encode(
        x=across, y=up, text="label:N"
    )  # fmt: skip
    return svg((line + off + on + labels).properties(width=WIDTH - 140, height=320))
