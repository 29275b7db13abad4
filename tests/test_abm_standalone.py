"""Crowds in a stand-alone pathway: many people at the start, and more than any machine holds."""

import numpy as np
import pytest

from abm import standalone
from kernels import columns
from pathways import files
from pathways.errors import InputError
from pathways.specs import validated

CROWD = """
name = "crowd"
[state.here]
kind = "wait"
at_start = {n}
time = {{ exponential = {{ mean = "5 days" }} }}
[state.gone]
kind = "end"
[[route]]
from = "here"
to = "gone"
share = 1.0
"""


def test_a_hundred_thousand_people_who_are_there_at_the_start_all_leave():
    simulation = standalone.simulation(validated(files.parse(CROWD.format(n=100_000))), days=200, logging=True)
    simulation.advance(200 * 86_400)
    assert int(simulation.m.now[columns.N_EVENTS]) == 100_000
    assert len(np.unique(simulation.events()["id1"])) == 100_000


def test_two_hundred_million_people_are_refused_before_anything_is_made():
    with pytest.raises(InputError, match=r"200,000,000.*GB"):
        standalone.simulation(validated(files.parse(CROWD.format(n=200_000_000))), days=10)
