"""Drawings of a risk analysis as small SVG text: exceedance curves, tornado, the register's five by five."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from experiments.reports.charts import BLUE, FAINT, INK, ORANGE, frame, svg, text, ticks
from experiments.risk.register import rating

RATING_COLOURS = {"low": "#e4efe6", "moderate": "#fbf0c9", "high": "#f5c58a", "extreme": "#e08a6b"}
LIKELIHOOD = ("rare", "unlikely", "possible", "likely", "almost certain")
IMPACT = ("negligible", "minor", "moderate", "major", "severe")


def exceedance(
    curve: Sequence[Mapping[str, float]], levels: Sequence[Mapping[str, Any]], unit: str, scale: float, label: str
) -> str:
    """Draw the probability that a gap is larger than so much, with the levels marked.

    Parameters
    ----------
    curve : rows {value, exceeded}
    levels : rows {level, probability, value, low, high}; a band shows what the surrogate leaves open
    unit, scale : of the axis: `value × scale` is written
    """
    left, top, wide, tall = 42.0, 10.0, 420.0, 190.0
    xs = [row["value"] * scale for row in curve]
    least, most = min(xs), max(xs)
    span = max(most - least, 1e-9)

    def x(value: float) -> float:
        return left + wide * (min(max(value * scale, least), most) - least) / span

    def y(share: float) -> float:
        return top + tall * (1 - share)

    parts = [frame(left, top, wide, tall)]
    for k in range(5):
        parts.append(text(left - 4, y(k / 4) + 3, f"{25 * k} %", 9, "end"))
        parts.append(f'<path d="M{left:.0f},{y(k / 4):.1f}h{wide:.0f}" stroke="{FAINT}" stroke-width=".5"/>')
    for tick in ticks(most, least, 5):
        parts.append(text(left + wide * (tick - least) / span, top + tall + 13, f"{tick:,g}", 9, "middle"))
    if least < 0 < most:
        parts.append(f'<path d="M{x(0):.1f},{top:.0f}v{tall:.0f}" stroke="{INK}" stroke-width=".8"/>')
    line = " ".join(f"{x(row['value']):.1f},{y(row['exceeded']):.1f}" for row in curve)
    parts.append(f'<polyline points="{line}" fill="none" stroke="{BLUE}" stroke-width="2"/>')
    for row in levels:
        share = 1 - row["probability"]
        band = f'x="{x(row["low"]):.1f}" y="{top:.0f}" width="{max(x(row["high"]) - x(row["low"]), 0.8):.1f}"'
        parts.append(f'<rect {band} height="{tall:.0f}" fill="{ORANGE}" fill-opacity=".18"/>')
        at = f"M{x(row['value']):.1f},{y(share):.1f}V{top + tall:.0f}"
        parts.append(f'<path d="{at}" stroke="{ORANGE}" stroke-dasharray="4 3"/>')
        parts.append(f'<circle cx="{x(row["value"]):.1f}" cy="{y(share):.1f}" r="3" fill="{ORANGE}"/>')
        words = f"{row['level']}: {row['value'] * scale:,.4g}"
        end = x(row["value"]) > left + wide - 90
        parts.append(
            text(x(row["value"]) + (-6 if end else 6), y(share) - 4, words, 10, "end" if end else "start", ORANGE)
        )
    parts.append(text(left + wide / 2, top + tall + 27, unit, 10, "middle"))
    return svg(left + wide + 20, top + tall + 34, parts, label)


def tornado(rows: Sequence[Mapping[str, Any]], titles: Mapping[str, str], unit: str, scale: float, label: str) -> str:
    """Draw what each input does alone, widest first: blue with the input low, orange with it high.

    `rows` have `input`, `middle`, `gap_if_low`, `gap_if_high`.
    """
    left, top, wide, row_tall = 330.0, 20.0, 380.0, 17.0
    tall = row_tall * len(rows)
    ends = [row[end] * scale for row in rows for end in ("gap_if_low", "gap_if_high")]
    middle = rows[0]["middle"] * scale
    least, most = min(*ends, middle), max(*ends, middle)
    span = max(most - least, 1e-9) * 1.04
    least -= 0.02 * span

    def x(value: float) -> float:
        return left + wide * (value - least) / span

    parts = [frame(left, top, wide, tall)]
    for i, row in enumerate(rows):
        y = top + row_tall * i
        parts.append(text(left - 6, y + 12, titles[row["input"]], 9.5, "end"))
        for end, colour in (("gap_if_low", BLUE), ("gap_if_high", ORANGE)):
            a, b = sorted((middle, row[end] * scale))
            box = f'x="{x(a):.1f}" y="{y + 3:.1f}" width="{x(b) - x(a):.1f}" height="{row_tall - 6:.0f}"'
            parts.append(f'<rect {box} fill="{colour}"/>')
        parts.append(text(left + wide + 6, y + 12, f"{row['width'] * scale:,.3g}", 9, "start"))
    parts.append(f'<path d="M{x(middle):.1f},{top:.0f}v{tall:.0f}" stroke="{INK}"/>')
    for tick in ticks(least + span, least, 5):
        parts.append(text(x(tick), top - 5, f"{tick:,g}", 9, "middle"))
    y = top + tall + 14
    parts.append(text(left + wide / 2, y, unit, 9.5, "middle"))
    for k, (colour, words) in enumerate(((BLUE, "input low (1 in 10 lower)"), (ORANGE, "input high (1 in 10 higher)"))):
        at = left + 190 * k
        parts.append(f'<rect x="{at:.0f}" y="{y + 8:.0f}" width="10" height="9" fill="{colour}"/>')
        parts.append(text(at + 14, y + 16, words, 9, "start"))
    return svg(left + wide + 70, y + 24, parts, label)


def heat_map(rows: Sequence[Mapping[str, Any]], label: str) -> str:
    """Draw likelihood against impact; each risk stands in its cell by its number (row order).

    `rows` have `likelihood` and `impact`, 1 to 5.
    """
    left, top, wide, tall = 110.0, 10.0, 104.0, 46.0
    parts = []
    for likelihood in range(1, 6):
        y = top + tall * (5 - likelihood)
        words = LIKELIHOOD[likelihood - 1]
        parts.append(text(left - 8, y + tall / 2 + 4, f"{likelihood} {words}", 10, "end"))
        for impact in range(1, 6):
            x = left + wide * (impact - 1)
            colour = RATING_COLOURS[rating(likelihood, impact)]
            box = f'x="{x:.0f}" y="{y:.0f}" width="{wide - 2:.0f}" height="{tall - 2:.0f}"'
            parts.append(f'<rect {box} fill="{colour}"/>')
            here = [i + 1 for i, row in enumerate(rows) if (row["likelihood"], row["impact"]) == (likelihood, impact)]
            for k, number in enumerate(here):
                cx, cy = x + 15 + 24 * (k % 4), y + 13 + 20 * (k // 4)
                parts.append(f'<circle cx="{cx:.0f}" cy="{cy:.0f}" r="9" fill="#fff" stroke="{INK}"/>')
                parts.append(text(cx, cy + 3.5, str(number), 10, "middle"))
    for impact in range(1, 6):
        at = left + wide * (impact - 0.5)
        parts.append(text(at, top + 5 * tall + 14, f"{impact} {IMPACT[impact - 1]}", 10, "middle"))
    parts.append(text(left + 2.5 * wide, top + 5 * tall + 30, "impact on the gap in posts", 10, "middle"))
    return svg(left + 5 * wide + 10, top + 5 * tall + 38, parts, label)
