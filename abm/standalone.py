"""A stand-alone pathway as a simulation: its own arrivals and teams, no residents."""

from __future__ import annotations

import datetime

import numpy as np

from abm.flattening import attribute_columns
from abm.network import (
    DAY,
    Network,
    Simulation,
    Stream,
    compile_network,
    empty_people,
    integrated,
    no_areas,
    no_hazards,
)
from abm.units import Places
from kernels.attributes import NAMES
from kernels.compiled_beside import compile_beside
from pathways.specs import ArrivalSpec, PathwaySpec

A_MONDAY = datetime.date(2016, 4, 4)
STEADY = np.ones(168)
ALL_YEAR = np.ones(12)


def network_of(spec: PathwaySpec, plan: np.ndarray | None = None) -> Network:
    """Flatten one stand-alone pathway; `plan` replaces its staff and places."""
    start = spec.start or A_MONDAY
    streams = [_stream(spec, name, arrival, i, start) for i, (name, arrival) in enumerate(spec.arrivals.items())]
    return compile_network({spec.name: spec}, Places(), plan=plan, streams=streams)


def simulation(
    spec: PathwaySpec,
    *,
    days: int,
    warm_up: int = 0,
    seed: int = 1,
    replication: int = 0,
    every: int = 0,
    minutes_per_step: int | None = None,
    logging: bool = False,
    network: Network | None = None,
) -> Simulation:
    """Return a simulation of `warm_up` + `days` days of a stand-alone pathway, not yet begun."""
    compile_beside()
    network = network or network_of(spec)
    start = spec.start or A_MONDAY
    people = empty_people(network.streams, len(network.flat.traits))
    for i, arrival in enumerate(spec.arrivals.values()):
        columns, bits = attribute_columns(arrival.attributes)
        people["conditions"][i] = bits
        for column, number in columns.items():
            people[column][i] = number
        for name, value in arrival.attributes.items():
            if name not in NAMES:
                people["traits"][i, network.flat.traits[name]] = value
    profiles = [(STEADY if s.profile is None else s.profile, ALL_YEAR) for s in network.streams] or [(STEADY, ALL_YEAR)]
    return Simulation(
        network, people, no_areas(), no_hazards(integrated(profiles, start, warm_up + days)), start=start,
        days=warm_up + days, seed=seed, replication=replication,
        minutes_per_step=minutes_per_step or spec.minutes_per_step, measure_from=warm_up * DAY, every=every,
        logging=logging,
    )  # fmt: skip


def _stream(spec: PathwaySpec, name: str, arrival: ArrivalSpec, row: int, start: datetime.date) -> Stream:
    """Return a file's stream; its profile is scaled to mean 1 and its rate takes the scale."""
    profile = None
    per_hour = arrival.per_hour
    if arrival.profile:
        absolute = np.array(arrival.profile)
        per_hour = float(absolute.mean())
        profile = None if np.ptp(absolute) == 0 else absolute / per_hour if per_hour > 0 else None
    first = (arrival.from_date - start).days * DAY if arrival.from_date else 0
    last = (arrival.until_date - start).days * DAY if arrival.until_date else 2**31 - 2
    return Stream(
        name=f"{spec.name}/{name}", to=f"{spec.name}/{arrival.to}", per_hour=per_hour, profile=profile,
        interval=arrival.interval, start=max(first, 0), stop=last, person=row,
    )  # fmt: skip
