"""What could be done about the gap: each mitigation simulated at the same points with the same luck, with and without.

The difference it makes is a polynomial of the inputs of its own (`surrogate.py`), so that its effect is known over the
same joint sets as the gap's.  What it costs is what the simulation charges for it (training, retention schemes) and
what the table adds; ranked by posts of the gap closed for £100,000 a year, those that save money first.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from experiments.risk.gap import MEASURES, PARTS, Gap
from experiments.risk.inputs import known, text
from experiments.risk.simulated import Answer, Design, Point
from experiments.risk.surrogate import Surrogate, fitted
from pathways.errors import InputError

TABLE = Path(__file__).resolve().parent / "mitigations.toml"
KINDS = ("retention", "skill mix", "new roles", "digital", "alternatives", "step-down", "supply")
WORDS = ("title", "kind", "source", "confidence")
KEYS = (*WORDS, *PARTS, "pounds_a_resident")
PER = 100_000.0
"""Pounds a year by which effects are compared"""


@dataclass(frozen=True)
class Mitigation:
    """One thing that could be done, as changes to what the simulations are told."""

    name: str
    kind: str
    title: str
    changes: Mapping[str, Mapping[str, float]]
    """By part and driver: what the driver's value is multiplied by"""
    pounds_a_resident: float
    """A year, beyond what the simulation charges"""
    source: str
    confidence: str


@dataclass(frozen=True)
class Paired:
    """A mitigation's answers at the first points of the designs it changes, by part."""

    mitigation: Mitigation
    answers: Mapping[str, Sequence[Answer]]


def read(drivers: Mapping[str, Iterable[str]], file: Path | str = TABLE) -> list[Mitigation]:
    """Return the mitigations of a table.

    Raises
    ------
    InputError
        For an unknown key, kind or driver (with the nearest word), a factor that is none, a row that changes nothing.
    """
    try:
        content = tomllib.loads(Path(file).read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as problem:
        raise InputError(file=file, expected=f"a table of mitigations that can be read ({problem})") from None
    for key in content:
        known(key, ("mitigation",), file, key)
    return [_read_one(name, keys, drivers, file) for name, keys in content.get("mitigation", {}).items()]


def _read_one(name: str, keys: Mapping[str, Any], drivers: Mapping[str, Iterable[str]], file: object) -> Mitigation:
    at = f"mitigation.{name}"
    for key in keys:
        known(key, KEYS, file, f"{at}.{key}")
    for key in WORDS:
        text(keys, key, file, at)
    known(keys["kind"], KINDS, file, f"{at}.kind")
    changes = {part: dict(keys[part]) for part in PARTS if part in keys}
    if not any(changes.values()):
        raise InputError(file=file, key=at, expected="a change of what demand or staff are told")
    for part, told in changes.items():
        for driver, factor in told.items():
            known(driver, drivers[part], file, f"{at}.{part}")
            _amount(factor, file, f"{at}.{part}.{driver}")
    pounds = keys.get("pounds_a_resident", 0.0)
    _amount(pounds, file, f"{at}.pounds_a_resident")
    return Mitigation(name, keys["kind"], keys["title"], changes, float(pounds), keys["source"], keys["confidence"])


def _amount(value: object, file: object, key: str) -> None:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < 1e6:
        raise InputError(file=file, key=key, value=value, expected="a number of 0 or more")


def changed(one: Mitigation, point: Point, present: Mapping[str, float]) -> Point:
    """Return a point with a mitigation, its luck the same."""
    told = dict(point.told)
    for driver, factor in one.changes[point.part].items():
        told[driver] = told.get(driver, present[driver]) * factor
    return replace(point, told=tuple(sorted(told.items())))


def mitigated(gap: Gap, designs: Mapping[str, Design], paired: Paired) -> Mapping[tuple[str, str, str], Surrogate]:
    """Return polynomials of the difference a mitigation makes, by part, measure and place."""
    found = {}
    for part, answers in paired.answers.items():
        design = designs[part]
        scores = design.scores[: len(answers)]
        for measure in MEASURES[part]:
            for place in {place for name, place in answers[0] if name == measure}:
                before = np.array([design.answers[i][measure, place] for i in range(len(answers))])
                after = np.array([answer[measure, place] for answer in answers])
                found[part, measure, place] = fitted(scores, after - before)
    return found


def ranked(
    gap: Gap, designs: Mapping[str, Design], all_paired: Sequence[Paired], place: str, scores: np.ndarray,
    residents: float,
) -> list[dict[str, Any]]:  # fmt: skip
    """Return one row a mitigation, best first: posts and pounds of the gap closed, cost, effect for £100,000.

    Parameters
    ----------
    scores : float[set, input] joint sets, those of the gap
    residents : of the place
    """
    posts, pounds = gap.measured("gap_posts", place, scores), gap.measured("gap_pounds", place, scores)
    rows = []
    for paired in all_paired:
        one = paired.mitigation
        other = Mitigated(gap, mitigated(gap, designs, paired))
        closed = posts - other.measured("gap_posts", place, scores)
        saved = pounds - other.measured("gap_pounds", place, scores)
        charged = other.difference("staff", "supply_pounds", place, scores).mean()
        cost = one.pounds_a_resident * residents + float(charged)
        rows.append(
            {"mitigation": one.name, "kind": one.kind, "title": one.title, "changes": in_words(one),
             "posts_closed": float(closed.mean()), "posts_low": float(np.quantile(closed, 0.025)),
             "posts_high": float(np.quantile(closed, 0.975)), "pounds_saved": float(saved.mean()), "cost_pounds": cost,
             "posts_for_100k": _per(float(closed.mean()), cost), "share_better": float((closed > 0).mean()),
             "p80_after": float(np.quantile(posts - closed, 0.8)), "points": min(map(len, paired.answers.values())),
             "source": one.source, "confidence": one.confidence}
        )  # fmt: skip
    return sorted(rows, key=_order)


def _per(closed: float, cost: float) -> float | None:
    """Return posts closed for £100,000 a year; None if it costs nothing or saves."""
    return closed / cost * PER if cost > 0 else None


def _order(row: Mapping[str, Any]) -> tuple[int, float]:
    """Sort what closes posts and costs nothing first, then by effect per pound, then what closes none."""
    if row["posts_closed"] <= 0:
        return 2, -row["posts_closed"]
    return (0, -row["posts_closed"]) if row["posts_for_100k"] is None else (1, -row["posts_for_100k"])


def in_words(one: Mitigation) -> str:
    """Return what a mitigation changes."""
    return "; ".join(
        f"{part}: {driver.replace('_', ' ')} × {factor:g}"
        for part, told in one.changes.items() for driver, factor in told.items()
    )  # fmt: skip


@dataclass(frozen=True)
class Mitigated:
    """The gap with a mitigation: what is simulated without it, and the difference."""

    gap: Gap
    differences: Mapping[tuple[str, str, str], Surrogate]

    def difference(self, part: str, measure: str, place: str, scores: np.ndarray) -> np.ndarray:
        """Return what it adds to a simulated measure at scores, float[set]."""
        one = self.differences.get((part, measure, place))
        return np.zeros(len(scores)) if one is None else one.predict(scores[:, self.gap.inputs.of(part)])

    def measured(self, measure: str, place: str, scores: np.ndarray) -> np.ndarray:
        """Return one outcome at scores, float[set], with the mitigation."""
        return self.gap.measured(measure, place, scores, lambda part, what: self.difference(part, what, place, scores))
