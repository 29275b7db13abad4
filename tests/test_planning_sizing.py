"""Sizing an area from end to end: what it is asked to size, what it is compared with, what it writes."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from experiments.planning import sizing
from experiments.planning.size_tables import bracket
from pathways.errors import InputError


@pytest.fixture(scope="module")
def lsc(tmp_path_factory):
    """Lancashire & South Cumbria with hardly any time: everything is there, little is decided."""
    out = tmp_path_factory.mktemp("results")
    return sizing.size(budget_seconds=15.0, out=out)


@pytest.mark.verify
def test_every_team_of_every_place_is_sized(lsc):
    assert lsc["first_day"].isoformat() == "2016-04-01"
    assert lsc["days"] == 365
    places = {unit["place"] for unit in lsc["units"] if unit["scope"] == "system"}
    assert len(places) == 5
    assert {unit["team"].partition("/")[0] for unit in lsc["units"]} == {
        "crisis", "liaison", "talking_therapies", "inpatient"
    }  # fmt: skip
    for row in lsc["plan"]:
        assert row["plan"] >= row["least"] >= 0
        assert row["kind"] == "places" or row["wte"] > 0


@pytest.mark.verify
def test_the_five_columns_stand_side_by_side_in_one_unit(lsc):
    rows = {(row["unit"], row["role"]): row for row in lsc["comparison"]}
    access = rows["crisis/access @ Pennine Lancashire", "mh_practitioner"]
    assert access["present"] == 17.5
    assert access["present_basis"] == "not local"
    assert 0 < access["time_budget"] < access["formula"]
    liaison = rows["liaison/liaison @ Royal Preston", "mh_practitioner"]
    assert liaison["published"] == 11.0
    ward = next(row for (unit, role), row in rows.items() if "acute_male" in unit and role == "registered_nurse")
    assert ward["kind"] == "nursing"
    assert ward["simulated"] > 24  # several wards of at least two on every shift


@pytest.mark.verify
def test_what_is_written_is_what_is_returned(lsc):
    document = json.loads(Path(lsc["written"][0]).read_text(encoding="utf-8"))
    assert [row["plan"] for row in document["plan"]] == [row["plan"] for row in lsc["plan"]]
    tables = {path.rpartition("/")[2]: pq.read_table(path) for path in lsc["written"][1:]}
    assert tables["plan.parquet"].num_rows == len(lsc["plan"])
    assert tables["targets.parquet"].num_rows == sum(len(unit["targets"]) for unit in lsc["units"])


def test_a_year_that_is_none_is_refused():
    with pytest.raises(InputError, match="financial year"):
        sizing.first_day("this year")


def test_an_undecided_number_is_shown_as_a_bracket():
    row = {"one_fewer": "undecided", "fails_at": 3, "passes_at": None}
    assert bracket(row) == "undecided: fails at 3, passes at ?"
    assert bracket({"one_fewer": "needed"}) == "needed"


def test_bare_states_are_given_the_standard_asked_for():
    found = sizing.standards_for("tests/examples/crisis-line.toml", "15 min", 0.9)
    assert found == {}  # its only contact has a standard of its own
    found = sizing.standards_for("tests/examples/three-stations.toml", "15 min", 0.9)
    assert found == {state: {"within": "15 min", "share": 0.9} for state in ("one", "two", "three")}
