"""What an option does for patients: paired differences with their intervals, of the measures a committee asks for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from abm import tables as committed
from experiments import store
from experiments.business_case.where import FOLDER
from experiments.money.case import Case
from experiments.money.places import systems_of
from experiments.money.run_cost import specs_of
from experiments.pairs.contrasts import MORE, rows_of
from experiments.pairs.figures import Figures, figures_of, kinds_of
from experiments.pairs.replicate import LEFT_OUT, Replicate

OF_PLACES = {"clocks": "place", "waits": "place", "contacts": "place", "people": "system", "flows": "system"}
NEEDED = tuple(OF_PLACES)
WITH_LIVES = ("lives",)


def figures(case: Case) -> list[Figures]:
    """Return every figure of every replication of a case, of its system only if it has one."""
    names = [*NEEDED, *(WITH_LIVES if case.scenario.lives else ())]
    tables = store.read(case.path, [name for name in names if name not in LEFT_OUT])
    kinds = kinds_of(specs_of(case.scenario))
    return [
        figures_of(_of_system({name: table[table["replication"] == n] for name, table in tables.items()}, case), kinds,
                   case.scenario.measured_days)
        for n in range(case.scenario.replications)
    ]  # fmt: skip


def _of_system(tables: dict[str, pd.DataFrame], case: Case) -> dict[str, pd.DataFrame]:
    if case.system is None:
        return tables
    systems = systems_of(case.scenario.area)
    found = {}
    for name, table in tables.items():
        at = table["system"] if "system" in table else table["place"]
        found[name] = table[[systems.get(place, place) == case.system for place in at]]
    return found


def paired(base: Case, other: Case) -> list[dict[str, Any]]:
    """Return all figures of a case beside the baseline, with paired intervals (`experiments.pairs`)."""
    nothing = float("nan")
    both = [
        Replicate(n, ("", ""), {name: (one.get(name, nothing), two.get(name, nothing)) for name in {**one, **two}}, {})
        for n, (one, two) in enumerate(zip(figures(base), figures(other), strict=True))
    ]
    return rows_of(both)


def benefits(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the measures of `benefits.csv` among the figures of an option, with what may be said of each."""
    for asked in committed.read("benefits", FOLDER):
        mine = [row for row in rows if all(row[key] == asked[key] for key in ("what", "pathway", "of"))]
        for row in mine[:1]:
            yield {
                "benefit": asked["title"], "unit": row["unit"], "base": row["base"], "other": row["other"],
                "difference": row["difference"], "half_width": row["half_width"], "verdict": row["verdict"],
                "for_patients": judged(row["verdict"], asked["better"]), "better": asked["better"],
            }  # fmt: skip


def judged(verdict: str, better: str) -> str:
    """Return better, worse, or why neither may be said."""
    if verdict not in (MORE, "fewer") or not better:
        return verdict
    return "better" if verdict == better else "worse"
