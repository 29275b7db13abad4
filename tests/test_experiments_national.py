"""The 44 STPs: funnels that know chance from spread, a sample with honest weights, sums that hold."""

import numpy as np
import openpyxl
import pandas as pd
import pytest

from experiments.million import trajectories
from experiments.national import document, league, page, sample, staff, stp
from experiments.national import funnel as funnels
from experiments.workforce.apportion import Place
from pathways.errors import InputError

RNG = np.random.default_rng(11)
PEOPLE = np.linspace(3e5, 2.8e6, 44)


def test_places_that_differ_by_chance_alone_have_no_spread_and_stay_inside():
    one = funnels.funnel(RNG.poisson(PEOPLE * 0.001).tolist(), PEOPLE.tolist(), of_people=False)
    assert one.spread == 0.0
    assert 0.3 < one.dispersion < 1.43
    assert one.outside.sum() <= 1
    assert np.allclose(one.z, one.z_spread)


def test_places_that_differ_by_more_have_the_spread_that_was_put_in():
    rates = 0.2 * (1 + 0.05 * RNG.standard_normal(44))
    one = funnels.funnel(RNG.binomial(PEOPLE.astype(int), rates).tolist(), PEOPLE.tolist(), of_people=True)
    assert one.dispersion > 100
    assert one.spread == pytest.approx(0.2 * 0.05, rel=0.4)
    assert np.abs(one.z).max() > 10 > np.abs(one.z_spread).max()


def test_one_place_far_from_all_others_lies_outside_although_they_differ():
    rates = 0.2 * (1 + 0.03 * RNG.standard_normal(44))
    rates[7] = 0.3
    one = funnels.funnel((rates * PEOPLE).tolist(), PEOPLE.tolist(), of_people=True)
    assert np.flatnonzero(one.outside).tolist() == [7]


def test_limits_narrow_with_size_by_its_root_and_spread_never_goes_away():
    numbers = 0.001 * PEOPLE
    one = funnels.funnel(numbers.tolist(), PEOPLE.tolist(), of_people=False)
    low, high = one.limits(np.array([1e6, 4e6]), 0.95, spread=False)
    half = (high - low) / 2
    assert half[0] == pytest.approx(1.959964 * np.sqrt(0.001 / 1e6))
    assert half[0] == pytest.approx(2 * half[1])
    wide = funnels.Funnel(one.rate, one.overall, one.z, 9.0, 0.0002, one.z, one.per_person)
    low, high = wide.limits(np.array([1e12]), 0.95)
    assert (high - low)[0] == pytest.approx(2 * 1.959964 * 0.0002, rel=1e-3)


@pytest.mark.parametrize(("numbers", "people"), [([1, 2], [9, 9]), ([1, 2, -1], [9, 9, 9]), ([1, 2, 10], [9, 9, 9])])
def test_numbers_that_cannot_be_have_no_funnel(numbers, people):
    with pytest.raises(ValueError, match="three places"):
        funnels.funnel(numbers, people, of_people=True)


def test_every_stp_stands_for_as_many_as_its_chance_says():
    stps = sample.stps()
    weights = {}
    for seed in range(400):
        for one in sample.sample(stps, 10, seed):
            weights.setdefault(one.area, []).append(one.weight)
    assert len(weights) == 44
    for area, found in weights.items():
        expected = len(found) * found[0] / 400  # drawn 1 ÷ weight of the time
        assert len(set(found)) == 1
        assert expected == pytest.approx(1.0, abs=4 / np.sqrt(len(found))), area
    assert weights["lsc"] == [1.0] * 400


def test_a_sample_has_the_number_asked_for_and_the_same_seed_the_same_places():
    for n in (4, 9, 30, 43, 44):
        drawn = sample.sample(sample.stps(), n, 3)
        assert len(drawn) == n
        assert drawn == sample.sample(sample.stps(), n, 3)
    assert {one.weight for one in sample.sample(sample.stps(), 44, 3)} == {1.0}
    for n in (3, 45):
        with pytest.raises(InputError, match="from 4 to 44"):
            sample.sample(sample.stps(), n, 3)


def test_a_sum_from_a_sample_is_that_of_all_within_its_error():
    stps = sample.stps()
    area = list(stps)
    people = {a: stps[a].people for a in area}
    number = {a: people[a] * (0.0002 + 0.00001 * stps[a].imd_score) for a in area}
    everybody, truth = sum(people.values()), sum(number.values())
    inside = 0
    for seed in range(100):
        drawn = sample.sample(stps, 12, seed)
        whole = sample.total(drawn, [number[d.area] for d in drawn], [people[d.area] for d in drawn], everybody)
        inside += abs(whole["sum"] - truth) <= whole["half_width"]
    assert inside >= 90
    every = sample.everyone()
    whole = sample.total(every, [number[d.area] for d in every], [people[d.area] for d in every], everybody)
    assert whole == {"sum": pytest.approx(truth), "half_width": 0.0}


def measured(n):
    """Return made-up answers of n STPs: posts per head rise with deprivation."""
    drawn = sample.everyone() if n == 44 else sample.sample(sample.stps(), n, 1)
    place = sample.stps()
    frames = {}
    for one in drawn:
        here = place[one.area]
        rows = [
            (k, name, programme, role, "nursing", "nhs", "ccg", each * here.people * (1 + 0.01 * k))
            for k in range(2)
            for name, programme, role, each in (
                ("posts", "perinatal", "pwp", 1e-6 * here.imd_score), ("posts", "crisis", "consultant", 1e-5),
                ("contacts", "perinatal", "pwp", 1e-3), ("people", "perinatal", "", 2e-4),
                ("people", stp.ALL, "", 5e-4),
            )
        ]  # fmt: skip
        frames[one.area] = pd.DataFrame(rows, columns=["replication", "name", *stp.POSTS, "extra"])
    return drawn, frames


def test_posts_and_pounds_of_nhs_employers_are_compared_and_people_never_mixed_with_contacts():
    _, frames = measured(44)
    frame = frames["lsc"]
    police = frame[frame["name"] == "posts"].assign(employer="police", extra=1e6)
    numbers = stp.numbers(pd.concat([frame, police]), "2020/21").query("replication == 0").set_index("name")["extra"]
    place = sample.stps()["lsc"]
    pwp, consultant = 1e-6 * place.imd_score * place.people, 1e-5 * place.people
    assert numbers["posts"] == pytest.approx(pwp + consultant)
    from experiments.money.costs import pounds_a_post

    pounds = pwp * pounds_a_post("pwp", "2020/21") + consultant * pounds_a_post("consultant", "2020/21")
    assert numbers["pounds"] == pytest.approx(pounds)
    assert numbers["people"] == pytest.approx(2e-4 * place.people)
    assert numbers["people_any"] == pytest.approx(5e-4 * place.people)
    assert numbers["contacts"] == numbers["contacts_any"] == pytest.approx(1e-3 * place.people)


def documented(n):
    drawn, frames = measured(n)
    rows = league.rows("people", None, drawn, {area: stp.numbers(frame, "2020/21") for area, frame in frames.items()})
    return {
        "year": "2020/21", "baseline": "2016/17", "said": "made up", "said_in_full": document.in_full(drawn),
        "rows": rows, "funnels": league.funnels(rows), "sums": league.sums(rows, drawn),
        "programmes": league.by_programme(drawn, frames),
        "sample": [{"area": one.area, "weight": one.weight, "certain": one.certain} for one in drawn],
    }  # fmt: skip


def test_shares_and_simulated_posts_sum_to_englands_to_the_last_post():
    found = documented(44)
    assert sum(row["apportioned"] for row in found["rows"]) == 21_000
    assert next(row["apportioned_people"] for row in found["rows"] if row["area"] == "lsc") == 633
    assert next(row["apportioned_deprivation"] for row in found["rows"] if row["area"] == "lsc") == 721
    sums = {(row["name"], row["counted"]): row for row in found["sums"]}
    posts = next(row for (name, _), row in sums.items() if name == "posts")
    assert posts["promised"] == posts["apportioned"] == 21_000
    assert posts["modelled"] == pytest.approx(sum(row["posts"] for row in found["rows"]))
    assert {row["promised"] for row in found["sums"]} == {21_000, 19_000, 1_000_000, 1_000_000_000}
    assert sorted(row["rank"] for row in found["rows"]) == list(range(1, 45))
    top = next(row for row in found["rows"] if row["rank"] == 1)
    assert top["imd_score"] == max(row["imd_score"] for row in found["rows"])


def test_of_a_sample_only_what_was_simulated_is_ranked_and_the_sum_has_its_error():
    found = documented(10)
    simulated = [row for row in found["rows"] if row["posts"] is not None]
    assert len(simulated) == 10
    assert sorted(row["rank"] for row in simulated) == list(range(1, 11))
    posts = next(row for row in found["sums"] if row["name"] == "posts")
    assert posts["half_width"] > 0
    assert abs(posts["modelled"] - next(r for r in documented(44)["sums"] if r["name"] == "posts")["modelled"]) < (
        2 * posts["half_width"]
    )


def test_page_workbook_and_parquet_hold_the_same_and_say_that_it_is_illustrative(tmp_path):
    found = documented(10)
    paths = {path.name: path for path in page.write(found, tmp_path)}
    text = paths["national.html"].read_text()
    assert "illustrative" in text
    assert "<script" not in text
    assert text.count("<svg") == len(found["funnels"]) + 1
    rows = list(openpyxl.load_workbook(paths["national.xlsx"])["league"].values)
    assert "illustrative" in rows[0][0]
    at = rows[1].index("apportioned")
    assert sum(row[at] for row in rows[2:]) == 21_000
    assert pd.read_parquet(paths["national.parquet"])["apportioned"].sum() == 21_000
    assert len(pd.read_parquet(paths["national_funnels.parquet"])) == sum(
        len(one["places"]) for one in found["funnels"]
    )


def test_staff_of_delivery_systems_belong_to_their_stp_and_count_from_the_first_month():
    rows = [
        (0, "2016/17", 0, "Devon", "in_post", 10.0), (0, "2020/21", 58, "Devon", "in_post", 11.0),
        (0, "2020/21", 59, "Devon", "in_post", 14.0), (0, "2020/21", 59, "Devon", "posts", 99.0),
        (0, "2016/17", 0, "Fylde Coast", "in_post", 5.0), (0, "2020/21", 59, "Fylde Coast", "in_post", 6.0),
        (0, "2016/17", 0, "Morecambe Bay", "in_post", 5.0), (0, "2020/21", 59, "Morecambe Bay", "in_post", 4.0),
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["replication", "year", "month", "system", "measure", "value"])
    found = staff.difference(frame, "2020/21").set_index("area")["staff"]
    assert found.to_dict() == {"devon": 4.0, "lsc": 0.0}


def test_staff_are_known_of_every_stp_and_add_up_without_a_sample():
    drawn, frames = measured(8)
    more = pd.DataFrame({"area": list(sample.stps()), "replication": 0, "staff": 2.0})
    rows = league.rows("people", None, drawn, {a: stp.numbers(f, "2020/21") for a, f in frames.items()}, more)
    sums = {row["name"]: row for row in league.sums(rows, drawn)}
    assert sums["staff"]["modelled"] == 88.0
    assert sums["staff"]["half_width"] is None  # one replication has none


def test_an_answer_is_named_by_all_it_depends_on():
    one = stp.Asked("lsc", "2020/21")
    assert one.identity == stp.Asked("lsc", "2020/21").identity
    others = [
        stp.Asked("devon", "2020/21"), stp.Asked("lsc", "2019/20"), stp.Asked("lsc", "2020/21", seed=2),
        stp.Asked("lsc", "2020/21", replications=2), stp.Asked("lsc", "2020/21", factors=(("population", 1.0),)),
    ]  # fmt: skip
    assert len({one.identity, *(other.identity for other in others)}) == 6


def test_what_is_there_is_not_simulated_again(tmp_path):
    one = stp.Asked("lsc", "2020/21")
    _, frames = measured(44)
    frames["lsc"].to_parquet(stp.file_of(one, tmp_path))
    found = stp.every([one], tmp_path)
    pd.testing.assert_frame_equal(found["lsc"], frames["lsc"])


def test_without_any_simulation_there_is_need_and_nothing_made_up(tmp_path):
    found = document.national(n=0, folder=tmp_path)
    assert [one["indicator"] for one in found["funnels"]] == ["need"]
    assert all(row["modelled"] is None for row in found["sums"])
    assert all(row["posts"] is None for row in found["rows"])
    assert found["sums"][0]["planned"] == sum(n for (_, year), n in trajectories.extra().items() if year == "2020/21")


def test_places_of_the_league_are_the_44():
    assert len(sample.stps()) == 44
    assert all(isinstance(place, Place) and place.level == "stp" for place in sample.stps().values())
