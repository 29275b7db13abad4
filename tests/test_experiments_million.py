"""The million: planned, delivered, lost to each bottleneck; people and contacts apart; steps that sum."""

import pandas as pd
import pytest

from experiments.million import bottlenecks, counting, document, trajectories
from experiments.million.bottlenecks import Reached
from experiments.workforce import apportion
from pathways.errors import InputError

OF = {"talking_therapies": "adult talking therapies", "camhs": "children and young people",
      "eating_disorders": "children and young people", "crisis": "crisis"}  # fmt: skip
IN_PLAN = ("adult talking therapies", "children and young people")


def reached(*rows):
    return pd.DataFrame(rows, columns=["pathways", "system", "people"])


def test_the_plan_is_taken_from_the_published_trajectories_less_the_baseline_year():
    extra = trajectories.extra()
    assert extra["adult talking therapies", "2020/21"] == 600_000
    assert extra["children and young people", "2020/21"] == 70_000 - 21_000
    assert extra["perinatal", "2020/21"] == 30_000 - 500
    assert extra["physical health checks", "2020/21"] == 280_000
    assert all(n == 0 for (_, year), n in extra.items() if year == trajectories.BASELINE)


@pytest.mark.parametrize("by", ["people", "deprivation", "need"])
def test_planned_people_sum_at_every_level(by):
    for (_programme, _year), shares in trajectories.planned(by).items():
        for level in {place.within for place in apportion.places()[1:]}:
            inside = sum(shares[place.name] for place in apportion.places()[1:] if place.within == level)
            assert inside == shares[level]


def test_a_trajectory_without_one_of_its_years_is_refused(tmp_path):
    text = (trajectories.FOLDER / "trajectories.csv").read_text()
    lines = [line for line in text.splitlines() if not line.startswith("perinatal,2018/19")]
    (tmp_path / "trajectories.csv").write_text("\n".join(lines) + "\n")
    with pytest.raises(InputError, match=r"perinatal.*2018/19"):
        trajectories.published(tmp_path)


def test_people_of_two_programmes_are_counted_once_beside_the_sum():
    table = reached(
        ("talking_therapies", "North", 10), ("talking_therapies;camhs", "North", 3),
        ("camhs;eating_disorders", "North", 2), ("crisis", "North", 7), ("crisis;camhs", "South", 1),
    )  # fmt: skip
    people = counting.people(table, OF, IN_PLAN).set_index(["system", "programme"])["people"]
    assert people["North", "adult talking therapies"] == 13
    assert people["North", "children and young people"] == 5  # of two of its pathways: once
    assert people["North", counting.PLAN] == 15
    assert people["North", counting.ANY] == 22
    assert people["South", counting.PLAN] == people["South", counting.ANY] == people["South", "crisis"] == 1


def contacts_of(*rows):
    columns = ["team", "place", "role", "care_contacts", "busy_minutes", "overtime_minutes"]
    return counting.contacts(pd.DataFrame(rows, columns=columns), OF, ("North", "South"), {"Infirmary": "South"})


def test_contacts_belong_to_the_system_of_their_team_its_site_or_the_area():
    found = contacts_of(
        ("crisis/access", "North", "doctor", 5, 0.0, 0.0), ("crisis/access", "Infirmary", "doctor", 4, 0.0, 0.0),
        ("camhs/team", "Everywhere", "doctor", 3, 0.0, 0.0),
    ).set_index(["system", "programme"])["contacts"]  # fmt: skip
    assert found["North", "crisis"] == 5
    assert found["South", "crisis"] == 4
    assert found[counting.SHARED, "children and young people"] == 3


def test_the_posts_worked_are_the_hours_worked_over_what_a_post_gives():
    from experiments.planning.establishment import working_times

    hours = working_times()["pwp"].available_hours
    minutes = hours * 60 * 365 / 7
    found = contacts_of(("talking_therapies/step_2", "North", "pwp", 1, minutes, minutes))
    assert found["wte"].sum() == pytest.approx(2.0)


def test_steps_from_planned_to_delivered_sum_and_name_each_bottleneck():
    one = Reached(base=100, staffed=130, plenty=180, by_team={"a": 150, "b": 145}, others=131)
    steps = dict(bottlenecks.steps(100, one))
    assert steps[bottlenecks.PLANNED] == 100
    assert steps[bottlenecks.NOT_ASKED] == -20  # 80 could be had with plenty of staff
    assert (steps["a"], steps["b"], steps[bottlenecks.OTHER_TEAMS]) == (-20, -15, -1)
    assert steps[bottlenecks.TOGETHER] == -14
    assert steps[bottlenecks.DELIVERED] == 30
    assert sum(steps.values()) - 30 == 30


def test_people_of_several_programmes_are_taken_off_once():
    one = Reached(base=100, staffed=130, plenty=180, by_team={}, others=None)
    steps = dict(bottlenecks.steps(100, one, counted_twice=6))
    assert steps[bottlenecks.COUNTED_TWICE] == -6
    assert steps[bottlenecks.NOT_ASKED] == -14
    assert sum(value for name, value in steps.items() if name != bottlenecks.DELIVERED) == 30


def a_row(step, value):
    return {"year": "2020/21", "place": "North", "programme": "crisis", "counter": "people", "step": step,
            "value": value}  # fmt: skip


def test_steps_that_do_not_sum_would_be_found():
    right = [a_row(step, value) for step, value in bottlenecks.steps(10, Reached(1, 5, 7, {"a": 6}, 5))]
    assert document.unreconciled(right) == []
    wrong = [row | {"value": row["value"] + (row["step"] == "a")} for row in right]
    assert document.unreconciled(wrong) == [("2020/21", "North", "crisis", "people")]


def kept(**lost):
    rows = [("left_waiting", team, value) for team, value in lost.items()]
    return pd.DataFrame(rows, columns=["measure", "team", "value"])


def test_the_worst_teams_are_those_that_plenty_of_staff_relieves_most():
    staffed, plenty = kept(a=10, b=50, c=8), kept(a=1, b=49, c=8)
    assert bottlenecks.worst(staffed, plenty, 5) == ["a", "b"]
    assert bottlenecks.worst(staffed, plenty, 1) == ["a"]


@pytest.mark.parametrize(("area", "meant"), [("lcs", "lsc"), ("Fylde Cost", "Fylde Coast")])
def test_a_place_that_is_none_is_refused_with_the_nearest(area, meant):
    with pytest.raises(InputError) as refused:
        document.area_and_place(area)
    assert meant in str(refused.value)


def test_a_year_the_plan_does_not_have_is_refused():
    assert trajectories.chosen(None) == trajectories.YEARS[1:]
    assert trajectories.chosen(["2020/21", "2018/19"]) == ("2018/19", "2020/21")
    with pytest.raises(InputError, match="2020/21"):
        trajectories.chosen(["2020/22"])
