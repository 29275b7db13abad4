"""The staff that can really be had, month by month: the simulated workforce as a share of the posts there were.

A team's roster is what its posts of April 2016 keep on shift.  Of each role of a team the capacity of a month
(`experiments.staff`: whole people less learning and supervision, with bank, agency and overtime) over those posts says
how many of its roster come; people come whole, as vacancies let them (`abm.teams.shared_out`).  Roles without posts in
the establishment come as rostered; beds and caseload places stay.  Of another STP than Lancashire & South Cumbria posts
are its share of the national plan, by services of high, low and other demand and not by team.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache

import pandas as pd

from abm import staff_rates
from abm.policy import NewNumbers
from abm.staff_posts import YEARS
from abm.teams import shared_out
from abm.units import Lever
from experiments.staff import establishment
from experiments.staff.simulate import frame_of

MONTHS = 12
MEASURES = ("capacity_wte", "posts", "in_post")
Key = tuple[str, str, str]
"""(delivery system, team, role)"""


@lru_cache(maxsize=4)
def staff(area: str, seed: int, replication: int) -> pd.DataFrame:
    """Return capacity, posts and people in post of an area's teams: (month, system, team, role, measure, value)."""
    rates = staff_rates.read(None)
    frame = frame_of(establishment.of_area(area, rates), rates, seed, replication)
    frame = frame[frame["measure"].isin(MEASURES)]
    words = {name: frame[name].astype(str) for name in ("system", "team", "role", "measure")}
    keys = ["month", *words]
    return frame.assign(**words).groupby(keys, as_index=False)["value"].sum()


def shares(frame: pd.DataFrame, month: int) -> dict[Key, float]:
    """Return capacity of a month over the posts of the first, by team and role; roles without posts are left out."""
    keys = ["system", "team", "role"]
    posts = frame[(frame["month"] == 0) & (frame["measure"] == "posts")].set_index(keys)["value"]
    there = frame[(frame["month"] == month) & (frame["measure"] == "capacity_wte")].set_index(keys)["value"]
    found = (there.reindex(posts.index).fillna(0.0) / posts)[posts > 0]
    return {(str(a), str(b), str(c)): float(value) for (a, b, c), value in found.items()}


def in_post(frame: pd.DataFrame, year: str) -> pd.DataFrame:
    """Return the mean people in post of a year: (system, team, role, staff)."""
    first = MONTHS * YEARS.index(year)
    mine = frame[(frame["measure"] == "in_post") & frame["month"].between(first, first + MONTHS - 1)]
    mean = mine.groupby(["system", "team", "role"], as_index=False)["value"].sum()
    return mean.assign(staff=mean["value"] / MONTHS).drop(columns="value")


def numbers(levers: Sequence[Lever], roster: Sequence[int], share: Mapping[Key, float]) -> dict[int, int]:
    """Return lever -> people who come, for the rows and clinicians of every role that has a share.

    Parameters
    ----------
    roster : int[lever], as the scenario has them
    """
    rows: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for i, lever in enumerate(levers):
        if lever.kind != "places":
            rows[lever.unit, lever.role, lever.kind].append(i)
    found: dict[int, int] = {}
    demand, shared = staff_rates.read(None).demand, {key[0] for key in share}
    for (unit, role, _kind), mine in rows.items():
        team, _, place = unit.partition(" @ ")
        part = share.get((establishment.system_of(place), team, role))
        if part is None and len(shared) == 1:  # a share of the national plan: by what the service is, not by team
            services = establishment.SERVICES[demand.get(team.partition("/")[0], "other")]
            part = share.get((next(iter(shared)), services, role))
        if part is not None:
            found.update(zip(mine, shared_out([int(roster[i]) for i in mine], part), strict=True))
    return found


def changes(
    levers: Sequence[Lever], roster: Sequence[int], frame: pd.DataFrame, year: str, first_day: date
) -> tuple[dict[int, int], list[tuple[date, NewNumbers]]]:
    """Return the numbers a year begins with (its warm-up too), and the changes at the first of each later month."""
    first = MONTHS * YEARS.index(year)
    begin = numbers(levers, roster, shares(frame, first))
    before, found = begin, []
    for month in range(1, MONTHS):
        now = numbers(levers, roster, shares(frame, first + month))
        changed = tuple((levers[i], n) for i, n in now.items() if n != before.get(i))
        if changed:
            years, at = divmod(first_day.month - 1 + month, 12)
            found.append((date(first_day.year + years, at + 1, 1), NewNumbers(changed)))
        before = now
    return begin, found
