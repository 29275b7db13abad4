"""Reports at the end of a command: simulates what a report needs and is not there yet, then writes it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments import run as runs
from experiments import scenario as scenarios
from experiments import scenario_setting
from experiments.console import Progress
from experiments.reports.material import DECLARED, SIZED, case_of
from experiments.reports.report import write
from experiments.scenario import Scenario

if TYPE_CHECKING:
    from cluster.pool import Pool

YEARS = 6
FRESH_SEED = 1_000_003
"""Added to the seed: the years of a report were not seen by the search."""


def after_sizing(
    document: Mapping[str, Any],
    scenario: Path | str | None,
    out: Path | str,
    *,
    pool: Pool | None = None,
    progress: Progress | None = None,
    replications: int = YEARS,
) -> dict[str, Path]:
    """Simulate the sized plan and the teams as declared with fresh luck, and write the report beside the sizing.

    Parameters
    ----------
    document : what `sizing.size` returned
    scenario : the file that was sized (None: the built-in baseline)
    out : folder of results, the same as the sizing's
    """
    fresh = scenarios.read(scenario).replaced(
        area=document["area"], start=document["first_day"], years=1.0, replications=replications,
        seed=(document["seed"] + FRESH_SEED) % 2**32,
    )  # fmt: skip
    cases = []
    for name, wanted in ((SIZED, with_plan(fresh, document)), (DECLARED, fresh)):
        found = runs.run(wanted, out=out, pool=pool, progress=progress)
        cases.append(case_of(found["path"], name, replications, without=gone_of(found)))
    return write(document, cases, scenario_setting.setting(fresh), Path(document["written"][0]).parent)


def after_run(document: Mapping[str, Any]) -> dict[str, Path]:
    """Write the report of a run (the document of `parity run`) into the run's own folder."""
    case = case_of(document["path"], str(document["name"]), document["replications"], without=gone_of(document))
    scenario = Scenario.model_validate_json(case.about["scenario"])
    return write(None, [case], scenario_setting.setting(scenario), document["path"])


def gone_of(document: Mapping[str, Any]) -> list[int]:
    """Return the replications of a run that failed."""
    return [row["replication"] for row in document["failed"]]


def with_plan(scenario: Scenario, document: Mapping[str, Any]) -> Scenario:
    """Return the scenario with the numbers of a sizing: the last change of a team holds."""
    changes = [change.model_dump(exclude_none=True) for change in scenario.team]
    for lever in document["plan"]:
        team, _, place = lever["unit"].partition(" @ ")
        change: dict[str, Any] = {"team": team, "place": place}
        if lever["kind"] == "places":
            change["places"] = lever["plan"]
        elif lever["kind"] == "clinicians":
            change["clinicians"] = {lever["role"]: lever["plan"]}
        else:
            change |= {"role": lever["role"], "hours": lever["hours"], "number": lever["plan"]}
        changes.append(change)
    return scenario.replaced(
        name=f"{scenario.name}-sized", title=f"{scenario.title or scenario.name}: the sized plan", team=changes
    )
