"""An area's own establishment: a file of posts, read and checked row by row, and the template to fill in.

The file (`.csv` or `.xlsx`, first sheet) has the columns team, place, role and wte; `parity staff --template FILE`
writes one.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from abm import areas, tables
from abm.population import places_of
from abm.setting import every_pathway
from abm.staff_rates import Rates
from experiments.staff import wards
from pathways import files
from pathways.errors import InputError, nearest, one_of
from pathways.specs import PathwaySpec, validated

COLUMNS = ("team", "place", "role", "wte")


def table_rows() -> list[dict[str, Any]]:
    """Return the teams of Lancashire & South Cumbria as rows of such a file: of `establishment.csv`, and the wards."""
    whole = areas.title_of(areas.LSC)
    teams = [
        {"team": row["team"], "place": whole if row["place"] == "area" else row["place"], "role": row["role"],
         "wte": float(row["value"])}
        for row in tables.read("establishment") if row["unit"] == "wte"
    ]  # fmt: skip
    return teams + wards.rows_of(areas.LSC)


def read(file: Path, rates: Rates) -> list[dict[str, Any]]:
    """Read an establishment file, every row checked.

    Raises
    ------
    InputError
        Naming the line and what was expected.
    """
    if not file.is_file():
        raise InputError(key="--establishment", value=str(file), expected="a .csv or .xlsx file that exists")
    rows = _sheet(file) if file.suffix == ".xlsx" else _csv(file)
    roles, teams, found = rates.index, team_specs(), []
    for line, row in enumerate(rows, start=2):
        missing = [name for name in COLUMNS if row.get(name) in (None, "")]
        if missing:
            raise InputError(file=file, key=f"line {line}", value=None, expected=f"the column {missing[0]}")
        for name, known in (("team", teams), ("role", roles)):
            if row[name] not in known:
                raise InputError(
                    file=file, key=f"line {line}, {name}", value=row[name], expected=f"a {name} there is",
                    suggestion=nearest(row[name], known),
                )  # fmt: skip
        if not tables.is_amount(str(row["wte"])):
            raise InputError(file=file, key=f"line {line}, wte", value=row["wte"], expected="a number of at least 0")
        found.append({**{name: row[name] for name in COLUMNS}, "wte": float(row["wte"])})
    if not found:
        raise InputError(file=file, key="rows", expected="at least one row of posts")
    return found


def refuse_places(file: Path, rows: Sequence[Mapping[str, Any]], area: str) -> None:
    """Refuse a place at which a team of that scope does not stand in the area."""
    if area == areas.ENGLAND:
        raise InputError(key="--establishment", value=str(file), expected="the area of one STP, not england")
    teams = team_specs()
    for line, row in enumerate(rows, start=2):
        spec = teams[row["team"]]
        known = places_of(area, spec.teams[row["team"].partition("/")[2]].scope)
        if row["place"] not in known:
            raise InputError(
                file=file, key=f"line {line}, place", value=row["place"], expected=one_of(known),
                suggestion=nearest(row["place"], known),
            )  # fmt: skip


def _csv(file: Path) -> list[dict[str, Any]]:
    with file.open(newline="", encoding="utf-8-sig") as text:
        reader = csv.DictReader(text)
        _refuse_headings(file, reader.fieldnames or ())
        return list(reader)


def _sheet(file: Path) -> list[dict[str, Any]]:
    from openpyxl import load_workbook

    first, *rest = load_workbook(file, read_only=True, data_only=True).worksheets[0].iter_rows(values_only=True)
    names = [str(one) for one in first if one is not None]
    _refuse_headings(file, names)
    return [dict(zip(names, row, strict=False)) for row in rest if any(one is not None for one in row)]


def _refuse_headings(file: Path, names: Sequence[str]) -> None:
    for name in COLUMNS:
        if name not in names:
            raise InputError(
                file=file, key="columns", value=", ".join(names), expected=", ".join(COLUMNS),
                suggestion=nearest(name, names),
            )  # fmt: skip


def write_template(file: Path, rates: Rates) -> Path:
    """Write the teams of Lancashire & South Cumbria with their posts as a file to fill in."""
    rows = table_rows()
    if file.suffix == ".xlsx":
        from experiments.reports.workbook import Book

        book = Book()
        looks = [(name, "one" if name == "wte" else "text") for name in COLUMNS]
        book.grid("establishment", looks, [[row[name] for name in COLUMNS] for row in rows])
        file.write_bytes(book.bytes())
    else:
        with file.open("w", newline="", encoding="utf-8") as text:
            table = csv.DictWriter(text, COLUMNS, lineterminator="\n")
            table.writeheader()
            table.writerows(rows)
    return file


@cache
def team_specs() -> dict[str, PathwaySpec]:
    """Return every team of the library with its pathway."""
    return {
        f"{name}/{team}": spec
        for name in every_pathway() for spec in [validated(files.library(name))] for team in spec.teams
    }  # fmt: skip
