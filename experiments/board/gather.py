"""What a board rests on: finished runs that were handed in, or runs it carries out itself."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from experiments import run as runs
from experiments import scenario as scenarios
from experiments import scenario_setting, store
from experiments.board.where import Where
from experiments.console import Progress
from experiments.reports.after import gone_of
from experiments.reports.material import Case, case_of
from experiments.risk.simulated import Pool
from experiments.scenario import Scenario
from experiments.staff.simulate import staff_years
from pathways.errors import InputError
from pathways.specs import PathwaySpec, validated

RISK_POINTS = 128
NOT_LOCAL = "not local"
WHOLE_SYSTEM = "whole-system"
"""The scenario a board runs: every pathway is open, so that nobody leaves the map at a service that it has; England's
board runs the baseline's four"""


@dataclass(frozen=True)
class Ran:
    """A finished run and what it was asked."""

    case: Case
    scenario: Scenario
    specs: Mapping[str, PathwaySpec]
    identity: str
    folder: Path

    @property
    def behind(self) -> str:
        """Return how the page names it."""
        one, name = self.scenario, self.case.about.get("name", self.scenario.name)
        return (
            f"run {self.identity[:12]} (scenario {name}, {one.measured_days} days from {one.start:%-d %B %Y}, "
            f"seed {one.seed}, replications {self.case.replications})"
        )


def ran(where: Where, folder: Path | None, out: Path, seed: int, progress: Progress | None = None) -> Ran:
    """Return a finished run of the area: the one in `folder`, else the whole system's baseline year, run now.

    Raises
    ------
    InputError
        If the run in `folder` is of another area.
    """
    if folder is None:
        name = scenarios.BASELINE if where.level == "england" else WHOLE_SYSTEM
        wanted = scenarios.read(name).replaced(area=where.area, seed=seed)
        done = runs.run(wanted, out=out, progress=progress)
        case = case_of(done["path"], wanted.name, done["replications"], without=gone_of(done))
    else:
        refuse_other(where, folder)
        case = case_of(folder, folder.name)
    scenario = Scenario.model_validate_json(case.about["scenario"])
    specs = {name: validated(graph) for name, graph in scenario_setting.graphs(scenario).items()}
    return Ran(case, scenario, specs, case.about["case"], folder or Path(done["path"]))


def refuse_other(where: Where, folder: Path) -> None:
    """Refuse the folder of a run that is none, or of another area.

    Raises
    ------
    InputError
        If it is.
    """
    area = Scenario.model_validate_json(store.about(folder)["scenario"]).area
    if area != where.area:
        raise InputError(file=folder, key="--run", value=area, expected=f"a run of {where.area}")


@dataclass(frozen=True)
class Staffed:
    """The staff simulation, and what it rests on."""

    staff: pd.DataFrame
    basis: str
    """Whether its posts are the area's own"""
    behind: str
    model: str
    """Digest of figures, kernels and other sources"""


def staffed(area: str, seed: int, establishment: Path | None = None) -> Staffed:
    """Return the staff of an area, month by month."""
    found = staff_years(area, seed=seed, establishment=establishment)
    basis = NOT_LOCAL if establishment is None else f"local: {establishment.name}"
    model = f"model {runs.model_digest()[:12]}"
    return Staffed(found, basis, f"staff simulated month by month, seed {seed}, {model}", model)


@dataclass(frozen=True)
class Risky:
    """The tables of a risk analysis that the board shows, and what they rest on."""

    percentiles: list[dict[str, Any]]
    mitigations: list[dict[str, Any]]
    questions: list[dict[str, Any]]
    behind: str


def risky(
    where: Where, folder: Path | None, budget: str, seed: int, pool: Pool, out: Path | None, progress: Progress | None
) -> Risky:  # fmt: skip
    """Return a risk analysis: the finished one in `folder`, else one made now within the budget.

    Raises
    ------
    InputError
        If `folder` holds none, or none with figures of the place.
    """
    if folder is not None:
        return read_risk(where, folder)
    from experiments.risk import run as risk_run

    place = where.place if where.level == "system" else where.area
    wanted = risk_run.wanted_of(place, budget, RISK_POINTS, seed)
    tables = risk_run.tables_of(wanted, None, None, None)
    found = risk_run.risk(wanted, tables, pool, None if out is None else out / "risk", progress)
    behind = f"parity risk: {found['said']}, model {runs.model_digest()[:12]}"
    return Risky(found["percentiles"], found["mitigations"], found["questions"], behind)


def read_risk(where: Where, folder: Path) -> Risky:
    """Read what `parity risk --out` wrote.

    Raises
    ------
    InputError
        If `folder` holds none, or none with figures of the place.
    """
    found, digest = {}, hashlib.sha256()
    for name in ("percentiles", "mitigations", "questions"):
        file = folder / f"risk_{name}.parquet"
        if not file.is_file():
            raise InputError(file=file, key="--risk", expected="a folder that `parity risk --out` wrote")
        digest.update(file.read_bytes())
        table = pd.read_parquet(file)
        found[name] = table.astype(object).where(table.notna(), None).to_dict("records")
    places = list(dict.fromkeys(row["place"] for row in found["percentiles"]))
    if where.place not in places:
        raise InputError(file=folder, key="--risk", value=places[0], expected=f"a risk analysis of {where.place}")
    behind = f"parity risk, files {digest.hexdigest()[:12]}"
    return Risky(found["percentiles"], found["mitigations"], found["questions"], behind)
