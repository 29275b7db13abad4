"""Durations as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pathways import durations
from pathways.errors import InputError


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90 s", 90), ("30 min", 1800), ("1 h", 3600), ("0.5 h", 1800), ("7.4 days", 639_360), ("1 day", 86_400),
     ("6 weeks", 3_628_800), (" 2weeks ", 1_209_600), ("1e2 s", 100)],
)  # fmt: skip
def test_units_are_read(text, seconds):
    assert durations.seconds(text) == pytest.approx(seconds)
    assert durations.whole_seconds(text) == seconds


@pytest.mark.parametrize(
    "text",
    ["-5 min", "0 h", "5", 5, "min", "", "1 month", "2 years", "5 mins ago", "1e999 s", "3000 weeks0", None],
)
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(InputError) as refusal:
        durations.seconds(text, file="x.toml", key="state.a.minutes")
    assert "x.toml" in str(refusal.value)
    assert "state.a.minutes" in str(refusal.value)


def test_a_misspelt_unit_gets_the_nearest_right_word():
    with pytest.raises(InputError) as refusal:
        durations.seconds("5 minuts")
    assert refusal.value.suggestion == "minutes"


def test_nothing_is_a_duration_only_where_it_is_allowed():
    assert durations.whole_seconds("0 min", zero=True) == 0


@given(st.integers(1, durations.LONGEST))
def test_written_durations_read_back(length):
    assert durations.seconds(durations.written(length)) == length


@given(st.floats(1e-3, 1e9))
def test_fractions_of_a_second_read_back(length):
    assert durations.seconds(durations.written(length)) == length
