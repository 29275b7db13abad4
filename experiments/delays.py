"""Who is ready to leave a hospital bed and cannot: counted every midnight, by cause and by local authority.

The statistics of delayed transfers of care count people at midnight, by the body that answers for the delay and by the
upper-tier authority they live in.  Pathway files say which places are waited for (`delayed_by`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa

from abm import tables
from abm.model import CareSystem
from experiments.outcome_schema import DELAYS
from kernels import columns as c


class Delays:
    """Counts delayed residents at midnights of one model; `before`: what was counted before a checkpoint."""

    def __init__(self, model: CareSystem, before: Iterable[Any] = ()) -> None:
        self._model = model
        areas = model.setting.population.areas
        of = {row["district"]: row["authority"] for row in tables.read("local_authorities")}
        self._district = np.asarray(areas["district"], np.int64)
        self._authorities = [of.get(name, name) for name in areas["district_names"]]
        self._days: dict[tuple[str, str, str], int] = {(state, by, where): n for state, by, where, n in before}

    def seen(self) -> list[Any]:
        """Return what was counted so far, as JSON can hold it."""
        return [[*key, n] for key, n in sorted(self._days.items())]

    def midnight(self) -> None:
        """Count whoever is delayed now: in such a place with a ward's bed, or with one kept while waiting for it."""
        m, network = self._model.m, self._model.network
        causes = {
            network.flat.state(f"{name}/{state}"): (f"{name}/{state}", spec.delayed_by)
            for name, pathway in network.specs.items() for state, spec in pathway.states.items() if spec.delayed_by
        }  # fmt: skip
        if not causes:
            return
        rows = np.flatnonzero(np.isin(m.referral["state"], list(causes)) & (m.referral["flags"] != 0))
        row = m.referral[rows]
        delayed = (row["kept_post"] >= 0) | (m.state["ward"][row["state"]] != 0)
        delayed &= row["person"] < m.sizes[c.N_RESIDENTS]
        for state, person in zip(row["state"][delayed].tolist(), row["person"][delayed].tolist(), strict=True):
            cause, by = causes[state]
            key = (cause, by, self._authorities[self._district[m.area[person]]])
            self._days[key] = self._days.get(key, 0) + 1

    def table(self) -> pa.Table:
        """Return one row a cause and local authority."""
        rows = [
            {"pathway": state.partition("/")[0], "cause": state.partition("/")[2], "delayed_by": by,
             "local_authority": where, "delayed_days": n}
            for (state, by, where), n in sorted(self._days.items())
        ]  # fmt: skip
        return pa.Table.from_pylist(rows, schema=DELAYS)
