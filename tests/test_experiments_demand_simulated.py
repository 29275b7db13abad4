"""What demand asks for in simulated years of Lancashire & South Cumbria: directions, paired luck, places, redesign."""

import numpy as np
import pytest

from abm import areas
from experiments.demand import residents
from experiments.demand.factors import all_factors, amounts_of, asked
from experiments.demand.needed import people_reached, posts_needed
from experiments.demand.simulate import setting_for, wanted

pytestmark = pytest.mark.verify
KEYS = ["system", "team", "role"]


def posts(**options):
    return posts_needed(**options).set_index(KEYS)["posts"]


@pytest.fixture(scope="module")
def base():
    return posts_needed(factors={})


@pytest.mark.parametrize("name", list(all_factors()))
def test_a_factor_moves_posts_in_the_direction_written_beside_its_source(base, name):
    change = posts_needed(factors={name: 1.0})["posts"].sum() - base["posts"].sum()
    assert change > 0 if all_factors()[name].direction == "more" else change < 0


def test_more_of_a_factor_asks_for_more_and_none_for_nothing(base):
    whole, half = (posts_needed(factors={"access_children": amount})["posts"].sum() for amount in (1.0, 0.5))
    assert base["posts"].sum() < half < whole
    assert posts_needed(factors={"access_children": 0.0}).equals(base)
    assert posts_needed(factors=None, year="2016/17").equals(base)


def test_whom_a_factor_cannot_reach_it_leaves_untouched(base):
    """The same luck: services that perinatal teams send nobody to have the same people, to the last contact."""
    more = posts_needed(factors={"access_perinatal": 1.0})
    for service in ("autism", "dementia"):
        one, other = (frame[frame["service"] == service].reset_index(drop=True) for frame in (base, more))
        assert one.equals(other), service
    assert not base[base["service"] == "perinatal"].equals(more[more["service"] == "perinatal"])


def test_people_are_counted_once_within_each_name(base):
    reached = people_reached(factors={}).groupby(["what", "name"])["people"].sum()
    everybody = reached["all", "all services"]
    assert max(reached["programme"]) < everybody < reached["programme"].sum() < reached["service"].sum()
    of = base.drop_duplicates(["system", "service"]).set_index(["system", "service"])["people"]
    here = people_reached("West Lancashire", factors={})
    dementia = here[(here["what"] == "service") & (here["name"] == "dementia")]["people"].sum()
    assert of["West Lancashire", "dementia"] == dementia


def test_residents_of_2020_21_are_those_of_the_table_and_the_rest_of_them_the_same_people():
    wished = asked(amounts_of({"population": 1.0}), "2020/21")
    scenario = wanted(areas.LSC, None, (), 1)
    before, after = (setting_for(scenario, one).population for one in (asked(amounts_of({}), "2020/21"), wished))
    assert (residents.counted(after) == residents.wanted(before, "2020/21")).all()
    n = np.minimum(np.diff(before.areas["first"]), np.diff(after.areas["first"]))
    at = np.concatenate([np.arange(k) for k in n])
    rows = [np.repeat(one.areas["first"][:-1], n) + at for one in (before, after)]
    same = before.people["conditions"][rows[0]] == after.people["conditions"][rows[1]]
    same &= before.people["age"][rows[0]] == after.people["age"][rows[1]]
    assert same.mean() > 0.93


def test_a_delivery_system_has_its_own_rows_of_the_stps_answer(base):
    own = posts_needed("Fylde Coast", factors={})
    assert own["posts"].sum() == pytest.approx(base[base["system"] == "Fylde Coast"]["posts"].sum())


def test_a_local_redesign_moves_the_posts_of_its_team_and_nobody_elses(base, tmp_path):
    file = tmp_path / "late.toml"
    file.write_text("""
name = "late"
extends = "whole-system"
[[team]]
team = "crisis/access"
place = "West Lancashire"
staff = [
    { hours = "Mon-Sun 07:00-15:00", mh_practitioner = 1, least = 1 },
    { hours = "Mon-Sun 15:00-23:00", mh_practitioner = 1, least = 1 },
    { hours = "Mon-Sun 23:00-07:00", mh_practitioner = 3, least = 3 },
    { hours = "Mon-Sun 09:00-21:00", mh_practitioner = 1, least = 1 },
]
""")
    there, here = posts(factors={}), posts(factors={}, scenario=str(file))
    moved = (here - there)[lambda change: change.abs() > 1e-9]
    assert {(system, team) for system, team, _ in moved.index} == {("West Lancashire", "crisis/access")}
    assert (moved > 0).all()
    assert here.sum() - there.sum() == pytest.approx(moved.sum())
