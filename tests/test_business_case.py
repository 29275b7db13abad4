"""The options appraisal: every statement has its table, sums agree, risk and delivery are what sums by hand say."""

import numpy as np
import openpyxl
import pandas as pd
import pytest

from abm import tables as committed
from experiments.business_case import (
    appraisal,
    benefits,
    equality,
    evidence,
    page,
    phased,
    said,
    setting_up,
    spread,
    uncertain,
    workforce,
)
from experiments.business_case.appraisal import Wanted
from experiments.business_case.where import FOLDER
from experiments.money.pay import pounds_a_post
from experiments.money.prices import FOLDER as MONEY
from experiments.money.prices import YEARS
from experiments.planning.parameter_laws import ParameterLaw
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
        running = [row for row in one["years"] if row["line"] == phased.RUNNING]
        by_year = {year: sum(row["extra"] for row in running if row["year"] == year) for year in YEARS}
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
            assert sum(row["share_of_variance"] for row in found["drivers"]) == pytest.approx(1, abs=0.01)
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
    assert np.array_equal(spread.spread(pair, uncertain.read(), 1)["draws"], found["draws"])


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


def opened(role="mh_practitioner", extra=2.0, decided="2016/17 Q2"):
    """Posts of one role at one team, and four places in a crisis house, from April 2017 on."""
    posts = [{"team": "crisis/access", "employer": "nhs", "payer": "ccg", "role": role, "extra": extra}]
    places = [{"team": "crisis_alternatives/house", "payer": "ccg", "places": 4.0}]
    return setting_up.Opening(posts, places, "2017/18", decided)


def lines(of, factors=None):
    found = dict.fromkeys(setting_up.LINES, 0.0)
    for _, _, line, _, quantity, each in setting_up.costs(of, factors or {}):
        found[line] += quantity * each
    return found


def test_setting_up_is_the_sum_by_hand():
    direct = pounds_a_post("mh_practitioner", "2016/17", overheads=False)
    assert lines(opened()) == pytest.approx({
        "recruitment": 2 * 3000, "training": 0, "premises": 4 * 25_000 + 2 * 2500,
        "double running": 2 * 2 / 12 * direct,
    })  # fmt: skip
    assert {row["year"] for row in setting_up.by_year(opened())} == {"2016/17"}
    assert lines(opened(extra=-2.0)) == lines(opened(extra=0.0))  # posts that close are no set-up


def test_therapists_are_paid_while_they_learn_and_nobody_doubles_who_cannot_be_there_in_time():
    late = lines(opened("pwp"))  # decided in July 2016, a year of training: in post in July 2017
    starts = 2 / 0.9
    month = pounds_a_post("trainee_pwp", "2016/17", overheads=False) / 12
    assert late["training"] == pytest.approx(starts * 5000 + 9 * (starts + 2) / 2 * month)  # until April
    assert late["double running"] == 0
    early = lines(opened("pwp", decided="2016/17 Q1"))
    assert early["training"] == pytest.approx(starts * 5000 + 12 * (starts + 2) / 2 * month)
    assert early["double running"] > 0


@pytest.mark.parametrize("row", committed.read("directions", FOLDER), ids=lambda row: row["name"])
def test_changing_what_setting_up_costs_moves_its_line_as_written_beforehand(row):
    of = opened("pwp")
    of = setting_up.Opening([*of.posts, *opened().posts], of.places, of.begins, of.decided)
    before, after = lines(of), lines(of, {row["name"]: 1.2})
    assert after[row["moves"]] > before[row["moves"]] if row["direction"] == "up" else after < before
    assert {name: n for name, n in after.items() if name != row["moves"]} == {
        name: n for name, n in before.items() if name != row["moves"]
    }
    assert float(row["low"]) < 1 < float(row["high"])


def test_every_figure_of_setting_up_can_be_asked_about():
    names = {row["name"] for row in committed.read("directions", FOLDER)}
    assert {row["name"] for row in committed.read("setting_up", FOLDER)} <= names
    rooms = {row["team"] for row in committed.read("premises", FOLDER)}
    assert {row["team"] for row in committed.read("ward_days", MONEY)} <= rooms


def test_setting_up_stands_in_its_own_lines_in_cash_and_present_value_and_not_in_savings(document):
    for one in document["found"]:
        once = [row for row in one["years"] if row["line"] != phased.RUNNING]
        assert {row["line"] for row in once} == {"recruitment", "premises", "double running"}
        assert all(row["extra"] == row["extra_cash"] == row["pounds"] > 0 for row in once)
        first = one["affordability"][0]
        assert first["year"] == "2016/17"
        assert first["net_cash"] == first["setting_up"] == sum(row["pounds"] for row in once)
        assert one["present_value"]["setting up"] == pytest.approx(first["setting_up"])
        assert not {row["line"] for row in one["savings"]} & set(setting_up.LINES)
    minimum, option = (one["present_value"]["setting up"] for one in document["found"])
    assert option == pytest.approx(5 * minimum, abs=5)


def test_prices_go_together_as_in_the_risk_analysis_and_the_others_by_themselves():
    inputs = uncertain.read()
    wanted = uncertain.prices(inputs, [MONEY, FOLDER])
    law = {one.name: one for one in wanted}
    assert law["pay"].law == inputs.named("pay").law
    assert law["agency_share"].present == 0.3
    assert law["out_of_area_day"].law == ParameterLaw("lognormal", 0.8, 1.3)
    drawn = uncertain.together(inputs, wanted)
    factors = pd.DataFrame(drawn.factors(4096, 1), columns=list(law))
    rank = factors.corr("spearman")
    assert rank.loc["vacancy_share", "agency_premium"] == pytest.approx(0.3, abs=0.03)
    assert rank.loc["vacancy_share", "agency_share"] == pytest.approx(0.3, abs=0.03)
    assert rank.loc["pay", "out_of_area_day"] == pytest.approx(0.0, abs=0.03)  # negative control
    assert factors["pay"].quantile([0.025, 0.975]).tolist() == pytest.approx([0.97, 1.06], abs=0.003)


def test_what_goes_together_widens_the_spread_by_its_covariance():
    def found(rank):
        one, other = (uncertain.Price(name, name, ParameterLaw("lognormal", 0.5, 2.0)) for name in "ab")
        drawn = uncertain.Drawn((one, other), uncertain.joint("ab", [one.law, other.law], {("a", "b"): rank}))
        return spread._found(drawn, 0.0, [100.0, 100.0], 1)

    apart, together = found(0.0), found(0.9)
    assert together["p95"] > 1.2 * apart["p95"]
    for one in (apart, together):
        assert [row["share_of_variance"] for row in one["drivers"]] == pytest.approx([0.5, 0.5], abs=0.03)


def test_an_input_there_is_not_is_refused_before_anything_runs(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text(uncertain.risk_inputs.TABLE.read_text().replace('drives = ["pay"]', 'drives = ["pai"]'))
    with pytest.raises(InputError, match="pay"):
        appraisal.check(Wanted(options=("crisis-house",), minimum="core24-blackpool", inputs=file))
