"""What is written down at the end of every day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm import chain
from kernels import columns as c

if TYPE_CHECKING:
    from abm.model import CareSystem


class Daily:
    """What each day ended with: places and staff busy, people waiting, the digest of all that has happened.

    int32[day, pool], int32[day, cell], int64[day].
    """

    def __init__(self, model: CareSystem) -> None:
        self.model = model
        horizon = model.warm_up + model.days
        self.busy = np.zeros((horizon, len(model.m.pool)), np.int32)
        self.waiting = np.zeros((horizon, len(model.m.cell)), np.int32)
        self.happened = np.zeros(horizon, np.int64)
        self.n = 0

    def observe(self) -> None:
        """Write down the day that just ended."""
        self.busy[self.n] = self.model.m.pool["busy"]
        self.waiting[self.n] = self.model.m.cell["n_waiting"]
        self.happened[self.n] = self.model.m.now[c.HASH]
        self.n += 1

    def recall(self, busy: np.ndarray, waiting: np.ndarray, happened: np.ndarray) -> None:
        """Go on after the days that another run wrote down."""
        self.n = len(busy)
        self.busy[: self.n], self.waiting[: self.n], self.happened[: self.n] = busy, waiting, happened

    def chain(self) -> list[str]:
        """Return the daily chain so far: one link a day, the run's first day first (see `abm.chain`)."""
        return chain.links(self.model.first_day, self.happened[: self.n])
