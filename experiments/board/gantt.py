"""The roadmap as a drawing: a row a route and role, a column a quarter; above who begins, below who is in post."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from experiments.board.quarters import QUARTERS_A_YEAR, Quarter, quarter, through
from experiments.reports.charts import BLUE, FAINT, GREY, INK, svg, text
from experiments.reports.words import role

BEGIN, EARLIER, IN_POST = BLUE, "#c2cbd2", "#3f8f5f"
FIRST, LAST = Quarter(0), Quarter(19)
CELL, STRIP, LEFT, TOP = 38.0, 11.0, 292.0, 46.0
ROW = 2 * STRIP + 5


def drawn(lines: Sequence[Mapping[str, Any]], quarters: Sequence[Mapping[str, Any]], decided: Quarter) -> str:
    """Return the drawing.

    Parameters
    ----------
    lines : `roadmap.lead_times`: a row each, grouped by kind
    quarters : `roadmap.by_quarter`
    decided : the first quarter in which something can still be begun: a line, and paler before it
    """
    columns = list(through(FIRST, LAST))
    of: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in quarters:
        of.setdefault((row["route"], row["role"]), []).append(row)
    parts, y, kind = [*_key(), *_heading(columns)], TOP, ""
    for line in lines:
        if line["kind"] != kind:
            kind = line["kind"]
            parts.append(_words(4, y + 12, kind[0].upper() + kind[1:]))
            y += 17
        parts += _line(line, of[line["route"], line["role"]], decided, y)
        y += ROW
    x = _left(decided)
    parts.append(f'<path d="M{x:.1f},{TOP - 6:.0f}V{y:.0f}" stroke="#b3402a" stroke-width="1.6"/>')
    parts.append(text(x + 3, TOP - 16, f"decisions from {decided}", 8.5, "start", "#b3402a"))
    return svg(LEFT + CELL * (len(columns) + 1) + 6, y + 6, parts, "The roadmap by quarter")


def _left(when: Quarter) -> float:
    """Return where a quarter's column begins; all before the first share one column."""
    return LEFT + CELL * (max(when.index - FIRST.index, -1) + 1)


def _key() -> list[str]:
    parts, x = [], 4.0
    for colour, words in ((EARLIER, "begun, under way already"), (BEGIN, "to begin"), (IN_POST, "in post")):
        parts.append(f'<rect x="{x:.0f}" y="3" width="10" height="9" fill="{colour}"/>')
        parts.append(text(x + 14, 11, words, 9, "start"))
        x += 24 + 5.2 * len(words)
    return parts


def _heading(columns: Sequence[Quarter]) -> list[str]:
    parts = [text(LEFT + CELL / 2, TOP - 4, "before", 8, "middle", GREY)]
    for when in columns:
        x = _left(when)
        parts.append(text(x + CELL / 2, TOP - 4, str(when)[-2:], 8, "middle", GREY))
        if when.index % QUARTERS_A_YEAR == 0:
            parts.append(text(x + 2, TOP - 16, when.year, 9.5, "start"))
    return parts


def _line(line: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], decided: Quarter, y: float) -> list[str]:
    """Return a row: what it is, its lead time, and its two strips."""
    name = f"{line['route']}: {role(line['role'])}"
    parts = [text(8, y + 10, name, 9, "start"), text(8, y + 20, _said(line), 8, "start", GREY)]
    parts.append(f'<path d="M4,{y + ROW - 2:.1f}H{_left(LAST) + CELL:.1f}" stroke="{FAINT}" stroke-width=".6"/>')
    most = max((max(row["starts"], row["joins"]) for row in rows), default=0.0) or 1.0
    before = sum(row["starts"] for row in rows if quarter(row["quarter"]) < FIRST)
    cells = [(FIRST.index - 1, before, 0.0)] if before else []
    cells += [(quarter(row["quarter"]).index, row["starts"], row["joins"]) for row in rows
              if quarter(row["quarter"]) >= FIRST]  # fmt: skip
    for index, starts, joins in cells:
        x = _left(Quarter(index))
        begun = EARLIER if index < decided.index else BEGIN
        for value, colour, top in ((starts, begun, y), (joins, IN_POST, y + STRIP)):
            if value > 0:
                deep = 0.35 + 0.65 * min(value / most, 1.0)
                parts.append(
                    f'<rect x="{x + 1:.1f}" y="{top + 1:.1f}" width="{CELL - 2:.0f}" height="{STRIP - 1:.0f}" '
                    f'fill="{colour}" fill-opacity="{deep:.2f}"/>'
                )
                dark = colour is EARLIER or deep < 0.6
                parts.append(text(x + CELL / 2, top + 9, f"{value:,.0f}", 8, "middle", INK if dark else "#fff"))
    return parts


def _said(line: Mapping[str, Any]) -> str:
    return f"{line['lead_months']} months · {line['starts']:,.0f} begin, {line['joins']:,.0f} in post"


def _words(x: float, y: float, words: str) -> str:
    return f'<text x="{x:.0f}" y="{y:.1f}" font-size="11" font-weight="bold" fill="{INK}">{words}</text>'
