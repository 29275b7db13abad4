"""A table of words for the foot of a picture: columns wrap, rows have the colour of what they say."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from html import escape

Rows = Sequence[tuple[str, Sequence[str]]]
"""(colour, or nothing for a heading; words of each column)"""

COLUMNS = (0.0, 330.0, 590.0, 850.0)
"""Where the columns begin."""
WIDTH = 1040.0
ROW = 14.0
LETTER = 5.4
"""Mean width of a letter at this size."""
INK = "#1d262d"


def table(rows: Rows, x: float, y: float) -> tuple[list[str], float]:
    """Return a table as SVG elements, its left upper corner at (x, y), and its height."""
    found, down = [], 0.0
    for colour, words in rows:
        cells = [_wrapped(text, at) for at, text in enumerate(words)]
        for at, lines in enumerate(cells):
            style = f'font-size="10" fill="{colour or INK}"' + ("" if colour else ' font-weight="bold"')
            for k, line in enumerate(lines):
                where = f'x="{x + COLUMNS[at]:.1f}" y="{y + down + ROW * k + 10:.1f}"'
                found.append(f"<text {where} {style}>{escape(line)}</text>")
        down += ROW * max((len(lines) for lines in cells), default=1)
    return found, down


def _wrapped(text: str, at: int) -> list[str]:
    right = (*COLUMNS, WIDTH)[at + 1]
    return textwrap.wrap(text, int((right - COLUMNS[at] - 12) / LETTER)) or [""]
