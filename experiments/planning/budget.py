"""The time there is for a sizing, phase by phase."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

UNTIL = {"search": 0.42, "verdicts": 0.72, "confirmation": 0.79, "headroom": 0.85, "parameter uncertainty": 0.97}
"""Share of the budget after which no new round of a phase is begun."""


@dataclass
class Budget:
    """The time there is; asked only between rounds, so that it never decides anything but when to stop."""

    seconds: float
    began: float = field(default_factory=time.monotonic)
    stopped: list[str] = field(default_factory=list)
    phases: list[dict[str, Any]] = field(default_factory=list)

    @property
    def spent(self) -> float:
        """Return the seconds since the beginning."""
        return time.monotonic() - self.began

    def over(self, phase: str) -> Callable[[], bool]:
        """Return the question "is the time for this phase up?"."""

        def ask() -> bool:
            up = self.spent >= self.seconds * UNTIL[phase]
            if up and phase not in self.stopped:
                self.stopped.append(phase)
            return up

        return ask

    def note(self, phase: str, runs_so_far: int) -> None:
        """Write down what a phase took."""
        runs, seconds = sum(p["runs"] for p in self.phases), sum(p["seconds"] for p in self.phases)
        self.phases.append({"phase": phase, "runs": runs_so_far - runs, "seconds": round(self.spent - seconds, 2)})
