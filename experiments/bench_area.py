"""How fast the whole area runs: its people, a year of four pathways, and the same year with long queues."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from abm.model import CareSystem
from abm.population import synthesise
from abm.setting import Setting, setting_of
from kernels import columns as c

COLUMNS = ("what", "seconds", "events", "events a second", "contacts that waited")
DAYS = 365


@dataclass(frozen=True)
class Year:
    """One simulated year: seconds of the run alone, events and contacts."""

    seconds: float
    events: int
    contacts: int
    waited: int


def year(setting: Setting, plan: np.ndarray | None = None, rounds: int = 3) -> Year:
    """Run a year from empty without warm-up, best of so many rounds; people and network are made beforehand."""
    best: Year | None = None
    for _ in range(rounds):
        model = CareSystem(setting, warm_up=0, days=DAYS, plan=plan)
        began = time.perf_counter()
        model.run()
        seconds = time.perf_counter() - began
        now = model.m.now
        found = Year(seconds, int(now[c.N_EVENTS]), int(now[c.N_CONTACTS]), int(now[c.N_WAITED]))
        model.let_go()
        best = found if best is None or found.seconds < best.seconds else best
    assert best is not None
    return best


def rows(rounds: int = 3) -> Iterator[tuple[str, ...]]:
    """Yield the table's rows."""
    synthesise("lsc", 2)  # compiles
    began = time.perf_counter()
    people = synthesise("lsc", 1)
    yield f"synthesise {people.n:,} residents", f"{time.perf_counter() - began:.2f}", "", "", ""
    per_person = people.bytes_per_resident
    del people
    setting = setting_of()
    CareSystem(setting, warm_up=0, days=1).run().let_go()  # compiles
    usual = year(setting, rounds=rounds)
    plan = setting.baseline_plan.copy()
    for i, lever in enumerate(setting.levers):
        if lever.unit.startswith("talking_therapies/"):
            plan[i] = max(1, plan[i] // 3)
    cut = year(setting, plan, rounds)
    for name, one in (("a year of the area, four pathways", usual), ("the same, therapies cut to a third", cut)):
        speed, waited = one.events / one.seconds, one.waited / one.contacts
        yield name, f"{one.seconds:.2f}", f"{one.events:,}", f"{speed:,.0f}", f"{100 * waited:.0f} %"
    ratio = (cut.seconds / cut.events) / (usual.seconds / usual.events)
    yield "an event with queues of a year costs", f"{ratio:.2f} ×", "", "", ""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield f"memory: {per_person:.0f} bytes a resident; the process at most", f"{peak:,.0f} MB", "", "", ""
