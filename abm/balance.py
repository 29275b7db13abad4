"""Proof that nothing is lost: people, referrals, staff, beds and caseloads balance in the running tables.

`prove` looks at the raw tables of a simulation at any moment and returns what does not add up (nothing, if all is
well).  It is slow and simple on purpose, and shares no code with the kernels.
"""

from __future__ import annotations

import numpy as np

from abm.network import Simulation
from kernels import columns as c


def prove(simulation: Simulation) -> list[str]:
    """Return every imbalance as a sentence; an empty list is the proof."""
    m = simulation.m
    referrals = _in_use(m.referral["next"], int(m.now[c.FREE_REFERRAL]), int(m.now[c.N_FREE_REFERRAL]))
    events = _in_use(m.event["next"], int(m.now[c.FREE_EVENT]), int(m.now[c.N_FREE_EVENT]))
    return [
        *_lists(simulation, referrals),
        *_presence(simulation, referrals),
        *_staff(simulation, referrals, events),
        *_courses(simulation, referrals, events),
        *_people(simulation, referrals),
    ]


def _in_use(following: np.ndarray, head: int, n_free: int) -> np.ndarray:
    """Return the rows that are not on a free list; the list must be as long as its count says."""
    free = np.zeros(len(following), dtype=bool)
    for _ in range(n_free):
        if free[head]:
            raise AssertionError("a free list runs in a circle")
        free[head] = True
        head = int(following[head])
    return np.flatnonzero(~free)


def _lists(simulation: Simulation, referrals: np.ndarray) -> list[str]:
    """Everybody who waits stands on exactly one list, in order, and lists know how many they are."""
    m = simulation.m
    found: list[int] = []
    faults = []
    for at, (state, _) in enumerate(simulation.network.flat.lists):
        row, r, n = m.waiting[at], int(m.waiting[at]["head"]), 0
        before = (-2, -1)
        while r >= 0:
            ref = m.referral[r]
            if int(ref["state"]) != state:
                faults.append(f"list {at}: referral {r} stands there but is in another state")
            order = (int(ref["since"]), int(ref["tie"]))
            if order < before:
                faults.append(f"list {at}: referral {r} stands behind somebody who joined later")
            before = order
            found.append(r)
            n += 1
            r = int(ref["next"])
        if n != int(row["n"]):
            faults.append(f"list {at}: {n} stand on it, it counts {row['n']}")
    waiting = referrals[(m.referral["flags"][referrals] & c.IS_WAITING) != 0]
    if sorted(found) != sorted(waiting.tolist()):
        faults.append(f"{len(waiting)} referrals wait, {len(found)} stand on lists")
    return faults


def _presence(simulation: Simulation, referrals: np.ndarray) -> list[str]:
    """Every open referral is in one state; the tallies' numbers present are those."""
    m, network = simulation.m, simulation.network
    ref = m.referral[referrals]
    state = m.state[ref["state"]]
    idle_visit = (state["parent"] >= 0) & (ref["flags"] == 0)
    ref, state = ref[~idle_visit], state[~idle_visit]
    place = np.select([state["scope"] == c.SYSTEM, state["scope"] == c.SITE], [ref["system"], ref["site"]], 0)
    present = np.bincount(state["cell_base"] + place, minlength=len(m.cell))
    faults = []
    for at in np.flatnonzero(present != m.cell["n_present"]):
        name = network.flat.state_names[network.flat.cells[at][0]]
        faults.append(f"{name}: {present[at]} are there, the tally says {m.cell['n_present'][at]}")
    return faults


def _staff(simulation: Simulation, referrals: np.ndarray, events: np.ndarray) -> list[str]:
    """Whoever is busy is held by a referral, keeps a bed occupied, or travels and writes; nobody is in two places."""
    m = simulation.m
    post, pool = m.post, m.pool
    held = np.zeros(len(post), dtype=np.int64)
    late = np.zeros(len(post), dtype=np.int64)  # of a shift that has ended
    rows: list[tuple[int, int]] = []
    for r in referrals:
        ref = m.referral[r]
        rows += [(int(m.held_post[r, i]), int(m.held_shift[r, i])) for i in range(int(ref["n_slots"]))]
        if ref["kept_post"] >= 0:
            rows.append((int(ref["kept_post"]), int(ref["kept_shift"])))
    for e in events:
        event = m.event[e]
        if event["kind"] == c.E_RELEASE and event["extra"] == 0:
            rows.append((int(event["what"]), int(event["stamp"])))
    for i, shift in rows:
        held[i] += 1
        late[i] += not post[i]["on"] or (int(post[i]["shift"]) & 0xFFFF) != (shift & 0xFFFF)
    faults = []
    for p, (unit, role, kind) in enumerate(simulation.network.units.pool_names):
        if kind == "course":
            continue
        mine = np.arange(*pool[p]["posts"])
        on = int((post["size"][mine] * (post["on"][mine] != 0)).sum())
        leaving = int(post["leaving"][mine].sum())  # taken away while busy: they finish as overtime
        busy, over = int((held - late)[mine].sum()) - leaving, int(late[mine].sum()) + leaving
        free = int((post["free"][mine] * (post["open"][mine] != 0)).sum())
        said = (int(pool[p]["on"]), int(pool[p]["busy"]), int(pool[p]["over"]), int(pool[p]["free"]))
        if (on, busy, over, free) != said:
            faults.append(f"{unit} {role}: on, busy, over, free are {(on, busy, over, free)}, the pool says {said}")
        there = post["free"] + held - late - post["leaving"]
        wrong = mine[(post["on"][mine] != 0) & (there[mine] != post["size"][mine])]
        if len(wrong):
            faults.append(f"{unit} {role}: free and busy do not add up to the people on shift")
    return faults


def _courses(simulation: Simulation, referrals: np.ndarray, events: np.ndarray) -> list[str]:
    """Clinicians' caseload places and minutes in use are those of the courses under way."""
    m = simulation.m
    places = np.zeros(len(m.clinician), dtype=np.int64)
    seconds = np.zeros(len(m.clinician), dtype=np.int64)
    for r in referrals:
        i = int(m.referral[r]["clinician"])
        if i >= 0:
            places[i] += 1
            seconds[i] += int(m.referral[r]["course_seconds"])
    for e in events:
        event = m.event[e]
        if event["kind"] == c.E_RELEASE and event["extra"] == 1:
            places[event["what"]] += 1
            seconds[event["what"]] += int(event["stamp"])
    whole = simulation.network.units.clinician
    faults = []
    if (places != whole["places"] - m.clinician["places"]).any():
        faults.append("caseload places taken are not those of the courses under way")
    if (seconds != whole["seconds"] - m.clinician["seconds"]).any():
        faults.append("clinic minutes taken are not those of the courses under way")
    staying = whole["places"] >= 0  # who leaves takes nobody on, and finishes what was begun
    if (m.clinician["places"][staying] < 0).any() or (m.clinician["seconds"] < 0).any():
        faults.append("a clinician holds more than their caseload or minutes")
    return faults


def _people(simulation: Simulation, referrals: np.ndarray) -> list[str]:
    """Residents know how many referrals they have open, and are in one contact at a time."""
    m = simulation.m
    n_residents = simulation.network.n_residents
    ref = m.referral[referrals]
    own = ref[(ref["person"] < n_residents) & (m.state[ref["state"]]["parent"] < 0)]
    open_now = np.bincount(own["person"], minlength=max(n_residents, 1))
    faults = []
    if n_residents and (open_now[:n_residents] != m.n_open[:n_residents]).any():
        faults.append("people's open referrals are not those there are")
    in_contact = np.flatnonzero(m.contact[:n_residents] >= 0)
    busy = (m.referral["flags"][m.contact[in_contact]] & c.IS_BUSY) != 0
    if not busy.all():
        faults.append("somebody is marked as in a contact that is over")
    return faults
