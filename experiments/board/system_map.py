"""The system map as a drawing: where the delivery systems and hospitals lie, and who sends whom how many referrals."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

import pandas as pd

from abm import tables
from experiments.board.interfaces import FOLDER
from experiments.reports.charts import FONT, INK, svg, text

COLOURS = ("#1f5f99", "#b3402a", "#3f8f5f", "#8a5aa8", "#c98a12")
"""Of delivery systems, in order; they keep apart for colour-blind readers."""
HALO = 'paint-order="stroke" stroke="#fff" stroke-width="3" stroke-linejoin="round"'
MOST_ARROWS = 34
"""Flows that are drawn, the largest; the others are left to the table."""
BOX_WIDE, BOX_TALL = 118.0, 36.0
ARROW = "#9db6c8"


Point = tuple[float, float]
Box = tuple[float, float, float, float]
"""Centre (across, down), width and height"""
Projection = Callable[[float, float], Point]


@dataclass(frozen=True)
class Frame:
    """A window of a drawing: left, top, width, height."""

    left: float
    top: float
    wide: float
    tall: float


def drawn(
    systems: Sequence[Mapping[str, object]], between: pd.DataFrame, label: str, wide: float = 760.0, tall: float = 392.0
) -> str:
    """Return the map: at the left the area's small areas and hospitals, at the right its services and neighbours.

    Parameters
    ----------
    systems : rows with `system`, `residents`, `reached` (people reached), in the order of colours
    between : from, to, a_year (`interfaces.between`)
    """
    where = Frame(0, 6, 236, tall - 12)
    who = Frame(248, 6, wide - 248, tall - 12)
    parts = [*_geography(systems, where), *_network(between, who)]
    return svg(wide, tall, parts, label)


def _geography(systems: Sequence[Mapping[str, object]], frame: Frame) -> list[str]:
    """Draw small areas as dots in their system's colour; hospitals as crosses; names beside the middle of each."""
    home = {row["code"]: row["system"] for row in tables.read("lsoa")}
    points = tables.read("points", FOLDER)
    names = [str(row["system"]) for row in systems]
    here = [(row, home[row["name"]]) for row in points if row["kind"] == "small_area" and home[row["name"]] in names]
    if not here:
        return _tiles(systems, frame)
    project = _projection([(float(row["lon"]), float(row["lat"])) for row, _ in here], frame)
    dots: dict[str, list[Point]] = {name: [] for name in names}
    for row, living in here:
        dots[living].append(project(float(row["lon"]), float(row["lat"])))
    parts = []
    for name, colour in zip(names, COLOURS, strict=False):
        circles = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="1.7"/>' for x, y in dots[name])
        parts.append(f'<g fill="{colour}" fill-opacity=".55">{circles}</g>')
    parts += _hospitals(points, [point for mine in dots.values() for point in mine], project)
    taken: list[Box] = []
    for one, colour in zip(systems, COLOURS, strict=False):
        parts += _name_of(one, dots[str(one["system"])], colour, frame, taken)
    return parts


def _projection(points: Sequence[Point], frame: Frame) -> Projection:
    """Return the function from degrees to the window, degrees of longitude as long as they are there."""
    lons, lats = zip(*points, strict=True)
    shrink = math.cos(math.radians(sum(lats) / len(lats)))
    scale = min(
        (frame.wide - 12) / max((max(lons) - min(lons)) * shrink, 1e-9),
        (frame.tall - 12) / max(max(lats) - min(lats), 1e-9),
    )
    left = frame.left + (frame.wide - (max(lons) - min(lons)) * shrink * scale) / 2
    top = frame.top + (frame.tall - (max(lats) - min(lats)) * scale) / 2
    return lambda lon, lat: (left + (lon - min(lons)) * shrink * scale, top + (max(lats) - lat) * scale)


def _hospitals(points: Sequence[Mapping[str, str]], near: Sequence[Point], project: Projection) -> list[str]:
    """Mark the hospitals with an A&E department that lie among the dots."""
    parts = []
    for row in points:
        x, y = project(float(row["lon"]), float(row["lat"]))
        if row["kind"] == "site" and min(math.dist((x, y), dot) for dot in near) < 25:
            parts.append(f'<path d="M{x - 4:.1f},{y:.1f}h8m-4,-4v8" stroke="{INK}" stroke-width="2.4" fill="none"/>')
    return parts


def _name_of(
    row: Mapping[str, object], dots: Sequence[Point], colour: str, frame: Frame, taken: list[Box]
) -> list[str]:
    """Write a system's name and people near the middle of its dots, where nothing else is written."""
    name, said = str(row["system"]), f"{row['reached']:,.0f} of {row['residents']:,.0f} reached"
    wide, tall = 5.0 * max(len(name) * 1.15, len(said) * 0.95), 26.0
    x = sum(dot[0] for dot in dots) / len(dots)
    x = min(max(x, frame.left + wide / 2), frame.left + frame.wide - wide / 2)
    middle = sum(dot[1] for dot in dots) / len(dots)
    heights = [middle + step for step in (0, -14, 14, -28, 28, -42, 42)]
    y = min(heights, key=lambda height: _overlap((x, height, wide, tall), taken))
    taken.append((x, y, wide, tall))
    look = f'text-anchor="middle" {HALO}'
    return [
        f'<text x="{x:.1f}" y="{y - 2:.1f}" {look} font-size="11.5" font-weight="bold" fill="{colour}">'
        f"{escape(name)}</text>",
        f'<text x="{x:.1f}" y="{y + 9:.1f}" {look} font-size="9.5" fill="{INK}">{escape(said)}</text>',
    ]


def _tiles(systems: Sequence[Mapping[str, object]], frame: Frame) -> list[str]:
    """Draw one tile a system, one below the other: of areas whose small areas are made up there is no map."""
    tall = min(60.0, frame.tall / max(len(systems), 1) - 8)
    parts = []
    for k, row in enumerate(systems):
        y, colour = frame.top + k * (tall + 8), COLOURS[k % len(COLOURS)]
        parts.append(
            f'<rect x="{frame.left:.0f}" y="{y:.0f}" width="{frame.wide:.0f}" height="{tall:.0f}" rx="5" '
            f'fill="{colour}" fill-opacity=".12" stroke="{colour}"/>'
        )
        parts.append(text(frame.left + 8, y + 17, str(row["system"]), 11, "start", colour))
        said = f"{row['residents']:,.0f} residents, {row['reached']:,.0f} reached"
        parts.append(text(frame.left + 8, y + 32, said, 9.5, "start"))
    return parts


def _network(between: pd.DataFrame, frame: Frame) -> list[str]:
    """Draw interfaces as boxes where the table puts them, and arrows as wide as the root of the referrals a year."""
    rows = tables.read("interfaces", FOLDER)
    centre = {
        row["interface"]: (
            frame.left + BOX_WIDE / 2 + float(row["across"]) * (frame.wide - BOX_WIDE),
            frame.top + BOX_TALL / 2 + float(row["down"]) * (frame.tall - BOX_TALL),
        )
        for row in rows
    }
    seen = set(between["from"]) | set(between["to"])
    taken = [(x, y, BOX_WIDE, BOX_TALL) for name, (x, y) in centre.items() if name in seen]
    lines, labels = [], []
    for start, to, n in between.head(MOST_ARROWS).itertuples(index=False):
        curve = _curve(centre[start], centre[to], float(n))
        lines.append(_arrow(curve, float(n)))
        labels.append(_number(curve, float(n), taken))
    boxes = [_box(*centre[row["interface"]], row) for row in rows if row["interface"] in seen]
    return [*lines, *boxes, *labels]


def _width(n: float) -> float:
    return 0.6 + math.sqrt(n) / 32


def _curve(start: Point, to: Point, n: float) -> tuple[Point, Point, Point]:
    """Return start, bend and end of an arrow from border to border, bowed to its right: there and back keep apart."""
    (x0, y0), (x1, y1) = start, to
    length = math.hypot(x1 - x0, y1 - y0)
    ux, uy = (x1 - x0) / length, (y1 - y0) / length
    aside = 4 + _width(n) / 2
    ox, oy = -uy * aside, ux * aside
    border = _to_border(ux, uy)
    a = (x0 + ux * border + ox, y0 + uy * border + oy)
    b = (x1 - ux * border + ox, y1 - uy * border + oy)
    bow = 0.05 * length / aside
    return a, ((a[0] + b[0]) / 2 + ox * bow, (a[1] + b[1]) / 2 + oy * bow), b


def _at(curve: tuple[Point, Point, Point], t: float) -> Point:
    """Return the point of a quadratic curve at t, 0 to 1."""
    (ax, ay), (mx, my), (bx, by) = curve
    p, q, r = (1 - t) ** 2, 2 * t * (1 - t), t * t
    return p * ax + q * mx + r * bx, p * ay + q * my + r * by


def _arrow(curve: tuple[Point, Point, Point], n: float) -> str:
    (ax, ay), (mx, my), (bx, by) = curve
    width = _width(n)
    head = 3.5 + width
    length = math.hypot(bx - mx, by - my) or 1.0
    ux, uy = (bx - mx) / length, (by - my) / length
    ex, ey = bx - ux * head, by - uy * head
    tip = f"M{bx:.1f},{by:.1f}L{ex - uy * head * 0.7:.1f},{ey + ux * head * 0.7:.1f}"
    tip += f"L{ex + uy * head * 0.7:.1f},{ey - ux * head * 0.7:.1f}z"
    return (
        f'<path d="M{ax:.1f},{ay:.1f}Q{mx:.1f},{my:.1f} {ex:.1f},{ey:.1f}" stroke="{ARROW}" '
        f'stroke-width="{width:.1f}" fill="none"/><path d="{tip}" fill="{ARROW}"/>'
    )


def _number(curve: tuple[Point, Point, Point], n: float, taken: list[Box]) -> str:
    """Return the number of an arrow where nothing else stands, if there is such a place; it is then `taken`."""
    words = f"{n:,.0f}"
    wide, tall = 4.7 * len(words) + 2, 9.0

    places = [_at(curve, t) for t in (0.5, 0.4, 0.6, 0.3, 0.7, 0.22, 0.78, 0.15, 0.85)]
    x, y = min(places, key=lambda point: _overlap((*point, wide, tall), taken))
    taken.append((x, y, wide, tall))
    return f'<text x="{x:.1f}" y="{y + 3:.1f}" font-size="8.5" text-anchor="middle" fill="{INK}" {HALO}>{words}</text>'


def _overlap(box: Box, taken: Sequence[Box]) -> float:
    """Return how much of a box lies on others."""
    x, y, wide, tall = box
    return sum(max(0.0, (wide + w) / 2 - abs(x - u)) * max(0.0, (tall + h) / 2 - abs(y - v)) for u, v, w, h in taken)


def _to_border(ux: float, uy: float) -> float:
    """Return how far a box's border lies from its centre in a direction."""
    across = BOX_WIDE / 2 / abs(ux) if ux else math.inf
    along = BOX_TALL / 2 / abs(uy) if uy else math.inf
    return min(across, along)


def _box(x: float, y: float, row: Mapping[str, str]) -> str:
    left, top = x - BOX_WIDE / 2, y - BOX_TALL / 2
    return (
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{BOX_WIDE:.0f}" height="{BOX_TALL:.0f}" rx="6" fill="#fff" '
        f'stroke="#1f5f99" stroke-width="1.2"/>'
        f'<text x="{x:.1f}" y="{y - 2:.1f}" {FONT} font-size="11" font-weight="bold" text-anchor="middle" '
        f'fill="#1f5f99">{escape(row["title"])}</text>'
        f'<text x="{x:.1f}" y="{y + 11:.1f}" {FONT} font-size="8.5" text-anchor="middle" fill="#55626b">'
        f"{escape(row['words'])}</text>"
    )
