"""Illness begins oftener in deprived areas: by as much as their people are iller, and no more in all."""

import numpy as np
import pytest

from abm import gradients, setting
from abm.ages import N_AGES
from abm.demand import england_weight
from abm.population import reference
from kernels import lifetime as lt

LEAST = gradients.TENTHS - 1


def crowd(ill_in_first, ill_in_last, n=100):
    """People of one age and sex, half in the first tenth and half in the last; so many of each are in an episode."""
    phq9 = np.zeros(2 * n, np.uint8)
    phq9[:ill_in_first] = phq9[n : n + ill_in_last] = 15
    zeros = np.zeros(2 * n, np.uint8)
    people = {"phq9": phq9, "gad7": zeros, "conditions": zeros.astype(np.uint32), "sex": zeros, "age": zeros + 40}
    return people, np.repeat([1, 10], n)


def levels(people, decile, times):
    base = np.full((lt.N_PROCESSES, 2, N_AGES), 0.1)
    return gradients.levels(people, decile, np.ones(len(decile)), base, times)[lt.CMD_ONSET]


def test_where_twice_as_many_are_ill_illness_begins_twice_as_often():
    people, decile = crowd(40, 20)
    found = levels(people, decile, np.ones((200, lt.N_PROCESSES)))
    assert found[0] / found[LEAST] == pytest.approx(2.0)
    assert (found[0] + found[LEAST]) / 2 == pytest.approx(1.0)  # as many in all


def test_what_relative_hazards_say_already_is_not_said_twice():
    people, decile = crowd(40, 20)
    times = np.ones((200, lt.N_PROCESSES))
    times[:100] = 2.0
    found = levels(people, decile, times)
    assert found[0] == pytest.approx(1.0)
    assert found[LEAST] == pytest.approx(1.0)


def test_tenths_that_differ_by_age_alone_have_no_gradient():
    people, decile = crowd(40, 20)
    people["age"] = np.where(decile == 1, 60, 30).astype(np.uint8)
    found = levels(people, decile, np.ones((200, lt.N_PROCESSES)))
    assert found[[0, LEAST]] == pytest.approx([1.0, 1.0])


def test_in_the_area_every_illness_begins_oftener_in_the_most_deprived_tenth_and_englands_events_stay_as_many():
    area = setting.setting_of("lsc", ("crisis",))
    population = reference(1)
    people, tenth = population.people, area.population.areas["decile"].astype(np.int64) - 1
    for q in gradients.ONSETS:
        level = area.lives.level[q] / 4096
        mean = [level[tenth == d].mean() for d in range(gradients.TENTHS)]
        assert 1.2 < mean[0] / mean[LEAST] < 2.5
        hazard = england_weight(population) * area.lives.base[q][people["sex"], people["age"]]
        hazard = hazard * area.lives.times[area.lives.group, q]
        assert (hazard * level[people["area"]]).sum() == pytest.approx(hazard.sum(), rel=1e-3)
    untouched = area.lives.level[lt.CMD_REMISSION]
    assert (untouched == 4096).all()
