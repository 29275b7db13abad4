"""Operational resilience: by how much demand, or absence, may rise before each team first fails, and who fails first.

The teams are taken as they stand in a scenario: nothing is sized.

as it stands → rises, coarsely → the bracket of whoever fails first, halved → the next
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from abm.areas import is_illustrative
from experiments import scenario as scenarios
from experiments import scenario_checks, store
from experiments.console import Progress
from experiments.planning.headroom import Headroom, first_failures
from experiments.planning.layout import Layout
from experiments.planning.search import likely
from experiments.planning.years import AreaSubject, Plan, Task, YearsOfPool, setting_with
from experiments.reports.words import percent, spoken
from experiments.run_tables import ILLUSTRATIVE
from experiments.scenario import Scenario
from experiments.scenario_setting import plan as numbers_of
from pathways.errors import InputError, nearest, one_of

if TYPE_CHECKING:
    from rich.console import RenderableType

DEMAND, ABSENCE = "demand", "absence"
BOTH = "both"
RISES = {DEMAND: (0.03, 0.06, 0.10, 0.15, 0.25, 0.40, 0.60, 1.00), ABSENCE: (0.02, 0.05, 0.10, 0.15, 0.20, 0.30, 0.50)}
"""Rises that are tried in turn until every team has failed"""
FINEST = 0.01
"""Width of a bracket that is not halved any more"""


@dataclass
class Tried:
    """What was tried of one kind of rise: scores by rise, and who counts."""

    usable: np.ndarray
    scores: dict[float, np.ndarray] = field(default_factory=dict)


def headroom(
    scenario: Path | str | Scenario | None = None,
    *,
    of: str = BOTH,
    area: str | None = None,
    years: int = 6,
    assurance: float = 0.8,
    budget_seconds: float = 360.0,
    seed: int | None = None,
    out: Path | None = None,
    pool: Any = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Return the document of `parity headroom` (`docs/headroom.md`).

    Parameters
    ----------
    of : demand, absence or both
    years : simulated years for each rise
    assurance : share of years in which a target must hold

    Raises
    ------
    InputError
        If the scenario cannot be run, or is not of one STP.
    """
    wanted = wanted_of(scenario, of, area, seed)
    subject = AreaSubject(wanted.canonical())
    pooled = YearsOfPool(subject, pool)
    layout = pooled.layout
    plan = tuple(int(n) for n in numbers_of(wanted, setting_with(subject)))
    began = time.monotonic()

    def spent() -> float:
        return time.monotonic() - began

    def say(words: str) -> None:
        if progress is not None:
            progress(round(min(spent(), budget_seconds)), round(budget_seconds), f"Headroom: {words}")

    def scores(numbers: Plan, usable: np.ndarray, kind: str = DEMAND, rise: float = 0.0) -> np.ndarray:
        demand, absence = (1.0 + rise, 0.0) if kind == DEMAND else (1.0, rise)
        tasks = [Task(subject, numbers, r, demand=demand, absence=absence) for r in range(years)]
        return likely(layout, pooled.judged(tasks), assurance, usable)

    sizes = np.array([target.sizes for target in layout.targets])
    say("unlimited capacity")
    usable = sizes & (scores(layout.unlimited, sizes) >= 0)
    say("as it stands")
    as_it_is = scores(plan, usable)
    found = {}
    kinds = [DEMAND, ABSENCE] if of == BOTH else [of]
    for turn, kind in enumerate(kinds):
        tried = Tried(usable, {0.0: as_it_is})
        until = budget_seconds * (turn + 1) / len(kinds)
        for rise in _next_rises(layout, tried, RISES[kind]):
            if spent() >= until:
                break
            say(f"{kind} +{100 * rise:.3g} %")
            tried.scores[rise] = scores(plan, usable, kind, rise)
        found[kind] = tried
    document: dict[str, Any] = {
        "scenario": wanted.name, "title": wanted.title, "area": wanted.area, "start": wanted.start,
        "days": wanted.measured_days, "seed": wanted.seed, "illustrative": is_illustrative(wanted.area),
        "years": years, "assurance": assurance, "runs": pooled.runs, "seconds": round(spent(), 1),
        "stopped_by_budget": spent() >= budget_seconds,
        "tried": {kind: sorted(tried.scores) for kind, tried in found.items()},
        "first": {kind: _first(layout, tried) for kind, tried in found.items()},
        "teams": _teams(layout, found),
        "beyond_capacity": [layout.targets[t].name for t in np.flatnonzero(sizes & ~usable)],
    }  # fmt: skip
    document["files"] = {} if out is None else _write(document, Path(out))
    return document


def wanted_of(scenario: Path | str | Scenario | None, of: str, area: str | None, seed: int | None) -> Scenario:
    """Return what is asked, checked."""
    if of not in (DEMAND, ABSENCE, BOTH):
        kinds = (DEMAND, ABSENCE, BOTH)
        raise InputError(key="--of", value=of, expected=one_of(kinds), suggestion=nearest(of, kinds))
    wanted = scenario if isinstance(scenario, Scenario) else scenarios.read(scenario)
    wanted = wanted.replaced(area=area, seed=seed)
    if wanted.staff_levers is not None:
        raise InputError(
            key="staff", value=wanted.staff, expected="no staff: headroom is that of rosters as they stand"
        )
    scenario_checks.check(wanted, wanted.name if isinstance(scenario, Scenario) or scenario is None else scenario)
    return wanted


def _next_rises(layout: Layout, tried: Tried, rises: Sequence[float]) -> Iterator[float]:
    """Yield the rises to try: each in turn while any team holds, then the middle of the lowest wide bracket."""
    for rise in rises:
        if all(one.fails_at is not None for one in first_failures(layout, tried.scores, tried)):
            break
        yield rise
    while True:
        wide = [
            (one.fails_at, one.holds_at) for one in first_failures(layout, tried.scores, tried)
            if one.fails_at is not None and one.fails_at - one.holds_at > FINEST + 1e-9
        ]  # fmt: skip
        if not wide:
            return
        fails, holds = min(wide)
        middle = round((fails + holds) / 2, 3)
        if middle in tried.scores:
            return
        yield middle


def _first(layout: Layout, tried: Tried) -> dict[str, Any] | None:
    """Return who of those that hold as it stands fails first; None if nobody does at any rise tried."""
    failing = [
        (one.fails_at, u, one) for u, one in enumerate(first_failures(layout, tried.scores, tried)) if one.fails_at
    ]
    if not failing:
        return None
    fails, u, one = min(failing, key=lambda row: row[:2])
    return {"unit": layout.units[u].name, "fails_at": fails, "holds_at": one.holds_at, "target": one.target}


def _teams(layout: Layout, found: Mapping[str, Tried]) -> list[dict[str, Any]]:
    """Return one row a unit that has a target, those that fail first at the top."""
    rooms = {kind: first_failures(layout, tried.scores, tried) for kind, tried in found.items()}
    usable = next(iter(found.values())).usable
    rows = []
    for u, unit in enumerate(layout.units):
        if not any(usable[t] for t in layout.targets_of_unit[u]):
            continue
        row: dict[str, Any] = {"unit": unit.name, "team": unit.team, "place": unit.place}
        for kind, room in rooms.items():
            one: Headroom = room[u]
            row |= {f"{kind}_holds_at": None if one.fails_at == 0 else one.holds_at,
                    f"{kind}_fails_at": one.fails_at, f"{kind}_target": one.target}  # fmt: skip
        row["fails_as_it_stands"] = any(room[u].fails_at == 0 for room in rooms.values())
        rows.append(row)
    first = next(iter(rooms))
    return sorted(rows, key=lambda row: (row[f"{first}_fails_at"] is None, row[f"{first}_fails_at"] or 0, row["unit"]))


def _write(document: Mapping[str, Any], out: Path) -> dict[str, Path]:
    out.mkdir(parents=True, exist_ok=True)
    files = {"document": out / "headroom.json", "csv": out / "headroom.csv", "parquet": out / "headroom.parquet"}
    store.write_json(files["document"], document)
    table = pd.DataFrame(document["teams"])
    table.to_csv(files["csv"], index=False)
    table.to_parquet(files["parquet"], index=False)
    return files


def tables(document: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Yield the headroom of every team for people."""
    from rich.table import Table

    if document["illustrative"]:
        yield ILLUSTRATIVE
    title = f"{document['title'] or document['scenario']}: by how much may it rise before a target fails?"
    table = Table(title=title, title_justify="left", caption_justify="left")
    kinds = list(document["first"])
    for column in ("team", "at", *(word for kind in kinds for word in (kind, "fails by"))):
        table.add_column(column, justify="right" if column in kinds else "left")
    for row in document["teams"]:
        cells = []
        for kind in kinds:
            cells += [_between(row, kind, document["tried"][kind][-1]), spoken(row[f"{kind}_target"])]
        table.add_row(spoken(row["team"]), row["place"], *cells)
    table.caption = (
        f"Held at the first number, failed at the second: {document['years']} years of each rise, targets in at least "
        f"{percent(document['assurance'])} of them."
    )
    yield table
    for kind, first in document["first"].items():
        if first is None:
            yield f"No team that holds as it stands fails at any rise of {kind} that was tried."
        else:
            yield (
                f"First to fail when {kind} rises: {first['unit']}, between +{percent(first['holds_at'])} and "
                f"+{percent(first['fails_at'])} ({first['target']})."
            )
    if document["beyond_capacity"]:
        yield f"Not judged, as no capacity of their team meets them: {', '.join(document['beyond_capacity'])}."
    if document["stopped_by_budget"]:
        yield "The time was up: brackets may be wide."
    if document["files"]:
        yield f"Written to {document['files']['document'].parent}"


def _between(row: Mapping[str, Any], kind: str, most: float) -> str:
    fails, holds = row[f"{kind}_fails_at"], row[f"{kind}_holds_at"]
    if fails == 0:
        return "fails as it stands"
    return f"over +{percent(most)}" if fails is None else f"+{percent(holds)} to +{percent(fails)}"
