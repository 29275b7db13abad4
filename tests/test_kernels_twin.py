"""The engine and its slow twin tell exactly the same story, second by second, on files made to be awkward."""

from pathlib import Path

import pytest
from random_pathways import random_pathway
from reference import Twin
from statistics_checks import THEORY, variant

from experiments import standalone
from kernels import columns

KINDS = {
    columns.L_JOINED: "joined",
    columns.L_BEGAN: "began",
    columns.L_ENDED: "ended",
    columns.L_MISSED: "missed",
}
DAY = 86_400
# Courses and opening caseloads are compared with theory and counted by hand elsewhere; the twin has neither.
FILES = sorted({path.stem for path in THEORY.glob("*.toml")} - {"courses", "opening-caseload", "pairs"})


def engine_log(file, days, seed=1):
    """The engine's log in the twin's words."""
    events, names = standalone.run_events(file, days=days, seed=seed)
    states = [name.partition("/")[2] for name in names]
    return sorted(
        (
            int(e["time"]),
            int(e["id0"]),
            int(e["id1"]),
            int(e["visit"]),
            states[e["state"]],
            KINDS[int(e["kind"])],
        )
        for e in events
    )


def first_difference(file, days, seed=1):
    """None if both tell the same story, else where they part."""
    engine, twin = engine_log(file, days, seed), sorted(Twin(Path(file), seed, 0).run(days * DAY))
    if engine == twin:
        return None
    only_engine, only_twin = sorted(set(engine) - set(twin))[:3], sorted(set(twin) - set(engine))[:3]
    return f"{file}: only the engine says {only_engine}, only the twin {only_twin}"


@pytest.mark.parametrize("name", ["jackson", "joint", "office-hours", "impatience", "held-back"])
def test_engine_equals_its_slow_twin_on_known_services(name):
    assert first_difference(THEORY / f"{name}.toml", 7) is None


def test_engine_equals_its_slow_twin_on_random_pathways(tmp_path):
    differences = [_random_difference(seed, tmp_path) for seed in range(25)]
    assert [d for d in differences if d] == []


@pytest.mark.verify
@pytest.mark.parametrize("name", FILES)
def test_engine_equals_its_slow_twin_on_every_theory_file(name):
    assert first_difference(THEORY / f"{name}.toml", 60, seed=7) is None


@pytest.mark.verify
def test_engine_equals_its_slow_twin_on_many_random_pathways(tmp_path):
    differences = [_random_difference(seed, tmp_path) for seed in range(25, 400)]
    assert [d for d in differences if d] == []


def _random_difference(seed, folder):
    file = folder / f"random-{seed}.toml"
    file.write_text(random_pathway(seed))
    return first_difference(file, 5, seed)


def test_a_twin_of_another_service_or_seed_would_be_told_apart(tmp_path):
    file = THEORY / "joint.toml"
    engine = engine_log(file, 7)
    assert engine
    assert sorted(Twin(file, 2, 0).run(7 * DAY)) != engine
    fewer = variant("joint", tmp_path, {"clinician = 6": "clinician = 5"})
    assert sorted(Twin(fewer, 1, 0).run(7 * DAY)) != engine
