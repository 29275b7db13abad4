"""Whose board it is: an STP, one of its delivery systems, or England; and the run that shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from abm import areas
from experiments.workforce import apportion
from experiments.workforce.waterfall import place_of
from pathways.errors import InputError


@dataclass(frozen=True)
class Where:
    """The place asked for, and where its people are found in a run."""

    area: str
    """What is run: `lsc`, another STP's short name, or `england`"""
    place: str
    """What is shown, by its title"""
    level: str
    """england, stp or system"""
    systems: tuple[str, ...]
    """Delivery systems shown; empty: all that the run has"""
    inside: tuple[str, ...]
    """The places directly within it, for shares of the national plan"""

    def sites(self, homes: dict[str, str]) -> list[str]:
        """Return the A&E sites of the systems shown, by their trust's system."""
        return [site for site, home in homes.items() if home in self.systems]


def where(area: str) -> Where:
    """Read `--area`: an area's short name or title, or a delivery system's name.

    Raises
    ------
    InputError
        If there is no such place, or it is a CCG: services are not run by CCG.
    """
    place = place_of(area)
    inside = tuple(one.name for one in apportion.places() if one.within == place.name)
    if place.level == "ccg":
        raise InputError(
            key="--area", value=area, expected="an STP, a delivery system or england", suggestion=place.within
        )
    if place.level == "system":
        return Where(areas.LSC, place.name, place.level, (place.name,), inside)
    if place.level == "england":
        return Where(areas.ENGLAND, place.name, place.level, (), inside)
    short = {areas.title_of(name): name for name in areas.all_areas()}[place.name]
    return Where(short, place.name, place.level, inside if short == areas.LSC else (), inside)


def systems_of(where: Where, in_run: Sequence[str]) -> list[str]:
    """Return the delivery systems shown, those of the run where all are."""
    return list(where.systems or dict.fromkeys(in_run))
