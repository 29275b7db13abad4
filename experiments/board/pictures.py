"""Drawings of the board besides its map: shares against standards, stacked and paired bars, spans of risk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from experiments.reports.charts import BLUE, FAINT, GREY, INK, ORANGE, svg, text, ticks

GREEN, YELLOW = "#3f8f5f", "#f2b632"
PALETTE = (BLUE, ORANGE, GREEN, "#8a5aa8", "#c98a12", GREY)


def bullets(rows: Sequence[Mapping[str, Any]], label: str, wide: float = 370.0, row_tall: float = 19.0) -> str:
    """Draw shares (0–1) as bars against their standards, breaches in figures at the right.

    Parameters
    ----------
    rows : `name`, `share`, `standard`, `breaches` (a year)
    """
    left, right, top = 172.0, 40.0, 14.0
    span = wide - left - right
    parts = [text(wide - 2, 9, "breaches a year", 8, "end", GREY)]
    for k, row in enumerate(rows):
        y = top + k * row_tall
        met = row["share"] >= row["standard"]
        parts.append(text(left - 5, y + 11, row["name"], 8.5, "end"))
        parts.append(_bar(left, y + 3, span, 10, "#edf1f4"))
        parts.append(_bar(left, y + 3, span * row["share"], 10, BLUE if met else ORANGE))
        x = left + span * row["standard"]
        parts.append(f'<path d="M{x:.1f},{y:.1f}v16" stroke="{INK}" stroke-width="2"/>')
        inside = row["share"] > 0.25
        parts.append(
            text(left + span * row["share"] + (-4 if inside else 4), y + 11, f"{100 * row['share']:.0f} %", 8.5,
                 "end" if inside else "start", "#fff" if inside else INK)
        )  # fmt: skip
        parts.append(text(wide - 2, y + 11, f"{row['breaches']:,.0f}", 9, "end", INK if met else ORANGE))
    return svg(wide, top + len(rows) * row_tall + 2, parts, label)


def stacked(
    rows: Sequence[Mapping[str, Any]], parts_of: Sequence[tuple[str, str, str]], label: str, *, unit: str = "",
    wide: float = 370.0, row_tall: float = 20.0,
) -> str:  # fmt: skip
    """Draw one bar a row in parts one after the other.

    Parameters
    ----------
    rows : `name`, and a number for each part
    parts_of : (key, title, colour) of each part
    """
    left, right, top = 118.0, 46.0, 16.0
    span = wide - left - right
    most = max(sum(float(row[key]) for key, _, _ in parts_of) for row in rows) or 1.0
    parts, x = [], left
    for _, title, colour in parts_of:
        parts.append(_bar(x, 2, 8, 8, colour))
        parts.append(text(x + 11, 10, title, 8.5, "start"))
        x += 17 + 4.9 * len(title)
    for k, row in enumerate(rows):
        y, x = top + k * row_tall, left
        parts.append(text(left - 5, y + 12, str(row["name"]), 9, "end"))
        for key, _, colour in parts_of:
            width = span * float(row[key]) / most
            parts.append(_bar(x, y + 2, width, row_tall - 6, colour))
            if width > 26:
                parts.append(text(x + width / 2, y + 12, f"{row[key]:,.0f}", 8.5, "middle", "#fff"))
            x += width
        total = sum(float(row[key]) for key, _, _ in parts_of)
        parts.append(text(x + 4, y + 12, f"{total:,.0f}{unit}", 8.5, "start"))
    return svg(wide, top + len(rows) * row_tall + 2, parts, label)


def paired(
    rows: Sequence[Mapping[str, Any]], bars: Sequence[tuple[str, str, str]], label: str, *,
    low: str = "", high: str = "", wide: float = 430.0, row_tall: float = 13.0, left: float = 118.0,
) -> str:  # fmt: skip
    """Draw several thin bars for each row, from nothing to the left or right; the last has an interval.

    Parameters
    ----------
    rows : `name`, and a number for each bar; with `low` and `high` also the interval of the last
    bars : (key, title, colour)
    """
    right, top = 44.0, 30.0
    span = wide - left - right
    numbers = [float(row[key]) for row in rows for key, _, _ in bars]
    ends = [float(row[key]) for row in rows for key in (low, high) if key]
    least, most = min(0.0, *numbers, *ends), max(1.0, *numbers, *ends)

    def at(value: float) -> float:
        return left + span * (value - least) / (most - least)

    parts, x = [], 2.0
    for _, title, colour in bars:
        parts.append(_bar(x, 2, 8, 8, colour))
        parts.append(text(x + 11, 10, title, 8.5, "start"))
        x += 17 + 4.7 * len(title)
    group = row_tall * len(bars) + 7
    for tick in ticks(most, least):
        line = f'<path d="M{at(tick):.1f},{top - 4:.0f}v{group * len(rows):.0f}" stroke="{FAINT}" stroke-width=".7"/>'
        parts += [line, text(at(tick), top - 7, f"{tick:,.0f}".replace("-", "−"), 8, "middle", GREY)]
    for k, row in enumerate(rows):
        y = top + k * group
        parts.append(text(left - 5, y + group / 2 + 1, str(row["name"]), 9, "end"))
        for b, (key, _, colour) in enumerate(bars):
            value, one = float(row[key]), y + b * row_tall
            parts.append(_bar(min(at(0), at(value)), one, abs(at(value) - at(0)), row_tall - 3, colour))
            furthest = value
            if low and b == len(bars) - 1:
                a, z = at(float(row[low])), at(float(row[high]))
                middle = one + (row_tall - 3) / 2
                parts.append(f'<path d="M{a:.1f},{middle:.1f}H{z:.1f}" stroke="{INK}" stroke-width="1.2"/>')
                furthest = max(value, float(row[high]))
            said = f"{value:+,.0f}".replace("-", "−")
            parts.append(text(at(max(furthest, 0)) + 3, one + row_tall - 5, said, 8, "start"))
    return svg(wide, top + len(rows) * group, parts, label)


def waterfall(bars: Sequence[Mapping[str, Any]], label: str, *, wide: float = 370.0, row_tall: float = 17.0) -> str:
    """Draw a waterfall lying on its side: levels stand at the left, changes hang where the one before ended.

    Parameters
    ----------
    bars : `title`, `kind` (level, change, gap), `value`, `start`, `end`
    """
    left, right, top = 158.0, 46.0, 2.0
    span = wide - left - right
    most = max((float(max(bar["start"], bar["end"])) for bar in bars), default=1.0) or 1.0
    colours = {"level": BLUE, "gap": YELLOW}
    parts = []
    for k, bar in enumerate(bars):
        y = top + k * row_tall
        low, high = sorted((float(bar["start"]), float(bar["end"])))
        colour = colours.get(bar["kind"], GREEN if bar["value"] >= 0 else ORANGE)
        parts.append(text(left - 5, y + 11, str(bar["title"]), 8.5, "end"))
        parts.append(_bar(left + span * low / most, y + 2, max(span * (high - low) / most, 0.8), row_tall - 5, colour))
        said = f"{bar['value']:,}" if bar["kind"] != "change" else f"{bar['value']:+,}".replace("-", "−")
        parts.append(text(left + span * high / most + 4, y + 11, said, 8.5, "start"))
    return svg(wide, top + len(bars) * row_tall + 2, parts, label)


def spans(rows: Sequence[Mapping[str, Any]], label: str, *, wide: float = 370.0, row_tall: float = 16.0) -> str:
    """Draw P50 to P95 of each row as a line with a larger mark at P80; the three in figures at the right.

    Parameters
    ----------
    rows : `name`, `p50`, `p80`, `p95`, all in one unit
    """
    left, right, top = 118.0, 108.0, 13.0
    span = wide - left - right
    most = max(1e-9, *(float(row["p95"]) for row in rows))
    least = min(0.0, *(float(row["p50"]) for row in rows))

    def at(value: float) -> float:
        return left + span * (value - least) / (most - least)

    parts = [text(wide - 2, 9, "P50 · P80 · P95", 8.5, "end", GREY)]
    for k, row in enumerate(rows):
        y = top + k * row_tall + row_tall / 2
        parts.append(text(left - 5, y + 3, str(row["name"]), 9, "end"))
        a, b, c = (at(float(row[key])) for key in ("p50", "p80", "p95"))
        parts.append(f'<path d="M{a:.1f},{y:.1f}H{c:.1f}" stroke="{ORANGE}" stroke-width="3" stroke-opacity=".5"/>')
        for x, size in ((a, 3.0), (b, 4.4), (c, 3.0)):
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size}" fill="{ORANGE}"/>')
        said = " · ".join(f"{row[key]:,.0f}" for key in ("p50", "p80", "p95")).replace("-", "−")
        parts.append(text(wide - 2, y + 3, said, 8.5, "end"))
    return svg(wide, top + len(rows) * row_tall + 2, parts, label)


def _bar(x: float, y: float, wide: float, tall: float, colour: str) -> str:
    look = f'fill="{colour}" rx="1.5"'
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(wide, 0):.1f}" height="{tall:.1f}" {look}/>'
