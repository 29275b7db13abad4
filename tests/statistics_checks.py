"""How near is near enough: theory must lie within four standard errors of the simulated mean.

Error bars come from independent batches (runs with seeds of their own), so that any figure of the result
document has one, whether or not the document carries its half-width.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

THEORY = Path(__file__).parent / "theory"
ALLOWED_ERRORS = 4.0  # a true statement fails once in about 16,000 checks with many batches, 500 with 12


@dataclass(frozen=True)
class Estimate:
    """A mean over independent batches and its standard error, in the figure's own unit."""

    mean: float
    standard_error: float

    def agrees_with(self, theory: float, grain: float = 0.0) -> bool:
        """Is `theory` within four standard errors (plus `grain`, the rounding of the figure itself)?"""
        return abs(self.mean - theory) <= ALLOWED_ERRORS * self.standard_error + grain


def estimate(values: Sequence[float]) -> Estimate:
    """Mean and standard error of independent values of one figure."""
    return Estimate(fmean(values), stdev(values) / math.sqrt(len(values)))


def figure(document: dict[str, Any], path: str) -> float:
    """Return the number at a dotted path such as `states.ward.present.mean`."""
    at: Any = document
    for part in path.split("."):
        at = at[int(part)] if isinstance(at, list) else at[part]
    return float(at)


@dataclass(frozen=True)
class Batches:
    """Result documents of independent runs of one file."""

    documents: tuple[dict[str, Any], ...]

    def estimate(self, path: str) -> Estimate:
        """Mean and standard error of the figure at `path`."""
        return estimate([figure(document, path) for document in self.documents])

    def values(self, path: str) -> list[float]:
        """The figure at `path` of each batch."""
        return [figure(document, path) for document in self.documents]

    def assert_agree(self, theory: dict[str, float], grain: float = 0.0) -> None:
        """Fail with one line for each figure that theory does not explain."""
        misses = []
        for path, expected in theory.items():
            found = self.estimate(path)
            if not found.agrees_with(expected, grain):
                off = (found.mean - expected) / max(found.standard_error, 1e-300)
                misses.append(f"{path}: simulated {found.mean:.5g}, theory {expected:.5g}, {off:+.1f} s.e.")
        assert not misses, "\n".join(misses)


def run_batches(
    file: str | Path, *, days: int, warm_up: int, batches: int = 12, seed: int = 1, every: str | None = None
) -> Batches:
    """Run `theory/FILE.toml` (or the file at a path) once for each of `batches` seeds."""
    from experiments import standalone

    path = THEORY / f"{file}.toml" if isinstance(file, str) else file
    return Batches(
        tuple(
            standalone.run(path, days=days, warm_up=warm_up, replications=1, seed=seed + i, every=every)
            for i in range(batches)
        )
    )


def variant(name: str, folder: Path, changes: dict[str, str]) -> Path:
    """Write a copy of `theory/NAME.toml` in which each text is replaced by another; return its path."""
    text = (THEORY / f"{name}.toml").read_text()
    for old, new in changes.items():
        assert old in text, f"{name}.toml has no {old!r}"
        text = text.replace(old, new)
    path = folder / f"{name}.toml"
    path.write_text(text)
    return path


def with_step(name: str, minutes: int, folder: Path) -> Path:
    """Write a copy of `theory/NAME.toml` with another `minutes_per_step` and return its path."""
    text = (THEORY / f"{name}.toml").read_text()
    text, n = re.subn(r"(?m)^minutes_per_step = .*$", f"minutes_per_step = {minutes}", text)
    assert n == 1
    path = folder / f"{name}-{minutes}.toml"
    path.write_text(text)
    return path
