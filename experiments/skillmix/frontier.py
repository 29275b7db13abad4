"""The frontier: the least cost at each registered share and each wait, and which points no other point beats.

Each point is a programme of its own: the registered share no lower than so much, and every standard's time multiplied
by a factor (epsilon-constraint; Haimes, Lasdon & Wismer 1971, doi:10.1109/TSMC.1971.4308298). Margins are those at
which the cheapest mix held. Each is simulated in the same years, and its wait is the one measured there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.console import Progress
from experiments.skillmix import applied, assemble, check
from experiments.skillmix.case import Case
from experiments.skillmix.check import Judged
from experiments.skillmix.problem import FLOOR, SUPPLY, Problem, Refused, Solution
from experiments.skillmix.programme import solved
from experiments.skillmix.rules import title_of

if TYPE_CHECKING:
    from experiments.skillmix.mix import Found

STEPS = 4


def points(
    case: Case,
    best: Found,
    today: Judged,
    floors: Sequence[float] | None,
    waits: Sequence[float],
    replications: int,
    pool: Any = None,
    progress: Progress | None = None,
) -> list[dict[str, Any]]:
    """Return one row a point; `beaten` says that another is no dearer, no slower and no less registered."""
    wanted = sorted({*(floors or _floors(best)), best.problem.floor})
    rows: list[dict[str, Any]] = []
    for k, (wait, floor) in enumerate((wait, floor) for wait in sorted(waits) for floor in wanted):
        if progress is not None:
            progress(k, len(waits) * len(wanted), "the frontier")
        row: dict[str, Any] = {"wait_factor": wait, "floor": floor}
        if any(one["wait_factor"] == wait and one.get("registered_share", 0.0) >= floor for one in rows):
            continue  # the cheapest mix for a lower share has so many registered already
        try:
            problem, solution, scarce = _quickest(case, best, wait, floor)
        except Refused as refusal:
            rows.append({**row, "refused": _words(refusal)})
            continue
        row["own_time"] = ", ".join(sorted(scarce))
        if any(one.get("pounds", np.inf) <= solution.pounds and one["registered_share"] >= floor for one in rows):
            continue  # found for a shorter time: it is no dearer than what was found for this one
        scenario = applied.scenario_of(case.wanted, f"frontier-{k}", case.asked, problem, solution, case.guard)
        years = check.judged(scenario, case.asked, replications, pool)
        waited, came = mean_wait_minutes(years, case.asked.service)
        rows.append({
            **row, "pounds": solution.pounds, "registered_share": solution.registered_share,
            "wte": sum(solution.posts.values()), "wait_minutes": waited, "came": came / len(years.outcomes),
            "not_met": len(years.failing(case.rules.values["assurance"])), "targets": len(years.targets),
            **{f"wte_{role}": n for role, n in solution.posts.items()},
        })  # fmt: skip
    mark_beaten(rows)
    return rows


def _quickest(case: Case, best: Found, wait: float, floor: float) -> tuple[Problem, Solution, frozenset[str]]:
    """Return the cheapest mix for a time; roles of which not enough can be had for it keep the standard's own.

    Raises
    ------
    Refused
        If limits forbid it that have nothing to do with the time.
    """
    scarce: frozenset[str] = frozenset()
    while True:
        problem = assemble.problem_of(
            case.asked, case.rules, wait_factor=wait, floor=floor, margin=best.margin, own_time=scarce
        )
        try:
            return problem, solved(problem), scarce
        except Refused as refusal:
            if wait >= 1 or refusal.roles <= scarce:
                raise
            scarce |= refusal.roles


def _words(refusal: Refused) -> str:
    """Return what is short, for a line of a table."""
    if not refusal.short:
        return refusal.expected
    short = [
        f"{posts:.1f} posts {'registered' if what == FLOOR else title_of(what.removeprefix(SUPPLY))}"
        for what, posts in refusal.short.items()
    ]
    return f"short of {', '.join(short)} (WTE)"


def _floors(best: Found) -> list[float]:
    """Return registered shares from that of the cheapest mix up."""
    low = min(best.problem.floor, best.solution.registered_share)
    start = max(low, np.floor(best.solution.registered_share * 20) / 20)
    return [round(float(one), 3) for one in np.linspace(start, min(start + 0.15, 1.0), STEPS)]


def mean_wait_minutes(judged: Judged, service: str) -> tuple[float, float]:
    """Return (mean wait for the staff of a service in minutes, by Little's law; all who came to its contacts)."""
    layout = judged.layout
    total = people = 0.0
    for outcome in judged.outcomes:
        work = outcome.work
        assert work is not None
        for at, (state, _) in enumerate(layout.network.flat.cells):
            full = layout.network.flat.state_names[state]
            if full.startswith(f"{service}/") and _is_contact(judged, full):
                total += float(work.waiting[at])
                people += float(work.arrivals[at])
    return total * judged.days * 1440 / max(people, 1.0), people


def _is_contact(judged: Judged, full: str) -> bool:
    pathway, _, name = full.partition("/")
    state = judged.layout.network.specs[pathway].states.get(name)
    return state is not None and state.kind == "contact"


def mark_beaten(rows: list[dict[str, Any]]) -> None:
    """Say of each point whether another is no dearer, slower or less registered, and fails no more standards."""
    there = [row for row in rows if "pounds" in row]
    for row in there:
        row["beaten"] = any(other is not row and _no_worse(other, row) and not _no_worse(row, other) for other in there)


def _no_worse(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return (
        one["pounds"] <= other["pounds"] + 1
        and one["wait_minutes"] <= other["wait_minutes"] + 1e-9
        and one["registered_share"] >= other["registered_share"] - 1e-9
        and one.get("not_met", 0) <= other.get("not_met", 0)
    )
