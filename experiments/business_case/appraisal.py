"""`parity business-case`: do nothing, do minimum and options, side by side, with the same people and the same luck.

runs → benefits → posts and delivery → cost by year and payer → savings → affordability → risk → equality → statements
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abm.areas import is_illustrative
from experiments import store
from experiments.board.quarters import quarter
from experiments.business_case import benefits, equality, phased, said, setting_up, spread, uncertain, workforce
from experiments.console import Progress
from experiments.money import account, affordability
from experiments.money.case import Case
from experiments.money.prices import YEARS
from experiments.pairs import compare as comparing
from experiments.scenario import BASELINE
from experiments.workforce.apportion import WEIGHTS
from pathways.errors import InputError, nearest, one_of

if TYPE_CHECKING:
    from cluster.pool import Pool

NOTHING, MINIMUM, OPTION = "do nothing", "do minimum", "option"


@dataclass(frozen=True)
class Wanted:
    """What is asked for."""

    options: tuple[str, ...]
    minimum: str
    nothing: str = BASELINE
    area: str | None = None
    begins: str = "2017/18"
    """Financial year in whose first quarter options begin"""
    decided: str = "2016/17 Q2"
    by: str = "need"
    years: float | None = None
    seed: int | None = None
    replications: int = 5
    people: int = 3
    """Replications lived through again to say who gains and who loses; 0: none"""
    lives: bool = False
    inputs: Path | None = None
    """The uncertain inputs of `parity risk`; None: those of the table"""


def check(wanted: Wanted) -> None:
    """Refuse what cannot be appraised, before anything runs."""
    if not wanted.options:
        raise InputError(key="--options", expected="one scenario or more, such as crisis-house,core24-everywhere")
    if wanted.begins not in YEARS[1:]:
        raise InputError(
            key="--begins", value=wanted.begins, expected=one_of(YEARS[1:]), suggestion=nearest(wanted.begins, YEARS)
        )
    quarter(wanted.decided, "--decided")
    uncertain.read(wanted.inputs)
    named = [wanted.nothing, wanted.minimum, *wanted.options]
    twice = next((name for name in named if named.count(name) > 1), None)
    if twice is not None:
        raise InputError(key="--options", value=twice, expected="each scenario once, and the baseline as no option")
    if wanted.by not in WEIGHTS:
        raise InputError(key="--by", value=wanted.by, expected=one_of(WEIGHTS), suggestion=nearest(wanted.by, WEIGHTS))


def appraise(
    wanted: Wanted, keep: Path = account.KEPT, pool: Pool | None = None, progress: Progress | None = None
) -> dict[str, Any]:
    """Return the document of `parity business-case` (`docs/business-case.md`).

    Raises
    ------
    InputError
        If an option, area, year or quarter cannot be used; nothing has run then.
    """
    check(wanted)
    cases, place = account.costed_cases(
        wanted.minimum, *wanted.options, baseline=wanted.nothing, area=wanted.area, years=wanted.years,
        seed=wanted.seed, replications=wanted.replications, lives=wanted.lives or None, keep=keep, pool=pool,
        progress=progress,
    )  # fmt: skip
    base, others = cases[0], cases[1:]
    room = affordability.standard(place.name, wanted.by)
    seed = base.scenario.seed
    of_base, inputs = spread.slopes(base, YEARS[-1]), uncertain.read(wanted.inputs)
    found = [_option(base, one, wanted, room, of_base, inputs) for one in others]
    groups = _equality(cases, wanted, pool, progress) if wanted.people else {}
    return {
        "place": place.name, "level": place.level, "area": base.scenario.area,
        "illustrative": is_illustrative(base.scenario.area), "begins": wanted.begins, "decided": wanted.decided,
        "prices": base.year, "last_year": YEARS[-1], "by": WEIGHTS[wanted.by], "start": base.scenario.start,
        "days": base.scenario.measured_days, "replications": base.scenario.replications, "people": wanted.people,
        "lives": base.scenario.lives, "seed": seed, "room": room,
        "options": [_named(one, kind) for one, kind in zip(cases, _kinds(cases), strict=True)],
        "found": [{**row, "equality": groups.get(row["name"], [])} for row in found],
    }  # fmt: skip


def _kinds(cases: Sequence[Case]) -> list[str]:
    return [NOTHING, MINIMUM, *[OPTION] * (len(cases) - 2)]


def _named(case: Case, kind: str) -> dict[str, Any]:
    whole = case.total
    return {
        "name": case.scenario.name, "title": case.scenario.title or case.scenario.name, "kind": kind,
        "run": store.about(case.path)["case"][:12], "pounds": whole["pounds"], "half_width": whole["half_width"],
        "by_payer": case.sums("payer"), "not_used": account.idle_teams(case.tables),
    }  # fmt: skip


def _option(
    base: Case, one: Case, wanted: Wanted, room: list[dict[str, Any]], of_base: spread.Slopes, inputs: uncertain.Inputs
) -> dict[str, Any]:  # fmt: skip
    posts = workforce.posts(base, one)
    opening = setting_up.opening(base, one, posts, wanted.begins, wanted.decided)
    years = phased.by_year(base, one, opening)
    cash = {
        year: sum(row["extra_cash"] for row in years if row["year"] == year and row["payer"] == "ccg")
        for year in YEARS
    }  # fmt: skip
    once = [row for row in years if row["line"] != phased.RUNNING]
    first = min([row["year"] for row in once] + [YEARS[1]])
    figures = benefits.paired(base, one)
    pair = spread.Pair(base, one, YEARS[-1], of_base, spread.slopes(one, YEARS[-1]))
    return {
        "name": one.scenario.name, "figures": figures, "benefits": list(benefits.benefits(figures)),
        "posts": posts, "delivery": workforce.plan(posts, wanted.begins, wanted.decided), "years": years,
        "services": phased.by_service(base, one), "savings": account.saved(base, one),
        "affordability": _afforded(room, cash, once, first),
        "present_value": {name: phased.present_value(rows, column) for name, rows, column in (
            ("all", years, "extra"), ("cash", years, "extra_cash"), ("setting up", once, "extra"))},
        "risk": {"all payers": spread.spread(pair, inputs, base.scenario.seed),
                 "cash of clinical commissioning groups": spread.spread(pair, inputs, base.scenario.seed, "ccg"),
                 said.SETTING_UP: spread.of_setting_up(opening, inputs, base.scenario.seed)},
    }  # fmt: skip


def _afforded(
    room: list[dict[str, Any]], cash: dict[str, float], once: list[dict[str, Any]], first: str
) -> list[dict[str, Any]]:
    """Return the standard's rows with what of the commissioners' cash is spent once, on setting up."""
    spent = {
        year: sum(row["extra_cash"] for row in once if (row["year"], row["payer"]) == (year, "ccg")) for year in YEARS
    }
    return [{**row, "setting_up": spent[row["year"]]} for row in affordability.afforded(room, cash, first)]


def _equality(
    cases: Sequence[Case], wanted: Wanted, pool: Pool | None, progress: Progress | None
) -> dict[str, list[dict[str, Any]]]:
    """Live some replications again, people side by side: one comparison for every option."""
    compared = comparing.compare(
        *(case.path for case in cases), people=True, listed=0, pool=pool, progress=progress,
        replications=min(wanted.people, cases[0].scenario.replications),
    )  # fmt: skip
    return {one["name"]: equality.rows_of(one) for one in compared["comparisons"]}
