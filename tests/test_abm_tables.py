"""The committed tables: every row says where it is from, and what is missing or malformed is refused."""

import shutil

import pytest

from abm import tables
from pathways.errors import InputError


@pytest.mark.parametrize("name", tables.names())
def test_every_row_has_a_source_and_says_how_sure_it_is(name):
    for row in tables.read(name):
        assert row["source"], row
        assert row["confidence"], row


@pytest.mark.parametrize("name", tables.names())
def test_an_assumption_says_why(name):
    for row in tables.read(name):
        if row["confidence"].startswith("assumption"):
            reason = row["confidence"].removeprefix("assumption").strip(": ") or row["source"]
            assert len(reason) > 10, row


def test_all_tables_together_stay_small():
    assert sum(path.stat().st_size for path in tables.FOLDER.glob("*.csv")) < 3_000_000


def test_a_missing_table_is_refused_with_the_nearest_name():
    with pytest.raises(InputError, match="odds_ratios"):
        tables.read("odd_ratios")


def test_a_row_that_is_too_short_is_refused(tmp_path):
    (tmp_path / "short.csv").write_text("a,b,c\n1,2\n")
    with pytest.raises(InputError, match="line 2"):
        tables.read("short", tmp_path)


@pytest.mark.parametrize("value", ["-0.1", "a lot", "nan", ""])
def test_what_is_not_an_amount_is_refused(tmp_path, value):
    (tmp_path / "wrong.csv").write_text(f"condition,prevalence,source\nchd,0.1,x\nchd,{value},x\n")
    with pytest.raises(InputError, match="line 3, prevalence"):
        tables.read("wrong", tmp_path)


def test_the_digest_sees_one_changed_byte(tmp_path):
    shutil.copy(tables.FOLDER / "systems.csv", tmp_path)
    before = tables.digest(["systems"], tmp_path)
    assert before == tables.digest(["systems"])
    path = tmp_path / "systems.csv"
    path.write_text(path.read_text().replace("Pennine", "pennine", 1))
    assert tables.digest(["systems"], tmp_path) != before
