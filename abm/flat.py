"""What flattening makes: tables for the kernels, and the names behind their indices."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from abm.units import Places, Units
from kernels import columns as c
from kernels.attributes import FIRST_TRAIT, NAMES
from pathways.errors import InputError
from pathways.laws import Law
from pathways.specs import PathwaySpec, StateSpec

ALWAYS = 1 << 32  # 32-bit threshold of certainty
NEVER_WITHIN = 2**31 - 1
DTYPES = {
    "route": c.ROUTE,
    "odds": c.ODDS,
    "route_group": c.ROUTE_GROUP,
    "guard_code": c.CODE,
    "alternative": c.ALTERNATIVE,
    "need": c.NEED,
    "clock_op": c.CLOCK_OP,
    "change": c.CHANGE,
    "phase": c.PHASE,
    "opening": c.OPENING,
}


@dataclass(frozen=True)
class ClockName:
    """One clock: declared, or the standard of a state."""

    pathway: str
    name: str
    title: str
    scope: str
    team: str | None
    within: int | None
    share: float | None
    status: str
    source: str
    finished: bool
    of_state: bool
    from_date: datetime.date | None = None
    to_date: datetime.date | None = None

    @property
    def key(self) -> tuple[str, str, bool]:
        """What no other clock is called."""
        return self.pathway, self.name, self.of_state


@dataclass
class Flat:
    """The tables, and the names behind their indices."""

    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    state_names: list[str] = field(default_factory=list)
    routes: list[tuple[str, str, str]] = field(default_factory=list)
    """(from, to, event or guard) of every route"""
    n_gone: int = 0
    """So many of them, the last, are gone since the run began: they keep what flowed along them"""
    cells: list[tuple[int, str]] = field(default_factory=list)
    """(state, place) of every tally cell"""
    clocks: list[ClockName] = field(default_factory=list)
    clock_slots: int = 1
    """The most of them that can run for a referral at once"""
    clock_cells: list[tuple[int, str]] = field(default_factory=list)
    lists: list[tuple[int, int]] = field(default_factory=list)
    """(state, place offset) of every waiting list"""
    pathways: list[str] = field(default_factory=list)
    n_repeats: int = 1
    """Visit counters a referral needs: the states of the largest cycle"""
    slots: int = 1
    traits: dict[str, int] = field(default_factory=dict)
    under_way: dict[int, int] = field(default_factory=dict)
    """Of states that begin with people of England: the row of the residual law of their stay"""

    @property
    def order(self) -> Order:
        """The order of the rows, for tables that are to keep it."""
        return Order(tuple(self.state_names), tuple(clock.key for clock in self.clocks))

    def state(self, name: str) -> int:
        """Return the index of `pathway/state`."""
        return self.state_names.index(name)


@dataclass(frozen=True)
class Order:
    """The order in which states and clocks have their rows."""

    states: tuple[str, ...] = ()
    """`pathway/state`"""
    clocks: tuple[tuple[str, str, bool], ...] = ()
    """(pathway, name, is it a state's standard?)"""


NOTHING = Order()


def in_order[T](found: list[T], name: Callable[[T], Hashable], before: Sequence[Hashable]) -> list[T]:
    """Return things in the order in which their names were before, new ones behind."""
    place = {one: i for i, one in enumerate(before)}
    return sorted(found, key=lambda one: place.get(name(one), len(place)))


class Rows:
    """Tables that grow row by row while pathways are flattened."""

    def __init__(
        self,
        specs: Mapping[str, PathwaySpec],
        places: Places,
        units: Units,
        states: list[tuple[str, str, StateSpec, str | None]],
    ) -> None:
        self.specs, self.places, self.units, self.states = specs, places, units, states
        self.flat = Flat(pathways=list(specs))
        self.of: dict[str, list] = {name: [] for name in (*DTYPES, "escalation")}
        self.law_rows: dict[tuple[Law, bool], int] = {}
        self.tables: list[np.ndarray] = []
        self.counts: list[np.ndarray] = []
        self.index = {f"{pathway}/{name}": i for i, (pathway, name, _, _) in enumerate(states)}
        self.flat.state_names = list(self.index)
        for spec in specs.values():
            for stream in spec.arrivals.values():
                for name in stream.attributes:
                    if name not in NAMES:
                        self.flat.traits.setdefault(name, len(self.flat.traits))

    def full_name(self, pathway: str, state: str) -> str:
        """Return `pathway/state`, refusing states that are not there."""
        name = state if "/" in state and state in self.index else f"{pathway}/{state}"
        if name not in self.index:
            raise InputError(file=self.specs[pathway].file, key=state, value=state, expected="a state of the pathway")
        return name

    def scope_of(self, pathway: str) -> str:
        """Return by which places a pathway is tallied: A&E sites if a team of it stands there, else systems."""
        scopes = {team.scope for team in self.specs[pathway].teams.values()}
        return "site" if "site" in scopes else "system"

    def code(self, name: str) -> int:
        """Return the attribute code of a name in a guard or odds."""
        return FIRST_TRAIT + self.flat.traits[name] if name in self.flat.traits else NAMES[name]

    def law(self, law: Law | None, residual: bool = False) -> int:
        """Return the row of a law's table, −1 for none."""
        if law is None:
            return -1
        key = (law, residual)
        if key not in self.law_rows:
            self.law_rows[key] = len(self.tables)
            self.tables.append(table_of(law, residual))
        return self.law_rows[key]

    def records(self) -> dict[str, np.ndarray]:
        """Return the grown tables as records; an empty table has one blank row."""
        arrays = {name: records_of(self.of[name], dtype) for name, dtype in DTYPES.items()}
        arrays["escalation"] = np.array(self.of["escalation"] or [0], dtype=np.int32)
        arrays["table"] = np.stack(self.tables) if self.tables else np.zeros((1, 2049), dtype=np.int64)
        arrays["counts"] = np.stack(self.counts) if self.counts else np.full((1, 256), ALWAYS, dtype=np.int64)
        return arrays


@lru_cache(maxsize=1024)
def table_of(law: Law, residual: bool) -> np.ndarray:
    """Return a law's duration table, or that of its residual life: made once per process."""
    return np.asarray(law.residual_table() if residual else law.table(), dtype=np.int64)


def records_of(rows: list, dtype: np.dtype) -> np.ndarray:
    """Return rows as records of a dtype; one blank row if there are none."""
    return np.array([tuple(row) for row in rows], dtype=dtype) if rows else np.zeros(1, dtype=dtype)
