"""A service at its places, and what is known of its year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from experiments.planning.layout import Layout
from experiments.planning.years import Work as YearWork
from experiments.skillmix import workload
from experiments.skillmix.rules import Rules
from experiments.skillmix.workload import Task


@dataclass(frozen=True)
class Asked:
    """A service at its places, and what is known of its year."""

    layout: Layout
    service: str
    places: tuple[str, ...]
    """Places of units that are in it"""
    whole: tuple[tuple[str, ...], float]
    """Places and residents of the area it is part of: where its staff can be had"""
    tasks: Mapping[str, Task]
    follow: Mapping[tuple[str, str], float]
    reach: Mapping[tuple[str, str], float]
    """(task, other or the same) -> share of its people whom a change of routes reaches"""
    by_hour: np.ndarray
    """float[pool, 168] busy staff when nobody waits for them"""


def asked_of(
    layout: Layout,
    service: str,
    places: Sequence[str],
    whole: tuple[Sequence[str], float],
    works: Sequence[YearWork],
    days: int,
    rules: Rules,
) -> Asked:
    """Return what is known of a service's year, at some of its places."""
    tasks = workload.tasks_of(layout, service, works, days)
    pairs = {(one.task, one.to) for one in rules.shifts} | {(one.task, one.task) for one in rules.substitutions}
    return Asked(
        layout, service, tuple(places), (tuple(whole[0]), whole[1]),
        {
            name: replace(task, people={place: n for place, n in task.people.items() if place in places} or task.people)
            for name, task in tasks.items()
        },
        workload.follow_of(layout, tasks, works), workload.reach_of(layout, tasks, works, pairs),
        np.mean([work.busy_by_hour for work in works], axis=0),
    )  # fmt: skip
