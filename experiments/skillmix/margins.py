"""Margins of capacity: the formula's, lowered where a simulation shows that less holds, raised where it fails.

A margin is a factor on the load of a pool. One that lies under 1 says that the formula is too strict for this pool:
assessors who come together, tasks that can wait for the next shift.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from experiments.planning.targets import Target
from experiments.skillmix.check import Judged
from experiments.skillmix.problem import WEEKS, Pool, Problem

NEXT = 1e-4
"""Beyond the factor that so many people still carry, so that the next is needed"""


def spare(problem: Problem, flows: Sequence[float], numbers: Sequence[Sequence[int]]) -> dict[str, float]:
    """Return, by pool, the factor on its load that so many people would carry by the formula; inf without load."""
    found = {}
    for pool, people in zip(problem.pools, numbers, strict=True):
        hours = courses = 0.0
        for way, n in zip(problem.ways, flows, strict=True):
            work = way.work.get((pool.team, pool.role))
            if work is not None:
                places = problem.people[way.need]
                here = sum(one for place, one in places.items() if pool.shared or place == pool.place)
                here *= n / max(sum(places.values()), 1e-9)
                hours, courses = hours + here * work.hours / WEEKS, courses + here * work.courses
        found[pool.name] = min(_factors(pool, people, hours, courses), default=float("inf"))
    return found


def _factors(pool: Pool, people: Sequence[int], hours: float, courses: float) -> Iterable[float]:
    if hours <= 0:
        return
    top = len(pool.carried) - 1
    if pool.kind == "clinicians":
        carried = pool.carried[min(people[0], top)]
        yield min(carried * pool.clinic_hours / hours, carried * pool.caseload / max(courses, 1e-9))
        return
    for block in pool.blocks:
        carried = pool.carried[min(sum(people[i] for i in block.rows), top)]
        if block.load_an_hour > 0:
            yield carried / (hours * block.load_an_hour)


def where_it_holds(
    problem: Problem, present: Sequence[Sequence[int]], judged: Judged, assurance: float
) -> dict[str, float]:
    """Return margins under 1 of pools that keep their standards today with fewer people than the formula asks for."""
    today = [sum(problem.people[way.need].values()) if way.as_now else 0.0 for way in problem.ways]
    failing = _names(judged, judged.failing(assurance))
    return {
        name: max(factor - NEXT, NEXT)
        for name, factor in spare(problem, today, present).items() if factor < 1 and name not in failing
    }  # fmt: skip


def raised(
    problem: Problem, margin: Mapping[str, float], flows: Sequence[float], numbers: Sequence[Sequence[int]],
    judged: Judged, assurance: float, least: float,
) -> dict[str, float]:  # fmt: skip
    """Return margins raised for pools whose targets failed: to where the next person is needed, and by `least`."""
    found = dict(margin)
    room = spare(problem, flows, numbers)
    for name in sorted(_names(judged, judged.failing(assurance))):
        if name in room and room[name] < float("inf"):
            found[name] = max(margin.get(name, 1.0) + least, room[name] + NEXT)
    return found


def _names(judged: Judged, targets: Iterable[Target]) -> set[str]:
    """Return the names of the staffed pools that targets belong to, and of all that share the work of their unit."""
    names = judged.layout.network.units.pool_names
    return {
        f"{unit}: {role}"
        for target in targets for p in target.pools for unit, role, kind in [names[p]] if kind != "places"
    }  # fmt: skip
