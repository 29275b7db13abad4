"""The options appraisal: every statement has its table, sums agree, risk and delivery are what sums by hand say."""

import numpy as np
import openpyxl
import pandas as pd
import pytest

from experiments.business_case import appraisal, benefits, equality, evidence, page, phased, said, spread, workforce
from experiments.business_case.appraisal import Wanted
from experiments.money.prices import YEARS
from experiments.scenario import Scenario
from pathways.errors import InputError

NURSE = {"team": "liaison/liaison", "place": "Southport and Ormskirk", "role": "mh_practitioner",
         "hours": "Mon-Sun 15:00-23:00"}  # fmt: skip


def with_nurses(name, number):
    return Scenario(name=name, days=2, warm_up=0, team=[{**NURSE, "number": number}])


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Where the runs of this module are kept and found again."""
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def document(kept):
    """An appraisal of two days: one liaison nurse more as the minimum, five more as the option."""
    wanted = Wanted(
        (with_nurses("five", 6),), with_nurses("one", 2), Scenario(days=2, warm_up=0), replications=2, people=1,
        decided="2016/17 Q4",
    )  # fmt: skip
    return appraisal.appraise(wanted, kept)


def test_every_statement_rests_on_a_table_that_is_there_and_has_rows(document):
    tables = evidence.tables(document)
    for _, found in said.statements(document):
        for one in found:
            assert tables[one.evidence].rows, one.text
            assert one.text[0].isupper() or one.text[0].isdigit()
            assert one.text.endswith(".")
    assert len(said.statements(document)) == 3


def test_options_are_told_apart_and_named_by_their_runs(document):
    assert [one["kind"] for one in document["options"]] == ["do nothing", "do minimum", "option"]
    assert len({one["run"] for one in document["options"]}) == 3


def test_costs_by_year_and_payer_are_those_of_doing_nothing_until_the_option_begins(document):
    for one in document["found"]:
        by_year = {year: sum(row["extra"] for row in one["years"] if row["year"] == year) for year in YEARS}
        assert by_year["2016/17"] == 0
        assert by_year["2017/18"] > 0
        assert by_year["2020/21"] > by_year["2017/18"]  # pay rises
    minimum, option = (sum(row["extra"] for row in one["posts"]) for one in document["found"])
    assert option == pytest.approx(5 * minimum)
    pounds = [sum(row["extra"] for row in one["services"] if row["service"] == "liaison") for one in document["found"]]
    assert pounds[1] == pytest.approx(5 * pounds[0], rel=0.05)  # attendances may differ a little


def test_present_value_is_the_sum_by_hand():
    rows = [{"year": year, "extra": 100.0} for year in YEARS]
    index = (100, 101.77, 103.81, 105.83, 107.73)
    by_hand = sum(100 * 100 / level / 1.035**t for t, level in enumerate(index))
    assert phased.present_value(rows, "extra") == pytest.approx(by_hand)


def test_percentiles_of_the_cost_are_in_order_and_around_what_is_expected(document):
    for one in document["found"]:
        for found in one["risk"].values():
            assert found["p50"] <= found["p80"] <= found["p95"]
            assert sum(row["share_of_variance"] for row in found["drivers"]) == pytest.approx(1)
        drivers = [row["driver"] for row in one["risk"]["cash of clinical commissioning groups"]["drivers"]]
        assert "overheads and capital" in drivers[:3]


@pytest.mark.verify
def test_the_cost_is_as_linear_in_prices_as_the_risk_takes_it_to_be(document, kept):
    cases, _ = appraisal.account.costed_cases(
        with_nurses("five", 6), baseline=Scenario(days=2, warm_up=0), keep=kept, replications=2
    )
    base, option = cases
    pair = spread.Pair(base, option, "2020/21", *(spread.slopes(case, "2020/21") for case in cases))
    both = {"pay": 1.05, "overheads": 0.9, "ae_attendance": 1.2}
    middle = pair.extra("", spread.ALL)
    by_slopes = middle + sum((f - 1) * (pair.extra(name, spread.ALL) - middle) / 0.1 for name, f in both.items())
    one, two = (spread.priced(case, "2020/21", both)[spread.ALL] for case in cases)
    assert two - one == pytest.approx(by_slopes, rel=0.02)
    found = document["found"][1]["risk"]["all payers"]
    assert np.array_equal(spread.spread(pair, 1)["draws"], found["draws"])


def test_posts_are_begun_a_lead_time_before_and_are_late_if_the_decision_is():
    rows = [{"system": "Fylde Coast", "employer": "nhs", "role": "mh_practitioner", "extra": 2.0},
            {"system": "Fylde Coast", "employer": "nhs", "role": "pwp", "extra": 1.0},
            {"system": "Fylde Coast", "employer": "nhs", "role": "consultant", "extra": -1.0}]  # fmt: skip
    plan = {row["role"]: row for row in workforce.plan(rows, "2017/18", "2016/17 Q3")}
    assert set(plan) == {"mh_practitioner", "pwp"}
    assert plan["mh_practitioner"]["when"] == "in time"
    assert plan["mh_practitioner"]["start"] == "2016/17 Q3"
    assert plan["pwp"]["when"] == "late"  # a year of training
    assert plan["pwp"]["in_post"] == "2017/18 Q3"
    assert plan["pwp"]["starts"] > plan["pwp"]["posts"]
    assert str(workforce.last_of(list(plan.values()))) == "2017/18 Q3"


def test_a_group_gains_only_beyond_its_half_width():
    assert equality.finding(3.0, 2.0) == "gains"
    assert equality.finding(-3.0, 2.0) == "loses"
    assert equality.finding(1.0, 2.0) == "no difference found"
    assert equality.finding(9.0, None) == "one replication"


def test_better_and_worse_follow_the_direction_that_is_better_for_patients():
    assert benefits.judged("more", "more") == "better"
    assert benefits.judged("more", "fewer") == "worse"
    assert benefits.judged("no difference found", "fewer") == "no difference found"
    assert benefits.judged("more", "") == "more"


def test_page_workbook_and_parquet_hold_the_same_tables(document, tmp_path):
    written = page.write(document, tmp_path)
    tables = evidence.tables(document)
    text = (tmp_path / "business-case.html").read_text()
    assert all(f'id="t-{key}"' in text for key in tables)
    assert "<script" not in text
    sheets = openpyxl.load_workbook(tmp_path / "business-case.xlsx").sheetnames
    assert sheets == ["statements", *tables]
    years = pd.read_parquet(tmp_path / "business-case-cost_by_year.parquet")
    assert years["extra"].sum() == sum(row["extra"] for one in document["found"] for row in one["years"])
    assert len(written) == 2 + len(tables)


@pytest.mark.parametrize(
    ("change", "meant"),
    [
        ({"options": ()}, "--options"),
        ({"options": ("baseline",)}, "each scenario once"),
        ({"begins": "2016/17"}, "2017/18"),
        ({"decided": "spring"}, "--decided"),
        ({"by": "peple"}, "people"),
    ],
)
def test_what_cannot_be_appraised_is_refused_before_anything_runs(change, meant):
    with pytest.raises(InputError, match=meant):
        appraisal.check(Wanted(**{"options": ("crisis-house",), "minimum": "core24-blackpool", **change}))
