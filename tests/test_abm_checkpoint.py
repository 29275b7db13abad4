"""Checkpoints: what goes on from one is the uninterrupted run, to the bit; what is foreign or damaged is refused."""

import datetime
import json

import numpy as np
import pyarrow as pa
import pytest

from abm import checkpoint, checkpoint_file, snapshot
from abm.checkpoint import Checkpoint
from abm.model import CareSystem
from abm.proof import BalanceError
from abm.setting import setting_of
from kernels import columns as c
from kernels.model import NAMES
from pathways.errors import InputError

START = datetime.date(2016, 4, 4)
THERAPIES = "talking_therapies"
STEP2 = (f"{THERAPIES}/step_2", "Pennine Lancashire")
DAY, LAST = 9, 16


@pytest.fixture(scope="module")
def setting():
    return setting_of("lsc", (THERAPIES,))


def a_run(setting, **arguments):
    return CareSystem(setting, start=START, **{"days": 10, "warm_up": 6, **arguments})


def digest(model):
    return int(model.m.now[c.HASH])


def days_of(model):
    """Yield the digest of each day until the end."""
    while model.steps < LAST:
        model.step()
        yield digest(model)


def everything(model):
    """All that a model holds, tables to the byte."""
    tables, document = snapshot.taken(model)
    return {name: table.tobytes() for name, table in tables.items()} | {"document": json.dumps(document)}


def eventful(model):
    """Change numbers, a share, a route and a patient by hand: what a checkpoint must hold beside the file's words."""
    team = model.team(*STEP2)
    role = next(iter(team.clinicians))
    team.clinicians[role] += 3
    team.absence = 0.1
    graph = model.pathways[THERAPIES]
    graph.edges["referral", "opt_in"]["share"] = 0.6
    graph.edges["referral", "not_suitable"]["share"] = 0.4
    model.patients.select("age >= 30", at_most=50).set("phq9", 25)


def half_the_first_way(batch, routes, draws):
    return np.where(draws.uniform("a coin") < 0.5, routes[0].to, None)


RULES = {f"{THERAPIES}/assessed": half_the_first_way}


@pytest.fixture(scope="module")
def uninterrupted(setting):
    """A run with changes by hand on its fourth day, and the digest of every day after the ninth."""
    model = a_run(setting, rules=RULES, events=True, prove=True)
    model.run_for(3)
    eventful(model)
    model.run_for(DAY - 3)
    return model


@pytest.fixture(scope="module")
def file(uninterrupted, tmp_path_factory):
    """A checkpoint of its tenth midnight; the run then goes on."""
    path = uninterrupted.checkpoint(tmp_path_factory.mktemp("checkpoints") / "nine.arrow", why="a test")
    uninterrupted.rest = list(days_of(uninterrupted))
    return path


@pytest.fixture(scope="module")
def plain_file(setting, tmp_path_factory):
    model = a_run(setting)
    model.run_for(DAY)
    return model.checkpoint(tmp_path_factory.mktemp("checkpoints") / "plain.arrow")


# --- going on -----------------------------------------------------------------------------------------------


def test_what_is_put_back_is_what_was_taken_to_the_byte(setting, file):
    found = Checkpoint.read(file)
    again = CareSystem.from_checkpoint(found, setting, rules=RULES)
    tables, document = snapshot.taken(again)
    assert tables.keys() == found.tables.keys()
    assert [name for name in tables if tables[name].tobytes() != found.tables[name].tobytes()] == []
    assert json.loads(json.dumps(document)) == found.document["state"]


def test_a_run_that_goes_on_has_the_digest_of_the_uninterrupted_one_day_by_day(setting, file, uninterrupted):
    again = CareSystem.from_checkpoint(file, setting, rules=RULES)
    assert (again.steps, again.time, again.today) == (DAY, float(DAY), START + datetime.timedelta(days=DAY - 6))
    assert list(days_of(again)) == uninterrupted.rest
    assert again.identity == uninterrupted.identity
    assert again.proof.days == LAST


def test_everything_beside_the_kernels_tables_survives(setting, file, uninterrupted):
    again = CareSystem.from_checkpoint(file, setting, rules=RULES).run()
    assert everything(again) == everything(uninterrupted)
    assert again.simulation.events().tobytes() == uninterrupted.simulation.events().tobytes()
    for name, value in vars(uninterrupted.reading()).items():
        assert np.array_equal(value, getattr(again.reading(), name)), name
    then, now = uninterrupted.team(*STEP2), again.team(*STEP2)
    assert dict(now.absence) == dict(then.absence) != dict.fromkeys(then.absence, 0.0)
    assert (now.clinicians, now.on_shift, now.places) == (then.clinicians, then.on_shift, then.places)
    assert again.pathways[THERAPIES] == uninterrupted.pathways[THERAPIES] != setting.pathways[THERAPIES]
    assert again.rng.random() == uninterrupted.rng.random()
    assert again.random.random() == uninterrupted.random.random()


def test_a_checkpoint_of_a_run_that_went_on_from_one_serves_as_well(setting, file, uninterrupted, tmp_path):
    again = CareSystem.from_checkpoint(file, setting, rules=RULES)
    again.run_for(2)
    third = CareSystem.from_checkpoint(again.checkpoint(tmp_path / "again.arrow"), setting, rules=RULES)
    assert list(days_of(third)) == uninterrupted.rest[2:]


def test_a_route_taken_away_before_keeps_what_flowed_along_it(setting, tmp_path):
    model = a_run(setting)
    model.run_for(8)
    graph = model.pathways[THERAPIES]
    graph.edges["booking", "telephone_assessment"]["share"] = 1.0
    graph.remove_edge("booking", "withdrew")
    model.run_for(1)
    again = CareSystem.from_checkpoint(model.checkpoint(tmp_path / "nine.arrow"), setting)
    assert again.network.flat.routes == model.network.flat.routes
    assert model.network.flat.n_gone == again.network.flat.n_gone == 1
    assert (model.m.flow[-1] > 0).any()
    assert list(days_of(model)) == list(days_of(again))
    assert everything(model) == everything(again)


def test_the_calendar_and_free_rows_survive_when_room_was_made(setting, tmp_path):
    model = a_run(setting)
    model.simulation.room_for_events(1 << 17)
    model.run_for(DAY)
    again = CareSystem.from_checkpoint(model.checkpoint(tmp_path / "nine.arrow"), setting)
    for name in NAMES:
        if name not in snapshot.SCRATCH and name not in snapshot.LENGTH:
            assert np.array_equal(getattr(model.m, name), getattr(again.m, name)), name
    assert len(again.m.event) > 1 << 17


def test_a_proof_goes_on_and_still_finds_what_is_lost(setting, file):
    again = CareSystem.from_checkpoint(file, setting, rules=RULES)
    again.m.pool["busy"][0] += 1
    with pytest.raises(BalanceError):
        again.step()


# --- branching ----------------------------------------------------------------------------------------------


def fewer_suitable(model):
    graph = model.pathways[THERAPIES]
    graph.edges["referral", "opt_in"]["share"] = 0.3
    graph.edges["referral", "not_suitable"]["share"] = 0.7


def fewer_staff(model):
    team = model.team(f"{THERAPIES}/assessment", "Pennine Lancashire")
    for row in team.on_shift:
        team.on_shift[row] = 1
    team = model.team(*STEP2)
    team.clinicians["pwp"] += 10


@pytest.mark.parametrize("change", [fewer_suitable, fewer_staff])
@pytest.mark.parametrize("later", [0, 2])
def test_a_branch_is_the_uninterrupted_run_with_the_same_change_on_the_same_date(setting, plain_file, change, later):
    base = Checkpoint.read(plain_file)
    date = base.date + datetime.timedelta(days=later)
    whole = a_run(setting)
    whole.change_on(date, change)
    whole.run_for(DAY - 1)
    # the last step before the checkpoint's day ends with the changes of that day
    branch = CareSystem.from_checkpoint(base, setting, changes=[(date, change)])
    whole.step()
    assert list(days_of(branch)) == list(days_of(whole))
    assert branch.identity == whole.identity
    assert everything(branch) == everything(whole)


def test_a_change_makes_a_difference(setting, plain_file):
    ends = {
        tuple(days_of(CareSystem.from_checkpoint(plain_file, setting, changes=changes)))
        for changes in ([], [(datetime.date(2016, 4, 8), fewer_suitable)], [(datetime.date(2016, 4, 9), fewer_staff)])
    }
    assert len(ends) == 3


def test_a_branch_with_another_plan_is_the_run_whose_teams_change_that_day(setting, plain_file):
    base = Checkpoint.read(plain_file)
    plan = setting.baseline_plan.copy()
    grown = [i for i, lever in enumerate(setting.levers) if lever.kind != "places"][:6]
    plan[grown] += 2
    branch = CareSystem.from_checkpoint(base, setting, plan=plan)
    whole = a_run(setting)

    def grow(model):
        for i in grown:
            lever = setting.levers[i]
            team = model.team(*lever.unit.split(" @ "))
            if lever.kind == "staff":
                team.on_shift[lever.role, lever.row] = int(plan[i])
            else:
                team.clinicians[lever.role] = int(plan[i])

    whole.change_on(base.date, grow)
    whole.run_for(DAY)
    assert list(days_of(branch)) == list(days_of(whole))


def test_branches_of_one_checkpoint_do_not_touch_each_other(setting, plain_file):
    base = Checkpoint.read(plain_file)
    first = list(days_of(CareSystem.from_checkpoint(base, setting)))
    list(days_of(CareSystem.from_checkpoint(base, setting, changes=[(base.date, fewer_staff)])))
    assert list(days_of(CareSystem.from_checkpoint(base, setting))) == first


def test_a_dated_change_that_lay_ahead_is_named_and_given_again(setting, tmp_path):
    model = a_run(setting)
    model.change_on("2016-04-09", fewer_staff)
    model.run_for(4)
    found = Checkpoint.read(model.checkpoint(tmp_path / "four.arrow"))
    assert [date for date, _ in found.document["ahead"]] == ["2016-04-09"]
    again = CareSystem.from_checkpoint(found, setting, changes=[("2016-04-09", fewer_staff)])
    assert again.identity == model.identity
    assert list(days_of(again)) == list(days_of(model))


# --- what is refused ----------------------------------------------------------------------------------------


def test_another_past_is_refused_by_what_differs(setting, plain_file):
    for other, part in (
        (setting_of("lsc", (THERAPIES,), multipliers=((f"{THERAPIES}/self", 1.2),)), f"demand of {THERAPIES}/self"),
        (setting_of("lsc", (THERAPIES,), edits=((THERAPIES, "route.referral.opt_in.source", "me"),)),
         "pathway talking_therapies"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=part):
            CareSystem.from_checkpoint(plain_file, other)


def test_a_rule_of_the_past_must_be_given_again_and_be_the_same(setting, file):
    with pytest.raises(InputError, match="given again"):
        CareSystem.from_checkpoint(file, setting)
    with pytest.raises(InputError, match="another rule"):
        CareSystem.from_checkpoint(file, setting, rules=dict.fromkeys(RULES, lambda batch, routes, draws: None))


def test_a_change_before_the_checkpoint_is_refused(setting, plain_file):
    with pytest.raises(InputError, match="or later"):
        CareSystem.from_checkpoint(plain_file, setting, changes=[("2016-04-01", fewer_staff)])


def test_an_edit_that_does_not_hold_together_is_refused_and_no_day_is_lost(setting, tmp_path):
    model = a_run(setting)
    model.run_for(2)
    edge = model.pathways[THERAPIES].edges["referral", "opt_in"]
    edge["share"] = 0.5
    with pytest.raises(InputError, match="sum to 1"):
        model.checkpoint(tmp_path / "wrong.arrow")
    assert (model.steps, model.time, list(tmp_path.iterdir())) == (2, 2.0, [])
    edge["share"] = 0.97
    model.checkpoint(tmp_path / "right.arrow")
    model.step()
    assert model.steps == 3


def test_other_kernels_and_another_schema_are_refused(plain_file, monkeypatch):
    with monkeypatch.context() as other:
        other.setattr(checkpoint, "sources_digest", lambda: "another")
        with pytest.raises(InputError, match="of these kernels"):
            Checkpoint.read(plain_file)
    monkeypatch.setattr(checkpoint, "SCHEMA", "another")
    with pytest.raises(InputError, match="schema"):
        Checkpoint.read(plain_file)


def test_a_flipped_byte_is_noticed(plain_file, tmp_path):
    sound, tables = bytearray(plain_file.read_bytes()), Checkpoint.read(plain_file).tables
    held = {name: table.tobytes() for name, table in tables.items()}
    damaged, noticed = tmp_path / "damaged.arrow", 0
    tried = [*range(8, len(sound), len(sound) // 60), *range(len(sound) - 3000, len(sound), 99)]
    for at in tried:
        sound[at] ^= 16
        damaged.write_bytes(sound)
        sound[at] ^= 16
        try:
            found, _ = checkpoint_file.read(damaged)
        except InputError as refusal:
            noticed += "whole checkpoint" in str(refusal)
        else:  # between two tables lie bytes that nobody reads
            assert {name: table.tobytes() for name, table in found.items()} == held
    assert noticed > 0.9 * len(tried)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.999])
def test_a_file_cut_short_is_refused(plain_file, tmp_path, share):
    whole = plain_file.read_bytes()
    (tmp_path / "short.arrow").write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(InputError, match="cut short or damaged"):
        Checkpoint.read(tmp_path / "short.arrow")


def test_a_foreign_file_is_refused(tmp_path):
    with pytest.raises(InputError, match="a file that exists"):
        Checkpoint.read(tmp_path / "none.arrow")
    table = pa.table({"a": [1, 2]})
    with pa.OSFile(str(tmp_path / "other.arrow"), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    with pytest.raises(InputError, match="another Arrow file"):
        Checkpoint.read(tmp_path / "other.arrow")


def test_nothing_half_written_is_left_behind(uninterrupted, tmp_path):
    with pytest.raises(TypeError):
        uninterrupted.checkpoint(tmp_path / "half.arrow", why=object())
    tables = {"good": np.arange(3), "bad": np.array([object()])}
    with pytest.raises((pa.ArrowException, TypeError, ValueError)):
        checkpoint_file.write(tmp_path / "half.arrow", tables, {})
    assert list(tmp_path.iterdir()) == []


def test_any_program_can_open_the_file(plain_file):
    reader = pa.ipc.open_file(pa.memory_map(str(plain_file)))
    batch = reader.get_batch(0)
    assert batch.num_rows == 1
    assert reader.schema.field("referral").metadata[b"dtype"] == b"REFERRAL"
    tables = Checkpoint.read(plain_file).tables
    assert np.array_equal(batch.column("now").values.to_numpy(), tables["now"])
    assert not tables["now"].flags.writeable
