"""The community services of the library: each checks, says where its numbers come from, and can be sized."""

import pytest
from test_library_pathways import TABLES, rows, unsourced, untargeted

from pathways import checks, files, specs

NAMES = (
    "single_point_of_access", "community_functional", "general_psychiatry", "assertive_outreach", "early_intervention",
    "personality_disorder", "psychological_therapies", "psychotherapy", "day_care", "primary_care_mental_health",
    "employment_support", "learning_disability", "autism", "neurodevelopment", "substance_misuse",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_each_checks_clean_with_a_source_for_every_number_and_a_target_for_every_team(name):
    pathway = files.library(name)
    assert checks.check(pathway) == []
    assert list(unsourced(pathway)) == []
    assert untargeted(pathway) == set()


@pytest.mark.parametrize("name", NAMES)
def test_each_says_what_it_stands_for_its_tier_and_who_pays(name):
    graph = files.library(name).graph
    assert len(graph["services"]) == 1
    assert graph["tier"] in (1, 2, 3, 4)
    assert graph["payer"]


@pytest.mark.parametrize("name", NAMES)
def test_each_has_its_page(name):
    page = TABLES.parents[1] / "docs" / "pathways" / f"{name}.md"
    assert f"pathways/library/{name}.toml" in page.read_text(encoding="utf-8")


def test_they_hang_together_with_those_they_send_people_to():
    warnings = checks.check_together(files.library(name) for name in files.library_names())
    assert [said for said in warnings if said.partition(":")[0] in NAMES] == []


def test_tables_know_their_teams_roles_profiles_factors_and_needs():
    parsed = {name: specs.parsed(files.library(name)) for name in NAMES}
    teams = {f"{name}/{team}" for name, spec in parsed.items() for team in spec.teams}
    assert teams <= {row["team"] for row in rows("establishment")}
    assert set(NAMES) <= {row["pathway"] for row in rows("need")}
    assert set(NAMES) <= {row["profile"] for row in rows("profiles")}
    assert set(NAMES) <= {row["name"] for row in rows("demand_factors")}
    roles = {role for spec in parsed.values() for team in spec.teams.values() for role in team.roles}
    assert roles <= {row["role"] for row in rows("working_time")}


@pytest.mark.parametrize("name", NAMES)
def test_places_hold_the_people_of_england_who_are_there_at_the_start(name):
    for name_of_team, team in specs.parsed(files.library(name)).teams.items():
        states = [s for s in specs.parsed(files.library(name)).states.values() if s.team == name_of_team]
        people = sum(state.at_start_england for state in states)
        assert people <= (team.places or 0) * 55_619_430 / (team.per_population or 1)
