"""Pathways flattened: states, routes, clocks and laws as the tables the kernels read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from abm.units import PLACES_ROLE, SCOPES, Places, Units
from kernels import columns as c
from kernels import routing
from kernels.attributes import CONDITIONS, FIRST_CONDITION, FIRST_TRAIT, NAMES, PAST_USE
from kernels.draws import purpose, tag
from pathways import laws
from pathways.cycles import states_on_cycles
from pathways.errors import InputError
from pathways.laws import Law
from pathways.specs import PathwaySpec, RouteSpec, StateSpec

KINDS = {"contact": c.CONTACT, "place": c.PLACE, "wait": c.WAIT, "decision": c.DECISION, "end": c.END}
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
}
OPERATIONS = {
    "LOAD": routing.LOAD, "CONST": routing.CONST, "LT": routing.LT, "LE": routing.LE, "GT": routing.GT,
    "GE": routing.GE, "EQ": routing.EQ, "NE": routing.NE, "AND": routing.AND, "OR": routing.OR, "NOT": routing.NOT,
}  # fmt: skip
SCORES = {"phq9": 3, "gad7": 4, "severity": 5}
WEEK = 604800
HOUR = 3600
ALWAYS = 1 << 32  # 32-bit threshold of certainty
NEVER_WITHIN = 2**31 - 1


@dataclass(frozen=True)
class ClockName:
    """One clock: declared, or the standard of a state."""

    pathway: str
    name: str
    title: str
    scope: str
    team: str | None
    within: int | None
    share: float | None
    status: str
    source: str
    finished: bool
    of_state: bool
    from_date: object = None
    to_date: object = None


@dataclass
class Flat:
    """The tables, and the names behind their indices."""

    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    state_names: list[str] = field(default_factory=list)
    routes: list[tuple[str, str, str]] = field(default_factory=list)
    """(from, to, event or guard) of every route"""
    cells: list[tuple[int, str]] = field(default_factory=list)
    """(state, place) of every tally cell"""
    clocks: list[ClockName] = field(default_factory=list)
    clock_cells: list[tuple[int, str]] = field(default_factory=list)
    lists: list[tuple[int, int]] = field(default_factory=list)
    """(state, place offset) of every waiting list"""
    pathways: list[str] = field(default_factory=list)
    n_repeats: int = 1
    slots: int = 1
    traits: dict[str, int] = field(default_factory=dict)

    def state(self, name: str) -> int:
        """Return the index of `pathway/state`."""
        return self.state_names.index(name)


class Flattening:
    """Builds a `Flat` from parsed pathways and their units."""

    def __init__(
        self,
        specs: Mapping[str, PathwaySpec],
        places: Places,
        units: Units,
        rules: frozenset[str] = frozenset(),
    ):
        self.specs, self.places, self.units, self.rules = specs, places, units, rules
        self.flat = Flat(pathways=list(specs))
        self.tables: dict[str, int] = {}
        self.table_rows: list[np.ndarray] = []
        self.counts: list[np.ndarray] = []
        self.rows: dict[str, list] = {
            name: [] for name in ("route", "odds", "route_group", "guard_code", "alternative", "need", "clock_op", "change",
                                  "phase", "opening", "escalation")
        }  # fmt: skip
        self.states: list[tuple[str, str, StateSpec, str | None]] = []  # pathway, name, spec, parent
        for pathway, spec in specs.items():
            for name, state in spec.states.items():
                self.states.append((pathway, name, state, None))
                if state.contacts is not None:
                    self.states.append((pathway, f"{name}/visit", _visit_state(state), name))
        self.states += [(pathway, name, StateSpec(kind="end"), None) for pathway, name in _not_loaded(specs)]
        self.index = {f"{pathway}/{name}": i for i, (pathway, name, _, _) in enumerate(self.states)}
        self.flat.state_names = list(self.index)
        self.repeats = states_on_cycles(specs)
        self.flat.traits = {}
        for spec in specs.values():
            for stream in spec.arrivals.values():
                for name in stream.attributes:
                    if name not in NAMES:
                        self.flat.traits.setdefault(name, len(self.flat.traits))

    def full_name(self, pathway: str, state: str) -> str:
        """Return `pathway/state`, refusing states that are not there."""
        name = state if "/" in state and state in self.index else f"{pathway}/{state}"
        if name not in self.index:
            raise InputError(
                file=self.specs[pathway].file, key=state, value=state,
                expected="a state of a pathway that is loaded: add its pathway to `pathways`",
            )  # fmt: skip
        return name

    def build(self) -> Flat:
        """Return the tables."""
        state = np.zeros(len(self.states), dtype=c.STATE)
        repeat = 0
        n_cells = 0
        n_lists = 0
        list_pools: list[list[int]] = []
        for i, (pathway, name, spec, parent) in enumerate(self.states):
            row = state[i]
            full = f"{pathway}/{name}"
            row["kind"] = KINDS[spec.kind]
            row["urgency"] = spec.urgency
            row["pathway"] = list(self.specs).index(pathway)
            row["rule"] = full in self.rules
            row["parent"] = self.index[f"{pathway}/{parent}"] if parent else -1
            row["child"] = self.index[f"{full}/visit"] if spec.contacts else -1
            row["repeat"] = -1
            if full in self.repeats and not parent:
                row["repeat"] = repeat
                repeat += 1
            self._laws(row, full, spec)
            self._waits(row, spec)
            self._needs(row, pathway, spec)
            scope = self._scope(pathway)
            row["scope"] = SCOPES[scope]
            row["cell_base"] = n_cells
            self.flat.cells += [(i, place) for place in self.places.names(scope)]
            n_cells += len(self.places.names(scope))
            if row["list_base"] == 0:
                row["list_base"] = n_lists
                pools = self._list_pools(i, row)
                list_pools += pools
                n_lists += len(pools)
            row["groups"] = self._routes(pathway, name, parent)
            row["closed"] = any(self._refuses(pathway, spec))
            row["escalations"] = self._escalations(pathway, name, parent)
            row["opens"] = self._openings(pathway, full, spec)
            row["marks"] = 1 << PAST_USE.index(spec.marks) if spec.marks else 0
            row["blocked_by"] = self.index[self.full_name(pathway, spec.blocked_by)] if spec.blocked_by else -1
        self.flat.n_repeats = max(repeat, 1)
        self._clocks(state)
        arrays = self.flat.arrays
        arrays["state"] = state
        self._records()
        arrays["table"] = np.stack(self.table_rows) if self.table_rows else np.zeros((1, 2049), dtype=np.int64)
        arrays["counts"] = np.stack(self.counts) if self.counts else np.full((1, 256), ALWAYS, dtype=np.int64)
        arrays["normal"] = laws.normal_table()
        arrays["list_pools"] = _padded(list_pools)
        arrays["lists_of_pool"] = self._lists_of_pool(list_pools)
        arrays["escalation"] = np.array(self.rows["escalation"] or [0], dtype=np.int32)
        return self.flat

    def _escalations(self, pathway: str, name: str, parent: str | None) -> tuple[int, int]:
        """Lay down after how long a wait in a state has `waiting 4 h` routes, shortest first."""
        rows = self.rows["escalation"]
        first = len(rows)
        if parent is None:
            events = [route.when for route in self.specs[pathway].routes_from(name)]
            rows += sorted({event.seconds for event in events if event is not None and event.kind == "waiting"})
        return first, len(rows)

    def _refuses(self, pathway: str, spec: StateSpec) -> Iterator[bool]:
        """Yield, for each team a contact needs, whether it refuses people out of hours."""
        for needs in spec.alternatives() if spec.kind == "contact" else ():
            for team in needs:
                full = team if "/" in team else f"{pathway}/{team}"
                yield self.specs[full.split("/")[0]].teams[full.split("/")[1]].closed == "refuse"

    def _scope(self, pathway: str) -> str:
        scopes = {team.scope for team in self.specs[pathway].teams.values()}
        return "site" if "site" in scopes else "system"

    # --- laws and what a state does -------------------------------------------------------------------------

    def law(self, law: Law | None, residual: bool = False) -> int:
        """Return the row of a law's table, −1 for none."""
        if law is None:
            return -1
        key = law.digest() + ("/residual" if residual else "")
        if key not in self.tables:
            self.tables[key] = len(self.table_rows)
            self.table_rows.append(np.asarray(law.residual_table() if residual else law.table(), dtype=np.int64))
        return self.tables[key]

    def _laws(self, row: np.void, full: str, spec: StateSpec) -> None:
        length = spec.stay if spec.kind == "place" else spec.minutes
        row["minutes"] = self.law(length)
        row["residual"] = self.law(length, residual=True) if spec.at_start_stay == "stationary" else -1
        row["travel"] = self.law(spec.travel)
        row["records"] = self.law(spec.records)
        row["patience"] = self.law(spec.patience)
        row["dna_minutes"] = self.law(spec.dna_minutes)
        row["first_minutes"] = -1
        row["n_sessions"] = -1
        row["session_change"] = -1
        row["dna"] = round(spec.dna * ALWAYS)
        row["dna_allowed"] = 100
        row["purpose"] = purpose(f"{full}/visit")
        row["purpose_travel"] = purpose(f"{full}/travel")
        row["purpose_session"] = purpose(f"{full}/session")
        row["change"] = self._changes(full, spec.changes)
        if spec.sessions is not None:
            s = spec.sessions
            thresholds = np.full(256, ALWAYS, dtype=np.int64)
            cumulative = np.cumsum([0.0, *s.number.chances])
            for value in range(max(s.number.values)):  # index k is drawn while u lies between P(<k) and P(≤k)
                at_most = sum(p for v, p in zip(s.number.values, s.number.chances, strict=True) if v <= value)
                thresholds[value] = round(at_most / cumulative[-1] * ALWAYS)
            row["n_sessions"] = len(self.counts)
            self.counts.append(thresholds)
            row["every"] = s.every
            row["keep"] = s.keep_clinician
            row["first_minutes"] = self.law(s.first_minutes)
            row["drop_out"] = round(s.drop_out * ALWAYS)
            row["dna"] = round((s.dna or spec.dna) * ALWAYS)
            row["dna_allowed"] = 100 if s.dna_allowed is None else s.dna_allowed
            if s.change is not None:
                row["session_change"] = self._changes(f"{full}/session", (s.change,))[0]
        if spec.contacts is not None:
            first = len(self.rows["phase"])
            self.rows["phase"] += [
                (NEVER_WITHIN if until is None else until, every) for until, every in spec.contacts.every
            ]
            row["phases"] = (first, len(self.rows["phase"]))

    def _changes(self, full: str, changes: tuple) -> tuple[int, int]:
        first = len(self.rows["change"])
        for i, change in enumerate(changes):
            self.rows["change"].append(
                (
                    SCORES[change.column],
                    round(change.mean * 65536),
                    round(change.sd * 65536),
                    purpose(f"{full}/change{i}"),
                )
            )
        return first, len(self.rows["change"])

    def _waits(self, row: np.void, spec: StateSpec) -> None:
        row["queue_limit"] = -1 if spec.queue_limit is None else spec.queue_limit
        row["within"] = spec.standard.within if spec.standard else 0
        if spec.hold_after is not None:
            row["hold_after"] = spec.hold_after
        elif spec.urgency == 0:
            row["hold_after"] = 0
        else:
            row["hold_after"] = spec.standard.within // 2 if spec.standard else 4 * HOUR
        row["worsens"] = -1
        row["worsens_above"] = -1
        if spec.worsening is not None:
            row["worsens"] = SCORES[spec.worsening.column]
            row["worsening"] = round(spec.worsening.per_week / WEEK * 2**32)
            above = getattr(spec.worsening, "above", None)
            row["worsens_above"] = -1 if above is None else above
        if spec.group is not None:
            row["group_size"] = spec.group.size
            row["group_least"] = spec.group.least
            row["group_within"] = spec.group.start_within or 0

    # --- who is needed --------------------------------------------------------------------------------------

    def _needs(self, row: np.void, pathway: str, spec: StateSpec) -> None:
        alternatives = self.rows["alternative"]
        first = len(alternatives)
        scopes = set()
        n_slots_all = [0]
        for wanted in self._wanted(pathway, spec):
            first_need = len(self.rows["need"])
            n_slots = 0
            for team, role, kind, number, seconds in wanted:
                key = self.units.keys.get((team, role, kind))
                if key is None:
                    raise InputError(
                        file=self.specs[pathway].file,
                        key=team,
                        value=role,
                        expected="a role that the team has",
                    )
                scopes.add(self.units.scope_of_key[key])
                kinds = {"staff": c.STAFF, "places": c.PLACES, "course": c.COURSE}
                self.rows["need"].append((key, self.units.scope_of_key[key], number, kinds[kind], seconds))
                n_slots += 0 if kind == "course" else number
            alternatives.append(((first_need, len(self.rows["need"])), n_slots))
            n_slots_all.append(n_slots)
        row["alternative"] = (first, len(alternatives))
        one = alternatives[first:] and [self.rows["need"][i] for i in range(*alternatives[first][0])]
        row["simple"] = (
            len(alternatives) - first == 1
            and len(one) == 1
            and one[0][2] == 1
            and one[0][3] != c.COURSE
            and spec.group is None
        )
        self.flat.slots = max(self.flat.slots, *n_slots_all)
        row["list_base"] = 0 if spec.kind in ("contact", "place") else -1
        both = {c.SYSTEM, c.SITE} <= scopes
        row["list_scope"] = c.SYSTEM_AND_SITE if both else max(scopes, default=c.AREA)

    def _wanted(self, pathway: str, spec: StateSpec) -> list[list[tuple[str, str, str, int, int]]]:
        """Return, for each alternative, (team, role, kind, number, weekly seconds)."""
        if spec.kind == "place":
            if spec.team is None or self.specs[pathway].teams[spec.team].places is None:
                return [[]]
            return [[(f"{pathway}/{spec.team}", PLACES_ROLE, "places", 1, 0)]]
        wanted = []
        for needs in spec.alternatives():
            one = []
            for team, roles in needs.items():
                full = team if "/" in team else f"{pathway}/{team}"
                held = self.specs[full.split("/")[0]].teams[full.split("/")[1]].clinicians
                for role, number in roles.items():
                    if spec.sessions is not None and spec.sessions.keep_clinician and role in held:
                        one.append((full, role, "course", 1, _weekly_seconds(spec)))
                    else:
                        one.append((full, role, "staff", number, 0))
            wanted.append(one)
        return wanted or ([[]] if spec.kind == "contact" else [])

    def _list_pools(self, state: int, row: np.void) -> list[list[int]]:
        """Return the pools each waiting list of a state may use, one list a place."""
        n_systems, n_sites = len(self.places.systems), len(self.places.sites)
        n = {c.AREA: 1, c.SYSTEM: n_systems, c.SITE: n_sites, c.SYSTEM_AND_SITE: n_systems * n_sites}[
            int(row["list_scope"])
        ]
        lists = []
        for at in range(n):
            system, site = {
                c.AREA: (0, 0), c.SYSTEM: (at, 0), c.SITE: (0, at), c.SYSTEM_AND_SITE: divmod(at, n_sites)
            }[int(row["list_scope"])]  # fmt: skip
            pools: dict[int, None] = {}
            for a in range(*row["alternative"]):
                for need in range(*self.rows["alternative"][a][0]):
                    key, scope, *_ = self.rows["need"][need]
                    where = {c.AREA: 0, c.SYSTEM: system, c.SITE: site}[scope]
                    pools[int(self.units.pool_of[key, where])] = None
            lists.append(list(pools) or [self.units.free_pool])
            self.flat.lists.append((state, at))
        return lists

    def _lists_of_pool(self, list_pools: list[list[int]]) -> np.ndarray:
        flat: list[int] = []
        for p in range(len(self.units.pool)):
            first = len(flat)
            flat += [at for at, pools in enumerate(list_pools) if p in pools]
            self.units.pool[p]["lists"] = (first, len(flat))
            self.units.pool[p]["alone"] = len(flat) - first == 1 and len(list_pools[flat[first]]) == 1
        return np.array(flat or [0], dtype=np.int32)

    # --- routes ---------------------------------------------------------------------------------------------

    def _routes(self, pathway: str, name: str, parent: str | None) -> tuple[int, int]:
        groups = self.rows["route_group"]
        first = len(groups)
        if parent is not None:
            return first, first
        found: dict[tuple, list[RouteSpec]] = {}
        for route in self.specs[pathway].routes_from(name):
            found.setdefault(route.group, []).append(route)
        plain = [key for key in found if key == (None, None)]
        guarded = [key for key in found if key[0] is None and key[1] is not None]
        events = sorted((key for key in found if key[0] is not None), key=_event_order)
        for key in [*events, *guarded, *plain]:
            groups.append(self._group(pathway, name, key, found[key]))
        return first, len(groups)

    def _group(self, pathway: str, name: str, key: tuple, routes: list[RouteSpec]) -> tuple:
        when, guard = key
        first_code = len(self.rows["guard_code"])
        if guard is not None:
            for op, operand in guard.postfix():
                value = float(self._code(str(operand))) if op == "LOAD" else float(operand or 0.0)
                self.rows["guard_code"].append((OPERATIONS[op], value))
        first = len(self.rows["route"])
        has_odds = any(route.odds for route in routes)
        so_far = 0.0
        for route in routes:
            so_far += route.share
            first_odds = len(self.rows["odds"])
            self.rows["odds"] += [(self._code(attribute), factor) for attribute, factor in route.odds.items()]
            to = self.full_name(pathway, route.to)
            odds = (first_odds, len(self.rows["odds"]))
            self.rows["route"].append((self.index[to], route.share, round(so_far * ALWAYS), odds))
            why = str(when) if when else ("if" if guard else "")
            self.flat.routes.append((f"{pathway}/{name}", to, why))
        number = (when.seconds or when.number) if when else 0
        code = (first_code, len(self.rows["guard_code"]))
        return (EVENTS[when.kind if when else None], number, code, (first, len(self.rows["route"])), has_odds)

    def _code(self, name: str) -> int:
        if name in self.flat.traits:
            return FIRST_TRAIT + self.flat.traits[name]
        return NAMES[name]

    def _openings(self, pathway: str, full: str, spec: StateSpec) -> tuple[int, int]:
        first = len(self.rows["opening"])
        for state in spec.opens:
            to = self.full_name(pathway, state)
            self.rows["opening"].append((self.index[to], tag(f"opens/{full}/{to}", 12)))
        return first, len(self.rows["opening"])

    # --- clocks ---------------------------------------------------------------------------------------------

    def _clocks(self, state: np.ndarray) -> None:
        operations: dict[tuple[int, str], list[tuple[int, int]]] = {}
        clocks = []
        n_cells = 0

        def add(i: int, when: str, op: int) -> None:
            operations.setdefault((i, when), []).append((op, len(clocks)))

        for p, (pathway, spec) in enumerate(self.specs.items()):
            entry = {stream.to for stream in spec.arrivals.values()} | {door.to for door in spec.doors.values()}
            entry |= {spec.outside.to} if spec.outside else set()
            declared = [(name, clock, None) for name, clock in spec.clocks.items()]
            of_states = [(name, None, s) for name, s in spec.states.items() if s.standard is not None]
            for name, clock, of_state in [*declared, *of_states]:
                if clock is not None:
                    for start in clock.starts:
                        if start == "arrival":
                            for to in entry:
                                add(self.index[f"{pathway}/{to}"], "enters", c.START_ARRIVAL)
                        else:
                            add(self.index[self.full_name(pathway, start)], "enters", c.START)
                    for stop in clock.stops:
                        i = self.index[self.full_name(pathway, stop)]
                        add(i, "seen" if state[i]["kind"] <= c.PLACE else "enters", c.STOP)
                    for pause in clock.pauses:
                        i = self.index[self.full_name(pathway, pause)]
                        add(i, "enters", c.PAUSE)
                        add(i, "leaves", c.RESUME)
                    scope, standard, team = clock.scope, clock.standard, clock.team
                    title = clock.title or name.replace("_", " ")
                else:
                    i = self.index[f"{pathway}/{name}"]
                    add(i, "enters", c.START)
                    add(i, "seen", c.STOP)
                    add(i, "leaves", c.CANCEL)
                    team = of_state.team or (next(iter(of_state.needs)) if of_state.needs else None)
                    standard = of_state.standard
                    home = team if team and "/" in team else f"{pathway}/{team}"
                    home_spec = self.specs[home.split("/")[0]].teams.get(home.split("/")[1]) if team else None
                    scope = home_spec.scope if home_spec else self._scope(pathway)
                    title = of_state.title or name.replace("_", " ")
                if team and "/" not in team:
                    team = f"{pathway}/{team}"
                names = self.places.names(scope)
                self.flat.clock_cells += [(len(clocks), place) for place in names]
                finished = bool(clock and clock.of == "finished")
                self.flat.clocks.append(
                    ClockName(
                        pathway, name, title, scope, team, standard.within if standard else None,
                        standard.share if standard else None, standard.status if standard else "",
                        standard.source if standard else "", finished, clock is None,
                        standard.from_date if standard else None, standard.to_date if standard else None,
                    )
                )  # fmt: skip
                within = standard.within if standard else NEVER_WITHIN
                clocks.append((within, SCOPES[scope], finished, n_cells, p))
                n_cells += len(names)
        order = {c.STOP: 0, c.CANCEL: 0, c.RESUME: 0, c.START_ARRIVAL: 1, c.START: 1, c.PAUSE: 2}
        for i in range(len(self.states)):
            for when in ("enters", "seen", "leaves"):
                first = len(self.rows["clock_op"])
                self.rows["clock_op"] += sorted(operations.get((i, when), []), key=lambda row: order[row[0]])
                state[i][when] = (first, len(self.rows["clock_op"]))
        self.flat.arrays["clock"] = _records_of(clocks, c.CLOCK)

    def _records(self) -> None:
        dtypes = {
            "route": c.ROUTE, "odds": c.ODDS, "route_group": c.ROUTE_GROUP, "guard_code": c.CODE, "alternative": c.ALTERNATIVE,
            "need": c.NEED, "clock_op": c.CLOCK_OP, "change": c.CHANGE, "phase": c.PHASE, "opening": c.OPENING,
        }  # fmt: skip
        for name, dtype in dtypes.items():
            self.flat.arrays[name] = _records_of(self.rows[name], dtype)


def _not_loaded(specs: Mapping[str, PathwaySpec]) -> list[tuple[str, str]]:
    """Return (pathway, state elsewhere) for every state of a pathway that is not loaded: there, the referral ends."""
    found: dict[tuple[str, str], None] = {}
    for pathway, spec in specs.items():
        named = [route.to for route in spec.routes]
        named += [to for state in spec.states.values() for to in (*state.opens, state.blocked_by or "")]
        named += [at for clock in spec.clocks.values() for at in (*clock.starts, *clock.stops, *clock.pauses)]
        for name in named:
            if "/" in name and name.partition("/")[0] not in specs:
                found[pathway, name] = None
    return list(found)


def _records_of(rows: list, dtype: np.dtype) -> np.ndarray:
    return np.array([tuple(row) for row in rows], dtype=dtype) if rows else np.zeros(1, dtype=dtype)


def _padded(rows: list[list[int]]) -> np.ndarray:
    width = max((len(row) for row in rows), default=0) + 1
    out = np.full((max(len(rows), 1), width), -1, dtype=np.int32)
    for i, row in enumerate(rows):
        out[i, : len(row)] = row
    return out


def _event_order(key: tuple) -> tuple:
    """Put `dna 2` before `dna`, guarded before unguarded routes of one event."""
    when, guard = key
    return (EVENTS[when.kind], -(when.seconds or when.number), guard is None)


def _visit_state(stay: StateSpec) -> StateSpec:
    """Return the recurring contact of a stay as a state of its own."""
    visit = stay.contacts
    assert visit is not None
    return StateSpec(
        kind="contact", team=visit.team or stay.team, roles=visit.roles, minutes=visit.minutes, travel=visit.travel,
        records=visit.records, urgency=visit.urgency,
    )  # fmt: skip


def _weekly_seconds(spec: StateSpec) -> int:
    """Return the weekly clinic time one place on a course takes: minutes and records of a session, per week."""
    assert spec.sessions is not None and spec.minutes is not None
    session = spec.minutes.mean + (spec.records.mean if spec.records else 0.0)
    return round(session * WEEK / spec.sessions.every)


def attribute_columns(attributes: Mapping[str, float]) -> tuple[dict[str, int], int]:
    """Return the built-in columns and the condition bits a stream's `attributes` set."""
    bits = sum(1 << CONDITIONS.index(name) for name, value in attributes.items() if name in CONDITIONS and value)
    columns = {
        name: int(value) for name, value in attributes.items() if name in NAMES and NAMES[name] < FIRST_CONDITION
    }
    return columns, bits
