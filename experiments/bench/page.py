"""A benchmark is a table; all of them stand between two marks in docs/performance.md, and on the screen."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

PAGE = Path(__file__).resolve().parents[2] / "docs" / "performance.md"
BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"


@dataclass(frozen=True)
class Table:
    """One table of figures: its title, its columns, its rows, and a sentence under it."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def as_markdown(table: Table) -> str:
    """Return a table as the page has it."""
    lines = [f"### {table.title}", ""]
    lines += ["| " + " | ".join(row) + " |" for row in (table.columns,)]
    lines += ["|" + "---|" + "---:|" * (len(table.columns) - 1)]
    lines += ["| " + " | ".join(row) + " |" for row in table.rows]
    return "\n".join([*lines, *(["", table.note] if table.note else [])])


def write(tables: Sequence[Table], machine: str, page: Path = PAGE) -> None:
    """Put the tables between their marks in the page, under a line about the machine."""
    before, rest = page.read_text(encoding="utf-8").split(BEGIN, 1)
    after = rest.split(END, 1)[1]
    body = "\n\n".join(as_markdown(table) for table in tables)
    page.write_text(f"{before}{BEGIN}\nMeasured on: {machine}.\n\n{body}\n{END}{after}", encoding="utf-8")


def as_document(tables: Sequence[Table]) -> list[dict[str, Any]]:
    """Return the tables as one JSON document."""
    return [asdict(table) for table in tables]


def show(table: Table) -> None:
    """Print a table."""
    from rich.console import Console
    from rich.table import Table as Screen

    screen = Screen(title=table.title, caption=table.note or None)
    for i, column in enumerate(table.columns):
        screen.add_column(column, justify="right" if i else "left")
    for row in table.rows:
        screen.add_row(*row)
    Console(width=140).print(screen)


def cpu_seconds(work: Callable[[], Any]) -> float:
    """Return the processor seconds of this process that a piece of work took (one thread: other programs do not
    count, though they cost cache)."""
    began = time.process_time()
    work()
    return time.process_time() - began
