"""Conservation: nobody is lost, nothing is double-booked, at every step of a run."""

import numpy as np
import pytest
from tests_places import EXAMPLES, THEORY

from abm import standalone
from abm.balance import prove
from abm.minutes import Minutes
from abm.model import CareSystem
from abm.network import DAY
from abm.setting import setting_of
from kernels import columns as c
from pathways import files
from pathways.specs import validated


@pytest.mark.parametrize("file", sorted([*EXAMPLES.glob("*.toml"), *THEORY.glob("*.toml")]), ids=lambda p: p.stem)
def test_a_stand_alone_run_balances_every_half_day(file):
    one = standalone.simulation(validated(files.read(file)), days=10, minutes_per_step=30)
    books = Minutes(one)
    for t in range(DAY // 2, 10 * DAY + 1, DAY // 2):
        one.advance(t)
        assert prove(one) == []
        assert books.faults() == []


def test_the_whole_area_balances_every_day():
    model = CareSystem(setting_of(), warm_up=0, days=21)
    for _ in range(21):
        model.step()
        assert prove(model.simulation) == []
    assert int((model.m.cell["n_present"]).sum()) > 1000


@pytest.mark.parametrize("damage", ["bed", "list", "presence", "person"])
def test_the_proof_notices_damage(damage):
    model = CareSystem(setting_of(), warm_up=0, days=5)
    for _ in range(5):
        model.step()
    m = model.m
    if damage == "bed":
        m.post["free"][np.flatnonzero(m.post["on"])[0]] -= 1
    elif damage == "list":
        m.waiting["n"][np.flatnonzero(m.waiting["n"])[0]] += 1
    elif damage == "presence":
        m.cell["n_present"][np.flatnonzero(m.cell["n_present"])[0]] += 1
    else:
        m.n_open[int(m.referral["person"][np.flatnonzero(m.referral["flags"] & c.IS_WAITING)[0]])] += 1
    assert prove(model.simulation)
