"""Hostile users: whatever is wrong is refused before anything runs, with 2, in words, and nothing is left behind."""

import pytest

from experiments import cli

ACCESS = "[[team]]\nteam = 'crisis/access'\n"
CBT = "[[team]]\nteam = 'talking_therapies/cbt'\n"
OPT_IN = "[[edit]]\npathway = 'talking_therapies'\nkey = 'route.opt_in.screening.share'\n"
LINE = """
name = "line"
[arrivals.calls]
to = "call"
per_hour = 4
[team.line]
staff = { nurse = 2 }
[state.call]
kind = "contact"
team = "line"
roles = { nurse = 1 }
minutes = { exponential = { mean = "20 min" } }
[state.sort]
kind = "decision"
[state.home]
kind = "end"
[[route]]
from = "call"
to = "sort"
share = 1.0
[[route]]
from = "sort"
to = "home"
share = 1.0
"""

# scenario file, words the refusal must hold
SCENARIOS = {
    "a misspelt key": ("nmae = 'x'", ["nmae", "'x'", "did you mean 'name'"]),
    "broken TOML": ("days = ", ["TOML", "Invalid value"]),
    "a pathway file": (LINE, ["arrivals", "one of name"]),
    "an unknown area": ("area = 'lcs'", ["area", "'lcs'", "did you mean 'lsc'"]),
    "an unknown team": ("[[team]]\nteam = 'crisis/acces'\nplaces = 2", ["team.0.team", "did you mean 'crisis/access'"]),
    "an unknown place": (ACCESS + "place = 'Fylde Cost'\nrole = 'mh_practitioner'\nnumber = 1", ["'Fylde Coast'"]),
    "fewer than nobody": (ACCESS + "role = 'mh_practitioner'\nnumber = -1", ["team.0.number", "-1"]),
    "half a clinician": (CBT + "clinicians = { cbt_therapist = 1.5 }", ["cbt_therapist", "1.5", "a whole number"]),
    "an empty roster": (ACCESS + "staff = []", ["team.0.staff", "a row with mh_practitioner too"]),
    "a roster that is none": (ACCESS + "staff = ['x']", ["team.0.staff.0", "'x'", "a table"]),
    "hours that are none": (ACCESS + "staff = [{ hours = 7, mh_practitioner = 1 }]", ["staff.0.hours", "24/7"]),
    "true for a number": ("days = true", ["days", "True", "not true or false"]),
    "true for a factor": ("[demand]\ncrisis = true", ["demand", "not true or false"]),
    "a text for a table": ("demand = 'x'", ["demand", "a table"]),
    "a table for a list": ("[team]\nteam = 'x'", ["team", "a list"]),
    "no pathway": ("pathways = []", ["pathways", "at least one"]),
    "shares that sum to 0.9": ("[pathway.crisis]\n'route.triage.urgent.share' = 0.01", ["triage", "sum", "to 1"]),
    "negative minutes": (
        "[pathway.crisis]\n'state.triage.minutes' = { constant = '-5 min' }",
        ["state.triage.minutes.constant", "'-5 min'", "more than 0"],
    ),
    "an unreachable state": (
        "[pathway.crisis.add]\n'state.attic' = { kind = 'end' }", ["state.attic", "cannot be reached", "pathway crisis"]
    ),
    "a change before the start": (
        OPT_IN + "value = 0.8\nfrom = 2010-01-01", ["edit.0.from", "2010-01-01", "day of the run"]
    ),
    "a team changed after the end": (CBT + "clinicians = { cbt_therapist = 3 }\nfrom = 2031-01-01", ["team.0.from"]),
    "a start nobody can simulate": ("start = 0001-01-02", ["start", "1900-01-01"]),
    "an hour in a date": ("start = 2016-04-01T12:00:00", ["start", "without an hour"]),
    "a seed too large": ("population_seed = 4294967296", ["population_seed", "less than 4294967296"]),
    "a factor that is no number": ("[demand]\ncrisis = nan", ["demand.crisis", "a factor from 0 to 100"]),
}  # fmt: skip

# old text, new text of the pathway file, words the refusal must hold
PATHWAYS = {
    "a misspelt key": ("per_hour", "per_huor", ["arrivals.calls.per_huor", "did you mean 'per_hour'"]),
    "shares that sum to 0.9": ('to = "home"\nshare = 1.0', 'to = "home"\nshare = 0.9', ["sort", "0.9"]),
    "an unreachable state": ("[state.home]", '[state.attic]\nkind = "end"\n[state.home]', ["state.attic"]),
    "a zero-time cycle": (
        'to = "home"\nshare = 1.0',
        'to = "sort"\nshare = 0.5\n[[route]]\nfrom = "sort"\nto = "home"\nshare = 0.5',
        ["sort → sort"],
    ),
    "negative minutes": ('"20 min"', '"-20 min"', ["state.call.minutes", "-20 min", "more than 0"]),
    "broken TOML": ("[state.home]", "[state.home", ["TOML"]),
    "an unknown team": ('team = "line"', 'team = "lime"', ["state.call.", "did you mean 'line'"]),
}  # fmt: skip

# arguments, words the refusal must hold; FILE is a folder that is a file, NONE is not there, BYTES is no text
OPTIONS = [
    (["run", "NONE"], ["NONE", "a scenario file that exists", "baseline"]),
    (["run", "BYTES"], ["BYTES", "a scenario file that can be read"]),
    (["run", "--area", "lcs"], ["area", "'lcs'", "did you mean 'lsc'"]),
    (["run", "--seed", "-1"], ["--seed", "-1", "0 to 4294967295"]),
    (["run", "--seed", "4294967296"], ["--seed", "4294967296"]),
    (["run", "--years", "nan"], ["--years", "nan"]),
    (["run", "--replications", "0"], ["--replications", "1 or more"]),
    (["run", "--start", "9999-12-01"], ["start", "2199-12-31"]),
    (["run", "--out", "FILE"], ["--out", "FILE", "a folder to write to", "is a file"]),
    (["run", "--out", "FILE/deeper"], ["--out", "is a file"]),
    (["size", "--area", "lcs"], ["area", "'lcs'", "did you mean 'lsc'"]),
    (["size", "--year", "16/17"], ["--year", "'16/17'", "2016/17"]),
    (["size", "--year", "0000/01"], ["--year", "'0000/01'"]),
    (["size", "--year", "1066/67"], ["start", "1900-01-01"]),
    (["size", "--assurance", "1"], ["--assurance", "0.99"]),
    (["size", "--confidence", "95"], ["--confidence", "did you mean '0.95'"]),
    (["size", "--budget", "-6 min"], ["--budget", "more than 0"]),
    (["size", "--scenario", "NONE"], ["NONE", "a scenario file that exists"]),
    (["size", "--seed", "-3"], ["--seed", "-3"]),
    (["size", "--out", "FILE"], ["--out", "is a file"]),
    (["population", "--area", "lcs"], ["area", "'lcs'", "did you mean 'lsc'"]),
    (["population", "--out", "FILE"], ["--out", "is a file"]),
    (["population", "--seed", "-1"], ["--seed", "-1"]),
    (["scenario", "check", "NONE"], ["NONE", "a scenario file that exists"]),
    (["pathway", "check", "BYTES"], ["BYTES", "a pathway file that can be read"]),
    (["pathway", "run", "LINE", "--every", "0 h"], ["--every", "'0 h'"]),
    (["pathway", "run", "LINE", "--days", "3", "--every", "7 days"], ["--every", "'7 days'", "the 3 days measured"]),
    (["pathway", "run", "LINE", "--warm-up", "-1"], ["--warm-up", "-1"]),
    (["pathway", "size", "LINE", "--within", "15"], ["within", "'15'", "with a unit"]),
    (["pathway", "size", "LINE", "--within", "15 min", "--share", "90"], ["--share", "did you mean '0.9'"]),
    (["pathway", "export", "LINE", "--out", "x.gml"], ["x.gml", "did you mean '.graphml'"]),
]


@pytest.fixture
def refused(tmp_path, monkeypatch, capsys):
    """Call the command in an empty folder; return its words once it has refused, with 2 and nothing left behind."""
    (tmp_path / "LINE").write_text(LINE, encoding="utf-8")
    (tmp_path / "FILE").write_text("a file\n", encoding="utf-8")
    (tmp_path / "BYTES").write_bytes(b"\xff\xfe\x00")
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> str:
        before = sorted(path.name for path in tmp_path.rglob("*"))
        with pytest.raises(SystemExit) as leaving:
            cli.main(arguments)
        out, err = capsys.readouterr()
        assert (leaving.value.code, out) == (2, "")
        assert "Traceback" not in err
        assert sorted(path.name for path in tmp_path.rglob("*")) == before
        return " ".join(err.split())

    return call


@pytest.mark.parametrize("fault", SCENARIOS)
@pytest.mark.parametrize("command", [["run"], ["scenario", "check"]], ids="-".join)
def test_a_bad_scenario_is_refused(refused, tmp_path, command, fault):
    text, words = SCENARIOS[fault]
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    said = refused(*command, "mine.toml")
    assert [word for word in ["mine.toml", *words] if word not in said] == [], said


@pytest.mark.parametrize("fault", PATHWAYS)
@pytest.mark.parametrize("command", ["run", "check", "size"])
def test_a_bad_pathway_file_is_refused(refused, tmp_path, command, fault):
    old, new, words = PATHWAYS[fault]
    assert old in LINE
    (tmp_path / "mine.toml").write_text(LINE.replace(old, new), encoding="utf-8")
    said = refused("pathway", command, "mine.toml")
    assert [word for word in ["mine.toml", *words] if word not in said] == [], said


@pytest.mark.parametrize(("arguments", "words"), OPTIONS, ids=lambda one: " ".join(one[:4]))
def test_bad_options_are_refused(refused, arguments, words):
    said = refused(*arguments)
    assert [word for word in words if word not in said] == [], said


def test_a_switch_of_a_pathway_may_be_true(tmp_path, monkeypatch, capsys):
    key = "[[edit]]\npathway = 'talking_therapies'\nkey = 'state.cbt.sessions.keep_clinician'\nvalue = true\n"
    (tmp_path / "mine.toml").write_text(key, encoding="utf-8")
    with pytest.raises(SystemExit) as leaving:
        cli.main(["scenario", "check", str(tmp_path / "mine.toml")])
    assert leaving.value.code in (0, None), capsys.readouterr().err
