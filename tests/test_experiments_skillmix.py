"""Skill mix: rules, formulas, routes split, what is refused."""

import csv
import shutil
from pathlib import Path

import pytest

from abm import tables
from experiments.planning.formulas import erlang_c
from experiments.skillmix import applied, case, frontier, queueing, rules, tidy
from experiments.skillmix.applied import Shares
from pathways import edits, files
from pathways.errors import InputError

SERVICES = ("talking_therapies", "crisis", "liaison")
KEYS = {
    "stand_in": ("task", "role"), "shifts": ("from", "to"), "staff_substitution": ("task", "new_role"),
    "supervision": ("role",), "supply": ("role",), "floors": ("service",), "rules": ("name",),
}  # fmt: skip
OF_THE_CHECK = {"assurance", "raise_least"}
"""Rules that the programme does not read"""


def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Copies of the tables of the skill mix and of the staff, to be changed."""
    own, staff = tmp_path / "own", tmp_path / "staff"
    shutil.copytree(rules.FOLDER, own)
    staff.mkdir()
    for name in ("staff_roles", "staff_substitution"):
        shutil.copy(tables.path_of(name), staff)
    return own, staff


def change(tmp_path: Path, table: str, row: str, column: str, to: str) -> rules.Rules:
    """The rules with one cell of one table changed."""
    own, staff = folders(tmp_path)
    file = (staff if table.startswith("staff_") else own) / f"{table}.csv"
    content = [dict(one) for one in tables.read(table, file.parent)]
    hit = [one for one in content if " ".join(one[key] for key in KEYS[table]) == row]
    assert len(hit) == 1, (table, row)
    hit[0][column] = to
    _write(file, content)
    return rules.rules(folder=own, staff=staff)


def _write(file: Path, content: list[dict[str, str]]) -> None:
    with file.open("w", newline="") as out:
        writer = csv.DictWriter(out, content[0])
        writer.writeheader()
        writer.writerows(content)


def test_every_row_has_a_source_and_says_how_sure_it_is():
    for name in rules.NAMES:
        for row in tables.read(name, rules.FOLDER):
            assert row["source"].strip(), row
            assert row["confidence"] in (
                "read in source", "derived from figures read", "from memory, unverified", "assumption",
            ), row  # fmt: skip


def test_every_row_has_a_direction_written_down():
    stated = {(row["table"], row["row"]) for row in tables.read("directions", rules.FOLDER)}
    tasks = {row["from"] for row in tables.read("shifts", rules.FOLDER) if row["by_role"]}
    for name, keys in KEYS.items():
        for row in tables.read(name, tables.FOLDER if name.startswith("staff_") else rules.FOLDER):
            about = " ".join(row[key] for key in keys)
            if name == "staff_substitution" and row["task"].partition("/")[0] not in SERVICES:
                continue
            if (name == "shifts" and row["by_role"]) or about in OF_THE_CHECK:
                assert row.get("from") in tasks or about in OF_THE_CHECK
                continue
            assert (name, about) in stated, (name, about)


def test_a_task_is_taken_over_in_one_table_only():
    own = {(row["task"], row["role"]) for row in tables.read("stand_in", rules.FOLDER)}
    theirs = {(row["task"], row["new_role"]) for row in tables.read("staff_substitution")}
    assert not own & theirs


def test_what_new_roles_take_over_is_the_staff_simulations(tmp_path):
    found = rules.rules()
    visits = [one for one in found.substitutions if (one.task, one.role) == ("crisis/home_treatment", "support_worker")]
    row = next(row for row in tables.read("staff_substitution")
               if (row["task"], row["new_role"]) == ("crisis/home_treatment", "support_worker"))  # fmt: skip
    assert visits[0].at_most == float(row["share"])
    assert not [one for one in found.substitutions if (one.task, one.role) == ("talking_therapies/cbt", "pwp")]
    moved = [
        one for one in found.shifts if one.task == "talking_therapies/cbt" and one.to.endswith("/guided_self_help")
    ]
    assert moved[0].at_most == 0.15
    assert moved[0].minutes_per_hour == 8
    other = change(tmp_path, "staff_substitution", "talking_therapies/cbt pwp", "share", "0.05")
    assert [one.at_most for one in other.shifts if one.task == moved[0].task and one.to == moved[0].to] == [0.05]


def test_nobody_unregistered_is_left_alone_at_a_reserved_task():
    found = rules.rules()
    roles = {
        "liaison/ed_assessment_joint": {"mh_practitioner": 2},
        "crisis/urgent_assessment_pair": {"mh_practitioner": 2},
    }
    rules.refuse_unregistered(found, roles)  # one of two may be a support worker
    with pytest.raises(InputError) as refusal:
        rules.refuse_unregistered(found, {"liaison/ed_assessment_joint": {"mh_practitioner": 1}})
    assert refusal.value.value == "support_worker"


def test_a_row_that_lets_a_helper_assess_alone_is_refused(tmp_path):
    own, staff = folders(tmp_path)
    content = [dict(row) for row in tables.read("stand_in", own)]
    content[-1] |= {"task": "liaison/ed_assessment", "role": "support_worker", "instead_of": "mh_practitioner"}
    _write(own / "stand_in.csv", content)
    found = rules.rules(folder=own, staff=staff)
    with pytest.raises(InputError, match="registered"):
        rules.refuse_unregistered(found, {"liaison/ed_assessment": {"mh_practitioner": 1}})


def test_a_new_role_at_a_reserved_task_needs_a_treatment_of_its_own(tmp_path):
    own, staff = folders(tmp_path)
    kept = [
        row for row in tables.read("shifts", own) if (row["from"], row["by_role"]) != ("talking_therapies/cbt", "pwp")
    ]
    _write(own / "shifts.csv", [dict(row) for row in kept])
    found = rules.rules(folder=own, staff=staff)
    with pytest.raises(InputError, match="registered"):
        rules.refuse_unregistered(found, {"talking_therapies/cbt": {"cbt_therapist": 1}})


@pytest.mark.parametrize(
    ("table", "row", "column", "to", "key"),
    [
        ("stand_in", "liaison/ward_review support_worker", "at_most", "1.2", "at_most"),
        ("stand_in", "liaison/ward_review support_worker", "role", "suport_worker", "liaison/ward_review.role"),
        ("supply", "pwp", "per_million", "many", "per_million"),
        ("staff_substitution", "crisis/home_treatment support_worker", "share", "-1", "share"),
    ],
)
def test_what_is_no_share_amount_or_role_is_refused(tmp_path, table, row, column, to, key):
    with pytest.raises(InputError) as refusal:
        change(tmp_path, table, row, column, to)
    assert refusal.value.key == key


def test_one_queue_carries_what_erlang_says():
    standard = queueing.Standard(within=600.0, share=0.9)
    load = queueing.load_carried(3, 1800.0, standard, 1.0)
    late = erlang_c(3, load) * 2.718281828459045 ** (-(3 - load) * 600 / 1800)
    assert late == pytest.approx(0.1, abs=1e-6)


def test_more_people_carry_more_than_in_proportion():
    carried = queueing.carried_on_shift(6.0, 3600.0, [queueing.Standard(3600.0, 0.95)], 0.95)
    assert carried[0] == 0
    each = [load / k for k, load in enumerate(carried) if k]
    assert each == sorted(each)
    busy = queueing.carried_on_shift(2.0, 3600.0, [], 0.6)
    assert busy[:3] == pytest.approx((0.0, 0.6, 1.2))


def test_who_goes_first_is_carried_more_easily():
    first = queueing.Standard(3600.0, 0.95, first=0.3)
    assert queueing.load_carried(2, 5000.0, first, 0.95) > queueing.load_carried(
        2, 5000.0, queueing.Standard(3600.0, 0.95), 0.95
    )


def test_clinicians_with_long_waits_allowed_carry_nearly_all_they_hold():
    carried = queueing.carried_by_clinicians(10.0, 18.0, 6e6, [queueing.Standard(7776000.0, 0.9)], 0.95)
    assert carried[10] == pytest.approx(9.5, abs=0.01)


SHARES = Shares({"p/long": {"p/short": 0.25, "p/elsewhere": 0.1}}, {"p/short": {"helper": 0.5}})


def test_shares_of_a_group_of_routes_still_sum_to_one():
    found = applied._split("p", {"long": 0.4, "short": 0.2, "end": 0.4}, SHARES)
    assert found == pytest.approx({"long": 0.3, "short": 0.15, "short_by_helper": 0.15, "end": 0.4})
    assert sum(found.values()) == pytest.approx(1.0)


def test_nobody_is_moved_where_the_pathway_does_not_offer_both():
    assert applied._split("p", {"long": 0.6, "end": 0.4}, SHARES) == pytest.approx({"long": 0.6, "end": 0.4})


def test_a_route_with_a_guard_is_named_by_it():
    library = files.library("talking_therapies")
    key = "route.assessed.group.if n_ltc >= 1"
    changed = edits.apply(library, {"set": {f"{key}.share": 0.04, "route.assessed.cbt.if n_ltc >= 1.share": 0.14}})
    before, after = (
        {(to, keys.get("if")): keys["share"] for origin, to, keys in one.routes() if origin == "assessed"}
        for one in (library, changed)
    )
    assert {name for name in before if before[name] != after[name]} == {("group", "n_ltc >= 1"), ("cbt", "n_ltc >= 1")}
    with pytest.raises(InputError) as refusal:
        edits.apply(library, {"set": {"route.assessed.group.if n_ltc >= 2.share": 0.04}})
    assert refusal.value.suggestion == "if n_ltc >= 1"


def test_beaten_points_are_those_another_is_no_worse_than_in_anything():
    rows = [
        {"pounds": 10.0, "wait_minutes": 5.0, "registered_share": 0.5},
        {"pounds": 20.0, "wait_minutes": 5.0, "registered_share": 0.5},
        {"pounds": 20.0, "wait_minutes": 2.0, "registered_share": 0.5},
        {"refused": "supply"},
        {"pounds": 7.0, "wait_minutes": 5.0, "registered_share": 0.5, "not_met": 1},  # cheapest, but a standard fails
    ]
    frontier.mark_beaten(rows)
    assert [row.get("beaten") for row in rows] == [False, True, False, None, False]


def test_a_delivery_system_may_be_given_as_the_area():
    assert case.place_of("Fylde Coast", None) == ("lsc", "Fylde Coast")
    assert case.place_of("greater-manchester", None) == ("greater-manchester", None)


@pytest.mark.parametrize(
    ("options", "key", "suggestion"),
    [({"area": "england"}, "--area", None), ({"service": "liason"}, "--service", "liaison")],
)
def test_what_no_mix_can_be_found_for_is_refused_before_anything_runs(options, key, suggestion):
    with pytest.raises(InputError) as refusal:
        case.case_of(**options)
    assert (refusal.value.key, refusal.value.suggestion) == (key, suggestion)


def test_shares_of_the_frontier_are_checked():
    with pytest.raises(InputError):
        case.check_frontier([1.2], None)
    with pytest.raises(InputError):
        case.check_frontier(None, [0.0])


def test_a_scenario_file_is_written_without_what_says_nothing():
    assert tidy.without_nothing({"a": None, "b": [{"c": None, "d": 1}]}) == {"b": [{"d": 1}]}
    text = files.table_as_toml({"name": "x", "edit": [{"pathway": "p", "key": "k", "value": {"a": 1}}]})
    assert text == 'name = "x"\n\n[[edit]]\npathway = "p"\nkey = "k"\nvalue = { a = 1 }\n'
