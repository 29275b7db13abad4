"""Drawings of differences as small SVG text: the week, routes that gained and lost people, groups, intervals.

Blue is fewer or shorter, orange more or longer; pale is what may be chance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from experiments.reports.charts import BLUE, FAINT, GREY, INK, ORANGE, SHORT_DAYS, frame, svg, text, ticks
from experiments.reports.words import signed

PALE = 0.35
"""Opacity of what an interval with 0 in it leaves open"""


def week_of_differences(difference: np.ndarray, differs: np.ndarray, most_words: str, label: str) -> str:
    """Draw differences by hour of the week.

    Parameters
    ----------
    difference : float[7, block], Monday first
    differs : bool[7, block], false where the interval holds 0
    most_words : the largest of them, in words
    """
    blocks = difference.shape[1]
    wide, tall, left, top = 24 * 12.6, 15.0, 30.0, 4.0
    cell, most = wide / blocks, float(np.abs(difference).max()) or 1.0
    parts = []
    for day in range(7):
        for block in range(blocks):
            value = float(difference[day, block])
            x, y = left + block * cell, top + day * tall
            box = f'x="{x:.1f}" y="{y:.0f}" width="{cell - 0.6:.1f}" height="{tall - 0.6:.1f}"'
            parts.append(f'<rect {box} fill="#eceff1"/>')
            if value:
                strength = (0.25 + 0.75 * abs(value) / most) * (1 if differs[day, block] else PALE)
                parts.append(f'<rect {box} fill="{ORANGE if value > 0 else BLUE}" fill-opacity="{strength:.2f}"/>')
                if differs[day, block]:
                    parts.append(f'<circle cx="{x + cell / 2:.1f}" cy="{y + tall / 2:.1f}" r="1.3" fill="{INK}"/>')
    parts += [text(left - 4, top + (d + 0.72) * tall, day, 9, "end") for d, day in enumerate(SHORT_DAYS)]
    parts += [
        text(left + h * wide / 24, top + 7 * tall + 10, f"{h:02d}", 8, "start")
        for h in range(0, 24, 3 if blocks == 24 else 4)
    ]
    y = top + 7 * tall + 17
    for k, (colour, words) in enumerate(((BLUE, f"to −{most_words}"), (ORANGE, f"to +{most_words}"))):
        parts.append(f'<rect x="{left + 100 * k:.0f}" y="{y:.0f}" width="10" height="8" fill="{colour}"/>')
        parts.append(text(left + 100 * k + 14, y + 8, words, 8.5, "start"))
    parts.append(f'<circle cx="{left + 206:.0f}" cy="{y + 4:.0f}" r="1.5" fill="{INK}"/>')
    parts.append(text(left + 210, y + 8, "not chance (95 %)", 8.5, "start"))
    return svg(left + wide + 14, y + 14, parts, label)


def routes(rows: Sequence[Mapping[str, Any]], label: str) -> str:
    """Draw routes that gained or lost people as bands from where people leave to where they go, as wide as the change.

    `rows` have `from`, `to` (written out), `difference` and `differs` (false where the interval holds 0).
    """
    gap, left, wide, top = 7.0, 300.0, 300.0, 22.0
    total = sum(abs(row["difference"]) for row in rows)
    room = max(240.0, 26.0 * len(rows))
    scale = room / max(total, 1e-9)
    ends = {side: _stacked(rows, side, scale, gap, top) for side in ("from", "to")}
    parts = [text(left - 8, 12, "from", 9, "end"), text(left + wide + 8, 12, "to", 9, "start")]
    at = {side: {name: y for name, (y, _) in found.items()} for side, found in ends.items()}
    for row in rows:
        thick = max(abs(row["difference"]) * scale, 0.8)
        a, b = at["from"][row["from"]], at["to"][row["to"]]
        at["from"][row["from"]] += thick
        at["to"][row["to"]] += thick
        colour = ORANGE if row["difference"] > 0 else BLUE
        middle = left + wide / 2
        shape = (
            f"M{left:.0f},{a:.1f}C{middle:.0f},{a:.1f} {middle:.0f},{b:.1f} {left + wide:.0f},{b:.1f}v{thick:.1f}"
            f"C{middle:.0f},{b + thick:.1f} {middle:.0f},{a + thick:.1f} {left:.0f},{a + thick:.1f}z"
        )
        words = f"{row['from']} to {row['to']}: {signed(row['difference'])}"
        parts.append(
            f'<path d="{shape}" fill="{colour}" fill-opacity="{0.7 if row["differs"] else 0.25}"><title>'
            f"{_safe(words)}</title></path>"
        )
    for side, found in ends.items():
        x, anchor, step = (left, "end", -8) if side == "from" else (left + wide, "start", 8)
        for name, (y, height) in found.items():
            parts.append(f'<rect x="{x - 2:.0f}" y="{y:.1f}" width="4" height="{height:.1f}" fill="{INK}"/>')
            mine = [row["difference"] for row in rows if row[side] == name]
            words = f"{name}  {signed(sum(mine))}"
            parts.append(text(x + step, y + height / 2 + 3, words, 9, anchor))
    bottom = max(y + height for found in ends.values() for y, height in found.values()) + 12
    key = ((ORANGE, "gained people"), (BLUE, "lost people"))
    for k, (colour, words) in enumerate(key):
        parts.append(f'<rect x="{left + 110 * k:.0f}" y="{bottom:.0f}" width="10" height="8" fill="{colour}"/>')
        parts.append(text(left + 110 * k + 14, bottom + 8, words, 9, "start"))
    parts.append(text(left + 222, bottom + 8, "pale: may be chance", 9, "start"))
    return svg(2 * left + wide, bottom + 14, parts, label)


def _stacked(
    rows: Sequence[Mapping[str, Any]], side: str, scale: float, gap: float, top: float
) -> dict[str, tuple[float, float]]:
    """Return (y, height) of every end of routes on one side, in order of the rows; a name has room for its words."""
    found, y = {}, top
    for name in dict.fromkeys(row[side] for row in rows):
        height = sum(max(abs(row["difference"]) * scale, 0.8) for row in rows if row[side] == name)
        y += max(0.0, (11.0 - height) / 2)
        found[name] = (y, height)
        y += height + max(0.0, (11.0 - height) / 2) + gap / 2
    return found


def gained_and_lost(rows: Sequence[Mapping[str, Any]], label: str) -> str:
    """Draw people who wait shorter (left) and longer (right) in a thousand of every group.

    `rows` have `dimension`, `group`, `shorter`, `longer` and `shorter_half`, `longer_half` (None: not known).
    """
    left, top, side, row_h, gap = 190.0, 20.0, 180.0, 14.0, 8.0
    most = max((row[name] + (row[f"{name}_half"] or 0) for row in rows for name in ("shorter", "longer")), default=0)
    most = most or 1.0
    middle = left + side
    parts = [
        text(middle - 6, 12, "wait shorter", 9, "end", BLUE),
        text(middle + 6, 12, "wait longer", 9, "start", ORANGE),
    ]
    y, before = top, None
    for row in rows:
        if before not in (None, row["dimension"]):
            y += gap
        before = row["dimension"]
        parts.append(text(left - 6, y + 10, row["group"], 8.5, "end"))
        for name, sign, colour in (("shorter", -1, BLUE), ("longer", 1, ORANGE)):
            width = side * row[name] / most
            x = middle - width if sign < 0 else middle
            parts.append(f'<rect x="{x:.1f}" y="{y + 2:.1f}" width="{width:.1f}" height="10" fill="{colour}"/>')
            half = row[f"{name}_half"]
            if half:
                a, b = (middle + sign * side * max(row[name] + k * half, 0) / most for k in (-1, 1))
                parts.append(f'<path d="M{a:.1f},{y + 7:.1f}H{b:.1f}" stroke="{INK}" stroke-width="1"/>')
        y += row_h
    parts.append(f'<path d="M{middle:.0f},{top:.0f}V{y:.0f}" stroke="{INK}" stroke-width=".8"/>')
    for tick in ticks(most)[1:]:
        for sign in (-1, 1):
            parts.append(text(middle + sign * side * tick / most, y + 11, f"{tick:g}", 8.5, "middle"))
    parts.append(text(middle, y + 22, "in a thousand residents", 8.5, "middle"))
    return svg(left + 2 * side + 20, y + 28, parts, label)


def intervals(rows: Sequence[Mapping[str, Any]], label: str) -> str:
    """Draw differences with their intervals; `rows` have `name`, `value`, `low`, `high` in one unit, and `words`.

    Blue is better, orange worse (`better`: 1 if more is better, −1 if fewer is, 0 if neither); grey holds 0.
    """
    left, top, wide, row_h = 300.0, 18.0, 330.0, 15.0
    ends = [abs(value) for row in rows for value in (row["low"], row["high"], row["value"]) if value is not None]
    most = 1.08 * max(ends, default=1.0) or 1.0
    tall = row_h * len(rows)

    def x(value: float) -> float:
        return left + wide / 2 * (1 + value / most)

    parts = [frame(left, top, wide, tall)]
    for tick in ticks(most):
        for value in {tick, -tick}:
            parts.append(text(x(value), top - 5, signed(value, 0 if most > 8 else 1) if value else "0", 8.5, "middle"))
            parts.append(f'<path d="M{x(value):.1f},{top:.0f}v{tall:.0f}" stroke="{FAINT}" stroke-width=".5"/>')
    parts.append(f'<path d="M{x(0):.1f},{top:.0f}v{tall:.0f}" stroke="{INK}" stroke-width="1"/>')
    for k, row in enumerate(rows):
        y = top + row_h * (k + 0.5)
        clear = row["low"] is not None and (row["low"] > 0 or row["high"] < 0)
        good = row["value"] * row["better"]
        colour = GREY if not clear else BLUE if good > 0 else ORANGE if good < 0 else INK
        parts.append(text(left - 6, y + 3, row["name"], 8.5, "end"))
        if row["low"] is not None:
            parts.append(
                f'<path d="M{x(row["low"]):.1f},{y:.1f}H{x(row["high"]):.1f}" stroke="{colour}" stroke-width="2"/>'
            )
        parts.append(f'<circle cx="{x(row["value"]):.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>')
        parts.append(text(left + wide + 6, y + 3, row["words"], 8.5, "start"))
    return svg(left + wide + 170, top + tall + 8, parts, label)


def _safe(words: str) -> str:
    from html import escape

    return escape(words)
