"""Where states stand in a drawing: layers from left to right, few crossings, straight lines.

The steps of Sugiyama, Tagawa & Toda 1981: loops are cut, layers are longest paths, arrows that pass a layer
get a way point there, layers are ordered by the mean place of their neighbours, and moved so that lines run
straight.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import networkx as nx

Arrow = tuple[str, str, Hashable]
"""(from, to, something that tells arrows of one pair apart)."""

SWEEPS = 24


@dataclass
class Layout:
    """Layer of each state, height of its centre, and the heights at which each arrow passes the layers
    between.
    """

    layer: dict[str, int]
    y: dict[str, float]
    way: dict[Arrow, list[tuple[int, float]]]
    """(layer, y) of the way points, from the arrow's start to its head."""


def layered(arrows: Sequence[Arrow], heights: Mapping[str, float], gap: float, first: Sequence[str]) -> Layout:
    """Place the states in `heights` (their heights, in the unit of the result); `first` begin on the left."""
    layer = _layers(arrows, heights, first)
    rows: list[list[Hashable]] = [[] for _ in range(max(layer.values(), default=0) + 1)]
    for state in heights:
        rows[layer[state]].append(state)
    size: dict[Hashable, float] = dict(heights.items())
    links: list[tuple[Hashable, Hashable]] = []
    chains: dict[Arrow, list[tuple[int, Hashable]]] = {}
    for arrow in arrows:
        start, head, _ = arrow
        low, high = sorted((layer[start], layer[head]))
        chain: list[tuple[int, Hashable]] = [(level, ("way", arrow, level)) for level in range(low + 1, high)]
        for level, point in chain:
            rows[level].append(point)
            size[point] = 6.0
        forward = layer[start] <= layer[head]
        left, right = (start, head) if forward else (head, start)
        stops: list[Hashable] = [left, *(point for _, point in chain), right]
        if low != high:
            links += itertools.pairwise(stops)
        chains[arrow] = chain if forward else chain[::-1]
    before, after = defaultdict(list), defaultdict(list)
    for left_end, right_end in links:
        after[left_end].append(right_end)
        before[right_end].append(left_end)
    rows = _ordered(rows, before, after)
    y = _heights(rows, before, after, size, gap)
    way = {arrow: [(level, y[point]) for level, point in chain] for arrow, chain in chains.items()}
    return Layout(layer, {state: y[state] for state in heights}, way)


def _layers(arrows: Sequence[Arrow], states: Mapping[str, float], first: Sequence[str]) -> dict[str, int]:
    graph = nx.DiGraph()
    graph.add_nodes_from(states)
    graph.add_edges_from((start, head) for start, head, _ in arrows if start != head)
    kept = graph.copy()
    # An arrow that leads back to a state on the way from the beginning closes a loop and makes no layers.
    on_way: set[str] = set()
    done: set[str] = set()
    for root in [*first, *graph]:
        if root in done or root not in graph:
            continue
        stack = [(root, iter(list(graph.successors(root))))]
        on_way.add(root)
        while stack:
            state, further = stack[-1]
            following = next(further, None)
            if following is None:
                stack.pop()
                on_way.discard(state)
                done.add(state)
            elif following in on_way:
                kept.remove_edge(state, following)
            elif following not in done:
                on_way.add(following)
                stack.append((following, iter(list(graph.successors(following)))))
    layer: dict[str, int] = {}
    for state in nx.topological_sort(kept):
        layer[state] = max((layer[origin] + 1 for origin in kept.predecessors(state)), default=0)
    for state in reversed(list(nx.topological_sort(kept))):  # a way in stands just before what it leads to
        if not kept.in_degree(state) and kept.out_degree(state):
            layer[state] = min(layer[head] for head in kept.successors(state)) - 1
    return layer


def _crossings(rows: Sequence[Sequence[Hashable]], after: Mapping[Hashable, Sequence[Hashable]]) -> int:
    total = 0
    for row, following in itertools.pairwise(rows):
        place = {point: i for i, point in enumerate(following)}
        ends = [sorted(place[head] for head in after.get(point, ())) for point in row]
        flat = [end for group in ends for end in group]
        total += sum(1 for i, a in enumerate(flat) for b in flat[i + 1 :] if b < a)
    return total


def _ordered(
    rows: list[list[Hashable]],
    before: Mapping[Hashable, list[Hashable]],
    after: Mapping[Hashable, list[Hashable]],
) -> list[list[Hashable]]:
    best, least = [list(row) for row in rows], _crossings(rows, after)
    for sweep in range(SWEEPS):
        if sweep % 2 == 0:
            for i in range(1, len(rows)):
                rows[i] = _by_neighbours(rows[i], rows[i - 1], before)
        else:
            for i in range(len(rows) - 2, -1, -1):
                rows[i] = _by_neighbours(rows[i], rows[i + 1], after)
        crossings = _crossings(rows, after)
        if crossings < least:
            best, least = [list(row) for row in rows], crossings
    return best


def _by_neighbours(
    row: list[Hashable], beside: list[Hashable], neighbours: Mapping[Hashable, list[Hashable]]
) -> list[Hashable]:
    """Sort a row by the mean place of each point's neighbours in the row beside it."""
    place = {point: k for k, point in enumerate(beside)}
    wanted = {}
    for k, point in enumerate(row):
        near = [place[other] for other in neighbours.get(point, ())]
        wanted[point] = sum(near) / len(near) if near else float(k)
    return sorted(row, key=wanted.__getitem__)


def _heights(
    rows: Sequence[Sequence[Hashable]],
    before: Mapping[Hashable, list[Hashable]],
    after: Mapping[Hashable, list[Hashable]],
    size: Mapping[Hashable, float],
    gap: float,
) -> dict[Hashable, float]:
    y: dict[Hashable, float] = {}
    for row in rows:
        _spread(row, [0.0] * len(row), size, gap, y)
    for sweep in range(2 * SWEEPS):
        for row in rows if sweep % 2 == 0 else rows[::-1]:
            wanted = []
            for point in row:
                near = before.get(point, []) + after.get(point, [])
                wanted.append(sum(y[other] for other in near) / len(near) if near else y[point])
            _spread(row, wanted, size, gap, y)
    lowest = min((y[point] - size[point] / 2 for point in y), default=0.0)
    return {point: height - lowest for point, height in y.items()}


def _spread(
    row: Sequence[Hashable],
    wanted: Sequence[float],
    size: Mapping[Hashable, float],
    gap: float,
    y: dict[Hashable, float],
) -> None:
    """Put a row as near to where it wants to be as its order and sizes allow (least squares, pooled
    violators).
    """
    offset = 0.0
    offsets = []
    for i, point in enumerate(row):
        if i:
            offset += (size[row[i - 1]] + size[point]) / 2 + gap
        offsets.append(offset)
    blocks: list[list[float]] = []  # mean, count
    for want, shift in zip(wanted, offsets, strict=True):
        blocks.append([want - shift, 1.0])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            mean, count = blocks.pop()
            blocks[-1][0] = (blocks[-1][0] * blocks[-1][1] + mean * count) / (blocks[-1][1] + count)
            blocks[-1][1] += count
    placed = [mean for mean, count in blocks for _ in range(int(count))]
    for point, shift, base in zip(row, offsets, placed, strict=True):
        y[point] = base + shift
