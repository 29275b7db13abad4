"""Several cells in lockstep: each lives through an hour by itself, then they meet.

A cell (an STP) has its own people, teams, calendar and tables, and runs its own events in exact order.  Cells belong
to the model; threads only share them out, and nothing a thread does depends on another: one digest for any number.
On the hour the cells exchange who was left without a bed (`kernels/meeting.py`): requests in order of (second,
urgency, tie, id), each to the nearest cell with a free bed on the same kind of ward.
"""

from __future__ import annotations

import datetime
import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import mesa
import numpy as np

from abm import chain
from abm.areas import all_areas, area_of, cells_of, check_memory
from abm.crew import Crew
from abm.hours import HOUR, Hours
from abm.model import CareSystem
from abm.network import DAY
from abm.setting import PATHWAYS, Edit, Shared, edited, setting_of_cell, shared_of
from kernels import columns as c
from kernels import entry

INBOUND = np.dtype(
    [("second", "i4"), ("kind", "i4"), ("state", "i4"), ("id0", "u4"), ("id1", "u4"), ("entry", "i4"),
     ("cell", "i4"), ("row", "i4"), ("stamp", "u4")]
)  # fmt: skip
"""What a cell was told at an exchange: with it the cell can be run again alone."""
COMMON = (
    "table", "counts", "normal", "exponential", "integral", "weight", "state", "route", "odds", "route_group",
    "guard_code", "alternative", "need", "clock", "clock_op", "change", "phase", "opening", "escalation",
)  # fmt: skip
"""Tables that nobody writes: a change of policy puts others in their place."""
TAKES_IN, IS_TAKEN, IS_BACK = c.TAKES_IN, c.IS_TAKEN, c.IS_BACK


class Cell(CareSystem):
    """One cell of a country: the country begins its days and lives through them."""

    def morning(self) -> None:
        """Make changes dated today that Mesa's schedule comes to too late (the first day's, a branch's), and begin."""
        for change in [one for one in self.changes if one.date <= self.today]:
            change.carry_out()
        super().morning()

    def step(self) -> None:
        """End the day; Mesa's schedule then makes the changes dated tomorrow."""
        self.evening()


class Country(mesa.Model):
    """Several cells, day by day.

    Parameters
    ----------
    make : {name: what makes the cell of that name}; England is 44 cells, in order of their numbers
    threads : among how many threads the cells are shared out (default: one a processor); results do not depend on it
    progress : called with how many cells are made, and of how many
    """

    def __init__(
        self,
        make: Mapping[str, Callable[[], Cell]],
        *,
        threads: int | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        super().__init__()
        self.threads = threads or os.cpu_count() or 1
        self.workers = ThreadPoolExecutor(self.threads)
        areas = all_areas()
        made: dict[str, Cell] = {}

        def make_one(name: str) -> None:
            made[name] = make[name]()
            if progress is not None:
                progress(len(made), len(make))

        first, *others = make
        make_one(first)  # compiles, and books what is the same for all
        list(self.workers.map(make_one, sorted(others, key=lambda name: -areas[name].persons)))  # largest first
        self.cells: dict[str, Cell] = {name: made[name] for name in make}
        self._cells = tuple(self.cells.values())
        self.warm_up, self.days, self.first_day = (
            getattr(self._cells[0], name) for name in ("warm_up", "days", "first_day")
        )
        self._told: list[np.ndarray] = []
        """What cells were told so far: TOLD[note], in order"""
        nearest = nearest_cells([areas[name].number for name in make])
        n_states = max(len(cell.m.state) for cell in self._cells)
        self._hours = Hours([cell.m.address for cell in self._cells], nearest, n_states)
        self._crew = Crew(self._hours.take_part, min(self.threads, len(make)))
        self.share_out(np.argsort([-cell.setting.population.n for cell in self._cells], kind="stable").tolist())
        share_what_is_the_same(self._cells)
        for cell in self._cells:
            cell.m.now[c.EXCHANGING] = len(make) > 1

    def share_out(self, order: Sequence[int]) -> None:
        """Have threads take cells in this order, whoever is free the next few: largest first ends together."""
        self._hours.deal(order, self.threads)

    # --- the day --------------------------------------------------------------------------------------------

    def step(self) -> None:
        """Live through one day in all cells."""
        for cell in self._cells:
            cell.morning()
        self.live_through_the_day()
        for cell in self._cells:
            cell.step()

    def live_through_the_day(self) -> None:
        """Run all cells to midnight; after each hour they meet.  Python is asked when one stops on the way."""
        hours = self._hours
        now = int(self._cells[0].m.now[c.T])
        until, midnight = now + HOUR, now + DAY
        while True:
            hours.open(until, midnight)
            self._crew.do()
            until = hours.until
            for i in np.flatnonzero(hours.codes):  # not DONE
                self._cells[i].simulation.advance(until)
            notes = hours.take_down(sum(int(cell.m.now[c.N_OUTBOX]) for cell in self._cells))
            if len(notes):
                self._told.append(notes)
            if hours.met:
                return

    def run(self, progress: Callable[[int, int], None] | None = None) -> Country:
        """Run to the end and return the model."""
        total = self.warm_up + self.days
        for day in range(int(self._cells[0].m.now[c.T]) // DAY, total):
            self.step()
            if progress is not None:
                progress(day + 1, total)
        self.running = False
        return self

    # --- what came out --------------------------------------------------------------------------------------

    def let_go(self) -> None:
        """End the run for good: threads stop, tables are freed."""
        self.workers.shutdown()
        self._crew.dismiss()
        for cell in self._cells:
            cell.let_go()

    @property
    def area(self) -> str:
        """The name of all cells together."""
        return area_of(tuple(self.cells))

    @property
    def today(self) -> datetime.date:
        """The day that is about to be simulated."""
        return self._cells[0].today

    def exchange_log(self, i: int) -> np.ndarray:
        """Return what cell `i` was told so far: INBOUND[message]."""
        if len(self._told) > 1:
            self._told = [np.concatenate(self._told)]
        mine = [notes[notes["to"] == i] for notes in self._told]
        log = np.zeros(sum(len(notes) for notes in mine), INBOUND)
        for name in (INBOUND.names or ()) if mine else ():
            log[name] = mine[0][name]
        return log

    def recall(self, logs: Sequence[np.ndarray]) -> None:
        """Go on after exchanges that another run wrote down: INBOUND[message] of each cell."""
        notes = np.zeros(sum(len(log) for log in logs), c.TOLD)
        notes["to"] = np.repeat(np.arange(len(logs)), [len(log) for log in logs])
        for name in INBOUND.names or ():
            notes[name] = np.concatenate([log[name] for log in logs])
        self._told = [notes]

    def chain(self) -> list[str]:
        """Return the daily chain of all cells together so far (see `abm.chain`)."""
        return chain.together(self.first_day, [cell.daily.chain() for cell in self._cells])

    @property
    def digest(self) -> str:
        """SHA-256 of the cells' digests so far, in order."""
        words = np.array([int(cell.m.now[c.HASH]) for cell in self._cells], np.int64)
        return hashlib.sha256(words.tobytes()).hexdigest()

    @property
    def identity(self) -> str:
        """SHA-256 of what every cell depends on."""
        return hashlib.sha256("\n".join(cell.identity for cell in self._cells).encode()).hexdigest()


def country_of(
    area: str = "england",
    *,
    pathways: tuple[str, ...] = PATHWAYS,
    edits: tuple[Edit, ...] = (),
    multipliers: tuple[tuple[str, float], ...] = (),
    population_seed: int = 1,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    **whatever: Any,
) -> Country:
    """Make an area that may be several cells.

    Parameters
    ----------
    pathways, edits, multipliers, population_seed : see `abm.setting.setting_of`
    whatever : start, days, warm_up, seed, replication … of every cell (see `CareSystem`)

    Raises
    ------
    InputError
        If there is no such area, or if its people do not fit into memory.
    """
    names = cells_of(area)
    check_memory(area, lives=bool(whatever.get("lives")))
    shared = shared_of(edited(pathways, edits), population_seed, multipliers)
    make = {name: partial(_cell_of, shared, name, whatever) for name in names}
    return Country(make, threads=threads, progress=progress)


def _cell_of(shared: Shared, name: str, whatever: Mapping[str, Any]) -> Cell:
    return Cell(setting_of_cell(shared, name), **whatever)


def tell(cell: CareSystem, message: tuple) -> None:
    """Tell a cell, between two hours, what an exchange decided (a row of INBOUND); it holds when the run goes on."""
    t, kind, state, id0, id1, entry_no, other, row, stamp = message
    if kind == TAKES_IN:
        entry.takes_in(cell.m.address, state, id0, id1, entry_no, other, row, stamp, t)
    elif kind == IS_TAKEN:
        entry.is_taken(cell.m.address, row)
    else:
        entry.is_back(cell.m.address, row, stamp, t)


def live_alone(cell: Cell, log: np.ndarray) -> Cell:
    """Run one cell again without the others, telling it what it was told then (INBOUND[message]); return it."""
    for _ in range(cell.warm_up + cell.days):
        live_a_day_alone(cell, log)
    return cell


def live_a_day_alone(cell: Cell, log: np.ndarray) -> None:
    """Live through one day of a cell without the others, telling it what it was told then."""
    cell.m.now[c.EXCHANGING] = 1
    cell.morning()
    midnight = int(cell.m.now[c.T]) + DAY
    today = log[(log["second"] > midnight - DAY) & (log["second"] <= midnight)]
    for second in np.unique(today["second"]):
        cell.simulation.advance(int(second))
        for message in today[today["second"] == second]:
            tell(cell, tuple(int(x) for x in message))
    cell.simulation.advance(midnight)
    cell.m.now[c.N_OUTBOX] = 0
    cell.step()


def share_what_is_the_same(cells: Sequence[CareSystem]) -> None:
    """Let cells read one copy of tables that are equal: it stays in the processor's cache."""
    seen: dict[tuple[str, bytes], np.ndarray] = {}
    for cell in cells:
        own = {name: getattr(cell.m, name) for name in COMMON}
        cell.m.replace(**{name: seen.setdefault((name, table.tobytes()), table) for name, table in own.items()})


def nearest_cells(numbers: Sequence[int]) -> list[list[int]]:
    """Return, for each cell, the others by distance of their numbers: STPs are numbered from north to south."""
    return [
        sorted((i for i in range(len(numbers)) if i != home), key=lambda i: (abs(numbers[i] - numbers[home]), i))
        for home in range(len(numbers))
    ]
