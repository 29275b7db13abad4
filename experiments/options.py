"""Options that several commands share, and the checks that name what they refuse."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

LARGEST_SEED = 2**32 - 1
FROM_SCENARIO = "Default: what the scenario says."
Opener = Callable[[str | None], Callable[[], AbstractContextManager[Any]]]
"""From the name of a place for workers to what opens a pool there"""


def within(least: float, most: float | None = None) -> Callable[[typer.CallbackParam, Any], Any]:
    """Return the check that an option lies between `least` and `most`; what it refuses it names."""

    def check(param: typer.CallbackParam, value: Any) -> Any:
        from pathways.errors import InputError

        if value is None:  # not given: somebody else knows the default
            return None
        if value >= least and (most is None or value <= most):
            return value
        expected = f"{least} or more" if most is None else f"a number from {least} to {most}"
        percent = most is not None and most <= 1 < value and least <= value / 100 <= most
        meant = f"{value / 100:g}" if percent else None
        raise InputError(key=param.opts[0], value=value, expected=expected, suggestion=meant)

    return check


def writable(param: typer.CallbackParam, value: Path | None) -> Path | None:
    """Refuse a folder of results that cannot be made or written to, before anything runs."""
    from pathways.errors import InputError

    if value is None:
        return None
    there = next(place for place in (value.absolute(), *value.absolute().parents) if place.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        why = "is a file" if there.is_file() else "cannot be written to"
        raise InputError(key=param.opts[0], value=str(value), expected=f"a folder to write to ({there} {why})")
    return value


Area = Annotated[
    str,
    typer.Option(help="The area: lsc is Lancashire & South Cumbria; other STPs by name, such as greater-manchester."),
]
Seed = Annotated[
    int,
    typer.Option(callback=within(0, LARGEST_SEED), help="One seed explains all luck; the same seed, the same answer."),
]
Out = Annotated[Path, typer.Option(callback=writable, help="Folder for the results.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output, and nothing else there.")]
Scheduler = Annotated[
    str | None,
    typer.Option(
        metavar="PLACE",
        help="Where runs go: local (default; one worker a CPU), local:N, inline, or the address "
        "(tcp://HOST:PORT) or scheduler file of a running Dask scheduler.",
    ),
]
ScenarioFile = Annotated[Path | None, typer.Argument(help="Scenario file (TOML). Default: the built-in baseline.")]
PathwayFile = Annotated[Path, typer.Argument(metavar="FILE", help="Pathway file (TOML).")]


def day(text: str, option: str) -> date:
    """Read a date; refused with the option's name."""
    from pathways.errors import InputError

    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputError(key=option, value=text, expected="a date such as 2016-04-01") from error


def financial_year(text: str) -> None:
    """Refuse what is not a financial year."""
    from pathways.errors import InputError

    match = re.fullmatch(r"(\d{4})/(\d{2})", text)
    if not match or (int(match[1]) + 1) % 100 != int(match[2]):
        raise InputError(key="--year", value=text, expected="a financial year such as 2016/17")
