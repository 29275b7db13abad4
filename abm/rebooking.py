"""What a changed column sets off: a new risk group, and onsets rebooked from this second on."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import numpy as np

from abm.network import DAY, Simulation
from kernels import columns as c
from kernels import entry

if TYPE_CHECKING:
    from abm.model import CareSystem


def columns_changed(simulation: Simulation, rows: np.ndarray) -> None:
    """Find the risk groups of the residents in `rows` (int64[patient]) anew, and rebook where they changed."""
    people = np.ascontiguousarray(rows, dtype=np.int64)
    people = people[people < simulation.network.n_residents]
    now = simulation.m.now
    done = 0
    while True:
        done = int(entry.change_risks(simulation.m.address, people, done, int(now[c.T])))
        if done == len(people):
            return
        simulation.make_room()


def next_onsets(model: CareSystem, row: int) -> dict[str, datetime.datetime | None]:
    """Return when one resident will next come through each door; None beyond the run's end."""
    horizon = (model.warm_up + model.days) * DAY
    found = {}
    for d, door in enumerate(model.setting.demand.doors):
        t = int(entry.next_onset(model.m.address, row, d))
        found[door.name] = model.when(t) if t < horizon else None
    return found
