"""The twin's luck equals the published generator and the kernels' luck, bit for bit."""

import numpy as np
import pytest
import reference_luck as luck

from kernels import draws
from kernels.entry import block
from kernels.jit import njit
from pathways import laws


@njit
def tie_of(w0, w1, w2, w3):
    return draws.tie_of(w0, w1, w2, w3)


@njit
def seconds(table, u):
    return draws.seconds(table, u)


def test_philox_gives_the_published_answers():
    # Known answers of the Random123 distribution for philox4x32-10.
    assert luck.philox((0, 0), (0, 0, 0, 0)) == (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)
    ones = 0xFFFFFFFF
    assert luck.philox((ones, ones), (ones, ones, ones, ones)) == (
        0x408F276D,
        0x41C83B0E,
        0xA20BC7C6,
        0x6D5451FD,
    )
    pi = (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344)
    assert luck.philox((0xA4093822, 0x299F31D0), pi) == (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1)


def test_kernel_blocks_ties_and_draws_equal_the_twins():
    rng = np.random.default_rng(7)
    tables = [
        laws.law({"lognormal": {"mean": "5 days", "sd": "8 days"}}).table(),
        laws.law({"empirical": {"values": ["10 min", "90 min"], "weights": [0.75, 0.25]}}).table(),
        laws.law({"constant": "30 min"}).table(),
    ]
    for _ in range(300):
        words = [int(w) for w in rng.integers(0, 2**32, 6, dtype=np.uint64)]
        mine = luck.philox((words[0], words[1]), (words[2], words[3], words[4], words[5]))
        theirs = block(*(np.uint32(w) for w in words))
        assert mine == tuple(int(w) for w in theirs)
        assert luck.tie_of(mine) == int(tie_of(*theirs))
        for table in tables:
            for u in (*mine, 0xFFFFFFFF - mine[0] % 1000, 0xFFFFFFFF, 0):
                expected = luck.seconds(table.tolist(), u)
                assert expected == int(seconds(table, np.uint32(u)))
                assert expected == int(laws.draw(table, np.array([u], dtype=np.uint32))[0])
    assert draws.purpose("crisis/triage/visit") == luck.purpose("crisis/triage/visit")


def test_a_part_of_a_kernel_refuses_to_be_called_from_python():
    with pytest.raises(TypeError):
        draws.block(*(np.uint32(1) for _ in range(6)))


def test_a_changed_constant_would_be_noticed():
    right = luck.philox((1, 2), (3, 4, 5, 6))
    assert luck.philox((2, 1), (3, 4, 5, 6)) != right
    assert luck.philox((1, 2), (4, 3, 5, 6)) != right
