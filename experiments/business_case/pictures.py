"""Drawings of a business case: benefits with their intervals, cost by year, the spread of the cost, who gains."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from experiments.business_case.said import changed
from experiments.pairs.difference_charts import intervals

Drawings = Iterator[tuple[str, str]]
"""(title, SVG)"""
COLOURS = ("#1f5f99", "#b3402a", "#3f8f5f", "#f2b632", "#7b5ea7", "#7a868f")
DIMENSIONS = ("age", "sex", "deprivation fifth", "ethnicity")
CURVE_POINTS = 120
TAIL = 0.002
"""Draws at either end that are not drawn"""
LEGEND = alt.Legend(orient="bottom", columns=1, labelLimit=500)


def benefits(document: Mapping[str, Any]) -> Drawings:
    """Yield one drawing an option: differences in per cent, of shares in percentage points."""
    for one in document["found"]:
        rows = []
        for row in one["benefits"]:
            if not row["base"]:
                continue
            by = 100 if row["unit"] == "share" else 100 / row["base"]
            half = row["half_width"]
            rows.append({
                "name": row["benefit"], "value": by * row["difference"], "words": changed(row),
                "low": None if half is None else by * (row["difference"] - half),
                "high": None if half is None else by * (row["difference"] + half),
                "better": {"more": 1, "fewer": -1}.get(row["better"], 0),
            })  # fmt: skip
        if rows and rows[0]["low"] is not None:
            title = f"{_title(document, one)}: difference in per cent, of shares in percentage points"
            yield title, intervals(rows, title)


def _title(document: Mapping[str, Any], one: Mapping[str, Any]) -> str:
    return next(option["title"] for option in document["options"] if option["name"] == one["name"])


def _svg(chart: alt.Chart | alt.LayerChart) -> str:
    out = io.StringIO()
    chart.save(out, format="svg")
    return out.getvalue()


def years(document: Mapping[str, Any]) -> Drawings:
    """Yield one drawing: extra cost of every option by year."""
    rows = [
        {"option": _title(document, one), "year": row["year"], "extra": row["extra"] / 1e6}
        for one in document["found"] for row in one["years"]
    ]  # fmt: skip
    frame = pd.DataFrame(rows).groupby(["option", "year"], sort=False, as_index=False)["extra"].sum()
    names = list(dict.fromkeys(frame["option"]))
    chart = (
        alt.Chart(frame)
        .mark_bar()
        .encode(
            x=alt.X("year:N", title=None, axis=alt.Axis(labelAngle=0)), xOffset=alt.XOffset("option:N", sort=names),
            y=alt.Y("extra:Q", title="£ million more than doing nothing"),
            color=alt.Color("option:N", sort=names, title=None, legend=LEGEND,
                            scale=alt.Scale(domain=names, range=COLOURS[: len(names)])),
        )
        .properties(width=640, height=220)
    )  # fmt: skip
    yield "Extra cost by year, all payers", _svg(chart)


def risk(document: Mapping[str, Any]) -> Drawings:
    """Yield one drawing: how likely an option costs more than so much."""
    rows = []
    for one in document["found"]:
        drawn = np.sort(one["risk"]["all payers"]["draws"])
        at = np.linspace(TAIL, 1 - TAIL, CURVE_POINTS) * (len(drawn) - 1)
        rows += [
            {"option": _title(document, one), "millions": drawn[k] / 1e6, "exceeded": 1 - k / (len(drawn) - 1)}
            for k in at.astype(int)
        ]
    names = list(dict.fromkeys(row["option"] for row in rows))
    base = alt.Chart(pd.DataFrame(rows))
    lines = base.mark_line(strokeWidth=2).encode(
        x=alt.X("millions:Q", title=f"£ million more than doing nothing in {document['last_year']}"),
        y=alt.Y("exceeded:Q", title="chance that it costs more", axis=alt.Axis(format="%")),
        color=alt.Color("option:N", sort=names, title=None, legend=LEGEND,
                        scale=alt.Scale(domain=names, range=COLOURS[: len(names)])),
    )  # fmt: skip
    levels = alt.Chart(pd.DataFrame({"y": [0.5, 0.2, 0.05], "name": ["P50", "P80", "P95"]}))
    rule = levels.mark_rule(strokeDash=[3, 3], color="#7a868f").encode(y="y:Q")
    names_of = levels.mark_text(align="left", dx=3, dy=-5, color="#7a868f").encode(
        y="y:Q", x=alt.value(0), text="name:N"
    )
    yield (
        "How likely each option costs more than so much",
        _svg((lines + rule + names_of).properties(width=640, height=240)),
    )


def equality(document: Mapping[str, Any]) -> Drawings:
    """Yield one drawing an option: shorter less longer of a thousand residents, by group."""
    for one in document["found"]:
        rows = [row for row in one["equality"] if row["dimension"] in DIMENSIONS and row["half_width"] is not None]
        if rows:
            title = f"{_title(document, one)}: people who wait shorter less those who wait longer, of 1,000 residents"
            yield title, intervals([
                {"name": f"{row['group']} ({row['dimension']})", "value": row["net_per_1000"], "better": 1,
                 "low": row["net_per_1000"] - row["half_width"], "high": row["net_per_1000"] + row["half_width"],
                 "words": f"{row['net_per_1000']:+.2f}".replace("-", "−")}
                for row in rows
            ], title)  # fmt: skip
