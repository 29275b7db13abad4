"""`parity cost`: what scenarios cost, who pays, what of a saving is cash, and whether the commissioner can afford it.

scenarios → finished replications → rows of cost → savings beside the baseline → room under the investment standard
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abm import tables as committed
from abm.areas import LSC, is_illustrative
from experiments import store
from experiments.console import Progress
from experiments.money import affordability, investment
from experiments.money.case import Case, by_year, case_of
from experiments.money.per_person import per_extra_person
from experiments.money.prices import FOLDER, NO_FACTORS, YEARS, Factors, priced_year, unit_cost
from experiments.money.run_cost import books, idle_teams
from experiments.money.savings import CASH, kind_of, released, savings
from experiments.pairs import compare as comparing
from experiments.scenario import BASELINE, Scenario
from experiments.workforce.apportion import WEIGHTS, Place
from experiments.workforce.waterfall import place_of
from pathways.errors import InputError, nearest, one_of

if TYPE_CHECKING:
    from cluster.pool import Pool

KEPT = Path("results")


def cost(
    *given: Path | str | Scenario,
    baseline: Path | str | Scenario = BASELINE,
    area: str | None = None,
    year: str | None = None,
    years: float | None = None,
    seed: int | None = None,
    replications: int | None = None,
    by: str = "need",
    weights: Path | None = None,
    factors: Factors = NO_FACTORS,
    keep: Path = KEPT,
    pool: Pool | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Return the document of `parity cost` (`docs/money.md`).

    Parameters
    ----------
    given : scenarios, files, names of built-in ones, or folders of finished runs; none: the baseline alone
    baseline : what they are set beside
    area : an STP, England, or a delivery system of Lancashire & South Cumbria
    year : whose pay and prices; left out: of the year in which the runs start
    by, weights : how the place's share of national money is found (`parity waterfall`)
    factors : multipliers of prices and numbers by name (`directions.csv`)
    keep : folder in which runs are kept and found again

    Raises
    ------
    InputError
        If there is no such scenario, area, year or price.
    """
    cases, place = costed_cases(
        *given, baseline=baseline, area=area, year=year, years=years, seed=seed, replications=replications,
        factors=factors, keep=keep, pool=pool, progress=progress,
    )  # fmt: skip
    first, others = cases[0], cases[1:]
    room = affordability.standard(place.name, by, weights, factors)
    return {
        "area": first.scenario.area, "place": place.name, "level": place.level, "people": round(place.people),
        "illustrative": is_illustrative(first.scenario.area), "baseline": first.scenario.name,
        "prices": first.year,
        "by": WEIGHTS.get(by, str(weights)), "replications": first.scenario.replications,
        "days": first.scenario.measured_days, "start": first.scenario.start, "factors": dict(factors),
        "scenarios": [_one(case, place) for case in cases],
        "savings": [{"scenario": one.scenario.name, **row} for one in others for row in saved(first, one)],
        "affordability": [
            {"scenario": one.scenario.name, **row}
            for one in others for row in affordability.afforded(room, net_cash_by_year(first, one))
        ],
        "per_person": [{"scenario": one.scenario.name, **per_extra_person(first, one)} for one in others],
        "standard": room, "wards": _wards(first),
        "investment": [row for row in investment.apportioned(by, weights) if row["place"] == place.name],
    }  # fmt: skip


def costed_cases(
    *given: Path | str | Scenario,
    baseline: Path | str | Scenario = BASELINE,
    area: str | None = None,
    year: str | None = None,
    years: float | None = None,
    seed: int | None = None,
    replications: int | None = None,
    lives: bool | None = None,
    factors: Factors = NO_FACTORS,
    keep: Path = KEPT,
    pool: Pool | None = None,
    progress: Progress | None = None,
) -> tuple[list[Case], Place]:
    """Return the baseline's case and those of the scenarios, and the place that is asked about."""
    asked = None if area is None else place_of(area)
    if asked is not None and asked.level == "ccg":
        expected = "an STP, england or a delivery system: teams are not put down to a clinical commissioning group"
        raise InputError(key="--area", value=area, expected=expected)
    if year is not None and year not in YEARS:
        raise InputError(key="--prices", value=year, expected=one_of(YEARS), suggestion=nearest(year, YEARS))
    check_factors(factors)
    system = asked.name if asked is not None and asked.level == "system" else None
    options = {"area": LSC if system else area, "years": years, "seed": seed, "lives": lives}
    others = [one for one in given if one != baseline]
    wanted, stored = comparing.in_common(baseline, *(others or [baseline]), **options)
    n = 1 if not others else len(wanted)
    if replications is not None:
        wanted = [one.replaced(replications=replications) for one in wanted]
    least = min(one.replications for one in wanted[:n])
    priced = year or priced_year(wanted[0].start)
    cases = [
        case_of(one.replaced(replications=least), folder, priced, system, factors, keep, pool, progress)
        for one, folder in zip(wanted[:n], stored[:n], strict=True)
    ]
    return cases, asked or place_of(wanted[0].area)


def check_factors(factors: Factors) -> None:
    """Refuse a factor on a price or number that there is not, or that is below nothing."""
    known = [row["name"] for row in committed.read("directions", FOLDER)]
    for name, value in factors.items():
        if name not in known:
            raise InputError(key="--factor", value=name, expected=one_of(known), suggestion=nearest(name, known))
        if not 0 <= value <= 100:
            raise InputError(key=f"--factor {name}", value=value, expected="a factor from 0 to 100")


def saved(base: Case, other: Case) -> list[dict[str, Any]]:
    """Return savings of a case beside the baseline, line by line, each of one kind."""
    freed = released(base.tables, other.tables, books(other.scenario, other.year, other.factors))
    if other.system is not None:
        systems = books(other.scenario, other.year).systems
        freed = freed[[systems.get(place, place) == other.system for place in freed["place"]]]
    return savings(base.rows, other.rows, freed)


def net_cash_by_year(base: Case, other: Case, payer: str = "ccg") -> dict[str, float]:
    """Return what a case costs a payer more in cash than the baseline, in the pay and prices of each year."""
    return {year: _cash(other.of_years[year], payer, other) - _cash(base.of_years[year], payer, base) for year in YEARS}


def _cash(rows: Any, payer: str, case: Case) -> float:
    mine = rows[(rows["payer"] == payer) & (rows["line"].map(kind_of) == CASH)]
    return float(mine["pounds"].sum()) / case.scenario.replications


def _one(case: Case, place: Place) -> dict[str, Any]:
    whole = case.total
    return {
        "name": case.scenario.name, "title": case.scenario.title, "run": str(case.path), **whole,
        "pounds_a_person": whole["pounds"] / place.people, "not_used": idle_teams(case.tables),
        "rows": case.mean.to_dict("records"), "by_line": case.sums("line"), "by_payer": case.sums("payer"),
        "by_system": case.sums("system"), "by_service": case.sums("service"),
        "by_team": case.sums("team", "payer"), "by_year": by_year(case, "payer", "line"),
    }  # fmt: skip


def _wards(case: Case) -> list[dict[str, Any]]:
    """Return what an occupied day of each ward costs from the bottom up, beside the published day."""
    found = []
    for rule in committed.read("ward_days", FOLDER):
        mine = case.mean[case.mean["team"] == rule["team"]]
        days = mine.loc[mine["line"] == "ward days beyond nursing", "quantity"].sum()
        if days:
            found.append({
                "team": rule["team"], "bed_days": float(days), "pounds_a_day": float(mine["pounds"].sum() / days),
                "published": unit_cost(rule["unit_cost"], case.year), "unit_cost": rule["unit_cost"],
            })  # fmt: skip
    return found


def tables_of(document: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return the document's tables by name, as they are written to Parquet and the workbook."""
    scenarios: Sequence[Mapping[str, Any]] = document["scenarios"]
    return {
        "costs": [{"scenario": one["name"], "prices": document["prices"], **row}
                  for one in scenarios for row in one["rows"]],
        "by_year": [{"scenario": one["name"], **row} for one in scenarios for row in one["by_year"]],
        "savings": document["savings"], "per_person": document["per_person"],
        "affordability": document["affordability"], "standard": document["standard"],
        "wards": document["wards"], "investment": document["investment"],
        "unit_costs": [dict(row) for row in committed.read("unit_costs", FOLDER)],
        "runs": [{"scenario": one["name"], "run": store.about(one["run"])["case"], "path": one["run"]}
                 for one in scenarios],
    }  # fmt: skip
