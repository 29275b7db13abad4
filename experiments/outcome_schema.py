"""The columns of every table of results.  A change of them raises `outcome.SCHEMA_VERSION`."""

from __future__ import annotations

import pyarrow as pa


def _schema(**columns: pa.DataType) -> pa.Schema:
    return pa.schema([pa.field(name.rstrip("_"), kind) for name, kind in columns.items()])


TEXT, COUNT, REAL, FLAG, DAY = pa.string(), pa.int64(), pa.float64(), pa.bool_(), pa.date32()
MINUTES = {"mean_minutes": REAL, "p50_minutes": REAL, "p90_minutes": REAL, "p95_minutes": REAL}
VISITS = {
    "arrivals": "arrivals", "began": "began", "completed": "completed", "waited": "waited",
    "left_waiting": "left", "full": "full", "closed": "closed", "dna": "dna", "missed": "missed",
    "due": "due",
    "within": "within",
}  # fmt: skip
CLOCKS = _schema(
    pathway=TEXT, clock=TEXT, title=TEXT, of_state=FLAG, place=TEXT, scope=TEXT, team=TEXT, started=COUNT,
    stopped=COUNT, within=COUNT, still_over=COUNT, lost=COUNT, share_within=REAL, standard_seconds=COUNT,
    standard_share=REAL, status=TEXT, source=TEXT, of_finished=FLAG, in_force=FLAG, met=FLAG, **MINUTES,
)  # fmt: skip
CLOCKS_BY_HOUR = _schema(pathway=TEXT, clock=TEXT, place=TEXT, hour_of_week=pa.int16(), started=COUNT, within=COUNT)
WAITS = _schema(
    pathway=TEXT, state=TEXT, kind=TEXT, place=TEXT, **dict.fromkeys(VISITS, COUNT), still_waiting_over=COUNT,
    **{f"wait_{name}": kind for name, kind in MINUTES.items()}, queue_mean_minutes=REAL, mean_waiting=REAL,
    mean_present=REAL,
)  # fmt: skip
CONTACTS = _schema(
    unit=TEXT, team=TEXT, place=TEXT, role=TEXT, holds_courses=FLAG, care_contacts=COUNT, face_minutes=REAL,
    travel_and_records_minutes=REAL, dna_minutes=REAL, on_shift_minutes=REAL, busy_minutes=REAL,
    overtime_minutes=REAL, idle_while_held_minutes=REAL, utilisation=REAL,
)  # fmt: skip
PLACES = _schema(
    unit=TEXT, team=TEXT, place=TEXT, what=TEXT, places=REAL, mean_taken=REAL, occupancy=REAL,
    mean_blocked=REAL, peak_taken=COUNT,
)  # fmt: skip
CELLS = _schema(
    cell=TEXT, title=TEXT, illustrative=FLAG, residents=COUNT, digest=TEXT, events=COUNT, began=COUNT, waited=COUNT,
    guests_taken_in=COUNT, guests_sent=COUNT,
)  # fmt: skip
DELAYS = _schema(pathway=TEXT, cause=TEXT, delayed_by=TEXT, local_authority=TEXT, delayed_days=COUNT)
FLOWS = _schema(from_=TEXT, to=TEXT, when=TEXT, system=TEXT, count=COUNT)
OCCUPANCY_DAILY = _schema(day=DAY, unit=TEXT, team=TEXT, place=TEXT, what=TEXT, taken=COUNT, capacity=COUNT)
WAITING_DAILY = _schema(day=DAY, pathway=TEXT, state=TEXT, place=TEXT, waiting=COUNT)
EVENTS = _schema(
    when=pa.timestamp("s"), person_0=pa.uint32(), person_1=pa.uint32(), entry=pa.uint16(), visit=pa.uint16(),
    state=TEXT, event=TEXT,
)  # fmt: skip
PEOPLE = _schema(
    pathway=TEXT, system=TEXT, residents=COUNT, need=COUNT, asked=COUNT, asked_expected=REAL, reached=COUNT,
)  # fmt: skip
DIGESTS = _schema(day=DAY, cell=TEXT, digest=TEXT)
REACHED = _schema(pathways=TEXT, system=TEXT, people=COUNT)
LIVES = _schema(what=TEXT, system=TEXT, sex=TEXT, from_age=COUNT, number=COUNT)
PHYSICAL = ("ae_attendances", "bed_days", "cost_gbp")
LIFE_YEARS = _schema(
    system=TEXT, age=TEXT, n_ltc=COUNT, mental=TEXT, person_years=REAL,
    **{f"{name}{part}": REAL for name in PHYSICAL for part in ("", "_added", "_averted")},
)  # fmt: skip
TABLES = {
    "clocks": CLOCKS, "clocks_by_hour": CLOCKS_BY_HOUR, "waits": WAITS, "contacts": CONTACTS,
    "places": PLACES, "occupancy_daily": OCCUPANCY_DAILY, "waiting_daily": WAITING_DAILY, "flows": FLOWS,
    "delays": DELAYS,    "people": PEOPLE,
    "people_reached": REACHED, "digests": DIGESTS, "events": EVENTS,
}  # fmt: skip
"""Every table by the name of its file."""
TABLES_OF_LIVES = {"lives": LIVES, "life_years": LIFE_YEARS}
"""Further tables of runs in which people are born, age, move and die."""
