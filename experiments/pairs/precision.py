"""How precise a comparison must be: the half-widths wanted of paired differences, and whether they are reached."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from experiments.intervals import mean_and_half_width
from experiments.pairs.figures import Figure
from experiments.pairs.measures import measures
from pathways.errors import InputError, nearest, one_of

FEWEST = 5
"""Replications below which nothing is stopped: assumption: half-widths of fewer are themselves mostly chance."""
MOST = 30
"""Replications at most, where nobody says how many."""
BUDGET_MINUTES = 10.0
"""Minutes after which no further replication is begun, where nobody says how many."""
VALUE = re.compile(r"\s*([0-9]*\.?[0-9]+)\s*(%|points?)?\s*$")
EXPECTED = "NAME=VALUE such as 'admissions=2 %', 'share within=0.5 points', 'mean wait:liaison/ed_assessment=5', or 3 %"


@dataclass(frozen=True)
class Wanted:
    """A half-width: relative to the reference's mean, or in the measure's own unit."""

    value: float
    relative: bool

    def of(self, base: float, other: float) -> float:
        """Return the half-width that is narrow enough for these means; of nothing at all, everything is."""
        return self.value * (abs(base) or abs(other)) if self.relative else self.value

    @property
    def words(self) -> str:
        """Say it as it was asked for."""
        return f"{100 * self.value:g} %" if self.relative else f"{self.value:g}"


@dataclass(frozen=True)
class Stopping:
    """When a comparison has enough replications."""

    most: int
    wanted: Mapping[str, Wanted] = field(default_factory=dict)
    """By measure, or `measure:pathway/of`; none: nothing is stopped before `most`"""
    budget_seconds: float | None = None

    def of(self, name: Figure) -> Wanted | None:
        """Return what is wanted of a figure: as it is named, else as its measure is."""
        own = f"{name.what}:{name.pathway}/{name.of}" if name.of else f"{name.what}:{name.pathway}"
        if own in self.wanted:
            return self.wanted[own]
        return self.wanted.get(name.what) if is_headline(name) else None

    def rows(self, scenario: str, pairs: Sequence[Mapping[Figure, tuple[float, float]]]) -> list[dict[str, Any]]:
        """Return one row a figure that is wanted precisely: the half-width it has, and whether that will do."""
        found = []
        for name in dict.fromkeys(name for pair in pairs for name in pair):
            wanted = self.of(name)
            both = np.array([pair[name] for pair in pairs if name in pair])
            both = both[~np.isnan(both).any(axis=1)]
            if wanted is None or not len(both):
                continue
            half = mean_and_half_width(both[:, 1] - both[:, 0])["half_width"]
            target = wanted.of(float(both[:, 0].mean()), float(both[:, 1].mean()))
            found.append({
                "scenario": scenario, **name._asdict(), "asked": wanted.words, "wanted": target, "half_width": half,
                "met": half is not None and half <= target,
            })  # fmt: skip
        return found


def is_headline(name: Figure) -> bool:
    """Whether a figure is one that a measure's own precision is meant for: totals, not their parts."""
    return not (name.what == "admissions" and name.of)


def stopping(asked: Iterable[str] | None, most: int | None, budget_minutes: float | None, of_scenario: int) -> Stopping:
    """Return when to stop, by what was given.

    A number of replications alone is carried out; a precision, or nothing at all, stops them when it is met.

    Parameters
    ----------
    asked : words of `--precision`; None: not asked, an empty list: the measures' own
    of_scenario : replications the reference scenario says

    Raises
    ------
    InputError
        If a precision cannot be read, or is asked of no measure.
    """
    seconds = None if budget_minutes is None else 60 * budget_minutes
    if asked is None:
        return Stopping(most or of_scenario, {}, seconds)
    wanted = {one.name: _read(one.precision, one.unit) for one in measures().values() if one.headline}
    for text in asked:
        name, _, value = text.rpartition("=")
        if name:
            known = _known(name.strip(), text)
            wanted[known] = _read(value, measures()[_measure_of(known)].unit, text)
        else:
            wanted |= {one.name: _read(value, one.unit, text) for one in measures().values() if one.headline}
    return Stopping(most or MOST, wanted, 60 * BUDGET_MINUTES if seconds is None and most is None else seconds)


def _measure_of(name: str) -> str:
    return name.partition(":")[0].strip()


def _known(name: str, text: str) -> str:
    names = list(measures())
    if _measure_of(name) not in names:
        raise InputError(
            key="--precision", value=text, expected=f"{EXPECTED}; measures: {one_of(names)}",
            suggestion=nearest(_measure_of(name), names),
        )  # fmt: skip
    return name


def _read(words: str, unit: str, text: str | None = None) -> Wanted:
    found = VALUE.match(words)
    points = found is not None and (found[2] or "").startswith("point")
    if found is None or float(found[1]) <= 0 or (points and unit != "share"):
        raise InputError(key="--precision", value=text or words, expected=EXPECTED)
    relative = found[2] == "%" and unit != "share"
    hundredths = found[2] is not None
    return Wanted(float(found[1]) / (100 if hundredths else 1), relative)


class Judge:
    """Looks at the replications as they come in, in order, and says when there are enough."""

    def __init__(self, stopping: Stopping, names: Sequence[str]) -> None:
        self.stopping = stopping
        self.began = time.monotonic()
        self.why = "all replications asked for"
        self._names = names
        self._seen: list[list[dict[Figure, tuple[float, float]]]] = [[] for _ in names]

    def rows(self) -> list[dict[str, Any]]:
        """Return what became of every precision."""
        return [
            row for name, seen in zip(self._names, self._seen, strict=True) for row in self.stopping.rows(name, seen)
        ]

    def enough(self, figures: Sequence[Mapping[Figure, tuple[float, float]]]) -> bool:
        """Take in one replication, the figures of each scenario beside the reference's; say whether to stop."""
        for seen, one in zip(self._seen, figures, strict=True):
            seen.append({name: both for name, both in one.items() if self.stopping.of(name) is not None})
        n = len(self._seen[0])
        if n >= self.stopping.most:
            return True
        limit = self.stopping.budget_seconds
        if limit is not None and time.monotonic() - self.began >= limit:
            self.why = "the time was up"
            return True
        if self.stopping.wanted and n >= FEWEST and all(row["met"] for row in self.rows()):
            self.why = "every half-width is as narrow as was asked"
            return True
        return False
