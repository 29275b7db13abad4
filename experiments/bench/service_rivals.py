"""The network in SimPy, Ciw, salabim and Mesa's events: each as its own documentation advises."""

from __future__ import annotations

import random
from typing import Any

from experiments.bench.page import cpu_seconds
from experiments.bench.services import (
    ARRIVALS_PER_HOUR,
    CLINICIANS,
    CONTACT_HOURS,
    HOME,
    SHARES,
    Record,
    Tally,
    next_station,
)


def run_simpy(hours: float, seed: int = 1) -> Record:
    """Run the network in SimPy: one process a patient, one Resource a station."""
    import simpy

    luck, tally = random.Random(seed), Tally()
    world = simpy.Environment()
    teams = [simpy.Resource(world, n) for n in CLINICIANS]

    def patient(station: int):  # type: ignore[no-untyped-def]  # a generator of simpy's events
        arrived = world.now
        while station < HOME:
            joined = world.now
            with teams[station].request() as turn:
                yield turn
                tally.begins(station, world.now - joined)
                length = luck.expovariate(1 / CONTACT_HOURS)
                yield world.timeout(length)
                tally.ends(station, length)
            station = next_station(station, luck)
        tally.goes_home(world.now - arrived)

    def arrivals(station: int):  # type: ignore[no-untyped-def]
        while True:
            yield world.timeout(luck.expovariate(ARRIVALS_PER_HOUR[station]))
            world.process(patient(station))

    for station in range(HOME):
        world.process(arrivals(station))
    return tally.record("SimPy", hours, cpu_seconds(lambda: world.run(until=hours)))


def run_salabim(hours: float, seed: int = 1) -> Record:
    """Run the network in salabim: one component a patient, one resource a station, without generators."""
    import salabim

    salabim.yieldless(False)
    world = salabim.Environment(trace=False, random_seed=seed, time_unit="hours")
    luck, tally = random.Random(seed), Tally()
    teams = [salabim.Resource(f"team {i}", capacity=n, monitor=False) for i, n in enumerate(CLINICIANS)]

    class Patient(salabim.Component):
        def process(self, station: int):  # type: ignore[no-untyped-def]
            arrived = world.now()
            while station < HOME:
                joined = world.now()
                yield self.request(teams[station])
                tally.begins(station, world.now() - joined)
                length = luck.expovariate(1 / CONTACT_HOURS)
                yield self.hold(length)
                tally.ends(station, length)
                self.release(teams[station])
                station = next_station(station, luck)
            tally.goes_home(world.now() - arrived)

    class Arrivals(salabim.Component):
        def process(self, station: int):  # type: ignore[no-untyped-def]
            while True:
                yield self.hold(luck.expovariate(ARRIVALS_PER_HOUR[station]))
                Patient(station=station)

    for station in range(HOME):
        Arrivals(station=station)
    seconds = cpu_seconds(lambda: world.run(till=hours))
    return tally.record("salabim", hours, seconds, "length of every queue over time")


def run_ciw(hours: float, seed: int = 1) -> Record:
    """Run the network in Ciw, which keeps a record of every service; only the simulation itself is timed."""
    import ciw

    ciw.seed(seed)
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate) for rate in ARRIVALS_PER_HOUR],
        service_distributions=[ciw.dists.Exponential(1 / CONTACT_HOURS)] * HOME,
        routing=[list(row) for row in SHARES],
        number_of_servers=list(CLINICIANS),
    )
    simulation = ciw.Simulation(network)
    seconds = cpu_seconds(lambda: simulation.simulate_until_max_time(hours))
    tally = Tally()
    first: dict[int, float] = {}
    last: dict[int, Any] = {}
    for record in sorted(simulation.get_all_records(only=["service"]), key=lambda one: one.exit_date):
        at, person = record.node - 1, record.id_number
        tally.begins(at, record.waiting_time)
        tally.ends(at, record.service_time)
        first.setdefault(person, record.arrival_date)
        last[person] = record
    for person, record in last.items():
        if record.destination == -1:
            tally.goes_home(record.exit_date - first[person])
    return tally.record("Ciw", hours, seconds, "a record of every visit")


def run_mesa(hours: float, seed: int = 1) -> Record:
    """Run the network on Mesa's events: one agent a patient, a list and a count of free clinicians a station."""
    import collections

    import mesa

    tally = Tally()

    class Network(mesa.Model):
        def __init__(self) -> None:
            super().__init__(rng=seed)
            self.free = list(CLINICIANS)
            self.waiting: list[Any] = [collections.deque() for _ in CLINICIANS]
            self._default_schedule.stop()  # no daily step: events alone
            for station in range(HOME):
                Door(self, station)

    class Door(mesa.Agent):
        def __init__(self, model: Network, station: int) -> None:
            super().__init__(model)
            self.station = station
            self.book()

        def book(self) -> None:
            gap = self.model.random.expovariate(ARRIVALS_PER_HOUR[self.station])
            self.model.schedule_event(self.comes, after=gap)

        def comes(self) -> None:
            Patient(self.model).joins(self.station)
            self.book()

    class Patient(mesa.Agent):
        def __init__(self, model: Network) -> None:
            super().__init__(model)
            self.arrived = model.time

        def joins(self, station: int) -> None:
            self.station, self.joined = station, self.model.time
            if self.model.free[station]:
                self.model.free[station] -= 1
                self.begins()
            else:
                self.model.waiting[station].append(self)

        def begins(self) -> None:
            tally.begins(self.station, self.model.time - self.joined)
            self.length = self.model.random.expovariate(1 / CONTACT_HOURS)
            self.model.schedule_event(self.ends, after=self.length)

        def ends(self) -> None:
            station = self.station
            tally.ends(station, self.length)
            if self.model.waiting[station]:
                self.model.waiting[station].popleft().begins()
            else:
                self.model.free[station] += 1
            onward = next_station(station, self.model.random)
            if onward < HOME:
                self.joins(onward)
            else:
                tally.goes_home(self.model.time - self.arrived)
                self.remove()

    network = Network()
    return tally.record("Mesa events", hours, cpu_seconds(lambda: network.run_until(hours)), "its agents by type")
