"""What is written down at the end of every day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from abm.model import CareSystem


class Daily:
    """Places and staff busy, people waiting, at the end of each day: int32[day, pool], int32[day, cell]."""

    def __init__(self, model: CareSystem) -> None:
        self.model = model
        horizon = model.warm_up + model.days
        self.busy = np.zeros((horizon, len(model.m.pool)), np.int32)
        self.waiting = np.zeros((horizon, len(model.m.cell)), np.int32)
        self.n = 0

    def observe(self) -> None:
        """Write down the day that just ended."""
        self.busy[self.n] = self.model.m.pool["busy"]
        self.waiting[self.n] = self.model.m.cell["n_waiting"]
        self.n += 1

    def recall(self, busy: np.ndarray, waiting: np.ndarray) -> None:
        """Go on after the days that another run wrote down."""
        self.n = len(busy)
        self.busy[: self.n], self.waiting[: self.n] = busy, waiting
