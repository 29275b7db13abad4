"""Uncertain parameters: their table, their laws, the sets of a seed, and what they do to a plan."""

import dataclasses

import numpy as np
import pytest
from scipy import stats
from scipy.stats import qmc

from experiments.intervals import share_and_bounds
from experiments.planning import uncertain, uncertainty_rows
from experiments.planning.drivers import drivers
from experiments.planning.parameter_laws import ParameterLaw
from experiments.planning.parameter_sets import Design, applicable, design, with_values
from experiments.planning.size_tables import as_sure, undeclared_in_words
from experiments.planning.targets import met
from experiments.planning.uncertainty import (
    BLOCK,
    FIRST_YEAR,
    grow,
    parameters_for,
    try_parameters,
    undeclared_of,
)
from experiments.planning.years import AreaSubject, FileSubject, Task, YearsOfPool, evaluate, setting_with
from experiments.scenario import Scenario
from pathways import files
from pathways.errors import InputError

SHORT = AreaSubject(Scenario(days=21, warm_up=7, pathways=("liaison",)).canonical())
HEAD = """
[parameter.one]
title = "one"
source = "assumption: for a test"
confidence = "assumption"
"""
DEMAND = HEAD + 'scales = "demand"\nof = ["liaison"]\nlognormal = { low = 0.3, high = 9 }\n'
BESIDE = DEMAND.replace("parameter.one", "parameter.other").replace('"liaison"', '"liaison/ward"').replace(
    "low = 0.3, high = 9", "low = 0.99, high = 1.01"
)  # fmt: skip


@pytest.fixture(scope="module")
def library():
    return {name: files.library(name) for name in files.library_names()}


def table(tmp_path, text):
    file = tmp_path / "uncertain.toml"
    file.write_text(text, encoding="utf-8")
    return file


def never() -> bool:
    return False


def silent(message: str) -> None:
    pass


def tried(years, plan, file, sets, factors=()):
    """Try a plan with the parameters of a table; returns what was tried and the document's part."""
    usable = np.ones(len(years.layout.targets), dtype=bool)
    load = np.array(years.layout.baseline, dtype=float)
    found = try_parameters(years, plan, usable, load, 0.8, never, silent, sets=sets, factors=factors, file=file)
    assert found is not None
    certain = [
        met(years.layout.targets, evaluate(Task(years.subject, plan, FIRST_YEAR + i)).values) for i in range(sets)
    ]
    return found, uncertainty_rows.of(found, years.layout, usable, plan, certain, 0.8, 0.95)


# --- laws and sets --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("law", [ParameterLaw("lognormal", 0.7, 1.6), ParameterLaw("beta", 0.15, 0.32)])
def test_a_law_lies_in_its_range_with_95_per_cent(law):
    assert law.quantile(0.025) == pytest.approx(law.low, rel=1e-5)
    assert law.quantile(0.975) == pytest.approx(law.high, rel=1e-5)
    drawn = law.quantile((np.arange(10_000) + 0.5) / 10_000)
    assert np.mean((drawn >= law.low) & (drawn <= law.high)) == pytest.approx(0.95, abs=2e-4)


def test_a_range_without_width_is_certain():
    assert set(ParameterLaw("beta", 0.3, 0.3).quantile(np.array([0.01, 0.99])).tolist()) == {0.3}


def test_the_same_seed_gives_the_same_sets(library):
    parameters = uncertain.read(library)
    assert np.array_equal(design(parameters, 40, 4).values, design(parameters, 40, 4).values)
    assert not np.array_equal(design(parameters, 40, 4).values, design(parameters, 40, 5).values)


def test_hardly_any_two_parameters_go_together(library):
    parameters = uncertain.read(library)
    for seed in (1, 2):
        together = stats.spearmanr(design(parameters, 40, seed).values).statistic - np.eye(len(parameters))
        assert np.abs(together).max() < 0.2
    plain = qmc.LatinHypercube(len(parameters), rng=1).random(40)
    assert np.abs(stats.spearmanr(plain).statistic - np.eye(len(parameters))).max() > 0.3


def test_sets_are_spread_evenly_over_every_range(library):
    parameters = uncertain.read(library)
    values = design(parameters, 32, 1).values
    for k, one in enumerate(parameters):
        quarters = np.searchsorted(one.law.quantile(np.array([0.25, 0.5, 0.75])), values[:, k])
        assert np.bincount(quarters, minlength=4).tolist() == [8, 8, 8, 8]


# --- the table ------------------------------------------------------------------------------------------------


def test_the_table_covers_the_pathways_of_the_default_scenario_and_every_range_has_a_source(library):
    parameters = uncertain.read(library)
    assert {path.partition("/")[0] for one in parameters for path in one.of} >= set(Scenario().pathways)
    assert uncertain.undeclared(Scenario().pathways) == []
    assert all(one.source and one.confidence for one in parameters)


def test_a_sizing_of_other_pathways_says_that_their_uncertainty_is_not_declared():
    own = AreaSubject(Scenario(pathways=("liaison", "autism")).canonical())
    assert undeclared_of(own) == ["autism"]
    assert "autism" in undeclared_in_words(undeclared_of(own))
    assert undeclared_of(FileSubject("", "")) == []
    assert undeclared_in_words([]) == ""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('of = ["liaison"]', 'of = ["liason"]'), "did you mean 'liaison'"),
        (('of = ["liaison"]', 'of = ["liaison/wards"]'), "did you mean 'ward'"),
        (('scales = "demand"', 'scales = "demands"'), "did you mean 'demand'"),
        (("lognormal =", "lognorml ="), "did you mean 'lognormal'"),
        (('source = "assumption: for a test"', ""), "source"),
        (("low = 0.3, high = 9", "low = 9, high = 0.3"), "0 < low <= high"),
        (("low = 0.3, high = 9", "low = 1.5, high = 2.5"), "holds the present value, 1"),
        (("low = 0.3, high = 9", "low = 0.4"), "range in which it lies"),
        (("lognormal = { low = 0.3, high = 9 }", "beta = { low = 0.4, high = 0.5 }"), "beta for a share only"),
    ],
)
def test_a_bad_table_is_refused(tmp_path, library, change, said):
    assert uncertain.read(library, table(tmp_path, DEMAND))[0].name == "one"
    with pytest.raises(InputError, match=said):
        uncertain.read(library, table(tmp_path, DEMAND.replace(*change)))


@pytest.mark.parametrize(
    ("scales", "path", "said"),
    [
        ("durations", "liaison/state.ed_assesment.minutes", "did you mean 'ed_assessment'"),
        ("durations", "liaison/state.ed_assessment.minute", "did you mean 'minutes'"),
        ("durations", "liaison/state.ed_assessment.team", "a duration"),
        ("chance", "liaison/state.ed_assessment.minutes", "a chance"),
        ("share", "liaison/route.ae_arrival.referal", "did you mean 'referral'"),
        ("share", "liaison/route.ed_assessment.outcome", "leaves something to others"),
    ],
)
def test_a_place_that_is_not_there_is_refused_with_the_nearest_word(tmp_path, library, scales, path, said):
    text = HEAD + f'scales = "{scales}"\nof = ["{path}"]\nlognormal = {{ low = 0.8, high = 1.25 }}\n'
    with pytest.raises(InputError, match=said):
        uncertain.read(library, table(tmp_path, text))


def test_what_a_scenario_has_changed_is_left_out_and_said():
    own = Scenario(pathways=("liaison", "talking_therapies"), pathway={
        "talking_therapies": {"route.opt_in.screening.share": 0.95, "route.opt_in.did_not_opt_in.share": 0.05}
    })  # fmt: skip
    fit, left_out = parameters_for(AreaSubject(own.canonical()))
    assert {path.partition("/")[0] for one in fit for path in one.of} == {"liaison", "talking_therapies"}
    reasons = {one.name: why for one, why in left_out}
    assert "0.95" in reasons["opt_in"]
    assert "crisis_demand" in reasons


# --- what a set changes ---------------------------------------------------------------------------------------


def test_a_set_changes_what_it_names_and_nothing_else(library):
    setting = setting_with(AreaSubject(Scenario(days=21, warm_up=7).canonical()))
    by_name = {one.name: one for one in uncertain.read(library)}
    values = (
        (by_name["ward_demand"], 1.5), (by_name["opt_in"], 0.8), (by_name["acute_stay"], 1.1),
        (by_name["missed_appointments"], 1.2), (by_name["step_3_share"], 1.4),
    )  # fmt: skip
    other = with_values(setting, values)
    doors = [door.name for door in setting.demand.doors]
    factors = np.where(np.array(doors) == "liaison/ward", 1.5, 1.0)
    risk = setting.population.people["risk"][:1000]
    assert np.allclose(other.demand.rates_of(risk), setting.demand.rates_of(risk) * factors)
    stay = other.specs["inpatient"].states["acute_male"].stay
    assert stay.mean == pytest.approx(1.1 * 32 * 86_400)
    assert other.specs["talking_therapies"].states["cbt"].sessions.dna == pytest.approx(1.2 * 0.06)
    shares = {
        (route.to, str(route.guard)): route.share for route in other.specs["talking_therapies"].routes
        if route.source in ("opt_in", "assessed")
    }  # fmt: skip
    assert shares["screening", "None"] == 0.8
    assert shares["did_not_opt_in", "None"] == pytest.approx(0.2)
    plain = [share for (_, guard), share in shares.items() if guard == "None"]
    assert sum(plain) == pytest.approx(2.0)
    assert shares["cbt", "None"] / shares["counselling", "None"] == pytest.approx(2.0)
    odds = (shares["cbt", "None"] + shares["counselling", "None"]) / shares["advice_only", "None"]
    assert odds == pytest.approx(1.4 * 0.225 / 0.20)
    assert other.digest != setting.digest
    assert setting.specs["talking_therapies"].states["cbt"].sessions.dna == 0.06
    assert other.population is setting.population


def test_demand_scaled_is_demand_made_anew(library):
    subject = AreaSubject(Scenario(days=21, warm_up=7, pathways=("liaison",)).canonical())
    one = next(one for one in uncertain.read(library) if one.name == "ae_demand")
    scaled = with_values(setting_with(subject), ((one, 1.2),)).demand
    made = setting_with(AreaSubject(Scenario(days=21, warm_up=7, pathways=("liaison",),
                                             demand={"liaison/ae": 1.2}).canonical())).demand  # fmt: skip
    assert np.allclose(scaled.families[0].rates, made.families[0].rates)
    assert np.allclose(scaled.outside, made.outside)
    assert np.allclose(scaled.site_factor, made.site_factor)
    assert [door.total for door in scaled.doors] == pytest.approx([door.total for door in made.doors])


# --- what it does to a plan -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def liaison():
    return YearsOfPool(SHORT)


def test_ranges_without_width_give_the_same_years_as_certain_parameters(tmp_path, liaison):
    text = DEMAND.replace("low = 0.3, high = 9", "low = 1, high = 1")
    text += text.replace("parameter.one", "parameter.two").replace('"demand"', '"share"').replace(
        '"liaison"', '"liaison/route.ae_arrival.referral"'
    )  # fmt: skip
    found, said = tried(liaison, liaison.layout.baseline, table(tmp_path, text), sets=3)
    for i in range(3):
        certain = evaluate(Task(SHORT, liaison.layout.baseline, FIRST_YEAR + i)).values
        assert np.array_equal(found.values[i], certain, equal_nan=True)
    for unit in said["units"]:
        assert unit["uncertain_met"] == unit["certain_met"]
        assert unit["drivers"] == []


def test_the_parameter_that_decides_is_found_and_the_other_is_not(tmp_path, liaison):
    plan = tuple(2 * n for n in liaison.layout.baseline)
    found, said = tried(liaison, plan, table(tmp_path, DEMAND + BESIDE), sets=20, factors=(6.0,))
    short = [unit for unit in said["units"] if unit["uncertain_met"] < unit["uncertain_years"]]
    assert short
    named = {driver["parameter"] for unit in short for driver in unit["drivers"]}
    assert named == {"one"}
    assert all(driver["fails_when"] == "high" for unit in short for driver in unit["drivers"])
    assert sum(unit["uncertain_met"] for unit in said["units"]) < sum(unit["certain_met"] for unit in said["units"])
    up = iter([False, True, True])  # the time is up after the first block of years
    cut = try_parameters(
        liaison, plan, np.ones(len(liaison.layout.targets), dtype=bool), np.ones(len(plan)), 0.8, lambda: next(up),
        silent, sets=20, file=table(tmp_path, DEMAND + BESIDE),
    )  # fmt: skip
    assert np.array_equal(cut.values, found.values[:BLOCK], equal_nan=True)
    assert np.array_equal(cut.design.values, found.design.values[:BLOCK])
    brackets = [unit["as_sure"] for unit in said["units"] if unit["as_sure"]]
    assert any(one["holds_at"] == 6.0 and one["wte_more"] > 0 for one in brackets)
    assert {row["unit"] for row in uncertainty_rows.table(said)} == {unit["unit"] for unit in said["units"]}


def test_chance_alone_names_hardly_any_driver(library):
    parameters = uncertain.read(library)
    sets = design(parameters, 32, 1)
    margin = dict(enumerate(np.random.default_rng(3).normal(size=(40, 32))))
    assert sum(map(len, drivers(sets, margin).values())) <= 1
    strongest = drivers(sets, {0: 0.01 * margin[0] - sets.values[:, 2]})[0][0]
    assert strongest.parameter == 2
    assert strongest.correlation < -0.8


def test_a_parameter_that_only_goes_with_the_driver_is_not_named(library):
    sets = design(uncertain.read(library), 32, 1)
    values = sets.values.copy()
    values[:, 1] = values[:, 0] ** 2 * np.exp(0.2 * np.random.default_rng(5).normal(size=32))
    luck = 0.05 * np.random.default_rng(3).normal(size=32)
    alone = drivers(Design(sets.parameters[1:2], values[:, 1:2]), {0: luck - values[:, 0]})[0]
    assert len(alone) == 1  # by itself it would be
    beside = drivers(Design(sets.parameters, values), {0: luck - values[:, 0]})[0]
    assert [one.parameter for one in beside] == [0]


def test_a_margin_that_never_moves_has_no_driver(library):
    sets = Design(uncertain.read(library), design(uncertain.read(library), 32, 1).values)
    assert drivers(sets, {0: np.full(32, 0.1), 1: np.full(32, np.nan)}) == {0: [], 1: []}


def test_a_roster_grows_by_its_busiest_row_until_it_has_the_hours(liaison):
    layout = liaison.layout
    levers = layout.levers_of_pool[0]
    plan = tuple(layout.baseline)
    load = np.zeros(len(plan))
    load[levers[1]] = 5.0
    bigger = np.array(plan)
    grow(bigger, plan, layout, levers, load, 1.01)
    assert bigger[levers[1]] == plan[levers[1]] + 1
    assert bigger.sum() == sum(plan) + 1


def test_a_stand_alone_file_has_no_uncertain_parameters():
    class Nothing:
        subject = FileSubject("", "")

    assert try_parameters(Nothing(), (), np.ones(0), np.ones(0), 0.8, never, silent) is None


def test_no_time_gives_nothing(liaison):
    usable = np.ones(len(liaison.layout.targets), dtype=bool)
    plan = liaison.layout.baseline
    assert try_parameters(liaison, plan, usable, np.ones(len(plan)), 0.8, lambda: True, silent) is None


def test_an_interval_of_a_share_is_the_exact_binomial_one():
    found = share_and_bounds(8, 10)
    assert (found["low"], found["high"]) == pytest.approx((0.4439, 0.9748), abs=1e-4)
    assert share_and_bounds(0, 0)["high"] == 1.0


def test_what_it_would_take_is_said_in_words():
    bracket = {"fails_at": 1.1, "holds_at": 1.25, "wte_more": 3.25, "places_more": 2}
    assert as_sure(bracket) == "× 1.1 to 1.25 (+3.2 WTE, +2 places)"
    assert as_sure(bracket | {"holds_at": None}) == "more than × 1.1"
    assert as_sure(None) == ""


def test_a_share_may_be_in_two_groups_at_once(library):
    found = uncertain.groups_of(library["talking_therapies"], "route.assessed.cbt")
    assert len(found) == 2
    assert sorted("if" in keys for keys, _ in found) == [False, True]
    assert all(len(others) in (7, 9) for _, others in found)
    lone = dataclasses.replace(uncertain.read(library)[0], of=("crisis/nowhere",))
    assert applicable([lone], library)[0] == []
