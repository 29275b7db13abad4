"""Which states and routes a run reached."""

import pytest

from experiments import reached, run, store
from experiments.scenario import Scenario
from pathways import files
from pathways.errors import InputError
from pathways.reach import led_to
from pathways.specs import validated

NEVER = {"route.referral.opt_in.share": 1 - 1e-9, "route.referral.not_suitable.share": 1e-9}


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Return the folder of two replications of ten days in which as good as no referral is refused as not suitable."""
    out = tmp_path_factory.mktemp("results")
    scenario = Scenario(days=10, warm_up=0, replications=2, pathways=["talking_therapies"])
    changed = Scenario.model_validate(scenario.model_dump(by_alias=True) | {"pathway": {"talking_therapies": NEVER}})
    return run.run(changed, out=out)["path"]


def test_counts_are_those_of_the_results_over_all_replications(results):
    rows = {row["what"]: row for row in reached.reached(results, least=10**9)["rows"]}
    waits = store.read(results, ["waits"])["waits"]
    assessed = waits[waits["state"] == "telephone_assessment"]["arrivals"].sum()
    found = rows["talking_therapies/telephone_assessment"]
    assert found["taken"] == assessed > 0
    assert found["expected_a_year"] == pytest.approx(assessed * 365 / 20)
    assert rows["talking_therapies/referral → talking_therapies/opt_in"]["taken"] > 0


def test_what_is_taken_often_is_not_listed_and_what_nobody_takes_is(results):
    document = reached.reached(results, least=1)
    listed = {row["what"] for row in document["rows"]}
    assert "talking_therapies/not_suitable" in listed
    assert "talking_therapies/screening" not in listed
    assert all(row["taken"] == 0 for row in document["rows"])


def test_without_results_nothing_is_said_to_be_reached(tmp_path):
    with pytest.raises(InputError, match="results"):
        reached.reached(tmp_path)


def test_the_page_tells_rare_states_from_those_only_a_scenario_leads_to(tmp_path):
    text = (
        "name = 'two'\nentries = ['edited']\n[demand]\npublished = 10\n[door.gp]\nto = 'seen'\nshare = 1\n"
        "factors = 'crisis'\n[state.seen]\nkind = 'decision'\nopens = ['opened']\n[state.opened]\nkind = 'end'\n"
        "[state.gone]\nkind = 'end'\n[state.edited]\nkind = 'decision'\n"
        "[[route]]\nfrom = 'seen'\nto = 'gone'\nshare = 1\n[[route]]\nfrom = 'edited'\nto = 'gone'\nshare = 1\n"
    )
    assert led_to({"two": validated(files.parse(text))}) == {"two/seen", "two/opened", "two/gone"}
    row = {"kind": "state", "when": "", "taken": 0, "expected_a_year": 0.0}
    page = reached.markdown({
        "name": "two", "years": 6.0, "least": 30, "states": 4, "routes": 2,
        "rows": [row | {"what": "two/opened", "closed": False}, row | {"what": "two/edited", "closed": True}],
    })  # fmt: skip
    assert "| two/opened |  | 0 | < 0.5 |" in page
    assert "* **two**: edited, and 0 routes from them." in page
