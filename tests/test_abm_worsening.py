"""Getting worse while waiting: everybody's own pace is keyed, and who goes beyond the limit is sent on that second."""

import datetime
from math import exp, sqrt

import numpy as np
import pytest
import reference_luck as luck

from abm.areas import LSC
from abm.balance import open_referrals, prove
from abm.model import CareSystem
from abm.network import DAY
from abm.setting import prepare
from pathways import edits, files

BOOKING, ASSESSMENT = "community_functional/booking", "community_functional/assessment"
WEEK = 7 * DAY
PER_WEEK = 0.2


def edited(values):
    """Return the area with community teams alone, some values of their file changed."""
    name = "community_functional"
    return prepare(LSC, {name: edits.apply(files.library(name), {"set": values}, file="test")})


def waiting(days=84, waited="14 days", score=24, **worsening):
    """Return a finished run in which all have one score and wait `waited` for an appointment; measured from day 14."""
    rate = {"column": "phq9", "per_week": PER_WEEK, "above": 24, "pace": "exponential", **worsening}
    setting = edited({
        "state.booking.time": {"constant": waited},
        "state.booking.worsening": rate,
        "route.booking.assessment.share": 1.0 - 1e-9,
        "route.booking.withdrew.share": 1e-9,
    })  # fmt: skip
    model = CareSystem(setting, start=datetime.date(2016, 4, 4), days=days, warm_up=14)
    model.m.phq9[: setting.population.n] = score
    return model.run()


def left(model):
    """Return how many left the booking because they had got worse, and how many in the end."""
    flows, out = model.m.flow.sum(axis=1), {"deteriorated": 0, "": 0}
    for i, (state, _, when) in enumerate(model.network.flat.routes):
        if state == BOOKING:
            out[when if when == "deteriorated" else ""] += int(flows[i])
    return out["deteriorated"], out[""]


def due(model, row, score):
    """Return the second at which somebody who waits goes beyond 24, in plain integers, from their keyed words."""
    worsening = round(PER_WEEK / WEEK * 2**32)
    number = int(row["entry"]) << 16 | int(row["visit"])
    counter = (int(row["id0"]), int(row["id1"]), luck.purpose(f"{BOOKING}/pace"), number)
    times = luck.quantile(model.m.exponential.tolist(), luck.philox((1, 0), counter)[0])
    pace = (times * worsening + (1 << 23)) >> 24
    needed = (25 - score << 32) - int(row["tie"])
    return int(row["since"]) + -(-needed // pace) if pace else None


@pytest.fixture(scope="module")
def model():
    """The same run for all."""
    return waiting()


def test_as_many_get_worse_as_the_formula_says(model):
    """The rise is exponential with mean mu, rounded by a uniform word: a point has probability mu (1 - e^(-1/mu))."""
    mu = PER_WEEK * 2
    expected = mu * (1 - exp(-1 / mu))
    worse, not_worse = left(model)
    n = worse + not_worse
    assert n > 2000
    assert abs(worse / n - expected) < 4 * sqrt(expected * (1 - expected) / n)
    assert prove(model.simulation) == []


def test_at_the_same_pace_for_all_it_is_the_mean(model):
    worse, not_worse = left(waiting(pace="same"))
    n = worse + not_worse
    assert abs(worse / n - 0.4) < 4 * sqrt(0.4 * 0.6 / n)
    assert worse / n > left(model)[0] / sum(left(model))


def test_who_is_far_from_the_limit_does_not_reach_it_at_the_same_pace():
    assert left(waiting(days=28, score=10, pace="same"))[0] == 0


def test_nobody_who_still_waits_should_have_left(model):
    there = open_referrals(model.simulation)
    there = there[model.m.referral["state"][there] == model.network.flat.state(BOOKING)]
    now, until = (14 + 84) * DAY, 14 * DAY
    scores = model.m.phq9[model.m.referral["person"][there]]
    there, scores = there[scores <= 24], scores[scores <= 24]  # who joined beyond the limit waits as others do
    seconds = [due(model, model.m.referral[r], int(score)) for r, score in zip(there, scores, strict=True)]
    known = [(second, int(model.m.referral["since"][r])) for second, r in zip(seconds, there, strict=True) if second]
    assert len(known) > 200
    assert all(second >= now for second, _ in known)
    assert any(second < since + until for second, since in known)  # some will leave before their appointment


def test_who_left_is_beyond_the_limit_and_goes_to_the_crisis_team(model):
    flows = model.m.flow.sum(axis=1)
    gone = {to: int(flows[i]) for i, (state, to, when) in enumerate(model.network.flat.routes)
            if state == BOOKING and when == "deteriorated"}  # fmt: skip
    assert list(gone) == ["community_functional/crisis_team"]
    scores = np.asarray(model.m.phq9[: model.setting.population.n])
    assert (scores == 25).sum() >= gone["community_functional/crisis_team"] * 0.9  # some were treated since


def test_who_is_made_better_meanwhile_waits_on():
    """The limit is looked at again when it was to be crossed: who has further to go by then is still waiting."""
    setting = edited({"state.booking.time": {"constant": "60 days"}})
    model = CareSystem(setting, start=datetime.date(2016, 4, 4), days=45, warm_up=0)
    model.m.phq9[: setting.population.n] = 24
    model.run_for(10)
    there = open_referrals(model.simulation)
    there = there[model.m.referral["state"][there] == model.network.flat.state(BOOKING)]
    better = there[::2]
    model.m.phq9[model.m.referral["person"][better]] = 0
    stamps = model.m.referral["stamp"][there].copy()
    model.run_for(30)
    moved = stamps != model.m.referral["stamp"][there]
    assert moved[::2].sum() == 0
    assert moved[1::2].sum() > len(there) / 10
