"""Compare two scenarios person by person: both are run with the same luck, and everybody's visits set side by side.

scenarios → pairs of runs → visits matched → people classed → groups, states, figures with half-widths
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from abm.areas import cells_of, is_illustrative
from abm.network import DAY
from abm.population import Population
from experiments import run as runs
from experiments import scenario as scenarios
from experiments import scenario_checks, scenario_setting, store
from experiments.console import Progress
from experiments.intervals import mean_and_half_width
from experiments.lives.words import lasting
from experiments.pairs.changed import CLASSES, LONGER, SEEN_NO_LONGER, SEEN_NOW, SHORTER, Pair, set_side_by_side
from experiments.pairs.groups import groups_of, rows_of
from experiments.pairs.side import CLOCK, Side, live
from experiments.run import Run
from experiments.scenario import Scenario
from pathways.errors import InputError

if TYPE_CHECKING:
    from cluster.pool import Pool

SHARED = ("area", "start", "measured_days", "warm_up", "seed", "population_seed")
"""What two scenarios must have in common: without it their people or their luck differ."""
VISITS = (
    "seen_in_both", "longer", "shorter", "seen_in_base_only", "seen_in_other_only", "still_waiting_in_base",
    "still_waiting_in_other",
)  # fmt: skip
"""Counts of visits; the last two: those seen in one run whom the other leaves waiting at its end"""
UNITS = {CLOCK: "share", "mean wait": "minutes", "people reached": "people"}


def compare(
    base: Path | str | Scenario,
    other: Path | str | Scenario,
    *,
    people: bool = False,
    replications: int | None = None,
    years: float | None = None,
    seed: int | None = None,
    listed: int = 20,
    out: Path | None = None,
    pool: Pool | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Return the document of a comparison (`docs/compare.md`), and write its tables to `out`.

    Parameters
    ----------
    people : also count, describe and list the people whose waits change
    listed : how many people are listed, those whose waits change most first

    Raises
    ------
    InputError
        If a scenario cannot be run, or the two do not have people and luck in common.
    """
    wanted = pair_in_common(base, other, replications=replications, years=years, seed=seed)
    todo = list(zip(runs.runs_of(wanted[0]), runs.runs_of(wanted[1]), strict=True))
    pairs = list(_carried_out(todo, pool, progress))
    document: dict[str, Any] = {
        "base": {"name": wanted[0].name, "title": wanted[0].title},
        "other": {"name": wanted[1].name, "title": wanted[1].title},
        "synthetic": True, "illustrative": is_illustrative(wanted[0].area), "area": wanted[0].area,
        "start": wanted[0].start, "days": wanted[0].measured_days, "warm_up": wanted[0].warm_up,
        "seed": wanted[0].seed, "replications": len(pairs),
        "digests": [
            {"replication": one.replication, "base": one.digests[0], "other": one.digests[1]} for one in pairs
        ],
        "figures": figures_of(pairs),
    }  # fmt: skip
    if people:
        population = scenario_setting.setting(wanted[0]).population
        document |= people_of_all(pairs, population, listed)
    document["files"] = {} if out is None else _write(document, Path(out))
    return document


def pair_in_common(
    base: Path | str | Scenario,
    other: Path | str | Scenario,
    *,
    replications: int | None = None,
    years: float | None = None,
    seed: int | None = None,
) -> tuple[Scenario, Scenario]:
    """Return two scenarios with the options put into both, once they are known to have people and luck in common."""
    first, second = _read(base), _read(other)
    options = {"replications": replications or first.replications, "years": years, "seed": seed}
    first, second = first.replaced(**options), second.replaced(**options)
    for one, given in ((first, base), (second, other)):
        scenario_checks.check(one, one.name if isinstance(given, Scenario) else given)
    if len(cells_of(first.area)) > 1:
        raise InputError(key="area", value=first.area, expected="an area of one STP: people are compared cell by cell")
    for name in SHARED:
        wanted, found = getattr(first, name), getattr(second, name)
        if wanted != found:
            raise InputError(
                file=second.name if isinstance(other, Scenario) else other,
                key="days" if name == "measured_days" else name, value=str(found),
                expected=f"{wanted} as in {first.name}: people are compared one by one, with the same luck",
            )  # fmt: skip
    return first, second


def _read(given: Path | str | Scenario) -> Scenario:
    """Return a scenario: itself, of a file, or a built-in one by its name."""
    if isinstance(given, Scenario):
        return given
    built_in = scenarios.PRESETS / f"{given}.toml"
    return scenarios.read(built_in if not Path(given).exists() and built_in.is_file() else given)


def _carried_out(todo: list[tuple[Run, Run]], pool: Pool | None, progress: Progress | None) -> Iterable[Pair]:
    if pool is not None:
        yield from pool.map_ordered(pair_of, todo, progress=progress, on_failure="raise")
        return
    for done, one in enumerate(todo, start=1):
        yield pair_of(one)
        if progress is not None:
            progress(done, len(todo))


def pair_of(runs_of_pair: tuple[Run, Run]) -> Pair:
    """Live through both runs of a pair and set them side by side."""
    base, other = runs_of_pair
    first: Side = live(base)
    second = live(other, {name: i for i, name in enumerate(first.states)})
    return set_side_by_side(first, second, base.replication)


def figures_of(pairs: Sequence[Pair]) -> list[dict[str, Any]]:
    """Return one row a figure: its mean in both, and the paired difference with its half-width (95 %)."""
    rows = []
    for name in dict.fromkeys(name for pair in pairs for name in pair.figures):
        nothing = float("nan")
        both = np.array([pair.figures.get(name, (nothing, nothing)) for pair in pairs])
        both = both[~np.isnan(both).any(axis=1)]
        if not len(both):
            continue
        apart = mean_and_half_width(both[:, 1] - both[:, 0])
        what, pathway, of = name
        rows.append({
            "what": what, "pathway": pathway, "of": of, "unit": UNITS[what], "base": float(both[:, 0].mean()),
            "other": float(both[:, 1].mean()), "difference": apart["mean"],
            "half_width": apart["half_width"] if len(both) > 1 else None, "replications": len(both),
        })  # fmt: skip
    return rows


def people_of_all(pairs: Sequence[Pair], population: Population, listed: int) -> dict[str, Any]:
    """Return counts, states, groups and the list of people."""
    rows = [rows_of(population, pair.people.index.to_numpy()) for pair in pairs]
    counts = {
        name: _over([int((pair.people["class"] == name).sum()) for pair in pairs]) for name in CLASSES
    } | {
        name: _over([getattr(pair, name) for pair in pairs])
        for name in ("residents", "untouched", "untouched_in_care", "from_elsewhere")
    }  # fmt: skip
    by_a_day = {LONGER: lambda change: change >= DAY, SHORTER: lambda change: change <= -DAY}
    counts |= {
        f"{name}_by_a_day": _over([int(far(pair.people["change"]).sum()) for pair in pairs])
        for name, far in by_a_day.items()
    }
    everybody = pd.concat([pair.people for pair in pairs])
    medians = {name: _median_days(everybody[everybody["class"] == name]["change"]) for name in (LONGER, SHORTER)}
    states = _states(pairs)
    return {
        "sentence": sentence(counts, medians, states), "people": counts, "median_days": medians,
        "visits": _visits(pairs), "states": states,
        "groups": _groups(pairs, rows, population), "list": _list(pairs[0], rows[0], population, listed),
    }  # fmt: skip


def _over(values: Sequence[float]) -> dict[str, float | None]:
    found = mean_and_half_width(values)
    return {"mean": found["mean"], "half_width": found["half_width"] if len(values) > 1 else None}


def _median_days(change: pd.Series) -> float | None:
    return float(change.median()) / DAY if len(change) else None


def _states(pairs: Sequence[Pair]) -> list[dict[str, Any]]:
    """Return one row a state where any visit differs, means over replications, those that changed most first."""
    together = pd.concat([pair.visits for pair in pairs])
    if together.empty:
        return []
    columns = list(VISITS)
    counts = together.groupby("state")[columns].sum() / len(pairs)
    medians = together.groupby("state")[["median_longer", "median_shorter"]].mean() / DAY
    found = counts.join(medians.rename(columns=lambda name: f"{name}_days")).reset_index()
    found = found[found[columns[1:]].sum(axis=1) > 0]
    found["changed"] = found["longer"] + found["shorter"]
    found = found.sort_values(["changed", "state"], ascending=[False, True]).drop(columns="changed")
    return [_without_nan(row) for row in found.to_dict("records")]


def _visits(pairs: Sequence[Pair]) -> dict[str, dict[str, float | None]]:
    """Return how many visits are seen in both runs, waited longer or shorter, or are seen in one run only."""
    return {name: _over([int(pair.visits[name].sum()) if len(pair.visits) else 0 for pair in pairs]) for name in VISITS}


def _groups(pairs: Sequence[Pair], rows: Sequence[np.ndarray], population: Population) -> list[dict[str, Any]]:
    """Return one row a group: residents, how many of each class (means over replications), and a thousand of them."""
    found = []
    for dimension, group, members in groups_of(population):
        inside = [pair.people[members[mine]] for pair, mine in zip(pairs, rows, strict=True)]
        residents = int(members.sum())
        row: dict[str, Any] = {"dimension": dimension, "group": group, "residents": residents}
        for name in CLASSES:
            row[name] = float(np.mean([(one["class"] == name).sum() for one in inside]))
        change = pd.concat([one.loc[one["class"].isin([LONGER, SHORTER]), "change"] for one in inside])
        row["median_change_days"] = _median_days(change)
        row["longer_per_1000"] = 1000 * row[LONGER] / residents if residents else None
        row["shorter_per_1000"] = 1000 * row[SHORTER] / residents if residents else None
        found.append(row)
    return found


def _list(pair: Pair, rows: np.ndarray, population: Population, listed: int) -> list[dict[str, Any]]:
    """Return the people whose waits change most in the first replication."""
    people = pair.people.assign(row=rows, size=pair.people["change"].abs())
    people = people[people["size"] > 0].sort_values(["size", "row"], ascending=[False, True]).head(listed)
    columns, areas = population.people, population.areas
    found = []
    for one in people.itertuples():
        area, row = int(columns["area"][one.row]), int(one.row)
        found.append({
            "row": row, "small_area": f"E{int(areas['code'][area]):08d}", "ordinal": int(columns["ordinal"][row]),
            "age": int(columns["age"][row]), "sex": ("female", "male")[int(columns["sex"][row])],
            "system": population.systems[int(areas["system"][area])], "change_days": one.change / DAY,
            "most_at": pair.states[int(one.state)],
            "base_days": one.waited_base / DAY, "other_days": one.waited_other / DAY,
            "still_waiting_in_base": bool(one.open_base), "still_waiting_in_other": bool(one.open_other),
        })  # fmt: skip
    return found


def sentence(
    counts: Mapping[str, Any], medians: Mapping[str, float | None], states: Sequence[Mapping[str, Any]]
) -> str:
    """Return the comparison of people in a sentence or two."""

    def n(name: str) -> str:
        return f"{round(counts[name]['mean']):,}"

    def most(name: str) -> str:
        top = max(states, key=lambda row: row[name], default=None)
        at = f", most at {top['state']}" if top is not None and top[name] else ""
        days = medians[name]
        return f" (median {change_in_words(days)}{at})" if days is not None else ""

    return (
        f"{n(LONGER)} people wait longer{most(LONGER)}, {n(SHORTER)} shorter{most(SHORTER)}; "
        f"{n('longer_by_a_day')} and {n('shorter_by_a_day')} of them by a day or more. "
        f"{n(SEEN_NOW)} are seen who were not, {n(SEEN_NO_LONGER)} are seen no longer; "
        f"{n('untouched')} of {n('residents')} residents are untouched to the bit."
    )


def change_in_words(days: float) -> str:
    """Return a change of a wait with its sign, in the unit a reader would use."""
    sign = "+" if days > 0 else "−" if days < 0 else ""
    minutes = abs(days) * 1440
    return sign + ("under a minute" if 0 < minutes < 1 else lasting(minutes))


def _without_nan(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: None if isinstance(value, float) and np.isnan(value) else value for key, value in row.items()}


def _write(document: Mapping[str, Any], out: Path) -> dict[str, Path]:
    """Write the document and its tables (Parquet and CSV); returns the files by name."""
    out.mkdir(parents=True, exist_ok=True)
    files = {"document": out / "comparison.json"}
    store.write_json(files["document"], document)
    for name in ("figures", "states", "groups", "list"):
        if name in document:
            for kind in ("csv", "parquet"):
                files[f"{name}.{kind}"] = out / f"{name}.{kind}"
            table = pd.DataFrame(document[name])
            table.to_csv(files[f"{name}.csv"], index=False)
            table.to_parquet(files[f"{name}.parquet"], index=False)
    return files
