"""What demand asks for: factors from tables, residents of a later year, work turned into posts, places that add up."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from abm import standalone, tables
from abm.ages import BAND_LABELS, BAND_OF_AGE
from abm.population import Population
from experiments import scenario as scenarios
from experiments.demand import compared, deprivation, factors, national, places, posts, residents, simulate, waterfall
from experiments.demand.needed import cell_of, corners, groups, programmes
from experiments.demand.simulate import Year
from experiments.planning.establishment import wte
from experiments.planning.layout import layout_of
from experiments.planning.offered_load import Offered
from experiments.workforce import apportion
from pathways import files
from pathways.errors import InputError
from pathways.specs import validated

LSC = "Lancashire & South Cumbria"


# ---------------------------------------------------------------- factors


def test_every_factor_and_change_has_a_source_and_a_direction_written_beforehand():
    for factor in factors.all_factors().values():
        assert factor.source
        assert factor.confidence
        assert factor.direction in ("more", "fewer")
        assert factor.changes or factor.name == factors.POPULATION
        for change in factor.changes:
            assert change.source
            assert change.confidence


def test_at_the_baseline_all_factors_as_planned_change_nothing():
    asked = factors.asked(factors.amounts_of(None), factors.BASELINE)
    assert (asked.population, asked.hours, dict(asked.demand), dict(asked.scenarios)) == (0.0, 1.0, {}, {})


def test_children_ask_a_quarter_more_often_when_35_percent_are_reached_instead_of_28():
    asked = factors.asked(factors.amounts_of({"access_children": 1.0}), "2020/21")
    assert asked.demand["camhs"] == pytest.approx(35 / 28)
    half = factors.asked(factors.amounts_of({"access_children": 0.5}), "2020/21")
    assert half.demand["camhs"] == pytest.approx(1 + 0.5 * (35 / 28 - 1))


def test_talking_therapies_reach_25_percent_with_and_without_long_term_conditions_together():
    both = factors.asked(factors.amounts_of({"access_talking_therapies": 1.0, "comorbidity_therapies": 1.0}), "2020/21")
    doors = {f"talking_therapies/{name}": door.share for name, door in spec("talking_therapies").doors.items()}
    total = sum(share * both.demand[door] for door, share in doors.items())
    assert total == pytest.approx(25 / 15.8, rel=1e-3)


def spec(name):
    return validated(files.library(name))


def test_two_factors_at_one_door_multiply():
    one = factors.asked(factors.amounts_of({"prevalence": 1.0}), "2020/21").demand["camhs"]
    other = factors.asked(factors.amounts_of({"access_children": 1.0}), "2020/21").demand["camhs"]
    both = factors.asked(factors.amounts_of({"prevalence": 1.0, "access_children": 1.0}), "2020/21").demand["camhs"]
    assert both == pytest.approx(one * other)


@pytest.mark.parametrize(
    ("given", "word"), [({"acces_children": 1}, "access_children"), ({"population": -1}, "amount")]
)
def test_a_factor_that_is_not_there_or_an_amount_that_cannot_be_is_refused(given, word):
    with pytest.raises(InputError, match=word):
        factors.amounts_of(given)


def test_a_year_outside_the_plan_is_refused():
    with pytest.raises(InputError, match="2020/21"):
        factors.asked(factors.amounts_of({}), "2021/22")


@pytest.mark.parametrize(("old", "new"), [("access_children,demand", "acces_children,demand"), (",28,30,", ",0,30,")])
def test_a_table_with_an_unknown_factor_or_a_level_of_nothing_is_refused(tmp_path, old, new):
    for name in ("factors", "changes"):
        shutil.copy(factors.FOLDER / f"{name}.csv", tmp_path)
    file = tmp_path / "changes.csv"
    file.write_text(file.read_text().replace(old, new))
    with pytest.raises(InputError):
        factors.all_factors(tmp_path)


def test_every_door_scenario_and_service_of_the_tables_exists():
    doors = {f"{name}/{door}" for name in files.library_names() for door in spec(name).doors}
    presets = {path.stem for path in Path("experiments/scenarios").glob("*.toml")}
    for factor in factors.all_factors().values():
        for change in factor.changes:
            known = {"demand": doors | set(files.library_names()), "scenario": presets, "hours": {"contact time"}}
            assert change.key in known[change.kind], change
    assert {row["service"] for row in tables.read("same_services", factors.FOLDER)} == set(files.library_names())


def test_a_scenario_in_place_by_a_share_is_a_mixture_whose_weights_sum_to_one():
    asked = factors.asked(factors.amounts_of(None), "2019/20")
    mixture = list(corners(asked))
    assert len(mixture) == 4
    assert sum(weight for _, weight in mixture) == pytest.approx(1.0)
    assert list(corners(factors.asked(factors.amounts_of({}), "2020/21"))) == [((), 1.0)]


# ---------------------------------------------------------------- residents


def town(people_by_band, growth, tmp_path):
    """A district of two small areas, and a table in which its bands grow by so much."""
    rng = np.random.default_rng(1)
    ages = np.array([low for low, _ in map(band, range(len(BAND_LABELS)))])
    age = np.repeat(ages, people_by_band)
    area = np.sort(rng.integers(0, 2, age.size)).astype(np.uint16)
    age = rng.permutation(age).astype(np.uint8)
    first = np.array([0, (area == 0).sum(), age.size], np.int32)
    ordinal = (np.arange(age.size) - first[area]).astype(np.uint16)
    people = {"area": area, "ordinal": ordinal, "age": age, "who": np.arange(age.size)}
    land = {"district": np.zeros(2, np.int8), "district_names": ["Town"], "first": first, "code": np.arange(2)}
    head = ["district", "band", *factors.YEARS, "source", "confidence"]
    lines = [",".join(head)] + [
        f"{place},{label},1000,1000,1000,1000,{round(1000 * (1 + g))},made up,made up"
        for place in ("England", "Town") for label, g in zip(BAND_LABELS, growth, strict=True)
    ]  # fmt: skip
    (tmp_path / "population.csv").write_text("\n".join(lines) + "\n")
    return Population("town", 1, people, land, ["Town"], [], "digest")


def band(k):
    ages = np.flatnonzero(k == BAND_OF_AGE)
    return int(ages[0]), int(ages[-1])


GROWTH = [-0.1, 0.2, 0.0, -0.3, 0.0, 0.0, 0.05, 0.0, 0.1, 0.0, 0.0]


@pytest.mark.parametrize("shift", [0.0, 0.3, -0.3])
def test_a_later_year_has_as_many_of_each_age_as_its_table_says(tmp_path, shift):
    population = town([100] * 11, [g + shift for g in GROWTH], tmp_path)
    later = residents.residents_of(population, "2020/21", folder=tmp_path)
    want = np.rint(100 * (1 + np.array(GROWTH) + shift))
    assert np.bincount(BAND_OF_AGE[later.people["age"]], minlength=11).tolist() == want.tolist()
    assert later.areas["first"][-1] == later.n
    for a in range(2):  # everybody has a number of their own, counted from 0 in each small area
        own = later.people["ordinal"][later.people["area"] == a]
        assert own.tolist() == list(range(own.size))


def test_whoever_stays_keeps_name_and_number(tmp_path):
    population = town([200] * 11, GROWTH, tmp_path)
    later = residents.residents_of(population, "2020/21", folder=tmp_path)
    before = {
        (a, o): who for a, o, who in zip(*(population.people[k] for k in ("area", "ordinal", "who")), strict=True)
    }
    after = {(a, o): who for a, o, who in zip(*(later.people[k] for k in ("area", "ordinal", "who")), strict=True)}
    same = sum(after.get(name) == who for name, who in before.items())
    leaving = sum(round(-200 * g) for g in GROWTH if g < 0)
    closed_up = population.n - later.n  # the last of a small area take the places of those who are gone
    assert same >= population.n - leaving - closed_up


def test_nothing_changes_at_the_baseline_or_with_none_of_the_factor(tmp_path):
    population = town([50] * 11, GROWTH, tmp_path)
    assert residents.residents_of(population, "2016/17", folder=tmp_path) is population
    assert residents.residents_of(population, "2020/21", 0.0, folder=tmp_path) is population
    half = residents.residents_of(population, "2020/21", 0.5, folder=tmp_path)
    assert half.digest != population.digest
    assert np.bincount(BAND_OF_AGE[half.people["age"]], minlength=11)[1] == 55


# ---------------------------------------------------------------- posts

PATHWAY = """
name = "line"
title = "A line"
source = "made up"
[arrivals.calls]
per_hour = 1.0
to = "call"
source = "made up"
[team.line]
scope = "area"
staff = [{ hours = "24/7", mh_practitioner = 2, least = 1 }, { hours = "Mon-Fri 09:00-17:00", mh_practitioner = 1 }]
source = "made up"
[[team.line.target]]
measure = "utilisation"
at_most = 0.5
status = "planning"
source = "made up"
[state.call]
kind = "contact"
team = "line"
roles = { mh_practitioner = 1 }
minutes = { constant = "30 min" }
source = "made up"
[state.done]
kind = "end"
[[route]]
from = "call"
to = "done"
share = 1.0
"""


def year_of(load):
    layout = layout_of(standalone.network_of(validated(files.parse(PATHWAY, "line"))))
    n = len(layout.network.units.pool_names)
    offered = Offered(
        np.zeros((n, 168)), np.array(load, float), np.zeros(n), np.zeros(n), np.full(n, 8760.0), np.zeros(2)
    )
    return Year(layout, offered, np.zeros((1, 1)), (), np.zeros(1, np.int64))


def test_posts_are_load_over_the_teams_own_utilisation_by_hours_a_week_over_those_of_a_post():
    (found,) = posts.posts_of(year_of([3.0, 1.0]))
    assert found.role == "mh_practitioner"
    assert found.wte == pytest.approx(wte("mh_practitioner", 3.0 / 0.5 * 168 + 1.0 / 0.5 * 40))
    assert found.contacts == 8760.0


def test_a_row_never_has_fewer_than_its_least():
    (found,) = posts.posts_of(year_of([0.01, 0.0]))
    assert found.wte == pytest.approx(wte("mh_practitioner", 168))


def test_shorter_contacts_need_fewer_posts_where_the_least_does_not_hold():
    (before,), (after,) = posts.posts_of(year_of([3.0, 1.0])), posts.posts_of(year_of([3.0, 1.0]), hours=0.9)
    assert after.wte == pytest.approx(0.9 * before.wte)
    (least,) = posts.posts_of(year_of([0.01, 0.0]), hours=0.9)
    assert least.wte == pytest.approx(wte("mh_practitioner", 168))


def test_every_role_has_a_group_and_every_service_a_programme():
    for name in files.library_names():
        assert name in programmes()
        for team in spec(name).teams.values():
            roles = {role for row in team.staff for role in row.roles} | set(team.clinicians)
            assert roles <= set(groups())


@pytest.mark.parametrize("text", [
    'lives = true', '[[team]]\nteam = "inpatient/acute_male"\nplaces = 10\nfrom = 2016-10-01',
])  # fmt: skip
def test_a_scenario_with_lives_or_changes_on_a_day_is_refused(tmp_path, text):
    file = tmp_path / "dated.toml"
    file.write_text(f'extends = "baseline"\n{text}\n')
    with pytest.raises(InputError, match=r"lives|no date"):
        simulate.wanted("lsc", str(file), (), 1)


def test_of_a_preset_its_pathways_and_demand_are_taken_and_rosters_where_it_has_nothing_else():
    both = simulate.wanted("lsc", None, ("core24-everywhere", "integrated-crisis-pathway"), 1)
    assert both.demand["crisis_alternatives/cafe"] > 1
    assert len(both.team) == len(scenarios.read("core24-everywhere").team) > 0
    assert simulate.wanted("lsc", None, ("integrated-crisis-pathway",), 1).team == ()


def test_an_area_is_an_stp_or_one_of_the_delivery_systems():
    assert cell_of("lsc") == ("lsc", None)
    assert cell_of("West Lancashire") == ("lsc", "West Lancashire")
    with pytest.raises(InputError, match="Fylde Coast"):
        cell_of("Fylde Cost")


# ---------------------------------------------------------------- waterfalls and gaps

USE = places.Use(
    ("a", "b"), ("NHS One CCG", "NHS Two CCG", "NHS Three CCG"), ("East", "East", "West"),
    np.array([[1.0, 3.0, 4.0], [1.0, 1.0, 2.0]]), np.array([0.02, 0.04]),
)  # fmt: skip


@pytest.fixture
def known_use(monkeypatch):
    monkeypatch.setattr(places, "use_of", lambda cell: USE)


def rows_of(east=8.0, shared=10.0):
    common = {"replication": 0, "programme": "p", "group": "nursing", "employer": "nhs", "payer": "ccg"}
    return pd.DataFrame([
        common | {"system": "East", "team": "a/x", "service": "a", "role": "registered_nurse", "posts": east},
        common | {"system": LSC, "team": "b/x", "service": "b", "role": "registered_nurse", "posts": shared},
    ])  # fmt: skip


def test_a_systems_posts_go_to_its_own_ccgs_and_shared_ones_to_all_by_use(known_use):
    found = places.shared_out(rows_of(), "lsc").groupby("leaf")["posts"].sum()
    assert found["NHS One CCG"] == pytest.approx(8 / 4 + 10 / 4)
    assert found["NHS Two CCG"] == pytest.approx(8 * 3 / 4 + 10 / 4)
    assert found["NHS Three CCG"] == pytest.approx(10 / 2)
    assert found.sum() == pytest.approx(18.0)


def test_england_is_carried_service_by_service_by_the_share_of_its_referrals(known_use):
    assert places.carried_to_england(rows_of(), "lsc")["posts"].tolist() == pytest.approx([8 / 0.02, 10 / 0.04])


def test_bars_close_to_the_tenth_whatever_is_rounded():
    rng = np.random.default_rng(3)
    levels = rng.uniform(10, 20, (9, 8))
    bars = waterfall.whole_tenths(levels)
    assert (bars[:-1].sum(axis=0) == bars[-1]).all()
    assert np.abs(bars[-1] / 10 - levels[-1]).max() <= 0.05 + 1e-9


def measured(posts):
    names = factors.all_factors()
    cases = (waterfall.BASE, *names, waterfall.NET)
    table = pd.DataFrame([{"case": case, "programme": "p", "group": "nursing", "employer": "nhs", "posts": 1.0}
                          for case in cases])  # fmt: skip
    return waterfall.Measured(
        "lsc", "2020/21", 2, cases, USE.leaves, USE.system_of, posts, table, posts.sum(axis=1) * 30
    )


def test_places_add_up_at_every_level_bar_by_bar_and_changes_hang_on_each_other():
    names = factors.all_factors()
    found = measured(np.random.default_rng(5).uniform(50, 60, (len(names) + 2, 3, 2)))
    rows = {spot.name: waterfall._rows(found, names, spot) for spot in waterfall.tree(found)}
    for name, inside in (("East", ["NHS One CCG", "NHS Two CCG"]), (LSC, ["East", "West"])):
        for k, row in enumerate(rows[name]):
            assert row["value"] == pytest.approx(sum(rows[one][k]["value"] for one in inside))
    for bars in rows.values():
        assert bars[-2]["end"] == pytest.approx(bars[-1]["value"])
        assert bars[-2]["step"] == waterfall.INTERACTION
        total = sum(round(bar["value"] * 10) for bar in bars[:-1])
        assert total == round(bars[-1]["value"] * 10)


def test_factors_that_do_not_touch_each_other_leave_no_interaction():
    n = len(factors.all_factors())
    posts_ = np.full((n + 2, 3, 2), 50.0)
    posts_[1], posts_[2], posts_[-1] = 52.0, 53.0, 55.0
    rows = waterfall._rows(measured(posts_), factors.all_factors(), waterfall.tree(measured(posts_))[1])
    assert next(row for row in rows if row["step"] == waterfall.INTERACTION)["value"] == 0
    posts_[-1] = 57.0  # a check that can fail
    rows = waterfall._rows(measured(posts_), factors.all_factors(), waterfall.tree(measured(posts_))[1])
    assert next(row for row in rows if row["step"] == waterfall.INTERACTION)["value"] == 6.0


def test_the_plan_shared_out_sums_to_the_last_post_and_pound_and_starts_from_633_and_721():
    shares = national.shares()
    assert shares["posts", "people"][LSC] == 633
    assert shares["posts", "deprivation"][LSC] == 721
    for (quantity, _), found in shares.items():
        total = next(one.value for one in national.quantities() if one.name == quantity)
        stps = sum(found[place.name] for place in apportion.places() if place.level == "stp")
        systems = [place for place in apportion.places() if place.level == "system"]
        assert stps == total == found["England"]
        assert sum(found[place.name] for place in systems) == found[LSC]


def test_the_plans_groups_sum_to_its_posts():
    of = {one.name: one.value for one in national.quantities()}
    assert sum(of[f"posts_{group}"] for group in national.GROUPS) == of["posts"]


def test_only_nhs_posts_of_the_plans_services_and_groups_are_compared():
    rows = rows_of().assign(service=["crisis", "substance_misuse"])
    assert len(national.in_plan(rows)) == 1
    assert national.in_plan(rows.assign(employer="voluntary_sector")).empty
    assert national.in_plan(rows.assign(group="social_care")).empty


def test_deprivation_is_counted_once_and_the_check_can_fail(monkeypatch):
    assert all(row["holds"] for row in deprivation.checks())
    people = {place.name: place for place in apportion.places()}
    honest = apportion.weights_of
    twice = {name: weight * people[name].imd_score for name, weight in honest("need").items()}
    monkeypatch.setattr(apportion, "weights_of", lambda by, file=None: twice if by == "need" else honest(by, file))
    assert not all(row["holds"] for row in deprivation.checks())


def increment(east):
    """What a later year asks for beyond the baseline, at two CCGs of one system and one of another."""
    real = [place for place in apportion.places() if place.level == "ccg"]
    rows = pd.DataFrame([
        {"replication": r, "leaf": place.name, "system": place.within, "group": "nursing", "programme": "crisis",
         "posts": east if place.within == "West Lancashire" else 10.123, "pounds": 1000.4}
        for place in real for r in range(2)
    ])  # fmt: skip
    people = pd.DataFrame(
        [{"replication": r, "system": s, "people": 100} for r in range(2) for s in {p.within for p in real}]
    )
    return compared.Increment(rows, rows.drop(columns="leaf"), people, 0.03)


def test_a_local_redesign_moves_its_system_and_the_sums_above_by_the_same_number_and_no_apportioned_one(monkeypatch):
    before, after = (answer(monkeypatch, east) for east in (10.0, 17.25))
    of = [
        {(row["place"], row["basis"]): row for row in one["rows"] if row["quantity"] == "posts"}
        for one in (before, after)
    ]
    for (place, basis), row in of[0].items():
        moved = of[1][place, basis]["modelled"] - row["modelled"]
        here = place in ("West Lancashire", "NHS West Lancashire CCG", LSC)
        assert moved == pytest.approx(7.25 if here else 0.0)
        assert of[1][place, basis]["apportioned"] == row["apportioned"]
        assert row["gap"] == pytest.approx(row["modelled"] - row["apportioned"])
    for one in (before, after):
        for row in one["sums"]:
            assert row["modelled"] == pytest.approx(row["modelled_below"])
            assert row["apportioned"] == row["apportioned_below"]


def answer(monkeypatch, east):
    monkeypatch.setattr(compared, "increment", lambda *args, **kwargs: increment(east))
    return compared.document("lsc")


def test_what_is_not_of_the_same_kind_is_not_compared(monkeypatch):
    found = answer(monkeypatch, 10.0)
    for row in found["rows"]:
        if row["counter"] == "staff":
            assert row["modelled"] is None
            assert row["why"]
    ranks = [row for row in found["ranks"] if row["level"] == "system" and row["basis"] == "people"]
    assert sorted(row["rank"] for row in ranks) == [1, 2, 3, 4, 5]
    assert all(row["change"] == 0 for row in ranks)


def test_pages_workbooks_and_tables_are_written(monkeypatch, tmp_path):
    from experiments.demand import compared_page, waterfall_page

    written = compared_page.write(answer(monkeypatch, 10.0), tmp_path)
    monkeypatch.setattr(waterfall, "measured", lambda *a, **k: measured(np.full((17, 3, 2), 50.0)))
    written += waterfall_page.write(waterfall.document("lsc", replications=2), tmp_path)
    assert {path.suffix for path in written} == {".html", ".xlsx", ".parquet"}
    assert len(pd.read_parquet(tmp_path / "compared.parquet")) == 14 * 12 * 3
    assert "Apportioned against population demand" in (tmp_path / "compared.html").read_text()
    assert pd.read_excel(tmp_path / "waterfall_demand.xlsx").shape[0] > 0


def test_a_waterfall_of_something_else_and_an_establishment_that_is_not_there_are_refused(tmp_path):
    from experiments.workforce.commands import waterfall as command

    with pytest.raises(InputError, match="demand"):
        command(of="demnd")
    with pytest.raises(InputError, match="establishment"):
        compared.document("lsc", establishment=tmp_path / "none.csv")


def test_present_posts_are_not_local_until_a_file_says_them(known_use, tmp_path, monkeypatch):
    from experiments.demand import present

    monkeypatch.setattr(places, "use_of", lambda cell: real_use())
    nothing, basis = present.posts_there("lsc")
    assert basis == "not local"
    assert nothing["posts"].sum() > 1000
    file = tmp_path / "own.csv"
    file.write_text("team,place,role,wte\ncrisis/access,West Lancashire,mh_practitioner,12\n")
    own, basis = present.posts_there("lsc", file)
    assert basis == "local: own.csv"
    assert own[["system", "role", "posts"]].values.tolist() == [["West Lancashire", "mh_practitioner", 12.0]]
    spots = [place for place in apportion.places() if place.name in ("West Lancashire", "Fylde Coast", LSC)]
    asked_for = places.shared_out(own.assign(posts=20.0), "lsc")
    rows = {row["place"]: row for row in present.levels("lsc", asked_for, asked_for, spots, file)}
    assert rows["West Lancashire"]["present"] == rows[LSC]["present"] == 12.0
    assert rows["Fylde Coast"]["present"] == 0.0
    assert rows["West Lancashire"]["asked_later"] == 20.0


def real_use():
    ccgs = [place for place in apportion.places() if place.level == "ccg"]
    names, homes = tuple(place.name for place in ccgs), tuple(place.within for place in ccgs)
    services = tuple(files.library_names())
    return places.Use(services, names, homes, np.ones((len(services), len(names))), np.full(len(services), 0.03))
