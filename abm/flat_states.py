"""States flattened: how long things take, what changes people, how long they may wait."""

from __future__ import annotations

import numpy as np

from abm.flat import ALWAYS, NEVER_WITHIN, Rows
from kernels.draws import purpose
from pathways.durations import HOUR, WEEK
from pathways.specs import StateSpec

SCORES = {"phq9": 3, "gad7": 4, "severity": 5}


def laws_of(rows: Rows, row: np.void, full: str, spec: StateSpec) -> None:
    """Lay down how long a state takes, its sessions, its recurring contacts and the purposes of its luck."""
    length = spec.stay if spec.kind == "place" else spec.minutes
    row["minutes"] = rows.law(length)
    row["residual"] = rows.law(length, residual=True) if spec.at_start_stay == "stationary" else -1
    row["travel"] = rows.law(spec.travel)
    row["records"] = rows.law(spec.records)
    row["patience"] = rows.law(spec.patience)
    row["dna_minutes"] = rows.law(spec.dna_minutes)
    row["first_minutes"] = -1
    row["n_sessions"] = -1
    row["session_change"] = -1
    row["dna"] = round(spec.dna * ALWAYS)
    row["dna_allowed"] = 100
    row["purpose"] = purpose(f"{full}/visit")
    row["purpose_travel"] = purpose(f"{full}/travel")
    row["purpose_session"] = purpose(f"{full}/session")
    row["purpose_pace"] = purpose(f"{full}/pace")
    row["change"] = changes(rows, full, spec.changes)
    if spec.sessions is not None:
        s = spec.sessions
        thresholds = np.full(256, ALWAYS, dtype=np.int64)
        cumulative = np.cumsum([0.0, *s.number.chances])
        for value in range(max(s.number.values)):  # index k is drawn while u lies between P(<k) and P(≤k)
            at_most = sum(p for v, p in zip(s.number.values, s.number.chances, strict=True) if v <= value)
            thresholds[value] = round(at_most / cumulative[-1] * ALWAYS)
        row["n_sessions"] = len(rows.counts)
        rows.counts.append(thresholds)
        row["every"] = s.every
        row["keep"] = s.keep_clinician
        row["first_minutes"] = rows.law(s.first_minutes)
        row["drop_out"] = round(s.drop_out * ALWAYS)
        row["dna"] = round((s.dna or spec.dna) * ALWAYS)
        row["dna_allowed"] = 100 if s.dna_allowed is None else s.dna_allowed
        if s.change is not None:
            row["session_change"] = changes(rows, f"{full}/session", (s.change,))[0]
    if spec.contacts is not None:
        first = len(rows.of["phase"])
        rows.of["phase"] += [(NEVER_WITHIN if until is None else until, every) for until, every in spec.contacts.every]
        row["phases"] = (first, len(rows.of["phase"]))


def changes(rows: Rows, full: str, changes: tuple) -> tuple[int, int]:
    """Lay down normal changes of a score, in 2**-16 points."""
    first = len(rows.of["change"])
    for i, change in enumerate(changes):
        rows.of["change"].append(
            (
                SCORES[change.column],
                round(change.mean * 65536),
                round(change.sd * 65536),
                purpose(f"{full}/change{i}"),
            )
        )
    return first, len(rows.of["change"])


def waits(rows: Rows, row: np.void, spec: StateSpec) -> None:
    """Lay down how people wait for a state: limits, holding back, groups, getting worse."""
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
        row["own_pace"] = spec.worsening.pace == "exponential"
        row["worsens_above"] = -1 if spec.worsening.above is None else spec.worsening.above
    if spec.group is not None:
        row["group_size"] = spec.group.size
        row["group_least"] = spec.group.least
        row["group_within"] = spec.group.start_within or 0
