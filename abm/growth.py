"""Tables of a running model made longer for states and clocks that come between two days.

Whatever was there keeps its row, so that nobody has to be moved: people, events, waiting lists and tallies point at
rows.  What is new stands behind it: empty lists, tallies of nobody, clocks that run for nobody.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from abm.flat import Flat
from abm.units import Units
from kernels.model import Model

if TYPE_CHECKING:
    from abm.model import CareSystem


def grown(m: Model, flat: Flat, units: Units) -> dict[str, np.ndarray]:
    """Return the tables of a run that have to be longer, or say other things, for the rows of `flat`."""
    n_cells, n_clock_cells = len(flat.cells), len(flat.clock_cells)
    waiting = longer(m.waiting, len(flat.lists))
    new = slice(len(m.waiting), None)
    waiting["head"][new] = waiting["tail"][new] = -1
    waiting["state"][new] = [state for state, _ in flat.lists[len(m.waiting) :]]
    pool = m.pool.copy()
    for name in ("lists", "alone"):  # of the files; the rest of a row is what happens
        pool[name] = units.pool[name]
    return {
        "waiting": waiting, "pool": pool, "candidate": longer(m.candidate, len(waiting) + 1),
        "cell": longer(m.cell, n_cells), "histogram": longer(m.histogram, n_cells),
        "series": longer(m.series, n_cells, axis=1),
        "clock_cell": longer(m.clock_cell, n_clock_cells), "clock_hour": longer(m.clock_hour, n_clock_cells),
        "clock_histogram": longer(m.clock_histogram, n_clock_cells),
        "running": longer(m.running, flat.clock_slots, axis=1),
        "held_post": longer(m.held_post, flat.slots, axis=1, blank=-1),
        "held_shift": longer(m.held_shift, flat.slots, axis=1),
    }  # fmt: skip


def longer(table: np.ndarray, n: int, axis: int = 0, blank: int = 0) -> np.ndarray:
    """Return a table of at least `n` rows (or columns), the new ones blank."""
    more = n - table.shape[axis]
    if more <= 0:
        return table
    shape = list(table.shape)
    shape[axis] = more
    new = np.full(shape, blank, table.dtype) if table.dtype.names is None else np.zeros(shape, table.dtype)
    return np.concatenate([table, new], axis=axis)


def follow(model: CareSystem) -> None:
    """Let what a model writes down by day, and has read before, have room for rows that are new."""
    n = len(model.m.cell)
    model.daily.waiting = longer(model.daily.waiting, n, axis=1)
    if model.opening is not None:
        model.opening = dataclasses.replace(model.opening, cell=longer(model.opening.cell, n))
    if model.proof is not None:
        model.proof.look_again()


def same_front(old: np.ndarray, new: np.ndarray) -> bool:
    """Say whether a table begins as another one was."""
    return len(new) >= len(old) and np.array_equal(old, new[: len(old)])
