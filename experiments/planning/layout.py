"""What is sized, laid out: units, levers, pools, targets, and which belongs to which."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from abm.network import Network
from abm.units import UNLIMITED, Lever, Unit
from experiments.planning.targets import Target, pools_of_state, pools_of_unit, targets_of
from pathways.durations import WEEK
from pathways.errors import InputError


@dataclass(frozen=True)
class Layout:
    """Units, levers and targets by index, and the ties between them."""

    network: Network
    units: tuple[Unit, ...]
    levers: tuple[Lever, ...]
    targets: tuple[Target, ...]
    cells: tuple[tuple[int, ...], ...]
    """Tally cells whose people each unit serves: [unit]"""
    unit_of_lever: tuple[int, ...]
    levers_of_unit: tuple[tuple[int, ...], ...]
    pools_of_unit: tuple[tuple[int, ...], ...]
    levers_of_pool: dict[int, tuple[int, ...]]
    targets_of_unit: tuple[tuple[int, ...], ...]

    @property
    def baseline(self) -> tuple[int, ...]:
        """Return the plan of the files."""
        return tuple(lever.baseline for lever in self.levers)

    @property
    def unlimited(self) -> tuple[int, ...]:
        """Return the plan in which nobody ever waits for somebody on shift, or for a place."""
        return (UNLIMITED,) * len(self.levers)

    def floor(self, lever: int) -> int:
        """Return the smallest number a lever may have: the minimum safe number, and never nobody at all."""
        one = self.levers[lever]
        alone = len(self.levers_of_pool[one.pool]) == 1
        return max(one.least, 1 if alone else 0)


def layout_of(network: Network, year: tuple[date, date] | None = None) -> Layout:
    """Lay out a network; a team with patients and without any target is refused: it could not be sized."""
    units, levers = network.units.units, network.units.levers
    names = [unit.name for unit in units]
    targets = targets_of(network, year)
    cells = tuple(_cells(network, unit) for unit in units)
    unit_of_lever = tuple(names.index(lever.unit) for lever in levers)
    layout = Layout(
        network=network, units=units, levers=levers, targets=targets, cells=cells,
        unit_of_lever=unit_of_lever,
        levers_of_unit=tuple(
            tuple(i for i, owner in enumerate(unit_of_lever) if owner == u) for u in range(len(units))
        ),
        pools_of_unit=tuple(pools_of_unit(network, unit) for unit in units),
        levers_of_pool={
            p: tuple(i for i, lever in enumerate(levers) if lever.pool == p)
            for p in {one.pool for one in levers}
        },
        targets_of_unit=tuple(
            tuple(i for i, t in enumerate(targets) if t.unit == u) for u in range(len(units))
        ),
    )  # fmt: skip
    _refuse_aimless(layout)
    return layout


def _refuse_aimless(layout: Layout) -> None:
    for u, unit in enumerate(layout.units):
        sized_by = [layout.targets[t] for t in layout.targets_of_unit[u] if layout.targets[t].sizes]
        if layout.levers_of_unit[u] and layout.cells[u] and not sized_by:
            pathway, _, team = unit.team.partition("/")
            raise InputError(
                file=layout.network.specs[pathway].file, key=f"team.{team}", value=unit.place,
                expected="a target: a `standard` in a state of the team, a clock with `team` and `standard`, "
                f"or [[team.{team}.target]]; a team without any cannot be sized",
            )  # fmt: skip


def _cells(network: Network, unit: Unit) -> tuple[int, ...]:
    """Return the tally cells of the states a unit serves, visits during a stay apart."""
    found = []
    names = enumerate(network.flat.state_names)
    served = {i for i, full in names if not full.endswith("/visit") and pools_of_state(network, unit, full)}
    for at, (state, place) in enumerate(network.flat.cells):
        if state not in served:
            continue
        if place == unit.place or unit.scope == "area" or not _same_scope(network, unit, place):
            found.append(at)
    return tuple(found)


def _same_scope(network: Network, unit: Unit, place: str) -> bool:
    return place in network.places.names(unit.scope)


def course_seconds(layout: Layout, pool: int) -> dict[int, tuple[float, float]]:
    """Return, for each tally cell that holds courses of a pool, what one person there takes of it.

    (caseload places, weekly clinic seconds) of all of the role who hold it: 1 and a session a week; of a group of
    twelve a twelfth.
    """
    unit = layout.units[layout.network.units.unit_of_pool[pool]]
    role = layout.network.units.pool_names[pool][1]
    found: dict[int, tuple[float, float]] = {}
    for at in _cells(layout.network, unit):
        full = layout.network.flat.state_names[layout.network.flat.cells[at][0]]
        if pool in pools_of_state(layout.network, unit, full):
            pathway, _, name = full.partition("/")
            spec = layout.network.specs[pathway].states[name]
            assert spec.sessions is not None
            assert spec.minutes is not None
            session = spec.minutes.mean + (spec.records.mean if spec.records else 0.0)
            size = spec.group.size if spec.group else 1
            holders = max(n.get(role, 0) for needs in spec.alternatives() for n in needs.values())
            found[at] = (holders / size, holders * session * WEEK / spec.sessions.every / size)
    return found
