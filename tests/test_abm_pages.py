"""Tables side by side in large pages: what was asked for, apart from one another, each from the start of a line."""

import weakref

import numpy as np
import pytest

from abm.pages import LINE, PAGE, Blank, side_by_side


@pytest.mark.parametrize("n", [5, PAGE], ids=["small", "large"])
def test_blank_tables_and_copies_are_what_was_asked_for(n):
    numbers = np.arange(n, dtype=np.int32)
    made = side_by_side({
        "zeros": Blank((n, 3), np.int8), "filled": Blank(7, np.int64, -1), "none": Blank((0, 4), np.int32),
        "copied": numbers, "records": Blank(2, np.dtype([("a", "i4"), ("b", "i8")])),
    })  # fmt: skip
    assert made["zeros"].shape == (n, 3)
    assert not made["zeros"].any()
    assert made["filled"].tolist() == [-1] * 7
    assert made["none"].shape == (0, 4)
    assert (made["copied"] == numbers).all()
    assert made["records"]["b"].tolist() == [0, 0]
    for table in made.values():
        assert table.flags.c_contiguous
        assert table.flags.writeable
        assert table.ctypes.data % LINE == 0


def test_tables_side_by_side_do_not_overlap():
    made = side_by_side({f"table {i}": Blank(i + 1, np.int32) for i in range(40)})
    for i, table in enumerate(made.values()):
        table.fill(i)
    assert all((table == i).all() for i, table in enumerate(made.values()))


def test_a_copy_is_a_copy():
    numbers = np.arange(4)
    side_by_side({"copied": numbers})["copied"][0] = 9
    assert numbers[0] == 0


def test_memory_is_given_back_when_the_last_table_is_gone():
    made = side_by_side({"one": Blank(PAGE, np.uint8), "other": Blank(PAGE, np.uint8)})
    memory = made["one"]
    while isinstance(memory.base, np.ndarray):
        memory = memory.base
    gone = weakref.ref(memory)
    del memory, made["one"]
    assert gone() is not None, "the other table still lies there"
    made.clear()
    assert gone() is None
