"""The risk of an option's cost: prices that are not known for sure, and the luck of a year, drawn together.

A price lies in its range of `directions.csv` with 95 %, each by itself.  The cost is linear in prices: each counts
by its slope.  Luck is that of one more year, from the paired differences of the replications.
"""

from __future__ import annotations

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
KEYS = {"contacts": ["team", "place", "role"], "places": ["team", "place", "what"],
        "waits": ["pathway", "state", "place"], "life_years": ["system"]}  # fmt: skip


def averaged(case: Case) -> dict[str, pd.DataFrame]:
    """Return a case's tables as one year: the mean of its replications."""
    n = case.scenario.replications
    return {
        name: (table.groupby(KEYS[name], sort=False).sum(numeric_only=True) / n).reset_index().drop(
            columns="replication", errors="ignore")
        for name, table in case.tables.items()
    }  # fmt: skip


def extra(base: Case, option: Case, year: str, factors: Factors, cash_of: str | None) -> float:
    """Return what an option costs more in a year's prices times factors; of one payer's cash only, if named."""
    sums = []
    for case in (base, option):
        rows = entered(averaged(case), books(case.scenario, year, factors))
        if case.system is not None:
            rows = rows[rows["system"] == case.system]
        if cash_of is not None:
            rows = rows[(rows["payer"] == cash_of) & (rows["line"].map(kind_of) == CASH)]
        sums.append(float(rows["amount"].sum()))
    return sums[1] - sums[0]


def spread(base: Case, option: Case, year: str, seed: int, cash_of: str | None = None) -> dict[str, Any]:
    """Return P50, P80, P95 of what an option costs more a year, and what drives the spread.

    Parameters
    ----------
    cash_of : a payer, whose cash alone is counted (`ccg`); None: all payers, all lines
    """
    rows = committed.read("directions", FOLDER)
    middle = extra(base, option, year, {}, cash_of)
    slopes = {row["name"]: (extra(base, option, year, {row["name"]: 1 + STEP}, cash_of) - middle) / STEP
              for row in rows}  # fmt: skip
    rng = np.random.Generator(np.random.Philox(key=seed))
    n = int(number("draws"))
    moved = {}
    for row in rows:
        law = ParameterLaw("lognormal", float(row["low"]), float(row["high"]))
        u = rng.uniform(size=n)
        moved[row["name"]] = slopes[row["name"]] * (law.quantile(np.clip(u, 1e-9, 1 - 1e-9)) - 1)
    moved[LUCK] = _luck(base, option, year, cash_of, rng, n)
    drawn = np.full(n, middle)
    for values in moved.values():
        drawn += values
    variance = {name: float(values.var()) for name, values in moved.items()}
    whole = sum(variance.values()) or 1.0
    drivers = sorted(variance, key=lambda name: -variance[name])
    titles = {row["name"]: row["what"] for row in rows}
    return {
        "expected": middle, **{name: float(np.quantile(drawn, level)) for name, level in LEVELS.items()},
        "chance_it_saves": float((drawn < 0).mean()), "draws": drawn,
        "drivers": [{"driver": titles.get(name, name), "share_of_variance": variance[name] / whole,
                     "low": float(np.quantile(moved[name], 0.05)), "high": float(np.quantile(moved[name], 0.95))}
                    for name in drivers if variance[name] > 0],
    }  # fmt: skip


def _luck(base: Case, option: Case, year: str, cash_of: str | None, rng: np.random.Generator, n: int) -> np.ndarray:
    """Return deviations of one more year from the mean: Student's t of the paired differences, none of one run."""
    each = []
    for case in (base, option):
        rows = case.of_years[year]
        if cash_of is not None:
            rows = rows[(rows["payer"] == cash_of) & (rows["line"].map(kind_of) == CASH)]
        each.append(
            rows.groupby("replication")["amount"].sum().reindex(range(case.scenario.replications), fill_value=0)
        )
    apart = (each[1] - each[0]).to_numpy(float)
    u = np.clip(rng.uniform(size=n), 1e-9, 1 - 1e-9)
    if len(apart) < 2:
        return np.zeros(n)
    return stats.t.ppf(u, len(apart) - 1) * apart.std(ddof=1) * np.sqrt(1 + 1 / len(apart))
