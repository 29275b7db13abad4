"""Posts by year from a file: what an area's teams are to have from each April on, in place of the plan's changes."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from pathways.errors import InputError, nearest

COLUMNS = ("system", "team", "role", "year", "posts")


def read_posts(file: Path) -> pd.DataFrame:
    """Read posts by year (CSV or Parquet with `COLUMNS`).

    Raises
    ------
    InputError
        If it cannot be read, a column is missing, or posts are no numbers of at least 0.
    """
    try:
        frame = pd.read_parquet(file) if file.suffix == ".parquet" else pd.read_csv(file)
    except (OSError, ValueError) as problem:
        raise InputError(file=file, key="--posts", expected=f"a CSV or Parquet file ({problem})") from None
    for column in COLUMNS:
        if column not in frame:
            raise InputError(file=file, key=column, expected="a column system, team, role, year and posts",
                             suggestion=nearest(column, [str(one) for one in frame]))  # fmt: skip
    numbers = pd.to_numeric(frame["posts"], errors="coerce")
    for line, (given, number) in enumerate(zip(frame["posts"], numbers, strict=True), start=2):
        if not 0 <= number < float("inf"):
            raise InputError(file=file, key=f"line {line}, posts", value=given, expected="a number of at least 0")
    return frame.assign(posts=numbers)
