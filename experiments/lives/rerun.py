"""A finished run lived through again, for the sake of one person, and proved to be the same run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from abm.areas import cells_of
from abm.country import INBOUND, live_a_day_alone
from abm.model import CareSystem
from abm.network import DAY
from abm.population import Population
from abm.setting import Setting, setting_of_cell
from experiments import country_run, scenario_setting, store
from experiments import run as runs
from experiments.lives.guests import stays_elsewhere
from experiments.lives.visits import SMALL_AREA, ids_of_others
from experiments.run import Run
from experiments.scenario import Scenario
from pathways.errors import InputError, nearest, one_of

CELL_TABLES = ["cells", "exchanges"]
SCORES = ("phq9", "gad7", "severity", "past_use", "conditions")


@dataclass(frozen=True)
class Finished:
    """One replication of a finished run, of one cell: what it was, and the digest it left."""

    run: Run
    folder: Path
    digest: str
    """Of the cell, where the run has several; empty: nothing was stored"""
    digests: dict[str, str]
    """Of the tables, kernels and other code that made it"""
    cell: str | None = None
    """The cell, where the run has several"""
    told: np.ndarray | None = None
    """INBOUND[message] the cell's exchange log"""


@dataclass
class Kept:
    """What a replay keeps: entries of the event log, and one person's columns whenever a day changed them."""

    model: CareSystem
    log: np.ndarray
    row: int | None = None
    columns: list[tuple[int, dict[str, int]]] = field(default_factory=list)
    """(second at which it was seen, values), the first at the start of the run"""
    stays_elsewhere: list[dict[str, Any]] = field(default_factory=list)
    """Stays on the wards of other cells (`guests.py`)"""


def finished(folder: Path | str, replication: int = 0, cell: str | None = None) -> Finished:
    """Read what a folder of results says of one replication, and, of a run of several cells, of one of them.

    Raises
    ------
    InputError
        If there are no results of one run there, or not of that replication or cell.
    """
    about = store.about(folder)
    facts = {one["replication"]: one for one in store.facts(folder)}
    if replication not in facts:
        raise InputError(
            file=folder, key="--replication", value=replication, expected=one_of(sorted(str(n) for n in facts))
        )
    made_of = about["digests"]
    run = Run(
        about["scenario"], date.fromisoformat(about["start"]), about["days"], about["warm_up"], about["seed"],
        replication, made_of["tables"], made_of["kernels"], made_of["code"],
    )  # fmt: skip
    cells = cells_of(Scenario.model_validate_json(run.scenario).area)
    if cell not in (cells if len(cells) > 1 else (None, *cells)):
        raise InputError(key="--cell", value=cell, expected=one_of(cells), suggestion=nearest(cell or "", cells))
    if len(cells) == 1:
        return Finished(run, Path(folder), facts[replication]["digest"], made_of)
    tables = {
        name: table[table["replication"] == replication] for name, table in store.read(folder, CELL_TABLES).items()
    }
    digest = str(tables["cells"].set_index("cell").loc[cell, "digest"])
    return Finished(run, Path(folder), digest, made_of, cell, told_to(tables["exchanges"], str(cell)))


def told_to(exchanges: pd.DataFrame, cell: str) -> np.ndarray:
    """Return a cell's part of the exchange log, INBOUND[message], in the order in which it was told."""
    mine = exchanges[exchanges["told"] == cell]
    log = np.zeros(len(mine), INBOUND)
    for name in INBOUND.names or ():
        log[name] = mine[name].to_numpy()
    return log


def setting_of(of: Finished) -> Setting:
    """Return the people, demand and pathways of the cell."""
    scenario = Scenario.model_validate_json(of.run.scenario)
    return scenario_setting.setting(scenario) if of.cell is None else _setting_of_cell(of.run.scenario, of.cell)


@lru_cache(maxsize=1)
def _setting_of_cell(scenario: str, cell: str) -> Setting:
    return setting_of_cell(scenario_setting.shared(Scenario.model_validate_json(scenario)), cell)


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


def live_again(of: Finished, row: int | None = None) -> Kept:
    """Run a finished run again with the event log on, and keep one person's entries (everybody's, if `row` is None).

    A cell of several is lived through alone, and told what its exchange log says it was told by the others.

    Raises
    ------
    InputError
        If the person does not exist, or the run that is lived through is not the one that was stored.
    """
    model, live_a_day = _begin(of)
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
        live_a_day(midnight)
        now = _columns(model, row)
        if now != columns:
            kept.columns.append((midnight, now))
            columns = now
    kept.log = model.simulation.events()
    if row is not None and of.told is not None:
        area = Scenario.model_validate_json(of.run.scenario).area
        kept.stays_elsewhere = stays_elsewhere(model, row, of.told, area)
    _is_the_same(of, f"{model.reading().digest:016x}")
    return kept


def _begin(of: Finished) -> tuple[CareSystem, Callable[[int], None]]:
    """Return the model at its first midnight, and what lives through the day that ends at a midnight (second)."""
    run = replace(of.run, events=True)
    if of.told is None:
        model = runs.begin(run)
        return model, lambda _: model.step()
    cell = country_run.begin(run, Scenario.model_validate_json(run.scenario), setting_of(of))
    told = of.told
    return cell, lambda _: live_a_day_alone(cell, told)


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
    """Refuse to tell anything if what happened is not what was stored (of a run that was not stored: anything)."""
    if digest == of.digest or not of.digest:
        return
    now = {"tables": runs.tables_digest(), "kernels": runs.sources_digest(), "code": runs.code_digest()}
    other = [name for name, one in now.items() if of.digests.get(name) != one]
    why = f"; {', '.join(other)} are other ones than those that made it" if other else ""
    raise InputError(
        file=of.folder, key="digest", value=of.digest,
        expected=f"the digest of the same run lived through again, which is {digest}{why}. Nothing can be told of it: "
        "run the scenario again",
    )  # fmt: skip
