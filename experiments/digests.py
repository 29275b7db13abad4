"""The daily chains of runs: what one run's digest is, and the first day on which two runs part."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abm.chain import first_difference
from abm.country_checkpoint import TOGETHER
from experiments import checkpoints, store
from pathways.errors import InputError, one_of

if TYPE_CHECKING:
    from rich.console import RenderableType


@dataclass(frozen=True)
class Chain:
    """The daily chain of one cell, or of several together."""

    first_day: date
    links: list[str]
    """One a day of the run, its warm-up included"""

    @property
    def last_day(self) -> date:
        """The last day that was lived."""
        return self.first_day + timedelta(days=len(self.links) - 1)


Chains = dict[int, dict[str, Chain]]
"""By replication and cell; the area's own name is that of all cells together."""


def digests(one: Path | str, other: Path | str | None = None, replication: int | None = None) -> dict[str, Any]:
    """Return the digests of a run, or where two runs part, as a document.

    Parameters
    ----------
    one, other : folders of finished runs, or checkpoints
    replication : only this one (default: all that are in both)

    Raises
    ------
    InputError
        If there is no run, or the two have no replication, cell or first day in common.
    """
    ours = _chosen(chains(one), one, replication)
    if other is None:
        return {"run": one, "replications": [_said(number, cells) for number, cells in ours.items()]}
    theirs = _chosen(chains(other), other, replication)
    common = [number for number in ours if number in theirs]
    if not common:
        raise InputError(file=other, key="replication", value=sorted(theirs), expected=one_of(map(str, ours)))
    rows = [_compared(number, ours[number], theirs[number], other) for number in common]
    return {"run": one, "other": other, "same": all(row["same"] for row in rows), "replications": rows}


def chains(path: Path | str) -> Chains:
    """Return the daily chains of a folder of results, or of a checkpoint."""
    place = Path(path)
    if place.is_file() or (place / TOGETHER).is_file():
        return _of_checkpoint(place)
    table = store.read_arrow(place, ["digests"])["digests"]
    found: Chains = {}
    for row in table.to_pylist():
        cells = found.setdefault(row["replication"], {})
        cells.setdefault(row["cell"], Chain(row["day"], [])).links.append(row["digest"])
    return found


def _of_checkpoint(place: Path) -> Chains:
    document = checkpoints.document_of(place)
    run = document["run"]
    first_day = date.fromisoformat(run["start"]) - timedelta(days=run["warm_up"])
    cells = {name: Chain(first_day, links) for name, links in checkpoints.chains_of(place).items()}
    return {run["replication"]: cells}


def _chosen(found: Chains, path: Path | str, replication: int | None) -> Chains:
    if replication is None:
        return found
    if replication not in found:
        raise InputError(file=path, key="--replication", value=replication, expected=one_of(map(str, found)))
    return {replication: found[replication]}


def _said(replication: int, cells: Mapping[str, Chain]) -> dict[str, Any]:
    whole = _whole(cells)
    chain = cells[whole]
    return {
        "replication": replication, "cell": whole, "first_day": chain.first_day, "last_day": chain.last_day,
        "digest": chain.links[-1],
    }  # fmt: skip


def _whole(cells: Mapping[str, Chain]) -> str:
    """Return the name under which all cells together stand: the last."""
    return list(cells)[-1]


def _compared(
    replication: int, ours: Mapping[str, Chain], theirs: Mapping[str, Chain], other: object
) -> dict[str, Any]:
    names = [name for name in ours if name in theirs]
    if not names:
        raise InputError(file=other, key="cell", value=", ".join(theirs), expected=one_of(ours))
    parted: dict[str, date | None] = {}
    for name in names:
        a, b = ours[name], theirs[name]
        if a.first_day != b.first_day:
            raise InputError(
                file=other, key="first day", value=str(b.first_day), expected=f"{a.first_day}, as the other run"
            )
        day = first_difference(a.links, b.links)
        parted[name] = None if day is None else a.first_day + timedelta(days=day)
    days = [day for day in parted.values() if day is not None]
    first = min(days) if days else None
    chain, against = ours[names[-1]], theirs[names[-1]]
    return {
        "replication": replication, "same": first is None, "parts_on": first,
        "first_day": chain.first_day, "days_compared": min(len(chain.links), len(against.links)),
        "cells": [{"cell": name, "parts_on": day} for name, day in parted.items()],
        "part_first": [name for name, day in parted.items() if first is not None and day == first],
    }  # fmt: skip


def tables(document: Mapping[str, Any]) -> Iterable[RenderableType]:
    """Return the document in words."""
    for row in document["replications"]:
        start = f"replication {row['replication']}"
        if "digest" in row:
            yield f"{start}: {row['digest']}  ({row['cell']}, {row['first_day']} to {row['last_day']})"
        elif row["same"]:
            yield f"{start}: the same on all {row['days_compared']:,} days that both have"
        else:
            cells = [name for name in row["part_first"] if len(row["cells"]) > 1]
            where = f", first in {', '.join(cells)}" if cells else ""
            yield f"{start}: they part on {row['parts_on']}{where}"
