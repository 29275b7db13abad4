"""Visits are numbered by counters that hold the cycle a referral is on, and no more."""

import dataclasses
from collections import Counter

import numpy as np
import pytest

from abm import standalone
from abm.policy import take_over
from pathways import files, specs
from pathways.cycles import cycles

DAY = 86_400
WAIT = '\n[state.{}]\nkind = "wait"\ntime = "{} h"\n'
ROUTE = '\n[[route]]\nfrom = "{}"\nto = "{}"\nshare = {}\n'
# two cycles one after the other, of two states and of three, and a state between them
WAYS = [
    ("a", "b", 1.0), ("b", "a", 0.6), ("b", "between", 0.4), ("between", "c", 1.0), ("c", "d", 1.0), ("d", "e", 1.0),
    ("e", "c", 0.7), ("e", "home", 0.3),
]  # fmt: skip


def pathway(ways=WAYS):
    text = 'name = "two"\n' + "".join(WAIT.format(state, hours) for hours, state in enumerate("abcde", 1))
    text += WAIT.format("between", 2) + '\n[state.home]\nkind = "end"\n'
    text += "".join(ROUTE.format(*way) for way in ways) + '[arrivals.people]\nto = "a"\nper_hour = 5\n'
    return specs.validated(files.parse(text))


def numbered(simulation):
    """Return the ends of visits in order: (person, state, number of the visit)."""
    return np.sort(simulation.events(), order=["id1", "time"])[["id1", "state", "visit"]].tolist()


def test_states_of_one_cycle_share_a_group_and_others_have_none():
    groups = cycles({"two": pathway()})
    assert groups["two/a"] == groups["two/b"] != groups["two/c"] == groups["two/d"] == groups["two/e"]
    assert len(groups) == 5


def test_a_referral_has_as_many_counters_as_its_largest_cycle_has_states():
    assert standalone.network_of(pathway()).flat.n_repeats == 3


def test_every_visit_has_its_number():
    simulation = standalone.simulation(pathway(), days=20, logging=True)
    simulation.advance(20 * DAY)
    seen = Counter()
    for person, state, number in numbered(simulation):
        seen[person, state] += 1
        assert number == seen[person, state]
    assert max(seen.values()) >= 8


@pytest.mark.parametrize("also", [(), ("between",)])
def test_visits_go_on_being_numbered_when_pathways_are_edited(also):
    """Within a cycle that stays; a state that comes to lie on one has seen one visit of those who are in it."""
    simulation = standalone.simulation(pathway(), days=20, logging=True)
    simulation.advance(10 * DAY)
    ways = [(*way[:2], 0.5) if way[0] == "e" else way for way in WAYS]
    if also:  # the state between lies on one cycle with the other three then
        ways = [*ways[:-2], ("e", "c", 0.4), ("e", "between", 0.3), ("e", "home", 0.3)]
    edited = dataclasses.replace(pathway(), routes=pathway(ways).routes)
    assert (simulation.m.visits.max(axis=1) > 1).sum() > 20
    take_over(simulation, {"two": edited}, frozenset())
    assert simulation.network.flat.n_repeats == 3 + len(also)
    simulation.advance(20 * DAY)
    seen = Counter()
    for person, state, number in numbered(simulation):
        seen[person, state] += 1
        if simulation.network.flat.state_names[state] != "two/between":
            assert number == seen[person, state]
