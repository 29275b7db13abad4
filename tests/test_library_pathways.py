"""The four pathways of the library read, hang together, and say where each of their numbers comes from."""

import csv
from collections.abc import Iterator
from pathlib import Path

import networkx as nx
import pytest

from pathways import checks, files, specs
from pathways.errors import InputError
from pathways.pathway import Pathway

NAMES = ("crisis", "liaison", "talking_therapies", "inpatient")
TABLES = Path(__file__).parents[1] / "abm" / "tables"
NUMBERS = ("minutes", "time", "stay", "travel", "records", "patience", "dna", "sessions", "group", "contacts")
"""Keys of a state that hold numbers for which somebody must answer."""


@pytest.fixture(scope="module")
def pathways() -> dict[str, Pathway]:
    """The library by name; tests that change one copy it first."""
    return {name: files.library(name) for name in NAMES}


def rows(table: str) -> list[dict[str, str]]:
    """Return the rows of one of the planning tables."""
    with (TABLES / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def unsourced(pathway: Pathway) -> Iterator[str]:
    """Yield what holds a number and no source."""
    for kind in ("team", "door"):
        yield from (f"{kind}.{name}" for name, keys in pathway.graph[kind].items() if not keys.get("source"))
    for name, keys in pathway.teams.items():
        yield from (f"team.{name}.target" for target in keys.get("target", ()) if not target.get("source"))
    for name, keys in pathway.states().items():
        if any(key in keys for key in NUMBERS) and not keys.get("source"):
            yield f"state.{name}"
        if "standard" in keys and not (keys["standard"].get("source") and keys["standard"].get("status")):
            yield f"state.{name}.standard"
    for name, keys in pathway.clocks.items():
        if not (keys["standard"].get("source") and keys["standard"].get("status")):
            yield f"clock.{name}"
    for origin, to, keys in pathway.routes():
        if keys["share"] < 1 and not keys.get("source"):
            yield f"route {origin} to {to}"
    if not (pathway.demand["source"] and pathway.demand["confidence"]):
        yield "demand"


def untargeted(pathway: Pathway) -> set[str]:
    """Return the teams that have neither a target, nor a state with a standard, nor a clock."""
    spec = specs.parsed(pathway)
    held = {name for name, team in spec.teams.items() if team.targets}
    held |= {clock.team for clock in spec.clocks.values() if clock.team and clock.standard}
    for state in spec.states.values():
        if state.standard:
            held |= {state.team, *state.needs}
    return set(spec.teams) - held


@pytest.mark.parametrize("name", NAMES)
def test_each_pathway_reads_and_checks_clean(name, pathways):
    assert checks.check(pathways[name]) == []


def test_the_four_pathways_hang_together(pathways):
    warnings = checks.check_together(files.library(name) for name in files.library_names())
    assert [said for said in warnings if said.partition(":")[0] in pathways] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_number_has_a_source_or_a_reasoned_assumption(name, pathways):
    assert list(unsourced(pathways[name])) == []


def test_a_share_whose_source_is_removed_is_found(pathways):
    pathway = pathways["crisis"].copy()
    del pathway.edges["urgent", "urgent_assessment"]["source"]
    assert list(unsourced(pathway)) == ["route urgent to urgent_assessment"]


def test_no_assumption_is_without_its_reason():
    for name in NAMES:
        text = (files.LIBRARY / f"{name}.toml").read_text(encoding="utf-8")
        assert 'source = "assumption"' not in text
        assert 'source = "assumption: "' not in text


@pytest.mark.parametrize("name", NAMES)
def test_every_team_can_be_sized(name, pathways):
    assert untargeted(pathways[name]) == set()


def test_a_team_without_its_target_is_found(pathways):
    pathway = pathways["talking_therapies"].copy()
    del pathway.nodes["cbt"]["standard"], pathway.nodes["cbt_ltc"]["standard"]
    assert untargeted(pathway) == {"cbt"}


@pytest.mark.parametrize("name", NAMES)
def test_one_state_is_reached_by_every_door(name, pathways):
    graph = pathways[name]
    reached = [{door["to"], *nx.descendants(graph, door["to"])} for door in graph.doors.values()]
    assert set.intersection(*reached)


def test_a_misspelt_share_is_refused(pathways):
    pathway = pathways["inpatient"].copy()
    pathway.edges["discharged", "crisis/home_treatment"]["share"] = 0.1
    with pytest.raises(InputError, match="share"):
        checks.check(pathway)


def test_external_demand_is_what_modelled_services_leave(pathways):
    for pathway in pathways.values():
        demand = pathway.demand
        external = demand["published"] * demand["carried_back"] - demand["internal"]
        assert 0 < external < demand["published"]


def test_the_clocks_of_an_emergency_department_are_kept_apart(pathways):
    clocks = specs.parsed(pathways["liaison"]).clocks
    kept = [clocks[name] for name in ("response", "four_hours", "decision_to_admit", "ward_response")]
    assert [clock.standard.within / 3600 for clock in kept] == [1, 4, 12, 24]
    assert len({clock.starts for clock in kept}) == 4
    assert {clock.scope for clock in kept} == {"site"}


def test_the_act_is_assessed_together_or_one_after_the_other(pathways):
    spec = specs.parsed(pathways["crisis"])
    assert spec.states["mha_joint"].needs == {
        "section_12_doctors": {"s12_doctor": 1, "doctor": 1},
        "approved_professionals": {"amhp": 1},
    }
    apart = nx.shortest_path(pathways["crisis"], "mha_first_doctor", "mha_approved_professional")
    assert apart == ["mha_first_doctor", "mha_second_doctor", "mha_approved_professional"]
    assert spec.clocks["medical_recommendations"].standard.within == 5 * 86400


def test_section_136_is_held_to_the_law_of_its_day(pathways):
    clocks = specs.parsed(pathways["crisis"]).clocks
    before, after = (clocks[f"section_136_{part}"].standard for part in ("to_2017", "from_2017"))
    assert (before.within, after.within) == (72 * 3600, 24 * 3600)
    assert (after.from_date - before.to_date).days == 1


@pytest.mark.parametrize("name", NAMES)
def test_doors_name_profiles_and_factors_that_exist(name, pathways):
    profiles = {row["profile"] for row in rows("profiles")}
    factors = {row["name"] for row in rows("demand_factors")}
    for door in pathways[name].doors.values():
        assert door["profile"] in profiles
        assert door["factors"] in factors


def test_every_role_has_its_working_time(pathways):
    known = {row["role"] for row in rows("working_time")} | {"registered", "support"}
    for pathway in pathways.values():
        for team in specs.parsed(pathway).teams.values():
            assert set(team.roles) <= known


@pytest.mark.parametrize("table", ["working_time", "staffing_ratios", "establishment", "baseline_published"])
def test_every_row_of_a_planning_table_says_where_it_comes_from(table):
    assert all(row["source"] and row["confidence"] for row in rows(table))


def test_working_time_leaves_time_to_work():
    for row in rows("working_time"):
        weeks_away = (float(row["leave_days"]) + float(row["study_days"])) / 5
        assert 5 < weeks_away < 12
        assert 0 < float(row["sickness_share"]) < 0.1
        assert 0 < float(row["non_clinical_share"]) < 0.5


def test_planning_tables_name_teams_and_states_that_exist():
    parsed = {name: specs.parsed(files.library(name)) for name in files.library_names()}
    teams = {f"{name}/{team}" for name, spec in parsed.items() for team in spec.teams} | {"inpatient/every ward"}
    library = {path.stem: specs.parsed(files.library(path.stem)) for path in files.LIBRARY.glob("*.toml")}
    every = teams | {f"{name}/{team}" for name, spec in library.items() for team in spec.teams}
    assert {row["team"] for row in rows("staffing_ratios")} <= every
    assert teams <= {row["team"] for row in rows("establishment")} <= every
    known = set(parsed) | {
        f"{name}/{word}" for name, spec in parsed.items() for word in (*spec.states, *spec.clocks, *spec.teams)
    }
    named = {word for row in rows("baseline_published") for part in row["of"].split("÷") for word in part.split(";")}
    assert named <= known


def test_the_area_s_own_numbers_follow_from_the_published_ones():
    share = 1_676_681 / 55_619_430
    carried = {row["quantity"]: row for row in rows("baseline_published")}
    for quantity in ("talking therapies: people entering treatment", "crisis: section 136 detentions"):
        row = carried[quantity]
        assert float(row["lsc_value"]) == pytest.approx(float(row["value"]) * share, abs=1)
