"""States as declared: contact, place, wait, decision, end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pathways import courses
from pathways.clocks import StandardSpec, standard
from pathways.courses import ChangeSpec, ContactsSpec, GroupSpec, SessionsSpec, WorseningSpec
from pathways.errors import InputError, one_of
from pathways.guards import PAST_USES
from pathways.laws import Law
from pathways.tables import URGENCIES, Table

ANSWERABLE = ("nhs", "local_authority", "both")
KINDS = ("contact", "place", "wait", "decision", "end")
_START = ("at_start", "at_start_stay")
_LONG = ("at_start_england",)
_WAITED_FOR = ("urgency", "patience", "queue_limit", "standard", "worsening", "at_start_waiting", "changes")
KEYS: dict[str, tuple[str, ...]] = {
    "contact": (
        "team", "roles", "needs", "or_roles", "minutes", "travel", "records", "dna", "dna_minutes",
        "sessions", "group", "hold_after", *_WAITED_FOR, *_START,
    ),
    "place": ("team", "stay", "contacts", "blocked_by", "delayed_by", *_WAITED_FOR, *_START, *_LONG),
    "wait": ("minutes", "stay", "time", "worsening", "changes", "exchange", "hospital_bed", *_START, *_LONG),
    "decision": ("changes", "opens_share"),
    "end": ("opens_share",),
}  # fmt: skip
"""Keys of each kind, beside `kind`, `opens`, `marks`."""
ALL_KEYS = tuple(sorted({key for keys in KEYS.values() for key in keys} | {"kind", "opens", "marks"}))


@dataclass(frozen=True)
class StateSpec:
    """One state; durations in seconds, what does not apply is None or empty."""

    kind: str
    team: str | None = None
    roles: dict[str, int] = field(default_factory=dict)
    needs: dict[str, dict[str, int]] = field(default_factory=dict)
    or_roles: tuple[dict[str, int], ...] = ()
    minutes: Law | None = None
    """Face-to-face time of a contact; time passed in a wait."""
    travel: Law | None = None
    records: Law | None = None
    urgency: int = 3
    """0 emergency, 1 urgent, 2 soon, 3 routine."""
    patience: Law | None = None
    queue_limit: int | None = None
    dna: float = 0.0
    dna_minutes: Law | None = None
    stay: Law | None = None
    contacts: ContactsSpec | None = None
    sessions: SessionsSpec | None = None
    group: GroupSpec | None = None
    hold_after: int | None = None
    blocked_by: str | None = None
    delayed_by: str | None = None
    """Who answers for it that somebody ready to leave a hospital bed waits for this place."""
    standard: StandardSpec | None = None
    at_start: int = 0
    at_start_waiting: int = 0
    at_start_stay: str = "fresh"
    at_start_england: float = 0.0
    """People of England in the state when a run begins; a system has its residents' part of them."""
    worsening: WorseningSpec | None = None
    changes: tuple[ChangeSpec, ...] = ()
    marks: str | None = None
    exchange: float | None = None
    """Who is in this wait may be a guest in another cell, on a ward like the one that had no bed; the share of its
    beds that a host keeps free for its own people."""
    hospital_bed: bool = False
    """This wait is spent in a hospital bed that is none of the area's (with `exchange` it always is)."""
    opens: tuple[str, ...] = ()
    opens_share: tuple[float, ...] = ()
    """Share of visits that open each of `opens`: at most one is opened; empty: all are, by everybody."""
    title: str = ""
    source: str = ""

    def openings(self) -> tuple[tuple[str, float], ...]:
        """Return (state, share of visits that open a further referral there)."""
        return tuple(zip(self.opens, self.opens_share or (1.0,) * len(self.opens), strict=True))

    def alternatives(self) -> tuple[dict[str, dict[str, int]], ...]:
        """Return what the contact needs, as {team: {role: n}}: first choice first."""
        if self.needs:
            return (self.needs,)
        if self.team is None or not self.roles:
            return ()
        return tuple({self.team: roles} for roles in (self.roles, *self.or_roles))


def state(content: Any, key: str, file: object = None) -> StateSpec:
    """Read `[state.X]`."""
    table = Table(content, key, ALL_KEYS, file)
    table.needed("kind", one_of(KINDS))
    kind = table.choice("kind", KINDS)
    for name in table.content:
        if name in ALL_KEYS and name not in (*KEYS[kind], "kind", "opens", "marks"):
            raise table.refusal(name, f"a key of a {kind}: {', '.join((*KEYS[kind], 'opens', 'marks'))}")
    if kind == "contact":
        _contact_is_complete(table)
    if kind == "place":
        table.needed("team", "the team whose places are taken")
        table.needed("stay", "the law of the length of stay")
    minutes = _time_of(table) if kind == "wait" else table.law("minutes")
    return StateSpec(
        kind=kind,
        team=table.text("team"),
        roles=table.counts("roles"),
        needs=_needs(table),
        or_roles=tuple(_role_sets(table)),
        minutes=minutes,
        travel=table.law("travel"),
        records=table.law("records"),
        urgency=URGENCIES[table.choice("urgency", URGENCIES, "routine")],
        patience=table.law("patience"),
        queue_limit=table.number("queue_limit", whole=True),
        dna=table.share("dna", 0.0),
        dna_minutes=table.law("dna_minutes"),
        stay=table.law("stay") if kind == "place" else None,
        contacts=courses.contacts(table),
        sessions=courses.sessions(table),
        group=courses.group(table),
        hold_after=table.duration("hold_after", zero=True),
        blocked_by=table.text("blocked_by"),
        delayed_by=table.choice("delayed_by", ANSWERABLE),
        standard=standard(table),
        at_start=table.number("at_start", 0, whole=True),
        at_start_waiting=table.number("at_start_waiting", 0, whole=True),
        at_start_stay=table.choice("at_start_stay", ("fresh", "stationary"), "fresh"),
        at_start_england=table.number("at_start_england", 0.0),
        worsening=courses.worsening(table),
        changes=tuple(courses.change(row) for row in table.children("changes", ("column", "mean", "sd"))),
        marks=table.choice("marks", PAST_USES),
        exchange=_exchange(table),
        hospital_bed=table.truth("hospital_bed"),
        opens=table.texts("opens"),
        opens_share=_opens_share(table),
        title=table.text("title", ""),
        source=table.text("source", ""),
    )


def _opens_share(table: Table) -> tuple[float, ...]:
    """Read the shares of visits that open each of `opens`: of ends and decisions, which use no other luck for it."""
    found = table.raw("opens_share")
    if found is None:
        return ()
    numbers = isinstance(found, list) and all(isinstance(x, int | float) and not isinstance(x, bool) for x in found)
    if not numbers or len(found) != len(table.texts("opens")) or not all(0 < x <= 1 for x in found):
        raise table.refusal("opens_share", "a list of shares in (0, 1], one for each of `opens`")
    if sum(found) > 1 + 1e-9:
        raise table.refusal("opens_share", f"shares of at most 1 together, not {sum(found):g}")
    return tuple(float(x) for x in found)


def _contact_is_complete(table: Table) -> None:
    if "needs" in table:
        for name in ("team", "roles", "or_roles"):
            if name in table:
                raise table.refusal(name, "nothing beside `needs`, which names teams and roles")
    else:
        table.needed("team", "the team that sees the patient (or `needs` for several)")
        table.needed("roles", "the roles that are needed together, such as { nurse = 1 }")
    table.needed("minutes", "the law of the face-to-face time")


def _time_of(table: Table) -> Law:
    given = [name for name in ("minutes", "stay", "time") if name in table]
    if len(given) != 1:
        raise InputError(
            file=table.file,
            key=table.at("minutes"),
            value=given or None,
            expected="the law of the wait (minutes, or stay, or time: one of them)",
        )
    found = table.law(given[0])
    assert found is not None
    return found


def _exchange(table: Table) -> float | None:
    found = table.child("exchange", ("keep_free",))
    return None if found is None else found.share("keep_free", 0.0)


def _needs(table: Table) -> dict[str, dict[str, int]]:
    if "needs" not in table:
        return {}
    found = table.amounts("needs", lambda inner, team: inner.counts(team))
    if not found or not all(found.values()):
        raise table.refusal("needs", "{ team = { role = n } }, at least one")
    return found


def _role_sets(table: Table) -> list[dict[str, int]]:
    given = table.raw("or_roles") or []
    if not isinstance(given, list | tuple) or not all(hasattr(row, "keys") for row in given):
        raise table.refusal("or_roles", "a list such as [ { nurse = 1 } ]")
    rows = [Table(row, f"{table.at('or_roles')}[{i}]", row, table.file) for i, row in enumerate(given)]
    return [{role: int(row.number(role, low=1, whole=True)) for role in row.content} for row in rows]
