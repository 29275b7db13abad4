"""A scenario's edits, and what they refuse."""

import pytest

from pathways import edits, files
from pathways.errors import InputError


@pytest.fixture
def line(examples):
    return files.read(examples / "crisis-line.toml")


def test_values_are_set_and_the_original_stays(line):
    before = line.digest()
    edited = edits.apply(
        line,
        {
            "set": {
                "state.call.minutes": {"constant": "12 min"},
                "team.line.staff.call_handler": 3,
                "arrivals.calls.per_hour": 15,
            }
        },
    )
    assert edited.nodes["call"]["minutes"] == {"constant": "12 min"}
    assert edited.teams["line"]["staff"]["call_handler"] == 3
    assert line.digest() == before != edited.digest()


def test_states_and_routes_are_added_and_removed(line):
    edited = edits.apply(
        line,
        {
            "add": {
                "state.text_back": {"kind": "wait", "minutes": {"constant": "1 h"}},
                "route": [{"from": "call", "to": "text_back", "when": "left_waiting", "share": 0.5},
                          {"from": "text_back", "to": "advised", "share": 1}],
            },
            "set": {"route.call.hung_up.left_waiting.share": 0.5},
        },
    )  # fmt: skip
    assert edited.edges["call", "hung_up"]["share"] == 0.5
    back = edits.apply(edited, {"remove": ["state.text_back"], "set": {"route.call.hung_up.share": 1.0}})
    assert back == line


def test_routes_may_be_written_before_the_states_they_join(line):
    routes = [{"from": "call", "to": "later", "when": "left_waiting", "share": 0.5},
              {"from": "later", "to": "advised", "share": 1}]  # fmt: skip
    state = {"kind": "wait", "minutes": {"constant": "1 h"}}
    changes = {"set": {"route.call.hung_up.left_waiting.share": 0.5}}
    found = [
        edits.apply(line, {"add": add, **changes})
        for add in ({"route": routes, "state.later": state}, {"state.later": state, "route": routes})
    ]
    assert found[0].digest() == found[1].digest()


def test_a_key_is_removed(line):
    edited = edits.apply(line, {"remove": ["state.call.patience", "route.call.hung_up", "state.hung_up"]})
    assert "patience" not in edited.nodes["call"]
    assert "hung_up" not in edited


@pytest.mark.parametrize(
    ("scenario", "suggestion"),
    [
        ({"sett": {}}, "set"),
        ({"set": {"state.cal.minutes": "1 h"}}, "call"),
        ({"set": {"state.call.minuts": "1 h"}}, "minutes"),
        ({"set": {"stat.call.minutes": "1 h"}}, "state"),
        ({"set": {"route.call.advisd.share": 1}}, "advised"),
        ({"set": {"team.lin.places": 1}}, "line"),
        ({"set": {"route.call.advised.share": 0.9}}, None),
        ({"set": {"state.call": {}}}, None),
        ({"add": {"state.call": {"kind": "end"}}}, None),
        ({"add": {"state.orphan": {"kind": "end"}}}, None),
        ({"add": {"route": [{"from": "call"}]}}, None),
        ({"add": {"route": [{"from": "cal", "to": "advised", "share": 1}]}}, "call"),
        ({"remove": ["state.advisd"]}, "advised"),
        ({"remove": ["state.advised"]}, None),
        ({"remove": "state.advised"}, None),
        ({"remove": ["clock.none"]}, None),
        ({"set": ["state.call.minutes"]}, None),
    ],
)
def test_edits_that_do_not_fit_are_refused(line, scenario, suggestion):
    before = line.digest()
    with pytest.raises(InputError) as refusal:
        edits.apply(line, scenario, "scenario.toml")
    assert refusal.value.suggestion == suggestion
    assert line.digest() == before
