"""A finished run lived through again, for the sake of one person, and proved to be the same run."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from abm.areas import cells_of
from abm.model import CareSystem
from abm.network import DAY
from abm.population import Population
from experiments import run as runs
from experiments import store
from experiments.lives.visits import SMALL_AREA, ids_of_others
from experiments.run import Run
from pathways.errors import InputError, nearest, one_of

SCORES = ("phq9", "gad7", "severity", "past_use", "conditions")
Day = Callable[[CareSystem], None]
"""Lives through one day of a cell"""


@dataclass(frozen=True)
class Finished:
    """One replication of a finished run, of one cell: what it was, and the digest it left."""

    run: Run
    folder: Path
    digest: str
    cell: str | None
    """The cell, where the run's area has several"""
    digests: dict[str, str]
    """Of the tables, kernels and other code that made it"""


@dataclass
class Kept:
    """What a replay keeps: entries of the event log, and one person's columns whenever a day changed them."""

    model: CareSystem
    log: np.ndarray
    row: int | None = None
    columns: list[tuple[int, dict[str, int]]] = field(default_factory=list)
    """(second at which it was seen, values), the first at the start of the run"""


def finished(folder: Path | str, replication: int = 0) -> Finished:
    """Read what a folder of results says of one replication; a cell's own folder (`cells/NAME`) is read alike.

    Raises
    ------
    InputError
        If there are no results of one run there, or not of that replication.
    """
    about = store.about(_of_the_run(Path(folder)))
    facts = {one["replication"]: one for one in _facts(Path(folder))}
    if replication not in facts:
        raise InputError(
            file=folder, key="--replication", value=replication, expected=one_of(sorted(str(n) for n in facts))
        )
    mine = facts[replication]
    made_of = about["digests"]
    run = Run(
        about["scenario"], date.fromisoformat(about["start"]), about["days"], about["warm_up"], about["seed"],
        replication, made_of["tables"], made_of["kernels"], made_of["code"],
    )  # fmt: skip
    area = runs.Scenario.model_validate_json(run.scenario).area
    cell = mine["area"] if mine["area"] != area and mine["area"] in cells_of(area) else None
    return Finished(run, Path(folder), mine["digest"], cell, made_of)


def _of_the_run(folder: Path) -> Path:
    """Return the folder with `run.json`: a cell's folder lies within that of the run."""
    within = (folder, *folder.absolute().parents[:2])
    return next((place for place in within if (place / store.RUN_FILE).is_file()), folder)


def _facts(folder: Path) -> list[dict[str, Any]]:
    own = sorted(folder.glob(f"replication=*/{store.FACTS_FILE}"))
    return [json.loads(file.read_text(encoding="utf-8")) for file in own] or store.facts(folder)


def row_of(population: Population, area_code: int, ordinal: int) -> int:
    """Return the row of the resident with this number in a small area (digits of its code).

    Raises
    ------
    InputError
        If there is no such small area or resident.
    """
    areas = population.areas
    found = np.flatnonzero(areas["code"] == area_code)
    if not len(found):
        codes = [f"E{code:08d}" for code in areas["code"]]
        word = f"E{area_code:08d}"
        raise InputError(
            key="--area-code", value=word, expected=f"one of the {len(codes):,} small areas of the cell",
            suggestion=nearest(word, codes),
        )  # fmt: skip
    first = int(areas["first"][found[0]])
    n = int(areas["first"][found[0] + 1]) - first
    if not 0 <= ordinal < n:
        raise InputError(key="--ordinal", value=ordinal, expected=f"a number from 0 to {n - 1} in E{area_code:08d}")
    return first + ordinal


def live_again(of: Finished, row: int | None = None, day: Day = CareSystem.step) -> Kept:
    """Run a finished run again with the event log on, and keep one person's entries (everybody's, if `row` is None).

    Parameters
    ----------
    day : lives through a day; of a cell that meets others, one that lets in what its exchange log says came in

    Raises
    ------
    InputError
        If the person does not exist, or the run that is lived through is not the one that was stored.
    """
    model = runs.begin(replace(of.run, events=True), of.cell)
    if row is not None:
        n = model.network.n_residents
        if not 0 <= row < n:
            raise InputError(
                key="--person", value=row, expected=f"a row from 0 to {n - 1:,} (there are {n:,} residents)"
            )
        model.simulation.keep = only(model, row)
    kept = Kept(model, np.zeros(0), row)
    columns = _columns(model, row)
    kept.columns.append((0, columns))
    for midnight in range(DAY, (model.warm_up + model.days + 1) * DAY, DAY):
        day(model)
        now = _columns(model, row)
        if now != columns:
            kept.columns.append((midnight, now))
            columns = now
    kept.log = model.simulation.events()
    _is_the_same(of, f"{model.reading().digest:016x}")
    return kept


def only(model: CareSystem, row: int) -> Callable[[np.ndarray], np.ndarray]:
    """Return the filter of the event log that keeps one resident's entries."""
    code = np.uint32(model.m.area_code[model.m.area[row]])
    ordinal = np.uint32(model.m.ordinal[row])
    others = ids_of_others(model)

    def theirs(log: np.ndarray) -> np.ndarray:
        mine = log["id1"] == ordinal
        return mine & ((log["id0"] & SMALL_AREA) == code) & ~np.isin(log["id0"], others)

    return theirs


def _columns(model: CareSystem, row: int | None) -> dict[str, int]:
    return {} if row is None else {name: int(getattr(model.m, name)[row]) for name in SCORES}


def _is_the_same(of: Finished, digest: str) -> None:
    """Refuse to tell anything if what happened is not what was stored."""
    if digest == of.digest:
        return
    now = {"tables": runs.tables_digest(), "kernels": runs.sources_digest(), "code": runs.code_digest()}
    other = [name for name, one in now.items() if of.digests.get(name) != one]
    why = f"; {', '.join(other)} are other ones than those that made it" if other else ""
    raise InputError(
        file=of.folder, key="digest", value=of.digest,
        expected=f"the digest of the same run lived through again, which is {digest}{why}. Nothing can be told of it: "
        "run the scenario again",
    )  # fmt: skip
