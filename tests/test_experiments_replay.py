"""Replay: a life is the one that was lived, to the second; a run that cannot be repeated is not told."""

import dataclasses
import json
import shutil
from collections import Counter
from functools import partial
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from abm.areas import cells_of, title_of
from abm.country import INBOUND, IS_TAKEN, Country
from abm.network import DAY
from abm.setting import setting_of_cell
from experiments import cli, country_run, run, scenario_setting, store
from experiments.lives import clocks, find, passages, replay, rerun, together, visits
from experiments.lives.guests import stays_elsewhere
from experiments.lives.life import life_of
from experiments.lives.luck import Luck
from experiments.lives.ways import Ways
from experiments.lives.words import told
from experiments.pairs import compare
from experiments.scenario import Scenario, TeamChange
from kernels import columns as c
from pathways.errors import InputError

SHORT = Scenario(days=21, warm_up=14)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Five weeks of the area, stored with its event log, which replay does not look at."""
    return run.run(SHORT, out=tmp_path_factory.mktemp("results"), events=True)["path"]


@pytest.fixture(scope="module")
def everybody(results):
    """The same run again, with everybody's entries kept."""
    return rerun.live_again(rerun.finished(results))


@pytest.fixture(scope="module")
def others(everybody):
    return visits.ids_of_others(everybody.model)


@pytest.fixture(scope="module")
def lives(everybody, others):
    """The referrals of every resident who came to a service, by row."""
    model, log = everybody.model, everybody.log
    who = visits.people_of(log["id0"], log["id1"], others)
    order = np.argsort(who, kind="stable")
    found, first = np.unique(who[order], return_index=True)
    parts = dict(zip(found.tolist(), np.split(order, first[1:]), strict=True))
    rows = {find.row_of_id(everybody, person): log[part] for person, part in parts.items() if person >= 0}
    n = model.network.n_residents
    rows |= {int(row): log[:0] for row in np.flatnonzero(model.m.n_open[:n]) if int(row) not in rows}
    return {row: passages.referrals_of(rerun.Kept(model, own, row)) for row, own in rows.items()}


def test_the_entries_of_a_replayed_life_are_those_that_were_stored(results):
    stored = store.read(results, ["events"])["events"]
    document = replay.replay(results, find="most-contacts")
    person = document["person"]
    of = rerun.finished(results)
    kept = rerun.live_again(of, person["row"])
    code = int(person["small_area"][1:])
    mine = stored[(stored["person_1"] == person["ordinal"]) & (stored["person_0"] & visits.SMALL_AREA == code)]
    assert len(mine) == len(kept.log) > 5
    seconds = (mine["when"] - np.datetime64(kept.model.first_day, "s")).dt.total_seconds()
    assert sorted(seconds) == sorted(kept.log["time"].tolist())


def test_the_visits_of_the_log_are_those_the_kernels_counted(everybody, others):
    model, found = everybody.model, visits.visits_of(everybody.log, others)
    reading, flat = model.reading(), model.network.flat
    measured = found.joined >= SHORT.warm_up * DAY
    seen = measured & (found.began >= 0)
    for state in np.unique(found.state):
        cells = [i for i, (one, _) in enumerate(flat.cells) if one == state]
        mine = seen & (found.state == state)
        assert mine.sum() == reading.cell["began"][cells].sum()
        assert found.wait[mine].sum() == reading.cell["wait_seconds"][cells].sum()


def test_everybodys_clocks_told_one_by_one_add_up_to_those_the_kernels_counted(everybody, lives):
    model = everybody.model
    reading, flat = model.reading(), model.network.flat
    luck = Luck(model.simulation)
    ways, end = Ways(flat, luck), (SHORT.days + SHORT.warm_up) * DAY
    told = Counter()
    for referrals in lives.values():
        for referral in referrals:
            for one in clocks.clocks_of(referral, flat, ways, luck, end):
                if one.started >= SHORT.warm_up * DAY:
                    told[one.clock, "started"] += 1
                    told[one.clock, one.how] += 1
                    if one.how == clocks.STOPPED:
                        told[one.clock, "seconds"] += one.elapsed
    checked = 0
    for k, name in enumerate(flat.clocks):
        if name.pathway == "liaison":
            continue  # people from elsewhere are in its tallies, and have no life to tell
        cells = [i for i, (clock, _) in enumerate(flat.clock_cells) if clock == k]
        for word in ("started", "stopped", "seconds", "lost"):
            assert told[k, word] == reading.clock_cell[word][cells].sum(), (name.name, word)
            checked += told[k, word] > 0
    assert checked > 50


def test_missed_appointments_are_found_again_by_their_luck(everybody, lives):
    model = everybody.model
    reading, flat = model.reading(), model.network.flat
    told = Counter()
    for referrals in lives.values():
        for visit in (visit for referral in referrals for visit in referral.visits):
            told[visit.state] += visit.missed_at is not None and visit.ended >= SHORT.warm_up * DAY
    state = flat.state("talking_therapies/telephone_assessment")
    cells = [i for i, (one, _) in enumerate(flat.cells) if one == state]
    assert told[state] == reading.cell["dna"][cells].sum() > 0


def test_time_that_passes_unseen_lasts_as_long_as_its_luck_says(everybody, lives):
    luck, kind = Luck(everybody.model.simulation), everybody.model.network.flat.arrays["state"]["kind"]
    checked = 0
    for referral in (referral for referrals in lives.values() for referral in referrals):
        for before, after in pairwise(referral.visits):
            assert after.joined == before.ended
            if kind[after.state] == c.WAIT and after.ended is not None:
                words = luck.words(referral.id0, referral.id1, referral.entry, after.visit, after.state)
                assert luck.seconds(after.state, "minutes", words[0]) == after.ended - after.joined
                checked += 1
    assert checked > 1000


def test_a_life_is_told_in_words_tables_and_a_picture(results, tmp_path):
    document = replay.replay(results, find="longest-wait", out=tmp_path)
    person = document["person"]
    assert "synthetic" in document["words"][0]
    assert person["small_area"] in document["words"][1]
    assert sum(f"Referral {n}:" in words for n in range(1, 40) for words in document["words"]) == len(
        document["referrals"]
    )
    for name in ("life.md", "life.json", "visits.csv", "clocks.parquet", "life.svg", "life.html"):
        assert (tmp_path / name).stat().st_size > 0
    assert (tmp_path / "life.png").read_bytes().startswith(b"\x89PNG")
    assert "http" not in (tmp_path / "life.html").read_text(encoding="utf-8").split("<script")[0]
    again = replay.replay(results, area_code=person["small_area"], ordinal=person["ordinal"])
    assert again["words"] == document["words"]


def test_a_run_of_other_code_is_not_told(results, tmp_path):
    copy = shutil.copytree(results, tmp_path / results.name)
    facts = copy / "replication=0" / store.FACTS_FILE
    facts.write_text(json.dumps(json.loads(facts.read_text()) | {"digest": "0" * 16}), encoding="utf-8")
    with pytest.raises(InputError, match="lived through again"):
        replay.replay(copy, person=0)


def test_a_cell_of_several_is_told_alone_from_its_exchange_log():
    names = ("west-north-and-east-cumbria", "shropshire-and-telford-and-wrekin")
    beds = [
        TeamChange(team=f"inpatient/{ward}", place=title_of(names[0]), places=1)
        for ward in ("acute_male", "acute_female", "older_male", "older_female")
    ]
    scenario = Scenario(area="england", days=21, warm_up=0, pathways=("crisis", "liaison", "inpatient"), team=beds)
    one, shared = run.runs_of(scenario)[0], scenario_setting.shared(scenario)
    make = {name: partial(country_run.begin, one, scenario, setting_of_cell(shared, name)) for name in names}
    country = Country(make, threads=1).run()
    home, log = country.cells[names[0]], country.exchange_log(0)
    assert (log["kind"] == IS_TAKEN).any()
    of = rerun.Finished(one, "england", f"{home.reading().digest:016x}", {}, names[0], log)
    guest = log[log["kind"] == IS_TAKEN][0]
    row = rerun.row_of(home.setting.population, int(guest["id0"]) & visits.SMALL_AREA, int(guest["id1"]))
    life = life_of(rerun.live_again(of, row))
    assert "out_of_area" in {visit["state"] for visit in life["visits"]}
    stays = [visit for visit in life["visits"] if visit["host"]]
    stay = stays[0]
    assert stay["host"] == title_of(cells_of("england")[int(guest["cell"])])
    assert stay["joined"] <= stay["host_from"] <= home.when(int(guest["second"]))
    assert f"is a guest of {stay['host']}, on a ward there" in " ".join(told(life))
    alone = stays_elsewhere(home, row, log, "england")
    assert [title_of(one["cell"]) for one in alone] == [one["host"] for one in stays]
    with pytest.raises(InputError, match="lived through again"):  # not told what it was told then
        rerun.live_again(dataclasses.replace(of, told=log[:0]))


def test_what_a_cell_was_told_is_read_from_the_tables_of_a_run():
    log = np.array([(3600, 1, 4, 5, 6, 7, 8, 9, 10), (7200, 2, 4, 5, 6, 7, 8, 9, 11)], INBOUND)
    table = pd.DataFrame({"told": ["a", "a"], **{name: log[name] for name in INBOUND.names}})
    both = pd.concat([table.assign(told="b"), table])
    assert rerun.told_to(both, "a").tolist() == log.tolist()
    assert len(rerun.told_to(both, "c")) == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "--person"),
        (["--person", "3", "--find", "longest-wait"], "--person"),
        (["--person", "99999999"], "1,676,680"),
        (["--find", "longest_wait"], "'longest-wait'"),
        (["--area-code", "E01012570", "--ordinal", "1"], "did you mean"),
        (["--area-code", "E01012571", "--ordinal", "60000"], "a number from 0 to"),
        (["--area-code", "E01012571"], "--person"),
        (["--person", "3", "--replication", "7"], "--replication"),
        (["--person", "3", "--cell", "england"], "--cell"),
    ],
)
def test_nobody_that_is_there_is_refused_with_a_word(results, capsys, options, words):
    with pytest.raises(SystemExit) as leaving:
        cli.main(["replay", "--run", str(results), *options])
    assert leaving.value.code == 2
    assert words in capsys.readouterr().err


def test_who_never_came_has_a_short_life(results):
    document = replay.replay(results, person=100)
    assert document["referrals"] == []
    assert "asked for no help" in document["words"][-1]


# ---------------------------------------------------------------- the same life in several runs

FEWER = SHORT.model_copy(update={"name": "fewer", "team": (
    TeamChange(team="crisis/home_treatment", place="Pennine Lancashire", places=4),
    TeamChange(team="crisis/access", place="Pennine Lancashire", role="mh_practitioner", hours="Mon-Sun 09:00-21:00",
               number=1),
)})  # fmt: skip


@pytest.fixture(scope="module")
def fewer(tmp_path_factory):
    """The same weeks with fewer places of home treatment in Pennine Lancashire."""
    return run.run(FEWER, out=tmp_path_factory.mktemp("fewer"))["path"]


def test_a_life_in_the_same_run_twice_is_the_same_to_the_second(results):
    document = together.of_runs([results, results], find="most-contacts")
    assert {value for row in document["visits"] for value in row["difference"].values()} == {"the same"}
    assert "exactly the life" in document["words"][1]
    assert document["names"][0] != document["names"][1]


def test_two_lives_side_by_side_say_what_a_scenario_made_of_one(results, fewer, tmp_path):
    changed = compare.compare(results, fewer, people=True)["comparisons"][0]["list"]
    assert changed
    row = changed[0]["row"]
    document = together.of_runs([results, fewer], person=row, out=tmp_path)
    apart = [one for one in document["visits"] if set(one["difference"].values()) - {"the same", None}]
    assert changed[0]["most_at"] in {f"{one['pathway']}/{one['state']}" for one in apart}
    assert "is another from" in document["words"][1]
    for name in ("lives.md", "lives.json", "visits.csv", "lives.svg", "lives.html"):
        assert (tmp_path / name).stat().st_size > 0
    lived = together.of_scenarios(SHORT, FEWER, person=row)
    assert [list(one["in"].values()) for one in lived["visits"]] == [
        list(one["in"].values()) for one in document["visits"]
    ]


def test_visits_during_a_stay_are_counted_in_each_life(results, fewer):
    document = together.of_runs([results, fewer], find="most-contacts")
    life = document["lives"][0]
    stays = [one for one in document["visits"] if one["kind"] == "stay" and life["name"] in one["in"]]
    total = sum(one["in"][life["name"]]["contacts"] for one in stays)
    names = {f"{one['pathway']}/{one['state']}" for one in stays}
    made = [row for row in life["contacts"] if row["attended"] and row["state"].removesuffix("/visit") in names]
    assert total == len(made) > 0


def test_lives_with_other_luck_are_not_set_side_by_side(results, tmp_path):
    other = run.run(SHORT.model_copy(update={"seed": 2, "days": 7}), out=tmp_path)["path"]
    with pytest.raises(InputError, match="the same luck"):
        together.of_runs([results, other], person=3)
