"""What `parity skill-mix` is asked: a service of an area or of one of its systems, with a year's work of its tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from abm import tables
from abm.areas import JOIN, LSC, cells_of, names
from abm.setting import Setting, home_system
from experiments import scenario as scenarios
from experiments import scenario_checks
from experiments.planning.years import AreaSubject, Task, prepared, setting_with
from experiments.planning.years import evaluate as one_year
from experiments.scenario import Scenario
from experiments.skillmix import rules, workload
from experiments.skillmix.asked import Asked, asked_of
from experiments.skillmix.rules import Rules
from pathways.errors import InputError, nearest, one_of

YEARS_WITHOUT_WAITS = 2


@dataclass(frozen=True)
class Case:
    """What is asked: a service of an area, or of one of its systems."""

    wanted: Scenario
    service: str
    system: str | None
    guard: str
    """Condition on people for whom shares change"""
    asked: Asked
    rules: Rules
    year: str


def case_of(
    area: str = "lsc", service: str = "talking_therapies", system: str | None = None,
    scenario: Path | str | None = None, seed: int = 1, year: str = "2016/17",
) -> Case:  # fmt: skip
    """Return what is asked, with the minutes of each task from simulated years in which nobody waits for staff.

    Raises
    ------
    InputError
        If the area is not one STP, or the service or the system is not there or no limits are written down for it.
    """
    wanted = scenarios.read(scenario).replaced(area=area, seed=seed)
    scenario_checks.check(wanted, scenario or wanted.name)
    if len(cells_of(wanted.area)) > 1:
        raise InputError(key="--area", value=area, expected="one STP: a mix is found for the teams of one")
    limits = rules.rules(year)
    check_service(service, wanted.pathways, year)
    subject = AreaSubject(wanted.canonical())
    layout = prepared(subject)
    setting = setting_with(subject)
    places, guard = _places(setting, service, system)
    plan = workload.plan_without_waits(layout, service)
    works = []
    for replication in range(YEARS_WITHOUT_WAITS):
        work = one_year(Task(subject, plan, replication, whole=True)).work
        assert work is not None
        works.append(work)
    asked = asked_of(layout, service, places, _whole(setting), works, subject.days, limits)
    return Case(wanted, service, system, guard, asked, limits, year)


def check_service(service: str, pathways: Sequence[str], year: str = "2016/17") -> float:
    """Return the least registered share of a service.

    Raises
    ------
    InputError
        If it is not open, or no limits are written down for it.
    """
    floors = rules.rules(year).floors
    services = [name for name in pathways if name in floors]
    if service not in services:
        raise InputError(
            key="--service", value=service, expected=f"{one_of(services)}: services that are open and whose floor "
            "experiments/skillmix/tables/floors.csv gives", suggestion=nearest(service, services),
        )  # fmt: skip
    return floors[service]


def place_of(area: str, system: str | None) -> tuple[str, str | None]:
    """Return (area, system) of what was asked: a delivery system's name stands for its part of lsc.

    Raises
    ------
    InputError
        If there is no such area, or a system is asked for within one.
    """
    systems = [row["system"] for row in tables.read("systems")]
    if area in systems:
        if system not in (None, area):
            raise InputError(key="--system", value=system, expected=f"nothing beside --area {area!r}")
        return LSC, area
    known = (*names(), *systems)
    if area not in known and JOIN not in area:
        raise InputError(key="--area", value=area, expected="an STP, one of the delivery systems of lsc, or england",
                         suggestion=nearest(area, known))  # fmt: skip
    return area, system


def check_england(whole: bool, system: str | None, sample: int | None) -> None:
    """Refuse options that do not go together: a system of England, a sample of one STP."""
    if whole and system is not None:
        raise InputError(key="--system", value=system, expected="nothing beside --area england")
    if not whole and sample is not None:
        raise InputError(key="--sample", value=sample, expected="nothing but with --area england")


def check_frontier(floors: Sequence[float] | None, waits: Sequence[float] | None) -> None:
    """Refuse shares and factors that are none, before anything runs."""
    for floor in floors or ():
        if not 0 <= floor <= 1:
            raise InputError(key="--floor", value=floor, expected="a share from 0 to 1")
    for wait in waits or ():
        if not 0.01 <= wait <= 100:
            raise InputError(key="--wait", value=wait, expected="a factor from 0.01 to 100")


def _places(setting: Setting, service: str, system: str | None) -> tuple[Sequence[str], str]:
    """Return (places of units, guard of the people whose shares change)."""
    places = setting.places
    if system is None:
        return _whole(setting)[0], ""
    if system not in places.systems:
        raise InputError(
            key="--system", value=system, expected=one_of(places.systems), suggestion=nearest(system, places.systems)
        )
    at = places.systems.index(system)
    sites = np.flatnonzero(home_system(setting.population) == at).tolist()
    scopes = {team.scope for team in setting.specs[service].teams.values()}
    if "site" in scopes and not sites:
        raise InputError(key="--system", value=system, expected="a system in which an A&E site of the service stands")
    guard = " or ".join(f"site == {site}" for site in sites) if "site" in scopes else f"system == {at}"
    return [system, *(places.sites[site] for site in sites)], guard


def _whole(setting: Setting) -> tuple[list[str], float]:
    """Return (places of units, residents) of the area."""
    places = setting.places
    return [places.area, *places.systems, *places.sites], sum(places.people[one] for one in places.systems)
