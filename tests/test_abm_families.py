"""Families of risk groups: few, small enough, and without effect on who asks when; tags that never clash."""

import datetime
import hashlib

import numpy as np
import pytest

from abm import families, tags
from abm.demand import calibrate
from abm.families import ATTRIBUTES, MOST_GROUPS, combinations, dealt, lay_out
from abm.model import CareSystem
from abm.setting import PATHWAYS, every_pathway, prepare, setting_of
from experiments.scenario import Scenario
from kernels import columns as c
from kernels import entry
from kernels.draws import tag
from pathways import files
from pathways.errors import InputError
from pathways.specs import validated

TWO = [(0.0, 1.0), (1.0, 2.0)]
DATE = datetime.date(2016, 4, 1)


def cut(n):
    """A factor of n levels."""
    return [(float(i), 1.0 + i) for i in range(n)]


def digest(setting):
    """Digest of two weeks, everything on."""
    return int(CareSystem(setting, warm_up=7, days=14).run().m.now[c.HASH])


@pytest.fixture(scope="module")
def several():
    """The four pathways, in as many families as room for 13,000 combinations makes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(families, "MOST_GROUPS", 13_000)
        yield prepare("lsc", {name: files.library(name) for name in setting_of().pathways})


def test_todays_pathways_are_one_family():
    assert len(setting_of().demand.families) == 1
    assert setting_of().population.people["risk"].shape[1] == 1


def test_no_family_has_more_combinations_than_a_group_can_name():
    named = {f"set{i}": {ATTRIBUTES[i]: cut(9), ATTRIBUTES[i + 1]: cut(9), "past_use": cut(4)} for i in range(12)}
    found = dealt(named)
    assert sorted(name for sets in found for name in sets) == sorted(named)
    assert 1 < len(found) < len(named)
    for sets in found:
        assert combinations({name: named[name] for name in sets}) <= MOST_GROUPS
        assert lay_out({name: named[name] for name in sets}).compact.size <= MOST_GROUPS


def test_the_order_of_sets_decides_nothing_but_the_order_of_families():
    named = {f"set{i}": {ATTRIBUTES[i]: cut(9), ATTRIBUTES[i + 1]: cut(9), "past_use": cut(4)} for i in range(12)}
    backwards = dict(reversed(named.items()))
    assert {frozenset(sets) for sets in dealt(named)} == {frozenset(sets) for sets in dealt(backwards)}


def test_sets_of_the_same_attributes_share_a_family_though_another_has_room():
    child, adult = {"age": cut(20), "adhd": TWO}, {"phq9": cut(27), "gad7": cut(21), "severity": cut(4), "sex": TWO}
    found = dealt({"child": child, "adult": adult, "adhd": {"adhd": TWO, "age": cut(20)}})
    assert found == [["child", "adhd"], ["adult"]]


def test_one_set_with_too_many_combinations_is_refused():
    named = {"x": {name: cut(3) for name in ("age", "phq9", "gad7", "severity")}}
    named["x"] |= dict.fromkeys(ATTRIBUTES[-22:], TWO)
    with pytest.raises(InputError, match="combinations"):
        dealt(named)


def test_everybody_asks_as_often_whatever_the_families(several):
    one = setting_of()
    assert len(several.demand.families) >= 2
    assert several.population.people["risk"].shape[1] == len(several.demand.families)
    rates = [setting.demand.rates_of(setting.population.people["risk"][::997]) for setting in (one, several)]
    assert np.allclose(*rates, rtol=1e-12)
    assert np.allclose(one.demand.expected, several.demand.expected)


def test_a_run_is_the_same_to_the_bit_whatever_the_families(several):
    """First onsets, accounts, rebooking: two families where there was one change no digest."""
    assert digest(several) == digest(setting_of())


def test_first_onsets_are_those_of_a_plain_look_at_every_door(several):
    """The slow twin: everybody, door by door, word by word."""
    model = CareSystem(several, warm_up=7, days=14)
    found, times = next(iter(several._onsets.values()))
    assert (np.diff(found) > 0).any()
    seconds = dict(zip(found.tolist(), times.tolist(), strict=True))
    assert len(seconds) == len(found)
    horizon = 21 * 86400
    for p in range(0, several.population.n, 9973):
        for d in range(len(several.demand.doors)):
            t = int(entry.next_onset(model.m.address, p, d))
            assert seconds.get(p << 8 | d, horizon) == min(t, horizon)


def test_a_change_leaves_families_that_do_not_depend_on_it_alone(several):
    model = CareSystem(several, warm_up=7, days=14)
    before = model.m.risk[: several.population.n].copy()
    model.patients.select("age >= 18 and phq9 < 5", at_most=2_000).set("phq9", 27)
    changed = (model.m.risk[: several.population.n] != before).any(axis=0)
    depends = ["phq9" in family.factors.attributes for family in several.demand.families]
    assert changed.tolist() == depends


# --- tags ------------------------------------------------------------------------------------------------------


def test_todays_doors_and_openings_keep_their_tags():
    specs = setting_of().specs
    assert tags.of_doors(specs) == {door.name: tag(f"door/{door.name}", 12) for door in setting_of().demand.doors}
    words = repr(sorted(tags.of_doors(specs).items())).encode()
    assert hashlib.sha256(words).hexdigest()[:16] == "8c02073b2fa243d6"
    pair = ("crisis/talking_therapies", "talking_therapies/referral")
    assert tags.of_openings(specs, [pair])[pair] == 0x2C0


def many(n):
    """A pathway of n doors."""
    door = "[door.d{}]\nto = 'seen'\nshare = {}\nfactors = 'crisis'\n"
    doors = "".join(door.format(i, 1 / n) for i in range(n))
    text = f"name = 'many'\n[demand]\npublished = 1000\n{doors}[state.seen]\nkind = 'end'\n"
    return files.parse(text)


def test_tags_never_clash_with_another_door_or_a_stream():
    specs = {"many": validated(many(250))}
    found = tags.of_doors(specs)
    assert len(set(found.values())) == 250
    assert max(found.values()) < 0xF00
    plain = [tag(f"door/{name}", 12) for name in found]
    assert len(set(plain)) < 250  # the rule has something to do
    assert max(plain) >= 0xF00
    pairs = [(f"many/s{i}", "many/seen") for i in range(250)]
    assert not set(tags.of_openings(specs, pairs).values()) & set(found.values())


def test_who_turns_up_elsewhere_has_a_tag_that_no_door_or_opening_has():
    specs = {"many": validated(many(250))}
    found = tags.of_turning_up(specs, [f"elsewhere/d{i}" for i in range(250)])
    assert len(set(found.values())) == 250
    assert not set(found.values()) & set(tags.of_doors(specs).values())
    plain = {tag(f"turns up/elsewhere/d{i}", 12) for i in range(250)}
    assert plain & set(tags.of_doors(specs).values())  # the rule has something to do


def test_more_doors_than_an_event_can_name_are_refused():
    with pytest.raises(InputError, match="at most 256"):
        prepare("lsc", {"many": many(257)}).hazards(DATE, 7)


def test_all_opens_the_whole_library_the_baselines_pathways_first():
    every = every_pathway()
    assert every[: len(PATHWAYS)] == PATHWAYS
    assert sorted(every) == files.library_names()
    assert Scenario(pathways="all").pathways == every


def test_calibration_needs_no_family_at_all_without_doors():
    assert calibrate(setting_of().population, []).families == ()
