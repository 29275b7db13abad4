"""How answers leave: bars and words on standard error, the answer itself on standard output."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from rich.console import Console, RenderableType


class Progress(Protocol):
    """What long work calls now and then; any function that takes these will do."""

    def __call__(self, done: float, total: float | None = None, doing: str | None = None) -> None:
        """Say that `done` of `total` is done, and, if it has changed, what is being done."""


def to_stderr() -> Console:
    """Return a console that writes beside the answer, never into it."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


def say(message: str) -> None:
    """Write a line of words to standard error."""
    to_stderr().print(message, markup=False, soft_wrap=True)


@contextmanager
def progress_bar(doing: str) -> Iterator[Progress]:
    """Show a bar on standard error; yields the function to call as work goes on."""
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bar(*columns, console=to_stderr(), transient=True) as bar:
        task = bar.add_task(doing, total=None)

        def progress(done: float, total: float | None = None, doing: str | None = None) -> None:
            bar.update(task, completed=done, total=total)
            if doing is not None:
                bar.update(task, description=doing)

        yield progress


def plain(value: Any) -> Any:
    """Return `value` as JSON can say it: numpy numbers and arrays become plain, not-a-number null."""
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, str | bool | int | None):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if hasattr(value, "tolist"):  # numpy scalars and arrays
        return plain(value.tolist())
    if isinstance(value, Iterable):
        return [plain(inner) for inner in value]
    raise TypeError(f"JSON cannot say a {type(value).__name__}: {value!r}")


def emit_json(document: Mapping[str, Any]) -> None:
    """Write exactly one JSON document, and a newline, to standard output."""
    text = json.dumps(plain(document), ensure_ascii=False, allow_nan=False, indent=2)
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def emit_tables(tables: Iterable[RenderableType]) -> None:
    """Write an answer for people to standard output."""
    from rich.console import Console

    # Into a file or a pipe a table keeps its columns instead of being cut at 80.
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 140)
    for table in tables:
        console.print(table)


def answer(
    document: Mapping[str, Any],
    tables: Callable[[Mapping[str, Any]], Iterable[RenderableType]],
    json: bool,
) -> None:
    """Show an answer: as the document itself, or as tables for people."""
    if json:
        emit_json(document)
    else:
        emit_tables(tables(document))
