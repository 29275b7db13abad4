"""What an option costs once, until it runs: recruiting, training, premises and double running, by year and payer.

    recruitment     posts × what finding one costs, in the year in which it is begun
    training        who begins × the course, and pay while they learn, until April of the option's first year: from
                    then on the post itself is in the running costs
    premises        places opened × their rooms, posts opened × their equipment, in the year before the option begins
    double running  posts opened × months paid before the option begins, beside what goes on until then; posts that
                    cannot be filled by then have none

Posts that an option closes are paid until it begins and not after; redundancy is not in it.  All of it is cash.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from abm import tables as committed
from experiments.board.quarters import MONTHS_A_QUARTER, MONTHS_A_YEAR, quarter
from experiments.board.starts import actions
from experiments.business_case import workforce
from experiments.business_case.where import FOLDER
from experiments.money import supply
from experiments.money.case import Case
from experiments.money.pay import pounds_a_post
from experiments.money.prices import NO_FACTORS, YEARS, Factors, in_prices, row_of
from experiments.money.run_cost import books, idle_teams

RECRUITMENT, TRAINING, PREMISES, DOUBLE = "recruitment", "training", "premises", "double running"
LINES = (RECRUITMENT, TRAINING, PREMISES, DOUBLE)
PLACES = "places"
Cost = tuple[str, str, str, str, float, float]
"""Year, payer, line, what, quantity, pounds of that year each"""


@dataclass(frozen=True)
class Opening:
    """What an option opens: posts and places, and when it is decided and begins."""

    posts: Sequence[Mapping[str, Any]]
    """`workforce.posts`: team, employer, payer, role, extra"""
    places: Sequence[Mapping[str, Any]]
    """`places_opened`: team, payer, places"""
    begins: str
    decided: str

    @property
    def year_before(self) -> str:
        """Return the year before the option begins, in which it is set up."""
        return YEARS[YEARS.index(self.begins) - 1]


def opening(base: Case, option: Case, posts: Sequence[Mapping[str, Any]], begins: str, decided: str) -> Opening:
    """Return what an option opens beside the baseline."""
    return Opening(posts, places_opened(base, option), begins, decided)


def places_opened(base: Case, option: Case) -> list[dict[str, Any]]:
    """Return one row a team with rooms (`premises.csv`) that has more places than in the baseline: payer, places.

    Teams to whom nobody comes are not bought, as in the running costs.
    """
    of = books(option.scenario, option.year)
    rooms = {row["team"] for row in committed.read("premises", FOLDER)}
    there, then = (_places(case) for case in (base, option))
    more = then.sub(there, fill_value=0.0)
    return [
        {"team": team, "payer": of.of_team(team)[1], "places": float(n)}
        for team, n in more.items() if team in rooms and n > 0
    ]  # fmt: skip


def _places(case: Case) -> pd.Series:
    table = case.tables["places"]
    mine = table[(table["what"] == PLACES) & ~table["team"].isin(idle_teams(case.tables))]
    if case.system is not None:
        of = books(case.scenario, case.year)
        mine = mine[[of.systems.get(place, place) == case.system for place in mine["place"]]]
    return mine.groupby("team", sort=False)["places"].sum() / case.scenario.replications


def by_year(of: Opening, factors: Factors = NO_FACTORS) -> list[dict[str, Any]]:
    """Return one row a year, payer and line, in whole pounds of the year, of the years of the plan.

    `factors` multiply what `directions.csv` names, and money's own prices.
    """
    sums: dict[tuple[str, str, str], float] = {}
    for year, payer, line, _, quantity, each in costs(of, factors):
        sums[year, payer, line] = sums.get((year, payer, line), 0.0) + quantity * each
    return [
        {"year": year, "payer": payer, "line": line, "pounds": round(pounds)}
        for (year, payer, line), pounds in sorted(sums.items(), key=lambda item: (item[0][0], LINES.index(item[0][2])))
        if round(pounds)
    ]  # fmt: skip


def costs(of: Opening, factors: Factors = NO_FACTORS) -> Iterator[Cost]:
    """Yield every cost: year, payer, line, what, quantity and pounds of the year each."""
    for row in of.posts:
        if row["extra"] > 0:
            yield from _of_post(row, of, factors)
    for row in of.places:
        rooms = row_of("premises", "team", row["team"], FOLDER)
        each = in_prices(float(rooms["pounds_a_place"]), rooms["price_year"], of.year_before)
        yield of.year_before, row["payer"], PREMISES, row["team"], row["places"], each * factors.get(PREMISES, 1.0)


def _of_post(row: Mapping[str, Any], of: Opening, factors: Factors) -> Iterator[Cost]:
    role, payer, n, before = row["role"], row["payer"], row["extra"], of.year_before
    begun = workforce.begun(role, of.begins, of.decided)
    if begun.start.year in YEARS:
        each = supply.supply_number("recruitment_pounds", begun.start.year, factors)
        yield begun.start.year, payer, RECRUITMENT, role, n, each
    yield from _training(row, begun, of.begins, factors)
    equipment = row_of("setting_up", "name", "equipment_pounds", FOLDER)
    each = in_prices(float(equipment["value"]), equipment["price_year"], before)
    yield before, payer, PREMISES, role, n, each * factors.get("equipment_pounds", 1.0)
    if workforce.there(begun) > quarter(f"{of.begins} Q1"):
        return
    months = float(row_of("setting_up", "name", "double_running_months", FOLDER)["value"])
    months *= factors.get("double_running_months", 1.0)
    own = None if row["employer"] == "nhs" else row["employer"]
    a_year = pounds_a_post(role, before, own, overheads=False, factors=factors)
    yield before, payer, DOUBLE, role, n * months, a_year / MONTHS_A_YEAR


def _training(row: Mapping[str, Any], begun: workforce.Begun, begins: str, factors: Factors) -> Iterator[Cost]:
    """Yield courses and pay of those who learn; who drops out has learnt for half of the time."""
    route = actions()[begun.measure]["supply_route"]
    if not route:
        return
    role, payer, n = row["role"], row["payer"], row["extra"]
    lost = min(begun.lead.attrition * factors.get("attrition", 1.0), 0.99)
    starts = n / (1 - lost)
    first = begun.start.index * MONTHS_A_QUARTER
    if begun.start.year in YEARS:
        course = supply.pounds_each(route, role, begun.start.year, factors)
        yield begun.start.year, payer, TRAINING, role, starts, course
    longer = factors.get("lead_months", 1.0)
    due = quarter(f"{begins} Q1").index * MONTHS_A_QUARTER
    for month in range(max(first, 0), min(first + begun.lead.months, due)):
        year = YEARS[month // MONTHS_A_YEAR]
        yield year, payer, TRAINING, role, (starts + n) / 2 * longer, supply.pounds_a_month(route, role, year, factors)
