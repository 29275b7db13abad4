"""What is lost on the way from planned to delivered, and to which bottleneck: by relieving one at a time.

A year is lived with the staff that can be had, with plenty of staff everywhere, and with plenty in one team at a
time; the people and their luck are the same in all of them.  What a team costs is what its relief alone would bring.
Reliefs do not add up: who passes one queue stands in the next, and a relieved team sends more people to others.  What
is left over between the sum of single reliefs and the relief of all is a row of its own, so that everything sums:

planned − not asked for − each team − the other teams − together = delivered
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

PLANNED, DELIVERED = "planned", "delivered"
NOT_ASKED = "not asked for or not accepted, whatever the staff"
COUNTED_TWICE = "in several programmes, counted once"
OTHER_TEAMS = "all other teams, relieved together"
ALL_TEAMS = "all teams, relieved together"
TOGETHER = "several bottlenecks at once"


@dataclass(frozen=True)
class Reached:
    """One number (people or contacts of one place and programme) in every year that was lived."""

    base: float
    """In the baseline year, with its staff"""
    staffed: float
    """With the staff that can be had"""
    plenty: float
    """With plenty of staff everywhere"""
    by_team: Mapping[str, float]
    """With plenty in one team"""
    others: float | None = None
    """With plenty in all teams but those of `by_team`"""


def steps(planned: float, reached: Reached, counted_twice: float = 0.0) -> list[tuple[str, float]]:
    """Return (step, number) from planned down to delivered: what is lost is negative, and the steps sum.

    Parameters
    ----------
    counted_twice : of what plenty of staff would bring, people who are in several programmes (of a total only)
    """
    with_plenty = reached.plenty - reached.base
    lost_to_staff = reached.staffed - reached.plenty
    found = [(PLANNED, planned), (NOT_ASKED, with_plenty + counted_twice - planned)]
    single = {team: reached.staffed - there for team, there in reached.by_team.items()}
    if reached.others is not None:
        single[OTHER_TEAMS] = reached.staffed - reached.others
    found += single.items()
    if single:
        found.append((TOGETHER, lost_to_staff - sum(single.values())))
    else:
        found.append((ALL_TEAMS, lost_to_staff))
    if counted_twice:
        found.append((COUNTED_TWICE, -counted_twice))
    found.append((DELIVERED, reached.staffed - reached.base))
    return found


def in_order(steps: Iterable[str]) -> list[str]:
    """Return steps as they are told: planned first, teams between, delivered last."""
    first, last = (PLANNED, NOT_ASKED), (OTHER_TEAMS, ALL_TEAMS, TOGETHER, COUNTED_TWICE, DELIVERED)
    there = list(steps)
    teams = [step for step in there if step not in (*first, *last)]
    return [step for step in (*first, *sorted(teams), *last) if step in there]


def worst(staffed: pd.DataFrame, plenty: pd.DataFrame, most: int, among: Callable[[str], bool]) -> list[str]:
    """Return the teams at which plenty of staff would save most people from leaving, being turned away or waiting.

    Parameters
    ----------
    staffed, plenty : what is kept of a year (`years.lived`)
    among : says whether a team (`pathway/team`) is one of those that come into question
    """
    gained = _lost_at(staffed).sub(_lost_at(plenty), fill_value=0.0)
    gained = gained[(gained > 0) & gained.index.map(among).astype(bool)].sort_values(ascending=False, kind="stable")
    return [str(team) for team in gained.index[:most]]


def _lost_at(year: pd.DataFrame) -> pd.Series:
    """Return by team the people who left its lists or were turned away in the year, and those on its lists."""
    there: Sequence[str] = ("left_waiting", "turned_away", "mean_waiting")
    return year[year["measure"].isin(there)].groupby("team")["value"].sum().sort_index()
