"""Tables side by side in large pages of memory.

A run of England reads a few bytes here and a few there of some thousand tables.  In pages of 4 KB the processor spends
as long to find out where a page lies as to read it, and the system clears each by itself; in pages of 2 MB neither.
Where a system has no large pages the tables are the same, only slower.
"""

from __future__ import annotations

import mmap
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

LINE = 64
PAGE = 2 << 20


class Blank(NamedTuple):
    """A table to be made: its shape, its dtype, and what stands in every entry."""

    shape: int | tuple[int, ...]
    dtype: np.dtype | type
    fill: int = 0

    @property
    def nbytes(self) -> int:
        """Return the bytes of the table."""
        return int(np.prod(self.shape, dtype=np.int64)) * np.dtype(self.dtype).itemsize


def side_by_side(wanted: Mapping[str, Blank | np.ndarray]) -> dict[str, np.ndarray]:
    """Return tables that lie one after the other, each from the start of a line: blank ones, and copies of arrays.

    Their memory is given back when the last of them is gone.
    """
    starts: dict[str, int] = {}
    end = 0
    for name, one in wanted.items():
        starts[name] = end
        end = -(-(end + one.nbytes) // LINE) * LINE
    memory = _memory(end)
    made: dict[str, np.ndarray] = {}
    for name, one in wanted.items():
        table = memory[starts[name] : starts[name] + one.nbytes].view(one.dtype).reshape(one.shape)
        if isinstance(one, np.ndarray):
            table[...] = one
        elif one.fill:
            table.fill(one.fill)
        made[name] = table
    return made


def _memory(n: int) -> np.ndarray:
    """Return `n` zero bytes from the start of a large page on: uint8[n]."""
    if n < PAGE // 2 or not hasattr(mmap, "MADV_HUGEPAGE"):
        whole = np.zeros(n + LINE, np.uint8)
        return whole[-whole.ctypes.data % LINE :][:n]
    pages = mmap.mmap(-1, n + PAGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    pages.madvise(mmap.MADV_HUGEPAGE)
    whole = np.frombuffer(pages, np.uint8)
    return whole[-whole.ctypes.data % PAGE :][:n]
