"""Patients: views over columns, alive; and sets of them, on whole columns."""

from itertools import islice

import numpy as np
import pytest

from abm.model import CareSystem
from abm.network import DAY
from abm.patient_sets import PatientSet, TooManyPatients
from abm.patients import Patient
from abm.setting import setting_of
from kernels import columns as c
from pathways.errors import InputError


def area_model(**arguments):
    return CareSystem(setting_of(), **{"days": 20, "warm_up": 0, **arguments})


@pytest.fixture(scope="module")
def model():
    """A model that nobody changes."""
    return area_model()


# --- views --------------------------------------------------------------------------------------------------


def test_a_view_shows_the_columns(model):
    patient = model.patient(1234)
    assert patient.age == model.m.age[1234]
    assert patient.system == model.m.area_system[model.m.area[1234]]
    assert patient.deprivation == model.m.area_decile[model.m.area[1234]]
    assert patient.system_name in model.setting.places.systems
    bits = int(model.m.conditions[1234])
    assert patient.psychosis is bool(bits >> 11 & 1)
    assert patient.n_ltc + patient.n_mental == bits.bit_count()


def test_views_of_one_person_are_equal_and_others_are_not(model):
    assert model.patient(7) == model.patient(7) != model.patient(8)
    assert hash(model.patient(7)) == hash(model.patient(7))
    assert len({model.patient(7), model.patient(7), model.patient(8)}) == 2
    assert model.patient(7).unique_id == model.patient(7).id


def test_ids_are_those_of_small_area_and_ordinal_and_are_unique(model):
    ids = model.patients.get("id")
    assert len(np.unique(ids)) == len(model.patients)
    patient = model.patient(5000)
    assert patient.id == int(patient.small_area) << 16 | int(model.m.ordinal[5000])


def test_unknown_attributes_raise_with_the_nearest_word(model):
    with pytest.raises(AttributeError, match="psychosis"):
        model.patient(1).psycosis  # noqa: B018
    with pytest.raises(AttributeError, match="keeps nothing"):
        model.patient(1).favourite = "tea"
    with pytest.raises(AttributeError, match="psychosis"):
        model.patients.get("psycosis")
    with pytest.raises(AttributeError, match="follows from other columns"):
        model.patient(1).deprivation = 3


@pytest.mark.parametrize(("column", "value"), [("phq9", 28), ("age", -1), ("psychosis", 2), ("severity", 1.5)])
def test_values_that_cannot_be_are_refused_and_nothing_is_written(model, column, value):
    before = getattr(model.patient(3), column)
    with pytest.raises(InputError, match=column):
        setattr(model.patient(3), column, value)
    assert getattr(model.patient(3), column) == before


def test_residents_stay():
    model = area_model()
    with pytest.raises(TypeError, match="cannot be removed"):
        model.patient(1).remove()
    with pytest.raises(IndexError, match="residents"):
        model.patient(len(model.patients))


def test_open_referrals_are_shown_by_state():
    model = area_model(days=3).run()
    rows = np.flatnonzero(model.m.n_open[: len(model.patients)])
    patient = model.patient(rows[0])
    assert len(patient.referrals) == patient.n_open > 0
    assert patient.referrals[0].state in model.network.flat.state_names
    assert patient.referrals[0].opened <= patient.referrals[0].since <= model.when(3 * DAY)
    assert model.patient(np.flatnonzero(model.m.n_open == 0)[0]).referrals == ()


# --- alive --------------------------------------------------------------------------------------------------


def sufferers(model, n):
    """Adults without a score who will come through no door within the run."""
    rows = model.patients.select("age >= 25 and age < 60 and phq9 == 0 and depression == 0").rows
    never = (row for row in rows if not any(model.patient(row).next_onsets.values()))
    return np.array(list(islice(never, n)))


def test_setting_a_column_through_a_view_moves_the_patients_next_onset():
    model = area_model(days=60)
    moved = 0
    for row in sufferers(model, 400):
        patient = model.patient(row)
        patient.phq9 = 27
        moved += any(patient.next_onsets.values())
    assert moved > 5


def onsets_at(model, row, door):
    """How often a resident has come through one door."""
    at = model.m.account[row]
    while at >= 0:
        account = model.m.account_row[at]
        if account["door"] == door:
            return account["k"] - 1
        at = account["next"]
    return 0


def test_a_changed_patient_comes_when_the_view_said_and_until_then_nothing_else_moves():
    """Deleting the rebooking leaves the calendar as it was, and this fails."""
    model, untouched = area_model(days=60), area_model(days=60)
    model.run_for(5)
    untouched.run_for(5)
    door = [one.name for one in model.setting.demand.doors].index("talking_therapies/gp")
    second, anywhere = {}, []
    for row in sufferers(model, 1500):
        model.patient(row).phq9 = 27
        onsets = {name: when for name, when in model.patient(row).next_onsets.items() if when}
        anywhere += onsets.values()
        if "talking_therapies/gp" in onsets:
            second[int(row)] = int((onsets["talking_therapies/gp"] - model.when(0)).total_seconds())
    assert len(second) >= 5
    for day in range(6, 61):
        model.step()
        untouched.step()
        for row, t in second.items():
            assert (onsets_at(model, row, door) > 0) == (t < day * DAY)
        if model.when(day * DAY) <= min(anywhere):
            assert model.m.now[c.HASH] == untouched.m.now[c.HASH]
    assert min(anywhere) > model.when(6 * DAY)
    assert model.m.now[c.HASH] != untouched.m.now[c.HASH]


def test_setting_a_column_back_in_the_same_second_gives_the_same_run():
    """What has been used up stays used up: two changes that cancel leave every digest as it was."""
    model, untouched = area_model(), area_model()
    model.run_for(4)
    untouched.run_for(4)
    someone = sufferers(model, 300)
    before = model.patients.get("phq9")
    chosen = PatientSet(model, someone)
    chosen.set("phq9", 27)
    chosen.set("phq9", before[someone])
    assert model.run().reading().digest == untouched.run().reading().digest


def test_do_on_a_selection_changes_the_same_events_as_set():
    by_do, by_set, left = area_model(), area_model(), area_model()

    def relapse(patient):
        patient.phq9 = 27
        patient.past_crisis = True

    where = "age >= 18 and phq9 < 5 and system == 4"
    by_do.patients.select(where, at_most=20_000).do(relapse)
    by_set.patients.select(where, at_most=20_000).set("phq9", 27).set("past_crisis", True)
    digests = [model.run().reading().digest for model in (by_do, by_set, left)]
    assert digests[0] == digests[1] != digests[2]


def test_everybody_can_be_changed_at_once_however_little_room_there_was():
    model = area_model(days=5)
    model.patients.set("phq9", 27)
    assert (model.m.phq9[: len(model.patients)] == 27).all()
    columns = {name: model.patients.get(name) for name in model.setting.demand.attributes}
    columns["conditions"] = model.m.conditions[: len(model.patients)]
    groups = model.setting.demand.group_of(columns)
    assert (model.m.risk[: len(model.patients)] == groups).all()
    arrivals = model.run().m.cell["arrivals"].sum()
    assert arrivals > 1.2 * area_model(days=5).run().m.cell["arrivals"].sum()


# --- sets ---------------------------------------------------------------------------------------------------


def test_select_on_columns_equals_select_in_python(model):
    some = PatientSet(model, np.arange(0, 200_000, 7))
    vectorised = some.select("age >= 65 and (psychosis or dementia) and not diabetes")
    one_by_one = some.select(lambda p: p.age >= 65 and (p.psychosis or p.dementia) and not p.diabetes)
    by_function = some.select(where=lambda p: (p.age >= 65) & (p.psychosis | p.dementia) & ~p.diabetes)
    assert len(vectorised) > 10
    assert vectorised.rows.tolist() == one_by_one.rows.tolist() == by_function.rows.tolist()
    assert some.select(psychosis=True, system=2).rows.tolist() == some.select("psychosis and system == 2").rows.tolist()


def test_at_most_takes_the_first_or_a_share(model):
    some = PatientSet(model, np.arange(0, 200_000, 200))
    assert some.select(at_most=10).rows.tolist() == list(range(0, 2000, 200))
    assert len(some.select(at_most=0.25)) == 250
    assert len(some.select("age >= 40", at_most=5)) == 5
    assert len(some.select(agent_type=Patient)) == 1000
    assert len(some.select(agent_type=int)) == 0


def test_a_condition_with_an_unknown_word_is_refused(model):
    with pytest.raises(InputError, match="psychosis"):
        model.patients.select("psycosis and age > 3")


def test_sums_do_not_overflow_the_columns_type(model):
    total = model.patients.agg("phq9", np.sum)
    assert total == int(model.m.phq9[: len(model.patients)].astype(np.int64).sum()) > 255
    assert model.patients.agg("age", [np.min, np.max]) == [0, model.m.age.max()]
    assert model.patients.get(["age", "sex"]).shape == (len(model.patients), 2)


def test_groups_hold_everybody_once_and_aggregate_columns(model):
    groups = model.patients.groupby("system_name")
    assert sum(groups.count().values()) == len(model.patients)
    means = groups.agg("age", np.mean)
    home = model.patients.get("system_name")
    assert means["Fylde Coast"] == model.patients.get("age")[home == "Fylde Coast"].mean()
    by_python = PatientSet(model, np.arange(0, 200_000, 400)).groupby(lambda p: p.age >= 65)
    assert set(by_python.groups) == {False, True}


def test_sorting_is_stable_both_ways(model):
    some = PatientSet(model, np.arange(0, 200_000, 100))
    for ascending in (True, False):
        expected = sorted(some.to_list(), key=lambda p: p.age, reverse=not ascending)
        assert some.sort("age", ascending=ascending).rows.tolist() == [p.row for p in expected]
        assert some.sort(lambda p: p.age, ascending=ascending).rows.tolist() == [p.row for p in expected]


def test_shuffling_keeps_everybody_and_follows_the_models_seed():
    one, other = area_model(seed=5, days=1), area_model(seed=5, days=1)
    orders = [PatientSet(m, np.arange(100)).shuffle().rows for m in (one, other)]
    assert orders[0].tolist() == orders[1].tolist() != list(range(100))
    met = []
    PatientSet(one, np.arange(100)).shuffle_do(lambda p: met.append(p.row))
    assert sorted(met) == list(range(100)) != met


def test_membership_and_length(model):
    some = model.patients.select("age >= 90")
    assert some[0] in some
    assert some[0] in model.patients
    assert model.patients.select("age < 90")[0] not in some
    assert "somebody" not in model.patients
    assert len(list(some)) == len(some) == len(some.to_list())


def test_python_is_refused_for_more_than_a_million_unless_told(model):
    calls = [
        lambda: model.patients.do("step"), lambda: model.patients.select(lambda p: True),
        lambda: model.patients.shuffle_do("step"), lambda: model.patients.map("step"), lambda: iter(model.patients),
        lambda: list(model.agents), lambda: model.patients.get("name"), lambda: model.patients.sort(lambda p: 1),
    ]  # fmt: skip
    for call in calls:
        with pytest.raises(TooManyPatients, match="one by one"):
            call()
    with pytest.raises(TooManyPatients, match="where="):
        model.patients.select(lambda p: True)
    seen = 0
    for _ in model.patients.each(however_many=True):
        seen += 1
        if seen == 3:
            break
    assert seen == 3


def test_everybody_is_the_models_own_and_cannot_be_narrowed_in_place():
    model = area_model(days=1)
    with pytest.raises(TypeError, match="everybody"):
        model.patients.select("age > 3", inplace=True)
    with pytest.raises(TypeError, match="cannot leave"):
        model.patients.discard(model.patient(1))
    some = model.patients.select("age > 100")
    n = len(some)
    some.discard(some[0])
    assert len(some) == n - 1
