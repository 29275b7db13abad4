"""A run's tallies as tidy tables: clocks, waits, care contacts, places, flows (`docs/outputs.md`)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from abm.network import Network
from abm.readings import Reading, percentile
from experiments.outcome_schema import (
    CLOCKS,
    CLOCKS_BY_HOUR,
    CONTACTS,
    DIGESTS,
    EVENTS,
    FLOWS,
    OCCUPANCY_DAILY,
    PLACES,
    VISITS,
    WAITING_DAILY,
    WAITS,
)
from experiments.standalone import share_within

NEVER = 2**31 - 1
KINDS = ("contact", "place", "wait", "decision", "end")
SHARES = (50, 90, 95)
EVENT_WORDS = (
    "joined", "seen or admitted", "ended", "left waiting", "found full", "found closed", "did not attend",
    "visit missed", "session", "died or moved away",
)  # fmt: skip


def ratio(part: float, whole: float) -> float | None:
    """Return part ÷ whole, None of nothing."""
    return float(part) / float(whole) if whole else None


def clocks(network: Network, reading: Reading, first_day: date, days: int) -> pa.Table:
    """Return one row a clock and place: who started, stopped, within the standard, and whether it was met."""
    last_day = first_day + timedelta(days=days - 1)
    rows = []
    for at, (k, place) in enumerate(network.flat.clock_cells):
        clock, cell = network.flat.clocks[k], reading.clock_cell[at]
        in_force = (clock.from_date is None or clock.from_date <= last_day) and (
            clock.to_date is None or clock.to_date > first_day
        )
        standard = clock.within is not None
        share = share_within(reading, at, clock.finished) if standard else None
        rows.append({
            "pathway": clock.pathway, "clock": clock.name, "title": clock.title, "of_state": clock.of_state,
            "place": place, "scope": clock.scope, "team": clock.team, "started": int(cell["started"]),
            "stopped": int(cell["stopped"]), "within": int(cell["within"]) if standard else None,
            "still_over": int(reading.clock_overdue[at]) if standard else None, "lost": int(cell["lost"]),
            "share_within": share, "standard_seconds": clock.within, "standard_share": clock.share,
            "status": clock.status, "source": clock.source, "of_finished": clock.finished,
            "in_force": in_force,
            "met": None if share is None or clock.share is None or not in_force else share >= clock.share,
            **_minutes(cell["seconds"], cell["stopped"], reading.clock_histogram[at]),
        })  # fmt: skip
    return _table(rows, CLOCKS)


def clocks_by_hour(network: Network, reading: Reading) -> pa.Table:
    """Return one row a clock, place and hour of the week in which somebody started it."""
    at, hour = np.nonzero(reading.clock_hour[: len(network.flat.clock_cells), :, 0])
    cells = [network.flat.clock_cells[i] for i in at]
    names = [network.flat.clocks[k] for k, _ in cells]
    return pa.table(
        {
            "pathway": [name.pathway for name in names],
            "clock": [name.name for name in names],
            "place": [place for _, place in cells],
            "hour_of_week": hour.astype(np.int16),
            "started": reading.clock_hour[at, hour, 0],
            "within": reading.clock_hour[at, hour, 1],
        },
        schema=CLOCKS_BY_HOUR,
    )


def waits(network: Network, reading: Reading) -> pa.Table:
    """Return one row a state and place: visits, their ends, how long people waited, how many were there."""
    rows = []
    for at, (state, place) in enumerate(network.flat.cells):
        pathway, _, name = network.flat.state_names[state].partition("/")
        cell = reading.cell[at]
        numbers = {column: int(cell[tally]) for column, tally in VISITS.items()}
        waited = _minutes(cell["wait_seconds"], cell["began"], reading.histogram[at])
        rows.append({
            "pathway": pathway, "state": name,
            "kind": KINDS[int(network.flat.arrays["state"][state]["kind"])],
            "place": place, **numbers, "still_waiting_over": int(reading.overdue[at]),
            **{f"wait_{name}": value for name, value in waited.items()},
            "queue_mean_minutes": _scaled(ratio(cell["queue_seconds"], cell["queued"]), 1 / 60),
            "mean_waiting": cell["waiting_seconds"] / reading.seconds,
            "mean_present": cell["present_seconds"] / reading.seconds,
        })  # fmt: skip
    return _table(rows, WAITS)


def contacts(network: Network, reading: Reading) -> pa.Table:
    """Return one row a unit and role: care contacts, minutes, overtime."""
    rows = []
    for pool, (unit, role, kind) in enumerate(network.units.pool_names):
        if not unit or kind == "places":
            continue
        tally = reading.pool[pool]
        face, other, missed = (float(tally[name]) for name in ("face_seconds", "other_seconds", "dna_seconds"))
        if kind == "staff":
            on, busy = float(tally["on_seconds"]), float(tally["busy_seconds"])
            over, kept = float(tally["over_seconds"]), float(tally["kept_seconds"])
        else:  # clinicians who hold courses: their clinic hours
            on = _clinician(network, pool, "seconds") * float(tally["on_seconds"]) / 604800
            busy, over, kept = face + other + missed, 0.0, 0.0
        rows.append({
            **_unit(network, pool), "role": role, "holds_courses": kind != "staff",
            "care_contacts": int(tally["contacts"]),
            "face_minutes": face / 60, "travel_and_records_minutes": other / 60, "dna_minutes": missed / 60,
            "on_shift_minutes": on / 60, "busy_minutes": busy / 60, "overtime_minutes": over / 60,
            "idle_while_held_minutes": kept / 60, "utilisation": ratio(busy, on),
        })  # fmt: skip
    return _table(rows, CONTACTS)


def places(network: Network, reading: Reading, taken: np.ndarray) -> pa.Table:
    """Return one row a unit with beds, caseload places or courses; `taken` int32[day, pool] at midnight."""
    rows = []
    for pool, (unit, role, kind) in enumerate(network.units.pool_names):
        if not unit or kind == "staff":
            continue
        tally = reading.pool[pool]
        n = float(tally["on_seconds"]) / reading.seconds * per_one(network, pool)
        mean = float(tally["busy_seconds"]) / reading.seconds
        rows.append({
            **_unit(network, pool), "what": "places" if kind == "places" else f"courses of {role}",
            "places": n,
            "mean_taken": mean, "occupancy": ratio(mean, n),
            "mean_blocked": float(tally["blocked_seconds"]) / reading.seconds,
            "peak_taken": int(taken[:, pool].max()),
        })  # fmt: skip
    return _table(rows, PLACES)


def flows(network: Network, reading: Reading) -> pa.Table:
    """Return one row a route and delivery system that somebody took."""
    route, system = np.nonzero(reading.flow[: len(network.flat.routes)])
    ends = [network.flat.routes[i] for i in route]
    columns = {
        "from": [a for a, _, _ in ends],
        "to": [b for _, b, _ in ends],
        "when": [w for _, _, w in ends],
        "system": [network.places.systems[s] for s in system],
        "count": reading.flow[route, system],
    }
    taken = pa.table(columns, schema=FLOWS).group_by(["from", "to", "when", "system"], use_threads=False)
    return taken.aggregate([("count", "sum")]).rename_columns(list(columns))


def occupancy_daily(network: Network, taken: np.ndarray, on: np.ndarray, first_day: date) -> pa.Table:
    """Return one row a day and unit with places; `taken` at its end, `on` at its beginning."""
    pools = [p for p, (unit, _, kind) in enumerate(network.units.pool_names) if unit and kind != "staff"]
    names = [_unit(network, p) for p in pools]
    what = [network.units.pool_names[p] for p in pools]
    words = {name: [row[name] for row in names] for name in ("unit", "team", "place")}
    words["what"] = ["places" if kind == "places" else f"courses of {role}" for _, role, kind in what]
    capacity = on[:, pools].astype(np.int64) * [per_one(network, p) for p in pools]
    numbers = {"taken": taken[:, pools].ravel().astype(np.int64), "capacity": capacity.ravel()}
    return _daily(first_day, len(taken), words, numbers, OCCUPANCY_DAILY)


def digests(cell: str, first_day: date, chain: list[str]) -> pa.Table:
    """Return one row a day of the run, its warm-up included: the daily chain of a cell, or of several together."""
    days = [first_day + timedelta(days=day) for day in range(len(chain))]
    return pa.table({"day": days, "cell": [cell] * len(chain), "digest": chain}, schema=DIGESTS)


def waiting_daily(network: Network, waiting: np.ndarray, first_day: date) -> pa.Table:
    """Return one row a day, state and place where people can wait; `waiting` int32[day, cell]."""
    kind = network.flat.arrays["state"]["kind"]
    cells = [i for i, (state, _) in enumerate(network.flat.cells) if kind[state] <= 1]
    of = [network.flat.cells[i] for i in cells]
    names = [(*network.flat.state_names[state].split("/", 1), place) for state, place in of]
    words = {name: [row[k] for row in names] for k, name in enumerate(("pathway", "state", "place"))}
    numbers = {"waiting": waiting[:, cells].ravel().astype(np.int64)}
    return _daily(first_day, len(waiting), words, numbers, WAITING_DAILY)


def _daily(
    first_day: date, n_days: int, words: dict[str, list[str]], numbers: dict[str, np.ndarray], schema: pa.Schema
) -> pa.Table:
    """Return a table of the same things day after day: `words` of each thing, `numbers` of each day and thing."""
    n = len(next(iter(words.values())))
    day = pa.array([first_day + timedelta(days=d) for d in range(n_days)], pa.date32())
    of_day, of_thing = pa.array(np.repeat(np.arange(n_days), n)), pa.array(np.tile(np.arange(n), n_days))
    named = {name: pa.array(column, pa.string()).take(of_thing) for name, column in words.items()}
    return pa.table({"day": day.take(of_day), **named, **numbers}, schema=schema)


def events(network: Network, log: np.ndarray, first_day: date) -> pa.Table:
    """Return the event log; `log` LOG[event], seconds since the run's first day (the warm-up's)."""
    names = np.array(network.flat.state_names)
    order = np.lexsort((log["visit"], log["entry"], log["id1"], log["id0"], log["time"]))
    log = log[order]
    when = np.datetime64(first_day, "s") + log["time"].astype("timedelta64[s]")
    return pa.table(
        {
            "when": when,
            "person_0": log["id0"],
            "person_1": log["id1"],
            "entry": log["entry"],
            "visit": log["visit"],
            "state": pa.array(names[log["state"]]),
            "event": pa.array(np.array(EVENT_WORDS)[log["kind"]]),
        },
        schema=EVENTS,
    )


def per_one(network: Network, pool: int) -> int:
    """Return what one of a pool holds: a place one person, a clinician a caseload of courses."""
    return _clinician(network, pool, "places") if network.units.pool_names[pool][2] == "course" else 1


def _clinician(network: Network, pool: int, column: str) -> int:
    """Return the caseload (`places`) or weekly clinic time (`seconds`) of one clinician of a pool."""
    held = network.units.clinician
    return int(held[column][held["pool"] == pool].max(initial=0))


def _unit(network: Network, pool: int) -> dict[str, Any]:
    unit = network.units.units[int(network.units.unit_of_pool[pool])]
    return {"unit": unit.name, "team": unit.team, "place": unit.place}


def _minutes(seconds: float, n: float, histogram: np.ndarray) -> dict[str, float | None]:
    if not n:
        return dict.fromkeys(["mean_minutes", *(f"p{p}_minutes" for p in SHARES)])
    row: dict[str, float | None] = {f"p{p}_minutes": percentile(histogram, p / 100) / 60 for p in SHARES}
    return row | {"mean_minutes": float(seconds) / float(n) / 60}


def _scaled(value: float | None, by: float) -> float | None:
    return None if value is None else value * by


def _table(rows: list[dict[str, Any]], schema: pa.Schema) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=schema)
