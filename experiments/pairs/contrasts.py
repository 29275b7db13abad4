"""Paired differences with their intervals, and what may be said of them: more, fewer, or no difference found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import stats

from experiments.intervals import mean_and_half_width
from experiments.pairs.figures import BREACHES, COST_LINE, ROUTE, SEEN, SHARE, STAFF, STARTED, WAIT, WAITED, Figure
from experiments.pairs.measures import measure, measures
from experiments.pairs.replicate import Replicate

SAME, MORE, FEWER, NOT_FOUND, NOT_KNOWN = "the same", "more", "fewer", "no difference found", "one replication"
CONFIDENCE = 0.95
FEW_PEOPLE = 5.0
"""People in most hours of the week, over the whole window, below which four hours are taken together"""


def contrast(both: np.ndarray) -> dict[str, Any]:
    """Return the means of float64[replication, (base, other)] and their paired difference.

    Student's t over the differences of pairs.  `verdict` is *the same* if the two are equal in every replication, *no
    difference found* if the interval holds 0: then `half_width` says what could have been seen.
    """
    apart = both[:, 1] - both[:, 0]
    n = len(apart)
    found = mean_and_half_width(apart, CONFIDENCE)
    difference, half = found["mean"], found["half_width"]
    if not apart.any():
        verdict = SAME
    elif half is None:
        verdict = NOT_KNOWN
    else:
        verdict = NOT_FOUND if abs(difference) <= half else MORE if difference > 0 else FEWER
    return {
        "base": float(both[:, 0].mean()), "other": float(both[:, 1].mean()), "difference": difference,
        "half_width": half, "low": None if half is None else difference - half,
        "high": None if half is None else difference + half, "verdict": verdict,
        "narrower": _narrower(both), "replications": n,
    }  # fmt: skip


def _narrower(both: np.ndarray) -> float | None:
    """Return how many times smaller the variance of the difference is than that of runs with luck of their own."""
    if len(both) < 2:
        return None
    apart = float((both[:, 1] - both[:, 0]).var(ddof=1))
    return float(both.var(axis=0, ddof=1).sum()) / apart if apart > 0 else None


def rows_of(pairs: Sequence[Replicate], leave_out: Sequence[str] = (ROUTE, STAFF, COST_LINE)) -> list[dict[str, Any]]:
    """Return one row a figure: its means and the paired difference; routes, hours, costs have tables of their own."""
    found = []
    for name in dict.fromkeys(name for pair in pairs for name in pair.figures):
        if name.what not in leave_out and (both := both_of(pairs, name)) is not None:
            one = measure(name.what)
            found.append({**name._asdict(), "title": one.title, "unit": one.unit, "headline": one.headline,
                          **contrast(both)})  # fmt: skip
    order = {name: i for i, name in enumerate(measures())}
    return sorted(found, key=lambda row: order.get(row["what"], len(order)))


def both_of(pairs: Sequence[Replicate], name: Figure) -> np.ndarray | None:
    """Return float64[replication, (base, other)] of a figure.

    What a run does not have (a pathway that only the other opens) is nobody; of shares and waits it is not known.
    """
    nothing = float("nan")
    both = np.array([pair.figures.get(name, (nothing, nothing)) for pair in pairs])
    if name.what not in (SHARE, WAIT):
        both = np.nan_to_num(both)
    both = both[~np.isnan(both).any(axis=1)]
    return both if len(both) else None


def flows_of(pairs: Sequence[Replicate]) -> list[dict[str, Any]]:
    """Return one row a route that gained or lost people, those that changed most first."""
    found = []
    for name in dict.fromkeys(name for pair in pairs for name in pair.figures if name.what == ROUTE):
        both = both_of(pairs, name)
        row = contrast(both) if both is not None else None
        if row is not None and row["verdict"] != SAME:
            found.append({"from": name.pathway, "to": name.of, "when": name.part, **row})
    return sorted(found, key=lambda row: (-abs(row["difference"]), row["from"], row["to"]))


def staff_of(pairs: Sequence[Replicate]) -> list[dict[str, Any]]:
    """Return one row a team, role and kind of time: hours in the measured window."""
    found = []
    for name in dict.fromkeys(name for pair in pairs for name in pair.figures if name.what == STAFF):
        both = both_of(pairs, name)
        if both is not None:
            role, _, time = name.part.partition(": ")
            found.append({"team": f"{name.pathway}/{name.of}", "role": role, "time": time, **contrast(both)})
    return found


def hours_of_week(pairs: Sequence[Replicate]) -> list[dict[str, Any]]:
    """Return one row a clock (or state) and hour of the week: breaches (or mean wait) in both, and their difference."""
    found = []
    for name in dict.fromkeys(name for pair in pairs for name in pair.by_hour):
        if name.what == BREACHES:
            found += _by_hour(name, BREACHES, _stacked(pairs, name), _stacked(pairs, name._replace(what=STARTED)))
        elif name.what == WAITED:
            total, seen = _stacked(pairs, name), _stacked(pairs, name._replace(what=SEEN))
            found += _by_hour(name, WAIT, total, seen)
    return found


def _stacked(pairs: Sequence[Replicate], name: Figure) -> np.ndarray:
    """Return float64[replication, (base, other), hour]."""
    nothing = (np.zeros(168), np.zeros(168))
    return np.array([pair.by_hour.get(name, nothing) for pair in pairs])


def _by_hour(name: Figure, what: str, value: np.ndarray, of: np.ndarray) -> list[dict[str, Any]]:
    """Return the rows of one clock or state in whose hours anything differs, none if nothing does.

    Where few come, four hours are taken together.  Of waits `base` and `other` are means of those seen; the interval is
    that of the minutes of all, which says whether they differ.
    """
    if not (value[:, 1] != value[:, 0]).any():
        return []
    hours = 1 if np.median(of.mean(axis=(0, 1))) >= FEW_PEOPLE else 4
    value, of = (table.reshape(len(table), 2, -1, hours).sum(axis=3) for table in (value, of))
    apart = value[:, 1] - value[:, 0]
    n = len(apart)
    half = stats.t.ppf(0.5 + CONFIDENCE / 2, n - 1) * apart.std(axis=0, ddof=1) / np.sqrt(n) if n > 1 else None
    shown, people = value.mean(axis=0), of.mean(axis=0)
    if what == WAIT:
        shown = np.divide(shown, people, out=np.zeros_like(shown), where=people > 0)
    clear = [None if half is None else bool(abs(apart[:, k].mean()) > half[k]) for k in range(apart.shape[1])]
    return [
        {"what": what, "pathway": name.pathway, "of": name.of, "hour_of_week": k * hours, "hours": hours,
         "base_people": people[0, k], "other_people": people[1, k], "base": shown[0, k], "other": shown[1, k],
         "difference": shown[1, k] - shown[0, k], "all_difference": apart[:, k].mean(),
         "all_half_width": None if half is None else half[k], "differs": clear[k]}
        for k in range(apart.shape[1])
    ]  # fmt: skip


__all__ = ["both_of", "contrast", "flows_of", "hours_of_week", "rows_of", "staff_of"]
