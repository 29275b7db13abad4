"""Where the workers are: on this machine by default, or with a scheduler that is already running."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from pathlib import Path

from cluster.pool import Pool

WORDS = ("local", "local:N", "inline", "tcp://HOST:PORT", "tls://HOST:PORT", "SCHEDULER_FILE.json")


class SiteError(ValueError):
    """A scheduler that nobody can find; the message says what would do."""

    def __init__(self, scheduler: str, reason: str) -> None:
        near = difflib.get_close_matches(scheduler, ["local", "inline"], n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        super().__init__(f"--scheduler {scheduler!r}: {reason}; expected one of {', '.join(WORDS)}.{hint}")


def opener(scheduler: str | None = None, *, timeout_seconds: float = 30.0) -> Callable[[], Pool]:
    """Check the words of `--scheduler` at once, and return a function that opens the pool they name.

    Parameters
    ----------
    scheduler
        None or `local` (one worker a CPU), `local:N`, `inline` (no workers), the address of a running
        scheduler, or the scheduler file it wrote.

    Raises
    ------
    SiteError
        When the words name no place.
    """
    if scheduler is None or scheduler == "local":
        return Pool.local
    if scheduler == "inline":
        return Pool.inline
    if match := re.fullmatch(r"local:(\d+)", scheduler):
        workers = int(match[1])
        if workers < 1:
            raise SiteError(scheduler, "at least 1 worker is needed")
        return lambda: Pool.local(workers)
    if re.fullmatch(r"(tcp|tls|ws|wss|ucx)://\S+:\d+", scheduler):
        return lambda: Pool.connect(scheduler, timeout_seconds=timeout_seconds)
    if scheduler.endswith(".json"):
        return lambda: Pool.connect(_address_in(scheduler), timeout_seconds=timeout_seconds)
    raise SiteError(scheduler, "not a scheduler")


def open_pool(scheduler: str | None = None, *, timeout_seconds: float = 30.0) -> Pool:
    """Open the pool that `scheduler` names (see `opener`)."""
    return opener(scheduler, timeout_seconds=timeout_seconds)()


def _address_in(path: str) -> str:
    """Return the address in a scheduler file (as `dask scheduler --scheduler-file` writes it)."""
    import json

    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))["address"]
    except FileNotFoundError as error:
        raise SiteError(path, "there is no such file") from error
    except (ValueError, KeyError, TypeError) as error:
        raise SiteError(path, "the file holds no scheduler address") from error
