"""Sizing: the least staff, beds and caseload places with which every target of every team is met.

offered load → staffing curves → one roster unit at a time → verdicts on fresh years → confirmation →
headroom → parameter uncertainty

`size` does it for an area, `size_standalone` for one pathway file; both return the document of
`docs/sizing.md`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from abm.areas import is_illustrative
from experiments import scenario as scenarios
from experiments import scenario_checks
from experiments.console import Progress
from experiments.planning import document, uncertainty_rows
from experiments.planning.audit import Decision, Trail
from experiments.planning.budget import Budget
from experiments.planning.headroom import headroom
from experiments.planning.layout import Layout
from experiments.planning.links import linked
from experiments.planning.offered_load import offered_load
from experiments.planning.results import write
from experiments.planning.search import Search, Trials
from experiments.planning.size_tables import tables
from experiments.planning.staffing_curves import curve_of
from experiments.planning.uncertainty import try_parameters, undeclared_of
from experiments.planning.verdicts import Verdicts
from experiments.planning.years import AreaSubject, FileSubject, Subject, YearsOfPool
from experiments.run_tables import ILLUSTRATIVE
from experiments.scenario import Scenario
from experiments.standalone import parsed
from pathways import edits, files
from pathways.errors import InputError

__all__ = ["size", "size_standalone", "standards_for", "tables"]

PAIRED_YEARS = 6
CONFIRMED_YEARS = 40


def size(
    *,
    area: str = "lsc",
    year: str = "2016/17",
    assurance: float = 0.8,
    confidence: float = 0.95,
    budget_seconds: float = 360.0,
    scenario: Path | str | None = None,
    seed: int = 1,
    out: Path | str = "results",
    pool: Any = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Size every team of an area for a financial year and return (and write under `out`) the document.

    A `scenario` may change rosters, pathways and demand; the numbers it gives teams are only compared with.
    """
    wanted = wanted_of(area, year, scenario, seed)
    budget = Budget(budget_seconds)
    say = _sayer(budget, progress, "making the population")
    subject = AreaSubject(wanted.canonical())
    years = YearsOfPool(subject, pool)
    found = _sized(subject, years, assurance, confidence, budget, say)
    found |= {
        "area": area,
        "year": year,
        "seed": seed,
        "scenario": wanted.name,
        "scenario_digest": wanted.digest(),
    }
    if is_illustrative(area):
        found["notes"] = [ILLUSTRATIVE, *found["notes"]]
    write(found, Path(out))
    return found


def wanted_of(area: str, year: str, scenario: Path | str | None, seed: int) -> Scenario:
    """Return what is to be sized, checked: a scenario's own dates may not be those of the year."""
    wanted = scenarios.read(scenario).replaced(area=area, seed=seed, start=first_day(year), years=1.0)
    scenario_checks.check(wanted, scenario or wanted.name)
    if wanted.staff_levers is not None:
        raise InputError(
            file=scenario, key="staff", value=wanted.staff,
            expected="no staff: a sizing asks who is needed, not who is there; run and compare it instead",
        )  # fmt: skip
    for i, edit in enumerate(wanted.edit):
        if edit.from_ is not None and edit.add is not None:
            raise InputError(
                file=scenario, key=f"edit.{i}.from", value=str(edit.from_),
                expected="no date: what is sized has its states and clocks from the start",
            )  # fmt: skip
    for i, change in enumerate(wanted.team):
        if change.from_ is not None and change.staff is not None:
            raise InputError(
                file=scenario, key=f"team.{i}.from", value=str(change.from_),
                expected="no date: what is sized has its rosters from the start",
            )  # fmt: skip
    return wanted


def size_standalone(
    file: Path | str,
    *,
    standards: Mapping[str, Mapping[str, Any]] | None = None,
    assurance: float = 0.8,
    confidence: float = 0.95,
    budget_seconds: float = 120.0,
    days: int = 365,
    warm_up: int = 90,
    seed: int = 1,
    pool: Any = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Size the teams of one stand-alone pathway file.

    Parameters
    ----------
    standards : {state: {"within": "30 min", "share": 0.9}}, added to (or in place of) those of the file
    days, warm_up : of each simulated year
    """
    pathway = files.read(file)
    for state, standard in (standards or {}).items():
        change = {"set": {f"state.{state}.standard": {"source": "given for sizing", "status": "local", **standard}}}
        pathway = edits.apply(pathway, change, file)
    parsed(pathway)
    budget = Budget(budget_seconds)
    subject = FileSubject(files.as_toml(pathway), str(file), days, warm_up, seed)
    found = _sized(
        subject,
        YearsOfPool(subject, pool),
        assurance,
        confidence,
        budget,
        _sayer(budget, progress, pathway.name),
    )
    return found | {"area": None, "year": None, "seed": seed, "scenario": pathway.name,
                    "scenario_digest": pathway.digest()}  # fmt: skip


def standards_for(file: Path | str, within: str, share: float) -> dict[str, dict[str, Any]]:
    """Return one standard for every state of a file that somebody may have to wait for and that has none."""
    pathway = files.read(file)
    spec, _ = parsed(pathway)
    waited_for = [name for name, state in spec.states.items() if state.kind in ("contact", "place")]
    bare = [name for name in waited_for if spec.states[name].standard is None]
    return {name: {"within": within, "share": share} for name in bare}


def first_day(year: str) -> date:
    """Return 1 April of a financial year such as 2016/17."""
    try:
        return date(int(year[:4]), 4, 1)
    except ValueError as error:
        raise InputError(key="--year", value=year, expected="a financial year such as 2016/17") from error


def _sayer(budget: Budget, progress: Progress | None, doing: str) -> Callable[[str], None]:
    def say(message: str) -> None:
        if progress is not None:
            progress(round(min(budget.spent, budget.seconds)), round(budget.seconds), f"Sizing: {message}")

    say(doing)
    return say


def _sized(
    subject: Subject, years: YearsOfPool, assurance: float, confidence: float, budget: Budget,
    say: Callable[[str], None],
) -> dict[str, Any]:  # fmt: skip
    layout = years.layout
    if not layout.levers:
        raise InputError(key="team", value=None, expected="a team with staff, places or clinicians to be sized")
    say("offered load, with unlimited capacity")
    unlimited = years.evaluate([(layout.unlimited, r) for r in range(PAIRED_YEARS)], whole=True)
    works = [outcome.work for outcome in unlimited if outcome.work is not None]
    offered = offered_load(layout, works, subject.days)
    links = linked(layout, works)
    floors = np.array([layout.floor(lever) for lever in range(len(layout.levers))], dtype=np.int32)
    trail, trials = Trail(), Trials()
    sizes = np.array([target.sizes for target in layout.targets])
    search = Search(
        years, np.stack([outcome.asked for outcome in unlimited]), sizes, assurance, floors, trail, trials,
        links, say, budget.over("search"),
    )  # fmt: skip
    beyond = sizes & (search.likely(unlimited) < 0)
    search.usable = sizes & ~beyond
    _note_beyond(trail, layout, beyond, len(unlimited))
    budget.note("offered load", years.runs)

    pools = sorted(layout.levers_of_pool)
    search.down_the_curves([curve_of(layout, offered, p, floors) for p in pools])
    budget.note("staffing curves", years.runs)
    search.trim()
    budget.note("trimming", years.runs)

    verdicts = Verdicts(
        years, search.usable, floors, search.plan.copy(), links.apart, assurance, confidence, trail, trials,
        say, budget.over("verdicts"),
    )  # fmt: skip
    verdicts.run()
    budget.note("verdicts on fresh years", years.runs)
    verdicts.stop = budget.over("confirmation")
    verdicts.confirm(CONFIRMED_YEARS)
    budget.note("confirmation", years.runs)
    search.stop = budget.over("headroom")
    room = headroom(search, verdicts.plan)
    budget.note("headroom", years.runs)
    final = tuple(int(n) for n in verdicts.plan)
    tried = try_parameters(
        years, final, search.usable, offered.by_lever, assurance, budget.over("parameter uncertainty"), say
    )
    budget.note("parameter uncertainty", years.runs)
    return document.of(subject, search, verdicts, offered, room, beyond, budget, years.runs) | {
        "uncertainty": uncertainty_rows.of(
            tried, layout, search.usable, final, verdicts.pure_years(), assurance, confidence
        ),
        "uncertainty_undeclared": undeclared_of(subject),
    }


def _note_beyond(trail: Trail, layout: Layout, beyond: np.ndarray, n: int) -> None:
    """Say which targets no capacity of their team can meet: they are reported, and not sized by."""
    for i in np.flatnonzero(beyond):
        target = layout.targets[i]
        trail.add(
            Decision("offered load", layout.units[target.unit].name, "unlimited capacity",
                     "not met all the same", target.name, n,
                     note="it hangs on something else than this team's capacity: not sized by")
        )  # fmt: skip
