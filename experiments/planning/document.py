"""The answer of a sizing as one document: what `docs/sizing.md` describes and every report is made from."""

from __future__ import annotations

from typing import Any

import numpy as np

from experiments.planning.budget import Budget
from experiments.planning.establishment import nursing_on_shift, working_times, wte
from experiments.planning.evidence import FAILS, PASSES, Evidence
from experiments.planning.headroom import Headroom
from experiments.planning.layout import Layout
from experiments.planning.offered_load import Offered
from experiments.planning.ratios import comparison
from experiments.planning.search import Search
from experiments.planning.staffing_curves import formula_number
from experiments.planning.verdicts import Verdicts
from experiments.planning.years import Subject, described
from experiments.run import model_digest

LEAST, NEEDED, COULD_GO, UNDECIDED = "minimum safe number", "needed", "could go", "undecided"
SETTLED_SHARE, SETTLED_PEOPLE = 0.25, 2.0
"""A waiting list has settled if its last quarter is no longer than the first by a quarter, or by two people.
"""


def of(
    subject: Subject, search: Search, verdicts: Verdicts, offered: Offered, room: list[Headroom] | None,
    beyond: np.ndarray, budget: Budget, runs: int,
) -> dict[str, Any]:  # fmt: skip
    """Return the whole document."""
    layout = search.layout
    plan = tuple(int(n) for n in verdicts.plan)
    units = [_unit(u, search, verdicts, offered, room, beyond) for u in range(len(layout.units))]
    sized = [unit for unit in units if unit["levers"]]
    first, last = subject.year
    return {
        "kind": "sizing", "subject": described(subject), "model": model_digest(),
        "first_day": first, "last_day": last, "days": subject.days, "warm_up": subject.warm_up,
        "assurance": search.assurance, "confidence": verdicts.confidence,
        "decided": all(unit["decided"] for unit in sized),
        "stopped_by_budget": list(budget.stopped),
        "budget_seconds": budget.seconds, "seconds": round(budget.spent, 1), "runs": runs,
        "phases": budget.phases,
        "joint": _joint(verdicts, search.usable),
        "units": sized,
        "plan": [row for unit in sized for row in unit["levers"]],
        "comparison": comparison(layout, offered, plan),
        "totals": totals(layout, plan),
        "nursing": _nursing(layout, plan),
        "curves": _curves(search),
        "headroom": [{"unit": unit["unit"], **unit["headroom"]} for unit in sized if unit["headroom"]],
        "not_sized_by": [target | {"unit": unit["unit"]} for unit in units for target in unit["targets"]
                         if target["verdict"] in ("beyond capacity", "reported only")],
        "links": _links(layout, verdicts.apart),
        "audit": search.trail.rows(),
        "working_time": [vars(time) for time in working_times().values()],
        "notes": _notes(budget, sized),
    }  # fmt: skip


def _unit(
    u: int, search: Search, verdicts: Verdicts, offered: Offered, room: list[Headroom] | None, beyond: np.ndarray
) -> dict[str, Any]:
    layout = search.layout
    unit = layout.units[u]
    own = verdicts.own(u)
    verdict, _, _ = verdicts.verdict(u, own)
    levers = [_lever(u, lever, verdicts, offered) for lever in layout.levers_of_unit[u]]
    waiting = np.mean([one[u] for one in verdicts.drift], axis=0) if verdicts.drift else np.zeros(2)
    grown = float(waiting[1] - waiting[0])
    return {
        "unit": unit.name, "team": unit.team, "place": unit.place, "scope": unit.scope, "people": unit.people,
        "title": unit.spec.title or unit.team.partition("/")[2].replace("_", " "),
        "verdict": verdict,
        "decided": verdict == PASSES and all(row["one_fewer"] in (LEAST, NEEDED) for row in levers),
        "targets": [
            _target(u, k, t, search, verdicts, beyond) for k, t in enumerate(layout.targets_of_unit[u])
        ],
        "levers": levers,
        "asked_a_year": float(sum(offered.arrivals_a_year[at] for at in layout.cells[u])),
        "waiting": {"first_quarter": float(waiting[0]), "last_quarter": float(waiting[1]),
                    "settled": grown <= max(SETTLED_PEOPLE, SETTLED_SHARE * float(waiting[0]))},
        "headroom": vars(room[u]) if room else None,
    }  # fmt: skip


def _target(u: int, k: int, t: int, search: Search, verdicts: Verdicts, beyond: np.ndarray) -> dict[str, Any]:
    target = search.layout.targets[t]
    own = verdicts.own(u)
    evidence = verdicts.evidence(u, own)[k]
    low, high = evidence.bounds(verdicts.confidence)
    seen = search.trials.seen.get(u, {}).get(own, [])
    values = np.array([row[k] for row in seen])
    values = values[~np.isnan(values)]
    verdict = evidence.verdict(search.assurance, verdicts.confidence)
    if beyond[t]:
        verdict = "beyond capacity"
    elif not target.sizes:
        verdict = "reported only"
    return {
        "target": target.name, "measure": target.measure, "bound": target.bound, "at_least": target.at_least,
        "within_seconds": target.within, "of_finished": target.finished, "status": target.status,
        "source": target.source, "mean": float(values.mean()) if len(values) else None,
        "p10": float(np.quantile(values, 0.1)) if len(values) else None,
        "p90": float(np.quantile(values, 0.9)) if len(values) else None,
        "years": evidence.years, "years_met": evidence.met, "share_of_years": evidence.share,
        "low": low, "high": high, "verdict": verdict,
    }  # fmt: skip


def _lever(u: int, lever: int, verdicts: Verdicts, offered: Offered) -> dict[str, Any]:
    layout = verdicts.layout
    one = layout.levers[lever]
    n = int(verdicts.plan[lever])
    low, high, target, evidence = None, None, None, Evidence()
    if n <= verdicts.floors[lever]:
        fewer = LEAST
    else:
        verdict, target, evidence = verdicts.verdict(u, verdicts.own(u, lever))
        fewer = {FAILS: NEEDED, PASSES: COULD_GO}.get(verdict, UNDECIDED)
        low, high = evidence.bounds(verdicts.confidence)
    fails_at, passes_at = _bracket(u, lever, verdicts)
    numbers = [formula_number(layout, offered, lever, t) for t in layout.targets if one.pool in t.pools and t.sizes]
    return {
        "unit": one.unit, "lever": one.name, "role": one.role, "kind": one.kind, "hours": one.hours,
        "hours_a_week": one.hours_a_week, "least": int(verdicts.floors[lever]),
        "baseline": one.baseline, "plan": n,
        "offered": float(offered.by_lever[lever]),
        "formula": max([one.least, *(number for number in numbers if number is not None)]),
        "wte": None if one.kind == "places" else wte(one.role, n * one.hours_a_week),
        "one_fewer": fewer, "one_fewer_target": None if target is None else layout.targets[target].name,
        "one_fewer_years": evidence.years, "one_fewer_met": evidence.met, "one_fewer_low": low,
        "one_fewer_high": high,
        "fails_at": fails_at, "passes_at": passes_at,
    }  # fmt: skip


def _bracket(u: int, lever: int, verdicts: Verdicts) -> tuple[int | None, int | None]:
    """Return (largest number shown to fail, smallest shown to pass), the unit's other numbers as in the plan."""
    layout = verdicts.layout
    at = layout.levers_of_unit[u].index(lever)
    now = verdicts.own(u)
    fails, passes = [], []
    for unit, own in verdicts.known:
        if unit == u and own[:at] + own[at + 1 :] == now[:at] + now[at + 1 :]:
            verdict, _, _ = verdicts.verdict(u, own)
            if verdict == FAILS:
                fails.append(own[at])
            elif verdict == PASSES:
                passes.append(own[at])
    return max(fails, default=None), min(passes, default=None)


def _joint(verdicts: Verdicts, usable: np.ndarray) -> dict[str, Any]:
    """Return the share of years in which every target of every unit holds."""
    years = verdicts.pure_years()
    met = sum(bool(hold[usable].all()) for hold in years)
    evidence = Evidence(met, len(years) - met)
    low, high = evidence.bounds(verdicts.confidence)
    return {"years": len(years), "all_met": met, "share": evidence.share, "low": low, "high": high}


def totals(layout: Layout, plan: tuple[int, ...]) -> list[dict[str, Any]]:
    """Return on-shift hours and WTE by place and role, nursing included, and places by team."""
    hours: dict[tuple[str, str], float] = {}
    for i, lever in enumerate(layout.levers):
        unit = layout.units[layout.unit_of_lever[i]]
        if lever.kind != "places":
            key = (unit.place, lever.role)
            hours[key] = hours.get(key, 0.0) + plan[i] * lever.hours_a_week
    for row in _nursing(layout, plan):
        key = (row["place"], row["role"])
        hours[key] = hours.get(key, 0.0) + row["people"] * row["hours_a_week"]
    return [
        {"place": place, "role": role, "hours_a_week": h, "wte": wte(role, h)} for (place, role), h in hours.items()
    ]


def _nursing(layout: Layout, plan: tuple[int, ...]) -> list[dict[str, Any]]:
    rows = []
    for u, unit in enumerate(layout.units):
        places = sum(plan[i] for i in layout.levers_of_unit[u] if layout.levers[i].kind == "places")
        for role, hours, people, weekly in nursing_on_shift(unit, places):
            rows.append(
                {"unit": unit.name, "place": unit.place, "beds": places, "role": role, "hours": hours,
                 "people": people, "hours_a_week": weekly, "wte": wte(role, people * weekly)}
            )  # fmt: skip
    return rows


def _curves(search: Search) -> list[dict[str, Any]]:
    """Return every unit at every set of numbers tried: its capacity, and how its targets did."""
    layout, rows = search.layout, []
    for u, seen in search.trials.seen.items():
        levers = layout.levers_of_unit[u]
        for own, values in sorted(seen.items()):
            stacked = np.stack(values)
            for k, t in enumerate(layout.targets_of_unit[u]):
                target = layout.targets[t]
                known = stacked[:, k][~np.isnan(stacked[:, k])]
                gap = (known - target.bound) * (1 if target.at_least else -1)
                pools = [i for i in levers if layout.levers[i].pool in target.pools]
                capacity = sum(own[levers.index(i)] * layout.levers[i].hours_a_week for i in pools)
                rows.append(
                    {"unit": layout.units[u].name, "target": target.name, "numbers": list(own),
                     "capacity_hours_a_week": capacity, "years": len(values),
                     "mean": float(known.mean()) if len(known) else None,
                     "share_of_years": float(np.mean(gap >= -1e-12)) if len(known) else 1.0}
                )  # fmt: skip
    return rows


def _links(layout: Layout, apart: np.ndarray) -> list[dict[str, str]]:
    """Return the pairs of teams that were never tested with fewer together at one place."""
    pairs = {
        tuple(sorted((layout.units[a].team, layout.units[b].team)))
        for a, b in zip(*np.nonzero(apart), strict=True)
        if a != b
    }
    return [{"team": one, "other": other} for one, other in sorted(pairs)]


def _notes(budget: Budget, units: list[dict[str, Any]]) -> list[str]:
    notes = []
    if budget.stopped:
        notes.append(
            f"The budget of {budget.seconds:g} s ended the phases {', '.join(budget.stopped)}: what is undecided "
            "is shown as a bracket (fails at, passes at)."
        )
    moving = [unit["unit"] for unit in units if not unit["waiting"]["settled"]]
    if moving:
        notes.append("Waiting lists still grew in the measured year, a longer warm-up is needed: " + ", ".join(moving))
    return notes
