"""Those on their way: who begins to learn (or is looked for), where, who drops out, and whose time it takes.

A route brings so many people to England in the five years; an area begins its share of them, by its posts of the role.
Routes that are under way when the years begin have learners of earlier years: as many as always.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from abm.staff_columns import luck_of, route_index
from abm.staff_posts import N_MONTHS
from abm.staff_rates import Route
from kernels.draws import purpose

if TYPE_CHECKING:
    from abm.staff import Workforce

LEARNT = (
    "newly_qualified", "return_to_practice", "international", "apprentices", "nursing_associates",
    "therapist_trainees", "new_roles",
)  # fmt: skip
"""Routes of `staff_supply.csv`, in order: people are counted when they begin and while they learn"""
ALWAYS = 1024  # months added to a month in an id, so that it is positive


@dataclass
class Learners:
    """Entry i of every array is somebody on their way to a post."""

    route: np.ndarray
    """Index into `Rates.routes`"""
    begins: np.ndarray
    ends: np.ndarray
    """Month in which they finish, or drop out"""
    finishes: np.ndarray
    host: np.ndarray
    """Unit × roles + role of the post they learn beside"""
    age_months: np.ndarray
    """When they begin"""
    id0: np.ndarray
    id1: np.ndarray

    def __len__(self) -> int:
        return len(self.route)

    def joined(self, other: Learners) -> Learners:
        """Return both, one behind the other."""
        return Learners(*(np.concatenate([getattr(self, f.name), getattr(other, f.name)]) for f in fields(Learners)))

    def where(self, which: np.ndarray) -> Learners:
        """Return some of them."""
        return Learners(*(getattr(self, f.name)[which] for f in fields(Learners)))


@dataclass(frozen=True)
class Source:
    """Where people of a route and role come from: their ids, and how parts of people are rounded."""

    word: int
    offset: float

    def number(self, a_month: float, month: int) -> int:
        """Return how many whole people come in a month, at so many a month."""
        return int(np.floor(a_month * (month + 1) + self.offset) - np.floor(a_month * month + self.offset))

    def ids(self, month: int, n: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the id words of those of a month: the route's and role's, and month and number; uint32[n] each."""
        number = (np.uint32((month + ALWAYS) << 16) + np.arange(n, dtype=np.uint32)).astype(np.uint32)
        return np.full(n, self.word, np.uint32), number


def source_of(area: str, route: str, role: str, key: tuple[int, int]) -> Source:
    """Return the source of a route and role in an area."""
    word = purpose(f"staff/{area}/{route}/{role}")
    ids = np.array([word], np.uint32)
    return Source(word, float(luck_of(key, ids, ids, "staff/rounding")[0, 0]) / 2.0**32)


def nobody() -> Learners:
    """Return no learners."""
    kinds = (np.int16, np.int16, np.int16, bool, np.int64, np.int32, np.uint32, np.uint32)
    return Learners(*(np.zeros(0, kind) for kind in kinds))


def share_of_route(model: Workforce, route: Route) -> float:
    """Return the area's share of a route: its posts of the role, at the start, among England's.

    A role that has no posts at the start is shared by the posts it may take.
    """
    rates = model.rates
    role = rates.roles[route.role]
    names = [role.name] if rates.england.get(role.name, {}).get("posts", 0) > 0 else list(role.may_fill)
    england = sum(rates.england[name]["posts"] for name in names if name in rates.england)
    own = model.establishment.posts[:, [rates.index[name] for name in names]].sum()
    return float(own) / england if england > 0 else 0.0


def a_month(route: Route, planned: Route) -> float:
    """Return how many begin a month in England so that the table's people arrive in the five years, as planned."""
    months = N_MONTHS if planned.under_way else max(N_MONTHS - planned.lead_months, 1)
    return route.people_england / months / max(1.0 - planned.attrition, 1e-9)


def at_start(model: Workforce) -> Learners:
    """Return the learners of earlier years, of routes that are under way."""
    found = nobody()
    for i, planned in enumerate(model.planned.routes):
        if planned.under_way:
            for month in range(-planned.lead_months, 0):
                found = found.joined(cohort(model, i, planned, planned, month))
    return found


def begin(model: Workforce) -> None:
    """Let those begin who begin this month, and count them by route at the role they learn."""
    rates = model.rates
    for i, (route, planned) in enumerate(zip(rates.routes, model.planned.routes, strict=True)):
        new = cohort(model, i, route, planned, model.month)
        if len(new) == 0:
            continue
        np.add.at(model.tally[f"began_{route.name}"], _learnt(model, new), 1)
        model.training = model.training.joined(new)


def cohort(model: Workforce, i: int, route: Route, planned: Route, month: int) -> Learners:
    """Return those of a route who begin in a month.  More of them are more behind the same: luck stays theirs."""
    source = model.source(route.name, route.role)
    n = source.number(a_month(route, planned) * model.shares[i], month)
    if n == 0:
        return nobody()
    id0, id1 = source.ids(month, n)
    luck = luck_of(model.key, id0, id1, "staff/learner") / 2.0**32
    finishes = luck[:, 0] >= route.attrition
    stays = np.where(finishes, route.lead_months, np.floor(luck[:, 1] * route.lead_months))
    age = route.youngest + (route.oldest + 1 - route.youngest) * luck[:, 3]
    return Learners(
        np.full(n, i, np.int16), np.full(n, month, np.int16), (month + stays).astype(np.int16), finishes,
        _hosts(model, route, luck[:, 2]), np.floor(age * 12).astype(np.int32), id0, id1,
    )  # fmt: skip


def _hosts(model: Workforce, route: Route, u: np.ndarray) -> np.ndarray:
    """Return where each learns: beside a post of the start, of the role (or of those it may take), all alike."""
    posts = model.establishment.posts
    role = model.rates.roles[route.role]
    roles = [route.role] if posts[:, route.role].any() else [model.rates.index[name] for name in role.may_fill]
    number = np.zeros_like(posts)
    number[:, roles] = posts[:, roles]
    ends = np.cumsum(number.ravel())
    return np.searchsorted(ends, np.floor(u * ends[-1]), side="right")


def finished(model: Workforce) -> Learners:
    """Return those who finish this month, and take them, and who drops out, off the learners."""
    learners = model.training
    over = learners.ends <= model.month
    model.training = learners.where(~over)
    return learners.where(over & learners.finishes)


def prepare(model: Workforce) -> None:
    """Note what learners take from their teams at the start: the roster does without it already."""
    model.usual_minutes = sum(charged(model))


def charged(model: Workforce) -> tuple[np.ndarray, np.ndarray]:
    """Return minutes of the month, float64[cell] each: learners away from the team's work, and their supervisors."""
    learners, n = model.training, model.n_roles
    posts, unit = model.establishment.posts.ravel(), learners.host // n

    def in_all(role: list[int], minutes: list[float]) -> np.ndarray:
        own = unit * n + np.maximum(np.array(role)[learners.route], 0)
        cells = np.where(posts[own] > 0, own, learners.host)  # a team without such a role takes it off the role learnt
        return np.bincount(cells, weights=np.array(minutes)[learners.route], minlength=model.n_cells)

    routes = model.rates.routes
    return (
        in_all([route.away_role for route in routes], [route.away_minutes for route in routes]),
        in_all([route.supervisor for route in routes], [route.supervision_minutes for route in routes]),
    )


def count_learners(model: Workforce) -> None:
    """Count who is learning at the month's end, by route, where they learn and at the role they learn."""
    learners, routes = model.training, model.rates.routes
    cells = _learnt(model, learners)
    for i in np.unique(learners.route).tolist():
        own = cells[learners.route == i]
        model.tally[f"learning_{routes[i].name}"] += np.bincount(own, minlength=model.n_cells)


def _learnt(model: Workforce, learners: Learners) -> np.ndarray:
    """Return unit × roles + the role that each learns, which need not be the role of the post beside which they do."""
    roles = np.array([route.role for route in model.rates.routes])
    return learners.host // model.n_roles * model.n_roles + roles[learners.route]


def joiners_of(model: Workforce, learners: Learners) -> dict[str, np.ndarray]:
    """Return those who finish as people who look for a post: role, route, age and id."""
    routes = model.rates.routes
    lead = model.month - learners.begins
    return {
        "role": np.array([routes[i].role for i in learners.route], np.int8),
        "route": np.array([route_index(routes[i].name) for i in learners.route], np.int8),
        "age_months": learners.age_months + lead, "id0": learners.id0, "id1": learners.id1,
    }  # fmt: skip
