"""Lives: people are born, age, fall ill, recover, move and die, in balance; and nothing of it where lives are off."""

import datetime

import numpy as np
import pytest
from reference_lives import age_in_seconds, due

from abm import lives as life_hazards
from abm.areas import LIVES_BYTES, all_areas, check_memory, memory_needed
from abm.balance import open_referrals, prove
from abm.model import CareSystem
from abm.network import DAY
from abm.setting import setting_of
from kernels import columns as c
from kernels import entry
from kernels import lifetime as lt
from pathways.errors import InputError

PATHWAYS = ("crisis", "talking_therapies")
DAYS = 30


@pytest.fixture(scope="module")
def setting():
    return setting_of("lsc", PATHWAYS)


@pytest.fixture(scope="module")
def model(setting):
    """A proved month with lives on, from a cold start."""
    return CareSystem(setting, warm_up=0, days=DAYS, lives=True, prove=True).run()


def count(model, name):
    return int(model.m.life_sum[lt.COUNTS.index(name)])


def within(found, expected, sigmas=4.0):
    return abs(found - expected) <= sigmas * expected**0.5


def test_people_at_the_start_born_moved_in_died_and_moved_out_are_the_people_now(model, setting):
    assert model.proof.days == DAYS
    assert prove(model.simulation) == []
    now = setting.population.n + count(model, "births") + count(model, "moved_in")
    assert len(model.patients) == now - count(model, "deaths") - count(model, "moved_out")


@pytest.mark.parametrize("damage", ["somebody vanishes", "a death is not counted", "a class has one too many"])
def test_the_proof_notices_who_is_lost(model, damage):
    m = model.m
    p = int(np.flatnonzero((m.life & lt.WHERE) == lt.HERE)[0])
    table, at, by = {
        "somebody vanishes": (m.life, p, lt.MOVED), "a death is not counted": (m.life_sum, lt.N_DEATHS, -1),
        "a class has one too many": (m.life_time["n"], (0, 0), 1),
    }[damage]  # fmt: skip
    before = table[at]
    table[at] += by
    faults = prove(model.simulation)
    table[at] = before
    assert faults
    assert "people" in faults[0]
    assert prove(model.simulation) == []


@pytest.mark.parametrize("what", ["deaths", "births", "moved_in", "moved_out"])
def test_a_month_has_as_many_as_published(model, setting, what):
    assert within(count(model, what), setting.lives.expected[what] * DAYS / 365, 5.0)


def test_whoever_is_dead_or_away_has_no_open_referral_and_is_in_no_contact(model):
    m = model.m
    gone = np.flatnonzero((m.life[: model.network.n_residents] & lt.WHERE) != lt.HERE)
    assert len(gone) > 1000
    assert (m.first_referral[gone] < 0).all()
    assert (m.n_open[gone] == 0).all()
    assert count(model, "referrals_ended_by_death") + count(model, "referrals_ended_by_move") > 0


def test_the_old_die_and_the_young_move(model):
    deaths, moves = (model.m.life_count[k].sum(axis=(0, 1)) for k in (lt.N_DEATHS, lt.N_MOVED_OUT))
    assert deaths[13:].sum() > 0.7 * deaths.sum()
    assert moves[3:7].sum() > 0.4 * moves.sum()


def test_newborns_are_nought_and_live_where_their_mothers_do(model, setting):
    m, n = model.m, setting.population.n
    born = np.flatnonzero(m.later["mother"] >= 0)
    assert len(born) == count(model, "births")
    rows = n + born
    assert (m.age[rows] == 0).all()
    assert (m.area[rows] == m.area[m.later["mother"][born]]).all()
    assert (m.sex[m.later["mother"][born]] == 0).all()
    assert abs(int(m.sex[rows].sum()) / len(rows) - 0.513) < 0.06


def test_ids_of_who_came_or_was_born_are_their_own(model):
    ids = model.patients.get("id")
    assert len(np.unique(ids)) == len(ids)
    assert len(np.unique(ids[ids >> 60 == 1])) > 5000


def test_everybody_has_had_the_birthdays_of_the_month_and_no_other(model, setting):
    m, n = model.m, setting.population.n
    code = m.area_code[m.area[:n]].astype(np.int64)
    first = 1 + (m.ordinal[:n].astype(np.int64) * lt.BIRTHDAY_STRIDE + code * 89) % 365
    here = (m.life[:n] & lt.WHERE) == lt.HERE
    older = np.minimum(m.age[:n].astype(int) - setting.population.people["age"], 1)
    young = here & (setting.population.people["age"] < 110)
    assert (older[young] == (first[young] < DAYS)).all()  # the last midnight belongs to the next day
    assert np.ptp(np.bincount(first, minlength=366)[1:]) < 0.1 * n / 365


def test_life_groups_of_everybody_at_once_are_those_of_the_kernels(model, setting):
    m = model.m
    rng = np.random.default_rng(1)
    here = np.flatnonzero((m.life[: setting.population.n] & lt.WHERE) == lt.HERE)
    for p in rng.choice(here, 300).tolist():
        assert int(entry.group_of(m.address, p)) == int(m.life_group[p])
    fresh = CareSystem(setting, warm_up=0, days=1, lives=True)
    assert all(int(entry.group_of(fresh.m.address, int(p))) == int(fresh.m.life_group[p])
               for p in rng.choice(setting.population.n, 300) if not fresh.m.life[p] & lt.WINDOW)  # fmt: skip


def test_events_come_when_a_slow_sum_of_hazards_says(setting):
    fresh = CareSystem(setting, warm_up=0, days=400, lives=True)
    m = fresh.m
    rng = np.random.default_rng(2)
    for p in rng.choice(setting.population.n, 25).tolist():
        if m.life_account[p] >= 0:
            continue
        for q in (lt.DEATH, lt.CMD_ONSET, lt.PHYSICAL_ONSET):
            assert int(entry.next_life(m.address, p, q, 0)) == due(m, p, q, 1, 0, 0)
            assert int(entry.born_at(m.address, p, 0)) == -age_in_seconds(m, p)


def test_a_changed_hazard_keeps_what_was_used_up(setting):
    fresh = CareSystem(setting, warm_up=0, days=400, lives=True)
    fresh.run_for(20)
    m = fresh.m
    ill = np.flatnonzero((m.phq9[: setting.population.n] < 10) & (m.gad7[: setting.population.n] < 8)
                         & (m.life[: setting.population.n] == 0) & (m.age[: setting.population.n] >= 60)
                         & (m.life_account[: setting.population.n] < 0))[:20]  # fmt: skip
    before = {int(p): int(entry.next_life(m.address, int(p), lt.DEATH, 20 * DAY)) for p in ill}
    for p in ill.tolist():
        fresh.patient(p).phq9 = 20
        t = 20 * DAY
        row = m.life_row[m.life_account[p], lt.DEATH]
        assert int(row["since"]) == t
        assert int(row["used"]) > 0
        assert int(entry.next_life(m.address, p, lt.DEATH, t)) <= before[p]  # never later for being iller
        fresh.patient(p).phq9 = 0
        again = int(entry.next_life(m.address, p, lt.DEATH, t))
        assert abs(again - before[p]) <= 2 + before[p] * 1e-4  # and the old time again when well again at once


def digests(setting, days, **arguments):
    one = CareSystem(setting, warm_up=5, days=days, lives=True, **arguments)
    found = []
    while one.steps < 5 + days:
        one.step()
        found.append(int(one.m.now[c.HASH]))
    return found, one


def test_the_digest_does_not_depend_on_steps_or_on_stopping_and_going_on(setting, tmp_path):
    whole, _ = digests(setting, 9)
    coarse, _ = digests(setting, 9, minutes_per_step=60)
    assert coarse[-1] == whole[-1]
    one = CareSystem(setting, warm_up=5, days=9, lives=True)
    one.run_for(8)
    again = CareSystem.from_checkpoint(one.checkpoint(tmp_path / "day.parity"), setting)
    assert again.lives
    assert len(again.patients) == len(one.patients)
    found = []
    while again.steps < 14:
        again.step()
        found.append(int(again.m.now[c.HASH]))
    assert found == whole[8:]
    other, _ = digests(setting, 9, seed=2)
    assert other[-1] != whole[-1]


def test_room_for_the_unborn_grows_when_it_is_needed_and_changes_nothing(setting, monkeypatch):
    whole, plenty = digests(setting, 9)
    from abm import newcomers

    monkeypatch.setattr(newcomers, "MARGIN", 0.0)
    monkeypatch.setattr(newcomers, "LEAST", 150)
    short, one = digests(setting, 9)
    assert short == whole
    assert one.network.n_residents > setting.population.n + len(setting.newcomers(14, 1, 0)) + 150
    assert prove(one.simulation) == []
    assert count(one, "births") == count(plenty, "births")


def test_nothing_lives_on_where_lives_are_off(setting):
    off = CareSystem(setting, warm_up=0, days=3).run()
    assert len(off.m.life) == 1
    assert not off.m.life_sum.any()
    assert (off.m.age[: setting.population.n] == setting.population.people["age"]).all()
    assert len(off.patients) == setting.population.n


def test_eighteenth_birthdays_are_had_and_change_who_may_come(setting):
    fresh = CareSystem(setting, start=datetime.date(2016, 4, 1), warm_up=0, days=40, lives=True)
    m, n = fresh.m, setting.population.n
    seventeen = np.flatnonzero(m.age[:n] == 17)
    fresh.run_for(40)
    here = seventeen[(m.life[seventeen] & lt.WHERE) == lt.HERE]
    adults = here[m.age[here] == 18]
    assert within(len(adults), len(here) * 39 / 365)
    assert all(fresh.patient(int(p)).age == 18 for p in adults[:5])
    other_groups = (m.risk[adults] != setting.population.people["risk"][adults]).any(axis=1)
    assert other_groups.mean() > 0.99  # services for adults ask about age 18
    assert (m.risk[here[m.age[here] == 17]] != setting.population.people["risk"][here[m.age[here] == 17]]).mean() < 0.1


def test_a_table_that_names_no_process_is_refused(tmp_path):
    from shutil import copytree

    from abm import tables

    folder = copytree(tables.FOLDER, tmp_path / "tables")
    text = (folder / "life_factors.csv").read_text().replace("death,frailty", "deth,frailty", 1)
    (folder / "life_factors.csv").write_text(text)
    with pytest.raises(InputError, match="deth") as refused:
        life_hazards._factors(folder)
    assert refused.value.suggestion == "death"


def in_states(model, names):
    """The residents with an open referral in some states, and its flags."""
    there = open_referrals(model.simulation)
    states = [model.network.flat.state(name) for name in names]
    there = there[np.isin(model.m.referral["state"][there], states)]
    return model.m.referral["person"][there], model.m.referral["flags"][there]


def test_on_the_eighteenth_birthday_young_peoples_services_hand_over():
    """Without the routes on the birthday somebody who is 18 is still there, and this fails."""
    model = CareSystem(setting_of("lsc", ("camhs",)), warm_up=0, days=45, lives=True).run()
    held = [
        f"camhs/{name}" for name in ("booking", "rebook", "brief_therapy", "specialist_treatment", "medication_clinic")
    ]
    people, _ = in_states(model, held)
    ages = model.m.age[people]
    assert (ages == 17).sum() > 100
    assert (ages >= 18).sum() == 0
    flows = model.m.flow.sum(axis=1)
    taken = {state: int(flows[i]) for i, (state, to, when) in enumerate(model.network.flat.routes)
             if when == "turns 18" and to == "camhs/moving_at_18"}  # fmt: skip
    assert sum(taken.values()) > 30
    assert taken["camhs/medication_clinic"] > 0
    assert taken["camhs/booking"] > 0
    assert prove(model.simulation) == []
    off = CareSystem(setting_of("lsc", ("camhs",)), warm_up=0, days=10).run()
    assert not any(
        int(off.m.flow[i].sum()) for i, (_, _, when) in enumerate(off.network.flat.routes) if when == "turns 18"
    )


def test_whoever_has_harmed_themselves_comes_to_accident_and_emergency_that_second():
    model = CareSystem(setting_of("lsc", ("liaison",)), warm_up=0, days=30, lives=True, events=True).run()
    m = model.m
    (at,) = np.flatnonzero(np.diff(m.life_turn["harmed"], prepend=0))
    door = model.setting.demand.doors[int(m.life_turn[at]["door"])]
    assert door.name == "liaison/ae"
    episodes = count(model, "self_harm_episodes")
    came = int(m.entries[: model.network.n_residents].sum()) - count(model, "turned_up_at_another_door")
    assert came == episodes > 300
    assert 0.6 < m.life_keep[m.life_turn[at]["door"]] / 2**32 < 0.75  # the door no longer brings them itself


def test_memory_for_lives_is_asked_for():
    assert memory_needed("lsc", lives=True) - memory_needed("lsc") == LIVES_BYTES * all_areas()["lsc"].persons
    have = (memory_needed("england") + memory_needed("england", lives=True)) // 2
    check_memory("england", available=have)
    with pytest.raises(InputError, match="memory"):
        check_memory("england", available=have, lives=True)
