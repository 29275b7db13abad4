"""The closed forms give the values printed in the literature, and agree with one another."""

import math
from itertools import product

import pytest
from blocking_theory import group_wait_to_fill, groups_on_one_leader, stationary, ward_blocked_by_home
from impatience_theory import erlang_a, mmc_with_limit, patience_queue
from queueing_theory import (
    erlang_b,
    erlang_c,
    exponential_survival,
    gamma_transform,
    gi_m_1,
    halfin_whitt,
    jackson_rates,
    kaufman_roberts,
    least_staff,
    littles_law,
    lognormal_survival,
    mmc,
    mmc_within,
    mmck,
    mt_g_infinity,
    pollaczek_khinchine,
    priorities_mg1,
    priorities_mmc,
    square_root_staffing,
)


def test_erlang_b_matches_the_traffic_tables():
    assert erlang_b(10, 4.461) == pytest.approx(0.01, abs=5e-5)  # 1 % column of every printed table
    assert erlang_b(20, 12.03) == pytest.approx(0.01, abs=5e-5)
    assert erlang_b(6, 4.5) == pytest.approx(0.1542, abs=5e-5)


def test_erlang_c_of_two_servers_at_one_erlang_is_a_third():
    assert erlang_c(2, 1.0) == pytest.approx(1 / 3)
    assert erlang_c(1, 0.7) == pytest.approx(0.7)
    assert erlang_c(3, 3.0) == 1.0


def test_three_stations_wait_as_their_file_says():
    rates = jackson_rates(
        {"one": 5, "two": 2, "three": 1},
        {
            ("one", "two"): 0.5,
            ("one", "three"): 0.3,
            ("two", "one"): 0.1,
            ("two", "three"): 0.4,
            ("three", "one"): 0.1,
        },
    )
    waits = [60 * mmc(rates[s], 1, c).wait for s, c in (("one", 8), ("two", 6), ("three", 6))]
    assert waits == pytest.approx([10.4, 34.6, 25.5], abs=0.05)


def test_callers_who_hang_up_do_so_as_their_file_says():
    line = erlang_a(12, 1 / 6, 2, 1 / 12)
    assert (line.left, line.waited, line.waiting) == pytest.approx((0.311, 0.534, 0.311), abs=5e-4)
    assert line.left * 12 == pytest.approx(line.waiting * 12)  # leavers = waiting ÷ mean patience


def test_general_patience_agrees_with_erlang_a_and_with_erlang_c():
    exact = erlang_a(12, 1 / 6, 2, 1 / 12)
    general = patience_queue(12, 1 / 6, 2, exponential_survival(1 / 12), 4.0)
    assert (general.left, general.waited) == pytest.approx((exact.left, exact.waited), rel=1e-3)
    assert general.wait == pytest.approx(exact.wait, rel=1e-3)
    patient = mmc_with_limit(5, 1, 6, 60.0)
    assert patient.wait == pytest.approx(mmc(5, 1, 6).wait, rel=1e-3)
    assert mmc_with_limit(5, 1, 6, 1e-6).left == pytest.approx(erlang_b(6, 5), rel=1e-3)


def test_nobody_seen_has_waited_longer_than_the_limit():
    short = mmc_with_limit(9, 1, 8, 0.5)
    assert 0 < short.wait_of_seen < 0.5
    assert short.wait == pytest.approx(short.wait_of_seen * (1 - short.left) + 0.5 * short.left, rel=1e-3)


def test_priorities_match_the_county_hospital_of_hillier_and_lieberman():
    # Introduction to Operations Research, ch. 17: 0.2, 0.6 and 1.2 patients an hour, 20 minutes each.
    assert priorities_mmc([0.2, 0.6, 1.2], 1 / 3, 1)[:2] == pytest.approx([0.238, 0.325], abs=6e-4)
    assert priorities_mmc([0.2, 0.6, 1.2], 1 / 3, 2) == pytest.approx([0.029, 0.033, 0.048], abs=6e-4)


def test_priorities_share_out_the_wait_and_never_change_its_sum():
    rates, means, sds = [1.0, 2.0, 0.5], [0.1, 0.2, 0.4], [0.1, 0.05, 0.8]
    waits = priorities_mg1(rates, means, sds)
    work = sum(r * m * w for r, m, w in zip(rates, means, waits, strict=True))
    loads = [r * m for r, m in zip(rates, means, strict=True)]
    residual = sum(r * (m**2 + s**2) for r, m, s in zip(rates, means, sds, strict=True)) / 2
    assert work == pytest.approx(sum(loads) * residual / (1 - sum(loads)))  # Kleinrock's conservation law
    assert priorities_mg1([3.0], [0.2], [0.2])[0] == pytest.approx(pollaczek_khinchine(3, 0.2, 0.2).wait)


def test_constant_service_halves_the_wait():
    assert pollaczek_khinchine(0.8, 1, 0).wait == pytest.approx(mmc(0.8, 1, 1).wait / 2)


def test_kaufman_roberts_matches_the_product_form():
    places, loads, sizes = 7, [2.0, 0.8, 0.5], [1, 2, 3]
    weights = {
        ns: math.prod(a**n / math.factorial(n) for a, n in zip(loads, ns, strict=True))
        for ns in product(range(8), repeat=3)
        if sum(n * b for n, b in zip(ns, sizes, strict=True)) <= places
    }
    total = sum(weights.values())
    for k, blocked in enumerate(kaufman_roberts(places, loads, sizes)):
        full = sum(
            w for ns, w in weights.items() if sum(n * b for n, b in zip(ns, sizes, strict=True)) + sizes[k] > places
        )
        assert blocked == pytest.approx(full / total)
    assert kaufman_roberts(6, [4.5], [1])[0] == pytest.approx(erlang_b(6, 4.5))


def test_a_limited_waiting_room_lies_between_erlang_b_and_erlang_c():
    assert mmck(4.5, 1, 6, 0).full == pytest.approx(erlang_b(6, 4.5))
    assert mmck(4.5, 1, 6, 400).wait == pytest.approx(mmc(4.5, 1, 6).wait)
    assert mmck(1.0, 1.0, 1, 2).full == pytest.approx(1 / 4)  # M/M/1/3 at load 1: four equal states


def test_regular_arrivals_wait_less_than_poisson_ones():
    erlang_arrivals = gi_m_1(gamma_transform(1.0, 0.5), 1.0, 0.8)
    assert gi_m_1(gamma_transform(1.0, 1.0), 1.0, 0.8).wait == pytest.approx(mmc(1.0, 0.8, 1).wait)
    assert erlang_arrivals.wait < mmc(1.0, 0.8, 1).wait
    # D/M/1 at load 0.8 (Kendall 1953): root of x = exp(−(1 − x) / 0.8) is 0.6286.
    assert gi_m_1(lambda s: math.exp(-s), 1.0, 0.8).waited == pytest.approx(0.6286, abs=1e-4)


def test_an_empty_ward_fills_as_the_integral_says():
    filling = mt_g_infinity(lambda t: 2.0, exponential_survival(3.0), 5.0)
    assert filling == pytest.approx(6.0 * (1 - math.exp(-5 / 3)))
    assert mt_g_infinity(lambda t: 2.0, lognormal_survival(3.0, 2.0), 200.0) == pytest.approx(6.0, rel=1e-4)


def test_square_root_staffing_and_least_staff_agree():
    assert halfin_whitt(1.0) == pytest.approx(0.2234, abs=1e-3)
    for load in (20.0, 100.0):
        servers = math.ceil(square_root_staffing(load, 0.2))
        assert abs(servers - least_staff(load, 1.0, 0.0, 0.8)) <= 1
    fewest = least_staff(5.0, 1.0, 0.5, 0.9)
    assert mmc_within(5.0, 1.0, fewest, 0.5) >= 0.9 > mmc_within(5.0, 1.0, fewest - 1, 0.5)


def test_littles_law_ties_the_counts_to_the_times():
    queue = mmc(5.0, 1.0, 6)
    assert queue.present == pytest.approx(littles_law(5.0, queue.wait + 1.0))


def test_a_group_of_one_is_an_ordinary_queue():
    assert group_wait_to_fill(3.0, 1) == 0.0
    assert groups_on_one_leader(0.8, 1, 1.0) == pytest.approx(mmc(0.8, 1.0, 1).wait)


def test_a_small_chain_settles_where_birth_and_death_balance():
    shares = stationary({("0", "1"): 2.0, ("1", "0"): 3.0})
    assert shares["1"] == pytest.approx(0.4)
    bed = ward_blocked_by_home(1.0, 1.0, 1e-9)  # a home that is never full never blocks
    assert bed["10"] + bed["b1"] + bed["11"] == pytest.approx(0.5, abs=1e-6)


def test_a_wrong_formula_would_be_noticed():
    assert erlang_b(6, 4.5) != pytest.approx(erlang_c(6, 4.5), rel=0.1)
    assert priorities_mmc([0.2, 0.6, 1.2], 1 / 3, 1)[0] != pytest.approx(mmc(2.0, 1 / 3, 1).wait, rel=0.1)
