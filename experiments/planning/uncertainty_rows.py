"""What parameter uncertainty adds, as the document says it (`docs/sizing.md`, key `uncertainty`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from experiments.intervals import share_and_bounds
from experiments.planning.drivers import Driver, drivers
from experiments.planning.establishment import nursing_on_shift, wte
from experiments.planning.layout import Layout
from experiments.planning.parameter_laws import INSIDE
from experiments.planning.targets import margins, met
from experiments.planning.uncertain import Parameter
from experiments.planning.uncertainty import FIRST_YEAR, Uncertain, held, worst_targets
from experiments.planning.years import Plan


def of(
    tried: Uncertain | None, layout: Layout, usable: np.ndarray, plan: Plan, certain: Sequence[np.ndarray],
    assurance: float, confidence: float,
) -> dict[str, Any] | None:  # fmt: skip
    """Return the document's part; `certain`: met, bool[target], of every year with parameters as they are."""
    if tried is None:
        return None
    before = np.stack(certain) if len(certain) else np.ones((0, len(layout.targets)), dtype=bool)
    after = met(layout.targets, tried.values)
    units_before, units_after = held(layout, usable, before), held(layout, usable, after)
    worst = worst_targets(layout, usable, tried.values)
    gap = margins(layout.targets, tried.values)
    missed = {
        u: gap[:, t] for u, t in enumerate(worst)
        if t is not None and layout.levers_of_unit[u] and not units_after[:, u].all()
    }  # fmt: skip
    named = drivers(tried.design, missed)
    rows = []
    for u, unit in enumerate(layout.units):
        target = worst[u]
        if target is None or not layout.levers_of_unit[u]:
            continue
        rows.append(
            {"unit": unit.name, "team": unit.team, "place": unit.place,
             "title": unit.spec.title or unit.team.partition("/")[2].replace("_", " "),
             **_share("certain", units_before[:, u], confidence), **_share("uncertain", units_after[:, u], confidence),
             "target": layout.targets[target].name,
             "drivers": [_driver(one, tried) for one in named.get(u, [])],
             "as_sure": _as_sure(u, tried, layout, plan)}
        )  # fmt: skip
    return {
        "years": len(tried.values), "first_replication": FIRST_YEAR, "inside": INSIDE, "assurance": assurance,
        "confidence": confidence,
        "joint": {**_share("certain", before[:, usable].all(axis=1), confidence),
                  **_share("uncertain", after[:, usable].all(axis=1), confidence)},
        "units": rows,
        "parameters": [_parameter(one) for one in tried.design.parameters],
        "left_out": [{"parameter": one.name, "title": one.title, "why": why} for one, why in tried.left_out],
        "sets": [
            {"year": FIRST_YEAR + i, **{one.name: value for one, value in tried.design.set(i)}}
            for i in range(len(tried.values))
        ],
    }  # fmt: skip


def _share(which: str, hold: np.ndarray, confidence: float) -> dict[str, float]:
    found = share_and_bounds(int(hold.sum()), len(hold), confidence)
    return {f"{which}_{key}": value for key, value in found.items()}


def _driver(one: Driver, tried: Uncertain) -> dict[str, Any]:
    parameter = tried.design.parameters[one.parameter]
    return {
        "parameter": parameter.name, "title": parameter.title, "correlation": one.correlation,
        "p_value": one.p_value, "fails_when": "high" if one.correlation < 0 else "low",
    }  # fmt: skip


def _parameter(one: Parameter) -> dict[str, Any]:
    return {
        "parameter": one.name, "title": one.title, "scales": one.scales, "of": list(one.of), "law": one.law.kind,
        "unit": one.unit, "low": one.law.low, "high": one.law.high, "source": one.source,
        "confidence": one.confidence,
    }  # fmt: skip


def _as_sure(u: int, tried: Uncertain, layout: Layout, plan: Plan) -> dict[str, Any] | None:
    """Return the bracket of a unit that fell short: capacity over the plan's, and what it would take."""
    one = tried.raised.get(u)
    if one is None:
        return None
    found: dict[str, Any] = {"fails_at": one.fails_at, "holds_at": one.holds_at, "wte_more": None, "places_more": None}
    if one.holds_at is None:
        return found
    more, beds = 0.0, 0
    for i in sorted(one.levers):
        lever, n = layout.levers[i], tried.plan[i] - plan[i]
        if lever.kind == "places":
            beds += n
        else:
            more += wte(lever.role, n * lever.hours_a_week) or 0.0
    if beds:
        places = sum(plan[i] for i in layout.levers_of_unit[u] if layout.levers[i].kind == "places")
        more += _nursing(layout, u, places + beds) - _nursing(layout, u, places)
    return found | {"wte_more": more, "places_more": beds}


def _nursing(layout: Layout, u: int, places: int) -> float:
    return sum(wte(role, n * weekly) or 0.0 for role, _, n, weekly in nursing_on_shift(layout.units[u], places))


def table(uncertainty: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """Return the units' rows with plain values only: drivers and bracket in words."""
    rows = []
    for unit in (uncertainty or {}).get("units", ()):
        flat = {key: value for key, value in unit.items() if key not in ("drivers", "as_sure")}
        flat["drivers"] = "; ".join(f"{one['parameter']} {one['correlation']:+.2f}" for one in unit["drivers"])
        sure = unit["as_sure"] or {"fails_at": None, "holds_at": None, "wte_more": None, "places_more": None}
        rows.append(flat | {f"as_sure_{key}": value for key, value in sure.items()})
    return rows
