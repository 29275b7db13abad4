"""A small report's material, all of it simulated: three weeks of the area, sized with hardly any time."""

from functools import cache
from pathlib import Path

from experiments import run as runs
from experiments import scenario_setting
from experiments.planning import sizing
from experiments.planning.years import AreaSubject, YearsOfPool
from experiments.reports.after import with_plan
from experiments.reports.material import DECLARED, SIZED, Material, case_of
from experiments.scenario import Scenario

SHORT = Scenario(days=21, warm_up=7, replications=2)
ASSURANCE, CONFIDENCE, SECONDS = 0.8, 0.95, 4.0


@cache
def material(folder: Path) -> Material:
    """Return a sizing document and the simulated weeks of two plans; results are kept in `folder`."""
    subject = AreaSubject(SHORT.canonical())
    budget = sizing.Budget(SECONDS)
    document = sizing._sized(
        subject, YearsOfPool(subject), ASSURANCE, CONFIDENCE, budget, lambda message: None
    )  # fmt: skip
    document |= {
        "area": "lsc",
        "year": "2016/17",
        "seed": 1,
        "scenario": "three weeks",
        "scenario_digest": SHORT.digest(),
    }
    cases = []
    for name, wanted in ((SIZED, with_plan(SHORT, document)), (DECLARED, SHORT)):
        found = runs.run(wanted, out=folder)
        cases.append(case_of(found["path"], name))
    return Material(document, cases, scenario_setting.setting(SHORT))
