"""Risk: inputs drawn together keep their margins and correlations; indices and values of knowing equal theory."""

import itertools

import numpy as np
import pytest
from scipy import stats

from experiments.planning.parameter_laws import ParameterLaw
from experiments.risk import exceedance, joint, sensitivity, surrogate, value
from experiments.risk.parts import within_limits
from pathways.errors import InputError

FACTOR = ParameterLaw("lognormal", 0.8, 1.25)
SHARE = ParameterLaw("beta", 0.2, 0.5)


class Uniform:
    """A law of SciPy's, with the one method that is asked of a law."""

    def quantile(self, u):
        return stats.uniform(-np.pi, 2 * np.pi).ppf(u)


class Normal:
    def quantile(self, u):
        return stats.norm.ppf(u)


def independent(n, law=None):
    return joint.joint([f"x{k}" for k in range(n)], [law or Normal()] * n, {})


def linear(weights):
    return lambda scores: scores @ np.asarray(weights, float)


# --- drawing together


def test_margins_and_rank_correlations_come_out_as_declared():
    both = joint.joint(["a", "b", "c"], [FACTOR, SHARE, FACTOR], {("a", "b"): 0.6, ("b", "c"): -0.3})
    x = both.values(both.scores(8192, seed=3))
    for k, law in enumerate(both.laws):
        assert np.quantile(x[:, k], [0.025, 0.5, 0.975]) == pytest.approx(law.quantile([0.025, 0.5, 0.975]), rel=0.01)
    ranks = stats.spearmanr(x).statistic
    assert ranks[0, 1] == pytest.approx(0.6, abs=0.02)
    assert ranks[1, 2] == pytest.approx(-0.3, abs=0.02)
    assert ranks[0, 2] == pytest.approx(0.0, abs=0.02)


def test_without_a_declared_correlation_there_is_none():
    x = independent(3).scores(4096, seed=1)
    assert np.abs(np.corrcoef(x, rowvar=False) - np.eye(3)).max() < 0.01


def test_the_same_seed_draws_the_same_and_another_seed_something_else():
    one = independent(4)
    assert (one.scores(64, 5) == one.scores(64, 5)).all()
    assert (one.scores(64, 5) != one.scores(64, 6)).any()


def test_the_first_points_of_many_are_the_points_of_few():
    assert (joint.points(37, 5, seed=2)[:20] == joint.points(20, 5, seed=2)[:20]).all()


def test_correlations_that_contradict_each_other_are_refused_by_name():
    pairs = {("leavers", "pay"): 0.9, ("pay", "agency"): 0.9, ("leavers", "agency"): -0.9}
    with pytest.raises(InputError, match="positive definite") as refused:
        joint.joint(["leavers", "pay", "agency", "calm"], [Normal()] * 4, pairs, file="inputs.toml")
    assert "leavers, pay, agency" in str(refused.value)
    assert "calm" not in str(refused.value)


def test_what_is_known_moves_what_goes_with_it():
    both = joint.joint(["a", "b"], [Normal()] * 2, {("a", "b"): 0.5})
    r = 2 * np.sin(np.pi / 12)
    found = both.given([0], np.array([2.0]), stats.norm.ppf(joint.points(4096, 2, 1)))
    assert (found[:, 0] == 2.0).all()
    assert found[:, 1].mean() == pytest.approx(2 * r, abs=0.01)
    assert found[:, 1].std() == pytest.approx(np.sqrt(1 - r * r), rel=0.02)


# --- indices


def test_ishigami_has_its_known_indices():
    """Ishigami & Homma 1990 with a = 7, b = 0.1: first 0.3139, 0.4424, 0; total 0.5576, 0.4424, 0.2437."""
    three = independent(3, Uniform())

    def ishigami(scores):
        x = three.values(scores)
        return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])

    found = sensitivity.sobol(three.names, ishigami, 4096, seed=1)
    assert found.first == pytest.approx([0.3139, 0.4424, 0.0], abs=0.02)
    assert found.total == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.02)
    assert (found.of_surrogate == 0).all()


def test_an_input_that_does_nothing_has_no_index():
    found = sensitivity.sobol(("a", "b"), linear([2, 0]), 1024, seed=1)
    assert found.total == pytest.approx([1, 0], abs=0.02)


def test_a_surrogate_that_is_less_sure_widens_the_indices():
    others = [linear([2, 1 + step]) for step in (-0.3, -0.1, 0.1, 0.3)]
    sure = sensitivity.sobol(("a", "b"), linear([2, 1]), 512, seed=1)
    unsure = sensitivity.sobol(("a", "b"), linear([2, 1]), 512, seed=1, others=others)
    assert (unsure.of_surrogate > 0).all()
    assert (unsure.total_half_width > sure.total_half_width).all()


def test_the_tornado_of_a_model_made_by_hand_is_in_order():
    base, swings = sensitivity.tornado(3, lambda x: 10 + 1 * x[:, 0] - 5 * x[:, 1] + 3 * x[:, 2])
    z = stats.norm.ppf(0.9)
    assert base == pytest.approx(10)
    assert [one.width for one in swings] == pytest.approx([2 * z, 10 * z, 6 * z])
    assert sorted(range(3), key=lambda k: -swings[k].width) == [1, 2, 0]
    assert swings[1].low > base > swings[1].high  # more of it, a smaller gap


def test_rankings_that_agree_and_rankings_that_do_not():
    up, down = np.array([1.0, 2, 3, 4]), np.array([4.0, 3, 2, 1])
    found = sensitivity.agreement({"a": up, "b": up * 2, "c": down})
    assert found == pytest.approx({"a ~ b": 1, "a ~ c": -1, "b ~ c": -1})


# --- the value of knowing


def test_knowing_an_input_of_a_linear_gaussian_model_is_worth_its_closed_form():
    """Expected loss of the cheapest plan of a normal law is (cu + co) φ(z) sd, z the score of cu / (cu + co)."""
    weights, rank = np.array([3.0, 1.0, 2.0]), 0.4
    three = joint.joint(["a", "b", "c"], [Normal()] * 3, {("a", "b"): rank})
    variance = weights @ three.correlation @ weights
    decision = value.Decision(too_few=8.0, too_many=2.0)
    unit = 10.0 * stats.norm.pdf(stats.norm.ppf(0.8))
    for k in range(3):
        with_a = three.correlation[k] @ weights  # covariance of the outcome with input k, of variance 1
        left = np.sqrt(variance - with_a**2)
        found = value.when_known(three, linear(weights), [k], seed=1, decision=decision, outer=128, inner=2048)
        assert found.spread == pytest.approx(np.sqrt(variance), rel=0.01)
        assert found.spread_known == pytest.approx(left, rel=0.01)
        assert found.evppi == pytest.approx(unit * (np.sqrt(variance) - left), rel=0.04)


def test_knowing_everything_leaves_nothing_and_knowing_what_does_not_matter_is_worth_nothing():
    three = independent(3)
    decision = value.Decision(1.0, 1.0)
    everything = value.when_known(three, linear([1, 1, 0]), [0, 1, 2], seed=1, decision=decision)
    assert everything.spread_known == pytest.approx(0, abs=1e-3)
    nothing = value.when_known(three, linear([1, 1, 0]), [2], seed=1, decision=decision)
    assert nothing.narrower == pytest.approx(0, abs=1e-6)
    assert nothing.evppi == pytest.approx(0, abs=1e-6)


# --- curves


def test_percentiles_of_a_normal_law_and_the_share_above_them():
    y = stats.norm.ppf((np.arange(20000) + 0.5) / 20000) * 10 + 100
    rows = exceedance.percentiles(y, [y - 1, y + 1])
    assert [row["level"] for row in rows] == ["P50", "P80", "P95"]
    assert [row["value"] for row in rows] == pytest.approx([100, 108.416, 116.449], abs=0.01)
    assert all(row["low"] < row["value"] < row["high"] for row in rows)
    curve = exceedance.curve(y)
    assert curve[0]["exceeded"] > 0.999
    assert curve[-1]["exceeded"] == 0
    assert all(a["exceeded"] >= b["exceeded"] for a, b in itertools.pairwise(curve))


# --- surrogates


def test_a_surrogate_finds_the_terms_that_made_the_points():
    scores = stats.norm.ppf(joint.points(64, 5, seed=4))
    made = 3 + 2 * scores[:, 1] - scores[:, 3] + 0.5 * scores[:, 1] * scores[:, 3]
    found = surrogate.fitted(scores, made)
    assert set(found.terms) == {(), (1,), (3,), (1, 3)}
    fresh = stats.norm.ppf(joint.points(256, 5, seed=5))
    expected = 3 + 2 * fresh[:, 1] - fresh[:, 3] + 0.5 * fresh[:, 1] * fresh[:, 3]
    assert found.predict(fresh) == pytest.approx(expected, abs=1e-8)
    assert found.q2 == pytest.approx(1)


def test_products_of_factors_are_fitted_by_their_logarithm():
    scores = stats.norm.ppf(joint.points(64, 3, seed=4))
    found = surrogate.fitted(scores, 100 * np.exp(0.4 * scores[:, 0] - 0.3 * scores[:, 1]))
    assert found.logarithm
    assert set(found.terms) == {(), (0,), (1,)}


def test_the_error_a_surrogate_reports_is_the_noise_that_was_put_in():
    scores = stats.norm.ppf(joint.points(256, 3, seed=4))
    noise = np.random.default_rng(1).normal(0, 2, 256)
    found = surrogate.fitted(scores, 1000 + 10 * scores[:, 0] + noise)
    assert found.error == pytest.approx(2, rel=0.15)
    assert found.q2 == pytest.approx(1 - 4 / 104, abs=0.02)


def test_a_surrogate_of_pure_noise_says_that_it_knows_nothing():
    scores = stats.norm.ppf(joint.points(64, 4, seed=4))
    found = surrogate.fitted(scores, np.random.default_rng(2).normal(0, 1, 64))
    assert found.q2 < 0.25


def test_a_number_that_never_changes_is_fitted_by_itself():
    found = surrogate.fitted(stats.norm.ppf(joint.points(16, 2, seed=1)), np.full(16, 7.0))
    assert (found.predict(np.zeros((3, 2))) == 7).all()
    assert found.error == 0


def test_what_a_part_is_told_stays_within_what_it_can_simulate():
    """The tail of a range has no end; a share of retention above 1 means nothing."""
    told = within_limits({"retention": 1.4, "moving": 0.7, "leaving": 0.001}, {
        "retention": (0.0, 1.0), "moving": (0.1, 5.0), "leaving": (0.1, 5.0),
    })  # fmt: skip
    assert told == {"retention": 1.0, "moving": 0.7, "leaving": 0.1}
