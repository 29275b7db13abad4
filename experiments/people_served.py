"""Three counters that are never mixed: people in need, times they asked, people who were seen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from abm import tables
from abm.conditions import CONDITIONS, N_LTC, N_MENTAL
from abm.model import CareSystem
from abm.population import Population
from experiments.outcome_schema import PEOPLE, REACHED
from pathways.errors import InputError, nearest, one_of

MENTAL = CONDITIONS[N_LTC : N_LTC + N_MENTAL]


def asked_so_far(model: CareSystem) -> np.ndarray:
    """Return int64[door, system]: how often residents came through each door since the run's first day.

    Read from the accounts, whose `k` is the number of the next onset.
    """
    m, systems = model.m, model.setting.places.systems
    out = np.zeros((len(model.setting.demand.doors), len(systems)), np.int64)
    people = np.flatnonzero(m.account >= 0)
    rows = m.account[people]
    while len(rows):  # everybody's first account, everybody's second …
        accounts = m.account_row[rows]
        at = accounts["door"].astype(np.int64) * len(systems) + m.area_system[m.area[people]]
        out += np.bincount(at, accounts["k"] - 1.0, out.size).astype(np.int64).reshape(out.shape)
        more = accounts["next"] >= 0
        people, rows = people[more], accounts["next"][more]
    return out


def people(model: CareSystem, asked: np.ndarray) -> pa.Table:
    """Return one row a pathway and delivery system; `asked` int64[door, system] in the measured window."""
    setting = model.setting
    population, demand, systems = setting.population, setting.demand, setting.places.systems
    residents = _by_system(population, np.diff(population.areas["first"]))
    reached = model.reading().reached
    years = model.days / 365.25
    rows = []
    for p, pathway in enumerate(setting.specs):
        doors = [d for d, door in enumerate(demand.doors) if door.name.startswith(f"{pathway}/")]
        need = _need(population, pathway)
        for s, system in enumerate(systems):
            rows.append({
                "pathway": pathway, "system": system, "residents": int(residents[s]), "need": int(need[s]),
                "asked": int(asked[doors, s].sum()),
                "asked_expected": round(float(demand.expected[doors, s].sum() * years), 3),
                "reached": int(reached[p, s]),
            })  # fmt: skip
    return pa.Table.from_pylist(rows, schema=PEOPLE)


def people_reached(model: CareSystem) -> pa.Table:
    """Return residents seen in the measured window by exactly which pathways: everybody counted once."""
    setting = model.setting
    n = setting.population.n
    seen = np.flatnonzero(model.m.reached[:n])
    home = model.m.area_system[model.m.area[seen]].astype(np.int64)
    systems = setting.places.systems
    ways, way = np.unique(model.m.reached[seen], return_inverse=True)
    counts = np.bincount(way * len(systems) + home, minlength=len(ways) * len(systems)).reshape(-1, len(systems))
    rows = []
    for w, s in np.argwhere(counts).tolist():
        which, people = int(ways[w]), int(counts[w, s])
        words = ";".join(name for i, name in enumerate(setting.specs) if which >> i & 1)
        rows.append({"pathways": words, "system": systems[s], "people": people})
    return pa.Table.from_pylist(rows, schema=REACHED)


def conditions_of(pathway: str, folder: Path = tables.FOLDER) -> tuple[str, ...]:
    """Return the conditions a pathway is for (`need.csv`); one that is not in the table takes all mental ones.

    Raises
    ------
    InputError
        If the table names a condition that is none.
    """
    names = []
    for number, row in enumerate(tables.read("need", folder), start=2):
        if row["condition"] not in CONDITIONS:
            raise InputError(
                file=tables.path_of("need", folder), key=f"line {number}, condition", value=row["condition"],
                expected=one_of(CONDITIONS), suggestion=nearest(row["condition"], CONDITIONS),
            )  # fmt: skip
        if row["pathway"] == pathway:
            names.append(row["condition"])
    return tuple(names) or MENTAL


def _need(population: Population, pathway: str) -> np.ndarray:
    """Return int64[system]: residents with a condition the pathway is for."""
    mask = np.uint32(sum(1 << CONDITIONS.index(name) for name in conditions_of(pathway)))
    has = (population.people["conditions"] & mask) != 0
    first = population.areas["first"]  # people are in order of their small areas
    inhabited = np.flatnonzero(np.diff(first))
    of_area = np.zeros(len(first) - 1, np.int64)
    of_area[inhabited] = np.add.reduceat(has, first[inhabited], dtype=np.int64)
    return _by_system(population, of_area)


def _by_system(population: Population, of_area: np.ndarray) -> np.ndarray:
    """Return int64[system] of numbers by small area."""
    return np.bincount(population.areas["system"], of_area, len(population.systems)).astype(np.int64)
