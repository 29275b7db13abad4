"""Pathways flattened: parsed pathways and their units as the tables the kernels read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np

from abm import flat_needs
from abm.clock_slots import most_at_once
from abm.flat import NOTHING, Flat, Order, Rows, in_order
from abm.flat_clocks import clocks
from abm.flat_routes import escalations, openings, routes
from abm.flat_states import laws_of, waits
from abm.units import SCOPES, Places, Units
from kernels import columns as c
from kernels.attributes import CONDITIONS, FIRST_CONDITION, NAMES, PAST_USE
from pathways import laws
from pathways.cycles import cycles
from pathways.specs import PathwaySpec, StateSpec

KINDS = {"contact": c.CONTACT, "place": c.PLACE, "wait": c.WAIT, "decision": c.DECISION, "end": c.END}


def flatten(
    specs: Mapping[str, PathwaySpec],
    places: Places,
    units: Units,
    rules: frozenset[str] = frozenset(),
    before: Order = NOTHING,
) -> Flat:
    """Return the tables of pathways and units; `rules` are decision states that Python decides.

    `before`: states and clocks that a running model has already.  They keep their rows; what is new stands behind them.
    """
    rows = Rows(specs, places, units, in_order(_states(specs), lambda one: f"{one[0]}/{one[1]}", before.states))
    cycle_of = cycles(specs)
    counters = Counter[int]()
    state = np.zeros(len(rows.states), dtype=c.STATE)
    n_cells = 0
    list_pools: list[list[int]] = []
    for i, (pathway, name, spec, parent) in enumerate(rows.states):
        row, full = state[i], f"{pathway}/{name}"
        row["kind"] = KINDS[spec.kind]
        row["urgency"] = spec.urgency
        row["pathway"] = list(specs).index(pathway)
        row["rule"] = full in rules
        row["parent"] = rows.index[f"{pathway}/{parent}"] if parent else -1
        row["child"] = rows.index[f"{full}/visit"] if spec.contacts else -1
        row["cycle"] = row["repeat"] = -1
        if full in cycle_of and not parent:
            row["cycle"] = cycle_of[full]
            row["repeat"] = counters[cycle_of[full]]
            counters[cycle_of[full]] += 1
        laws_of(rows, row, full, spec)
        if spec.at_start_england:
            rows.flat.under_way[i] = rows.law(spec.stay if spec.kind == "place" else spec.minutes, residual=True)
        waits(rows, row, spec)
        flat_needs.needs(rows, row, pathway, spec)
        scope = rows.scope_of(pathway)
        row["scope"] = SCOPES[scope]
        row["cell_base"] = n_cells
        rows.flat.cells += [(i, place) for place in places.names(scope)]
        n_cells += len(places.names(scope))
        row["list_base"] = -1
        if spec.kind in ("contact", "place"):
            row["list_base"] = len(list_pools)
            list_pools += flat_needs.list_pools(rows, i, row)
        row["closed"] = any(flat_needs.refuses(rows, pathway, spec))
        row["groups"] = routes(rows, pathway, name, parent)
        row["escalations"] = escalations(rows, pathway, name, parent)
        row["opens"] = openings(rows, pathway, full, spec)
        row["ward"] = _is_ward(specs, pathway, spec)
        row["exchange"] = -1 if spec.exchange is None else round(100 * spec.exchange)
        row["marks"] = 1 << PAST_USE.index(spec.marks) if spec.marks else 0
        row["blocked_by"] = rows.index[rows.full_name(pathway, spec.blocked_by)] if spec.blocked_by else -1
    rows.flat.n_repeats = max(counters.values(), default=1)
    clocks(rows, state, before.clocks)
    rows.flat.arrays |= rows.records() | {
        "state": state,
        "normal": laws.normal_table(),
        "list_pools": flat_needs.padded(list_pools),
        "lists_of_pool": flat_needs.lists_of_pool(rows, list_pools),
    }
    rows.flat.clock_slots = most_at_once(rows.flat.arrays)
    return rows.flat


def _is_ward(specs: Mapping[str, PathwaySpec], pathway: str, spec: StateSpec) -> bool:
    """Return whether a state is a hospital bed: a place of a team with `nursing`, or a wait in a bed elsewhere."""
    if spec.kind != "place" or spec.team is None:
        return spec.hospital_bed or spec.exchange is not None
    owner, _, team = spec.team.rpartition("/")
    found = specs[owner or pathway].teams.get(team) if (owner or pathway) in specs else None
    return found is not None and bool(found.nursing)


def _states(specs: Mapping[str, PathwaySpec]) -> list[tuple[str, str, StateSpec, str | None]]:
    """Return (pathway, name, spec, parent) of every state: a stay's recurring contact follows it as `stay/visit`."""
    states: list[tuple[str, str, StateSpec, str | None]] = []
    for pathway, spec in specs.items():
        for name, state in spec.states.items():
            states.append((pathway, name, state, None))
            if state.contacts is not None:
                states.append((pathway, f"{name}/visit", _visit_state(state), name))
    return states + [(pathway, name, StateSpec(kind="end"), None) for pathway, name in _not_loaded(specs)]


def _not_loaded(specs: Mapping[str, PathwaySpec]) -> list[tuple[str, str]]:
    """Return (pathway, state elsewhere) for every state of a pathway that is not loaded: there, the referral ends.

    Where a further referral would be opened in such a pathway there is none, and no state is needed.
    """
    found: dict[tuple[str, str], None] = {}
    for pathway, spec in specs.items():
        named = [route.to for route in spec.routes]
        named += [state.blocked_by or "" for state in spec.states.values()]
        named += [at for clock in spec.clocks.values() for at in (*clock.starts, *clock.stops, *clock.pauses)]
        for name in named:
            if "/" in name and name.partition("/")[0] not in specs:
                found[pathway, name] = None
    return list(found)


def _visit_state(stay: StateSpec) -> StateSpec:
    """Return the recurring contact of a stay as a state of its own."""
    visit = stay.contacts
    assert visit is not None
    return StateSpec(
        kind="contact", team=visit.team or stay.team, roles=visit.roles, minutes=visit.minutes, travel=visit.travel,
        records=visit.records, urgency=visit.urgency,
    )  # fmt: skip


def attribute_columns(attributes: Mapping[str, float]) -> tuple[dict[str, int], int]:
    """Return the built-in columns and the condition bits a stream's `attributes` set."""
    bits = sum(1 << CONDITIONS.index(name) for name, value in attributes.items() if name in CONDITIONS and value)
    columns = {
        name: int(value) for name, value in attributes.items() if name in NAMES and NAMES[name] < FIRST_CONDITION
    }
    return columns, bits
