"""Routes flattened: groups by event and guard, guards as programs, odds, escalations, further referrals."""

from __future__ import annotations

from abm import tags
from abm.flat import ALWAYS, Rows
from kernels import columns as c
from kernels import routing
from pathways.specs import RouteSpec, StateSpec

EVENTS = {
    None: c.NO_EVENT,
    "full": c.FULL,
    "refused": c.REFUSED,
    "closed": c.CLOSED,
    "left_waiting": c.LEFT_WAITING,
    "waiting": c.WAITING,
    "dna": c.DNA,
    "missed": c.MISSED,
    "deteriorated": c.DETERIORATED,
    "dropped_out": c.DROPPED_OUT,
    "turns": c.TURNS,
}
OPERATIONS = {
    "LOAD": routing.LOAD, "CONST": routing.CONST, "LT": routing.LT, "LE": routing.LE, "GT": routing.GT,
    "GE": routing.GE, "EQ": routing.EQ, "NE": routing.NE, "AND": routing.AND, "OR": routing.OR, "NOT": routing.NOT,
}  # fmt: skip


def routes(rows: Rows, pathway: str, name: str, parent: str | None) -> tuple[int, int]:
    """Lay down the route groups of a state: events first, then guarded groups in file order, then the plain one."""
    groups = rows.of["route_group"]
    first = len(groups)
    if parent is not None:
        return first, first
    found: dict[tuple, list[RouteSpec]] = {}
    for route in rows.specs[pathway].routes_from(name):
        found.setdefault(route.group, []).append(route)
    plain = [key for key in found if key == (None, None)]
    guarded = [key for key in found if key[0] is None and key[1] is not None]
    events = sorted((key for key in found if key[0] is not None), key=_event_order)
    for key in [*events, *guarded, *plain]:
        groups.append(group(rows, pathway, name, key, found[key]))
    return first, len(groups)


def group(rows: Rows, pathway: str, name: str, key: tuple, routes: list[RouteSpec]) -> tuple:
    """Lay down the routes of one group and return its row."""
    when, guard = key
    first_code = len(rows.of["guard_code"])
    if guard is not None:
        for op, operand in guard.postfix():
            value = float(rows.code(str(operand))) if op == "LOAD" else float(operand or 0.0)
            rows.of["guard_code"].append((OPERATIONS[op], value))
    first = len(rows.of["route"])
    has_odds = any(route.odds for route in routes)
    so_far = 0.0
    for route in routes:
        so_far += route.share
        first_odds = len(rows.of["odds"])
        rows.of["odds"] += [(rows.code(attribute), factor) for attribute, factor in route.odds.items()]
        to = rows.full_name(pathway, route.to)
        odds = (first_odds, len(rows.of["odds"]))
        rows.of["route"].append((rows.index[to], route.share, round(so_far * ALWAYS), odds))
        why = str(when) if when else ("if" if guard else "")
        rows.flat.routes.append((f"{pathway}/{name}", to, why))
    number = (when.seconds or when.number) if when else 0
    code = (first_code, len(rows.of["guard_code"]))
    return (EVENTS[when.kind if when else None], number, code, (first, len(rows.of["route"])), has_odds)


def _event_order(key: tuple) -> tuple:
    """Put `dna 2` before `dna`, guarded before unguarded routes of one event."""
    when, guard = key
    return (EVENTS[when.kind], -(when.seconds or when.number), guard is None)


def escalations(rows: Rows, pathway: str, name: str, parent: str | None) -> tuple[int, int]:
    """Lay down after how long a wait in a state has `waiting 4 h` routes, shortest first."""
    seconds = rows.of["escalation"]
    first = len(seconds)
    if parent is None:
        events = [route.when for route in rows.specs[pathway].routes_from(name)]
        seconds += sorted({event.seconds for event in events if event is not None and event.kind == "waiting"})
    return first, len(seconds)


def openings(rows: Rows, pathway: str, full: str, spec: StateSpec) -> tuple[int, int]:
    """Lay down the further referrals a state opens; into a pathway that is not open: none.

    With shares the openings take stretches of one word, one behind the other: at most one of them is opened.
    """
    first = len(rows.of["opening"])
    so_far = 0.0
    for i, state in enumerate(spec.opens):
        start, stop = 0, ALWAYS
        if spec.opens_share:
            start = round(so_far * ALWAYS)
            so_far += spec.opens_share[i]
            stop = round(so_far * ALWAYS)
        if "/" in state and state.partition("/")[0] not in rows.specs:
            continue
        to = rows.full_name(pathway, state)
        tag = tags.of_openings(rows.specs, [(full, to)])[full, to]
        rows.of["opening"].append((rows.index[to], tag, start, stop))
    return first, len(rows.of["opening"])
