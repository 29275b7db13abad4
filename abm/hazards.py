"""The hazards of a cell as the tables the kernels read: doors, rates by risk group, profiles over the run."""

from __future__ import annotations

import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from abm.demand import HOURS_OF_YEAR, Calibration, profile
from abm.network import DAY, RATE, Profiles, integrated
from kernels import columns as c
from kernels import onset
from kernels.attributes import NAMES
from kernels.draws import purpose, tag
from pathways import laws
from pathways.errors import InputError

if TYPE_CHECKING:
    from abm.setting import Setting


def profile_names(setting: Setting) -> list[str]:
    """Return the profiles in use, doors' first."""
    names = [door.profile for door in setting.demand.doors]
    names += [spec.outside.profile or "steady" for spec in setting.specs.values() if spec.outside]
    return list(dict.fromkeys(names))


def hazards_of(setting: Setting, start: datetime.date, days: int) -> dict[str, np.ndarray]:
    """Return the demand tables of the kernels for a run of `days` from `start`."""
    demand = setting.demand
    names = profile_names(setting)
    profiles: Profiles = integrated([profile(name) for name in names], start, days)
    door = np.zeros(len(demand.doors), c.DOOR)
    tags: dict[int, str] = {}
    in_pathway: dict[str, int] = {}
    for d, one in enumerate(demand.doors):
        pathway = one.name.partition("/")[0]
        slot = in_pathway.get(pathway, 0)
        in_pathway[pathway] = slot + 1
        row = door[d]
        row["to"] = _state_index(setting, one.to)
        row["profile"] = names.index(one.profile)
        row["site"] = one.site
        row["slot"] = slot % 4
        row["purpose"] = purpose(f"{pathway}/onset/{slot // 4}")
        row["purpose_site"] = purpose(f"{one.name}/site")
        row["tag"] = tag(f"door/{one.name}", 12)
        row["pathway"] = list(setting.specs).index(pathway)
        if int(row["tag"]) in tags:
            raise InputError(
                file=pathway, key=f"door.{one.name}", value=one.name, expected="another name: its tag clashes"
            )
        tags[int(row["tag"])] = one.name
    exponential = laws.unit_exponential_table()
    at_horizon = profiles.integral[:, days * DAY // 3600]
    rate, ceiling = _rates(demand.calibration, demand.n_ceilings, door.tobytes(), at_horizon.tobytes())
    factors = demand.factors
    return {
        "door": door, "rate": rate, "ceiling": ceiling, "integral": profiles.integral, "weight": profiles.weight,
        "site_factor": np.rint(demand.site_factor * 2**32).astype(np.int64),
        "factor_column": np.array([NAMES[name] for name in factors.attributes], np.int32),
        "factor_cuts": np.column_stack([factors.cuts, np.full(len(factors.cuts), np.inf)]),
        "factor_stride": factors.stride, "compact": factors.compact, "exponential": exponential,
    }  # fmt: skip


@lru_cache(maxsize=2)
def _rates(
    calibration: Calibration, n_occurring: int, doors: bytes, at_horizon: bytes
) -> tuple[np.ndarray, np.ndarray]:
    """Return (rate, ceiling) int64[group, door], the same arrays for all cells of a run: not to be written.

    Groups that did not occur where rates were found may occur elsewhere: then all have a ceiling.
    """
    rate = np.rint(calibration.rates / (HOURS_OF_YEAR * 3600) * RATE).astype(np.int64)
    ceiling = np.zeros_like(rate)
    ceiling[:n_occurring] = onset.ceilings(
        rate[:n_occurring], np.frombuffer(doors, c.DOOR).copy(), np.frombuffer(at_horizon, np.int64).copy(),
        laws.unit_exponential_table(),
    )  # fmt: skip
    return rate, ceiling


def _state_index(setting: Setting, name: str) -> int:
    """Return the index a state will have when the pathways are flattened (a stay's visit follows it)."""
    names = []
    for pathway, spec in setting.specs.items():
        for state, one in spec.states.items():
            names.append(f"{pathway}/{state}")
            if one.contacts is not None:
                names.append(f"{pathway}/{state}/visit")
    return names.index(name)
