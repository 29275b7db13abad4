"""A pathway: a graph whose nodes are states, whose edges are routes, in the words of its file.

>>> pathway.nodes["triage"]["minutes"]
>>> pathway.edges["triage", "home"]["share"] = 0.3

Every change, however deep, raises `pathway.version`: what was made from the graph can be made again.
"""

from __future__ import annotations

import copy
import datetime
import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import networkx as nx

from pathways.observed import ObservedDict, Revision, plain

HEADER = ("name", "title", "source", "services", "tier", "payer", "minutes_per_step", "start", "entries", "note")
"""Single values at the top of a file."""

TABLES = ("team", "clock", "arrivals", "door")
"""Tables of tables, by name."""

ELSEWHERE = "elsewhere"
"""The kind of a node that stands for a state of another pathway."""


class _Header:
    """A value kept in the graph's own attributes under the key of the file."""

    def __init__(self, key: str, empty: Any) -> None:
        self.key, self.empty = key, empty

    def __get__(self, pathway: Pathway | None, owner: type | None = None) -> Any:
        return self if pathway is None else pathway.graph.get(self.key, self.empty)

    def __set__(self, pathway: Pathway, value: Any) -> None:
        pathway.graph[self.key] = value


class TakenAway(NamedTuple):
    """A state that was removed, as far as those need to know who are still in it."""

    keys: dict[str, Any]
    """Of its table in the file"""
    waiting: tuple[str, ...]
    """Its `waiting 4 h` routes"""
    moves_to: str | None
    """The state in which they go on; None: nobody may be there"""


class Pathway(nx.DiGraph):
    """States and routes as one file declares them.

    `nodes[state]` is the dict of `[state.X]`.  `edges[a, b]` is the dict of the first `[[route]]` from a to
    b (without `from` and `to`); further routes of the same pair are in its list `also`.  `teams`, `clocks`,
    `arrivals`, `doors` are dicts by name, `demand` and `outside` dicts, `file` says where it was read.
    """

    title = _Header("title", "")
    source = _Header("source", "")
    minutes_per_step = _Header("minutes_per_step", 15)
    start = _Header("start", None)
    entries = _Header("entries", ())
    teams = _Header("team", None)
    clocks = _Header("clock", None)
    arrivals = _Header("arrivals", None)
    doors = _Header("door", None)
    demand = _Header("demand", None)
    outside = _Header("outside", None)

    def __init__(self, incoming_graph_data: Any = None, **header: Any) -> None:
        self._revision = Revision()
        self.file: str | None = None
        self.taken_away: dict[str, TakenAway] = {}
        """States removed with `remove_state`, for running models in which people are in them"""
        super().__init__(incoming_graph_data, **header)
        for table in TABLES:
            self.graph.setdefault(table, {})

    def _observed(self) -> ObservedDict:
        return ObservedDict(self._revision)

    node_dict_factory = node_attr_dict_factory = _observed
    adjlist_outer_dict_factory = adjlist_inner_dict_factory = _observed
    edge_attr_dict_factory = graph_attr_dict_factory = _observed

    @property
    def version(self) -> int:
        """A number that grows with every change."""
        return self._revision.count

    def copy(self, as_view: bool = False) -> Pathway:
        """Return a pathway of its own with the same content."""
        return super().copy(as_view=True) if as_view else copy.deepcopy(self)

    def add_state(self, name: str, /, **keys: Any) -> None:
        """Add a state with the keys of `[state.name]`."""
        self.add_node(name)
        self.nodes[name].update(keys)

    def add_route(self, origin: str, to: str, /, **keys: Any) -> None:
        """Add a route after all others; a second one between the same states goes to `also` of the first."""
        keys["order"] = 1 + max((route["order"] for _, _, route in self.routes()), default=-1)
        if to not in self and "/" in to:
            self.add_node(to, kind=ELSEWHERE)
        if self.has_edge(origin, to):
            self.edges[origin, to].setdefault("also", []).append(keys)
        else:
            self.add_edge(origin, to)
            self.edges[origin, to].update(keys)

    def remove_route(self, origin: str, to: str, route: Mapping[str, Any]) -> None:
        """Remove one route of a pair; the others stay, and with the last of them a state left elsewhere
        goes.
        """
        left = [keys for a, b, keys in self.routes() if (a, b) == (origin, to) and keys is not route]
        kept = [{key: plain(value) for key, value in keys.items() if key != "also"} for keys in left]
        self.remove_edge(origin, to)
        if kept:
            self.add_edge(origin, to)
            self.edges[origin, to].update(kept[0])
            if kept[1:]:
                self.edges[origin, to]["also"] = kept[1:]
        elif self.nodes[to].get("kind") == ELSEWHERE and not self.in_degree(to):
            self.remove_node(to)

    def remove_state(self, name: str, moves_to: str | None = None) -> None:
        """Remove a state and its routes, and states elsewhere that nothing leads to any more.

        In a running model, whoever is in it moves to the state `moves_to` at the midnight that comes.
        """
        waits = [str(keys.get("when", "")) for origin, _, keys in self.routes() if origin == name]
        waits = [text for text in waits if text.startswith("waiting")]
        self.taken_away[name] = TakenAway(plain(self.nodes[name]), tuple(waits), moves_to)
        self.remove_node(name)
        for other, kind in list(self.nodes(data="kind")):
            if kind == ELSEWHERE and not self.in_degree(other):
                self.remove_node(other)

    def routes(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Yield (from, to, keys) of every route in the order of the file; later additions last.

        The dicts are those of the graph; each has a key `order`.
        """
        found: list[tuple[str, str, dict[str, Any]]] = []
        for origin, to, keys in self.edges(data=True):
            found.append((origin, to, keys))
            found.extend((origin, to, further) for further in keys.get("also", ()))
        last = len(found) + max((keys.get("order", 0) for *_, keys in found), default=0)
        for position, (*_, keys) in enumerate(found):
            if "order" not in keys:  # made by `add_edge`: no change of content, so the version stays
                dict.__setitem__(keys, "order", last + position)
        return iter(sorted(found, key=lambda route: route[2]["order"]))

    def states(self) -> dict[str, dict[str, Any]]:
        """Return the states of this pathway by name (those elsewhere left out)."""
        return {name: keys for name, keys in self.nodes(data=True) if keys.get("kind") != ELSEWHERE}

    def content(self) -> dict[str, Any]:
        """Return the pathway as its file would hold it: plain dicts and lists."""
        held = {key: plain(value) for key, value in self.graph.items() if value not in (None, {}, [], ())}
        held["state"] = plain(self.states())
        held["route"] = [
            {"from": origin, "to": to} | {k: plain(v) for k, v in keys.items() if k not in ("order", "also")}
            for origin, to, keys in self.routes()
        ]
        return held

    def canonical(self) -> dict[str, Any]:
        """Return the content as JSON can hold it, keys sorted, 1.0 as 1, dates as text."""
        return _canonical(self.content())

    def digest(self) -> str:
        """Return the sha256 of the canonical content."""
        text = json.dumps(self.canonical(), ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Pathway):
            return NotImplemented
        return self.canonical() == other.canonical()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<Pathway {self.name}: {len(self.states())} states, {sum(1 for _ in self.routes())} routes>"


def _canonical(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _canonical(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [_canonical(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, datetime.date | datetime.datetime):
        return value.isoformat()
    return value
