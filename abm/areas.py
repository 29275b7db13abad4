"""The areas that can be simulated: the 44 STPs, each a cell of its own, and England, which is all of them in turn.

Lancashire & South Cumbria is built from its published small areas.  Of the others age bands and deprivation are
published; their delivery systems, small areas and hospitals are illustrative (`abm/illustrative.py`).
"""

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from abm import tables
from pathways.errors import InputError, nearest, one_of

ENGLAND = "england"
LSC = "lsc"
JOIN = "+"
"""Between the names of several STPs that are run together"""
KEPT_BYTES = 33
"""Bytes a resident in the columns of a population."""
RUNNING_BYTES = 66
"""Bytes a resident in a run beside those: all England, 547 days, took 99 at its peak (measured, kept ones included)."""
MAKING_BYTES = 24
"""Bytes a resident while one cell is made: order, id words, bits, and two columns of the largest table's cell."""
LIVES_BYTES = 80
"""Bytes a resident more with lives, after a year of Lancashire & South Cumbria (docs/lives.md)."""


@dataclass(frozen=True)
class Area:
    """One STP as `areas.csv` has it."""

    name: str
    number: int
    title: str
    illustrative: bool
    persons: int
    row: tables.Row


@lru_cache(maxsize=8)
def all_areas(folder: Path = tables.FOLDER) -> dict[str, Area]:
    """Return the STPs by name, in order of their numbers."""
    rows = sorted(tables.read("areas", folder), key=lambda row: int(row["number"]))
    return {
        row["area"]: Area(
            row["area"], int(row["number"]), row["title"], row["illustrative"] == "yes", int(row["persons"]), row
        )
        for row in rows
    }


def names(folder: Path = tables.FOLDER) -> tuple[str, ...]:
    """Return what `--area` may say: every STP, and england; several STPs are joined by +."""
    return (*all_areas(folder), ENGLAND)


def cells_of(area: str, folder: Path = tables.FOLDER) -> tuple[str, ...]:
    """Return the cells of an area in order: an STP is one cell, England is the 44 STPs, `a+b` are these two.

    Raises
    ------
    InputError
        If there is no such area, or one is named twice.
    """
    known = all_areas(folder)
    if area == ENGLAND:
        return tuple(known)
    asked = area.split(JOIN)
    for name in asked:
        if name not in known:
            words = names(folder)
            raise InputError(
                file="areas.csv", key="area", value=name, expected=one_of(words), suggestion=nearest(name, words)
            )
        if asked.count(name) > 1:
            raise InputError(file="areas.csv", key="area", value=area, expected=f"each STP once: {name} is there twice")
    return tuple(sorted(asked, key=lambda name: known[name].number))


def area_of(cells: tuple[str, ...], folder: Path = tables.FOLDER) -> str:
    """Return the name of an area of these cells."""
    return ENGLAND if cells == tuple(all_areas(folder)) else JOIN.join(cells)


def cell(area: str, folder: Path = tables.FOLDER) -> Area:
    """Return the one STP that `area` names.

    Raises
    ------
    InputError
        If there is no such area, or if it is England, which is 44 cells.
    """
    cells = cells_of(area, folder)
    if len(cells) > 1:
        raise InputError(
            file="areas.csv", key="area", value=area, expected=f"one STP here: {area} is {len(cells)} cells, each apart"
        )
    return all_areas(folder)[area]


def title_of(area: str, folder: Path = tables.FOLDER) -> str:
    """Return the name of an area in words; an unknown area is its own name."""
    if area == ENGLAND:
        return "England"
    known = all_areas(folder)
    return ", ".join(known[name].title if name in known else name for name in area.split(JOIN))


def is_illustrative(area: str, folder: Path = tables.FOLDER) -> bool:
    """Say whether teams and hospitals of any cell of the area are illustrative."""
    return any(all_areas(folder)[name].illustrative for name in cells_of(area, folder))


def memory_needed(area: str, folder: Path = tables.FOLDER, lives: bool = False) -> int:
    """Return about how many bytes a run of the area takes: all its people, kept and running, and one cell in making.

    `lives`: with what lives take after a year besides.
    """
    persons = [all_areas(folder)[name].persons for name in cells_of(area, folder)]
    return sum(persons) * (KEPT_BYTES + RUNNING_BYTES + lives * LIVES_BYTES) + max(persons) * MAKING_BYTES


def memory_available() -> int | None:
    """Return the bytes this machine can still give, None if it does not say."""
    try:
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError, AttributeError):
        return None


def check_memory(area: str, folder: Path = tables.FOLDER, available: int | None = None, lives: bool = False) -> None:
    """Refuse an area that does not fit into memory, before anything is allocated.

    Parameters
    ----------
    available : bytes; what the machine says, if not given

    Raises
    ------
    InputError
        With the memory it needs and the memory there is.
    """
    have = memory_available() if available is None else available
    need = memory_needed(area, folder, lives)
    if have is not None and need > have:
        persons = sum(all_areas(folder)[name].persons for name in cells_of(area, folder))
        raise InputError(
            file="areas.csv", key="area", value=area,
            expected=f"an area that fits into memory: {persons:,} people need about {need / 1e9:.1f} GB, "
            f"{have / 1e9:.1f} GB are free",
        )  # fmt: skip
