"""The built-in tables of the risk analysis: complete, sourced, and about what the parts really have."""

import tomllib

import numpy as np
import pytest

from abm import areas
from experiments.risk import england, inputs, mitigations, parts, register, run
from experiments.risk.simulated import Point
from pathways.errors import InputError


@pytest.fixture(scope="module")
def tables():
    return run.tables_of(run.wanted_of("lsc", "6 min", 64, 1), None, None, None)


def test_every_kind_of_input_that_was_asked_for_is_there(tables):
    drives = {name for one in tables.inputs.inputs for name in one.drives}
    assert {"leaving", "retention", "vacancies", "volume_newly_qualified", "attrition_newly_qualified"} <= drives
    assert {"access_talking_therapies", "population", "prevalence", "productivity", "contact_minutes"} <= drives
    assert {"pay", "agency_premium", "sickness"} <= drives
    assert all(one.question.endswith("?") for one in tables.inputs.inputs)


def test_present_values_lie_within_the_ranges_of_the_inputs(tables):
    for one in tables.inputs.inputs:
        present = 1.0 if one.is_factor else tables.parts.present[one.part][one.drives[0]]
        assert one.law.low <= present <= one.law.high, one.name


def test_no_lever_or_factor_leaves_the_range_its_part_allows(tables):
    from abm import staff_rates

    levers = staff_rates.levers()
    for one in tables.inputs.inputs:
        far = one.law.quantile(np.array([1e-6, 1 - 1e-6]))
        for name in one.drives:
            if one.part == "staff":
                values = far * (levers[name].default if one.is_factor else 1.0)
                assert values.min() >= levers[name].least, name
                assert values.max() <= levers[name].most, name


def test_correlations_hold_together_and_are_those_of_the_table(tables):
    together = tables.inputs.joint()
    assert np.linalg.eigvalsh(together.correlation).min() > 0.05
    assert len(tables.inputs.together) == len(tomllib.loads(inputs.TABLE.read_text())["correlation"])


def test_every_row_of_the_register_template_has_a_due_date_owner_and_source(tables):
    assert len(tables.risks) >= 15
    modelled = [one for one in tables.risks if one.driver != register.NOT_MODELLED]
    assert 10 <= len(modelled) < len(tables.risks)
    assert all(one.likelihood is None for one in modelled)
    assert all(one.confidence.strip() for one in tables.risks)


def test_a_register_with_an_unknown_driver_is_refused_with_the_nearest_word(tables, tmp_path):
    file = tmp_path / "register.csv"
    file.write_text(register.TABLE.read_text().replace(",leaving,", ",leavng,"), encoding="utf-8")
    with pytest.raises(InputError, match="did you mean 'leaving'"):
        register.read([one.name for one in tables.inputs.inputs], file)


def test_mitigations_are_of_every_kind_that_was_asked_for(tables):
    assert {"retention", "skill mix", "new roles", "digital", "alternatives", "step-down"} <= {
        one.kind for one in tables.mitigations
    }


def test_a_mitigation_of_what_is_in_place_by_a_share_asks_for_the_other_corner(tables):
    one = next(one for one in tables.mitigations if one.name == "alternatives")
    told = {**tables.parts.present["demand"], "alternatives": 0.0}
    point = Point("demand", "lsc", "2020/21", tuple(sorted(told.items())), 1)
    there = mitigations.changed(one, point, tables.parts.shares)
    assert dict(there.told)["alternatives"] == pytest.approx(1 / tables.parts.shares["alternatives"])
    assert mitigations.changed(one, there, tables.parts.shares) == point


def test_bands_rise():
    bands = register.bands()
    assert list(bands.likelihood) == sorted(bands.likelihood)
    assert list(bands.impact) == sorted(bands.impact)
    assert register.score(bands.impact, 0.0) == 1
    assert register.score(bands.impact, bands.impact[4]) == 5
    assert [register.rating(*pair) for pair in ((5, 5), (3, 3), (2, 2), (1, 1))] == [
        "extreme",
        "high",
        "moderate",
        "low",
    ]


def test_a_place_that_is_none_is_refused_before_anything_runs():
    with pytest.raises(InputError, match="did you mean 'West Lancashire'"):
        run.wanted_of("West Lancashir", "6 min", 64, 1)
    with pytest.raises(InputError, match="--budget"):
        run.wanted_of("lsc", "six", 64, 1)


def test_a_delivery_system_leads_its_own_document():
    wanted = run.wanted_of("West Lancashire", "6 min", 64, 1)
    assert (wanted.area, wanted.place) == ("lsc", "West Lancashire")


def test_staff_of_the_systems_and_of_what_they_share_are_all_staff_of_the_area():
    told = tuple(sorted(parts.parts("lsc", "2020/21").present["staff"].items()))
    found = parts.simulate(Point("staff", "lsc", "2020/21", told, 1))
    whole, *systems = parts.places("lsc")
    assert sum(found["in_post", one] for one in systems) < found["in_post", whole]  # the area shares some teams
    assert found["in_post", whole] < found["start_posts", whole] * 1.2
    assert 60_000 < found["start_pounds", whole] / found["start_posts", whole] < 110_000


def test_more_leavers_fewer_staff_and_more_retention_more_of_them():
    present = parts.parts("lsc", "2020/21").present["staff"]
    whole = parts.places("lsc")[0]

    def effective(**told):
        point = Point("staff", "lsc", "2020/21", tuple(sorted({**present, **told}.items())), 1)
        return parts.simulate(point)["effective", whole]

    assert effective(leaving=1.3) < effective() < effective(retention=0.6)


def test_englands_sample_stands_for_three_different_stps():
    assert len(set(england.sample())) == england.N_STPS
    assert areas.LSC not in england.sample()
    assert england.posts() == 214_000


def test_a_point_of_england_is_the_ratio_of_its_stp_times_the_whole():
    def twice(point):
        posts = 100.0 if point.told == () else 200.0
        return {("modelled_posts", title_of(point)): posts, ("modelled_pounds", title_of(point)): posts * 2}

    def title_of(point):
        return areas.title_of(point.area)

    england.baseline.cache_clear()
    point = Point("demand", "england", "2020/21", (("population", 1.0),), england.N_STPS * 5)
    found = england.for_england(point, twice)
    people = england.residents()
    expected = 2 * np.mean([100.0 / people[one] for one in england.sample()]) * sum(people.values())
    assert found["modelled_posts", "England"] == pytest.approx(expected)
    england.baseline.cache_clear()
