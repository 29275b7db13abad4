"""The hazards of a cell as the tables the kernels read: doors, rates by risk group, profiles over the run."""

from __future__ import annotations

import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from abm import tags
from abm.demand import HOURS_OF_YEAR, Calibration, Demand, profile
from abm.network import DAY, RATE, Profiles, integrated
from abm.surges import Curve, by_hour
from kernels import columns as c
from kernels import onset
from kernels.attributes import NAMES
from kernels.draws import purpose
from pathways import laws
from pathways.errors import InputError

if TYPE_CHECKING:
    from abm.setting import Setting

MOST_DOORS = 256  # an event holds a door in eight bits
MOST_PATHWAYS = 64  # bits of `reached`


def curves_of(setting: Setting) -> list[Curve]:
    """Return the profiles in use with their surges, doors' first."""
    curves = [door.curve for door in setting.demand.doors]
    for pathway, spec in setting.specs.items():
        if spec.outside is not None:
            entered = [door for door in setting.demand.doors if door.to == f"{pathway}/{spec.outside.to}"]
            surges = [door.surges for door in entered] or [()]
            curves += [(spec.outside.profile or "flat", one) for one in surges]
    return list(dict.fromkeys(curves))


def hazards_of(setting: Setting, start: datetime.date, days: int) -> dict[str, np.ndarray]:
    """Return the demand tables of the kernels for a run of `days` from `start`."""
    demand = setting.demand
    curves = curves_of(setting)
    factors = [by_hour(surges, start, days) for _, surges in curves] if any(surges for _, surges in curves) else None
    profiles: Profiles = integrated([profile(name) for name, _ in curves], start, days, factors)
    door = doors_of(setting, curves)
    looks, look_doors = looks_of(demand, door)
    at_horizon = profiles.integral[:, days * DAY // 3600]
    rate, most = _rates(
        demand.calibration, demand.n_ceilings, door.tobytes(), at_horizon.tobytes(), looks.tobytes(),
        look_doors.tobytes(),
    )  # fmt: skip
    return families_of(demand) | {
        "door": door, "scan": looks, "scan_door": look_doors, "rate": rate, "most": most,
        "integral": profiles.integral, "weight": profiles.weight,
        "site_factor": np.rint(demand.site_factor * 2**32).astype(np.int64),
        "exponential": laws.unit_exponential_table(),
    }  # fmt: skip


def doors_of(setting: Setting, curves: list[Curve]) -> np.ndarray:
    """Return the table of doors, DOOR[door].

    Raises
    ------
    InputError
        If there are more doors or pathways than a run can hold.
    """
    demand = setting.demand
    if len(demand.doors) > MOST_DOORS:
        raise InputError(
            file="pathways", key="door", value=f"{len(demand.doors)} doors", expected=f"at most {MOST_DOORS} in a run"
        )
    if len(setting.specs) > MOST_PATHWAYS:
        raise InputError(
            key="pathways", value=f"{len(setting.specs)} pathways", expected=f"at most {MOST_PATHWAYS} open in a run"
        )
    door = np.zeros(len(demand.doors), c.DOOR)
    tag_of = tags.of_doors(setting.specs)
    pathways = list(setting.specs)
    in_pathway: dict[str, int] = {}
    for d, one in enumerate(demand.doors):
        pathway = one.name.partition("/")[0]
        slot = in_pathway.get(pathway, 0)
        in_pathway[pathway] = slot + 1
        row = door[d]
        row["to"] = _state_index(setting, one.to)
        row["profile"] = curves.index(one.curve)
        row["site"] = one.site
        row["slot"] = slot % 4
        row["purpose"] = purpose(f"{pathway}/onset/{slot // 4}")
        row["purpose_site"] = purpose(f"{one.name}/site")
        row["tag"] = tag_of[one.name]
        row["pathway"] = pathways.index(pathway)
    first = 0
    for f, family in enumerate(demand.families):
        own = list(family.doors)
        door["family"][own], door["stride"][own] = f, len(own)
        door["rate"][own] = first + np.arange(len(own))
        first += family.rates.size
    return door


def families_of(demand: Demand) -> dict[str, np.ndarray]:
    """Return the tables of families, and of their factors one family after the other."""
    family = np.zeros(len(demand.families), c.FAMILY)
    doors = factors = rate = compact = 0
    widest = max((one.factors.cuts.shape[1] for one in demand.families), default=0)
    cuts = []
    for row, one in zip(family, demand.families, strict=True):
        row["doors"], row["rate"], row["compact"] = (doors, doors + len(one.doors)), rate, compact
        row["factors"] = factors, factors + len(one.factors.attributes)
        row["depends"] = sum(1 << NAMES[name] for name in one.factors.attributes)
        doors, rate, compact = doors + len(one.doors), rate + one.rates.size, compact + one.factors.compact.size
        factors += len(one.factors.attributes)
        blank = np.full((len(one.factors.cuts), widest + 1 - one.factors.cuts.shape[1]), np.inf)
        cuts.append(np.column_stack([one.factors.cuts, blank]))
    every = [one.factors for one in demand.families]
    return {
        "family": family, "family_door": np.array([d for one in demand.families for d in one.doors], np.int32),
        "factor_column": np.array([NAMES[name] for one in every for name in one.attributes], np.int32),
        "factor_cuts": np.concatenate(cuts), "factor_stride": np.concatenate([one.stride for one in every]),
        "compact": np.concatenate([one.compact for one in every]),
    }  # fmt: skip


def looks_of(demand: Demand, door: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return SCAN[look] and the doors they look at, int32: one look a block of luck and family, blocks in order."""
    block_of = np.concatenate([[0], np.cumsum(door["purpose"][1:] != door["purpose"][:-1])])
    keys = sorted({(int(block), int(family)) for block, family in zip(block_of, door["family"], strict=True)})
    looks, of_look = np.zeros(len(keys), c.SCAN), []
    n_doors = most = 0
    for row, (block, family) in zip(looks, keys, strict=True):
        own = np.flatnonzero((block_of == block) & (door["family"] == family))
        row["block"], row["family"], row["doors"], row["most"] = block, family, (n_doors, n_doors + len(own)), most
        n_doors, most = n_doors + len(own), most + len(demand.families[family].rates)
        of_look.append(own)
    return looks, np.concatenate(of_look).astype(np.int32)


@lru_cache(maxsize=2)
def _rates(
    calibration: Calibration, n_occurring: tuple[int, ...], doors: bytes, at_horizon: bytes, looks: bytes,
    look_doors: bytes,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Return rate and most, both uint32, the same arrays for all cells of a run: not to be written.

    Groups that did not occur where rates were found may occur elsewhere: then all are looked at.
    """
    door, horizon = np.frombuffer(doors, c.DOOR).copy(), np.frombuffer(at_horizon, np.int64).copy()
    exponential = laws.unit_exponential_table()
    rates = [as_integers(family.rates) for family in calibration.families]
    at_doors = np.frombuffer(look_doors, np.int32)
    most = []
    for one in np.frombuffer(looks, c.SCAN):
        family, n = calibration.families[one["family"]], n_occurring[one["family"]]
        of_look = at_doors[slice(*one["doors"])]
        own = rates[one["family"]][:, [family.doors.index(d) for d in of_look]]
        highest = np.zeros(len(own), np.uint32)
        highest[:n] = (
            np.maximum(onset.ceilings(own[:n].astype(np.int64), door[of_look], horizon, exponential), 1).max(axis=1) - 1
        )
        most.append(highest)
    return np.concatenate([rate.ravel() for rate in rates]), np.concatenate(most)


def as_integers(rates: np.ndarray) -> np.ndarray:
    """Return rates a year as uint32 in 2**-46 a second: nobody asks more than 1,925 times a year at one door.

    Only groups with everything at once come to more, and only where a scenario multiplies demand.
    """
    found = np.rint(rates / (HOURS_OF_YEAR * 3600) * RATE)
    return np.minimum(found, np.iinfo(np.uint32).max).astype(np.uint32)


def _state_index(setting: Setting, name: str) -> int:
    """Return the index a state will have when the pathways are flattened (a stay's visit follows it)."""
    names = []
    for pathway, spec in setting.specs.items():
        for state, one in spec.states.items():
            names.append(f"{pathway}/{state}")
            if one.contacts is not None:
                names.append(f"{pathway}/{state}/visit")
    return names.index(name)
