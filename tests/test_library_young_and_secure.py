"""Services of the young, perinatal and secure: they read, can be sized, name sources, and meet what is published."""

import csv
from math import erf, log, sqrt
from pathlib import Path

import pytest
from test_library_pathways import rows, unsourced, untargeted

from abm.demand import profile
from pathways import checks, files, flows, specs
from pathways.pathway import Pathway

NAMES = (
    "camhs", "camhs_inpatient", "paediatric_liaison", "eating_disorders", "perinatal", "mother_and_baby_unit",
    "secure", "forensic_community", "liaison_diversion",
)  # fmt: skip
PUBLISHED = {
    "Inpatient services - Children & Young People": (26_806, 1.0),
    "Paediatric Liaison Service": (17_662, 0.7617),
    "Specialist Perinatal Mental Health Community Service": (57_000, 0.7128),
    "Criminal Justice Liaison and Diversion Service": (108_212, 0.9366),
    "Forensic Mental Health Service": (26_199, 0.6172),
    "Forensic Learning Disability Service": (829, 0.8638),
}
"""Type: referrals in England in 2018, share that receives a service (MHSDS, Strategy Unit surge model)."""


@pytest.fixture(scope="module")
def pathways() -> dict[str, Pathway]:
    return {name: files.library(name) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_each_reads_and_checks_clean_and_every_number_has_a_source(name, pathways):
    assert checks.check(pathways[name]) == []
    assert list(unsourced(pathways[name])) == []
    assert untargeted(pathways[name]) == set()


@pytest.mark.parametrize("name", NAMES)
def test_each_carries_its_tier_and_who_pays(name, pathways):
    spec = specs.parsed(pathways[name])
    assert spec.tier in (3, 4)
    assert spec.payer in ("ccg", "specialised_commissioning")
    assert (files.LIBRARY.parents[1] / "docs" / "pathways" / f"{name}.md").exists()


def test_referrals_are_the_published_ones_of_the_service_types(pathways):
    for pathway in pathways.values():
        types = [PUBLISHED[name] for name in pathway.graph.get("services", ()) if name in PUBLISHED]
        if types:
            assert pathway.demand["published"] == sum(referrals for referrals, _ in types)


@pytest.mark.parametrize("name", NAMES)
def test_doors_and_needs_name_what_exists_and_shares_sum_to_one(name, pathways):
    factors = {row["name"] for row in rows("demand_factors")}
    doors = pathways[name].doors.values()
    assert sum(door["share"] for door in doors) == pytest.approx(1)
    for door in doors:
        assert door["factors"] in factors
        assert profile(door["profile"])[0].mean() == pytest.approx(1)
    assert name in {row["pathway"] for row in rows("need")}


def test_every_team_has_its_present_staff_or_places(pathways):
    present = {row["team"] for row in rows("establishment")}
    teams = {f"{name}/{team}" for name, pathway in pathways.items() for team in pathway.teams}
    assert teams <= present


def test_nobody_over_17_comes_to_the_young_and_no_man_to_the_mothers():
    with (Path(__file__).parents[1] / "abm" / "tables" / "demand_factors.csv").open(encoding="utf-8") as file:
        rate = {(r["name"], r["factor"], r["at_least"]): float(r["relative_rate"]) for r in csv.DictReader(file)}
    for name in ("camhs", "tier_4", "paediatric_liaison", "eating_disorders_young"):
        assert rate[name, "age", "18"] == 0
    for name in ("perinatal", "mother_and_baby"):
        assert rate[name, "sex", "1"] == 0


def visits(mean: float, sd: float, every: list[tuple[float | None, float]]) -> float:
    """Return the mean number of recurring contacts in a lognormal stay (days), the first after one interval."""
    spread = log(1 + (sd / mean) ** 2)
    centre = log(mean) - spread / 2
    t = number = 0.0
    while t < 5000:
        t += next(step for until, step in every if until is None or t < until)
        number += 0.5 * (1 - erf((log(t) - centre) / sqrt(2 * spread)))
    return number


def test_recurring_contacts_of_a_long_stay_are_counted_as_by_hand():
    assert visits(100, 1e-3, [(None, 30)]) == pytest.approx(3)
    assert visits(100, 1e-3, [(50, 20), (None, 30)]) == pytest.approx(4)
    assert visits(60, 60, [(None, 1)]) == pytest.approx(60, abs=1)


@pytest.mark.parametrize(
    ("name", "seen", "places", "published"),
    [
        ("perinatal", ("assessment", "urgent_assessment"), ("caseload",), 0.9752),
        ("forensic_community", ("assessment", "learning_disability_assessment"), ("caseload",), 1.774),
        ("liaison_diversion", ("custody_assessment", "court_assessment"), ("followed", "supported"), 0.5906),
        ("paediatric_liaison", ("ward_assessment", "clinic_assessment"), ("open_case",), None),
        ("camhs", ("assessment", "urgent_assessment"),
         ("brief_therapy", "specialist_treatment", "medication_clinic"), None),
    ],
)  # fmt: skip
def test_contacts_a_case_and_month_and_acceptance_are_mhsds_s(name, seen, places, published, pathways):
    """First and recurring contacts ÷ (cases at a time × 12) within a tenth, share seen within a twentieth.

    Where long waits come before treatment (`None`) months of an open referral hold more than treatment does: there the
    whole system is set beside the published contacts (`test_experiments_services.py`).
    """
    pathway = pathways[name]
    spec = specs.parsed(pathway)
    inflow: dict[str, float] = {}
    for door in pathway.doors.values():
        inflow[f"{name}/{door['to']}"] = inflow.get(f"{name}/{door['to']}", 0.0) + door["share"]
    arrivals = flows.expected_visits({name: spec}, inflow, guarded_weight=0.0)
    offered = sum(arrivals[f"{name}/{state}"] for state in seen)
    attended = sum(arrivals[f"{name}/{state}"] * attends(pathway, state) for state in seen)
    contacts, months = attended, 0.0
    for place in places:
        entered = arrivals[f"{name}/{place}"] * attended / offered
        stay = pathway.nodes[place]["stay"]["lognormal"]
        mean, sd = (float(stay[key].split()[0]) for key in ("mean", "sd"))
        recurring = spec.states[place].contacts
        assert recurring is not None
        every = [(None if until is None else until / 86400, step / 86400) for until, step in recurring.every]
        contacts += entered * visits(mean, sd, every)
        months += entered * mean / 30.4375
    if published is not None:
        assert contacts / months == pytest.approx(published, rel=0.10)
    types = [PUBLISHED[one] for one in pathway.graph["services"] if one in PUBLISHED] or [(1, 0.7634)]
    accepted = sum(n * share for n, share in types) / sum(n for n, _ in types)
    assert attended == pytest.approx(accepted, rel=0.05)


def attends(pathway: Pathway, state: str) -> float:
    """Return the chance that somebody offered this appointment is seen, at the first or the second time."""
    missed = pathway.nodes[state].get("dna", 0.0)
    again = sum(
        keys["share"]
        for origin, to, keys in pathway.routes()
        if origin == state and keys.get("when") == "dna" and pathway.nodes[to]["kind"] != "end"
    )
    return (1 - missed) * (1 + missed * again)
