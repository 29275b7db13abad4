"""What a board rests on: finished runs that were handed in, or runs it carries out itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from experiments import run as runs
from experiments import scenario as scenarios
from experiments import scenario_setting, store
from experiments.board.where import Where
from experiments.console import Progress
from experiments.reports.after import gone_of
from experiments.reports.material import Case, case_of
from experiments.scenario import Scenario
from pathways.errors import InputError
from pathways.specs import PathwaySpec, validated

WHOLE_SYSTEM = "whole-system"
"""The scenario a board runs: every pathway is open, so that nobody leaves the map at a service that it has"""


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
        wanted = scenarios.read(WHOLE_SYSTEM).replaced(area=where.area, seed=seed)
        done = runs.run(wanted, out=out, progress=progress)
        case = case_of(done["path"], wanted.name, done["replications"], without=gone_of(done))
    else:
        store.about(folder)
        case = case_of(folder, folder.name)
    scenario = Scenario.model_validate_json(case.about["scenario"])
    if scenario.area != where.area:
        raise InputError(
            file=folder, key="--run", value=scenario.area, expected=f"a run of {where.area}", suggestion=where.area
        )
    specs = {name: validated(graph) for name, graph in scenario_setting.graphs(scenario).items()}
    return Ran(case, scenario, specs, case.about["case"], folder or Path(done["path"]))
