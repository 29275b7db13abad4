"""The roadmap: starts lie a lead time before those in post, sums are the simulation's, what is too late is said."""

import openpyxl
import pandas as pd
import pytest

from abm import tables
from abm.staff_columns import ROUTES
from experiments.board import gantt, quarters, roadmap, roadmap_page, starts
from experiments.board.quarters import Quarter, quarter
from pathways.errors import InputError

DECIDED = quarter("2017/18 Q2")
COLUMNS = ["replication", "year", "month", "system", "team", "role", "group", "employer", "measure", "value"]


def staff(*rows, replication=0):
    """Return a table of the staff simulation: rows of (month, system, role, measure, value)."""
    return pd.DataFrame(
        [
            (replication, str(quarters.of_month(month).year), month, system, "crisis/access", role, "nursing", "nhs",
             measure, float(value))
            for month, system, role, measure, value in rows
        ],
        columns=COLUMNS,
    )  # fmt: skip


A_STAFF = staff(
    (23, "Fylde Coast", "mh_practitioner", "international", 3),
    (23, "West Lancashire", "mh_practitioner", "international", 1),
    (40, "Fylde Coast", "registered_nurse", "newly_qualified", 6),
    (47, "Fylde Coast", "mh_practitioner", "transferred_in", 2),
    (11, "Fylde Coast", "consultant", "posts", 5), (11, "Fylde Coast", "consultant", "in_post", 3),
    (59, "Fylde Coast", "consultant", "posts", 5), (59, "Fylde Coast", "consultant", "in_post", 4),
    (10, "Fylde Coast", "consultant", "posts", 50), (11, "Fylde Coast", "pwp", "left_workforce", 9),
)  # fmt: skip


BARS = dict.fromkeys((row["waterfall_step"] for row in starts.actions().values()), 0.0)


def made(frame=A_STAFF):
    return {
        "place": "Lancashire", "decided": str(DECIDED), "behind": "staff, seed 1", "shared_by": "people",
        **roadmap.made(frame, DECIDED, BARS, {"international": 40}),
    }  # fmt: skip


def lead_months(route, role):
    return next(
        int(row["lead_months"]) for row in tables.read("staff_supply") if (row["route"], row["role"]) == (route, role)
    )


def test_quarters_are_read_written_and_counted_from_april_2016():
    assert str(Quarter(0)) == "2016/17 Q1"
    assert str(Quarter(-1)) == "2015/16 Q4"
    assert quarter("2020/21 Q4") == Quarter(19)
    assert Quarter(19).year == "2020/21"
    assert quarters.of_month(-1) == Quarter(-1)
    assert quarters.of_month(3) == Quarter(1)
    for wrong in ("2017/19 Q1", "2017/18 Q5", "spring"):
        with pytest.raises(InputError, match="quarter"):
            quarter(wrong, "--from")


def test_a_start_is_the_month_in_post_less_the_lead_time():
    rows = made()["rows"]
    nurse = next(row for row in rows if row["measure"] == "newly_qualified")
    assert nurse["in_post"] == "2019/20 Q2"
    assert nurse["start"] == str(quarters.of_month(40 - lead_months("newly_qualified", "registered_nurse")))
    moved = next(row for row in rows if row["measure"] == "transferred_in")
    assert (moved["start"], moved["in_post"], moved["lead_months"]) == ("2019/20 Q3", "2019/20 Q4", 3)


def test_more_begin_than_join_where_some_do_not_finish():
    one = starts.Lead(12, 0.25, "", "")
    assert one.starts(6) == 8
    rows = made()["rows"]
    assert all(row["starts"] >= row["joins"] for row in rows)
    abroad = [row for row in rows if row["measure"] == "international"]
    assert sum(row["starts"] for row in abroad) == pytest.approx(4 / 0.85)


def test_a_longer_lead_time_moves_the_start_earlier(monkeypatch):
    before = {row["measure"]: row["start"] for row in made()["rows"]}
    longer = {
        key: starts.Lead(one.months + 12, one.attrition, one.source, one.confidence)
        for key, one in starts.leads().items()
    }
    monkeypatch.setattr(starts, "leads", lambda: longer)
    for row in made()["rows"]:
        assert quarter(row["start"]).index == quarter(before[row["measure"]]).index - 4


def test_what_had_to_begin_before_the_decision_is_under_way():
    states = {row["measure"]: row["state"] for row in made()["rows"]}
    assert states["newly_qualified"] == starts.UNDER_WAY  # three years before July 2019
    assert states["transferred_in"] == starts.TO_BEGIN
    later = roadmap.made(A_STAFF, quarter("2019/20 Q4"), BARS, {})["rows"]
    assert {row["state"] for row in later} == {starts.UNDER_WAY}


def test_every_route_of_the_simulation_has_an_action_and_every_lead_a_source():
    assert set(ROUTES[1:]) <= set(starts.actions())
    for row in starts.actions().values():
        assert row["kind"] in starts.KINDS
        assert row["source"]
        assert row["lead_months"] or row["supply_route"] in {one["route"] for one in tables.read("staff_supply")}
    with pytest.raises(InputError, match="international"):
        starts.lead(starts.leads(), "internationl", "doctor")


def test_every_kind_of_action_has_an_owner_at_every_employer():
    for kind in starts.KINDS:
        for employer in ("nhs", "local_authority", "voluntary_sector", "police"):
            assert starts.owner(kind, employer)
    with pytest.raises(InputError, match="nhs"):
        starts.owner("recruitment", "nsh")


def test_sums_by_quarter_and_route_are_those_of_who_joins():
    document = made()
    assert sum(row["joins"] for row in document["quarters"]) == sum(row["joins"] for row in document["rows"]) == 12
    assert sum(row["joins"] for row in document["leads"]) == 12
    abroad = next(row for row in document["reconciled"] if row["step"] == "international")
    assert abroad["on_roadmap"] == 4
    assert abroad["share_of_plan"] == 40


def test_the_roadmap_of_a_delivery_system_is_its_workforce_waterfall_to_the_last_post():
    document = roadmap.roadmap("West Lancashire", replications=2)
    assert {row["step"] for row in document["reconciled"]} == set(BARS)
    assert all(row["difference"] == 0 for row in document["reconciled"])
    assert sum(row["on_roadmap"] for row in document["reconciled"]) > 20


def test_replications_are_averaged():
    both = pd.concat([A_STAFF, staff((23, "Fylde Coast", "mh_practitioner", "international", 5), replication=1)])
    assert next(row for row in made(both)["reconciled"] if row["step"] == "international")["on_roadmap"] == 4.5


def test_posts_nobody_holds_are_counted_at_the_end_of_each_year():
    short = roadmap.shortages(A_STAFF)
    assert short[["month", "short"]].to_numpy().tolist() == [[11, 2], [59, 1]]


def test_what_can_no_longer_be_in_time_is_said_with_the_first_quarter_it_could_be():
    document = made()
    gone = roadmap.lost(document)
    assert [row["needed"] for row in gone] == ["2016/17 Q4"]
    months = lead_months("newly_qualified", "consultant")
    assert gone[0]["earliest_in_post"] == str(quarters.of_month(DECIDED.index * 3 + months))
    assert any("No longer in time for 2016/17 Q4: 2" in words for words in roadmap_page.said(document))
    in_time = roadmap.made(A_STAFF, quarter("2013/14 Q1"), BARS, {})
    assert roadmap.lost(in_time) == []


def test_a_role_that_may_take_over_a_post_is_a_route_to_it():
    comes = {(measure, role) for measure, role, _ in starts.routes_to("registered_nurse")}
    assert ("nursing_associates", "nursing_associate") in comes
    assert starts.routes_to("call_handler")[0][0] == starts.LOCAL


def test_page_workbook_and_parquet_hold_the_same_rows(tmp_path):
    document = made()
    page, book, parquet, *_ = roadmap_page.write(document, tmp_path)
    rows = list(openpyxl.load_workbook(book)["roadmap"].values)
    assert len(rows) == 2 + len(document["rows"]) == 2 + len(pd.read_parquet(parquet))
    text = page.read_text()
    assert "<svg" in text
    assert "<script" not in text
    assert "staff, seed 1" in text
    assert gantt.drawn(document["leads"], document["quarters"], DECIDED).count("decisions from 2017/18 Q2") == 1


def test_posts_by_year_without_a_column_are_refused(tmp_path):
    file = tmp_path / "posts.csv"
    file.write_text("system,team,role,posts\nFylde Coast,crisis/access,mh_practitioner,3\n")
    with pytest.raises(InputError, match="year"):
        roadmap.read_posts(file)
    with pytest.raises(InputError, match="--posts"):
        roadmap.read_posts(tmp_path / "none.csv")
