"""Draws what a scenario makes of a pathway: what is new, gone (dashed) and changed, each in a colour of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pathways.cards import Card, Line, cards, cut
from pathways.differences import CHANGED, GONE, NEW, Difference, RouteName, named_routes, said, united
from pathways.drawing import MARKS, picture
from pathways.pathway import Pathway
from pathways.picture_table import Rows

MEANING = "gone: dashed; changed: before → after, in the table; ■ leaves; ↗ opens a referral"
STRONGEST = {CHANGED: 1, GONE: 2, NEW: 3}
LETTERS = 33


def svg(title: str, before: Pathway, after: Pathway, found: Sequence[Difference], rows: Rows) -> str:
    """Return the picture as SVG: both pathways in one, with the differences marked, and their table under it.

    Parameters
    ----------
    before, after : as they are without the scenario, and with all of it
    found : what differs; what differs for a while only may be among it
    rows : (mark, nothing in the heading; words of each column) of the table
    """
    both = united(before, after)
    both.title = title
    states: dict[str, str] = {}
    routes: dict[RouteName, Difference] = {}
    for one in found:
        if one.state:
            states[one.state] = max(states.get(one.state, CHANGED), one.kind, key=STRONGEST.__getitem__)
        elif one.route is not None:
            routes.setdefault(one.route, one)
            if one.kind != CHANGED:
                routes[one.route] = one
    names = list(named_routes(both))
    drawn = {state: _marked(card, states.get(state, "same"), names, routes) for state, card in cards(both).items()}
    inked = [(MARKS[mark][1] if mark else "", words) for mark, words in rows]
    return picture(both, drawn, MEANING, inked)


def _marked(card: Card, mark: str, names: list[RouteName], routes: dict[RouteName, Difference]) -> Card:
    lines = []
    for line in card.lines:
        of_route = routes.get(names[line.route]) if line.route >= 0 else None
        if of_route is not None:
            line = _with_both(line, of_route)
        lines.append(replace(line, mark=of_route.kind if of_route else mark if mark in (NEW, GONE) else "same"))
    return replace(card, mark=mark, lines=tuple(lines))


def _with_both(line: Line, one: Difference) -> Line:
    """Return a line with the share before as well, where that is what changed."""
    if one.kind != CHANGED or not one.what.endswith(": share"):
        return line
    left = line.left.replace(said_share(one.after), f"{one.before} → {one.after}", 1)
    return replace(line, left=left, right=cut(line.right, max(8, LETTERS - len(left))))


def said_share(text: str) -> str:
    """Return a share as a card says it: to three digits."""
    return f"{float(text.removesuffix(' %')):.3g} %" if text else said(text)
