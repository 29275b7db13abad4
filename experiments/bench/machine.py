"""The machine by its kind: cores, caches and versions, no names."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path

CACHES = Path("/sys/devices/system/cpu/cpu0/cache")


def caches(folder: Path = CACHES) -> list[str]:
    """Return the data caches of one core, nearest first, as the system tells them (nothing if it does not)."""
    found = {}
    for index in sorted(folder.glob("index*")):
        told = {name: (index / name).read_text(encoding="ascii").strip() for name in ("level", "type", "size")}
        if told["type"] != "Instruction":
            found[told["level"]] = f"L{told['level']} {told['size']}"
    return [found[level] for level in sorted(found)]


def kind() -> str:
    """Return one sentence about the machine and the versions that matter."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    parts = [f"{platform.system()} on {platform.machine()}", f"{cores} cores", *caches()]
    parts += [f"Python {platform.python_version()}", f"NumPy {version('numpy')}", f"numba {version('numba')}"]
    return ", ".join(parts)
