"""The mixed-integer programme: the cheapest whole numbers of staff that carry the work of every task (SciPy, HiGHS).

Variables: people a year by way (shares of the whole area, the same at every place), whole people by row of a roster,
posts of supervision by role, and steps that say how many people stand behind each load: what k people carry grows
faster than k, so that a line would promise too much to small teams.

Where nothing is feasible the programme is solved once more with room in what limits it, as little as possible, and
what needed room is named.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from experiments.skillmix.problem import FLOOR, SUPPLY, WEEKS, Pool, Problem, Refused, Solution, Way

INFEASIBLE = 2
MOST_NODES = 500
"""Of the search tree: the same answer on a busy machine as on an idle one, where a limit of time gave another"""


@dataclass
class _Model:
    """Variables, costs and rows of the programme while it is written down."""

    cost: list[float] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    whole: list[int] = field(default_factory=list)
    rows: list[tuple[Mapping[int, float], float, float]] = field(default_factory=list)
    limits: list[tuple[str, int]] = field(default_factory=list)
    """(what limits, row) of the rows that may be given room"""

    def variable(self, cost: float = 0.0, low: float = 0.0, high: float = np.inf, whole: bool = False) -> int:
        """Add a variable and return its index."""
        self.cost.append(cost)
        self.low.append(low)
        self.high.append(high)
        self.whole.append(int(whole))
        return len(self.cost) - 1

    def row(self, terms: Iterable[tuple[int, float]], low: float = -np.inf, high: float = np.inf) -> int:
        """Add low <= sum of terms <= high."""
        total: dict[int, float] = {}
        for at, factor in terms:
            total[at] = total.get(at, 0.0) + factor
        self.rows.append((total, low, high))
        return len(self.rows) - 1

    def solve(self, gap: float, whole: bool = True) -> tuple[int, np.ndarray | None, float]:
        """Return (status, values, gap); `whole` False: as if people could be divided."""
        entries = [(i, j, value) for i, (terms, _, _) in enumerate(self.rows) for j, value in terms.items()]
        i, j, value = (np.array(column) for column in zip(*entries, strict=True))
        matrix = coo_array((value, (i, j)), shape=(len(self.rows), len(self.cost))).tocsr()
        low, high = (np.array([row[side] for row in self.rows]) for side in (1, 2))
        found = milp(
            np.array(self.cost), integrality=np.array(self.whole) * whole,
            bounds=Bounds(np.array(self.low), np.array(self.high)),
            constraints=LinearConstraint(matrix, low, high),
            options={"mip_rel_gap": gap, "node_limit": MOST_NODES},
        )  # fmt: skip
        return found.status, found.x, float(getattr(found, "mip_gap", 0.0) or 0.0)


@dataclass
class _Written:
    """Where the programme's own things stand among its variables."""

    model: _Model
    flow: list[int]
    numbers: list[list[int]]
    supervising: dict[str, int]


def solved(problem: Problem) -> Solution:
    """Return the cheapest mix.

    Raises
    ------
    Refused
        If there is none: the limits that forbid it are named, with the room each would need.
    """
    written = _written(problem)
    status, values, gap = written.model.solve(problem.gap)
    if values is None:
        raise (
            _refused(problem)
            if status == INFEASIBLE
            else Refused(key="skill mix", expected=f"a programme that is solved within {MOST_NODES} nodes")
        )
    numbers = tuple(tuple(round(values[at]) for at in rows) for rows in written.numbers)
    supervision = {role: float(values[at]) for role, at in written.supervising.items()}
    posts = posts_of(problem, numbers, supervision)
    return Solution(
        flows=tuple(max(float(values[at]), 0.0) for at in written.flow), numbers=numbers, supervision=supervision,
        posts=posts, pounds=sum(problem.pounds[role] * n for role, n in posts.items()),
        registered_share=registered_share(problem, posts), gap=gap,
    )  # fmt: skip


def pounds_if_divisible(problem: Problem) -> float | None:
    """Return what the mix would cost if people could be divided: no whole numbers cost less; None: there is none."""
    model = _written(problem).model
    _, values, _ = model.solve(problem.gap, whole=False)
    return None if values is None else float(np.dot(model.cost, values))


def posts_of(problem: Problem, numbers: Iterable[Iterable[int]], supervision: Mapping[str, float]) -> dict[str, float]:
    """Return posts (WTE) by role: those on rosters and in clinics, and those who supervise."""
    posts: dict[str, float] = {}
    for pool, people in zip(problem.pools, numbers, strict=True):
        for row, n in zip(pool.rows, people, strict=True):
            if n:
                posts[pool.role] = posts.get(pool.role, 0.0) + n * row.hours_a_week / problem.hours_of_post[pool.role]
    for role, giving in supervision.items():
        posts[role] = posts.get(role, 0.0) + giving
    return {role: n for role, n in sorted(posts.items()) if n > 0}


def registered_share(problem: Problem, posts: Mapping[str, float]) -> float:
    """Return the share of posts that are registered."""
    total = sum(posts.values())
    return sum(n for role, n in posts.items() if problem.registered[role]) / total if total else 1.0


def _written(problem: Problem) -> _Written:
    model = _Model()
    flow = [model.variable(0.0 if way.as_now else problem.moved_pounds) for way in problem.ways]
    numbers = [
        [
            model.variable(
                problem.pounds[pool.role] * row.hours_a_week / problem.hours_of_post[pool.role], row.least, whole=True
            )
            for row in pool.rows
        ]
        for pool in problem.pools
    ]
    givers = sorted({role for way in problem.ways for role in way.supervision})
    supervising = {role: model.variable(problem.pounds[role]) for role in givers}
    written = _Written(model, flow, numbers, supervising)
    _everybody_is_seen(problem, written)
    _at_most(problem, written)
    for pool, rows in zip(problem.pools, numbers, strict=True):
        _work_is_carried(problem, written, pool, rows)
    for role, at in supervising.items():
        hours = [(flow[k], -way.supervision.get(role, 0.0)) for k, way in enumerate(problem.ways)]
        model.row([(at, problem.hours_of_post[role] * WEEKS), *hours], low=0.0)
    _limits(problem, written)
    return written


def _everybody_is_seen(problem: Problem, written: _Written) -> None:
    """People of a need: those who come from outside, and those who go on to it from other tasks."""
    for need, places in problem.people.items():
        now = sum(places.values())
        inside = sum(
            sum(problem.people[task].values()) * chance
            for (task, after), chance in problem.follow.items() if after == need
        )  # fmt: skip
        terms = [(written.flow[k], 1.0) for k, way in enumerate(problem.ways) if way.need == need]
        terms += [
            (written.flow[k], -problem.follow[way.task, need])
            for k, way in enumerate(problem.ways) if (way.task, need) in problem.follow
        ]  # fmt: skip
        written.model.row(terms, now - inside, now - inside)


def _at_most(problem: Problem, written: _Written) -> None:
    ways = list(zip(written.flow, problem.ways, strict=True))
    for (task, role), share in problem.most_standing_in.items():
        terms = [(at, (way.role == role) - share) for at, way in ways if way.task == task]
        written.model.row(terms, high=0.0)
    for task, (together, share) in problem.most_together.items():
        terms = [(at, (way.role in together) - share) for at, way in ways if way.task == task]
        written.model.row(terms, high=0.0)
    for task in sorted(problem.all_or_none):
        everybody = 2 * sum(sum(places.values()) for places in problem.people.values())
        roles = sorted({way.role for way in problem.ways if way.task == task})
        chosen = {role: written.model.variable(high=1.0, whole=True) for role in roles}
        written.model.row([(at, 1.0) for at in chosen.values()], 1.0, 1.0)
        for role, choice in chosen.items():
            terms = [(at, 1.0) for at, way in ways if way.task == task and way.role == role]
            written.model.row([*terms, (choice, -everybody)], high=0.0)
    for (need, task), share in problem.most_moved.items():
        terms = [(at, (way.task == task) - share) for at, way in ways if way.need == need]
        written.model.row(terms, high=0.0)


def _work_is_carried(problem: Problem, written: _Written, pool: Pool, rows: list[int]) -> None:
    """No load without the people who carry it within the standard."""
    model, extra = written.model, problem.margin.get(pool.name, 1.0)
    work = [(written.flow[k], *_taken(problem, way, pool)) for k, way in enumerate(problem.ways)]
    work = [one for one in work if one[1] > 0 or one[2] > 0]
    if not work:
        return
    if pool.kind == "clinicians":
        loads = [[(at, hours / pool.clinic_hours) for at, hours, _ in work]]
        if np.isfinite(pool.caseload):
            loads.append([(at, courses / pool.caseload) for at, _, courses in work])
        _stands_behind(model, pool, rows, loads, extra)
        return
    for block in pool.blocks:
        load = [(at, hours * block.load_an_hour) for at, hours, _ in work]
        _stands_behind(model, pool, [rows[i] for i in block.rows], [load], extra)


def _stands_behind(
    model: _Model, pool: Pool, rows: list[int], loads: list[list[tuple[int, float]]], extra: float
) -> None:
    """Tie loads to whole people: step k is there only if k people are, and carries what the k-th adds."""
    steps = [model.variable(high=1.0, whole=True) for _ in pool.carried[1:]]
    for before, after in itertools.pairwise(steps):
        model.row([(before, 1.0), (after, -1.0)], low=0.0)
    model.row([*((at, 1.0) for at in rows), *((step, -1.0) for step in steps)], low=0.0)
    adds = np.diff(np.array(pool.carried))
    for load in loads:
        model.row([*zip(steps, adds.tolist(), strict=True), *((at, -extra * x) for at, x in load)], low=0.0)


def _taken(problem: Problem, way: Way, pool: Pool) -> tuple[float, float]:
    """Return (hours a week, courses at a time) of a pool for each person a year, in the area, who has a way."""
    work = way.work.get((pool.team, pool.role))
    if work is None:
        return 0.0, 0.0
    places = problem.people[way.need]
    here = sum(n for place, n in places.items() if pool.shared or place == pool.place) / max(sum(places.values()), 1e-9)
    return here * work.hours / WEEKS, here * work.courses


def _limits(problem: Problem, written: _Written) -> None:
    """The registered share and what supply allows."""
    each: list[tuple[int, str, float]] = []
    for pool, rows in zip(problem.pools, written.numbers, strict=True):
        for row, at in zip(pool.rows, rows, strict=True):
            each.append((at, pool.role, row.hours_a_week / problem.hours_of_post[pool.role]))
    each += [(at, role, 1.0) for role, at in written.supervising.items()]
    model = written.model
    if problem.floor > 0:
        terms = [(at, wte * (problem.registered[role] - problem.floor)) for at, role, wte in each]
        model.limits.append((FLOOR, model.row(terms, low=0.0)))
    for role, most in sorted(problem.supply.items()):
        terms = [(at, -wte) for at, of, wte in each if of == role]
        if terms:
            model.limits.append((f"{SUPPLY}{role}", model.row(terms, low=-most)))


def _refused(problem: Problem) -> Refused:
    """Solve with room in the limits, as little as possible, and say which needed it and how much."""
    written = _written(problem)
    model = written.model
    model.cost = [0.0] * len(model.cost)
    room = []
    for what, i in model.limits:
        at = model.variable(cost=1.0)
        terms, low, high = model.rows[i]
        model.rows[i] = ({**terms, at: 1.0}, low, high)
        room.append((what, at))
    _, values, _ = model.solve(problem.gap)
    if values is None:
        return Refused(key="skill mix", expected="tasks, shares and least rosters that any number of staff could keep")
    needed = [(what, float(values[at])) for what, at in room if values[at] > 1e-6]
    words = "; ".join(f"{what}: {posts:.1f} posts (WTE) short" for what, posts in needed)
    limits = {FLOOR: problem.floor, **{f"{SUPPLY}{role}": most for role, most in problem.supply.items()}}
    return Refused(
        key=needed[0][0], value=round(limits[needed[0][0]], 3), short=dict(needed),
        expected=f"limits within which the standards can be met ({words})",
    )  # fmt: skip
