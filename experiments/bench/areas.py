"""How fast whole areas run: their people, a year of the four pathways, and the same year with long queues."""

from __future__ import annotations

import resource
import time
from dataclasses import dataclass

import numpy as np

from abm.areas import title_of
from abm.model import CareSystem
from abm.population import synthesise
from abm.setting import Setting, setting_of
from experiments.bench.page import Table, cpu_seconds
from kernels import columns as c

COLUMNS = (
    "what", "residents", "make them, s", "set up, s", "a year, s", "events", "ns an event", "contacts that waited",
    "bytes a resident, kept", "and running",
)  # fmt: skip
AREAS = ("west-north-and-east-cumbria", "lsc", "greater-manchester")
DAYS = 365


@dataclass(frozen=True)
class Year:
    """One simulated year: events, contacts, and what it took."""

    seconds: float
    """Processor seconds of the run alone"""
    setting_up: float
    """Processor seconds from people and pathways to the first second: every resident's first onsets are found"""
    events: int
    contacts: int
    waited: int
    running_bytes: int
    """Everything the run itself holds, its copy of the people's changing columns included."""

    @property
    def ns_an_event(self) -> float:
        """Processor nanoseconds an event."""
        return 1e9 * self.seconds / self.events


def year(setting: Setting, plan: np.ndarray | None = None, rounds: int = 3) -> Year:
    """Run a year from empty without warm-up, best of so many rounds; people and network are made beforehand."""
    best: Year | None = None
    for number in range(rounds):
        began = time.process_time()
        model = CareSystem(setting, warm_up=0, days=DAYS, plan=plan, replication=number)
        setting_up = time.process_time() - began
        seconds = cpu_seconds(model.run)
        now = model.m.now
        held = sum(table.nbytes for table in vars(model.m).values() if isinstance(table, np.ndarray))
        found = Year(seconds, setting_up, int(now[c.N_EVENTS]), int(now[c.N_CONTACTS]), int(now[c.N_WAITED]), held)
        model.let_go()
        best = found if best is None or found.seconds < best.seconds else best
    assert best is not None
    return best


def row(what: str, setting: Setting, one: Year, making: float | None) -> tuple[str, ...]:
    """Return the row of one area's year."""
    n = setting.population.n
    return (
        what,
        f"{n:,}",
        "" if making is None else f"{making:.2f}",
        f"{one.setting_up:.2f}",
        f"{one.seconds:.2f}",
        f"{one.events:,}",
        f"{one.ns_an_event:.0f}",
        f"{100 * one.waited / one.contacts:.0f} %",
        f"{setting.population.bytes_per_resident:.0f}",
        f"{one.running_bytes / n:.0f}",
    )


def making_of(area: str) -> float:
    """Return the processor seconds it takes to make an area's people."""
    return min(cpu_seconds(lambda: synthesise(area, 1)) for _ in range(2))


def cut_to_a_third(setting: Setting) -> np.ndarray:
    """Return the plan with a third of the staff of talking therapies: queues of a year."""
    plan = setting.baseline_plan.copy()
    for i, lever in enumerate(setting.levers):
        if lever.unit.startswith("talking_therapies/"):
            plan[i] = max(1, plan[i] // 3)
    return plan


def compile_everything() -> Setting:
    """Run one day of the home area, so that nothing is compiled in what is timed."""
    synthesise("lsc", 2)
    setting = setting_of()
    CareSystem(setting, warm_up=0, days=1).run().let_go()
    return setting


def table(rounds: int = 3) -> Table:
    """Return one row an area, and one with long queues."""
    home = compile_everything()
    rows = []
    for area in AREAS:
        making = making_of(area)
        setting = home if area == home.area else setting_of(area)
        rows.append(row(title_of(area), setting, year(setting, rounds=rounds), making))
    cut = year(home, cut_to_a_third(home), rounds)
    rows.append(row(f"{title_of(home.area)}, therapies cut to a third", home, cut, None))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    note = f"From empty, without warm-up, once compiled; one core. The benchmark's process took {peak:,.0f} MB at most."
    return Table("Areas: a year of the four pathways, one core", COLUMNS, tuple(rows), note)
