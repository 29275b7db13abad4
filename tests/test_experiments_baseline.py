"""Modelled beside published: sums that can be done by hand, and trends that are or are not there."""

import numpy as np
import pandas as pd
import pytest

from abm import tables
from experiments import baseline
from experiments.baseline import Results
from experiments.trends import trend, trends


def row(of: str, how: str = "", **values) -> dict[str, str]:
    return {"of": of, "how_carried": how, **values}


@pytest.fixture
def results():
    """Half a year, two replications, of a pathway one can count on one's fingers."""
    waits = pd.DataFrame(
        [
            ("liaison", "ae_arrival", "wait", 200, 0, 2.0),
            ("liaison", "referral", "decision", 80, 0, 0.0),
            ("liaison", "ward_referral", "decision", 20, 0, 0.0),
            ("ward", "bed", "place", 60, 50, 9.0),
        ],
        columns=["pathway", "state", "kind", "arrivals", "began", "mean_present"],
    )
    places = pd.DataFrame(
        [("ward/bed", 10, 9.0, 0.9), ("ward/bed", 10, 8.0, 0.8)],
        columns=["team", "places", "mean_taken", "mean_blocked"],
    )
    clocks = pd.DataFrame(
        [("ward", "to_bed", True, 40, 30, 5, 3, 60.0), ("ward", "to_bed", True, 10, 10, 0, 0, 1440.0)],
        columns=[
            "pathway",
            "clock",
            "of_finished",
            "stopped",
            "within",
            "lost",
            "still_over",
            "mean_minutes",
        ],
    )
    flows = pd.DataFrame([("liaison/ae_arrival", "liaison/referral", 80)], columns=["from", "to", "count"])
    reached = pd.DataFrame([("ward", 4), ("liaison;ward", 6), ("liaison", 10)], columns=["pathways", "people"])
    facts = {
        "days": 73,
        "outside_expected": {"liaison/ae_arrival": 25.0},
        "residents_18_64": 50_000,
        "sites": [],
    }
    found = {"waits": waits, "places": places, "clocks": clocks, "flows": flows, "people_reached": reached}
    return Results(found, facts, 2)


@pytest.mark.parametrize(
    ("measure", "of", "how", "expected"),
    [
        ("visits", "liaison/referral;liaison/ward_referral", "", 100 * 5 / 2),
        # 25 of 100 who arrive at A&E are from elsewhere: so is a quarter of the 80 sent on
        ("visits", "liaison/referral;liaison/ward_referral", "residents only", (20 + 60) * 5 / 2),
        ("seen", "ward/bed", "", 50 * 5 / 2),
        ("ratio", "ward/bed÷liaison/referral;liaison/ward_referral", "", 0.5),
        ("clock", "ward/to_bed", "", 40 / 50),
        ("wait_days", "ward/to_bed", "", (40 * 60 + 10 * 1440) / 50 / 1440),
        ("stay_days", "ward/bed", "", 17 * 73 / 50),
        ("occupancy", "ward/bed", "", 17 / 20),
        ("places_per_100000", "ward/bed", "", 20.0),
        ("blocked_share", "ward/bed", "", 0.1),
        ("present", "ward/bed", "", 4.5),
        ("people_reached", "ward", "", 5.0),
        ("people_reached", "ward;liaison", "", 10.0),
    ],
)
def test_each_measure_by_hand(results, measure, of, how, expected):
    assert baseline.MEASURES[measure](results, row(of, how)) == pytest.approx(expected)


def test_clocks_of_all_count_those_who_left_or_still_wait(results):
    results.tables["clocks"]["of_finished"] = False
    assert baseline.MEASURES["clock"](results, row("ward/to_bed")) == pytest.approx(40 / 58)


def test_every_measure_of_the_published_table_is_known():
    assert {one["measure"] for one in tables.read("baseline_published")} <= set(baseline.MEASURES)


def test_figures_of_pathways_that_were_not_run_are_left_out(results):
    rows = baseline.comparison(results)
    assert all(one["quantity"].startswith(("liaison", "A&E")) for one in rows)


def test_a_miss_is_more_than_a_tenth(results, monkeypatch):
    published = [
        {"quantity": f"at {value}", "measure": "seen", "of": "ward/bed", "lsc_value": str(value), "unit": "",
         "year": "", "how_carried": "", "comparable": "yes", "source": "", "confidence": ""}
        for value in (125, 115, 113, 139, 140)
    ]  # fmt: skip
    monkeypatch.setattr(baseline.published_tables, "read", lambda name: published)
    assert [one["miss"] for one in baseline.comparison(results)] == [False, False, True, True, True]


def test_a_ramp_is_a_trend_and_noise_is_none():
    rng = np.random.default_rng(1)
    noise = rng.poisson(50, 365).astype(float)
    steady = trend(noise, confidence=0.999)
    assert abs(steady["change"]) < steady["half_width"]
    growing = trend(noise + np.linspace(0, 40, 365), confidence=0.999)
    assert growing["change"] > growing["half_width"]
    assert growing["change"] == pytest.approx(40 * 12 / 13, abs=8)


def test_lists_that_grow_are_named_and_short_windows_say_so():
    days = pd.date_range("2016-04-01", periods=140)
    waiting = pd.DataFrame({"pathway": "p", "place": "Here", "day": days, "waiting": np.arange(140) + 10})
    taken = pd.DataFrame({"unit": "p/beds @ Here", "day": days, "taken": np.tile([9, 10, 11, 10], 35)})
    found = trends(Results({"waiting_daily": waiting, "occupancy_daily": taken}, {"days": 140}, 1))
    assert [one["what"] for one in found["trends"]] == ["waiting: p @ Here"]
    assert not found["steady"]
    short = trends(Results({"waiting_daily": waiting, "occupancy_daily": taken}, {"days": 60}, 1))
    assert not short["enough_days"]
