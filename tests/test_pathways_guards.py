"""Guards: what they mean, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pathways import guards
from pathways.errors import InputError

NAMES = ("age", "visits", "psychosis", "waited")


@pytest.mark.parametrize(
    ("text", "values", "holds"),
    [
        ("age >= 65 and psychosis and visits < 3", {"age": 70, "psychosis": 1, "visits": 2}, True),
        ("age >= 65 and psychosis and visits < 3", {"age": 70, "psychosis": 1, "visits": 3}, False),
        ("waited > 4 h", {"waited": 14_400}, False),
        ("waited > 4 h", {"waited": 14_401}, True),
        ("psychosis or age < 18 and visits", {"psychosis": 1, "age": 30, "visits": 0}, True),
        ("(psychosis or age < 18) and visits", {"psychosis": 1, "age": 30, "visits": 0}, False),
        ("not psychosis", {"psychosis": 0}, True),
        ("not (age == 5 or age != 6)", {"age": 6}, True),
        ("age > -1", {"age": 0}, True),
    ],
)
def test_guards_mean_what_they_say(text, values, holds):
    assert guards.parse(text).holds(values) is holds


def test_the_steps_of_a_guard_are_those_of_a_stack_machine():
    found = guards.parse("age >= 65 and not psychosis")
    assert found.postfix() == [
        ("LOAD", "age"),
        ("CONST", 65.0),
        ("GE", None),
        ("LOAD", "psychosis"),
        ("NOT", None),
        ("AND", None),
    ]
    assert found.names() == ("age", "psychosis")


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("agee > 3", "age"),
        ("psychosys", "psychosis"),
        ("waited > 4 hurs", "hours"),
        ("age >", None),
        ("", None),
        ("age = 3", None),
        ("1 < age < 5", None),
        ("(age > 3", None),
        ("age > 3)", None),
        ("age 3", None),
        ("__import__('os')", None),
        ("age > 3 and and visits", None),
        ("not", None),
        ("age.real > 1", None),
        (7, None),
    ],
)
def test_what_is_no_guard_is_refused(text, suggestion):
    with pytest.raises(InputError) as refusal:
        guards.parse(text, file="x.toml", key="if")
    assert refusal.value.suggestion == suggestion
    assert "x.toml" in str(refusal.value)


def test_brackets_without_end_are_refused_and_do_not_fell_the_parser():
    with pytest.raises(InputError):
        guards.parse("(" * 5000 + "age" + ")" * 5000)


conditions = st.recursive(
    st.one_of(
        st.sampled_from(NAMES),
        st.builds(
            "{} {} {}".format,
            st.sampled_from(NAMES),
            st.sampled_from(list(guards.COMPARISONS)),
            st.integers(-9, 99),
        ),
    ),
    lambda inner: st.one_of(
        st.builds("({}) and ({})".format, inner, inner),
        st.builds("({}) or ({})".format, inner, inner),
        st.builds("not ({})".format, inner),
    ),
    max_leaves=8,
)


@given(conditions, st.lists(st.integers(-9, 99), min_size=4, max_size=4))
def test_guards_agree_with_python_and_read_back_from_their_text(text, numbers):
    values = dict(zip(NAMES, numbers, strict=True))
    found = guards.parse(text)
    assert found.holds(values) == bool(eval(text, {}, values))
    assert guards.parse(str(found)).postfix() == found.postfix()
