"""The risk analysis of an area: simulated points, surrogates, joint sets, and everything that is read off them.

inputs → simulated points (until the time is up) → surrogates → thousands of joint sets → curves, tornado,
indices, the top questions, the register's scores, mitigations
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from experiments.console import Progress
from experiments.risk import exceedance, mitigations, questions, register
from experiments.risk.gap import GAPS, MEASURES, OUTCOMES, START, Gap, Key, places_of
from experiments.risk.inputs import Inputs
from experiments.risk.mitigations import Mitigation, Paired
from experiments.risk.simulated import Answer, Design, Kept, Point, Pool, asked, run
from experiments.risk.surrogate import Surrogate, fitted, refitted
from experiments.risk.value import Decision

SETS = 8192
REFITS = 20
"""Surrogates fitted to draws of the simulated points with replacement: how sure the surrogates are"""
REFIT_PURPOSE = 0x72656669
LEAST = 16
"""Points a part is simulated at whatever the time"""
LEAST_PAIRED = 4
TIMES = {"staff": 4, "demand": 1}
"""Points asked for, times `points`: a simulation of staff takes a tenth of the time of one of demand"""
PAIRED_POINTS = {"staff": 24, "demand": 8}
"""At most so many points a mitigation"""
ENDS = {"staff": 0.15, "demand": 0.65, "mitigations: staff": 0.85, "mitigations: demand": 1.0}
"""Share of the budget at which each is ended, in the order they are run"""


@dataclass(frozen=True)
class Parts:
    """What is analysed: the simulations, what can be moved in them, and prices."""

    present: Mapping[str, Mapping[str, float]]
    """By part (demand, staff, arithmetic) and driver: its present value"""
    simulate: Callable[[Point], Answer]
    residents: Mapping[str, float]
    """By place"""
    decision: Decision
    shares: Mapping[str, float] = field(default_factory=dict)
    """Drivers of demand in place by a share, and that share for an amount of 1"""


@dataclass(frozen=True)
class Wanted:
    """What is asked for."""

    area: str
    place: str
    """Whose figures lead: the area, or one of its systems"""
    year: str
    seed: int
    points: int
    """Simulated points of demand at most; of staff `TIMES` as many"""
    budget_seconds: float


def analyse(
    wanted: Wanted, inputs: Inputs, parts: Parts, risks: Sequence[register.Risk], bands: register.Bands,
    options: Sequence[Mitigation], pool: Pool, kept: Kept, progress: Progress | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Return the tables of a risk analysis: the document without its names and notes."""
    start = time.monotonic()
    designs = simulated(wanted, inputs, parts, pool, kept, start, progress)
    paired = pairs(wanted, parts, designs, options, pool, kept, start, progress)
    if progress is not None:
        progress(0, None, "joint sets")
    gap = Gap(inputs, surrogates(designs), base(designs), parts.present["arithmetic"], parts.shares)
    others = [gap.with_surrogates(one) for one in again(gap, designs, wanted.seed)]
    scores = gap.joint.scores(SETS, wanted.seed)
    document = figures(wanted, gap, others, designs, scores)
    document |= driven(wanted, gap, others, parts, document)
    document["register"] = scored(wanted, gap, risks, bands)
    document["mitigations"] = mitigations.ranked(
        gap, designs, paired, wanted.place, scores, parts.residents[wanted.place]
    )  # fmt: skip
    return document


def simulated(
    wanted: Wanted, inputs: Inputs, parts: Parts, pool: Pool, kept: Kept, start: float, progress: Progress | None
) -> dict[str, Design]:  # fmt: skip
    """Return each part's design: as many points as its share of the budget allows, at least `LEAST`."""
    found = {}
    for part in ("staff", "demand"):
        points = asked(
            inputs, part, wanted.area, wanted.year, parts.present[part], parts.shares,
            wanted.points * TIMES[part], wanted.seed,
        )  # fmt: skip
        until = start + ENDS[part] * wanted.budget_seconds

        def these(
            some: Sequence[Point], least: int, doing: str, until: float = until, part: str = part
        ) -> list[Answer]:
            return run(some, parts.simulate, pool, kept, until, least, progress, f"{part}: {doing}")

        baseline = these(points.baseline, 2, "the baseline year")
        luck = these(points.luck, 2, "the luck of a year")
        answers = these(points.design, LEAST, "simulated points")
        n = len(answers)
        found[part] = Design(
            points.coordinates[:n], tuple(answers), tuple(luck), points.design[:n], tuple(baseline)
        )  # fmt: skip
    return found


def base(designs: Mapping[str, Design]) -> dict[Key, float]:
    """Return what the baseline year has, by measure and place: means over its simulations."""
    demand, staff = designs["demand"].baseline, designs["staff"].luck
    found = {key: float(np.mean([one[key] for one in demand])) for key in demand[0]}
    return found | {key: float(np.mean([one[key] for one in staff])) for key in staff[0] if key[0] in START}


def pairs(
    wanted: Wanted, parts: Parts, designs: Mapping[str, Design], options: Sequence[Mitigation], pool: Pool, kept: Kept,
    start: float, progress: Progress | None,
) -> list[Paired]:  # fmt: skip
    """Return every mitigation's answers: in each round of points all of them, so that none is left behind."""
    answers: dict[tuple[str, str], list[Answer]] = {}
    for part in ("staff", "demand"):
        doing = f"mitigations: {part}"
        until = start + ENDS[doing] * wanted.budget_seconds
        mine = [one for one in options if part in one.changes]
        points = designs[part].points[: PAIRED_POINTS[part]]
        tasks = [mitigations.changed(one, point, parts.shares) for point in points for one in mine]
        found = run(
            tasks, parts.simulate, pool, kept, until, LEAST_PAIRED * len(mine), progress, doing
        )  # fmt: skip
        rounds = len(found) // len(mine) if mine else 0
        for k, one in enumerate(mine):
            answers[one.name, part] = [found[i * len(mine) + k] for i in range(rounds)]
    return [Paired(one, {part: answers[one.name, part] for part in one.changes}) for one in options]


def surrogates(designs: Mapping[str, Design]) -> dict[Key, Surrogate]:
    """Return a surrogate of every measure and place."""
    found = {}
    for part, measures in MEASURES.items():
        design = designs[part]
        for key in design.answers[0]:
            if key[0] in measures:
                found[key] = fitted(design.coordinates, design.numbers(key))
    return found


def again(gap: Gap, designs: Mapping[str, Design], seed: int, n: int = REFITS) -> list[dict[Key, Surrogate]]:
    """Return the surrogates fitted to other draws of the points, the same draw for all measures of a part."""
    part_of = {measure: part for part, measures in MEASURES.items() for measure in measures}
    found = []
    for i in range(n):
        refits = {}
        for key, one in gap.surrogates.items():
            design = designs[part_of[key[0]]]
            rng = np.random.default_rng(np.random.SeedSequence([seed, REFIT_PURPOSE, i]))
            refits[key] = refitted(one, design.coordinates, design.numbers(key), rng)
        found.append(refits)
    return found


def figures(
    wanted: Wanted, gap: Gap, others: Sequence[Gap], designs: Mapping[str, Design], scores: np.ndarray
) -> dict[str, Any]:  # fmt: skip
    """Return percentiles and curves of every place, and how good the surrogates are."""
    levels, curves = [], []
    for place in places_of(list(gap.surrogates)):
        for outcome in OUTCOMES:
            y = gap.measured(outcome, place, scores)
            refits = [other.measured(outcome, place, scores) for other in others]
            at = {"outcome": outcome, "place": place}
            levels += [{**at, **row} for row in exceedance.percentiles(y, refits)]
            mean = {"level": "mean", "probability": None, "value": float(y.mean()), "low": None, "high": None}
            levels.append({**at, **mean, "spread": float(y.std())})
            if place == wanted.place:
                curves += [{**at, **row} for row in exceedance.curve(y)]
    return {
        "percentiles": levels, "curves": curves, "surrogates": quality(gap, designs, wanted.place),
        "points": {part: len(design.answers) for part, design in designs.items()}, "sets": len(scores),
    }  # fmt: skip


def quality(gap: Gap, designs: Mapping[str, Design], place: str) -> list[dict[str, Any]]:
    """Return one row a surrogate of the place: its error at left-out points, split into luck and what it misses."""
    rows = []
    for part, measures in MEASURES.items():
        for measure in measures:
            one, design = gap.surrogates[measure, place], designs[part]
            luck = design.luck_sd((measure, place))
            rows.append(
                {"part": part, "measure": measure, "points": len(design.answers), "terms": len(one.terms),
                 "of_logarithm": one.logarithm, "mean": float(design.numbers((measure, place)).mean()),
                 "spread": float(design.numbers((measure, place)).std()), "q2": one.q2, "error": one.error,
                 "luck": luck, "own_error": float(np.sqrt(max(one.error**2 - luck**2, 0.0)))}
            )  # fmt: skip
    return rows


def driven(
    wanted: Wanted, gap: Gap, others: Sequence[Gap], parts: Parts, found: Mapping[str, Any]
) -> dict[str, Any]:  # fmt: skip
    """Return what drives the gap of the place: indices, tornado, the value of knowing, the top questions."""
    place, seed = wanted.place, wanted.seed
    sensitivity = questions.indices(gap, others, place, seed)
    values = questions.worth(gap, place, seed, parts.decision)
    tornado = questions.swings(gap, place)
    top, together = questions.top(gap, place, seed, parts.decision, sensitivity, values)
    return {
        "sensitivity": sensitivity, "value_of_knowing": values, "tornado": tornado, "questions": top,
        "questions_together": together, "agreement": questions.rankings(gap, sensitivity, values, tornado),
        "decision": {"too_few_pounds": parts.decision.too_few, "too_many_pounds": parts.decision.too_many},
    }  # fmt: skip


def scored(
    wanted: Wanted, gap: Gap, risks: Sequence[register.Risk], bands: register.Bands
) -> list[dict[str, Any]]:  # fmt: skip
    """Return the register's rows with their scores, highest product first: the model's where a driver is modelled."""
    names = gap.joint.names
    own = gap.joint.scores(SETS, wanted.seed)
    middle = np.zeros((1, len(names)))
    needed = float(gap.measured("needed_posts", wanted.place, middle)[0])
    a_post = gap.base["start_pounds", wanted.place] / gap.base["start_posts", wanted.place]
    rows = []
    for one in risks:
        row: dict[str, Any] = {
            **vars(one), "scored_by": "judgement", "by": "", "probability": None, "effect_posts": None,
            "effect_pounds": None,
        }  # fmt: skip
        if one.driver != register.NOT_MODELLED:
            alone = np.zeros_like(own)
            k = names.index(one.driver)
            alone[:, k] = own[:, k]
            posts, pounds = (
                gap.measured(outcome, wanted.place, alone) - gap.measured(outcome, wanted.place, middle)
                for outcome in GAPS
            )
            row |= {"scored_by": "model"} | register.worse(
                register.modelled(posts, needed, bands), register.modelled(pounds, needed * a_post, bands)
            )
        row["rating"] = register.rating(row["likelihood"], row["impact"])
        rows.append(row)
    return sorted(rows, key=lambda row: -row["likelihood"] * row["impact"])
