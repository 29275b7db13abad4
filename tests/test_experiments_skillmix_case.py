"""Skill mix of real services: directions stated beside the sources, and mixes that are simulated (slow: verify)."""

import functools
from dataclasses import replace

import pytest

from abm import tables
from experiments import scenario_checks
from experiments.scenario_checks import graphs
from experiments.skillmix import assemble, case, check, mix, rules
from experiments.skillmix.applied import scenario_of
from experiments.skillmix.problem import Problem, Solution
from experiments.skillmix.programme import pounds_if_divisible, solved
from pathways.errors import InputError
from tests.test_experiments_skillmix import change

pytestmark = pytest.mark.verify
TEN_TIMES = ("crisis", "liaison")
"""Services so small that whole people decide: directions are stated for ten times the people"""
STATED = list(tables.read("directions", rules.FOLDER))


@functools.cache
def asked(service: str) -> case.Case:
    found = case.case_of(service=service)
    if service not in TEN_TIMES:
        return found
    tasks = {
        name: replace(task, people={place: 10 * n for place, n in task.people.items()})
        for name, task in found.asked.tasks.items()
    }
    return replace(found, asked=replace(found.asked, tasks=tasks))


def problem(service: str, limits: rules.Rules | None = None) -> Problem:
    one = asked(service)
    made = assemble.problem_of(one.asked, limits or one.rules)
    return replace(made, supply={role: 10 * n for role, n in made.supply.items()}) if service in TEN_TIMES else made


@functools.cache
def before(service: str) -> float:
    pounds = pounds_if_divisible(problem(service))
    assert pounds is not None
    return pounds


@pytest.mark.parametrize("stated", STATED, ids=[f"{row['table']}: {row['row']} {row['column']}" for row in STATED])
def test_a_changed_row_moves_the_cost_as_stated_beforehand(tmp_path, stated):
    limits = change(tmp_path, stated["table"], stated["row"], stated["column"], stated["to"])
    after, least = pounds_if_divisible(problem(stated["service"], limits)), before(stated["service"])
    assert after is not None
    found = "up" if after > least * (1 + 1e-6) else "down" if after < least * (1 - 1e-6) else "none"
    assert found == stated["direction"], stated["why"]


def test_the_mix_of_one_system_holds_costs_no_more_and_leaves_the_others_alone():
    one = case.case_of(service="talking_therapies", system="West Lancashire")
    today = mix.present(one, 2)
    same = mix.found(one, mix.SAME, today, 2, 6, substitution=False)
    best = mix.found(one, mix.MIX, today, 2, 6, margin=same.margin)
    assert best.solution.registered_share >= one.rules.floors["talking_therapies"] - 1e-9
    assert best.solution.pounds <= same.solution.pounds * (1 + best.problem.gap) or len(best.rounds) > 1
    assert all(change.place in (None, "West Lancashire") for change in best.scenario.team)
    scenario_checks.check(best.scenario, "mix")
    for state in ("talking_therapies/cbt", "talking_therapies/group"):
        counts = []
        for judged in (today, best.judged):
            flat = judged.layout.network.flat
            at = next(i for i, (s, place) in enumerate(flat.cells)
                      if (flat.state_names[s], place) == (state, "Fylde Coast"))  # fmt: skip
            counts.append(sum(int(outcome.work.arrivals[at]) for outcome in judged.outcomes))
        assert counts[1] == pytest.approx(counts[0], rel=0.05)  # the same people, though small things differ
    # one resident in 15 lives in West Lancashire
    here, everywhere = (
        check.people_through(today, replace(one.asked, places=places))
        for places in (one.asked.places, one.asked.whole[0])
    )
    assert 0 < here["talking_therapies/cbt"] < 0.2 * everywhere["talking_therapies/cbt"]


def test_no_state_of_a_mix_leaves_a_reserved_task_to_the_unregistered():
    one = case.case_of(service="liaison")
    made = assemble.problem_of(one.asked, one.rules)
    flows = tuple(sum(made.people[way.need].values()) if way.role or way.as_now else 0.0 for way in made.ways)
    there = assemble.present_of(made)
    everybody = Solution(flows, there.numbers, {}, there.posts, 0.0, 1.0, 0.0)  # whoever may stand in does
    graph = graphs(scenario_of(one.wanted, "all", one.asked, made, everybody))["liaison"]
    beside = [name for name in graph.states() if "_by_" in name]
    assert {"ed_assessment_joint_by_support_worker", "ward_review_by_support_worker"} <= set(beside)
    for name in beside:
        task = f"liaison/{name.partition('_by_')[0]}"
        if task in one.rules.reserved:
            for roles in (graph.states()[name]["roles"], *graph.states()[name].get("or_roles", ())):
                assert any(one.rules.registered[role] for role in roles), name


def test_a_supply_that_is_too_small_is_refused_by_name(tmp_path):
    one = case.case_of(service="crisis")
    limits = change(tmp_path, "supply", "amhp", "more_than_present", "0")
    with pytest.raises(InputError) as refusal:
        solved(assemble.problem_of(one.asked, limits))  # by the formula alone, which asks for two of each
    assert "supply of amhp" in str(refusal.value)
