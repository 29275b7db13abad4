"""The share of each headline that rests on assumption (the definition is in `docs/report.md`).

A team's headline (its WTE, its beds) follows from work: so many people come, and each takes so long.  Every piece of
work (visits to one state) is marked by the sources of these two numbers: the state's times, and the share of the
route or door by which people came.  Weights are minutes of staff time, or bed-days.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from experiments.reports.assumptions import ASSUMPTION, PUBLISHED, rests_on, state_sources, times_rest_on
from experiments.reports.flows import flows_of, full
from experiments.reports.material import YEAR_DAYS, Case, Material
from pathways.specs import PathwaySpec, StateSpec

MINUTES, BED_DAYS = "minutes of staff time", "bed-days or caseload-days"


@dataclass(frozen=True)
class Rests:
    """What one team's work rests on; shares 0–1 of `work`."""

    unit: str
    measure: str
    work: float
    """A year: minutes, or bed-days"""
    length_assumed: float
    length_partly: float
    """… of which at least a part of the time's source is an assumption"""
    number_assumed: float
    number_partly: float
    either: float
    """At least one of the two rests at least partly on assumption"""


def resting(material: Material) -> list[Rests]:
    """Return one row for each unit and kind of work, in the order of the document (or of the tables)."""
    case, specs = material.main, material.setting.specs
    numbers = {name: _numbers(case, spec) for name, spec in specs.items()}
    sources = {name: state_sources(spec) for name, spec in specs.items()}
    pieces: dict[tuple[str, str], list[tuple[float, str, tuple[float, float]]]] = {}
    for row in (
        case.tables["waits"]
        .groupby(["pathway", "state", "place"], sort=False)[["began", "mean_present", "mean_waiting"]]
        .sum()
        .reset_index()
        .itertuples()
    ):
        spec = specs[row.pathway]
        state, _, visit = row.state.partition("/")
        if state not in sources[row.pathway]:
            continue  # an end in a pathway that is not open: pathway/state
        length = times_rest_on(sources[row.pathway][state])
        for team, place, measure, work in _work(case, spec, state, bool(visit), row, material):
            pieces.setdefault((f"{team} @ {place}", measure), []).append((work, length, numbers[row.pathway][state]))
    order = [unit["unit"] for unit in (material.document or {}).get("units", ())]
    found = [_summed(unit, measure, work) for (unit, measure), work in pieces.items()]
    found = [row for row in found if row.work > 0]
    return sorted(found, key=lambda row: order.index(row.unit) if row.unit in order else len(order))


def together(rows: list[Rests], unit: str) -> Rests | None:
    """Return the rows of one measure as one, weighted by work."""
    work = sum(row.work for row in rows)
    if not work:
        return None

    def mean(name: str) -> float:
        return sum(row.work * getattr(row, name) for row in rows) / work

    names = ("length_assumed", "length_partly", "number_assumed", "number_partly", "either")
    return Rests(unit, rows[0].measure, work, *(mean(name) for name in names))


def _summed(unit: str, measure: str, pieces: list[tuple[float, str, tuple[float, float]]]) -> Rests:
    total = sum(work for work, _, _ in pieces) or 1.0
    sums = [0.0] * 5
    for work, length, (assumed, partly) in pieces:
        wholly, at_all = float(length == ASSUMPTION), float(length != PUBLISHED)
        for k, share in enumerate((wholly, at_all, assumed, partly, 1 - (1 - at_all) * (1 - partly))):
            sums[k] += work * share / total
    return Rests(unit, measure, sum(work for work, _, _ in pieces), *sums)


def _work(
    case: Case, spec: PathwaySpec, state: str, visit: bool, row: pd.Series, material: Material
) -> Iterator[tuple[str, str, str, float]]:
    """Yield (team, place, measure, work a year) of one row of `waits`."""
    declared = spec.states[state]
    if declared.kind == "place" and not visit:
        taken = (row.mean_present - row.mean_waiting) / case.replications
        team = declared.team or ""
        yield full(spec, team), _standing(spec, team, row.place, material), BED_DAYS, taken * YEAR_DAYS
        return
    minutes = _minutes(declared, visit)
    if visit and declared.contacts:
        team = declared.contacts.team or declared.team or ""
        wanted: Mapping[str, Mapping[str, int]] = {team: declared.contacts.roles}
    else:
        wanted = next(iter(declared.alternatives()), {})
    for team, roles in wanted.items():
        place = _standing(spec, team, row.place, material)
        yield full(spec, team), place, MINUTES, row.began * case.a_year * minutes * sum(roles.values())


def _standing(spec: PathwaySpec, team: str, place: str, material: Material) -> str:
    """Return where the team that serves people counted at `place` stands."""
    pathway, _, name = full(spec, team).partition("/")
    declared = material.setting.specs[pathway].teams.get(name) if pathway in material.setting.specs else None
    return material.area if declared is not None and declared.scope == "area" else place


def _minutes(state: StateSpec, visit: bool) -> float:
    """Return the mean minutes of staff time of one visit to a state (a course: of all its sessions)."""
    source = state.contacts if visit else state
    laws = [source.minutes, source.travel, source.records] if source else []
    one = sum(law.mean for law in laws if law is not None) / 60
    if not visit and state.sessions is not None:
        one *= state.sessions.number.mean
    if not visit and state.group is not None:
        one /= state.group.size
    return one


def _numbers(case: Case, spec: PathwaySpec) -> dict[str, tuple[float, float]]:
    """Return, of those who come to each state, the shares whose last step is an assumption: wholly, at least partly.

    A step that everybody takes (share 1, or an opened referral) is a rule and holds no number.
    """
    came: dict[str, list[tuple[float, str]]] = {state: [] for state in spec.states}
    flow = flows_of(case, spec)
    for route in spec.routes:
        if route.to in came:
            mark = PUBLISHED if route.share >= 1 else rests_on(route.evidence)
            came[route.to].append((flow[route.source, route.to, route.order], mark))
    waits = case.tables["waits"]
    arrivals = waits[waits["pathway"] == spec.name].groupby("state")["arrivals"].sum() * case.a_year
    for state, ways in came.items():
        doors = [door for door in spec.doors.values() if door.to == state]
        outside = max(float(arrivals.get(state, 0.0)) - sum(n for n, _ in ways), 0.0)
        for door in doors:
            ways.append((outside * door.share / (sum(one.share for one in doors) or 1.0), rests_on(door.source)))
    found = {}
    for state, ways in came.items():
        total = sum(n for n, _ in ways) or 1.0
        wholly = sum(n for n, mark in ways if mark == ASSUMPTION) / total
        partly = sum(n for n, mark in ways if mark != PUBLISHED) / total
        found[state] = (wholly, partly)
    return found
