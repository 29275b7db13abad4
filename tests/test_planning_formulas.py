"""Formulas beside the simulation: textbook values, and establishment arithmetic done by hand."""

import pytest

from abm.units import Unit
from experiments.planning import establishment, formulas
from pathways.teams import team


def test_erlang_c_gives_the_textbook_share_who_wait():
    assert formulas.erlang_c(2, 1.0) == pytest.approx(1 / 3)
    assert formulas.erlang_c(5, 4.0) == pytest.approx(0.5541, abs=1e-4)
    assert formulas.erlang_c(3, 3.0) == 1.0


def test_least_staff_is_the_first_number_that_meets_the_standard():
    n = formulas.least_staff(5.0, 3600.0, 900.0, 0.9)
    assert n == 8
    import math

    def share(k):
        return 1 - formulas.erlang_c(k, 5.0) * math.exp(-(k - 5.0) * 0.25)

    assert share(n) >= 0.9 > share(n - 1)


def test_nobody_is_needed_where_nothing_is_asked_for():
    assert formulas.least_staff(0.0, 3600.0, 900.0, 0.9) == 0
    assert formulas.least_staff(0.0, 3600.0, 900.0, 0.9, least=2) == 2


def test_places_for_an_occupancy_are_the_load_over_it():
    assert formulas.places_for_occupancy(85.0, 0.85) == 100
    assert formulas.places_for_occupancy(85.1, 0.85) == 101


def test_a_post_round_the_clock_takes_several_people():
    time = establishment.working_times()["mh_practitioner"]
    by_hand = 37.5 * (1 - 40 / 260) * 0.95 * 0.82
    assert time.available_hours == pytest.approx(by_hand)
    assert establishment.wte("mh_practitioner", 168.0) == pytest.approx(168 / by_hand)
    assert establishment.wte("juggler", 168.0) is None


def test_a_ward_is_nursed_by_the_shift_and_never_below_its_minimum():
    rows = [{"hours": "24/7", "registered": 2, "support": 3, "per_places": 18, "least": 2}]
    unit = Unit("x/ward", "here", "area", 0.0, team({"places": 18, "nursing": rows}, "team.ward"))
    assert [(role, n) for role, _, n, _ in establishment.nursing_on_shift(unit, 18)] == [
        ("registered_nurse", 2),
        ("healthcare_assistant", 3),
    ]
    assert [n for _, _, n, _ in establishment.nursing_on_shift(unit, 19)] == [3, 4]
    assert [n for _, _, n, _ in establishment.nursing_on_shift(unit, 3)] == [2, 2]
    assert establishment.nursing_hours(unit, 18)["registered_nurse"] == pytest.approx(336.0)
