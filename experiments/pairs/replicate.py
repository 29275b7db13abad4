"""One replication of a comparison: every scenario lived through with the same luck, each set beside the reference.

Of an area of several cells all are run together; then the cells are lived through again one at a time, each told what
the others told it, so that the lives of one cell only are in memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from abm.areas import cells_of
from experiments import country_run, store
from experiments.lives.rerun import Finished, told_to
from experiments.pairs.changed import Pair, set_side_by_side
from experiments.pairs.costs import cost_figures
from experiments.pairs.figures import ByHour, Figure, Figures, figures_of, hours_of, kinds_of
from experiments.pairs.side import Side, live
from experiments.run import Run
from experiments.scenario import Scenario
from experiments.scenario_checks import graphs
from pathways.errors import InputError
from pathways.specs import validated

LEFT_OUT = ("occupancy_daily", "waiting_daily", "events")
"""Tables of single days and events: no figure is made of them"""


@dataclass(frozen=True)
class Replicate:
    """What one replication says of one scenario beside the reference."""

    replication: int
    digests: tuple[str, str]
    figures: Mapping[Figure, tuple[float, float]]
    """(base, other) of every figure either of them has"""
    by_hour: Mapping[Figure, tuple[np.ndarray, np.ndarray]]
    """The same of figures by hour of the week, float64[168] each"""
    cells: tuple[Pair, ...] = ()
    """The people of each cell, where they were asked for"""


@dataclass(frozen=True)
class Asked:
    """One replication that is to be compared: the reference's run, then the others'."""

    runs: tuple[Run, ...]
    stored: tuple[str | None, ...]
    """Folder of finished results of each, None: it is lived through now"""
    people: bool
    threads: int | None = None


@dataclass(frozen=True)
class Whole:
    """A run as its tables tell it."""

    digest: str
    tables: Mapping[str, pd.DataFrame]
    figures: Figures
    by_hour: ByHour


def compared(asked: Asked) -> list[Replicate]:
    """Live through one replication of every scenario: one `Replicate` for each but the reference, in order."""
    cells = cells_of(Scenario.model_validate_json(asked.runs[0].scenario).area)
    if len(cells) == 1 and not (all(asked.stored) and not asked.people):
        return _of_one_cell(asked)
    base, *others = (_whole(*one, asked.threads) for one in zip(asked.runs, asked.stored, strict=True))
    found = []
    for other, run in zip(others, asked.runs[1:], strict=True):
        pairs = tuple(_pair_of_cell(asked.runs[0], base, run, other, cell) for cell in cells) if asked.people else ()
        found.append(_beside(run.replication, base, other, pairs))
    return found


def _of_one_cell(asked: Asked) -> list[Replicate]:
    base = live(asked.runs[0])
    _as_stored(asked.runs[0], asked.stored[0], base.digest)
    states = {name: i for i, name in enumerate(base.states)}
    found = []
    for run, stored in zip(asked.runs[1:], asked.stored[1:], strict=True):
        other = live(run, states)
        _as_stored(run, stored, other.digest)
        pairs = (set_side_by_side(base, other),) if asked.people else ()
        found.append(_beside(run.replication, base, other, pairs))
    return found


def _beside(replication: int, base: Side | Whole, other: Side | Whole, pairs: tuple[Pair, ...]) -> Replicate:
    nothing, nobody = float("nan"), np.zeros(168)
    return Replicate(
        replication, (base.digest, other.digest),
        {name: (base.figures.get(name, nothing), other.figures.get(name, nothing))
         for name in {**base.figures, **other.figures}},
        {name: (base.by_hour.get(name, nobody), other.by_hour.get(name, nobody))
         for name in {**base.by_hour, **other.by_hour}},
        pairs,
    )  # fmt: skip


def _as_stored(run: Run, folder: str | None, digest: str) -> None:
    """Refuse finished results that are not those of the run that was lived through."""
    if folder is None:
        return
    there = {one["replication"]: one["digest"] for one in store.facts(folder)}[run.replication]
    if there != digest:
        raise InputError(
            file=folder, key="digest", value=there,
            expected=f"the digest of the same run lived through again, which is {digest}: code or tables are other "
            "ones than those that made it; run the scenario again",
        )  # fmt: skip


def _whole(run: Run, folder: str | None, threads: int | None) -> Whole:
    """Return a run as its tables tell it: those that are stored, else those of a run made now."""
    if folder is None:
        outcome = country_run.simulate(run, threads)
        digest, tables = outcome.digest, {name: table.to_pandas() for name, table in outcome.tables.items()}
    else:
        digest = {one["replication"]: one["digest"] for one in store.facts(folder)}[run.replication]
        tables = {
            file.stem: pd.read_parquet(file)
            for file in sorted((Path(folder) / f"replication={run.replication}").glob("*.parquet"))
            if file.stem not in LEFT_OUT
        }
    scenario = Scenario.model_validate_json(run.scenario)
    kinds = kinds_of({name: validated(graph) for name, graph in graphs(scenario).items()})
    by_hour = hours_of(tables["clocks_by_hour"], tables["clocks"])
    figures = figures_of(tables, kinds, run.days) | cost_figures(tables, scenario)
    return Whole(digest, tables, figures, by_hour)


def _pair_of_cell(first: Run, base: Whole, second: Run, other: Whole, cell: str) -> Pair:
    """Live through one cell again in both runs, each told what it was told then, and set its people side by side."""
    one = live(first, None, _cell_of(first, base, cell))
    two = live(second, {name: i for i, name in enumerate(one.states)}, _cell_of(second, other, cell))
    return set_side_by_side(one, two, cell)


def _cell_of(run: Run, whole: Whole, cell: str) -> Finished:
    digest = str(whole.tables["cells"].set_index("cell").loc[cell, "digest"])
    return Finished(run, Path(), digest, {}, cell, told_to(whole.tables["exchanges"], cell))


__all__ = ["Asked", "Replicate", "compared"]
