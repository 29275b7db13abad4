"""The workforce waterfall: establishment → vacancies → in post → leavers → supply → in post 2020/21 → posts → gap.

Every bar is a row of `tables/waterfall.csv` or a sum of rows; a place has its whole share of every row, so that bars
sum down a waterfall and waterfalls sum over places, to the last post.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from abm import tables
from experiments.workforce import apportion
from experiments.workforce.apportion import FOLDER, WEIGHTS, Place
from pathways.errors import InputError, nearest, one_of

SUMS = {
    "in_post": "In post, 2016",
    "in_post_later": "In post, 2020/21",
    "posts_later": "Posts, 2020/21",
    "gap": "Posts without anybody, 2020/21",
}
FIRST = "establishment"
BEFORE = ("vacancies",)
"""Changes between the establishment and those in post"""


@dataclass(frozen=True)
class Bar:
    """One bar: a level stands on the ground, a change hangs where the bar before it ended."""

    step: str
    title: str
    kind: str
    value: int
    start: int
    end: int
    source: str = ""
    confidence: str = ""


def rows(folder: Path = FOLDER) -> list[dict[str, Any]]:
    """Return the national rows in order: step, title, of (posts or staff), kind, value, year, source, confidence.

    Raises
    ------
    InputError
        If a value is no whole number, or the first row is not the establishment.
    """
    found: list[dict[str, Any]] = []
    file = tables.path_of("waterfall", folder)
    for row in tables.read("waterfall", folder):
        try:
            found.append({**row, "value": int(row["value"])})
        except ValueError as error:
            raise InputError(file=file, key=row["step"], value=row["value"], expected="a whole number") from error
        for key, words in (("of", ("posts", "staff")), ("kind", ("level", "change"))):
            if row[key] not in words:
                raise InputError(
                    file=file, key=f"{row['step']}.{key}", value=row[key], expected=one_of(words),
                    suggestion=nearest(row[key], words),
                )  # fmt: skip
    if not found or found[0]["step"] != FIRST or found[0]["kind"] != "level":
        raise InputError(file=file, key="step", value=found and found[0]["step"], expected=f"{FIRST} first, a level")
    return found


def bars(national: Sequence[Mapping[str, Any]], values: Mapping[str, int]) -> list[Bar]:
    """Return the bars of one place.

    Parameters
    ----------
    national : the rows of the table
    values : the place's share of each, by step
    """
    posts = values[FIRST]
    found = [_level(national[0], posts)]
    staff = posts
    changes = [row for row in national if row["of"] == "staff"]
    for row in [row for row in changes if row["step"] in BEFORE]:
        found.append(_change(row, values[row["step"]], staff))
        staff += values[row["step"]]
    found.append(_sum("in_post", staff))
    for row in [row for row in changes if row["step"] not in BEFORE]:
        found.append(_change(row, values[row["step"]], staff))
        staff += values[row["step"]]
    found.append(_sum("in_post_later", staff))
    for row in [row for row in national if row["of"] == "posts" and row["kind"] == "change"]:
        found.append(_change(row, values[row["step"]], posts))
        posts += values[row["step"]]
    found.append(_sum("posts_later", posts))
    found.append(Bar("gap", SUMS["gap"], "gap", posts - staff, staff, posts))
    return found


def _level(row: Mapping[str, Any], value: int) -> Bar:
    return Bar(row["step"], row["title"], "level", value, 0, value, row["source"], row["confidence"])


def _change(row: Mapping[str, Any], value: int, start: int) -> Bar:
    return Bar(row["step"], row["title"], "change", value, start, start + value, row["source"], row["confidence"])


def _sum(step: str, value: int) -> Bar:
    return Bar(step, SUMS[step], "level", value, 0, value, "sum of the rows before it", "derived")


def waterfalls(by: str = "people", weights: Path | None = None, folder: Path = FOLDER) -> dict[Place, list[Bar]]:
    """Return every place's waterfall: England's rows shared out by weight (`apportion.weights_of`)."""
    national = rows(folder)
    weight = apportion.weights_of(by, weights)
    shares = {row["step"]: apportion.apportioned(row["value"], weight) for row in national}
    return {
        place: bars(national, {step: share[place.name] for step, share in shares.items()})
        for place in apportion.places()
    }


def document(area: str, by: str = "people", weights: Path | None = None) -> dict[str, Any]:
    """Return the document of `parity waterfall`: the waterfall of a place and of the places within it.

    `rows`: one a place and bar; `places`: how many posts, staff and people; `weights`: what was shared by.

    Raises
    ------
    InputError
        If there is no such place.
    """
    found = waterfalls(by, weights)
    chosen = place_of(area)
    inside = [place for place in found if place.name == chosen.name or is_within(place, chosen.name)]
    return {
        "place": chosen.name, "level": chosen.level, "by": WEIGHTS.get(by, str(weights)),
        "rows": [
            {"place": place.name, "level": place.level, "within": place.within, **vars(bar)}
            for place in inside for bar in found[place]
        ],
    }  # fmt: skip


def place_of(area: str) -> Place:
    """Return the place of a name: `england`, an area's short name or title, a delivery system, a CCG."""
    from abm import areas

    short = {areas.ENGLAND: apportion.ENGLAND, **{name: areas.title_of(name) for name in areas.all_areas()}}
    by_name = {place.name: place for place in apportion.places()}
    name = short.get(area, area)
    if name not in by_name:
        known = (*short, *by_name)
        raise InputError(key="--area", value=area, expected="an area or place", suggestion=nearest(area, known))
    return by_name[name]


def is_within(place: Place, outer: str) -> bool:
    """Say whether a place lies somewhere within the place of that name."""
    by_name = {one.name: one for one in apportion.places()}
    while place.within:
        if place.within == outer:
            return True
        place = by_name[place.within]
    return False
