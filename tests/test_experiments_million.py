"""The million: planned, delivered, lost to each bottleneck; people and contacts apart; steps that sum."""

import openpyxl
import pandas as pd
import pytest

from experiments.million import (
    bottlenecks,
    counting,
    delivery,
    document,
    england,
    lines,
    over_people,
    page,
    trajectories,
    years,
)
from experiments.million.bottlenecks import Reached
from experiments.million.delivery import ALL, Lived
from experiments.national import sample
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
    assert bottlenecks.worst(staffed, plenty, 5, lambda team: True) == ["a", "b"]
    assert bottlenecks.worst(staffed, plenty, 1, lambda team: True) == ["a"]
    assert bottlenecks.worst(staffed, plenty, 1, lambda team: team != "a") == ["b"]


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


def test_what_a_year_depends_on_names_it():
    one = years.Year("lsc", "2020/21")
    others = [
        years.Year("lsc", "2019/20"), years.Year("lsc", "2020/21", ("crisis/access",)), years.Year("devon", "2020/21"),
        years.Year("lsc", "2020/21", staffed=False), years.Year("lsc", "2020/21", seed=2),
        years.Year("lsc", "2020/21", replication=1),
    ]  # fmt: skip
    assert len({one.identity, *(other.identity for other in others)}) == 7


def test_the_baseline_asks_for_what_it_always_did_and_later_years_for_more():
    assert not years.demanded(years.Year("lsc", "2016/17")).demand
    later = years.demanded(years.Year("lsc", "2020/21"))
    assert later.demand["perinatal"] == pytest.approx(42_000 / 12_500)
    assert later.population == 1.0
    assert later.hours == 1.0
    assert not later.scenarios


def counted(people, contacts, wte, staff):
    """Return what is kept of a year with one programme in two places."""
    rows = []
    for system, part in (("Fylde Coast", 0.25), ("West Lancashire", 0.75)):
        for name in ("perinatal", counting.PLAN, counting.ANY):
            rows.append(("people", system, name, "", "", people * part))
        rows.append(("contacts", system, "perinatal", "perinatal/community", "pwp", contacts * part))
        rows.append(("wte", system, "perinatal", "perinatal/community", "pwp", wte * part))
        rows.append(("staff", system, "perinatal", "perinatal/community", "pwp", staff * part))
        rows.append(("left_waiting", "", "", "perinatal/community", "", 7.0))
    return pd.DataFrame(rows, columns=[*years.KEYS, "value"])


def a_lived_year():
    return Lived(
        counted(1000, 4000, 10, 20), {trajectories.BASELINE: counted(1000, 4000, 10, 20),
                                      "2020/21": counted(1500, 7000, 14, 21)},
        {"2020/21": counted(1600, 7400, 15, 21)},
        {"2020/21": {"perinatal/community": counted(1580, 7300, 15, 21)}}, {"2020/21": counted(1510, 7000, 14, 21)},
    )  # fmt: skip


def test_staff_and_pounds_for_extra_people_are_differences_over_differences():
    from experiments.money.costs import pounds_a_post

    rows = over_people.over_people([a_lived_year()], ["2020/21"], "lsc").set_index(["place", "programme"])
    whole = rows.loc["Lancashire & South Cumbria", "perinatal"]
    assert whole["extra_people"] == 500
    assert whole["extra_contacts"] == 3000
    assert whole["wte_per_1000"] == pytest.approx(8.0)
    assert whole["staff_per_1000"] == pytest.approx(2.0)
    assert whole["pounds_a_person"] == pytest.approx(4 * pounds_a_post("pwp", "2020/21") / 500)
    assert rows.loc["Lancashire & South Cumbria", ALL]["extra_people"] == 500
    assert rows.loc["Fylde Coast", "perinatal"]["extra_people"] == 125


def test_nothing_is_divided_by_a_handful_of_people():
    few = over_people.ratios({name: [10.0] for name in over_people.MEASURES})
    assert few["wte_per_1000"] is None
    assert few["pounds_a_person"] is None


def documented(area="lsc"):
    return document.told([a_lived_year()], area, ["2020/21"])


def test_the_steps_of_every_place_sum_and_places_sum_to_the_area():
    found = documented()
    assert document.unreconciled(found["rows"]) == []
    rows = pd.DataFrame(found["rows"])
    rows = rows[rows["step"].isin(["planned", "delivered"]) & (rows["counter"] == "people")]
    whole = rows["place"] == "Lancashire & South Cumbria"
    keys = ["programme", "step"]
    parts = rows[~whole & (rows["place"] != counting.SHARED)].groupby(keys)["value"].sum()
    assert parts.sub(rows[whole].set_index(keys)["value"]).abs().max() < 1e-6
    delivered = rows[whole & (rows["step"] == "delivered")].set_index("programme")["value"]
    assert delivered["perinatal"] == delivered[counting.PLAN] == 500


def test_one_delivery_system_is_what_the_area_says_of_it():
    whole = documented()
    one = documented("Fylde Coast")
    assert {row["place"] for row in one["rows"]} == {"Fylde Coast"}
    assert one["rows"] == [row for row in whole["rows"] if row["place"] == "Fylde Coast"]
    assert one["share"]["people"] < whole["share"]["people"] == 30_146


def test_page_workbook_and_parquet_hold_the_same_and_people_beside_contacts(tmp_path):
    found = documented()
    paths = {path.name: path for path in page.write(found, tmp_path / "out")}
    rows = list(openpyxl.load_workbook(paths["million.xlsx"])["steps"].values)
    assert len(rows) - 1 == len(found["rows"]) == len(pd.read_parquet(paths["million.parquet"]))
    at = rows[0].index("value")
    assert [row[at] for row in rows[1:]] == pytest.approx([row["value"] for row in found["rows"]])
    text = paths["million.html"].read_text()
    assert "people" in text
    assert "contacts" in text
    assert "perinatal/community" in text
    assert "<script" not in text


def england_lived(drawn):
    """Return a made-up year of every drawn STP: extra people are a thousandth of its residents."""
    place = sample.stps()
    each = {}
    for one in drawn:
        n = place[one.area].people / 1000
        base, later = counted(n, 4 * n, n / 100, n / 50), counted(2 * n, 9 * n, n / 50, n / 50)
        last = trajectories.YEARS[-1]
        each[one.area] = [
            Lived(base, {trajectories.BASELINE: base, last: later}, {last: counted(3 * n, 9 * n, n, n)}, {last: {}}, {})
        ]
    return each


@pytest.mark.parametrize("n", [44, 8])
def test_england_is_the_weighted_sum_of_its_stps_and_its_steps_sum(n, tmp_path):
    drawn = sample.everyone() if n == 44 else sample.sample(sample.stps(), n, 1)
    found = england.told(drawn, england_lived(drawn), ["2020/21"], "people", None)
    assert document.unreconciled(found["rows"]) == []
    rows = {(r["programme"], r["counter"], r["step"]): r for r in found["rows"]}
    everybody = sum(place.people for place in sample.stps().values())
    delivered = rows["perinatal", "people", "delivered"]
    assert delivered["value"] == pytest.approx(everybody / 1000)  # the same rate everywhere: exact from any sample
    if n == 44:
        assert delivered["half_width"] is None  # one replication, nothing drawn
    else:
        assert delivered["half_width"] == pytest.approx(0.0, abs=1e-6)
    assert rows["perinatal", "people", "planned"]["value"] == 29_500
    assert rows["perinatal", "people", bottlenecks.ALL_TEAMS]["value"] == pytest.approx(-everybody / 1000)
    assert found["share"]["people"] == 1_000_000
    assert found["illustrative"]
    assert "illustrative" in page.write(found, tmp_path)[0].read_text().lower()


def test_over_replications_ratios_have_the_half_width_of_their_own_values():
    found = over_people.ratios({"people": [1000.0, 2000.0], "staff": [10.0, 26.0]})
    assert found["staff_per_1000"] == pytest.approx(12.0)  # 18 of 1,500
    assert found["staff_per_1000_half_width"] == pytest.approx(12.706 * 3.0 / 2**0.5 / 2**0.5, rel=1e-3)  # of 10, 13
    assert found["staff_half_width"] > 0
    assert found["wte_per_1000"] is None is found["wte_half_width"]


def several_years():
    one = a_lived_year()
    first = "2017/18"
    early = Lived(
        one.base, {**one.staffed, first: counted(1100, 4400, 11, 20)},
        {**one.plenty, first: counted(1120, 4500, 11, 20)}, {**one.by_team, first: {}}, one.others,
    )  # fmt: skip
    return document.told([early], "lsc", [first, "2020/21"])


def test_every_year_is_told_with_what_it_lost_to_each_bottleneck(tmp_path):
    found = several_years()
    place = "Lancashire & South Cumbria"
    of = {row[0]: row[1:] for row in lines.sums_by_year(found, place, "people")}
    assert of[bottlenecks.DELIVERED] == ("100", "500")
    assert of["perinatal/community"] == ("", "-80")  # nobody was relieved alone in the first year
    assert of[bottlenecks.ALL_TEAMS] == ("-20", "")
    assert of[bottlenecks.OTHER_TEAMS] == ("", "-10")
    contacts = {row[0]: row[1:] for row in lines.sums_by_year(found, place, "contacts")}
    assert contacts[bottlenecks.DELIVERED] == ("400", "3,000")
    ratios = lines.ratios(found, place, found["years"], (ALL,))
    assert [row[0] for row in ratios] == ["2017/18", "2020/21"]
    text = page.write(found, tmp_path)[0].read_text()
    assert text.count("lost to each bottleneck") >= 2  # of people, of contacts
    assert "2017/18" in text
    assert [table.title for table in page.tables(found) if not isinstance(table, str)]


def test_the_same_teams_are_relieved_in_every_replication(tmp_path):
    last, perinatal, camhs = "2020/21", "perinatal/community", "camhs/access"
    lost = {0: {perinatal: 50, camhs: 1}, 1: {perinatal: 1, camhs: 90}}
    cases = {("2016/17", ()): lost, (last, ()): lost, (last, (years.EVERY_TEAM,)): {0: {}, 1: {}}}
    cases |= {(last, (camhs,)): lost, (last, (perinatal,)): lost}  # alone, and all others
    for (year, relieved), of in cases.items():
        for k, teams in of.items():
            name = years.Year("lsc", year, relieved=relieved, replication=k).identity[:16]
            kept(**teams).to_parquet(tmp_path / f"{name}.parquet")
    found = delivery.lived("lsc", [last], 1, 2, 1, tmp_path, None, None)
    assert [list(one.by_team[last]) for one in found] == [[camhs], [camhs]]
    assert len(list(tmp_path.iterdir())) == 10  # what lay there was enough: no other team was relieved
