"""Checking a finished sizing: a right plan stands, a plan one too big or one too small is found out."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from scipy import stats

from experiments import cli
from experiments.console import plain
from experiments.intervals import binomial_bounds
from experiments.planning import recheck, sizing
from pathways.errors import InputError

THREE_STATIONS = Path(__file__).parent / "examples" / "three-stations.toml"
IN_TIME = {"within": "20 min", "share": 0.9}


@pytest.fixture(scope="module")
def sized():
    """Three stations in a row, sized: 9, 8 and 8 clinicians."""
    standards = dict.fromkeys(("one", "two", "three"), IN_TIME)
    return plain(sizing.size_standalone(THREE_STATIONS, days=120, warm_up=20, standards=standards))


@pytest.fixture
def folder(sized, tmp_path):
    """Write the sizing, its plan changed if asked for, and return its folder."""

    def write(change=lambda document: None):
        document = json.loads(json.dumps(sized))
        change(document)
        (tmp_path / "sizing.json").write_text(json.dumps(document), encoding="utf-8")
        return tmp_path

    return write


def add(lever, by):
    """Return the change of a document in which one number is another, and everything is called needed."""

    def change(document):
        document["plan"][lever]["plan"] += by

    return change


def test_a_right_plan_holds_and_none_of_it_could_go(folder):
    found = recheck.recheck(folder(), years=20)
    assert [row["verdict"] for row in found["targets"]] == ["holds"] * 3
    assert [row["verdict"] for row in found["one_fewer"]] == ["needed"] * 3
    assert [row["years"] for row in found["one_fewer"]] == [10] * 3  # decided at the first look
    assert found["stands"] is True
    assert found["runs"] == 20 + 3 * 10


def test_a_number_one_too_big_could_go(folder):
    found = recheck.recheck(folder(add(1, +1)), years=20)
    assert [row["verdict"] for row in found["one_fewer"]] == ["needed", "could go", "needed"]
    assert found["one_fewer"][1]["tried"] == 8
    assert found["stands"] is False
    assert "1 could go" in found["summary"][1]


def test_a_number_one_too_small_is_below(folder):
    found = recheck.recheck(folder(add(0, -1)), years=20, one_fewer=False)
    assert found["targets"][0]["verdict"] == "below"
    assert found["one_fewer"] == []
    assert found["stands"] is False


def test_what_the_sizing_left_undecided_is_shown_apart(folder, capsys):
    def change(document):
        document["plan"][2]["one_fewer"] = "undecided"
        document["plan"][1]["one_fewer"] = "minimum safe number"

    place = folder(change)
    with pytest.raises(SystemExit) as leaving:
        cli.main(["recheck", str(place), "--years", "10"])
    assert leaving.value.code in (0, None)
    shown = capsys.readouterr().out
    assert "where the sizing said: needed" in shown
    assert "where the sizing said: undecided" in shown
    assert "minimum safe number" not in shown  # no fewer is allowed
    found = recheck.recheck(place, years=10, undecided=False)
    assert [row["sizing_verdict"] for row in found["one_fewer"]] == ["needed"]


def test_the_fresh_years_are_others_and_the_same_again_next_time(folder, sized):
    place = folder()
    first = recheck.recheck(place, years=3, one_fewer=False)
    assert first["seed"] != first["sizing_seed"] == sized["seed"]
    again = recheck.recheck(place / "sizing.json", years=3, one_fewer=False)
    assert first["targets"] == again["targets"]
    with pytest.raises(InputError, match="another than the sizing's"):
        recheck.recheck(place, years=3, seed=sized["seed"])


def test_one_unit_can_be_asked_about_alone(folder):
    found = recheck.recheck(folder(), years=10, units=["three-stations/second"])
    assert [row["unit"] for row in found["targets"]] == ["three-stations/second @ area"]
    assert [row["unit"] for row in found["one_fewer"]] == ["three-stations/second @ area"]
    with pytest.raises(InputError, match="three-stations/second"):
        recheck.recheck(folder(), years=10, units=["three-stations/secnod"])


def test_what_is_written_is_what_is_returned(folder):
    place = folder()
    found = recheck.recheck(place, years=10)
    assert json.loads((place / "recheck.json").read_text(encoding="utf-8")) == plain(found)
    table = pq.read_table(place / "recheck.parquet").to_pylist()
    assert [row["question"] for row in table] == ["plan"] * 3 + ["one fewer"] * 3
    assert [row["years_met"] for row in table[3:]] == [row["years_met"] for row in found["one_fewer"]]


def test_what_was_found_is_kept_when_somebody_stops_it(folder):
    place = folder()

    def stop(done, total=None, doing=None):
        if done > 10 + 5:  # ten years of the plan, and half of the first with one fewer
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        recheck.recheck(place, years=10, progress=stop)
    kept = json.loads((place / "recheck.json").read_text(encoding="utf-8"))
    assert kept["finished"] is False
    assert [row["years"] for row in kept["targets"]] == [10] * 3


def test_what_is_no_sizing_is_refused(folder, tmp_path):
    with pytest.raises(InputError, match="parity size"):
        recheck.recheck(tmp_path)
    with pytest.raises(InputError, match="size it again"):
        recheck.recheck(folder(lambda document: document.pop("subject")))
    with pytest.raises(InputError, match="size again"):
        recheck.recheck(folder(lambda document: document["plan"].reverse()))


def test_a_plan_made_by_another_model_is_said_to_be():
    assert "have changed" in json.dumps(recheck.summary_of(_nothing(same_model=False)))
    assert "have changed" not in json.dumps(recheck.summary_of(_nothing(same_model=True)))


def _nothing(same_model):
    return {"targets": [], "one_fewer": [], "assurance": 0.8, "confidence": 0.95, "years": 60,
            "same_model": same_model}  # fmt: skip


@pytest.mark.parametrize(("met", "n"), [(0, 12), (7, 12), (12, 12)])
def test_the_bounds_of_a_share_leave_out_what_is_too_unlikely(met, n):
    low, high = binomial_bounds(met, n, 0.9)
    assert low <= met / n <= high
    if met:
        assert stats.binom.sf(met - 1, n, low) == pytest.approx(0.05)
    if met < n:
        assert stats.binom.cdf(met, n, high) == pytest.approx(0.05)


def strictly(place):
    """Recheck for sixty years what the sizing decided, so strictly that all answers together err in 1 % of cases.

    Returns (what is refuted, what falls short with one fewer).
    """
    _, sizing_document = recheck.read_sizing(place)
    passes = [t for unit in sizing_document["units"] for t in unit["targets"] if t["verdict"] == "passes"]
    needed = [row for row in sizing_document["plan"] if row["one_fewer"] == "needed"]
    assert passes
    assert needed
    confidence = 1 - 0.01 / (len(passes) + len(needed))
    found = recheck.recheck(place, years=60, confidence=confidence, undecided=False)
    below = [r["target"] for r in found["targets"] if r["sizing_verdict"] == "passes" and r["verdict"] == "below"]
    could_go = [row["lever"] for row in found["one_fewer"] if row["verdict"] == "could go"]
    return below + could_go, [row["lever"] for row in found["one_fewer"] if row["verdict"] == "needed"]


@pytest.mark.verify
def test_sixty_fresh_years_agree_with_the_sizing_of_three_stations(folder):
    refuted, short = strictly(folder())
    assert refuted == []
    assert len(short) == 3


@pytest.mark.verify
def test_sixty_fresh_years_would_refute_three_stations_one_too_big_or_too_small(folder):
    """Negative control: the other two checks can fail."""
    refuted, short = strictly(folder(add(1, +1)))
    assert refuted == ["three-stations/second @ area: clinician 24/7"]
    assert len(short) == 2
    refuted, _ = strictly(folder(add(0, -1)))
    assert refuted == ["three-stations/one"]


@pytest.mark.verify
def test_sixty_fresh_years_agree_with_the_sizing_of_the_hospitals_liaison_teams(tmp_path):
    """One pathway of the area, with little time: what is decided must be right."""
    scenario = tmp_path / "liaison.toml"
    scenario.write_text('name = "liaison-alone"\npathways = ["liaison"]\n', encoding="utf-8")
    sizing.size(scenario=scenario, budget_seconds=75.0, out=tmp_path)
    refuted, short = strictly(tmp_path)
    assert refuted == []
    assert short
