"""Two runs with the same luck, visit by visit: whose wait changed, who came instead, who is untouched."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from experiments.lives.visits import Visits
from experiments.pairs.groups import described, residents_of
from experiments.pairs.side import Side

LONGER, SHORTER, SEEN_NOW, SEEN_NO_LONGER, OTHERWISE = "longer", "shorter", "seen_now", "seen_no_longer", "otherwise"
CLASSES = (LONGER, SHORTER, SEEN_NOW, SEEN_NO_LONGER, OTHERWISE)
"""Everybody whose life differs in a single bit is in exactly one of these; the others are untouched."""


MADE = ("made", "not_made")


@dataclass(frozen=True)
class Pair:
    """What one replication of two scenarios says of one cell; small enough to travel."""

    people: pd.DataFrame
    """One row a resident who is touched, by id: class, change of all waits in seconds, the visit that changed most,
    and who they are"""
    visits: pd.DataFrame
    """One row a state: visits in both, waited longer, shorter, seen in one run only"""
    during: pd.DataFrame
    """One row a recurring visit of a stay: how many were made and not made in either run, people with more and fewer"""
    residents_of: dict[tuple[str, str], int]
    """Residents by (dimension, group)"""
    residents: int
    untouched: int
    untouched_in_care: int
    """Of these with anything in either run"""
    from_elsewhere: int
    """People from elsewhere whose life differs"""


def set_side_by_side(base: Side, other: Side, cell: str = "") -> Pair:
    """Compare two sides; `other.states` begins with `base.states`."""
    touched, in_care = _touched(base, other)
    visits = _matched(base, other)
    people = _people(visits, touched[touched >= 0])
    people["state"] = [other.states[state] if state >= 0 else "" for state in people["state"]]
    n_touched = int((touched >= 0).sum())
    return Pair(
        described(people, base.population, cell), _by_state(visits, other.states),
        _during_stays(base.during, other.during, other.states),
        residents_of(base.population, cell), base.n_residents,
        base.n_residents - n_touched, in_care - n_touched, len(touched) - n_touched,
    )  # fmt: skip


def _during_stays(base: pd.DataFrame, other: pd.DataFrame, states: list[str]) -> pd.DataFrame:
    """Return one row a state: visits made and not made, and residents whose stays had more of them, or fewer."""
    both = base.merge(other, on=["referral", "stay", "person", "state"], how="outer", suffixes=("_base", "_other"))
    columns = [f"{name}_{side}" for name in MADE for side in ("base", "other")]
    both[columns] = both[columns].fillna(0).astype(np.int64)
    both["change"] = both["made_other"] - both["made_base"]
    people = both.groupby(["state", "person"], as_index=False)["change"].sum()
    found = both.groupby("state")[columns].sum()
    found["people_more"] = people[people["change"] > 0].groupby("state").size()
    found["people_fewer"] = people[people["change"] < 0].groupby("state").size()
    found = found.fillna(0).astype(np.int64).reset_index()
    found["state"] = [states[state] for state in found["state"]]
    return found


def _touched(base: Side, other: Side) -> tuple[np.ndarray, int]:
    """Return everybody in whose life anything at all differs, sorted, and how many residents are in either log."""
    everybody = np.union1d(base.person, other.person)
    same = np.intersect1d(base.person, other.person, assume_unique=True)
    traces = [side.traces[np.searchsorted(side.person, same)] for side in (base, other)]
    untouched = same[traces[0] == traces[1]]
    return np.setdiff1d(everybody, untouched, assume_unique=True), int((everybody >= 0).sum())


def _frame(side: Side) -> pd.DataFrame:
    """Return the measured visits of residents, one row each, by a key that means the same visit in either run."""
    v: Visits = side.visits
    mine = v.person >= 0
    frame = pd.DataFrame({
        "referral": (v.id0 << 32) | v.id1, "visit": (v.entry << 32) | (v.visit << 16) | v.state, "person": v.person,
        "state": v.state, "joined": v.joined, "waited": v.waited(side.end), "seen": v.began >= 0,
        "open": (v.began < 0) & (v.ended < 0),
    })  # fmt: skip
    frame["measured"] = v.joined >= side.measure_from
    return frame[mine]


def _matched(base: Side, other: Side) -> pd.DataFrame:
    """Return one row a visit measured in either run, with the time waited in both (−1: no such visit).

    A change is that of a visit both runs have, and somebody was seen at in one of them.  Who still waits at the end has
    waited at least so long: that counts where it is longer than the other wait already, else nothing is known.
    """
    both = _frame(base).merge(
        _frame(other), on=["referral", "visit"], how="outer", suffixes=("_base", "_other"), sort=True
    )
    both = both[both["measured_base"].eq(True) | both["measured_other"].eq(True)]
    for name in ("person", "state"):
        both[name] = both[f"{name}_base"].fillna(both[f"{name}_other"]).astype(np.int64)
    for name in ("waited_base", "waited_other", "joined_base"):
        both[name] = both[name].fillna(-1).astype(np.int64)
    for name in ("seen_base", "seen_other", "open_base", "open_other"):
        both[name] = both[name].eq(True)
    there = (both["waited_base"] >= 0) & (both["waited_other"] >= 0) & (both["seen_base"] | both["seen_other"])
    change = both["waited_other"] - both["waited_base"]
    known = ~(both["open_other"] & (change < 0)) & ~(both["open_base"] & (change > 0))
    both["change"] = np.where(there & known, change, 0)
    return both


def _people(visits: pd.DataFrame, touched: np.ndarray) -> pd.DataFrame:
    """Return one row a touched resident, by id."""
    mine = visits[visits["person"].isin(touched)]
    found = mine.groupby("person").agg(
        change=("change", "sum"), seen_base=("seen_base", "any"), seen_other=("seen_other", "any")
    ).reindex(touched)  # fmt: skip
    found.index.name = "person"
    found["change"] = found["change"].fillna(0).astype(np.int64)
    seen = {name: found[name].fillna(False).astype(bool).to_numpy() for name in ("seen_base", "seen_other")}
    change = found["change"].to_numpy()
    found["class"] = np.select(
        [change > 0, change < 0, seen["seen_other"] & ~seen["seen_base"], seen["seen_base"] & ~seen["seen_other"]],
        [LONGER, SHORTER, SEEN_NOW, SEEN_NO_LONGER], OTHERWISE,
    )  # fmt: skip
    changed = mine[mine["change"] != 0]
    order = changed.assign(size=changed["change"].abs()).sort_values(["person", "size", "visit"], ascending=[1, 0, 1])
    most = order.drop_duplicates("person").set_index("person")
    for name in ("state", "waited_base", "waited_other"):
        found[name] = most[name].reindex(touched).fillna(-1).astype(np.int64)
    for name in ("open_base", "open_other"):
        found[name] = most[name].reindex(touched).eq(True)
    return found.drop(columns=["seen_base", "seen_other"])


def _by_state(visits: pd.DataFrame, states: list[str]) -> pd.DataFrame:
    """Return one row a state to which somebody came: visits, and how those in both runs changed (seconds)."""
    rows = []
    for state, mine in visits.groupby("state"):
        both = mine["seen_base"] & mine["seen_other"]
        longer, shorter = mine.loc[mine["change"] > 0, "change"], mine.loc[mine["change"] < 0, "change"]
        rows.append({
            "state": states[int(state)], "seen_in_both": int(both.sum()),
            "still_waiting_in_base": int((mine["open_base"] & mine["seen_other"]).sum()),
            "still_waiting_in_other": int((mine["open_other"] & mine["seen_base"]).sum()),
            "longer": len(longer), "shorter": len(shorter),
            "seen_in_base_only": int((mine["seen_base"] & ~mine["seen_other"]).sum()),
            "seen_in_other_only": int((mine["seen_other"] & ~mine["seen_base"]).sum()),
            "median_longer": float(longer.median()) if len(longer) else None,
            "median_shorter": float(shorter.median()) if len(shorter) else None,
        })  # fmt: skip
    return pd.DataFrame(rows)
