"""What the event log leaves out and keyed luck still knows: how long a wait took, whether an appointment was missed."""

from __future__ import annotations

import numpy as np

from abm.network import Simulation
from kernels import columns as c
from kernels import entry
from pathways import laws


class Luck:
    """The keyed words of one run's visits, and the durations they stand for."""

    def __init__(self, simulation: Simulation) -> None:
        self._static = simulation.network.static
        """Of the end of the run: changes from a date on are in it"""
        self._key = int(simulation.m.now[c.SEED]), int(simulation.m.now[c.REPLICATION])

    def words(self, id0: int, id1: int, referral: int, visit: int, state: int) -> tuple[int, int, int, int]:
        """Return a visit's four words: length, missed appointment, patience, route."""
        purpose = self._static["state"]["purpose"][state]
        found = entry.block(*self._key, id0, id1, purpose, (referral << 16) | visit)
        return int(found[0]), int(found[1]), int(found[2]), int(found[3])

    def seconds(self, state: int, law: str, word: int) -> int | None:
        """Return what a word means by a law of a state (`minutes`, `dna_minutes`, `patience`); None without one."""
        row = int(self._static["state"][law][state])
        return None if row < 0 else int(laws.draw(self._static["table"][row], np.array([word], np.uint32))[0])

    def misses(self, state: int, word: int) -> bool:
        """Say whether the second word of a visit means that the appointment is not attended."""
        return word < int(self._static["state"]["dna"][state])

    def counts(self, state: int) -> bool:
        """Say whether visits to a state are numbered: it can be come to more than once in one referral."""
        return int(self._static["state"]["repeat"][state]) >= 0

    def chosen(self, decision: int, word: int) -> int | None:
        """Return the state a decision sends on to by its route word; None if that depends on more than the word."""
        first, stop = self._static["state"]["groups"][decision]
        group = self._static["route_group"][first]
        if stop - first != 1 or group["has_odds"] or group["guard"][1] > group["guard"][0]:
            return None
        routes = self._static["route"][group["routes"][0] : group["routes"][1]]
        at = int(np.searchsorted(routes["threshold"][:-1], word, side="right"))
        return int(routes["to"][at])
