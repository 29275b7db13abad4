"""Checkpoints of several cells: a folder with a file a cell, and one with what the cells told each other.

The cells' files are those of `abm/checkpoint.py`.  They are written, checked and read one after the other, beside the
folder's place; the folder is moved there when it is whole.  `country.arrow` holds the exchange log and the seal of
every cell's file: a folder in which a file is missing, damaged or of another checkpoint is refused.
"""

from __future__ import annotations

import datetime
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from abm import checkpoint, checkpoint_file, snapshot
from abm.checkpoint import Checkpoint
from abm.country import INBOUND, Cell, Country
from abm.model import CareSystem
from abm.setting import Shared, setting_of_cell
from pathways.errors import InputError, one_of

TOGETHER = "country.arrow"
"""The file of what is not any cell's own"""


def file_of(name: str) -> str:
    """Return the name of a cell's file in the folder."""
    return f"cell={name}.arrow"


class Writing:
    """A checkpoint of several cells that is being written: `cell` for each, in any order, then `finish`.

    Raises
    ------
    NoRoomError
        If the disk has no room for all of it.
    """

    def __init__(self, country: Country, folder: Path | str) -> None:
        self.country, self.place = country, Path(folder)
        self.place.parent.mkdir(parents=True, exist_ok=True)
        checkpoint_file.check_room(self.place.parent, sum(map(snapshot.about_bytes, country.cells.values())))
        self._beside = Path(tempfile.mkdtemp(dir=self.place.parent, prefix=f".{self.place.name}."))
        self._documents: dict[str, dict[str, Any]] = {}

    def cell(self, name: str, about: Mapping[str, Any] | None = None) -> None:
        """Write one cell between two days; `about` is kept for whoever reads it."""
        file = self._beside / file_of(name)
        with self._or_nothing():
            seal = checkpoint.write(self.country.cells[name], file, about)
        document = checkpoint_file.document_of(file)
        self._documents[name] = {"seal": seal} | {key: document[key] for key in ("date", "identity", "digest")}

    def finish(self, about: Mapping[str, Any] | None = None) -> Path:
        """Write what is not any cell's own, and move the folder to its place."""
        with self._or_nothing():
            self._together(about)
            os.chmod(self._beside, 0o755)
            aside = None
            if self.place.exists():
                aside = Path(tempfile.mkdtemp(dir=self.place.parent, prefix=".old."))
                os.replace(self.place, aside / "old")
            os.replace(self._beside, self.place)
            if aside is not None:
                shutil.rmtree(aside, ignore_errors=True)
        return self.place

    def _together(self, about: Mapping[str, Any] | None) -> None:
        names, country = list(self.country.cells), self.country
        documents = [{"name": name} | self._documents[name] for name in names]
        first = checkpoint_file.document_of(self._beside / file_of(names[0]))
        logs = [country.exchange_log(i) for i in range(len(names))]
        tables = {"inbound": np.concatenate(logs), "n_inbound": np.array([len(log) for log in logs], np.int64)}
        identity = "\n".join(one["identity"] for one in documents)
        document = {name: first[name] for name in ("schema", "kernels", "date", "days_proved")} | {
            "cells": documents, "identity": hashlib.sha256(identity.encode()).hexdigest(), "digest": country.digest,
            "area": country.area, "chain": country.chain(), "about": dict(about or {}),
            "run": {key: value for key, value in first["run"].items() if key != "plan"},
        }  # fmt: skip
        checkpoint_file.write(self._beside / TOGETHER, tables, document)

    @contextmanager
    def _or_nothing(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            shutil.rmtree(self._beside, ignore_errors=True)
            raise


def write(country: Country, folder: Path | str, about: Mapping[str, Any] | None = None) -> Path:
    """Write all cells of a country between two days: whole or not at all."""
    writing = Writing(country, folder)
    for name in country.cells:
        writing.cell(name)
    return writing.finish(about)


@dataclass(frozen=True)
class CountryCheckpoint:
    """A checkpoint of several cells; its cells are read when they are wanted."""

    folder: Path
    document: dict[str, Any] = field(repr=False)
    logs: list[np.ndarray] = field(repr=False)
    """What each cell had been told: INBOUND[message]"""

    @classmethod
    def read(cls, folder: Path | str) -> CountryCheckpoint:
        """Read a checkpoint, every bit of every cell against its checksum, one cell after the other.

        Raises
        ------
        InputError
            If it is none, damaged, not whole, or was written by other kernels or another version of this program.
        """
        tables, document = checkpoint_file.read(Path(folder) / TOGETHER)
        checkpoint.refuse_other_program(folder, document)
        inbound = tables["inbound"].view(INBOUND)
        logs = np.split(inbound, np.cumsum(tables["n_inbound"])[:-1])
        found = cls(Path(folder), document, logs)
        for name in found.names:
            found.cell(name)
        return found

    def cell(self, name: str) -> Checkpoint:
        """Return the checkpoint of one cell, checked."""
        if name not in self.names:
            raise InputError(file=self.folder, key="cell", value=name, expected=one_of(self.names))
        file = self.folder / file_of(name)
        found = Checkpoint.read(file)
        if checkpoint_file.seal_of(file) != self.document["cells"][self.names.index(name)]["seal"]:
            raise InputError(file=file, key="seal", expected="the cell's file of this checkpoint: it is of another one")
        return found

    @property
    def names(self) -> list[str]:
        """The cells, in order."""
        return [one["name"] for one in self.document["cells"]]

    def about_cell(self, name: str) -> dict[str, Any]:
        """Return what whoever wrote one cell said of it."""
        return checkpoint_file.document_of(self.folder / file_of(name))["about"]

    @property
    def date(self) -> datetime.date:
        """The day that is about to begin."""
        return datetime.date.fromisoformat(self.document["date"])

    @property
    def about(self) -> dict[str, Any]:
        """What whoever wrote it said of it."""
        return self.document["about"]

    def country(
        self,
        make: Mapping[str, Callable[[], Cell]],
        *,
        threads: int | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> Country:
        """Return a country that goes on from here; `make` are its cells, each from its own checkpoint.

        Raises
        ------
        InputError
            If the cells are others.
        """
        if list(make) != self.names:
            raise InputError(file=self.folder, key="cells", value=", ".join(make), expected=", ".join(self.names))
        found = Country(make, threads=threads, progress=progress)
        found.recall(self.logs)
        return found


def go_on(
    folder: CountryCheckpoint | Path | str,
    shared: Shared,
    changes: Iterable[tuple[datetime.date | str, Callable[[CareSystem], Any]]] = (),
    threads: int | None = None,
) -> Country:
    """Return a country that goes on from a checkpoint, with changes from its day on, made in every cell.

    Parameters
    ----------
    shared : what the cells of the run before had in common (`abm.setting.shared_of`)
    changes : (date, what); `what` is called with each cell (`cell.setting.area` says which)
    threads : any number, whatever the run before had
    """
    whole = folder if isinstance(folder, CountryCheckpoint) else CountryCheckpoint.read(folder)
    given = list(changes)
    make = {name: partial(_from_its_file, whole, shared, name, given) for name in whole.names}
    return whole.country(make, threads=threads)


def _from_its_file(whole: CountryCheckpoint, shared: Shared, name: str, changes: list) -> Cell:
    return Cell.from_checkpoint(whole.cell(name), setting_of_cell(shared, name), changes=changes)
