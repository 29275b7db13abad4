"""Demand: England adds up, everyone's group can be recomputed, and no A&E site has more than it published."""

import dataclasses

import numpy as np
import pytest

from abm import demand, tables
from abm.conditions import CONDITIONS
from abm.demand import Door, build_demand, profile
from abm.population import synthesise
from pathways.errors import InputError

DOORS = [
    Door("crisis/gp", "crisis/triage", 209_000.0, "gp", "crisis"),
    Door("liaison/ae", "liaison/ae_arrival", 620_000.0, "ae", "liaison_ae", True),
    Door("liaison/ward", "liaison/ward_referral", 175_000.0, "ward", "liaison_ward", True),
    Door("talking_therapies/gp", "talking_therapies/referral", 1_326_000.0, "therapy_gp", "talking_therapies"),
    Door("talking_therapies/ltc", "talking_therapies/referral", 66_000.0, "therapy", "talking_therapies_ltc"),
    Door("inpatient/other", "inpatient/request", 36_000.0, "gp", "inpatient"),
]


@pytest.fixture(scope="module")
def population():
    people = synthesise("lsc", 1)
    return dataclasses.replace(people, people=people.people | {"risk": np.zeros((people.n, 1), np.uint16)})


@pytest.fixture(scope="module")
def built(population):
    return build_demand(population, DOORS, "liaison/ae_arrival")


def attribute(name, columns):
    """The slow, obvious way to an attribute: a column, a condition (0/1) or a count."""
    if name in CONDITIONS:
        return (columns["conditions"] >> CONDITIONS.index(name)) & 1
    if name == "n_ltc":
        return np.bitwise_count(columns["conditions"] & 0x1FF)
    if name == "n_mental":
        return np.bitwise_count(columns["conditions"] >> 9 & 0x1FFF)
    return columns[name]


def columns_of(population, rows):
    people = {name: column[rows] for name, column in population.people.items()}
    return {**people, "deprivation": population.areas["decile"][people["area"]]}


def test_england_adds_up_to_every_doors_total(population, built):
    weight = demand.england_weight(population)
    assert weight.sum() == pytest.approx(55_619_430, rel=1e-6)
    england = weight @ built.rates_of(population.people["risk"])
    ratio = np.array([demand.england_ratio(door.factors) for door in DOORS])
    assert england * ratio == pytest.approx([door.total for door in DOORS], rel=1e-9)
    assert demand.england_ratio("no such factors") == 1.0


def test_lancashire_and_south_cumbria_follows_from_its_people(population, built):
    own = built.rates_of(population.people["risk"]).sum(axis=0)
    assert own == pytest.approx(built.expected.sum(axis=1), rel=1e-9)
    assert ((built.england_share > 0.028) & (built.england_share < 0.036)).all()


def test_one_persons_group_is_recomputed_from_their_columns(population, built):
    rows = np.arange(0, population.n, 997)
    columns = columns_of(population, rows)
    assert np.array_equal(built.group_of(columns), population.people["risk"][rows])


def test_a_persons_rate_is_the_product_of_their_levels(population, built):
    """The slow, obvious twin: factor by factor, level by level."""
    door = next(i for i, d in enumerate(DOORS) if d.factors == "liaison_ae")
    by = {}
    for row in tables.read("demand_factors"):
        if row["name"] == "liaison_ae":
            by.setdefault(row["factor"], []).append((float(row["at_least"]), float(row["relative_rate"])))
    rows = np.arange(0, population.n, 9973)
    columns = columns_of(population, rows)
    expected = []
    for i in range(rows.size):
        rate = 1.0
        for name, levels in by.items():
            value = attribute(name, columns)[i]
            rate *= max((at, rr) for at, rr in levels if at <= value)[1]
        expected.append(rate)
    ratio = built.rates_of(population.people["risk"][rows])[:, door] / np.array(expected)
    assert ratio == pytest.approx(np.full(rows.size, ratio[0]), rel=1e-9)


def test_every_attribute_has_the_level_of_its_cuts(population, built):
    """The kernel's levels equal the slow twin's, attribute by attribute."""
    rows = np.arange(0, population.n, 1999)
    columns = columns_of(population, rows)
    expected = np.zeros(rows.size, np.int64)
    factors = built.families[0].factors
    for name, cuts, stride in zip(factors.attributes, factors.cuts, factors.stride, strict=True):
        expected += np.searchsorted(cuts, attribute(name, columns), side="right") * stride
    assert np.array_equal(factors.mixed_radix(columns), expected)
    assert {"n_ltc", "n_mental", "deprivation"} & set(built.attributes)


def test_recovery_lowers_the_hazard(population, built):
    case = np.flatnonzero((population.people["phq9"] >= 15) & (population.people["age"] >= 18))[:50]
    columns = columns_of(population, case)
    before = built.rates_of(built.group_of(columns))
    after = built.rates_of(built.group_of({**columns, "phq9": np.full(case.size, 3), "gad7": np.full(case.size, 2)}))
    assert (after[:, 0] < before[:, 0]).all()
    assert (after[:, 3] < before[:, 3]).all()


def test_groups_that_occur_come_first(population, built):
    risk = population.people["risk"][:, 0]
    assert risk.max() == built.families[0].n_occurring - 1
    count = np.bincount(risk)
    assert (np.diff(count) <= 0).all()


def test_no_site_has_more_than_its_published_attendances(population, built):
    door = DOORS[1]
    published = demand.published_attendances(population) * door.total
    by_area = np.add.reduceat(built.rates_of(population.people["risk"])[:, 1], population.areas["first"][:-1])
    share = np.diff(population.areas["catchment"] / 2**32, axis=1, prepend=0.0)
    residents = by_area @ share
    assert residents * built.site_factor[1] + built.outside[1] == pytest.approx(published, rel=1e-9)
    assert (built.site_factor[1] <= 1.0).all()
    southport = population.sites.index("Southport and Ormskirk")
    assert built.outside[1, southport] > 0.5 * published[southport]  # most of its people live elsewhere
    assert (built.site_factor[2] == 1.0).all()  # wards: nothing published to hold them to
    assert not built.outside[2].any()


def test_catchment_leaves_some_people_to_hospitals_elsewhere(population):
    catchment = population.areas["catchment"]
    assert (np.diff(catchment, axis=1) >= 0).all()
    assert (catchment[:, -1] <= 2**32).all()
    craven = population.areas["district"] == population.areas["district_names"].index("Craven")
    assert (catchment[craven, -1] < 0.8 * 2**32).all()


def test_deprivation_acts_once_except_where_a_published_share_is_met():
    acting = {row["name"] for row in tables.read("demand_factors") if row["factor"] == "deprivation"}
    assert acting == {"liaison_ae"}


def test_attendances_come_from_deprived_areas_as_published(population, built):
    weight = demand.england_weight(population) * built.rates_of(population.people["risk"])[:, 1]
    deprived = population.areas["decile"][population.people["area"]] <= 4
    assert weight[deprived].sum() / weight.sum() == pytest.approx(0.599, abs=0.01)


@pytest.mark.parametrize("name", [row["profile"] for row in tables.read("profiles")])
def test_profiles_have_mean_one(name):
    hours, months = profile(name)
    assert hours.shape == (168,)
    assert months.shape == (12,)
    assert hours.mean() == pytest.approx(1.0)
    days = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    assert months @ days / 365 == pytest.approx(1.0)
    assert (hours >= 0).all()


def test_mental_health_attendances_are_out_of_hours_as_published():
    hours, _ = profile("ae")
    in_hours = sum(hours[day * 24 + hour] for day in range(5) for hour in range(9, 17))
    assert 1 - in_hours / hours.sum() == pytest.approx(0.68, abs=0.01)
    assert hours[120:].sum() / hours.sum() == pytest.approx(0.313, abs=0.01)


@pytest.mark.parametrize(
    ("change", "word"),
    [({"factors": "crisys"}, "crisis"), ({"profile": "polise"}, "police")],
)
def test_unknown_names_are_refused_with_the_nearest_word(population, change, word):
    with pytest.raises(InputError, match=f"did you mean '{word}'"):
        build_demand(population, [dataclasses.replace(DOORS[0], **change)])
