"""Long caseloads begin with residents: as many as belong there, drawn by need, with the rest of a stay before them."""

import datetime

import numpy as np
import pytest

from abm import caseload
from abm.model import CareSystem
from abm.setting import Setting, edited, prepare, setting_of, setting_of_cell, shared_of
from kernels import columns as c
from pathways import edits, files, specs
from pathways.errors import InputError

NAME = "early_intervention"
STATE = f"{NAME}/psychosis_care"


@pytest.fixture(scope="module")
def setting() -> Setting:
    """Lancashire & South Cumbria with one service of long stays."""
    return setting_of("lsc", (NAME,))


@pytest.fixture(scope="module")
def begun(setting) -> CareSystem:
    """The first second of a run."""
    return CareSystem(setting, days=60, warm_up=0)


def there(model: CareSystem, state: str = STATE) -> np.ndarray:
    """Return the referrals in a state: REFERRAL[referral]."""
    rows = model.m.referral[np.isin(model.m.referral["state"], model.network.flat.state(state))]
    return rows[rows["flags"] != 0]


def test_a_system_begins_with_its_residents_part_of_england(begun, setting):
    spec = setting.specs[NAME]
    share = setting.demand.expected.sum(axis=0) / setting.demand.external()[NAME]
    found = np.bincount(there(begun)["system"], minlength=share.size)
    assert np.abs(found - spec.states["psychosis_care"].at_start_england * share).max() <= 0.6


def test_they_live_where_their_team_stands_and_each_is_there_once(begun):
    rows, m = there(begun), begun.m
    assert (m.area_system[m.area[rows["person"]]] == rows["system"]).all()
    assert np.unique(rows["person"]).size == rows.size


def test_who_is_likelier_to_ask_is_likelier_to_be_there(begun, setting):
    people = setting.population.people
    ill = (people["conditions"] >> 11) & 1
    assert ill[there(begun)["person"]].mean() > 10 * ill.mean()


def test_nobody_of_them_is_counted_as_an_arrival(begun):
    assert begun.m.cell["arrivals"].sum() == 0
    assert begun.m.cell["n_present"].sum() >= there(begun).size


def test_people_staff_and_places_balance_from_the_first_day_on(setting):
    model = CareSystem(setting, days=30, warm_up=0, prove=True)
    for _ in range(30):
        model.step()
    assert model.proof.days == 30


def test_stays_end_at_the_pace_of_an_old_caseload_and_contacts_fall_due_evenly(setting):
    model = CareSystem(setting, days=90, warm_up=0)
    before = there(model).size
    end = model.network.flat.state(STATE)
    due = []
    for _ in range(90):
        model.step()
        due.append(int(model.m.cell["due"].sum()))
    cells = [i for i, (state, _) in enumerate(model.network.flat.cells) if state == end]
    left = int(model.m.cell["completed"][cells].sum())
    mean = setting.specs[NAME].states["psychosis_care"].stay.mean / 86400
    expected = before * 90 / mean  # a renewal process met under way ends so many stays a day as it begins
    assert abs(left - expected) < 4 * np.sqrt(expected)
    a_day = np.diff(due[:22])
    assert a_day.min() > 0.6 * a_day.mean()


def test_a_run_and_its_repeat_begin_with_the_same_people(setting, begun):
    again = CareSystem(setting, days=60, warm_up=0)
    other = CareSystem(setting, days=60, warm_up=0, seed=2)
    assert (there(again)["person"] == there(begun)["person"]).all()
    assert set(there(other)["person"]) != set(there(begun)["person"])


def test_teams_of_another_size_begin_with_the_same_people(setting, begun):
    plan = setting.baseline_plan.copy()
    plan[[lever.kind == "places" for lever in setting.levers]] += 50
    larger = CareSystem(setting, days=60, warm_up=0, plan=plan)
    assert (there(larger)["person"] == there(begun)["person"]).all()


def test_a_checkpoint_of_such_a_run_goes_on_as_it_would_have(setting, tmp_path):
    whole = CareSystem(setting, days=20, warm_up=0)
    for _ in range(20):
        whole.step()
    half = CareSystem(setting, days=20, warm_up=0)
    for _ in range(10):
        half.step()
    half.checkpoint(tmp_path / "half.arrow")
    other = CareSystem.from_checkpoint(tmp_path / "half.arrow", setting)
    for _ in range(10):
        other.step()
    assert (other.m.cell == whole.m.cell).all()
    assert (other.m.now[c.N_EVENTS], other.m.now[c.T]) == (whole.m.now[c.N_EVENTS], whole.m.now[c.T])


def test_sampling_meets_every_chance_and_never_takes_anybody_twice():
    rate = np.array([0.0, 1.0, 1.0, 8.0, 1.0, 1.0, 0.0, 4.0])
    times = np.zeros(rate.size)
    for u in (np.arange(1000) + 0.5) / 1000:
        rows = caseload.drawn(rate, 4, float(u))
        assert len(rows) == 4 == len(set(rows))
        times[rows] += 1
    assert times[0] == times[6] == 0
    assert times[3] == times[7] == 1000
    assert times[[1, 2, 4, 5]] == pytest.approx(500, abs=2)
    assert caseload.drawn(rate, 100, 0.5).tolist() == [1, 2, 3, 4, 5, 7]
    assert caseload.drawn(np.zeros(3), 2, 0.5).size == 0


def test_a_state_of_a_file_without_demand_cannot_begin_with_people_of_england():
    text = """name = "own"
[arrivals.a]
to = "stay"
per_day = 1
[team.t]
places = 9
[state.stay]
kind = "place"
team = "t"
stay = { constant = "9 days" }
at_start_england = 100
[state.home]
kind = "end"
[[route]]
from = "stay"
to = "home"
share = 1.0
"""
    with pytest.raises(InputError, match="at_start_england"):
        specs.validated(files.parse(text))


def test_where_contacts_thin_out_they_were_admitted_before_the_run():
    rows = [{"until": "90 days", "every": "7 days"}, {"every": "28 days"}]
    key = "state.psychosis_care.contacts.every"
    thinning = prepare("lsc", {NAME: edits.apply(files.library(NAME), {"set": {key: rows}}, file="mine")})
    model = CareSystem(thinning, days=60, warm_up=0)
    began = there(model)["began"]
    in_care = began[began <= 0]
    mean = thinning.specs[NAME].states["psychosis_care"].stay.mean
    assert (in_care < 0).all()
    assert -in_care.mean() > 0.4 * mean  # ages of stays met under way: half the mean and more
    for _ in range(56):
        model.step()
    due = int(model.m.cell["due"].sum())
    fresh = (in_care > -90 * 86400).mean()
    expected = in_care.size * 56 * (fresh / 7 + (1 - fresh) / 28)
    assert 0.7 * expected < due < 1.4 * expected  # some leave, some pass the ninetieth day, new ones come


def test_the_part_of_england_does_not_depend_on_what_other_pathways_send():
    """Less comes through the doors when senders are open: who is there at the start is the same part of England."""
    graphs = edited((NAME,), ())
    fewer = setting_of_cell(shared_of(graphs, flows={("elsewhere", NAME): 1.0, (NAME, NAME): 20_000.0}), "lsc")
    all_doors = setting_of_cell(shared_of(graphs, flows={}), "lsc")
    sizes = [there(CareSystem(one, days=1, warm_up=0)).size for one in (fewer, all_doors)]
    assert fewer.demand.external()[NAME] < 0.8 * all_doors.demand.external()[NAME]
    assert abs(sizes[0] - sizes[1]) <= 3


def test_dates_do_not_matter_to_who_is_there(setting, begun):
    later = CareSystem(setting, start=datetime.date(2017, 1, 1), days=60, warm_up=0)
    assert (there(later)["person"] == there(begun)["person"]).all()
    assert int(later.m.now[c.MEASURE_FROM]) == 0
