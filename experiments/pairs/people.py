"""The people whose waits change: counted, described by group, listed; all of them synthetic."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from abm.network import DAY
from experiments.intervals import Interval
from experiments.intervals import mean_and_half_width as over
from experiments.lives.words import lasting
from experiments.pairs.changed import CLASSES, LONGER, SEEN_NO_LONGER, SEEN_NOW, SHORTER, Pair
from experiments.pairs.groups import groups_in

VISITS = (
    "seen_in_both", "longer", "shorter", "seen_in_base_only", "seen_in_other_only", "still_waiting_in_base",
    "still_waiting_in_other",
)  # fmt: skip
"""Counts of visits; the last two: those seen in one run whom the other leaves waiting at its end"""
COUNTS = ("residents", "untouched", "untouched_in_care", "from_elsewhere")


def people_of_all(pairs: Sequence[Sequence[Pair]], listed: int) -> dict[str, Any]:
    """Return counts, states, groups and the list of people; `pairs` holds the cells of every replication."""
    tables = [pd.concat([pair.people for pair in cells]) for cells in pairs]
    counts = {name: over([int((people["class"] == name).sum()) for people in tables]) for name in CLASSES}
    counts |= {name: over([sum(getattr(pair, name) for pair in cells) for cells in pairs]) for name in COUNTS}
    by_a_day: dict[str, Callable[[pd.Series], pd.Series]] = {
        LONGER: lambda change: change >= DAY, SHORTER: lambda change: change <= -DAY,
    }  # fmt: skip
    counts |= {
        f"{name}_by_a_day": over([int(far(people["change"]).sum()) for people in tables])
        for name, far in by_a_day.items()
    }
    everybody = pd.concat(tables)
    medians = {name: _median_days(everybody[everybody["class"] == name]["change"]) for name in (LONGER, SHORTER)}
    states = _states(pairs)
    return {
        "sentence": sentence(counts, medians, states), "people": counts, "median_days": medians,
        "visits": _visits(pairs), "states": states, "during_stays": _during(pairs),
        "groups": _groups(pairs, tables), "list": _list(tables[0], listed),
    }  # fmt: skip


def _median_days(change: pd.Series) -> float | None:
    return float(change.median()) / DAY if len(change) else None


def _states(pairs: Sequence[Sequence[Pair]]) -> list[dict[str, Any]]:
    """Return one row a state where any visit differs, means over replications, those that changed most first."""
    together = pd.concat([pair.visits for cells in pairs for pair in cells])
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


def _visits(pairs: Sequence[Sequence[Pair]]) -> dict[str, Interval]:
    """Return how many visits are seen in both runs, waited longer or shorter, or are seen in one run only."""
    return {
        name: over([sum(int(pair.visits[name].sum()) if len(pair.visits) else 0 for pair in cells) for cells in pairs])
        for name in VISITS
    }


def _during(pairs: Sequence[Sequence[Pair]]) -> list[dict[str, Any]]:
    """Return one row a recurring visit of a stay: made and not made in both, people with more and with fewer."""
    together = pd.concat([pair.during for cells in pairs for pair in cells])
    if together.empty:
        return []
    found = (together.groupby("state").sum() / len(pairs)).reset_index()
    return [{str(key): value for key, value in row.items()} for row in found.to_dict("records")]


def _groups(pairs: Sequence[Sequence[Pair]], tables: Sequence[pd.DataFrame]) -> list[dict[str, Any]]:
    """Return one row a group: residents, how many of each class (means over replications), and a thousand of them."""
    residents: dict[tuple[str, str], int] = {}
    for pair in pairs[0]:
        for key, n in pair.residents_of.items():
            residents[key] = residents.get(key, 0) + n
    members = [{(dimension, group): mine for dimension, group, mine in groups_in(one)} for one in tables]
    found = []
    for (dimension, group), n in sorted(residents.items(), key=lambda item: _order(item[0][0])):
        nobody = [np.zeros(len(one), bool) for one in tables]
        inside = [
            one[mine.get((dimension, group), none)] for one, mine, none in zip(tables, members, nobody, strict=True)
        ]
        row: dict[str, Any] = {"dimension": dimension, "group": group, "residents": n}
        for name in CLASSES:
            counted = over([int((one["class"] == name).sum()) for one in inside])
            row[name], row[f"{name}_half_width"] = counted["mean"], counted["half_width"]
        change = pd.concat([one.loc[one["class"].isin([LONGER, SHORTER]), "change"] for one in inside])
        row["median_change_days"] = _median_days(change)
        row["longer_per_1000"] = 1000 * row[LONGER] / n if n else None
        row["shorter_per_1000"] = 1000 * row[SHORTER] / n if n else None
        found.append(row)
    return found


def _order(dimension: str) -> int:
    order = ("age", "sex", "deprivation fifth", "ethnicity", "STP", "delivery system", "condition")
    return order.index(dimension)


def _list(people: pd.DataFrame, listed: int) -> list[dict[str, Any]]:
    """Return the people whose waits change most in the first replication."""
    people = people.assign(size=people["change"].abs())
    people = people[people["size"] > 0].sort_values(["size", "cell", "row"], ascending=[False, True, True])
    return [
        {
            "cell": one.cell or None, "row": int(one.row), "small_area": f"E{int(one.code):08d}",
            "ordinal": int(one.ordinal), "age": int(one.age), "sex": ("female", "male")[int(one.sex)],
            "system": one.system, "change_days": one.change / DAY, "most_at": one.state,
            "base_days": one.waited_base / DAY, "other_days": one.waited_other / DAY,
            "still_waiting_in_base": bool(one.open_base), "still_waiting_in_other": bool(one.open_other),
        }
        for one in people.head(listed).itertuples()
    ]  # fmt: skip


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


def _without_nan(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(key): None if isinstance(value, float) and np.isnan(value) else value for key, value in row.items()}
