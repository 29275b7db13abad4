"""What a team must achieve: every clock that is its own, and every planning target, as numbers of a simulated
year.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from abm.network import Network
from abm.readings import Reading
from abm.units import Unit
from experiments.standalone import share_within

WITHIN = "share_within"


@dataclass(frozen=True)
class Target:
    """One number that a unit is held to, and where a reading keeps it."""

    unit: int
    name: str
    measure: str
    """share_within, occupancy, visits_made or utilisation"""
    bound: float
    at_least: bool
    at: tuple[int, ...]
    """Clock cell; or pool; or cells of the recurring contacts."""
    pools: tuple[int, ...]
    """Pools of the unit whose size decides it."""
    within: int | None = None
    """Seconds, for clocks."""
    finished: bool = False
    status: str = "planning"
    source: str = ""

    @property
    def sizes(self) -> bool:
        """Whether more capacity helps: a least occupancy or utilisation is reported, not sized by."""
        return self.measure in (WITHIN, "visits_made") or not self.at_least

    def value(self, reading: Reading) -> float:
        """Return the year's number; not a number if nothing was there to be measured."""
        if self.measure == WITHIN:
            share = share_within(reading, self.at[0], self.finished)
            return math.nan if share is None else share
        if self.measure == "visits_made":
            due = int(reading.cell["due"][list(self.at)].sum())
            return 1 - int(reading.cell["missed"][list(self.at)].sum()) / due if due else math.nan
        pool = reading.pool[self.at[0]]
        on = int(pool["on_seconds"])
        return int(pool["busy_seconds"]) / on if on else math.nan


def margins(targets: Sequence[Target], values: np.ndarray) -> np.ndarray:
    """Return by how much values float[..., target] are on the right side of their bounds."""
    bound = np.array([target.bound for target in targets])
    sign = np.array([1.0 if target.at_least else -1.0 for target in targets])
    return sign * (values - bound)


def met(targets: Sequence[Target], values: np.ndarray) -> np.ndarray:
    """Return whether each target holds: bool[..., target].  Where nothing was measured, nothing was breached."""
    gap = margins(targets, values)
    return np.isnan(gap) | (gap >= -1e-12)


def targets_of(network: Network, year: tuple[date, date] | None = None) -> tuple[Target, ...]:
    """Return the targets of every unit, in order of units; `year` (first, last day) leaves out other years'
    standards.
    """
    found: list[Target] = []
    for u, unit in enumerate(network.units.units):
        found += _clocks(network, u, unit, year)
        found += _planning(network, u, unit)
    return tuple(found)


def in_force(first: object, last: object, year: tuple[date, date] | None) -> bool:
    """Whether a standard with these dates holds at the end of the year: the one a planner must meet from then
    on.
    """
    if year is None:
        return True
    end = year[1]
    return not (isinstance(first, date) and first > end) and not (isinstance(last, date) and last < end)


def _clocks(network: Network, u: int, unit: Unit, year: tuple[date, date] | None) -> list[Target]:
    flat = network.flat
    found = []
    for at, (k, place) in enumerate(flat.clock_cells):
        clock = flat.clocks[k]
        if clock.share is None or clock.within is None or not in_force(clock.from_date, clock.to_date, year):
            continue
        if unit.team not in _owners(network, k) or (place != unit.place and unit.scope != "area"):
            continue
        where = f" @ {place}" if place != unit.place else ""
        found.append(
            Target(
                unit=u, name=f"{clock.pathway}/{clock.name}{where}", measure=WITHIN, bound=clock.share,
                at_least=True, at=(at,), pools=_pools_of_clock(network, unit, k), within=clock.within,
                finished=clock.finished, status=clock.status, source=clock.source,
            )
        )  # fmt: skip
    return found


def _owners(network: Network, k: int) -> tuple[str, ...]:
    """Return the teams a clock belongs to: a joint contact's standard is that of every team it needs."""
    clock = network.flat.clocks[k]
    if clock.of_state:
        needs = network.specs[clock.pathway].states[clock.name].needs
        if needs:
            return tuple(team if "/" in team else f"{clock.pathway}/{team}" for team in needs)
    return (clock.team,) if clock.team else ()


def _pools_of_clock(network: Network, unit: Unit, k: int) -> tuple[int, ...]:
    clock = network.flat.clocks[k]
    spec = network.specs[clock.pathway]
    stops = [clock.name] if clock.of_state else list(spec.clocks[clock.name].stops)
    pools: dict[int, None] = {}
    for stop in stops:
        full = stop if "/" in stop else f"{clock.pathway}/{stop}"
        pools |= dict.fromkeys(pools_of_state(network, unit, full))
    return tuple(pools) or pools_of_unit(network, unit)


def pools_of_unit(network: Network, unit: Unit) -> tuple[int, ...]:
    """Return all pools of a unit."""
    return tuple(p for p, (name, _, _) in enumerate(network.units.pool_names) if name == unit.name)


def pools_of_state(network: Network, unit: Unit, full: str) -> tuple[int, ...]:
    """Return the pools of a unit that a state takes from first (`or_roles` are second choices)."""
    pathway, _, name = full.partition("/")
    state = network.specs[pathway].states.get(name.removesuffix("/visit"))
    if state is None:
        return ()
    wanted: set[str] = set()
    if name.endswith("/visit"):
        team = state.contacts.team or state.team if state.contacts else None
        wanted = set(state.contacts.roles) if state.contacts and _full(pathway, team) == unit.team else set()
    elif state.kind == "place":
        wanted = {"places"} if _full(pathway, state.team) == unit.team else set()
    else:
        for team, roles in next(iter(state.alternatives()), {}).items():
            wanted |= set(roles) if _full(pathway, team) == unit.team else set()
    if not wanted:
        return ()
    course = state.sessions is not None and state.sessions.keep_clinician
    pools, mine = [], unit.name
    for p, (owner, role, kind) in enumerate(network.units.pool_names):
        if owner != mine or role not in wanted:
            continue
        if (kind == "course") == (course and role in unit.spec.clinicians):
            pools.append(p)
    return tuple(pools)


def _full(pathway: str, team: str | None) -> str:
    return "" if team is None else team if "/" in team else f"{pathway}/{team}"


def _planning(network: Network, u: int, unit: Unit) -> list[Target]:
    found = []
    for spec in unit.spec.targets:
        bound = spec.at_most if spec.at_least is None else spec.at_least
        assert bound is not None
        common: dict[str, Any] = {
            "bound": bound,
            "at_least": spec.at_least is not None,
            "status": spec.status,
            "source": spec.source,
        }
        kinds = {"occupancy": "places", "utilisation": "staff"}
        if spec.measure in kinds:
            for p in pools_of_unit(network, unit):
                _, role, kind = network.units.pool_names[p]
                if kind == kinds[spec.measure]:
                    name = spec.measure if kind == "places" else f"{spec.measure} of {role}"
                    found.append(Target(u, name, spec.measure, at=(p,), pools=(p,), **common))
            continue
        cells, pools = [], dict[int, None]()
        for at, (state, place) in enumerate(network.flat.cells):
            full = network.flat.state_names[state]
            mine = pools_of_state(network, unit, full) if full.endswith("/visit") else ()
            if mine and (place == unit.place or unit.scope == "area"):
                cells.append(at)
                pools |= dict.fromkeys(mine)
        found.append(Target(u, spec.measure, spec.measure, at=tuple(cells), pools=tuple(pools), **common))
    return found
