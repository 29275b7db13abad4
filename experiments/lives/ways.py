"""Which decisions somebody passed on the way from one state to the next: the event log does not hold them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import pairwise

from abm.flat import Flat
from experiments.lives.luck import Luck
from kernels import columns as c
from pathways.routes import EVENTS

Way = tuple[int, ...]


class Ways:
    """The decisions between states, found on the routes of the pathways.

    Where two ways lead to the same state, the keyed luck of the decisions says which was taken, where it can: at
    decisions without guards or odds.  Else only decisions that lie on every way are known to have been passed.
    """

    def __init__(self, flat: Flat, luck: Luck) -> None:
        self._flat, self._luck = flat, luck
        self._kind = flat.arrays["state"]["kind"]
        index = {name: i for i, name in enumerate(flat.state_names)}
        self._next: dict[tuple[int, bool], set[int]] = {}
        for origin, to, why in flat.routes:
            ordinary = why.partition(" ")[0] not in EVENTS
            self._next.setdefault((index[origin], ordinary), set()).add(index[to])
        self._between = cache(self._all_between)

    def passed(
        self, origin: int | None, first: int, to: int, ordinary: bool, words: Callable[[int], tuple[int, ...]]
    ) -> Way:
        """Return the decisions passed before `to`, in order.

        Parameters
        ----------
        origin : the state left, None at a referral's beginning, which enters `first`
        ordinary : the state was left when it was finished, not by an event
        words : the keyed words of the person's present visit to a decision
        """
        ways = self._on(((first,),), to) if origin is None else self._between(origin, to, ordinary)
        if len(ways) > 1:
            ways = [way for way in ways if self._agrees((*way, to), words)] or ways
        if not ways:
            return ()
        shared = set.intersection(*(set(way) for way in ways))
        return tuple(state for state in ways[0] if state in shared)

    def _all_between(self, origin: int, to: int, ordinary: bool) -> list[Way]:
        """Return all ways from a state to another; those by events only if no other is as it should be."""
        for usual in (ordinary, not ordinary):
            found = self._on([(start,) for start in sorted(self._next.get((origin, usual), ()))], to)
            if found:
                return found
        return []

    def _on(self, ahead: list[Way] | tuple[Way, ...], to: int) -> list[Way]:
        ways: list[Way] = []
        open_ways = list(ahead)
        while open_ways:
            way = open_ways.pop()
            if way[-1] == to:
                ways.append(way[:-1])
            elif self._kind[way[-1]] == c.DECISION:
                after = sorted(self._next.get((way[-1], True), ()))
                open_ways += [(*way, state) for state in after if state not in way]
        return ways

    def _agrees(self, way: Way, words: Callable[[int], tuple[int, ...]]) -> bool:
        """Say whether the person's luck could lead this way: false only where it cannot."""
        for decision, after in pairwise(way):
            chosen = self._luck.chosen(decision, words(decision)[3])
            if chosen is not None and chosen != after:
                return False
        return True
