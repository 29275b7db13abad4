"""The measures a comparison reports: their titles, units and the precision that is asked of them (`measures.toml`)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("measures.toml")


@dataclass(frozen=True)
class Measure:
    """One measure, as the file declares it."""

    name: str
    title: str
    unit: str
    headline: bool = False
    better: str = ""
    """more or fewer, where one of them is better for patients"""
    precision: str = ""
    """Half-width wanted of the paired difference: "2 %" of the reference, "1 point" of a share, or a number"""
    source: str = ""
    table: str = ""
    column: str = ""
    states: tuple[str, ...] = ()
    """With `table` and `column`: rows of these states (`pathway/state`) are added up; none: all rows"""
    sought: tuple[str, ...] = ()
    """Names under which tables of results may hold it"""


@lru_cache(maxsize=1)
def measures() -> dict[str, Measure]:
    """Return all declared measures by name, in the order of the file."""
    content: dict[str, dict[str, Any]] = tomllib.loads(FILE.read_text(encoding="utf-8"))
    found = {}
    for name, row in content.items():
        values: dict[str, Any] = {key: tuple(v) if isinstance(v, list) else v for key, v in row.items()}
        found[name] = Measure(name, **values)
    return found


def measure(name: str) -> Measure:
    """Return a measure by name; one that only the results know of is called as it is there."""
    return measures().get(name) or Measure(name, name, "")
