"""Rows for people who are not there when a run starts: who will move in (known beforehand), and room for the unborn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from abm import tables
from abm.ages import N_AGES
from abm.lives import Lives
from kernels import columns as c
from kernels import lifetime as lt
from kernels.draws import purpose
from kernels.newcomers import newcomers
from pathways import laws

if TYPE_CHECKING:
    from abm.setting import Setting

DAY = 86400
MARGIN, SIGMAS, LEAST = 1.05, 6.0, 500
"""Room for births beyond what is expected: a share, a multiple of their spread, and a number; it grows if need be"""
MOVED_IN = np.uint32(2 << 30)


@dataclass(frozen=True)
class Newcomers:
    """Who moves in during a run, in order of small area and time."""

    like: np.ndarray
    """int64[newcomer] the resident whose attributes they have (as they were at the start)"""
    when: np.ndarray
    """int64[newcomer] second of the run"""
    number: np.ndarray
    """int64[newcomer] within the small area, from 1: with it, their id"""
    born: np.ndarray
    """int64[newcomer] second of the run (mostly before it)"""

    def __len__(self) -> int:
        return len(self.like)


def newcomers_of(setting: Setting, lives: Lives, days: int, seed: int, replication: int) -> Newcomers:
    """Return who moves in within `days`; nothing that happens in the run can change it."""
    areas, age = setting.population.areas, setting.population.people["age"]
    each = np.where(lives.moves_in > 0, lt.YEAR / np.maximum(lives.moves_in, 1e-9), 0).astype(np.int64)
    pattern = np.zeros(N_AGES)
    for row in tables.read("life_rates"):
        if row["process"] == "moves_out":  # who comes is as old as who goes
            pattern[int(row["from_age"]) : int(row["to_age"]) + 1] = float(row["per_1000"])
    mover = np.rint(pattern / pattern.max() * 2.0**32).astype(np.int64)
    room = int(lives.moves_in.sum() * days / 365 * MARGIN) + LEAST
    while True:
        rows, times, number = (np.empty(room, np.int64) for _ in range(3))
        part = np.empty(room, np.uint32)
        n = int(newcomers(
            np.array([seed & 0xFFFFFFFF, replication & 0xFFFFFFFF], np.uint32), np.uint32(purpose("life/newcomer")),
            areas["code"].astype(np.int64), areas["first"].astype(np.int64), np.ascontiguousarray(age), each, mover,
            laws.unit_exponential_table(), days * DAY, rows, times, number, part,
        ))  # fmt: skip
        if n <= room:
            break
        room = n
    rows, times, number, part = rows[:n], times[:n], number[:n], part[:n]
    born = times - age[rows].astype(np.int64) * lt.YEAR - (part.astype(np.int64) * int(lt.YEAR) >> 32) - 1
    return Newcomers(rows, times, number, born)


def room_for(setting: Setting, lives: Lives, arriving: Newcomers, days: int) -> int:
    """Return how many rows are kept behind the residents of the start."""
    births = lives.expected["births"] * days / 365
    return len(arriving) + int(births * MARGIN + SIGMAS * births**0.5) + LEAST


def tables_at_start(
    setting: Setting, lives: Lives, arriving: Newcomers, n_rows: int, people: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Return the tables of lives when a run starts, and fill the newcomers' rows of `people`."""
    n = setting.population.n
    life = np.zeros(n_rows, np.uint8)
    life[:n], life[n:] = lives.life, lt.NOT_YET
    group, account = np.zeros(n_rows, np.uint16), np.full(n_rows, -1, np.int32)
    group[:n] = lives.group
    later = np.zeros(n_rows - n, c.LATER)
    mine = slice(n, n + len(arriving))
    for name, column in setting.population.people.items():
        people[name][n:n_rows] = 0
        people[name][mine] = column[arriving.like]
    people["conditions"][mine] &= np.uint32(0xFFFFFFFF) ^ lt.PERINATAL_BIT
    life[mine] |= lives.life[arriving.like] & lt.PRIMARY_CARE
    later["id1"][: len(arriving)] = MOVED_IN | arriving.number.astype(np.uint32)
    later["born"][: len(arriving)] = arriving.born
    later["mother"] = -1
    n_systems = len(setting.places.systems)
    time = np.zeros((n_systems, 48), c.LIFE_TIME)
    band = np.searchsorted(lt.CUTS, setting.population.people["age"], side="right")
    areas = setting.population.areas
    home = areas["system"].astype(np.int64)[setting.population.people["area"]]
    at = (home * 4 + band) * 12 + lives.class_of[lives.group]
    time["n"] = np.bincount(at, minlength=48 * n_systems).reshape(n_systems, 48)
    n_accounts = 1 << 15
    return {
        "life": life, "life_group": group, "life_account": account, "later": later,
        "life_row": np.zeros((n_accounts, lt.N_PROCESSES), c.LIFE_ACCOUNT),
        "life_person": np.zeros(n_accounts, c.LIFE_PERSON),
        "life_count": np.zeros((lt.N_COUNTS, n_systems, 2, 19), np.int64),
        "life_sum": np.zeros(lt.N_COUNTS, np.int64), "life_time": time,
    }  # fmt: skip
