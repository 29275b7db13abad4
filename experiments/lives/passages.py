"""One person's referrals, put together from the event log, keyed luck and who is still there at the end."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from abm import tags
from experiments.lives.luck import Luck
from experiments.lives.rerun import Kept
from experiments.lives.ways import Ways
from kernels import columns as c


@dataclass
class Contact:
    """One contact of a stay or a course."""

    began: int
    ended: int | None = None
    attended: bool = True


@dataclass
class Visit:
    """One stay in one state; seconds of the run, None where it has not come to that."""

    state: int
    visit: int
    joined: int
    began: int | None = None
    ended: int | None = None
    missed_at: int | None = None
    """An appointment that was offered and not attended"""
    contacts: list[Contact] = field(default_factory=list)
    """Sessions of a course, visits during a stay"""
    not_made: list[int] = field(default_factory=list)
    """Visits of a stay that were due and not made"""

    @property
    def wait(self) -> int | None:
        """Seconds until seen or admitted."""
        return None if self.began is None else self.began - self.joined

    @property
    def finished(self) -> bool:
        """Whether it was left when it was over, and not by an event such as giving up or not attending."""
        return self.began is not None and not self.ended_by_not_attending

    @property
    def ended_by_not_attending(self) -> bool:
        """Whether a missed appointment, or one too many of a course, ended it."""
        last = self.contacts[-1] if self.contacts else None
        return self.missed_at is not None or (last is not None and not last.attended and last.began == self.ended)


@dataclass
class Referral:
    """One passage of the person: from a door, or from a state that opened it, to its end."""

    id0: int
    id1: int
    entry: int
    first: int
    """State it enters first"""
    came_by: str
    """`door NAME` or `from STATE`"""
    visits: list[Visit] = field(default_factory=list)
    outcome: int | None = None
    """The end state"""
    closed: int | None = None

    @property
    def opened(self) -> int:
        """Second at which it was opened."""
        return self.visits[0].joined if self.visits else (self.closed or 0)


def referrals_of(kept: Kept) -> list[Referral]:
    """Return the referrals of the person a replay has kept, in the order in which they were opened."""
    log, flat = kept.log, kept.model.network.flat
    kind = flat.arrays["state"]["kind"]
    parent = flat.arrays["state"]["parent"]
    luck = Luck(kept.model.simulation)
    origins = _origins(kept)
    found: dict[tuple[int, int], Referral] = {}
    for one in log:  # written as it happened
        key = int(one["id0"]), int(one["entry"])
        if key not in found:
            first, came_by = origins[key[0] >> 20]
            found[key] = Referral(key[0], int(one["id1"]), key[1], first, came_by)
        _happens(found[key], one, kind, parent, luck)
    _still_there(kept, found, origins)
    return sorted(found.values(), key=lambda referral: (referral.opened, referral.id0, referral.entry))


def _origins(kept: Kept) -> dict[int, tuple[int, str]]:
    """Return (first state, how they came) by the tag in id word 0: of doors, and of states that open others."""
    setting, flat = kept.model.setting, kept.model.network.flat
    of_door, of_start = tags.of_doors(setting.specs), tags.of_caseloads(setting.specs)
    origins = {of_door[door.name]: (flat.state(door.to), f"door {door.name}") for door in setting.demand.doors}
    origins |= {number: (flat.state(name), "there at the start") for name, number in of_start.items()}
    for turn in kept.model.m.life_turn if kept.model.lives else ():
        door = setting.demand.doors[int(turn["door"])]
        origins[int(turn["tag"])] = (flat.state(door.to), f"door {door.name}")
    state, opening = flat.arrays["state"], flat.arrays["opening"]
    for i, name in enumerate(flat.state_names):
        for row in range(*state["opens"][i]):
            origins[int(opening["tag"][row])] = (int(opening["state"][row]), f"from {name}")
    return origins


def _happens(referral: Referral, one: np.void, kind: np.ndarray, parent: np.ndarray, luck: Luck) -> None:
    """Add one entry of the log to a referral."""
    state, what, t = int(one["state"]), int(one["kind"]), int(one["time"])
    visits = referral.visits
    if parent[state] >= 0:
        _during_a_stay(next(v for v in reversed(visits) if v.state == parent[state]), what, t)
    elif what == c.L_JOINED:
        visits.append(Visit(state, int(one["visit"]), t))
    elif what == c.L_BEGAN:
        visits[-1].began = t
    elif what == c.L_SESSION:
        visits[-1].contacts.append(Contact(t))
    elif what == c.L_DNA:
        visits[-1].contacts.append(Contact(t, attended=False))
    elif kind[state] == c.END:
        referral.outcome, referral.closed = state, t
    elif kind[state] == c.WAIT:
        since = visits[-1].ended if visits else None
        if since is None:  # the referral began with it
            words = luck.words(referral.id0, referral.id1, referral.entry, int(one["visit"]), state)
            since = t - (luck.seconds(state, "minutes", words[0]) or 0)
        visits.append(Visit(state, int(one["visit"]), since, since, t))
        if what == c.L_GONE:
            referral.closed = t
    elif what == c.L_GONE:  # died or moved away, wherever they were
        visits[-1].ended = referral.closed = t
    else:
        visits[-1].ended = t
        if visits[-1].began is None and not visits[-1].contacts and kind[state] == c.CONTACT:
            visits[-1].missed_at = _missed(referral, visits[-1], t, luck)


def _during_a_stay(stay: Visit, what: int, t: int) -> None:
    if what == c.L_BEGAN:
        stay.contacts.append(Contact(t))
    elif what == c.L_MISSED:
        stay.not_made.append(t)
    elif what == c.L_ENDED and stay.contacts:
        stay.contacts[-1].ended = t


def _missed(referral: Referral, visit: Visit, left: int, luck: Luck) -> int | None:
    """Return when an appointment began that nobody came to; None if the person gave up waiting before there was one."""
    words = luck.words(referral.id0, referral.id1, referral.entry, visit.visit, visit.state)
    patience = luck.seconds(visit.state, "patience", words[2])
    if not luck.misses(visit.state, words[1]) or (patience is not None and left == visit.joined + patience):
        return None
    lasted = luck.seconds(visit.state, "dna_minutes", words[0]) or luck.seconds(visit.state, "minutes", words[0]) or 0
    began = left - lasted
    return began if began >= visit.joined else None


def _still_there(kept: Kept, found: dict[tuple[int, int], Referral], origins: dict[int, tuple[int, str]]) -> None:
    """Add what is under way when the run ends and has left nothing in the log: time passed in a state of waiting."""
    m, kind = kept.model.m, kept.model.network.flat.arrays["state"]["kind"]
    assert kept.row is not None
    at = int(m.first_referral[kept.row])
    while at >= 0:
        row = m.referral[at]
        key = int(row["id0"]), int(row["entry"])
        if kind[row["state"]] == c.WAIT:
            if key not in found:
                first, came_by = origins[key[0] >> 20]
                found[key] = Referral(key[0], int(row["id1"]), key[1], first, came_by)
            since = int(row["since"])
            found[key].visits.append(Visit(int(row["state"]), int(row["visit"]), since, since))
        at = int(row["sibling"])


def states_entered(referral: Referral, ways: Ways, luck: Luck) -> list[tuple[int, int, Visit | None]]:
    """Return (state, second, visit) in order, decisions on the way included, and the end."""
    found: list[tuple[int, int, Visit | None]] = []
    stops: list[tuple[int, int, Visit | None]] = [(v.state, v.joined, v) for v in referral.visits]
    if referral.outcome is not None and referral.closed is not None:
        stops.append((referral.outcome, referral.closed, None))
    times: Counter[int] = Counter()

    def words(decision: int) -> tuple[int, ...]:
        number = times[decision] + 1 if luck.counts(decision) else 1
        return luck.words(referral.id0, referral.id1, referral.entry, number, decision)

    before: Visit | None = None
    for state, t, visit in stops:
        origin = None if before is None else before.state
        for decision in ways.passed(origin, referral.first, state, before is None or before.finished, words):
            found.append((decision, t, None))
            times[decision] += 1
        found.append((state, t, visit))
        before = visit
    return found
