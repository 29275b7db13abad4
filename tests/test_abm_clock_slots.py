"""Clocks of a referral lie in a few slots: as many as can run at once, and a run stops rather than lose one."""

import numpy as np
import pytest

from abm import standalone
from abm.clock_slots import most_at_once, running_now
from abm.flattening import flatten
from abm.policy import take_over
from pathways import files, specs

DAY = 86_400
STATES = ("first", "second", "third", "fourth")
WAIT = '\n[state.{}]\nkind = "wait"\ntime = "6 h"\n'
ROUTE = '\n[[route]]\nfrom = "{}"\nto = "{}"\nshare = 1.0\n'
CLOCK = '\n[clock.{}]\nstarts = ["{}"]\nstops = ["{}"]\n'
ONE_AFTER_ANOTHER = (("first", "second"), ("second", "third"), ("third", "fourth"))
TO_THE_END = (("first", "home"), ("second", "home"), ("third", "home"))


def chain(clocks, at_start=300):
    """Four waits one after the other, and clocks (starts, stops)."""
    text = 'name = "chain"\n' + "".join(WAIT.format(state) for state in STATES)
    text = text.replace('time = "6 h"\n', f'time = "6 h"\nat_start = {at_start}\n', 1)
    text += '\n[state.home]\nkind = "end"\n'
    text += "".join(ROUTE.format(*pair) for pair in zip(STATES, (*STATES[1:], "home"), strict=True))
    return specs.validated(files.parse(text + "".join(CLOCK.format(f"of_{a}", a, b) for a, b in clocks)))


def slots(clocks):
    return standalone.network_of(chain(clocks)).flat.clock_slots


def test_clocks_that_never_run_together_share_one_slot():
    assert slots(ONE_AFTER_ANOTHER) == 1


def test_clocks_that_run_on_have_a_slot_each():
    assert slots(TO_THE_END) == 3
    assert slots([*TO_THE_END, ("fourth", "home")]) == 4


def test_an_arrival_clock_starts_in_the_second_of_arrival_only():
    text = """
name = "back"
[state.triage]
kind = "decision"
[state.away]
kind = "wait"
time = "6 h"
[state.home]
kind = "end"
[[route]]
from = "triage"
to = "away"
share = 1.0
[[route]]
from = "away"
to = "triage"
share = 0.5
[[route]]
from = "away"
to = "home"
share = 0.5
[clock.since_arrival]
starts = ["arrival"]
stops = ["away"]
[clock.until_home]
starts = ["away"]
stops = ["home"]
[arrivals.people]
to = "triage"
per_hour = 1
"""
    spec = specs.validated(files.parse(text))
    assert standalone.network_of(spec).flat.clock_slots == 1
    again = specs.validated(files.parse(text.replace('starts = ["arrival"]', 'starts = ["triage"]')))
    assert standalone.network_of(again).flat.clock_slots == 2


def test_a_run_stops_where_a_clock_finds_no_slot():
    network = standalone.network_of(chain(TO_THE_END))
    network.flat.clock_slots = 2  # one less than the routes say
    simulation = standalone.simulation(chain(TO_THE_END), days=2, network=network)
    with pytest.raises(RuntimeError, match="chain/of_third: no slot is left"):
        simulation.advance(2 * DAY)


def test_an_edit_leaves_room_for_clocks_that_run_already():
    simulation = standalone.simulation(chain(TO_THE_END), days=3)
    simulation.advance(DAY // 2 + 3600)  # everybody is in the third state, with three clocks
    assert [bits.bit_count() for _, bits in running_now(simulation.m)] == [3]
    clocks = np.sort(simulation.m.running[:300])
    take_over(simulation, {"chain": chain([*TO_THE_END, ("fourth", "home")])}, frozenset())
    assert simulation.m.running.shape[1] == 4
    assert np.array_equal(np.sort(simulation.m.running[:300, :3]), clocks)
    simulation.advance(2 * DAY)
    for column in ("started", "stopped", "within"):
        assert simulation.m.clock_cell[column].tolist() == [300] * 4


def test_what_runs_already_counts_though_no_route_leads_there_any_more():
    spec = chain(ONE_AFTER_ANOTHER)
    network = standalone.network_of(spec)
    flat = flatten({"chain": spec}, network.places, network.units)
    assert most_at_once(flat.arrays, [(flat.state("chain/fourth"), 0b1110)]) == 3
    assert most_at_once(flat.arrays) == 1
