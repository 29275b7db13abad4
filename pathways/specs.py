"""The read-only, parsed view of a pathway: durations in seconds, laws, guards as steps.  What the rest is
made from.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field

from pathways import structure
from pathways.clocks import ClockSpec, StandardSpec, clock
from pathways.courses import ChangeSpec, ContactsSpec, CountLaw, GroupSpec, SessionsSpec, WorseningSpec
from pathways.entrances import ArrivalSpec, DemandSpec, DoorSpec, OutsideSpec, arrival, demand, door, outside
from pathways.guards import VOCABULARY
from pathways.pathway import HEADER, Pathway
from pathways.routes import ROUTE_KEYS, EventSpec, RouteSpec, route
from pathways.states import StateSpec, state
from pathways.tables import Table
from pathways.teams import PAYERS, NursingRow, RosterRow, TargetSpec, TeamSpec, team

__all__ = [
    "ROUTE_KEYS",
    "ArrivalSpec",
    "ChangeSpec",
    "ClockSpec",
    "ContactsSpec",
    "CountLaw",
    "DemandSpec",
    "DoorSpec",
    "EventSpec",
    "GroupSpec",
    "NursingRow",
    "OutsideSpec",
    "PathwaySpec",
    "RosterRow",
    "RouteSpec",
    "SessionsSpec",
    "StandardSpec",
    "StateSpec",
    "TargetSpec",
    "TeamSpec",
    "WorseningSpec",
    "parsed",
    "validated",
]  # fmt: skip


@dataclass(frozen=True)
class PathwaySpec:
    """A pathway, parsed.  States and teams in the order of the file, routes too."""

    name: str
    title: str = ""
    source: str = ""
    services: tuple[str, ...] = ()
    """Service types of the national statistics (MHSDS) that the pathway stands for."""
    tier: int | None = None
    """1 universal … 4 highly specialised."""
    payer: str | None = None
    """Who pays, unless a team says otherwise."""
    minutes_per_step: int = 15
    start: datetime.date | None = None
    entries: tuple[str, ...] = ()
    """States into which other pathways send people."""
    states: dict[str, StateSpec] = field(default_factory=dict)
    routes: tuple[RouteSpec, ...] = ()
    teams: dict[str, TeamSpec] = field(default_factory=dict)
    clocks: dict[str, ClockSpec] = field(default_factory=dict)
    arrivals: dict[str, ArrivalSpec] = field(default_factory=dict)
    doors: dict[str, DoorSpec] = field(default_factory=dict)
    demand: DemandSpec | None = None
    outside: OutsideSpec | None = None
    file: str | None = field(default=None, compare=False)

    def routes_from(self, state: str) -> tuple[RouteSpec, ...]:
        """Return the routes of a state in the order of the file."""
        return tuple(route for route in self.routes if route.source == state)

    def vocabulary(self) -> frozenset[str]:
        """Return the names that guards and odds may use here."""
        return VOCABULARY | {name for stream in self.arrivals.values() for name in stream.attributes}


def parsed(pathway: Pathway) -> PathwaySpec:
    """Parse every value of a pathway; what is unknown or does not fit is refused, how it hangs together is
    not.
    """
    file = pathway.file or f"pathway {pathway.name}"
    header = Table({key: value for key, value in pathway.graph.items() if key in HEADER}, "", HEADER, file)
    arrivals = {name: arrival(keys, f"arrivals.{name}", file) for name, keys in _named(pathway, "arrivals", file)}
    words = VOCABULARY | {name for stream in arrivals.values() for name in stream.attributes}
    start = header.date("start")
    return PathwaySpec(
        name=header.text("name", ""),
        title=header.text("title", ""),
        source=header.text("source", ""),
        services=header.texts("services"),
        tier=header.number("tier", low=1, high=4, whole=True),
        payer=header.choice("payer", PAYERS),
        minutes_per_step=header.number("minutes_per_step", 15, low=1, high=1440, whole=True),
        start=start,
        entries=header.texts("entries"),
        states={name: state(keys, f"state.{name}", file) for name, keys in pathway.states().items()},
        routes=tuple(
            route(origin, to, keys, order, words, file) for order, (origin, to, keys) in enumerate(pathway.routes())
        ),
        teams={name: team(keys, f"team.{name}", file) for name, keys in _named(pathway, "team", file)},
        clocks={name: clock(keys, f"clock.{name}", file) for name, keys in _named(pathway, "clock", file)},
        arrivals=arrivals,
        doors={name: door(keys, f"door.{name}", file) for name, keys in _named(pathway, "door", file)},
        demand=demand(pathway.demand, file) if pathway.demand else None,
        outside=outside(pathway.outside, file) if pathway.outside else None,
        file=file,
    )


def _named(pathway: Pathway, key: str, file: object) -> list[tuple[str, object]]:
    """Return the tables of one sort by name."""
    content = pathway.graph.get(key) or {}
    return list(Table(content, key, content if hasattr(content, "keys") else (), file).content.items())


def validated(pathway: Pathway) -> PathwaySpec:
    """Parse a pathway and refuse it if it does not hang together (shares, routes, reachability, staff)."""
    spec = parsed(pathway)
    structure.refuse_faults(spec)
    return spec
