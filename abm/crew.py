"""A few threads that do the same small thing again and again, each for its own share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from queue import SimpleQueue
from threading import Thread


class Crew[Share]:
    """Threads that wait for work, one a share but the first: that is done by whoever calls.

    For work of a thousandth of a second a pool of futures costs a quarter of it.
    """

    def __init__(self, work: Callable[[Share, int], None], shares: Sequence[Share]) -> None:
        self._work, self._shares = work, list(shares)
        self._asked: list[SimpleQueue[int | None]] = [SimpleQueue() for _ in self._shares[1:]]
        self._done: SimpleQueue[BaseException | None] = SimpleQueue()
        for share, asked in zip(self._shares[1:], self._asked, strict=True):
            Thread(target=self._serve, args=(share, asked), daemon=True).start()

    def _serve(self, share: Share, asked: SimpleQueue[int | None]) -> None:
        while (number := asked.get()) is not None:
            try:
                self._work(share, number)
            except BaseException as error:
                self._done.put(error)
            else:
                self._done.put(None)

    def do(self, number: int) -> None:
        """Have everybody work on their share with this number; return when all are done, or raise what went wrong."""
        for asked in self._asked:
            asked.put(number)
        try:
            self._work(self._shares[0], number)
        finally:
            faults = [fault for fault in [self._done.get() for _ in self._asked] if fault is not None]
        if faults:
            raise faults[0]

    def dismiss(self) -> None:
        """Let the threads end."""
        for asked in self._asked:
            asked.put(None)
