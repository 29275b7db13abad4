"""What a mix of roles must keep to, read from tables: who may do what, under whose supervision, and how many there are.

New roles that take over named tasks are rows of `abm/tables/staff_substitution.csv`, which the staff simulation reads
too; `stand_in.csv` has the roles there are. Every row has a source and how sure it is. A row that would leave nobody
registered at a reserved task is refused, unless `shifts.csv` says which treatment of its own the role gives instead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from abm import tables
from experiments.money.costs import pounds_a_post
from experiments.planning.establishment import working_times
from pathways.errors import InputError, nearest

FOLDER = Path(__file__).resolve().parent / "tables"
NAMES = ("stand_in", "shifts", "supervision", "supply", "floors", "reserved", "rules")


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
    minutes_per_hour: float | None = None
    """Supervision for each hour, where another role gives it in place of the one they came to; None: as always"""
    supervisor: str = ""


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


def rules(
    year: str = "2016/17", folder: Path = FOLDER, staff: Path = tables.FOLDER,
    price: Callable[[str, str], float] = pounds_a_post,
) -> Rules:  # fmt: skip
    """Read the tables of a folder, and those of the staff simulation.

    Raises
    ------
    InputError
        If a share or amount is no number in its range, or a row names a role that no table knows.
    """
    times = working_times()
    roles = {row["role"]: row for row in tables.read("staff_roles", staff)}
    read = {name: tables.read(name, folder) for name in NAMES}
    where = {name: tables.path_of(name, folder) for name in NAMES}
    for name in ("stand_in", "supervision", "supply"):
        for row in read[name]:
            for key in ("role", "instead_of", "supervisor"):
                if row.get(key) and row[key] not in roles:
                    raise InputError(
                        file=where[name], key=f"{row.get('task', name)}.{key}", value=row[key],
                        expected="a role of abm/tables/staff_roles.csv", suggestion=nearest(row[key], tuple(roles)),
                    )  # fmt: skip
    registered = {role: row["registered"] == "yes" for role, row in roles.items()}
    taken_over = _taken_over(staff)
    stand_in = [
        Substitution(
            row["task"], row["role"], row["instead_of"], _share(row, "at_most", where["stand_in"]),
            _amount(row, "supervision_minutes_per_hour", where["stand_in"]), row["supervisor"],
        ) for row in read["stand_in"]
    ]  # fmt: skip
    own = {(row["from"], row["by_role"]) for row in read["shifts"] if row["by_role"]}
    reserved = frozenset(row["task"] for row in read["reserved"])
    return Rules(
        substitutions=(*stand_in, *(one for one in taken_over if (one.task, one.role) not in own)),
        shifts=tuple(_shift(row, taken_over, where["shifts"]) for row in read["shifts"]),
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
        reserved=reserved,
        registered=registered,
        hours_of_post={role: times[row["working_time_of"] or role].available_hours for role, row in roles.items()},
        pounds=_Prices(price, year),
        values={row["name"]: _amount(row, "value", where["rules"]) for row in read["rules"]},
    )  # fmt: skip


class _Prices(dict[str, float]):
    """Pounds a post by role, asked for once: not every role of the staff simulation works in teams."""

    def __init__(self, price: Callable[[str, str], float], year: str) -> None:
        super().__init__()
        self.price, self.year = price, year

    def __missing__(self, role: str) -> float:
        self[role] = self.price(role, self.year)
        return self[role]


def _taken_over(staff: Path) -> list[Substitution]:
    """Return the tasks that new roles take over, of the staff simulation's table."""
    file = tables.path_of("staff_substitution", staff)
    return [
        Substitution(
            row["task"], row["new_role"], row["relieves"], _share(row, "share", file),
            _amount(row, "supervision_minutes_an_hour", file), row["supervisor_role"],
        ) for row in tables.read("staff_substitution", staff)
    ]  # fmt: skip


def _shift(row: Mapping[str, str], taken_over: Sequence[Substitution], file: object) -> Shift:
    if not row["by_role"]:
        return Shift(row["from"], row["to"], _share(row, "at_most", file))
    for one in taken_over:
        if (one.task, one.role) == (row["from"], row["by_role"]):
            return Shift(row["from"], row["to"], one.at_most, one.minutes_per_hour, one.supervisor)
    raise InputError(
        file=file, key=f"{row['from']}.by_role", value=row["by_role"],
        expected="a new_role of this task in abm/tables/staff_substitution.csv",
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
                file=file or "stand_in.csv or staff_substitution.csv", key=f"{one.task}.role", value=one.role,
                expected="a registered role, for the task is reserved (reserved.csv) and nobody registered would be "
                "there; or a row of shifts.csv that says what the role gives instead",
            )  # fmt: skip


def title_of(role: str) -> str:
    """Return what a role is called."""
    return next(row["title"].partition(" (")[0] for row in tables.read("staff_roles") if row["role"] == role)


def sources(service: str, tasks: Sequence[str]) -> list[dict[str, Any]]:
    """Return the rows that bear on a service, with their sources, for the page and the workbook."""
    found = []
    for name in (*NAMES, "staff_substitution"):
        for row in tables.read(name, FOLDER if name in NAMES else tables.FOLDER):
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
