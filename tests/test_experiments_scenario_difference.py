"""What a scenario makes of its parent: in words, with its days, and drawn."""

import json
import xml.etree.ElementTree as ElementTree

import pytest
from typer.testing import CliRunner

from experiments import scenario, scenario_difference
from experiments.cli import app
from pathways import differences, drawing, files
from pathways.errors import InputError

CAFE = """
[[edit]]
pathway = "crisis"
from = 2016-10-01
[edit.add.state.cafe]
kind = "contact"
team = "access"
roles = { mh_practitioner = 1 }
minutes = { constant = "50 min" }
urgency = "soon"
source = "assumption: an example"
[[edit.add.route]]
from = "triage"
to = "cafe"
share = 0.32
[[edit.add.route]]
from = "cafe"
to = "assessed"
share = 1.0
[[edit]]
pathway = "crisis"
remove = "state.next_day_assessment"
moves_to = "cafe"
from = 2016-10-01
[[edit]]
pathway = "crisis"
remove = "state.rearrange"
moves_to = "cafe"
from = 2016-10-01
"""
SHORTER = """
[[edit]]
pathway = "crisis"
key = "state.triage.minutes"
value = { constant = "20 min" }
from = 2016-09-01
[[edit]]
pathway = "crisis"
key = "state.triage.minutes"
value = { lognormal = { mean = "25 min", sd = "15 min" } }
from = 2016-10-01
"""


@pytest.fixture
def write(tmp_path):
    def make(text, name="mine.toml"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return make


def rows(file):
    return [row.words() for row in scenario_difference.compared(file)[2]]


def of(found, what):
    return next(row for row in found if row["what"] == what)


def test_the_baseline_differs_from_the_library_in_nothing(tmp_path):
    assert scenario_difference.draw("baseline", out=tmp_path)["differences"] == []
    assert not list(tmp_path.iterdir())


def test_what_is_new_gone_and_changed_is_said_with_its_day(write):
    found = rows(write("extends = 'baseline'\n" + CAFE))
    assert of(found, "state cafe")["kind"] == "new"
    gone = of(found, "state next_day_assessment")
    assert (gone["kind"], gone["from"], gone["after"]) == ("gone", "2016-10-01", "")
    assert of(found, "triage → cafe") | {"kind": "new", "after": "32 %"} == of(found, "triage → cafe")


def test_a_difference_that_ends_has_a_last_day(write):
    (only,) = rows(write("extends = 'baseline'\n" + SHORTER))
    assert (only["from"], only["until"]) == ("2016-09-01", "2016-10-01")
    assert (only["before"], only["after"]) == ("lognormal mean 25 min, sd 15 min", "constant 20 min")


def test_what_the_parent_changes_is_no_difference(write):
    write("[pathway.crisis]\n'state.triage.minutes' = '35 min'\n", "parent.toml")
    found = rows(write("extends = 'parent.toml'\n[demand]\n'crisis/gp' = 1.2\n"))
    assert [(row["what"], row["after"]) for row in found] == [("demand crisis/gp", "× 1.2")]


def test_the_numbers_of_teams_are_said_before_and_after(write):
    team = "[[team]]\nteam = 'inpatient/acute_male'\nplaces = {}\n{}"
    write(team.format(90, ""), "parent.toml")
    found = rows(write("extends = 'parent.toml'\n" + team.format(120, "from = 2016-10-01")))
    assert [(row["what"], row["before"], row["after"], row["from"]) for row in found] == [
        ("team acute_male: places", "90", "120", "2016-10-01")
    ]


@pytest.mark.parametrize("name", scenario.preset_names())
def test_every_preset_is_drawn_with_each_difference_marked(name):
    asked, parent, found = scenario_difference.compared(name)
    for pathway in dict.fromkeys(row.pathway for row in found):
        text = scenario_difference.picture(asked, parent, pathway, found)
        ElementTree.fromstring(text)
        for row in found:
            if row.pathway == pathway:
                assert drawing.MARKS[row.difference.kind][1] in text


def test_the_command_writes_pictures_and_says_what_differs(write, tmp_path):
    file = write("extends = 'baseline'\nname = 'mine'\n" + CAFE)
    done = CliRunner().invoke(app, ["scenario", "draw", str(file), "--out", str(tmp_path / "out"), "--json"])
    assert done.exit_code == 0
    document = json.loads(done.stdout)
    assert {row["kind"] for row in document["differences"]} == {"new", "gone"}
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["mine.crisis.png", "mine.crisis.svg"]
    text = (tmp_path / "out" / "mine.crisis.svg").read_text(encoding="utf-8")
    assert "− next day assessment" in text
    assert "+ cafe" in text


def test_a_pathway_that_does_not_differ_is_refused_with_those_that_do(write, tmp_path):
    with pytest.raises(InputError, match="crisis"):
        scenario_difference.draw(write("extends = 'baseline'\n" + CAFE), "crysis", tmp_path)


def test_a_pathway_differs_from_itself_in_nothing_and_from_another_in_both_directions():
    one = files.library("crisis")
    other = one.copy()
    other.remove_state("rearrange")
    assert differences.differences(one, one.copy()) == []
    there, back = differences.differences(one, other), differences.differences(other, one)
    assert {row.kind for row in there} == {"gone"}
    assert {row.kind for row in back} == {"new"}
    assert len(there) == len(back)
