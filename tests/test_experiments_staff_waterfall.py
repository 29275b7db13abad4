"""The workforce waterfall as modelled: beside the apportioned one, summing at every level to the last post."""

from functools import cache

import openpyxl
import pandas as pd
import pytest

from experiments import cli
from experiments.staff import modelled
from experiments.staff.counted import TITLES
from experiments.workforce import apportion, waterfall

LSC = "Lancashire & South Cumbria"


@cache
def values(area="lsc"):
    chosen = waterfall.place_of(area)
    return modelled.values_of(chosen, "people", None, None, 1, None)


def test_ccgs_sum_to_their_system_and_systems_to_the_area_bar_by_bar():
    found = values()
    assert len(found) == 1 + 5 + 8
    for outer, own in found.items():
        inner = [parts for place, parts in found.items() if place.within == outer.name]
        if inner:
            for step in TITLES:
                assert sum(part[step] for part in inner) == own[step], (outer.name, step)


def test_every_waterfall_closes():
    for place, own in values().items():
        changes = [n for step, n in own.items() if step not in (*modelled.SUMS, "establishment", "vacancies")]
        posts = own["new_posts"] + own["transferred_posts"]
        assert own["establishment"] + own["vacancies"] == own["in_post"], place.name
        assert own["in_post"] + sum(changes) - posts == own["in_post_later"], place.name
        assert own["establishment"] + posts == own["posts_later"], place.name
        assert own["posts_later"] - own["in_post_later"] == own["gap"], place.name


def test_the_area_has_the_plans_posts_and_comes_out_near_its_people():
    own = {place.name: parts for place, parts in values().items()}[LSC]
    plan = {row["step"]: row["value"] for row in waterfall.document("lsc")["rows"] if row["place"] == LSC}
    assert plan["new_posts"] == 633
    for step in ("establishment", "vacancies", "new_posts", "transferred_posts"):
        assert own[step] == plan[step]
    for step in ("leavers", "retained", "newly_qualified", "therapist_trainees", "support_and_new_roles"):
        assert abs(own[step] - plan[step]) < 4 * abs(plan[step]) ** 0.5, step


def test_a_system_asked_for_by_itself_is_as_in_its_area():
    alone = {place.name: parts for place, parts in values("West Lancashire").items()}
    assert alone["West Lancashire"] == {place.name: parts for place, parts in values().items()}["West Lancashire"]
    assert set(alone) == {"West Lancashire", "NHS West Lancashire CCG"}


def test_a_lever_changes_the_modelled_column_and_leaves_the_apportioned():
    before, after = (modelled.document("West Lancashire", levers=levers) for levers in (None, {"retention": 0.9}))
    column = [[row["apportioned"] for row in one["rows"]] for one in (before, after)]
    assert column[0] == column[1]
    of = [{row["step"]: row["value"] for row in one["rows"]} for one in (before, after)]
    assert of[1]["in_post_later"] > of[0]["in_post_later"]


def test_the_command_writes_both_beside_each_other(tmp_path):
    cli.app(["waterfall", "--area", "West Lancashire", "--modelled", "--out", str(tmp_path)], standalone_mode=False)
    page = (tmp_path / "waterfall-modelled.html").read_text(encoding="utf-8")
    for word in ("As modelled, person by person", "As apportioned", "apportioned by head count"):
        assert word in page
    rows = pd.read_parquet(tmp_path / "waterfall-modelled.parquet")
    assert tuple(rows.columns) == modelled.COLUMNS
    sheet = openpyxl.load_workbook(tmp_path / "waterfall-modelled.xlsx")["waterfall"]
    assert sheet.max_row == len(rows) + 1


def test_levers_without_a_model_are_refused():
    with pytest.raises(Exception, match="--modelled"):
        cli.app(["waterfall", "--lever", "retention=0.5"], standalone_mode=False)


@pytest.mark.verify
def test_england_is_the_sum_of_its_44_and_near_the_plan():
    found = {place.name: parts for place, parts in values("england").items()}
    stps = [place.name for place in apportion.places() if place.level == "stp"]
    assert len(stps) == 44
    for step in TITLES:
        assert sum(found[name][step] for name in stps) == found["England"][step], step
    england = found["England"]
    assert (england["establishment"], england["vacancies"]) == (214_000, -20_000)
    assert abs(england["in_post_later"] - 213_000) < 2_000
    assert abs(england["leavers"] + 21_000) < 4 * 21_000**0.5
