"""Two scenarios person by person: nobody changes without a cause, and a change stays where it can reach."""

import re
import sys

import numpy as np
import openpyxl
import pandas as pd
import pytest

from abm import areas
from experiments import cli, run, scenario
from experiments.outcome_schema import TABLES
from experiments.pairs import changed, compare, compare_tables, results, said
from experiments.pairs.contrasts import contrast
from experiments.pairs.figures import Figure, Kinds, figures_of
from experiments.pairs.groups import groups_of, rows_of
from experiments.pairs.people import people_of_all
from experiments.pairs.precision import Judge, stopping
from experiments.pairs.replicate import Asked, compared
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
    return {row["group"]: row for row in one(document)["groups"] if row["dimension"] == "delivery system"}


def one(document):
    """The comparison of a document that has one."""
    (found,) = document["comparisons"]
    return found


def mean(document, name):
    return one(document)["people"][name]["mean"]


def test_the_same_scenario_twice_changes_nobody():
    document = compare.compare(THERAPIES, THERAPIES, people=True)
    assert all(mean(document, name) == 0 for name in changed.CLASSES)
    assert mean(document, "untouched") == mean(document, "residents") == 1_676_681
    assert mean(document, "untouched_in_care") > 1000
    assert all(row["difference"] == 0 for row in one(document)["figures"])
    assert one(document)["list"] == one(document)["states"] == one(document)["flows"] == one(document)["by_hour"] == []
    assert one(document)["digests"][0]["base"] == one(document)["digests"][0]["other"]


def test_one_more_in_west_lancashire_changes_nobodys_wait_elsewhere(more):
    systems = by_system(more)
    assert systems.pop(WEST)["shorter"] > 20
    assert all(row[name] == 0 for row in systems.values() for name in changed.CLASSES)
    assert mean(more, "shorter") > mean(more, "longer")


def test_a_change_that_hurts_is_found_where_it_hurts(sides):
    pair = changed.set_side_by_side(*sides)
    document = {"comparisons": [people_of_all([[pair]], 5)]}
    found = one(document)
    assert mean(document, "longer") > 10
    assert mean(document, "shorter") < 3  # an assessment or two fell into another gap
    assert found["visits"]["still_waiting_in_other"]["mean"] > 10
    top = max(found["states"], key=lambda row: row["longer"] + row["seen_in_base_only"])
    assert top["state"] in ("talking_therapies/cbt", "talking_therapies/cbt_ltc")
    assert f"{mean(document, 'longer'):,.0f} people wait longer" in found["sentence"]


def test_everybody_is_in_one_class_and_one_group_of_a_dimension(more):
    counted = sum(mean(more, name) for name in (*changed.CLASSES, "untouched"))
    assert counted == mean(more, "residents")
    for dimension in ("age", "sex", "deprivation fifth", "ethnicity", "delivery system"):
        mine = [row for row in one(more)["groups"] if row["dimension"] == dimension]
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
    sizes = [abs(one["change_days"]) for one in one(more)["list"]]
    assert len(sizes) == 7
    assert sizes == sorted(sizes, reverse=True)
    assert {one["system"] for one in one(more)["list"]} == {WEST}


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
    assert "people" not in one(document)
    half_widths = [row["half_width"] for row in one(document)["figures"] if row["replications"] == 2]
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


def test_a_reference_on_the_default_days_is_moved_to_those_of_a_winter_and_says_so():
    wanted, _ = compare.in_common("baseline", "winter-surge")
    assert [(str(one.start), one.measured_days) for one in wanted] == [("2016-12-01", 90)] * 2
    assert "2016-12-01" in wanted[0].title
    alone, _ = compare.in_common("winter-surge")
    assert [one.canonical() for one in alone] == [one.canonical() for one in wanted]
    same, _ = compare.in_common("baseline", "crisis-cafe")
    assert same[0].start == scenario.read().start
    assert "on the" not in same[0].title


def test_a_reference_with_dates_of_its_own_or_others_that_disagree_are_not_moved():
    for given in (("winter-surge", "baseline"), ("baseline", "crisis-cafe", "winter-surge")):
        with pytest.raises(InputError, match="start"):
            compare.in_common(*given)
    dated = TeamChange.model_validate({"team": "inpatient/acute_male", "places": 9, "from": "2016-10-01"})
    with pytest.raises(InputError, match="start"):
        compare.in_common(scenario.read().model_copy(update={"team": (dated,)}), "winter-surge")


def test_one_scenario_alone_is_compared_with_what_it_extends():
    wanted, _ = compare.in_common("perinatal-inpatient-unit")
    assert [one.name for one in wanted] == ["perinatal-services", "perinatal-inpatient-unit"]
    for alone in ("baseline", THERAPIES):
        with pytest.raises(InputError, match="two scenarios"):
            compare.in_common(alone)


def test_the_command_writes_tables_and_says_that_people_are_synthetic(tmp_path, capsys):
    (tmp_path / "a.toml").write_text(
        'extends = "baseline"\npathways = ["talking_therapies"]\ndays = 14\nwarm_up = 14\n', encoding="utf-8"
    )
    (tmp_path / "b.toml").write_text(
        'extends = "a.toml"\n[[team]]\nteam = "talking_therapies/assessment"\nplace = "West Lancashire"\n'
        'hours = "Mon-Fri 09:00-17:00"\nrole = "pwp"\nnumber = 3\n', encoding="utf-8",
    )  # fmt: skip
    with pytest.raises(SystemExit) as leaving:
        cli.main(
            [
                "compare",
                *(str(tmp_path / f"{name}.toml") for name in "ab"),
                "--people",
                "--replications",
                "1",
                "--out",
                str(tmp_path),
            ]
        )
    assert leaving.value.code in (0, None)
    out = capsys.readouterr().out
    assert "synthetic" in out
    assert "untouched to the bit" in out
    for name in (
        "comparison.json",
        "figures.csv",
        "groups.parquet",
        "list.csv",
        "states.csv",
        "comparison.html",
        "comparison.xlsx",
    ):
        assert (tmp_path / name).stat().st_size > 0


# ---------------------------------------------------------------- several scenarios, intervals, when to stop

QUICK = Scenario(name="before", pathways=("crisis", "liaison", "inpatient"), days=28, warm_up=14)
NIGHTS = QUICK.model_copy(update={"name": "nights", "team": (
    TeamChange(team="liaison/liaison", place="Blackpool Victoria", staff=(
        {"hours": "Mon-Sun 07:00-15:00", "mh_practitioner": 1},
        {"hours": "Mon-Sun 15:00-23:00", "mh_practitioner": 1},
        {"hours": "Mon-Sun 23:00-07:00", "mh_practitioner": 2},
        {"hours": "Mon-Fri 09:00-17:00", "mh_practitioner": 1, "consultant": 1},
    )),
)})  # fmt: skip
FEWER_BEDS = QUICK.model_copy(update={"name": "beds", "team": (TeamChange(team="inpatient/acute_male", places=25),)})


@pytest.fixture(scope="module")
def three():
    """The baseline, more liaison staff at Blackpool, fewer beds: four replications, people too."""
    return compare.compare(QUICK, NIGHTS, FEWER_BEDS, people=True, replications=4)


def figure(document, name, what, of=None, pathway=None):
    (found,) = [
        row for one in document["comparisons"] if one["name"] == name for row in one["figures"]
        if row["what"] == what and (of is None or row["of"] == of) and (pathway is None or row["pathway"] == pathway)
    ]  # fmt: skip
    return found


def test_a_change_that_does_nothing_gives_exactly_zero_everywhere():
    idle = QUICK.model_copy(update={"name": "idle", "demand": {"crisis": 1.0}, "days": 14})
    found = one(compare.compare(QUICK.model_copy(update={"days": 14}), idle, people=True, replications=2))
    assert {row["verdict"] for row in found["figures"]} == {"the same"}
    assert {row["verdict"] for row in found["staff"]} == {"the same"}
    assert found["flows"] == found["by_hour"] == found["states"] == found["list"] == []
    assert all(row["made_base"] == row["made_other"] for row in found["during_stays"])
    assert all(row["people_more"] == row["people_fewer"] == 0 for row in found["during_stays"])


def test_every_scenario_is_set_beside_the_first_on_the_same_luck(three):
    assert [one["name"] for one in three["comparisons"]] == ["nights", "beds"]
    bases = [[row["base"] for row in one["digests"]] for one in three["comparisons"]]
    assert bases[0] == bases[1]
    assert len(set(bases[0])) == 4
    assert figure(three, "nights", "share within", "response")["verdict"] == "more"
    assert figure(three, "beds", "out-of-area nights")["verdict"] == "more"
    assert figure(three, "beds", "admissions", "")["verdict"] == "fewer"
    assert figure(three, "beds", "share within", "bed_request_to_bed")["part"] == "bed clock"
    assert figure(three, "nights", "share within", "response")["part"] == "response clock"


def test_an_interval_that_holds_zero_says_that_no_difference_was_found(three):
    rows = [row for one in three["comparisons"] for row in one["figures"]]
    for row in rows:
        assert row["low"] <= row["difference"] <= row["high"]
        holds = row["low"] <= 0 <= row["high"]
        assert (row["verdict"] in ("the same", "no difference found")) == holds
    open_ones = [row for row in rows if row["verdict"] == "no difference found"]
    assert open_ones
    assert all("could have been seen" in said.finding(row) for row in open_ones)


def test_a_small_change_is_seen_with_a_third_of_the_variance_or_less(three):
    assert figure(three, "nights", "share within", "four_hours")["narrower"] >= 3
    figures = [row["narrower"] for row in three["comparisons"][0]["figures"] if row["narrower"] is not None]
    assert len(figures) > 20
    assert np.median(figures) >= 3


@pytest.mark.verify
def test_a_quarter_of_a_year_of_a_small_change_is_seen_with_a_third_of_the_variance_where_it_acts():
    """The negative control: pairs put together from different replications gain nothing."""
    before, after = (
        runs_of(one.model_copy(update={"days": 91, "warm_up": 28, "replications": 16})) for one in (QUICK, NIGHTS)
    )
    found = [compared(Asked(both, (None, None), False))[0] for both in zip(before, after, strict=True)]
    for what, of, part in (("mean wait", "ed_assessment", ""), ("share within", "response", "response clock")):
        both = np.array([row.figures[Figure(what, "liaison", of, part)] for row in found])
        apart = np.stack([both[:, 0], np.roll(both[:, 1], 1)], axis=1)
        assert contrast(both)["narrower"] >= 3 > contrast(apart)["narrower"]


def test_the_hours_of_the_week_add_up_to_the_breaches(three):
    for found in three["comparisons"]:
        rows = [row for row in found["by_hour"] if (row["what"], row["of"]) == ("breaches", "four_hours")]
        hours = rows[0]["hours"]
        assert len(rows) == 168 // hours
        total = sum(row["all_difference"] for row in rows)
        whole = figure(three, found["name"], "breaches", "four_hours")["difference"]
        assert not any(row["of"] == "discharge_to_follow_up" for row in found["by_hour"] if row["what"] == "breaches")
        assert abs(total - whole) <= 3  # clocks still running at the end are counted by the hour, and not as breaches


def test_routes_that_lose_people_lose_them_to_others(three):
    flows = three["comparisons"][1]["flows"]
    away = [row for row in flows if row["to"] == "inpatient/out_of_area"]
    assert sum(row["difference"] for row in away) > 0
    assert flows == sorted(flows, key=lambda row: (-abs(row["difference"]), row["from"], row["to"]))


def test_costs_are_pounds_by_team_payer_and_line_and_sum_to_the_headline(three):
    for found in three["comparisons"]:
        for side in ("base", "other"):
            total = sum(row[side] for row in found["costs"])
            assert figure(three, found["name"], "cost", "")[side] == pytest.approx(total)
            by_payer = [row[side] for row in found["figures"] if row["what"] == "cost by payer"]
            assert sum(by_payer) == pytest.approx(total)
        changed = {row["line"] for row in found["costs"] if row["verdict"] != "the same"}
        assert changed


def test_moving_a_therapist_is_counted_described_and_listed_on_request():
    moved = THERAPIES.model_copy(update={"name": "moved", "team": (
        TeamChange(team="talking_therapies/cbt", place=WEST, clinicians={"cbt_therapist": 2}),
        TeamChange(team="talking_therapies/counselling", place=WEST, clinicians={"counsellor": 4}),
    )})  # fmt: skip
    found = one(compare.compare(THERAPIES, moved, people=True, listed=1000))
    longer = found["people"]["longer"]["mean"]
    assert longer > 5
    assert sum(row["change_days"] > 0 for row in found["list"]) == longer
    west = next(row for row in found["groups"] if row["group"] == WEST)
    assert west["longer"] == longer
    hours = {(row["team"], row["time"]): row["difference"] for row in found["staff"]}
    assert hours["talking_therapies/cbt", "on shift"] < 0 < hours["talking_therapies/counselling", "on shift"]


def test_replications_stop_when_half_widths_are_as_narrow_as_was_asked():
    short = QUICK.model_copy(update={"days": 7, "warm_up": 7, "pathways": ("crisis", "inpatient")})
    document = compare.compare(short, short.model_copy(update={"name": "same"}), precision=["5 %"], replications=9)
    assert document["replications"] == 5
    assert document["stopped"] == "every half-width is as narrow as was asked"
    assert all(row["met"] for row in document["precision"])


def test_what_is_not_precise_enough_is_named():
    """Replications of one figure whose differences spread by about 2: no number of six is precise to 0.1."""
    judge = Judge(stopping(["mean wait:crisis/triage=0.1", "admissions=50 %"], 6, None, 1), ["other"])
    wait, wards = Figure("mean wait", "crisis", "triage"), Figure("admissions", "inpatient")
    found = [judge.enough([{wait: (10.0, 10.0 + 2 * (n % 3)), wards: (100.0, 101.0)}]) for n in range(6)]
    assert found == [False] * 5 + [True]
    rows = {(row["what"], row["of"]): row for row in judge.rows()}
    assert rows["mean wait", "triage"]["met"] is False
    assert rows["mean wait", "triage"]["wanted"] == 0.1
    assert rows["admissions", ""]["met"] is True
    assert rows["admissions", ""]["wanted"] == 50.0


def test_the_time_stops_a_comparison_between_two_replications():
    judge = Judge(stopping(["1 %"], None, 1e-9, 1), ["other"])
    assert judge.enough([{Figure("admissions", "inpatient"): (1.0, 2.0)}])
    assert judge.why == "the time was up"


@pytest.mark.parametrize("text", ["admission=2 %", "admissions=2 persons", "admissions=1 point", "0 %", "wait"])
def test_a_precision_that_cannot_be_read_is_refused(text):
    with pytest.raises(InputError, match="--precision"):
        stopping([text], None, None, 1)


def test_a_measure_that_only_the_results_know_of_is_compared():
    tables = {"lives": pd.DataFrame({"what": ["deaths", "births"], "system": ["a", "b"], "count": [3, 5]})}
    empty = {name: pd.DataFrame(columns=schema.names) for name, schema in TABLES.items()}
    empty["people"] = empty["people"].astype({"reached": int, "asked": int})
    found = figures_of({**empty, **tables}, Kinds(frozenset(), frozenset(), frozenset()), 365)
    assert found[Figure("lives", "", "births")] == 5
    assert found[Figure("deaths")] == 3
    assert Figure("self-harm episodes") not in found


def test_finished_runs_are_compared_as_they_lie(tmp_path):
    short = QUICK.model_copy(update={"days": 7, "warm_up": 7, "replications": 2})
    fewer = FEWER_BEDS.model_copy(update={"days": 7, "warm_up": 7, "replications": 2})
    folders = [run.run(one, out=tmp_path / one.name)["path"] for one in (short, fewer)]
    stored, lived = compare.compare(*folders), compare.compare(short, fewer)
    assert one(stored)["digests"] == one(lived)["digests"]
    assert one(stored)["figures"] == one(lived)["figures"]
    assert one(stored)["flows"] == one(lived)["flows"]
    with pytest.raises(InputError, match="as it was"):
        compare.compare(*folders, seed=3)


def test_the_page_needs_nothing_from_outside_and_the_workbook_has_every_table(three, tmp_path):
    files = results.write(three, tmp_path)
    text = files["page"].read_text(encoding="utf-8")
    assert not re.search(r"(src|href)=\"(?!#)", text)
    for words in ("by hour of the week", "Routes that gained and lost people", "Pounds a year", "synthetic"):
        assert words in text
    sheets = openpyxl.load_workbook(files["workbook"]).sheetnames
    assert {"Figures", "Routes", "Staff time", "Costs", "Who they are", "By hour of week"} <= set(sheets)
    table = pd.read_parquet(tmp_path / "figures.parquet")
    assert set(table["scenario"]) == {"nights", "beds"}


# ---------------------------------------------------------------- several cells

CELLS = ("west-north-and-east-cumbria", "shropshire-and-telford-and-wrekin")


@pytest.fixture
def two_cells(monkeypatch):
    """Let England be two small STPs: all of it would take minutes."""
    whole = areas.cells_of

    def of(area, *folder):
        return CELLS if area == "england" else whole(area, *folder)

    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in ("abm", "experiments") and getattr(module, "cells_of", None) is whole:
            monkeypatch.setattr(module, "cells_of", of)


@pytest.mark.verify
def test_people_of_several_cells_are_compared_cell_by_cell(two_cells):
    before = Scenario(area="england", days=14, warm_up=7, pathways=("crisis", "liaison", "inpatient"))
    beds = tuple(
        TeamChange(team=f"inpatient/{ward}", place=areas.title_of(CELLS[0]), places=1)
        for ward in ("acute_male", "acute_female", "older_male", "older_female")
    )
    after = before.model_copy(update={"name": "no beds in the north", "team": beds})
    document = compare.compare(before, after, before.model_copy(update={"name": "same"}), people=True, threads=1)
    found, same = document["comparisons"]
    stps = {row["group"]: row for row in found["groups"] if row["dimension"] == "STP"}
    assert list(stps) == list(CELLS)
    assert sum(row["residents"] for row in stps.values()) == found["people"]["residents"]["mean"]
    assert stps[CELLS[0]]["longer"] > 0
    away = next(row for row in found["figures"] if row["what"] == "out-of-area nights")
    assert away["difference"] > 0
    assert {one["cell"] for one in found["list"]} <= set(CELLS)
    assert same["people"]["untouched"]["mean"] == same["people"]["residents"]["mean"]
    assert {row["verdict"] for row in same["figures"]} == {"the same"}
    alone = compare.compare(before, after)["comparisons"][0]
    assert alone["digests"] == found["digests"]
    assert alone["figures"] == found["figures"]
