"""The board: who sends whom, what each statement rests on, and one page with everything behind it."""

import re
from types import SimpleNamespace

import openpyxl
import pandas as pd
import pytest

from abm.setting import every_pathway
from experiments.board import interfaces, page, pictures, standards, stp, system_map, where
from experiments.board.board import _document
from experiments.board.evidence import Drawing, Evidence, Quadrant, Statement, evidence_of
from experiments.reports.material import Case
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
    from experiments.board import reality

    assert reality.places_of(where.where("Morecambe Bay")) == [
        "Morecambe Bay", "Royal Lancaster Infirmary", "Furness General",
    ]  # fmt: skip
    assert reality.places_of(SimpleNamespace(level="stp")) is None
