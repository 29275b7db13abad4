"""Compiled entries shared by processes that start at once: one compiles, the others wait for its files.

numba writes its files atomically, but lets every process that finds none compile for itself.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

from filelock import BaseFileLock, FileLock, Timeout
from numba.core.caching import FunctionCache


class SharedCache(FunctionCache):
    """numba's cache of one function, with a lock from the first look to the finished file."""

    _held: BaseFileLock | None = None

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return the compiled entry; if there is none, the caller holds the lock and compiles."""
        found = super().load_overload(sig, target_context)
        if found is not None:
            return found
        self._held = self._acquired(wait=True)
        found = super().load_overload(sig, target_context) if self._held else None
        if found is not None:
            self._let_go()
        return found

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep what was compiled and let the others read it."""
        try:
            super().save_overload(sig, data)
        finally:
            self._let_go()

    def is_wanted(self) -> bool:
        """Say whether nothing is kept yet and no other process is at it."""
        if Path(self._cache_path, self._cache_file._index_name).exists():
            return False
        lock = self._acquired(wait=False)
        if lock is None:
            return False
        lock.release()
        return True

    def _acquired(self, *, wait: bool) -> BaseFileLock | None:
        """Return the lock, or None: another holds it, or the folder knows no locks (then everybody compiles)."""
        with contextlib.suppress(Timeout, OSError, NotImplementedError):
            self._impl.locator.ensure_cache_path()
            lock = FileLock(Path(self._cache_path, f"{self._cache_file._index_name}.lock"))
            lock.acquire(blocking=wait)
            return lock
        return None

    def _let_go(self) -> None:
        if self._held is not None:
            self._held.release()
            self._held = None
