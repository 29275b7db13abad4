"""People from elsewhere at the area's A&E sites: how many, and which figures by delivery system they are in.

They are simulated from arrival to leaving, under the delivery system of the site, and are told apart in words: the
tallies keep a referral by place, not by where its person lives.
"""

from __future__ import annotations

from dataclasses import dataclass

from abm.demand import HOURS_OF_YEAR, published_attendances
from abm.setting import Setting, streams


@dataclass(frozen=True)
class FromElsewhere:
    """The stream of one A&E site."""

    pathway: str
    site: str
    system: str
    """Delivery system under which they are counted: that of the site"""
    a_year: float
    of: float
    """Everybody who comes by the same doors to the site in a year, residents included"""


def from_elsewhere(setting: Setting, system: str | None = None) -> list[FromElsewhere]:
    """Return the sites (of one delivery system or all) to which people come from elsewhere, as expected a year."""
    if setting.population.illustrative:
        return []  # no attendances are published for its sites, and nobody comes from elsewhere
    attended = published_attendances(setting.population)
    found = []
    for stream in streams(setting):
        home = setting.places.systems[stream.system]
        if stream.per_hour > 0 and system in (None, home):
            through = sum(door.total for door in setting.demand.doors if door.to == stream.to)
            found.append(
                FromElsewhere(
                    stream.to.partition("/")[0], setting.places.sites[stream.site], home,
                    stream.per_hour * HOURS_OF_YEAR, float(attended[stream.site]) * through,
                )
            )  # fmt: skip
    return found


def in_words(setting: Setting, system: str | None = None) -> str:
    """Say how many people from elsewhere the figures of a delivery system hold; nothing if there are none."""
    rows = from_elsewhere(setting, system)
    if not rows:
        return ""
    sites = ", ".join(f"{row.a_year:,.0f} of {row.of:,.0f} at {row.site}" for row in rows)
    return (
        f"People from elsewhere who come to A&E here ({sites} attendances a year) are treated by the site's team: they "
        "are in its staff, clocks, waits and contacts and in the people drawn along the routes, under the delivery "
        "system of the site. They are never among residents in need, asking or seen, and get no share of the wards."
    )


def in_a_drawing(setting: Setting, pathway: str, system: str | None) -> str:
    """Say that a drawing of a pathway holds people from elsewhere; nothing if it does not."""
    rows = [row for row in from_elsewhere(setting, system) if row.pathway == pathway]
    if not rows:
        return ""
    a_year = sum(row.a_year for row in rows)
    return f"; about {a_year:,.0f} people a year from elsewhere who come to its A&E are among them"
