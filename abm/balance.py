"""Proof that nothing is lost: people, referrals, staff, beds and caseloads balance in the running tables.

`prove` looks at the raw tables of a simulation at any moment and returns what does not add up (nothing, if all is
well).  It is slow and simple on purpose, and shares no code with the kernels.  Minutes need two moments:
`abm/minutes.py`.
"""

from __future__ import annotations

import numpy as np

from abm.network import Simulation
from kernels import columns as c
from kernels import lifetime as lt


def prove(simulation: Simulation) -> list[str]:
    """Return every imbalance as a sentence; an empty list is the proof."""
    try:
        referrals = open_referrals(simulation)
        releases = releases_ahead(simulation)
    except FreeListError as fault:
        return [str(fault)]
    return [
        *_lists(simulation, referrals),
        *_presence(simulation, referrals),
        *_staff(simulation, referrals, releases),
        *_courses(simulation, referrals, releases),
        *_people(simulation, referrals),
        *_lives(simulation),
    ]


class FreeListError(ValueError):
    """A list of free rows is not as long as its count says."""


def open_referrals(simulation: Simulation) -> np.ndarray:
    """Return the rows of referrals in use."""
    m = simulation.m
    return _in_use("referrals", m.referral["next"], int(m.now[c.FREE_REFERRAL]), int(m.now[c.N_FREE_REFERRAL]))


def releases_ahead(simulation: Simulation) -> np.ndarray:
    """Return EVENT[event]: staff, beds and clinicians that will be given back (`extra` 1: of a course)."""
    m = simulation.m
    rows = _in_use("events", m.event["next"], int(m.now[c.FREE_EVENT]), int(m.now[c.N_FREE_EVENT]))
    return m.event[rows[m.event["kind"][rows] == c.E_RELEASE]]


def _in_use(what: str, following: np.ndarray, head: int, n_free: int) -> np.ndarray:
    """Return the rows that are not on a free list; the list must be as long as its count says."""
    free = bytearray(len(following))
    after = following.tolist()
    for done in range(n_free):
        if not 0 <= head < len(after) or free[head]:
            raise FreeListError(f"free {what}: the list has {done} rows, it counts {n_free}")
        free[head] = 1
        head = after[head]
    return np.flatnonzero(np.frombuffer(free, np.uint8) == 0)


def _lists(simulation: Simulation, referrals: np.ndarray) -> list[str]:
    """Everybody who waits stands on exactly one list, in order, and lists know how many they are."""
    m, flat = simulation.m, simulation.network.flat
    after, state_of, since, tie = (m.referral[name].tolist() for name in ("next", "state", "since", "tie"))
    found: list[int] = []
    faults = []
    for at, (state, number) in enumerate(flat.lists):
        counted, r, n = int(m.waiting[at]["n"]), int(m.waiting[at]["head"]), 0
        name = f"waiting list {number} of {flat.state_names[state]}"
        before = (-2, -1)
        while r >= 0 and n <= counted:  # a list that runs in a circle ends here too
            if state_of[r] != state:
                faults.append(f"{name}: referral {r} stands there but is in {flat.state_names[state_of[r]]}")
            order = (since[r], tie[r])
            if order < before:
                faults.append(f"{name}: referral {r} stands behind somebody who joined later")
            before = order
            found.append(r)
            n += 1
            r = after[r]
        if n != counted:
            more = "more than " if n > counted else ""
            faults.append(f"{name}: {more}{min(n, counted)} stand on it, it counts {counted}")
    waiting = referrals[(m.referral["flags"][referrals] & c.IS_WAITING) != 0]
    if sorted(found) != sorted(waiting.tolist()):
        faults.append(f"{len(waiting)} referrals wait, {len(found)} stand on lists")
    return faults


def _presence(simulation: Simulation, referrals: np.ndarray) -> list[str]:
    """Every open referral is in one state, or on its way into one; the tallies' numbers present are those."""
    m, network = simulation.m, simulation.network
    on_their_way = m.joining[: int(m.now[c.N_JOINING])]  # guests that the last exchange sent, for the next second
    ref = m.referral[np.setdiff1d(referrals, on_their_way)]
    state = m.state[ref["state"]]
    idle_visit = (state["parent"] >= 0) & (ref["flags"] == 0)
    ref, state = ref[~idle_visit], state[~idle_visit]
    place = np.select([state["scope"] == c.SYSTEM, state["scope"] == c.SITE], [ref["system"], ref["site"]], 0)
    present = np.bincount(state["cell_base"] + place, minlength=len(m.cell))
    faults = []
    for at in np.flatnonzero(present != m.cell["n_present"]):
        of_state, where = network.flat.cells[at]
        name = f"{network.flat.state_names[of_state]} @ {where}"
        faults.append(f"{name}: {present[at]} are there, the tally says {m.cell['n_present'][at]}")
    return faults


def _staff(simulation: Simulation, referrals: np.ndarray, releases: np.ndarray) -> list[str]:
    """Whoever is busy is held by a referral, keeps a bed occupied, or travels and writes; nobody is in two places."""
    m = simulation.m
    post, pool = m.post, m.pool
    held = np.zeros(len(post), dtype=np.int64)
    late = np.zeros(len(post), dtype=np.int64)  # of a shift that has ended
    rows: list[tuple[int, int]] = []
    for r in referrals[m.referral["n_slots"][referrals] > 0]:
        n = int(m.referral["n_slots"][r])
        rows += zip(m.held_post[r, :n].tolist(), m.held_shift[r, :n].tolist(), strict=True)
    keeping = m.referral[referrals[m.referral["kept_post"][referrals] >= 0]]
    rows += zip(keeping["kept_post"].tolist(), keeping["kept_shift"].tolist(), strict=True)
    of_staff = releases[releases["extra"] == 0]
    rows += zip(of_staff["what"].tolist(), of_staff["stamp"].tolist(), strict=True)
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


def _courses(simulation: Simulation, referrals: np.ndarray, releases: np.ndarray) -> list[str]:
    """Clinicians' caseload places and minutes in use are those of the courses under way."""
    m = simulation.m
    places = np.zeros(len(m.clinician), dtype=np.int64)
    seconds = np.zeros(len(m.clinician), dtype=np.int64)
    own = m.referral[referrals[m.referral["clinician"][referrals] >= 0]]
    np.add.at(places, own["clinician"], 1)
    np.add.at(seconds, own["clinician"], own["course_seconds"])
    later = releases[releases["extra"] == 1]
    np.add.at(places, later["what"], 1)
    np.add.at(seconds, later["what"], later["stamp"].astype(np.int64))
    whole = simulation.network.units.clinician
    faults = []
    taken, given = whole["places"] - m.clinician["places"], whole["seconds"] - m.clinician["seconds"]
    if (places != taken).any():
        faults.append(f"caseload places: courses under way hold {places.sum()}, clinicians count {taken.sum()}")
    if (seconds != given).any():
        faults.append(f"clinic seconds: courses under way hold {seconds.sum()}, clinicians count {given.sum()}")
    staying = whole["places"] >= 0  # who leaves takes nobody on, and finishes what was begun
    if (m.clinician["places"][staying] < 0).any() or (m.clinician["seconds"] < 0).any():
        faults.append("a clinician holds more than their caseload or minutes")
    return faults


def _lives(simulation: Simulation) -> list[str]:
    """People at the start, born and moved in, less those who died or moved out, are the people now."""
    m, network = simulation.m, simulation.network
    if not m.now[c.LIVES]:
        return []
    n, start = network.n_residents, int(m.sizes[c.N_AT_START])
    here, died, moved, _ = np.bincount(m.life[:n] & lt.WHERE, minlength=4).tolist()
    counted = {name: int(m.life_sum[lt.COUNTS.index(name)]) for name in ("births", "moved_in", "deaths", "moved_out")}
    now = start + counted["births"] + counted["moved_in"] - counted["deaths"] - counted["moved_out"]
    faults = []
    if now != here:
        faults.append(
            f"people: {start} at the start, {counted['births']} born, {counted['moved_in']} moved in, "
            f"{counted['deaths']} died, {counted['moved_out']} moved out make {now}; there are {here}"
        )
    for what, is_now, said in (("died", died, counted["deaths"]), ("moved away", moved, counted["moved_out"])):
        if is_now != said:
            faults.append(f"people: {is_now} have {what}, {said} were counted")
    gone = (m.life[:n] & lt.WHERE) != lt.HERE
    if (m.first_referral[:n][gone] >= 0).any():
        faults.append(f"{int((m.first_referral[:n][gone] >= 0).sum())} people who are not here have open referrals")
    by_class = int(m.life_time["n"].sum())
    if by_class != here:
        faults.append(f"people: {by_class} are in the classes whose time is measured, {here} are here")
    return faults


def _people(simulation: Simulation, referrals: np.ndarray) -> list[str]:
    """Residents know how many referrals they have open, are in one contact at a time and have one hospital bed."""
    m = simulation.m
    n_residents = simulation.network.n_residents
    ref = m.referral[referrals]
    own = ref[(ref["person"] < n_residents) & (m.state[ref["state"]]["parent"] < 0)]
    open_now = np.bincount(own["person"], minlength=max(n_residents, 1))
    faults = []
    if n_residents and (wrong := np.flatnonzero(open_now[:n_residents] != m.n_open[:n_residents])).size:
        r = int(wrong[0])
        faults.append(
            f"open referrals of {len(wrong)} residents: the one in row {r} has {open_now[r]}, counted {m.n_open[r]}"
        )
    in_contact = np.flatnonzero(m.contact[:n_residents] >= 0)
    busy = (m.referral["flags"][m.contact[in_contact]] & c.IS_BUSY) != 0
    if not busy.all():
        faults.append(f"{int((~busy).sum())} residents are marked as in a contact that is over")
    beds = hospital_beds(simulation, referrals)
    if (beds > 1).any():
        faults.append(f"{int((beds > 1).sum())} residents have more than one hospital bed")
    return faults


def hospital_beds(simulation: Simulation, referrals: np.ndarray) -> np.ndarray:
    """Return how many hospital beds each resident has, int64[resident]: lies in, has elsewhere, or keeps."""
    m, n_residents = simulation.m, simulation.network.n_residents
    ref = m.referral[referrals]
    ref = ref[ref["person"] < n_residents]
    state = m.state[ref["state"]]
    waits = (ref["flags"] & (c.IS_WAITING | c.IS_ASIDE)) != 0
    keeps = (ref["kept_post"] >= 0) & (m.state["ward"][ref["before"]] != 0)
    lies = (state["ward"] != 0) & ~waits
    return np.bincount(ref["person"][lies | keeps], minlength=n_residents)
