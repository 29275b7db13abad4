"""Demand that rises for some days, and rosters that hold from a day."""

import datetime

import numpy as np
import pytest

from abm.model import CareSystem
from abm.surges import Surge, by_hour
from experiments import run, scenario, scenario_setting
from kernels import columns as c
from pathways.errors import InputError

SOMERSET = "somerset"
HEAD = f"area = '{SOMERSET}'\ndays = 20\nwarm_up = 6\npathways = ['crisis', 'liaison', 'inpatient']\n"
AT = 12
"""2016-04-07 as a day of the run"""
SURGE = "[[surge]]\ndoor = '{}'\nfactor = {}\nfrom = 2016-04-07\nuntil = 2016-04-14\n"
NIGHTS = """
[[team]]
team = "liaison/liaison"
from = 2016-04-07
staff = [
    { hours = "Mon-Fri 09:00-17:00", mh_practitioner = 4, consultant = 1 },
    { hours = "Mon-Sun 20:00-08:00", mh_practitioner = 3 },
]
"""
ONE_MORE = """
[[team]]
team = "liaison/liaison"
role = "mh_practitioner"
hours = "Mon-Sun 20:00-08:00"
number = 5
from = 2016-04-09
"""


@pytest.fixture
def read(tmp_path):
    def reading(text="", area=SOMERSET):
        file = tmp_path / "scenario.toml"
        file.write_text(HEAD.replace(SOMERSET, area) + text, encoding="utf-8")
        return scenario.read(file)

    return reading


def model_of(wanted, **keys):
    setting = scenario_setting.setting(wanted)
    model = CareSystem(
        setting, start=wanted.start, days=wanted.measured_days, warm_up=wanted.warm_up,
        plan=scenario_setting.plan(wanted, setting), **keys,
    )  # fmt: skip
    for change in scenario_setting.dated_changes(wanted, setting):
        model.change_on(change.day, change)
    return model


def arrivals(wanted):
    """Return how many had come to A&E, by the day they went on: residents and people from elsewhere, int[day]."""
    model = model_of(wanted, events=True).run()
    log = model.simulation.events()
    state = model.network.flat.state("liaison/ae_arrival")
    entered = log[(log["kind"] == c.L_ENDED) & (log["state"] == state)]
    ours = entered["id0"] < c.STREAM_ID
    days = entered["time"] // 86_400
    return [np.bincount(days[of], minlength=26)[:26] for of in (ours, ~ours)]


def test_factors_multiply_hour_by_hour_between_their_days():
    start, day = datetime.date(2016, 4, 1), datetime.timedelta(days=1)
    factor = by_hour([Surge("a", 2.0, start + day), Surge("a", 3.0, start, start + 2 * day)], start, 3)
    assert factor.reshape(-1)[[0, 23, 24, 47, 48, 72]].tolist() == [3, 3, 6, 6, 2, 2]


def test_a_surge_brings_more_residents_and_more_from_elsewhere_on_its_days_only(read):
    before, after = arrivals(read(area="lsc")), arrivals(read(SURGE.format("liaison/ae", 3.0), "lsc"))
    for was, now in zip(before, after, strict=True):
        assert was[:AT].sum() > 50
        assert np.array_equal(was[:AT], now[:AT])
        assert 2 < now[AT : AT + 7].sum() / was[AT : AT + 7].sum() < 4
        assert 0.7 < now[AT + 8 :].sum() / was[AT + 8 :].sum() < 1.4


def test_nobody_comes_through_a_door_that_is_shut_for_a_week(read):
    ours, _ = arrivals(read(SURGE.format("liaison", 0.0)))
    assert ours[AT + 1 : AT + 7].sum() < 0.1 * ours[AT + 8 :].sum()  # whom other services send


def test_a_surge_by_one_changes_no_day(read, tmp_path):
    digests = [run.run(read(text), out=tmp_path / f"{i}")["digests"] for i, text in
               enumerate(["", SURGE.format("liaison/ae", 1.0)])]  # fmt: skip
    assert digests[0] == digests[1]


def rosters(wanted):
    """Return, for each midnight, {(hours, role): number} of one site, and who is on shift then."""
    model, found = model_of(wanted), []
    team = next(team for team in model.teams if team.team == "liaison/liaison")
    for _ in range(26):
        rows = {
            (lever.hours, lever.role): n
            for lever, n in zip(team.levers, team.on_shift.values(), strict=True) if n
        }  # fmt: skip
        found.append((rows, team.n_on))
        model.step()
    return found


def test_a_roster_holds_from_its_day(read):
    before, after = rosters(read()), rosters(read(NIGHTS))
    assert after[:AT] == before[:AT]
    rows, at_night = after[AT]
    assert rows == {
        ("Mon-Fri 09:00-17:00", "mh_practitioner"): 4, ("Mon-Fri 09:00-17:00", "consultant"): 1,
        ("Mon-Sun 20:00-08:00", "mh_practitioner"): 3,
    }  # fmt: skip
    assert {n for _, n in after[AT:]} == {at_night} == {3}


def test_numbers_refer_to_the_roster_of_their_day(read):
    after = rosters(read(NIGHTS + ONE_MORE))
    assert [n for _, n in after[AT : AT + 4]] == [3, 3, 5, 5]
    with pytest.raises(InputError, match=r"team.1.hours"):
        read(NIGHTS + ONE_MORE.replace("2016-04-09", "2016-04-06"))
    with pytest.raises(InputError, match=r"team.1.hours"):
        read(NIGHTS + ONE_MORE.replace("20:00-08:00", "07:00-15:00"))


def test_a_run_with_both_keeps_its_balance(read, tmp_path):
    assert run.run(read(NIGHTS + SURGE.format("liaison", 2.0)), out=tmp_path, prove=True)["digests"]
