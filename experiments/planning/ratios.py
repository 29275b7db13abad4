"""What others would say: the present establishment, published ratios, a time budget, a queueing formula.

Every figure stands beside the simulated one in the same unit (WTE of a role at a place, or places), with
where it comes from. None of them decides anything.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from abm import tables
from experiments.planning.establishment import nursing_hours, working_times, wte
from experiments.planning.layout import Layout
from experiments.planning.offered_load import Offered
from experiments.planning.staffing_curves import formula_number

AGES = {
    "adults 18-64": ("age_18_24", "age_25_34", "age_35_44", "age_45_54", "age_55_64"),
    "people 65+": ("age_65_74", "age_75_84", "age_85plus"),
}
WEEKS = 365 / 7


def comparison(layout: Layout, offered: Offered, plan: tuple[int, ...]) -> list[dict[str, Any]]:
    """Return one row for each unit and role (and its places): present, published, time budget, formula,
    simulated.
    """
    rows: list[dict[str, Any]] = []
    for u, unit in enumerate(layout.units):
        for p in layout.pools_of_unit[u]:
            _, role, kind = layout.network.units.pool_names[p]
            levers = layout.levers_of_pool.get(p, ())
            if not levers:
                continue
            row: dict[str, Any] = {"unit": unit.name, "team": unit.team, "place": unit.place}
            row |= {"role": role, "kind": kind}
            row |= {"measure": "places" if kind == "places" else "wte"}
            row |= _present(unit.team, unit.place, role) | _published(layout, offered, u, p)
            row["time_budget"] = _time_budget(offered, p, role, kind, layout, u)
            row["formula"] = _formula(layout, offered, p, role, kind)
            if kind == "places":
                row["simulated"] = float(sum(plan[i] for i in levers))
            else:
                hours = sum(plan[i] * layout.levers[i].hours_a_week for i in levers)
                row["simulated"] = wte(role, hours)
                row["on_shift_hours_a_week"] = hours
            rows.append(row)
        rows += _nursing_rows(layout, u, plan)
    return rows


def _nursing_rows(layout: Layout, u: int, plan: tuple[int, ...]) -> list[dict[str, Any]]:
    """Return the nurses a ward's per-shift rule wants at the sized number of beds, beside the published
    ratio.
    """
    unit = layout.units[u]
    places = sum(plan[i] for i in layout.levers_of_unit[u] if layout.levers[i].kind == "places")
    rows = []
    for role, hours in nursing_hours(unit, places).items():
        row: dict[str, Any] = {"unit": unit.name, "team": unit.team, "place": unit.place}
        row |= {"role": role, "kind": "nursing"}
        row |= {"measure": "wte"} | _present(unit.team, unit.place, role)
        row |= {"published": None, "published_source": ""}
        for ratio in _ratios(unit.team, role):
            if ratio["measure"] == "staff per shift":
                number = float(ratio["value"]) * places / float(ratio["per"])
                row |= {"published": wte(role, number * 168), "published_source": _source(ratio)}
        row |= {
            "time_budget": None,
            "formula": None,
            "simulated": wte(role, hours),
            "on_shift_hours_a_week": hours,
        }
        rows.append(row)
    return rows


def _present(team: str, place: str, role: str) -> dict[str, Any]:
    """Return the establishment of the input table; its `basis` says "local" or "not local" (a national
    share).
    """
    for row in tables.read("establishment"):
        if row["team"] == team and row["place"] in (place, "area") and row["role"] == role:
            return {
                "present": float(row["value"]),
                "present_basis": row["basis"],
                "present_source": _source(row),
            }
    return {"present": None, "present_basis": "", "present_source": ""}


def _source(row: dict[str, str]) -> str:
    return f"{row['source']} ({row['confidence']})"


def _ratios(team: str, role: str) -> list[dict[str, str]]:
    rows = [row for row in tables.read("staffing_ratios") if row["team"] == team]
    return [row for row in rows if row["role"] == role] + [row for row in rows if row["role"] == "all"]


def _published(layout: Layout, offered: Offered, u: int, p: int) -> dict[str, Any]:
    unit = layout.units[u]
    _, role, kind = layout.network.units.pool_names[p]
    arrivals = float(sum(offered.arrivals_a_year[at] for at in layout.cells[u]))
    for row in _ratios(unit.team, role):
        value, per = float(row["value"]), float(row["per"])
        measure, base = row["measure"], row["unit"]
        number: float | None = None
        if kind == "places":
            if measure in ("caseload", "places") and base == "people":
                number = value * unit.people / per
            elif measure == "beds" and base in AGES:
                number = value * _residents(base) / per
        elif measure == "staff" and base == "people" and value > 0:
            number = value * unit.people / per
        elif measure == "staff" and base == "hospital":
            number = value
        elif measure == "courses" and base == "WTE a year":
            number = arrivals / value
        elif measure == "assessments" and base == "WTE a week":
            number = arrivals / WEEKS / value
        if number is not None:
            every_role = " (every role of the team together)" if row["role"] == "all" and kind != "places" else ""
            return {"published": number, "published_source": _source(row) + every_role}
    return {"published": None, "published_source": ""}


@cache
def _residents(group: str) -> float:
    """Return residents of the area in an age group."""
    return float(sum(float(row[column]) for row in tables.read("lsoa") for column in AGES[group]))


def _time_budget(offered: Offered, p: int, role: str, kind: str, layout: Layout, u: int) -> float | None:
    """Return minutes of work over the minutes a post gives: WTE if work could wait for ever; mean places
    taken.
    """
    if kind == "places":
        return float(offered.by_hour[p].mean())
    time = working_times().get(role)
    return float(offered.hours_a_week[p]) / time.available_hours if time else None


def _formula(layout: Layout, offered: Offered, p: int, role: str, kind: str) -> float | None:
    """Return what Erlang C, the infinite-server rule or caseloads say, by roster row, for the sternest
    target.
    """
    total = 0.0
    for lever in layout.levers_of_pool[p]:
        one = layout.levers[lever]
        numbers = [
            n for target in layout.targets if p in target.pools and target.sizes
            if (n := formula_number(layout, offered, lever, target)) is not None
        ]  # fmt: skip
        n = max([*numbers, one.least])
        total += n * (1.0 if kind == "places" else one.hours_a_week)
    return total if kind == "places" else wte(role, total)
