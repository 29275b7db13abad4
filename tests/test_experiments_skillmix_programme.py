"""The programme by hand: small problems whose answer can be worked out on paper."""

import itertools
from dataclasses import replace

import pytest

from experiments.skillmix.problem import WEEKS, Block, Pool, Problem, Row, Way, Work
from experiments.skillmix.programme import solved
from pathways.errors import InputError

CLINIC = 20.0  # hours a week
POUNDS = {"nurse": 60_000.0, "helper": 30_000.0, "doctor": 200_000.0}
POST = {"nurse": 25.0, "helper": 25.0, "doctor": 25.0}  # hours a week a post gives
REGISTERED = {"nurse": True, "helper": False, "doctor": True}
PROPORTIONAL = tuple(float(k) for k in range(21))  # k people carry k people's work


def clinic(role: str, carried: tuple[float, ...] = PROPORTIONAL) -> Pool:
    """Clinicians of a role in the one team."""
    return Pool("here", "t/team", role, "clinicians", (Row("", CLINIC, 0, 0),), clinic_hours=CLINIC, carried=carried)


def two_roles(**changes) -> Problem:
    """A hundred hours a week that nurses do, and helpers may; each of 1000 people a year takes 100 * WEEKS / 1000 h."""
    hours = 100 * WEEKS / 1000
    problem = Problem(
        people={"t/task": {"here": 1000.0}},
        ways=(
            Way("t/task", "t/task", work={("t/team", "nurse"): Work(hours)}),
            Way("t/task", "t/task", "helper", "nurse", {("t/team", "helper"): Work(hours)}),
        ),
        pools=(clinic("nurse"), clinic("helper")),
        pounds=POUNDS, hours_of_post=POST, registered=REGISTERED,
        most_standing_in={("t/task", "helper"): 0.4},
    )  # fmt: skip
    return replace(problem, **changes)


def test_the_cheapest_whole_numbers_are_those_worked_out_by_hand():
    # 100 h are five clinicians; 40 % may be helpers': two of them. Posts: 20 h of clinics of the 25 a post gives.
    found = solved(two_roles())
    assert found.numbers == ((3,), (2,))
    assert found.pounds == pytest.approx(3 * 0.8 * 60_000 + 2 * 0.8 * 30_000)
    assert found.registered_share == pytest.approx(0.6)
    assert found.flows == pytest.approx((600.0, 400.0), abs=1e-3)


def test_it_is_the_least_of_all_plans_tried_one_by_one():
    problem = two_roles(floor=0.65, supply={"helper": 1.2})
    found = solved(problem)
    least = min(
        n * 48_000 + h * 24_000
        for n, h in itertools.product(range(8), repeat=2)
        if n + h >= 5 and h <= 2 and n / (n + h) >= 0.65 and h * 0.8 <= 1.2
    )
    assert found.pounds == pytest.approx(least)


def test_people_are_whole():
    found = solved(two_roles(most_standing_in={("t/task", "helper"): 0.3}))
    assert found.numbers == ((4,), (1,))  # 30 of 100 hours would be one helper and a half


def test_supervision_is_counted_at_the_supervisor():
    ways = (
        two_roles().ways[0],
        replace(two_roles().ways[1], supervision={"nurse": 100 * WEEKS / 1000 * 15 / 60}),  # 15 minutes an hour
    )
    found = solved(two_roles(ways=ways))
    assert found.numbers == ((3,), (2,))
    assert found.supervision["nurse"] == pytest.approx(40 * 0.25 / 25)  # ten hours a week, of 25 a post gives
    assert found.posts["nurse"] == pytest.approx(3 * 0.8 + 0.4)


def test_supervision_that_costs_more_than_the_saving_lets_nobody_stand_in():
    ways = (two_roles().ways[0], replace(two_roles().ways[1], supervision={"doctor": 100 * WEEKS / 1000 * 15 / 60}))
    found = solved(two_roles(ways=ways))
    assert found.numbers == ((5,), (0,))
    assert found.flows[1] == pytest.approx(0.0, abs=1e-6)


def test_the_registered_floor_is_kept():
    assert solved(two_roles(floor=0.8)).numbers == ((4,), (1,))
    assert solved(two_roles(floor=0.6)).numbers == ((3,), (2,))


def test_where_supply_forbids_it_the_limit_is_named_with_what_is_short():
    # Three fifths must be nurses', three people or 2.4 posts: one post can be had.
    with pytest.raises(InputError) as refusal:
        solved(two_roles(supply={"nurse": 1.0}))
    assert refusal.value.key == "supply of nurse"
    assert "supply of nurse: 1.4 posts (WTE) short" in str(refusal.value)
    assert "helper" not in str(refusal.value)


def test_where_the_floor_forbids_it_the_floor_is_named():
    # Nobody but helpers may do a second task, so nine in ten cannot be registered while nurses are short.
    with pytest.raises(InputError) as refusal:
        solved(two_roles(floor=0.9, supply={"nurse": 3.2, "helper": 0.0}))
    assert "supply of nurse" in str(refusal.value)
    second = Way("t/other", "t/other", work={("t/team", "helper"): Work(100 * WEEKS / 1000)})
    problem = two_roles(
        people={"t/task": {"here": 1000.0}, "t/other": {"here": 1000.0}}, ways=(*two_roles().ways, second),
        floor=0.9, supply={"nurse": 4.0},
    )  # fmt: skip
    with pytest.raises(InputError) as refusal:
        solved(problem)
    assert "registered share" in str(refusal.value) or "supply of nurse" in str(refusal.value)


def test_least_rosters_hold_whatever_the_work():
    hours, week = 8.0, Row("24/7", 168.0, 1, 1)
    blocks = (Block((0,), 1 / 168),)
    pool = Pool("here", "t/team", "nurse", "staff", (week,), blocks, carried=PROPORTIONAL)
    problem = Problem(
        people={"t/task": {"here": 100.0}},
        ways=(Way("t/task", "t/task", work={("t/team", "nurse"): Work(hours)}),), pools=(pool,), pounds=POUNDS,
        hours_of_post=POST, registered=REGISTERED,
    )  # fmt: skip
    assert solved(problem).numbers == ((1,),)  # a tenth of an erlang
    two = replace(pool, rows=(replace(week, least=2),))
    assert solved(replace(problem, pools=(two,))).numbers == ((2,),)


def test_rows_of_a_roster_stand_behind_each_block_together():
    day, late = Row("day", 40.0, 0, 0), Row("late", 20.0, 0, 0)
    blocks = (Block((0,), 0.02), Block((0, 1), 0.03))  # erlangs for each hour a week
    pool = Pool("here", "t/team", "nurse", "staff", (day, late), blocks, carried=PROPORTIONAL)
    work = Work(100 * WEEKS / 1000)  # 100 hours a week: two erlangs by day, three late
    problem = Problem(
        people={"t/task": {"here": 1000.0}},
        ways=(Way("t/task", "t/task", work={("t/team", "nurse"): work}),), pools=(pool,), pounds=POUNDS,
        hours_of_post=POST, registered=REGISTERED,
    )  # fmt: skip
    assert solved(problem).numbers == ((2, 1),)


def test_a_margin_asks_for_more_people():
    margin = {"t/team @ here: helper": 1.3, "t/team @ here: nurse": 1.3}
    assert solved(two_roles(margin=margin)).numbers == ((4,), (3,))  # 6.5 in all: 2.6 and 3.9 people's work


def test_what_a_queue_lets_people_carry_is_kept_to():
    steps = (0.0, 0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5)
    found = solved(two_roles(pools=(clinic("nurse", steps), clinic("helper", steps))))
    assert found.numbers == ((4,), (2,))  # 3.5 + 1.5 carry the five; six nurses alone would, and cost more
    assert found.pounds == pytest.approx(4 * 48_000 + 2 * 24_000)


def test_people_who_are_moved_go_on_as_their_new_treatment_says():
    # Half of those who have B go on to A; nobody of those who have A goes on. All may have B, which takes a fifth.
    problem = Problem(
        people={"t/a": {"here": 1000.0}, "t/b": {"here": 0.0}},
        ways=(
            Way("t/a", "t/a", work={("t/team", "nurse"): Work(100 * WEEKS / 1000)}),
            Way("t/a", "t/b", work={("t/team", "nurse"): Work(20 * WEEKS / 1000)}),
            Way("t/b", "t/b", work={("t/team", "nurse"): Work(20 * WEEKS / 1000)}),
        ),
        pools=(clinic("nurse"),), pounds=POUNDS, hours_of_post=POST, registered=REGISTERED,
        most_moved={("t/a", "t/b"): 0.5}, follow={("t/b", "t/a"): 0.5},
    )  # fmt: skip
    found = solved(problem)
    # x come to A: 1000 + 0.5 y; y = x / 2 have B: x = 4000/3, so 667 have each.
    assert found.flows[:2] == pytest.approx((2000 / 3, 2000 / 3), abs=0.5)
    assert found.numbers == ((4,),)  # 66.7 + 13.3 h are four clinicians, where A alone took five


def test_all_have_the_same_roles_where_that_is_asked():
    free = solved(two_roles(all_or_none=frozenset({"t/task"})))
    assert free.numbers == ((5,), (0,))  # four in ten may not be all
    every = two_roles(all_or_none=frozenset({"t/task"}), most_standing_in={("t/task", "helper"): 1.0})
    assert solved(every).numbers == ((0,), (5,))


def test_roles_that_share_one_part_of_a_task_have_it_between_them():
    third = Way("t/task", "t/task", "doctor", "nurse", {("t/team", "doctor"): Work(100 * WEEKS / 1000)})
    problem = two_roles(
        ways=(*two_roles().ways, third), pools=(*two_roles().pools, clinic("doctor")), pounds={**POUNDS, "doctor": 1.0},
        most_standing_in={("t/task", "helper"): 0.4, ("t/task", "doctor"): 0.4},
        most_together={"t/task": (frozenset({"helper", "doctor"}), 0.4)},
    )  # fmt: skip
    assert solved(problem).numbers[0] == (3,)
    assert solved(replace(problem, most_together={})).numbers[0] == (1,)
