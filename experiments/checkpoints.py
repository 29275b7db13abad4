"""Checkpoints of runs: written every so many days, taken up again after an interruption, and branched from.

They lie beside the results, `run=…/checkpoints/replication=N.day=D.arrow`, D days after the run's first; of an area of
several cells it is a folder, `replication=N.day=D`.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abm import checkpoint_file
from abm.areas import all_areas, cells_of
from abm.checkpoint import Checkpoint
from abm.checkpoint_file import NoRoomError
from abm.country_checkpoint import TOGETHER, CountryCheckpoint, file_of
from experiments.console import say
from experiments.scenario import Scenario
from experiments.watch import Watch
from pathways.durations import seconds
from pathways.errors import InputError

if TYPE_CHECKING:
    from experiments.run import Run

FOLDER = "checkpoints"
BYTES_A_RESIDENT = 20
"""About what a checkpoint takes after a year and a half (12 after half a year): what has no room is refused"""
DATED = ("edit", "team")
"""Keys of a scenario whose tables may be dated."""


@dataclass(frozen=True)
class Checkpoints:
    """Where a run's checkpoints lie, and how often one is written; changes nothing that happens."""

    folder: str
    every: int = 0
    """Days; 0: never"""
    branch: str = ""
    """The checkpoint the run branches from"""


def days_between(text: str, key: str) -> int:
    """Read how often checkpoints are written: whole days, such as `90 days` or `13 weeks`."""
    days = seconds(text, key=key) / 86_400
    if days != int(days):
        raise InputError(key=key, value=text, expected="whole days, such as '90 days'")
    return int(days)


def refuse_without_room(folder: Path, scenario: Scenario, every: int, n_runs: int) -> None:
    """Refuse more checkpoints than the disk is likely to hold, before anything runs.

    Raises
    ------
    InputError
        With about what they take together, and what is free.
    """
    days = scenario.warm_up + scenario.measured_days
    n = n_runs * ((days - 1) // every) if every else 0
    persons = sum(all_areas()[name].persons for name in cells_of(scenario.area))
    need = n * persons * BYTES_A_RESIDENT
    there = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.is_dir())
    free = shutil.disk_usage(there).free
    if need > free:
        raise InputError(
            key="--checkpoint-every", value=f"{every} days: {n} checkpoints",
            expected=f"fewer: they take about {need / 1e9:.1f} GB, {free / 1e9:.1f} GB are free in {there}",
        )  # fmt: skip


def is_due(run: Run, day: int) -> bool:
    """Say whether a checkpoint is to be written when so many days are over; none is at the end."""
    place = run.checkpoints
    return place is not None and place.every > 0 and day % place.every == 0 and day < run.warm_up + run.days


def place_of(run: Run, day: int) -> Path:
    """Return where the checkpoint of a day lies, without the `.arrow` of a single file."""
    assert run.checkpoints is not None
    return Path(run.checkpoints.folder) / f"replication={run.replication}.day={day:05d}"


def write_when_due(run: Run, watch: Watch) -> None:
    """Write a checkpoint of a day that is over, if this is the day."""
    if is_due(run, watch.day):
        file = Path(f"{place_of(run, watch.day)}.arrow")
        with going_on_without():
            watch.model.checkpoint(file, **about(run), **watch.seen())


@contextmanager
def going_on_without() -> Iterator[None]:
    """Let the run go on where a checkpoint cannot be written: its results need none."""
    try:
        yield
    except (NoRoomError, OSError) as problem:
        say(f"no checkpoint: {problem}; the run goes on")


def about(run: Run) -> dict[str, Any]:
    """Return what a checkpoint says of the run that wrote it."""
    return {"scenario": run.scenario, "identity": run.identity, "tables": run.tables, "code": run.code}


def beginning(run: Run) -> Checkpoint | CountryCheckpoint | None:
    """Return the checkpoint a run goes on from: its own latest that is whole, else the one it branches from."""
    place = run.checkpoints
    if place is None:
        return None
    for path in sorted(Path(place.folder).glob(f"replication={run.replication}.day=*"), reverse=True):
        try:
            found = read(path)
        except InputError as refusal:
            say(f"passed over: {refusal}")
            continue
        then = found.document["run"]
        if found.about.get("identity") == run.identity and (then["events"], then["prove"]) == (run.events, run.prove):
            say(f"replication {run.replication} goes on from {found.date} ({path.name})")
            return found
    return read(place.branch) if place.branch else None


def read(path: Path | str) -> Checkpoint | CountryCheckpoint:
    """Read a checkpoint: the file of one cell, or the folder of several."""
    return CountryCheckpoint.read(path) if Path(path).is_dir() else Checkpoint.read(path)


def document_of(path: Path | str) -> dict[str, Any]:
    """Return what a checkpoint says of itself, without its tables."""
    return checkpoint_file.document_of(Path(path) / TOGETHER if Path(path).is_dir() else path)


def chains_of(path: Path | str) -> dict[str, list[str]]:
    """Return the daily chain of each cell of a checkpoint, and last that of all together, by the area's name."""
    document = document_of(path)
    cells = {one["name"]: checkpoint_file.document_of(Path(path) / file_of(one["name"]))["chain"]
             for one in document.get("cells", ())}  # fmt: skip
    return cells | {document["area"]: document["chain"]}


def branches(files: Sequence[Path | str], scenario: Scenario, run: Run) -> list[Run]:
    """Return the runs of a scenario that branch from checkpoints, one each; `run` is any run of the scenario.

    Raises
    ------
    InputError
        If the scenario has another past, or two checkpoints are of one replication.
    """
    found: dict[int, Run] = {}
    for file in files:
        document = _refuse_other_past(file, scenario, run)
        number = document["run"]["replication"]
        if number in found:
            raise InputError(key="--from", value=str(file), expected=f"one checkpoint of replication {number}")
        place = replace(run.checkpoints or Checkpoints(""), branch=str(Path(file).resolve()))
        found[number] = replace(run, replication=number, checkpoints=place)
    return [found[number] for number in sorted(found)]


def _refuse_other_past(file: Path | str, scenario: Scenario, run: Run) -> dict[str, Any]:
    """Refuse a scenario that would have changed something before the checkpoint's day; return what it says of itself.

    Raises
    ------
    InputError
        Naming what differs, what it is in the scenario, and what it was.
    """
    document = document_of(file)
    said, then = document["about"], document["run"]
    if "scenario" not in said:
        raise InputError(key="--from", value=str(file), expected="a checkpoint written by `parity run`")
    for name, now in (("tables", run.tables), ("code", run.code)):
        if said[name] != now:
            raise InputError(
                file=file, key=name, value=now[:12], expected=f"{said[name][:12]}: run to {document['date']} again"
            )
    for option, asked in (("events", run.events), ("prove", run.prove)):
        if asked and not then[option]:
            raise InputError(
                key=f"--{option}",
                value=True,
                expected=f"a checkpoint of a run with --{option}; {file} is of one without",
            )
    day = date.fromisoformat(document["date"])
    before, now_asked = json.loads(said["scenario"]), json.loads(scenario.canonical())
    for key in {**before, **now_asked}:
        old, new = before.get(key), now_asked.get(key)
        if key in DATED:
            old, new = (_before(tables, day) for tables in (old, new))
        if old != new:
            where, was, wanted = _first_difference(key, old, new)
            raise InputError(
                file=scenario.name, key=where, value=wanted,
                expected=f"{_said(was)}, as in the run that wrote the checkpoint: a branch differs from {day} on only",
            )  # fmt: skip
    return document


def _before(tables: list[Mapping[str, Any]], day: date) -> list[Mapping[str, Any]]:
    """Return the tables that hold from the start, or from a day before `day`."""
    return [
        table for table in tables
        if table["from"] is None or _stands_ready(table) or date.fromisoformat(table["from"]) < day
    ]  # fmt: skip


def _stands_ready(table: Mapping[str, Any]) -> bool:
    """Say whether something dated has its place from the start: a roster, a team."""
    return table.get("staff") is not None or any(path.partition(".")[0] == "team" for path in table.get("add") or ())


def _first_difference(key: str, old: Any, new: Any) -> tuple[str, Any, Any]:
    """Return the dotted key at which two values differ first, and both."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        name = next(name for name in {**old, **new} if old.get(name) != new.get(name))
        return _first_difference(f"{key}.{name}", old.get(name), new.get(name))
    if isinstance(old, list) and isinstance(new, list) and old and new:
        at = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
        return f"{key}.{at}", *(side[at] if at < len(side) else None for side in (old, new))  # type: ignore[return-value]
    return key, old, new


def _said(value: Any) -> str:
    return "nothing" if value in (None, [], {}) else json.dumps(value, ensure_ascii=False)
