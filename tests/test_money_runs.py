"""What a run costs: hand-computed rows, every pound once, who pays, which savings are cash, what can be afforded."""

import numpy as np
import openpyxl
import pandas as pd
import pytest

from abm import tables
from experiments.money import account, account_page, affordability, investment, pay, savings
from experiments.money.costs import pounds_a_post, unit_cost
from experiments.money.prices import FOLDER, YEARS
from experiments.money.run_cost import KEYS, books, cost_of_run, idle_teams, margin, mean_of
from experiments.money.whole import rounded
from experiments.planning.establishment import working_times
from experiments.scenario import Scenario
from experiments.workforce import apportion
from pathways.errors import InputError

LSC, PENNINE = "Lancashire & South Cumbria", "Pennine Lancashire"
EVERY = Scenario(pathways="all", days=365)


def contacts(*rows):
    """Return a table of contacts: (team, place, role, on shift, busy, overtime), minutes."""
    names = ["team", "place", "role", "on_shift_minutes", "busy_minutes", "overtime_minutes"]
    return pd.DataFrame(rows, columns=names).assign(replication=0)


def places(*rows):
    return pd.DataFrame(rows, columns=["team", "place", "what", "places", "mean_taken"]).assign(replication=0)


def waits(*rows):
    """Return a table of waits; beside those in each state's beds one waits for a bed there, who costs nothing yet."""
    names = ["pathway", "state", "place", "arrivals", "began", "mean_present"]
    table = pd.DataFrame(rows, columns=names).assign(replication=0, mean_waiting=1.0)
    return table.assign(mean_present=table["mean_present"] + table["mean_waiting"])


def everything(**more):
    """Return tables in which every line of cost and every ward has something."""
    events = tables.read("event_costs", FOLDER)
    states = dict.fromkeys(tuple(row["of"].split("/")) for row in events if row["counted"] != "places")
    held = dict.fromkeys(row["of"] for row in events if row["counted"] == "places")
    wards = [row["team"] for row in tables.read("ward_days", FOLDER)]
    return {
        "contacts": contacts(("talking_therapies/step_2", PENNINE, "pwp", 60_000.0, 40_000.0, 600.0),
                             ("crisis_alternatives/street_triage", PENNINE, "mh_practitioner", 9e4, 1e4, 0.0),
                             ("liaison/liaison", "Blackpool Victoria", "consultant", 9e4, 5e4, 0.0)),
        "places": places(*((team, LSC, "places", 18.0, 16.0) for team in [*wards, *held])),
        "waits": waits(*((pathway, state, PENNINE, 100, 90, 2.0) for pathway, state in states)),
        "life_years": pd.DataFrame({"system": [PENNINE], "cost_gbp_added": [1e6], "replication": [0]}), **more,
    }  # fmt: skip


def test_posts_of_a_clinic_cost_what_a_sum_by_hand_says():
    hours_a_week = 60_000 / 60 / (365 / 7)
    posts = hours_a_week / working_times()["pwp"].available_hours
    rows = cost_of_run(everything(), EVERY, "2017/18")
    mine = rows[rows["team"] == "talking_therapies/step_2"].set_index("line")
    assert mine.loc["posts", "quantity"] == pytest.approx(posts)
    assert mine.loc["posts", "amount"] == pytest.approx(posts * pounds_a_post("pwp", "2017/18"))
    pay_ = pay.post("pwp", "2017/18").pay
    assert mine.loc["agency premium", "amount"] == pytest.approx(posts * 0.0935 * 0.3 * 0.55 * pay_)
    assert mine.loc["overtime", "amount"] == pytest.approx(10 * pay.overtime_hour("pwp", "2017/18"))


def test_nights_and_attendances_of_a_window_are_those_of_a_year():
    half = EVERY.replaced(days=146)
    rows = cost_of_run(everything(), half, "2016/17").set_index(["team", "line"])
    assert rows.loc[("liaison/ae_arrival", "attendances at A&E"), "amount"] == pytest.approx(100 * 2.5 * 148)
    assert rows.loc[("inpatient/out_of_area", "nights out of area"), "amount"] == pytest.approx(2.0 * 365 * 550)


def test_every_pound_is_in_exactly_one_row_and_margins_sum_to_the_last():
    rows = cost_of_run(everything(), EVERY)
    assert not rows.duplicated(list(KEYS)).any()
    total = int(rows["pounds"].sum())
    assert total == round(rows["amount"].sum())
    for by in (["line"], ["payer"], ["system"], ["service"], ["team", "role"], list(KEYS)):
        assert int(margin(rows, *by)["pounds"].sum()) == total, by
    assert int(margin(rows[rows["team"] != "inpatient/picu_male"], "payer")["pounds"].sum()) < total


def test_the_mean_of_replications_is_in_whole_pounds_that_sum():
    one = everything()
    two = {name: table.assign(replication=1) for name, table in everything().items()}
    two["waits"]["arrivals"] = 113
    both = {name: pd.concat([one[name], two[name]]) for name in one}
    cost = cost_of_run(both, EVERY)
    mean = mean_of(cost)
    totals = cost.groupby("replication")["amount"].sum()
    assert totals[1] > totals[0]
    assert int(mean["pounds"].sum()) == round(totals.mean())


def test_payers_are_those_of_teams_and_pathways():
    of = books(EVERY)
    assert of.of_team("crisis_alternatives/street_triage") == ("crisis_alternatives", "police", "nhs")
    assert of.of_team("eating_disorders/adult_beds")[1] == "specialised_commissioning"
    assert of.of_team("eating_disorders/young")[1] == "ccg"
    assert of.of_team("day_care/team")[1:] == ("local_authority", "local_authority")
    assert of.systems["Blackpool Victoria"] == "Fylde Coast"
    assert of.systems[LSC] == LSC
    payers = set(cost_of_run(everything(), EVERY)["payer"])
    assert payers == {"ccg", "police", "local_authority", "acute_trust", "specialised_commissioning"}


def test_a_team_nobody_came_to_costs_nothing_and_is_named():
    found = everything()
    found["contacts"].loc[found["contacts"]["team"] == "crisis_alternatives/street_triage", "busy_minutes"] = 0.0
    assert idle_teams(found) == ["crisis_alternatives/street_triage"]
    assert "crisis_alternatives/street_triage" not in set(cost_of_run(found, EVERY)["team"])


def test_every_line_of_cost_has_one_kind_and_a_reason():
    lines = set(cost_of_run(everything(), EVERY)["line"])
    assert lines == set(savings.rules())
    assert {row["kind"] for row in savings.rules().values()} == set(savings.KINDS)
    assert all(row["reason"] for row in savings.rules().values())


def moved(factors):
    """Return the pounds of every line, of the total, and the worth of freed days and hours."""
    rows = cost_of_run(everything(), EVERY, "2018/19", factors)
    freed = savings.released(everything(), everything(places=everything()["places"].assign(mean_taken=12.0)),
                             books(EVERY, "2018/19", factors))  # fmt: skip
    room = affordability.standard(apportion.ENGLAND, factors=factors)[-1]["room"]
    found = rows.groupby("line")["amount"].sum().to_dict() | {"total": rows["amount"].sum(), "room": room}
    return found | freed.groupby("line")["amount"].sum().to_dict()


BEFORE = {}


@pytest.mark.parametrize("row", tables.read("directions", FOLDER), ids=lambda row: row["name"])
def test_changing_a_price_moves_the_sum_in_the_direction_written_beforehand(row):
    before = BEFORE or BEFORE.update(moved({})) or BEFORE
    after = moved({row["name"]: 1.2})
    change = after[row["moves"]] - before[row["moves"]]
    assert change > 0 if row["direction"] == "up" else change < 0
    assert float(row["low"]) < 1 < float(row["high"])


def test_every_price_and_number_of_money_can_be_asked_about():
    names = {row["name"] for row in tables.read("directions", FOLDER)}
    assert {row["name"] for row in tables.read("unit_costs", FOLDER)} <= names
    assert {row["name"] for row in tables.read("numbers", FOLDER)} <= names
    with pytest.raises(InputError, match="out_of_area_day"):
        account.check_factors({"out_of_area_days": 1.1})


@pytest.mark.parametrize(
    ("base", "other", "hours"),
    [
        ((100, 60), (100, 50), 10),  # work fell away, rosters stay
        ((100, 60), (90, 50), 0),  # the hours went too: that is cash
        ((100, 60), (80, 60), -20),  # hours went, the work did not
        ((100, 60), (130, 60), 0),  # hours bought: an investment, no saving
        ((100, 60), (130, 80), 0),  # and filled
        ((100, 60), (110, 80), -10),  # filled beyond them
    ],
)
def test_capacity_released_is_work_that_fell_away_less_hours_no_longer_paid(base, other, hours):
    def of(pair):
        return everything(contacts=contacts(("crisis/access", PENNINE, "mh_practitioner", pair[0] * 60.0,
                                             pair[1] * 60.0, 0.0)))  # fmt: skip

    freed = savings.released(of(base), of(other), books(EVERY))
    mine = freed[freed["line"] == "hours of staff"]
    assert mine["quantity"].sum() == pytest.approx(hours)
    assert np.sign(mine["amount"].sum()) == np.sign(hours)


def test_the_path_to_a_billion_comes_out_and_sums_at_every_level():
    rows = investment.apportioned("people")
    for year, millions in zip(YEARS, (190, 410, 630, 820, 1000), strict=True):
        inside = [row for row in rows if row["year"] == year and row["in_the_billion"]]
        assert sum(row["pounds"] for row in inside if row["level"] == "england") == millions * 1_000_000
        assert sum(row["pounds"] for row in inside if row["level"] == "stp") == millions * 1_000_000
        ours = sum(row["pounds"] for row in inside if row["place"] == LSC)
        assert sum(row["pounds"] for row in inside if row["within"] == LSC) == ours
    five = sum(row["pounds"] for row in rows if row["programme"] == "liaison" and row["level"] == "england")
    assert five == 249_000_000


def test_the_standard_leaves_the_room_that_a_sum_by_hand_says():
    place = apportion.ENGLAND
    room = affordability.standard(place)
    assert room[0]["floor"] == 9_723_000_000
    assert room[0]["room"] == 0
    assert room[1]["room"] == round(9_723_000_000 * 1.024) - round(9_723_000_000 * 1.0177)
    judged = affordability.afforded(room, {"2016/17": 0.0, "2017/18": room[1]["room"] + 1.0})
    assert [row["within"] for row in judged] == [False]


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    """The cost of two days, a delivery system and a scenario with one liaison nurse more."""
    short = Scenario(days=2, warm_up=0)
    nurse = {"team": "liaison/liaison", "place": "Southport and Ormskirk", "role": "mh_practitioner",
             "hours": "Mon-Sun 15:00-23:00", "number": 2}  # fmt: skip
    more = short.replaced(name="one-more", team=[nurse])
    return account.cost(more, baseline=short, area="West Lancashire", keep=tmp_path_factory.mktemp("runs"))


def test_one_nurse_more_costs_her_posts_and_nothing_else_of_staff(document):
    base = document["scenarios"][0]
    posts = {one["name"]: sum(row["pounds"] for row in one["by_line"] if row["line"] == "posts")
             for one in document["scenarios"]}  # fmt: skip
    extra = 8 * 7 / working_times()["mh_practitioner"].available_hours
    expected = extra * pounds_a_post("mh_practitioner", "2016/17")
    assert posts["one-more"] - posts["baseline"] == pytest.approx(expected, abs=3)
    cash = {row["line"]: row["saving"] for row in document["savings"] if row["kind"] == savings.CASH}
    assert cash["posts"] == pytest.approx(-expected, abs=3)
    assert {row["system"] for row in base["rows"]} == {"West Lancashire"}


def test_pounds_for_each_further_person_need_further_people(document):
    (row,) = document["per_person"]
    assert row["people_base"] > 0
    more, pounds = row["more_people"], row["extra_pounds"]
    expected = pounds / more if more > 0 else None
    assert row["pounds_per_extra_person"] == (pytest.approx(expected) if expected else None)


def test_page_workbook_and_parquet_hold_the_same_pounds(document, tmp_path):
    written = account_page.write(document, tmp_path)
    total = sum(one["pounds"] for one in document["scenarios"])
    assert pd.read_parquet(tmp_path / "costs.parquet")["pounds"].sum() == total
    sheet = list(openpyxl.load_workbook(tmp_path / "cost.xlsx")["costs"].values)
    at = sheet[0].index("pounds")
    assert sum(row[at] for row in sheet[1:]) == total
    page = (tmp_path / "cost.html").read_text()
    assert all(f"£{one['pounds']:,}" in page for one in document["scenarios"])
    assert len(written) >= 8


def test_a_clinical_commissioning_group_and_a_misspelt_system_are_refused_before_anything_runs(tmp_path):
    for area, meant in (("NHS West Lancashire CCG", "delivery system"), ("West Lancs", "West Lancashire")):
        with pytest.raises(InputError, match=meant):
            account.cost(area=area, keep=tmp_path)
    with pytest.raises(InputError, match="2020/21"):
        account.cost(year="2020/2", keep=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_rounding_never_moves_an_amount_by_a_pound():
    rng = np.random.default_rng(1)
    amounts = rng.normal(0, 1e6, 500)
    assert np.abs(rounded(amounts) - amounts).max() < 1
    assert unit_cost("bed_day_acute", "2016/17") == 390
