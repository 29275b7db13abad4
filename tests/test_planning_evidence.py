"""The sequential test: what it needs to be sure, how seldom it is wrong, and that looking often costs
nothing.
"""

import numpy as np
import pytest

from experiments.planning.evidence import FAILS, OPEN, PASSES, Evidence


def first_verdict(years, p0=0.8, confidence=0.95):
    """Look after every year; return the first verdict that is not open."""
    met = 0
    for n, held in enumerate(years, start=1):
        met += int(held)
        verdict = Evidence(met, n - met).verdict(p0, confidence)
        if verdict != OPEN:
            return verdict
    return OPEN


def test_nothing_is_known_without_years():
    assert Evidence().verdict(0.8, 0.95) == OPEN
    assert Evidence().bounds(0.95) == pytest.approx((0.0, 1.0))


def test_a_few_failures_in_a_row_are_enough_to_fail():
    assert Evidence(0, 2).verdict(0.8, 0.95) == OPEN
    assert Evidence(0, 4).verdict(0.8, 0.95) == FAILS


def test_success_needs_more_years_than_failure_because_the_bar_is_high():
    assert Evidence(12, 0).verdict(0.8, 0.95) == OPEN
    assert Evidence(20, 0).verdict(0.8, 0.95) == PASSES


def test_shares_near_the_bar_stay_undecided():
    assert Evidence(33, 8).verdict(0.8, 0.95) == OPEN


def test_more_confidence_asks_for_more_years():
    assert Evidence(20, 0).verdict(0.8, 0.999) == OPEN
    assert Evidence(45, 0).verdict(0.8, 0.999) == PASSES


def test_the_interval_holds_the_observed_share_and_narrows():
    few, many = Evidence(8, 2).bounds(0.95), Evidence(80, 20).bounds(0.95)
    assert few[0] < 0.8 < few[1]
    assert few[0] < many[0] < 0.8 < many[1] < few[1]


@pytest.mark.parametrize(("truth", "wrong"), [(0.78, PASSES), (0.8, FAILS)])
def test_looking_after_every_year_is_wrong_less_often_than_promised(truth, wrong):
    random = np.random.default_rng(20)
    verdicts = [first_verdict(random.random(80) < truth) for _ in range(100)]
    errors = np.mean([verdict == wrong for verdict in verdicts])
    assert errors <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 100)


def test_a_plain_binomial_test_looked_at_every_year_would_be_wrong_too_often():
    """Negative control: without the correction the error is beyond what the check above allows."""
    from scipy.stats import binom

    random = np.random.default_rng(20)
    wrong = 0
    for _ in range(300):
        met = np.cumsum(random.random(80) < 0.8)
        n = np.arange(1, 81)
        wrong += bool((binom.cdf(met, n, 0.8) <= 0.05).any())
    assert wrong / 300 > 0.05 + 3 * np.sqrt(0.05 * 0.95 / 100)


def test_assurance_of_everything_or_nothing_is_answered_at_once():
    assert Evidence(0, 1).verdict(0.0, 0.95) == PASSES
    assert Evidence(5, 1).verdict(1.0, 0.95) == FAILS
