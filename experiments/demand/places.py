"""Posts of teams shared out to places: delivery systems, CCGs, the STP, and England by stated weights.

A team's posts belong to the delivery system it works in; what the whole area shares (wards, mostly) belongs to its
systems, and what a system has to its CCGs, in proportion to the referrals a year that their residents are expected to
make to the service.  Every post is in exactly one CCG, so that CCGs add up to systems and systems to the STP.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from abm import areas
from abm.demand import Demand
from abm.population import Population
from abm.setting import Setting
from experiments import scenario_setting
from experiments.demand.simulate import wanted
from kernels import synthesis

ENGLAND = "England"
NOT_DIVIDED = "an illustrative area has no CCGs"


@dataclass(frozen=True)
class Use:
    """Expected referrals a year of residents to services."""

    services: tuple[str, ...]
    leaves: tuple[str, ...]
    """CCGs; delivery systems where an area has none"""
    system_of: tuple[str, ...]
    """[leaf]"""
    referrals: np.ndarray
    """float64[service, leaf]; a service without a door of its own has those of all"""
    of_england: np.ndarray
    """float64[service] share of England's referrals that come from these residents"""

    def shares(self, service: str, system: str | None) -> np.ndarray:
        """Return the share of each leaf: within a system, or (None) of the whole area; they sum to 1."""
        row = self.referrals[self.services.index(service)]
        if system is not None:
            row = np.where(np.array(self.system_of) == system, row, 0.0)
        return row / row.sum()


@lru_cache(maxsize=4)
def use_of(cell: str) -> Use:
    """Return the use of every service by the residents of an STP's places, at the baseline."""
    return use(scenario_setting.setting(wanted(cell, None, (), 1)))


def use(setting: Setting) -> Use:
    """Return the use of every service by places."""
    population, demand = setting.population, setting.demand
    leaves, system_of, leaf_of_area = _leaves(population)
    by_area = _by_area(population, demand)
    by_leaf = np.stack([by_area[leaf_of_area == leaf].sum(axis=0) for leaf in range(len(leaves))])  # [leaf, door]
    total = np.array([door.total for door in demand.doors])
    referrals, share = [], []
    for service in setting.specs:
        own = [d for d, door in enumerate(demand.doors) if door.name.partition("/")[0] == service and total[d] > 0]
        doors = own or list(range(len(total)))
        referrals.append(by_leaf[:, doors].sum(axis=1))
        share.append(by_leaf[:, doors].sum() / total[doors].sum())
    return Use(tuple(setting.specs), leaves, system_of, np.array(referrals), np.array(share))


def _by_area(population: Population, demand: Demand) -> np.ndarray:
    """Return referrals a year of each small area's residents, float64[area, door]."""
    first, risk = population.areas["first"], population.people["risk"]
    found = np.empty((first.size - 1, len(demand.doors)))
    for f, family in enumerate(demand.families):
        part = np.empty((len(found), len(family.doors)))
        synthesis.sum_rates(first, risk, f, family.rates, part)
        found[:, family.doors] = part
    return found


def _leaves(population: Population) -> tuple[tuple[str, ...], tuple[str, ...], np.ndarray]:
    """Return names of the smallest places, the system of each, and the place of each small area."""
    system = population.areas["system"].astype(np.int64)
    if population.area != areas.LSC:
        return tuple(population.systems), tuple(population.systems), system
    ccg = population.areas["ccg"].astype(np.int64)
    names = tuple(f"NHS {name} CCG" for name in population.areas["ccg_names"])
    homes = tuple(population.systems[int(system[ccg == k][0])] for k in range(len(names)))
    return names, homes, ccg


def shared_out(posts: pd.DataFrame, cell: str) -> pd.DataFrame:
    """Return posts by leaf: rows of `posts_needed` with `leaf` and the leaf's posts; `system` is the leaf's.

    Posts in all stay what they were.
    """
    where, title = use_of(cell), areas.title_of(cell)
    parts = []
    for (service, system), rows in posts.groupby(["service", "system"], sort=False):
        share = where.shares(service, None if system == title else system)
        for k in np.flatnonzero(share):
            part = rows.copy()
            part["posts"] *= share[k]
            part["shared"] = system == title
            part["leaf"], part["system"] = where.leaves[k], where.system_of[k]
            parts.append(part)
    return pd.concat(parts, ignore_index=True)


def carried_to_england(posts: pd.DataFrame, cell: str) -> pd.DataFrame:
    """Return posts of England: each service's times England's referrals over the residents' (illustrative)."""
    where = use_of(cell)
    weight = dict(zip(where.services, 1 / where.of_england, strict=True))
    found = posts.copy()
    found["posts"] *= found["service"].map(weight)
    found["system"] = ENGLAND
    return found
