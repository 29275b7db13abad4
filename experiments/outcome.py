"""What one run leaves behind: its tables, and the few facts needed to read them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from abm.model import CareSystem
from abm.proof import PROVED
from abm.readings import Reading
from experiments import life_tables, people_served
from experiments import outcome_tables as tables

SCHEMA_VERSION = "3"
"""Raised when a table changes its columns or their meaning: older results are then run again."""


@dataclass(frozen=True)
class Outcome:
    """The results of one replication."""

    identity: str
    replication: int
    digest: str
    """Hexadecimal digest of all that happened."""
    tables: dict[str, pa.Table] = field(repr=False)
    facts: dict[str, Any] = field(default_factory=dict)
    """Numbers beside the tables: residents, events, seconds of work …"""


def of(
    model: CareSystem,
    *,
    identity: str,
    replication: int,
    asked: np.ndarray,
    on: np.ndarray,
    delays: pa.Table,
    with_events: bool = False,
    days_proved: int = 0,
) -> Outcome:
    """Return the outcome of a finished run.

    `asked` int64[door, system]: times residents asked; `on` int32[day, pool]: people at work or
    places at the beginning of each of its days; `delays` those
    of `experiments/delays.py`; `days_proved`: midnights at which the balance was proved.
    """
    reading = model.reading()
    network = model.network
    first_day = model.first_day + timedelta(days=model.warm_up)
    window = slice(model.warm_up, model.warm_up + model.days)
    taken, waiting = model.daily.busy[window], model.daily.waiting[window]
    found = {
        "clocks": tables.clocks(network, reading, first_day, model.days),
        "clocks_by_hour": tables.clocks_by_hour(network, reading),
        "waits": tables.waits(network, reading),
        "contacts": tables.contacts(network, reading),
        "places": tables.places(network, reading, taken),
        "occupancy_daily": tables.occupancy_daily(network, taken, on, first_day),
        "waiting_daily": tables.waiting_daily(network, waiting, first_day),
        "flows": tables.flows(network, reading),
        "delays": delays,
        "people": people_served.people(model, asked),
        "people_reached": people_served.people_reached(model),
    }
    found["digests"] = tables.digests(model.setting.area, model.first_day, model.daily.chain())
    if model.lives:
        found |= {"lives": life_tables.lives(model), "life_years": life_tables.life_years(model)}
    if with_events:
        found["events"] = tables.events(network, model.simulation.events(), model.first_day)
    return Outcome(identity, replication, f"{reading.digest:016x}", found, _facts(model, reading, days_proved))


def _facts(model: CareSystem, reading: Reading, days_proved: int) -> dict[str, Any]:
    setting = model.setting
    age = setting.population.people["age"]
    outside = {
        door.to: float(setting.demand.outside[d].sum()) * model.days / 365.25
        for d, door in enumerate(setting.demand.doors)
        if setting.demand.outside[d].any()
    }
    began, waited = int(reading.cell["began"].sum()), int(reading.cell["waited"].sum())
    return {
        "area": setting.area,
        "illustrative": setting.illustrative,
        "first_day": (model.first_day + timedelta(days=model.warm_up)).isoformat(),
        "days": model.days,
        "warm_up": model.warm_up,
        "residents": setting.population.n,
        "residents_18_64": int(((age >= 18) & (age < 65)).sum()),
        "people_served": {place: float(n) for place, n in setting.places.people.items()},
        "sites": list(setting.places.sites),
        "outside_expected": outside,
        "outside_by_site": [
            {
                "to": stream.to,
                "site": setting.places.sites[stream.site],
                "system": setting.places.systems[stream.system],
                "expected": stream.per_hour * 24 * model.days,
            }
            for stream in model.network.streams
            if stream.per_hour > 0
        ],
        "share_waited": waited / began if began else 0.0,
        "setting": setting.digest,
        "days_proved": days_proved,
        "proved": list(PROVED) if days_proved else [],
        **({"lives_published": setting.lives.expected} if model.lives else {}),
    }
