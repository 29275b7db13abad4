"""Vacant posts and those who look for one: movers, people from elsewhere, recruits, and who has just finished learning.

Within a role both sides are put in an order of their own luck and meet in it; nobody's place depends on who stands
where in the columns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm import staff_training
from abm.staff_columns import ROUTES, ages, luck_of, route_index
from abm.staff_training import Learners

if TYPE_CHECKING:
    from abm.staff import Workforce


def close_and_transfer(model: Workforce) -> None:
    """Close this month's posts; who held one goes, with it, where demand is high (else wherever a post is vacant)."""
    posts, columns = model.posts, model.columns
    demand = np.array([unit.demand == "high" for unit in model.establishment.units])
    for cell in model.closing.get(model.month, ()):
        there = model.open_posts()
        own = there[model.cell_of_posts(there) == cell]
        if len(own) == 0:
            continue
        held = posts.holder[own] >= 0
        first = ~held if model.establishment.later else held  # the plan moves people; a given number closes what it can
        last = own[first][-1] if first.any() else own[-1]
        posts.closed[last] = True
        model.tally["posts_closed"][cell] += 1
        person = int(posts.holder[last])
        if person < 0:
            continue
        rows = np.array([person])
        vacant = there[(posts.holder[there] < 0) & (posts.role[there] == posts.role[last]) & (there != last)]
        vacant = vacant[posts.unit[vacant] != posts.unit[last]]
        model.count("transferred_out", rows)
        posts.holder[last] = -1
        if len(vacant) == 0:
            columns.post[rows] = -1
            columns.end(rows, "away", model.month)
            continue
        tie = luck_of(model.key, posts.id0[vacant], posts.id1[vacant], "staff/transfer", model.month)[:, 0]
        to = vacant[np.lexsort((tie, ~demand[posts.unit[vacant]]))[0]]
        _seat(model, rows, np.array([to]))
        model.count("transferred_in", rows)


def take_posts(model: Workforce, movers: np.ndarray, learners: Learners) -> None:
    """Fill vacant posts; a mover's own old post is vacant from next month on."""
    columns, posts, rates = model.columns, model.posts, model.rates
    new = [staff_training.joiners_of(model, learners), recruits(model), from_elsewhere(model)]
    joiners = {name: np.concatenate([one[name] for one in new]) for name in new[0]}
    there = model.open_posts()
    vacant = there[posts.holder[there] < 0]
    post_tie = luck_of(model.key, posts.id0[vacant], posts.id1[vacant], "staff/post", model.month)[:, 0]
    vacant = vacant[np.argsort(post_tie, kind="stable")]
    id0 = np.concatenate([columns.id0[movers], joiners["id0"]])
    id1 = np.concatenate([columns.id1[movers], joiners["id1"]])
    role = np.concatenate([columns.role[movers], joiners["role"]])
    order = np.argsort(luck_of(model.key, id0, id1, "staff/looks", model.month)[:, 0], kind="stable")
    got = np.full(len(role), -1, np.int64)
    free = np.ones(len(vacant), bool)
    for r in range(model.n_roles):
        _pair(order[role[order] == r], np.flatnonzero(free & (posts.role[vacant] == r)), vacant, free, got)
    for r, own in enumerate(rates.roles):
        for name in own.may_fill:
            left = order[(role[order] == r) & (got[order] < 0) & (order >= len(movers))]
            _pair(left, np.flatnonzero(free & (posts.role[vacant] == rates.index[name])), vacant, free, got)
    _move(model, movers[got[: len(movers)] >= 0], got[: len(movers)][got[: len(movers)] >= 0])
    _join(model, joiners, got[len(movers) :])


def _pair(who: np.ndarray, which: np.ndarray, vacant: np.ndarray, free: np.ndarray, got: np.ndarray) -> None:
    """Give the first of `who` the first of the vacant posts, and so on."""
    n = min(len(who), len(which))
    got[who[:n]] = vacant[which[:n]]
    free[which[:n]] = False


def _move(model: Workforce, rows: np.ndarray, to: np.ndarray) -> None:
    elsewhere = model.posts.unit[to] != model.posts.unit[model.columns.post[rows]]
    rows, to = rows[elsewhere], to[elsewhere]
    model.count("moved_away", rows)
    model.posts.holder[model.columns.post[rows]] = -1
    _seat(model, rows, to)
    model.columns.service_months[rows] = 0
    model.count("moved_here", rows)


def _seat(model: Workforce, rows: np.ndarray, to: np.ndarray) -> None:
    model.posts.holder[to] = rows
    model.columns.post[rows] = to


def _join(model: Workforce, joiners: dict[str, np.ndarray], got: np.ndarray) -> None:
    """Put newcomers into their posts, which are turned into posts of their role; who got none goes elsewhere."""
    columns, posts = model.columns, model.posts
    status = np.zeros(len(got), np.int8)
    rows = columns.add(len(got), **joiners, came=model.month, status=status)
    seated = got >= 0
    posts.role[got[seated]] = joiners["role"][seated]
    _seat(model, rows[seated], got[seated])
    for i in np.unique(joiners["route"]).tolist():
        model.count(ROUTES[i], rows[seated & (joiners["route"] == i)])
    model.count("joined", rows[seated])
    columns.end(rows[~seated], "no_post", model.month)
    model.without_post = np.bincount(joiners["role"][~seated], minlength=model.n_roles)


def recruits(model: Workforce) -> dict[str, np.ndarray]:
    """Return who is recruited from the local labour market for those who leave support and social care."""
    rates = model.rates
    share = np.array([rates.replaced.get(role.group, 0.0) for role in rates.roles])
    wanted = share * model.expected_to_leave
    found = _newcomers(model, "recruited", wanted)
    low, high = rates.numbers["youngest_recruit"], rates.numbers["oldest_recruit"]
    u = luck_of(model.key, found["id0"], found["id1"], "staff/newcomer")[:, 0] / 2.0**32
    found["age_months"] = np.floor((low + (high + 1 - low) * u) * 12).astype(np.int32)
    return found


def from_elsewhere(model: Workforce) -> dict[str, np.ndarray]:
    """Return who comes from outside the area: at attraction 1 as many as would leave to elsewhere at the start.

    They are as old as those in post at the start.
    """
    rates = model.rates
    outside = 0.0 if model.establishment.whole_country else 1.0 - model.planned.numbers["move_within"]
    wanted = model.expected_to_move * outside * rates.numbers["attraction"]
    found = _newcomers(model, "moved_here", wanted)
    luck = luck_of(model.key, found["id0"], found["id1"], "staff/newcomer") / 2.0**32
    found["age_months"] = ages(rates, found["role"], luck)
    return found


def _newcomers(model: Workforce, route: str, a_month: np.ndarray) -> dict[str, np.ndarray]:
    """Return whole newcomers of a month, by role, each with an id of route, role, month and number."""
    parts = []
    for r in np.flatnonzero(a_month).tolist():
        source = model.source(route, r)
        n = source.number(float(a_month[r]), model.month)
        parts.append((np.full(n, r, np.int8), *source.ids(model.month, n)))
    parts.append((np.zeros(0, np.int8), np.zeros(0, np.uint32), np.zeros(0, np.uint32)))
    role, id0, id1 = (np.concatenate([part[i] for part in parts]) for i in range(3))
    return {"role": role, "route": np.full(len(role), route_index(route), np.int8), "id0": id0, "id1": id1}
