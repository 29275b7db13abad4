"""Runs: the same run twice is the same, what differs has another identity, and the tables add up."""

import dataclasses
import pickle
import tomllib
from datetime import date

import pytest

from abm.proof import PROVED, Proof
from cluster.pool import Pool
from experiments import failures, outcome_schema, run, scenario_checks, store
from experiments.checkpoints import Checkpoints
from experiments.scenario import PRESETS, Scenario, TeamChange, read

DAYS = 7


@pytest.fixture(scope="module")
def week():
    """A week of the area, with its event log."""
    return run.runs_of(Scenario(days=DAYS, warm_up=3), events=True)[0]


@pytest.fixture(scope="module")
def outcome(week):
    return run.simulate(week)


@pytest.fixture(scope="module")
def frames(outcome):
    return {name: table.to_pandas() for name, table in outcome.tables.items()}


def test_the_same_run_twice_is_the_same_to_the_bit(week, outcome):
    again = run.simulate(week)
    assert again.digest == outcome.digest
    assert again.tables.keys() == outcome.tables.keys()
    assert all(again.tables[name].equals(table) for name, table in outcome.tables.items())


def test_other_luck_is_another_digest(week, outcome):
    other = run.simulate(dataclasses.replace(week, replication=1, events=False))
    assert other.digest != outcome.digest


def test_a_run_is_a_small_hashable_value(week):
    assert pickle.loads(pickle.dumps(week)) == week
    assert len(pickle.dumps(week)) < 3000
    assert {week: 1}[dataclasses.replace(week)] == 1


def test_whatever_can_change_a_result_changes_the_identity(week):
    changes = [
        {"scenario": "{}"}, {"start": date(2017, 4, 1)}, {"days": 8}, {"warm_up": 4}, {"seed": 2},
        {"replication": 1},
        {"tables": "x"}, {"kernels": "x"}, {"code": "x"},
    ]  # fmt: skip
    identities = {dataclasses.replace(week, **change).identity for change in changes}
    assert len(identities | {week.identity}) == len(changes) + 1
    assert dataclasses.replace(week, events=False).identity == week.identity
    assert dataclasses.replace(week, checkpoints=Checkpoints("somewhere", 7)).identity == week.identity
    named = {field for change in changes for field in change} | {"events", "prove", "checkpoints"}
    assert named == {field.name for field in dataclasses.fields(run.Run)}


def test_replications_share_a_case():
    runs = run.runs_of(Scenario(replications=3))
    assert len({one.case for one in runs}) == 1
    assert len({one.identity for one in runs}) == 3
    assert runs[0] == run.runs_of(Scenario(name="other", title="words", replications=1))[0]


def test_every_table_has_the_documented_columns(outcome, root):
    assert set(outcome.tables) == set(outcome_schema.TABLES)
    text = (root / "docs" / "outputs.md").read_text(encoding="utf-8")
    for name, schema in outcome_schema.TABLES.items():
        assert outcome.tables[name].schema.names == schema.names
        section = text.partition(f"### `{name}`")[2].partition("\n### ")[0]
        missing = [column for column in schema.names if f"`{column}`" not in section]
        assert not missing, f"docs/outputs.md does not explain {missing} of {name}"


def test_whoever_leaves_a_state_went_along_a_route(frames):
    waits, flows = frames["waits"], frames["flows"]
    left = waits[(waits["kind"] != "end") & ~waits["state"].str.endswith("/visit")]
    completed = left.groupby(left["pathway"] + "/" + left["state"])["completed"].sum()
    flows = flows[flows["when"].isin(["", "if"])]  # not those who left waiting or were turned away
    along = flows.groupby("from")["count"].sum().reindex(completed.index, fill_value=0)
    assert completed.sum() > 1000
    assert (completed == along).all()


def test_the_event_log_tells_the_same_story_as_the_tables(frames):
    events, waits = frames["events"], frames["waits"]
    measured = events[events["when"] >= "2016-04-01"]
    queued = waits[waits["kind"].isin(["contact", "place"])]
    joined = measured[measured["event"] == "joined"].groupby("state").size()
    arrivals = queued.groupby(queued["pathway"] + "/" + queued["state"])["arrivals"].sum()
    arrivals = arrivals[(arrivals > 0) & ~arrivals.index.str.endswith("/visit")]
    assert joined[arrivals.index].tolist() == arrivals.tolist()


def test_need_demand_and_care_are_three_numbers(frames):
    people = frames["people"]
    assert people["residents"].groupby(people["pathway"]).sum().eq(1_676_681).all()
    assert (people["need"] < people["residents"]).all()
    assert people["asked"].sum() == pytest.approx(people["asked_expected"].sum(), rel=0.2)
    assert (people["reached"] <= people["residents"]).all()
    assert people["reached"].sum() > 500


def test_people_reached_are_counted_once_and_agree_with_the_pathways(frames):
    combined, people = frames["people_reached"], frames["people"]
    for pathway, mine in people.groupby("pathway"):
        by_any = combined[combined["pathways"].map(lambda names, p=pathway: p in names.split(";"))]
        assert by_any["people"].sum() == mine["reached"].sum()


def test_nobody_is_in_more_places_than_there_are(frames):
    places, daily = frames["places"], frames["occupancy_daily"]
    assert (places["mean_taken"] <= places["places"] + 1e-9).all()
    assert (daily["taken"] <= daily["capacity"]).all()
    assert daily["day"].nunique() == DAYS


def test_clocks_are_decided_at_most_once(frames):
    clocks, hours = frames["clocks"], frames["clocks_by_hour"]
    assert (clocks["stopped"] + clocks["lost"] <= clocks["started"]).all()
    assert (clocks["within"].fillna(0) <= clocks["stopped"]).all()
    assert hours["started"].sum() == clocks["started"].sum()


def test_a_standard_that_is_not_in_force_is_neither_met_nor_missed(frames):
    clocks = frames["clocks"]
    assert clocks.loc[~clocks["in_force"], "met"].isna().all()
    assert (~clocks["in_force"]).any()


def test_demand_multiplied_by_nothing_is_nobody():
    quiet = Scenario(days=DAYS, warm_up=0, demand={"talking_therapies": 0.0, "crisis/gp": 0.0})
    people = run.simulate(run.runs_of(quiet)[0]).tables["people"].to_pandas()
    asked = people.groupby("pathway")["asked"].sum()
    assert asked["talking_therapies"] == 0
    assert asked["crisis"] > 0


def test_one_team_s_hours_change_that_team_s_shifts():
    changed = read(PRESETS / "west-lancashire-therapies.toml").replaced(days=DAYS, warm_up=0)
    contacts = run.simulate(run.runs_of(changed)[0]).tables["contacts"].to_pandas().set_index(["unit", "role"])
    on = contacts["on_shift_minutes"]["talking_therapies/assessment @ West Lancashire", "pwp"]
    assert on == (5 * 8 * 2 + 5 * 3 * 1 + 4 * 1) * 60


def test_dated_changes_take_effect_on_their_day_and_not_before():
    dated = """
        [[team]]
        team = "inpatient/acute_male"
        places = 99
        from = 2016-04-03
        [[team]]
        team = "talking_therapies/cbt"
        place = "West Lancashire"
        clinicians = { cbt_therapist = 1 }
        from = 2016-04-04
        [[edit]]
        pathway = "liaison"
        key = "route.ae_arrival.referral.share"
        value = 0.0
        from = 2016-04-05
        [[edit]]
        pathway = "liaison"
        key = "route.ae_arrival.emergency_clinician.share"
        value = 0.74
        from = 2016-04-05
    """
    wanted = Scenario.model_validate({"days": DAYS, "warm_up": 0} | tomllib.loads(dated))
    scenario_checks.check(wanted, "dated")
    tables = run.simulate(run.runs_of(wanted, events=True)[0]).tables
    daily = tables["occupancy_daily"].to_pandas()
    wards = daily[daily["team"] == "inpatient/acute_male"]["capacity"].tolist()
    assert wards[0] == wards[1] != 99
    assert wards[2:] == [99] * (DAYS - 2)
    cbt = daily[(daily["team"] == "talking_therapies/cbt") & (daily["place"] == "West Lancashire")]
    assert cbt["capacity"].tolist()[3:] == [30] * (DAYS - 3) != cbt["capacity"].tolist()[:4]
    flows = tables["flows"].to_pandas()
    taken = flows[(flows["from"] == "liaison/ae_arrival")].groupby("to")["count"].sum()
    assert 0 < taken["liaison/referral"] < 0.21 * taken.sum() * 5 / DAYS


def test_finished_replications_are_kept_and_new_ones_added(tmp_path, capsys):
    wanted = Scenario(days=2, warm_up=0)
    first = run.run(wanted, out=tmp_path)
    before = (first["path"] / "replication=0" / "waits.parquet").stat().st_mtime_ns
    more = run.run(wanted, replications=2, out=tmp_path)
    assert (first["kept"], more["kept"]) == (0, 1)
    assert "kept" in capsys.readouterr().err
    assert more["path"] == first["path"]
    assert (first["path"] / "replication=0" / "waits.parquet").stat().st_mtime_ns == before
    assert more["digests"][0] == first["digests"][0] != more["digests"][1]
    assert sorted(store.read(tmp_path)["waits"]["replication"].unique()) == [0, 1]
    assert "events" not in store.read(tmp_path)
    logged = run.run(wanted, out=tmp_path, events=True)
    assert (logged["kept"], logged["digests"]) == (0, first["digests"])
    assert len(store.read(tmp_path, ["events"])["events"]) > 100


def test_another_scenario_goes_to_another_folder(tmp_path):
    one = run.runs_of(Scenario())[0]
    other = run.runs_of(Scenario(team=(TeamChange(team="crisis/home_treatment", places=5),)))[0]
    assert store.folder(tmp_path, one.case) != store.folder(tmp_path, other.case)


def test_a_run_tells_its_days_and_its_answer_as_tables(tmp_path):
    said = []
    document = run.run(
        Scenario(days=3, warm_up=1),
        out=tmp_path,
        progress=lambda done, total=None, doing=None: said.append(done),
    )
    assert said == [1, 2, 3, 4]
    words = [table if isinstance(table, str) else str(table.title) for table in run.tables(document)]
    assert any("too short" in word for word in words)
    assert str(document["path"]) in words[-1]
    assert {row["pathway"] for row in document["headline"]} == set(Scenario().pathways)


def test_a_proof_changes_nothing_that_happens_and_the_results_say_what_was_proved(tmp_path):
    wanted = Scenario(days=2, warm_up=1)
    plain = run.run(wanted, out=tmp_path)
    assert plain["proved"] == {"what": [], "days": 0, "replications": 0}
    proved = run.run(wanted, out=tmp_path, prove=True)
    assert (proved["kept"], proved["digests"], proved["identity"]) == (0, plain["digests"], plain["identity"])
    assert proved["proved"] == {"what": list(PROVED), "days": 3, "replications": 1}
    assert any("minutes" in str(table) and "each of 3 days" in str(table) for table in run.tables(proved))
    kept = proved["path"] / "replication=0" / "waits.parquet"
    assert store.metadata(kept)["days_proved"] == 3
    assert run.run(wanted, out=tmp_path, prove=True)["kept"] == 1


@pytest.fixture
def luckless(monkeypatch):
    """Let replications fail in the middle of their work; returns the set of those that do."""
    chosen: set[int] = set()
    simulate = run.simulate

    def fails(one, progress=None, threads=None):
        if one.replication in chosen:
            raise RuntimeError(f"somebody had to leave and no route held ({one.replication})")
        return simulate(one, progress)

    monkeypatch.setattr(run, "simulate", fails)
    return chosen


@pytest.mark.parametrize("pool", [None, Pool.inline()], ids=["alone", "pool"])
def test_a_failed_replication_is_a_row_and_the_others_are_kept(tmp_path, luckless, pool, capsys):
    wanted = Scenario(days=2, warm_up=0, replications=3)
    luckless.add(1)
    document = run.run(wanted, out=tmp_path, pool=pool)
    row = {"replication": 1, "error": "RuntimeError", "message": "somebody had to leave and no route held (1)"}
    assert document["failed"] == [row]
    assert (document["finished"], len(document["digests"])) == (2, 2)
    assert "replication 1 failed" in capsys.readouterr().err
    assert any("1 of 3 replications failed" in str(table) for table in run.tables(document))
    assert sorted(store.read(tmp_path)["waits"]["replication"].unique()) == [0, 2]
    (kept,) = failures.read(document["path"])
    assert "luckless" not in kept.message
    assert "in fails" in kept.trace
    luckless.clear()
    again = run.run(wanted, out=tmp_path, pool=pool)
    assert (again["kept"], again["failed"], again["finished"]) == (2, [], 3)
    assert failures.read(document["path"]) == []


def test_a_run_whose_proof_fails_is_a_failed_replication_that_names_the_day(tmp_path, monkeypatch):
    def damaged(model):
        if model.today == date(2016, 4, 2):
            model.m.pool["on_seconds"][0] += 60
        Proof.day_is_over(model.proof)

    monkeypatch.setattr("abm.model.CareSystem.prove_the_balance", damaged)
    with pytest.raises(
        failures.NothingFinishedError, match=r"BalanceError: at the end of 2016-04-01 .* s by the roster"
    ):
        run.run(Scenario(days=2, warm_up=0), out=tmp_path, prove=True)
    assert not list(tmp_path.glob("run=*/replication=*"))


def test_when_every_replication_fails_there_is_no_summary_but_there_are_rows(tmp_path, luckless):
    luckless.update({0, 1})
    with pytest.raises(failures.NothingFinishedError, match=r"2 failed, the first \(replication 0\) with RuntimeError"):
        run.run(Scenario(days=2, warm_up=0, replications=2), out=tmp_path)
    (case,) = store.cases(tmp_path)
    assert [one.replication for one in failures.read(case)] == [0, 1]


@pytest.mark.verify
def test_one_and_two_workers_write_the_same(tmp_path):
    wanted = Scenario(days=5, warm_up=2, replications=3)
    alone = run.run(wanted, out=tmp_path / "alone")
    with Pool.local(2) as pool:
        together = run.run(wanted, out=tmp_path / "together", pool=pool)
    assert alone["digests"] == together["digests"]
    for name, table in store.read_arrow(tmp_path / "alone").items():
        assert table.equals(store.read_arrow(tmp_path / "together")[name])
