"""Reading a run's tallies: who is late is counted on whole columns, as it would be one by one."""

import numpy as np
import pytest

from abm import readings
from abm.model import CareSystem
from abm.network import DAY
from abm.setting import setting_of
from kernels import columns as c

OPEN = c.IS_WAITING | c.IS_ASIDE


@pytest.fixture(scope="module")
def crowded():
    """The whole area with one person on each row, after five weeks: many are late."""
    setting = setting_of()
    plan = np.ones_like(setting.baseline_plan)
    return CareSystem(setting, warm_up=7, days=28, plan=plan).run()


def place(row, scope):
    return 0 if scope == c.AREA else int(row["system"] if scope == c.SYSTEM else row["site"])


def late_people(model):
    m, t = model.m, int(model.m.now[c.T])
    counts = np.zeros(len(m.cell), np.int64)
    for row in m.referral[m.referral["flags"] & OPEN != 0]:
        state = m.state[row["state"]]
        if row["since"] >= model.warm_up * DAY and t - row["since"] > state["within"]:
            counts[state["cell_base"] + place(row, state["scope"])] += 1
    return counts


def late_clocks(model):
    m, t = model.m, int(model.m.now[c.T])
    counts = np.zeros(len(m.clock_cell), np.int64)
    for r, slot in zip(*np.nonzero(m.running["clock"]), strict=True):
        row, one = m.referral[r], m.running[r, slot]
        clock, since = m.clock[one["clock"] - 1], int(one["since"])
        if one["hour"] == 0:  # it started before measuring began
            continue
        elapsed = t - since if since >= 0 else -1 - since  # a paused clock keeps what had elapsed
        if elapsed > clock["within"]:
            counts[clock["cell_base"] + place(row, clock["scope"])] += 1
    return counts


def test_those_who_wait_too_long_are_counted_where_they_wait(crowded):
    found = crowded.reading().overdue
    assert found.sum() > 20
    assert found.tolist() == late_people(crowded).tolist()


def test_clocks_that_run_too_long_are_counted_where_they_belong(crowded):
    found = crowded.reading().clock_overdue
    assert found.sum() > 20
    assert found.tolist() == late_clocks(crowded).tolist()


def test_reading_twice_tells_the_same(crowded):
    one, other = (readings.read(crowded.simulation) for _ in range(2))
    assert one.digest == other.digest
    assert one.clock_overdue.tolist() == other.clock_overdue.tolist()
