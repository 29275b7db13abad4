"""What the board says, and what each statement rests on: a table, and the run or figures the table comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Evidence:
    """A table that statements rest on: a section of the page, a sheet of the workbook, a Parquet file."""

    key: str
    """Anchor, sheet and file name."""
    title: str
    columns: Sequence[tuple[str, str]]
    """(column, how it looks: a format of the workbook)"""
    rows: Sequence[Mapping[str, Any]]
    behind: str
    """The run (its identity), the command or the table the numbers come from."""
    note: str = ""
    shown: int = 60
    """Rows printed on the page; the workbook and the Parquet file hold all."""


@dataclass(frozen=True)
class Statement:
    """A sentence with its numbers, and the key of the evidence that shows them."""

    text: str
    evidence: str
    values: Mapping[str, Any] = field(default_factory=dict)
    """The numbers the sentence says, by name."""


@dataclass(frozen=True)
class Drawing:
    """A picture and the key of the evidence it was drawn from."""

    title: str
    svg: str
    evidence: str
    wide: bool = False
    """Over the whole width of its quadrant"""


@dataclass(frozen=True)
class Quadrant:
    """A quarter of the board: its pictures and its statements."""

    key: str
    title: str
    drawings: Sequence[Drawing]
    statements: Sequence[Statement]
    evidence: Sequence[Evidence]


def evidence_of(quadrants: Sequence[Quadrant]) -> dict[str, Evidence]:
    """Return all evidence by key.

    Raises
    ------
    ValueError
        If two have one key, or a statement or drawing names evidence that is not there.
    """
    found: dict[str, Evidence] = {}
    for one in (one for quadrant in quadrants for one in quadrant.evidence):
        if one.key in found:
            raise ValueError(f"two tables are called {one.key}")
        found[one.key] = one
    for quadrant in quadrants:
        for key in [said.evidence for said in quadrant.statements] + [one.evidence for one in quadrant.drawings]:
            if key not in found:
                raise ValueError(f"a statement of {quadrant.key} rests on {key}, which is not there")
    return found
