"""Pools of staff as the programme knows them: rows, hours of the week, and what so many people carry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from abm.units import PLACES_ROLE
from experiments.planning.targets import WITHIN
from experiments.skillmix import workload
from experiments.skillmix.asked import Asked
from experiments.skillmix.problem import WEEKS, Pool, Post, Row, Way
from experiments.skillmix.queueing import Standard, carried_by_clinicians, carried_on_shift
from experiments.skillmix.rules import Rules
from pathways.durations import WEEK

ROOM = 1.3
"""People who may come to a task beyond those who do now, as a factor: others go on to it from where they were moved"""


def pools_of(
    asked: Asked, rules: Rules, ways: Sequence[Way], wait_factor: float, margin: Mapping[str, float],
    own_time: frozenset[str] = frozenset(),
) -> tuple[Pool, ...]:  # fmt: skip
    """Return the pools of a service at its places: the pathway's roles, then those that stand in.

    `wait_factor` is on what standards allow, but for the roles of `own_time`.
    """
    return tuple(
        _pool(asked, rules, ways, u, role, like, 1.0 if role in own_time else wait_factor, margin)
        for u, role, like in _pools(asked, ways)
    )


def _pools(asked: Asked, ways: Sequence[Way]) -> list[tuple[int, str, str]]:
    """Return (unit, role, the role whose rows and hours it shares): the pathway's roles, then those that stand in."""
    found: dict[tuple[int, str], str] = {}
    standing_in = {(way.task, way.role): way for way in ways if way.role}
    for u, unit in enumerate(asked.layout.units):
        if unit.place not in asked.places or not unit.team.startswith(f"{asked.service}/"):
            continue
        for p in asked.layout.pools_of_unit[u]:
            role = asked.layout.network.units.pool_names[p][1]
            if role != PLACES_ROLE:
                found[u, role] = role
        for (name, role), way in standing_in.items():
            if (unit.team, role) in way.work and (u, role) not in found:
                found[u, role] = next(post[1] for post in asked.tasks[name].work if post[0] == unit.team)
    return [(u, role, like) for (u, role), like in found.items()]


def _pool(
    asked: Asked,
    rules: Rules,
    ways: Sequence[Way],
    u: int,
    role: str,
    like: str,
    wait_factor: float,
    margin: Mapping[str, float],
) -> Pool:
    layout, unit = asked.layout, asked.layout.units[u]
    names = layout.network.units.pool_names
    p = next(p for p in layout.pools_of_unit[u] if names[p][1] == like)
    levers = layout.levers_of_pool[p]
    mine = role == like
    kind = layout.levers[levers[0]].kind
    busy = asked.by_hour[p].sum() > 0
    rows = tuple(
        Row(
            layout.levers[i].hours, layout.levers[i].hours_a_week,
            (max(layout.levers[i].baseline if not busy else 0, layout.floor(i))) if mine else 0,
            layout.levers[i].baseline if mine else 0,
        ) for i in levers
    )  # fmt: skip
    post = (unit.team, role)
    pool = Pool(
        unit.place, unit.team, role, kind, rows, shared=unit.scope == "area",
        clinic_hours=layout.levers[levers[0]].hours_a_week if kind == "clinicians" else 0.0,
        caseload=float(unit.spec.caseload.get(like, float("inf"))),
        blocks=workload.blocks_of(layout, levers, asked.by_hour[p]) if kind == "staff" else (),
    )  # fmt: skip
    hours, courses = _most_work(asked, ways, pool, post)
    if hours <= 0:
        return pool
    room = ROOM * max(1.0, margin.get(pool.name, 1.0))
    standards, most = _standards(asked, p, post, ways, rules, wait_factor)
    if not mine and kind == "staff" and _others_may_do_it(asked, ways, post):
        standards, most = [], rules.values["stand_in_utilisation_most"]
    if kind == "staff":
        up_to = hours * max(block.load_an_hour for block in pool.blocks)
        seconds = _mean_seconds(asked, ways, post)
        return replace(pool, carried=carried_on_shift(up_to * room, seconds, standards, most))
    each = min(pool.caseload, pool.clinic_hours * courses / hours)
    up_to = max(hours / pool.clinic_hours, courses / pool.caseload)
    length = max(way.work[post].courses for way in ways if post in way.work) * WEEKS * WEEK
    return replace(pool, carried=carried_by_clinicians(up_to * room, each, length, standards, most))


def _others_may_do_it(asked: Asked, ways: Sequence[Way], post: Post) -> bool:
    """Whether who finds nobody of a role that stands in free is seen by the role of the pathway (`applied.py`)."""
    return not any(asked.tasks[way.task].visits for way in ways if post in way.work)


def _most_work(asked: Asked, ways: Sequence[Way], pool: Pool, post: Post) -> tuple[float, float]:
    """Return (hours a week, courses) of a pool if everybody had the way that takes most of it."""
    most: dict[str, tuple[float, float]] = {}
    for way in ways:
        if post in way.work:
            places = asked.tasks[way.need].people
            people = sum(n for place, n in places.items() if pool.shared or place == pool.place)
            mine = way.work[post]
            most[way.need] = max(most.get(way.need, (0.0, 0.0)), (people * mine.hours / WEEKS, people * mine.courses))
    return sum(hours for hours, _ in most.values()), sum(courses for _, courses in most.values())


def _mean_seconds(asked: Asked, ways: Sequence[Way], post: Post) -> float:
    """Return the mean length of a contact of a post, each task by its people."""
    tasks = {way.task: asked.tasks[way.task] for way in ways if post in way.work}
    weights = {name: sum(task.people.values()) for name, task in tasks.items()}
    total = max(sum(weights.values()), 1e-9)
    return sum(tasks[name].mean_seconds * n for name, n in weights.items()) / total


def _standards(
    asked: Asked, p: int, post: Post, ways: Sequence[Way], rules: Rules, wait_factor: float
) -> tuple[list[Standard], float]:
    """Return what a pool is held to: times, and the largest share of its time it may be busy."""
    layout = asked.layout
    most = rules.values["utilisation_most"]
    urgencies: dict[int, float] = {}
    for way in ways:
        if post in way.work:
            task = asked.tasks[way.task]
            hours = way.work[post].hours * sum(asked.tasks[way.need].people.values())
            urgencies[task.urgency] = max(urgencies.get(task.urgency, 0.0), hours)
    found = []
    for target in layout.targets:
        if p not in target.pools or not target.sizes:
            continue
        if target.measure == "utilisation":
            most = min(most, target.bound)
        if target.measure == WITHIN and target.within is not None:
            urgency = asked.tasks[target.name].urgency if target.name in asked.tasks else min(urgencies)
            ahead = sum(hours for level, hours in urgencies.items() if level <= urgency)
            first = ahead / max(sum(urgencies.values()), 1e-9) or 1.0
            found.append(Standard(target.within * wait_factor, target.bound, first))
    return found, most
