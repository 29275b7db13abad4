"""Laws against their tables: moments, order, and the lookup repeated one number at a time."""

import copy
import dataclasses
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from kernels import draws
from kernels.jit import njit
from pathways import files, laws, specs
from pathways.errors import InputError

LIGHT = [
    {"constant": "30 min"},
    {"exponential": {"mean": "60 min"}},
    {"lognormal": {"mean": "105 min", "sd": "45 min"}},
    {"lognormal": {"mean": "7.4 days", "sd": "8.6 days"}},
    {"gamma": {"mean": "12 min", "sd": "6 min"}},
    {"gamma": {"mean": "12 h", "sd": "24 h"}},
    {"weibull": {"shape": 0.7, "scale": "2 h"}},
    {"weibull": {"shape": 3, "scale": "2 h"}},
    {"uniform": {"low": "0 min", "high": "30 min"}},
    {"triangular": {"low": "10 min", "mode": "15 min", "high": "60 min"}},
]
HEAVY = [{"lognormal": {"mean": "30 days", "sd": "90 days"}}]
EMPIRICAL = [
    {"empirical": {"values": ["10 min", "100 min", "50 min"], "weights": [0.7, 0.25, 0.05]}},
    {"empirical": {"values": ["1 h", "2 h"]}},
]


def moments(table: np.ndarray) -> tuple[float, float]:
    """Mean and standard deviation (s) of a table read linearly between its nodes: exact, no draws."""
    width = -np.diff(laws.survival_nodes())
    a, b = table[:-1] / laws.PER_SECOND, table[1:] / laws.PER_SECOND
    mean = width @ (a + b) / 2
    return mean, np.sqrt(max(0.0, width @ (a * a + a * b + b * b) / 3 - mean**2))


def plain_lookup(table: np.ndarray, u: int) -> int:
    """The rule of `interpolated`, bit by bit."""
    octave = 0
    while octave < 31 and u >> (31 - octave) & 1:
        octave += 1
    bits = 31 - octave
    rest = u & ((1 << bits) - 1)
    j, part, low = (
        (rest >> (bits - 6), rest & ((1 << (bits - 6)) - 1), bits - 6) if bits >= 6 else (rest << (6 - bits), 0, 0)
    )
    left, right = int(table[64 * octave + j]), int(table[64 * octave + j + 1])
    return left + ((right - left) * part >> low)


@pytest.mark.parametrize("text", LIGHT, ids=str)
def test_tables_have_the_moments_of_their_law(text):
    law = laws.law(text)
    mean, sd = moments(law.table())
    assert mean == pytest.approx(law.mean, rel=1e-4)
    assert sd == pytest.approx(law.sd, rel=1e-3, abs=0.1)


@pytest.mark.parametrize("text", HEAVY, ids=str)
def test_a_heavy_tail_is_kept_to_two_parts_in_ten_thousand(text):
    law = laws.law(text)
    mean, sd = moments(law.table())
    assert mean == pytest.approx(law.mean, rel=2e-4)
    assert sd == pytest.approx(law.sd, rel=1e-2)


@pytest.mark.parametrize("text", EMPIRICAL, ids=str)
def test_a_law_of_a_few_values_keeps_its_mean_and_its_shares(text):
    law = laws.law(text)
    mean, sd = moments(law.table())
    assert mean == pytest.approx(law.mean, rel=1e-6)
    assert sd == pytest.approx(law.sd, rel=1e-2)
    drawn = laws.draw(law.table(), np.linspace(0, 2**32 - 1, 1_000_001).astype(np.uint32))
    for value, chance in zip(*law.points, strict=True):
        assert np.mean(drawn == value) == pytest.approx(chance, abs=0.012)


def test_a_wrong_table_is_noticed():
    law = laws.law(LIGHT[1])
    assert moments(law.table() + 256)[0] != pytest.approx(law.mean, rel=1e-4)


@pytest.mark.parametrize("text", LIGHT + HEAVY + EMPIRICAL, ids=str)
def test_tables_never_fall(text):
    law = laws.law(text)
    for table in (law.table(), law.residual_table()):
        assert table.shape == (laws.NODES,)
        assert table.dtype == np.int64
        assert np.all(np.diff(table) >= 0)
        assert table[0] >= 0


@pytest.mark.parametrize("text", LIGHT + EMPIRICAL, ids=str)
def test_what_is_left_of_a_stay_met_under_way_has_the_renewal_mean(text):
    law = laws.law(text)
    mean, _ = moments(law.residual_table())
    assert mean == pytest.approx((law.mean**2 + law.sd**2) / (2 * law.mean), rel=2e-4)


def test_the_rest_of_an_exponential_stay_is_the_whole_stay_again():
    law = laws.law(LIGHT[1])
    assert law.residual_table()[1:] == pytest.approx(law.table()[1:], rel=2e-3)


@given(st.integers(0, 2**32 - 1))
def test_the_lookup_equals_its_rule_bit_by_bit(u):
    table = laws.law({"gamma": {"mean": "12 min", "sd": "6 min"}}).table()
    assert laws.interpolated(table, np.array([u], dtype=np.uint32))[0] == plain_lookup(table, u)


@pytest.mark.parametrize("u", [0, 1, 2**31 - 1, 2**31, 2**32 - 64, 2**32 - 3, 2**32 - 2, 2**32 - 1])
def test_the_lookup_is_right_at_its_corners(u):
    table = laws.law({"exponential": {"mean": "60 min"}}).table()
    assert laws.interpolated(table, np.array([u], dtype=np.uint32))[0] == plain_lookup(table, u)
    assert laws.draw(table, np.array([u], dtype=np.uint32))[0] >= 1


@given(st.integers(0, 2**32 - 2))
def test_more_luck_never_gives_a_shorter_duration(u):
    table = laws.law({"lognormal": {"mean": "2 h", "sd": "3 h"}}).table()
    first, second = laws.draw(table, np.array([u, u + 1], dtype=np.uint32))
    assert first <= second


def test_normals_are_symmetric_and_normal():
    table = laws.normal_table()
    u = (np.arange(2**20, dtype=np.uint64) * 4096 + 2048).astype(np.uint32)
    z = laws.draw_normal(table, u) / laws.NORMAL_SCALE
    assert np.array_equal(laws.draw_normal(table, ~u), -laws.draw_normal(table, u))
    assert z.std() == pytest.approx(1.0, abs=1e-4)
    assert np.abs(z[::1001] - stats.norm.ppf((u[::1001] + 0.5) / 2**32)).max() < 1e-3


def test_unit_exponentials_have_mean_and_variance_one():
    table = laws.unit_exponential_table() / laws.EXPONENTIAL_SCALE * laws.PER_SECOND
    mean, sd = moments(table)
    assert mean == pytest.approx(1.0, rel=1e-4)
    assert sd == pytest.approx(1.0, rel=1e-4)


def test_parameters_are_those_of_the_duration_itself():
    law = laws.law({"lognormal": {"mean": "2 h", "sd": "1 h"}})
    area, _ = integrate.quad(lambda x: float(law.survival(np.array(x))), 0, 3e5, limit=500)
    assert area == pytest.approx(7200, rel=1e-6)
    assert law.quantile(0.5) == pytest.approx(7200 / np.sqrt(1.25))


def test_a_digest_tells_laws_apart_and_copies_together():
    one, other = laws.law(LIGHT[1]), laws.law({"exponential": {"mean": "61 min"}})
    assert one.digest() != other.digest()
    assert copy.deepcopy(one).digest() == one.digest() == laws.law({"exponential": {"mean": "1 h"}}).digest()


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ({"exponental": {"mean": "1 h"}}, "exponential"),
        ({"lognormal": {"mean": "1 h", "ds": "1 h"}}, "sd"),
        ({"lognormal": {"mean": "1 h"}}, None),
        ({"lognormal": {"mean": "-1 h", "sd": "1 h"}}, None),
        ({"lognormal": {"mean": 60, "sd": 30}}, None),
        ({"uniform": {"low": "2 h", "high": "1 h"}}, None),
        ({"weibull": {"shape": 0, "scale": "1 h"}}, None),
        ({"empirical": {"values": []}}, None),
        ({"empirical": {"values": ["1 h"], "weights": [1, 2]}}, None),
        ({"constant": "1 h", "exponential": {"mean": "1 h"}}, None),
        (30, None),
    ],
)
def test_what_is_no_law_is_refused(text, suggestion):
    with pytest.raises(InputError) as refusal:
        laws.law(text, file="x.toml", key="state.a.minutes")
    assert refusal.value.suggestion == suggestion
    assert "x.toml: state.a.minutes" in str(refusal.value)


def laws_within(thing: object) -> set[laws.Law]:
    """Every law of a duration inside a pathway's spec, however deep."""
    if isinstance(thing, laws.Law):
        return {thing}
    if isinstance(thing, Mapping):
        thing = tuple(thing.values())
    if isinstance(thing, list | tuple):
        return set().union(*map(laws_within, thing))
    if dataclasses.is_dataclass(thing):
        return laws_within([getattr(thing, field.name) for field in dataclasses.fields(thing)])
    return set()


@njit
def drawn_seconds(table, first, stride, n):
    total, squares = 0.0, 0.0
    for i in range(n):
        length = np.float64(draws.seconds(table, np.uint32(first + i * stride)))
        total += length
        squares += length * length
    return total, squares


@pytest.mark.parametrize("name", files.library_names())
def test_every_law_of_the_library_is_drawn_with_its_own_moments(name):
    found = laws_within(specs.validated(files.library(name)))
    assert len(found) > 3
    n, stride = 1 << 20, 1 << 12
    for law in found:
        total, squares = drawn_seconds(law.table(), stride // 2, stride, n)  # evenly spaced luck, by the kernel
        mean = total / n
        sd = np.sqrt(max(0.0, squares / n - mean**2))
        # an even grid of a million misses half of the last millionth of the tail; a draw is a whole second
        assert mean == pytest.approx(law.mean, rel=3e-4, abs=0.1), law
        assert sd == pytest.approx(law.sd, rel=1e-2, abs=1.0), law


def test_a_draw_a_second_too_long_would_be_noticed():
    law = laws.law({"lognormal": {"mean": "25 min", "sd": "12 min"}})
    total, _ = drawn_seconds(law.table() + 256, 1 << 11, 1 << 12, 1 << 20)
    assert total / (1 << 20) != pytest.approx(law.mean, rel=3e-4, abs=0.1)
