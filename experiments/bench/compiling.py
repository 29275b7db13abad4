"""What the first run costs: every entry compiled from nothing, and the same run with the compiled code on disk.

Both run in a process of their own; the cold one has an empty cache folder.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from experiments.bench.page import Table

COLUMNS = ("what", "cold, processor s", "cold, clock s", "warm, processor s", "warm, clock s")
BESIDE = "entry.advance, in a process of its own meanwhile"
SUMS = ("all entries of the area's run", "its whole process, with two days run")
ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def entries_timed() -> Iterator[dict[str, list[float]]]:
    """Collect processor and clock seconds of every entry that is compiled or loaded within, parts included."""
    from kernels import entry

    dispatcher: Any = type(entry.advance)
    compile_one = dispatcher.compile
    found: dict[str, list[float]] = {}
    depth = 0

    def timed(self: Any, signature: Any) -> Any:
        nonlocal depth
        depth += 1
        began = time.process_time(), time.perf_counter()
        try:
            return compile_one(self, signature)
        finally:
            depth -= 1
            if depth == 0:
                name = f"{self.py_func.__module__.removeprefix('kernels.')}.{self.py_func.__name__}"
                spent = found.setdefault(name, [0.0, 0.0])
                spent[0] += time.process_time() - began[0]
                spent[1] += time.perf_counter() - began[1]

    dispatcher.compile = timed
    try:
        yield found
    finally:
        dispatcher.compile = compile_one


def measure() -> dict[str, list[float]]:
    """Make the area's people and run it for two days; return what was compiled or loaded, and the whole.

    What a stand-alone file needs beyond that is compiled last and is in neither sum.
    """
    began = time.process_time(), time.perf_counter()
    with entries_timed() as found:
        from abm.model import CareSystem
        from abm.setting import setting_of
        from experiments.bench.daily_chain import simulation_of

        CareSystem(setting_of(), warm_up=1, days=1).run()
        compiling = [sum(spent[i] for spent in found.values()) for i in (0, 1)]
        whole = [time.process_time() - began[0], time.perf_counter() - began[1]]
        simulation_of(10, 1).flush()
    beside = [beside_seconds(), 0.0]
    compiling[0] += beside[0]
    whole[0] += beside[0]
    return {**found, BESIDE: beside, **dict(zip(SUMS, (compiling, whole), strict=True))}


def beside_seconds() -> float:
    """Return the processor seconds of the process that compiled `advance`, if there was one."""
    from kernels.compiled_beside import started

    used = [os.wait4(process.pid, 0)[2] for process in started]
    return sum(one.ru_utime + one.ru_stime for one in used)


def in_a_process(cache: str) -> dict[str, list[float]]:
    """Measure in a new process that keeps its compiled code in `cache`."""
    environment = {**os.environ, "PARITY_CACHE": cache, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "experiments.bench.compiling"]
    answer = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(answer.stdout)


def table() -> Table:
    """Return one row an entry that took long, and the sums."""
    with tempfile.TemporaryDirectory() as cache:
        cold = in_a_process(cache)
        warm = in_a_process(cache)
    names = sorted(cold, key=lambda name: (name in SUMS and 1 + SUMS.index(name), -cold[name][0]))
    rows = []
    for name in names:
        if cold[name][0] >= 0.1:
            after = warm.get(name, [0.0, 0.0])
            rows.append((name, *(f"{seconds:.2f}" for seconds in (*cold[name], *after))))
    n_small = sum(spent[0] < 0.1 for spent in cold.values())
    whole = SUMS[-1]
    note = (
        f"{n_small} entries that took less than 0.1 s are in the sum only. What the first run waits longer than the "
        f"second: {cold[whole][1] - warm[whole][1]:.1f} s of the clock on this machine; bound: 30 s on two cores. "
        "`advance` is compiled in a process of its own meanwhile; its clock seconds are what is left to wait."
    )
    return Table("Compilation: the first run and the second", COLUMNS, tuple(rows), note)


if __name__ == "__main__":
    json.dump(measure(), sys.stdout)
