"""Every number's source, and whether it is an assumption: gathered from the pathways and the tables.

A source is *assumption* if it begins with that word, *partly assumption* if the word stands further in or the
figure is from memory or constructed, else *published*.  "as X" is followed to X.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from abm import tables
from experiments.planning import uncertain
from experiments.reports import words
from pathways import files
from pathways.specs import PathwaySpec, StandardSpec

ASSUMPTION, PARTLY, PUBLISHED, NONE = "assumption", "partly assumption", "published", "no source given"
SHORT_OF_A_SOURCE = ("assumption", "from memory", "constructed", "unverified", "proxy")
OF_OTHER_THINGS = (
    "patience",
    "change of score",
    "score change",
    "missed",
    "worsening",
    "drop-out",
    "the rest",
    "standard",
)
"""Beginnings of those parts of a state's source that say nothing of how long it takes."""


@dataclass(frozen=True)
class Source:
    """One number, or a few that belong together, and where they come from."""

    where: str
    """Pathway, or table"""
    what: str
    source: str
    rests_on: str
    """assumption, partly assumption, published, no source given"""
    numbers: int = 1
    confidence: str = ""


def rests_on(text: str) -> str:
    """Return what a source says of itself."""
    said = text.strip().lower()
    if not said:
        return NONE
    if said.startswith("assumption"):
        return ASSUMPTION
    return PARTLY if any(word in said for word in SHORT_OF_A_SOURCE) else PUBLISHED


def times_rest_on(text: str) -> str:
    """Return what a state's source says of its times: those of its parts (`minutes: …; patience: …`) that are of them.

    *assumption* if the first such part (the mean) is one, *partly* if a further one (spread, travel) is.
    """
    parts = [part.strip() for part in text.split(";")]
    marks = [rests_on(_unlabelled(part)) for part in parts if not part.lower().startswith(OF_OTHER_THINGS)]
    if not marks:
        return rests_on(text)
    if marks[0] == PUBLISHED and any(mark != PUBLISHED for mark in marks[1:]):
        return PARTLY
    return marks[0]


def _unlabelled(part: str) -> str:
    """Return a part of a source without its label: `minutes: assumption: …` → `assumption: …`."""
    return re.sub(r"^(minutes|stay|spread|travel|records|sessions|nursing|weekly)\b[^:]{0,40}:\s*", "", part)


def followed(text: str, others: Mapping[str, str], steps: int = 4) -> str:
    """Return a source with "as X" replaced by what X says, where X is among `others`."""
    for _ in range(steps):
        match = re.fullmatch(r"as (\w+)", text.strip())
        if not match or match[1] not in others:
            return text
        text = others[match[1]]
    return text


def state_sources(spec: PathwaySpec) -> dict[str, str]:
    """Return the source of every state of a pathway, "as X" followed."""
    stated = {name: state.source for name, state in spec.states.items()}
    return {name: followed(text, stated) for name, text in stated.items()}


def of_pathway(spec: PathwaySpec) -> Iterator[Source]:
    """Yield the sources of a pathway: demand, doors, teams, states, routes, clocks and targets."""
    if spec.demand:
        yield _source(spec, "published demand", spec.demand.source, spec.demand.confidence)
    if spec.outside:
        yield _source(spec, "people from outside", spec.outside.source)
    for name, door in spec.doors.items():
        what = f"door {words.spoken(name)}: {words.percent(door.share)} of demand"
        yield _source(spec, what, door.source)
    teams = {name: team.source for name, team in spec.teams.items()}
    for name, team in spec.teams.items():
        yield _source(spec, f"team {words.spoken(name)}: roster, places", followed(team.source, teams))
        for target in team.targets:
            bound = target.at_most if target.at_least is None else target.at_least
            side = "at most" if target.at_least is None else "at least"
            what = f"target of {words.spoken(name)}: {words.spoken(target.measure)} {side} {words.percent(bound)}"
            yield _source(spec, f"{what} ({target.status})", target.source)
    for name, text in state_sources(spec).items():
        state = spec.states[name]
        if text or state.kind in ("contact", "place", "wait"):
            yield _source(spec, f"{words.spoken(name)}: {state.kind}, times and patience", text)
        if state.standard:
            yield _source(spec, _standard(name, state.standard), state.standard.source)
    for route in spec.routes:
        if route.share >= 1 and not route.evidence:
            continue  # a rule, not a number
        event = f" when {route.when}" if route.when else ""
        guard = " (some patients)" if route.guard else ""
        what = f"{words.spoken(route.source)} → {words.spoken(route.to)}: {words.percent(route.share)}{guard}{event}"
        yield _source(spec, what, route.evidence)
    for name, clock in spec.clocks.items():
        if clock.standard:
            yield _source(spec, _standard(name, clock.standard), clock.standard.source)


def of_tables() -> Iterator[Source]:
    """Yield one row for each table, source and confidence, with how many rows of figures share it."""
    for name in tables.names():
        counted: dict[tuple[str, str], int] = {}
        for row in tables.read(name):
            key = (row.get("source", ""), row.get("confidence", ""))
            counted[key] = counted.get(key, 0) + 1
        for (source, confidence), n in counted.items():
            yield Source(
                name,
                f"{n} rows" if n > 1 else "1 row",
                source,
                rests_on(f"{confidence} {source}".strip()),
                n,
                confidence,
            )


def of_ranges() -> Iterator[Source]:
    """Yield the sources of the ranges of uncertain parameters."""
    for one in uncertain.read({name: files.library(name) for name in files.library_names()}):
        what = f"{one.title}: a {one.unit} of {one.law.low:g} to {one.law.high:g}"
        said = rests_on(f"{one.source} {one.confidence}")
        yield Source(uncertain.TABLE.stem, what, one.source, said, 1, one.confidence)


def of_all(specs: Mapping[str, PathwaySpec]) -> list[Source]:
    """Return all sources: pathways first, then tables, then ranges."""
    return [source for spec in specs.values() for source in of_pathway(spec)] + [*of_tables(), *of_ranges()]


def _standard(name: str, standard: StandardSpec) -> str:
    return (
        f"standard {words.spoken(name)}: {words.percent(standard.share)} within "
        f"{words.duration(standard.within)} ({standard.status})"
    )


def _source(spec: PathwaySpec, what: str, text: str, confidence: str = "") -> Source:
    return Source(spec.title or spec.name, what, text, rests_on(f"{text} {confidence}"), 1, confidence)
