"""The run's loop compiled in a process of its own, while people are still being made.

`advance` takes as long to compile as all other entries together, and is needed last: on two cores the first run
waits for the longer of the two and not for their sum.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from kernels import columns as c
from kernels import entry

ROOT = Path(__file__).resolve().parents[1]
started: list[subprocess.Popen[bytes]] = []
"""Processes that compile, or have: kept, so that they are not reported as abandoned"""


def compile_beside() -> None:
    """Start compiling `advance` beside this process, unless it is compiled or another process is at it.

    Whoever calls `advance` meanwhile waits for it (`shared_cache.py`).
    """
    if (os.cpu_count() or 1) > 1 and entry.advance._cache.is_wanted():
        path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
        quiet = subprocess.DEVNULL
        started.append(
            subprocess.Popen(
                [sys.executable, "-m", "kernels.compiled_beside"], env={**os.environ, "PYTHONPATH": path},
                stdin=quiet, stdout=quiet, stderr=quiet,
            )
        )  # fmt: skip


def advance_no_cell() -> None:
    """Call `advance` with nothing to do: that compiles it."""
    none, mail = np.zeros(0, np.int64), np.zeros(0, c.EXCHANGE)
    board = np.zeros(c.N_BOARD, np.int64)  # closed: nothing is to be done
    entry.advance(none, none, none, np.zeros((0, 0), np.int64), np.zeros((0, 0), np.int32), mail, none, none,
                  np.zeros(0, c.TOLD), board, none)  # fmt: skip


if __name__ == "__main__":
    advance_no_cell()
