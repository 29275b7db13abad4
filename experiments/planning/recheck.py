"""Checking a finished sizing: on fresh years, does its plan hold, and would it with one unit fewer?

read the sizing → fresh years of the plan → the same years with one unit of one lever fewer → verdicts

For whoever has to vouch for a plan. Nothing here chooses a number: the plan is simulated as it was written
down, with luck the sizing never saw. Unlike the sizing's own verdicts, one lever at a time has one fewer and
everything else stays as it is, in the same (paired) years as the plan itself.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from experiments.console import Progress
from experiments.intervals import binomial_bounds
from experiments.planning.document import COULD_GO, LEAST, NEEDED, UNDECIDED
from experiments.planning.evidence import FAILS, OPEN, PASSES, Evidence, overall
from experiments.planning.finished_sizing import read_sizing, refuse_another_layout, stands_alone
from experiments.planning.layout import Layout
from experiments.planning.recheck_summary import summary_of
from experiments.planning.recheck_tables import tables
from experiments.planning.results import write_recheck
from experiments.planning.targets import met
from experiments.planning.years import Plan, YearsOfPool, restored
from experiments.run import model_digest
from pathways.errors import InputError, nearest, one_of

__all__ = ["Recheck", "read_sizing", "recheck", "stands_alone", "tables"]

BLOCK = 10  # years with one fewer between two looks
FRESH_SEED = 2_000_003
"""Added to the sizing's seed; another than the report's years have."""
HOLDS, BY_CHANCE, BELOW = "holds", "within chance of it", "below"
NOT_SIZED_BY = ("beyond capacity", "reported only")


@dataclass
class Question:
    """One lever with one unit fewer, everything else as sized."""

    lever: int
    plan: Plan
    said: Mapping[str, Any]
    """The lever's row in the sizing"""
    counts: np.ndarray
    """int64[usable target of the unit, (met, missed)]"""
    verdict: str = OPEN


@dataclass
class Recheck:
    """A sizing, the years that check it, and what they have shown so far."""

    sizing: Mapping[str, Any]
    years: YearsOfPool
    n_years: int
    confidence: float
    """Of each answer, whatever the sizing's was."""
    units: frozenset[int]
    plan: Plan
    usable: np.ndarray
    """bool[target] targets that the sizing was held to"""
    progress: Progress | None = None
    hold: list[np.ndarray] = field(default_factory=list)
    """bool[target] of each fresh year of the plan"""
    questions: list[Question] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    @property
    def layout(self) -> Layout:
        """Return the layout of what was sized."""
        return self.years.layout

    @property
    def assurance(self) -> float:
        """Return the share of years in which each target must hold."""
        return float(self.sizing["assurance"])

    # --- simulating -----------------------------------------------------------------------------------------

    def check_plan(self) -> None:
        """Simulate every fresh year of the plan."""
        for outcome in self.years.one_by_one([(self.plan, r) for r in range(self.n_years)]):
            self.hold.append(met(self.layout.targets, outcome.values))
            self._say("the plan itself")

    def check_one_fewer(self, undecided: bool = True) -> Iterator[None]:
        """Take one unit of one lever away at a time, in the years of the plan, until each answer is sure.

        Yields after every block of years: what is known then may be written down.
        """
        levers = [lever for lever in range(len(self.plan)) if self._may_go_down(lever, undecided)]
        self.questions = [self._question(lever) for lever in levers]
        for first in range(0, self.n_years, BLOCK):
            block = range(first, min(first + BLOCK, self.n_years))
            asked = [question for question in self.questions if question.verdict == OPEN]
            if not asked:
                return
            jobs = [(question, r) for question in asked for r in block]
            outcomes = self.years.one_by_one([(question.plan, r) for question, r in jobs])
            for (question, _), outcome in zip(jobs, outcomes, strict=True):
                hold = met(self.layout.targets, outcome.values)[self._own(question.lever)]
                question.counts[:, 0] += hold
                question.counts[:, 1] += ~hold
                self._say(f"one fewer of each of {len(asked)} levers, years {first + 1} to {block[-1] + 1}")
            for question in asked:
                question.verdict, _, _ = self.answer(question)
            yield

    def answer(self, question: Question) -> tuple[str, int | None, Evidence]:
        """Return (passes | fails | undecided, the deciding target, its evidence)."""
        rows = zip(self._own(question.lever), question.counts, strict=True)
        found = [(t, Evidence(int(row[0]), int(row[1]))) for t, row in rows]
        return overall(found, self.assurance, self.confidence)

    def _question(self, lever: int) -> Question:
        plan = tuple(n - (i == lever) for i, n in enumerate(self.plan))
        counts = np.zeros((len(self._own(lever)), 2), np.int64)
        return Question(lever, plan, self.sizing["plan"][lever], counts)

    def _may_go_down(self, lever: int, undecided: bool) -> bool:
        said = self.sizing["plan"][lever]["one_fewer"]
        of_interest = self.layout.unit_of_lever[lever] in self.units and (undecided or said == NEEDED)
        return of_interest and said != LEAST and len(self._own(lever)) > 0

    def _own(self, lever: int) -> list[int]:
        """Return the targets that decide about a lever: its unit's."""
        unit = self.layout.unit_of_lever[lever]
        return [t for t in self.layout.targets_of_unit[unit] if self.usable[t]]

    def _say(self, doing: str) -> None:
        if self.progress is None:
            return
        done = self.years.runs
        still = sum(self.n_years - int(q.counts[0].sum()) for q in self.questions if q.verdict == OPEN)
        most = still + self.n_years - len(self.hold)
        left = (time.monotonic() - self.began) / done * most
        words = f"at most {left / 60:.0f} min left" if left >= 90 else f"at most {left:.0f} s left"
        self.progress(done, done + most, f"Recheck: {doing}, {words}")

    # --- answering ------------------------------------------------------------------------------------------

    def document(self, **about: Any) -> dict[str, Any]:
        """Return the answer as one document (`docs/sizing.md`)."""
        found: dict[str, Any] = {
            "kind": "recheck", **about,
            "assurance": self.assurance, "confidence": self.confidence, "years": self.n_years, "block": BLOCK,
            "runs": self.years.runs, "seconds": round(time.monotonic() - self.began, 1),
            "targets": [row for unit in sorted(self.units) for row in self._targets(unit)],
            "one_fewer": [self._one_fewer(question) for question in self.questions],
            "joint": self._joint(),
        }  # fmt: skip
        return found | summary_of(found)

    def _targets(self, unit: int) -> Iterable[dict[str, Any]]:
        said = {row["target"]: row for one in self.sizing["units"]
                if one["unit"] == self.layout.units[unit].name for row in one["targets"]}  # fmt: skip
        for t in self.layout.targets_of_unit[unit]:
            if not self.usable[t]:
                continue
            target, years_met = self.layout.targets[t], int(sum(hold[t] for hold in self.hold))
            share = years_met / self.n_years
            low, high = binomial_bounds(years_met, self.n_years, self.confidence)
            verdict = HOLDS if share >= self.assurance else BY_CHANCE if high >= self.assurance else BELOW
            yield {
                "unit": self.layout.units[unit].name, "target": target.name, "measure": target.measure,
                "bound": target.bound, "at_least": target.at_least, "years": self.n_years, "years_met": years_met,
                "share_of_years": share, "low": low, "high": high, "verdict": verdict,
                "sizing_verdict": said[target.name]["verdict"],
            }  # fmt: skip

    def _one_fewer(self, question: Question) -> dict[str, Any]:
        _, target, evidence = self.answer(question)
        low, high = evidence.bounds(self.confidence)
        said = question.said
        return {
            "unit": said["unit"], "lever": said["lever"], "role": said["role"], "kind": said["kind"],
            "hours": said["hours"], "plan": said["plan"], "tried": question.plan[question.lever],
            "target": None if target is None else self.layout.targets[target].name,
            "years": evidence.years, "years_met": evidence.met, "share_of_years": evidence.share, "low": low,
            "high": high, "verdict": {FAILS: NEEDED, PASSES: COULD_GO}.get(question.verdict, UNDECIDED),
            "sizing_verdict": said["one_fewer"],
        }  # fmt: skip

    def _joint(self) -> dict[str, Any]:
        mine = [t for unit in self.units for t in self.layout.targets_of_unit[unit] if self.usable[t]]
        all_met = int(sum(hold[mine].all() for hold in self.hold))
        low, high = binomial_bounds(all_met, self.n_years, self.confidence)
        return {"years": self.n_years, "all_met": all_met, "share": all_met / self.n_years, "low": low, "high": high}


def recheck(
    sizing: Path | str,
    *,
    years: int = 60,
    seed: int | None = None,
    confidence: float | None = None,
    one_fewer: bool = True,
    undecided: bool = True,
    units: Sequence[str] = (),
    pool: Any = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Check a sizing on fresh years, write `recheck.json` and `recheck.parquet` beside it, and return the document.

    Parameters
    ----------
    sizing : `sizing.json` (or what `--json` printed), its folder, or a folder of results with one sizing
    seed : of the fresh years (default: another than the sizing's)
    confidence : of each interval and answer (default: the sizing's)
    one_fewer, undecided : try one fewer of each number; of those too that the sizing did not call needed
    units : `pathway/team @ place`, team or place; default: all
    """
    file, read = read_sizing(sizing)
    fresh = (read["seed"] + FRESH_SEED) % 2**32 if seed is None else seed
    if fresh == read["seed"]:
        raise InputError(key="--seed", value=seed, expected="another than the sizing's: its years were looked at")
    if progress is not None:
        progress(0, None, "Recheck: making the population")
    years_of_plan = YearsOfPool(restored(read["subject"], fresh), pool)
    layout = years_of_plan.layout
    refuse_another_layout(file, read, layout)
    usable = {(unit["unit"], target["target"]) for unit in read["units"] for target in unit["targets"]
              if target["verdict"] not in NOT_SIZED_BY}  # fmt: skip
    checked = Recheck(
        read, years_of_plan, years, confidence or float(read["confidence"]), _units_named(layout, units),
        plan=tuple(row["plan"] for row in read["plan"]),
        usable=np.array([(layout.units[t.unit].name, t.name) in usable for t in layout.targets]),
        progress=progress,
    )  # fmt: skip

    def written(finished: bool) -> dict[str, Any]:
        found = checked.document(
            sizing=str(file), area=read["area"], year=read["year"], scenario=read["scenario"],
            scenario_digest=read["scenario_digest"], sizing_seed=read["seed"], seed=fresh,
            same_model=read["model"] == model_digest(), finished=finished,
        )  # fmt: skip
        write_recheck(found, file.parent)
        return found

    checked.check_plan()
    if one_fewer:
        written(finished=False)  # whoever stops the rest keeps this
        for _ in checked.check_one_fewer(undecided):
            written(finished=False)
    return written(finished=True)


def _units_named(layout: Layout, names: Sequence[str]) -> frozenset[int]:
    """Return the units that are meant, those without levers left out."""
    sized = [u for u in range(len(layout.units)) if layout.levers_of_unit[u]]
    words = {u: (layout.units[u].name, layout.units[u].team, layout.units[u].place) for u in sized}
    known = list(dict.fromkeys(word for three in words.values() for word in three))
    for name in names:
        if name not in known:
            raise InputError(
                key="--unit", value=name, expected=f"a team, a place, or both: {one_of(known)}",
                suggestion=nearest(name, known),
            )  # fmt: skip
    return frozenset(u for u, three in words.items() if not names or set(names) & set(three))
