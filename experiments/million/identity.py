"""What an answer that is kept depends on: the model, and the sources and tables of the packages that count."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from experiments import run as runs

EXPERIMENTS = Path(__file__).resolve().parents[1]


@cache
def digest(*packages: str) -> str:
    """Return the SHA-256 of the model and of every module and table of these packages of `experiments`."""
    found = hashlib.sha256(runs.model_digest().encode())
    for package in packages:
        folder = EXPERIMENTS / package
        for path in sorted([*folder.rglob("*.py"), *folder.rglob("*.csv"), *folder.rglob("*.toml")]):
            found.update(path.relative_to(EXPERIMENTS).as_posix().encode())
            found.update(path.read_bytes())
    return found.hexdigest()
