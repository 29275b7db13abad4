"""Surrogates of what is really simulated: fresh years lie within the error the surrogate claims."""

import numpy as np
import pytest

from experiments.risk import parts, run
from experiments.risk.simulated import asked
from experiments.risk.surrogate import fitted

KEYS = (("in_post", "Lancashire & South Cumbria"), ("effective", "Lancashire & South Cumbria"))


@pytest.mark.verify
def test_fresh_points_of_staff_lie_within_the_error_that_the_surrogate_claims():
    tables = run.tables_of(run.wanted_of("lsc", "6 min", 64, 1), None, None, None)
    made = tables.parts

    def simulated(n, seed):
        points = asked(tables.inputs, "staff", "lsc", "2020/21", made.present["staff"], made.shares, n, seed)
        return points.coordinates, [parts.simulate(point) for point in points.design]

    at, answers = simulated(64, 1)
    fresh_at, fresh = simulated(32, 2)
    for key in KEYS:
        one = fitted(at, np.array([answer[key] for answer in answers]))
        off = np.array([answer[key] for answer in fresh]) - one.predict(fresh_at)
        # 32 squared errors of mean error²: their mean has a standard error of about a quarter of it
        assert np.mean(off**2) < one.error**2 * (1 + 4 * np.sqrt(2 / 32))
        assert one.q2 > 0.5
