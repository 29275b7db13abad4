"""The reference page of the format: its examples run, and it names every key."""

import re
import tomllib
from pathlib import Path

import pytest

from pathways import checks, clocks, edits, entrances, files, routes, states, teams
from pathways.laws import SHAPES

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "pathway-format.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```toml\n(.*?)```", PAGE, flags=re.S)


def test_the_example_of_the_page_passes_its_own_checks():
    assert checks.check(files.parse(BLOCKS[0])) == []


def test_the_edits_of_the_page_work_on_its_example():
    scenario = tomllib.loads(BLOCKS[1])
    removed = files.parse(BLOCKS[0])
    removed.clocks["four_hours"] = {"starts": ["arrival"], "stops": ["home"]}
    edited = edits.apply(removed, scenario)
    assert list(edited.clocks) == ["to_cafe"]
    assert edited.teams["line"]["staff"][0]["practitioner"] == 4
    assert edited.edges["call_back", "home"]["share"] == 0.6


@pytest.mark.parametrize(
    "keys",
    [
        states.ALL_KEYS,
        teams.KEYS,
        clocks.KEYS,
        entrances.ARRIVAL_KEYS,
        entrances.DOOR_KEYS,
        entrances.DEMAND_KEYS,
        entrances.OUTSIDE_KEYS,
        routes.ROUTE_KEYS,
        routes.EVENTS,
        files.TOP,
        tuple(SHAPES),
    ],
)
def test_the_page_names_every_key(keys):
    words = set(re.findall(r"[a-z_0-9]+", PAGE))
    assert [key for key in keys if key not in words] == []
