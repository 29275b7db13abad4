"""Half-widths over replications: by hand, and none of one replication, wherever they are shown or added."""

import io
import re

import pandas as pd
import pytest
from scipy import stats

from experiments.intervals import mean_and_half_width, together
from experiments.million import drawn as million_drawn
from experiments.million.lines import number
from experiments.national import drawn as national_drawn
from experiments.national import sample
from experiments.reports import systems
from experiments.reports.page import as_parquet
from experiments.staff import report
from experiments.sweep_command import _sweep_lines


def test_half_width_is_students_by_hand():
    found = mean_and_half_width([1.0, 3.0])
    assert found == {"mean": 2.0, "half_width": pytest.approx(stats.t.ppf(0.975, 1) * 1.0)}
    assert mean_and_half_width([2.0, 2.0])["half_width"] == 0.0  # two that agree: a half-width, of nothing


@pytest.mark.parametrize("values", [[7.0], []])
def test_one_replication_has_no_half_width(values):
    assert mean_and_half_width(values)["half_width"] is None


def test_a_sum_has_a_half_width_only_if_all_its_parts_have_one():
    assert together(3.0, 4.0) == pytest.approx(5.0)
    assert together(3.0, None) is None
    assert together() is None


def test_a_sample_has_its_own_half_width_with_or_without_that_of_replications():
    one = [sample.Sampled("lsc", 1.0, certain=False)]
    assert sample.with_luck(one, 3.0, 4.0) == pytest.approx(5.0)
    assert sample.with_luck(one, 3.0, None) == 3.0  # the places' luck is in how they differ
    assert sample.with_luck(sample.everyone(), 0.0, None) is None  # all, one replication each: nothing is known
    assert sample.total(one, [2.0], [4.0], 8.0) == {"sum": 4.0, "half_width": None}


def test_half_widths_that_nobody_knows_are_null_in_parquet():
    frame = pd.DataFrame({"value": [1.0], "half_width": [None]})
    again = pd.read_parquet(io.BytesIO(as_parquet(frame)))
    assert again["half_width"].dtype == float
    assert again["half_width"].isna().all()


def test_drawings_have_no_rule_where_there_is_no_half_width():
    row = {"programme": "all", "step": "planned", "year": "2020/21", "value": 5.0}
    for half, rules in ((None, 0), (1.0, 1)):
        assert _rules(million_drawn.by_year([{**row, "half_width": half}], "people")) == rules
    place = {"stp": "a", "number": 1, "illustrative": True, "residents": 1000, "posts": 5.0, "posts_rate": 5.0}
    for half, rules in ((None, 0), (1.0, 1)):
        assert _rules(national_drawn.league([{**place, "posts_half_width": half}], "posts", "posts")) == rules


def _rules(chart):
    """Return how many rules a chart draws."""
    found = io.StringIO()
    chart.save(found, format="svg")
    drawn = re.search(r'<g class="mark-rule role-mark [^"]*marks"[^>]*>(.*?)</g>', found.getvalue())
    return drawn[1].count("<line") if drawn else 0


def test_pages_and_lines_say_a_dash_or_nothing_in_place_of_a_half_width():
    clocks = pd.DataFrame({"pathway": "a", "clock": "b", "place": "c", "share_within": [0.5]})
    case = type("OneTable", (), {"tables": {"clocks": clocks}})()
    assert systems._share(case, "a", "b", "c").endswith("± –")
    assert number(5.0, None) == number(5.0, float("nan")) == "5"
    row = {"value": 1.0, "count": "visits", "visits": 5.0, "difference": 1.0, "half_width": None}
    line = _sweep_lines({"scenario": "a", "base": "b", "replications": 1, "rows": [row], "turns": {}})[1]
    assert "(half-width –)" in line


def test_the_staff_page_of_one_replication_has_no_half_width_and_draws():
    result = report.document("West Lancashire", replications=1)
    assert all(row["half_width"] is None for row in [*result["rows"], *result["waterfall"]])
    text = report.html(result)
    assert "<svg" in text
    assert not re.search(r"\bnan\b", text.lower())
