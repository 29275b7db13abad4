"""The command: help, refusals, documents, and a doctor who can find something wrong."""

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from experiments import cli, console, doctor, run

CRISIS_LINE = Path(__file__).parent / "examples" / "crisis-line.toml"


@pytest.fixture
def parity(capsys):
    """Call the command in this process; returns (exit code, standard output, standard error)."""

    def call(*arguments):
        with pytest.raises(SystemExit) as leaving:
            cli.main([str(a) for a in arguments])
        out, err = capsys.readouterr()
        return leaving.value.code or 0, out, err

    return call


@pytest.mark.parametrize("command", ["run", "size", "recheck", "population", "doctor", "pathway run", "scenario check"])
def test_every_command_explains_itself(parity, command):
    code, out, _ = parity(*command.split(), "--help")
    assert code == 0
    assert "Usage: parity" in out


def test_help_loads_none_of_the_heavy_libraries():
    code = (
        "import sys\nfrom experiments import cli\n"
        "try:\n    cli.main(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'numpy', 'numba', 'mesa', 'networkx', 'pandas', 'dask', 'distributed', 'altair'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    outcome = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert outcome.returncode == 0, outcome.stderr


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["siez"], "size"),
        (["pathway", "rnu"], "run"),
        (["size", "--yaer", "2016/17"], "--year"),
        (["size", "--scheduler", "locla"], "local"),
    ],
)
def test_a_misspelt_word_gets_the_nearest_right_one(parity, arguments, word):
    code, out, err = parity(*arguments)
    assert (code, out) == (2, "")
    assert word in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["size", "--year", "2016"], ["--year", "'2016'", "2016/17"]),
        (["size", "--year", "2016/18"], ["--year", "'2016/18'"]),
        (["size", "--budget", "6"], ["--budget", "'6'", "with a unit"]),
        (["recheck", "no-such-folder"], ["no-such-folder"]),
        (["recheck", ".", "--years", "0"], ["--years", "got 0", "1 to 2000"]),
        (["size", "--assurance", "80"], ["--assurance", "80", "0.8"]),
        (["run", "--start", "1st of April"], ["--start", "1st of April", "2016-04-01"]),
        (["run", "--replications", "0"], ["--replications", "got 0", "1 or more"]),
        (["run", "--scheduler", "local:0"], ["local:0", "at least 1 worker"]),
        (["pathway", "check", "no-such-file.toml"], ["no-such-file.toml"]),
        (["pathway", "draw", CRISIS_LINE, "--out", "picture.gif"], ["picture.gif", "'.gif'", ".svg"]),
        (
            ["pathway", "draw", CRISIS_LINE, "--out", "no-such-folder/picture.svg"],
            ["no-such-folder/picture.svg"],
        ),
    ],
)
def test_input_that_cannot_be_is_refused_with_2_and_says_why(parity, arguments, words):
    code, out, err = parity(*arguments)
    assert (code, out) == (2, "")
    flat = " ".join(err.split())
    for word in words:
        assert word in flat


def test_an_error_of_ours_is_not_dressed_up_as_bad_input(monkeypatch):
    def fail(**_):
        raise ValueError("a mistake in the code")

    monkeypatch.setattr(cli, "app", fail)
    with pytest.raises(ValueError, match="a mistake in the code"):
        cli.main([])


def test_failed_replications_are_named_and_the_command_leaves_with_1(parity, tmp_path, monkeypatch):
    simulate = run.simulate

    def fails_once(one, progress=None, threads=None):
        if one.replication == 1:
            raise RuntimeError("no route held")
        return simulate(one, progress)

    monkeypatch.setattr(run, "simulate", fails_once)
    (tmp_path / "short.toml").write_text("days = 2\nwarm_up = 0\n", encoding="utf-8")
    short = ["run", tmp_path / "short.toml", "--out", tmp_path, "--scheduler", "inline", "--prove"]
    code, out, err = parity(*short, "--replications", 2, "--json")
    assert code == 1
    assert "replications that failed: 1" in err
    document = json.loads(out)
    assert [row["replication"] for row in document["failed"]] == [1]
    assert document["proved"]["replications"] == 1
    monkeypatch.setattr(
        run, "simulate", lambda one, progress=None, threads=None: fails_once(dataclasses.replace(one, replication=1))
    )
    code, out, err = parity(*short, "--seed", 2)
    assert (code, out) == (1, "")
    assert "no replication was finished" in err
    assert "Traceback" not in err


def test_ctrl_c_leaves_with_130_and_a_word(parity, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(doctor, "examine", interrupted)
    code, out, err = parity("doctor")
    assert (code, out) == (130, "")
    assert "stopped" in err
    assert "Traceback" not in err


def test_a_document_is_one_json_value_even_with_numpy_and_not_a_number(capsys):
    console.emit_json(
        {
            "n": np.int64(3),
            "x": np.float32(0.5),
            "a": np.arange(3),
            "none": float("nan"),
            "at": Path("a") / "b",
            1: (True, None, "é"),
        }
    )
    out, err = capsys.readouterr()
    assert err == ""
    assert json.loads(out) == {
        "n": 3, "x": 0.5, "a": [0, 1, 2], "none": None, "at": "a/b", "1": [True, None, "é"],
    }  # fmt: skip


def test_what_json_cannot_say_is_an_error():
    with pytest.raises(TypeError, match="JSON cannot say"):
        console.plain({"x": object()})


def test_the_bar_stays_off_standard_output(capsys):
    with console.progress_bar("Running") as progress:
        progress(1, 2)
        progress(2, 2, "Writing")
    assert capsys.readouterr().out == ""


def test_the_doctor_knows_our_five_names(root):
    for name in doctor.OUR_NAMES:
        assert doctor.whose(name) == {"ours": True, "place": str(root / name), "remedy": None}


def test_the_doctor_finds_a_foreign_package_and_says_what_to_do(tmp_path, root):
    (tmp_path / "cluster").mkdir()
    (tmp_path / "cluster" / "__init__.py").touch()
    paths = [str(tmp_path), str(root)]
    code = f"import sys; sys.path[:0] = {paths!r}; from experiments import cli; cli.main(['doctor'])"
    outcome = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert outcome.returncode == 1, outcome.stderr
    flat = " ".join(outcome.stdout.split())
    assert "the import name 'cluster' leads to" in flat
    assert "which hides ours" in flat
    assert "remove or rename" in flat


def test_the_doctors_theory_is_erlang_c_at_each_station():
    routing = np.array([[0, 0.5, 0.3], [0.1, 0, 0.4], [0.1, 0, 0]])
    load = np.linalg.solve(np.eye(3) - routing.T, [5, 2, 1])  # erlangs: a contact lasts an hour
    for (name, stated), a, clinicians in zip(doctor.THEORY_MINUTES.items(), load, (8, 6, 6), strict=True):
        blocked = 1.0
        for n in range(1, clinicians + 1):
            blocked = a * blocked / (n + a * blocked)
        waits = blocked / (1 - a / clinicians * (1 - blocked))
        assert stated == pytest.approx(60 * waits / (clinicians - a), abs=5e-4), name


def test_the_doctor_would_notice_waits_that_are_wrong():
    assert doctor.compared(10.438, 10.9, 0.2)["errors_away"] < doctor.STANDARD_ERRORS
    assert doctor.compared(10.438, 12.0, 0.2)["errors_away"] > doctor.STANDARD_ERRORS
    assert doctor.compared(10.438, 10.438, 0.0)["errors_away"] == float("inf")


def test_the_doctor_is_content_with_this_installation_and_says_so_in_json(parity):
    code, out, _ = parity("doctor", "--json")
    document = json.loads(out)
    assert document["problems"] == []
    assert code == 0
    assert document["self_check"]["agrees"]
    assert set(document["self_check"]["stations"]) == {"one", "two", "three"}


def test_an_answer_for_programs_is_one_document_and_nothing_else(parity):
    code, out, _ = parity("pathway", "run", CRISIS_LINE, "--days", 20, "--replications", 4, "--json")
    assert code == 0
    document = json.loads(out)
    assert document["replications"] == 4
    assert document["states"]["call"]["left_waiting"] == pytest.approx(0.311, abs=0.05)


def test_an_answer_for_people_is_tables(parity):
    code, out, _ = parity("pathway", "run", CRISIS_LINE, "--days", 20, "--replications", 4)
    assert code == 0
    for word in ("call", "left waiting", "call_handler"):
        assert word in out


@pytest.mark.parametrize(
    ("command", "name"), [("draw", "line.svg"), ("export", "line.mmd"), ("export", "line.graphml")]
)
def test_a_picture_or_an_export_is_written_where_it_is_asked_for(parity, tmp_path, command, name):
    code, out, _ = parity("pathway", command, CRISIS_LINE, "--out", tmp_path / name, "--json")
    assert code == 0
    assert json.loads(out)["written"] == str(tmp_path / name)
    assert "advised" in (tmp_path / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["three-stations", "crisis-line", "crisis-house"])
def test_the_examples_are_right(parity, examples, name):
    code, out, _ = parity("pathway", "check", examples / f"{name}.toml")
    assert code == 0
    assert "right" in out
