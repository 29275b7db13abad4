"""The staff of a year of the million: those of `staff = true`, from the year's April on, whoever is relieved."""

from datetime import date

import numpy as np
import pytest

from abm.units import UNLIMITED
from experiments import scenario_setting
from experiments.million import staffed
from experiments.scenario import Scenario
from experiments.staff import in_runs
from experiments.staff.in_runs import AtWork

SCENARIO = Scenario(pathways=("talking_therapies",), warm_up=10, years=1)
CBT = "talking_therapies/cbt"


@pytest.fixture(scope="module")
def rosters():
    setting = scenario_setting.setting(SCENARIO)
    return setting, scenario_setting.plan(SCENARIO, setting)


def test_each_year_begins_with_the_staff_of_its_april_and_changes_monthly(rosters):
    there = in_runs.at_work(*rosters, {}, 1, 0)
    unit = next(one for one in there.establishment.units if one.team == CBT)
    u = there.establishment.units.index(unit)
    r = int(np.flatnonzero(there.establishment.posts[u])[0])
    for n, year in enumerate(("2016/17", "2017/18", "2020/21")):
        found = staffed.changes(SCENARIO, year, [], 1, 0)
        assert [change.day for change in found[:3]] == [date(2016, 3, 22), date(2016, 4, 1), date(2016, 5, 1)]
        assert len(found) == 13
        row = 12 * (0, 1, 4)[n]
        shares = [next(share for name, _, share in change.shares if name == unit.name) for change in found]
        assert shares == there.shares[row : row + 13, u, r].tolist()


def test_the_baseline_year_has_the_staff_of_a_scenario_with_staff():
    with_staff = SCENARIO.replaced(staff=True)
    setting = scenario_setting.setting(with_staff)
    assert staffed.changes(SCENARIO, "2016/17", [], 1, 0) == scenario_setting.dated_changes(with_staff, setting, 1, 0)


def test_relieving_a_team_touches_nobody_elses_staff_and_never_its_own(rosters):
    levers = [lever for lever in rosters[0].levers if lever.unit.partition(" @ ")[0] == CBT]
    before = staffed.changes(SCENARIO, "2020/21", [], 1, 0)
    after = staffed.changes(SCENARIO, "2020/21", [(lever, UNLIMITED) for lever in levers], 1, 0)
    for one, other in zip(before, after, strict=True):
        assert [row for row in one.shares if not row[0].startswith(CBT)] == list(other.shares)
        assert [row for row in one.rosters if row[0] not in levers] == list(other.rosters)


def test_another_replication_has_other_luck():
    one, other = (staffed.changes(SCENARIO, "2020/21", [], 1, k)[0].shares for k in (0, 1))
    assert one != other


def test_people_in_post_are_the_mean_over_the_twelve_months_of_the_year(rosters):
    there = in_runs.at_work(*rosters, {}, 1, 0)
    known = np.zeros_like(there.in_post)
    known[48, 0, 0] = 99.0  # the end of the year before
    known[49, 0, 0], known[60, 0, 0] = 6.0, 18.0
    mine = AtWork(there.establishment, there.shares, there.by_role, known, there.nursing)
    found = staffed.mean_in_post(mine, "2020/21")
    assert found["staff"].tolist() == [2.0]
    assert found["system"].tolist() == [there.establishment.units[0].system]


def test_another_stp_has_staff_of_its_own_rosters_by_team():
    devon = SCENARIO.replaced(area="devon")
    found = staffed.in_post(devon, "2020/21", 1, 0)
    assert CBT in set(found["team"])
    assert found["staff"].sum() > 0
