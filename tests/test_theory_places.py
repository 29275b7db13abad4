"""Beds, caseload places and time that passes do what the theory of loss and infinite-server systems says."""

import json

import pytest
from blocking_theory import residual_survival, ward_blocked_by_home
from queueing_theory import (
    constant_survival,
    erlang_b,
    exponential_survival,
    lognormal_survival,
    mmc,
    mt_g_infinity,
    pollaczek_khinchine,
)
from statistics_checks import run_batches

PROFILE = [0.4, 0.3, 0.2, 0.2, 0.2, 0.3, 0.5, 0.8, 1.2, 1.6, 1.8, 1.8]
PROFILE += [1.7, 1.6, 1.5, 1.4, 1.3, 1.2, 1.2, 1.2, 1.1, 1.0, 0.8, 0.7]
WEEKDAY = [1.2, 1.1, 1.0, 1.0, 1.1, 0.8, 0.8]


@pytest.mark.verify
def test_share_that_finds_six_beds_full_does_not_depend_on_the_law_of_stay():
    blocked = erlang_b(6, 4.5)
    theory = {}
    for law in ("exponential", "constant", "lognormal", "uniform"):
        theory[f"states.{law}.full"] = blocked
        theory[f"states.{law}.present.mean"] = 4.5 * (1 - blocked)
        theory[f"teams.house_{law}.places_taken.mean"] = 4.5 * (1 - blocked)
    runs = run_batches("six-beds", days=10_000, warm_up=100)
    runs.assert_agree(theory)
    with pytest.raises(AssertionError, match="full"):
        runs.assert_agree({"states.lognormal.full": erlang_b(7, 4.5)})


@pytest.mark.verify
def test_beds_that_are_waited_for_are_servers():
    ward = mmc(0.9, 5, 6)
    single = pollaczek_khinchine(0.5, 1.4, 1.0)
    runs = run_batches("bed-queue", days=12_000, warm_up=300)
    runs.assert_agree(
        {
            "states.ward.wait_minutes.mean": 1440 * ward.wait,
            "states.ward.waited": ward.waited,
            "states.ward.waiting.mean": ward.waiting,
            "states.ward.present.mean": ward.present,
            "teams.beds.places_taken.mean": 4.5,
            "states.single.wait_minutes.mean": 1440 * single.wait,
            "states.single.waited": 0.7,
        }
    )


@pytest.mark.verify
def test_with_room_for_everybody_those_present_are_rate_times_stay():
    theory = {f"states.{state}.present.mean": 24.0 for state in ("passing", "staying", "seen")}
    theory["teams.ward.places_taken.mean"] = 24.0
    theory["teams.crew.utilisation.nurse"] = 24.0 / 5000
    runs = run_batches("nobody-waits", days=3000, warm_up=60)
    runs.assert_agree(theory)
    assert runs.values("states.staying.waited") == [0.0] * 12


@pytest.mark.verify
def test_an_empty_service_fills_as_the_integral_says():
    runs = run_batches("nobody-waits", days=10, warm_up=0, batches=400, every="1 day")
    survival = lognormal_survival(3.0, 2.0)
    theory = {}
    for day in range(10):
        # a time average over the day, by Simpson's rule on the mean at its start, middle and end
        means = [mt_g_infinity(lambda t: 8.0, survival, day + at) for at in (1e-9, 0.5, 1.0)]
        for state in ("passing", "staying", "seen"):
            theory[f"series.{state}.{day}.present.mean"] = (means[0] + 4 * means[1] + means[2]) / 6
    runs.assert_agree(theory, grain=0.01)


@pytest.mark.verify
def test_demand_that_follows_the_clock_fills_a_service_as_eick_massey_and_whitt_say():
    hours, batches = 7 * 24, 300
    runs = run_batches("day-and-night", days=7, warm_up=0, batches=batches, every="1 h")
    week = sum(WEEKDAY) / 7

    def passing(t):
        return 6 * PROFILE[int(t) % 24] * 24 / sum(PROFILE) if t >= 0 else 0.0

    def steady(t):
        return passing(t) * WEEKDAY[int(t // 24) % 7] / week if t >= 0 else 0.0

    theory = {}
    for hour in [*range(30), *range(100, hours, 7)]:
        for state, rate, survival in (
            ("passing", passing, exponential_survival(5.0)),
            ("steady", steady, constant_survival(4.0)),
        ):
            inside = [hour + (i + 0.5) / 4 for i in range(4)]
            means = [_present(rate, survival, at) for at in inside]
            theory[f"series.{state}.{hour}.present.mean"] = sum(means) / 4
            theory[f"series.{state}.{hour}.arrivals.mean"] = rate(hour + 0.5)
    runs.assert_agree(theory, grain=0.02)


def _present(rate, survival, at):
    """Mean number present at hour `at`, the integral taken over each arrival hour's constant rate."""
    total, pieces = 0.0, 40
    for hour in range(int(at) + 1):
        width = min(1.0, at - hour)
        mids = (hour + width * (i + 0.5) / pieces for i in range(pieces))
        total += sum(rate(hour + 0.5) * survival(at - u) for u in mids) * width / pieces
    return total


@pytest.mark.verify
def test_an_opening_caseload_leaves_as_its_stays_say_and_a_stationary_one_stays_level():
    runs = run_batches("opening-caseload", days=60, warm_up=0, batches=60, every="1 day")
    survival = lognormal_survival(10.0, 10.0)
    residual = residual_survival(survival, 10.0, 2000.0)
    theory = {}
    for day in (0, 1, 2, 5, 10, 20, 40, 59):
        for state, left in (("fresh", survival), ("residual", residual)):
            means = [400 * left(day + at) for at in (0.0, 0.5, 1.0)]
            theory[f"series.{state}.{day}.present.mean"] = (means[0] + 4 * means[1] + means[2]) / 6
        theory[f"series.level.{day}.present.mean"] = 400.0
    runs.assert_agree(theory, grain=0.5)


@pytest.mark.verify
def test_a_bed_is_kept_until_the_care_home_admits():
    chain = ward_blocked_by_home(0.1, 10, 10)
    taken = chain["10"] + chain["11"] + chain["b1"]
    runs = run_batches("blocked-bed", days=20_000, warm_up=200)
    runs.assert_agree(
        {
            "states.bed.full": taken,
            "teams.ward.places_taken.mean": taken,
            "teams.home_team.places_taken.mean": chain["01"] + chain["11"] + chain["b1"],
        }
    )
    with pytest.raises(AssertionError):  # without blocking the bed would be an Erlang B of its own
        runs.assert_agree({"states.bed.full": erlang_b(1, 1.0)})


def test_documents_of_places_are_plain_json_and_balance():
    document = run_batches("six-beds", days=400, warm_up=0, batches=1).documents[0]
    assert json.loads(json.dumps(document)) == document
    for law in ("exponential", "constant", "lognormal", "uniform"):
        state = document["states"][law]
        turned_away = document["states"][f"elsewhere_{law}"]["arrivals"]
        assert turned_away == round(state["full"] * state["arrivals"])
        assert 0 <= state["arrivals"] - turned_away - state["completed"] <= 6
