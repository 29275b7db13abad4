"""Pathways beside the first four: sourced, sizeable, and presets that can be run."""

from pathlib import Path

import pytest
from test_library_pathways import unsourced, untargeted

from experiments import scenario
from pathways import checks, files

NAMES = (
    "crisis_alternatives", "urgent_calls", "liaison_discharge", "step_down", "rehabilitation", "detention", "dementia",
    "shared_care", "integrated_teams", "resilience_hub",
)  # fmt: skip
PRESETS = (
    "crisis-cafe", "crisis-house", "decision-unit", "crisis-line", "street-triage", "urgent-calls", "option-111",
    "liaison-core", "core24-everywhere", "core24-blackpool", "enhanced24-everywhere", "comprehensive-everywhere",
    "acute-wards", "liaison-led-discharge", "delays-by-cause", "step-down-beds", "wards-in-full", "older-people",
    "joint-visits", "shared-care", "separate-teams", "pooled-teams", "iapt-ltc-expansion", "iapt-ltc-skill-mix",
    "therapies-relapse", "winter-surge", "major-incident", "integrated-crisis-pathway", "liaison-half-more",
    "perinatal-services", "perinatal-inpatient-unit", "whole-system", "whole-system-with-lives",
)  # fmt: skip


SCENARIOS = Path(scenario.__file__).parent / "scenarios"


@pytest.mark.parametrize("name", NAMES)
def test_each_is_right_says_where_its_numbers_come_from_and_can_be_sized(name):
    pathway = files.library(name)
    assert checks.check(pathway) == []
    assert list(unsourced(pathway)) == []
    assert untargeted(pathway) == set()
    assert 'source = "assumption"' not in (files.LIBRARY / f"{name}.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PRESETS)
def test_each_preset_is_right(name):
    read = scenario.read(SCENARIOS / f"{name}.toml")
    assert read.name == name
    assert read.title


@pytest.mark.parametrize(
    ("instead", "diverted", "delayed"),
    [
        ("cafe_stay_instead", {"home", "gp"}, {"not_diverted", "crisis_team"}),
        ("house_stay_instead", {"home", "home_treatment"}, {"bed_after_all"}),
        ("unit_instead_of_bed", {"home_treatment", "community_team", "gp"}, {"bed_after_all"}),
        ("line_instead", {"advised"}, {"not_diverted", "crisis_team"}),
        ("street_triage_instead", {"gp", "home"}, {"detained_after_all"}),
    ],
)
def test_whoever_comes_instead_is_diverted_or_delayed_and_neither_share_is_nothing(instead, diverted, delayed):
    shares = plain_shares("crisis_alternatives", instead)
    assert sum(shares[to] for to in diverted) > 0
    assert sum(shares[to] for to in delayed) > 0


@pytest.mark.parametrize(
    ("addition", "added"),
    [
        ("cafe_stay_in_addition", "sent_to_accident_and_emergency"),
        ("house_stay_in_addition", "bed_in_addition"),
        ("unit_instead_of_home", "bed_in_addition"),
        ("line_call", "sent_to_accident_and_emergency"),
        ("street_triage_in_addition", "detained_after_all"),
    ],
)
def test_whoever_comes_in_addition_adds_demand_elsewhere(addition, added):
    assert plain_shares("crisis_alternatives", addition)[added] > 0


def plain_shares(name: str, state: str) -> dict[str, float]:
    """Return {to: share} of a state's plain routes."""
    routes = files.library(name).routes()
    return {to: keys["share"] for a, to, keys in routes if a == state and "when" not in keys and "if" not in keys}
