"""Three counters that are never mixed: people in need, times they asked, people who were seen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from abm import tables
from abm.conditions import CONDITIONS
from abm.model import CareSystem
from abm.setting import Setting
from experiments.outcome_schema import PEOPLE, REACHED
from kernels import columns as c
from pathways.errors import InputError, nearest, one_of

FIRST_MENTAL = CONDITIONS.index("depression")


def asked_so_far(model: CareSystem) -> np.ndarray:
    """Return int64[door, system]: how often residents came through each door since the run's first day.

    Read from the onset accounts, whose `k` is the number of the next onset.
    """
    m, systems = model.m, model.setting.places.systems
    out = np.zeros((len(model.setting.demand.doors), len(systems)), np.int64)
    n = int(m.now[c.N_ACCOUNTS])
    system = m.area_system[m.area[m.account_person[:n]]]
    for door in range(len(out)):
        times = m.account_row["k"][:n, door].astype(np.int64) - 1
        out[door] = np.bincount(system, weights=times, minlength=len(systems)).astype(np.int64)
    return out


def people(model: CareSystem, asked: np.ndarray) -> pa.Table:
    """Return one row a pathway and delivery system; `asked` int64[door, system] in the measured window."""
    setting = model.setting
    population, demand, systems = setting.population, setting.demand, setting.places.systems
    home = population.areas["system"][population.people["area"]]
    residents = np.bincount(home, minlength=len(systems))
    reached = model.reading().reached
    years = model.days / 365.25
    rows = []
    for p, pathway in enumerate(setting.specs):
        doors = [d for d, door in enumerate(demand.doors) if door.name.startswith(f"{pathway}/")]
        need = _need(setting, pathway, home)
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
    bits = model.m.reached[:n].astype(np.int64)
    home = model.m.area_system[model.m.area[:n]].astype(np.int64)
    names = list(setting.specs)
    counts = np.bincount(
        bits * len(setting.places.systems) + home, minlength=(1 << len(names)) * len(setting.places.systems)
    )
    rows = []
    for at in np.flatnonzero(counts):
        which, s = divmod(int(at), len(setting.places.systems))
        if which:
            words = ";".join(name for i, name in enumerate(names) if which >> i & 1)
            rows.append({"pathways": words, "system": setting.places.systems[s], "people": int(counts[at])})
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
    return tuple(names) or CONDITIONS[FIRST_MENTAL:]


def _need(setting: Setting, pathway: str, home: np.ndarray) -> np.ndarray:
    """Return int64[system]: residents with a condition the pathway is for."""
    names = conditions_of(pathway)
    mask = np.uint32(sum(1 << CONDITIONS.index(name) for name in names))
    has = (setting.population.people["conditions"] & mask) != 0
    return np.bincount(home[has], minlength=len(setting.places.systems))
