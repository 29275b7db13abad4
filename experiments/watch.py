"""What a run writes down beside the kernels' tallies: who asked in the window, who was at work each morning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from abm.model import CareSystem
from experiments import outcome, people_served
from experiments.delays import Delays
from experiments.outcome import Outcome


class Watch:
    """Watches one model from its first day to its last; `before`: what was seen (`seen`) before a checkpoint."""

    def __init__(self, model: CareSystem, before: Mapping[str, Any] | None = None) -> None:
        self.model = model
        self.day = 0
        self._asked = people_served.asked_so_far(model)
        self._on = np.zeros((model.warm_up + model.days, len(model.m.pool)), np.int32)
        self._delays = Delays(model, () if before is None else before["delays"])
        if before is not None:
            self.day = len(before["on"])
            self._on[: self.day] = before["on"]
            self._asked = np.array(before["asked"], np.int64)

    def seen(self) -> dict[str, Any]:
        """Return what was written down so far, as JSON can hold it."""
        return {
            "on": self._on[: self.day].tolist(), "asked": self._asked.tolist(), "delays": self._delays.seen(),
        }  # fmt: skip

    def day_begins(self) -> None:
        """Write down who is at work, and which places there are."""
        self._on[self.day] = self.model.m.pool["on"]

    def day_is_over(self) -> None:
        """Count from here if the warm-up is over."""
        self.day += 1
        if self.day > self.model.warm_up:
            self._delays.midnight()
        if self.day == self.model.warm_up:
            self._asked = people_served.asked_so_far(self.model)

    def outcome(self, identity: str, replication: int, with_events: bool) -> Outcome:
        """Return what the finished run leaves behind."""
        model = self.model
        return outcome.of(
            model, identity=identity, replication=replication,
            asked=people_served.asked_so_far(model) - self._asked, on=self._on[model.warm_up :],
            delays=self._delays.table(), with_events=with_events,
            days_proved=0 if model.proof is None else model.proof.days,
        )  # fmt: skip
