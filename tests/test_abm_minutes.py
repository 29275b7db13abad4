"""Minutes: the clock on the wall and the contacts say the same; a proof every midnight, and what it notices."""

import datetime
import pickle

import numpy as np
import pytest

from abm.minutes import on_shift_seconds
from abm.model import CareSystem
from abm.network import DAY
from abm.proof import PROVED, BalanceError
from abm.setting import setting_of
from kernels import columns as c
from pathways import rosters


def test_hours_of_a_roster_are_counted_over_the_end_of_a_week():
    spans = rosters.spans("Fri-Mon 21:00-07:00")
    whole_week = on_shift_seconds(spans, 0, 7 * DAY)
    assert whole_week == 4 * 10 * 3600
    assert sum(on_shift_seconds(spans, day * DAY, DAY) for day in range(14)) == 2 * whole_week
    assert on_shift_seconds(rosters.spans("24/7"), 5 * DAY, DAY) == DAY


@pytest.fixture
def model():
    """The area, everything measured and proved, with more beds from the third day on and fewer from the fourth."""
    found = CareSystem(setting_of(), warm_up=0, days=20, prove=True)
    ward = found.team("inpatient/acute_male", "Lancashire & South Cumbria")
    found.change_on(found.first_day + datetime.timedelta(days=2), lambda _: setattr(ward, "places", 200))
    found.change_on(found.first_day + datetime.timedelta(days=3), lambda _: setattr(ward, "places", 90))
    return found


def test_every_midnight_of_the_area_is_proved_dated_changes_included(model):
    for _ in range(5):
        model.step()
    assert model.proof.days == 5
    assert int(model.m.pool["face_seconds"].sum()) > 1e6


@pytest.mark.parametrize(
    ("damage", "word"),
    [
        ("on shift", "s by the roster"), ("busy", "s by the contacts"), ("contact", "s by the contacts"),
        ("beds", "s by those who stay"), ("person", "open referrals"), ("free list", "free referrals"),
        ("queue", "waiting list"),
    ],
)  # fmt: skip
def test_a_proof_that_fails_names_the_day_what_and_the_figures(model, damage, word):
    m = model.m
    model.step()
    while int(m.waiting["n"].max()) < 1:
        model.step()
    days = model.proof.days
    staff = np.flatnonzero((m.pool["kind"] == c.STAFF) & (m.pool["on_seconds"] > 0))[0]
    if damage == "on shift":
        m.pool["on_seconds"][staff] += 60
    elif damage == "busy":
        m.pool["over_seconds"][staff] += 1
    elif damage == "contact":
        m.pool["other_seconds"][staff] -= 1
    elif damage == "beds":
        m.pool["busy_seconds"][np.flatnonzero(m.pool["kind"] == c.PLACES)[0]] += 3600
    elif damage == "person":
        m.n_open[int(m.referral["person"][np.flatnonzero(m.referral["flags"] & c.IS_WAITING)[0]])] += 1
    elif damage == "free list":
        m.now[c.N_FREE_REFERRAL] += 1
    else:
        at = int(m.waiting["n"].argmax())
        m.waiting["tail"][at] = m.waiting["head"][at]
        m.referral["next"][m.waiting["head"][at]] = m.waiting["head"][at]  # a list that runs in a circle
    with pytest.raises(BalanceError, match=r"\d") as error:
        model.prove_the_balance()
    assert str(model.today - datetime.timedelta(days=1)) in str(error.value)
    assert word in str(error.value)
    assert pickle.loads(pickle.dumps(error.value)).faults == error.value.faults
    assert model.proof.days == days


def test_what_is_proved_is_what_is_promised():
    assert {"people", "referrals", "beds", "minutes"} < set(PROVED)
