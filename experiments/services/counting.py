"""What a run's event log says of each pathway: referrals received, from whom, who is seen, contacts, caseload.

A *referral received* by a pathway is one referral's first happening there; coming back is no new one.  A pathway that
stands for wards alone counts admissions.  A service type may be counted at states of its own (`services.csv`).
Whoever sent it is the pathway it was in before, or the one that opened it; else it came through a door.  People from
elsewhere are left out of who sends whom: their own area's services take over.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

import numpy as np

from abm import tables, tags
from abm.balance import open_referrals
from abm.model import CareSystem
from kernels import columns as c
from pathways.specs import PathwaySpec

DAY = 86_400
MONTH = 365.25 / 12 * DAY
Places = Mapping[str, frozenset[str]]
"""{pathway: its states at which something is counted}; a pathway that is left out counts everywhere."""
SECONDARY = ("eating_disorders", "secure", "rehabilitation", "mother_and_baby_unit")
"""Secondary services that stand for no type with a count of its own."""
NOT_SECONDARY = ("IAPT",)
"""Types that the stock of people in contact leaves out: talking therapies have statistics of their own."""
LOOKED_AT = (c.L_JOINED, c.L_BEGAN, c.L_ENDED, c.L_SESSION)


@dataclass(frozen=True, eq=False)
class Counts:
    """Counts of one year, or of a window scaled to one; entry p of every array is one pathway."""

    received: np.ndarray
    """float64[pathway] referrals of residents (admissions, where wards are counted)"""
    sent: np.ndarray
    """float64[from, to] of which sent by another pathway"""
    counted: np.ndarray
    """float64[pathway] of all received: those that came to the states where the service type is counted"""
    seen: np.ndarray
    """float64[pathway] referrals seen or admitted for the first time, where acceptance is counted"""
    contacts: np.ndarray
    """float64[pathway] contacts that took place, at the states where the service type is counted"""
    bed_days: np.ndarray
    """float64[pathway]"""
    open: np.ndarray
    """float64[pathway] mean number of open referrals"""
    caseload: np.ndarray
    """float64[pathway] mean number of open referrals that have been seen"""
    months: np.ndarray
    """float64[pathway] months on the caseload, a referral that is over counted as one month at least"""
    people: np.ndarray
    """float64[2] at the end of the run: residents with an open referral in secondary services; such referrals"""
    starts: np.ndarray
    """float64[state] stays and waits begun, in the order of the network's states"""


def summed(counts: Iterable[Counts]) -> Counts:
    """Return the counts of several cells together."""
    several = list(counts)
    return Counts(**{one.name: sum(getattr(each, one.name) for each in several) for one in fields(Counts)})


def is_secondary(name: str, spec: PathwaySpec) -> bool:
    """Say whether people open to a pathway are in contact with secondary mental health services."""
    types = set(spec.services) & {row["service"] for row in tables.read("services")}
    return name in SECONDARY or bool(types - set(NOT_SECONDARY))


def counts_admissions(spec: PathwaySpec) -> bool:
    """Say whether a pathway stands for wards alone."""
    return bool(spec.services) and all(name.startswith("Inpatient services") for name in spec.services)


def count(
    model: CareSystem, received_at: Places | None = None, accepted_at: Places | None = None,
    contacts_at: Places | None = None,
) -> Counts:  # fmt: skip
    """Count the measured window of a finished run that kept its events, scaled to a year of 365.25 days.

    Parameters
    ----------
    received_at : states at which a pathway's service type counts a referral
    accepted_at : states in which being seen, or ends that to reach, is being accepted
    contacts_at : states whose contacts, and time on the caseload, it counts
    """
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
    owner = of_passage % n
    within, accepting, met = (
        _among(model, places or {})[log["state"]] for places in (received_at, accepted_at, contacts_at)
    )
    named = np.array([name in (accepted_at or {}) for name in specs])[pathway]
    over = named & (m.state["kind"][log["state"]] == c.END)

    accepted = np.flatnonzero(((log["kind"] == c.L_BEGAN) | over) & accepting)
    of_accepted, first_accepted = np.unique(passage[accepted], return_index=True)
    began = np.flatnonzero(log["kind"] == c.L_BEGAN)
    admitted = began[m.state["kind"][log["state"][began]] == c.PLACE]
    of_admitted, first_admitted = np.unique(passage[admitted], return_index=True)
    seen_at = np.full(len(of_passage), np.iinfo(np.int64).max)
    seen_at[np.searchsorted(of_passage, of_accepted)] = log["time"][accepted[first_accepted]]
    in_bed_at = np.full(len(of_passage), np.iinfo(np.int64).max)
    in_bed_at[np.searchsorted(of_passage, of_admitted)] = log["time"][admitted[first_admitted]]
    own = received_at or {}
    wards = np.array([counts_admissions(spec) and name not in own for name, spec in specs.items()])
    counted_at = np.where(wards[owner], in_bed_at, log["time"][first])
    came = np.flatnonzero(within)
    of_came, first_came = np.unique(passage[came], return_index=True)
    came_at = np.full(len(of_passage), np.iinfo(np.int64).max)
    came_at[np.searchsorted(of_passage, of_came)] = log["time"][came[first_came]]
    came_at = np.where(wards[owner], in_bed_at, came_at)
    seen_at = np.where(wards[owner], in_bed_at, np.where(came_at <= seen_at, seen_at, np.iinfo(np.int64).max))

    resident = log["id0"][first] < c.STREAM_ID
    measured = (counted_at >= start) & (counted_at < end) & resident
    origin = _origins(model, log, new, first, pathway)
    sent = np.zeros((n, n))
    internal = measured & (origin >= 0)
    np.add.at(sent, (origin[internal], owner[internal]), a_year)
    counted = (came_at >= start) & (came_at < end) & resident
    seen = (seen_at >= start) & (seen_at < end) & resident
    received, came_there, seen_there = (
        np.bincount(owner[those], minlength=n) * a_year for those in (measured, counted, seen)
    )
    return Counts(
        received, sent, came_there, seen_there,
        _contacts(model, log, pathway, met, start, end) * a_year, *_present(model),
        *_caseload(log, passage, seen_at, n, (start, end), resident, m.state["kind"][log["state"]] == c.END, met),
        _people(model), _starts(model) * a_year,
    )  # fmt: skip


def _among(model: CareSystem, places: Places) -> np.ndarray:
    """Return which states are among those named, bool[state]; all states of a pathway that is not named are."""
    flat, names = model.network.flat, list(model.setting.specs)
    found = np.array([names[p] not in places for p in model.m.state["pathway"]])
    for pathway, states in places.items():
        if pathway in names:
            found[[flat.state(f"{pathway}/{name}") for name in states]] = True
    return found


def _people(model: CareSystem) -> np.ndarray:
    """Return (residents with an open referral in secondary services, such referrals) as the run ends, float64[2]."""
    m = model.m
    secondary = np.array([is_secondary(name, spec) for name, spec in model.setting.specs.items()])
    rows = m.referral[open_referrals(model.simulation)]
    state = m.state[rows["state"]]
    there = secondary[state["pathway"]] & (state["parent"] < 0) & (rows["person"] < model.setting.population.n)
    return np.array([np.unique(rows["person"][there]).size, there.sum()], float)


def _starts(model: CareSystem) -> np.ndarray:
    """Return how many stays and waits began in the window, float64[state]."""
    m, flat = model.m, model.network.flat
    state_of_cell = np.array([state for state, _ in flat.cells], np.int64)
    cell = m.cell[: len(state_of_cell)]
    begun = np.where(m.state["kind"][state_of_cell] == c.PLACE, cell["began"], cell["arrivals"])
    return np.bincount(state_of_cell, weights=begun, minlength=len(m.state))


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


def _contacts(
    model: CareSystem, log: np.ndarray, pathway: np.ndarray, met: np.ndarray, start: int, end: int
) -> np.ndarray:
    """Return contacts that took place in the window, float64[pathway]: sessions; else begun, less missed ones."""
    m, n = model.m, len(model.setting.specs)
    now = (log["time"] >= start) & (log["time"] < end) & met
    session = now & (log["kind"] == c.L_SESSION)
    courses = np.unique(log["state"][log["kind"] == c.L_SESSION])
    there = np.unique(log["state"][met])
    single = now & (log["kind"] == c.L_BEGAN) & (m.state["kind"][log["state"]] == c.CONTACT)
    single &= ~np.isin(log["state"], courses)
    found = np.bincount(pathway[session | single], minlength=n).astype(np.float64)
    state_of_cell = np.array([state for state, _ in model.network.flat.cells], np.int64)
    missed = ~np.isin(state_of_cell, courses) & np.isin(state_of_cell, there)
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
    ended: np.ndarray, met: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Return (mean number of referrals seen and still open, months on the caseload a year), float64[pathway].

    From one happening to the next a referral is where the first was; after a state's end (the log does not say
    who joins a wait) where the next is.  `ended` bool[event]: it is the end of a referral; `met` bool[event]: it is
    in a state whose time on the caseload counts.
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
        from_ = np.maximum(np.maximum(log["time"], first), known)
        return np.where(met, np.maximum(np.minimum(until, end) - from_, 0), 0)

    time = np.bincount(owner, weights=time_within(start), minlength=len(of_passage))
    in_all = np.bincount(owner, weights=time_within(0), minlength=len(of_passage))
    leaves = log["time"][last]
    gone = (over[of_passage // n] | goes_on[last]) & (leaves >= start) & (leaves < end) & (seen_at <= leaves)
    short = np.where(gone & resident, np.maximum(MONTH - in_all, 0), 0)
    caseload, topped = (
        np.bincount(of_passage % n, weights=what, minlength=n) / (end - start) for what in (time, time + short)
    )
    return caseload, topped * 12
