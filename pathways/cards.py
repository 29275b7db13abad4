"""What is said about a state in a drawing: its name, what it is, who comes in, and a line for each way on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pathways import durations, laws
from pathways.pathway import ELSEWHERE, Pathway

FOLDED_BEYOND = 14
"""Pathways with more routes than this name their ends in the lines, without a box and arrows for each."""
NAME_LETTERS = 26
LINE_LETTERS = 34


@dataclass(frozen=True)
class Line:
    """One line of a card.  `to` is the card its arrow leads to, if any."""

    left: str
    right: str = ""
    style: str = "plain"
    """plain, event (set off by something), opens (a further referral), heading, in."""
    to: str | None = None
    weight: float = 0.0
    """Width of the arrow, 0 to 1."""
    about: str = ""
    route: int = -1
    """Position of the route in the file, from 0"""
    mark: str = ""
    """Of a difference: new, gone, changed, same"""


@dataclass(frozen=True)
class Card:
    """A state as it is drawn."""

    state: str
    kind: str
    names: tuple[str, ...]
    detail: str
    lines: tuple[Line, ...]
    mark: str = ""


Flows = Mapping[tuple[str, str] | tuple[str, str, int], float]
"""People by (from, to), or by (from, to, position of the route in the file, from 0)."""


def cards(pathway: Pathway, flows: Flows | None = None) -> dict[str, Card]:
    """Return the cards of a pathway by state."""
    numbered = [(i, *route) for i, route in enumerate(pathway.routes())]
    counted = _by_route(numbered, flows or {})
    routes = sorted(numbered, key=lambda route: ("when" in route[3]) * 2 + ("if" not in route[3]))
    shown = {state: str(keys.get("kind", "")) for state, keys in pathway.nodes(data=True)}
    if len(routes) > FOLDED_BEYOND:
        shown = {
            state: kind
            for state, kind in shown.items()
            if kind != ELSEWHERE and (kind != "end" or pathway.nodes[state].get("opens"))
        }
    most = max(flows.values(), default=0.0) if flows else 0.0
    found = {}
    for state, kind in shown.items():
        lines = [Line(f"from {name}", rate, "in") for name, rate in _ways_in(pathway, state)]
        heading = None
        for i, origin, to, keys in routes:
            if origin != state:
                continue
            guard = f"if {keys['if']}" if "if" in keys else "otherwise"
            if guard != heading and "when" not in keys and (heading or "if" in keys):
                lines.append(Line(cut(guard, LINE_LETTERS), style="heading", about=guard))
                heading = guard
            line = replace(_route(origin, to, keys, counted.get(i), to if to in shown else None), route=i)
            if flows:
                line = replace(line, weight=counted.get(i, 0.0) / most if most else 0.0)
            lines.append(line)
        opened = pathway.nodes[state].get("opens", ())
        shares = pathway.nodes[state].get("opens_share", ())
        for i, to in enumerate([opened] if isinstance(opened, str) else opened):
            word = f"opens {shares[i]:.0%}" if shares else "opens"
            lines.append(Line(word, _said(to, LINE_LETTERS - len(word) - 3), "opens", to if to in shown else None))
        found[state] = Card(state, kind, _names(state), _detail(pathway.nodes[state]), tuple(lines))
    return found


def _by_route(numbered: list[tuple[int, str, str, dict[str, Any]]], flows: Flows) -> dict[int, float]:
    """Return the flow along each route by position; that of a pair stands at its first ordinary route."""
    found: dict[int, float] = {}
    told: set[tuple[str, str]] = set()
    for i, origin, to, _ in sorted(numbered, key=lambda route: "when" in route[3]):
        if (origin, to, i) in flows:
            found[i] = flows[origin, to, i]
        elif (origin, to) in flows and (origin, to) not in told:
            found[i] = flows[origin, to]
            told.add((origin, to))
    return found


def _route(origin: str, to: str, keys: Mapping[str, Any], flow: float | None, arrow_to: str | None) -> Line:
    share = keys.get("share", 0)
    event = str(keys.get("when", "")).replace("_", " ")
    parts = [event] if event else []
    if share != 1 or not event:
        parts.append(f"{100 * float(share):.3g} %")
    weight = float(share) * (0.3 if event else 1.0)
    if flow is not None:
        parts.append(f"({flow:,.0f})")
    left = " ".join(parts)
    room = LINE_LETTERS - len(left) - 3
    about = f"{origin} → {to}: {left}" + (f" if {keys['if']}" if "if" in keys else "")
    return Line(left, _said(to, max(room, 8)), "event" if event else "plain", arrow_to, weight, about)


def _ways_in(pathway: Pathway, state: str) -> list[tuple[str, str]]:
    found = []
    for name, keys in (pathway.arrivals or {}).items():
        if keys.get("to") == state:
            rate = next((f"{keys[k]:g} {k.replace('_', ' ')}" for k in ("per_hour", "per_day") if k in keys), "")
            found.append((name.replace("_", " "), rate))
    for name, keys in (pathway.doors or {}).items():
        if keys.get("to") == state:
            found.append((name.replace("_", " "), f"{100 * float(keys.get('share', 0)):.3g} %"))
    if pathway.outside and pathway.outside.get("to") == state:
        found.append(("outside the area", ""))
    if state in (pathway.entries or ()):
        found.append(("other pathways", ""))
    return found


def _names(state: str) -> tuple[str, ...]:
    lines = [""]
    for word in state.replace("_", " ").replace("/", ": ").split():
        if lines[-1] and len(lines[-1]) + len(word) >= NAME_LETTERS:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return tuple(lines)


def _detail(keys: Mapping[str, Any]) -> str:
    detail = [str(keys.get("kind", ""))]
    if team := keys.get("team"):
        detail.append(str(team).replace("_", " "))
    elif needs := keys.get("needs"):
        detail.append(" + ".join(str(team).replace("_", " ") for team in needs))
    for name in ("minutes", "stay", "time"):
        if name in keys:
            detail.append(_about(laws.law(keys[name]).mean))
    last = f" · {detail.pop()}" if len(detail) > 2 else ""
    return cut(" · ".join(detail), LINE_LETTERS - len(last)) + last


def _about(length: float) -> str:
    """Say a mean length of time in a few digits."""
    for unit, size in (("weeks", durations.WEEK), ("days", durations.DAY), ("h", durations.HOUR)):
        if length >= 3 * size:
            return f"{length / size:.3g} {unit}"
    return f"{length / 60:.3g} min"


def _said(state: str, room: int) -> str:
    return cut(state.replace("_", " ").replace("/", ": "), room)


def cut(text: str, room: int) -> str:
    """Shorten a text to so many letters."""
    return text if len(text) <= room else text[: room - 1] + "…"
