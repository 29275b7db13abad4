"""Pictures and exports: everything is in them, nothing lies on top of anything else."""

import re
import xml.etree.ElementTree as ElementTree

import networkx as nx
import pytest

from pathways import drawing, exporting, files
from pathways.cards import cards
from pathways.errors import InputError

SVG = "{http://www.w3.org/2000/svg}"
NAMES = [*files.library_names(), "three-stations", "crisis-line", "crisis-house"]


@pytest.fixture(params=NAMES)
def pathway(request, examples):
    name = request.param
    return files.library(name) if name in files.library_names() else files.read(examples / f"{name}.toml")


def test_a_picture_shows_every_card_and_no_two_overlap(pathway):
    picture = ElementTree.fromstring(drawing.svg(pathway))
    texts = " ".join(element.text or "" for element in picture.iter(f"{SVG}text"))
    shown = cards(pathway)
    for state, keys in pathway.states().items():
        assert state in shown or keys["kind"] == "end"
        if state in shown:
            assert " ".join(shown[state].names) in texts or all(name in texts for name in shown[state].names)
    width, height = float(picture.get("width")), float(picture.get("height"))
    boxes = [
        tuple(float(rect.get(side)) for side in ("x", "y", "width", "height"))
        for group in picture.iter(f"{SVG}g")
        for rect in group.findall(f"{SVG}rect")[:1]
    ]
    assert len(boxes) == len(shown)
    for i, (x, y, w, h) in enumerate(boxes):
        assert x >= 0
        assert y >= 0
        assert x + w <= width
        assert y + h <= height
        for other_x, other_y, other_w, other_h in boxes[i + 1 :]:
            assert x + w <= other_x or other_x + other_w <= x or y + h <= other_y or other_y + other_h <= y


def test_every_route_between_cards_has_an_arrow(pathway):
    picture = drawing.svg(pathway)
    shown = cards(pathway)
    lines = [line for card in shown.values() for line in card.lines if line.to]
    assert picture.count('fill="none" stroke="#') - len(shown) >= len(lines)
    assert len(lines) + sum(1 for c in shown.values() for line in c.lines if not line.to) >= pathway.number_of_edges()


def test_a_picture_is_the_same_every_time_and_needs_nothing_from_outside(pathway):
    picture = drawing.svg(pathway)
    assert picture == drawing.svg(pathway.copy())
    assert not re.search(r"href|url\(|@import|<script", picture)


def test_flows_are_written_beside_the_shares(examples):
    pathway = files.read(examples / "three-stations.toml")
    assert "(1,234)" in drawing.svg(pathway, {("one", "two"): 1234.0, ("two", "home"): 10.0})
    assert "(1,234)" not in drawing.svg(pathway)


def test_flows_of_a_pair_are_not_counted_twice_where_several_routes_lead_there():
    pathway = files.library("liaison")
    pairs = [(origin, to) for origin, to, _ in pathway.routes()]
    pair = next(pair for pair in pairs if pairs.count(pair) > 1)
    assert drawing.svg(pathway, {pair: 4321.0}).count("(4,321)</text>") == 1
    positions = [i for i, other in enumerate(pairs) if other == pair]
    each = drawing.svg(pathway, {(*pair, i): 5000.0 + i for i in positions})
    assert all(f"({5000 + i:,})</text>" in each for i in positions)


def test_pictures_are_written_in_three_formats_and_others_refused(examples, tmp_path):
    pathway = files.read(examples / "crisis-house.toml")
    for ending, magic in (("svg", b"<svg"), ("png", b"\x89PNG"), ("pdf", b"%PDF")):
        drawing.draw(pathway, tmp_path / f"x.{ending}")
        assert (tmp_path / f"x.{ending}").read_bytes().startswith(magic)
    with pytest.raises(InputError) as refusal:
        drawing.draw(pathway, tmp_path / "x.pgn")
    assert refusal.value.suggestion == ".png"
    assert not (tmp_path / "x.pgn").exists()


def test_graphml_reads_back_with_one_edge_a_route(pathway, tmp_path):
    exporting.export(pathway, tmp_path / "x.graphml")
    graph = nx.read_graphml(tmp_path / "x.graphml", force_multigraph=True)
    assert set(graph) == set(pathway)
    assert graph.number_of_edges() == len(list(pathway.routes()))
    assert {kind for _, kind in graph.nodes(data="kind")} == {kind for _, kind in pathway.nodes(data="kind")}


def test_mermaid_and_dot_name_every_route(pathway, tmp_path):
    n_routes = len(list(pathway.routes()))
    exporting.export(pathway, tmp_path / "x.mmd")
    mermaid = (tmp_path / "x.mmd").read_text()
    assert mermaid.startswith("flowchart")
    assert len(re.findall(r" -(?:-|\.-)> ?\|", mermaid)) == n_routes
    exporting.export(pathway, tmp_path / "x.dot")
    assert (tmp_path / "x.dot").read_text().count(" -> ") == n_routes
    with pytest.raises(InputError):
        exporting.export(pathway, tmp_path / "x.doc")
