"""The figures everything starts from: committed tables, each row with its source and how sure it is.

A table is a .csv file of `abm/tables/`; its digest enters the identity of every population and run.
"""

import csv
import hashlib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import numpy as np

from pathways.errors import InputError, nearest

FOLDER = Path(__file__).resolve().parent / "tables"

Row = dict[str, str]

# Columns of amounts (at least 0) wherever they stand; so are age_… (people), h_… and m_… (profiles).
NUMBERS = {
    "persons", "decile", "imd_score", "from_age", "to_age", "prevalence", "odds_ratio", "mild",
    "moderate", "severe", "least", "most", "mean", "sd", "people_england", "bit", "order",
    "attendances", "england_attendances", "at_least", "relative_rate", "white", "asian", "black",
    "mixed", "other", "elsewhere", "referrals", "share_receiving", "contacts_a_month",
}  # fmt: skip


def names(folder: Path = FOLDER) -> list[str]:
    """Return the names of the tables in `folder`, without `.csv`."""
    return sorted(path.stem for path in folder.glob("*.csv"))


def path_of(name: str, folder: Path = FOLDER) -> Path:
    """Return the file of table `name`.

    Raises
    ------
    InputError
        If there is no such table.
    """
    path = folder / f"{name}.csv"
    if not path.is_file():
        raise InputError(
            file=str(path),
            key="table",
            value=name,
            expected="one of the tables",
            suggestion=nearest(name, names(folder)),
        )
    return path


def read(name: str, folder: Path = FOLDER) -> list[Row]:
    """Return the rows of table `name` as dictionaries of text, refusing rows too short or too long.

    Rows are kept while the file is the same: they are not to be written.
    """
    path = path_of(name, folder)
    now = path.stat()
    return _read(path, now.st_mtime_ns, now.st_size)


@lru_cache(maxsize=64)
def _read(path: Path, mtime: int, size: int) -> list[Row]:
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for number, row in enumerate(rows, start=2):
        if None in row or None in row.values():
            raise InputError(
                file=str(path),
                key=f"line {number}",
                value=str(row),
                expected="as many values as the heading has",
                suggestion=None,
            )
    for key in (key for key in (rows[0] if rows else ()) if key in NUMBERS or key.startswith(("age_", "h_", "m_"))):
        for number, row in enumerate(rows, start=2):
            if key != "age_band" and not is_amount(row[key]):
                raise InputError(
                    file=path, key=f"line {number}, {key}", value=row[key], expected="a number of at least 0"
                )
    return rows


def is_amount(text: str) -> bool:
    """Say whether `text` is a finite number of at least 0."""
    try:
        return 0.0 <= float(text) < float("inf")
    except ValueError:
        return False


def column(rows: Iterable[Row], key: str, dtype: type = float) -> np.ndarray:
    """Return one column of `rows` as an array of `dtype`."""
    return np.array([dtype(row[key]) for row in rows])


def matrix(rows: list[Row], keys: Iterable[str]) -> np.ndarray:
    """Return several columns of `rows` as float64[row, key]."""
    keys = list(keys)
    return np.array([[float(row[key]) for key in keys] for row in rows])


def digest(table_names: Iterable[str], folder: Path = FOLDER) -> str:
    """Return the SHA-256 over names and bytes of the given tables."""
    total = hashlib.sha256()
    for name in sorted(table_names):
        total.update(name.encode())
        total.update(path_of(name, folder).read_bytes())
    return total.hexdigest()
