"""Figures of a report: each is drawn from a table of its own, which stands below it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from experiments.reports import charts, elsewhere, words
from experiments.reports.blocks import Figure, Table
from experiments.reports.flows import flows_of, kind_of
from experiments.reports.material import Case, Material
from pathways import drawing

HOURS_AT_MOST = 3 * 86400
"""Clocks with a longer standard have no profile over the week worth a map."""
ENOUGH_HOURS = 56
"""Hours of the week, of 168, that must have enough clocks for a map by the hour."""
WEEK_DAYS = 7


def clock_map(case: Case, clock: Mapping[str, Any]) -> Figure:
    """Draw one clock at one place by the hour of the week in which it started."""
    table = case.tables["clocks_by_hour"]
    mine = table[
        (table["pathway"] == clock["pathway"]) & (table["clock"] == clock["clock"]) & (table["place"] == clock["place"])
    ]
    summed = mine.groupby("hour_of_week")[["started", "within"]].sum().reindex(range(168), fill_value=0)
    started, within = (_blocks(summed[name].to_numpy(), summed["started"].to_numpy()) for name in ("started", "within"))
    title = f"{words.titled(clock['title'])}, {clock['place']}"
    within_time = words.duration(clock["standard_seconds"])
    standard = f"{words.percent(clock['standard_share'])} within {within_time} ({clock['status']})"
    rows = []
    for day, name in enumerate(words.DAYS_OF_WEEK):
        cells = [
            f"{100 * w / s:.0f}" if s >= charts.FEWEST else "·" for s, w in zip(started[day], within[day], strict=True)
        ]
        rows.append((f"{name}, % within", *cells))
        rows.append((f"{name}, started a year", *(words.number(s * case.a_year) for s in started[day])))
    hours = 24 // started.shape[1]
    heads = [f"{h:02d}" if hours == 1 else f"{h:02d}–{h + hours:02d}" for h in range(0, 24, hours)]
    data = Table("", ("", *heads), rows, words=("",))
    label = f"{title}: share within the standard by hour of the week"
    drawn = charts.heat_map(within, started, float(clock["standard_share"]), label)
    return Figure(title, drawn, data, note=standard)


def _blocks(counted: np.ndarray, started: np.ndarray) -> np.ndarray:
    """Return counts of the 168 hours as [7, block]: by the hour, or by four hours where most hours have too few."""
    enough = (started >= charts.FEWEST).sum() >= ENOUGH_HOURS
    return counted.reshape(7, 24) if enough else counted.reshape(7, 6, 4).sum(axis=2)


def mapped_clocks(case: Case, places: Sequence[str]) -> list[dict[str, Any]]:
    """Return the clocks at some places that are worth a map: in force, of hours, not told by another clock."""
    table = case.tables["clocks"]
    table = table[table["place"].isin(places) & table["in_force"] & (table["standard_seconds"] <= HOURS_AT_MOST)]
    table = table[table["standard_share"].notna()].drop_duplicates(["pathway", "clock", "place"])
    whole = set(table[~table["of_state"]]["team"].dropna())
    kept = table[~table["of_state"] | ~table["team"].isin(whole)]
    return kept.to_dict("records")


def occupancy(case: Case, unit: str, what: str, title: str) -> Figure | None:
    """Draw the places of a unit that were taken, week by week: P10, P50, P90 of days and simulated years."""
    table = case.tables["occupancy_daily"]
    mine = table[(table["unit"] == unit) & (table["what"] == what)]
    if mine.empty:
        return None
    days = pd.to_datetime(mine["day"])
    first = days.min()
    week = (days - first).dt.days // WEEK_DAYS
    whole = week < max(((days.max() - first).days + 1) // WEEK_DAYS, 1)
    by_week = mine[whole]["taken"].groupby(week[whole])
    low, middle, high = (by_week.quantile(q).to_numpy() for q in (0.1, 0.5, 0.9))
    capacity = float(mine["capacity"].max())
    starts = [(first + pd.Timedelta(days=WEEK_DAYS * int(k))).date() for k in range(len(middle))]
    rows = [
        (f"{start:%d %b %Y}", words.number(a), words.number(b), words.number(c), words.count(capacity))
        for start, a, b, c in zip(starts, low, middle, high, strict=True)
    ]
    data = Table("", ("week from", "P10", "P50", "P90", "places"), rows, words=("week from",))
    mean = float(mine["taken"].mean())
    share = words.percent(mean / capacity if capacity else None)
    note = f"mean {words.number(mean)} of {words.count(capacity)} taken at midnight: {share}"
    label = f"{title}: places taken by week, with the places there are"
    return Figure(title, charts.ribbon(low, middle, high, capacity, _months(starts), label), data, note=note)


def _months(starts: Sequence[date]) -> list[tuple[int, str]]:
    """Return (week, name) of every other month that begins."""
    found = [(k, f"{day:%b}") for k, day in enumerate(starts) if k == 0 or day.month != starts[k - 1].month]
    return found[::2] if len(found) > 6 else found


def staffing_curve(material: Material, unit: Mapping[str, Any]) -> Figure | None:
    """Draw how a unit's governing target fared at every capacity that was tried."""
    document = material.document or {}
    held = [target for target in unit["targets"] if target["verdict"] not in ("beyond capacity", "reported only")]
    if not held:
        return None
    tried = [row for row in document["curves"] if row["unit"] == unit["unit"] and row["mean"] is not None]
    target = min(held, key=lambda one: _governs(one, tried))
    rows = [row for row in tried if row["target"] == target["target"]]
    if len(rows) < 2:
        return None
    kinds = _levers_of_curve(unit["levers"], rows[0])
    points = [(_capacity(unit["levers"], kinds, row["numbers"]), row) for row in rows]
    points.sort(key=lambda point: (point[0], point[1]["numbers"]))
    plan = [lever["plan"] for lever in unit["levers"]]
    chosen = _capacity(unit["levers"], kinds, plan)
    axis = {
        "staff": "people on shift, on average over the week",
        "places": "places",
        "clinicians": "clinicians",
    }
    name = axis.get(unit["levers"][kinds[0]]["kind"], "capacity") if kinds else "capacity"
    measure = measured(target)
    title = f"{words.team_title(unit['team'], unit['title'])}, {unit['place']}"
    drawn = charts.staffing_curve(
        [x for x, _ in points], [row["mean"] for _, row in points],
        [row["share_of_years"] for _, row in points],
        [row["years"] for _, row in points], bound=target["bound"], assurance=document["assurance"],
        chosen=chosen,
        unit=name, measure=measure, label=f"{title}: staffing curve",
    )  # fmt: skip
    data = Table(
        "", (name, "numbers tried", measure, "share of years held", "simulated years"),
        [(words.number(x, 2), ", ".join(map(str, row["numbers"])), words.percent(row["mean"]),
          words.percent(row["share_of_years"]), str(row["years"])) for x, row in points],
        words=(),
        note="Numbers tried are, in order: "
        + "; ".join(f"{words.role(lever['role'])} {lever['hours']}".strip() for lever in unit["levers"]),
    )  # fmt: skip
    return Figure(title, drawn, data, note=f"governed by: {target_words(target)}")


def _governs(target: Mapping[str, Any], tried: Sequence[Mapping[str, Any]]) -> tuple[float, float]:
    """Return (least share of years at any numbers tried, margin): the governing target has the smallest."""
    worst = min((row["share_of_years"] for row in tried if row["target"] == target["target"]), default=1.0)
    mean = target["bound"] if target["mean"] is None else target["mean"]
    return worst, (mean - target["bound"]) * (1 if target["at_least"] else -1)


def _levers_of_curve(levers: Sequence[Mapping[str, Any]], row: Mapping[str, Any]) -> list[int]:
    """Return which of a unit's levers a curve's capacity adds up: those of one kind (and role) that give its hours."""
    groups: dict[tuple[str, str], list[int]] = {}
    for i, lever in enumerate(levers):
        groups.setdefault((lever["kind"], ""), []).append(i)
        groups.setdefault((lever["kind"], lever["role"]), []).append(i)
    for members in groups.values():
        hours = sum(row["numbers"][i] * levers[i]["hours_a_week"] for i in members)
        if abs(hours - row["capacity_hours_a_week"]) < 1e-6:
            return members
    return list(range(len(levers)))


def _capacity(levers: Sequence[Mapping[str, Any]], members: Sequence[int], numbers: Sequence[int]) -> float:
    """Return people on shift on average, or places, or clinicians."""
    if all(levers[i]["kind"] == "staff" for i in members):
        return sum(numbers[i] * levers[i]["hours_a_week"] for i in members) / 168
    return float(sum(numbers[i] for i in members if levers[i]["kind"] == levers[members[0]]["kind"]))


def measured(target: Mapping[str, Any]) -> str:
    """Return what a target measures, in words."""
    if target["measure"] == "share_within":
        return f"seen or admitted within {words.duration(target['within_seconds'])}"
    names = {
        "occupancy": "share of places taken",
        "visits_made": "visits that are made",
        "utilisation": "share of time busy",
    }
    _, of, role = target["target"].partition(" of ")
    return names.get(target["measure"], words.spoken(target["measure"])) + (f", {words.role(role)}" if of else "")


def target_words(target: Mapping[str, Any]) -> str:
    """Return a target in words: what, how much, its status."""
    name = words.spoken(target["target"].partition("/")[2] or target["target"])
    side = "at least" if target["at_least"] else "at most"
    if target["measure"] == "share_within":
        within = words.duration(target["within_seconds"])
        return f"{name}: {words.percent(target['bound'])} within {within} ({target['status']})"
    return f"{measured(target)} {side} {words.percent(target['bound'])} ({target['status']})"


def pathway_drawing(material: Material, case: Case, name: str, system: str | None) -> Figure:
    """Draw a pathway with the people who went along each route in a mean year."""
    spec, pathway = material.setting.specs[name], material.setting.pathways[name]
    flow = flows_of(case, spec, system)
    drawn: dict[tuple[str, str] | tuple[str, str, int], float] = {key: n for key, n in flow.items() if n > 0}
    rows = [
        (words.spoken(route.source), words.spoken(route.to), _condition(kind_of(route)), words.percent(route.share),
         words.count(flow[route.source, route.to, route.order]))
        for route in spec.routes
    ]  # fmt: skip
    data = Table("", ("from", "to", "when", "declared share", "people a year"), rows, words=("from", "to", "when"))
    title = f"{spec.title or words.titled(name)}: how people move, {system or material.area}"
    return Figure(title, drawing.svg(pathway, drawn), data, wide=True,
                  note=f"people a year along each route, {case.name}, mean of {case.replications} years"
                  + elsewhere.in_a_drawing(material.setting, name, system))  # fmt: skip


def _condition(kind: str) -> str:
    return {"": "", "if": "for some patients"}.get(kind, words.spoken(kind))
