"""A mix as a scenario: numbers of teams, roles that stand in, shares of treatments; what `parity run` can run.

A role that stands in gets states of its own beside those of the task: the same in all but who is there, with the roles
of the pathway as second choice. Shares of the routes that lead to a task are split, group by group, so that everybody's
luck elsewhere stays theirs. For some places only, the split routes are guarded by system or site.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from experiments.scenario import Scenario
from experiments.scenario_checks import graphs
from experiments.skillmix.asked import Asked
from experiments.skillmix.problem import Problem, Solution
from pathways.pathway import Pathway

ONLY_AT_START = ("at_start", "at_start_waiting", "at_start_stay", "at_start_england")
SMALLEST = 1e-4
"""Shares below this are nobody"""


@dataclass(frozen=True)
class Shares:
    """What a solution says of people, as shares."""

    moved: Mapping[str, Mapping[str, float]]
    """task they come to -> treatment they have -> share"""
    standing_in: Mapping[str, Mapping[str, float]]
    """task -> role that stands in -> share of those who have it"""


@dataclass
class _Edits:
    """Edits of one pathway as they are gathered."""

    values: dict[str, Any] = field(default_factory=dict)
    routes: list[dict[str, Any]] = field(default_factory=list)
    states: dict[str, Any] = field(default_factory=dict)


def shares_of(problem: Problem, solution: Solution, reach: Mapping[tuple[str, str], float] | None = None) -> Shares:
    """Return the shares of people a solution moves and lets other roles see.

    With `reach` they are shares of those whom a change of routes reaches.
    """
    come: dict[str, float] = {}
    have: dict[str, float] = {}
    moved: dict[str, dict[str, float]] = {}
    standing: dict[str, dict[str, float]] = {}
    for way, n in zip(problem.ways, solution.flows, strict=True):
        come[way.need] = come.get(way.need, 0.0) + n
        have[way.task] = have.get(way.task, 0.0) + n
        if way.task != way.need:
            mine = moved.setdefault(way.need, {})
            mine[way.task] = mine.get(way.task, 0.0) + n
        if way.role:
            mine = standing.setdefault(way.task, {})
            mine[way.role] = mine.get(way.role, 0.0) + n
    return Shares(_over(moved, come, reach or {}), _over(standing, have, reach or {}))


def _over(
    counts: Mapping[str, Mapping[str, float]], totals: Mapping[str, float], reach: Mapping[tuple[str, str], float]
) -> dict[str, dict[str, float]]:
    """Return shares of totals; of a role that stands in, (task, task) says whom it reaches."""

    def reached(name: str, other: str) -> float:
        return max(reach.get((name, other), reach.get((name, name), 1.0)), 1e-9)

    found = {
        name: {other: round(min(n / totals[name] / reached(name, other), 1.0), 6) for other, n in sorted(others.items())
               if totals[name] > 0 and n / totals[name] > SMALLEST}
        for name, others in counts.items()
    }  # fmt: skip
    return {name: others for name, others in sorted(found.items()) if others}


def scenario_of(
    wanted: Scenario, name: str, asked: Asked, problem: Problem, solution: Solution, guard: str = ""
) -> Scenario:
    """Return the scenario of a mix.

    Parameters
    ----------
    wanted : what the mix is found for; everything else of it stays
    guard : condition on a person for whom the shares hold ("system == 2"); empty: everybody
    """
    shares = shares_of(problem, solution, asked.reach)
    edits: dict[str, _Edits] = {}
    found = graphs(wanted)
    for pathway, graph in found.items():
        mine = edits.setdefault(pathway, _Edits())
        _split_routes(pathway, graph, shares, guard, mine)
        _count_at_clocks(pathway, graph, shares, mine)
    own = edits[asked.service]
    _states_of_others(found[asked.service], asked, problem, shares, own)
    _roles_of_teams(found[asked.service], problem, shares, own)
    return wanted.replaced(
        name=name, edit=[*_dumped(wanted.edit), *_tables(edits)],
        team=[*_dumped(wanted.team), *_numbers(problem, solution, shares)],
    )  # fmt: skip


def beside(task: str, role: str) -> str:
    """Return the name of the state where a role stands in at a task."""
    return f"{task}_by_{role}"


def _dumped(parts: Iterable[Any]) -> list[dict[str, Any]]:
    return [part.model_dump(by_alias=True, exclude_none=True) for part in parts]


def _tables(edits: Mapping[str, _Edits]) -> list[dict[str, Any]]:
    tables: list[dict[str, Any]] = []
    for pathway, one in edits.items():
        add: dict[str, Any] = {f"state.{state}": keys for state, keys in one.states.items()}
        if one.routes:
            add["route"] = one.routes
        if add:
            tables.append({"pathway": pathway, "add": add})
        tables += [{"pathway": pathway, "key": key, "value": value} for key, value in one.values.items()]
    return tables


def _split_routes(pathway: str, graph: Pathway, shares: Shares, guard: str, edits: _Edits) -> None:
    """Split the routes to tasks among treatments and roles; routes on an event stay."""
    groups: dict[str, dict[str, list[tuple[str, dict[str, Any]]]]] = {}
    for origin, to, keys in graph.routes():
        if "when" not in keys:
            groups.setdefault(origin, {}).setdefault(" ".join(str(keys.get("if", "")).split()), []).append((to, keys))
    for origin, by_guard in groups.items():
        behind = False
        for condition, routes in sorted(by_guard.items(), key=lambda one: one[0] == ""):  # the plain group comes last
            split = _split(pathway, {to: float(keys["share"]) for to, keys in routes}, shares)
            changed = {to: share for to, share in split.items() if share != (dict(_shares(routes)).get(to))}
            behind = behind or bool(changed)
            path = f"if {condition}." if condition else ""
            if not guard and changed:
                there = dict(routes)
                for to, share in changed.items():
                    if to in there:
                        edits.values[f"route.{origin}.{to}.{path}share"] = share
                    else:
                        edits.routes.append(_route(origin, to, share, condition, _like(pathway, to, there, shares)))
            elif guard and behind and (changed or condition):
                there = dict(routes)
                both = f"({condition}) and ({guard})" if condition else guard
                for to, share in split.items():
                    keys = there.get(to) or _like(pathway, to, there, shares)
                    edits.routes.append(_route(origin, to, share, both, keys))
                    if condition and to in there:
                        edits.values[f"route.{origin}.{to}.{path}if"] = f"({condition}) and not ({guard})"


def _shares(routes: list[tuple[str, dict[str, Any]]]) -> list[tuple[str, float]]:
    return [(to, float(keys["share"])) for to, keys in routes]


def _split(pathway: str, routes: Mapping[str, float], shares: Shares) -> dict[str, float]:
    """Return the shares of one group of routes once treatments are moved and roles stand in, in order."""

    def full(to: str) -> str:
        return to if "/" in to else f"{pathway}/{to}"

    def here(name: str) -> str:
        return name.removeprefix(f"{pathway}/")

    moved: dict[str, float] = {}
    for to, share in routes.items():
        others = {one: part for one, part in shares.moved.get(full(to), {}).items() if here(one) in routes}
        moved[to] = moved.get(to, 0.0) + share * (1 - sum(others.values()))
        for other, part in others.items():
            moved[here(other)] = moved.get(here(other), 0.0) + share * part
    found: dict[str, float] = {}
    for to, share in moved.items():
        roles = shares.standing_in.get(full(to), {})
        found[to] = share * (1 - sum(roles.values())) if roles else share
        for role, part in roles.items():
            found[here(beside(full(to), role))] = share * part
    return found


def _like(pathway: str, to: str, there: Mapping[str, dict[str, Any]], shares: Shares) -> dict[str, Any]:
    """Return the route of the same group whose odds a new one has: that of the task it was split from."""
    for old, keys in there.items():
        full = old if "/" in old else f"{pathway}/{old}"
        news = [*shares.moved.get(full, {}), full]
        news += [beside(name, role) for name in news for role in shares.standing_in.get(name, {})]
        if to in news or f"{pathway}/{to}" in news:
            return keys
    return {}


def _route(origin: str, to: str, share: float, condition: str, like: Mapping[str, Any]) -> dict[str, Any]:
    route: dict[str, Any] = {"from": origin, "to": to, "share": share}
    if condition:
        route["if"] = condition
    if "odds" in like:
        route["odds"] = dict(like["odds"])
    return route


def _count_at_clocks(pathway: str, graph: Pathway, shares: Shares, edits: _Edits) -> None:
    """Let clocks begin and stop where a role stands in as they do at the task."""
    for name, clock in graph.clocks.items():
        for side in ("starts", "stops"):
            found = []
            for state in clock.get(side, ()):
                full = state if "/" in state else f"{pathway}/{state}"
                found += [state, *(beside(state, role) for role in shares.standing_in.get(full, {}))]
            if found != list(clock.get(side, ())):
                edits.values[f"clock.{name}.{side}"] = found


def _states_of_others(graph: Pathway, asked: Asked, problem: Problem, shares: Shares, edits: _Edits) -> None:
    """Add the states where a role stands in, with the routes that lead on from the task."""
    entries = list(graph.graph.get("entries", ()))
    for task, others in (*shares.moved.items(), *shares.standing_in.items()):
        name = task.partition("/")[2]
        if sum(others.values()) > 1 - SMALLEST and name not in entries:  # no route leads there any more
            entries.append(name)
    for task, roles in shares.standing_in.items():
        name = task.partition("/")[2]
        old = {key: value for key, value in dict(graph.nodes[name]).items() if key not in ONLY_AT_START}
        for role in roles:
            instead_of = _instead_of(problem, task, role)
            state = dict(old)
            if asked.tasks[task].visits:
                state["contacts"] = {**old["contacts"], "roles": _swapped(old["contacts"]["roles"], instead_of, role)}
            else:
                state["roles"] = _swapped(old["roles"], instead_of, role)
                if "sessions" not in old:
                    state["or_roles"] = [dict(old["roles"]), *old.get("or_roles", ())]
            state["source"] = f"as {name}; {role} stands in: skill mix"
            edits.states[beside(name, role)] = state
            for origin, to, keys in graph.routes():
                if origin == name:
                    kept = {key: value for key, value in keys.items() if key not in ("order", "also")}
                    edits.routes.append({"from": beside(name, role), "to": to, **kept})
            if name in graph.graph.get("entries", ()):
                entries.append(beside(name, role))
    if entries != list(graph.graph.get("entries", ())):
        edits.values["entries"] = entries


def _instead_of(problem: Problem, task: str, role: str) -> str:
    return next(way.instead_of for way in problem.ways if (way.task, way.role) == (task, role))


def _swapped(roles: Mapping[str, int], instead_of: str, role: str) -> dict[str, int]:
    found = dict(roles)
    found[instead_of] -= 1
    found[role] = found.get(role, 0) + 1
    return {one: n for one, n in found.items() if n > 0}


def _roles_of_teams(graph: Pathway, problem: Problem, shares: Shares, edits: _Edits) -> None:
    """Give teams the roles that stand in; a file's numbers are at least 1, those that hold are by place."""
    for task, roles in shares.standing_in.items():
        for role in roles:
            team = next(team for way in problem.ways if way.task == task and way.role == role
                        for team, one in way.work if one == role)  # fmt: skip
            name, like = team.partition("/")[2], _instead_of(problem, task, role)
            content = graph.graph["team"][name]
            for i, row in enumerate(content.get("staff", ())):
                if role not in row and like in row:
                    edits.values[f"team.{name}.staff.{i}.{role}"] = 1
            for key in ("clinicians", "caseload", "clinic_minutes_per_week"):
                if like in content.get(key, {}) and role not in content[key]:
                    edits.values[f"team.{name}.{key}.{role}"] = 1 if key == "clinicians" else content[key][like]


def _numbers(problem: Problem, solution: Solution, shares: Shares) -> list[dict[str, Any]]:
    """Return the numbers of every pool, as `[[team]]` tables."""
    found: list[dict[str, Any]] = []
    for team, role, hours in _newcomers(problem, shares):
        nobody = {"clinicians": {role: 0}} if hours is None else {"role": role, "hours": hours, "number": 0}
        found.append({"team": team, **nobody})
    for pool, numbers in zip(problem.pools, solution.numbers, strict=True):
        if not _known(problem, pool.team, pool.role, shares):
            continue
        if pool.kind == "clinicians":
            found.append({"team": pool.team, "place": pool.place, "clinicians": {pool.role: numbers[0]}})
            continue
        for row, n in zip(pool.rows, numbers, strict=True):
            found.append({"team": pool.team, "place": pool.place, "role": pool.role, "hours": row.hours, "number": n})
    return found


def _newcomers(problem: Problem, shares: Shares) -> list[tuple[str, str, str | None]]:
    """Return (team, role, hours of a row) of roles that teams do not have now: nobody anywhere, unless said."""
    rows: dict[tuple[str, str, str | None], int] = {}
    for pool in problem.pools:
        for row in pool.rows:
            key = (pool.team, pool.role, None if pool.kind == "clinicians" else row.hours)
            rows[key] = rows.get(key, 0) + row.baseline
    teams = {key[:2]: sum(n for other, n in rows.items() if other[:2] == key[:2]) for key in rows}
    return [key for key in rows if not teams[key[:2]] and _known(problem, key[0], key[1], shares)]


def _known(problem: Problem, team: str, role: str, shares: Shares) -> bool:
    """Whether a team has a role in the scenario: by its pathway, or because it stands in."""
    if any(pool.team == team and pool.role == role and row.baseline for pool in problem.pools for row in pool.rows):
        return True
    return any(
        way.role == role and (team, role) in way.work and role in shares.standing_in.get(way.task, {})
        for way in problem.ways
    )
