"""The sizing in numbers a planner compares: WTE and places of every team, how sure they are, and what else is said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from experiments.planning.establishment import wte
from experiments.reports.material import Material

TOGETHER = "every role of the team together"
"""How the comparison marks a published figure that is given for a whole team."""
SETTLED = ("minimum safe number", "needed")


@dataclass(frozen=True)
class Line:
    """One team at one place: its staff in WTE, or its places."""

    unit: str
    team: str
    place: str
    title: str
    measure: str
    """wte or places"""
    present: float | None
    present_local: bool
    published: float | None
    time_budget: float | None
    formula: float | None
    simulated: float
    low: float
    high: float | None
    """What the evidence leaves; None: no upper end was shown"""
    verdict: str
    decided: bool
    partial: bool = False
    """Some roles have no present figure"""

    @property
    def gap(self) -> float | None:
        """Return simulated less present."""
        return None if self.present is None else self.simulated - self.present


def bracket(lever: Mapping[str, Any], passes: bool) -> tuple[int, int | None]:
    """Return the numbers the evidence leaves for a lever: (least, most); None where nothing has been shown to pass."""
    plan = int(lever["plan"])
    fails_at, passes_at = lever["fails_at"], lever["passes_at"]
    low = plan if lever["one_fewer"] in SETTLED else int(lever["least"] if fails_at is None else fails_at + 1)
    high = plan if passes else passes_at
    return min(low, plan), None if high is None else max(int(high), plan)


def lines(material: Material, places: Sequence[str] | None = None) -> list[Line]:
    """Return one line for each unit and measure, in the document's order."""
    found = []
    for unit in (material.document or {}).get("units", ()):
        if places is not None and unit["place"] not in places:
            continue
        rows = [row for row in material.comparison() if row["unit"] == unit["unit"]]
        for measure in ("wte", "places"):
            mine = [row for row in rows if row["measure"] == measure]
            if mine:
                found.append(_line(unit, measure, mine))
    return found


def _line(unit: Mapping[str, Any], measure: str, rows: Sequence[Mapping[str, Any]]) -> Line:
    passes = unit["verdict"] == "passes"
    low, high = _bounds(unit, measure, rows, passes)
    known = [row["present"] for row in rows if row["present"] is not None]
    return Line(
        unit=unit["unit"], team=unit["team"], place=unit["place"], title=unit["title"], measure=measure,
        present=sum(known) if known else None,
        present_local=bool(known)
        and all(row["present_basis"] == "local" for row in rows if row["present"] is not None),
        published=_published(rows), time_budget=_sum(row["time_budget"] for row in rows),
        formula=_sum(row["formula"] for row in rows), simulated=sum(row["simulated"] or 0.0 for row in rows),
        low=low, high=high, verdict=unit["verdict"], decided=unit["decided"],
        partial=0 < len(known) < len(rows),
    )  # fmt: skip


def _bounds(
    unit: Mapping[str, Any], measure: str, rows: Sequence[Mapping[str, Any]], passes: bool
) -> tuple[float, float | None]:
    """Return the least and the most of a line; nursing follows from the beds and is taken as it is."""
    fixed = sum(row["simulated"] or 0.0 for row in rows if row["kind"] == "nursing")
    low, high = fixed, float(fixed)
    is_open = False
    for lever in unit["levers"]:
        if (lever["kind"] == "places") != (measure == "places"):
            continue
        least, most = bracket(lever, passes)
        one = 1.0 if measure == "places" else wte(lever["role"], lever["hours_a_week"]) or 0.0
        low += least * one
        is_open |= most is None
        high += (most or 0) * one
    return low, None if is_open else high


def _published(rows: Sequence[Mapping[str, Any]]) -> float | None:
    """Return the published figure of a team: one given for all its roles together counts once."""
    whole = [row["published"] for row in rows if row["published"] is not None and TOGETHER in row["published_source"]]
    return whole[0] if whole else _sum(row["published"] for row in rows)


def _sum(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


@dataclass(frozen=True)
class Sum:
    """WTE of several teams together."""

    present: float
    simulated: float
    low: float
    high: float | None
    time_budget: float
    formula: float
    simulated_without_present: float
    """WTE of teams for which there is no present figure: not in the gap"""

    @property
    def gap(self) -> float:
        """Return simulated less present, of the teams that have a present figure."""
        return self.simulated - self.simulated_without_present - self.present


def total(found: Sequence[Line]) -> Sum:
    """Add up the WTE of some lines (places are never added to staff)."""
    mine = [line for line in found if line.measure == "wte"]
    ends = [line.high for line in mine]
    return Sum(
        present=sum(line.present or 0.0 for line in mine), simulated=sum(line.simulated for line in mine),
        low=sum(line.low for line in mine),
        high=None if any(end is None for end in ends) else sum(end for end in ends if end is not None),
        time_budget=sum(line.time_budget or 0.0 for line in mine),
        formula=sum(line.formula or 0.0 for line in mine),
        simulated_without_present=sum(line.simulated for line in mine if line.present is None),
    )  # fmt: skip


def beds(found: Sequence[Line], wards: Sequence[str]) -> list[Line]:
    """Return the lines that are beds of wards (`pathway/team`)."""
    return [line for line in found if line.measure == "places" and line.team in wards]


def wards_of(material: Material) -> list[str]:
    """Return the teams whose places are beds on a ward: those with a nursing rule."""
    return [
        f"{name}/{team}"
        for name, spec in material.setting.specs.items()
        for team, declared in spec.teams.items()
        if declared.nursing
    ]
