"""The programme's problem for a service in an area, from its layout, its tasks and the rules of who may do what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from experiments.skillmix.asked import Asked
from experiments.skillmix.pools import pools_of
from experiments.skillmix.problem import WEEKS, Problem
from experiments.skillmix.programme import posts_of, registered_share
from experiments.skillmix.rules import Rules, refuse_unregistered
from experiments.skillmix.ways import roles_of, together, ways_of


@dataclass(frozen=True)
class Present:
    """The staff there are and what they cost."""

    numbers: tuple[tuple[int, ...], ...]
    posts: Mapping[str, float]
    supervision: Mapping[str, float]
    pounds: float
    registered_share: float


def problem_of(
    asked: Asked, rules: Rules, *, wait_factor: float = 1.0, floor: float | None = None,
    margin: Mapping[str, float] | None = None, substitution: bool = True, own_time: frozenset[str] = frozenset(),
) -> Problem:  # fmt: skip
    """Return the problem.

    Parameters
    ----------
    wait_factor : the time that standards allow, over what they say
    floor : least registered share; None: the table's
    margin : factor on the load of a pool, by its name, where a simulation said that the formula's is too little
    substitution : False: every task as the pathway has it, by the roles of the pathway
    own_time : roles for which `wait_factor` does not count
    """
    refuse_unregistered(rules, {name: roles_of(task) for name, task in asked.tasks.items()})
    ways = ways_of(asked.tasks, rules, substitution)
    pools = pools_of(asked, rules, ways, wait_factor, margin or {}, own_time)
    problem = Problem(
        people={name: task.people for name, task in asked.tasks.items()}, ways=ways, pools=pools,
        pounds=rules.pounds, hours_of_post=rules.hours_of_post, registered=rules.registered,
        most_standing_in={
            (one.task, one.role): one.at_most * asked.reach[one.task, one.task]
            for one in rules.substitutions if one.task in asked.tasks
        },
        most_together=together(asked, rules),
        all_or_none=frozenset(name for name, task in asked.tasks.items() if task.state.group is not None),
        most_moved={
            (one.task, one.to): one.at_most * asked.reach[one.task, one.to]
            for one in rules.shifts if {one.task, one.to} <= set(asked.tasks)
        },
        follow=asked.follow, floor=rules.floors.get(asked.service, 0.0) if floor is None else floor,
        margin=margin or {}, moved_pounds=rules.values["moved_pounds"], gap=rules.values["gap"],
    )  # fmt: skip
    there = present_of(problem).posts
    places, people = asked.whole
    around = there
    if set(places) != set(asked.places):  # a system asks alone: whoever can be had in the area can be had by it
        others = pools_of(replace(asked, places=places), rules, ways_of(asked.tasks, rules, False), 1.0, {})
        around = present_of(replace(problem, pools=others)).posts
    supply = {
        role: there.get(role, 0.0) + more * around.get(role, 0.0) + per_million * people / 1e6
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
