"""Room: whether a crowd fits into memory, and tables made longer while a run goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.areas import memory_available
from abm.pages import Blank, side_by_side
from kernels import columns as c
from pathways.errors import InputError

if TYPE_CHECKING:
    from abm.network import Network


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
    slots = 8 * flat.slots + 2 * flat.n_repeats + 8 * len(flat.clocks)
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
