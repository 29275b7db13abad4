"""How many clocks can run for one referral at once: so many slots it needs.

Followed along the routes are the sets of clocks that may run.  What a state does to a larger set leaves a larger set,
so that of all sets that reach a state only those matter that lie within no other.  Guards are not looked into.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from kernels import columns as c
from kernels.model import Model

ARRIVING = 1
"""Bit of a set: the referral was opened in this very second.  Clock k has bit k + 1."""
Operations = list[tuple[int, int]]


def most_at_once(arrays: Mapping[str, np.ndarray], now: Iterable[tuple[int, int]] = ()) -> int:
    """Return how many clocks can run at once, at least 1.

    A referral may be opened in any state.  `now`: (state, set of clocks) of referrals that are open already.
    """
    operations = [tuple(row) for row in arrays["clock_op"].tolist()]
    states = arrays["state"]
    enters, seen, leaves = (
        [operations[first:stop] for first, stop in states[when].tolist()] for when in ("enters", "seen", "leaves")
    )
    ways = [list(_ways(arrays, i)) for i in range(len(states))]
    largest: list[list[int]] = [[] for _ in states]
    there = [(i, bits, True) for i, bits in now] + [(i, ARRIVING, False) for i in range(len(states))]
    most = 1
    while there:
        i, bits, entered = there.pop()
        if not entered:
            if any(bits | other == other for other in largest[i]):
                continue
            largest[i] = [other for other in largest[i] if other | bits != bits] + [bits]
            bits, peak = _after(bits, enters[i])
            most = max(most, peak)
        most = max(most, (bits & ~ARRIVING).bit_count())
        for to, surely_seen, in_no_time in ways[i]:
            left = _after(bits, seen[i])[0] if surely_seen else bits
            left = _after(left, leaves[i])[0]
            there.append((to, left if in_no_time else left & ~ARRIVING, False))
    return most


def running_now(m: Model) -> Iterator[tuple[int, int]]:
    """Yield (state, set of clocks) of the open referrals for which a clock runs, each such pair once."""
    some = np.flatnonzero((m.running["clock"] != 0).any(axis=1))
    rows = np.column_stack([m.referral["state"][some], np.sort(m.running["clock"][some], axis=1)])
    for state, *clocks in np.unique(rows, axis=0).tolist():
        yield state, sum(1 << one for one in clocks if one)


def _ways(arrays: Mapping[str, np.ndarray], i: int) -> Iterator[tuple[int, bool, bool]]:
    """Yield (state, was the person surely seen before?, may it take no time?) for every state that may follow."""
    row = arrays["state"][i]
    found: dict[tuple[int, bool, bool], None] = {}
    for group in arrays["route_group"][slice(*row["groups"].tolist())]:
        finished = bool(group["event"] == c.NO_EVENT)
        surely_seen = finished and bool(row["kind"] <= c.PLACE and row["n_sessions"] < 0)
        in_no_time = not finished or bool(row["kind"] == c.DECISION)
        for to in arrays["route"]["to"][slice(*group["routes"].tolist())].tolist():
            found[to, surely_seen, in_no_time] = None
    yield from found


def _after(bits: int, operations: Operations) -> tuple[int, int]:
    """Return the clocks that may run after some operations, and the most that may run in between."""
    peak = 0
    for op, k in operations:
        if op == c.START or (op == c.START_ARRIVAL and bits & ARRIVING):
            bits |= 2 << k
        elif op in (c.STOP, c.CANCEL):
            bits &= ~(2 << k)
        peak = max(peak, (bits & ~ARRIVING).bit_count())
    return bits, peak
