"""Staff as agents: balances, keyed luck, the two kinds of leaving, and views of people."""

import dataclasses

import numpy as np
import pytest

from abm import staff_rates, tables
from abm.staff import JOINED, WENT, Workforce
from abm.staff_posts import Establishment, StaffUnit, month_of_each, shared_out
from abm.staff_views import StaffMember
from kernels import staff as kernel
from kernels.draws import purpose
from pathways.errors import InputError
from tests import reference_luck as luck

RATES = staff_rates.read()


def establishment(*posts, whole_country=False, later=None):
    """Return units of high and low demand with nurses: one number of posts a unit."""
    numbers = np.zeros((len(posts), len(RATES.roles)), np.int64)
    numbers[:, RATES.index["mh_practitioner"]] = posts
    units = tuple(
        StaffUnit("Here", f"crisis/team_{i}", "Here", demand="high" if i % 2 == 0 else "low") for i in range(len(posts))
    )
    return Establishment("here", units, numbers, "not local", whole_country, later=later or {})


def years(model):
    return [dict(tally) for tally in model.run()]


def test_in_post_is_who_was_there_less_who_went_plus_who_came():
    model = Workforce(establishment(400, 300), RATES, seed=3)
    before = model.in_post.sum()
    for tally in years(model):
        after = before + sum(tally[name].sum() for name in JOINED) - sum(tally[name].sum() for name in WENT)
        assert after == tally["in_post"].sum() == tally["posts"].sum() - tally["vacancies"].sum()
        before = after


def test_somebody_who_vanishes_is_found():
    model = Workforce(establishment(50), RATES)
    model.step()
    model.columns.post[model.columns.in_post()[0]] = -1
    with pytest.raises(AssertionError, match="balance"):
        model.step()


def test_vacancies_at_the_start_are_the_tables_to_the_post():
    model = Workforce(establishment(1000), RATES)
    assert model.in_post.sum() == 1000 - round(1000 * 4069 / 36300)


def test_fates_are_those_of_a_slow_twin():
    n = 60
    id0, id1 = np.arange(n, dtype=np.uint32), np.full(n, 7, np.uint32)
    who, age = np.zeros(n, np.int8), np.full(n, 61 * 12, np.int32)
    service, push, keeps = np.arange(n, dtype=np.int32), np.full(n, 2.0), np.full(n, 0.3)
    out, moves = np.array([[0.1, 0.05]]), np.array([[0.2, 0.3]])
    retires = np.zeros(111)
    retires[61] = 0.1
    bands = np.array([0] * 24 + [1], np.int8)
    fate = np.zeros(n, np.int8)
    kernel.fates(5, 2, id0, id1, purpose("staff/month"), 9, who, age, service, push, bands, out, moves, retires, keeps,
                 0.6, fate)  # fmt: skip
    for i in range(n):
        u = [word / 2**32 for word in luck.philox((5, 2), (i, 7, purpose("staff/month"), 9))]
        band = 0 if service[i] < 24 else 1
        leaves, retiring = u[0] < 2 * out[0, band], u[1] < 0.1
        if leaves or retiring:
            expected = kernel.KEPT if u[3] < 0.3 else kernel.LEAVES if leaves else kernel.RETIRES
        elif u[2] < moves[0, band]:
            expected = kernel.MOVES if u[3] < 0.6 else kernel.MOVES_AWAY
        else:
            expected = kernel.STAYS
        assert fate[i] == expected
    assert len(set(fate.tolist())) == 6  # every fate was met


def test_luck_of_a_person_does_not_depend_on_who_else_is_employed():
    alone, together = Workforce(establishment(200), RATES), Workforce(establishment(200, 500), RATES)
    rows = [model.columns.in_post() for model in (alone, together)]
    first = {int(i): int(a) for i, a in zip(alone.columns.id1[rows[0]], alone.columns.age_months[rows[0]], strict=True)}
    own = rows[1][together.cell_of(rows[1]) // together.n_roles == 0]
    second = zip(together.columns.id1[own], together.columns.age_months[own], strict=True)
    shared = [(first[int(i)], int(a)) for i, a in second if int(i) in first]
    assert len(shared) > 150
    assert all(a == b for a, b in shared)


def test_a_run_is_the_same_twice_and_another_replication_is_not():
    one, same, other = (years(Workforce(establishment(300, 200), RATES, replication=k)) for k in (0, 0, 1))
    assert all((a["left_workforce"] == b["left_workforce"]).all() for a, b in zip(one, same, strict=True))
    assert any((a["left_workforce"] != b["left_workforce"]).any() for a, b in zip(one, other, strict=True))


def test_retention_keeps_people_who_else_would_leave_and_nobody_else_leaves_more():
    first = []
    for retention in (0.0, 0.5):
        model = Workforce(establishment(2000), staff_rates.read({"retention": retention}))
        model.step()
        first.append(model)
    left = [set(np.flatnonzero((m.columns.status == 1) | (m.columns.status == 2)).tolist()) for m in first]
    assert left[1] < left[0]
    assert first[1].tally["kept"].sum() == len(left[0]) - len(left[1])


def test_moves_in_the_whole_country_lose_nobody():
    model = Workforce(establishment(800, 700, whole_country=True), RATES)
    moved = sum(tally["moved_away"].sum() for tally in model.run(24))
    assert moved > 50
    assert (model.columns.status != 3).all()


def test_rates_of_a_month_make_the_rate_of_a_year():
    assert 1 - (1 - staff_rates.a_month(0.129)) ** 12 == pytest.approx(0.129)


def test_posts_open_in_the_years_the_table_says():
    months = month_of_each(100, [0.1, 0.2, 0.25, 0.25, 0.2], np.full(100, 0.5))
    assert np.bincount(months // 12).tolist() == [10, 20, 25, 25, 20]


def test_shares_are_whole_and_sum():
    assert shared_out(10, np.array([1.0, 1.0, 1.0])).tolist() == [4, 3, 3]


def test_posts_given_by_year_are_there_from_april():
    wanted = np.zeros((1, len(RATES.roles)), np.int64)
    wanted[0, RATES.index["mh_practitioner"]] = 120
    fewer = wanted // 2
    model = Workforce(establishment(100, later={"2017/18": wanted, "2019/20": fewer}), RATES)
    posts = [tally["posts"].sum() for tally in model.run()]
    assert [posts[0], posts[11], posts[12], posts[35], posts[36], posts[59]] == [100, 100, 120, 120, 60, 60]


def test_overload_raises_leaving_only_where_more_posts_are_vacant_than_at_the_start():
    model = Workforce(establishment(100), staff_rates.read({"overload_leaving": 2.0}))
    rows = model.columns.in_post()
    assert (model._push(rows) == 1.0).all()
    model.depart(rows[:50], "left")
    assert (model._push(model.columns.in_post()) > 1.5).all()


def test_a_view_says_who_somebody_is():
    model = Workforce(establishment(30), RATES)
    one = model.staff[0]
    assert isinstance(one, StaffMember)
    assert (one.role, one.band, one.group, one.employer, one.status) == (
        "mh_practitioner", "6", "nursing", "nhs", "in_post",
    )  # fmt: skip
    assert 18 <= one.age <= 67
    assert 0 <= one.length_of_service <= one.age - 18
    assert one.team == "crisis/team_0"
    with pytest.raises(AttributeError, match="did you mean 'employer'"):
        _ = one.employr
    with pytest.raises(TypeError, match="cannot be removed"):
        one.remove()


def test_a_set_of_staff_is_a_mesa_set():
    model = Workforce(establishment(30, 20), RATES)
    young = model.staff.select(lambda one: one.age < 40, team="crisis/team_0")
    assert 0 < len(young) < len(model.staff) == model.in_post.sum()
    assert (young.get("age") < 40).all()
    assert model.staff.sort("age", ascending=True)[0].age == model.staff.get("age").min()
    assert {name: len(group) for name, group in model.staff.groupby("team").groups.items()} == {
        team: int((model.staff.get("team") == team).sum()) for team in ("crisis/team_0", "crisis/team_1")
    }


def test_a_lever_there_is_not_is_refused_with_the_nearest():
    with pytest.raises(InputError, match="retention"):
        staff_rates.checked({"retension": 0.3})
    with pytest.raises(InputError, match="0 to 1"):
        staff_rates.checked({"retention": 1.5})


def test_every_lever_changes_its_table():
    for row in tables.read("staff_levers"):
        changed = staff_rates.rows_of(row["table"], {row["lever"]: float(row["tried"])})
        assert changed != [dict(one) for one in tables.read(row["table"])], row["lever"]


def test_shares_of_tables_sum_to_one():
    for both in RATES.start.values():
        for parts in both.values():
            assert sum(share for _, _, share in parts) == pytest.approx(1.0)
    for kind in ("new_posts", "closed_posts"):
        assert sum(year[kind] for year in RATES.profile.values()) == pytest.approx(1.0)
    assert sum(float(row["share"]) for row in tables.read("staff_demand_england")) == pytest.approx(1.0)


def test_rates_are_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        RATES.roles = ()
