"""A daily chain of five states, the textbook agent-based model: what every program runs, and the chain by theory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

STATES = ("well", "mild", "moderate", "severe", "treated")
DAILY = np.array(
    [
        [0.996, 0.004, 0.0, 0.0, 0.0],
        [0.02, 0.97, 0.01, 0.0, 0.0],
        [0.0, 0.02, 0.955, 0.005, 0.02],
        [0.0, 0.0, 0.01, 0.94, 0.05],
        [0.02, 0.02, 0.0, 0.0, 0.96],
    ]
)
"""Chance a day of going from each state to each.  assumption: any chain of mean stays of weeks would do as well."""
LEAVING = np.cumsum(np.where(np.eye(len(STATES)) > 0, 0.0, DAILY), axis=1)
"""Cumulative chances of leaving for each state: float64[from, to]; the last column is the chance to leave at all."""


@dataclass(frozen=True)
class ChainRun:
    """One program's run of the chain, everybody well on day 0."""

    program: str
    people: int
    days: int
    seconds: float
    """Processor seconds of the run alone, compiled and set up."""
    bytes_each: float
    """Memory a person, as Python counts what was allocated for the people."""
    counts: np.ndarray
    """int64[state] on the last day"""
    computed: int
    """What was really computed: person-steps, or events."""
    records: str

    @property
    def person_days_per_second(self) -> float:
        """Days of people that passed per second."""
        return self.people * self.days / self.seconds

    @property
    def off_by(self) -> float:
        """Return the greatest error of a state's share, against the matrix power."""
        return float(np.abs(self.counts / self.people - shares_after(self.days)).max())


def shares_after(days: int) -> np.ndarray:
    """Return the share of people in each state after so many days: float64[state]."""
    return np.linalg.matrix_power(DAILY, days)[0]
