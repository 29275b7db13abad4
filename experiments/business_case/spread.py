"""The risk of an option's cost: prices that are not known for sure, and the luck of a year, drawn together.

Prices are drawn as `parity risk` draws its inputs (`uncertain.py`): pay, vacancies, agencies' share and premium with
their correlations, all others by their ranges.  The cost is linear in prices: each counts by its slope.  Luck is that
of one more year, from the paired differences of the replications.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from abm import tables as committed
from experiments.business_case import setting_up, uncertain
from experiments.business_case.uncertain import Drawn, Inputs, Price
from experiments.business_case.where import FOLDER as OWN
from experiments.business_case.where import number
from experiments.money.case import Case
from experiments.money.prices import FOLDER, Factors
from experiments.money.run_cost import books, entered
from experiments.money.savings import CASH, kind_of
from experiments.risk.exceedance import LEVELS

STEP = 0.1
LEAST_SHARE = 0.0005
"""Of the variance: a driver of less is written as nothing, and is left out"""
LUCK = "luck of a year"
ALL = "all payers"
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


@dataclass(frozen=True)
class LuckOfAYear:
    """The law of one more year's difference from the mean: Student's t of the paired differences, none of one run."""

    degrees: int
    scale: float

    def quantile(self, u: np.ndarray) -> np.ndarray:
        """Return the deviation not exceeded with probability `u`."""
        return stats.t.ppf(u, self.degrees) * self.scale if self.degrees else np.zeros_like(u)


def spread(pair: Pair, inputs: Inputs, seed: int, what: str = ALL) -> dict[str, Any]:
    """Return P50, P80, P95 of what an option costs more a year, and what drives the spread.

    Parameters
    ----------
    inputs : the uncertain inputs of `parity risk`
    what : all payers and lines, or a payer (`ccg`) whose cash alone is counted
    """
    middle = pair.extra("", what)
    wanted = uncertain.prices(inputs, [FOLDER])
    slope = [(pair.extra(one.name, what) - middle) / STEP for one in wanted]
    drawn = uncertain.together(inputs, [*wanted, Price(LUCK, LUCK, _luck(pair, what))])
    return _found(drawn, middle, [*slope, 1.0], seed)


def of_setting_up(opening: setting_up.Opening, inputs: Inputs, seed: int) -> dict[str, Any]:
    """Return P50, P80, P95 of what an option costs once, in pounds of the years it is spent in, and its drivers."""

    def whole(factors: Factors) -> float:
        return sum(quantity * each for *_, quantity, each in setting_up.costs(opening, factors))

    middle, wanted = whole({}), uncertain.prices(inputs, [FOLDER, OWN])
    slope = [(whole({one.name: 1 + STEP}) - middle) / STEP for one in wanted]
    return _found(uncertain.together(inputs, wanted), middle, slope, seed)


def _found(drawn: Drawn, middle: float, slope: Sequence[float], seed: int) -> dict[str, Any]:
    """Return percentiles and drivers of a cost that is linear in what is drawn.

    A driver's share is the covariance of its own part with the whole over the variance of the whole: shares sum to 1
    however the drivers go together, and one that offsets others has less than nothing.
    """
    present = np.array([0.0 if one.name == LUCK else 1.0 for one in drawn.prices])
    moved = (drawn.factors(int(number("draws")), seed) - present) * np.array(slope)
    whole = moved.sum(axis=1)
    variance = float(whole.var()) or 1.0
    share = (moved * (whole - whole.mean())[:, None]).mean(axis=0) / variance
    order = [k for k in np.argsort(-np.abs(share)).tolist() if abs(share[k]) >= LEAST_SHARE]
    return {
        "expected": middle,
        **{f"p{round(100 * level)}": float(np.quantile(middle + whole, level)) for level in LEVELS},
        "chance_it_saves": float((middle + whole < 0).mean()), "draws": middle + whole,
        "drivers": [{"driver": drawn.prices[k].title, "share_of_variance": float(share[k]),
                     "low": float(np.quantile(moved[:, k], 0.05)), "high": float(np.quantile(moved[:, k], 0.95))}
                    for k in order],
    }  # fmt: skip


def _luck(pair: Pair, what: str) -> LuckOfAYear:
    """Return the law of luck of the paired differences of a year's cost."""
    each = []
    for case in (pair.base, pair.option):
        rows = case.of_years[pair.year]
        if what != ALL:
            rows = rows[(rows["payer"] == what) & (rows["line"].map(kind_of) == CASH)]
        each.append(
            rows.groupby("replication")["amount"].sum().reindex(range(case.scenario.replications), fill_value=0)
        )
    apart = (each[1] - each[0]).to_numpy(float)
    if len(apart) < 2:
        return LuckOfAYear(0, 0.0)
    return LuckOfAYear(len(apart) - 1, float(apart.std(ddof=1) * np.sqrt(1 + 1 / len(apart))))
