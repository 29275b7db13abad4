"""The page for planners: complete, self-contained, and saying what the document says."""

import copy
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest
import reports_material

from experiments import run as runs
from experiments import scenario_setting
from experiments.console import plain
from experiments.reports import assumptions, charts, figures, words
from experiments.reports.after import after_run, with_plan
from experiments.reports.assumptions import ASSUMPTION, NONE, PARTLY, PUBLISHED
from experiments.reports.blocks import Figure
from experiments.reports.flows import flows_of
from experiments.reports.material import Material
from experiments.reports.report import page, write
from experiments.reports.resting import BED_DAYS, MINUTES, resting, together
from experiments.reports.staffing import bracket, lines, total
from experiments.reports.uncertain import uncertain_sections


@pytest.fixture(scope="module")
def material(tmp_path_factory):
    return reports_material.material(tmp_path_factory.getbasetemp() / "report")


@pytest.fixture(scope="module")
def text(material):
    return page(material)


class Outline(HTMLParser):
    """Collects what a page links to, and whether each figure has a drawing and a table."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: dict[str, int] = {}
        self.ids: list[str] = []
        self.outside: list[str] = []
        self.figures: list[dict[str, int]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags[tag] = self.tags.get(tag, 0) + 1
        given = dict(attrs)
        if given.get("id"):
            self.ids.append(given["id"])
        self.outside += [given[key] for key in ("src", "href", "xlink:href") if given.get(key, "#")[0] != "#"]
        if tag == "figure":
            self.figures.append({})
            self.open.append(tag)
        elif self.open and tag in ("svg", "details", "table", "td"):
            self.figures[-1][tag] = self.figures[-1].get(tag, 0) + 1

    def handle_endtag(self, tag):
        if tag == "figure":
            self.open.pop()


def test_the_page_needs_nothing_from_elsewhere(text):
    outline = Outline()
    outline.feed(text)
    assert outline.outside == []
    assert not {"script", "link", "img", "iframe"} & outline.tags.keys()
    assert "url(" not in text
    assert "@import" not in text
    assert len(outline.ids) == len(set(outline.ids))
    assert len(text.encode()) < 6_000_000


def test_the_check_for_links_would_find_one(text):
    outline = Outline()
    outline.feed(text.replace("<main>", '<main><img src="https://example.org/a.png">'))
    assert outline.outside == ["https://example.org/a.png"]


def test_every_figure_has_a_drawing_and_its_numbers(text):
    outline = Outline()
    outline.feed(text)
    assert len(outline.figures) > 50
    for figure in outline.figures:
        assert figure["svg"] == 1
        assert figure["details"] == 1
        assert figure["table"] == 1
        assert figure["td"] > 0


def test_every_delivery_system_and_every_pathway_is_there(material, text):
    for system in material.systems:
        assert f">{system}</h2>" in text
    assert text.count(": how people move, ") == len(material.systems) * len(material.setting.specs)


def test_the_answer_is_the_documents(material, text):
    rows = [row for row in material.document["comparison"] if row["measure"] == "wte"]
    wte = sum(row["simulated"] for row in rows)
    assert f"{wte:,.1f} WTE in all" in text
    assert total(lines(material)).simulated == pytest.approx(wte)
    assert wte == pytest.approx(sum(row["wte"] for row in material.document["totals"]))
    by_place = {place: lines(material, [place]) for place in {unit["place"] for unit in material.document["units"]}}
    assert sum(total(found).simulated for found in by_place.values()) == pytest.approx(wte)


def test_every_sized_number_is_on_the_page(material, text):
    body = re.sub(r"<svg.*?</svg>", "", text, flags=re.DOTALL)
    for unit in material.document["units"]:
        assert f"{words.team_title(unit['team'], unit['title'])}, {unit['place']}".replace("&", "&amp;") in body
    section = body.partition("The sized plan, number by number")[2]
    first = material.document["plan"][0]
    row = re.search(rf"<td[^>]*>{words.role(first['role'])}, {first['hours']}</td>(.*?)</tr>", section)[1]
    cells = re.findall(r"<td[^>]*>(.*?)</td>", row)
    assert cells[2:4] == [str(first["baseline"]), str(first["plan"])]


def test_what_is_not_settled_is_said(material, text):
    assert not material.document["decided"]  # hardly any time was given
    assert "Provisional: " in text
    assert "undecided" in text
    assert "not local" in text
    assert "constructed" in text


def test_response_and_bed_are_told_apart(text):
    assert "Response (the response part)" in text
    assert "Decision to admit (the bed part)" in text


def test_a_report_without_a_sizing_says_so(material):
    alone = page(Material(None, material.cases[1:], material.setting))
    assert "Nothing was sized" in alone
    assert "Clocks against their standards" in alone
    assert "Staffing curves" not in alone


def test_a_document_read_back_gives_the_same_page(material, text):
    again = json.loads(json.dumps(plain(material.document)))
    assert page(Material(again, material.cases, material.setting)) == text


def test_writing_leaves_two_files_and_nothing_else(material, tmp_path):
    written = write(material.document, material.cases, material.setting, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.html", "report.xlsx"]
    assert written["html"].stat().st_size > 500_000


def test_flows_add_up_to_the_table(material):
    case, specs = material.main, material.setting.specs
    table = case.tables["flows"]
    for name, spec in specs.items():
        mine = table[table["from"].str.startswith(f"{name}/") & (table["system"] == material.systems[0])]
        found = flows_of(case, spec, material.systems[0])
        assert sum(found.values()) == pytest.approx(mine["count"].sum() * case.a_year)


def test_a_map_counts_every_clock_it_was_given(material):
    maps = figures.mapped_clocks(material.main, material.setting.places.sites)
    clock = max(maps, key=lambda one: one["started"])
    table = material.main.tables["clocks"]
    mine = table[(table["clock"] == clock["clock"]) & (table["place"] == clock["place"])]
    rows = figures.clock_map(material.main, clock).table.rows
    started = sum(float(cell.replace(",", "")) for row in rows if "started" in row[0] for cell in row[1:])
    assert started == pytest.approx(mine["started"].sum() * material.main.a_year, rel=0.01)


def test_an_hour_with_few_clocks_has_no_colour_of_its_own():
    few = charts.shade(0, charts.FEWEST - 1, 0.9)
    assert few == charts.shade(charts.FEWEST - 1, charts.FEWEST - 1, 0.9)
    assert charts.shade(10, 10, 0.9) in charts.ABOVE
    assert charts.shade(8, 10, 0.9) in charts.BELOW
    drawn = charts.heat_map(np.full((7, 24), 9), np.full((7, 24), 10), 0.9, "a <label>")
    assert "a &lt;label&gt;" in drawn


def test_the_bracket_is_what_the_evidence_leaves():
    lever = {"plan": 5, "least": 1, "one_fewer": "undecided", "fails_at": 3, "passes_at": 7}
    assert bracket(lever, passes=True) == (4, 5)
    assert bracket(lever, passes=False) == (4, 7)
    assert bracket(lever | {"fails_at": None, "passes_at": None}, passes=False) == (1, None)
    assert bracket(lever | {"one_fewer": "needed"}, passes=True) == (5, 5)


def test_sources_say_what_they_rest_on():
    assert assumptions.rests_on("assumption: because") == ASSUMPTION
    assert assumptions.rests_on("Jackson 1957") == PUBLISHED
    assert assumptions.rests_on("benchmarking 2016, from memory") == PARTLY
    assert assumptions.rests_on("") == NONE
    assert assumptions.times_rest_on("minutes: assumption: short; patience: assumption: half a day") == ASSUMPTION
    assert assumptions.times_rest_on("mean 33 days (census); spread: assumption: long tails") == PARTLY
    assert assumptions.times_rest_on("60 minutes (manual); patience: assumption") == PUBLISHED
    assert assumptions.followed("as other", {"other": "Jackson 1957"}) == "Jackson 1957"


def test_the_share_that_rests_on_assumption_lies_between_its_parts(material):
    found = resting(material)
    assert {row.measure for row in found} == {MINUTES, BED_DAYS}
    for row in found:
        assert 0 <= row.length_assumed <= row.length_partly <= 1 + 1e-9
        assert 0 <= row.number_assumed <= row.number_partly <= 1 + 1e-9
        assert max(row.length_partly, row.number_partly) - 1e-9 <= row.either <= 1 + 1e-9
    whole = together([row for row in found if row.measure == MINUTES], "all")
    busy = material.main.tables["contacts"]["busy_minutes"].sum() * material.main.a_year
    assert whole.work == pytest.approx(busy, rel=0.35)  # weights: means for sampled times, courses whole


def test_numbers_are_written_as_people_read_them():
    assert words.percent(0.954) == "95.4 %"
    assert words.percent(1.0) == "100 %"
    assert words.number(-0.04) == "0.0"
    assert words.signed(3.14159) == "+3.1"
    assert words.signed(-2.0, 0) == "−2"
    assert words.between(2, None, 0) == "at least 2"
    assert words.duration(14400) == "4 hours"
    assert words.duration(86400) == "24 hours"
    assert words.team_title("talking_therapies/cbt") == "Talking therapies: CBT"


def test_what_goes_with_failing_is_drawn_and_listed(material):
    found = copy.deepcopy(material.document["uncertainty"])
    unit = found["units"][0]
    unit["drivers"] = [
        {"parameter": "crisis_demand", "title": "people asking for crisis care", "correlation": -0.7, "p_value": 1e-5,
         "fails_when": "high"}
    ]  # fmt: skip
    for other in found["units"][1:]:
        other["drivers"] = []
    changed = Material({**material.document, "uncertainty": found}, material.cases, material.setting)
    [section] = uncertain_sections(changed)
    shares, driven = (block for block in section.blocks if isinstance(block, Figure))
    assert len(shares.table.rows) == len(found["units"])
    assert f"{unit['uncertain_met']} of {unit['uncertain_years']}" in shares.table.rows[0][2]
    assert [row[1:4] for row in driven.table.rows] == [("people asking for crisis care", "high", "−0.70")]
    assert "people asking for crisis care: high" in driven.svg


def test_without_uncertain_years_there_is_no_section(material, text):
    assert 'id="uncertain"' in text
    without = Material({**material.document, "uncertainty": None}, material.cases, material.setting)
    assert uncertain_sections(without) == []


def test_a_run_leaves_a_report_in_its_own_folder(material, tmp_path_factory):
    found = runs.run(reports_material.SHORT, out=tmp_path_factory.getbasetemp() / "report")
    assert found["kept"] == found["replications"]  # simulated for the report before
    written = after_run(found)
    assert written["html"].parent == found["path"]
    assert "Nothing was sized" in written["html"].read_text(encoding="utf-8")


def test_a_sized_plan_is_the_scenario_with_its_numbers(material):
    plan = scenario_setting.plan(with_plan(reports_material.SHORT, material.document), material.setting)
    assert list(plan) == [
        next(row["plan"] for row in material.document["plan"] if row["lever"] == lever.name)
        for lever in material.setting.levers
    ]
