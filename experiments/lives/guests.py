"""Where a resident lay as a guest: read from what their cell was told at the exchanges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from abm.areas import cells_of, title_of
from abm.country import IS_BACK, IS_TAKEN
from abm.model import CareSystem
from experiments.lives.visits import SMALL_AREA
from experiments.reports.words import spoken


def stays_elsewhere(model: CareSystem, row: int, told: np.ndarray, area: str) -> list[dict[str, Any]]:
    """Return the stays of one resident on the wards of other cells, in order.

    Parameters
    ----------
    told : INBOUND[message] the exchange log of the resident's cell
    area : the area whose cells the log numbers
    """
    code, ordinal = int(model.m.area_code[model.m.area[row]]), int(model.m.ordinal[row])
    cells = cells_of(area)
    mine = told[(told["kind"] == IS_TAKEN) & ((told["id0"] & SMALL_AREA) == code) & (told["id1"] == ordinal)]
    back = told[told["kind"] == IS_BACK]
    found = []
    for one in mine:
        ends = back[(back["row"] == one["row"]) & (back["stamp"] == one["stamp"])]["second"]
        ends = ends[ends >= one["second"]]
        name = cells[int(one["cell"])]
        found.append({
            "cell": name, "host": title_of(name), "ward": model.network.flat.state_names[int(one["state"])],
            "from": model.when(int(one["second"])), "until": model.when(int(ends[0])) if len(ends) else None,
        })  # fmt: skip
    return found


def with_hosts(visits: Sequence[dict[str, Any]], stays: Sequence[dict[str, Any]], model: CareSystem) -> None:
    """Write into the visits outside the area on which STP's ward they were: host, ward, from and until (else None)."""
    flat = model.network.flat
    away = {flat.state_names[i] for i in np.flatnonzero(flat.arrays["state"]["exchange"] >= 0)}
    open_ones = list(stays)
    for visit in visits:
        visit |= dict.fromkeys(("host", "host_ward", "host_from", "host_until"))
        if f"{visit['pathway']}/{visit['state']}" not in away:
            continue
        for stay in open_ones:
            if visit["joined"] <= stay["from"] and (visit["ended"] is None or stay["from"] <= visit["ended"]):
                ward = spoken(stay["ward"].partition("/")[2])
                visit |= {"host": stay["host"], "host_ward": ward}
                visit |= {"host_from": stay["from"], "host_until": stay["until"]}
                open_ones.remove(stay)
                break
