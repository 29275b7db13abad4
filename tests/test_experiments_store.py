"""Results on disk: whole or not there, found again, and able to say what they are."""

import json

import pyarrow as pa
import pytest

from experiments import store
from experiments.outcome import Outcome
from pathways.errors import InputError

CASE = "c0ffee" * 10
ABOUT = {"scenario": "{}", "digests": {"kernels": "k"}, "versions": {"numpy": "2"}}


def an_outcome(replication: int = 0, identity: str = "same", **tables) -> Outcome:
    tables = tables or {"waits": pa.table({"state": ["triage"], "arrivals": [10 + replication]})}
    return Outcome(identity, replication, "0123456789abcdef", tables, {"days": 7})


def test_what_is_written_is_read_again_with_its_replication(tmp_path):
    store.write_about(tmp_path, CASE, ABOUT)
    for replication in (10, 2, 0):
        store.write(an_outcome(replication), tmp_path, CASE, ABOUT)
    waits = store.read(tmp_path)["waits"]
    assert waits["replication"].tolist() == [0, 2, 10]
    assert waits["arrivals"].tolist() == [10, 12, 20]
    assert [one["replication"] for one in store.facts(tmp_path)] == [0, 2, 10]


def test_a_file_says_what_it_is(tmp_path):
    place = store.write(an_outcome(3), tmp_path, CASE, ABOUT)
    said = store.metadata(place / "waits.parquet")
    assert said["digests"] == {"kernels": "k"}
    assert (said["identity"], said["replication"], said["digest"]) == ("same", 3, "0123456789abcdef")


def test_finished_means_the_same_identity_and_every_table_asked_for(tmp_path):
    assert not store.finished(tmp_path, CASE, 0, "same")
    store.write(an_outcome(), tmp_path, CASE, ABOUT)
    assert store.finished(tmp_path, CASE, 0, "same")
    assert not store.finished(tmp_path, CASE, 0, "another")
    assert not store.finished(tmp_path, CASE, 1, "same")
    assert not store.finished(tmp_path, CASE, 0, "same", table="events")


def test_a_failure_leaves_nothing_half_written(tmp_path):
    with pytest.raises(AttributeError):
        store.write(an_outcome(waits=pa.table({"a": [1]}), clocks=None), tmp_path, CASE, ABOUT)
    assert not any(store.folder(tmp_path, CASE).iterdir())


def test_a_failure_leaves_what_was_there(tmp_path):
    store.write(an_outcome(), tmp_path, CASE, ABOUT)
    with pytest.raises(AttributeError):
        store.write(an_outcome(identity="new", clocks=None), tmp_path, CASE, ABOUT)
    assert store.finished(tmp_path, CASE, 0, "same")


def test_other_results_of_a_replication_are_replaced_whole(tmp_path):
    store.write(an_outcome(flows=pa.table({"count": [1]})), tmp_path, CASE, ABOUT)
    place = store.write(an_outcome(identity="new"), tmp_path, CASE, ABOUT)
    assert sorted(file.name for file in place.iterdir()) == ["replication.json", "waits.parquet"]
    assert store.finished(tmp_path, CASE, 0, "new")
    assert [path.name for path in store.folder(tmp_path, CASE).iterdir()] == ["replication=0"]


def test_half_a_folder_does_not_count(tmp_path):
    place = store.write(an_outcome(), tmp_path, CASE, ABOUT)
    (place / "replication.json").write_text("{", encoding="utf-8")
    assert not store.finished(tmp_path, CASE, 0, "same")
    (place / "replication.json").unlink()
    store.write_about(tmp_path, CASE, ABOUT)
    assert store.read(tmp_path) == {}


def test_an_unknown_table_is_refused_with_the_nearest_one(tmp_path):
    store.write_about(tmp_path, CASE, ABOUT)
    store.write(an_outcome(), tmp_path, CASE, ABOUT)
    with pytest.raises(InputError, match="did you mean 'waits'"):
        store.read(tmp_path, ["wiats"])


def test_of_several_cases_one_must_be_named(tmp_path):
    with pytest.raises(InputError, match="parity run"):
        store.read(tmp_path)
    for case in (CASE, "beef" * 16):
        place = store.write_about(tmp_path, case, ABOUT)
        store.write(an_outcome(), tmp_path, case, ABOUT)
    with pytest.raises(InputError, match="one run"):
        store.read(tmp_path)
    assert len(store.cases(tmp_path)) == 2
    assert len(store.read(place)["waits"]) == 1


def test_about_is_plain_json(tmp_path):
    place = store.write_about(tmp_path, CASE, ABOUT)
    assert json.loads((place / "run.json").read_text(encoding="utf-8")) == ABOUT == store.about(tmp_path)
