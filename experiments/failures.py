"""A replication that fails is a row with its error; the others are kept (`failed.json` beside the replications)."""

from __future__ import annotations

import json
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from experiments import store

FAILED_FILE = "failed.json"


@dataclass(frozen=True)
class Failed:
    """One replication that came to no end."""

    replication: int
    error: str
    """The exception's type"""
    message: str
    trace: str


class NothingFinishedError(RuntimeError):
    """Every replication failed: there is nothing to summarise."""

    def __init__(self, failed: list[Failed], place: Path) -> None:
        self.failed, self.place = failed, place
        first = failed[0]
        super().__init__(
            f"no replication was finished; {len(failed)} failed, the first (replication {first.replication}) with "
            f"{first.error}: {first.message}; all of them: {place / FAILED_FILE}"
        )


def failed_with(replication: int, error: Exception) -> Failed:
    """Return the row of an error that has just been caught."""
    lines = traceback.format_exception(error)
    return Failed(replication, type(error).__name__, str(error), "".join(lines))


def keep(place: Path, failed: Iterable[Failed], finished: Iterable[int]) -> list[Failed]:
    """Write a case's failed replications; return all rows.

    Rows of earlier runs stay until their replication is `finished` or fails anew; without a row there is no file.
    """
    rows = {one.replication: one for one in (*read(place), *failed)}
    for replication in finished:
        rows.pop(replication, None)
    found = [rows[replication] for replication in sorted(rows)]
    if found:
        store.write_json(place / FAILED_FILE, {"failed": [asdict(one) for one in found]})
    else:
        (place / FAILED_FILE).unlink(missing_ok=True)
    return found


def read(place: Path) -> list[Failed]:
    """Return the failed replications of a case of results."""
    try:
        content = json.loads((place / FAILED_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    return [Failed(**row) for row in content["failed"]]


def rows(failed: Iterable[Failed]) -> list[Mapping[str, Any]]:
    """Return failed replications as the document of an answer has them: without the traces."""
    return [{"replication": one.replication, "error": one.error, "message": one.message} for one in failed]
