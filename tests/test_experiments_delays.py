"""Delayed discharges at midnight, by cause and local authority: whose bed is kept, each where they live."""

import csv
from collections import Counter

import pytest

from abm.tables import FOLDER
from experiments import scenario
from experiments.delays import Delays
from experiments.run import begin, runs_of
from pathways.errors import InputError
from pathways.states import state

WARDS = ("acute_male", "acute_female", "older_male", "older_female")


def days_of(model, days):
    """Live some days, counting at each midnight; return the counts and how many beds were then kept by the delayed."""
    delays, kept = Delays(model), 0
    pools = [p for p, (unit, _, _) in enumerate(model.network.units.pool_names)
             if unit.startswith(tuple(f"inpatient/{ward} @" for ward in WARDS))]  # fmt: skip
    for _ in range(days):
        model.step()
        delays.midnight()
        kept += int(model.m.pool["blocked"][pools].sum())
    return delays, kept


@pytest.fixture(scope="module")
def counted():
    """Eighty days from empty wards on, with hardly a care package to be had."""
    few = scenario.TeamChange(team="inpatient/social_care", places=2)
    wanted = scenario.Scenario(days=90, warm_up=0, pathways=("crisis", "inpatient"), team=(few,))
    model = begin(runs_of(wanted)[0])
    return model, *days_of(model, 80)


def test_everybody_who_keeps_a_bed_is_counted_once_a_midnight(counted):
    _, delays, kept = counted
    assert sum(row["delayed_days"] for row in delays.table().to_pylist()) == kept > 100


def test_each_is_counted_where_they_live(counted):
    model, delays, _ = counted
    with (FOLDER / "lsoa.csv").open(encoding="utf-8") as file:
        district = {int(row["code"][2:]): row["district"] for row in csv.DictReader(file)}
    with (FOLDER / "local_authorities.csv").open(encoding="utf-8") as file:
        authority = {row["district"]: row["authority"] for row in csv.DictReader(file)}
    before = Counter({tuple(row[:3]): row[3] for row in delays.seen()})
    delays.midnight()
    added = Counter({tuple(row[:3]): row[3] for row in delays.seen()}) - before
    m, at = model.m, model.network.flat.state("inpatient/care_package")
    waiting = m.referral[(m.referral["state"] == at) & (m.referral["kept_post"] >= 0) & (m.referral["flags"] != 0)]
    codes = (int(m.area_code[m.area[person]]) for person in waiting["person"])
    by_hand = Counter(authority[district[code]] for code in codes)
    assert {where: n for (_, _, where), n in added.items()} == by_hand
    assert sum(by_hand.values()) > 2


def test_what_was_counted_before_a_checkpoint_counts_on(counted):
    model, delays, _ = counted
    again = Delays(model, delays.seen())
    assert again.table() == delays.table()


def test_by_cause_the_bed_kept_on_the_ward_counts_with_who_answers_for_it():
    wanted = scenario.read("delays-by-cause").model_copy(update={"days": 100, "warm_up": 0})
    model = begin(runs_of(wanted)[0])
    for _ in range(60):
        model.step()
    delays, _ = days_of(model, 30)
    rows = delays.table().to_pylist()
    causes = {row["cause"] for row in rows}
    assert "step_down_bed" not in causes  # that is no bed of a hospital
    assert len(causes & {"housing_male", "package_male", "further_care_male", "housing_female"}) >= 3
    answerable = {row["cause"]: row["delayed_by"] for row in rows}
    assert {by for cause, by in answerable.items() if cause.startswith("further_care")} <= {"nhs"}
    assert {by for cause, by in answerable.items() if cause.startswith("housing")} <= {"local_authority"}


def test_nobody_else_can_answer_for_a_delay():
    with pytest.raises(InputError, match="delayed_by"):
        state({"kind": "place", "team": "t", "stay": {"constant": "1 day"}, "delayed_by": "family"}, "state.x")
