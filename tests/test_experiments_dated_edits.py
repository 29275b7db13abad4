"""Scenarios that change pathways on a day: states come and go, whatever is edited; branches; what is refused."""

import datetime

import numpy as np
import pytest

from abm import chain
from abm.country import Cell, Country
from abm.model import CareSystem
from abm.setting import setting_of
from experiments import checkpoints, run, scenario, scenario_setting, store
from pathways.errors import InputError

SOMERSET = "somerset"
HEAD = f"area = '{SOMERSET}'\ndays = 24\nwarm_up = 6\npathways = ['crisis', 'liaison', 'inpatient']\n"
DAY = datetime.date(2016, 4, 5)
AT = 10
"""The same as days of the run"""

CAFE = """
[[edit]]
pathway = "crisis"
from = 2016-04-05
[edit.add.state.cafe]
kind = "contact"
team = "access"
roles = { mh_practitioner = 1 }
minutes = { lognormal = { mean = "50 min", sd = "20 min" } }
urgency = "soon"
standard = { within = "4 h", share = 0.9, status = "planning", source = "assumption: an example" }
patience = { exponential = { mean = "1 day" } }
source = "assumption: an example"
[[edit.add.route]]
from = "cafe"
to = "assessed"
share = 0.4
[[edit.add.route]]
from = "cafe"
to = "signposted"
share = 0.6
[[edit.add.route]]
from = "cafe"
to = "dropped_out"
share = 1.0
when = "left_waiting"
"""
TO_THE_CAFE = """
[[edit]]
pathway = "crisis"
from = 2016-04-05
add = { route = [{ from = "triage", to = "cafe", share = 0.32 }] }
[[edit]]
pathway = "crisis"
from = 2016-04-05
remove = "state.next_day_assessment"
moves_to = "cafe"
[[edit]]
pathway = "crisis"
from = 2016-04-05
remove = "state.rearrange"
moves_to = "cafe"
"""
MINUTES = """
[[edit]]
pathway = "crisis"
from = 2016-04-05
key = "state.triage.minutes"
value = { constant = "55 min" }
"""
INSTEAD = CAFE + TO_THE_CAFE
AGAIN = """
[[edit]]
pathway = "crisis"
from = 2016-04-09
remove = "state.next_day_assessment"
moves_to = "cafe"
"""


@pytest.fixture
def read(tmp_path):
    def reading(text):
        file = tmp_path / "scenario.toml"
        file.write_text(HEAD + text, encoding="utf-8")
        return scenario.read(file)

    return reading


def links(document):
    return store.read_arrow(document["path"], ["digests"])["digests"]["digest"].to_pylist()


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """The run without edits, with a checkpoint of the day."""
    folder = tmp_path_factory.mktemp("base")
    (folder / "base.toml").write_text(HEAD, encoding="utf-8")
    return run.run(folder / "base.toml", out=folder, checkpoint_every=AT)


FUTURES = {
    "a state instead of another": INSTEAD, "minutes": MINUTES,
    "a clock that goes": MINUTES.partition("key")[0] + "remove = 'clock.urgent_response'\n" + MINUTES,
    "patience": MINUTES.replace("triage.minutes", "next_day_assessment.patience").replace("55 min", "1 hour"),
}  # fmt: skip


@pytest.mark.parametrize("future", FUTURES)
def test_a_branch_is_the_uninterrupted_run_and_parts_on_the_day_of_its_edits(base, read, tmp_path, future):
    wanted = read(FUTURES[future])
    whole = run.run(wanted, out=tmp_path / "a", prove=True, checkpoint_every=AT + 5)
    file = next((base["path"] / checkpoints.FOLDER).glob(f"*{AT:05d}.arrow"))
    branch = run.run(wanted, out=tmp_path / "b", branch_from=[file])
    assert links(branch) == links(whole)
    assert branch["digests"] == whole["digests"]
    parted = chain.first_difference(links(whole), links(base))
    assert parted == AT if future != "patience" else AT <= parted < AT + 14
    later = next((whole["path"] / checkpoints.FOLDER).glob(f"*{AT + 5:05d}.arrow"))
    again = run.run(wanted, out=tmp_path / "c", branch_from=[later], prove=True)
    assert links(again) == links(whole)
    ours, theirs = store.read_arrow(again["path"]), store.read_arrow(branch["path"])
    assert all(ours[name].equals(theirs[name]) for name in ours)


def test_people_come_to_a_state_that_is_new_and_none_stay_in_one_that_is_gone(read, tmp_path):
    done = run.run(read(INSTEAD), out=tmp_path, events=True)
    tables = store.read(done["path"])
    waits = tables["waits"].groupby("state")[["arrivals", "began"]].sum()
    assert waits.loc["cafe", "began"] > 20
    events = tables["events"]
    there = events[events["state"] == "crisis/next_day_assessment"]["when"]
    assert there.max() < np.datetime64(DAY + datetime.timedelta(days=1))  # who was with a clinician finishes
    assert events[events["state"] == "crisis/cafe"]["when"].min() >= np.datetime64(DAY)
    clocks = tables["clocks"]
    assert clocks[clocks["clock"] == "cafe"]["started"].sum() > 20
    flows = tables["flows"]
    assert flows[(flows["from"] == "crisis/cafe") & (flows["to"] == "crisis/assessed")]["count"].sum() > 5
    daily = tables["waiting_daily"]
    assert daily[(daily["state"] == "cafe") & (daily["day"] < DAY)]["waiting"].sum() == 0


@pytest.mark.parametrize("kind", [CareSystem, Cell])
def test_pathways_made_into_tables_again_every_midnight_change_nothing(kind):
    setting = setting_of(SOMERSET, ("crisis", "liaison", "inpatient"))

    def lived(again):
        model = kind(setting, days=12, warm_up=4)

        def all_over(one):
            for name in setting.pathways:
                one.pathways.put(name, one.pathways[name].copy())

        for day in range(1, 12) if again else ():
            model.change_on(model.first_day + datetime.timedelta(days=day), all_over)
        country = Country({SOMERSET: lambda: model}, threads=1) if kind is Cell else model
        country.run()
        return model

    plain, often = lived(again=False), lived(again=True)
    assert often.daily.chain() == plain.daily.chain()
    for name, table in vars(plain.reading()).items():
        assert np.array_equal(table, getattr(often.reading(), name)), name


def test_a_state_that_comes_later_moves_nobody_else(read, base, tmp_path):
    """A state to which nothing leads changes nothing; the rows of all others stay where they are."""
    lonely = CAFE.replace("[[edit.add.route]]", "[[edit.add.route]]", 1)
    lonely += '\n[[edit]]\npathway = "crisis"\nfrom = 2016-04-05\n'
    lonely += 'add = { route = [{ from = "triage", to = "cafe", share = 1.0, if = "age > 200" }] }\n'
    done = run.run(read(lonely), out=tmp_path)
    assert links(done) == links(base)
    ours, theirs = store.read(done["path"]), store.read(base["path"])
    waits = ours["waits"][ours["waits"]["state"] != "cafe"].reset_index(drop=True)
    assert waits.equals(theirs["waits"])
    assert ours["people_reached"].equals(theirs["people_reached"])


WRONG = {
    "without moves_to": (INSTEAD.replace('moves_to = "cafe"\n', ""), "edit.2.moves_to; expected the state in which"),
    "to nowhere": (INSTEAD.replace('moves_to = "cafe"', 'moves_to = "caffe"'), "did you mean 'cafe'"),
    "no way there": (CAFE, "cafe"),
    "orphaned": (CAFE + TO_THE_CAFE.rpartition("[[edit]]")[0], "rearrange"),
    "shares": (MINUTES.replace("state.triage.minutes", "route.triage.urgent.share").replace(
        '{ constant = "55 min" }', "0.9"), "sum to 1"),
    "a team": (MINUTES.replace("state.triage.minutes", "team.access.scope").replace(
        '{ constant = "55 min" }', '"area"'), "add a team from the day, and states of it"),
    "a door": (MINUTES.replace("state.triage.minutes", "door.gp.share").replace(
        '{ constant = "55 min" }', "0.4"), "[[surge]]"),
    "an unknown team": (MINUTES.replace("state.triage.minutes", "state.triage.team").replace(
        '{ constant = "55 min" }', '"acess"'), "did you mean 'access'"),
    "a clock that is not there": (MINUTES.partition("key")[0] + "remove = 'clock.urgent_respons'",
        "did you mean 'urgent_response'"),
    "after the end": (INSTEAD.replace("2016-04-05", "2016-06-01"), "a day of the run"),
    "a preset of itself": ("extends = 'scenario.toml'", "no circle of scenarios"),
    "roles": (MINUTES.replace("state.triage.minutes", "state.triage.roles").replace(
        '{ constant = "55 min" }', "{ mh_practitioner = 2 }"), "state.triage.roles"),
    "before the run": (INSTEAD.replace("2016-04-05", "2016-03-01"), "a day of the run"),
    "two things": (MINUTES + 'remove = "state.triage"', "one of key"),
    "no value": ('[[edit]]\npathway = "crisis"\nkey = "state.triage.minutes"', "`key` and `value` together"),
    "moves_to alone": (MINUTES + 'moves_to = "gp"', "together with remove"),
    "twice": (INSTEAD + AGAIN, "next_day_assessment"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_what_is_edited_wrongly_is_refused_before_anything_runs(read, what):
    text, said = WRONG[what]
    with pytest.raises(InputError) as refusal:
        read(text)
    assert said in str(refusal.value)
    assert "scenario.toml" in str(refusal.value)


OWN_TEAM = (
    CAFE.replace('team = "access"', 'team = "cafe"')
    + TO_THE_CAFE
    + """
[[edit]]
pathway = "crisis"
from = 2016-04-05
[edit.add.team.cafe]
scope = "area"
staff = [{ hours = "24/7", mh_practitioner = 2, least = 1 }]
source = "assumption: an example"
"""
)


def test_a_team_that_comes_on_a_day_has_nobody_on_shift_before(base, read, tmp_path):
    wanted = read(OWN_TEAM + "[[team]]\nteam = 'crisis/cafe'\nrole = 'mh_practitioner'\nnumber = 3\n")
    setting = scenario_setting.setting(wanted)
    model = CareSystem(
        setting, days=wanted.measured_days, warm_up=wanted.warm_up, plan=scenario_setting.plan(wanted, setting)
    )
    for change in scenario_setting.dated_changes(wanted, setting):
        model.change_on(change.day, change)
    team, n_on = next(team for team in model.teams if team.team == "crisis/cafe"), []
    for _ in range(AT + 2):
        n_on.append(team.n_on)
        model.step()
    assert n_on[:AT] == [0] * AT
    assert n_on[AT:] == [3, 3]
    done = run.run(wanted, out=tmp_path, prove=True)
    assert store.read(done["path"])["waits"].groupby("state")["began"].sum()["cafe"] > 20
    file = next((base["path"] / checkpoints.FOLDER).glob(f"*{AT:05d}.arrow"))
    with pytest.raises(InputError, match="as in the run that wrote"):  # the team has its place from the start
        run.run(wanted, out=tmp_path / "b", branch_from=[file])


def test_without_a_date_states_are_added_and_removed_from_the_start(read, tmp_path):
    text = INSTEAD.replace("from = 2016-04-05\n", "").replace('moves_to = "cafe"\n', "")
    tables = store.read(run.run(read(text), out=tmp_path)["path"])
    assert "next_day_assessment" not in set(tables["waits"]["state"])
    assert tables["waits"].groupby("state")["began"].sum()["cafe"] > 20
