"""England's people beside the area's: a factor set is scaled so that all STPs together ask for what is published."""

import pytest

from abm import tables
from abm.demand import england_ratio
from abm.setting import setting_of
from experiments.services import ratio
from pathways import files

SMALL = "west-north-and-east-cumbria"


def test_the_ratio_is_what_people_ask_for_over_what_is_published():
    demand = setting_of(SMALL, ("perinatal",)).demand
    share = demand.expected.sum() / demand.external()["perinatal"]
    found = ratio.ratios(("perinatal",), SMALL)
    assert found == pytest.approx({"perinatal": england_ratio("perinatal") * share})


def test_rows_stay_and_new_sets_are_added(tmp_path):
    text = ratio.table({"crisis": 7.0, "new": 0.5})
    (tmp_path / "england_ratio.csv").write_text(text, encoding="utf-8")
    assert england_ratio("crisis", tmp_path) == england_ratio("crisis")
    assert england_ratio("new", tmp_path) == 0.5
    assert ratio.table({}) == tables.path_of("england_ratio").read_text(encoding="utf-8")


def test_every_factor_set_of_the_library_has_a_ratio():
    named = {row["name"] for row in tables.read("england_ratio")}
    for name in files.library_names():
        for key, door in files.library(name).doors.items():
            assert (door.get("factors") or name) in named, f"{name}/{key}"
