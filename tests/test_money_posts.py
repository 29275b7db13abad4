"""What a post costs: hand-computed, beside published hourly costs, in whole pounds that sum."""

import csv

import numpy as np
import pandas as pd
import pytest

from abm import tables
from experiments.money import pay, prices
from experiments.money.costs import cost_of_posts, pounds_a_post, unit_cost
from experiments.money.whole import rounded
from experiments.planning.establishment import working_times
from pathways.errors import InputError

PSSRU = {"mh_practitioner": (44, 45), "pwp": (36, 36), "cbt_therapist": (53, 54), "psychologist": (63, 64),
         "consultant": (106, 108), "amhp": (42, 44)}  # fmt: skip
"""Pounds a working hour of 2016/17 (PSSRU Unit Costs 2017, from memory)"""


def test_a_post_of_band_5_in_2016_17_costs_what_a_sum_by_hand_says():
    pay_ = 21909 + (28462 - 21909) / 2
    direct = pay_ + (pay_ - 8112) * 0.138 + pay_ * 0.143
    assert pounds_a_post("pwp", "2016/17", overheads=False) == pytest.approx(direct)
    assert pounds_a_post("pwp", "2016/17") == pytest.approx(direct * 1.661 + 4000)


def test_hours_cost_within_a_fifth_of_the_published_ones():
    for role, (least, most) in PSSRU.items():
        hours = 1796 if role == "consultant" else 1590
        assert 0.8 * least < pounds_a_post(role, "2016/17") / hours < 1.2 * most, role


def test_every_role_of_the_services_has_pay_and_its_own_band():
    for role, time in working_times().items():
        scale = prices.row_of("role_pay", "role", role)["scale"]
        if scale[0].isdigit():
            assert scale == time.band, role


def test_every_scale_has_pay_in_every_year_and_never_falls():
    scales = {row["scale"] for row in tables.read("pay_bands", prices.FOLDER)}
    for scale in scales:
        paid = [pay.basic_pay(scale, year) for year in prices.YEARS]
        assert np.all(np.diff(paid) > 0), scale


def test_charity_overheads_make_a_post_cheaper_than_in_the_nhs():
    assert pounds_a_post("support_worker", "2017/18", "voluntary_sector") < pounds_a_post("support_worker", "2017/18")


def test_whole_pounds_of_posts_sum_to_the_rounded_sum():
    rows = [{"role": role, "posts": 0.37 + i / 7} for i, role in enumerate(working_times())]
    found = cost_of_posts(rows, "2020/21")
    exact = sum(row["posts"] * pounds_a_post(row["role"], "2020/21") for row in rows)
    assert sum(row["pounds"] for row in found) == round(exact)
    table = cost_of_posts(pd.DataFrame(rows), "2020/21")
    assert list(table["pounds"]) == [row["pounds"] for row in found]
    assert cost_of_posts([], "2020/21") == []


def test_rounding_keeps_totals_of_negative_amounts_too():
    assert rounded([0.5, 0.5, 0.5, 0.5]).tolist() == [1, 1, 0, 0]
    assert rounded([-0.4, -0.4, -0.4]).sum() == -1
    assert rounded([]).tolist() == []


def test_a_price_of_2013_is_carried_by_the_deflator():
    assert prices.in_prices(100.0, "2013/14", "2016/17") == pytest.approx(100 / 0.9588)
    assert unit_cost("out_of_area_day", "2016/17") == 550.0
    assert unit_cost("out_of_area_day", "2020/21") > unit_cost("out_of_area_day", "2016/17")


def test_unknown_roles_years_and_unit_costs_are_refused_with_the_nearest_word():
    with pytest.raises(InputError, match="amhp"):
        pounds_a_post("ampph", "2016/17")
    with pytest.raises(InputError, match="2016/17"):
        pounds_a_post("pwp", "2031/32")
    with pytest.raises(InputError, match="out_of_area_day"):
        unit_cost("out_of_area_dya", "2016/17")
    with pytest.raises(InputError, match="voluntary_sector"):
        pounds_a_post("pwp", "2016/17", "voluntary_sectr")


def test_every_row_of_every_table_of_money_says_where_it_is_from_and_how_sure():
    for name in tables.names(prices.FOLDER):
        with tables.path_of(name, prices.FOLDER).open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                assert row["source"], (name, row)
                assert row["confidence"], (name, row)
