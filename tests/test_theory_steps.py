"""The step is only the calendar's bucket: any width gives the same run, second by second."""

import pytest
from statistics_checks import THEORY, variant, with_step

from experiments import standalone

ALL = sorted(path.stem for path in THEORY.glob("*.toml"))
QUICK = ("jackson", "joint", "office-hours")


def _document(path, days=40):
    return standalone.run(path, days=days, warm_up=5, replications=2, seed=3)


@pytest.mark.parametrize("name", QUICK)
def test_step_length_does_not_change_the_digest(name, tmp_path):
    runs = [_document(with_step(name, minutes, tmp_path)) for minutes in (1, 5, 15, 60)]
    assert len({run["digest"] for run in runs}) == 1
    assert all(run["states"] == runs[0]["states"] for run in runs)


@pytest.mark.verify
@pytest.mark.parametrize("name", ALL)
def test_step_length_does_not_change_any_theory_file(name, tmp_path):
    runs = [_document(with_step(name, minutes, tmp_path), 120) for minutes in (1, 5, 15, 60)]
    assert len({run["digest"] for run in runs}) == 1
    assert all(run["states"] == runs[0]["states"] and run["clocks"] == runs[0]["clocks"] for run in runs)


def test_another_seed_and_another_staffing_do_change_the_digest(tmp_path):
    digest = _document(THEORY / "one-list.toml")["digest"]
    assert digest == _document(THEORY / "one-list.toml")["digest"]
    other = standalone.run(THEORY / "one-list.toml", days=40, warm_up=5, replications=2, seed=4)["digest"]
    staffed = _document(variant("one-list", tmp_path, {"clinician = 6": "clinician = 7"}))["digest"]
    assert len({digest, other, staffed}) == 3
