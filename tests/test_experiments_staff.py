"""The workforce simulated: levers move answers as written, national totals come out, input is checked."""

from functools import cache

import numpy as np
import openpyxl
import pandas as pd
import pytest

from abm import staff_rates, tables
from abm.setting import every_pathway
from abm.staff_posts import N_MONTHS
from abm.staff_training import LEARNT
from experiments.money import pay, supply
from experiments.money.prices import in_prices
from experiments.staff import establishment as establishments
from experiments.staff import establishment_file, in_runs, modelled, prices, report, wards
from experiments.staff.commands import read_levers
from experiments.staff.counted import TITLES, counted, hung
from experiments.staff.prices import MEASURES
from experiments.staff.simulate import COLUMNS, staff_years, tallies
from experiments.workforce import apportion
from pathways import files
from pathways.errors import InputError
from pathways.specs import validated

LEVERS = {row["lever"]: row for row in prices.rows_of_levers()}
ENGLAND = {row["step"]: int(row["value"]) for row in tables.read("waterfall", apportion.FOLDER)}


@cache
def totals(of_teams, lever=None, value=None, months=N_MONTHS):
    """Return measure -> its sum over months, teams and roles: of named teams, or of a share of the plan."""
    levers, factors = prices.apart({} if lever is None else {lever: value})
    rates = staff_rates.read(levers)
    found = establishments.of_area("lsc" if of_teams else "Pennine Lancashire", rates, national=not of_teams)
    return dict(zip(MEASURES, tallies(found, rates, months=months, factors=factors).sum(axis=(0, 2, 3)), strict=True))


def later_totals(of_teams, lever=None, value=None):
    """Return `totals` of eight years: what a lever does after the plan."""
    return totals(of_teams, lever, value, 96)


@cache
def nursing_at_work():
    """Return the wards of Lancashire & South Cumbria, and who is at work there month by month."""
    found = establishments.of_area("lsc", staff_rates.read())
    at_work = in_runs.lived(found, {}, 1, 0).nursing
    unit_at = {unit.name: i for i, unit in enumerate(found.units)}
    return [(ward, at_work[:, unit_at[ward.unit.name]]) for ward in wards.of_area("lsc")]


def beds_closed(of_teams, lever="ward_tolerance", value=None):
    """Return beds that cannot be staffed, summed over wards and months."""
    rates = staff_rates.read({} if value is None else {lever: value})
    tolerance = rates.numbers["ward_tolerance"]
    return {"beds_closed": sum(
        ward.beds - ward.staffed_beds(*shares, tolerance) for ward, months in nursing_at_work() for shares in months
    )}  # fmt: skip


@pytest.mark.parametrize("lever", LEVERS)
def test_changing_a_lever_moves_the_answer_as_written_beforehand(lever):
    row = LEVERS[lever]
    of_teams = row.get("table") == "staff_substitution"  # named tasks are those of teams
    measure, value = row["measure"], float(row["tried"])
    of = {"ward_tolerance": beds_closed, "intake_after_plan": later_totals}.get(lever, totals)
    before, after = of(of_teams)[measure], of(of_teams, lever, value)[measure]
    assert before != after
    assert (after > before) == (row["direction"] == "up")


def test_rows_of_routes_sum_to_the_national_plan():
    routes = {}
    for row in tables.read("staff_supply"):
        routes[row["route"]] = routes.get(row["route"], 0) + int(row["people_england"])
    assert routes["nursing_associates"] + routes["apprentices"] == ENGLAND["new_roles_clinical"]
    assert routes["new_roles"] == ENGLAND["support_and_new_roles"] == 8000
    for route in ("newly_qualified", "therapist_trainees", "return_to_practice", "international"):
        assert routes[route] == ENGLAND[route]


def test_posts_of_roles_sum_to_the_national_plan():
    england = staff_rates.read().england.values()
    sums = {key: sum(role[key] for role in england) for key in ("posts", "vacancies", "new_posts", "closed_posts")}
    assert sums == {
        "posts": ENGLAND["establishment"], "vacancies": -ENGLAND["vacancies"], "new_posts": ENGLAND["new_posts"],
        "closed_posts": -ENGLAND["transferred_posts"],
    }  # fmt: skip


def test_roles_agree_with_the_groups_of_the_plan():
    own = {role.name: role for role in staff_rates.read().roles}
    for row in tables.read("roles", apportion.FOLDER):
        assert own[row["role"]].group == row["group"]
        assert own[row["role"]].registered == (row["registered"] == "yes")


def test_named_tasks_are_states_that_need_the_role_relieved():
    specs = {name: validated(files.library(name)) for name in every_pathway()}
    for row in tables.read("staff_substitution"):
        pathway, _, state = row["task"].partition("/")
        one = specs[pathway].states[state]
        roles = {role for option in one.alternatives() for team in option.values() for role in team}
        assert row["relieves"] in roles | set(one.contacts.roles if one.contacts else ()), row


def test_new_roles_relieve_other_teams_of_their_service_at_their_place():
    rates = staff_rates.read()
    pathway = validated(files.library("talking_therapies"))
    rows = establishments.tasks_of("talking_therapies/step_2", pathway, rates)
    of_pwp = {row["at"]: row["share"] for row in rows if rates.roles[row["new_role"]].name == "pwp"}
    assert of_pwp == pytest.approx({"talking_therapies/cbt": 0.15, "talking_therapies/counselling": 0.10})


def test_years_have_the_columns_promised_and_close():
    frame = staff_years("West Lancashire", {"retention": 0.5}, seed=2, replications=2)
    assert tuple(frame.columns) == COLUMNS
    assert set(frame["replication"]) == {0, 1}
    assert set(frame["system"]) == {"West Lancashire"}
    last = frame[frame.month == 59].groupby(["replication", "measure"], observed=True).value.sum()
    for replication in (0, 1):
        of = last[replication]
        assert of["posts"] == of["in_post"] + of["vacancies"]


def test_posts_by_year_can_be_given():
    posts = [{"system": "West Lancashire", "team": "crisis/access", "role": "mh_practitioner", "year": "2018/19",
              "posts": 12.0}]  # fmt: skip
    frame = staff_years("West Lancashire", posts=posts)
    own = (frame.team == "crisis/access") & (frame.measure == "posts")
    of = frame[own].groupby("month").value.sum()
    assert of[23] == 4
    assert of[24] == of[59] == 12
    with pytest.raises(InputError, match="crisis/access"):
        staff_years("West Lancashire", posts=[{**posts[0], "team": "crisis/acces"}])
    with pytest.raises(InputError, match="2021/22"):
        staff_years("West Lancashire", posts=[{**posts[0], "year": "2021/22"}])
    later = staff_years("West Lancashire", posts=[{**posts[0], "year": "2021/22"}], until="2022/23")
    of = later[(later.team == "crisis/access") & (later.measure == "posts")].groupby("month").value.sum()
    assert (of[59], of[60], of[83]) == (4, 12, 12)


def test_years_after_the_plan_keep_its_posts_and_change_nothing_before():
    short, long = (staff_years("West Lancashire", until=until) for until in ("2020/21", "2023/24"))
    assert list(long["year"].cat.categories)[-3:] == ["2021/22", "2022/23", "2023/24"]
    assert long["month"].max() == 95
    keys = ["month", "team", "role", "measure"]
    of = [frame.groupby(keys, observed=True)["value"].sum() for frame in (short, long[long["month"] < 60])]
    assert (of[1].reindex(of[0].index) == of[0]).all()
    assert of[1].sum() == pytest.approx(of[0].sum())  # more rows, of nothing, where somebody comes later
    posts = long[long["measure"] == "posts"].groupby("month").value.sum()
    assert posts[60:].nunique() == 1
    assert posts[60] == posts[59]
    for wrong in ("2019/20", "2023", "2031/32"):
        with pytest.raises(InputError, match="until"):
            staff_years("West Lancashire", until=wrong)


def test_nobody_begins_after_the_plan_if_the_lever_says_so():
    none, usual = (
        staff_years("lsc", {"intake_after_plan": value}, until="2024/25", national=True) for value in (0.0, 1.0)
    )
    in_training = [
        frame[(frame.measure == "in_training") & (frame.month == 107)].value.sum() for frame in (none, usual)
    ]
    assert in_training[0] == 0 < in_training[1]


def test_posts_by_year_are_read_from_a_file(tmp_path):
    file = tmp_path / "posts.csv"
    head = "system,team,role,year,posts\n"
    file.write_text(head + "West Lancashire,crisis/access,mh_practitioner,2017/18,9\n")
    result = report.document("West Lancashire", posts=file, until="2021/22", out=tmp_path)
    assert result["years"][-1] == "2021/22"
    rows = pd.read_parquet(tmp_path / "staff.parquet")
    own = rows[(rows.team == "crisis/access") & (rows.measure == "posts") & (rows.month == 71)]
    assert own["value"].sum() == 9
    page = (tmp_path / "staff.html").read_text(encoding="utf-8")
    assert "posts.csv" in page
    assert "In post, 2021/22" in page
    for text, word in (
        ("system,team,role,year\n", "posts"),
        (head + "a,b,c,2017/18,many\n", "line 2, posts"),
        (head + "a,b,c,2017/18,-1\n", "at least 0"),
    ):
        file.write_text(text)
        with pytest.raises(InputError, match=word):
            report.document("West Lancashire", posts=file)


def test_shares_of_the_plan_sum_over_places_to_the_post():
    rates = staff_rates.read()
    england = establishments.of_area("england", rates)
    assert england.posts.sum() == 214_000
    lsc = establishments.of_area("lsc", rates, national=True)
    own = [i for i, unit in enumerate(england.units) if unit.system in {one.system for one in lsc.units}]
    assert (england.posts[own] == lsc.posts).all()
    assert {unit.system for unit in lsc.units} == {row["system"] for row in tables.read("systems")}


def test_an_establishment_file_is_read_as_it_was_written(tmp_path):
    rates = staff_rates.read()
    for kind in ("csv", "xlsx"):
        file = establishment_file.write_template(tmp_path / f"own.{kind}", rates)
        own = establishments.of_area("lsc", rates, file)
        assert own.basis == f"local: own.{kind}"
        assert (own.posts == establishments.of_area("lsc", rates).posts).all()


@pytest.mark.parametrize(
    ("column", "value", "word"),
    [
        ("team", "crisis/acces", "crisis/access"),
        ("place", "West Lancs", "West Lancashire"),
        ("role", "mh_practitoner", "mh_practitioner"),
        ("wte", "-1", "0"),
    ],
)
def test_a_wrong_row_of_an_establishment_file_is_refused(tmp_path, column, value, word):
    row = {"team": "crisis/access", "place": "West Lancashire", "role": "mh_practitioner", "wte": "3"} | {column: value}
    file = tmp_path / "own.xlsx"
    book = openpyxl.Workbook()
    book.active.append(list(row))
    book.active.append(list(row.values()))
    book.save(file)
    with pytest.raises(InputError, match=word):
        establishments.of_area("lsc", staff_rates.read(), file)


def test_a_file_is_of_one_area_not_of_england(tmp_path):
    rates = staff_rates.read()
    file = establishment_file.write_template(tmp_path / "own.csv", rates)
    with pytest.raises(InputError, match="one STP"):
        establishments.of_area("england", rates, file)
    with pytest.raises(InputError, match="one STP"):
        modelled.document("england", establishment=file)
    own = modelled.document("Fylde Coast", establishment=file)
    start = next(row["value"] for row in own["rows"] if row["step"] == "establishment")
    teams = establishments.of_area("lsc", rates, file)
    assert start == sum(teams.posts[i].sum() for i, unit in enumerate(teams.units) if unit.system == "Fylde Coast")


def test_a_place_that_is_none_is_refused():
    with pytest.raises(InputError, match="West Lancashire"):
        staff_years("West Lancs")


def of_route(lever, value, months=N_MONTHS):
    rates = staff_rates.read({lever: value, "intake_after_plan": 0.0})
    found = establishments.of_area("Pennine Lancashire", rates, national=True)
    counted = tallies(found, rates, months=months).sum(axis=(2, 3))
    return counted[:, MEASURES.index("capacity_wte")]


@pytest.mark.parametrize("route", ["apprentices", "nursing_associates", "therapist_trainees"])
def test_learners_cost_capacity_before_they_bring_any(route):
    # two or three years with two days of five away, and vacant posts that bank and agency cover in part without them:
    # apprentices and nursing associates pay back after the plan's years, in those to 2023/24
    months = N_MONTHS if route == "therapist_trainees" else 96
    difference = of_route(f"volume_{route}", 1.0, months) - of_route(f"volume_{route}", 0.0, months)
    lead = min(int(row["lead_months"]) for row in tables.read("staff_supply") if row["route"] == route)
    assert (difference[1 : lead - 1] < 0).all()  # the dip
    assert difference[-1] > 0  # the gain
    if route == "apprentices":
        assert difference[N_MONTHS - 1] < 0  # not yet


def test_what_new_roles_take_over_moves_minutes_from_one_role_to_another_and_makes_none():
    unsupervised = {f"supervising_a_{role}": 0.0 for role in ("nursing_associate", "peer_support_worker", "pwp",
                                                              "support_worker")}  # fmt: skip
    unsupervised["substitution_supervision"] = 0.0
    of = {}
    for share in (0.0, 1.0):
        rates = staff_rates.read({"substitution": share, **unsupervised})
        counted = tallies(establishments.of_area("Pennine Lancashire", rates), rates)
        minutes = np.array([role.available_minutes for role in rates.roles])
        of[share] = (counted[:, MEASURES.index("capacity_wte")] * minutes).sum(axis=1)  # [month, role]
        freed = counted[:, MEASURES.index("freed_minutes")].sum()
        assert (freed > 0) == (share > 0)
    assert not np.allclose(of[0.0], of[1.0])
    np.testing.assert_allclose(of[0.0].sum(axis=1), of[1.0].sum(axis=1))


def test_a_retention_lever_keeps_the_posts_that_the_leaver_arithmetic_says():
    of = {}
    for retention in (0.0, 0.3):
        rates = staff_rates.read({"retention": retention})
        found = establishments.of_area("lsc", rates, national=True)
        roles = [i for i, role in enumerate(rates.roles) if role.clinical]
        counted = tallies(found, rates)[..., roles].sum(axis=2)
        of[retention] = {name: counted[:, i] for i, name in enumerate(MEASURES)}
    left, kept = of[0.0]["left_workforce"], of[0.3]["kept"]
    hazard = left.sum() / of[0.0]["in_post"].sum()
    # of the people each month would lose, 0.3 are kept; they face the same hazard, less 0.3 of it, from then on
    months = np.arange(len(kept))
    there = np.zeros(len(kept))
    for month, n in enumerate(0.3 * left.sum(axis=1)):
        there += np.where(months >= month, n * (1 - 0.7 * hazard) ** (months - month), 0.0)
    expected = 0.3 * (left.sum() + hazard * there.sum())
    assert abs(kept.sum() - expected) < 4 * np.sqrt(expected)
    more = (of[0.3]["in_post"] - of[0.0]["in_post"])[-1].sum()
    moved_on = 0.4 * 0.08 * there.sum() / 12  # to elsewhere: the rest of 12.9 % a year, of whom 0.4 leave the area
    assert abs(more - (there[-1] - moved_on)) < 4 * np.sqrt(expected)


@pytest.mark.verify
def test_england_comes_out_near_the_published_totals():
    rates = staff_rates.read()
    england = establishments.of_area("england", rates)
    counted = tallies(england, rates).sum(axis=2)
    clinical = [i for i, role in enumerate(rates.roles) if role.clinical]
    of = {name: counted[:, i] for i, name in enumerate(MEASURES)}
    expected = (of["left_workforce"] + of["kept"])[:, clinical].sum()
    assert abs(expected - 21_000) < 4 * np.sqrt(21_000)
    assert abs(of["kept"].sum() - 6_000) < 4 * np.sqrt(6_000)
    assert of["posts"][-1].sum() == 230_000
    assert abs(of["in_post"][-1].sum() - 213_000) < 1_000
    assert of["transferred_out"].sum() == of["transferred_in"].sum() == 5_000
    assert abs(of["new_roles"].sum() - 8_000) < 4 * np.sqrt(8_000 * 0.05)
    gone = (of["left_workforce"] + of["kept"] + of["moved_away"]).sum() / of["in_post"].mean(axis=0).sum() / 5
    assert abs(gone - 0.129) < 0.003


def test_the_command_writes_page_workbook_and_parquet(tmp_path):
    result = report.document("West Lancashire", {"retention": 0.5}, replications=2, out=tmp_path)
    assert [path.rsplit(".", 1)[1] for path in result["written"]] == ["html", "xlsx", "parquet"]
    page = (tmp_path / "staff.html").read_text(encoding="utf-8")
    assert "http" not in page.replace("http://www.w3.org", "")
    for word in ("West Lancashire", "retention = 0.5", "Kept by retention", "Where the hours went"):
        assert word in page
    assert openpyxl.load_workbook(tmp_path / "staff.xlsx").sheetnames == ["years", "waterfall", "freed", "new roles"]
    rows = pd.read_parquet(tmp_path / "staff.parquet")
    assert tuple(rows.columns) == COLUMNS


def test_bars_hang_where_the_one_before_ended_and_places_sum_to_the_area():
    found = counted("lsc", replications=1)
    whole = {step: int(value[0]) for step, value in found.bars().items()}
    parts = [{step: int(value[0]) for step, value in found.bars(system).items()} for system in found.systems]
    assert len(parts) == 6  # five delivery systems, and what the whole area shares
    for step in TITLES:
        assert sum(part[step] for part in parts) == whole[step], step
    for values in (whole, *parts):
        bars = {bar.step: bar for bar in hung(values)}
        assert bars["vacancies"].end == values["in_post"]
        assert bars["transfers_in"].end == values["in_post_later"]
        assert bars["transferred_posts"].end == values["posts_later"]
        assert bars["gap"].start == values["in_post_later"]


def test_a_lever_that_is_none_leaves_with_2_and_writes_nothing(tmp_path):
    with pytest.raises(InputError, match="retention"):
        read_levers(["retension=0.5"])
    with pytest.raises(InputError, match="NAME=VALUE"):
        read_levers(["retention"])


def test_pounds_are_what_was_counted_times_the_prices_of_the_money_part():
    rates = staff_rates.read()
    counted_ = np.zeros((24, len(MEASURES) - len(prices.PRICED), 1, len(rates.roles)))
    at = {name: i for i, name in enumerate(MEASURES)}
    nurse, pwp = rates.index["mh_practitioner"], rates.index["pwp"]
    counted_[0, at["agency_hours"], 0, nurse] = 100
    counted_[0, at["kept"], 0, nurse] = 2
    counted_[12, at["began_therapist_trainees"], 0, pwp] = 1
    counted_[12, at["learning_therapist_trainees"], 0, pwp] = 3
    found = prices.pounds(counted_, rates)
    post = pay.post("mh_practitioner", "2016/17")
    assert found[0, 1, 0, nurse] == pytest.approx(
        100 * (post.direct + 0.55 * post.pay) / pay.paid_hours("mh_practitioner")
    )
    assert found[0, 0, 0, nurse] == pytest.approx(2 * 1500)
    month = pay.post("trainee_pwp", "2017/18").direct / 12
    assert found[12, 0, 0, pwp] == pytest.approx(in_prices(5000, "2016/17", "2017/18") + 3 * month)
    assert found.sum() == pytest.approx(found[0].sum() + found[12].sum())  # nothing else costs anything


def test_a_lever_of_prices_moves_pounds_alone():
    before, after = totals(False), totals(False, "agency_premium", 2.0)
    assert after["cover_pounds"] > before["cover_pounds"]
    assert {name: n for name, n in before.items() if name != "cover_pounds"} == {
        name: n for name, n in after.items() if name != "cover_pounds"
    }


def test_every_route_of_supply_has_its_price_and_no_other():
    of_supply = {(row["route"], row["role"]) for row in tables.read("staff_supply")}
    assert set(supply.routes()) == of_supply
    assert {route for route, _ in of_supply} == set(LEARNT)
    with pytest.raises(InputError, match="agency_premium"):
        prices.checked({"agency_premum": 1.5})
    with pytest.raises(InputError, match="lever"):
        staff_rates.checked({"agency_premium": 1.5})  # the staff of a run have no prices
