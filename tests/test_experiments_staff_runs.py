"""A run whose teams have the people there are: capacity follows the simulated workforce month by month."""

from datetime import date

import numpy as np
import pytest

from abm.staff_posts import N_MONTHS
from abm.units import UNLIMITED
from experiments import checkpoints, scenario_setting
from experiments import run as runs
from experiments import scenario as scenarios
from experiments.planning import sizing
from experiments.scenario import Scenario
from experiments.staff import in_runs
from pathways.errors import InputError

SHORT = {"warm_up": 10, "days": 70, "pathways": ("talking_therapies",)}


def model_of(**staff):
    return runs.begin(runs.runs_of(Scenario(**SHORT, **staff))[0])


def test_without_staff_a_scenario_is_the_same_as_before_there_was_any():
    assert "staff" not in Scenario(**SHORT).canonical()
    assert Scenario(**SHORT, staff=False).digest() == Scenario(**SHORT).digest()
    assert Scenario(**SHORT, staff=True).digest() != Scenario(**SHORT).digest()
    assert model_of().changes == []


def test_staff_change_on_the_first_day_and_on_the_first_of_each_month():
    found = in_runs.months_of(date(2016, 3, 22), date(2016, 6, 9))
    assert found == [(date(2016, 3, 22), 0), (date(2016, 4, 1), 1), (date(2016, 5, 1), 2), (date(2016, 6, 1), 3)]
    assert in_runs.months_of(date(2022, 1, 1), date(2022, 1, 2)) == [(date(2022, 1, 1), N_MONTHS)]


def test_a_run_whose_april_stands_for_a_later_one_has_the_staff_of_so_many_months_later():
    first, last = date(2016, 3, 22), date(2016, 5, 9)
    found = in_runs.months_of(first, last, months_later=48)
    assert found == [(first, 48), (date(2016, 4, 1), 49), (date(2016, 5, 1), 50)]
    assert in_runs.months_of(date(2017, 4, 1), date(2017, 4, 2), 55) == [(date(2017, 4, 1), N_MONTHS)]


def test_who_has_as_many_as_anybody_could_need_keeps_them_and_the_others_have_the_same_luck():
    scenario = Scenario(**SHORT)
    setting = scenario_setting.setting(scenario)
    plan = scenario_setting.plan(scenario, setting)
    first, last = date(2016, 3, 22), date(2016, 5, 9)
    unlimited = [(lever, UNLIMITED) for lever in setting.levers if lever.unit.startswith("talking_therapies/cbt @")]
    one, other = (
        in_runs.changes(setting, plan, {first: rows}, {}, first, last, 1, 0) for rows in ([], unlimited)
    )  # fmt: skip
    for before, after in zip(one, other, strict=True):
        kept = [share for share in before.shares if not share[0].startswith("talking_therapies/cbt @")]
        assert list(after.shares) == kept != list(before.shares)
        assert not {lever for lever, _ in after.rosters} & {lever for lever, _ in unlimited}


def test_teams_have_who_is_there_month_by_month():
    scenario = Scenario(**SHORT, staff=True)
    setting = scenario_setting.setting(scenario)
    plan = scenario_setting.plan(scenario, setting)
    establishment = in_runs.of_setting(setting, plan, {})
    shares = in_runs.lived(establishment, {}, scenario.seed, 0).shares
    model = model_of(staff=True)
    team = model.team("talking_therapies/cbt", "Pennine Lancashire")
    u = next(i for i, unit in enumerate(establishment.units) if unit.name == team.name)
    r = next(i for i, n in enumerate(establishment.posts[u]) if n > 0)
    full = model_of().team("talking_therapies/cbt", "Pennine Lancashire").clinicians["cbt_therapist"]
    seen = set()
    for _ in range(75):
        model.step()
        day = model.today
        month = max((day.year - 2016) * 12 + day.month - 3, 0) if day >= date(2016, 4, 1) else 0
        if day.day > 1:
            share = shares[month, u, r]
            assert team.vacancies["cbt_therapist"] == pytest.approx(1 - min(share, 1.0))
            assert team.clinicians["cbt_therapist"] == round(full * max(share, 1.0))
            at_work = int(model.m.pool["on"][list(team.pools)].sum())
            assert at_work == round(full * share)
            seen.add(round(share, 6))
    assert len(seen) > 1


def test_the_people_of_a_plan_are_those_its_rosters_need():
    scenario = Scenario(**SHORT)
    setting = scenario_setting.setting(scenario)
    establishment = in_runs.of_setting(setting, scenario_setting.plan(scenario, setting), {})
    doubled = in_runs.of_setting(setting, 2 * scenario_setting.plan(scenario, setting), {})
    assert abs(int(doubled.posts.sum()) - 2 * int(establishment.posts.sum())) <= len(np.unique(establishment.posts))


def test_levers_of_a_scenario_reach_the_teams():
    kept, lost = (model_of(staff={"leaving": value, "retention": 0.0}) for value in (0.0, 5.0))
    shares = []
    for model in (kept, lost):
        of = model.changes[-1].what
        shares.append(sum(share for _, _, share in of.shares))
    assert shares[0] > shares[1]


def test_a_lever_there_is_not_is_refused(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text("[staff]\nretension = 0.5\n", encoding="utf-8")
    with pytest.raises(InputError, match="retention"):
        scenarios.read(file)
    file.write_text("staff = 3\n", encoding="utf-8")
    with pytest.raises(InputError, match="staff"):
        scenarios.read(file)


def test_levers_are_added_to_those_of_the_scenario_extended(tmp_path):
    (tmp_path / "parent.toml").write_text("[staff]\nretention = 0.5\nbank = 0.1\n", encoding="utf-8")
    (tmp_path / "mine.toml").write_text('extends = "parent.toml"\n[staff]\nbank = 0.2\n', encoding="utf-8")
    assert scenarios.read(tmp_path / "mine.toml").staff_levers == {"retention": 0.5, "bank": 0.2}


def test_what_is_sized_has_no_staff(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text("staff = true\n", encoding="utf-8")
    with pytest.raises(InputError, match="sizing"):
        sizing.wanted_of("lsc", "2016/17", file, 1)


def test_a_run_that_goes_on_from_a_checkpoint_is_the_uninterrupted_one(tmp_path):
    wanted = Scenario(**SHORT, staff=True)
    whole = runs.run(wanted, out=tmp_path / "whole", checkpoint_every=40)
    kept = sorted((whole["path"] / checkpoints.FOLDER).iterdir())
    gone_on = runs.run(wanted, out=tmp_path / "on", branch_from=[kept[0]])
    assert whole["digests"] == gone_on["digests"]
    with pytest.raises(InputError, match="staff"):
        runs.run(wanted.replaced(staff={"retention": 0.9}), out=tmp_path / "other", branch_from=[kept[0]])


@pytest.mark.verify
def test_five_years_run_with_the_people_there_are():
    wanted = Scenario(**{**SHORT, "days": None, "years": 5}, staff=True)
    model = runs.begin(runs.runs_of(wanted)[0])
    model.run()
    assert model.today == date(2021, 4, 1)
    assert sum(change.made for change in model.changes) == len(model.changes) == 61
