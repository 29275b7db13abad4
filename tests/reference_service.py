"""What a stand-alone pathway file declares, as plain objects for the slow twin: no arrays, no graph.

Durations are whole seconds, laws are their tables as lists of integers.
"""

from __future__ import annotations

import datetime
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pathways import guards, laws, rosters
from pathways.durations import seconds

WEEK = 604_800
FOREVER = 1 << 60
URGENCY = {"emergency": 0, "urgent": 1, "soon": 2, "routine": 3}


@dataclass
class Post:
    """People of one role and one roster row, who come and go together; or the places of a team."""

    role: str
    size: int
    shifts: list[tuple[int, int]]  # of a week, seconds from Monday 00:00; empty: always there
    last_start: int = 0  # seconds before the end of a shift in which nothing is begun
    free: int = 0
    shift: int = 0
    ends: int = FOREVER
    on: bool = False
    open: bool = False


@dataclass
class Team:
    """One team: its post groups by role (`places` is a role too) and its door policy."""

    name: str
    posts: list[Post] = field(default_factory=list)
    refuses: bool = False


@dataclass
class Group:
    """Routes that share one event and one guard, in the order of the file."""

    event: str
    number: int  # seconds of `waiting`, times of `dna`
    guard: guards.Expr | None
    routes: list[dict[str, Any]]


@dataclass
class State:
    """One state as declared."""

    name: str
    kind: str
    urgency: int
    needs: list[list[tuple[str, str, int]]]  # alternatives of (team, role, how many)
    minutes: list[int] | None = None
    travel: list[int] | None = None
    records: list[int] | None = None
    patience: list[int] | None = None
    dna_minutes: list[int] | None = None
    dna: int = 0  # 32-bit threshold
    queue_limit: int | None = None
    hold_after: int = 0
    refuses: bool = False  # nobody may join while no one is on shift
    group_size: int = 0
    group_least: int = 0
    group_within: int = 0
    blocked_by: str | None = None
    visits: tuple[int, State] | None = None  # recurring contacts: their interval, and the state they are
    groups: list[Group] = field(default_factory=list)

    @property
    def escalations(self) -> list[int]:
        """Seconds of the `waiting` routes, ascending."""
        return sorted({group.number for group in self.groups if group.event == "waiting"})


@dataclass
class Service:
    """A whole file."""

    name: str
    start: datetime.date
    streams: dict[str, dict[str, Any]]
    teams: dict[str, Team]
    states: dict[str, State]

    @property
    def start_second(self) -> int:
        """Second of the week at which the run begins, 0 = Monday 00:00."""
        return self.start.weekday() * 86_400

    @property
    def columns(self) -> tuple[str, ...]:
        """Names guards may use of any person; who comes from a stream has none of them unless it says so."""
        return (*guards.COLUMNS, *guards.CONDITIONS, *self.attributes)

    @property
    def attributes(self) -> set[str]:
        """Names of what streams say of their patients."""
        return {name for stream in self.streams.values() for name in stream.get("attributes", {})}


def table(value: Any) -> list[int] | None:
    """Return the quantile table of a law as integers."""
    return None if value is None else laws.law(value).table().tolist()


def read(path: Path) -> Service:
    """Read a file."""
    content = tomllib.loads(path.read_text())
    start = datetime.date.fromisoformat(str(content.get("start", "2016-04-04")))
    service = Service(content["name"], start, content.get("arrivals", {}), {}, {})
    for name, keys in content.get("team", {}).items():
        service.teams[name] = _team(name, keys)
    for name, keys in content["state"].items():
        state = service.states[name] = _state(name, keys, "places" in content.get("team", {}).get(keys.get("team"), {}))
        state.refuses = any(service.teams[team].refuses for needs in state.needs for team, _, _ in needs)
    for route in content.get("route", []):
        event, number, guard = _when(route, service)
        groups = service.states[route["from"]].groups
        same = [g for g in groups if (g.event, g.number, g.guard) == (event, number, guard)]
        if not same:
            groups.append(Group(event, number, guard, []))
        (same or groups[-1:])[0].routes.append(route)
    return service


def _when(route: dict[str, Any], service: Service) -> tuple[str, int, guards.Expr | None]:
    """Split `waiting 4 h` and `dna 2` into event and number (seconds, times); `waited > …` is a guard."""
    when = route.get("when", "")
    words = [text for text in (route.get("if"), when if when.startswith("waited") else None) if text]
    found = [guards.parse(text, [*guards.VOCABULARY, *service.attributes]) for text in words]
    guard = found[0] if len(found) == 1 else found[0].both(found[1]) if found else None
    if when.startswith("waited"):
        return "", 0, guard
    word, _, rest = when.partition(" ")
    if word == "waiting":
        return word, int(seconds(rest)), guard
    return word, int(rest) if rest else 0, guard


def _team(name: str, keys: dict[str, Any]) -> Team:
    team = Team(name, refuses=keys.get("closed") == "refuse")
    last_start = int(seconds(keys["last_start"])) if "last_start" in keys else 0
    rows = keys.get("staff", [])
    for row in [rows] if isinstance(rows, dict) else rows:
        hours = row.get("hours", "24/7")
        shifts = [] if hours == "24/7" else list(rosters.spans(hours))
        for role, size in row.items():
            if role not in ("hours", "least"):
                team.posts.append(Post(role, size, shifts, last_start))
    if "places" in keys:
        team.posts.append(Post("places", keys["places"], []))
    return team


def _state(name: str, keys: dict[str, Any], has_places: bool = False) -> State:
    needs: list[list[tuple[str, str, int]]] = []
    if keys["kind"] == "place":
        needs = [[(keys["team"], "places", 1)]] if has_places else [[]]
    elif "needs" in keys:
        needs = [[(team, role, n) for team, roles in keys["needs"].items() for role, n in roles.items()]]
    elif "roles" in keys:
        sets = [keys["roles"], *keys.get("or_roles", [])]
        needs = [[(keys["team"], role, n) for role, n in roles.items()] for roles in sets]
    urgency = URGENCY[keys.get("urgency", "routine")]
    lasts = keys.get("minutes", keys.get("stay", keys.get("time")))
    state = State(name, keys["kind"], urgency, needs, table(lasts), hold_after=_hold(keys, urgency))
    state.travel, state.records = table(keys.get("travel")), table(keys.get("records"))
    state.patience, state.dna_minutes = table(keys.get("patience")), table(keys.get("dna_minutes"))
    state.dna = round(keys.get("dna", 0.0) * 2**32)
    state.queue_limit = keys.get("queue_limit")
    state.blocked_by = keys.get("blocked_by")
    if "group" in keys:
        group = keys["group"]
        state.group_size, state.group_least = group["size"], group.get("least", 1)
        state.group_within = int(seconds(group["start_within"])) if "start_within" in group else 0
    if "contacts" in keys:
        inner = {"kind": "contact", "team": keys["team"]} | keys["contacts"]
        state.visits = (int(seconds(inner.pop("every"))), _state(f"{name}/visit", inner))
    return state


def _hold(keys: dict[str, Any], urgency: int) -> int:
    """Seconds after which a request that was passed over keeps what comes free: see `hold_after`."""
    if "hold_after" in keys:
        return int(seconds(keys["hold_after"]))
    if urgency == 0:
        return 0
    standard = keys.get("standard")
    return int(seconds(standard["within"])) // 2 if standard else 4 * 3600
