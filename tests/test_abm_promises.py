"""Promises of the engine on the real area: one digest for one run, and an edit reaches only whom it can reach."""

import os
import subprocess
import sys

import numpy as np
import pytest

from abm.model import CareSystem
from abm.setting import setting_of
from experiments.lives.visits import ids_of_others
from kernels import columns as c

THERAPIES = ("talking_therapies",)
WEST = "West Lancashire"


def digest(**changes):
    model = CareSystem(setting_of(), **{"warm_up": 7, "days": 14, **changes}).run()
    return int(model.m.now[c.HASH])


@pytest.fixture(scope="module")
def base():
    return digest()


def test_the_same_seed_gives_the_same_digest(base):
    assert digest() == base


def test_another_seed_or_replication_gives_another_digest(base):
    assert len({base, digest(seed=2), digest(replication=1)}) == 3


def test_the_tables_of_a_run_that_is_over_serve_the_next_without_a_trace(base):
    setting = setting_of()
    before = CareSystem(setting, warm_up=7, days=14).run()
    age = before.m.age
    for column in ("age", "phq9", "past_use", "reached", "entries", "contact", "account", "risk"):
        getattr(before.m, column)[:] = 1  # nothing of this may be seen again
    before.let_go()
    after = CareSystem(setting, warm_up=7, days=14)
    assert after.m.age is age
    assert int(after.run().m.now[c.HASH]) == base


def test_settings_that_differ_in_demand_share_their_people_but_not_their_risks():
    one, other = setting_of(), setting_of(multipliers=(("crisis", 1.1),))
    assert one.population.people["age"] is other.population.people["age"]
    assert one.population.people["risk"] is not other.population.people["risk"]
    with pytest.raises(ValueError, match="read-only"):
        one.population.people["age"][0] = 50


@pytest.mark.parametrize("minutes_per_step", [1, 5, 60])
def test_the_length_of_a_step_does_not_matter(base, minutes_per_step):
    assert digest(minutes_per_step=minutes_per_step) == base


def test_the_hash_seed_does_not_matter(base):
    code = (
        "from abm.model import CareSystem; from abm.setting import setting_of; from kernels import columns as c;"
        "print(int(CareSystem(setting_of(), warm_up=7, days=14).run().m.now[c.HASH]))"
    )
    for hash_seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        out = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
        assert int(out.stdout) == base


def one_more_in_west_lancashire(setting):
    """Return the plan with one more cognitive behavioural therapist in West Lancashire, and the team's name."""
    plan = setting.baseline_plan.copy()
    found = [i for i, lever in enumerate(setting.levers) if lever.role == "cbt_therapist" and lever.unit.endswith(WEST)]
    plan[found[0]] += 1
    return plan, setting.levers[found[0]].unit.partition(" @ ")[0]


def test_with_therapies_alone_one_more_therapist_changes_no_wait_in_the_other_systems():
    setting = setting_of(pathways=THERAPIES)
    plan, _ = one_more_in_west_lancashire(setting)
    plan[[i for i, lever in enumerate(setting.levers) if lever.kind == "clinicians"]] //= 2  # so that people wait
    fewer = plan.copy()
    fewer[
        [i for i, lever in enumerate(setting.levers) if lever.unit.endswith(WEST) and lever.kind == "clinicians"]
    ] -= 1
    models = [CareSystem(setting, warm_up=0, days=120, plan=p).run() for p in (fewer, plan)]
    changed = set()
    for at, (_, place) in enumerate(models[0].network.flat.cells):
        if (models[0].m.histogram[at] != models[1].m.histogram[at]).any():
            changed.add(place)
    assert changed == {WEST}


def visits(model):
    """Return {(person, what): row} of everything that happened to residents, and the person's delivery system."""
    log = model.simulation.events()
    log = log[~np.isin(log["id0"], ids_of_others(model))]
    code = {int(v): i for i, v in enumerate(model.m.area_code)}
    people = {}
    for row in log:
        area = int(row["id0"]) & 0xFFFFF
        person = (area, int(row["id1"]))
        people.setdefault(person, set()).add(tuple(int(v) for v in row.tolist()))
    return people, {person: int(model.m.area_system[code[person[0]]]) for person in people}


def test_in_the_whole_system_a_difference_starts_at_the_edit_or_where_a_queue_had_changed():
    setting = setting_of()
    levers = setting.levers
    plan = setting.baseline_plan.copy()
    held = [i for i, lever in enumerate(levers) if lever.kind == "clinicians"]
    plan[held] = np.maximum(plan[held] // 3, 1)  # so that people wait
    at = next(i for i in held if levers[i].role == "cbt_therapist" and levers[i].unit.endswith(WEST))
    edited = levers[at].unit.partition(" @ ")[0]
    fewer = plan.copy()
    plan[at] = fewer[at] + 1
    models = [CareSystem(setting, warm_up=0, days=120, plan=p, events=True).run() for p in (fewer, plan)]
    (before, _), (after, _) = visits(models[0]), visits(models[1])
    names = models[0].network.flat.state_names
    team_of = team_of_states(models[0])
    differences = []
    for person in before.keys() | after.keys():
        apart = before.get(person, set()) ^ after.get(person, set())
        if apart:
            differences.append((min(apart), person, apart))
    assert differences, "the edit must reach somebody"
    reached = {edited: 0}
    for first, _, apart in sorted(differences):
        team = team_of[names[first[5]]]
        assert team in reached, f"{names[first[5]]} changed at {first[0]} s, before any queue there had"
        assert reached[team] <= first[0]
        for row in apart:
            reached.setdefault(team_of[names[row[5]]], row[0])
            reached[team_of[names[row[5]]]] = min(reached[team_of[names[row[5]]]], row[0])


def team_of_states(model):
    """Return the team people wait for in each state (their state, where nobody is needed)."""
    teams = {}
    for name in model.network.flat.state_names:
        pathway, _, state = name.partition("/")
        spec = model.setting.specs[pathway].states.get(state.removesuffix("/visit"))
        team = spec.team or next(iter(spec.needs), state)
        teams[name] = team if "/" in team else f"{pathway}/{team}"
    return teams
