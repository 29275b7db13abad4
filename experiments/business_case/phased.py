"""Cost by year and payer: what there is until an option begins, the option from then on; and its present value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from experiments.business_case import setting_up
from experiments.business_case.where import number
from experiments.money.case import Case
from experiments.money.prices import BASELINE_YEAR, YEARS, in_prices
from experiments.money.run_cost import margin, mean_of
from experiments.money.savings import CASH, kind_of

RUNNING = "running"


def by_year(base: Case, option: Case, opening: setting_up.Opening) -> list[dict[str, Any]]:
    """Return one row a year, payer and line, in whole pounds of the year: running, then what it costs once to set up.

    `pounds` of the option (of the baseline before it begins), `extra` beside doing nothing, `extra_cash` of that in
    cash: cost less cash released.  Setting up is all extra, all cash.
    """
    found = []
    for year in YEARS:
        one, two = (mean_of(case.of_years[year]) for case in (base, option if year >= opening.begins else base))
        payers = list(dict.fromkeys([*one["payer"], *two["payer"]]))
        for payer in payers:
            mine, theirs = (frame[frame["payer"] == payer] for frame in (two, one))
            found.append({
                "year": year, "payer": payer, "line": RUNNING, "pounds": int(mine["pounds"].sum()),
                "extra": int(mine["pounds"].sum() - theirs["pounds"].sum()),
                "extra_cash": int(_cash(mine) - _cash(theirs)),
            })  # fmt: skip
    once = setting_up.by_year(opening)
    found += [{**row, "extra": row["pounds"], "extra_cash": row["pounds"]} for row in once]
    return sorted(found, key=lambda row: str(row["year"]))


def _cash(rows: pd.DataFrame) -> int:
    return int(rows[rows["line"].map(kind_of) == CASH]["pounds"].sum())


def present_value(rows: Sequence[Mapping[str, Any]], column: str) -> float:
    """Return the sum over years in prices of the baseline year, discounted from it at the Green Book's rate."""
    rate = number("discount_rate")
    return sum(
        in_prices(row[column], row["year"], BASELINE_YEAR) / (1 + rate) ** YEARS.index(row["year"]) for row in rows
    )


def by_service(base: Case, option: Case) -> list[dict[str, Any]]:
    """Return one row a service and payer of the price year: pounds of both and the difference."""
    one, two = (margin(case.mean, "service", "payer").set_index(["service", "payer"])["pounds"]
                for case in (base, option))  # fmt: skip
    both = pd.DataFrame({"base": one, "other": two}).fillna(0).astype(int).reset_index()
    return [{**row, "extra": row["other"] - row["base"]} for row in both.to_dict("records")]
