"""Room: whether a crowd fits into memory, and tables made longer while a run goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from abm.areas import memory_available
from abm.pages import Blank, side_by_side
from kernels import columns as c
from kernels.lifetime import NOT_YET
from kernels.steps import BIRTHS
from pathways.errors import InputError

if TYPE_CHECKING:
    from abm.network import Network, Simulation

OF_A_PERSON = (
    "area", "ordinal", "age", "sex", "ethnicity", "conditions", "phq9", "gad7", "severity", "past_use", "risk",
    "reached", "person",
)  # fmt: skip
OF_A_LIFE = ("life", "life_group", "life_account")
BLANK_PERSON: dict[str, Any] = {"person": c.NOBODY, "life": NOT_YET, "life_account": -1}


def check_people_at_start(network: Network) -> None:
    """Refuse more people at the start than fit into memory, before anything is allocated.

    Raises
    ------
    InputError
        With the memory they need and the memory there is.
    """
    flat = network.flat
    persons = sum(
        one.at_start + one.at_start_waiting for spec in network.specs.values() for one in spec.states.values()
    )
    slots = 8 * flat.slots + 2 * flat.n_repeats + c.RUNNING.itemsize * flat.clock_slots
    need = 3 * persons * (c.REFERRAL.itemsize + slots + 4 * c.EVENT.itemsize)  # tables double when they are full
    have = memory_available()
    if have is not None and need > have:
        raise InputError(
            key="at_start", value=f"{persons:,}",
            expected=f"people who fit into memory: they need about {need / 1e9:.1f} GB, {have / 1e9:.1f} GB are free",
        )  # fmt: skip


def longer(array: np.ndarray, by: int, blank: int = 0) -> np.ndarray:
    """Return a copy with `by` blank rows more."""
    out = side_by_side({"longer": Blank((array.shape[0] + by, *array.shape[1:]), array.dtype)})["longer"]
    if blank:
        out[array.shape[0] :] = blank
    out[: array.shape[0]] = array
    return out


def room_to_live(simulation: Simulation, room: int) -> dict[str, np.ndarray]:
    """Return longer tables of lives where room is short: accounts, and rows for the unborn."""
    m, now = simulation.m, simulation.m.now
    changes: dict[str, np.ndarray] = {}
    if now[c.N_LIFE_ACCOUNTS] + room >= m.life_row.shape[0]:
        changes = {name: longer(getattr(m, name), m.life_row.shape[0] + room) for name in ("life_row", "life_person")}
    if now[c.N_LATER] + 2 * BIRTHS >= len(m.later):
        changes |= more_people(simulation, len(m.later))
    return changes


def more_people(simulation: Simulation, by: int) -> dict[str, np.ndarray]:
    """Return the columns of people with `by` rows more for the unborn; template rows behind them move up."""
    m, end = simulation.m, simulation.network.n_residents
    changes = {}
    for name in (*OF_A_PERSON, *OF_A_LIFE):
        column = getattr(m, name)
        blank = np.full((by, *column.shape[1:]), BLANK_PERSON.get(name, 0), column.dtype)
        changes[name] = np.concatenate([column[:end], blank, column[end:]])
    changes["later"] = longer(m.later, by)
    m.referral["person"][m.referral["person"] >= end] += by
    m.stream["person"][m.stream["person"] >= end] += by
    m.sizes[c.N_RESIDENTS] += by
    simulation.network.n_residents += by
    return changes
