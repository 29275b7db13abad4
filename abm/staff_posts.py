"""Posts: which team has how many of which role, when new ones open and old ones close, and who may relieve whom.

Posts are whole: one is 1.0 WTE.  A post has an id (its unit and role, its number there) that no scenario changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from abm.staff_rates import Rates
from kernels import staff as kernel
from kernels.draws import purpose
from pathways.errors import InputError, nearest

YEARS = ("2016/17", "2017/18", "2018/19", "2019/20", "2020/21")
"""Of the plan: posts open and close in them"""
N_MONTHS = 60
LATEST = "2030/31"
"""The last year that may be looked at: leaving, supply and prices are those of the plan's years"""
NEVER = 32_000


@dataclass(frozen=True)
class StaffUnit:
    """A team at a place, as an employer of people."""

    system: str
    team: str
    place: str
    employer: str = "nhs"
    demand: str = "other"
    """high, low or other: where posts are opened and closed"""
    tasks: tuple[Mapping[str, Any], ...] | None = None
    """What its new roles may take over: the share of the relieved role's minutes, `at` a team; None: not modelled"""

    @property
    def name(self) -> str:
        """`team @ place`."""
        return f"{self.team} @ {self.place}"


@dataclass(frozen=True)
class Establishment:
    """The posts of an area at the start, and by year if somebody says so."""

    area: str
    units: tuple[StaffUnit, ...]
    posts: np.ndarray
    """int64[unit, role] at the start"""
    basis: str
    """local, or why not"""
    whole_country: bool = False
    totals: Mapping[str, int] = field(default_factory=dict)
    """vacancies, new_posts, closed_posts, where they are a whole share of England's; else they follow from the posts"""
    later: Mapping[str, np.ndarray] = field(default_factory=dict)
    """Financial year -> int64[unit, role] posts from that April on, in place of the plan's new and closed posts"""


@dataclass
class Posts:
    """Columns of posts.  Entry i of every array is one post."""

    unit: np.ndarray
    role: np.ndarray
    opens: np.ndarray
    """Month from which it is there; -1: from the start"""
    closed: np.ndarray
    holder: np.ndarray
    """Row of the member of staff, -1 if vacant"""
    id0: np.ndarray
    id1: np.ndarray

    def __len__(self) -> int:
        return len(self.unit)


def financial_year(month: int) -> str:
    """Return the financial year of a month that counts from April 2016 (0)."""
    first = int(YEARS[0][:4]) + month // 12
    return f"{first}/{(first + 1) % 100:02d}"


def years_to(last: str, key: str = "until") -> tuple[str, ...]:
    """Return the financial years from the first to `last`, which is the plan's last one or later.

    Raises
    ------
    InputError
        If it is no such year.
    """
    found = list(YEARS)
    while found[-1] != LATEST:
        found.append(financial_year(12 * len(found)))
    known = found[len(YEARS) - 1 :]
    if last not in known:
        raise InputError(key=key, value=last, expected=f"a financial year from {YEARS[-1]} to {LATEST}",
                         suggestion=nearest(last, known))  # fmt: skip
    return tuple(found[: found.index(last) + 1])


def shared_out(total: float, weights: np.ndarray) -> np.ndarray:
    """Return whole shares of `total` by weight that sum to it, rounded: largest remainders first."""
    whole = round(total)
    if whole == 0 or weights.sum() <= 0:
        return np.zeros(len(weights), np.int64)
    exact = whole * weights / weights.sum()
    shares = np.floor(exact + 1e-9).astype(np.int64)
    shares[np.argsort(-(exact - shares), kind="stable")[: whole - int(shares.sum())]] += 1
    return shares


def changes_of_plan(establishment: Establishment, rates: Rates) -> tuple[np.ndarray, np.ndarray]:
    """Return the posts that open and that close in the five years, int64[unit, role] each.

    An area gains and gives up as many for each of its posts as England does of that role's group; where demand is high
    they open, where it is low they close, in proportion to the posts there are.
    """
    n_units, n_roles = establishment.posts.shape
    opened, closed = np.zeros((n_units, n_roles), np.int64), np.zeros((n_units, n_roles), np.int64)
    index = rates.index
    demand = np.array([unit.demand for unit in establishment.units])
    for kind, lever, where, out in (
        ("new_posts", "new_posts", "high", opened), ("closed_posts", "transfers", "low", closed),
    ):  # fmt: skip
        there = establishment.posts * (demand == where)[:, None]
        wanted = np.zeros(n_roles)
        for role, england in rates.england.items():
            r = index[role]
            if there[:, r].any():
                wanted[r] = rates.numbers[lever] * england[kind] / england["posts"] * establishment.posts[:, r].sum()
        for r, n in enumerate(shared_out(establishment.totals.get(kind, wanted.sum()), wanted)):
            out[:, r] = shared_out(n, there[:, r].astype(float))
    return opened, np.minimum(closed, establishment.posts)


def month_of_each(n: int, share_by_year: Sequence[float], u: np.ndarray) -> np.ndarray:
    """Return the month in which each of `n` changes is made: evenly within years that have their shares."""
    ends = np.concatenate([[0.0], np.cumsum(share_by_year)])
    wanted = (np.arange(n) + u) / max(n, 1) * ends[-1]
    return np.floor(np.interp(wanted, ends, np.arange(len(ends)) * 12.0)).astype(np.int64).clip(0, N_MONTHS - 1)


def id_words(establishment: Establishment, roles: Sequence[str]) -> np.ndarray:
    """Return the first word of every cell's post ids, uint32[unit, role]."""
    words = [[purpose(f"staff/{unit.name}/{role}") for role in roles] for unit in establishment.units]
    return np.array(words, np.uint32)


def posts_of(establishment: Establishment, rates: Rates, key: tuple[int, int]) -> tuple[Posts, dict[int, np.ndarray]]:
    """Return all posts there will be, and by month the cells (unit × roles + role) in each of which one post closes."""
    roles = [role.name for role in rates.roles]
    words = id_words(establishment, roles)
    columns: list[tuple[int, int, np.ndarray]] = []
    closing: dict[int, list[int]] = {}
    if establishment.later:
        opened = np.zeros_like(establishment.posts)
    else:
        opened, closed = changes_of_plan(establishment, rates)
    by_year = {kind: [rates.profile[year][kind] for year in YEARS] for kind in ("new_posts", "closed_posts")}
    for u, r in zip(*np.nonzero(establishment.posts + opened + _most(establishment)), strict=True):
        n = int(establishment.posts[u, r])
        months = np.full(n, -1)
        if establishment.later:
            months = np.concatenate([months, _later(establishment, u, r, n, closing, len(roles))])
        else:
            luck = _uniform(words[u, r], int(opened[u, r] + closed[u, r]), "staff/open", key)
            months = np.concatenate(
                [months, month_of_each(int(opened[u, r]), by_year["new_posts"], luck[: opened[u, r]])]
            )
            for month in month_of_each(int(closed[u, r]), by_year["closed_posts"], luck[opened[u, r] :]):
                closing.setdefault(int(month), []).append(int(u) * len(roles) + int(r))
        columns.append((int(u), int(r), months))
    sizes = [len(months) for _, _, months in columns]
    unit = np.repeat([u for u, _, _ in columns], sizes).astype(np.int32)
    role = np.repeat([r for _, r, _ in columns], sizes).astype(np.int8)
    number = np.concatenate([np.arange(n, dtype=np.uint32) for n in sizes])
    opens = np.concatenate([months for _, _, months in columns]).astype(np.int16)
    posts = Posts(
        unit, role, opens, np.zeros(len(unit), bool), np.full(len(unit), -1, np.int32), words[unit, role], number
    )
    return posts, {month: np.sort(np.array(cells)) for month, cells in closing.items()}


def _most(establishment: Establishment) -> np.ndarray:
    return sum(establishment.later.values(), np.zeros_like(establishment.posts))


def _later(
    establishment: Establishment, u: int, r: int, n: int, closing: dict[int, list[int]], n_roles: int
) -> np.ndarray:
    """Return when posts of one cell open so that each April has the number somebody gave; note those that close."""
    months: list[int] = []
    for year in sorted(establishment.later):
        i = int(year[:4]) - int(YEARS[0][:4])
        change = int(establishment.later[year][u, r]) - n
        months += [12 * i] * max(change, 0)
        closing.setdefault(12 * i, []).extend([int(u) * n_roles + int(r)] * max(-change, 0))
        n += change
    return np.array(months, np.int64)


def _uniform(word: int, n: int, what: str, key: tuple[int, int]) -> np.ndarray:
    words = np.zeros((n, 4), np.uint32)
    ids = np.full(n, word, np.uint32)
    kernel.luck(*key, ids, np.arange(n, dtype=np.uint32), purpose(what), 0, words)
    return words[:, 0] / 2.0**32
