"""The loops that make people, against slow and obvious twins."""

import math

import numpy as np
import pytest

from abm.conditions import odds_tables
from kernels import synthesis
from kernels.entry import block

N_RUNS = 2 * 10 * 111 * 2


@pytest.fixture
def few():
    """Four hundred people of four small areas in two districts, run by run, with some illnesses already."""
    rng = np.random.default_rng(5)
    n = 400
    area = np.repeat(np.arange(4), 100).astype(np.uint16)
    ordinal = np.tile(np.arange(100), 4).astype(np.uint16)
    age = rng.integers(10, 40, n).astype(np.uint8)
    sex = rng.integers(0, 2, n).astype(np.uint8)
    code = np.array([1012607, 1012608, 1024868, 1033231], np.int32)
    group = np.array([0 * 10 + 0, 0 * 10 + 3, 1 * 10 + 6, 1 * 10 + 9], np.int64)  # district × 10 + tenth
    start, order = np.zeros(N_RUNS + 1, np.int32), np.empty(n, np.int32)
    id0, id1 = np.empty(n, np.uint32), np.empty(n, np.uint16)
    synthesis.sort_into_runs(group, code, area, ordinal, age, sex, start, order, id0, id1)
    return {
        "area": area, "ordinal": ordinal, "age": age, "sex": sex, "code": code, "group": group, "start": start,
        "order": order, "id0": id0, "id1": id1, "bits": rng.integers(0, 1 << 29, n).astype(np.uint32) & 0x1840700F,
    }  # fmt: skip


def cell_of_runs():
    """Cells: district × ages under and over 25 × sex."""
    district, _, age, sex = np.indices((2, 10, 111, 2)).reshape(4, -1)
    return (district * 2 + (age >= 25)) * 2 + sex


def odds():
    return np.linspace(0.4, -0.4, 10), np.array([0.0, 0.7, 1.0, 1.3, 1.6, 1.9]), np.arange(32) * 0.05


def give_slowly(few, target, eligible, given, mark, key, purpose):
    """Sort everyone eligible of a cell by logit(u) less their log odds; the first `target` of them have it."""
    by_decile, by_count, by_bit = odds()
    result = few["bits"].copy()
    run_of = np.repeat(np.arange(N_RUNS), np.diff(few["start"]))
    cell = cell_of_runs()[run_of]
    for c in range(target.size):
        line = []
        for i in np.flatnonzero(cell == c):
            word, row = int(few["bits"][i]), few["order"][i]
            if not eligible[few["sex"][row], few["age"][row]] or word & given != given:
                continue
            area = few["area"][row]
            w0, w1, _, _ = block(key[0], key[1], few["code"][area], few["ordinal"][row], purpose, 0)
            u = (float(w0) * 2**32 + float(w1) + 0.5) / 2**64
            own = by_decile[few["group"][area] % 10] + by_count[min((word & 511).bit_count(), 5)]
            for bit in range(32):
                if word >> bit & 1:
                    own += by_bit[bit]
            line.append((math.log(u / (1 - u)) - own, i))
        for _, i in sorted(line)[: target[c]]:
            result[i] |= np.uint32(mark)
    return result


@pytest.mark.parametrize("given", [0, 2])
@pytest.mark.parametrize("most", [9, 60])
def test_giving_a_condition_equals_the_slow_twin(few, given, most):
    of_run = cell_of_runs()
    runs = np.argsort(of_run, kind="stable").astype(np.int32)
    cell_start = np.searchsorted(of_run[runs], np.arange(9)).astype(np.int32)
    target = np.random.default_rng(2).integers(0, most, 8)
    eligible = np.ones((2, 111), bool)
    eligible[:, :18] = False
    expected = give_slowly(few, target, eligible, given, 1 << 20, (7, 0), 99)
    decile, count, bit = odds()
    synthesis.give(
        few["start"], cell_start, runs, target, eligible, np.uint32(given), np.uint32(1 << 20),
        few["id0"], few["id1"], few["bits"], np.exp(-decile), *odds_tables(-count, -bit), 7, 0, 99,
    )  # fmt: skip
    assert np.array_equal(few["bits"], expected)
    assert (few["bits"] >> np.uint32(20) & 1).any()


def test_odds_tables_hold_the_product_of_every_bits_odds():
    _, count, bit = odds()
    low, middle, high = odds_tables(count, bit)
    word = 0b10_0000_0001_1000_0000_0111_0000_0101
    own = count[(word & 511).bit_count()] + sum(bit[i] for i in range(30) if word >> i & 1)
    assert low[word & 511] * middle[word >> 9 & 1023] * high[word >> 19] == pytest.approx(math.exp(own))


def test_runs_hold_everyone_once_in_order_of_rows(few):
    start, order = few["start"], few["order"]
    assert np.array_equal(np.sort(order), np.arange(400))
    for run in np.flatnonzero(np.diff(start)):
        rows = order[start[run] : start[run + 1]]
        assert (np.diff(rows) > 0).all()
        group, age, sex = run // 222, run // 2 % 111, run % 2
        assert (few["sex"][rows] == sex).all()
        assert (few["age"][rows] == age).all()
        assert (few["group"][few["area"][rows]] == group).all()
    assert np.array_equal(few["id1"], few["ordinal"][order])


def test_counts_and_sums_of_a_run_are_those_of_its_people(few):
    count, total = np.empty(N_RUNS), np.empty(N_RUNS)
    _, by_count, bit = odds()
    tables = odds_tables(by_count, bit)
    synthesis.count_with(few["start"], few["bits"], np.uint32(5), count)
    synthesis.sum_odds(few["start"], few["bits"], *tables, total)
    assert count.sum() == ((few["bits"] & 5) == 5).sum()
    run = int(np.argmax(np.diff(few["start"])))
    mine = few["bits"][few["start"][run] : few["start"][run + 1]]
    own = [tables[0][b & 511] * tables[1][b >> 9 & 1023] * tables[2][b >> 19] for b in mine]
    assert total[run] == pytest.approx(sum(own))


def test_order_sampling_keeps_the_odds_it_was_given():
    """Theory: with odds of 4 between two halves, the share of each half follows the logistic model."""
    n = 40_000
    bits = np.zeros(n, np.uint32)
    bits[::2] = 1
    bit_odds = np.zeros(32)
    bit_odds[0] = math.log(4.0)
    synthesis.give(
        np.array([0, n], np.int32), np.array([0, 1], np.int32), np.zeros(1, np.int32), np.array([8_000]),
        np.ones((2, 111), bool), np.uint32(0), np.uint32(2), np.ones(n, np.uint32), np.arange(n).astype(np.uint16),
        bits, np.ones(10), *odds_tables(np.zeros(6), -bit_odds), 1, 0, 3,
    )  # fmt: skip
    ill = (bits & 2) != 0
    assert ill.sum() == 8_000
    a, b = ill[bits & 1 == 1].mean(), ill[bits & 1 == 0].mean()
    ratio = a / (1 - a) / (b / (1 - b))
    # four standard errors of a log odds ratio with these counts
    error = math.sqrt(sum(1 / x for x in (a * n / 2, (1 - a) * n / 2, b * n / 2, (1 - b) * n / 2)))
    assert abs(math.log(ratio / 4.0)) < 4 * error


def test_a_lattice_visits_every_place_once():
    """The walk of `fill_ethnicity` over 1,000 places with five groups meets each group as often as it has places."""
    ethnicity = np.empty(1000, np.uint8)
    ends = np.array([[700, 800, 900, 950, 1000]])
    first = np.array([0, 1000], np.int32)
    synthesis.fill_ethnicity(first, ends, np.array([619]), np.array([77]), ethnicity)
    assert np.bincount(ethnicity).tolist() == [700, 100, 100, 50, 50]
    expected = np.searchsorted(ends[0], (np.arange(1000) * 619 + 77) % 1000, side="right")
    assert np.array_equal(ethnicity, expected)
