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
from scipy.stats import norm

from experiments.risk.gap import MEASURES, PARTS, Gap
from experiments.risk.inputs import known, text
from experiments.risk.simulated import Answer, Design, Point
from experiments.risk.surrogate import Surrogate, fitted
from experiments.scenario import presets
from pathways.errors import InputError

TABLE = Path(__file__).resolve().parent / "mitigations.toml"
KINDS = ("retention", "skill mix", "new roles", "digital", "alternatives", "step-down", "supply")
WORDS = ("title", "kind", "source", "confidence")
KEYS = (*WORDS, *PARTS, "scenario", "pounds_a_resident")
PER = 100_000.0
"""Pounds a year by which effects are compared"""
Differences = Mapping[tuple[str, str, str], Surrogate]
"""By part, measure and place"""


@dataclass(frozen=True)
class Mitigation:
    """One thing that could be done, as changes to what the simulations are told."""

    name: str
    kind: str
    title: str
    changes: Mapping[str, Mapping[str, float]]
    """By part and driver: what the driver's value is multiplied by"""
    scenario: str
    """A built-in scenario that is put in place, or nothing"""
    pounds_a_resident: float
    """A year, beyond what the simulation charges"""
    source: str
    confidence: str


@dataclass(frozen=True)
class Paired:
    """A mitigation's answers at the first points of the designs it changes, by part."""

    mitigation: Mitigation
    answers: Mapping[str, Sequence[Answer]]


def read(
    drivers: Mapping[str, Iterable[str]], file: Path | str = TABLE, shares: Iterable[str] = ()
) -> list[Mitigation]:
    """Return the mitigations of a table; `shares`: drivers in place by a share.

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
    return [_read_one(name, keys, drivers, file, set(shares)) for name, keys in content.get("mitigation", {}).items()]


def _read_one(
    name: str, keys: Mapping[str, Any], drivers: Mapping[str, Iterable[str]], file: object, shares: set[str]
) -> Mitigation:
    at = f"mitigation.{name}"
    for key in keys:
        known(key, KEYS, file, f"{at}.{key}")
    for key in WORDS:
        text(keys, key, file, at)
    known(keys["kind"], KINDS, file, f"{at}.kind")
    changes = {part: dict(keys[part]) for part in PARTS if part in keys}
    scenario = keys.get("scenario", "")
    if scenario:
        known(scenario, [one["name"] for one in presets()], file, f"{at}.scenario")
        changes.setdefault("demand", {})
    if not scenario and not any(changes.values()):
        raise InputError(file=file, key=at, expected="a change of what demand or staff are told")
    for part, told in changes.items():
        if len(told) > 1 and any(driver in shares for driver in told):
            raise InputError(file=file, key=f"{at}.{part}", value=told, expected="what is in place by a share, alone")
        for driver, factor in told.items():
            known(driver, drivers[part], file, f"{at}.{part}")
            _amount(factor, file, f"{at}.{part}.{driver}")
    pounds = keys.get("pounds_a_resident", 0.0)
    _amount(pounds, file, f"{at}.pounds_a_resident")
    return Mitigation(
        name, keys["kind"], keys["title"], changes, scenario, float(pounds), keys["source"], keys["confidence"]
    )


def _amount(value: object, file: object, key: str) -> None:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < 1e6:
        raise InputError(file=file, key=key, value=value, expected="a number of 0 or more")


def changed(one: Mitigation, point: Point, shares: Mapping[str, float]) -> Point:
    """Return a point with a mitigation, its luck the same; of what is in place by a share, the other way round."""
    told = dict(point.told)
    for driver, factor in one.changes[point.part].items():
        if driver in shares:
            told[driver] = 0.0 if told[driver] > 0 else 1 / shares[driver]
        else:
            told[driver] *= factor
    return replace(point, told=tuple(sorted(told.items())), scenario=one.scenario or point.scenario)


def differences(designs: Mapping[str, Design], paired: Paired, shares: Mapping[str, float]) -> Differences:
    """Return polynomials of the difference a mitigation makes, by part, measure and place.

    Of what is in place by a share: the difference between all of it and none.
    """
    found = {}
    for part, answers in paired.answers.items():
        design = designs[part]
        coordinates = design.coordinates[: len(answers)]
        sign = np.ones(len(answers))
        for driver in paired.mitigation.changes[part]:
            if driver in shares:
                there = np.array([dict(point.told)[driver] > 0 for point in design.points[: len(answers)]])
                sign = np.where(there, -1.0, 1.0)
        for measure in MEASURES[part]:
            for place in {place for name, place in answers[0] if name == measure}:
                before = np.array([design.answers[i][measure, place] for i in range(len(answers))])
                after = np.array([answer[measure, place] for answer in answers])
                found[part, measure, place] = fitted(coordinates, sign * (after - before))
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
        other = Mitigated(gap, one, differences(designs, paired, gap.shares))
        closed = posts - other.measured("gap_posts", place, scores)
        saved = pounds - other.measured("gap_pounds", place, scores)
        half_width = other.half_width(place)
        charged = other.difference("staff", "supply_pounds", place, scores).mean()
        cost = one.pounds_a_resident * residents + float(charged)
        rows.append(
            {"mitigation": one.name, "kind": one.kind, "title": one.title, "changes": in_words(one),
             "posts_closed": float(closed.mean()), "half_width": half_width,
             "may_be_chance": bool(abs(closed.mean()) <= half_width), "posts_low": float(np.quantile(closed, 0.025)),
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
    words = [
        f"{part}: " + ", ".join(f"{driver.replace('_', ' ')} × {factor:g}" for driver, factor in told.items())
        for part, told in one.changes.items() if told
    ]  # fmt: skip
    return "; ".join([*words, f"scenario {one.scenario}"] if one.scenario else words)


@dataclass(frozen=True)
class Mitigated:
    """The gap with a mitigation: what is simulated without it, and the difference."""

    gap: Gap
    mitigation: Mitigation
    differences: Differences

    def difference(self, part: str, measure: str, place: str, scores: np.ndarray) -> np.ndarray:
        """Return what it adds to a simulated measure at scores, float[set]."""
        one = self.differences.get((part, measure, place))
        if one is None:
            return np.zeros(len(scores))
        return one.predict(self.gap.coordinates(part, scores)) * self.more_in_place(part, scores)

    def half_width(self, place: str) -> float:
        """Return the half-width (95 %) of the posts it closes on average: its polynomials' error at left-out points."""
        found = [self.differences.get((*of, place)) for of in (("demand", "modelled_posts"), ("staff", "effective"))]
        squares = sum(one.error**2 / len(one.left_out) for one in found if one is not None)
        return float(norm.ppf(0.975) * np.sqrt(squares))

    def more_in_place(self, part: str, scores: np.ndarray) -> np.ndarray:
        """Return by what share more is in place, float[set]; 1 of what is no matter of shares."""
        for driver, factor in self.mitigation.changes[part].items():
            if driver in self.gap.shares:
                amount = self.gap.amount(part, driver, scores)
                level = self.gap.shares[driver]
                return np.minimum(amount * factor * level, 1.0) - np.minimum(amount * level, 1.0)
        return np.ones(len(scores))

    def measured(self, measure: str, place: str, scores: np.ndarray) -> np.ndarray:
        """Return one outcome at scores, float[set], with the mitigation."""
        return self.gap.measured(measure, place, scores, lambda part, what: self.difference(part, what, place, scores))
