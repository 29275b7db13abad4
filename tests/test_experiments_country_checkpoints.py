"""Runs of several STPs that are killed go on, on other threads too; branches and their daily chains."""

import datetime
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from abm import chain
from experiments import checkpoints, cli, digests, run, store
from experiments.scenario import Edit, Scenario, TeamChange
from pathways.errors import InputError

ROOT = Path(__file__).resolve().parents[1]
SOMERSET = "somerset"
AREA = f"west-north-and-east-cumbria+shropshire-and-telford-and-wrekin+{SOMERSET}"
PATHWAYS = ("crisis", "liaison", "inpatient")
START = datetime.date(2016, 4, 1)
FIRST = START - datetime.timedelta(days=6)
CROWDED = TeamChange(team="inpatient/acute_male", place="West, North and East Cumbria", places=3)


def beds(number, day):
    return TeamChange(team="inpatient/acute_male", place="Somerset", places=number, **{"from": day})


def scenario(*changes, **more):
    """Three STPs, one with too few beds: ten days after six of warm-up, with a dated change before the checkpoint."""
    early = beds(30, START - datetime.timedelta(days=3))
    content = {"name": "three", "area": AREA, "days": 10, "warm_up": 6, "pathways": PATHWAYS}
    return Scenario(**content | more, team=(CROWDED, early, *changes))


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The run that nobody interrupted, on one thread, with checkpoints."""
    return run.run(scenario(), out=tmp_path_factory.mktemp("whole"), checkpoint_every=5, threads=1)


def tables_of(document):
    return store.read_arrow(document["path"])


def same(one, other):
    assert (one["digests"], one["identity"]) == (other["digests"], other["identity"])
    ours, theirs = tables_of(one), tables_of(other)
    return ours.keys() == theirs.keys() and all(ours[name].equals(theirs[name]) for name in ours)


def kept(document):
    return sorted((document["path"] / checkpoints.FOLDER).iterdir())


def links(document, cell=AREA):
    table = tables_of(document)["digests"].to_pylist()
    return [row["digest"] for row in table if row["cell"] == cell]


KILLED = """
import os, signal, sys
from experiments import run
from experiments.scenario import Scenario

def in_the_middle(done, total, what):
    if done == 3 + 12:  # three cells, twelve days
        os.kill(os.getpid(), signal.SIGKILL)

asked = Scenario.model_validate_json(sys.argv[2])
run.run(asked, out=sys.argv[1], checkpoint_every=5, threads=3, progress=in_the_middle)
"""


def test_a_run_of_three_stps_killed_on_three_threads_goes_on_with_two(whole, tmp_path, capsys):
    asked = scenario().canonical()
    dead = subprocess.run([sys.executable, "-c", KILLED, tmp_path, asked], cwd=ROOT, capture_output=True, text=True)
    assert dead.returncode == -signal.SIGKILL, dead.stderr
    assert not list(tmp_path.glob("run=*/replication=0"))
    left = sorted(one.name for one in tmp_path.glob("run=*/checkpoints/*"))
    assert left == ["replication=0.day=00005", "replication=0.day=00010"]
    lived = []
    again = run.run(scenario(), out=tmp_path, threads=2, progress=lambda done, *_: lived.append(done))
    assert lived == [1, 2, 3, *range(3 + 11, 3 + 17)]
    assert "goes on from 2016-04-05" in capsys.readouterr().err
    assert same(again, whole)


def test_what_was_killed_while_a_checkpoint_was_written_is_passed_over(whole, tmp_path, capsys):
    place = tmp_path / whole["path"].name / checkpoints.FOLDER
    first, second = kept(whole)[:2]
    for name in (first.name, f".{second.name}.abc", second.name):
        (place / name).mkdir(parents=True)
    for file in first.iterdir():
        (place / first.name / file.name).write_bytes(file.read_bytes())
    for file in [*second.iterdir()][:2]:
        (place / f".{second.name}.abc" / file.name).write_bytes(file.read_bytes())
        (place / second.name / file.name).write_bytes(file.read_bytes())
    again = run.run(scenario(), out=tmp_path, threads=1)
    said = capsys.readouterr().err
    assert said.count("passed over") == 1
    assert "goes on from 2016-03-31" in said
    assert same(again, whole)


def nobody_at_the_liaison_team(day):
    return TeamChange(team="liaison/liaison", role="mh_practitioner", hours=HOURS, number=0, **{"from": day})


HOURS = "Mon-Sun 07:00-15:00"


@pytest.mark.parametrize("later", [0, 2])
def test_a_branch_parts_from_the_base_on_the_day_of_its_edit_and_not_before(whole, tmp_path, later):
    day = FIRST + datetime.timedelta(days=10 + later)
    wanted = scenario(nobody_at_the_liaison_team(day))
    branch = run.run(wanted, out=tmp_path / "a", branch_from=[kept(whole)[1]], threads=2)
    uninterrupted = run.run(wanted, out=tmp_path / "b", threads=1)
    assert same(branch, uninterrupted)
    assert chain.first_difference(links(branch), links(whole)) == 10 + later


CAFE = {
    "state.cafe": {"kind": "contact", "team": "access", "roles": {"mh_practitioner": 1},
                   "minutes": {"constant": "40 min"}, "urgency": "soon", "source": "assumption: an example"},
    "route": [{"from": "triage", "to": "cafe", "share": 0.07}, {"from": "cafe", "to": "signposted", "share": 1.0}],
}  # fmt: skip


def test_a_state_that_comes_on_a_day_comes_in_every_cell_and_in_a_branch(whole, tmp_path):
    day = {"from": FIRST + datetime.timedelta(days=11)}
    edits = (Edit(pathway="crisis", add=CAFE, **day), Edit(pathway="crisis", remove="route.triage.signposted", **day))
    wanted = scenario(edit=edits)
    uninterrupted = run.run(wanted, out=tmp_path / "a", threads=2, checkpoint_every=12)
    branch = run.run(wanted, out=tmp_path / "b", branch_from=[kept(whole)[1]], threads=1)
    assert same(branch, uninterrupted)
    later = run.run(wanted, out=tmp_path / "c", branch_from=kept(uninterrupted), threads=3)
    assert same(later, uninterrupted)
    assert chain.first_difference(links(branch), links(whole)) == 11
    waits = store.read(branch["path"], ["waits"])["waits"]
    at = waits[waits["state"] == "cafe"]["place"].str.rsplit(" ", n=1).str[0]
    assert at.nunique() == 3
    assert waits[waits["state"] == "cafe"]["began"].sum() > 5


def test_the_command_names_the_day_and_the_cell(whole, tmp_path, capsys):
    at = START + datetime.timedelta(days=6)
    other = run.run(scenario(beds(2, at)), out=tmp_path, threads=1)
    with pytest.raises(SystemExit) as leaving:
        cli.main(["digest", str(whole["path"]), str(other["path"])])
    assert leaving.value.code == 1
    said = capsys.readouterr().out
    parted = FIRST + datetime.timedelta(days=chain.first_difference(links(whole), links(other)))
    assert parted >= at
    assert str(parted) in said
    document = digests.digests(whole["path"], other["path"])
    first = document["replications"][0]["part_first"]  # a guest of Somerset's may part another cell on the same day
    assert {SOMERSET, AREA} <= set(first)
    assert {chain.first_difference(links(whole, name), links(other, name)) for name in first} == {(parted - FIRST).days}


def test_a_run_is_the_same_as_itself_and_its_checkpoint(whole, capsys):
    for other in (whole["path"], kept(whole)[1]):
        document = digests.digests(whole["path"], other)
        assert document["same"]
        assert [one["cell"] for one in document["replications"][0]["cells"]] == [*AREA.split("+"), AREA]
    assert document["replications"][0]["days_compared"] == 10
    with pytest.raises(SystemExit) as leaving:
        cli.main(["digest", str(whole["path"]), "--json"])
    assert leaving.value.code in (0, None)
    one = json.loads(capsys.readouterr().out)["replications"][0]
    assert one["digest"] == links(whole)[-1]
    assert (one["first_day"], one["last_day"]) == ("2016-03-26", "2016-04-10")


def test_runs_that_cannot_be_compared_are_refused(whole, tmp_path):
    later = run.run(Scenario(area=SOMERSET, days=1, warm_up=0, pathways=PATHWAYS), out=tmp_path)
    with pytest.raises(InputError, match="as the other run"):
        digests.digests(whole["path"], later["path"])
    with pytest.raises(InputError, match="--replication"):
        digests.digests(whole["path"], replication=3)


def test_a_scenario_with_another_past_is_refused(whole, tmp_path):
    other = scenario(beds(4, START - datetime.timedelta(days=2)))
    with pytest.raises(InputError, match="a branch differs from 2016-04-05 on only"):
        run.run(other, out=tmp_path, branch_from=[kept(whole)[1]])
    fewer = Scenario(area=SOMERSET, days=10, warm_up=6, pathways=PATHWAYS)
    with pytest.raises(InputError, match="area; got 'somerset'"):
        run.run(fewer, out=tmp_path, branch_from=[kept(whole)[1]])


@pytest.mark.parametrize(
    ("area", "said"), [(f"{SOMERSET}+{SOMERSET}", "twice"), (f"{SOMERSET}+devn", "did you mean 'devon'")]
)
def test_stps_joined_wrongly_are_refused(area, said, tmp_path):
    with pytest.raises(InputError, match=said):
        run.run(Scenario(area=area, days=1), out=tmp_path)
    assert list(tmp_path.iterdir()) == []
