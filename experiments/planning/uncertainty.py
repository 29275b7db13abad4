"""What parameter uncertainty adds: the final plan in years that each have parameter values of their own.

every unit's share of years held, parameters as they are | uncertain → what goes with failing → the staff with
which a unit would be as sure

A year is one set of values (`parameter_sets.py`) with luck used nowhere else; years count in index order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from experiments.planning.layout import Layout
from experiments.planning.parameter_sets import Design, applicable, design
from experiments.planning.targets import margins, met
from experiments.planning.uncertain import TABLE, Parameter, read, undeclared
from experiments.planning.years import AreaSubject, Plan, Task, YearsOfPool, scenario_of
from experiments.scenario_checks import graphs
from pathways import files

FIRST_YEAR = 500_000_000  # replications from here on are used by nothing else
MOST_SETS = 40
BLOCK = 10  # years between two looks at the time
FACTORS = (1.10, 1.25, 1.50)
"""Capacities tried, over that of the plan, for units that are no longer sure enough."""

Say = Callable[[str], None]


@dataclass
class Raised:
    """The search for the staff with which one unit is as sure again."""

    levers: set[int] = field(default_factory=set)
    """Of the pools on which the targets hang that failed so far: more places ask for more staff"""
    fails_at: float = 1.0
    holds_at: float | None = None


@dataclass
class Uncertain:
    """Years of the plan under uncertain parameters."""

    design: Design
    """Of the sets that were simulated"""
    left_out: list[tuple[Parameter, str]]
    values: np.ndarray
    """float64[set, target] the year's numbers"""
    raised: dict[int, Raised] = field(default_factory=dict)
    """By unit"""
    plan: Plan = ()
    """With the numbers to which the raised units were brought last"""


def held(layout: Layout, usable: np.ndarray, hold: np.ndarray) -> np.ndarray:
    """Return bool[year, unit]: whether all targets a unit is sized by held, of bool[year, target]."""
    found = np.ones((len(hold), len(layout.units)), dtype=bool)
    for u, mine in enumerate(layout.targets_of_unit):
        sized_by = [t for t in mine if usable[t]]
        found[:, u] = hold[:, sized_by].all(axis=1)
    return found


def parameters_for(
    subject: AreaSubject, file: Path | str = TABLE
) -> tuple[list[Parameter], list[tuple[Parameter, str]]]:
    """Return the parameters of the table that fit what is sized, and those left out with the reason."""
    library = {name: files.library(name) for name in files.library_names()}
    return applicable(read(library, file), graphs(scenario_of(subject)))


def undeclared_of(subject: AreaSubject | object, file: Path | str = TABLE) -> list[str]:
    """Return the pathways of what is sized whose uncertainty the table does not declare (a stand-alone file: none)."""
    return undeclared(scenario_of(subject).pathways, file) if isinstance(subject, AreaSubject) else []


def try_parameters(
    years: YearsOfPool, plan: Plan, usable: np.ndarray, load: np.ndarray, assurance: float,
    stop: Callable[[], bool], say: Say, sets: int = MOST_SETS, factors: Sequence[float] = FACTORS,
    file: Path | str = TABLE,
) -> Uncertain | None:  # fmt: skip
    """Simulate the plan with uncertain parameters, then with more staff where it no longer holds often enough.

    None for a stand-alone file (the table is about the area's pathways), if none of it fits, or if the time is up.

    Parameters
    ----------
    usable : bool[target] those the plan was sized by
    load : float[lever] offered work: says which row of a roster is next to grow
    factors : capacities tried for units that fall short, over that of the plan
    """
    if not isinstance(years.subject, AreaSubject) or stop():
        return None
    fit, left_out = parameters_for(years.subject, file)
    if not fit:
        return None
    whole = design(fit, sets, scenario_of(years.subject).seed)
    values: list[np.ndarray] = []
    while len(values) < sets and (not values or not stop()):
        say(f"parameter uncertainty: {len(values)} of {sets} years")
        values += _years(years, plan, whole, range(len(values), min(len(values) + BLOCK, sets)))
    tried = Uncertain(Design(whole.parameters, whole.values[: len(values)]), left_out, np.stack(values), plan=plan)
    _raise(tried, years, plan, usable, load, assurance, stop, say, factors)
    return tried


def _years(years: YearsOfPool, plan: Plan, whole: Design, sets: Sequence[int]) -> list[np.ndarray]:
    tasks = [Task(years.subject, plan, FIRST_YEAR + i, values=whole.set(i)) for i in sets]
    return [outcome.values for outcome in years.judged(tasks)]


def _raise(
    tried: Uncertain, years: YearsOfPool, plan: Plan, usable: np.ndarray, load: np.ndarray, assurance: float,
    stop: Callable[[], bool], say: Say, factors: Sequence[float],
) -> None:  # fmt: skip
    """Bracket, in the same years, the capacity at which each unit holds in the assured share of years again.

    All units that fall short grow together; a capacity only counts once all its years are simulated.
    """
    layout = years.layout
    hold = met(layout.targets, tried.values)
    share = held(layout, usable, hold).mean(axis=0)
    short = {u: Raised() for u in map(int, np.flatnonzero(share < assurance)) if layout.levers_of_unit[u]}
    tried.raised = dict(short)
    for factor in factors:
        if not short or stop():
            return
        bigger = np.array(tried.plan)
        for u, one in short.items():
            one.levers |= failing_levers(layout, u, usable, hold, assurance)
            for pool in {layout.levers[i].pool for i in one.levers}:
                grow(bigger, plan, layout, layout.levers_of_pool[pool], load, factor)
        found: list[np.ndarray] = []
        while len(found) < len(tried.values):
            say(f"parameter uncertainty: {len(short)} units with {factor:g} × the staff")
            found += _years(
                years, tuple(map(int, bigger)), tried.design, range(len(found), len(tried.values))[:BLOCK]
            )  # fmt: skip
            if len(found) < len(tried.values) and stop():
                return
        tried.plan = tuple(map(int, bigger))
        hold = met(layout.targets, np.stack(found))
        share = held(layout, usable, hold).mean(axis=0)
        for u, one in short.items():
            if share[u] >= assurance:
                one.holds_at = factor
            else:
                one.fails_at = factor
        short = {u: one for u, one in short.items() if one.holds_at is None}


def failing_levers(layout: Layout, unit: int, usable: np.ndarray, hold: np.ndarray, assurance: float) -> set[int]:
    """Return the levers on which a unit's failing targets hang; if each alone holds enough, those of the worst."""
    shares = {t: float(hold[:, t].mean()) for t in layout.targets_of_unit[unit] if usable[t]}
    failing = [t for t, share in shares.items() if share < assurance] or [min(shares, key=lambda t: shares[t])]
    return {i for t in failing for pool in layout.targets[t].pools for i in layout.levers_of_pool[pool]}


def grow(
    bigger: np.ndarray, plan: Plan, layout: Layout, levers: Sequence[int], load: np.ndarray, factor: float
) -> None:
    """Add to the rows of a pool, the busiest first, until it has `factor` × the hours it has in the plan."""
    hours = np.array([layout.levers[i].hours_a_week or 1.0 for i in levers])
    enough = factor * float(np.array([plan[i] for i in levers]) @ hours)
    while float(np.array([bigger[i] for i in levers]) @ hours) < enough - 1e-9:
        busiest = max(levers, key=lambda i: (load[i] / max(int(bigger[i]), 1), -i))
        bigger[busiest] += 1


def worst_targets(layout: Layout, usable: np.ndarray, values: np.ndarray) -> list[int | None]:
    """Return, for each unit, the target it was sized by that held least often (then the nearest to its bound)."""
    hold, gap = met(layout.targets, values), margins(layout.targets, values)
    with np.errstate(invalid="ignore"):
        near = np.nan_to_num(np.nanmean(np.where(np.isnan(gap), 1.0, gap), axis=0), nan=1.0)
    return [
        min((t for t in mine if usable[t]), key=lambda t: (hold[:, t].mean(), near[t]), default=None)
        for mine in layout.targets_of_unit
    ]
