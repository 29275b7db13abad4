"""Scenario files: what they may say, what is refused and how, and what they turn into."""

import json
import re

import numpy as np
import pytest

from abm.units import Places, build
from experiments import scenario, scenario_checks, scenario_setting
from experiments.scenario import Scenario
from pathways.errors import InputError
from pathways.specs import validated

ASSESSMENT = "[[team]]\nteam = 'talking_therapies/assessment'\n"
ACCESS = "[[team]]\nteam = 'crisis/access'\n"
DATED = "[[edit]]\npathway='talking_therapies'\nkey='route.opt_in.screening.share'\nvalue=0.8\n"


@pytest.fixture
def write(tmp_path):
    """Write a scenario file and return its path."""

    def make(text: str, name: str = "mine.toml"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return make


def refusal(path) -> str:
    """Return the words with which a scenario is refused."""
    with pytest.raises(InputError) as error:
        scenario.read(path)
    message = str(error.value)
    assert path.name in message
    return message


def test_the_default_is_the_built_in_baseline():
    assert scenario.read(None).canonical() == Scenario().canonical()
    assert scenario.read(None).measured_days == 365


def test_every_built_in_scenario_is_right():
    for name in scenario.preset_names():
        assert scenario.read(scenario.PRESETS / f"{name}.toml").name == name


@pytest.mark.parametrize(
    ("text", "key", "meant"),
    [
        ("nmae = 'x'", "nmae", "name"),
        ("[[team]]\ntaem = 'crisis/access'", "team.0.taem", "team"),
        ("[[team]]\nteam = 'crisis/acess'\nplaces = 2", "team.0.team", "crisis/access"),
        (ACCESS + "place = 'West Lancashir'\nrole='x'\nnumber=1", "place", "West Lancashire"),
        (ACCESS + "role='mh_practitoner'\nnumber=1", "team.0.role", "mh_practitioner"),
        (
            ASSESSMENT + "role='pwp'\nhours='Mon-Fri 09:00-16:00'\nnumber=1",
            "team.0.hours", "Mon-Fri 09:00-17:00",
        ),
        ("[[team]]\nteam = 'talking_therapies/cbt'\nclinicians={cbt_therapst=3}", "clinicians",
         "cbt_therapist"),
        (
            ASSESSMENT + "staff=[{hours='Mon-Fri 09:00-17:00', pwpp=3}]",
            "team.0.staff.0", "pwp",
        ),
        ("area = 'lcs'", "area", "lsc"),
        ("pathways = ['crisis', 'liason']", "pathways.1", "liaison"),
        ("[demand]\n'talking_therapies/slef' = 1.2", "demand", "talking_therapies/self"),
        ("[pathway.crisis]\n'state.triage.minuts' = '5 min'", "state.triage", "minutes"),
        ("[pathway.crisiss]\n'state.triage.minutes' = '5 min'", "pathway", "crisis"),
        ("[[edit]]\npathway='crisis'\nkey='state.traige.minutes'\nvalue='5 min'", "traige", "triage"),
        ("extends = 'basline'", "extends", "baseline"),
    ],
)  # fmt: skip
def test_a_misspelt_word_is_refused_with_the_nearest_right_one(write, text, key, meant):
    message = refusal(write(text))
    assert key in message
    assert f"did you mean {meant!r}?" in message


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("years = 0", "years"),
        ("years = 1\ndays = 30", "not both"),
        ("start = 'soon'", "start"),
        ("warm_up = -3", "warm_up"),
        ("replications = 0", "replications"),
        ("name = ", "TOML"),
        (ACCESS, "one of staff, number"),
        (ACCESS + "role = 'mh_practitioner'\nnumber = 3", "which row"),
        (ACCESS + "places = 3", "a team that has places"),
        (ACCESS + "staff = [{ hours = 'Mon-Fry 09:00-17:00', mh_practitioner = 1 }]", "Fry"),
        (ACCESS + "staff = [{ hours = '24/7' }]", "a role and its number"),
        ("[demand]\ncrisis = -1", "factor from 0 to 100"),
        ("[pathway.crisis]\n'route.triage.urgent.share' = 0.9", "sum"),
        ("[[edit]]\npathway='crisis'\nkey='state.triage.roles'\nvalue={mh_practitioner=2}\nfrom=2016-05-01",
         "add another instead"),
        (
            DATED + "from=2030-05-01",
            "a day of the run",
        ),
        (
            DATED + "from=2016-05-01",
            "sum",
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_before_anything_runs(write, text, word):
    assert word in refusal(write(text))


def test_a_file_that_is_not_there_is_refused(tmp_path):
    assert "exists" in refusal(tmp_path / "none.toml")


def test_a_circle_of_scenarios_is_refused(write):
    write("extends = 'two.toml'", "one.toml")
    message = refusal(write("extends = 'one.toml'", "two.toml"))
    assert "circle" in message


def test_a_scenario_adds_to_the_one_it_extends(write):
    write(
        "seed = 5\ndays = 90\n[demand]\ncrisis = 1.1\n[[team]]\nteam='crisis/home_treatment'\nplaces=9",
        "below.toml",
    )
    both = scenario.read(
        write(
            "extends = 'below.toml'\nyears = 2\n[demand]\nliaison = 0.9\n[[team]]\nteam='inpatient/picu_male'\nplaces=9"
        )
    )
    assert (both.name, both.seed, both.measured_days) == ("mine", 5, 730)
    assert both.demand == {"crisis": 1.1, "liaison": 0.9}
    assert [change.team for change in both.team] == ["crisis/home_treatment", "inpatient/picu_male"]


def test_names_and_spelling_do_not_change_the_digest_but_values_do(write):
    plain = scenario.read(write("[pathway.crisis]\n'state.triage.records' = '10 min'"))
    nested = scenario.read(write("title='other words'\nyears=1.0\n[pathway.crisis]\n'state.triage.records'='10 min'"))
    changed = scenario.read(write("[pathway.crisis]\n'state.triage.records' = '11 min'"))
    assert plain.digest() == nested.digest()
    assert plain.digest() != changed.digest()


def test_keys_may_be_dotted_or_nested(write):
    dotted = scenario.read(write("[pathway.crisis]\n'state.triage.records' = { constant = '10 min' }"))
    nested = scenario.read(write("[pathway.crisis.state.triage]\nrecords = { constant = '10 min' }"))
    digests = {scenario_checks.graphs(one)["crisis"].digest() for one in (dotted, nested)}
    assert len(digests) == 1
    assert digests != {scenario_checks.graphs(Scenario())["crisis"].digest()}


def test_shares_of_a_group_are_changed_together(write):
    one = scenario.read(
        write(
            "[pathway.talking_therapies]\n'route.opt_in.screening.share'=0.8\n'route.opt_in.did_not_opt_in.share'=0.2"
        )
    )
    graph = scenario_checks.graphs(one)["talking_therapies"]
    assert graph.edges["opt_in", "screening"]["share"] == 0.8


def test_the_schema_names_every_key_and_is_json():
    schema = json.loads(json.dumps(scenario.json_schema()))
    assert set(schema["properties"]) == set(Scenario.model_fields)
    assert schema["additionalProperties"] is False
    assert "from" in schema["$defs"]["Edit"]["properties"]


def test_replacing_a_value_checks_it():
    assert Scenario(days=30).replaced(years=1.0).measured_days == 365
    assert Scenario().replaced(seed=None).seed == 1
    with pytest.raises(InputError):
        Scenario().replaced(replications=0)


def test_a_whole_year_over_a_leap_day_has_366_days():
    assert Scenario(start="2015-04-01", years=1).measured_days == 366


def test_every_scenario_shown_in_the_docs_is_right(write, root):
    text = (root / "docs" / "scenarios.md").read_text(encoding="utf-8")
    shown = re.findall(r"^```toml\n(.*?)^```", text, re.M | re.S)
    assert len(shown) == 9
    for content in shown:
        scenario.read(write(content))


def test_the_docs_list_every_built_in_scenario(root):
    listed = (root / "docs" / "scenarios.md").read_text(encoding="utf-8").partition("## Built-in scenarios")[2]
    assert [one["name"] for one in scenario.presets() if f"`{one['name']}`" not in listed] == []
    assert all(one["title"] for one in scenario.presets())


class Shell:
    """As much of a setting as a plan needs: the teams and their levers, without people."""

    def __init__(self, wanted: Scenario):
        self.specs = {name: validated(graph) for name, graph in scenario_checks.graphs(wanted).items()}
        systems, sites = scenario_checks.places(wanted, "system"), scenario_checks.places(wanted, "site")
        area = scenario_checks.places(wanted, "area")[0]
        people = dict.fromkeys([*systems, *sites], 300_000.0) | {area: 1_700_000.0}
        own = scenario_setting.own_rosters(wanted, self.specs)
        units = build(self.specs, Places(area, tuple(systems), tuple(sites), people), rosters=own)
        self.levers, self.baseline_plan = units.levers, units.baseline()


def changed(wanted: Scenario) -> dict[str, int]:
    """Return the levers a scenario moves, by name."""
    shell = Shell(wanted)
    plan = scenario_setting.plan(wanted, shell)
    return {shell.levers[i].name: int(plan[i]) for i in np.flatnonzero(plan != shell.baseline_plan)}


def test_a_number_moves_one_row_of_one_team_at_one_place(write):
    wanted = scenario.read(
        write(
            "[[team]]\nteam='talking_therapies/assessment'\nplace='West Lancashire'\n"
            "hours='Mon-Fri 09:00-17:00'\nrole='pwp'\nnumber=17"
        )
    )
    assert changed(wanted) == {"talking_therapies/assessment @ West Lancashire: pwp Mon-Fri 09:00-17:00": 17}


def test_without_a_place_every_place_is_meant(write):
    wanted = scenario.read(write("[[team]]\nteam='talking_therapies/cbt'\nclinicians={cbt_therapist=77}"))
    assert len(changed(wanted)) == 5
    assert set(changed(wanted).values()) == {77}


def test_a_roster_is_replaced_at_one_place_only():
    wanted = scenario.read(scenario.PRESETS / "west-lancashire-therapies.toml")
    hours = {}
    for lever in Shell(wanted).levers:
        if lever.unit.startswith("talking_therapies/assessment"):
            hours.setdefault(lever.unit.partition(" @ ")[2], []).append((lever.hours, lever.baseline))
    assert hours.pop("West Lancashire") == [
        ("Mon-Fri 09:00-17:00", 2), ("Mon-Fri 17:00-20:00", 1), ("Sat 09:00-13:00", 1),
    ]  # fmt: skip
    assert all([row[0] for row in rows] == ["Mon-Fri 09:00-17:00", "Mon-Thu 17:00-20:00"] for rows in hours.values())
