"""The programme's problem for a service in an area, from its layout, its tasks and the rules of who may do what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from abm.units import PLACES_ROLE
from experiments.planning.layout import Layout
from experiments.planning.targets import WITHIN
from experiments.planning.years import Work as YearWork
from experiments.skillmix import workload
from experiments.skillmix.problem import WEEKS, Pool, Post, Problem, Row, Way, Work
from experiments.skillmix.programme import posts_of, registered_share
from experiments.skillmix.queueing import Standard, carried_by_clinicians, carried_on_shift
from experiments.skillmix.rules import Rules, Shift, Substitution, refuse_unregistered
from experiments.skillmix.workload import Task
from pathways.durations import WEEK

ROOM = 1.3
"""People who may come to a task beyond those who do now, as a factor: others go on to it from where they were moved"""


@dataclass(frozen=True)
class Asked:
    """A service at its places, and what is known of its year."""

    layout: Layout
    service: str
    places: tuple[str, ...]
    """Places of units that are in it"""
    people: float
    """Residents it serves"""
    tasks: Mapping[str, Task]
    follow: Mapping[tuple[str, str], float]
    reach: Mapping[tuple[str, str], float]
    """(task, other or the same) -> share of its people whom a change of routes reaches"""
    by_hour: np.ndarray
    """float[pool, 168] busy staff when nobody waits for them"""


@dataclass(frozen=True)
class Present:
    """The staff there are and what they cost."""

    numbers: tuple[tuple[int, ...], ...]
    posts: Mapping[str, float]
    supervision: Mapping[str, float]
    pounds: float
    registered_share: float


def asked_of(
    layout: Layout,
    service: str,
    places: Sequence[str],
    people: float,
    works: Sequence[YearWork],
    days: int,
    rules: Rules,
) -> Asked:
    """Return what is known of a service's year, at some of its places."""
    tasks = workload.tasks_of(layout, service, works, days)
    pairs = {(one.task, one.to) for one in rules.shifts} | {(one.task, one.task) for one in rules.substitutions}
    return Asked(
        layout, service, tuple(places), people,
        {
            name: replace(task, people={place: n for place, n in task.people.items() if place in places} or task.people)
            for name, task in tasks.items()
        },
        workload.follow_of(layout, tasks, works), workload.reach_of(layout, tasks, works, pairs),
        np.mean([work.busy_by_hour for work in works], axis=0),
    )  # fmt: skip


def problem_of(
    asked: Asked, rules: Rules, *, wait_factor: float = 1.0, floor: float | None = None,
    margin: Mapping[str, float] | None = None, substitution: bool = True,
) -> Problem:  # fmt: skip
    """Return the problem.

    Parameters
    ----------
    wait_factor : the time that standards allow, over what they say
    floor : least registered share; None: the table's
    margin : factor on the load of a pool, by its name, where a simulation said that the formula's is too little
    substitution : False: every task as the pathway has it, by the roles of the pathway
    """
    refuse_unregistered(rules, {name: _roles(task) for name, task in asked.tasks.items()})
    ways = ways_of(asked.tasks, rules, substitution)
    pools = tuple(_pool(asked, rules, ways, *one, wait_factor, (margin or {})) for one in _pools(asked, ways))
    problem = Problem(
        people={name: task.people for name, task in asked.tasks.items()}, ways=ways, pools=pools,
        pounds=rules.pounds, hours_of_post=rules.hours_of_post, registered=rules.registered,
        most_standing_in={
            (one.task, one.role): one.at_most * asked.reach[one.task, one.task]
            for one in rules.substitutions if one.task in asked.tasks
        },
        most_together=_together(asked, rules),
        all_or_none=frozenset(name for name, task in asked.tasks.items() if task.state.group is not None),
        most_moved={
            (one.task, one.to): one.at_most * asked.reach[one.task, one.to]
            for one in rules.shifts if {one.task, one.to} <= set(asked.tasks)
        },
        follow=asked.follow, floor=rules.floors.get(asked.service, 0.0) if floor is None else floor,
        margin=margin or {}, moved_pounds=rules.values["moved_pounds"], gap=rules.values["gap"],
    )  # fmt: skip
    there = present_of(problem).posts
    supply = {
        role: there.get(role, 0.0) * (1 + more) + per_million * asked.people / 1e6
        for role, (more, per_million) in rules.supply.items()
    }
    return replace(problem, supply=supply)


def present_of(problem: Problem) -> Present:
    """Return the staff of the files, everybody having what they have now."""
    numbers = tuple(tuple(row.baseline for row in pool.rows) for pool in problem.pools)
    supervision: dict[str, float] = {}
    for way in problem.ways:
        for role, hours in way.supervision.items():
            if way.as_now:
                a_week = hours * sum(problem.people[way.need].values()) / WEEKS
                supervision[role] = supervision.get(role, 0.0) + a_week / problem.hours_of_post[role]
    posts = posts_of(problem, numbers, supervision)
    pounds = sum(problem.pounds[role] * n for role, n in posts.items())
    return Present(numbers, posts, supervision, pounds, registered_share(problem, posts))


def ways_of(tasks: Mapping[str, Task], rules: Rules, substitution: bool = True) -> tuple[Way, ...]:
    """Return every way to do every task; what is done now comes first."""
    found = [_way(task, task, None, None, rules) for task in tasks.values()]
    if not substitution:
        return tuple(found)
    moves: list[tuple[str, str, Shift | None]] = [(name, name, None) for name in tasks]
    moves += [(one.task, one.to, one) for one in rules.shifts if {one.task, one.to} <= set(tasks)]
    for need, name, shift in moves:
        others = [one for one in rules.substitutions if one.task == name]
        for one in (None, *others):
            if one is not None or need != name:
                found.append(_way(tasks[need], tasks[name], one, shift, rules))
    return tuple(found)


def _way(need: Task, task: Task, other: Substitution | None, shift: Shift | None, rules: Rules) -> Way:
    work = dict(task.work)
    own: dict[Post, tuple[str, float]] = {}
    if shift is not None and shift.minutes_per_hour is not None:
        own = dict.fromkeys(work, (shift.supervisor, shift.minutes_per_hour))
    if other is not None:
        post = _post(task, other)
        n, whole = _roles(task)[other.instead_of], work.pop(post)
        if n > 1:
            work[post] = Work(whole.hours * (n - 1) / n, whole.courses)
        there = work.get((post[0], other.role), Work(0.0))
        work[post[0], other.role] = Work(there.hours + whole.hours / n, max(there.courses, whole.courses))
        own[post[0], other.role] = (other.supervisor, other.minutes_per_hour)
    supervision: dict[str, float] = {}
    for post, mine in work.items():
        supervisor, minutes = own.get(post) or rules.supervision.get(post[1], ("", 0.0))
        if supervisor and minutes:
            supervision[supervisor] = supervision.get(supervisor, 0.0) + mine.hours * minutes / 60
    roles = (other.role, other.instead_of) if other else ("", "")
    return Way(need.name, task.name, *roles, work, supervision)


def _together(asked: Asked, rules: Rules) -> dict[str, tuple[frozenset[str], float]]:
    """The part of a task that needs no registration is one part, whichever roles share it: the largest of theirs."""
    found: dict[str, tuple[frozenset[str], float]] = {}
    for one in rules.substitutions:
        if one.task in asked.tasks and not rules.registered[one.role]:
            roles, most = found.get(one.task, (frozenset(), 0.0))
            found[one.task] = roles | {one.role}, max(most, one.at_most * asked.reach[one.task, one.task])
    return {task: both for task, both in found.items() if len(both[0]) > 1}


def _roles(task: Task) -> dict[str, int]:
    """Return {role: number} of a task as its pathway declares it, all teams together."""
    if task.visits:
        assert task.state.contacts is not None
        return dict(task.state.contacts.roles)
    found: dict[str, int] = {}
    for roles in next(iter(task.state.alternatives()), {}).values():
        for role, number in roles.items():
            found[role] = found.get(role, 0) + number
    return found


def _post(task: Task, other: Substitution) -> Post:
    from pathways.errors import InputError, nearest

    for post in task.work:
        if post[1] == other.instead_of:
            return post
    roles = [role for _, role in task.work]
    raise InputError(
        key=f"{other.task}.instead_of", value=other.instead_of, expected=f"a role of the task: {', '.join(roles)}",
        suggestion=nearest(other.instead_of, roles),
    )  # fmt: skip


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
