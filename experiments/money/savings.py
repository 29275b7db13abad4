"""What a scenario saves and costs beside the baseline: cash, capacity and avoided care, never added to one another."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from abm import tables as committed
from experiments.intervals import mean_and_half_width
from experiments.money import pay
from experiments.money.prices import FOLDER, unit_cost
from experiments.money.run_cost import DAYS_A_YEAR, MINUTES, Books, Tables, idle_teams
from experiments.planning.establishment import working_times

CASH, CAPACITY, AVOIDED = "cash_releasing", "capacity_releasing", "avoided"
KINDS = (CASH, CAPACITY, AVOIDED)


@cache
def rules() -> dict[str, committed.Row]:
    """Return of every line of cost what kind a saving on it is, and why."""
    return {row["line"]: row for row in committed.read("lines", FOLDER)}


def kind_of(line: str) -> str:
    """Return what a saving on a line is: cash-releasing, capacity-releasing or avoided."""
    return rules()[line]["kind"]


def savings(base: pd.DataFrame, other: pd.DataFrame, capacity: pd.DataFrame) -> list[dict[str, Any]]:
    """Return one row a line and payer: cost of both, and the paired saving with its half-width over replications.

    Parameters
    ----------
    base, other : `cost_of_run` with the column `replication`, of the same replications
    capacity : `released`, of the same replications
    """
    found = []
    lines = pd.concat([base[["line", "payer"]], other[["line", "payer"]]]).drop_duplicates()
    numbers = sorted(set(base["replication"]) & set(other["replication"]))
    for line, payer in lines.itertuples(index=False):
        one, two = (_totals(cost, line, payer, numbers) for cost in (base, other))
        if one.any() or two.any():
            rule = rules()[line]
            found.append({
                "line": line, "payer": payer, "kind": rule["kind"], "base": float(one.mean()),
                "other": float(two.mean()), **_saved(one - two), "reason": rule["reason"],
            })  # fmt: skip
    for rule in committed.read("capacity", FOLDER):
        mine = capacity[capacity["line"] == rule["line"]]
        for payer, of_payer in mine.groupby("payer", sort=False):
            amount = of_payer.groupby("replication")["amount"].sum().reindex(numbers, fill_value=0.0).to_numpy()
            found.append({
                "line": rule["line"], "payer": payer, "kind": rule["kind"], "base": None, "other": None,
                **_saved(amount), "reason": rule["reason"],
            })  # fmt: skip
    return sorted(found, key=lambda row: KINDS.index(row["kind"]))


def _totals(cost: pd.DataFrame, line: str, payer: str, numbers: list[int]) -> np.ndarray:
    mine = cost[(cost["line"] == line) & (cost["payer"] == payer)]
    return mine.groupby("replication")["pounds"].sum().reindex(numbers, fill_value=0).to_numpy(float)


def _saved(each: np.ndarray) -> dict[str, float | None]:
    found = mean_and_half_width(each)
    return {"saving": found["mean"], "half_width": found["half_width"]}


def released(base: Tables, other: Tables, of: Books) -> pd.DataFrame:
    """Return capacity that a scenario releases, a row a replication, team, payer and line: quantity, amount in pounds.

    Work that falls away, less hours (or bed days) no longer paid for: those are cash already.  Work that hours added
    by the scenario take over is no loss.
    """
    base, other = (_used(tables) for tables in (base, other))
    rows: list[tuple[Any, ...]] = []
    keys = ["replication", "place", "team", "role"]
    for line, paid, used, price in (_hours(base, other, of), _beds(base, other, of)):
        both = paid.join(used, how="outer").fillna(0.0)
        freed = both["used_base"] - both["used_other"]
        cut = both["paid_base"] - both["paid_other"]
        amount = np.where(cut >= 0, freed - cut, np.where(freed >= 0, freed, np.minimum(0.0, freed - cut)))
        for (replication, place, team, role), quantity in zip(both.index, amount, strict=True):
            _, payer, _ = of.of_team(team)
            rows.append((replication, place, team, payer, line, role, quantity, quantity * price[team, role]))
    return pd.DataFrame(rows, columns=[*keys[:3], "payer", "line", "role", "quantity", "amount"])


def _used(tables: Tables) -> Tables:
    idle = idle_teams(tables)
    return {name: tables[name][~tables[name]["team"].isin(idle)] for name in ("contacts", "places")}


def _hours(base: Tables, other: Tables, of: Books) -> tuple[str, pd.DataFrame, pd.DataFrame, Mapping[Any, float]]:
    """Return hours of staff a year: on shift and busy, by team and role, and what an hour is worth."""
    keys, scale = ["replication", "place", "team", "role"], of.to_a_year / MINUTES
    tables = {"base": base["contacts"], "other": other["contacts"]}
    summed = {
        name: table.groupby(keys, sort=False)[["on_shift_minutes", "busy_minutes"]].sum() * scale
        for name, table in tables.items()
    }
    paid = pd.DataFrame({f"paid_{name}": table["on_shift_minutes"] for name, table in summed.items()})
    used = pd.DataFrame({f"used_{name}": table["busy_minutes"] for name, table in summed.items()})
    price: dict[Any, float] = {}
    for _, _, team, role in paid.index:
        employer = of.of_team(team)[2]
        whole = pay.pounds_a_post(role, of.year, None if employer == "nhs" else employer, factors=of.factors)
        times = working_times()
        given = times[role].available_hours * pay.WEEKS if role in times else pay.paid_hours(role)
        price[team, role] = whole / given
    return "hours of staff", paid, used, price


def _beds(base: Tables, other: Tables, of: Books) -> tuple[str, pd.DataFrame, pd.DataFrame, Mapping[Any, float]]:
    """Return bed days a year of wards: staffed and occupied, and what a day's nursing is worth."""
    wards = {row["team"]: row["unit_cost"] for row in committed.read("ward_days", FOLDER)}
    keys = ["replication", "place", "team", "what"]
    summed = {}
    for name, table in (("base", base["places"]), ("other", other["places"])):
        mine = table[table["team"].isin(list(wards)) & (table["what"] == "places")]
        summed[name] = mine.groupby(keys, sort=False)[["places", "mean_taken"]].sum() * DAYS_A_YEAR
    paid = pd.DataFrame({f"paid_{name}": table["places"] for name, table in summed.items()})
    used = pd.DataFrame({f"used_{name}": table["mean_taken"] for name, table in summed.items()})
    beyond = unit_cost("ward_day_other", of.year, of.factors)
    price = {(team, "places"): unit_cost(unit, of.year, of.factors) - beyond for team, unit in wards.items()}
    return "days on wards", paid, used, price


def net_cash(rows: list[dict[str, Any]], payer: str) -> float:
    """Return what a scenario costs a payer more in cash a year (negative: it releases cash)."""
    return -sum(row["saving"] for row in rows if row["kind"] == CASH and row["payer"] == payer)
