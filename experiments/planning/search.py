"""The search: all teams down their staffing curves together, then one roster unit at a time, on paired years.

The same few replications serve every plan tried here (common random numbers), and every year informs every
unit. What the search finds is provisional: a handful of years each, judged by how far the year's number
lies from the target in standard deviations. `verdicts.py` settles it on fresh years.

A starved team must not count as less demand elsewhere. A unit's step is taken only if every unit upstream
of it met its own targets in the same years, or if the unit was asked for as many people (passing: no fewer;
failing: no more; within `ASKED_TOLERANCE`) as in the unlimited years of the same replications. Else it is
tried again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import NormalDist

import numpy as np

from experiments.planning.audit import Decision, Trail
from experiments.planning.layout import Layout
from experiments.planning.links import Links
from experiments.planning.staffing_curves import Curve, Descent
from experiments.planning.targets import margins, met
from experiments.planning.years import Outcome, Plan, Years

ASKED_TOLERANCE = 0.03
CURVE_ROUNDS = 12
TRIM_ROUNDS = 40
RETRIES = 2
Say = Callable[[str], None]


@dataclass
class Trials:
    """Every (unit's own numbers, targets' values) seen, for staffing curves: [unit] -> numbers -> list of
    values.
    """

    seen: dict[int, dict[Plan, list[np.ndarray]]] = field(default_factory=dict)

    def note(self, layout: Layout, unit: int, plan: Sequence[int], values: np.ndarray) -> None:
        """Write down one year of one unit."""
        own = tuple(plan[lever] for lever in layout.levers_of_unit[unit])
        mine = values[list(layout.targets_of_unit[unit])]
        self.seen.setdefault(unit, {}).setdefault(own, []).append(mine)


@dataclass
class Trimming:
    """Which levers are still tried, by how much, and how often one was tried again."""

    stride: dict[int, int]
    retried: dict[int, int]
    given_up: set[int] = field(default_factory=set)


@dataclass
class Search:
    """State of the search; `plan` is the best so far."""

    years: Years
    reference: np.ndarray
    """int64[replication, unit] people asked for in the unlimited years"""
    usable: np.ndarray
    """bool[target] targets that capacity can meet and that the sizing is held to"""
    assurance: float
    floors: np.ndarray
    trail: Trail
    trials: Trials
    links: Links
    say: Say
    stop: Callable[[], bool]
    plan: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int32))

    @property
    def layout(self) -> Layout:
        """Return the layout of what is sized."""
        return self.years.layout

    # --- judging a few years -------------------------------------------------------------------------------

    def paired(self, plan: np.ndarray) -> list[Outcome]:
        """Simulate a plan in the search's own replications."""
        key = tuple(int(n) for n in plan)
        outcomes = self.years.evaluate([(key, r) for r in range(len(self.reference))])
        for u in range(len(self.layout.units)):
            for outcome in outcomes:
                self.trials.note(self.layout, u, key, outcome.values)
        return outcomes

    def likely(self, outcomes: Sequence[Outcome]) -> np.ndarray:
        """Return float[target]: standard normal score of "met in at least the assured share of years"."""
        return likely(self.layout, outcomes, self.assurance, self.usable)

    def asked(self, outcomes: Sequence[Outcome]) -> np.ndarray:
        """Return float[unit]: people asked for, over those of the unlimited years."""
        now = np.sum([outcome.asked for outcome in outcomes], axis=0)
        then = self.reference[: len(outcomes)].sum(axis=0)
        return np.where(then > 0, now / np.maximum(then, 1), 1.0)

    def fair(self, unit: int, passes: bool, score: np.ndarray, asked: np.ndarray) -> bool:
        """Whether a unit's years may be counted: nobody upstream was starved, or it made no difference."""
        slack = self.slack()[unit]
        if (asked[unit] >= 1 - slack) if passes else (asked[unit] <= 1 + slack):
            return True
        upstream = np.flatnonzero(self.links.upstream[unit])
        return all(score[t] >= 0 for other in upstream for t in self.layout.targets_of_unit[other])

    def slack(self) -> np.ndarray:
        """Return float[unit]: by how much people asked for may differ: the tolerance, or what chance allows."""
        then = np.maximum(self.reference.sum(axis=0), 1)
        return np.maximum(ASKED_TOLERANCE, 2 / np.sqrt(then))

    # --- down the curves ------------------------------------------------------------------------------

    def down_the_curves(self, curves: Sequence[Curve]) -> None:
        """Bisect every pool's own step at once; leaves `plan` at the lowest steps that pass."""
        descents = [Descent(curve, probe=curve.start) for curve in curves]
        plan = self.floors.copy()
        for turn in range(CURVE_ROUNDS):
            for one in descents:
                plan[list(one.curve.levers)] = one.curve.plans[one.probe]
            moving = [one for one in descents if one.moving]
            if not moving or self.stop():
                break
            self.say(f"staffing curves: round {turn + 1}, {len(moving)} of {len(curves)} roles still moving")
            outcomes = self.paired(plan)
            score, asked = self.likely(outcomes), self.asked(outcomes)
            for one in moving:
                self._step(one, outcomes, score, asked)
        for one in descents:
            # Time was up before it ever passed: what a formula says, and nothing of it is decided.
            at = max(one.curve.start, one.low) if one.high is None else one.high
            plan[list(one.curve.levers)] = one.curve.plans[at]
        self.plan = plan

    def _step(
        self, one: Descent, outcomes: Sequence[Outcome], score: np.ndarray, asked: np.ndarray
    ) -> None:  # fmt: skip
        """Judge the step a pool was tried at, and choose its next."""
        pool, tried = one.curve.pool, one.probe
        unit = int(self.layout.network.units.unit_of_pool[pool])
        mine = [t for t in self.layout.targets_of_unit[unit] if pool in self.layout.targets[t].pools]
        decisive = min(mine, key=lambda t: score[t], default=None)
        passes = decisive is None or bool(score[decisive] >= 0)
        if self.fair(unit, passes, score, asked):
            outcome = one.passed() if passes else one.failed()
        else:
            outcome = f"tried again: asked for {'less' if passes else 'more'}"
        role = self.layout.network.units.pool_names[pool][1]
        self.trail.add(
            Decision(
                "curve", self.layout.units[unit].name,
                f"{role}: step {tried} of the curve, {one.curve.plans[tried]}", outcome,
                "" if decisive is None else self.layout.targets[decisive].name, len(outcomes),
                _years_met(self.layout, outcomes, decisive),
                note=f"asked for {asked[unit]:.3f} of the unlimited years' people",
            )
        )  # fmt: skip

    # --- one roster unit at a time --------------------------------------------------------------------

    def trim(self, top_up_rounds: int = 4) -> None:
        """Raise what does not hold after all, then take one roster unit from each unit in turn while it
        passes.
        """
        outcomes = self.paired(self.plan)
        for _ in range(top_up_rounds):
            if not self._top_up(outcomes) or self.stop():
                break
            outcomes = self.paired(self.plan)
        levers = range(len(self.plan))
        state = Trimming(dict.fromkeys(levers, 1), dict.fromkeys(levers, 0))
        for turn in range(TRIM_ROUNDS):
            chosen = self._candidates(state.given_up, turn)
            if not chosen or self.stop():
                break
            self.say(f"trimming: round {turn + 1}, one fewer in {len(chosen)} units")
            trial = self.plan.copy()
            for _, lever in chosen:
                trial[lever] = max(trial[lever] - state.stride[lever], self.floors[lever])
            outcomes = self.paired(trial)
            score, asked = self.likely(outcomes), self.asked(outcomes)
            for unit, lever in chosen:
                self._judge(unit, lever, trial, outcomes, score, asked, state)

    def _candidates(self, given_up: set[int], turn: int) -> list[tuple[int, int]]:
        """Return one lever of each unit that may still go down, dearest first; of tied units one a round."""
        found: list[tuple[int, int]] = []
        n = len(self.layout.units)
        for k in range(n):
            unit = (k + turn) % n
            if any(self.links.tied[unit, other] for other, _ in found):
                continue
            open_ones = [
                lever for lever in self.layout.levers_of_unit[unit]
                if lever not in given_up and self.plan[lever] > self.floors[lever]
            ]  # fmt: skip
            if open_ones:
                found.append((unit, max(open_ones, key=lambda i: (self.layout.levers[i].hours_a_week, -i))))
        return sorted(found)

    def _judge(
        self, unit: int, lever: int, trial: np.ndarray, outcomes: Sequence[Outcome], score: np.ndarray,
        asked: np.ndarray, state: Trimming,
    ) -> None:  # fmt: skip
        """Judge one unit's trial with fewer."""
        layout = self.layout
        mine = layout.targets_of_unit[unit]
        worst = min(mine, key=lambda i: score[i]) if mine else None
        passes = worst is None or score[worst] >= 0
        if passes and state.retried[lever] < RETRIES and not self.fair(unit, passes, score, asked):
            state.retried[lever] += 1
            outcome = "tried again: asked for less"
        elif passes:
            outcome = "accepted"
            self.plan[lever] = trial[lever]
            state.stride[lever] *= 2
        elif state.stride[lever] > 1:
            outcome = "too many at once"
            state.stride[lever] = 1
        else:
            outcome = "needed"
            state.given_up.add(lever)
        self.trail.add(
            Decision(
                "trim", layout.units[unit].name, f"{layout.levers[lever].name}: {int(trial[lever])}", outcome,
                layout.targets[worst].name if worst is not None else "", len(outcomes),
                _years_met(layout, outcomes, worst), note="fewer in other units too, on the same years",
            )
        )  # fmt: skip

    def _top_up(self, outcomes: Sequence[Outcome]) -> bool:
        """Add one to a lever of every pool whose targets do not hold; returns whether any was added."""
        score = self.likely(outcomes)
        raised: set[int] = set()
        for i, target in enumerate(self.layout.targets):
            if score[i] >= 0 or set(target.pools) & raised:
                continue
            levers = [lever for p in target.pools for lever in self.layout.levers_of_pool[p]]
            lever = max(levers, key=lambda j: (self.layout.levers[j].hours_a_week, -j))
            self.plan[lever] += 1
            raised |= set(target.pools)
            self.trail.add(
                Decision("trim", self.layout.units[target.unit].name, f"{self.layout.levers[lever].name}: "
                         f"{int(self.plan[lever])}", "added", target.name, len(outcomes),
                         _years_met(self.layout, outcomes, i))
            )  # fmt: skip
        return bool(raised)


def likely(layout: Layout, outcomes: Sequence[Outcome], assurance: float, usable: np.ndarray) -> np.ndarray:
    """Return float[target]: standard normal score of "met in at least the assured share of years".

    `usable` bool[target]: those that are judged; the others score far above.
    """
    values = np.stack([outcome.values for outcome in outcomes])
    gap = np.where(np.isnan(values), 1.0, margins(layout.targets, values))
    hold = met(layout.targets, values)
    spread = gap.std(axis=0, ddof=1)
    needed = NormalDist().inv_cdf(min(max(assurance, 1e-3), 1 - 1e-3))
    score = gap.mean(axis=0) / np.maximum(spread, 1e-9) - needed
    score = np.where(hold.all(axis=0), np.maximum(score, 0.0), score)
    score = np.where(~hold.any(axis=0), np.minimum(score, -1e-6), score)
    return np.clip(np.where(usable, score, 99.0), -99.0, 99.0)


def _years_met(layout: Layout, outcomes: Sequence[Outcome], target: int | None) -> int:
    """Return in how many of a few years a target was met."""
    if target is None:
        return len(outcomes)
    return int(sum(met(layout.targets, outcome.values)[target] for outcome in outcomes))
