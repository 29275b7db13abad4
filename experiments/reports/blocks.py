"""What a page is put together from: words, tables and figures.  A figure is never without its table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Words:
    """A paragraph; `tone` "note" is set off from the text, "warning" more so."""

    text: str
    tone: str = ""
    block: str = "words"


@dataclass(frozen=True)
class Table:
    """Rows of finished text.  Columns named in `words` stand at the left, others at the right."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: Sequence[str] = ()
    note: str = ""
    strong: frozenset[int] = frozenset()
    """Rows that are totals or headings."""
    folded: bool = False
    """Shown only when asked for."""
    block: str = "table"


@dataclass(frozen=True)
class Figure:
    """A drawing and the numbers it was drawn from."""

    title: str
    svg: str
    table: Table
    note: str = ""
    wide: bool = False
    block: str = "figure"


@dataclass(frozen=True)
class Group:
    """Small figures side by side under one heading."""

    title: str
    figures: Sequence[Figure]
    note: str = ""
    block: str = "group"


@dataclass(frozen=True)
class Linked:
    """A statement, or a drawing, with a link to the table it rests on."""

    text: str
    to: str
    """Id of the section with that table."""
    label: str
    svg: str = ""
    wide: bool = False
    block: str = "linked"


Block = Words | Table | Figure | Group | Linked


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it."""

    id: str
    title: str
    blocks: Sequence[Block] = field(default_factory=list)
