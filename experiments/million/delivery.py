"""The million of an area: planned, delivered with the staff that can be had, lost to each bottleneck; staff and pounds.

baseline year → each later year, staffed → with plenty of staff → with one team relieved at a time → steps that sum
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from abm import areas
from experiments.console import Progress
from experiments.intervals import mean_and_half_width
from experiments.million import bottlenecks, counting, trajectories
from experiments.million.years import EVERY_TEAM, Year, all_lived
from experiments.workforce import apportion

if TYPE_CHECKING:
    from cluster.pool import Pool

ALL = "all programmes"
"""The sum over programmes, where people of two programmes count twice"""
PEOPLE, CONTACTS = "people", "contacts"
Planned = Mapping[str, Mapping[str, Mapping[str, int]]]
"""Year -> place -> programme -> people extra to the baseline year"""


@dataclass(frozen=True)
class Lived:
    """Every year of one replication as it was counted."""

    base: pd.DataFrame
    staffed: Mapping[str, pd.DataFrame]
    """By year"""
    plenty: Mapping[str, pd.DataFrame]
    by_team: Mapping[str, Mapping[str, pd.DataFrame]]
    """Year -> team -> with plenty in that team"""
    others: Mapping[str, pd.DataFrame]
    """Year -> with plenty in all other teams"""


def lived(
    area: str, years: Sequence[str], seed: int, replications: int, most: int, folder: Path, pool: Pool | None,
    progress: Progress | None,
) -> list[Lived]:  # fmt: skip
    """Live through the baseline year and later ones; the `most` worst teams of each year are relieved one by one.

    They are the worst of all replications together, so that a team is relieved in each of them or in none.
    """
    every = range(replications)

    def of(asked: Mapping[Any, tuple[str, tuple[str, ...]]]) -> list[dict[Any, pd.DataFrame]]:
        one = {
            (k, key): Year(area, year, relieved=teams, seed=seed, replication=k)
            for k in every for key, (year, teams) in asked.items()
        }  # fmt: skip
        found = all_lived(list(one.values()), folder, pool, progress)
        return [{key: found[one[k, key]] for key in asked} for k in every]

    staffed = of({year: (year, ()) for year in (trajectories.BASELINE, *years)})
    plenty = of({year: (year, (EVERY_TEAM,)) for year in years})
    had = {year: pd.concat([one[year] for one in staffed]) for year in years}
    could = {year: pd.concat([one[year] for one in plenty]) for year in years}
    worst = {year: bottlenecks.worst(had[year], could[year], most, _of_the_plan) for year in years}
    single = of({(year, team): (year, (team,)) for year in years for team in worst[year]})
    teams = {year: sorted(set(had[year]["team"]) - {""}) for year in years}
    rest = {year: tuple(team for team in teams[year] if team not in worst[year]) for year in years}
    others = of({year: (year, rest[year]) for year in years if worst[year]})
    return [
        Lived(
            staffed[k][trajectories.BASELINE], staffed[k], plenty[k],
            {year: {team: single[k][year, team] for team in worst[year]} for year in years}, others[k],
        )
        for k in every
    ]  # fmt: skip


def _of_the_plan(team: str) -> bool:
    """Say whether a team belongs to a programme that has a trajectory: only their people are followed to the team."""
    return trajectories.programme_of()[team.partition("/")[0]] in trajectories.programmes()


def at_places(year: pd.DataFrame, area: str) -> pd.DataFrame:
    """Return what is kept of a year by the places of an answer: delivery systems and the area as a whole.

    The delivery systems of an STP other than Lancashire & South Cumbria are illustrative: it stands for itself.
    """
    whole = year.assign(system=areas.title_of(area))
    return pd.concat([year, whole], ignore_index=True) if area == areas.LSC else whole


def numbers(year: pd.DataFrame, measure: str) -> Mapping[tuple[str, str], float]:
    """Return (place, programme) -> people or contacts; `ALL` sums over the programmes that have a trajectory."""
    mine = year[year["measure"] == measure]
    found = mine.groupby(["system", "programme"])["value"].sum().to_dict()
    for place in dict.fromkeys(place for place, _ in list(found)):
        found[place, ALL] = sum(found.get((place, name), 0.0) for name in trajectories.programmes())
    return found


def steps(one: Lived, year: str, planned: Planned, area: str) -> Iterator[dict[str, Any]]:
    """Yield (year, place, programme, counter, step, value) of one year and replication.

    People of `counting.PLAN` are counted once, those of `ALL` once in each programme.  Contacts are planned as people ×
    the contacts that a person of the programme had in the area's baseline year.
    """
    for counter in (PEOPLE, CONTACTS):
        base, staffed, plenty = (
            numbers(at_places(frame, area), counter) for frame in (one.base, one.staffed[year], one.plenty[year])
        )
        by_team = {team: numbers(at_places(frame, area), counter) for team, frame in one.by_team[year].items()}
        others = numbers(at_places(one.others[year], area), counter) if year in one.others else None
        asked = _asked(one.base, year, planned, area, counter)
        for place, programme in asked:
            key = (place, programme)
            reached = bottlenecks.Reached(
                base.get(key, 0.0), staffed.get(key, 0.0), plenty.get(key, 0.0),
                {team: there.get(key, 0.0) for team, there in by_team.items()},
                None if others is None else others.get(key, 0.0),
            )  # fmt: skip
            twice = 0.0
            if programme == counting.PLAN:
                twice = plenty.get((place, ALL), 0.0) - base.get((place, ALL), 0.0) - (reached.plenty - reached.base)
            for step, value in bottlenecks.steps(asked[key], reached, twice):
                yield {
                    "year": year, "place": place, "programme": programme, "counter": counter, "step": step,
                    "value": value,
                }  # fmt: skip


def _asked(base: pd.DataFrame, year: str, planned: Planned, area: str, counter: str) -> dict[tuple[str, str], float]:
    """Return (place, programme) -> what is planned, sums over programmes among them."""
    title = areas.title_of(area)
    places = places_of(area)
    each = {place: dict.fromkeys(trajectories.programmes(), 1.0) for place in (*places, title)}
    if counter == CONTACTS:
        each = _contacts_a_person(base, (*places, title))
    found: dict[tuple[str, str], float] = {}
    for place, of in each.items():
        people = planned[year].get(place, planned[year][title])
        for programme, contacts in of.items():
            found[place, programme] = people[programme] * contacts
        found[place, ALL] = sum(found[place, programme] for programme in of)
        if counter == PEOPLE:
            found[place, counting.PLAN] = found[place, ALL]
    return found


def _contacts_a_person(base: pd.DataFrame, places: Sequence[str]) -> dict[str, dict[str, float]]:
    """Return place -> programme -> contacts ÷ people in the baseline year: of own teams, and of shared ones."""
    people = base[base["measure"] == PEOPLE].groupby("programme")["value"].sum()
    mine = base[base["measure"] == CONTACTS]
    shared = mine[mine["system"] == counting.SHARED].groupby("programme")["value"].sum()
    every = mine.groupby("programme")["value"].sum()
    found: dict[str, dict[str, float]] = {place: {} for place in places}
    if len(places) > 1:
        found[counting.SHARED] = {}
    for name in trajectories.programmes():
        n = float(people.get(name, 0.0)) or 1.0
        for place in found:
            own = {counting.SHARED: shared.get(name, 0.0), places[-1]: every.get(name, 0.0)}
            found[place][name] = float(own.get(place, every.get(name, 0.0) - shared.get(name, 0.0))) / n
    return found


def over_replications(rows: pd.DataFrame) -> pd.DataFrame:
    """Return means with 95 % half-widths; a step that a replication does not have is nothing there."""
    keys = ["year", "place", "programme", "counter", "step"]
    wide = rows.pivot_table(index=keys, columns="replication", values="value", aggfunc="sum", sort=False).fillna(0.0)
    found = [mean_and_half_width(values) for values in wide.to_numpy()]
    return wide.index.to_frame(index=False).assign(
        value=[one["mean"] for one in found], half_width=[one["half_width"] for one in found]
    )


def places_of(area: str) -> tuple[str, ...]:
    """Return the delivery systems of Lancashire & South Cumbria; another STP stands for itself."""
    title = areas.title_of(area)
    return tuple(one.name for one in apportion.places() if one.within == title and one.level == "system")
