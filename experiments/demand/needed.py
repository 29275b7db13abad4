"""Posts that the demand of a year asks for, by delivery system, team and role: `posts_needed`.

People, contacts and posts are three counters and are not mixed.  Posts are WTE; what is asked for, not sized for
waiting times (`parity size` does that), and not what there is.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from functools import lru_cache

import pandas as pd

from abm import areas, tables
from abm.population import places_of
from experiments.demand.factors import LAST, Asked, amounts_of, asked
from experiments.demand.posts import posts_of
from experiments.demand.simulate import Year, simulated, wanted
from experiments.workforce import apportion
from pathways.errors import InputError, nearest

KEYS = ("replication", "system", "team", "service", "programme", "role", "group", "employer", "payer")
COLUMNS = (*KEYS, "posts", "people", "contacts")
REACHED = ("replication", "system", "what", "name", "people")


def posts_needed(
    area: str = "lsc",
    factors: Mapping[str, float] | None = None,
    year: str = LAST,
    seed: int = 1,
    replications: int = 1,
    scenario: str | None = None,
) -> pd.DataFrame:
    """Return the WTE posts that the expressed demand of a year asks for.

    Parameters
    ----------
    area : an STP such as lsc, or one of its delivery systems by name (its own teams)
    factors : how much of each factor of `tables/factors.csv` (1: as planned by that year); None: all as planned;
        what is not named is not there, so that {} is the baseline
    scenario : a scenario file or built-in scenario whose changes hold besides

    Returns
    -------
    One row a replication, system, team and role (`COLUMNS`): `system` is the area's title for what the area shares;
    `posts` WTE; `people` distinct residents of the system whom the service (not the role) reached in the year: the
    same in all its rows, not to be added up; `contacts` a year in which the role took part.

    Raises
    ------
    InputError
        If an area, factor, year or scenario is not known.
    """
    cell, system = cell_of(area)
    wished = asked(amounts_of(factors), year)
    frames = _asked_for(cell, wished, seed, replications, scenario)[0]
    return frames if system is None else frames[frames["system"] == system].reset_index(drop=True)


def people_reached(
    area: str = "lsc",
    factors: Mapping[str, float] | None = None,
    year: str = LAST,
    seed: int = 1,
    replications: int = 1,
    scenario: str | None = None,
) -> pd.DataFrame:
    """Return distinct residents reached in the year, by the system they live in (`REACHED`).

    `what` is service, programme or all; `name` which one.  People are counted once within each name, so that services
    do not add up to their programme, nor programmes to all.
    """
    cell, system = cell_of(area)
    wished = asked(amounts_of(factors), year)
    frame = _asked_for(cell, wished, seed, replications, scenario)[1]
    return frame if system is None else frame[frame["system"] == system].reset_index(drop=True)


def cell_of(area: str) -> tuple[str, str | None]:
    """Return (STP, delivery system or None) of an area's name.

    Raises
    ------
    InputError
        If there is no such area.
    """
    if area in areas.all_areas():
        return area, None
    systems = places_of(areas.LSC, "system")
    if area in systems:
        return areas.LSC, area
    known = (*areas.all_areas(), *systems)
    raise InputError(key="--area", value=area, expected="an area or delivery system", suggestion=nearest(area, known))


def corners(wished: Asked) -> Iterator[tuple[tuple[str, ...], float]]:
    """Yield (scenarios in place, weight): a scenario in place by a share is a mixture of years with it and without."""
    names = sorted(wished.scenarios)
    for there in itertools.product((True, False), repeat=len(names)):
        weight = 1.0
        for name, present in zip(names, there, strict=True):
            weight *= wished.scenarios[name] if present else 1 - wished.scenarios[name]
        if weight:
            yield tuple(name for name, present in zip(names, there, strict=True) if present), weight


def _asked_for(
    cell: str, wished: Asked, seed: int, replications: int, scenario: str | None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return posts and people reached: the mixture of the corners."""
    posts: list[pd.DataFrame] = []
    people: list[pd.DataFrame] = []
    for presets, weight in corners(wished):
        years = simulated(wanted(cell, scenario, presets, seed), wished, replications)
        for replication, year in enumerate(years):
            posts.append(_posts(year, wished.hours, replication, weight))
            people.append(_people(year, replication, weight))
    return _summed(posts, KEYS, COLUMNS), _summed(people, REACHED[:-1], REACHED)


def _summed(frames: list[pd.DataFrame], keys: tuple[str, ...], columns: tuple[str, ...]) -> pd.DataFrame:
    one = pd.concat(frames).groupby(list(keys), sort=False, as_index=False).sum()
    return one.sort_values(list(keys[:2]), kind="stable")[list(columns)].reset_index(drop=True)


def _posts(year: Year, hours: float, replication: int, weight: float) -> pd.DataFrame:
    places, specs = year.layout.network.places, year.layout.network.specs
    group, programme = groups(), programmes()
    reached = _reached(year)
    rows = []
    for one in posts_of(year, hours):
        unit = one.unit
        service = unit.team.partition("/")[0]
        system = unit.place
        if unit.scope == "site":
            system = places.systems[int(year.home[places.sites.index(unit.place)])]
        seen = reached[service]
        rows.append({
            "replication": replication, "system": system, "team": unit.team, "service": service,
            "programme": programme[service], "role": one.role, "group": group[one.role],
            "employer": unit.spec.employer, "payer": unit.spec.payer or specs[service].payer or "",
            "posts": one.wte * weight, "contacts": one.contacts * weight,
            "people": weight * (seen.get(system, 0) if unit.scope != "area" else sum(seen.values())),
        })  # fmt: skip
    frame = pd.DataFrame(rows)
    sums = {"posts": "sum", "contacts": "sum", "people": "first"}  # sites of one system are one team
    return frame.groupby(list(KEYS), sort=False, as_index=False).agg(sums)


def _reached(year: Year) -> dict[str, dict[str, int]]:
    network = year.layout.network
    return {
        pathway: {system: int(n) for system, n in zip(network.places.systems, row, strict=False)}
        for pathway, row in zip(network.flat.pathways, year.reached, strict=True)
    }


def _people(year: Year, replication: int, weight: float) -> pd.DataFrame:
    network = year.layout.network
    programme = programmes()
    systems, names = network.places.systems, list(network.specs)
    counts: dict[tuple[str, str, str], float] = {}
    for bits, system, n in year.ways:
        services = [name for i, name in enumerate(names) if bits >> i & 1]
        found = {("service", name) for name in services} | {("programme", programme[name]) for name in services}
        for what, name in found | {("all", "all services")}:
            key = (systems[system], what, name)
            counts[key] = counts.get(key, 0.0) + n * weight
    rows = [(replication, *key, n) for key, n in sorted(counts.items())]
    return pd.DataFrame(rows, columns=list(REACHED))


@lru_cache(maxsize=1)
def groups() -> dict[str, str]:
    """Return the staff group of each role (`experiments/workforce/tables/roles.csv`)."""
    return {row["role"]: row["group"] for row in tables.read("roles", apportion.FOLDER)}


@lru_cache(maxsize=1)
def programmes() -> dict[str, str]:
    """Return the programme of each service (`experiments/workforce/tables/programmes.csv`)."""
    return {row["pathway"]: row["programme"] for row in tables.read("programmes", apportion.FOLDER)}
