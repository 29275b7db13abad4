"""Reads and writes pathway files (TOML)."""

from __future__ import annotations

import datetime
import json
import os
import re
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pathways import specs
from pathways.errors import InputError, nearest
from pathways.pathway import HEADER, Pathway
from pathways.tables import Table

LIBRARY = Path(__file__).parent / "library"
TOP = (*HEADER, "demand", "outside", "arrivals", "door", "team", "state", "clock", "route")
"""Keys at the top of a file, in the order in which they are written."""


def read(path: str | os.PathLike[str]) -> Pathway:
    """Read a pathway file; unknown keys and values that do not fit are refused.

    Shares, reachability and missing routes are looked at by `checks.check`.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise InputError(file=path, expected=f"a pathway file that can be read ({problem})") from None
    return parse(text, path)


def parse(text: str, file: object = None) -> Pathway:
    """Read a pathway from the text of a file."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise InputError(file=file, expected=f"TOML: {problem}") from None
    pathway = from_content(content, file)
    specs.parsed(pathway)
    return pathway


def from_content(content: Mapping[str, Any], file: object = None) -> Pathway:
    """Make the graph of a file's content; values are kept as they stand."""
    top = Table(content, "", TOP, file)
    top.needed("name", "the name of the pathway, a text")
    name = top.text("name")
    if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
        raise top.refusal("name", "letters, digits, - and _ only")
    pathway = Pathway()
    pathway.file = None if file is None else str(file)
    for key, value in content.items():
        if key not in ("state", "route"):
            pathway.graph[key] = value
    states = content.get("state", {})
    if not isinstance(states, Mapping) or not states:
        raise top.refusal("state", "at least one table [state.NAME]")
    for state, keys in states.items():
        if not isinstance(keys, Mapping):
            raise InputError(file=file, key=f"state.{state}", value=keys, expected=f"a table [state.{state}]")
        _refuse_unwritable(state, file)
        pathway.add_state(state, **keys)
    for row in top.children("route", specs.ROUTE_KEYS):
        ends = []
        for end in ("from", "to"):
            row.needed(end, "the name of a state")
            place = row.text(end)
            elsewhere = end == "to" and "/" in place and place.partition("/")[0] != name
            if place not in states and not elsewhere:
                raise row.refusal(end, "a state of this file, or pathway/state", nearest(place, states))
            ends.append(place)
        keys = {key: value for key, value in row.content.items() if key not in ("from", "to")}
        pathway.add_route(*ends, **keys)
    return pathway


def _refuse_unwritable(state: str, file: object) -> None:
    if not re.fullmatch(r"[A-Za-z0-9_-]+", state):
        raise InputError(file=file, key=f"state.{state}", expected="a name of letters, digits, - and _ only")


def library(name: str) -> Pathway:
    """Read a pathway of the built-in library."""
    names = library_names()
    if name not in names:
        raise InputError(
            key="pathway", value=name, expected="one of " + ", ".join(names), suggestion=nearest(name, names)
        )
    return read(LIBRARY / f"{name}.toml")


def library_names() -> list[str]:
    """Return the names of the built-in pathways, sorted."""
    return sorted(path.stem for path in LIBRARY.glob("*.toml"))


def write(pathway: Pathway, path: str | os.PathLike[str]) -> None:
    """Write a pathway file: whole or not at all.  Comments of the file it was read from are not kept."""
    target = Path(path)
    text = as_toml(pathway)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(name, 0o644)
        os.replace(name, target)
    except BaseException:
        os.unlink(name)
        raise


def as_toml(pathway: Pathway) -> str:
    """Return the text of a pathway's file."""
    content = pathway.content()
    lines = [f"{_key(key)} = {_value(content[key])}" for key in HEADER if key in content]
    for key in ("demand", "outside"):
        if key in content:
            lines += ["", f"[{key}]", *_entries(content[key])]
    for table in ("arrivals", "door", "team", "state", "clock"):
        for name, keys in content.get(table, {}).items():
            lines += ["", f"[{table}.{_key(name)}]", *_entries(keys)]
    for keys in content["route"]:
        lines += ["", "[[route]]", *_entries(keys)]
    return "\n".join(lines) + "\n"


def table_as_toml(content: Mapping[str, Any]) -> str:
    """Return the text of a table, such as a scenario: its single values, then its lists of tables one by one."""
    repeated = {
        key: rows for key, rows in content.items() if isinstance(rows, list) and rows and isinstance(rows[0], Mapping)
    }
    lines = _entries({key: value for key, value in content.items() if key not in repeated})
    for key, rows in repeated.items():
        for row in rows:
            lines += ["", f"[[{_key(key)}]]", *_entries(row)]
    return "\n".join(lines) + "\n"


def _entries(keys: Mapping[str, Any]) -> list[str]:
    return [f"{_key(key)} = {_value(value)}" for key, value in keys.items()]


def _key(word: str) -> str:
    return word if re.fullmatch(r"[A-Za-z0-9_-]+", word) else _text(word)


def _text(words: str) -> str:
    """Quote a text as TOML does: like JSON, and the delete character escaped too."""
    return json.dumps(words, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return _text(value)
        case int() | float():
            return repr(value)
        case datetime.date() | datetime.datetime():
            return value.isoformat()
        case Mapping():
            return "{ " + ", ".join(_entries(value)) + " }" if value else "{}"
        case list() | tuple():
            return "[" + ", ".join(_value(item) for item in value) + "]"
    raise InputError(value=value, expected="a value that a TOML file can hold")
