"""A small report's material, all of it simulated: three weeks of the area, sized with hardly any time."""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from experiments import run as runs
from experiments import scenario_setting
from experiments.planning import sizing, uncertainty_rows
from experiments.planning.targets import met
from experiments.planning.uncertainty import try_parameters
from experiments.planning.years import AreaSubject, YearsOfPool
from experiments.reports.after import with_plan
from experiments.reports.material import DECLARED, SIZED, Material, case_of
from experiments.scenario import Scenario

SHORT = Scenario(days=21, warm_up=7, replications=2)
ASSURANCE, CONFIDENCE, SECONDS = 0.8, 0.95, 4.0
SETS = 10


@cache
def material(folder: Path) -> Material:
    """Return a sizing document and the simulated weeks of two plans; results are kept in `folder`."""
    subject = AreaSubject(SHORT.canonical())
    budget, years = sizing.Budget(SECONDS), YearsOfPool(subject)
    document = sizing._sized(subject, years, ASSURANCE, CONFIDENCE, budget, lambda message: None)
    document |= {
        "uncertainty": unsure(years, document),
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


def unsure(years: YearsOfPool, document: dict[str, Any]) -> dict[str, Any]:
    """Return what parameter uncertainty adds in a few years: the budget of the sizing above ends before it."""
    layout = years.layout
    usable = np.ones(len(layout.targets), dtype=bool)
    plan = tuple(row["plan"] for row in document["plan"])
    load = np.array([row["offered"] for row in document["plan"]])
    certain = [met(layout.targets, one.values) for one in years.evaluate([(plan, 7000 + r) for r in range(2)])]
    tried = try_parameters(
        years, plan, usable, load, ASSURANCE, lambda: False, lambda message: None, sets=SETS, factors=(1.2,)
    )
    found = uncertainty_rows.of(tried, layout, usable, plan, certain, ASSURANCE, CONFIDENCE)
    assert found is not None
    return found
