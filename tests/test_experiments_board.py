"""The board: who sends whom, what each statement rests on, and one page with everything behind it."""

import re
from types import SimpleNamespace

import openpyxl
import pandas as pd
import pytest

from abm.setting import every_pathway
from experiments import store
from experiments.board import (
    apportionment,
    board,
    gather,
    interfaces,
    page,
    pictures,
    reality,
    spend,
    standards,
    stp,
    system_map,
    ways,
    where,
    workforce,
)  # fmt: skip
from experiments.board.board import _document
from experiments.board.evidence import Drawing, Evidence, Quadrant, Statement, evidence_of
from experiments.reports.material import Case
from experiments.scenario import Scenario
from pathways import files
from pathways.errors import InputError
from pathways.specs import validated

SYSTEMS = ("Fylde Coast", "West Lancashire")


def a_case():
    """A year counted twice over in which Fylde Coast sends six to wards, two out of area and one home."""
    flows = pd.DataFrame(
        [
            ("crisis/gatekeeping", "inpatient/bed_search", "", "Fylde Coast", 12),
            ("inpatient/acute_male", "inpatient/out_of_area", "left_waiting", "Fylde Coast", 4),
            ("inpatient/discharged", "inpatient/follow_up", "", "Fylde Coast", 2),
            ("crisis/gatekeeping", "inpatient/bed_search", "", "West Lancashire", 2),
        ],
        columns=["from", "to", "when", "system", "count"],
    )
    people = pd.DataFrame(
        [
            ("crisis", "Fylde Coast", 1000, 200),
            ("crisis", "West Lancashire", 500, 0),
        ],
        columns=["pathway", "system", "residents", "asked"],
    )
    reached = pd.DataFrame(
        [("crisis", "Fylde Coast", 60), ("crisis;inpatient", "Fylde Coast", 20), ("", "Fylde Coast", 1920)],
        columns=["pathways", "system", "people"],
    )
    facts = [{"days": 365, "replication": n} for n in (0, 1)]
    return Case("test", {"flows": flows, "people": people, "people_reached": reached}, facts, {})


@pytest.fixture(scope="module")
def specs():
    return {"crisis": validated(files.library("crisis"))}


def test_every_state_and_every_door_of_every_pathway_belongs_to_an_interface():
    titles = interfaces.titles()
    for name in every_pathway():
        spec = validated(files.library(name))
        assert all(interfaces.of_state(f"{name}/{state}") in titles for state in spec.states), name
        assert all(interfaces.of_door(name, door) in titles for door in spec.doors), name


def test_every_row_of_the_table_of_belonging_names_something_that_exists():
    states = {f"{name}/{state}" for name in every_pathway() for state in validated(files.library(name)).states}
    anywhere = {f"*/{state.partition('/')[2]}" for state in states}
    doors = {f"{name}/{door}" for name in every_pathway() for door in validated(files.library(name)).doors}
    doors |= {door.partition("/")[2] for door in doors}
    for row in interfaces.tables.read("belonging", interfaces.FOLDER):
        known = {"state": states | anywhere, "pathway": set(every_pathway()), "door": doors}[row["kind"]]
        assert row["of"] in known, row["of"]


def test_a_pathway_that_belongs_nowhere_is_refused_with_the_nearest_name():
    with pytest.raises(InputError, match="crisis"):
        interfaces.of_state("crisiss/triage")


def test_flows_count_what_passes_from_one_interface_to_another_in_a_mean_year(specs):
    found = interfaces.flows(a_case(), specs)
    between = interfaces.between(found)
    assert interfaces.passing(between, "crisis", "wards") == 7  # 14 in two replications
    assert interfaces.passing(between, "wards", "out_of_area") == 2
    assert interfaces.passing(between, "wards", "wards") == 0  # what stays within an interface is no flow
    doors = found[found["how"] == "door"]
    spec = specs["crisis"]
    police = spec.doors["police"].share / sum(door.share for door in spec.doors.values())
    came = doors.loc[(doors["from"] == "primary") & (doors["system"] == "Fylde Coast"), "a_year"].sum()
    assert came == pytest.approx(100 * (spec.doors["gp"].share + spec.doors["self"].share))
    assert interfaces.of_state("crisis/police_contact") == "justice"  # so the police door crosses nothing by itself
    assert doors["a_year"].sum() == pytest.approx(100 * (1 - police))


def test_people_are_counted_once_and_flows_of_one_system_are_its_own(specs):
    case = a_case()
    people = stp.people_of(case, SYSTEMS)
    assert [row["reached"] for row in people] == [40, 0]
    quadrant = stp.quadrant(case, specs, ["West Lancashire"], "run x", "West Lancashire")
    assert {row["system"] for row in quadrant.evidence[0].rows} == {"West Lancashire"}
    assert quadrant.statements[1].values["out_of_area"] == 0


def test_the_map_shows_every_system_with_its_dots_and_its_number(specs):
    case = a_case()
    people = stp.people_of(case, SYSTEMS)
    drawn = system_map.drawn(people, interfaces.between(interfaces.flows(case, specs)), "map")
    assert drawn.startswith("<svg")
    assert drawn.count("<circle") > 250
    assert "40 of 1,000 reached" in drawn
    assert "Fylde Coast" in drawn
    elsewhere = [{"system": "Greater Manchester", "residents": 9, "reached": 1}]
    assert "<circle" not in system_map.drawn(elsewhere, interfaces.between(interfaces.flows(case, specs)), "map")


def test_more_systems_than_the_map_can_name_are_shown_together(specs):
    case = a_case()
    names = [f"system {k}" for k in range(stp.MOST_SYSTEMS + 1)]
    case.tables["people"] = pd.DataFrame([("crisis", name, 10, 4) for name in names], columns=[
        "pathway", "system", "residents", "asked"])  # fmt: skip
    drawn = stp.quadrant(case, specs, names, "run x", "England").drawings[0].svg
    assert "0 of 90 residents" not in drawn
    assert "90 residents, 0 reached" in drawn
    assert "system 3" not in drawn


def test_a_standard_is_missed_when_fewer_than_its_share_are_within():
    clocks = pd.DataFrame(
        [
            ("liaison", "four_hours", "four hours", "A", 10, 10, 5, 0, 0, 14400, 0.95, "national", True, False, False),
            ("liaison", "response", "response", "A", 10, 10, 10, 0, 0, 3600, 0.95, "recommended", True, False, False),
        ],
        columns=["pathway", "clock", "title", "place", "started", "stopped", "within", "still_over", "lost",
                 "standard_seconds", "standard_share", "status", "in_force", "of_state", "of_finished"],
    ).assign(met=[False, True])  # fmt: skip
    case = Case("test", {"clocks": clocks}, [{"days": 365, "replication": 0}])
    found = standards.rows(case)
    assert [row["breaches_a_year"] for row in found] == [5, 0]
    assert standards.said(found).values == {"missed": 1, "official": 2}
    assert standards.rows(case, ["B"]) == []


def test_a_statement_without_its_table_is_refused():
    quadrant = Quadrant("one", "One", [], [Statement("x", "nowhere")], [])
    with pytest.raises(ValueError, match="nowhere"):
        evidence_of([quadrant])
    table = Evidence("t", "T", [("a", "whole")], [{"a": 1}], "run 1")
    with pytest.raises(ValueError, match="two tables"):
        evidence_of([Quadrant("one", "One", [], [], [table, table])])


def test_page_workbook_and_parquet_hold_every_table_and_every_statement_links_to_one(tmp_path):
    rows = [{"place": f"p{k}", "posts": k} for k in range(70)]
    table = Evidence("posts", "Posts", [("place", "text"), ("posts", "whole")], rows, "run abc")
    quadrant = Quadrant(
        "stp",
        "The area",
        [Drawing("Bars", "<svg></svg>", "posts")],
        [Statement("70 places", "posts", {"n": 70})],
        [table],
    )
    document = _document("Lancashire", [quadrant], [{"what": "Baseline", "behind": "run abc"}])
    paths = page.write(document, [quadrant], tmp_path)
    text = paths[0].read_text()
    links = set(re.findall(r'class="from" href="#([^"]+)"', text))
    assert links == {"t-posts"}
    assert 'id="t-posts"' in text
    assert "run abc" in text
    assert "The first 60 of 70 rows" in text
    assert "<script" not in text
    book = openpyxl.load_workbook(paths[1])
    assert book.sheetnames == ["statements", "posts"]
    assert len(list(book["posts"].values)) == 72
    assert len(pd.read_parquet(tmp_path / "board-posts.parquet")) == 70
    assert document["quadrants"][0]["statements"][0]["behind"] == "run abc"


def test_an_area_is_an_stp_a_delivery_system_or_england_and_no_ccg():
    assert where.where("lsc").systems == where.where("Lancashire & South Cumbria").systems
    assert where.where("Fylde Coast").area == "lsc"
    assert where.where("england").area == "england"
    with pytest.raises(InputError, match="Fylde Coast"):
        where.where("NHS Blackpool CCG")
    with pytest.raises(InputError, match="Fylde"):
        where.where("Flyde Coast")


def test_drawings_of_nothing_and_of_negative_numbers_do_not_fail():
    rows = [{"name": "a", "x": -3.0, "low": -5.0, "high": -1.0}]
    assert "−3" in pictures.paired(rows, [("x", "x", "#000")], "x", low="low", high="high")
    assert "<svg" in pictures.bullets([], "none")


def test_the_clocks_of_a_delivery_system_are_those_of_its_place_and_its_hospital():
    assert reality.places_of(where.where("Morecambe Bay")) == [
        "Morecambe Bay", "Royal Lancaster Infirmary", "Furness General",
    ]  # fmt: skip
    assert reality.places_of(SimpleNamespace(level="stp")) is None


def test_posts_and_vacancies_stand_at_the_end_of_the_year_and_leavers_are_counted_over_it():
    columns = ["replication", "year", "month", "system", "team", "role", "group", "employer", "measure", "value"]
    staff = pd.DataFrame(
        [
            (0, "2016/17", month, system, "crisis/access", "doctor", "medical", "nhs", measure, value)
            for month, system, measure, value in [
                (0, "Fylde Coast", "posts", 99), (11, "Fylde Coast", "posts", 10), (11, "Fylde Coast", "in_post", 7),
                (11, "Fylde Coast", "vacancies", 3), (11, "West Lancashire", "posts", 5),
                (11, "West Lancashire", "in_post", 5), (2, "Fylde Coast", "left_workforce", 1),
                (9, "Fylde Coast", "left_workforce", 2), (4, "Fylde Coast", "international", 2),
            ]
        ] + [(0, "2017/18", 12, "Fylde Coast", "crisis/access", "doctor", "medical", "nhs", "left_workforce", 50)],
        columns=columns,
    )  # fmt: skip
    whole, *rest = workforce.rows(staff, "Lancashire", ("West Lancashire", "Fylde Coast"))
    assert (whole["posts"], whole["in_post"], whole["vacancies"]) == (15, 12, 3)
    assert (whole["left_workforce"], whole["came_by_supply"]) == (3, 2)
    systems = [row for row in rest if row["of"] == "system"]
    assert [row["name"] for row in systems] == ["West Lancashire", "Fylde Coast"]
    assert systems[1]["vacancy_share"] == 0.3
    assert (
        "share of all posts in specialist services is 6,852" in workforce.said([whole, *rest], "not local", 6852).text
    )


def test_only_what_is_spent_on_mental_health_is_said_and_added_up():
    rows = [
        {"payer": "ccg", "line": "posts", "mental_health": True, "pounds": 3_000_000},
        {"payer": "ccg", "line": "nights out of area", "mental_health": True, "pounds": 1_000_000},
        {"payer": "acute_trust", "line": "days in acute hospitals", "mental_health": False, "pounds": 9_000_000},
    ]
    assert spend.by_payer(rows) == [{"payer": "ccg", "pounds": 4_000_000}]
    said = spend.said(rows, 5_000_000)
    assert said.values == {"pounds": 4_000_000, "out_of_area_pounds": 1_000_000, "share_of_england": 5_000_000}


def compared(modelled):
    """Return a comparison in which two systems share ten posts five to five."""
    shares = {"Lancashire & South Cumbria": 10, "Fylde Coast": 5, "West Lancashire": 5}
    rows = [
        {"quantity": quantity, "place": place, "basis": basis, "apportioned": share, "modelled": modelled[place],
         "half_width": None, "gap": modelled[place] - share}
        for quantity in ("posts", "pounds") for place, share in shares.items() for basis in apportionment.WAYS
    ]  # fmt: skip
    ranks = [
        {"place": place, "basis": basis, "rank": rank}
        for basis, order in (("need", SYSTEMS), ("modelled", SYSTEMS[::-1])) for rank, place in enumerate(order, 1)
    ]  # fmt: skip
    return {"rows": rows, "ranks": ranks, "notes": ["Same services."]}


def test_the_gap_is_what_demand_asks_for_less_the_share_and_ranks_that_change_are_said():
    document = compared({"Lancashire & South Cumbria": 7.5, "Fylde Coast": 1.5, "West Lancashire": 6.0})
    quadrant = apportionment.quadrant(where.where("lsc"), "need", document, "demand, seed 1", [], "risk")
    rows = {row["place"]: row for row in quadrant.evidence[0].rows}
    assert list(rows) == ["Lancashire & South Cumbria", *SYSTEMS]
    assert rows["Lancashire & South Cumbria"]["gap"] == -2.5
    assert rows["West Lancashire"]["gap"] == 1.0
    assert "2 fewer than the share by need" in quadrant.statements[0].text
    assert quadrant.statements[1].values["moved"] == 2
    assert len(quadrant.statements) == 2  # nothing is said of risk that was not analysed


def test_risk_is_said_of_the_place_itself_at_p50_p80_and_p95():
    levels = [
        {"outcome": outcome, "place": place, "level": level, "value": value * factor, "low": 0.0, "high": 0.0}
        for place, factor in (("Fylde Coast", 1), ("West Lancashire", 100))
        for level, value in (("P50", 10), ("P80", 20), ("P95", 30), ("mean", 99))
        for outcome in ("gap_posts", "gap_pounds")
    ]
    document = compared({"Lancashire & South Cumbria": 7.5, "Fylde Coast": 1.5, "West Lancashire": 6.0})
    quadrant = apportionment.quadrant(where.where("Fylde Coast"), "need", document, "demand", levels, "risk x")
    assert quadrant.statements[-1].values == {"P50": 10, "P80": 20, "P95": 30}
    assert len(quadrant.evidence[2].rows) == 6


def mitigation(title, closed, chance=False):
    return {
        "title": title, "posts_closed": closed, "posts_low": closed - 1, "posts_high": closed + 1, "cost_pounds": 2e5,
        "may_be_chance": chance,
    }  # fmt: skip


def test_what_may_be_chance_is_not_called_best_value():
    questions = [
        {"rank": 1, "question": "How many?", "posts_narrower": 3.0, "share_of_variance": 0.5, "total_index": 0.4}
    ]
    quadrant = ways.quadrant([mitigation("luck", 9, True), mitigation("keep", 4)], questions, "risk x")
    assert quadrant.statements[0].text == "Best value: keep: 4 posts for £200,000 a year."
    assert quadrant.statements[1].text.startswith("1. How many?")
    nothing = ways.quadrant([mitigation("luck", 9, True)], [], "risk x")
    assert "chance" in nothing.statements[0].text


def test_a_folder_without_a_risk_analysis_or_of_another_place_is_refused(tmp_path):
    with pytest.raises(InputError, match="parity risk"):
        gather.risky(where.where("lsc"), tmp_path, "1 min", 1, None, None, None)
    for name in ("percentiles", "mitigations", "questions"):
        pd.DataFrame([{"place": "Fylde Coast"}]).to_parquet(tmp_path / f"risk_{name}.parquet")
    assert gather.risky(where.where("Fylde Coast"), tmp_path, "1 min", 1, None, None, None).questions
    with pytest.raises(InputError, match="West Lancashire"):
        gather.risky(where.where("West Lancashire"), tmp_path, "1 min", 1, None, None, None)


def test_a_way_of_sharing_or_a_budget_that_is_none_is_refused_before_anything_runs():
    with pytest.raises(InputError, match="need"):
        board.check(board.Wanted(by="ned"))
    with pytest.raises(InputError, match="--budget"):
        board.check(board.Wanted(budget="soon"))
    with pytest.raises(InputError, match="Fylde"):
        board.check(board.Wanted(area="Flyde Coast"))


def test_a_run_of_another_area_is_refused_before_anything_runs(tmp_path):
    scenario = Scenario(area="greater-manchester", days=1)
    store.write_about(tmp_path, "0123456789abcdef", {"scenario": scenario.canonical()})
    folder = store.folder(tmp_path, "0123456789abcdef")
    with pytest.raises(InputError, match="a run of lsc"):
        board.check(board.Wanted(run=folder))
    assert board.check(board.Wanted(area="greater-manchester", run=folder)).place == "Greater Manchester"
