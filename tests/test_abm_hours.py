"""How threads share out cells: groups get smaller, so that all end together."""

import numpy as np
import pytest

from abm.hours import Hours


def sizes(n_cells: int, threads: int) -> list[int]:
    hours = Hours([0] * n_cells, [[]] * n_cells)
    hours.deal(range(n_cells), threads)
    return np.diff(hours._groups).tolist()


@pytest.mark.parametrize("threads", [1, 2, 3, 16])
def test_every_cell_is_in_one_group(threads):
    assert sum(sizes(44, threads)) == 44


def test_one_thread_takes_all_cells_at_once():
    assert sizes(44, 1) == [44]


def test_groups_get_smaller_down_to_a_single_cell():
    groups = sizes(44, 2)
    assert groups == sorted(groups, reverse=True)
    assert groups[0] == 11
    assert groups[-4:] == [1, 1, 1, 1]
