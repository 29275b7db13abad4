"""To which delivery system what happens at a place is put down; what an area shares is under the area's own name."""

from __future__ import annotations

from functools import cache

import numpy as np

from abm.areas import cells_of, title_of
from abm.population import cell, land_of


@cache
def systems_of(area: str) -> dict[str, str]:
    """Return the system of every place of an area: systems and the area itself by their own names.

    An A&E site belongs to the system most of its catchment lives in.
    """
    found: dict[str, str] = {}
    for name in cells_of(area):
        land = land_of(cell(name))
        found[title_of(name)] = title_of(name)
        found.update({system: system for system in land.systems})
        shares = np.diff(np.asarray(land.areas["catchment"]) / 2**32, axis=1, prepend=0.0)
        people = shares * land.bands.sum(axis=1)[:, None]
        for at, site in enumerate(land.sites):
            by_system = np.bincount(land.areas["system"], weights=people[:, at], minlength=len(land.systems))
            found[site] = land.systems[int(by_system.argmax())]
    return found
