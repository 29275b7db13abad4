"""A few threads that do the same small thing together, again and again."""

from __future__ import annotations

from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread


class Crew:
    """Threads that wait to be asked; whoever asks is one of them.

    For work of a thousandth of a second a pool of futures costs a quarter of it.
    """

    def __init__(self, work: Callable[[], None], n: int) -> None:
        self._work = work
        self._asked: list[SimpleQueue[bool]] = [SimpleQueue() for _ in range(n - 1)]
        self._done: SimpleQueue[BaseException | None] = SimpleQueue()
        for asked in self._asked:
            Thread(target=self._serve, args=(asked,), daemon=True).start()

    def _serve(self, asked: SimpleQueue[bool]) -> None:
        while asked.get():
            try:
                self._work()
            except BaseException as error:
                self._done.put(error)
            else:
                self._done.put(None)

    def do(self) -> None:
        """Have everybody work; return when all are done, or raise what went wrong."""
        for asked in self._asked:
            asked.put(True)
        try:
            self._work()
        finally:
            faults = [fault for fault in [self._done.get() for _ in self._asked] if fault is not None]
        if faults:
            raise faults[0]

    def dismiss(self) -> None:
        """Let the threads end."""
        for asked in self._asked:
            asked.put(False)
