"""Cells that live through hours together: the tables by which threads share them out, and by which they meet."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from kernels import columns as c
from kernels import entry

HOUR = 3600
NOTES = 1 << 12


class Hours:
    """What several threads need to run some cells, hour after hour, in one call of the kernels each.

    Parameters
    ----------
    addresses : of the cells' tables
    nearest : of each cell the others, nearest first (none: cells do not meet)
    n_states : at most so many states has a cell
    """

    def __init__(self, addresses: Sequence[int], nearest: Sequence[Sequence[int]] = (), n_states: int = 0) -> None:
        n = len(addresses)
        self.codes = np.zeros(n, np.int64)
        """int64[cell] what the kernels last said of each"""
        self.told = np.zeros(0, c.TOLD)
        """TOLD[note] what cells were told and nobody has taken down yet: the first `board[N_TOLD]`"""
        self._addresses = np.array(addresses, np.int64)
        self._nearest = np.array(nearest, np.int64).reshape(n, -1)
        self._beds = np.zeros((n, n_states), np.int32)
        self._board = np.zeros(c.N_BOARD, np.int64)
        self.deal(range(n), 1)
        self._make_room(NOTES if n > 1 else 0)

    def deal(self, order: Sequence[int], threads: int) -> None:
        """Group the cells, largest first, as threads will take them: fewer and fewer, so that all end together.

        Each group is a share of those that are left (guided self-scheduling; doi:10.1109/TC.1987.5009495): cells of a
        large group have their memory's trips overlap, and the last are short enough to wait for.
        """
        starts = [0]
        while starts[-1] < len(order):
            left = len(order) - starts[-1]
            starts.append(starts[-1] + (left if threads == 1 else -(-left // (2 * threads))))
        self._order, self._groups = np.array(order, np.int64), np.array(starts, np.int64)

    def open(self, first: int, last: int) -> None:
        """Let threads begin with the hour (or less) that ends at second `first`, and go on to second `last`."""
        board = self._board
        board[[c.NEXT, c.N_READY, c.UNTIL, c.LAST, c.MET, c.IS_OPEN]] = 0, 0, first, last, -1, 1

    def take_part(self) -> None:
        """Work until it is over; several threads may do so at once."""
        while self._advance() == c.WAITS:
            time.sleep(0)

    def _advance(self) -> int:
        return entry.advance(
            self._addresses, self._order, self._groups, self._nearest, self._beds, self._mail, self._home,
            self._sorting, self.told, self._board, self.codes,
        )  # fmt: skip

    @property
    def until(self) -> int:
        """The second to which all cells have come that did not stop on the way."""
        return int(self._board[c.UNTIL])

    @property
    def met(self) -> bool:
        """Say whether they have met there."""
        return int(self._board[c.MET]) == self.until

    def take_down(self, n_messages: int) -> np.ndarray:
        """Return TOLD[note] what cells were told since the last time, and have room for `n_messages` at once."""
        notes = self.told[: self._board[c.N_TOLD]].copy()
        self._board[c.N_TOLD] = 0
        if n_messages > len(self._mail):
            self._make_room(2 * n_messages)
        return notes

    def _make_room(self, n: int) -> None:
        self._mail, self._home = np.zeros(n, c.EXCHANGE), np.zeros(n, np.int64)
        self._sorting, self.told = np.zeros(n, np.int64), np.zeros(4 * n, c.TOLD)
