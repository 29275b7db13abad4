"""Two scenarios person by person: nobody changes without a cause, and a change stays where it can reach."""

import numpy as np
import pytest

from experiments import cli
from experiments.pairs import changed, compare, compare_tables
from experiments.pairs.groups import groups_of, rows_of
from experiments.pairs.side import live, traces_of
from experiments.run import runs_of
from experiments.scenario import Scenario, TeamChange
from experiments.scenario_setting import setting
from pathways.errors import InputError

THERAPIES = Scenario(name="before", pathways=("talking_therapies",), days=42, warm_up=42)
WEST = "West Lancashire"


def with_change(**change):
    team = TeamChange(place=WEST, **change)
    return THERAPIES.model_copy(update={"name": "after", "team": (team,)})


MORE = with_change(team="talking_therapies/assessment", hours="Mon-Fri 09:00-17:00", role="pwp", number=3)
FEWER = with_change(team="talking_therapies/cbt", clinicians={"cbt_therapist": 1})


@pytest.fixture(scope="module")
def more():
    return compare.compare(THERAPIES, MORE, people=True, listed=7)


@pytest.fixture(scope="module")
def sides():
    """The run before, and the run with fewer therapists, as they are compared."""
    base = live(runs_of(THERAPIES)[0])
    return base, live(runs_of(FEWER)[0], {name: i for i, name in enumerate(base.states)})


def by_system(document):
    return {row["group"]: row for row in document["groups"] if row["dimension"] == "delivery system"}


def mean(document, name):
    return document["people"][name]["mean"]


def test_the_same_scenario_twice_changes_nobody():
    document = compare.compare(THERAPIES, THERAPIES, people=True)
    assert all(mean(document, name) == 0 for name in changed.CLASSES)
    assert mean(document, "untouched") == mean(document, "residents") == 1_676_681
    assert mean(document, "untouched_in_care") > 1000
    assert all(row["difference"] == 0 for row in document["figures"])
    assert document["list"] == document["states"] == []
    assert document["digests"][0]["base"] == document["digests"][0]["other"]


def test_one_more_in_west_lancashire_changes_nobodys_wait_elsewhere(more):
    systems = by_system(more)
    assert systems.pop(WEST)["shorter"] > 20
    assert all(row[name] == 0 for row in systems.values() for name in changed.CLASSES)
    assert mean(more, "shorter") > mean(more, "longer")


def test_a_change_that_hurts_is_found_where_it_hurts(sides):
    pair = changed.set_side_by_side(*sides, 0)
    document = compare.people_of_all([pair], setting(THERAPIES).population, 5)
    assert mean(document, "longer") > 10
    assert mean(document, "shorter") < 3  # an assessment or two fell into another gap
    assert document["visits"]["still_waiting_in_other"]["mean"] > 10
    top = max(document["states"], key=lambda row: row["longer"] + row["seen_in_base_only"])
    assert top["state"] in ("talking_therapies/cbt", "talking_therapies/cbt_ltc")
    assert f"{mean(document, 'longer'):,.0f} people wait longer" in document["sentence"]


def test_everybody_is_in_one_class_and_one_group_of_a_dimension(more):
    counted = sum(mean(more, name) for name in (*changed.CLASSES, "untouched"))
    assert counted == mean(more, "residents")
    for dimension in ("age", "sex", "deprivation fifth", "ethnicity", "delivery system"):
        mine = [row for row in more["groups"] if row["dimension"] == dimension]
        assert sum(row["residents"] for row in mine) == 1_676_681
        for name in changed.CLASSES:
            assert sum(row[name] for row in mine) == mean(more, name)


def test_visits_are_matched_as_a_plain_dictionary_would_match_them(sides):
    base, other = sides
    plain = [{}, {}]
    for side, found in zip(sides, plain, strict=True):
        v = side.visits
        columns = (v.id0, v.id1, v.entry, v.visit, v.state, v.person, v.joined, v.began, v.ended)
        for *key, person, joined, began, ended in zip(*(column.tolist() for column in columns), strict=True):
            if person >= 0:
                found[tuple(key)] = person, joined, began, ended
    change = {}
    for key in plain[0].keys() & plain[1].keys():
        (person, *before), (_, *after) = plain[0][key], plain[1][key]
        if max(before[0], after[0]) < base.measure_from or before[1] == after[1] == -1:
            continue
        waits = []
        for joined, began, ended in (before, after):
            waits.append(next(t for t in (began, ended, base.end) if t >= 0) - joined)
        apart = waits[1] - waits[0]
        unknown = (after[1:] == [-1, -1] and apart < 0) or (before[1:] == [-1, -1] and apart > 0)
        change[person] = change.get(person, 0) + (0 if unknown else apart)
    people = changed.set_side_by_side(base, other, 0).people
    assert {p: c for p, c in change.items() if c} == people["change"][people["change"] != 0].to_dict()
    assert len(people) > 10


def test_the_list_is_of_those_whose_waits_change_most(more):
    sizes = [abs(one["change_days"]) for one in more["list"]]
    assert len(sizes) == 7
    assert sizes == sorted(sizes, reverse=True)
    assert {one["system"] for one in more["list"]} == {WEST}


def test_a_trace_tells_lives_apart_by_a_single_second(sides):
    log = np.zeros(4, [("time", "i4"), ("id0", "u4"), ("id1", "u4"), ("entry", "u2"), ("visit", "u2"),
                       ("state", "i2"), ("kind", "i2")])  # fmt: skip
    log["time"] = [5, 9, 5, 9]
    person = np.array([7, 7, 8, 8])
    _, traces = traces_of(log, person)
    assert traces[0] == traces[1]
    log["time"][3] = 10
    _, traces = traces_of(log, person)
    assert traces[0] != traces[1]
    assert traces_of(log[::-1], person[::-1])[1].tolist() == traces.tolist()  # order does not matter


def test_rows_are_found_from_ids(sides):
    population = setting(THERAPIES).population
    rows = np.array([0, 1736, 1737, population.n - 1])
    area = population.people["area"][rows]
    ids = (population.areas["code"][area].astype(np.int64) << 16) | population.people["ordinal"][rows]
    assert rows_of(population, ids).tolist() == rows.tolist()
    assert len(list(groups_of(population))) > 40


def test_half_widths_come_with_a_second_replication():
    short = THERAPIES.model_copy(update={"days": 7, "warm_up": 7, "replications": 2})
    document = compare.compare(short, short)
    assert "people" not in document
    half_widths = [row["half_width"] for row in document["figures"] if row["replications"] == 2]
    assert half_widths == [0.0] * len(half_widths)
    assert len(half_widths) > 3
    assert "2 replications" in next(iter(compare_tables.tables(document))).title


@pytest.mark.parametrize(
    ("change", "key"),
    [({"seed": 2}, "seed"), ({"days": 7}, "days"), ({"warm_up": 1}, "warm_up"), ({"population_seed": 3}, "population")],
)
def test_scenarios_without_people_and_luck_in_common_are_refused(change, key):
    with pytest.raises(InputError, match=key):
        compare.compare(THERAPIES, THERAPIES.model_copy(update=change))


def test_the_command_writes_tables_and_says_that_people_are_synthetic(tmp_path, capsys):
    (tmp_path / "a.toml").write_text(
        'extends = "baseline"\npathways = ["talking_therapies"]\ndays = 14\nwarm_up = 14\n', encoding="utf-8"
    )
    (tmp_path / "b.toml").write_text(
        'extends = "a.toml"\n[[team]]\nteam = "talking_therapies/assessment"\nplace = "West Lancashire"\n'
        'hours = "Mon-Fri 09:00-17:00"\nrole = "pwp"\nnumber = 3\n', encoding="utf-8",
    )  # fmt: skip
    with pytest.raises(SystemExit) as leaving:
        cli.main(["compare", *(str(tmp_path / f"{name}.toml") for name in "ab"), "--people", "--out", str(tmp_path)])
    assert leaving.value.code in (0, None)
    out = capsys.readouterr().out
    assert "synthetic" in out
    assert "untouched to the bit" in out
    for name in ("comparison.json", "figures.csv", "groups.parquet", "list.csv", "states.csv"):
        assert (tmp_path / name).stat().st_size > 0
