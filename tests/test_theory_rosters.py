"""Shifts, overtime, holding back and clocks: what has an exact answer has it."""

import pytest
from statistics_checks import run_batches

WEEK_HOURS = 168


@pytest.mark.verify
def test_a_team_that_refuses_out_of_hours_turns_away_the_share_of_the_week_it_is_shut():
    runs = run_batches("office-hours", days=1400, warm_up=28)
    turned_away = sum(runs.values("states.night_service.arrivals")) / sum(runs.values("states.refusing_visit.arrivals"))
    assert turned_away == pytest.approx(1 - 40 / WEEK_HOURS, rel=0.01)
    assert sum(runs.values("states.day_visit.arrivals")) == pytest.approx(
        sum(runs.values("states.day_visit.completed")), rel=0.01
    )


@pytest.mark.verify
def test_contacts_that_run_over_are_overtime_and_a_last_start_prevents_them():
    runs = run_batches("office-hours", days=1400, warm_up=28)
    assert min(runs.values("teams.day.overtime_minutes")) > 0
    assert runs.values("teams.careful.overtime_minutes") == [0.0] * len(runs.documents)
    # every visit takes 45 minutes of somebody's time, in hours or over them
    for document in runs.documents[:3]:
        for name in ("day", "careful"):
            team = document["teams"][name]
            on_shift = 1400 / 7 * 40 * 2 * 60
            worked = team["utilisation"]["clinician"] * on_shift + team["overtime_minutes"]
            assert worked == pytest.approx(45 * document["states"][f"{name}_visit"]["completed"], rel=0.01)


@pytest.mark.verify
def test_holding_back_keeps_a_joint_request_from_starving():
    held = run_batches("held-back", days=700, warm_up=30)
    never = run_batches("never-held", days=700, warm_up=30)
    joint, single = "states.joint.wait_minutes.mean", "states.single.wait_minutes.mean"
    # held back, a joint request waits its turn, an hour and two endings; never held, until both are idle
    assert held.estimate(joint).mean < held.estimate(single).mean + 60 + 2 * 30
    assert never.estimate(joint).mean > 3 * never.estimate(single).mean
    assert min(held.values("teams.pair.idle_while_held_minutes")) > 0
    assert never.values("teams.pair.idle_while_held_minutes") == [0.0] * len(never.documents)


def test_clocks_run_across_states_and_stand_still_while_paused():
    document = run_batches("clocks", days=100, warm_up=10, batches=1).documents[0]
    clocks = document["clocks"]
    exact = {
        "whole": (350, 0),
        "whole_paused": (170, 1),
        "to_assessment": (200, 1),
        "to_assessment_paused": (20, 0),
    }
    for name, (minutes, within) in exact.items():
        assert clocks[name]["minutes"]["mean"] == pytest.approx(minutes, abs=1e-9), name
        assert clocks[name]["within"] == within, name
