"""One share of a scenario moved step by step: where a figure changes its sign, from runs on common random numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from experiments import run, scenario, store
from experiments.intervals import mean_and_half_width
from experiments.scenario import Edit, Scenario
from experiments.scenario_checks import check, graphs
from pathways.errors import InputError, nearest, one_of


def sweep(
    file: Path | str,
    share: str,
    rest: str,
    values: Sequence[float],
    counts: Sequence[str],
    *,
    base: Path | str | None = None,
    replications: int = 3,
    out: Path = Path("results"),
    progress: Callable[[int, int, str], None] | None = None,
) -> dict[str, Any]:
    """Run a scenario with each value of one share, and return visits to states less those of the base.

    Parameters
    ----------
    share, rest : `pathway/route.FROM.TO.share` of two plain routes of one group; what one gains the other loses
    values : the values of `share`
    counts : `pathway/state`, whose visits in the measured window are counted
    base : scenario to be compared with (default: the built-in baseline), paired replication by replication

    Raises
    ------
    InputError
        If a route or state does not exist, or a value leaves nothing for the other route.
    """
    asked = scenario.read(file).model_copy(update={"replications": replications})
    other = scenario.read(base).model_copy(update={"replications": replications})
    (pathway, key), (home, other_key) = _split(share), _split(rest)
    if home != pathway:
        raise InputError(key="rest", value=rest, expected=f"a route of {pathway}, as --share")
    total = _share(asked, pathway, key) + _share(asked, pathway, other_key)
    _known(asked, counts)
    points = [other]
    for value in values:
        if not 0 <= value <= total:
            raise InputError(key="values", value=value, expected=f"0 to {total:g}: what the two routes share")
        edits = (
            Edit.model_validate({"pathway": pathway, "key": key, "value": value}),
            Edit.model_validate({"pathway": pathway, "key": other_key, "value": round(total - value, 9)}),
        )
        point = asked.model_copy(update={"edit": (*asked.edit, *edits), "name": f"{asked.name} at {value:g}"})
        check(point, file)
        points.append(point)
    visits = []
    for i, point in enumerate(points):
        visits.append(_visits(point, counts, out))
        if progress is not None:
            progress(i + 1, len(points), "Scenarios")
    rows = []
    for value, of_point in zip(values, visits[1:], strict=True):
        for count in counts:
            difference = mean_and_half_width(of_point[count] - visits[0][count])
            rows.append(
                {
                    "value": value, "count": count, "base": float(visits[0][count].mean()),
                    "visits": float(of_point[count].mean()), "difference": difference["mean"],
                    "half_width": difference["half_width"],
                }
            )  # fmt: skip
    return {
        "scenario": asked.name, "base": other.name, "share": share, "replications": replications,
        "rows": rows, "turns": {count: turning_point(rows, count) for count in counts},
    }  # fmt: skip


def turning_point(rows: Sequence[dict[str, Any]], count: str) -> float | None:
    """Return the value at which the difference is nothing, on the line between its neighbours; None: it never turns."""
    of_count = sorted((row["value"], row["difference"]) for row in rows if row["count"] == count)
    for (a, at_a), (b, at_b) in pairwise(of_count):
        if at_a == 0:
            return float(a)
        if at_a * at_b < 0:
            return float(a + (b - a) * at_a / (at_a - at_b))
    return None


def _visits(one: Scenario, counts: Sequence[str], out: Path) -> dict[str, np.ndarray]:
    done = run.run(one, out=out)
    waits = store.read(done["path"], ["waits"])["waits"]
    names = waits["pathway"].astype(str) + "/" + waits["state"].astype(str)
    n = range(one.replications)
    return {
        count: waits[names == count].groupby("replication")["arrivals"].sum().reindex(n, fill_value=0).to_numpy(float)
        for count in counts
    }


def _split(word: str) -> tuple[str, str]:
    pathway, _, key = word.partition("/")
    parts = key.split(".")
    if len(parts) != 4 or parts[0] != "route" or parts[3] != "share":
        raise InputError(key="share", value=word, expected="pathway/route.FROM.TO.share of a plain route")
    return pathway, key


def _share(one: Scenario, pathway: str, key: str) -> float:
    found = graphs(one)
    if pathway not in found:
        raise InputError(key="share", value=pathway, expected=one_of(found), suggestion=nearest(pathway, found))
    _, origin, to, _ = key.split(".")
    for a, b, keys in found[pathway].routes():
        if (a, b) == (origin, to) and "when" not in keys and "if" not in keys:
            return float(keys["share"])
    raise InputError(key="share", value=f"{pathway}/{key}", expected="a plain route of the scenario's pathway")


def _known(one: Scenario, counts: Sequence[str]) -> None:
    states = [f"{name}/{state}" for name, graph in graphs(one).items() for state in graph.states()]
    for count in counts:
        if count not in states:
            raise InputError(key="count", value=count, expected="pathway/state", suggestion=nearest(count, states))
