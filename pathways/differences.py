"""What differs between two pathways, in words: a state that is new, a route that is gone, a share that is another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pathways.pathway import ELSEWHERE, TABLES, Pathway

NEW, GONE, CHANGED = "new", "gone", "changed"
WORDS_ONLY = ("source", "note", "title", "confidence", "status", "order", "also")
"""Keys that change nothing of what happens."""
SINGLE = ("entries", "demand", "outside")

RouteName = tuple[str, str, str, str, int]
"""(from, to, event, guard, which of several that are otherwise alike)"""


@dataclass(frozen=True)
class Difference:
    """One thing that differs; `route` says which, where it is one."""

    kind: str
    """new, gone or changed"""
    what: str
    """Such as `triage → cafe: share`"""
    before: str
    after: str
    state: str = ""
    route: RouteName | None = None


def differences(before: Pathway, after: Pathway) -> list[Difference]:
    """Return what a pathway has that another had not, or has otherwise: states, routes, then teams and the rest."""
    return [*_states(before, after), *_routes(before, after), *_tables(before, after)]


def named_routes(pathway: Pathway) -> dict[RouteName, dict[str, Any]]:
    """Return the routes by a name that does not depend on their place in the file, in the order of the file."""
    found: dict[RouteName, dict[str, Any]] = {}
    for origin, to, keys in pathway.routes():
        event, guard, which = " ".join(str(keys.get("when", "")).split()), str(keys.get("if", "")), 0
        while (origin, to, event, guard, which) in found:
            which += 1
        found[origin, to, event, guard, which] = keys
    return found


def said(value: Any, key: str = "") -> str:
    """Return a value of a file in plain words: a share in per cent, a law with its mean, a standard with its time."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{100 * value:.4g} %" if key in ("share", "at_least", "at_most") else f"{value:,}"
    if isinstance(value, Mapping):
        parts = [(str(name), said(one, str(name))) for name, one in value.items() if name not in WORDS_ONLY]
        return ", ".join(f"{name.replace('_', ' ')} {text}".strip() for name, text in parts)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "; ".join(said(one) for one in value)
    return str(value).replace("_", " ") if key in ("kind", "team") else str(value)


def route_said(name: RouteName) -> str:
    """Return `from → to`, with its event and guard."""
    origin, to, event, guard, which = name
    text = f"{origin} → {to}" + (f" when {event}" if event else "") + (f" if {guard}" if guard else "")
    return text + (f" ({which + 1})" if which else "")


def _states(before: Pathway, after: Pathway) -> Iterator[Difference]:
    old, new = before.states(), after.states()
    for name in {**new, **old}:
        if name not in old:
            yield Difference(NEW, f"state {name}", "", said(new[name]), name)
        elif name not in new:
            yield Difference(GONE, f"state {name}", said(old[name]), "", name)
        else:
            for key, was, now in _keys(old[name], new[name]):
                yield Difference(CHANGED, f"state {name}: {key}", said(was, key), said(now, key), name)


def _routes(before: Pathway, after: Pathway) -> Iterator[Difference]:
    old, new = named_routes(before), named_routes(after)
    for name in {**new, **old}:
        text = route_said(name)
        if name not in old:
            yield Difference(NEW, text, "", said(new[name].get("share"), "share"), route=name)
        elif name not in new:
            yield Difference(GONE, text, said(old[name].get("share"), "share"), "", route=name)
        else:
            for key, was, now in _keys(old[name], new[name]):
                yield Difference(CHANGED, f"{text}: {key}", said(was, key), said(now, key), route=name)


def _tables(before: Pathway, after: Pathway) -> Iterator[Difference]:
    for table in TABLES:
        old, new = before.graph.get(table) or {}, after.graph.get(table) or {}
        for name in {**new, **old}:
            if name not in old:
                yield Difference(NEW, f"{table} {name}", "", said(new[name]))
            elif name not in new:
                yield Difference(GONE, f"{table} {name}", said(old[name]), "")
            else:
                for key, was, now in _keys(old[name], new[name]):
                    yield Difference(CHANGED, f"{table} {name}: {key}", said(was, key), said(now, key))
    single = [{key: of.graph.get(key) for key in SINGLE} for of in (before, after)]
    for key, was, now in _keys(*single):
        yield Difference(CHANGED if was and now else NEW if now else GONE, key, said(was), said(now))


def _keys(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Yield (key, before, after) of what differs and acts."""
    for key in {**new, **old}:
        if (
            key not in WORDS_ONLY
            and old.get(key) != new.get(key)
            and said(old.get(key), key) != said(new.get(key), key)
        ):
            yield key, old.get(key), new.get(key)


def united(before: Pathway, after: Pathway) -> Pathway:
    """Return a graph with the states and routes of both, for drawing: what is gone stands behind what is there."""
    both = after.copy()
    for name, keys in before.nodes(data=True):
        if name not in both and keys.get("kind") != ELSEWHERE:
            both.add_state(name, **keys)
    there = named_routes(after)
    for name, keys in named_routes(before).items():
        if name not in there:
            both.add_route(name[0], name[1], **{k: v for k, v in keys.items() if k not in ("order", "also")})
    return both
