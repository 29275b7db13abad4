"""Tasks for the tests of the pool: importable, so that workers find them."""

import os
import signal
import time
from pathlib import Path


def square(x: int) -> int:
    """Return x²."""
    return x * x


def square_slowest_first(x: int) -> int:
    """Finish in the reverse of the order of submission."""
    time.sleep(0.3 / (1 + x))
    return x * x


def refuse_threes(x: int) -> int:
    """Fail for multiples of three."""
    if x % 3 == 0:
        raise ValueError(f"{x} is a multiple of three")
    return x


def environment(_: object) -> dict[str, str | None]:
    """Return what a worker is told about threads, and its process id."""
    names = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    return {"pid": str(os.getpid())} | {name: os.environ.get(name) for name in names}


def die_once(marker: str) -> int:
    """Kill this worker the first time, return its process id the second."""
    path = Path(marker)
    if not path.exists():
        path.write_text("died", encoding="utf-8")
        os.kill(os.getpid(), signal.SIGKILL)
    return os.getpid()


def die_at_two(x: int) -> int:
    """Kill whichever worker takes up a 2."""
    if x == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return x


def leave_a_mark(where: tuple[str, int]) -> int:
    """Write a file, so that one can see which items were begun."""
    folder, x = where
    time.sleep(0.05)
    (Path(folder) / f"{x}").touch()
    return x
