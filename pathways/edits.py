"""A scenario's changes to a pathway: set, add, remove, by the words of the file.

[set]
"state.triage.minutes" = { constant = "20 min" }
"route.triage.home.share" = 0.4            # the plain route; "route.triage.home.full.share" is that on an
event, "route.triage.home.if age < 18.share" that with this guard
"team.line.staff.call_handler" = 3

[add]
"state.cafe" = { kind = "contact", … }
route = [ { from = "triage", to = "cafe", share = 0.1 } ]

and before these tables: remove = ["route.triage.home", "clock.four_hours", "state.call.patience"]

`moves_to` says of a state that is removed from a running model where its people go on: { "state.cafe" = "home" }.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pathways import specs
from pathways.errors import InputError, nearest, one_of
from pathways.observed import plain
from pathways.pathway import HEADER, TABLES, Pathway

ACTIONS = ("set", "add", "remove", "moves_to")
ROOTS = ("state", "route", *TABLES, "demand", "outside", *HEADER)


def apply(pathway: Pathway, edits: Mapping[str, Any], file: object = None) -> Pathway:
    """Return the pathway with the edits; the one given stays as it is.

    Tables are added first (routes after the states they join, however the edits are ordered), then values set, then
    tables and routes removed; the outcome is validated.
    """
    for action in edits:
        if action not in ACTIONS:
            raise InputError(
                file=file,
                key=str(action),
                value=edits[action],
                expected=one_of(ACTIONS),
                suggestion=nearest(action, ACTIONS),
            )
    edited = pathway.copy()
    added = _table(edits, "add", file)
    for path, content in sorted(added.items(), key=lambda one: one[0] == "route"):  # between states that are there
        _add(edited, path, content, file)
    for path, value in _table(edits, "set", file).items():
        _set(edited, path, value, file)
    removed = edits.get("remove", [])
    if not isinstance(removed, list | tuple):
        raise InputError(file=file, key="remove", value=removed, expected="a list of paths")
    homes = _table(edits, "moves_to", file)
    for path in removed:
        _remove(edited, str(path), file, homes.get(str(path)))
    specs.validated(edited)
    return edited


def _table(edits: Mapping[str, Any], action: str, file: object) -> Mapping[str, Any]:
    content = edits.get(action, {})
    if not isinstance(content, Mapping):
        raise InputError(file=file, key=action, value=content, expected="a table of paths and values")
    return content


def _add(pathway: Pathway, path: str, content: Any, file: object) -> None:
    key = f"add.{path}"
    if path == "route":
        rows = content if isinstance(content, list | tuple) else [content]
        for row in rows:
            if not isinstance(row, Mapping) or not {"from", "to"} <= set(row):
                raise InputError(file=file, key=key, value=row, expected="a route with from, to and share")
            _state(pathway, row["from"], key, file)
            if "/" not in str(row["to"]):
                _state(pathway, row["to"], key, file)
            keys = {word: value for word, value in row.items() if word not in ("from", "to")}
            pathway.add_route(row["from"], row["to"], **keys)
        return
    root, _, name = path.partition(".")
    if root not in ("state", *TABLES, "demand", "outside"):
        raise InputError(
            file=file,
            key=key,
            value=path,
            expected=one_of(("state.NAME", "route", "team.NAME", "clock.NAME")),
            suggestion=nearest(root, ROOTS),
        )
    if not isinstance(content, Mapping):
        raise InputError(file=file, key=key, value=content, expected="a table")
    there = _container(pathway, root)
    if not name and root in ("demand", "outside"):
        pathway.graph[root] = plain(content)
    elif not name or "." in name or name in there:
        raise InputError(file=file, key=key, value=path, expected=f"{root}.NAME with a name that is not in use")
    elif root == "state":
        pathway.add_state(name, **plain(content))
    else:
        pathway.graph[root][name] = plain(content)


def _set(pathway: Pathway, path: str, value: Any, file: object) -> None:
    key = f"set.{path}"
    root, *rest = path.split(".")
    if root in HEADER and not rest:
        pathway.graph[root] = value
        return
    if root == "route":
        target, rest = _route(pathway, rest, key, file)
    elif root in ("demand", "outside"):
        target = pathway.graph.get(root) or {}
        pathway.graph[root] = target
        target = pathway.graph[root]
    elif root in ("state", *TABLES):
        if len(rest) < 2:
            raise InputError(file=file, key=key, value=path, expected=f"{root}.NAME.KEY")
        target = _named(_container(pathway, root), rest[0], key, file)
        rest = rest[1:]
    else:
        raise InputError(file=file, key=key, value=path, expected=one_of(ROOTS), suggestion=nearest(root, ROOTS))
    if not rest:
        raise InputError(file=file, key=key, value=path, expected="a path that ends in a key")
    for word in rest[:-1]:
        target = _named(target, word, key, file)
    _place(target, rest[-1], value, key, file)


def _place(target: Any, word: str, value: Any, key: str, file: object) -> None:
    """Put a value under a key or at a position of a list."""
    if isinstance(target, list):
        _named(target, word, key, file)
        target[int(word)] = value
    elif isinstance(target, dict):
        target[word] = value
    else:
        raise InputError(file=file, key=key, value=target, expected=f"a table that holds {word!r}")


def _named(target: Any, word: str, key: str, file: object) -> Any:
    """Return an entry of a table or a list, which must be there."""
    if isinstance(target, list):
        if not word.isdigit() or int(word) >= len(target):
            raise InputError(file=file, key=key, value=word, expected=f"a position from 0 to {len(target) - 1}")
        return target[int(word)]
    if not isinstance(target, Mapping) or word not in target:
        names = list(target) if isinstance(target, Mapping) else []
        raise InputError(file=file, key=key, value=word, expected=one_of(names), suggestion=nearest(word, names))
    return target[word]


def _container(pathway: Pathway, root: str) -> Mapping[str, Any]:
    if root == "state":
        return pathway.states()
    return pathway.graph.get(root) or {}


def _state(pathway: Pathway, name: Any, key: str, file: object) -> None:
    _named(pathway.states(), str(name), key, file)


def _route(pathway: Pathway, rest: list[str], key: str, file: object) -> tuple[dict[str, Any], list[str]]:
    """Find the route FROM.TO or FROM.TO.EVENT; returns its keys and what is left of the path."""
    if len(rest) < 2:
        raise InputError(file=file, key=key, value=".".join(rest), expected="route.FROM.TO.KEY")
    origin, to, *rest = rest
    _state(pathway, origin, key, file)
    _named(dict.fromkeys(pathway.successors(origin)), to, key, file)
    routes = [keys for a, b, keys in pathway.routes() if (a, b) == (origin, to)]
    if rest and rest[0].startswith("if "):
        return _guarded(routes, f"route.{origin}.{to}", rest, key, file), rest[1:]
    on_event = {" ".join(str(keys["when"]).split()): keys for keys in routes if "when" in keys}
    if rest and rest[0] in on_event and rest[0] not in specs.ROUTE_KEYS:
        return on_event[rest[0]], rest[1:]
    unconditional = [keys for keys in routes if "when" not in keys and "if" not in keys]
    if len(routes) == 1:
        return routes[0], rest
    if len(unconditional) == 1:
        return unconditional[0], rest
    raise InputError(
        file=file, key=key, value=to, expected=f"route.{origin}.{to}.EVENT.KEY, the event {one_of(on_event)}"
    )


def _guarded(routes: list[dict[str, Any]], path: str, rest: list[str], key: str, file: object) -> dict[str, Any]:
    """Find the route whose guard is in the path, as `if n_ltc >= 1` (a guard with a point in it has no path)."""
    by_guard = {
        f"if {' '.join(str(keys['if']).split())}": keys for keys in routes if "if" in keys and "when" not in keys
    }
    if rest[0] not in by_guard:
        raise InputError(
            file=file, key=key, value=rest[0], expected=f"{path}.GUARD.KEY, the guard {one_of(by_guard)}",
            suggestion=nearest(rest[0], by_guard),
        )  # fmt: skip
    return by_guard[rest[0]]


def _remove(pathway: Pathway, path: str, file: object, moves_to: str | None = None) -> None:
    key = f"remove {path}"
    root, *rest = path.split(".")
    if root == "route":
        keys, left = _route(pathway, rest, key, file)
        if left:
            keys.pop(_last(keys, left, key, file))
        else:
            pathway.remove_route(rest[0], rest[1], keys)
    elif root in ("demand", "outside") and not rest:
        pathway.graph.pop(root, None)
    elif root in ("state", *TABLES) and rest:
        entry = _named(_container(pathway, root), rest[0], key, file)
        if len(rest) > 1:
            for word in rest[1:-1]:
                entry = _named(entry, word, key, file)
            entry.pop(_last(entry, rest[-1:], key, file))
        elif root == "state":
            pathway.remove_state(rest[0], moves_to=moves_to)
        else:
            pathway.graph[root].pop(rest[0])
    else:
        raise InputError(file=file, key=key, value=path, expected=one_of(ROOTS), suggestion=nearest(root, ROOTS))


def _last(entry: Any, words: list[str], key: str, file: object) -> Any:
    """Return the key or position that is to go."""
    _named(entry, words[0], key, file)
    return int(words[0]) if isinstance(entry, list) else words[0]
