"""A run that proves, at every midnight, that nothing and nobody was lost."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from abm.balance import prove
from abm.minutes import Minutes
from kernels import columns as c

if TYPE_CHECKING:
    from abm.model import CareSystem

PROVED = ("people", "referrals", "waiting lists", "staff", "beds", "caseloads", "minutes")
"""What balances, in the words of the answer."""
NAMED = 5
"""Faults that an error names; the others are counted."""


class BalanceError(RuntimeError):
    """Something was lost or booked twice: names the day, what, and the figures."""

    def __init__(self, day: datetime.date, faults: list[str]) -> None:
        self.day, self.faults = day, faults
        more = f"; and {len(faults) - NAMED} more" if len(faults) > NAMED else ""
        super().__init__(f"at the end of {day} this does not balance: {'; '.join(faults[:NAMED])}{more}")

    def __reduce__(self) -> tuple[type[BalanceError], tuple[datetime.date, list[str]]]:
        """Travel from one process to another with what it says."""
        return BalanceError, (self.day, self.faults)


class Proof:
    """Looks at a run whenever a day is over, before anything is changed for the next.

    It changes nothing that happens: the digest is the same without it.
    """

    def __init__(self, model: CareSystem, days: int = 0) -> None:
        self.model = model
        self.days = days
        """Days proved, those before a checkpoint too"""
        self._minutes = Minutes(model.simulation)

    def day_is_over(self) -> None:
        """Prove the day that has just ended.

        Raises
        ------
        BalanceError
            If something does not add up.
        """
        model = self.model
        faults = prove(model.simulation)
        faults = faults or self._minutes.faults()  # minutes are read from tables that must be in order first
        if faults:
            ended = model.first_day + datetime.timedelta(days=int(model.m.now[c.T]) // 86_400 - 1)
            raise BalanceError(ended, faults)
        self.days += 1

    def look_again(self) -> None:
        """Open the books anew where tables were made longer between two days."""
        self._minutes = Minutes(self.model.simulation)
