"""Checks a pathway, alone or with the others it sends people to, before anything runs."""

from __future__ import annotations

from collections.abc import Iterable

import networkx as nx

from pathways import reach, specs, structure
from pathways.errors import InputError, nearest, one_of
from pathways.pathway import Pathway


def check(pathway: Pathway) -> list[str]:
    """Refuse a pathway that cannot run (`InputError`); return warnings about what looks wrong."""
    return structure.warnings(specs.validated(pathway))


def check_together(pathways: Iterable[Pathway]) -> list[str]:
    """Check pathways that run together: each alone, then what they name of one another."""
    parsed = {pathway.name: specs.validated(pathway) for pathway in pathways}
    found = [f"{name}: {text}" for name, spec in parsed.items() for text in structure.warnings(spec)]
    every_state = {f"{name}/{state}" for name, spec in parsed.items() for state in spec.states}
    every_team = {f"{name}/{team}" for name, spec in parsed.items() for team in spec.teams}
    for spec in parsed.values():
        for key, state in structure.elsewhere(spec):
            if state not in every_state:
                raise InputError(
                    file=spec.file,
                    key=key,
                    value=state,
                    expected=f"a state of another pathway: {one_of(sorted(every_state))}",
                    suggestion=nearest(state, every_state),
                )
        for key, team in structure.teams_elsewhere(spec):
            if team not in every_team:
                raise InputError(
                    file=spec.file,
                    key=key,
                    value=team,
                    expected=f"a team of another pathway: {one_of(sorted(every_team))}",
                    suggestion=nearest(team, every_team),
                )
        found += _unlisted(spec, parsed)
    _refuse_loops(parsed.values())
    return found


def _unlisted(spec: specs.PathwaySpec, parsed: dict[str, specs.PathwaySpec]) -> list[str]:
    named = {to for other in parsed.values() if other is not spec for _, to in structure.elsewhere(other)}
    return [
        f"{spec.name}: entry {name} is sent to by no other pathway of these"
        for name in spec.entries
        if f"{spec.name}/{reach.local(spec, name)}" not in named
    ]


def _refuse_loops(parsed: Iterable[specs.PathwaySpec]) -> None:
    """Nobody goes round several pathways without time passing."""
    at_once = nx.DiGraph()
    for spec in parsed:
        at_once.add_edges_from(reach.at_once(spec))
    try:
        cycle = nx.find_cycle(at_once)
    except nx.NetworkXNoCycle:
        return
    around = " → ".join([cycle[0][0], *(to for _, to in cycle)])
    raise InputError(key="route", value=f"a zero-time cycle: {around}", expected="time to pass somewhere in the loop")
