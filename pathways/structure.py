"""Does a pathway hang together?  Shares, missing routes, dead ends, zero-time loops, staff who are never
there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pathways.errors import InputError, nearest, one_of
from pathways.reach import ended, full, local, loops, reached
from pathways.rosters import longest

if TYPE_CHECKING:
    from pathways.specs import PathwaySpec, RouteSpec, StateSpec, TeamSpec

TOLERANCE = 1e-6
"""By how much the shares of a group may miss 1."""


def refuse_faults(spec: PathwaySpec) -> None:
    """Raise `InputError` for the first thing that does not hang together."""
    for check in (names, teams_of_states, shares, needed_routes, reached, ended, loops, doors, begun_before):
        check(spec)


def _named_states(spec: PathwaySpec) -> Iterator[tuple[str, str]]:
    for name, stream in spec.arrivals.items():
        yield f"arrivals.{name}.to", stream.to
    for name, door in spec.doors.items():
        yield f"door.{name}.to", door.to
    if spec.outside:
        yield "outside.to", spec.outside.to
    for name in spec.entries:
        yield "entries", name
    for name, state in spec.states.items():
        yield from ((f"state.{name}.opens", to) for to in state.opens)
        if state.blocked_by:
            yield f"state.{name}.blocked_by", state.blocked_by
    for name, clock in spec.clocks.items():
        for end in ("starts", "stops", "pauses"):
            for to in getattr(clock, end):
                if to != "arrival" or end != "starts":
                    yield f"clock.{name}.{end}", to
    for route in spec.routes:
        yield f"route from {route.source}", route.to


def elsewhere(spec: PathwaySpec) -> Iterator[tuple[str, str]]:
    """Yield (key, pathway/state) for each state of another pathway that is named."""
    for key, name in _named_states(spec):
        if local(spec, name) is None:
            yield key, name


def teams_elsewhere(spec: PathwaySpec) -> Iterator[tuple[str, str]]:
    """Yield (key, pathway/team) for each team of another pathway that is named."""
    for name, state in spec.states.items():
        inner = state.contacts.team if state.contacts else None
        for team in (state.team, *state.needs, inner):
            if team and "/" in team:
                yield f"state.{name}.team", team
    for name, clock in spec.clocks.items():
        if clock.team and "/" in clock.team:
            yield f"clock.{name}.team", clock.team


def names(spec: PathwaySpec) -> None:
    """Every state and team that is named exists (those of other pathways are looked at together)."""
    for key, name in _named_states(spec):
        own = local(spec, name)
        if own is not None and own not in spec.states:
            raise InputError(
                file=spec.file,
                key=key,
                value=name,
                expected=f"a state: {one_of(spec.states)}",
                suggestion=nearest(own, spec.states),
            )
    for clock_name, clock in spec.clocks.items():
        if clock.team and "/" not in clock.team:
            _team(spec, f"clock.{clock_name}.team", clock.team)
    for name, state in spec.states.items():
        followers = {full(spec, route.to) for route in spec.routes_from(name)}
        if state.blocked_by and full(spec, state.blocked_by) not in followers:
            raise InputError(
                file=spec.file,
                key=f"state.{name}.blocked_by",
                value=state.blocked_by,
                expected=f"a state that a route from {name} leads to",
                suggestion=nearest(state.blocked_by, followers),
            )
    for route in spec.routes:
        if route.source in spec.states and spec.states[route.source].kind == "end":
            raise InputError(
                file=spec.file,
                key=f"route {route.source} → {route.to}",
                value=route.source,
                expected="no route from an end",
            )


def _team(spec: PathwaySpec, key: str, name: str) -> TeamSpec:
    if name not in spec.teams:
        raise InputError(
            file=spec.file,
            key=key,
            value=name,
            expected=f"a team: {one_of(spec.teams)}",
            suggestion=nearest(name, spec.teams),
        )
    return spec.teams[name]


def _staffed(spec: PathwaySpec, key: str, team_name: str, roles: dict[str, int], course: bool) -> None:
    if "/" in team_name:
        return
    team = _team(spec, key, team_name)
    for role, number in roles.items():
        if role not in team.roles:
            raise InputError(
                file=spec.file,
                key=key,
                value=role,
                expected=f"a role of team {team_name}: {one_of(team.roles)}",
                suggestion=nearest(role, team.roles),
            )
        held = team.clinicians.get(role, 0) if course else 0
        if 0 < held < number and team.per_population is None:
            raise InputError(
                file=spec.file, key=f"{key}.{role}", value=number,
                expected=f"at most {held}, the clinicians of team {team_name} who hold courses",
            )  # fmt: skip
        most = team.most_on_shift(role)
        if most < number and not held:
            raise InputError(
                file=spec.file,
                key=f"{key}.{role}",
                value=number,
                expected=f"at most {most}, the most that team {team_name} ever has on shift together",
            )


def teams_of_states(spec: PathwaySpec) -> None:
    """Contacts name teams and roles that are at some time on shift; places name teams that have places."""
    for name, state in spec.states.items():
        key = f"state.{name}"
        for wanted in state.alternatives():
            for team_name, roles in wanted.items():
                where = f"{key}.needs.{team_name}" if state.needs else f"{key}.roles"
                _staffed(spec, where, team_name, roles, _course(state))
        if state.team and "/" not in state.team:
            team = _team(spec, f"{key}.team", state.team)
            if state.kind == "place" and not team.places:
                raise InputError(
                    file=spec.file,
                    key=f"team.{state.team}.places",
                    expected=f"places, for state {name} to fill",
                )
            begin = sum(other.at_start for other in spec.states.values() if other.team == state.team)
            if state.kind == "place" and not team.per_population and begin > (team.places or 0):
                raise InputError(
                    file=spec.file,
                    key=f"{key}.at_start",
                    value=begin,
                    expected=f"at most {team.places}, the places of team {state.team}, over all its states",
                )
        if state.contacts:
            team_name = state.contacts.team or state.team or ""
            _staffed(spec, f"{key}.contacts.roles", team_name, state.contacts.roles, False)
        if state.sessions and state.minutes and state.sessions.every < state.minutes.mean:
            raise InputError(
                file=spec.file,
                key=f"{key}.sessions.every",
                value=state.sessions.every,
                expected=f"an interval longer than one session ({state.minutes.mean:g} s)",
            )
        if state.contacts and min(every for _, every in state.contacts.every) < state.contacts.minutes.mean:
            raise InputError(
                file=spec.file,
                key=f"{key}.contacts.every",
                value=state.contacts.every,
                expected=f"intervals longer than one contact ({state.contacts.minutes.mean:g} s)",
            )


def _course(state: StateSpec) -> bool:
    return state.sessions is not None and state.sessions.keep_clinician


def groups(routes: tuple[RouteSpec, ...]) -> list[list[RouteSpec]]:
    """Return routes by group (same event, same guard), in the order in which the groups first appear."""
    found: dict[tuple[object, object], list[RouteSpec]] = {}
    for route in routes:
        found.setdefault(route.group, []).append(route)
    return list(found.values())


def shares(spec: PathwaySpec) -> None:
    """The shares of each group sum to 1."""
    for name in spec.states:
        for group in groups(spec.routes_from(name)):
            total = sum(route.share for route in group)
            if abs(total - 1.0) > TOLERANCE:
                which = str(group[0].when or (f"if {group[0].guard}" if group[0].guard else "plain"))
                raise InputError(
                    file=spec.file,
                    key=f"route from {name} ({which}): share",
                    value=round(total, 9),
                    expected=f"shares that sum to 1 over {', '.join(route.to for route in group)}",
                )


def needed_events(spec: PathwaySpec, state: StateSpec) -> list[tuple[str, str]]:
    """Return the events a state can meet and must have a route for, each with its reason."""
    needed = []
    if state.patience:
        needed.append(("left_waiting", "patience"))
    if state.queue_limit is not None:
        needed.append(("full", "queue_limit"))
    if state.dna:
        needed.append(("dna", "dna"))
    if state.sessions and state.sessions.dna and state.sessions.dna_allowed is not None:
        needed.append(("dna", "sessions.dna_allowed"))
    if state.worsening and state.worsening.above is not None:
        needed.append(("deteriorated", "worsening.above"))
    teams = list(state.needs) or ([state.team] if state.team else [])
    if any(spec.teams[team].closed == "refuse" for team in teams if team in spec.teams):
        needed.append(("closed", "the team's closed"))
    return needed


def needed_routes(spec: PathwaySpec) -> None:
    """A state has the routes it needs: plain ones, and one for each event it can meet."""
    for name, state in spec.states.items():
        if state.kind == "end":
            continue
        routes = spec.routes_from(name)
        if not any(route.when is None and route.guard is None for route in routes):
            raise InputError(
                file=spec.file,
                key=f"state.{name}",
                expected=f'a plain route from {name} (without `when` and `if`): [[route]] from = "{name}"',
            )
        for event, reason in needed_events(spec, state):
            if not any(route.when and route.when.kind == event and route.guard is None for route in routes):
                raise InputError(
                    file=spec.file,
                    key=f"state.{name}.{reason}",
                    expected=f'a route from {name} with when = "{event}" and no `if`',
                )


def doors(spec: PathwaySpec) -> None:
    """The doors share the external demand out completely."""
    total = sum(door.share for door in spec.doors.values())
    if spec.doors and abs(total - 1.0) > TOLERANCE:
        raise InputError(
            file=spec.file,
            key="door: share",
            value=round(total, 9),
            expected=f"shares that sum to 1 over {', '.join(spec.doors)}",
        )
    if spec.doors and spec.demand is None:
        raise InputError(file=spec.file, key="demand", expected="[demand], of which the doors take their shares")


def begun_before(spec: PathwaySpec) -> None:
    """States that begin with people of England know their number a system."""
    for name, state in spec.states.items():
        if not state.at_start_england:
            continue
        key = f"state.{name}.at_start_england"
        if spec.demand is None:
            raise InputError(file=spec.file, key=key, expected="[demand]: a system has its residents' part of it")


def warnings(spec: PathwaySpec) -> list[str]:
    """Return what is allowed but looks wrong."""
    found = []
    for name, state in spec.states.items():
        for wanted in state.alternatives():
            for team_name, roles in wanted.items():
                team = spec.teams.get(team_name)
                if team and state.minutes:
                    found += _too_long(name, team_name, team, roles, state.minutes.mean)
        events = {event for event, _ in needed_events(spec, state)}
        for route in spec.routes_from(name):
            kind = route.when.kind if route.when else ""
            if kind in ("left_waiting", "full", "closed", "deteriorated") and kind not in events:
                found.append(f"state {name}: the route to {route.to} (when = {str(route.when)!r}) is never taken")
    used = {team for s in spec.states.values() for team in (s.team, *s.needs, s.contacts and s.contacts.team)}
    return found + [f"team {name}: no state of this pathway uses it" for name in spec.teams if name not in used]


def _too_long(state: str, name: str, team: TeamSpec, roles: dict[str, int], mean: float) -> list[str]:
    for role in roles:
        shifts = [longest(row.spans) for row in team.staff if role in row.roles]
        if shifts and None not in shifts and mean > max(s for s in shifts if s is not None) - team.last_start:
            return [
                f"state {state}: a mean contact of {mean / 60:.0f} min is longer than the longest shift of "
                f"{role} in team {name}, less last_start"
            ]
    return []
