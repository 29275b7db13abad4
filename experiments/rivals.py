"""The three-station network in SimPy and in Ciw, recording what the kernels record of it.

Poisson arrivals of 5, 2 and 1 an hour, exponential contacts of an hour, 8, 6 and 6 clinicians, routes with
feedback.  Both rivals keep each station's waits (mean, share who waited), each patient's clock from arrival
to home, and utilisation.  Each is written as its own documentation advises, with nothing kept beyond that.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field

STATIONS = ("one", "two", "three")
ARRIVALS_PER_HOUR = (5.0, 2.0, 1.0)
CLINICIANS = (8, 6, 6)
CONTACT_HOURS = 1.0
SHARES = ((0.0, 0.5, 0.3), (0.1, 0.0, 0.4), (0.1, 0.0, 0.0))
"""Share of each station's patients who go on to each station; the others go home."""


@dataclass
class Record:
    """What one run of the network recorded."""

    program: str
    services: int = 0
    seconds: float = 0.0
    wait_minutes: list[float] = field(default_factory=list)
    """Mean wait at each station."""
    waited: float = 0.0
    """Share of services that began after a wait."""
    clock_minutes: float = 0.0
    """Mean time from arrival to home."""
    utilisation: list[float] = field(default_factory=list)
    """Busy share of each station's clinicians."""

    @property
    def services_per_second(self) -> float:
        """Completed services per second of wall clock."""
        return self.services / self.seconds


def run_simpy(hours: float, seed: int = 1) -> Record:
    """Run the network in SimPy: one process a patient, one Resource a station."""
    import simpy

    luck = random.Random(seed)
    world = simpy.Environment()
    teams = [simpy.Resource(world, n) for n in CLINICIANS]
    n_seen, n_waited, wait, busy = [0, 0, 0], [0, 0, 0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]
    clock = [0, 0.0]
    onward = [[sum(row[: i + 1]) for i in range(len(row))] for row in SHARES]

    def patient(station: int):  # type: ignore[no-untyped-def]  # a generator of simpy's events
        arrived = world.now
        while station < 3:
            joined = world.now
            with teams[station].request() as turn:
                yield turn
                waited = world.now - joined
                wait[station] += waited
                n_waited[station] += waited > 0
                minutes = luck.expovariate(1 / CONTACT_HOURS)
                yield world.timeout(minutes)
                busy[station] += minutes
                n_seen[station] += 1
            u = luck.random()
            shares, station = onward[station], 0
            while station < 3 and u >= shares[station]:
                station += 1
        clock[0] += 1
        clock[1] += world.now - arrived

    def arrivals(station: int):  # type: ignore[no-untyped-def]
        rate = ARRIVALS_PER_HOUR[station]
        while True:
            yield world.timeout(luck.expovariate(rate))
            world.process(patient(station))

    for station in range(3):
        world.process(arrivals(station))
    began = time.perf_counter()
    world.run(until=hours)
    seconds = time.perf_counter() - began
    return Record(
        "SimPy",
        sum(n_seen),
        seconds,
        [60 * w / n for w, n in zip(wait, n_seen, strict=True)],
        sum(n_waited) / sum(n_seen),
        60 * clock[1] / clock[0],
        [b / hours / n for b, n in zip(busy, CLINICIANS, strict=True)],
    )


def run_ciw(hours: float, seed: int = 1) -> Record:
    """Run the network in Ciw, which keeps a record of every service; only the simulation itself is timed."""
    import ciw

    ciw.seed(seed)
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate) for rate in ARRIVALS_PER_HOUR],
        service_distributions=[ciw.dists.Exponential(1 / CONTACT_HOURS)] * 3,
        routing=[list(row) for row in SHARES],
        number_of_servers=list(CLINICIANS),
    )
    simulation = ciw.Simulation(network)
    began = time.perf_counter()
    simulation.simulate_until_max_time(hours)
    seconds = time.perf_counter() - began
    records = simulation.get_all_records(only=["service"])
    first: dict[int, float] = {}
    last: dict[int, tuple[float, int]] = {}
    wait, n_seen, n_waited = [0.0, 0.0, 0.0], [0, 0, 0], 0
    for record in records:
        at = record.node - 1
        n_seen[at] += 1
        wait[at] += record.waiting_time
        n_waited += record.waiting_time > 0
        person = record.id_number
        first[person] = min(first.get(person, record.arrival_date), record.arrival_date)
        last[person] = max(last.get(person, (0.0, 0)), (record.exit_date, record.destination))
    home = [end - first[person] for person, (end, to) in last.items() if to == -1]
    return Record(
        "Ciw",
        len(records),
        seconds,
        [60 * w / n for w, n in zip(wait, n_seen, strict=True)],
        n_waited / len(records),
        60 * sum(home) / len(home),
        [node.server_utilisation for node in simulation.transitive_nodes],
    )
