"""Risk from inputs to answers, on a gap that can be worked out by hand."""

import numpy as np
import pytest
from gap_by_hand import INPUTS, PRESENT, in_post, needed, parts, wanted

from cluster.pool import Pool
from experiments.risk import analysis, inputs, mitigations, register
from experiments.risk.simulated import Kept
from pathways.errors import InputError

MITIGATIONS = """
[mitigation.keep]
title = "keep more"
kind = "retention"
staff = { retention = 1.5 }
source = "assumption: a test"
confidence = "assumption"

[mitigation.train]
title = "train more"
kind = "supply"
staff = { training = 1.5 }
source = "assumption: a test"
confidence = "assumption"

[mitigation.cafe]
title = "a crisis café"
kind = "alternatives"
demand = { alternatives = 1.02 }
pounds_a_resident = 1
source = "assumption: a test"
confidence = "assumption"
"""
REGISTER = """risk,cause,effect,driver,owner,od_action,decision_body,due_date,likelihood,impact,source,confidence
more come,access grows,more posts,access,planner,review,board,2018-04-01,,,assumption: a test,assumption
more leave,morale,fewer staff,leaving,HR,listen,board,2018-04-01,,,assumption: a test,assumption
fire,a fire,a ward closed,none,estates,drill,board,2018-04-01,1,5,assumption: a test,assumption
"""


@pytest.fixture
def tables(tmp_path):
    for name, content in (("inputs.toml", INPUTS), ("mitigations.toml", MITIGATIONS), ("register.csv", REGISTER)):
        (tmp_path / name).write_text(content, encoding="utf-8")
    return tmp_path


def analysed(tables, kept=None, **options):
    read = inputs.read(PRESENT, tables / "inputs.toml")
    drivers = [one.name for one in read.inputs]
    return analysis.analyse(
        wanted(**options), read, parts(), register.read(drivers, tables / "register.csv"), register.bands(),
        mitigations.read(PRESENT, tables / "mitigations.toml"), Pool.inline(), kept or Kept("test"),
    )  # fmt: skip


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    folder = tmp_path_factory.mktemp("risk")
    for name, content in (("inputs.toml", INPUTS), ("mitigations.toml", MITIGATIONS), ("register.csv", REGISTER)):
        (folder / name).write_text(content, encoding="utf-8")
    return analysed(folder)


def truth(n=200_000):
    """The gap in posts straight from the formulas, inputs drawn by numpy (the correlated premium plays no part)."""
    rng = np.random.default_rng(5)

    def factor(low, high):
        return np.exp(rng.normal((np.log(low) + np.log(high)) / 2, np.log(high / low) / 2 / 1.959964, n))

    told = {"access": factor(0.8, 1.25), "prevalence": factor(0.95, 1.05)}
    from scipy import stats

    from experiments.planning.parameter_laws import _beta

    kept = stats.beta(*_beta(0.1, 0.5)).rvs(n, random_state=rng)
    there = {"leaving": factor(0.7, 1.4), "retention": kept}
    return 1000 * told["access"] * told["prevalence"] ** 0.5 - (
        900 * (1 - 0.1 * there["leaving"] * (1 - there["retention"])) + 50
    ) + rng.normal(0, np.sqrt(8), n)  # fmt: skip


def test_percentiles_of_the_gap_are_those_of_the_formulas(document):
    y = truth()
    rows = {r["level"]: r for r in document["percentiles"] if r["outcome"] == "gap_posts"}
    for level, share in (("P50", 0.5), ("P80", 0.8), ("P95", 0.95)):
        assert rows[level]["value"] == pytest.approx(np.quantile(y, share), abs=0.04 * y.std())
        assert rows[level]["low"] <= rows[level]["value"] <= rows[level]["high"]
    assert rows["mean"]["spread"] == pytest.approx(y.std(), rel=0.03)


def test_pounds_are_the_gap_at_its_price_with_the_premium_of_agencies(document):
    rows = {r["outcome"]: r["value"] for r in document["percentiles"] if r["level"] == "P50"}
    assert rows["gap_pounds"] == pytest.approx(rows["gap_posts"] * 50_000 * (1 + 0.4 * 0.5), rel=0.03)


def test_the_first_question_is_the_input_that_drives_the_gap_most(document):
    first = document["questions"][0]
    assert first["question"] == "How many will come?"
    assert first["share_of_variance"] > 0.9
    assert first["posts_narrower"] > 0.7 * document["questions_together"]["spread_posts"]
    assert first["evppi_pounds"] > 0
    together = document["questions_together"]
    assert together["spread_posts_known"] < 0.2 * together["spread_posts"]  # five of five inputs: luck is left


def test_indices_and_tornado_name_the_same_driver_and_luck_is_small(document):
    total = {r["input"]: r["total"] for r in document["sensitivity"] if r["outcome"] == "gap_posts"}
    assert max(total, key=total.get) == "access"
    assert total["premium"] == pytest.approx(0, abs=1e-9)
    assert total["luck_of_demand"] < 0.02
    tornado = [r for r in document["tornado"] if r["outcome"] == "gap_posts"]
    assert next(r["input"] for r in tornado) == "access"
    leaving = next(r for r in tornado if r["input"] == "leaving")
    assert leaving["gap_if_high"] > leaving["gap_if_low"]  # more leave, a larger gap
    kept = next(r for r in tornado if r["input"] == "retention")
    assert kept["gap_if_high"] < kept["gap_if_low"]


def test_the_surrogates_own_error_is_what_luck_does_not_explain(document):
    of = {r["measure"]: r for r in document["surrogates"]}
    assert of["modelled_posts"]["q2"] > 0.99
    assert of["modelled_posts"]["error"] == pytest.approx(2, rel=0.5)  # the luck that was put in


def test_what_a_mitigation_closes_is_the_difference_of_the_formulas(document):
    rows = {r["mitigation"]: r for r in document["mitigations"]}
    assert rows["train"]["posts_closed"] == pytest.approx(25, abs=0.01)  # the same luck with and without: no noise
    assert rows["train"]["cost_pounds"] == pytest.approx(500_000, abs=1)
    assert rows["train"]["posts_for_100k"] == pytest.approx(5, abs=0.01)
    assert rows["cafe"]["posts_closed"] == pytest.approx(1000 * (1 - 1 / 1.02), rel=0.02)
    assert rows["cafe"]["cost_pounds"] == 100_000
    assert rows["keep"]["posts_closed"] == pytest.approx(900 * 0.1 * 0.15 * 0.97, rel=0.1)
    order = [r["mitigation"] for r in document["mitigations"]]
    assert order == sorted(order, key=lambda name: -rows[name]["posts_for_100k"])


def test_the_registers_scores_are_the_models_where_a_driver_is_modelled(document):
    rows = {r["risk"]: r for r in document["register"]}
    assert rows["more come"]["scored_by"] == "model"
    assert rows["more come"]["impact"] == 5
    assert 0.4 < rows["more come"]["probability"] < 0.5  # above the median by 0.5 % of the posts or more
    assert rows["more come"]["likelihood"] * rows["more come"]["impact"] > (
        rows["more leave"]["likelihood"] * rows["more leave"]["impact"]
    )
    assert rows["fire"]["scored_by"] == "judgement"
    assert (rows["fire"]["likelihood"], rows["fire"]["impact"], rows["fire"]["rating"]) == (1, 5, "moderate")


def test_the_same_seed_gives_the_same_document_and_finished_points_are_not_run_again(tables):
    file = tables / "points.jsonl"
    first = analysed(tables, Kept("test", file), points=24)
    lines = file.read_text().count("\n")
    again = analysed(tables, Kept("test", file), points=24)
    assert file.read_text().count("\n") == lines
    assert [r["value"] for r in first["percentiles"]] == [r["value"] for r in again["percentiles"]]
    analysed(tables, Kept("other code", file), points=24)
    assert file.read_text().count("\n") == 2 * lines


def test_a_budget_that_is_used_up_ends_the_points_early(tables):
    found = analysed(tables, points=1000, budget_seconds=1e-6)
    assert found["points"] == {"staff": analysis.LEAST, "demand": analysis.LEAST}


def test_what_the_hand_made_parts_need_and_have():
    assert needed({}) == 1000
    assert in_post({}) == pytest.approx(900 * (1 - 0.07) + 50)


@pytest.mark.parametrize(
    ("was", "now", "words"),
    [
        ('drives = ["access"]', 'drives = ["acces"]', "did you mean 'access'"),
        ('part = "arithmetic"', 'part = "arithmetics"', "did you mean 'arithmetic'"),
        ('between = ["leaving", "premium"]', 'between = ["leavings", "premium"]', "did you mean 'leaving'"),
        ("rank = 0.5", "rank = 1.0", "rank correlation"),
        ("lognormal = { low = 0.8", "lognormal = { low = 1.8", "low <= high"),
        ('title = "access"', 'titel = "access"', "did you mean 'title'"),
        ('source = "assumption: a test"', 'source = ""', "a text"),
    ],
)
def test_an_input_that_cannot_be_is_refused_with_the_nearest_word(tables, was, now, words):
    file = tables / "inputs.toml"
    file.write_text(INPUTS.replace(was, now, 1), encoding="utf-8")
    with pytest.raises(InputError, match=words):
        inputs.read(PRESENT, file)


@pytest.mark.parametrize(
    ("was", "now", "words"),
    [
        (",access,planner", ",acces,planner", "did you mean 'access'"),
        ("2018-04-01,1,5", "2018-04-31,1,5", "a date"),
        ("2018-04-01,1,5", "2018-04-01,1,6", "a score from 1 to 5"),
        ("2018-04-01,,", "2018-04-01,3,", "the driver's scores are the model's"),
        ("owner", "onwer", "did you mean 'owner'"),
        ("fire,a fire", "more come,a fire", "each risk once"),
        (",estates,", ",,", "a text"),
    ],
)
def test_a_register_that_cannot_be_is_refused_with_the_nearest_word(tables, was, now, words):
    file = tables / "register.csv"
    file.write_text(REGISTER.replace(was, now, 1), encoding="utf-8")
    with pytest.raises(InputError, match=words):
        register.read(["access", "leaving"], file)


@pytest.mark.parametrize(
    ("was", "now", "words"),
    [
        ("retention = 1.5", "retenton = 1.5", "did you mean 'retention'"),
        ('kind = "supply"', 'kind = "suply"', "did you mean 'supply'"),
        ("staff = { training = 1.5 }", "", "a change"),
        ("= 1.02", "= -1", "0 or more"),
    ],
)
def test_a_mitigation_that_cannot_be_is_refused_with_the_nearest_word(tables, was, now, words):
    file = tables / "mitigations.toml"
    file.write_text(MITIGATIONS.replace(was, now, 1), encoding="utf-8")
    with pytest.raises(InputError, match=words):
        mitigations.read(PRESENT, file)
