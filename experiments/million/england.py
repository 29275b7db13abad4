"""England's million: every STP, or a sample that stands for all, lived one at a time and summed with its weight.

Outside Lancashire & South Cumbria teams are illustrative.  Single teams are not relieved one by one here: what is lost
to staff is one step.  An STP's years are one piece of work, so that its people are made once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from abm import areas
from experiments.console import Progress
from experiments.million import bottlenecks, delivery, document, trajectories
from experiments.million.delivery import Lived
from experiments.million.years import EVERY_TEAM, KEYS, Year, all_lived, live_and_keep
from experiments.national import sample
from experiments.national.sample import Sampled

if TYPE_CHECKING:
    from cluster.pool import Pool


def million(
    *, by: str = "people", weights: Path | None = None, years: Sequence[str], n: int | None, replications: int = 1,
    seed: int = 1, folder: Path, pool: Pool | None = None, progress: Progress | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Return the document of `parity million --area england`.

    Parameters
    ----------
    n : STPs in the sample; None: all 44

    Raises
    ------
    InputError
        If so many cannot be drawn.
    """
    drawn = sample.everyone() if n is None else sample.sample(sample.stps(), n, seed)
    wanted = [_years_of(one.area, years, replications, seed) for one in drawn]
    task = partial(_keep_all, folder=str(folder.resolve()))
    folder.mkdir(parents=True, exist_ok=True)
    done: Iterator[None] = map(task, wanted) if pool is None else pool.map_ordered(task, wanted, on_failure="raise")
    for k, _ in enumerate(done, start=1):
        if progress is not None:
            progress(k, len(wanted), "STPs")
    each = {one.area: _lived(one.area, years, replications, seed, folder) for one in drawn}
    return {**told(drawn, each, years, by, weights), "seed": seed}


def told(
    drawn: Sequence[Sampled], each: Mapping[str, Sequence[Lived]], years: Sequence[str], by: str, weights: Path | None
) -> dict[str, Any]:
    """Return England's document of STPs that were lived: sums with weights, half-widths of the sample."""
    found = [_summed(drawn, {area: lived[k] for area, lived in each.items()}) for k in range(len(each[drawn[0].area]))]
    whole = document.told(found, areas.ENGLAND, years, by, weights)
    errors = _errors(drawn, each, years, by, weights)
    for row in whole["rows"]:
        key = tuple(row[name] for name in ("year", "programme", "counter", "step"))
        if row["step"] != bottlenecks.PLANNED:
            row["half_width"] = sample.with_luck(errors.get(key), row["half_width"])
    whole["sampled"] = [vars(one) for one in drawn]
    return whole


def _years_of(area: str, years: Sequence[str], replications: int, seed: int) -> tuple[Year, ...]:
    cases = [(trajectories.BASELINE, ()), *((year, relieved) for year in years for relieved in ((), (EVERY_TEAM,)))]
    return tuple(
        Year(area, year, relieved=relieved, seed=seed, replication=k)
        for k in range(replications) for year, relieved in cases
    )  # fmt: skip


def _keep_all(years: Sequence[Year], folder: str) -> None:
    for year in years:
        live_and_keep(year, folder)


def _lived(area: str, years: Sequence[str], replications: int, seed: int, folder: Path) -> list[Lived]:
    found = []
    for k in range(replications):
        kept = all_lived(_years_of(area, years, k + 1, seed)[-1 - 2 * len(years) :], folder)
        of = {(year.year, year.relieved): frame for year, frame in kept.items()}
        staffed = {year: of[year, ()] for year in (trajectories.BASELINE, *years)}
        plenty = {year: of[year, (EVERY_TEAM,)] for year in years}
        found.append(Lived(staffed[trajectories.BASELINE], staffed, plenty, {year: {} for year in years}, {}))
    return found


def _summed(drawn: Sequence[Sampled], each: Mapping[str, Lived]) -> Lived:
    """Return England as one area: every number times its STP's weight, scaled to England's residents."""
    place = sample.stps()
    scale = sum(one.people for one in place.values()) / sum(one.weight * place[one.area].people for one in drawn)
    factor = {one.area: one.weight * scale for one in drawn}

    def together(frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
        parts = [
            frame.assign(value=frame["value"] * factor[area], system=areas.title_of(areas.ENGLAND))
            for area, frame in frames.items()
        ]
        return pd.concat(parts).groupby(list(KEYS), as_index=False)["value"].sum()

    first = next(iter(each.values()))
    return Lived(
        together({area: one.base for area, one in each.items()}),
        {year: together({area: one.staffed[year] for area, one in each.items()}) for year in first.staffed},
        {year: together({area: one.plenty[year] for area, one in each.items()}) for year in first.plenty},
        {year: {} for year in first.plenty}, {},
    )  # fmt: skip


def _errors(
    drawn: Sequence[Sampled], each: Mapping[str, Sequence[Lived]], years: Sequence[str], by: str, weights: Path | None
) -> dict[tuple[str, ...], float | None]:
    """Return the half-width that the sample leaves, by (year, programme, counter, step)."""
    place = sample.stps()
    people = [place[one.area].people for one in drawn]
    everybody = sum(one.people for one in place.values())
    rows = []
    for one in drawn:
        plan = document.planned_at(one.area, years, by, weights)
        for lived in each[one.area]:
            for year in years:
                steps = delivery.steps(lived, year, plan, one.area)
                title = areas.title_of(one.area)
                rows += [{**row, "area": one.area} for row in steps if row["place"] == title]
    keys = ["year", "programme", "counter", "step"]
    wide = pd.DataFrame(rows).pivot_table(index=keys, columns="area", values="value", aggfunc="mean").fillna(0.0)
    ordered = wide[[one.area for one in drawn]]
    return {
        key: sample.total(drawn, values, people, everybody)["half_width"]
        for key, values in zip(ordered.index, ordered.to_numpy().tolist(), strict=True)
    }
