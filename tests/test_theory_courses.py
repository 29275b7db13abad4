"""Groups, missed appointments, courses and recurring visits do what can be worked out for them."""

import pytest
from blocking_theory import group_wait_to_fill, groups_on_one_leader
from queueing_theory import erlang_b, mmc
from statistics_checks import run_batches


@pytest.mark.verify
def test_a_group_waits_to_fill_and_then_for_its_leader():
    runs = run_batches("groups", days=1500, warm_up=30)
    runs.assert_agree(
        {
            "states.roomy.wait_minutes.mean": 60 * group_wait_to_fill(4, 6),
            "states.one_leader.wait_minutes.mean": 60 * groups_on_one_leader(4, 6, 1.2),
            "teams.one.utilisation.leader": 4 / 6 * 1.2,
            "teams.many.utilisation.leader": 4 / 6 / 500,
        }
    )
    with pytest.raises(AssertionError, match="roomy"):
        runs.assert_agree({"states.roomy.wait_minutes.mean": 60 * group_wait_to_fill(4, 7)})


@pytest.mark.verify
def test_missed_appointments_cost_their_slot_and_are_booked_again():
    clinic = mmc(2 * 1.2, 0.6, 2)
    runs = run_batches("missed-appointments", days=1500, warm_up=30)
    runs.assert_agree(
        {
            "states.appointment.wait_minutes.mean": 60 * clinic.wait,
            "teams.clinic.utilisation.clinician": 2 * 1.2 * 0.6 / 2,
        }
    )
    lost = sum(runs.values("states.discharged.arrivals"))
    seen = sum(runs.values("states.home.arrivals"))
    assert lost / (lost + seen) == pytest.approx(0.2**2, rel=0.05)
    assert sum(runs.values("states.appointment.arrivals")) / (lost + seen) == pytest.approx(1.2, rel=0.01)


@pytest.mark.verify
def test_a_course_holds_a_caseload_place_and_weekly_minutes_to_its_end():
    days = 5 * 7 + 50 / 1440  # six sessions a week apart
    runs = run_batches("courses", days=6000, warm_up=100)
    runs.assert_agree(
        {
            "states.open_course.present.mean": 3.0 * days,
            "states.caseload_course.full": erlang_b(20, 0.5 * days),
            "states.clinic_course.full": erlang_b(12, 0.3 * days),
        }
    )
    with pytest.raises(AssertionError, match="clinic_course"):  # the caseload alone would allow 20
        runs.assert_agree({"states.clinic_course.full": erlang_b(20, 0.3 * days)})


@pytest.mark.verify
def test_visits_due_again_before_they_are_made_do_not_pile_up():
    runs = run_batches("ward-visits", days=300, warm_up=20)
    # a stay of 100 h has visits due after 24, 48, 72 and 96 h, of half an hour each
    runs.assert_agree(
        {
            "teams.nurses_light.utilisation.nurse": 2.5 * 4 * 0.5 / 24,
            "states.light.present.mean": 2.5 * 100 / 24,
        }
    )
    busy = runs.estimate("teams.nurses_heavy.utilisation.nurse")
    assert busy.mean > 0.999
    runs.assert_agree({"states.heavy.present.mean": 30 * 100 / 24})


@pytest.mark.verify
def test_a_course_that_two_hold_takes_a_place_and_minutes_of_both():
    days = 5 * 7 + 50 / 1440
    runs = run_batches("pairs", days=6000, warm_up=100)
    runs.assert_agree(
        {
            "states.mixed_course.full": erlang_b(12, 0.3 * days),
            "states.same_course.full": erlang_b(10, 0.3 * days),
            "states.clinic_course.full": erlang_b(12, 0.3 * days),
        }
    )
    with pytest.raises(AssertionError, match="mixed_course"):  # if one of the two were enough
        runs.assert_agree({"states.mixed_course.full": erlang_b(20, 0.3 * days)})
