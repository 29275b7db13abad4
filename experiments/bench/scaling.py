"""Is it linear?  What an event costs as people and queues grow, on one stand-alone file each."""

from __future__ import annotations

from abm import standalone
from abm.network import Simulation
from experiments.bench.daily_chain import simulation_of
from experiments.bench.page import Table, cpu_seconds
from kernels import columns as c
from pathways import files, specs

DAY = 86_400
PEOPLE = (10_000, 100_000, 1_000_000)
WAITING = (0, 100, 10_000, 1_000_000)
COLUMNS = ("what grows", "size", "events", "seconds", "ns an event", "against the first")
EVENTS = 600_000


def file_of_the_queue(waiting: int) -> str:
    """Return one team of 50 with so many waiting when the run starts, and as many arrivals as it can see."""
    return f"""
name = "queue"
minutes_per_step = 15
[arrivals.people]
to = "clinic"
per_hour = 99
[team.clinic]
staff = {{ clinician = 50 }}
[state.clinic]
kind = "contact"
team = "clinic"
roles = {{ clinician = 1 }}
minutes = {{ exponential = {{ mean = "30 min" }} }}
at_start_waiting = {waiting}
[state.home]
kind = "end"
[[route]]
from = "clinic"
to = "home"
share = 1.0
"""


def timed(simulation: Simulation, days: int) -> tuple[int, float]:
    """Run for so many days and return events and processor seconds."""
    before = int(simulation.m.now[c.N_EVENTS])
    seconds = cpu_seconds(lambda: simulation.advance(days * DAY))
    return int(simulation.m.now[c.N_EVENTS]) - before, seconds


def of_people(people: int) -> tuple[int, float]:
    """Run the daily chain for a year, or for as many years as give enough events to time."""
    days = 365 * max(1, round(100_000 / people))
    return timed(simulation_of(people, days), days)


def of_queue(waiting: int) -> tuple[int, float]:
    """Run the clinic for as long as gives enough events to time."""
    days = round(EVENTS / (2 * 99 * 24))
    spec = specs.validated(files.parse(file_of_the_queue(waiting)))
    return timed(standalone.simulation(spec, days=days, network=standalone.network_of(spec)), days)


def table(rounds: int = 2) -> Table:
    """Return one row a size: each one's best round."""
    rows: list[tuple[str, ...]] = []
    for what, sizes, run in (
        ("people of the daily chain", PEOPLE, of_people),
        ("people who wait at one clinic", WAITING, of_queue),
    ):
        first = 0.0
        for size in sizes:
            events, seconds = min((run(size) for _ in range(rounds)), key=lambda found: found[1])
            each = 1e9 * seconds / events
            first = first or each
            rows.append((what, f"{size:,}", f"{events:,}", f"{seconds:.2f}", f"{each:.0f}", f"{each / first:.2f} ×"))
    note = (
        "Tables that no longer fit the caches near the core make an event dearer, not the number of people or queues."
    )
    return Table("Scaling: people and queues, one core", COLUMNS, tuple(rows), note)
