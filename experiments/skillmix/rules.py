"""What a mix of roles must keep to, read from tables: who may do what, under whose supervision, and how many there are.

Every row has a source and how sure it is. A row that would let somebody without registration do alone what is
reserved for the registered is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from abm import tables
from experiments.money.costs import pounds_a_post
from experiments.planning.establishment import working_times
from experiments.workforce.apportion import FOLDER as WORKFORCE
from pathways.errors import InputError, nearest

FOLDER = Path(__file__).resolve().parent / "tables"
NAMES = ("substitution", "shifts", "supervision", "supply", "floors", "reserved", "rules")


@dataclass(frozen=True)
class Substitution:
    """A role that may stand in for one of another at a task."""

    task: str
    role: str
    instead_of: str
    at_most: float
    """Share of those who come to the task."""
    minutes_per_hour: float
    """Supervision for each hour the role works at the task; `supervisor` gives them."""
    supervisor: str


@dataclass(frozen=True)
class Shift:
    """A treatment that some of those who come to another may have instead."""

    task: str
    to: str
    at_most: float


@dataclass(frozen=True)
class Rules:
    """Who may do what, for how much, under whom; how many there are."""

    substitutions: tuple[Substitution, ...]
    shifts: tuple[Shift, ...]
    supervision: Mapping[str, tuple[str, float]]
    """role -> (supervisor, minutes for each clinical hour), unless a substitution says otherwise"""
    supply: Mapping[str, tuple[float, float]]
    """role -> (share more than at present, posts more for a million people)"""
    floors: Mapping[str, float]
    """service -> least share of posts that are registered"""
    reserved: frozenset[str]
    """Tasks at which somebody registered must be"""
    registered: Mapping[str, bool]
    hours_of_post: Mapping[str, float]
    """role -> hours a week a post gives"""
    pounds: Mapping[str, float]
    """role -> pounds a post and year"""
    values: Mapping[str, float] = field(default_factory=dict)
    """Single numbers of `rules.csv`"""


def rules(year: str = "2016/17", folder: Path = FOLDER, price: Callable[[str, str], float] = pounds_a_post) -> Rules:
    """Read the tables of a folder.

    Raises
    ------
    InputError
        If a share or amount is no number in its range, or a row names a role that no table knows.
    """
    times = working_times()
    registered = {row["role"]: row["registered"] == "yes" for row in tables.read("roles", WORKFORCE)}
    read = {name: tables.read(name, folder) for name in NAMES}
    where = {name: tables.path_of(name, folder) for name in NAMES}
    for name in ("substitution", "supervision", "supply"):
        for row in read[name]:
            for key in ("role", "instead_of", "supervisor"):
                if row.get(key) and (row[key] not in registered or row[key] not in times):
                    raise InputError(
                        file=where[name], key=f"{row.get('task', name)}.{key}", value=row[key],
                        expected="a role of abm/tables/working_time.csv and experiments/workforce/tables/roles.csv",
                        suggestion=nearest(row[key], tuple(times)),
                    )  # fmt: skip
    return Rules(
        substitutions=tuple(
            Substitution(
                row["task"], row["role"], row["instead_of"], _share(row, "at_most", where["substitution"]),
                _amount(row, "supervision_minutes_per_hour", where["substitution"]), row["supervisor"],
            ) for row in read["substitution"]
        ),
        shifts=tuple(
            Shift(row["from"], row["to"], _share(row, "at_most", where["shifts"])) for row in read["shifts"]
        ),
        supervision={
            row["role"]: (row["supervisor"], _amount(row, "minutes_per_hour", where["supervision"]))
            for row in read["supervision"]
        },
        supply={
            row["role"]: (_amount(row, "more_than_present", where["supply"]),
                          _amount(row, "per_million", where["supply"]))
            for row in read["supply"]
        },
        floors={row["service"]: _share(row, "registered_at_least", where["floors"]) for row in read["floors"]},
        reserved=frozenset(row["task"] for row in read["reserved"]),
        registered=registered,
        hours_of_post={role: time.available_hours for role, time in times.items()},
        pounds={role: price(role, year) for role in times},
        values={row["name"]: _amount(row, "value", where["rules"]) for row in read["rules"]},
    )  # fmt: skip


def refuse_unregistered(rules: Rules, roles_of: Mapping[str, Mapping[str, int]], file: object = None) -> None:
    """Refuse a substitution after which nobody registered is left at a reserved task.

    Parameters
    ----------
    roles_of : task -> {role: number} as the pathway declares it
    """
    for one in rules.substitutions:
        if one.task not in rules.reserved or one.task not in roles_of:
            continue
        left = dict(roles_of[one.task])
        left[one.instead_of] = left.get(one.instead_of, 0) - 1
        left[one.role] = left.get(one.role, 0) + 1
        if not any(number > 0 and rules.registered[role] for role, number in left.items()):
            raise InputError(
                file=file or tables.path_of("substitution", FOLDER), key=f"{one.task}.role", value=one.role,
                expected="a registered role: the task is reserved (reserved.csv) and nobody registered would be there",
            )  # fmt: skip


def sources(service: str, tasks: Sequence[str]) -> list[dict[str, Any]]:
    """Return the rows that bear on a service, with their sources, for the page and the workbook."""
    found = []
    for name in NAMES:
        for row in tables.read(name, FOLDER):
            about = row.get("task") or row.get("from") or row.get("service") or row.get("role") or row["name"]
            if ("task" in row or "from" in row) and about not in tasks:
                continue
            if "service" in row and about != service:
                continue
            said = ", ".join(
                f"{key} {value}"
                for key, value in row.items()
                if value and key not in ("task", "from", "service", "source", "confidence", "name")
            )
            found.append(
                {"table": name, "about": about, "says": said, "source": row["source"], "confidence": row["confidence"]}
            )
    return found


def _amount(row: Mapping[str, str], key: str, file: object) -> float:
    if not tables.is_amount(row[key]):
        raise InputError(file=file, key=key, value=row[key], expected="a number of at least 0")
    return float(row[key])


def _share(row: Mapping[str, str], key: str, file: object) -> float:
    value = _amount(row, key, file)
    if value > 1:
        raise InputError(file=file, key=key, value=row[key], expected="a share from 0 to 1")
    return value
