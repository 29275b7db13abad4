"""Every rate and lead time of the workforce, from the tables `staff_*.csv`, with a scenario's levers applied.

A lever is a row of `staff_levers.csv`: it sets or multiplies one column of the rows of one table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from abm import tables
from abm.working_time import working_times
from pathways.errors import InputError, nearest

MONTHS = 12
OLDEST = 111
WEEKS_A_MONTH = 365.25 / 7 / MONTHS


@dataclass(frozen=True)
class Lever:
    """A number of the tables that a scenario may change."""

    name: str
    table: str
    where: Mapping[str, str]
    column: str
    multiplies: bool
    default: float
    least: float
    most: float


def levers() -> dict[str, Lever]:
    """Return all levers by name."""
    found = {}
    for row in tables.read("staff_levers"):
        where = dict(part.split("=", 1) for part in row["where"].split(";") if part)
        found[row["lever"]] = Lever(
            row["lever"], row["table"], where, row["column"], row["how"] == "multiply", float(row["default"]),
            float(row["least"]), float(row["most"]),
        )  # fmt: skip
    return found


def checked(
    values: Mapping[str, Any], file: object = None, known: Mapping[str, Lever] | None = None
) -> dict[str, float]:
    """Return the values of levers as numbers; `known`: the levers there are, left out those of the tables here.

    Raises
    ------
    InputError
        If there is no such lever, or a value lies outside its range.
    """
    known, found = levers() if known is None else known, {}
    for name, value in values.items():
        if name not in known:
            raise InputError(
                file=file, key=f"staff.{name}", value=value, expected="a lever of the workforce (docs/staff.md)",
                suggestion=nearest(name, known),
            )  # fmt: skip
        lever = known[name]
        number = value if isinstance(value, int | float) and not isinstance(value, bool) else None
        if number is None or not lever.least <= number <= lever.most:
            raise InputError(
                file=file, key=f"staff.{name}", value=value, expected=f"a number from {lever.least:g} to {lever.most:g}"
            )
        found[name] = float(number)
    return found


def rows_of(name: str, values: Mapping[str, float]) -> list[dict[str, str]]:
    """Return the rows of a table with the levers' values in place of, or multiplied into, what they change."""
    rows = [dict(row) for row in tables.read(name)]
    known = levers()
    for lever in (known[one] for one in values):
        if lever.table == name:
            for row in rows:
                if all(row[key] == word for key, word in lever.where.items()):
                    value = values[lever.name] * (float(row[lever.column]) if lever.multiplies else 1.0)
                    row[lever.column] = repr(value)
    return rows


def a_month(a_year: float) -> float:
    """Return the probability of a month, of a probability of a year."""
    return 1.0 - (1.0 - min(max(a_year, 0.0), 1.0)) ** (1.0 / MONTHS)


@dataclass(frozen=True)
class Role:
    """A role, and what it may be."""

    name: str
    title: str
    band: str
    group: str
    registered: bool
    clinical: bool
    may_fill: tuple[str, ...]
    """Roles whose vacant posts it may take; the post is then turned into one of its own."""
    available_minutes: float
    """Minutes a month that one WTE can give to a roster or a clinic"""
    contracted_hours: float
    """Hours a month"""
    sickness_share: float


@dataclass(frozen=True)
class Route:
    """How people come to a role, from their first day of learning, or of being looked for."""

    name: str
    role: int
    people_england: float
    under_way: bool
    """People were on their way when the years began, as many as always"""
    lead_months: int
    attrition: float
    away_role: int
    """Whose time a learner's days away are; -1: nobody's, the learner has no post meanwhile"""
    away_minutes: float
    """A month"""
    supervisor: int
    supervision_minutes: float
    """A month"""
    youngest: int
    oldest: int


@dataclass(frozen=True)
class Rates:
    """What the monthly step needs.  Arrays [who, band] are monthly hazards by role group (or role) and service."""

    roles: tuple[Role, ...]
    who: np.ndarray
    """int8[role] row of the hazards"""
    band_of_month: np.ndarray
    out: np.ndarray
    moves: np.ndarray
    retires: np.ndarray
    """float64[year of age]"""
    numbers: Mapping[str, float]
    routes: tuple[Route, ...]
    england: Mapping[str, Mapping[str, float]]
    """Role -> posts, vacancies, new_posts, closed_posts of England"""
    profile: Mapping[str, Mapping[str, float]]
    """Financial year -> share of new and of closed posts"""
    start: Mapping[str, Mapping[str, tuple[tuple[float, float, float], ...]]]
    """Group -> age_years or service_months -> (from, to, share)"""
    replaced: Mapping[str, float]
    demand: Mapping[str, str]
    """Pathway -> high or low demand"""
    new_roles: Mapping[int, Mapping[str, float]]
    substitution: tuple[Mapping[str, Any], ...]

    @property
    def index(self) -> dict[str, int]:
        """Role -> its row."""
        return {role.name: i for i, role in enumerate(self.roles)}


def read(values: Mapping[str, float] | None = None) -> Rates:
    """Return the rates of the tables, with levers (see `checked`) applied."""
    values = checked(values or {})
    roles = _roles(values)
    at = {role.name: i for i, role in enumerate(roles)}
    who, band, out, moves = _leaving(values, roles)
    retires = np.zeros(OLDEST)
    for row in rows_of("staff_retirement", values):
        retires[int(row["from_age"]) : int(row["to_age"]) + 1] = a_month(float(row["a_year"]))
    start: dict[str, dict[str, list]] = {}
    for row in rows_of("staff_start", values):
        part = (float(row["from_value"]), float(row["to_value"]), float(row["share"]))
        start.setdefault(row["group"], {}).setdefault(row["what"], []).append(part)
    england = {
        row["role"]: {key: float(row[key]) for key in ("posts", "vacancies", "new_posts", "closed_posts")}
        for row in rows_of("staff_england", values)
    }
    new_roles = {
        at[row["new_role"]]: {
            "relieves": at[row["relieves"]], "time_on_tasks": min(float(row["time_on_tasks"]), 1.0),
            "supervision": float(row["supervision_minutes_an_hour"]), "supervisor": at[row["supervisor_role"]],
        }
        for row in rows_of("staff_new_roles", values)
    }  # fmt: skip
    substitution = tuple(
        {"new_role": at[row["new_role"]], "task": row["task"], "relieves": at[row["relieves"]],
         "share": min(float(row["share"]), 1.0), "supervision": float(row["supervision_minutes_an_hour"]),
         "supervisor": at[row["supervisor_role"]]}
        for row in rows_of("staff_substitution", values)
    )  # fmt: skip
    return Rates(
        roles, who, band, out, moves, retires,
        {row["name"]: float(row["value"]) for row in rows_of("staff_numbers", values)},
        _routes(values, at), england,
        {row["year"]: {key: float(row[key]) for key in ("new_posts", "closed_posts")}
         for row in rows_of("staff_years", values)},
        {group: {what: tuple(parts) for what, parts in both.items()} for group, both in start.items()},
        {row["group"]: float(row["replaced"]) for row in rows_of("staff_recruited", values)},
        {row["pathway"]: row["demand"] for row in rows_of("staff_demand", values)},
        new_roles, substitution,
    )  # fmt: skip


def _roles(values: Mapping[str, float]) -> tuple[Role, ...]:
    found = []
    for row in rows_of("staff_roles", values):
        time = working_times()[row["working_time_of"] or row["role"]]
        found.append(
            Role(
                row["role"], row["title"], row["band"], row["group"], row["registered"] == "yes",
                row["clinical"] == "yes", tuple(word for word in row["may_fill"].split(";") if word),
                time.available_hours * 60 * WEEKS_A_MONTH, time.contracted_hours * WEEKS_A_MONTH, time.sickness_share,
            )
        )  # fmt: skip
    return tuple(found)


def _leaving(
    values: Mapping[str, float], roles: tuple[Role, ...]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return who[role], the band of every month of service, and the hazards of leaving and of moving [who, band]."""
    rows = rows_of("staff_leaving", values)
    names = list(dict.fromkeys(row["who"] for row in rows))
    bands = sorted({(int(row["from_months"]), int(row["to_months"])) for row in rows})
    hazard = {kind: np.zeros((len(names), len(bands))) for kind in ("out", "moves")}
    for row in rows:
        band = bands.index((int(row["from_months"]), int(row["to_months"])))
        hazard[row["kind"]][names.index(row["who"]), band] = a_month(float(row["a_year"]))
    band_of_month = np.zeros(bands[-1][1] + 1, np.int8)
    for i, (begin, end) in enumerate(bands):
        band_of_month[begin : end + 1] = i
    who = [names.index(role.name if role.name in names else role.group) for role in roles]
    return np.array(who, np.int8), band_of_month, hazard["out"], hazard["moves"]


def _routes(values: Mapping[str, float], at: Mapping[str, int]) -> tuple[Route, ...]:
    return tuple(
        Route(
            row["route"], at[row["role"]], float(row["people_england"]), row["under_way_at_start"] == "yes",
            max(1, round(float(row["lead_months"]))), min(float(row["attrition"]), 1.0),
            at[row["away_role"]] if row["away_role"] else -1, float(row["away_minutes_a_week"]) * WEEKS_A_MONTH,
            at[row["supervisor_role"]], float(row["supervision_minutes_a_week"]) * WEEKS_A_MONTH,
            int(row["youngest"]), int(row["oldest"]),
        )
        for row in rows_of("staff_supply", values)
    )  # fmt: skip
