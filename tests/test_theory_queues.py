"""Contacts and their waiting lists do what queueing theory says."""

import math

import pytest
from impatience_theory import erlang_a, mmc_with_limit
from queueing_theory import (
    gamma_transform,
    gi_m_1,
    jackson_rates,
    kaufman_roberts,
    least_staff,
    littles_law,
    mmc,
    mmc_within,
    mmck,
    pollaczek_khinchine,
    priorities_mg1,
    priorities_mmc,
)
from statistics_checks import THEORY, run_batches, variant


def _queue(state, queue, *, share=True):
    """Figures of one state that follow from a `Queue` in hours."""
    theory = {
        f"states.{state}.queue_minutes.mean": 60 * queue.wait,
        f"states.{state}.wait_minutes.mean": 60 * queue.wait_of_seen,
        f"states.{state}.waiting.mean": queue.waiting,
        f"states.{state}.present.mean": queue.present,
    }
    if share:
        theory[f"states.{state}.waited"] = queue.waited
    return theory


@pytest.mark.verify
def test_one_list_waits_as_erlang_c_says():
    queue = mmc(5, 1, 6)
    theory = _queue("clinic", queue) | {
        "states.clinic.within_standard": mmc_within(5, 1, 6, 0.5),
        "teams.six.utilisation.clinician": 5 / 6,
    }
    runs = run_batches("one-list", days=1000, warm_up=30)
    runs.assert_agree(theory)


def test_a_short_run_already_agrees_with_erlang_c_and_a_wrong_theory_does_not():
    runs = run_batches("one-list", days=200, warm_up=20, batches=10)
    queue = mmc(5, 1, 6)
    runs.assert_agree(_queue("clinic", queue))
    for wrong in (mmc(5, 1, 7), mmc(4.6, 1, 6), mmc(5, 75 / 60, 7)):
        with pytest.raises(AssertionError, match="theory"):
            runs.assert_agree(_queue("clinic", wrong))


@pytest.mark.verify
def test_the_documents_own_half_width_covers_theory():
    from experiments import standalone

    document = standalone.run(THEORY / "one-list.toml", days=365, warm_up=30, replications=40, seed=5)
    wait = document["states"]["clinic"]["wait_minutes"]
    assert abs(wait["mean"] - 60 * mmc(5, 1, 6).wait) < 2 * wait["half_width"]  # four standard errors
    assert wait["half_width"] < 3
    assert wait["p50"] < wait["p90"] < wait["p95"]
    tail = 1 - mmc_within(5, 1, 6, wait["p95"] / 60)
    assert tail == pytest.approx(0.05, abs=0.005)


@pytest.mark.verify
def test_littles_law_holds_in_every_batch():
    for document in run_batches("one-list", days=1000, warm_up=30, batches=4).documents:
        clinic = document["states"]["clinic"]
        per_minute = clinic["arrivals"] / (1000 * 1440)
        waiting = littles_law(per_minute, clinic["queue_minutes"]["mean"])
        assert waiting == pytest.approx(clinic["waiting"]["mean"], rel=0.01)


@pytest.mark.verify
def test_a_network_with_feedback_waits_station_by_station():
    shares = {("one", "two"): 0.5, ("one", "three"): 0.3, ("two", "one"): 0.1, ("two", "three"): 0.4}
    rates = jackson_rates({"one": 5, "two": 2, "three": 1}, shares | {("three", "one"): 0.1})
    theory, present = {}, 0.0
    for station, servers in (("one", 8), ("two", 6), ("three", 6)):
        queue = mmc(rates[station], 1, servers)
        theory |= _queue(station, queue)
        theory[f"states.{station}.within_standard"] = mmc_within(rates[station], 1, servers, 0.5)
        theory[f"teams.team_{station}.utilisation.clinician"] = rates[station] / servers
        present += queue.present
    theory["clocks.whole_visit.minutes.mean"] = 60 * present / 8
    run_batches("jackson", days=2000, warm_up=30).assert_agree(theory)


@pytest.mark.verify
def test_callers_hang_up_as_erlang_a_and_barrer_say():
    line = erlang_a(12, 1 / 6, 2, 1 / 12)
    limited = mmc_with_limit(12, 1 / 6, 2, 1 / 12)
    theory = _queue("exponential", line) | {"states.exponential.left_waiting": line.left}
    theory |= _queue("constant", limited) | {"states.constant.left_waiting": limited.left}
    theory |= _queue("sent_on", limited)
    theory["teams.line_constant.utilisation.call_handler"] = (1 - limited.left) * 12 / 6 / 2
    runs = run_batches("impatience", days=1500, warm_up=5)
    runs.assert_agree(theory, grain=0.01)  # minutes are made of whole seconds
    sent_on = [d["states"]["sent_on_elsewhere"]["arrivals"] for d in runs.documents]
    arrived = [d["states"]["sent_on"]["arrivals"] for d in runs.documents]
    assert sum(sent_on) / sum(arrived) == pytest.approx(limited.left, rel=0.01)


@pytest.mark.verify
def test_a_waiting_room_of_limited_size_turns_away_as_theory_says():
    theory = {}
    for state, queue in (("small", mmck(1, 1, 1, 2)), ("large", mmck(2.5, 1, 3, 4))):
        theory |= _queue(state, queue) | {f"states.{state}.full": queue.full}
    theory["teams.team_small.utilisation.clinician"] = 0.75
    run_batches("waiting-rooms", days=3000, warm_up=10).assert_agree(theory)


@pytest.mark.verify
def test_one_clinicians_wait_depends_on_mean_and_spread_alone():
    weibull = 33.851 * math.sqrt(math.gamma(2) - math.gamma(1.5) ** 2)
    laws = {
        "constant": (30, 0),
        "lognormal": (30, 30),
        "gamma": (30, 15),
        "uniform": (30, 40 / math.sqrt(12)),
        "triangular": (30, math.sqrt((100 + 400 + 3600 - 200 - 600 - 1200) / 18)),
        "weibull": (30, weibull),
        "two_kinds": (30, math.sqrt(0.75 * 100 + 0.25 * 8100 - 900)),
    }
    theory = {}
    for state, (mean, sd) in laws.items():
        theory |= _queue(state, pollaczek_khinchine(1.4, mean / 60, sd / 60))
    run_batches("one-clinician", days=4000, warm_up=30).assert_agree(theory)


@pytest.mark.verify
def test_regular_and_bursty_arrivals_wait_as_kendall_says():
    laws = {
        "regular": gamma_transform(1.0, 0.5),
        "bursty": gamma_transform(1.0, 1.5),
        "clockwork": lambda s: math.exp(-s),
    }
    theory = {}
    for state, transform in laws.items():
        theory |= _queue(state, gi_m_1(transform, 1.0, 0.8))
    run_batches("regular-arrivals", days=4000, warm_up=30).assert_agree(theory)


@pytest.mark.verify
def test_urgency_orders_the_list_without_pre_emption():
    pair = dict(zip(("emergency", "urgent", "routine"), priorities_mmc([0.6, 1.2, 1.6], 0.5, 2), strict=True))
    exponential, lognormal, constant = (40 / 60, 40 / 60), (0.5, 0.75), (1 / 3, 0.0)
    uniform = (0.25, 10 / math.sqrt(12) / 60)
    means, sds = zip(exponential, lognormal, constant, uniform, strict=True)
    single = dict(
        zip(
            ("emergency", "urgent", "soon", "routine"),
            priorities_mg1([0.3, 0.5, 0.6, 0.4], means, sds),
            strict=True,
        )
    )
    theory = {f"states.pair_{k}.wait_minutes.mean": 60 * v for k, v in pair.items()}
    theory |= {f"states.single_{k}.wait_minutes.mean": 60 * v for k, v in single.items()}
    runs = run_batches("priorities", days=4000, warm_up=30)
    runs.assert_agree(theory)
    swapped = dict(theory)
    first, last = "states.pair_emergency.wait_minutes.mean", "states.pair_routine.wait_minutes.mean"
    swapped[first], swapped[last] = theory[last], theory[first]
    with pytest.raises(AssertionError, match="pair_emergency"):
        runs.assert_agree(swapped)


@pytest.mark.verify
def test_contacts_of_several_clinicians_are_turned_away_as_kaufman_and_roberts_say():
    blocked = kaufman_roberts(7, [2.0, 0.8, 0.5], [1, 2, 3])
    theory = {f"states.of_{b}.full": share for b, share in zip((1, 2, 3), blocked, strict=True)}
    carried = sum(a * b * (1 - p) for a, b, p in zip((2.0, 0.8, 0.5), (1, 2, 3), blocked, strict=True))
    theory["teams.seven.utilisation.clinician"] = carried / 7
    run_batches("several-at-once", days=4000, warm_up=10).assert_agree(theory)


@pytest.mark.verify
def test_four_ways_to_share_staff_are_all_the_same_queue():
    queue = mmc(2.1, 1, 3)
    theory = {}
    for state in ("two_of_six", "two_roles", "two_teams", "one_or_other"):
        theory |= _queue(state, queue)
    theory["teams.doctors.utilisation.doctor"] = theory["teams.amhp_hub.utilisation.amhp"] = 0.7
    run_batches("joint", days=4000, warm_up=30).assert_agree(theory)


@pytest.mark.verify
def test_least_staff_of_erlang_c_is_where_the_engine_starts_to_pass(tmp_path):
    fewest = least_staff(5, 1, 0.5, 0.8)
    shares = []
    for servers in (fewest - 1, fewest):
        file = variant("one-list", tmp_path, {"clinician = 6": f"clinician = {servers}"})
        runs = run_batches(file, days=1000, warm_up=30, batches=6)
        shares.append(runs.estimate("states.clinic.within_standard").mean)
    assert shares[0] < 0.8 < shares[1]
