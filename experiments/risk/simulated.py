"""The simulated points behind the surrogates: which are asked for, run by a pool until the time is up, kept on disk.

A point is a part (demand or staff), what it is told, and a seed of its own.  Points are asked for in the order of
scrambled Sobol points, of which any number of first ones is well spread: whenever the time is up, those there are a
good design.  What is finished is written line by line, so that the same command goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from scipy.stats import norm

from experiments.console import Progress
from experiments.risk.gap import Key, corner, driven
from experiments.risk.inputs import Inputs
from experiments.risk.joint import points

Answer = Mapping[Key, float]
PURPOSES = {"demand": 0x64656D61, "staff": 0x73746166}
LUCK_POINTS = 4
"""Points with all inputs at their medians and seeds of their own: the luck of a year; and of the baseline year"""
FIRST_LUCK, FIRST_BASELINE = 1_000_000, 2_000_000
"""Seeds of those lie so far behind the others'"""
MIDDLE = 1e-12
"""The score of a median, above nothing so that what is in place by a share is"""
PURPOSE = 0x706F696E


@dataclass(frozen=True)
class Point:
    """One simulation: everything its answer depends on."""

    part: str
    area: str
    year: str
    told: tuple[tuple[str, float], ...]
    """Every driver and its value; () of demand: the baseline year"""
    seed: int
    scenario: str = ""
    """A built-in scenario whose changes hold besides"""

    def key(self, identity: str) -> str:
        """Return the name it is kept under; `identity`: of code and tables."""
        text = json.dumps([identity, self.part, self.area, self.year, self.told, self.seed, self.scenario])
        return hashlib.sha256(text.encode()).hexdigest()[:24]


class Pool(Protocol):
    """Whoever runs functions elsewhere (`cluster.pool.Pool`)."""

    def map_ordered(self, function: Callable[[Any], Any], items: Iterable[Any], *, on_failure: Any) -> Any:
        """Yield results in the order of the items."""


@dataclass
class Kept:
    """Finished points, in a file of lines or only in memory."""

    identity: str
    file: Path | None = None
    found: dict[str, dict[Key, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.file is None or not self.file.exists():
            return
        for line in self.file.read_text(encoding="utf-8").splitlines():
            try:
                row = json.loads(line)
            except json.JSONDecodeError:  # the last line of a run that was stopped while it wrote
                continue
            self.found[row["key"]] = {(measure, place): value for measure, place, value in row["answer"]}

    def get(self, point: Point) -> dict[Key, float] | None:
        """Return a finished point's answer."""
        return self.found.get(point.key(self.identity))

    def put(self, point: Point, answer: Answer) -> None:
        """Keep an answer."""
        key = point.key(self.identity)
        self.found[key] = dict(answer)
        if self.file is not None:
            row = {"key": key, "answer": [[*name, value] for name, value in answer.items()]}
            with self.file.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")


@dataclass(frozen=True)
class Design:
    """Points of one part and their answers."""

    coordinates: np.ndarray
    """float[point, input of the part] (`Gap.coordinates`)"""
    answers: tuple[Answer, ...]
    luck: tuple[Answer, ...]
    """Of points with the same inputs: their medians"""
    points: tuple[Point, ...]
    baseline: tuple[Answer, ...] = ()
    """Of demand: of the baseline year"""

    def numbers(self, key: Key) -> np.ndarray:
        """Return one measure of one place at every point."""
        return np.array([answer[key] for answer in self.answers])

    def luck_sd(self, key: Key) -> float:
        """Return the standard deviation of years with the same inputs."""
        values = [answer[key] for answer in self.luck]
        return float(np.std(values, ddof=1)) if len(values) > 1 else 0.0


@dataclass(frozen=True)
class Asked:
    """The points of a part, in the order they are run."""

    coordinates: np.ndarray
    design: tuple[Point, ...]
    luck: tuple[Point, ...]
    """All inputs at their medians"""
    baseline: tuple[Point, ...]
    """Of demand: the baseline year"""


def asked(
    inputs: Inputs, part: str, area: str, year: str, present: Mapping[str, float], shares: Mapping[str, float],
    n: int, seed: int,
) -> Asked:  # fmt: skip
    """Return a part's points; a share in place is none or all of it in the design, all of it in those of luck."""
    d = len(inputs.of(part))
    scores = norm.ppf(points(n, max(d, 1), seed, PURPOSES[part]))[:, :d]

    def made(told: Mapping[str, float], i: int) -> Point:
        return Point(part, area, year, tuple(sorted(told.items())), _own(seed, i))

    rows = driven(inputs, part, scores, present, shares)
    middle = driven(inputs, part, np.full((1, d), MIDDLE), present, shares)[0]
    return Asked(
        corner(scores, inputs, part, shares), tuple(made(row, i) for i, row in enumerate(rows)),
        tuple(made(middle, FIRST_LUCK + i) for i in range(LUCK_POINTS)),
        tuple(made({}, FIRST_BASELINE + i) for i in range(LUCK_POINTS)) if part == "demand" else (),
    )  # fmt: skip


def _own(seed: int, i: int) -> int:
    """Return the seed of one point: 32 bits that follow from the analysis' seed."""
    return int(np.random.SeedSequence([seed, PURPOSE, i]).generate_state(1)[0])


def run(
    wanted: Sequence[Point], simulate: Callable[[Point], Answer], pool: Pool, kept: Kept, until: float,
    least: int, progress: Progress | None = None, doing: str = "",
) -> list[Answer]:  # fmt: skip
    """Return the answers of the first points, as many as the time allows.

    Parameters
    ----------
    until : `time.monotonic()` at which no further answer is awaited
    least : points that are run whatever the time
    """
    answers: list[Answer] = []
    while len(answers) < len(wanted) and (there := kept.get(wanted[len(answers)])) is not None:
        answers.append(there)
    left = wanted[len(answers) :]
    if not left or (time.monotonic() > until and len(answers) >= least):
        return answers
    results = pool.map_ordered(simulate, left, on_failure="raise")
    try:
        for point, answer in zip(left, results, strict=True):
            kept.put(point, answer)
            answers.append(answer)
            if progress is not None:
                progress(len(answers), len(wanted), doing)
            if time.monotonic() > until and len(answers) >= least:
                break
    finally:
        results.close()
    return answers
