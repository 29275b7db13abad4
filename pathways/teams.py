"""A team as declared: who is on shift when, its places, its clinicians' caseloads, its targets."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from pathways import rosters
from pathways.durations import WEEK
from pathways.errors import InputError
from pathways.tables import COMMON, Table

KEYS = (
    "scope", "staff", "per_population", "places", "clinicians", "caseload", "clinic_minutes_per_week",
    "nursing", "closed", "last_start", "target", "payer", "employer",
)  # fmt: skip
SCOPES = ("area", "system", "site")
MEASURES = ("occupancy", "visits_made", "utilisation")
STATUSES = ("national", "recommended", "local", "planning")
PAYERS = ("ccg", "specialised_commissioning", "local_authority", "acute_trust", "police", "voluntary_sector")
EMPLOYERS = ("nhs", "local_authority", "voluntary_sector", "police")


@dataclass(frozen=True)
class RosterRow:
    """People who come and go together."""

    hours: str
    spans: tuple[rosters.Span, ...]
    """Shifts, seconds of the week; an end beyond 604,800 runs into Monday; (0, 604800) never ends."""
    roles: dict[str, int]
    least: int = 0
    """Minimum safe number of each role of the row."""


@dataclass(frozen=True)
class NursingRow:
    """A ward's per-shift rule: establishment only, nobody queues for it."""

    hours: str
    spans: tuple[rosters.Span, ...]
    roles: dict[str, float]
    per_places: int
    least: int = 0


@dataclass(frozen=True)
class TargetSpec:
    """A planning target of a team; one of the two bounds is given."""

    measure: str
    at_most: float | None
    at_least: float | None
    source: str
    status: str


@dataclass(frozen=True)
class TeamSpec:
    """A team.  Numbers of staff, places and clinicians are per `per_population` people, if that is given."""

    staff: tuple[RosterRow, ...] = ()
    places: int | None = None
    clinicians: dict[str, int] = field(default_factory=dict)
    """People who hold courses, by role."""
    caseload: dict[str, int] = field(default_factory=dict)
    """Courses one clinician can hold at a time."""
    clinic_seconds_per_week: dict[str, int] = field(default_factory=dict)
    """Weekly time of one clinician for courses."""
    closed: str = "keep"
    last_start: int = 0
    """Seconds before the end of a shift in which no contact is begun."""
    scope: str = "area"
    per_population: int | None = None
    nursing: tuple[NursingRow, ...] = ()
    targets: tuple[TargetSpec, ...] = ()
    payer: str | None = None
    """Who pays for this team, if not the pathway's payer."""
    employer: str = "nhs"
    title: str = ""
    source: str = ""

    @property
    def roles(self) -> tuple[str, ...]:
        """Roles that are on some shift, or hold courses."""
        names = [role for row in self.staff for role in row.roles]
        return tuple(dict.fromkeys([*names, *self.clinicians]))

    def most_on_shift(self, role: str) -> int:
        """Largest number of a role that is ever on shift together."""
        rows = [(row.spans, row.roles.get(role, 0)) for row in self.staff]
        return max(people for _, people in rosters.on_shift(rows))

    def mean_on_shift(self, role: str) -> float:
        """Mean number of a role on shift over the week."""
        return sum(row.roles.get(role, 0) * sum(b - a for a, b in row.spans) for row in self.staff) / WEEK


def team(content: Any, key: str, file: object = None) -> TeamSpec:
    """Read `[team.X]`."""
    table = Table(content, key, KEYS, file)
    staff = _staff(table)
    clinicians = table.counts("clinicians")
    caseload = table.counts("caseload")
    weekly = table.amounts("clinic_minutes_per_week", lambda inner, role: int(inner.duration(role)))
    held = TeamSpec(staff=staff)
    for role in {**caseload, **weekly}:
        if role not in clinicians:
            clinicians[role] = held.most_on_shift(role)
        if not clinicians[role]:
            raise InputError(
                file=file,
                key=f"{key}.caseload.{role}",
                value=role,
                expected="a role of `clinicians` or of `staff`",
            )
    return TeamSpec(
        staff=staff,
        places=table.number("places", low=1, whole=True),
        clinicians=clinicians,
        caseload=caseload,
        clinic_seconds_per_week=weekly,
        closed=table.choice("closed", ("keep", "refuse"), "keep"),
        last_start=table.duration("last_start", 0, zero=True),
        scope=table.choice("scope", SCOPES, "area"),
        per_population=table.number("per_population", low=1, whole=True),
        nursing=tuple(_nursing(row) for row in _rows(table, "nursing")),
        targets=tuple(_target(row) for row in table.children("target", ("measure", "at_most", "at_least", "status"))),
        payer=table.choice("payer", PAYERS),
        employer=table.choice("employer", EMPLOYERS, "nhs"),
        title=table.text("title", ""),
        source=table.text("source", ""),
    )


def _staff(table: Table) -> tuple[RosterRow, ...]:
    given = table.raw("staff")
    if given is None:
        return ()
    if not isinstance(given, list | tuple):
        return (RosterRow("24/7", rosters.spans("24/7"), _roles(table, "staff")),)
    rows = []
    for row in _rows(table, "staff"):
        row.needed("hours", rosters.EXPECTED)
        roles = {
            role: int(row.number(role, low=1, whole=True))
            for role in row.content
            if role not in ("hours", "least", *COMMON)
        }
        if not roles:
            raise InputError(file=table.file, key=row.key, value=dict(row.content), expected="a role and its number")
        shifts = rosters.spans(row.raw("hours"), file=table.file, key=row.at("hours"))
        rows.append(RosterRow(row.raw("hours"), shifts, roles, row.number("least", 0, whole=True)))
    return tuple(rows)


def _roles(table: Table, name: str) -> dict[str, int]:
    for word in ("hours", "least"):
        if word in (table.raw(name) or {}):
            raise table.refusal(name, f"a list of rows [ {{ hours = …, role = n }} ] where `{word}` is given")
    return table.counts(name)


def _rows(table: Table, name: str) -> list[Table]:
    """Rows whose keys are names of roles: anything is allowed here and read as a number."""
    given = table.raw(name) or []
    if not isinstance(given, list | tuple):
        raise table.refusal(name, "a list of rows")
    rows = []
    for i, row in enumerate(given):
        rows.append(Table(row, f"{table.at(name)}[{i}]", row if hasattr(row, "keys") else (), table.file))
    return rows


def _nursing(row: Table) -> NursingRow:
    row.needed("hours", rosters.EXPECTED)
    row.needed("per_places", "the number of beds the row is for")
    fixed = ("hours", "per_places", "least", *COMMON)
    roles = {role: row.number(role) for role in row.content if role not in fixed}
    shifts = rosters.spans(row.raw("hours"), file=row.file, key=row.at("hours"))
    per_places = row.number("per_places", low=1, whole=True)
    return NursingRow(row.raw("hours"), shifts, roles, per_places, row.number("least", 0, whole=True))


def _target(row: Table) -> TargetSpec:
    row.needed("measure", "one of " + ", ".join(MEASURES))
    at_most, at_least = row.share("at_most"), row.share("at_least")
    if (at_most is None) == (at_least is None):
        raise InputError(file=row.file, key=row.key, value=dict(row.content), expected="at_most or at_least")
    return TargetSpec(
        measure=row.choice("measure", MEASURES),
        at_most=at_most,
        at_least=at_least,
        source=row.text("source", ""),
        status=row.choice("status", STATUSES, "planning"),
    )


def scaled(number: int, people: float, per_population: int | None, least: int = 0) -> int:
    """Return a unit's own number: `number` for each `per_population` people it serves, rounded up."""
    if per_population is None:
        return max(number, least)
    return max(math.ceil(number * people / per_population - 1e-9), least)
