"""The costs of one run as figures: the whole, by payer, and line by line of every team (`experiments.money`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from experiments.money.run_cost import cost_of_run
from experiments.money.savings import kind_of
from experiments.pairs.figures import COST, COST_LINE, COST_OF_PAYER, Figure, Figures
from experiments.scenario import Scenario

if TYPE_CHECKING:
    from experiments.pairs.replicate import Replicate


def cost_figures(tables: Mapping[str, pd.DataFrame], scenario: Scenario) -> Figures:
    """Return what a run costs a year, in pounds: pay and prices of the year in which it starts."""
    rows = cost_of_run(tables, scenario)
    found: Figures = {Figure(COST): float(rows["amount"].sum())}
    for payer, pounds in rows.groupby("payer", sort=False)["amount"].sum().items():
        found[Figure(COST_OF_PAYER, "", str(payer))] = float(pounds)
    lines = rows.groupby(["team", "payer", "line"], sort=False)["amount"].sum()
    for (team, payer, line), pounds in lines.items():
        pathway, _, name = str(team).partition("/")
        found[Figure(COST_LINE, pathway, name, f"{payer}: {line}")] = float(pounds)
    return found


def costs_of(pairs: Sequence[Replicate]) -> list[dict[str, Any]]:
    """Return one row a team, payer and line of cost: pounds a year and their paired difference."""
    from experiments.pairs.contrasts import both_of, contrast

    found = []
    for name in dict.fromkeys(name for pair in pairs for name in pair.figures if name.what == COST_LINE):
        both = both_of(pairs, name)
        if both is not None:
            payer, _, line = name.part.partition(": ")
            team = "/".join(one for one in (name.pathway, name.of) if one)
            found.append({"team": team, "payer": payer, "line": line, "kind": kind_of(line), **contrast(both)})
    return found
