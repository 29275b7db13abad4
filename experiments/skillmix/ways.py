"""Every way to do every task: as now, by another role, as another treatment."""

from __future__ import annotations

from collections.abc import Mapping

from experiments.skillmix.asked import Asked
from experiments.skillmix.problem import Post, Way, Work
from experiments.skillmix.rules import Rules, Shift, Substitution
from experiments.skillmix.workload import Task
from pathways.errors import InputError, nearest


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
        n, whole = roles_of(task)[other.instead_of], work.pop(post)
        if n > 1:
            work[post] = Work(whole.hours * (n - 1) / n, whole.courses * (n - 1) / n)
        there = work.get((post[0], other.role), Work(0.0))
        work[post[0], other.role] = Work(there.hours + whole.hours / n, there.courses + whole.courses / n)
        own[post[0], other.role] = (other.supervisor, other.minutes_per_hour)
    supervision: dict[str, float] = {}
    for post, mine in work.items():
        supervisor, minutes = own.get(post) or rules.supervision.get(post[1], ("", 0.0))
        if supervisor and minutes:
            supervision[supervisor] = supervision.get(supervisor, 0.0) + mine.hours * minutes / 60
    roles = (other.role, other.instead_of) if other else ("", "")
    return Way(need.name, task.name, *roles, work, supervision)


def together(asked: Asked, rules: Rules) -> dict[str, tuple[frozenset[str], float]]:
    """The part of a task that needs no registration is one part, whichever roles share it: the largest of theirs."""
    found: dict[str, tuple[frozenset[str], float]] = {}
    for one in rules.substitutions:
        if one.task in asked.tasks and not rules.registered[one.role]:
            roles, most = found.get(one.task, (frozenset(), 0.0))
            found[one.task] = roles | {one.role}, max(most, one.at_most * asked.reach[one.task, one.task])
    return {task: both for task, both in found.items() if len(both[0]) > 1}


def roles_of(task: Task) -> dict[str, int]:
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
    for post in task.work:
        if post[1] == other.instead_of:
            return post
    roles = [role for _, role in task.work]
    raise InputError(
        key=f"{other.task}.instead_of", value=other.instead_of, expected=f"a role of the task: {', '.join(roles)}",
        suggestion=nearest(other.instead_of, roles),
    )  # fmt: skip
