"""The graph: every change is noticed, and content is compared, copied and pickled."""

import copy
import pickle

import networkx as nx
import pytest

from pathways import files
from pathways.pathway import Pathway


@pytest.fixture
def pathway(examples) -> Pathway:
    return files.read(examples / "three-stations.toml")


CHANGES = {
    "a share": lambda p: p.edges["one", "two"].update(share=0.4),
    "a law, deep down": lambda p: p.nodes["one"]["minutes"]["exponential"].update(mean="50 min"),
    "a deep item": lambda p: p.nodes["one"]["minutes"]["exponential"].__setitem__("mean", "50 min"),
    "a state's key removed": lambda p: p.nodes["one"].pop("minutes"),
    "a team": lambda p: p.teams["first"]["staff"].__setitem__("clinician", 9),
    "a stream": lambda p: p.arrivals["a"].__delitem__("per_hour"),
    "a route removed": lambda p: p.remove_edge("one", "two"),
    "a state removed": lambda p: p.remove_node("two"),
    "a route added": lambda p: p.add_edge("two", "two", share=0.1),
    "a state added": lambda p: p.add_node("four", kind="end"),
    "a title": lambda p: setattr(p, "title", "another"),
    "a table": lambda p: setattr(p, "clocks", {"x": {"starts": ["one"], "stops": ["home"]}}),
    "a default set": lambda p: p.nodes["one"].setdefault("opens", []),
    "everything cleared": lambda p: p.nodes["one"].clear(),
    "merged in place": lambda p: p.nodes["one"].__ior__({"urgency": "soon"}),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_every_change_raises_the_version(pathway, change):
    before, content = pathway.version, pathway.digest()
    change(pathway)
    assert pathway.version > before
    assert pathway.digest() != content or "setdefault" in change.__code__.co_names


@pytest.mark.parametrize(
    "change",
    [
        lambda x: x.append(1),
        lambda x: x.extend([1]),
        lambda x: x.insert(0, 1),
        lambda x: x.pop(),
        lambda x: x.clear(),
        lambda x: x.remove("one"),
        lambda x: x.reverse(),
        lambda x: x.sort(),
        lambda x: x.__setitem__(0, "two"),
        lambda x: x.__setitem__(slice(0, 1), ["two"]),
        lambda x: x.__delitem__(0),
        lambda x: x.__iadd__([1]),
        lambda x: x.__imul__(2),
    ],
)
def test_every_change_of_a_list_raises_the_version(pathway, change):
    pathway.nodes["one"]["opens"] = ["one"]
    before = pathway.version
    change(pathway.nodes["one"]["opens"])
    assert pathway.version > before


def test_reading_does_not_raise_the_version(pathway):
    before = pathway.version
    list(pathway.routes()), pathway.content(), pathway.digest(), pathway.nodes["one"]["minutes"].get("gamma")
    nx.descendants(pathway, "one")
    assert pathway.version == before


def test_copies_are_equal_and_apart(pathway):
    for twin in (copy.deepcopy(pathway), pickle.loads(pickle.dumps(pathway)), pathway.copy()):
        assert twin == pathway
        assert twin.digest() == pathway.digest()
        assert twin.file == pathway.file
        before = pathway.version
        twin.edges["one", "two"]["share"] = 0.25
        assert twin != pathway
        assert pathway.version == before
        assert twin.pred["two"]["one"]["share"] == 0.25


def test_the_digest_does_not_depend_on_how_numbers_are_written(pathway):
    twin = pathway.copy()
    twin.arrivals["a"]["per_hour"] = 5.0
    assert twin.digest() == pathway.digest()


def test_further_routes_of_a_pair_stand_beside_the_first_in_file_order():
    pathway = Pathway(name="x")
    pathway.add_state("a", kind="wait", minutes={"constant": "1 h"})
    pathway.add_state("b", kind="end")
    pathway.add_state("c", kind="end")
    pathway.add_route("a", "b", share=1, **{"if": "age < 18"})
    pathway.add_route("a", "c", share=1, **{"if": "age < 65"})
    pathway.add_route("a", "b", share=1)
    assert pathway.edges["a", "b"]["also"][0]["share"] == 1
    assert [(to, keys.get("if")) for _, to, keys in pathway.routes()] == [
        ("b", "age < 18"),
        ("c", "age < 65"),
        ("b", None),
    ]
    pathway.remove_route("a", "b", pathway.edges["a", "b"])
    assert [(to, keys.get("if")) for _, to, keys in pathway.routes()] == [("c", "age < 65"), ("b", None)]
    before = pathway.version
    pathway.edges["a", "b"]["share"] = 0.5
    assert pathway.version > before


def test_networkx_works_on_a_pathway(pathway):
    assert nx.has_path(pathway, "three", "two")
    assert pathway.reverse().has_edge("home", "one")
    assert set(pathway.subgraph(["one", "two"])) == {"one", "two"}
