"""Columns of the staff: one row a person, never removed, so that a row is a person for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.staff_posts import Establishment, Posts, id_words, shared_out
from abm.staff_rates import Rates
from kernels import staff as kernel
from kernels.draws import purpose

if TYPE_CHECKING:
    from collections.abc import Mapping

ROUTES = (
    "there", "moved_here", "newly_qualified", "return_to_practice", "international", "apprentices",
    "nursing_associates", "trainees", "new_roles", "recruited",
)  # fmt: skip
"""How somebody came: there at the start, from elsewhere, or by a supply route."""
STATUS = ("in_post", "left", "retired", "away", "no_post")
COLUMNS = {
    "id0": np.uint32, "id1": np.uint32, "role": np.int8, "post": np.int32, "age_months": np.int32,
    "service_months": np.int32, "route": np.int8, "came": np.int16, "status": np.int8, "ended": np.int16,
}  # fmt: skip


class StaffColumns:
    """Entry i of every array is one member of staff; `post` is -1 for who is no longer there."""

    id0: np.ndarray
    id1: np.ndarray
    role: np.ndarray
    post: np.ndarray
    age_months: np.ndarray
    service_months: np.ndarray
    route: np.ndarray
    came: np.ndarray
    """Month in which they came; -1: before the years began"""
    status: np.ndarray
    ended: np.ndarray

    def __init__(self) -> None:
        for name, dtype in COLUMNS.items():
            setattr(self, name, np.zeros(0, dtype))

    def __len__(self) -> int:
        return len(self.id0)

    def add(self, n: int, **values: object) -> np.ndarray:
        """Put `n` people behind the others and return their rows."""
        first = len(self)
        for name, dtype in COLUMNS.items():
            new = np.full(n, -1 if name in ("post", "ended") else 0, dtype)
            if name in values:
                new[:] = values[name]
            setattr(self, name, np.concatenate([getattr(self, name), new]))
        return np.arange(first, first + n)

    def in_post(self) -> np.ndarray:
        """Return the rows of those in post."""
        return np.flatnonzero(self.post >= 0)

    def end(self, rows: np.ndarray, status: str, month: int) -> None:
        """Note what became of people, and when."""
        self.status[rows], self.ended[rows] = STATUS.index(status), month


def people_at_start(establishment: Establishment, rates: Rates, posts: Posts, key: tuple[int, int]) -> StaffColumns:
    """Return who is in post at the start: of each role as many posts are vacant as the tables say, to the post."""
    there = np.flatnonzero(posts.opens < 0)
    vacant = np.zeros(len(there), bool)
    tie = luck_of(key, posts.id0[there], posts.id1[there], "staff/vacant")[:, 0]
    wanted = np.array([vacancy_share(rates, role.name) for role in rates.roles]) * establishment.posts.sum(axis=0)
    for r, number in enumerate(shared_out(establishment.totals.get("vacancies", wanted.sum()), wanted)):
        own = np.flatnonzero(posts.role[there] == r)
        vacant[own[np.argsort(tie[own], kind="stable")[:number]]] = True
    filled = there[~vacant]
    words = id_words(establishment, [f"{role.name}/start" for role in rates.roles])
    columns = StaffColumns()
    rows = columns.add(
        len(filled), id0=words[posts.unit[filled], posts.role[filled]], id1=posts.id1[filled],
        role=posts.role[filled], post=filled, came=-1,
    )  # fmt: skip
    posts.holder[filled] = rows
    luck = luck_of(key, columns.id0, columns.id1, "staff/start") / 2.0**32
    columns.age_months[:] = ages(rates, columns.role, luck)
    for r, role in enumerate(rates.roles):
        own = np.flatnonzero(columns.role == r)
        start = rates.start[role.group]
        service = _drawn(start["service_months"], luck[own, 2], luck[own, 3], 0.0)
        columns.service_months[own] = np.minimum(np.floor(service), columns.age_months[own] - 18 * 12)
    return columns


def ages(rates: Rates, role: np.ndarray, luck: np.ndarray) -> np.ndarray:
    """Return ages in months as of those in post at the start, int32[person]; two uniforms each from `luck`."""
    found = np.zeros(len(role), np.int32)
    for r in np.unique(role).tolist():
        own = np.flatnonzero(role == r)
        parts = rates.start[rates.roles[r].group]["age_years"]
        found[own] = np.floor(_drawn(parts, luck[own, 0], luck[own, 1], 1.0) * 12)
    return found


def vacancy_share(rates: Rates, role: str) -> float:
    """Return the share of a role's posts vacant at the start: England's of it, else of its group."""
    group = next(one.group for one in rates.roles if one.name == role)
    of_group = [name for name in rates.england if rates.roles[rates.index[name]].group == group]
    names = [role] if role in rates.england else of_group or list(rates.england)
    posts = sum(rates.england[name]["posts"] for name in names)
    return min(sum(rates.england[name]["vacancies"] for name in names) / posts, 1.0)


def luck_of(key: tuple[int, int], id0: np.ndarray, id1: np.ndarray, what: str, occasion: int = 0) -> np.ndarray:
    """Return the four words of luck of each id for a purpose and occasion: uint32[n, 4]."""
    words = np.zeros((len(id0), 4), np.uint32)
    kernel.luck(*key, id0, id1, purpose(what), occasion, words)
    return words


def _drawn(
    parts: tuple[tuple[float, float, float], ...], which: np.ndarray, where: np.ndarray, unit: float
) -> np.ndarray:
    """Return values drawn from (from, to, share) parts, evenly within each; `unit` is how wide the last value is."""
    ends = np.cumsum([share for _, _, share in parts])
    part = np.searchsorted(ends, which * ends[-1], side="right").clip(0, len(parts) - 1)
    low = np.array([begin for begin, _, _ in parts])[part]
    high = np.array([end for _, end, _ in parts])[part] + unit
    return low + (high - low) * where


def route_index(name: str) -> int:
    """Return the index of how somebody came."""
    return ROUTES.index("trainees" if name == "therapist_trainees" else name)


def counts_by_status(columns: StaffColumns) -> Mapping[str, int]:
    """Return how many people are in each status."""
    return {name: int((columns.status == i).sum()) for i, name in enumerate(STATUS)}
