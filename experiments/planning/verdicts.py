"""The verdicts: on fresh years, does the plan hold, and would it with one roster unit fewer?

Every year has luck of its own, used nowhere else. A round is a block of years of the plan itself and, for
groups of units that do not depend on one another (`links.py`), a block with one fewer in each of them.
Every year tells about every unit whose own numbers are the plan's and whom no unit with fewer is linked to;
it counts once. Decisions are taken after whole rounds, from years in index order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from experiments.planning.audit import Decision, Trail
from experiments.planning.evidence import FAILS, OPEN, PASSES, Evidence, overall
from experiments.planning.layout import Layout
from experiments.planning.links import packs
from experiments.planning.search import Say, Trials
from experiments.planning.targets import met
from experiments.planning.years import Outcome, Plan, Years

FRESH = 100_000  # replications from here on were not seen by the search
BASE_BLOCK, FEWER_BLOCK = 8, 4
AT_ONCE = 3  # blocks sent to the workers together: between them the time is looked at
MOST_BASE, MOST_FEWER = 600, 120  # years after which a question is left undecided
ENOUGH_TO_MOVE = 16  # years after which the observed share may move the plan (never decide about it)


Group = list[tuple[int, int]]
"""(unit, lever) with one fewer in the same years"""


@dataclass
class Verdicts:
    """What is known of every unit at every number tried, and the plan that follows from it."""

    years: Years
    usable: np.ndarray
    floors: np.ndarray
    plan: np.ndarray
    apart: np.ndarray
    assurance: float
    confidence: float
    trail: Trail
    trials: Trials
    say: Say
    stop: Callable[[], bool]
    next_year: int = FRESH
    known: dict[tuple[int, Plan], np.ndarray] = field(default_factory=dict)
    """(unit, its numbers) -> int[target of the unit, (met, missed)]"""
    whole: dict[Plan, list[np.ndarray]] = field(default_factory=dict)
    """plan -> met: bool[target] of every year in which nobody had fewer"""
    drift: list[np.ndarray] = field(default_factory=list)
    returned: set[tuple[int, Plan]] = field(default_factory=set)
    rounds: int = 0

    @property
    def layout(self) -> Layout:
        """Return the layout of what is sized."""
        return self.years.layout

    # --- what is known ------------------------------------------------------------------------------------

    def own(self, unit: int, lever: int | None = None, by: int = -1) -> Plan:
        """Return a unit's numbers in the plan, with one fewer of `lever` if given."""
        return tuple(int(self.plan[i]) + (by if i == lever else 0) for i in self.layout.levers_of_unit[unit])

    def evidence(self, unit: int, own: Plan) -> list[Evidence]:
        """Return the evidence on each target of a unit at its own numbers."""
        counts = self.known.get((unit, own))
        n = len(self.layout.targets_of_unit[unit])
        return [Evidence(*map(int, row)) for row in counts] if counts is not None else [Evidence()] * n

    def verdict(self, unit: int, own: Plan) -> tuple[str, int | None, Evidence]:
        """Return (passes | fails | undecided, the deciding target, its evidence) of a unit at its own
        numbers.
        """
        found = [
            (t, e) for t, e in zip(self.layout.targets_of_unit[unit], self.evidence(unit, own), strict=True)
            if self.usable[t]
        ]  # fmt: skip
        return overall(found, self.assurance, self.confidence)

    def pure_years(self) -> list[np.ndarray]:
        """Return met: bool[target] of every year of the plan as it stands."""
        return self.whole.get(tuple(int(n) for n in self.plan), [])

    # --- gathering ------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Go on until everything is decided, or may not go on."""
        while True:
            candidates = self._candidates()
            base_open = self._base_open()
            if (not candidates and not base_open) or self.stop():
                break
            self.rounds += 1
            groups = packs(candidates, self.apart)
            self.say(
                f"verdicts: round {self.rounds}, {len(base_open)} units and {len(candidates)} "
                f"'one fewer' undecided, {len(groups) * FEWER_BLOCK + BASE_BLOCK} years"
            )
            self._gather(groups, BASE_BLOCK)
            self._move(candidates, groups)

    def confirm(self, years: int) -> None:
        """Simulate the plan as it stands until so many whole years of it are known; at least one block."""
        while len(self.pure_years()) < years and (not self.pure_years() or not self.stop()):
            self.say(f"confirming: {len(self.pure_years())} of {years} years of the whole plan")
            self._gather([], BASE_BLOCK)

    def _candidates(self) -> Group:
        """Return (unit, lever) whose one-fewer is open, those with the fewest years first."""
        found = []
        for unit in range(len(self.layout.units)):
            for lever in self.layout.levers_of_unit[unit]:
                if self.plan[lever] <= self.floors[lever]:
                    continue
                verdict, _, evidence = self.verdict(unit, self.own(unit, lever))
                if verdict == OPEN and evidence.years < MOST_FEWER:
                    found.append((evidence.years, unit, lever))
        return [(unit, lever) for _, unit, lever in sorted(found)]

    def _base_open(self) -> list[int]:
        found = []
        for unit in range(len(self.layout.units)):
            verdict, _, evidence = self.verdict(unit, self.own(unit))
            if verdict == OPEN and evidence.years < MOST_BASE:
                found.append(unit)
        return found

    def _gather(self, groups: list[Group], base_block: int) -> None:
        """Simulate a block of the plan and one of each group; a spent budget ends it between blocks."""
        blocks: list[tuple[Group, int]] = [([], base_block)]
        blocks += [(group, FEWER_BLOCK) for group in groups]
        for first in range(0, len(blocks), AT_ONCE):
            if first and self.stop():
                return
            jobs: list[tuple[Plan, int]] = []
            about: list[Group] = []
            for group, block in blocks[first : first + AT_ONCE]:
                trial = self.plan.copy()
                for _, lever in group:
                    trial[lever] -= 1
                for _ in range(block):
                    jobs.append((tuple(int(n) for n in trial), self.next_year))
                    about.append(group)
                    self.next_year += 1
            for (plan, _), group, outcome in zip(jobs, about, self.years.evaluate(jobs), strict=True):
                self._count(plan, group, outcome)

    def _count(self, plan: Plan, group: Group, outcome: Outcome) -> None:
        layout = self.layout
        hold = met(layout.targets, outcome.values)
        fewer = [unit for unit, _ in group]
        for unit in range(len(layout.units)):
            if unit not in fewer and any(self.apart[unit, other] for other in fewer):
                continue
            mine = list(layout.targets_of_unit[unit])
            own = tuple(plan[lever] for lever in layout.levers_of_unit[unit])
            counts = self.known.setdefault((unit, own), np.zeros((len(mine), 2), np.int64))
            counts[:, 0] += hold[mine]
            counts[:, 1] += ~hold[mine]
            self.trials.note(layout, unit, plan, outcome.values)
        if not group:
            self.whole.setdefault(plan, []).append(hold)
            self.drift.append(outcome.waiting)

    # --- moving ---------------------------------------------------------------------------------------------

    def _move(self, candidates: Group, groups: list[Group]) -> None:
        """Take up what one fewer allows, add where the plan does not hold; one step a unit and round."""
        moved: set[int] = set()
        raised_for: set[tuple[str, tuple[int, ...]]] = set()
        for unit, lever in candidates:
            if unit in moved:
                continue
            own = self.own(unit, lever)
            verdict, target, evidence = self.verdict(unit, own)
            enough = evidence.years >= ENOUGH_TO_MOVE and evidence.share >= self.assurance
            goes = verdict == PASSES or (verdict == OPEN and enough and (unit, own) not in self.returned)
            if not goes:
                if verdict == FAILS:
                    self._write("verdict", unit, lever, own, "one fewer fails", target, evidence, groups)
                continue
            self._write("verdict", unit, lever, own, "given up", target, evidence, groups)
            self.plan[lever] -= 1
            moved.add(unit)
        for unit in range(len(self.layout.units)):
            own = self.own(unit)
            verdict, target, evidence = self.verdict(unit, own)
            short = evidence.years >= ENOUGH_TO_MOVE and evidence.share < self.assurance
            if unit in moved or target is None or not (verdict == FAILS or (verdict == OPEN and short)):
                continue
            if self._what(target) in raised_for:  # a joint contact's other team has just grown
                continue
            more = self._most_promising(target)
            if more is None:
                continue
            raised_for.add(self._what(target))
            self.returned.add((unit, own))
            self._write("verdict", unit, more, own, "one more", target, evidence, groups)
            self.plan[more] += 1
            moved.add(unit)

    def _what(self, target: int) -> tuple[str, tuple[int, ...]]:
        """Return what a target measures and where: the same for all teams of a joint contact."""
        return self.layout.targets[target].measure, self.layout.targets[target].at

    def _most_promising(self, target: int) -> int | None:
        """Return the lever to add to for a target: the one whose next number is known best, else the longest."""
        unit = self.layout.targets[target].unit
        levers = [i for p in self.layout.targets[target].pools for i in self.layout.levers_of_pool[p]]
        if not levers:
            return None

        def promise(lever: int) -> tuple[float, float]:
            _, _, evidence = self.verdict(unit, self.own(unit, lever, by=+1))
            return (evidence.share if evidence.years else 0.5, self.layout.levers[lever].hours_a_week)

        return max(levers, key=promise)

    def _write(
        self, phase: str, unit: int, lever: int, own: Plan, outcome: str, target: int | None, evidence: Evidence,
        groups: list[Group],
    ) -> None:  # fmt: skip
        low, high = evidence.bounds(self.confidence)
        together: Group = next((group for group in groups if (unit, lever) in group), [])
        names = tuple(self.layout.units[other].name for other, _ in together if other != unit)
        self.trail.add(
            Decision(
                phase, self.layout.units[unit].name, f"{self.layout.levers[lever].name}: {own}", outcome,
                "" if target is None else self.layout.targets[target].name, evidence.years, evidence.met,
                low, high, names,
            )
        )  # fmt: skip
