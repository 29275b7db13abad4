"""What a run's event log says of each pathway: referrals received, from whom, who is seen, contacts, caseload.

A *referral received* by a pathway is one referral's first happening there; coming back is no new one.  A pathway that
stands for wards alone counts admissions.  Whoever sent it is the pathway it was in before, or the one that opened it;
else it came through a door.  People from elsewhere are left out of who sends whom: their own area's services take over.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

import numpy as np

from abm import tags
from abm.model import CareSystem
from kernels import columns as c
from pathways.specs import PathwaySpec

DAY = 86_400
MONTH = 365.25 / 12 * DAY
LOOKED_AT = (c.L_JOINED, c.L_BEGAN, c.L_ENDED, c.L_SESSION)


@dataclass(frozen=True, eq=False)
class Counts:
    """Counts of one year, or of a window scaled to one; entry p of every array is one pathway."""

    received: np.ndarray
    """float64[pathway] referrals of residents (admissions, where wards are counted)"""
    sent: np.ndarray
    """float64[from, to] of which sent by another pathway"""
    seen: np.ndarray
    """float64[pathway] referrals seen or admitted for the first time"""
    contacts: np.ndarray
    """float64[pathway] contacts that took place"""
    bed_days: np.ndarray
    """float64[pathway]"""
    open: np.ndarray
    """float64[pathway] mean number of open referrals"""
    caseload: np.ndarray
    """float64[pathway] mean number of open referrals that have been seen"""
    months: np.ndarray
    """float64[pathway] months on the caseload, a referral that is over counted as one month at least"""


def summed(counts: Iterable[Counts]) -> Counts:
    """Return the counts of several cells together."""
    several = list(counts)
    return Counts(**{one.name: sum(getattr(each, one.name) for each in several) for one in fields(Counts)})


def counts_admissions(spec: PathwaySpec) -> bool:
    """Say whether a pathway stands for wards alone."""
    return bool(spec.services) and all(name.startswith("Inpatient services") for name in spec.services)


def count(model: CareSystem) -> Counts:
    """Count the measured window of a finished run that kept its events, scaled to a year of 365.25 days."""
    m, specs = model.m, model.setting.specs
    n = len(specs)
    log = model.simulation.events()
    log = log[np.isin(log["kind"], LOOKED_AT)]
    log = log[np.lexsort((log["entry"], log["id1"], log["id0"]))]  # stable: in time within a referral
    new = np.ones(len(log), bool)
    new[1:] = (log["id0"][1:] != log["id0"][:-1]) | (log["id1"][1:] != log["id1"][:-1])
    new[1:] |= log["entry"][1:] != log["entry"][:-1]
    referral = np.cumsum(new) - 1
    pathway = m.state["pathway"][log["state"]].astype(np.int64)
    passage = referral * n + pathway
    start, end = model.warm_up * DAY, (model.warm_up + model.days) * DAY
    a_year = 365.25 / model.days
    of_passage, first = np.unique(passage, return_index=True)
    at = of_passage % n

    began = np.flatnonzero(log["kind"] == c.L_BEGAN)
    of_began, first_began = np.unique(passage[began], return_index=True)
    admitted = began[m.state["kind"][log["state"][began]] == c.PLACE]
    of_admitted, first_admitted = np.unique(passage[admitted], return_index=True)
    seen_at = np.full(len(of_passage), np.iinfo(np.int64).max)
    seen_at[np.searchsorted(of_passage, of_began)] = log["time"][began[first_began]]
    in_bed_at = np.full(len(of_passage), np.iinfo(np.int64).max)
    in_bed_at[np.searchsorted(of_passage, of_admitted)] = log["time"][admitted[first_admitted]]
    wards = np.array([counts_admissions(spec) for spec in specs.values()])
    counted_at = np.where(wards[at], in_bed_at, log["time"][first])
    seen_at = np.where(wards[at], in_bed_at, seen_at)

    resident = log["id0"][first] < c.STREAM_ID
    measured = (counted_at >= start) & (counted_at < end) & resident
    origin = _origins(model, log, new, first, pathway)
    sent = np.zeros((n, n))
    internal = measured & (origin >= 0)
    np.add.at(sent, (origin[internal], at[internal]), a_year)
    seen = (seen_at >= start) & (seen_at < end) & resident
    return Counts(
        np.bincount(at[measured], minlength=n) * a_year, sent, np.bincount(at[seen], minlength=n) * a_year,
        _contacts(model, log, pathway, start, end) * a_year, *_present(model),
        *_caseload(log, passage, seen_at, n, (start, end), resident, m.state["kind"][log["state"]] == c.END),
    )  # fmt: skip


def _origins(model: CareSystem, log: np.ndarray, new: np.ndarray, first: np.ndarray, pathway: np.ndarray) -> np.ndarray:
    """Return which pathway sent each passage, int64[passage]; −1: it came through a door."""
    before = np.where(new[first], -1, pathway[np.maximum(first - 1, 0)])
    specs, names = model.setting.specs, list(model.setting.specs)
    openers: dict[tuple[int, int], int] = {}  # (tag, pathway it leads to; −1: whichever): pathway
    for p, (name, spec) in enumerate(specs.items()):
        for state, one in spec.states.items():
            pairs = [(f"{name}/{state}", to if "/" in to else f"{name}/{to}") for to in one.opens]
            for (_, state_to), tag in tags.of_openings(specs, pairs).items():
                target = state_to.partition("/")[0]
                if target in specs:
                    openers[tag, -1] = openers[tag, names.index(target)] = p
    born = np.flatnonzero(before < 0)
    at = first[born]
    tag_of = log["id0"][at] >> (32 - tags.BITS)
    for (tag, to), p in sorted(openers.items(), key=lambda one: one[0][1]):
        before[born[(tag_of == tag) & ((pathway[at] == to) | (to < 0))]] = p
    return np.where(before == pathway[first], -1, before)


def _contacts(model: CareSystem, log: np.ndarray, pathway: np.ndarray, start: int, end: int) -> np.ndarray:
    """Return contacts that took place in the window, float64[pathway]: sessions; else begun, less missed ones."""
    m, n = model.m, len(model.setting.specs)
    now = (log["time"] >= start) & (log["time"] < end)
    session = now & (log["kind"] == c.L_SESSION)
    courses = np.unique(log["state"][log["kind"] == c.L_SESSION])
    single = now & (log["kind"] == c.L_BEGAN) & (m.state["kind"][log["state"]] == c.CONTACT)
    single &= ~np.isin(log["state"], courses)
    found = np.bincount(pathway[session | single], minlength=n).astype(np.float64)
    state_of_cell = np.array([state for state, _ in model.network.flat.cells], np.int64)
    missed = ~np.isin(state_of_cell, courses)
    np.subtract.at(
        found, m.state["pathway"][state_of_cell[missed]], m.cell["dna"][: len(state_of_cell)][missed].astype(float)
    )
    return found


def _present(model: CareSystem) -> tuple[np.ndarray, np.ndarray]:
    """Return (bed days a year, mean open referrals), float64[pathway]; a stay's visits are the stay's referral."""
    m, n = model.m, len(model.setting.specs)
    reading = model.reading()
    cell = reading.cell[: len(model.network.flat.cells)]
    state = m.state[np.array([state for state, _ in model.network.flat.cells], np.int64)]
    present = np.where(state["parent"] < 0, cell["present_seconds"], 0).astype(np.float64)
    in_bed = np.where(state["kind"] == c.PLACE, present - cell["waiting_seconds"], 0.0)
    beds, open_ = (np.bincount(state["pathway"], weights=what, minlength=n)[:n] for what in (in_bed, present))
    return beds / reading.seconds * 365.25, open_ / reading.seconds


def _caseload(
    log: np.ndarray, passage: np.ndarray, seen_at: np.ndarray, n: int, window: tuple[int, int], resident: np.ndarray,
    ended: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Return (mean number of referrals seen and still open, months on the caseload a year), float64[pathway].

    From one happening to the next a referral is where the first was; after a state's end (the log does not say
    who joins a wait) where the next is.  `ended` bool[event]: it is the end of a referral.
    """
    start, end = window
    of_passage, last = np.unique(passage[::-1], return_index=True)
    last = len(passage) - 1 - last
    referral = passage // n
    over = np.zeros(int(referral.max(initial=-1)) + 1, bool)
    over[referral[ended]] = True
    goes_on = np.append(referral[1:] == referral[:-1], False)
    following = np.append(log["time"][1:], end)
    until = np.where(goes_on, following, np.where(over[referral], log["time"], end))
    owner = np.where(goes_on & (log["kind"] == c.L_ENDED), np.append(passage[1:], -1), passage)
    owner = np.searchsorted(of_passage, owner)
    known = np.where(resident, seen_at, end)[owner]

    def time_within(first: int) -> np.ndarray:
        return np.maximum(np.minimum(until, end) - np.maximum(np.maximum(log["time"], first), known), 0)

    time = np.bincount(owner, weights=time_within(start), minlength=len(of_passage))
    in_all = np.bincount(owner, weights=time_within(0), minlength=len(of_passage))
    leaves = log["time"][last]
    gone = (over[of_passage // n] | goes_on[last]) & (leaves >= start) & (leaves < end) & (seen_at <= leaves)
    short = np.where(gone & resident, np.maximum(MONTH - in_all, 0), 0)
    caseload, topped = (
        np.bincount(of_passage % n, weights=what, minlength=n) / (end - start) for what in (time, time + short)
    )
    return caseload, topped * 12
