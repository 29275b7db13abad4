"""Wards in the establishment and in runs: posts by the per-shift rule, and beds that close for want of nurses."""

from datetime import date, timedelta
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from abm import areas, staff_rates
from abm.units import Unit
from abm.working_time import working_times
from experiments import run as runs
from experiments import scenario_setting
from experiments.demand import present
from experiments.risk import parts
from experiments.scenario import Scenario
from experiments.staff import establishment as establishments
from experiments.staff import establishment_file, in_runs, wards
from experiments.staff.in_runs import StaffOfMonth
from experiments.staff.wards import Ward
from pathways.teams import team

LSC = areas.title_of("lsc")
SHORT = {"warm_up": 10, "days": 50, "pathways": ("inpatient",)}
RULE = [
    {"hours": "Mon-Sun 07:00-21:00", "registered": 2, "support": 3, "per_places": 18, "least": 2},
    {"hours": "Mon-Sun 21:00-07:00", "registered": 2, "support": 2, "per_places": 18, "least": 2},
]


def ward(beds, rule=None):
    spec = team({"places": beds, "nursing": rule or RULE}, "team.ward")
    return Ward(Unit("x/ward", "here", "area", 0.0, spec), beds)


def hours_of(role):
    return working_times()[role].available_hours


@cache
def lsc():
    rates = staff_rates.read()
    return establishments.of_area("lsc", rates), rates


def test_posts_of_a_ward_are_its_shifts_over_the_hours_of_a_post():
    posts = ward(36).posts()  # twice the rule: four registered round the clock, six and four support
    assert posts["registered_nurse"] == pytest.approx(4 * 168 / hours_of("registered_nurse"))
    assert posts["healthcare_assistant"] == pytest.approx((6 * 98 + 4 * 70) / hours_of("healthcare_assistant"))


def test_the_wards_of_the_area_have_the_posts_of_their_beds():
    found, rates = lsc()
    unit_at = {unit.name: i for i, unit in enumerate(found.units)}
    index = rates.index
    # acute wards for men: 61 beds a million people, of 1,676,681; two registered nurses by day and by night for 18
    beds = int(np.ceil(61 * 1.676681))
    by_hand = int(np.ceil(2 * beds / 18)) * 168 / hours_of("registered_nurse")
    own = found.posts[unit_at[f"inpatient/acute_male @ {LSC}"]]
    assert abs(own[index["registered_nurse"]] - by_hand) <= 1
    for role in ("registered_nurse", "healthcare_assistant"):  # whole posts of a role sum to its WTE
        wte = sum(row["wte"] for row in establishment_file.table_rows() if row["role"] == role)
        assert found.posts[:, index[role]].sum() == round(wte)


def test_wards_belong_to_the_area_and_to_no_delivery_system():
    found, rates = lsc()
    own = [unit for unit in found.units if unit.team.startswith(("inpatient/acute", "secure/"))
           and unit.team != "secure/access"]  # fmt: skip
    assert {(unit.system, unit.employer) for unit in own} == {(LSC, "nhs")}
    assert len([unit for unit in own if unit.team.startswith("secure/")]) >= 2
    of_system = establishments.of_area("Fylde Coast", rates)
    assert of_system.posts[:, rates.index["healthcare_assistant"]].sum() == 0


def test_a_ward_that_had_no_bed_at_the_start_has_no_posts():
    found, _ = lsc()
    own = [found.posts[i].sum() for i, unit in enumerate(found.units) if unit.team == "mother_and_baby_unit/unit"]
    assert own == [0]


def test_the_plan_opens_and_closes_no_posts_on_wards():
    from abm.staff_posts import changes_of_plan

    found, rates = lsc()
    names = {one.unit.name for one in wards.of_area("lsc")}
    on_wards = [i for i, unit in enumerate(found.units) if unit.name in names]
    opened, closed = changes_of_plan(found, rates)
    assert len(on_wards) > 10
    assert opened.sum() > 0
    assert opened[on_wards].sum() == closed[on_wards].sum() == 0


def test_beds_stay_open_as_far_as_the_rule_goes_with_who_is_there():
    one = ward(36)
    assert one.staffed_beds(1.0, 1.0, 0.0) == 36
    assert one.staffed_beds(2.0, 2.0, 0.0) == 36  # never more than there are
    # three quarters of 672 registered hours staff three nurses a shift: 27 beds; of 1,540 in all 1,155 would do too
    assert one.staffed_beds(0.75, 1.0, 0.0) == 27
    assert one.staffed_beds(0.74, 1.0, 0.0) == 18
    assert one.staffed_beds(0.74, 1.0, 0.02) == 27  # 0.75 × 0.98 = 0.735
    assert one.staffed_beds(0.49, 1.0, 0.0) == 0  # not even the least
    assert one.staffed_beds(0.49, 1.0, 0.1) == 18


def test_support_workers_do_not_stand_in_for_nurses_but_nurses_for_them():
    one = ward(18)  # 336 registered hours of 770
    assert one.staffed_beds(0.5, 2.0, 0.0) == 0
    assert one.staffed_beds(1.5, 1.0, 0.0) == 18
    assert one.staffed_beds(1.0, 0.9, 0.0) == max(b for b in range(19) if one.hours[b, 1] <= 0.9 * 770)


def test_whoever_holds_a_post_of_a_ward_counts_once():
    rates = staff_rates.read()
    index, n = rates.index, len(rates.roles)
    nurse, assistant, associate = (index[one] for one in ("registered_nurse", "healthcare_assistant",
                                                          "nursing_associate"))  # fmt: skip
    posts, capacity = np.zeros((1, n), int), np.zeros((1, 1, n))
    posts[0, [nurse, assistant]] = 10, 20
    # eight nurses and one more whose work two associates in posts of nurses do, who have one left; nineteen assistants
    capacity[0, 0, [nurse, associate, assistant]] = 9, 1, 19
    registered, everyone = wards.at_work(rates, posts, capacity)[0, 0]
    assert registered == pytest.approx(9 / 10)
    assert everyone == pytest.approx((8 + 2 + 19) / 30)


def test_a_run_has_the_nursing_of_its_own_beds():
    scenario = Scenario(**SHORT)
    setting = scenario_setting.setting(scenario)
    plan = scenario_setting.plan(scenario, setting)
    index = staff_rates.read().index
    whole = in_runs.of_setting(setting, plan, {})
    beds = [i for i, lever in enumerate(setting.levers) if "acute_male" in lever.unit and lever.kind == "places"]
    fewer = plan.copy()
    fewer[beds] = 18
    less = in_runs.of_setting(setting, fewer, {})
    at = [unit.team for unit in less.units].index("inpatient/acute_male")
    assert less.posts[at, index["registered_nurse"]] == round(336 / hours_of("registered_nurse"))
    assert less.posts.sum() < whole.posts.sum()


def test_beds_close_as_people_leave_them_and_open_again():
    model = runs.begin(runs.runs_of(Scenario(**SHORT))[0])
    for _ in range(20):
        model.step()
    one = model.team("inpatient/acute_male", LSC)
    lever = next(lever for lever in one.levers if lever.kind == "places")
    beds, taken = one.places, [one.n_busy]
    left = taken[0] // 2
    StaffOfMonth(model.today, (), (), ((lever, left),))(model)
    assert (one.places, one.n_busy) == (left, taken[0])  # nobody is put out
    for _ in range(30):
        model.step()
        taken.append(one.n_busy)
    assert all(later <= max(before, left) for before, later in pairwise(taken))
    assert taken[-1] <= left < taken[1]
    StaffOfMonth(model.today, (), (), ((lever, beds),))(model)
    for _ in range(5):
        model.step()
    assert one.places == beds
    assert one.n_busy > left


def beds_of(levers, dated=None):
    """Return day -> beds of the acute ward for men, in a run's changes."""
    scenario = Scenario(**SHORT)
    setting = scenario_setting.setting(scenario)
    first, last = scenario.start - timedelta(days=10), scenario.start + timedelta(days=49)
    plan = scenario_setting.plan(scenario, setting)
    lever = next(one for one in setting.levers if "acute_male" in one.unit and one.kind == "places")
    found = in_runs.changes(
        setting, plan, {day: [(lever, n)] for day, n in (dated or {}).items()}, levers, first, last, 1, 0
    )
    return {change.day: dict(change.beds)[lever] for change in found}


def test_beds_follow_the_nurses_of_the_month_and_the_tolerance_is_a_lever():
    lost = {"vacancies": 4.0, "bank": 0.0, "agency": 0.0}
    all_there, short, lenient = (list(beds_of(levers).values()) for levers in (
        {}, lost, lost | {"ward_tolerance": 0.9}
    ))  # fmt: skip
    assert set(all_there) == {103}
    assert 0 < max(short) < 103
    assert set(lenient) == {103}


def test_beds_that_open_on_a_day_are_staffed_from_that_day_and_stay_within_what_there_is():
    lost = {"vacancies": 4.0, "bank": 0.0, "agency": 0.0}
    day = date(2016, 4, 12)
    found = beds_of(lost, {day: 120})
    assert 103 > found[date(2016, 4, 1)] > 0
    assert found[day] > found[date(2016, 4, 1)]  # the same share of what more beds need
    assert found[day] < 120
    assert beds_of({}, {day: 20})[day] == 20


def test_posts_there_are_and_posts_asked_for_have_the_same_wards():
    there, basis = present.posts_there("lsc")
    nurses = there[there["role"].isin(["registered_nurse", "healthcare_assistant"])]
    assert basis == "not local"
    assert nurses["posts"].sum() > 1000
    assert "mother_and_baby_unit/unit" in set(there["team"])  # named, with nobody yet
    pairs = parts.teams_and_roles("lsc")
    for one in wards.of_area("lsc"):
        assert (one.unit.team, "registered_nurse") in pairs
        assert one.unit.team in set(there["team"])
