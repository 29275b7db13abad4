"""`parity skill-mix`: the cheapest mix of roles of a service, checked by simulation, and what it is set beside.

a year without waits → minutes by task → the programme → a scenario → simulated years → margins raised → again

Three mixes are set side by side over the same years and luck: the present one, the cheapest with every task done as
now, and the cheapest. The second says what right numbers alone would do; the third what the mix adds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from abm import tables
from abm.areas import is_illustrative
from experiments.console import Progress
from experiments.scenario import Scenario
from experiments.skillmix import applied, assemble, check, frontier, margins, rules
from experiments.skillmix.case import Case, case_of
from experiments.skillmix.check import Judged
from experiments.skillmix.problem import Problem, Solution
from experiments.skillmix.programme import pounds_if_divisible, solved
from pathways.errors import InputError

WAITS = (0.1, 0.3, 1.0)
"""Factors on what standards allow, of the frontier"""
PRESENT, SAME, MIX = "present", "as now, right numbers", "cheapest mix"


@dataclass
class Found:
    """A mix that the programme found, and what the simulation said of it."""

    name: str
    problem: Problem
    solution: Solution
    scenario: Scenario
    judged: Judged
    rounds: list[dict[str, Any]] = field(default_factory=list)
    margin: Mapping[str, float] = field(default_factory=dict)

    def holds(self, assurance: float) -> bool:
        """Whether every standard held in enough of the years."""
        return not self.judged.failing(assurance)


def present(case: Case, replications: int, pool: Any = None) -> Judged:
    """Return the present mix in simulated years."""
    return check.judged(case.wanted, case.asked, replications, pool)


def found(
    case: Case, name: str, today: Judged, replications: int, rounds: int, *, substitution: bool = True,
    wait_factor: float = 1.0, floor: float | None = None, margin: Mapping[str, float] | None = None,
    pool: Any = None, progress: Progress | None = None,
) -> Found:  # fmt: skip
    """Return the cheapest mix after so many rounds of solving, simulating and raising margins.

    Parameters
    ----------
    today : the present mix in simulated years: teams that keep their standards say what the formula may forget
    substitution : False: every task as now
    margin : where margins begin; None: with the formula's, and the present where it holds
    """
    values = case.rules.values
    if margin is None:
        first = assemble.problem_of(case.asked, case.rules, substitution=substitution)
        there = assemble.present_of(first).numbers
        margin = margins.where_it_holds(first, there, today, values["assurance"])
    steps: list[dict[str, Any]] = []
    for turn in range(1, rounds + 1):
        problem = assemble.problem_of(
            case.asked, case.rules, wait_factor=wait_factor, floor=floor, margin=margin, substitution=substitution
        )
        solution = solved(problem)
        scenario = applied.scenario_of(case.wanted, _short(case, name), case.asked, problem, solution, case.guard)
        years = check.judged(scenario, case.asked, replications, pool)
        failing = years.failing(values["assurance"])
        steps.append(
            {"mix": name, "round": turn, "pounds": solution.pounds, "registered_share": solution.registered_share,
             "targets": len(years.targets), "failing": len(failing)}
        )  # fmt: skip
        if progress is not None:
            progress(turn, rounds, f"{name}: {len(failing)} of {len(years.targets)} targets not met")
        one = Found(name, problem, solution, scenario, years, steps, dict(margin))
        if not failing or turn == rounds:
            return one
        margin = margins.raised(
            problem, margin, solution.flows, solution.numbers, years, values["assurance"], values["raise_least"]
        )
    raise AssertionError("rounds is at least 1")


def _short(case: Case, name: str) -> str:
    return "-".join([case.service.replace("_", "-"), *name.replace(",", "").split()])


def document(
    area: str = "lsc", service: str = "talking_therapies", system: str | None = None,
    scenario: Path | str | None = None, *, replications: int = 5, rounds: int = 8, seed: int = 1,
    year: str = "2016/17", floor: float | None = None, floors: Sequence[float] | None = None,
    waits: Sequence[float] | None = None, pool: Any = None, progress: Progress | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Return the document of `parity skill-mix` (`docs/skill-mix.md`).

    Parameters
    ----------
    replications : simulated years of each mix
    rounds : how often a margin is raised at most
    floor : least registered share; None: the table's
    floors, waits : of the frontier: registered shares (None: four from the floor up), factors on what
        standards allow (None: `WAITS`)
    """
    if progress is not None:
        progress(0, rounds, "a year in which nobody waits for staff")
    case = case_of(area, service, system, scenario, seed, year)
    if floor is not None and not 0 <= floor <= 1:
        raise InputError(key="--registered", value=floor, expected="a share from 0 to 1")
    today = present(case, replications, pool)
    refused = ""
    same: Found | None = None
    try:
        same = found(
            case, SAME, today, replications, rounds, substitution=False, floor=floor, pool=pool, progress=progress
        )
    except InputError as refusal:
        refused = f"{refusal.key}: {refusal.expected}"
    best = found(
        case, MIX, today, replications, rounds, floor=floor, margin=None if same is None else same.margin, pool=pool,
        progress=progress,
    )  # fmt: skip
    if same is not None and same.solution.pounds < best.solution.pounds and same.holds(case.rules.values["assurance"]):
        best = replace(same, name=MIX)  # raising margins round by round is no proof: what is cheaper and holds is it
    points = frontier.points(case, best, today, floors, waits or WAITS, replications, pool, progress)
    return _document(case, today, best, same, refused, points, replications)


def _document(
    case: Case, today: Judged, best: Found, same: Found | None, refused: str, points: list[dict[str, Any]],
    replications: int,
) -> dict[str, Any]:  # fmt: skip
    assurance = case.rules.values["assurance"]
    now = assemble.present_of(best.problem)
    mixes = [one for one in (same, best) if one is not None]
    posts = {PRESENT: now.posts, **{one.name: one.solution.posts for one in mixes}}
    pounds = {PRESENT: now.pounds, **{one.name: one.solution.pounds for one in mixes}}
    shares = {PRESENT: now.registered_share, **{one.name: one.solution.registered_share for one in mixes}}
    years = {PRESENT: today, **{one.name: one.judged for one in mixes}}
    return {
        "area": case.wanted.area, "service": case.service, "system": case.system, "year": case.year,
        "scenario": case.wanted.name, "illustrative": is_illustrative(case.wanted.area), "seed": case.wanted.seed,
        "replications": replications, "assurance": assurance, "floor": best.problem.floor,
        "holds": {name: not one.failing(assurance) for name, one in years.items()},
        "not_met": {name: len(one.failing(assurance)) for name, one in years.items()},
        "n_targets": {name: len(one.targets) for name, one in years.items()},
        "pounds": pounds, "registered_share": shares, "wte": {name: sum(one.values()) for name, one in posts.items()},
        "refused": refused, "gap": best.solution.gap, "allowed_gap": best.problem.gap,
        "pounds_if_divisible": pounds_if_divisible(best.problem),
        "roles": [
            {"role": role, "registered": case.rules.registered[role], "pounds_a_post": case.rules.pounds[role],
             "supply": best.problem.supply.get(role), **{name: one.get(role, 0.0) for name, one in posts.items()}}
            for role in sorted({role for one in posts.values() for role in one})
        ],
        "numbers": _numbers(best, same),
        "minutes": _minutes(case, best),
        "shares": _shares(case, best),
        "supervision": [{"role": role, "wte": n} for role, n in sorted(best.solution.supervision.items())],
        "standards": [{"mix": name, **row} for name, one in years.items() for row in one.rows()],
        "people": _people(case, years),
        "outcomes": [
            {"title": row["title"], **{name: check.people_through(one, case.asked)[f"{case.service}/{row['state']}"]
                                       for name, one in years.items()}}
            for row in tables.read("outcomes", rules.FOLDER) if row["service"] == case.service
        ],
        "rounds": [step for one in mixes for step in one.rounds],
        "frontier": points,
        "sources": rules.sources(case.service, list(case.asked.tasks)),
        "mix_scenario": best.scenario.model_dump(mode="json", by_alias=True, exclude_defaults=True),
    }  # fmt: skip


def _numbers(best: Found, same: Found | None) -> list[dict[str, Any]]:
    other = {} if same is None else {
        pool.name: people for pool, people in zip(same.problem.pools, same.solution.numbers, strict=True)
    }  # fmt: skip
    return [
        {"team": pool.team, "place": pool.place, "role": pool.role, "hours": row.hours,
         "hours_a_week": row.hours_a_week, "kind": pool.kind,
         PRESENT: row.baseline, SAME: other.get(pool.name, (None,) * len(pool.rows))[i], MIX: people[i]}
        for pool, people in zip(best.problem.pools, best.solution.numbers, strict=True)
        for i, row in enumerate(pool.rows) if row.baseline or people[i]
    ]  # fmt: skip


def _minutes(case: Case, best: Found) -> list[dict[str, Any]]:
    """Minutes a year of each role at each task, now and in the mix."""
    rows: dict[tuple[str, str], dict[str, float]] = {}
    for way, n in zip(best.problem.ways, best.solution.flows, strict=True):
        now = sum(best.problem.people[way.need].values()) if way.as_now else 0.0
        for (_, role), work in way.work.items():
            row = rows.setdefault((way.task, role), {PRESENT: 0.0, MIX: 0.0, "people": 0.0, "people_mix": 0.0})
            row[PRESENT] += now * work.hours * 60
            row[MIX] += n * work.hours * 60
            row["people"] += now
            row["people_mix"] += n
    return [{"task": task, "role": role, **row} for (task, role), row in rows.items() if row[PRESENT] or row[MIX] > 1]


def _shares(case: Case, best: Found) -> list[dict[str, Any]]:
    """What is done otherwise: the limit of each row and how much of it is used."""
    shares = applied.shares_of(best.problem, best.solution)
    rows = [
        {"task": task, "to": to, "what": "another treatment", "at_most": most,
         "share": shares.moved.get(task, {}).get(to, 0.0)}
        for (task, to), most in best.problem.most_moved.items()
    ]  # fmt: skip
    rows += [
        {"task": task, "to": role, "what": "another role", "at_most": most,
         "share": shares.standing_in.get(task, {}).get(role, 0.0)}
        for (task, role), most in best.problem.most_standing_in.items()
    ]  # fmt: skip
    return rows


def _people(case: Case, years: Mapping[str, Judged]) -> list[dict[str, Any]]:
    """People a year through each state, in every mix: what the mix does to care beyond its standards."""
    counted = {name: check.people_through(one, case.asked) for name, one in years.items()}
    states = dict.fromkeys(state for one in counted.values() for state in one)
    return [{"state": state, **{name: one.get(state, 0.0) for name, one in counted.items()}} for state in states]
