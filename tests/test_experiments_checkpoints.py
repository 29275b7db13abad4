"""Runs that are killed go on from their last checkpoint; scenarios branch from one, if they share its past."""

import datetime
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from abm import checkpoint_file
from experiments import checkpoints, run, store
from experiments.scenario import Edit, Scenario, TeamChange
from pathways.errors import InputError

ROOT = Path(__file__).resolve().parents[1]
THERAPIES = "talking_therapies"
SHORT = {"days": 10, "warm_up": 8, "pathways": (THERAPIES,)}
DAY = datetime.date(2016, 4, 1)
"""The eighth day: the first that is measured"""
NUMBER = {"team": f"{THERAPIES}/assessment", "place": "West Lancashire", "role": "pwp", "hours": "Mon-Fri 09:00-17:00"}


def share(value, **day):
    return tuple(
        Edit(pathway=THERAPIES, key=f"route.referral.{to}.share", value=v, **day)
        for to, v in (("opt_in", value), ("not_suitable", 1 - value))
    )


def past(**more):
    """A scenario with an edit of its own before the checkpoint, one on its day, and one after."""
    return Scenario(
        name="past", team=(TeamChange(**NUMBER, number=2, **{"from": DAY - datetime.timedelta(days=2)}),),
        edit=share(0.8, **{"from": DAY}) + share(0.7, **{"from": DAY + datetime.timedelta(days=4)}), **SHORT, **more,
    )  # fmt: skip


def tables_of(document):
    """Return every table of a run, the replications one after another."""
    return store.read_arrow(document["path"])


def same(one, other):
    assert (one["digests"], one["identity"]) == (other["digests"], other["identity"])
    ours, theirs = tables_of(one), tables_of(other)
    return ours.keys() == theirs.keys() and all(ours[name].equals(theirs[name]) for name in ours)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The run that nobody interrupted, with checkpoints."""
    return run.run(past(), out=tmp_path_factory.mktemp("whole"), checkpoint_every=4)


def files(document):
    return sorted((document["path"] / checkpoints.FOLDER).iterdir())


# --- going on after a kill ----------------------------------------------------------------------------------

KILLED = """
import os, signal, sys
from experiments import run
from experiments.scenario import Scenario

def in_the_middle(done, total, what):
    if done == 14:
        os.kill(os.getpid(), signal.SIGKILL)

run.run(Scenario.model_validate_json(sys.argv[2]), out=sys.argv[1], checkpoint_every=4, progress=in_the_middle)
"""


def test_a_run_killed_in_the_middle_goes_on_and_gives_the_same_results(whole, tmp_path, capsys):
    dead = subprocess.run(
        [sys.executable, "-c", KILLED, tmp_path, past().canonical()], cwd=ROOT, capture_output=True, text=True
    )
    assert dead.returncode == -signal.SIGKILL, dead.stderr
    assert not list(tmp_path.glob("run=*/replication=0"))
    left = sorted(file.name for file in tmp_path.glob("run=*/checkpoints/*"))
    assert left == ["replication=0.day=00004.arrow", "replication=0.day=00008.arrow", "replication=0.day=00012.arrow"]
    lived = []
    again = run.run(past(), out=tmp_path, progress=lambda done, total, what: lived.append(done))
    assert lived == [13, 14, 15, 16, 17, 18]
    assert "goes on from 2016-04-05" in capsys.readouterr().err
    assert same(again, whole)


def test_checkpoints_change_no_result(whole, tmp_path):
    plain = run.run(past(), out=tmp_path)
    assert not (plain["path"] / checkpoints.FOLDER).exists()
    assert same(plain, whole)


def test_a_damaged_checkpoint_is_passed_over_for_the_one_before(whole, tmp_path, capsys):
    place = tmp_path / whole["path"].name / checkpoints.FOLDER
    place.mkdir(parents=True)
    for file in files(whole):
        (place / file.name).write_bytes(file.read_bytes())
    last = place / files(whole)[-1].name
    last.write_bytes(last.read_bytes()[:-1000])
    again = run.run(past(), out=tmp_path)
    said = capsys.readouterr().err
    assert "passed over" in said
    assert "goes on from 2016-04-05" in said
    assert same(again, whole)


def test_a_run_that_is_to_be_proved_does_not_go_on_from_one_that_was_not(whole, tmp_path, capsys):
    place = tmp_path / whole["path"].name / checkpoints.FOLDER
    place.mkdir(parents=True)
    (place / files(whole)[0].name).write_bytes(files(whole)[0].read_bytes())
    proved = run.run(past(), out=tmp_path, prove=True)
    assert "goes on" not in capsys.readouterr().err
    assert proved["digests"] == whole["digests"]
    assert proved["proved"]["days"] == 18


# --- branching ----------------------------------------------------------------------------------------------


def branch(whole, scenario, out, at=1, **options):
    """Run a scenario from the checkpoint of the eighth midnight (`at` counts files)."""
    return run.run(scenario, out=out, branch_from=[files(whole)[at]], **options)


FUTURES = {
    "share": share(0.5, **{"from": DAY}),
    "later": share(0.9, **{"from": DAY + datetime.timedelta(days=6)}),
}


@pytest.mark.parametrize("future", FUTURES)
def test_a_branch_has_the_results_of_the_uninterrupted_run(whole, tmp_path, future):
    wanted = past().replaced(
        edit=FUTURES[future], team=(*past().team, TeamChange(**NUMBER, number=1, **{"from": DAY})), name=future
    )
    lived = []
    cheap = branch(whole, wanted, tmp_path / "a", progress=lambda done, total, what: lived.append(done))
    assert lived[0] == 9
    assert cheap["digests"] != whole["digests"]
    assert same(cheap, run.run(wanted, out=tmp_path / "b"))


def test_a_branch_of_another_replication_is_that_replication(tmp_path):
    pair = run.run(past(replications=2), out=tmp_path / "a", checkpoint_every=8)
    of_the_second = files(pair)[-1]
    assert "replication=1" in of_the_second.name
    second = run.run(past(), out=tmp_path / "b", branch_from=[of_the_second])
    assert second["digests"] == pair["digests"][1:]
    assert [one["replication"] for one in store.facts(second["path"])] == [1]
    with pytest.raises(InputError, match="one checkpoint of replication 1"):
        run.run(past(), out=tmp_path / "c", branch_from=[of_the_second, of_the_second])


OTHER_PASTS = {
    "population_seed": {"population_seed": 2},
    "seed": {"seed": 7},
    "start": {"start": datetime.date(2016, 4, 2)},
    "days": {"days": 11},
    f"demand.{THERAPIES}": {"demand": {THERAPIES: 1.2}},
    "pathways.1": {"pathways": (THERAPIES, "crisis", "liaison", "inpatient")},
    "team.0": {"team": ()},
    "team": {"team": (TeamChange(team=f"{THERAPIES}/assessment", role="pwp", hours=NUMBER["hours"], number=9),)},
    "edit": {"edit": share(0.9)},
    "edit.0": {"edit": share(0.9, **{"from": DAY - datetime.timedelta(days=1)})},
    f"pathway.{THERAPIES}": {"pathway": {THERAPIES: {"state.telephone_assessment.minutes": {"constant": "1 h"}}}},
}


@pytest.mark.parametrize("key", OTHER_PASTS)
def test_a_scenario_with_another_past_is_refused_by_name(whole, tmp_path, key):
    wanted = past().replaced(**OTHER_PASTS[key])
    with pytest.raises(InputError) as refusal:
        branch(whole, wanted, tmp_path)
    assert refusal.value.key.startswith(key.partition(".")[0])
    assert "a branch differs from 2016-04-01 on only" in str(refusal.value)
    assert list(tmp_path.iterdir()) == []


def test_what_the_past_did_not_keep_cannot_be_asked_of_its_branch(whole, tmp_path):
    for option in ("events", "prove"):
        with pytest.raises(InputError, match=f"--{option}"):
            branch(whole, past(), tmp_path, **{option: True})


def test_what_the_disk_is_unlikely_to_hold_is_refused_before_anything_runs(tmp_path):
    with pytest.raises(InputError, match="GB are free"):
        run.run(Scenario(area="england", days=7000), out=tmp_path, checkpoint_every=1)
    assert list(tmp_path.iterdir()) == []


def test_a_run_goes_on_when_a_checkpoint_finds_no_room(whole, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(checkpoints, "refuse_without_room", lambda *_: None)
    monkeypatch.setattr(checkpoint_file.shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
    again = run.run(past(), out=tmp_path, checkpoint_every=4)
    assert "no checkpoint" in capsys.readouterr().err
    assert not list(tmp_path.glob("run=*/checkpoints/*"))
    assert same(again, whole)


def test_other_sources_are_refused(whole, tmp_path, monkeypatch):
    monkeypatch.setattr(run, "code_digest", lambda: "another")
    with pytest.raises(InputError, match="run to 2016-04-01 again"):
        branch(whole, past(), tmp_path)


@pytest.mark.parametrize("text", ["1 hour", "36 h", "often", "0 days"])
def test_how_often_is_whole_days(text):
    with pytest.raises(InputError, match="--checkpoint-every"):
        checkpoints.days_between(text, "--checkpoint-every")


def test_how_often_may_be_weeks():
    assert checkpoints.days_between("13 weeks", "--checkpoint-every") == 91
