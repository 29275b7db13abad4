"""The national workforce plan shared out: it closes as published, and sums at every level to the last post."""

import shutil
from itertools import pairwise
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from experiments.workforce import apportion, waterfall, waterfall_page
from pathways.errors import InputError

LSC = "Lancashire & South Cumbria"


def values(area, by="people"):
    return {(row["place"], row["step"]): row["value"] for row in waterfall.document(area, by)["rows"]}


def test_with_the_published_rows_the_published_totals_come_out():
    of = values("england")
    assert of["England", "in_post"] == 194_000
    assert of["England", "in_post_later"] == 213_000 == 194_000 + 19_000
    assert of["England", "posts_later"] == 230_000 == 214_000 + 21_000 - 5_000
    assert of["England", "gap"] == 17_000


def test_the_areas_additional_posts_are_633_by_head_count_and_721_by_deprivation():
    assert values("lsc")[LSC, "new_posts"] == 633
    assert values("lsc", "deprivation")[LSC, "new_posts"] == 721


@pytest.mark.parametrize("by", ["people", "deprivation", "need"])
def test_every_bar_sums_over_places_at_every_level(by):
    found = waterfall.waterfalls(by)
    inside = {}
    for place, bars in found.items():
        for bar in bars:
            inside.setdefault((place.within, bar.step), []).append(bar.value)
    for place, bars in found.items():
        if (place.name, "gap") in inside:
            for bar in bars:
                assert sum(inside[place.name, bar.step]) == bar.value, (place.name, bar.step)


def test_every_change_hangs_where_the_bar_before_it_ended():
    for bars in waterfall.waterfalls("need").values():
        staff = [bar for bar in bars if bar.step not in ("new_posts", "transferred_posts", "posts_later", "gap")]
        for before, bar in pairwise(staff):
            assert (bar.start if bar.kind == "change" else bar.end) == before.end
            assert bar.end - bar.start == bar.value


def test_changing_a_row_changes_the_totals_that_rest_on_it(tmp_path):
    file = Path(shutil.copy(apportion.FOLDER / "waterfall.csv", tmp_path))
    text = file.read_text()
    file.write_text(text.replace("retained,Kept by retention,staff,change,6000", "retained,Kept,staff,change,7000"))
    england = next(iter(waterfall.waterfalls(folder=tmp_path).values()))
    ends = {bar.step: bar.value for bar in england}
    assert ends["in_post_later"] == 214_000
    assert ends["gap"] == 16_000
    assert ends["posts_later"] == 230_000


def test_largest_remainders_share_a_number_exactly_and_fairly():
    assert apportion.shared_out(10, [1, 1, 1]) == [4, 3, 3]
    assert apportion.shared_out(-10, [1, 1, 2]) == [-3, -2, -5]
    assert apportion.shared_out(0, [3, 4]) == [0, 0]
    with pytest.raises(ValueError, match="weights"):
        apportion.shared_out(5, [0, 0])


def test_a_places_own_weights_come_from_a_file_that_names_every_place(tmp_path):
    file = tmp_path / "own.csv"
    names = [place.name for place in apportion.places()[1:]]
    lines = [f'"{name}",{2 if name == LSC else 1}' for name in names]
    file.write_text("place,weight\n" + "\n".join(lines) + "\n")
    shares = apportion.apportioned(45, apportion.weights_of("file", file))
    assert shares[LSC] == 2
    file.write_text("place,weight\n" + "\n".join(lines[1:]) + "\n")
    with pytest.raises(InputError, match="a row for it too"):
        apportion.weights_of("file", file)
    file.write_text("place,weight\nLancashire and South Cumbria,1\n")
    with pytest.raises(InputError, match="Lancashire & South Cumbria"):
        apportion.weights_of("file", file)


@pytest.mark.parametrize(("area", "meant"), [("lcs", "lsc"), ("Blackpol", "Blackpool")])
def test_an_unknown_place_is_refused_with_the_nearest_one(area, meant):
    with pytest.raises(InputError) as refused:
        waterfall.document(area)
    assert meant in str(refused.value)


def test_page_workbook_and_parquet_hold_the_same_numbers(tmp_path):
    document = waterfall.document("West Lancashire")
    page, book, parquet = waterfall_page.write(document, tmp_path)
    rows = list(openpyxl.load_workbook(book)["waterfall"].values)
    at = {name: i for i, name in enumerate(rows[0])}
    in_book = {(row[at["place"]], row[at["step"]]): row[at["value"]] for row in rows[1:]}
    assert in_book == {(row["place"], row["step"]): row["value"] for row in document["rows"]}
    text = page.read_text()
    assert text.count("<svg") == 2  # the system and its one CCG
    assert "<script" not in text
    assert len(pd.read_parquet(parquet)) == len(document["rows"])
