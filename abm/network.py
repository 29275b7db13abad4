"""A network of pathways ready to run: arrays for the kernels, and the loop that makes room for them."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from abm import posts
from abm.flat import Flat
from abm.flattening import flatten
from abm.hours import Hours
from abm.pages import Blank, side_by_side
from abm.room import check_people_at_start, longer, room_to_live
from abm.units import Places, Units, build
from kernels import columns as c
from kernels import entry
from kernels.calendar_queue import ROOM, step_division
from kernels.draws import purpose
from kernels.model import OF_LIVES, SPECS, Model
from kernels.tallies import N_BINS
from pathways import laws
from pathways.specs import PathwaySpec

DAY = 86400
HOUR = 3600
WEIGHT = 1 << 10
RATE = 2.0**46
CHUNK = 4096  # people there at the start who are put in at a time, with room made between


@dataclass(frozen=True)
class Stream:
    """Arrivals that are not residents: a stand-alone file's, or patients from elsewhere at one site."""

    name: str
    """stable path, e.g. `three-stations/a`"""
    to: str
    per_hour: float = 0.0
    profile: np.ndarray | None = None
    """float[168] relative weights by hour of the week (mean 1), or None for a steady stream"""
    profile_row: int | None = None
    """row of the run's profiles, where they are shared; else the stream's own number"""
    interval: laws.Law | None = None
    start: int = 0
    stop: int = 2**31 - 2
    person: int = 0
    n_persons: int = 1
    system: int = 0
    site: int = 0


@dataclass
class Network:
    """What can happen: flattened pathways, units, streams, hazards."""

    specs: dict[str, PathwaySpec]
    places: Places
    units: Units
    flat: Flat
    static: dict[str, np.ndarray]
    streams: tuple[Stream, ...] = ()
    n_residents: int = 0


def compile_network(
    specs: Mapping[str, PathwaySpec],
    places: Places,
    *,
    plan: np.ndarray | None = None,
    rosters: Sequence[Any] = (),
    n_residents: int = 0,
    rules: frozenset[str] = frozenset(),
    streams: Sequence[Stream] = (),
    n_at_start: int | None = None,
) -> Network:
    """Flatten pathways and teams; `plan` (int32[lever]) replaces the numbers of the files.

    Of `n_residents` rows the first `n_at_start` are people who are there at the start (default: all).
    """
    units = build(specs, places, plan, rosters)
    flat = flatten(specs, places, units, rules)
    sizes = np.zeros(7, dtype=np.int64)
    sizes[c.N_SYSTEMS] = len(places.systems)
    sizes[c.N_SITES] = len(places.sites)
    sizes[c.N_RESIDENTS] = n_residents
    sizes[c.N_AT_START] = n_residents if n_at_start is None else n_at_start
    sizes[c.EXCLUSIVE] = 1 if n_residents else 0
    sizes[c.SLOTS] = flat.slots
    static = dict(flat.arrays, pool_of=units.pool_of, toggle=units.toggle, hours=units.hours, sizes=sizes)
    return Network(dict(specs), places, units, flat, static, tuple(streams), n_residents)


def empty_people(streams: Sequence[Stream], n_traits: int) -> dict[str, np.ndarray]:
    """Return a people table with one template row a stream and no residents."""
    n = max(len(streams), 1) + 1
    return dict(
        area=np.zeros(n, np.uint16), ordinal=np.zeros(n, np.uint16), age=np.zeros(n, np.uint8),
        sex=np.zeros(n, np.uint8), ethnicity=np.zeros(n, np.uint8), conditions=np.zeros(n, np.uint32),
        phq9=np.zeros(n, np.uint8), gad7=np.zeros(n, np.uint8), severity=np.zeros(n, np.uint8),
        past_use=np.zeros(n, np.uint8), risk=np.zeros((n, 0), np.uint16), reached=np.zeros(n, np.uint64),
        person=np.full(n, c.NOBODY), traits=np.zeros((n, max(n_traits, 1))),
    )  # fmt: skip


def no_areas() -> dict[str, np.ndarray]:
    """Return a table of one nameless small area."""
    return dict(
        area_code=np.zeros(1, np.uint32), area_system=np.zeros(1, np.int8), area_decile=np.zeros(1, np.int8),
        catchment=np.full((1, 1), 1 << 32, np.int64),
    )  # fmt: skip


@dataclass(frozen=True)
class Profiles:
    """Profiles of demand over time, integrated to the hour, exactly as the kernels read them."""

    integral: np.ndarray
    """int64[profile, hour + 1] in 2**-10 s"""
    weight: np.ndarray
    """int64[profile, hour + 1] in 2**-10"""


def integrated(
    profiles: Sequence[tuple[np.ndarray, np.ndarray]],
    start: datetime.date,
    days: int,
    factors: Sequence[np.ndarray] | None = None,
) -> Profiles:
    """Integrate profiles (hour of week float[168], month float[12], each of mean 1) over `days` from `start`.

    `factors` (float64[hour + 1] a profile) are those of surges.
    """
    hours = np.arange(days * 24 + 1)
    of_week = (hours + 24 * start.weekday()) % 168
    month = np.array([(start + datetime.timedelta(days=int(d))).month - 1 for d in range(days + 1)])[hours // 24]
    curves = [week[of_week] * year[month] for week, year in profiles]
    if factors is not None:
        curves = [curve * factor for curve, factor in zip(curves, factors, strict=True)]
    weight = np.stack([np.rint(curve * WEIGHT).astype(np.int64) for curve in curves])
    integral = np.zeros_like(weight)
    integral[:, 1:] = np.cumsum(weight[:, :-1] * HOUR, axis=1)
    return Profiles(integral, weight)


def no_hazards(profiles: Profiles, n_sites: int = 1) -> dict[str, np.ndarray]:
    """Return hazards without doors (stand-alone files)."""
    return dict(
        door=np.zeros(0, c.DOOR), family=np.zeros(0, c.FAMILY), family_door=np.zeros(0, np.int32),
        scan=np.zeros(0, c.SCAN), scan_door=np.zeros(0, np.int32),
        rate=np.zeros(0, np.uint32), most=np.zeros(0, np.uint32),
        integral=profiles.integral, weight=profiles.weight, site_factor=np.full((1, n_sites), 1 << 32, np.int64),
        factor_column=np.zeros(0, np.int32), factor_cuts=np.zeros((0, 1)), factor_stride=np.zeros(0, np.int64),
        compact=np.zeros(1, np.uint16), exponential=laws.unit_exponential_table(),
    )  # fmt: skip


def no_lives() -> dict[str, np.ndarray]:
    """Return blank tables of lives: nobody is born, ages or dies."""
    dimensions = {name: ndim for name, (_, ndim) in SPECS.items() if name in OF_LIVES}
    return {name: np.zeros((1,) * ndim, SPECS[name][0]) for name, ndim in dimensions.items()}


class Simulation:
    """One run in progress: the world, and the calls that move it on."""

    def __init__(
        self,
        network: Network,
        people: dict[str, np.ndarray],
        areas: dict[str, np.ndarray],
        hazards: dict[str, np.ndarray],
        *,
        start: datetime.date,
        days: int,
        seed: int,
        replication: int,
        minutes_per_step: int = 15,
        measure_from: int = 0,
        every: int = 0,
        logging: bool = False,
        hourly: bool = False,
        lives: dict[str, np.ndarray] | None = None,
    ) -> None:
        self.network, self.hazards = network, hazards
        self.start, self.days = start, days
        check_people_at_start(network)
        self.log: list[np.ndarray] = []
        self.keep: Callable[[np.ndarray], np.ndarray] | None = None
        """Which entries of the event log are kept: bool[entry] of LOG[entry]; None keeps all"""
        self.decide: Callable[[Simulation, np.ndarray, int], None] | None = None
        world = self._new_world(minutes_per_step, measure_from, every, logging, hourly)
        self.m = Model(**network.static, **people, **areas, **hazards, **world, **(lives or no_lives()))
        self._hours = Hours([self.m.address])
        now = self.m.now
        now[c.SEED], now[c.REPLICATION] = seed & 0xFFFFFFFF, replication
        if len(network.static["toggle"]):
            self._book_rosters()
        for s in range(len(network.streams)):
            entry.book_arrival(self.m.address, s)
        if every:
            entry.book(self.m.address, measure_from + every, c.E_FLUSH, 0)
        self._fill()

    # --- setting up -----------------------------------------------------------------------------------------

    def _new_world(
        self, minutes_per_step: int, measure_from: int, every: int, logging: bool, hourly: bool
    ) -> dict[str, np.ndarray]:
        network, flat = self.network, self.network.flat
        second_of_week = self.start.weekday() * DAY
        post, pool = network.units.post.copy(), network.units.pool.copy()
        posts.initial(network.units.post_rows, post, pool, second_of_week)
        n_ref, n_event, n_heap = 1 << 14, 1 << 16, 1 << 14
        referral = np.zeros(n_ref, c.REFERRAL)
        event = np.zeros(n_event, c.EVENT)
        referral["next"] = np.arange(1, n_ref + 1)
        event["next"] = np.arange(1, n_event + 1)
        horizon = self.days * DAY
        step = minutes_per_step * 60
        now = np.zeros(c.N_SCALARS, np.int64)
        now[c.STEP], now[c.BUCKET], now[c.MEASURE_FROM] = step, -1, measure_from
        now[c.STEP_FACTOR], now[c.STEP_SHIFT] = step_division(step)
        now[c.N_FREE_REFERRAL], now[c.N_FREE_EVENT] = n_ref, n_event
        now[c.LOGGING], now[c.SERIES_EVERY], now[c.RESUME_AT] = logging, max(every, 1), -1
        now[c.HOURLY] = hourly
        now[c.HORIZON], now[c.WEEK_OFFSET] = horizon, self.start.weekday() * 24
        n_cells, n_clock_cells = max(len(flat.cells), 1), max(len(flat.clock_cells), 1)
        waiting = np.zeros(max(len(flat.lists), 1), c.WAITING_LIST)
        waiting["head"] = waiting["tail"] = -1
        for i, (state, _) in enumerate(flat.lists):
            waiting[i]["state"] = state
        n_families = max(len(self.hazards["family"]), 1)
        intervals = (horizon - measure_from) // every + 1 if every else 0
        return side_by_side(dict(
            post=post, pool=pool, clinician=network.units.clinician.copy(), waiting=waiting, stream=self._streams(),
            referral=referral, held_post=Blank((n_ref, flat.slots), np.int32, -1),
            held_shift=Blank((n_ref, flat.slots), np.int32), visits=Blank((n_ref, flat.n_repeats), np.uint16),
            running=Blank((n_ref, flat.clock_slots), c.RUNNING), event=event,
            bucket=Blank(horizon // step + 2, np.int32, -1), heap_key=Blank(n_heap, np.int64),
            heap_event=Blank(n_heap, np.int32),
            account_row=Blank(4 * ROOM, c.ACCOUNT), left_group=Blank(4 * ROOM * n_families, c.LEFT),
            cell=Blank(n_cells, c.CELL),
            histogram=Blank((n_cells, N_BINS), np.int32), clock_cell=Blank(n_clock_cells, c.CLOCK_CELL),
            clock_histogram=Blank((n_clock_cells, N_BINS), np.int32),
            clock_hour=Blank((n_clock_cells, 168, 2), np.int32),
            pool_hour=Blank((len(pool), 168), np.int64),
            flow=Blank((max(len(flat.routes), 1), len(network.places.systems)), np.int64),
            outbox=Blank(2 * ROOM, c.EXCHANGE), stack=Blank(64, np.float64),
            reached_count=Blank((len(flat.pathways), len(network.places.systems)), np.int64),
            joining=Blank(2 * n_heap, np.int32), joining_to=Blank(2 * n_heap, np.int32),
            newly=Blank(2 * n_heap, np.int32), touched=Blank(len(pool) + 1, np.int32),
            candidate=Blank(len(waiting) + 1, np.int32), ruled=Blank(2 * n_heap, np.int32),
            series=Blank((intervals, n_cells, 3), np.int64), log=Blank(1 << 16 if logging else 1, c.LOG), now=now,
        ))  # fmt: skip

    def _streams(self) -> np.ndarray:
        rows = np.zeros(max(len(self.network.streams), 1), c.STREAM)
        for i, stream in enumerate(self.network.streams):
            row = rows[i]
            row["to"] = self.network.flat.state(stream.to)
            row["person"], row["n_persons"] = stream.person, stream.n_persons
            row["system"], row["site"] = stream.system, stream.site
            row["interval"] = -1
            if stream.interval is not None:
                row["interval"] = self._table(stream.interval)
            row["profile"] = i if stream.profile_row is None else stream.profile_row
            row["start"], row["stop"], row["since"] = stream.start, stream.stop, stream.start
            row["rate"] = round(stream.per_hour / HOUR * RATE)
            row["purpose"] = purpose(f"{stream.name}/arrival")
            row["id"] = c.STREAM_ID | (purpose(f"{stream.name}/stream") & 0x0FFFFFFF)
            hour = stream.start // HOUR
            profile = row["profile"]
            weight = self.hazards["weight"][profile, hour]
            row["position"] = self.hazards["integral"][profile, hour] + weight * (stream.start - hour * HOUR)
        return rows

    def _table(self, law: laws.Law) -> int:
        """Add a law's table to the network's and return its row."""
        static = self.network.static
        table = np.asarray(law.table(), dtype=np.int64)
        same = np.flatnonzero((static["table"] == table).all(axis=1))
        if len(same):
            return int(same[0])
        static["table"] = np.vstack([static["table"], table])
        return static["table"].shape[0] - 1

    def _book_rosters(self) -> None:
        second = self.start.weekday() * DAY
        seconds = self.network.static["toggle"]["second"]
        later = seconds[seconds > second]
        ahead = int(later[0]) - second if len(later) else int(seconds[0]) + 7 * DAY - second
        entry.book(self.m.address, ahead, c.E_ROSTER, 0)

    def _fill(self) -> None:
        template = self.m.age.shape[0] - 1
        for i, name in enumerate(self.network.flat.state_names):
            pathway, _, state = name.partition("/")
            spec = self.network.specs[pathway].states.get(state)
            if spec is not None and spec.at_start + spec.at_start_waiting > 0:
                ident = c.AT_START | (purpose(f"{name}/at_start") & 0x0FFFFFFF)
                n = spec.at_start + spec.at_start_waiting
                for first in range(0, n, CHUNK):
                    while min(self.m.now[c.N_FREE_REFERRAL], self.m.now[c.N_FREE_EVENT] // 4) < 2 * CHUNK:
                        self.make_room()
                    if self.m.now[c.LOGGING]:
                        self.drain_log()
                    entry.fill(self.m.address, i, template, ident, first, min(CHUNK, n - first))
                entry.match(self.m.address, 0)

    # --- moving on ------------------------------------------------------------------------------------------

    def advance(self, until: int) -> None:
        """Run to second `until`, a multiple of the step, making room and asking Python rules on the way."""
        if until > self.days * DAY:
            raise ValueError(f"the run was made for {self.days} days: it cannot go on to second {until}")
        while True:
            self._hours.open(until, until)
            self._hours.take_part()
            code = int(self._hours.codes[0])
            if self.m.now[c.FAULT] < 0:
                clock = self.network.flat.clocks[-1 - int(self.m.now[c.FAULT])]
                raise RuntimeError(f"{clock.pathway}/{clock.name}: no slot is left for a clock that starts")
            if self.m.now[c.FAULT]:
                state = self.network.flat.state_names[int(self.m.now[c.FAULT]) - 1]
                raise RuntimeError(f"{state}: somebody had to leave and no route held")
            if code == c.DONE:
                return
            if code == c.GROW:
                self.make_room()
            elif code == c.LOG_FULL:
                self.drain_log()
            else:
                self._rule()

    def room_for_events(self, n: int) -> None:
        """Make room for `n` more events at once."""
        while self.m.now[c.N_FREE_EVENT] < n + 4 * ROOM:
            self._more_events()

    def room_for_lives(self, n: int) -> None:
        """Make room for `n` more life accounts."""
        short = int(self.m.now[c.N_LIFE_ACCOUNTS]) + n + 4 * ROOM - len(self.m.life_row)
        if short > 0:
            self.m.replace(life_row=longer(self.m.life_row, short), life_person=longer(self.m.life_person, short))

    def flush(self) -> None:
        """Bring every integral up to now, so that tallies can be read."""
        entry.flush(self.m.address, int(self.m.now[c.T]))

    def events(self) -> np.ndarray:
        """Return the event log so far: LOG[event]."""
        self.drain_log()
        return np.concatenate(self.log) if self.log else np.zeros(0, c.LOG)

    def drain_log(self) -> None:
        """Take over what the log has room for, so that it is empty."""
        n = int(self.m.now[c.N_LOG])
        log = self.m.log[:n]
        self.log.append(log.copy() if self.keep is None else log[self.keep(log)])
        self.m.now[c.N_LOG] = 0

    def _rule(self) -> None:
        now = self.m.now
        n = int(now[c.N_RULED])
        waiting = self.m.ruled[:n].copy()
        now[c.N_RULED] = 0
        assert self.decide is not None
        self.decide(self, waiting, int(now[c.RESUME_AT]))

    def make_room(self) -> None:
        """Double whatever is short of room."""
        w, now = self.m, self.m.now
        changes: dict[str, np.ndarray] = {}
        room = 2 * (ROOM + 8 * int(now[c.HEAP]))
        if now[c.N_FREE_REFERRAL] <= room:
            n = w.referral.shape[0]
            changes["referral"] = longer(w.referral, n)
            changes["referral"]["next"][n:] = np.arange(n + 1, 2 * n + 1)
            changes["referral"]["next"][-1] = now[c.FREE_REFERRAL]
            for name, blank in (("held_post", -1), ("held_shift", 0), ("visits", 0), ("running", 0)):
                changes[name] = longer(getattr(w, name), n, blank)
            now[c.FREE_REFERRAL] = n
            now[c.N_FREE_REFERRAL] += n
        if now[c.N_FREE_EVENT] <= 4 * room:
            self._more_events()
            changes["event"] = w.event
        for name, n, each in (("account_row", c.N_ACCOUNTS, 1), ("left_group", c.N_LEFT, max(len(w.family), 1))):
            used = int(now[n])
            if used + room * each >= len(getattr(w, name)):
                changes[name] = longer(getattr(w, name)[:used], used // 2 + 2 * room * each)
        if now[c.LIVES]:
            changes |= room_to_live(self, room)
        if now[c.N_OUTBOX] + ROOM >= w.outbox.shape[0]:
            changes["outbox"] = longer(w.outbox, w.outbox.shape[0])
        if not changes or w.heap_key.shape[0] < 2 * room:
            for name in ("heap_key", "heap_event", "joining", "joining_to", "newly", "ruled"):
                changes[name] = longer(getattr(w, name), getattr(w, name).shape[0])
        w.replace(**changes)

    def _more_events(self) -> None:
        n = self.m.event.shape[0]
        event = longer(self.m.event, n)
        event["next"][n:] = np.arange(n + 1, 2 * n + 1)
        event["next"][-1] = self.m.now[c.FREE_EVENT]
        self.m.now[c.FREE_EVENT] = n
        self.m.now[c.N_FREE_EVENT] += n
        self.m.replace(event=event)
