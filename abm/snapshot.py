"""What a run holds between two days, as tables and a document; and how a model made anew takes it up again.

Held are the tables that change while a run goes on, and what of the people's columns differs from the setting.  Rows
that were never used are left out (their number is kept), all others stay where they are: rows point at rows.
"""

from __future__ import annotations

import dataclasses
import random
from typing import TYPE_CHECKING, Any

import numpy as np

from abm import growth, policy
from abm.flat import Order
from abm.population import RUN_COLUMNS
from abm.readings import Reading
from abm.setting import Setting, templates
from kernels import columns as c
from kernels.model import NAMES, SPECS, Model
from pathways import files
from pathways.pathway import TakenAway

if TYPE_CHECKING:
    from abm.model import CareSystem

HAPPENING = NAMES[NAMES.index("post") :]
"""The tables of a run that say what is happening; those before are made from the setting."""
LENGTH = {
    "heap_key": c.HEAP, "heap_event": c.HEAP, "joining": c.N_JOINING, "joining_to": c.N_JOINING, "newly": c.N_NEWLY,
    "touched": c.N_TOUCHED, "ruled": c.N_RULED, "log": c.N_LOG, "outbox": c.N_OUTBOX, "account_row": c.N_ACCOUNTS,
    "left_group": c.N_LEFT, "life_row": c.N_LIFE_ACCOUNTS, "life_person": c.N_LIFE_ACCOUNTS,
}  # fmt: skip
"""Tables that are filled from the front, and the scalar that says how far."""
SCRATCH = ("candidate", "stack")
"""Tables that hold nothing between two calls of a kernel."""
FREE_LISTS = ("referral", "event")
"""Tables whose free rows are linked by `next`."""
BLANK = {"held_post": -1}
OF_A_REFERRAL = ("held_post", "held_shift", "visits", "running")
DAILY = ("busy", "waiting", "happened")
"""What is written down each day (`abm/observers.py`)"""
PERSON = "person."
"""Before the name of a people column: the rows that differ from the setting (`.row`) and what they hold."""


def taken(model: CareSystem) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Return the tables and the document of a model between two days."""
    m = model.m
    used = {name: _rows_used(getattr(m, name)) for name in FREE_LISTS}
    tables: dict[str, np.ndarray] = {}
    for name in HAPPENING:
        table = getattr(m, name)
        tables[name] = table[: _length(m, name, used)]
    tables |= _people(model)
    tables["units.clinician"] = model.network.units.clinician
    tables |= {f"daily.{name}": getattr(model.daily, name)[: model.daily.n] for name in DAILY}
    if model.opening is not None:
        tables |= {
            f"opening.{name}": table for name, table in vars(model.opening).items() if isinstance(table, np.ndarray)
        }
    if model.simulation.log:
        tables["log.before"] = np.concatenate(model.simulation.log)
    flat = model.network.flat
    document = {
        "n_residents": model.network.n_residents,
        "rows": {name: len(getattr(m, name)) for name in HAPPENING},
        "last_next": {name: int(getattr(m, name)["next"][-1]) for name in FREE_LISTS},
        "opening": None if model.opening is None else [model.opening.seconds, str(model.opening.digest)],
        "teams": [team.numbers() for team in model.every_team()],
        "pathways": {name: files.as_toml(graph) for name, graph in model.pathways.own().items()},
        "taken_away": {name: graph.taken_away for name, graph in model.pathways.own().items()},
        "gone": flat.routes[len(flat.routes) - flat.n_gone :],
        "order": [list(flat.order.states), list(flat.order.clocks)],
        "generators": [model.rng.bit_generator.state, model.random.getstate()],
    }
    return tables, document


def about_bytes(model: CareSystem) -> int:
    """Return about how many bytes a model's tables take in a checkpoint, before any is looked at row by row."""
    m, total = model.m, 0
    free = {"referral": c.N_FREE_REFERRAL, "event": c.N_FREE_EVENT}
    used = {name: len(getattr(m, name)) - int(m.now[scalar]) for name, scalar in free.items()}
    for name in HAPPENING:
        table = getattr(m, name)
        total += _length(m, name, used) * (table.nbytes // max(len(table), 1))
    columns = [getattr(m, name) for name in _people_columns(model.setting)]
    known = len(m.person) if model.lives else int(np.count_nonzero(m.account != c.NOBODY["account"]))
    total += known * sum(4 + column[:1].nbytes for column in columns)
    return total + sum(log.nbytes for log in model.simulation.log)


def put_back(model: CareSystem, tables: dict[str, np.ndarray], document: dict[str, Any]) -> None:
    """Let a model that was just made, by the same setting, be where the snapshot was taken."""
    _pathways(model, document)
    m, rows, last_next = model.m, document["rows"], document["last_next"]
    model.network.units = dataclasses.replace(model.network.units, clinician=tables["units.clinician"].copy())
    full = {name: _full(name, tables[name], rows[name], last_next.get(name)) for name in HAPPENING}
    m.replace(**full)
    if model.lives:
        m.sizes[c.N_RESIDENTS] = model.network.n_residents = document["n_residents"]
        columns = {name: tables[PERSON + name].copy() for name in _people_columns(model.setting)}
        person = np.zeros(len(columns["area"]), c.PERSON)  # what lies side by side in one record
        for name in set(person.dtype.names or ()) & set(columns):
            person[name] = columns.pop(name)
        m.replace(**columns, person=person)
        return _put_back_the_rest(model, tables, document)
    for name in _people_columns(model.setting):
        if f"{PERSON}{name}.row" in tables:
            getattr(m, name)[tables[f"{PERSON}{name}.row"]] = tables[PERSON + name]
        elif PERSON + name in tables:
            getattr(m, name)[:] = tables[PERSON + name]
    return _put_back_the_rest(model, tables, document)


def _put_back_the_rest(model: CareSystem, tables: dict[str, np.ndarray], document: dict[str, Any]) -> None:
    for team, numbers in zip(model.every_team(), document["teams"], strict=True):
        team.recall(numbers)
    model.daily.recall(*(tables[f"daily.{name}"] for name in DAILY))
    if document["opening"] is not None:
        seconds, digest = document["opening"]
        arrays = {one.name: tables[f"opening.{one.name}"].copy() for one in dataclasses.fields(Reading)
                  if f"opening.{one.name}" in tables}  # fmt: skip
        model.opening = Reading(**arrays, seconds=seconds, digest=int(digest))
    model.simulation.log = [tables["log.before"].copy()] if "log.before" in tables else []
    numpy_state, (version, words, gauss) = document["generators"]
    model.rng.bit_generator.state = numpy_state
    recalled = random.Random()
    recalled.setstate((version, tuple(words), gauss))
    model.random.setstate(recalled.getstate())


def _length(m: Model, name: str, used: dict[str, int]) -> int:
    """Return how many rows of a table say something."""
    if name in SCRATCH:
        return 0
    if name in LENGTH:
        return int(m.now[LENGTH[name]])
    if name in used:
        return used[name]
    return used["referral"] if name in OF_A_REFERRAL else len(getattr(m, name))


def _rows_used(table: np.ndarray) -> int:
    """Return the number of rows before those that were never used (each of them: blank, and linked to the next)."""
    linked = table["next"] == np.arange(1, len(table) + 1)
    linked[-1] = True  # the last one's link is kept by itself
    words = table.view(np.uint8).reshape(len(table), -1)
    at = table.dtype.fields["next"][1]  # type: ignore[index]
    blank = ~(words[:, :at].any(axis=1) | words[:, at + 4 :].any(axis=1))
    used = np.flatnonzero(~(linked & blank))
    return int(used[-1]) + 1 if len(used) else 0


def _full(name: str, table: np.ndarray, rows: int, last_next: int | None) -> np.ndarray:
    """Return a table with all its rows, those that were never used too, as the kernels have them."""
    dtype, _ = SPECS[name]
    out = np.zeros((rows, *table.shape[1:]), dtype)
    out[: len(table)] = table
    if name in BLANK:
        out[len(table) :] = BLANK[name]
    if last_next is not None:
        out["next"][len(table) :] = np.arange(len(table) + 1, rows + 1)
        out["next"][-1] = last_next
    return out


def _people_columns(setting: Setting) -> list[str]:
    return [*setting.population.people, *RUN_COLUMNS]


def _people(model: CareSystem) -> dict[str, np.ndarray]:
    """Return what differs from the setting's people: few rows, or the whole column where they are many."""
    found: dict[str, np.ndarray] = {}
    if model.lives:  # people's columns change all over, and there may be more rows than at the start
        return {PERSON + name: getattr(model.m, name) for name in _people_columns(model.setting)}
    population, behind = model.setting.population, templates(model.setting)
    for name in _people_columns(model.setting):
        now = getattr(model.m, name)
        if name in RUN_COLUMNS:
            other = np.flatnonzero(now != RUN_COLUMNS[name])
        else:
            column = population.people[name]
            differs = np.concatenate([now[: population.n] != column, now[population.n :] != column[behind]])
            other = np.flatnonzero(differs.reshape(len(now), -1).any(axis=1))
        if len(other) * (4 + now.itemsize) >= now.nbytes:
            found[PERSON + name] = np.ascontiguousarray(now)
        elif len(other):
            found[f"{PERSON}{name}.row"], found[PERSON + name] = other.astype(np.int32), now[other]
    return found


def _pathways(model: CareSystem, document: dict[str, Any]) -> None:
    """Let the model run by the pathways as they had been edited."""
    if not document["pathways"]:
        return
    edited = {name: files.parse(text, model.setting.pathways[name].file) for name, text in document["pathways"].items()}
    for name, states in document["taken_away"].items():
        edited[name].taken_away = {
            state: TakenAway(keys, tuple(waiting), moves_to) for state, (keys, waiting, moves_to) in states.items()
        }
    model.pathways.recall(edited)
    specs = policy.changed_specs(model.pathways, model.network.specs, list(edited))
    gone = [(origin, to, why) for origin, to, why in document["gone"]]
    order = Order(
        tuple(document["order"][0]), tuple((pathway, name, own) for pathway, name, own in document["order"][1])
    )
    policy.take_over(model.simulation, specs, model.rules.states, gone, order)
    growth.follow(model)
