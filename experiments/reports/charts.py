"""Drawings as small SVG text that needs nothing from outside: heat map of the week, ribbon, staffing curve.

Colours keep apart for colour-blind readers and in grey print; every drawing is also a table (`figures.py`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

import numpy as np

FONT = 'font-family="Helvetica, Arial, DejaVu Sans, sans-serif"'
INK, FAINT, BLUE, ORANGE, GREY = "#26323a", "#c9d1d7", "#1f5f99", "#b3402a", "#7a868f"
SHORT_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
FEWEST = 5
"""Clocks started in an hour (or block) of the week, all years together, below which no share is shown."""
BELOW = ("#8c2d0c", "#d1622b", "#f3b48a")  # far below the standard … just below
ABOVE = ("#cfe3f2", "#6fa8d6", "#1f5f99")  # just met … far above


def heat_map(within: np.ndarray, started: np.ndarray, standard: float, label: str) -> str:
    """Draw the share within a standard by hour of the week.

    Parameters
    ----------
    within, started : int[7, block], Monday first; a day in 24 hours or in fewer, longer blocks
    standard : share that must be within
    """
    blocks = started.shape[1]
    day_w, cell_h, left, top = 24 * 12.6, 15.0, 30.0, 4.0
    cell_w = day_w / blocks
    width, height = left + day_w + 4, top + 7 * cell_h + 32
    paths: dict[str, list[str]] = {}
    for day in range(7):
        for block in range(blocks):
            colour = shade(float(within[day, block]), float(started[day, block]), standard)
            x, y = left + block * cell_w, top + day * cell_h
            box = f"M{x:.1f},{y:.0f}h{cell_w - 0.6:.1f}v{cell_h - 0.6:.1f}h{0.6 - cell_w:.1f}z"
            paths.setdefault(colour, []).append(box)
    parts = [f'<path fill="{colour}" d="{"".join(d)}"/>' for colour, d in paths.items()]
    parts += [text(left - 4, top + (d + 0.72) * cell_h, day, 9, "end") for d, day in enumerate(SHORT_DAYS)]
    parts += [
        text(left + h * day_w / 24, top + 7 * cell_h + 10, f"{h:02d}", 8, "start")
        for h in range(0, 24, 3 if blocks == 24 else 4)
    ]
    parts += _heat_key(left, top + 7 * cell_h + 17, standard)
    return svg(width, height, parts, label)


def shade(within: float, started: float, standard: float) -> str:
    """Return the colour of one block: grey if too few started, else by how far the share lies from the standard."""
    if started < FEWEST:
        return "#eceff1"
    share = within / started
    if share < standard:
        far = (standard - share) / max(standard, 1e-9)
        return BELOW[0] if far > 0.3 else BELOW[1] if far > 0.1 else BELOW[2]
    room = (share - standard) / max(1 - standard, 1e-9)
    return ABOVE[2] if room > 0.8 else ABOVE[1] if room > 0.4 else ABOVE[0]


def _heat_key(x: float, y: float, standard: float) -> list[str]:
    parts, said = [], f"standard {100 * standard:.3g} %"
    for k, colour in enumerate((*BELOW, *ABOVE)):
        parts.append(f'<rect x="{x + 62 + 13 * k:.0f}" y="{y:.0f}" width="13" height="8" fill="{colour}"/>')
    parts.append(text(x + 58, y + 8, "fewer within", 8.5, "end"))
    parts.append(text(x + 145, y + 8, f"more within ({said})", 8.5, "start"))
    parts.append(
        f'<rect x="{x + 252:.0f}" y="{y:.0f}" width="9" height="8" fill="#eceff1" stroke="#c9d1d7" stroke-width=".5"/>'
    )
    parts.append(text(x + 264, y + 8, "too few", 8.5, "start"))
    return parts


def ribbon(
    low: np.ndarray,
    middle: np.ndarray,
    high: np.ndarray,
    capacity: float,
    months: Sequence[tuple[int, str]],
    label: str,
) -> str:
    """Draw places taken over the weeks, with the capacity as a line.

    Parameters
    ----------
    low, middle, high : float[week], P10, P50, P90
    capacity : places there are
    months : (week, name) of the marks below
    """
    left, top, wide, tall = 34.0, 8.0, 300.0, 96.0
    n = len(middle)
    roof = max(float(np.max(high)), capacity, 1.0) * 1.08
    xs = left + wide * np.arange(n) / max(n - 1, 1)

    def y(value: float) -> float:
        return top + tall * (1 - value / roof)

    def line(values: np.ndarray) -> str:
        return " ".join(f"{a:.1f},{y(float(b)):.1f}" for a, b in zip(xs, values, strict=True))

    back = " ".join(f"{a:.1f},{y(float(b)):.1f}" for a, b in zip(xs[::-1], low[::-1], strict=True))
    parts = [frame(left, top, wide, tall)]
    for tick in ticks(roof):
        parts.append(text(left - 4, y(tick) + 3, f"{tick:g}", 8.5, "end"))
        parts.append(f'<path d="M{left:.0f},{y(tick):.1f}h{wide:.0f}" stroke="{FAINT}" stroke-width=".5"/>')
    parts.append(f'<polygon points="{line(high)} {back}" fill="{BLUE}" fill-opacity=".28"/>')
    parts.append(f'<polyline points="{line(middle)}" fill="none" stroke="{BLUE}" stroke-width="1.6"/>')
    parts.append(
        f'<path d="M{left:.0f},{y(capacity):.1f}h{wide:.0f}" stroke="{ORANGE}" stroke-width="1.6" '
        'stroke-dasharray="6 3"/>'
    )
    under = y(capacity) + 11 if y(capacity) < top + 12 else y(capacity) - 3
    parts.append(text(left + wide - 3, under, f"{capacity:g} there are", 8.5, "end", ORANGE))
    parts += [text(left + wide * week / max(n - 1, 1), top + tall + 12, name, 8.5, "start") for week, name in months]
    return svg(left + wide + 12, top + tall + 18, parts, label)


def staffing_curve(
    capacity: Sequence[float], value: Sequence[float], share: Sequence[float], years: Sequence[int], *,
    bound: float, assurance: float, chosen: float | None, unit: str, measure: str, label: str,
) -> str:  # fmt: skip
    """Draw how a team's target fares by capacity: the number itself, and the share of years in which it holds.

    Parameters
    ----------
    capacity : people on shift on average, places, or clinicians; one for each set of numbers tried
    value, share : 0–1, mean of the target's number, and share of years met
    bound, assurance : what the number, and the share of years, must reach
    chosen : capacity of the sized plan
    """
    left, top, wide, tall = 34.0, 8.0, 290.0, 110.0
    floor = 0.5 if min(*value, *share, bound, assurance) > 0.55 else 0.0
    least, most = min(capacity), max(capacity)
    span = max(most - least, 0.02 * max(most, 1.0))
    least, span = least - 0.04 * span, 1.08 * span

    def at(x: float, y: float) -> tuple[float, float]:
        return left + wide * (x - least) / span, top + tall * (1 - (min(max(y, floor), 1.05) - floor) / (1.05 - floor))

    parts = [frame(left, top, wide, tall)]
    for tick in (floor, (floor + 1) / 2, 1.0):
        _, y = at(least, tick)
        parts.append(text(left - 4, y + 3, f"{100 * tick:.0f} %", 8.5, "end"))
    for level, colour, dash in ((bound, BLUE, "2 3"), (assurance, ORANGE, "6 3")):
        _, y = at(least, level)
        parts.append(
            f'<path d="M{left:.0f},{y:.1f}h{wide:.0f}" stroke="{colour}" stroke-dasharray="{dash}" stroke-width="1"/>'
        )
    if chosen is not None:
        x, _ = at(chosen, floor)
        parts.append(f'<path d="M{x:.1f},{top:.0f}v{tall:.0f}" stroke="{INK}" stroke-width="1.2"/>')
        end = "end" if x > left + wide - 60 else "start"
        parts.append(text(x + (-4 if end == "end" else 4), top + tall - 4, f"chosen {chosen:.3g}", 8.5, end))
    for x, v, s, n in zip(capacity, value, share, years, strict=True):
        a, b = at(x, v)
        parts.append(f'<circle cx="{a:.1f}" cy="{b:.1f}" r="2.6" fill="none" stroke="{BLUE}"/>')
        a, b = at(x, s)
        parts.append(
            f'<circle cx="{a:.1f}" cy="{b:.1f}" r="{min(1.4 + 0.25 * math.sqrt(n), 5):.1f}" fill="{ORANGE}" '
            'fill-opacity=".65"/>'
        )
    for tick in ticks(least + span, least):
        x, _ = at(tick, floor)
        parts.append(text(x, top + tall + 11, f"{tick:g}", 8.5, "middle"))
    parts.append(text(left + wide / 2, top + tall + 22, unit, 9, "middle"))
    parts.append(f'<circle cx="{left + 4:.0f}" cy="{top + tall + 31:.0f}" r="2.6" fill="none" stroke="{BLUE}"/>')
    parts.append(text(left + 10, top + tall + 34, f"{measure} (dotted: its bound)", 8.5, "start", BLUE))
    parts.append(f'<circle cx="{left + 4:.0f}" cy="{top + tall + 43:.0f}" r="2.6" fill="{ORANGE}"/>')
    parts.append(
        text(
            left + 10,
            top + tall + 46,
            "share of years in which it holds (dashed: the assured share)",
            8.5,
            "start",
            ORANGE,
        )
    )
    return svg(left + wide + 12, top + tall + 52, parts, label)


def pairs_of_shares(
    names: Sequence[str], before: Sequence[float | None], after: Sequence[float],
    intervals: Sequence[tuple[float, float]], *, assurance: float, label: str,
) -> str:  # fmt: skip
    """Draw two shares (0–1) for each name, the second with its interval; dashed: the assured share."""
    left, top, wide, row = 250.0, 16.0, 330.0, 14.0
    tall = row * len(names)

    def x(share: float) -> float:
        return left + wide * share

    parts = [frame(left, top, wide, tall)]
    parts += [text(x(k / 4), top - 4, f"{25 * k} %", 8.5, "middle") for k in range(5)]
    for i, (name, first, second, (low, high)) in enumerate(zip(names, before, after, intervals, strict=True)):
        y = top + row * (i + 0.5)
        parts.append(text(left - 5, y + 3, name, 8.5, "end"))
        parts.append(f'<path d="M{x(low):.1f},{y:.1f}H{x(high):.1f}" stroke="{ORANGE}" stroke-opacity=".45"/>')
        if first is not None:
            parts.append(f'<circle cx="{x(first):.1f}" cy="{y:.1f}" r="3.6" fill="none" stroke="{BLUE}"/>')
        parts.append(f'<circle cx="{x(second):.1f}" cy="{y:.1f}" r="2.6" fill="{ORANGE}"/>')
    parts.append(f'<path d="M{x(assurance):.1f},{top:.0f}v{tall:.0f}" stroke="{INK}" stroke-dasharray="6 3"/>')
    return svg(left + wide + 20, top + tall + 6, parts, label)


def signed_bars(names: Sequence[str], what: Sequence[str], values: Sequence[float], *, label: str) -> str:
    """Draw one bar from −1 to 1 for each (name, what); a name is written once."""
    left, top, wide, row = 250.0, 16.0, 160.0, 14.0
    tall, middle = row * len(names), left + wide / 2
    parts = [frame(left, top, wide, tall)]
    parts += [text(middle + k * wide / 2, top - 4, f"{k:g}".replace("-", "−"), 8.5, "middle") for k in (-1, 0, 1)]
    for i, (name, words, value) in enumerate(zip(names, what, values, strict=True)):
        y, width = top + row * i, abs(value) * wide / 2
        if i == 0 or names[i - 1] != name:
            parts.append(text(left - 5, y + 10, name, 8.5, "end"))
        start = middle - width if value < 0 else middle
        colour = ORANGE if value < 0 else BLUE
        parts.append(f'<rect x="{start:.1f}" y="{y + 2:.1f}" width="{width:.1f}" height="10" fill="{colour}"/>')
        parts.append(text(left + wide + 5, y + 10, words, 8.5, "start"))
    return svg(left + wide + 330, top + tall + 6, parts, label)


def ticks(most: float, least: float = 0.0, n: int = 4) -> list[float]:
    """Return some round numbers from `least` to `most`."""
    raw = max(most - least, 1e-9) / n
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * k for k in (1, 2, 2.5, 5, 10) if power * k >= raw)
    first = math.ceil(least / step - 1e-9)
    return [round(k * step, 10) for k in range(first, math.floor(most / step + 1e-9) + 1)]


def frame(x: float, y: float, width: float, height: float) -> str:
    """Return the ground a drawing stands on."""
    return f'<rect x="{x:.0f}" y="{y:.0f}" width="{width:.0f}" height="{height:.0f}" fill="#fbfcfd" stroke="{FAINT}"/>'


def text(x: float, y: float, text: str, size: float, anchor: str, colour: str = INK) -> str:
    """Return some words at a point."""
    look = f'font-size="{size:g}" text-anchor="{anchor}" fill="{colour}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {look}>{escape(text)}</text>'


def svg(width: float, height: float, parts: Sequence[str], label: str) -> str:
    """Return a whole drawing from its parts; `label` says in words what it shows."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
        f'height="{height:.0f}" {FONT} role="img" aria-label="{escape(label)}">{"".join(parts)}</svg>'
    )
