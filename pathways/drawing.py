"""Draws a pathway from top to bottom: a card for each state, an arrow as wide as the share of each route."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path

from pathways import picture_table
from pathways.cards import Card, Flows, Line, cards, cut
from pathways.errors import InputError, nearest, one_of
from pathways.layout import Layout, layered
from pathways.pathway import Pathway
from pathways.picture_table import Rows

FORMATS = (".svg", ".png", ".pdf")
COLOURS = {
    "contact": ("#d7e8f7", "#1f5f99"),
    "place": ("#d9eeda", "#2c7a3f"),
    "wait": ("#fbf0d0", "#9a7300"),
    "decision": ("#ece3f5", "#6b4a94"),
    "end": ("#e4e7ea", "#48535c"),
    "elsewhere": ("#f9e0d6", "#b0522c"),
}
"""Fill of the head and line of each kind; the word stands in the card as well."""
INK = {"plain": "#3d4a54", "event": "#b3402a", "opens": "#2f7f86", "heading": "#6b4a94", "in": "#5a6772"}
MARKS = {"new": ("#cfe6f7", "#0067a8"), "gone": ("#fbe3d3", "#c75000"), "changed": ("#f3dcee", "#a3308f"),
    "same": ("#f3f5f6", "#8d979f")}  # fmt: skip
"""Of a difference: fill of the head, and line; told apart by those who see fewer colours too."""
SIGNS = {"new": "+ ", "gone": "− ", "changed": "± "}
GONE_DASHES = ' stroke-dasharray="6 4"'
DASHES = {"event": ' stroke-dasharray="5 3"', "opens": ' stroke-dasharray="2 3"'}

WIDTH = 196.0
LINE = 13.5
GUTTER = 30.0
BETWEEN = 54.0
MARGIN = 26.0
TOP = 50.0


@dataclass(frozen=True)
class _Placed:
    """Where the cards are: left edges, tops, and the top and bottom of every layer."""

    layout: Layout
    left: dict[str, float]
    top: dict[str, float]
    height: dict[str, float]
    layer_top: list[float]
    layer_bottom: list[float]


def draw(
    pathway: Pathway,
    path: str | os.PathLike[str],
    flows: Flows | None = None,
) -> None:
    """Write a picture of the pathway (.svg, .png or .pdf).

    `flows` gives how many people took each (from, to), or each (from, to, position in the file); without it
    arrows are as wide as their share.
    """
    ending = Path(path).suffix.lower()
    if ending not in FORMATS:
        expected = f"a file name that ends in {one_of(FORMATS)}"
        raise InputError(file=path, key="ending", value=ending, expected=expected, suggestion=nearest(ending, FORMATS))
    text = svg(pathway, flows)
    if ending == ".svg":
        Path(path).write_text(text, encoding="utf-8")
        return
    import vl_convert  # a large library, needed here only

    made = vl_convert.svg_to_png(text, scale=2) if ending == ".png" else vl_convert.svg_to_pdf(text)
    Path(path).write_bytes(made)


def svg(pathway: Pathway, flows: Flows | None = None) -> str:
    """Return the picture as SVG text that needs nothing from outside."""
    meaning = "arrows as wide as the flow" if flows is not None else "arrows as wide as the share"
    return picture(pathway, cards(pathway, flows), f"{meaning}; dashed: on an event; ■ leaves; ↗ opens a referral")


def picture(pathway: Pathway, drawn: Mapping[str, Card], meaning: str, rows: Rows = ()) -> str:
    """Return the picture of cards as SVG; `rows` stand in a table under them."""
    placed = _place(drawn)
    right = max((x + WIDTH for x in placed.left.values()), default=0.0)
    ways = [x + 8 for way in placed.layout.way.values() for _, x in way]
    width = max(right, *ways, 560.0) + MARGIN
    bottom = placed.layer_bottom[-1]
    kinds = {card.mark or card.kind for card in drawn.values()}
    foot = bottom + 52 + 15 * len(pathway.clocks or {})
    words, deep = picture_table.table(rows, MARGIN, foot)
    width = max(width, picture_table.WIDTH + 2 * MARGIN if rows else 0.0)
    notes = [*_notes(pathway, meaning, kinds, bottom + 34, width), *words]
    height = foot + deep + (20 if rows else 0)
    title = escape(pathway.title or pathway.name)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
            f'viewBox="0 0 {width:.0f} {height:.0f}" font-family="Helvetica, Arial, DejaVu Sans, sans-serif" '
            f'role="img" aria-label="{title}">',
            f'<rect width="{width:.0f}" height="{height:.0f}" fill="#ffffff"/>',
            f'<text x="{MARGIN}" y="28" font-size="16" font-weight="bold" fill="#1d262d">{title}</text>',
            *_arrows(drawn, placed),
            *(_card(card, placed) for card in drawn.values()),
            *notes,
            "</svg>",
        ]
    )


def _place(drawn: Mapping[str, Card]) -> _Placed:
    named = [(card.state, line.to, i) for card in drawn.values() for i, line in enumerate(card.lines) if line.to]
    first = [card.state for card in drawn.values() if any(line.style == "in" for line in card.lines)]
    layout = layered(named, dict.fromkeys(drawn, WIDTH), GUTTER, first)
    height = {
        card.state: _head_height(card) + LINE * len(card.lines) + (5 if card.lines else 0) for card in drawn.values()
    }
    tallest: dict[int, float] = defaultdict(float)
    for state, layer in layout.layer.items():
        tallest[layer] = max(tallest[layer], height[state])
    tops, bottoms, y = [], [], TOP
    for layer in range(max(tallest, default=0) + 1):
        tops.append(y)
        bottoms.append(y + tallest[layer])
        y += tallest[layer] + BETWEEN
    left = {state: MARGIN + x - WIDTH / 2 for state, x in layout.y.items()}
    top = {state: tops[layout.layer[state]] for state in drawn}
    return _Placed(layout, left, top, height, tops, bottoms)


def _head_height(card: Card) -> float:
    return 14.0 * len(card.names) + 20.0


def _line_y(card: Card, i: int, placed: _Placed) -> float:
    return placed.top[card.state] + _head_height(card) + LINE * (i + 0.5) + 2


def _arrows(drawn: Mapping[str, Card], placed: _Placed) -> list[str]:
    """Draw every arrow: out beside its line, along the gutter, past the layers between, into its card."""
    layer, way = placed.layout.layer, placed.layout.way
    lanes: dict[tuple[str, str], list[int]] = defaultdict(list)
    ports: dict[tuple[str, str], list[tuple[float, str, int]]] = defaultdict(list)
    side: dict[tuple[str, int], str] = {}
    for card in drawn.values():
        middle = placed.left[card.state] + WIDTH / 2
        for i, line in enumerate(card.lines):
            if line.to is None:
                continue
            stops = way[card.state, line.to, i]
            towards = MARGIN + stops[0][1] if stops else placed.left[line.to] + WIDTH / 2
            side[card.state, i] = "left" if towards < middle - 1 else "right"
            lanes[card.state, side[card.state, i]].append(i)
            if layer[line.to] != layer[card.state]:
                edge = "top" if layer[line.to] > layer[card.state] else "bottom"
                come = MARGIN + stops[-1][1] if stops else middle
                ports[line.to, edge].append((come, card.state, i))
    enter: dict[tuple[str, int], float] = {}
    for (state, _), ends in ports.items():
        room = min(24.0, (WIDTH - 30) / len(ends))
        for k, (_, origin, i) in enumerate(sorted(ends)):
            enter[origin, i] = placed.left[state] + WIDTH / 2 + (k - (len(ends) - 1) / 2) * room
    found = []
    for card in drawn.values():
        for i, line in enumerate(card.lines):
            if line.to is not None:
                own = lanes[card.state, side[card.state, i]]
                # Lower lines take the inner lanes going down, so that lanes of one card do not cross.
                rank = len(own) - own.index(i) if layer[line.to] >= layer[card.state] else own.index(i) + 1
                lane = 5.0 + rank * min(4.0, 18.0 / len(own))
                found.append(_arrow(card, i, line, drawn[line.to], side[card.state, i], lane, enter, placed))
    return found


def _arrow(
    card: Card, i: int, line: Line, target: Card, side: str, lane: float,
    enter: Mapping[tuple[str, int], float], placed: _Placed,
) -> str:  # fmt: skip
    outward = 1.0 if side == "right" else -1.0
    x = placed.left[card.state] + (WIDTH if side == "right" else 0.0)
    y = _line_y(card, i, placed)
    gutter = x + outward * lane
    colour = MARKS[line.mark][1] if line.mark else INK[line.style]
    width = 0.9 + 3.6 * min(1.0, line.weight) ** 0.5
    tip = 6.0 + width
    level, aim = placed.layout.layer[card.state], placed.layout.layer[target.state]
    if level == aim:  # back into itself, or to a neighbour: in at the side
        into_right = target.state == card.state or placed.left[target.state] < placed.left[card.state]
        end_x = placed.left[target.state] + (WIDTH if into_right else 0.0)
        end_y = placed.top[target.state] + 14.0
        step = 1.0 if into_right else -1.0
        path = f"M{x:.1f},{y:.1f} H{gutter:.1f} V{end_y:.1f} H{end_x + step * tip:.1f}"
        head = f"M{end_x:.1f},{end_y:.1f} l{step * tip:.1f},{-tip * 0.45:.1f} v{tip * 0.9:.1f} Z"
    else:
        down = aim > level
        end_x = enter[card.state, i]
        end_y = placed.top[target.state] if down else placed.top[target.state] + placed.height[target.state]
        leave = placed.layer_bottom[level] if down else placed.layer_top[level]
        bend = min(6.0, abs(gutter - x))
        turn = bend if down else -bend
        path = f"M{x:.1f},{y:.1f} H{gutter - outward * bend:.1f} "
        path += f"Q{gutter:.1f},{y:.1f} {gutter:.1f},{y + turn:.1f} V{leave:.1f}"
        at_x, at_y = gutter, leave
        for layer, offset in placed.layout.way[card.state, target.state, i]:
            before, after = placed.layer_top[layer], placed.layer_bottom[layer]
            before, after = (before, after) if down else (after, before)
            path += _bend(at_x, at_y, MARGIN + offset, before) + f" V{after:.1f}"
            at_x, at_y = MARGIN + offset, after
        # A short card in a tall layer is reached from below by a long straight last piece.
        meet = placed.layer_top[aim] if down else placed.layer_bottom[aim]
        step = -1.0 if down else 1.0
        path += _bend(at_x, at_y, end_x, meet + step * tip if down else meet)
        path += f" V{end_y + step * tip:.1f}"
        head = f"M{end_x:.1f},{end_y:.1f} l{-tip * 0.45:.1f},{step * tip:.1f} h{tip * 0.9:.1f} Z"
    dashes = GONE_DASHES if line.mark == "gone" else "" if line.mark else DASHES.get(line.style, "")
    opacity = 0.35 if line.mark == "same" else 0.75
    return (
        f'<g><title>{escape(line.about)}</title><path d="{path}" fill="none" stroke="{colour}" '
        f'stroke-width="{width:.1f}" stroke-opacity="{opacity}"{dashes}/>'
        f'<path d="{head}" fill="{colour}"/></g>'
    )


def _bend(x: float, y: float, to_x: float, to_y: float) -> str:
    half = (to_y - y) / 2
    return f" C{x:.1f},{y + half:.1f} {to_x:.1f},{to_y - half:.1f} {to_x:.1f},{to_y:.1f}"


def _card(card: Card, placed: _Placed) -> str:
    fill, edge = MARKS[card.mark] if card.mark else COLOURS.get(card.kind, COLOURS["end"])
    dashes = GONE_DASHES if card.mark == "gone" else ""
    x, y, height = placed.left[card.state], placed.top[card.state], placed.height[card.state]
    head = _head_height(card)
    corner = 12 if card.kind in ("end", "wait") else 4
    outline = f'x="{x:.1f}" y="{y:.1f}" width="{WIDTH}" height="{height:.1f}" rx="{corner}"'
    thick = 2.2 if card.kind == "place" else 1.3
    top = (
        f"M{x:.1f},{y + head:.1f} V{y + corner:.1f} q0,{-corner} {corner},{-corner} "
        f"h{WIDTH - 2 * corner:.1f} q{corner},0 {corner},{corner} V{y + head:.1f} Z"
    )
    parts = [
        f'<rect {outline} fill="{"#ffffff" if card.lines else fill}"/>',
        f'<path d="{top}" fill="{fill}"/>' if card.lines else "",
        f'<rect {outline} fill="none" stroke="{edge}" stroke-width="{thick}"{dashes}/>',
    ]
    for k, name in enumerate(card.names):
        name = name if k else SIGNS.get(card.mark, "") + name
        parts.append(_text(x + WIDTH / 2, y + 14.5 + 14 * k, escape(name), 12, "#1d262d", "middle", True))
    parts.append(_text(x + WIDTH / 2, y + head - 6.5, escape(card.detail), 9.5, "#3f4a52", "middle"))
    for i, line in enumerate(card.lines):
        base = _line_y(card, i, placed) + 3.3
        ink = MARKS[line.mark][1] if line.mark else INK[line.style]
        mark = "" if line.to or line.style in ("heading", "in") else " ■" if line.style != "opens" else " ↗"
        parts.append(
            _text(x + 7, base, escape(SIGNS.get(line.mark, "") + line.left), 9.5, ink, "start", line.style == "heading")
        )
        parts.append(_text(x + WIDTH - 7, base, escape(line.right) + mark, 9.5, ink, "end"))
    return f"<g><title>{escape(card.state)}</title>{''.join(parts)}</g>"


def _text(x: float, y: float, text: str, size: float, colour: str, anchor: str, bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    style = f'font-size="{size}" text-anchor="{anchor}" fill="{colour}"{weight}'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{text}</text>'


def _notes(pathway: Pathway, meaning: str, kinds: set[str], y: float, width: float) -> list[str]:
    """Return the key to kinds and arrows, and a line for each clock."""
    found, x = [], MARGIN
    marked = kinds & set(MARKS)
    for kind, (fill, edge) in (MARKS if marked else COLOURS).items():
        if kind in kinds or marked:
            found.append(
                f'<rect x="{x:.0f}" y="{y - 9:.0f}" width="13" height="11" rx="2" fill="{fill}" stroke="{edge}"'
                f"{GONE_DASHES if kind == 'gone' else ''}/>"
            )
            found.append(_text(x + 18, y, SIGNS.get(kind, "") + kind, 10, "#1d262d", "start"))
            x += 34 + 5.8 * len(SIGNS.get(kind, "") + kind)
    found.append(_text(x, y, meaning, 10, "#1d262d", "start"))
    for i, (name, keys) in enumerate((pathway.clocks or {}).items()):
        text = f"Clock {name}: "
        if standard := keys.get("standard"):
            share = 100 * float(standard.get("share", 0))
            text += f"{share:.3g} % within {standard.get('within')} ({standard.get('status', 'local')}); "
        text += f"{', '.join(keys.get('starts', ()))} to {', '.join(keys.get('stops', ()))}"
        said = cut(text.replace("_", " "), round((width - 2 * MARGIN) / 5.4))
        found.append(_text(MARGIN, y + 15 * (i + 1), escape(said), 10, "#3f4a52", "start"))
    return found
