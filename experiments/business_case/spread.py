"""The risk of an option's cost: prices that are not known for sure, and the luck of a year, drawn together.

A price lies in its range of `directions.csv` with 95 %, each by itself.  The cost is linear in prices: each counts
by its slope.  Luck is that of one more year, from the paired differences of the replications.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from abm import tables as committed
from experiments.business_case.where import number
from experiments.money.case import Case
from experiments.money.prices import FOLDER, Factors
from experiments.money.run_cost import books, entered
from experiments.money.savings import CASH, kind_of
from experiments.planning.parameter_laws import ParameterLaw

STEP = 0.1
LEVELS = {"p50": 0.50, "p80": 0.80, "p95": 0.95}
LUCK = "luck of a year"
ALL = "all payers"
TINY = 1e-9
"""Kept away from the ends of a law, where it has no quantile"""
KEYS = {"contacts": ["team", "place", "role"], "places": ["team", "place", "what"],
        "waits": ["pathway", "state", "place"], "life_years": ["system"]}  # fmt: skip

Slopes = Mapping[str, Mapping[str, float]]
"""Pounds by what is counted, by the price that is a step higher (the key "": none)"""


def averaged(case: Case) -> dict[str, pd.DataFrame]:
    """Return a case's tables as one year: the mean of its replications."""
    n = case.scenario.replications
    return {
        name: (table.groupby(KEYS[name], sort=False).sum(numeric_only=True) / n).reset_index().drop(
            columns="replication", errors="ignore")
        for name, table in case.tables.items() if name in KEYS
    }  # fmt: skip


def priced(case: Case, year: str, factors: Factors) -> dict[str, float]:
    """Return a case's pounds a year in a year's prices times factors: of all payers, and of each one's cash."""
    rows = entered(averaged(case), books(case.scenario, year, factors))
    if case.system is not None:
        rows = rows[rows["system"] == case.system]
    cash = rows[rows["line"].map(kind_of) == CASH].groupby("payer")["amount"].sum()
    return {ALL: float(rows["amount"].sum()), **{str(payer): float(pounds) for payer, pounds in cash.items()}}


def slopes(case: Case, year: str) -> Slopes:
    """Return what a case costs as prices are (the key ""), and with each of them a step higher."""
    names = [row["name"] for row in committed.read("directions", FOLDER)]
    return {name: priced(case, year, {name: 1 + STEP} if name else {}) for name in ("", *names)}


@dataclass(frozen=True)
class Pair:
    """An option beside the baseline, each with its slopes in a year's prices."""

    base: Case
    option: Case
    year: str
    of_base: Slopes
    of_option: Slopes

    def extra(self, name: str, what: str) -> float:
        """Return what the option costs more with one price a step higher ("": none)."""
        return self.of_option[name].get(what, 0.0) - self.of_base[name].get(what, 0.0)


def spread(pair: Pair, seed: int, what: str = ALL) -> dict[str, Any]:
    """Return P50, P80, P95 of what an option costs more a year, and what drives the spread.

    Parameters
    ----------
    what : all payers and lines, or a payer (`ccg`) whose cash alone is counted
    """
    rows = committed.read("directions", FOLDER)
    middle = pair.extra("", what)
    rng = np.random.Generator(np.random.Philox(key=seed))
    n = int(number("draws"))
    moved = {}
    for row in rows:
        law = ParameterLaw("lognormal", float(row["low"]), float(row["high"]))
        slope = (pair.extra(row["name"], what) - middle) / STEP
        moved[row["name"]] = slope * (law.quantile(np.clip(rng.uniform(size=n), TINY, 1 - TINY)) - 1)
    moved[LUCK] = _luck(pair, what, rng, n)
    drawn = np.full(n, middle)
    for values in moved.values():
        drawn += values
    variance = {name: float(values.var()) for name, values in moved.items()}
    whole = sum(variance.values()) or 1.0
    titles = {row["name"]: row["what"] for row in rows}
    return {
        "expected": middle, **{name: float(np.quantile(drawn, level)) for name, level in LEVELS.items()},
        "chance_it_saves": float((drawn < 0).mean()), "draws": drawn,
        "drivers": [{"driver": titles.get(name, name), "share_of_variance": variance[name] / whole,
                     "low": float(np.quantile(moved[name], 0.05)), "high": float(np.quantile(moved[name], 0.95))}
                    for name in sorted(variance, key=lambda name: -variance[name]) if variance[name] > 0],
    }  # fmt: skip


def _luck(pair: Pair, what: str, rng: np.random.Generator, n: int) -> np.ndarray:
    """Return deviations of one more year from the mean: Student's t of the paired differences, none of one run."""
    each = []
    for case in (pair.base, pair.option):
        rows = case.of_years[pair.year]
        if what != ALL:
            rows = rows[(rows["payer"] == what) & (rows["line"].map(kind_of) == CASH)]
        each.append(
            rows.groupby("replication")["amount"].sum().reindex(range(case.scenario.replications), fill_value=0)
        )
    apart = (each[1] - each[0]).to_numpy(float)
    u = np.clip(rng.uniform(size=n), TINY, 1 - TINY)
    if len(apart) < 2:
        return np.zeros(n)
    return stats.t.ppf(u, len(apart) - 1) * apart.std(ddof=1) * np.sqrt(1 + 1 / len(apart))
