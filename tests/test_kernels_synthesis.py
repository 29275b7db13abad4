"""The loops that make people, against slow and obvious twins."""

import math

import numpy as np
import pytest

from kernels import synthesis
from kernels.entry import block


@pytest.fixture
def few():
    """Four hundred people of four small areas, with some illnesses already."""
    rng = np.random.default_rng(5)
    n = 400
    area = np.repeat(np.arange(4), 100).astype(np.uint16)
    return {
        "area": area,
        "ordinal": np.tile(np.arange(100), 4).astype(np.uint16),
        "age": rng.integers(0, 95, n).astype(np.uint8),
        "sex": rng.integers(0, 2, n).astype(np.uint8),
        "bits": rng.integers(0, 16, n).astype(np.uint32),
        "code": np.array([1012607, 1012608, 1024868, 1033231], np.int32),
        "decile": np.array([1, 4, 7, 10], np.int8),
    }


def cells_of(few):
    band = np.minimum(np.arange(111) // 20, 4)
    group = np.array([0, 0, 1, 1], np.int64)
    return synthesis.sort_by_cell(group, band, few["area"], few["age"], few["sex"], 2 * 5 * 2)


def odds():
    return np.linspace(0.4, -0.4, 10), np.array([0.0, 0.7, 1.0, 1.3, 1.6, 1.9]), np.arange(32) * 0.05


def give_slowly(few, order, start, target, eligible, given, mark, key, purpose):
    """Sort everyone eligible by logit(u) less their log odds; the first `target` of a cell have it."""
    by_decile, by_count, by_bit = odds()
    result = few["bits"].copy()
    for cell in range(start.size - 1):
        line = []
        for row in order[start[cell] : start[cell + 1]]:
            word = int(few["bits"][row])
            if not eligible[cell % 2, few["age"][row]] or word & given != given:
                continue
            area = few["area"][row]
            w0, w1, _, _ = block(key[0], key[1], few["code"][area], few["ordinal"][row], purpose, 0)
            u = (float(w0) * 2**32 + float(w1) + 0.5) / 2**64
            own = by_decile[few["decile"][area] - 1] + by_count[min((word & 511).bit_count(), 5)]
            for bit in range(32):
                if word >> bit & 1:
                    own += by_bit[bit]
            line.append((math.log(u / (1 - u)) - own, row))
        for _, row in sorted(line)[: target[cell]]:
            result[row] |= np.uint32(mark)
    return result


@pytest.mark.parametrize("given", [0, 2])
def test_giving_a_condition_equals_the_slow_twin(few, given):
    order, start = cells_of(few)
    target = np.random.default_rng(2).integers(0, 9, start.size - 1)
    eligible = np.ones((2, 111), bool)
    eligible[:, :18] = False
    expected = give_slowly(few, order, start, target, eligible, given, 1 << 20, (7, 0), 99)
    synthesis.give(
        order, start, target, few["area"], few["ordinal"], few["age"], few["bits"], few["code"],
        few["decile"], eligible, np.uint32(given), np.uint32(1 << 20), *odds(), 7, 0, 99,
    )  # fmt: skip
    assert np.array_equal(few["bits"], expected)
    assert (few["bits"] >> np.uint32(20)).any()


def test_cells_hold_everyone_once_in_order_of_rows(few):
    order, start = cells_of(few)
    assert np.array_equal(np.sort(order), np.arange(400))
    for cell in range(start.size - 1):
        rows = order[start[cell] : start[cell + 1]]
        assert (np.diff(rows) > 0).all()
        assert (few["sex"][rows] == cell % 2).all()


def test_order_sampling_keeps_the_odds_it_was_given():
    """Theory: with odds of 4 between two halves, the share of each half follows the logistic model."""
    n = 40_000
    bits = np.zeros(n, np.uint32)
    bits[::2] = 1
    zeros = np.zeros(n, np.uint8)
    area, ordinal = np.zeros(n, np.uint16), np.arange(n).astype(np.uint16)
    bit_odds = np.zeros(32)
    bit_odds[0] = math.log(4.0)
    target = np.array([8_000, 0])
    synthesis.give(
        np.arange(n, dtype=np.int32), np.array([0, n, n], np.int32), target, area, ordinal, zeros, bits,
        np.array([1], np.int32), np.array([1], np.int8), np.ones((2, 111), bool), np.uint32(0), np.uint32(2),
        np.zeros(10), np.zeros(6), bit_odds, 1, 0, 3,
    )  # fmt: skip
    ill = (bits & 2) != 0
    assert ill.sum() == 8_000
    a, b = ill[bits & 1 == 1].mean(), ill[bits & 1 == 0].mean()
    ratio = a / (1 - a) / (b / (1 - b))
    # four standard errors of a log odds ratio with these counts
    error = math.sqrt(sum(1 / x for x in (a * n / 2, (1 - a) * n / 2, b * n / 2, (1 - b) * n / 2)))
    assert abs(math.log(ratio / 4.0)) < 4 * error


def test_a_lattice_visits_every_place_once():
    size, step, offset = 1000, 619, 77
    assert len({synthesis.spread(i, size, step, offset) for i in range(size)}) == size
