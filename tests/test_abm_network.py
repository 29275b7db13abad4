"""A run makes room by itself: for as many people as a file puts there, and for as much as falls on one second."""

import pytest

from abm import standalone
from pathways import files, specs

DAY = 86_400
SAME_SECOND = """
name = "midnight"
[state.asleep]
kind = "wait"
time = "1 day"
at_start = {n}
[state.awake]
kind = "end"
[[route]]
from = "asleep"
to = "awake"
share = 1.0
"""
LONG_LIST = """
name = "list"
[team.clinic]
staff = {{ clinician = 1 }}
[state.seen]
kind = "contact"
team = "clinic"
roles = {{ clinician = 1 }}
minutes = "30 min"
queue_limit = 1000000
at_start_waiting = {n}
[state.home]
kind = "end"
[[route]]
from = "seen"
to = "home"
share = 1.0
[[route]]
from = "seen"
to = "home"
when = "full"
share = 1.0
"""


def after(text, n, days):
    """Run a file with `n` people at the start, and return the tallies of its first state."""
    spec = specs.validated(files.parse(text.format(n=n)))
    simulation = standalone.simulation(spec, days=days)
    simulation.advance(days * DAY)
    simulation.flush()
    return simulation.m.cell[0]


@pytest.mark.parametrize("n", [100, 12_000, 20_000, 70_000])
def test_however_many_are_due_in_one_second_find_room(n):
    cell = after(SAME_SECOND, n, 2)
    assert (cell["completed"], cell["n_present"]) == (n, 0)


@pytest.mark.parametrize("n", [100, 20_000, 70_000])
def test_however_many_wait_when_a_run_starts_find_room(n):
    cell = after(LONG_LIST, n, 2)
    assert cell["completed"] == 95  # one each half hour of two days, the 96th ends as the run does
    assert cell["n_waiting"] == n - 96
