"""What the baseline year costs, and who pays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from abm import tables
from experiments.board.evidence import Evidence, Statement
from experiments.board.gather import Ran
from experiments.board.where import Where
from experiments.money import affordability
from experiments.money.prices import FOLDER
from experiments.money.run_cost import cost_of_run, margin, mean_of

PAYERS = {
    "ccg": "CCGs", "specialised_commissioning": "specialised commissioning", "local_authority": "councils",
    "acute_trust": "acute trusts", "police": "police",
}  # fmt: skip
COLUMNS = (("payer", "text"), ("line", "text"), ("mental_health", "text"), ("pounds", "whole"))
MILLION = 1e6


def rows(ran: Ran, where: Where) -> list[dict[str, Any]]:
    """Return pounds of the mean year by payer and line of cost; of a delivery system its own teams and places."""
    cost = mean_of(cost_of_run(ran.case.tables, ran.scenario))
    if where.level == "system":
        cost = cost[cost["system"] == where.place]
    found = margin(cost, "payer", "line")
    ours = {row["line"] for row in tables.read("lines", FOLDER) if row["of_mental_health"] == "yes"}
    found["mental_health"] = found["line"].isin(ours)
    return found.sort_values("pounds", ascending=False).to_dict("records")


def by_payer(found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return pounds for mental health services by payer, most first."""
    sums: dict[str, int] = {}
    for row in found:
        if not row["mental_health"]:
            continue
        sums[row["payer"]] = sums.get(row["payer"], 0) + int(row["pounds"])
    return [{"payer": payer, "pounds": n} for payer, n in sorted(sums.items(), key=lambda pair: -pair[1])]


def evidence(found: Sequence[dict[str, Any]], run: str) -> Evidence:
    """Return the table of costs."""
    note = (
        "Posts of the rosters with on-costs and overheads, agency cover, overtime, wards, nights out of area, "
        "attendances and journeys, at the prices of the year (parity cost). Rosters are filled: vacancies cost their "
        "cover. What the model causes in other services (mental health: no) is not in the sums said."
    )
    return Evidence("spend", "What the year costs, by payer and line", COLUMNS, found, run, note)


def published(where: Where, by: str) -> int:
    """Return the place's share of what England's CCGs spent on mental health in the year, in pounds."""
    return affordability.spend(where.place, by)


def said(found: Sequence[dict[str, Any]], share: int) -> Statement:
    """Say what the year costs and who pays, beside the share of what England's CCGs spent."""
    payers = by_payer(found)
    total = sum(row["pounds"] for row in payers)
    shares = ", ".join(f"{PAYERS.get(row['payer'], row['payer'])} £{row['pounds'] / MILLION:,.1f} m" for row in payers)
    out = sum(row["pounds"] for row in found if row["line"] == "nights out of area")
    text = f"Mental health services cost £{total / MILLION:,.1f} million in the year: {shares}."
    if out:
        text += f" £{out / MILLION:,.1f} million of it goes for nights in beds out of area."
    text += f" The share of what England's CCGs spent on mental health is £{share / MILLION:,.0f} million."
    return Statement(text, "spend", {"pounds": total, "out_of_area_pounds": out, "share_of_england": share})
