"""Writes a pathway for other programs: GraphML, Mermaid, DOT."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import networkx as nx

from pathways.errors import InputError, nearest, one_of
from pathways.observed import plain
from pathways.pathway import Pathway

FORMATS = (".graphml", ".mmd", ".dot")
_MERMAID = {"contact": ("[", "]"), "place": ("[[", "]]"), "wait": ("(", ")"), "decision": ("{", "}"),
            "end": ("([", "])"), "elsewhere": ("[/", "/]")}  # fmt: skip
_DOT = {"contact": "box", "place": "box3d", "wait": "ellipse", "decision": "diamond", "end": "doublecircle",
        "elsewhere": "cds"}  # fmt: skip


def export(pathway: Pathway, path: str | os.PathLike[str]) -> None:
    """Write the pathway in the format of the file's ending: .graphml, .mmd (Mermaid) or .dot (Graphviz)."""
    ending = Path(path).suffix.lower()
    makers = {".graphml": graphml, ".mmd": mermaid, ".dot": dot}
    if ending not in makers:
        raise InputError(
            file=path,
            key="ending",
            value=ending,
            expected=one_of(FORMATS),
            suggestion=nearest(ending, FORMATS),
        )
    Path(path).write_text(makers[ending](pathway), encoding="utf-8")


def label(keys: dict[str, Any]) -> str:
    """Say a route in a few words: event, condition, share."""
    parts = [str(keys[word]) for word in ("when", "if") if word in keys]
    share = keys.get("share")
    if isinstance(share, int | float) and (share != 1 or not parts):
        parts.append(f"{100 * share:.3g} %")
    return ", ".join(parts)


def graphml(pathway: Pathway) -> str:
    """Return GraphML: one edge a route; tables as JSON text."""
    graph = nx.MultiDiGraph(name=pathway.name)
    for state, keys in pathway.nodes(data=True):
        graph.add_node(state)
        graph.nodes[state].update({word: _scalar(value) for word, value in keys.items()})
    for origin, to, keys in pathway.routes():
        row = {word: _scalar(value) for word, value in keys.items() if word not in ("order", "also")}
        graph.edges[origin, to, graph.add_edge(origin, to)].update(row | {"label": label(keys)})
    return "\n".join(nx.generate_graphml(graph)) + "\n"


def _scalar(value: Any) -> str | int | float | bool:
    return value if isinstance(value, str | int | float | bool) else json.dumps(plain(value), ensure_ascii=False)


def mermaid(pathway: Pathway) -> str:
    """Return a Mermaid flow chart."""
    ids = {state: f"s{i}" for i, state in enumerate(pathway.nodes)}
    lines = ["flowchart LR"]
    for state, keys in pathway.nodes(data=True):
        begin, end = _MERMAID.get(keys.get("kind", ""), ("[", "]"))
        lines.append(f'    {ids[state]}{begin}"{_mermaid_text(state.replace("_", " "))}"{end}')
    for origin, to, keys in pathway.routes():
        arrow = "-.->" if "when" in keys else "-->"
        lines.append(f'    {ids[origin]} {arrow}|"{_mermaid_text(label(keys))}"| {ids[to]}')
    return "\n".join(lines) + "\n"


def _mermaid_text(text: str) -> str:
    return re.sub(r'[#"<>&]', lambda found: f"#{ord(found[0])};", text)


def dot(pathway: Pathway) -> str:
    """Return a Graphviz graph."""
    lines = [f"digraph {json.dumps(pathway.name)} {{", "    rankdir=LR;", '    node [fontname="sans-serif"];']
    for state, keys in pathway.nodes(data=True):
        shape = _DOT.get(keys.get("kind", ""), "box")
        lines.append(f"    {_quoted(state)} [label={_quoted(state.replace('_', ' '))}, shape={shape}];")
    for origin, to, keys in pathway.routes():
        style = ", style=dashed" if "when" in keys else ""
        lines.append(f"    {_quoted(origin)} -> {_quoted(to)} [label={_quoted(label(keys))}{style}];")
    return "\n".join([*lines, "}"]) + "\n"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
