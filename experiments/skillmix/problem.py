"""What the programme is asked: tasks and who comes to them, ways to do them, pools of staff, and what limits them.

Nothing here knows of simulation: a small problem is written down by hand in the tests.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pathways.errors import InputError

WEEKS = 365 / 7
"""Weeks of a year"""

FLOOR = "registered share"
SUPPLY = "supply of "
"""Names of what may forbid every mix; of a role's supply: with the role behind it"""

Post = tuple[str, str]
"""(team, role)"""


class Refused(InputError):
    """Limits that no mix keeps to; `short`: posts (WTE) that are short, by the name of the limit."""

    def __init__(self, *, short: Mapping[str, float] | None = None, **said: Any) -> None:
        self.short = dict(short or {})
        super().__init__(**said)

    @property
    def roles(self) -> frozenset[str]:
        """Return the roles of which too few can be had."""
        return frozenset(what.removeprefix(SUPPLY) for what in self.short if what != FLOOR)


@dataclass(frozen=True)
class Work:
    """What one person who comes to a task takes of one role of one team."""

    hours: float
    """Hours of staff time (of a clinic, for those who hold courses)"""
    courses: float = 0.0
    """Years for which a caseload place is held"""


@dataclass(frozen=True)
class Way:
    """One way to do what people come for: the task itself, another treatment, another role."""

    need: str
    """The task they come to now"""
    task: str
    """The task they have"""
    role: str = ""
    """The role that stands in; empty: as the pathway has it"""
    instead_of: str = ""
    """The role it stands in for"""
    work: Mapping[Post, Work] = field(default_factory=dict)
    supervision: Mapping[str, float] = field(default_factory=dict)
    """Hours a person of supervision, by the role that gives them: beyond rosters and clinics"""

    @property
    def as_now(self) -> bool:
        """Whether it is what is done now."""
        return self.need == self.task and not self.role


@dataclass(frozen=True)
class Row:
    """A line of a roster (or the clinics of a team): its numbers are whole people."""

    hours: str
    hours_a_week: float
    least: int
    baseline: int


@dataclass(frozen=True)
class Block:
    """Hours of the week in which the same rows are on shift."""

    rows: tuple[int, ...]
    load_an_hour: float
    """Erlangs in the block for each hour a week of the pool's work"""


@dataclass(frozen=True)
class Pool:
    """One role of one team at one place."""

    place: str
    team: str
    role: str
    kind: str
    """staff or clinicians"""
    rows: tuple[Row, ...]
    blocks: tuple[Block, ...] = ()
    clinic_hours: float = 0.0
    """Hours a week of clinics one clinician has"""
    caseload: float = float("inf")
    """Courses one clinician may hold"""
    carried: tuple[float, ...] = (0.0,)
    """Load (people on shift; clinicians' worth) that 0, 1, 2 … people carry within the standard"""

    shared: bool = False
    """Whether people of all places come to it"""

    @property
    def name(self) -> str:
        """Return `team @ place: role`."""
        return f"{self.team} @ {self.place}: {self.role}"


@dataclass(frozen=True)
class Problem:
    """Everything the programme needs to know."""

    people: Mapping[str, Mapping[str, float]]
    """task -> place -> people a year who come to it now"""
    ways: Sequence[Way]
    pools: Sequence[Pool]
    pounds: Mapping[str, float]
    hours_of_post: Mapping[str, float]
    """role -> hours a week a post gives"""
    registered: Mapping[str, bool]
    most_standing_in: Mapping[tuple[str, str], float] = field(default_factory=dict)
    """(task, role that stands in) -> share of those who have the task"""
    most_together: Mapping[str, tuple[frozenset[str], float]] = field(default_factory=dict)
    """task -> (roles, share they may have between them): their shares are of the same people"""
    all_or_none: frozenset[str] = frozenset()
    """Tasks at which everybody has the same roles: groups, which would fill more slowly if there were two kinds"""
    most_moved: Mapping[tuple[str, str], float] = field(default_factory=dict)
    """(task they come to, task they have) -> share of those who come"""
    follow: Mapping[tuple[str, str], float] = field(default_factory=dict)
    """(task, next task) -> chance of going on to it, by whatever way"""
    floor: float = 0.0
    """Least share of posts that are registered"""
    supply: Mapping[str, float] = field(default_factory=dict)
    """role -> posts that can be had"""
    margin: Mapping[str, float] = field(default_factory=dict)
    """name of a pool -> factor on its load, beyond the formula's margin"""
    moved_pounds: float = 0.0
    """Pounds that settle ties, for each person who has something else than now"""
    gap: float = 1e-4


@dataclass(frozen=True)
class Solution:
    """The least-cost mix."""

    flows: tuple[float, ...]
    """People a year, by way"""
    numbers: tuple[tuple[int, ...], ...]
    """[pool][row] people"""
    supervision: Mapping[str, float]
    """role -> posts that give supervision"""
    posts: Mapping[str, float]
    """role -> posts in all, WTE"""
    pounds: float
    """A year"""
    registered_share: float
    gap: float
    """Share of the cost by which it may lie above the least"""
