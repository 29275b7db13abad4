"""Whom a pathway is for, and people from elsewhere: a table, and words beside every figure they are in."""

import shutil

import numpy as np
import pytest

from abm import tables
from abm.setting import streams
from experiments.people_served import MENTAL, conditions_of
from experiments.planning.years import AreaSubject, setting_with
from experiments.reports.elsewhere import from_elsewhere, in_a_drawing, in_words
from experiments.scenario import Scenario
from pathways.errors import InputError


def test_whom_a_pathway_is_for_stands_in_a_table():
    assert conditions_of("talking_therapies") == ("depression", "anxiety")
    assert conditions_of("memory_clinic") == MENTAL
    assert "diabetes" not in conditions_of("memory_clinic")


def test_another_table_is_another_definition_and_a_misspelt_condition_is_refused(tmp_path):
    shutil.copy(tables.FOLDER / "need.csv", tmp_path)
    file = tmp_path / "need.csv"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("talking_therapies,anxiety", "talking_therapies,autism"), encoding="utf-8")
    assert conditions_of("talking_therapies", tmp_path) == ("depression", "autism")
    file.write_text(text.replace("talking_therapies,anxiety", "talking_therapies,anxeity"), encoding="utf-8")
    with pytest.raises(InputError, match=r"need\.csv: line 13, condition.*did you mean 'anxiety'"):
        conditions_of("talking_therapies", tmp_path)


def setting(factor: float = 1.0, **demand: float):
    wanted = Scenario(days=1, warm_up=0, demand={name.replace("__", "/"): by for name, by in demand.items()})
    return setting_with(AreaSubject(wanted.canonical()), factor)


@pytest.fixture(scope="module")
def as_it_is():
    return setting()


def per_hour(of) -> np.ndarray:
    return np.array([stream.per_hour for stream in streams(of)])


def test_headroom_raises_residents_demand_and_that_of_people_from_elsewhere_alike(as_it_is):
    risen = setting(1.1)
    assert risen.demand.expected == pytest.approx(1.1 * as_it_is.demand.expected)
    assert per_hour(risen) == pytest.approx(1.1 * per_hour(as_it_is))
    assert per_hour(as_it_is).sum() > 0.3


def test_a_factor_on_the_door_of_people_from_elsewhere_brings_more_of_them_and_no_other_does(as_it_is):
    before = per_hour(as_it_is)
    assert per_hour(setting(1.1, liaison=1.5, liaison__ae=1.2)) == pytest.approx(1.1 * 1.5 * 1.2 * before)
    assert per_hour(setting(crisis=2.0, liaison__ward=2.0)) == pytest.approx(before)


def test_the_report_says_where_people_from_elsewhere_are_counted(as_it_is):
    rows = from_elsewhere(as_it_is)
    assert {row.site for row in rows} == {
        "Blackpool Victoria", "Royal Lancaster Infirmary", "Furness General", "Southport and Ormskirk"
    }  # fmt: skip
    southport = next(row for row in rows if row.site == "Southport and Ormskirk")
    assert southport.system == "West Lancashire"
    assert southport.a_year / southport.of > 0.7
    told = in_words(as_it_is, "West Lancashire")
    assert "2,351 of 3,044 at Southport and Ormskirk" in told
    assert in_words(as_it_is, "Pennine Lancashire") == ""
    assert "2,351 people a year from elsewhere" in in_a_drawing(as_it_is, "liaison", "West Lancashire")
    assert in_a_drawing(as_it_is, "crisis", "West Lancashire") == ""
