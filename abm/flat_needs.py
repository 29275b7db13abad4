"""Who is needed: staff, places and clinicians of each state, and the lists on which people wait for them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from abm.flat import Rows
from abm.units import PLACES_ROLE
from kernels import columns as c
from pathways.durations import WEEK
from pathways.errors import InputError
from pathways.specs import StateSpec

KINDS = {"staff": c.STAFF, "places": c.PLACES, "course": c.COURSE}
MOST_HOLDERS = 2
"""Clinicians a referral can name as holding its course"""


def needs(rows: Rows, row: np.void, pathway: str, spec: StateSpec) -> None:
    """Lay down whom a state needs, alternative by alternative, and by which places people wait for them."""
    alternatives = rows.of["alternative"]
    first = len(alternatives)
    scopes = set()
    n_slots_all = [0]
    for needed in wanted(rows, pathway, spec):
        first_need = len(rows.of["need"])
        n_slots = 0
        for team, role, kind, number, seconds in needed:
            key = rows.units.keys.get((team, role, kind))
            if key is None:
                raise InputError(
                    file=rows.specs[pathway].file,
                    key=team,
                    value=role,
                    expected="a role that the team has",
                )
            scopes.add(rows.units.scope_of_key[key])
            rows.of["need"].append((key, rows.units.scope_of_key[key], number, KINDS[kind], seconds))
            n_slots += 0 if kind == "course" else number
        alternatives.append(((first_need, len(rows.of["need"])), n_slots))
        n_slots_all.append(n_slots)
    row["alternative"] = (first, len(alternatives))
    one = alternatives[first:] and [rows.of["need"][i] for i in range(*alternatives[first][0])]
    row["simple"] = (
        len(alternatives) - first == 1
        and len(one) == 1
        and one[0][2] == 1
        and one[0][3] != c.COURSE
        and spec.group is None
    )
    rows.flat.slots = max(rows.flat.slots, *n_slots_all)
    both = {c.SYSTEM, c.SITE} <= scopes
    row["list_scope"] = c.SYSTEM_AND_SITE if both else max(scopes, default=c.AREA)


def wanted(rows: Rows, pathway: str, spec: StateSpec) -> list[list[tuple[str, str, str, int, int]]]:
    """Return, for each alternative, (team, role, kind, number, weekly seconds)."""
    if spec.kind == "place":
        if spec.team is None:
            return [[]]
        home, _, own = (spec.team if "/" in spec.team else f"{pathway}/{spec.team}").partition("/")
        if rows.specs[home].teams[own].places is None:
            return [[]]
        return [[(f"{home}/{own}", PLACES_ROLE, "places", 1, 0)]]
    wanted = []
    for needs in spec.alternatives():
        one = []
        for team, roles in needs.items():
            full = team if "/" in team else f"{pathway}/{team}"
            held = rows.specs[full.split("/")[0]].teams[full.split("/")[1]].clinicians
            for role, number in roles.items():
                if spec.sessions is not None and spec.sessions.keep_clinician and role in held:
                    one.append((full, role, "course", number, _weekly_seconds(spec)))
                else:
                    one.append((full, role, "staff", number, 0))
        holders = sum(number for _, _, kind, number, _ in one if kind == "course")
        if holders > MOST_HOLDERS:
            raise InputError(
                file=rows.specs[pathway].file, key="roles", value=holders,
                expected=f"at most {MOST_HOLDERS} clinicians who hold a course together (`keep_clinician`)",
            )  # fmt: skip
        wanted.append(one)
    return wanted or ([[]] if spec.kind == "contact" else [])


def refuses(rows: Rows, pathway: str, spec: StateSpec) -> Iterator[bool]:
    """Yield, for each team a contact needs, whether it refuses people out of hours."""
    for needs in spec.alternatives() if spec.kind == "contact" else ():
        for team in needs:
            full = team if "/" in team else f"{pathway}/{team}"
            yield rows.specs[full.split("/")[0]].teams[full.split("/")[1]].closed == "refuse"


def list_pools(rows: Rows, state: int, row: np.void) -> list[list[int]]:
    """Return the pools each waiting list of a state may use, one list a place."""
    n_systems, n_sites = len(rows.places.systems), len(rows.places.sites)
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
            for need in range(*rows.of["alternative"][a][0]):
                key, scope, *_ = rows.of["need"][need]
                where = {c.AREA: 0, c.SYSTEM: system, c.SITE: site}[scope]
                pools[int(rows.units.pool_of[key, where])] = None
        lists.append(list(pools) or [rows.units.free_pool])
        rows.flat.lists.append((state, at))
    return lists


def lists_of_pool(rows: Rows, list_pools: list[list[int]]) -> np.ndarray:
    """Return the lists that may use each pool, one after the other; the pools are told their range."""
    flat: list[int] = []
    for p in range(len(rows.units.pool)):
        first = len(flat)
        flat += [at for at, pools in enumerate(list_pools) if p in pools]
        rows.units.pool[p]["lists"] = (first, len(flat))
        rows.units.pool[p]["alone"] = len(flat) - first == 1 and len(list_pools[flat[first]]) == 1
    return np.array(flat or [0], dtype=np.int32)


def padded(rows: list[list[int]]) -> np.ndarray:
    """Return rows of unequal length as int32[row, width], padded with −1."""
    width = max((len(row) for row in rows), default=0) + 1
    out = np.full((max(len(rows), 1), width), -1, dtype=np.int32)
    for i, row in enumerate(rows):
        out[i, : len(row)] = row
    return out


def _weekly_seconds(spec: StateSpec) -> int:
    """Return the weekly clinic time one place on a course takes: minutes and records of a session, per week."""
    assert spec.sessions is not None
    assert spec.minutes is not None
    session = spec.minutes.mean + (spec.records.mean if spec.records else 0.0)
    return round(session * WEEK / spec.sessions.every)
