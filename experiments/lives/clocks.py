"""One person's clocks: what the kernels count for everybody, worked out again for one (`kernels/tallies.py`)."""

from __future__ import annotations

from dataclasses import dataclass

from abm.flat import ClockName, Flat
from experiments.lives.luck import Luck
from experiments.lives.passages import Referral, states_entered
from experiments.lives.ways import Ways
from kernels import columns as c

STOPPED, LOST, VOID, RUNNING = "stopped", "lost", "void", "running"


@dataclass(frozen=True)
class ClockRun:
    """One clock of one referral, from its start."""

    clock: int
    name: ClockName
    started: int
    until: int
    """Second at which it stopped or was given up; the end of the run if it runs still"""
    elapsed: int
    """Seconds on the clock, pauses left out"""
    how: str
    """stopped, lost (the person left without what would have stopped it), void (did not attend), running"""

    @property
    def met(self) -> bool | None:
        """Whether its standard was met; None if that is open, or there is no standard."""
        if self.name.within is None or self.how == VOID:
            return None
        if self.how == STOPPED:
            return self.elapsed <= self.name.within
        if self.how == RUNNING:
            return False if self.elapsed > self.name.within else None
        return None if self.name.finished else False


def clocks_of(referral: Referral, flat: Flat, ways: Ways, luck: Luck, end: int) -> list[ClockRun]:
    """Return the clocks of a referral in the order in which they started; `end` is the last second of the run."""
    running = _Clocks(flat, referral.opened)
    for state, t, visit in states_entered(referral, ways, luck):
        running.happens(state, "enters", t)
        if visit is None:
            running.happens(state, "leaves", t)
            continue
        if visit.began is not None:
            running.happens(state, "seen", visit.began)
        if visit.ended is not None:
            if visit.ended_by_not_attending:
                running.forgive(state, visit.ended)
            running.happens(state, "leaves", visit.ended)
    running.close(LOST if referral.closed is not None else RUNNING, end if referral.closed is None else referral.closed)
    return sorted(running.found, key=lambda run: (run.started, run.clock))


class _Clocks:
    """The clocks of one referral while its states are gone through."""

    def __init__(self, flat: Flat, opened: int) -> None:
        self.flat, self.opened = flat, opened
        self.found: list[ClockRun] = []
        self._started: dict[int, int] = {}
        self._since: dict[int, int | None] = {}
        self._before: dict[int, int] = {}
        """Seconds on a clock before its last pause"""

    def happens(self, state: int, when: str, t: int) -> None:
        """Carry out what entering, being seen in or leaving a state does to clocks."""
        for row in range(*self.flat.arrays["state"][when][state]):
            self._operate(
                int(self.flat.arrays["clock_op"]["op"][row]), int(self.flat.arrays["clock_op"]["clock"][row]), t
            )

    def forgive(self, state: int, t: int) -> None:
        """Void the clock of a state's own standard."""
        for row in range(*self.flat.arrays["state"]["leaves"][state]):
            if self.flat.arrays["clock_op"]["op"][row] == c.CANCEL:
                self._ends(int(self.flat.arrays["clock_op"]["clock"][row]), VOID, t)

    def close(self, how: str, t: int) -> None:
        """End whatever runs."""
        for clock in list(self._started):
            self._ends(clock, how, t)

    def _operate(self, op: int, clock: int, t: int) -> None:
        if op == c.START or (op == c.START_ARRIVAL and t == self.opened):
            if clock not in self._started:
                self._started[clock], self._since[clock], self._before[clock] = t, t, 0
        elif op == c.STOP:
            self._ends(clock, STOPPED, t)
        elif op == c.CANCEL:
            self._ends(clock, LOST, t)
        elif op == c.PAUSE and self._since.get(clock) is not None:
            self._before[clock] = self._elapsed(clock, t)
            self._since[clock] = None
        elif op == c.RESUME and clock in self._started and self._since[clock] is None:
            self._since[clock] = t

    def _elapsed(self, clock: int, t: int) -> int:
        since = self._since[clock]
        return self._before[clock] + (0 if since is None else t - since)

    def _ends(self, clock: int, how: str, t: int) -> None:
        if clock not in self._started:
            return
        elapsed = self._elapsed(clock, t)
        started = self._started.pop(clock)
        del self._since[clock], self._before[clock]
        self.found.append(ClockRun(clock, self.flat.clocks[clock], started, t, elapsed, how))
