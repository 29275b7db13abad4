"""What a report is made from: the answer of a sizing, and simulated years of one or more plans."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from abm import tables as published
from abm.setting import Setting
from experiments import store

YEAR_DAYS = 365
SIZED, DECLARED = "sized plan", "teams as declared"


@dataclass(frozen=True)
class Case:
    """Simulated years of one plan, all replications together."""

    name: str
    """What a reader calls it: "sized plan", "teams as declared" …"""
    tables: dict[str, pd.DataFrame] = field(repr=False)
    """The tables of `docs/outputs.md`, with the column `replication`."""
    facts: list[dict[str, Any]]
    about: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def replications(self) -> int:
        """Return how many years-long runs there are."""
        return len(self.facts)

    @property
    def a_year(self) -> float:
        """Return the factor from a total of all replications to a mean year of 365 days."""
        return YEAR_DAYS / self.facts[0]["days"] / self.replications


def case_of(path: Path | str, name: str, replications: int | None = None, *, without: Collection[int] = ()) -> Case:
    """Read a case from the folder in which `parity run` left it.

    Only the first `replications`, if given, and `without` those that failed.
    """
    facts = [
        one for one in store.facts(path)
        if one["replication"] not in without and (replications is None or one["replication"] < replications)
    ]  # fmt: skip
    counted = [one["replication"] for one in facts]
    found = {key: table[table["replication"].isin(counted)] for key, table in store.read(path).items()}
    return Case(name, found, facts, store.about(path))


@dataclass(frozen=True)
class Material:
    """Everything a report may draw on."""

    document: Mapping[str, Any] | None
    """The sizing document (`docs/sizing.md`), if something was sized."""
    cases: Sequence[Case]
    """The plan in question first, then what it is compared with."""
    setting: Setting

    @property
    def main(self) -> Case:
        """Return the plan in question."""
        return self.cases[0]

    @property
    def area(self) -> str:
        """Return the area's name."""
        return self.setting.places.area

    @property
    def systems(self) -> tuple[str, ...]:
        """Return the delivery systems."""
        return self.setting.places.systems

    @cached_property
    def home_of_site(self) -> dict[str, str]:
        """Return the delivery system of each A&E site: that of its trust (`systems.csv`, `ae_sites.csv`)."""
        system_of_trust = {row["trust"]: row["system"] for row in published.read("systems")}
        trust_of_site = {row["site"]: row["trust"] for row in published.read("ae_sites")}
        return {
            site: system_of_trust[trust_of_site[site]]
            for site in self.setting.places.sites
            if trust_of_site.get(site) in system_of_trust
        }

    def places_of(self, system: str) -> list[str]:
        """Return a delivery system and its A&E sites."""
        return [system, *(site for site, home in self.home_of_site.items() if home == system)]

    @property
    def shared(self) -> list[str]:
        """Return the places that belong to no delivery system: the area itself, and sites without a home."""
        homeless = [site for site in self.setting.places.sites if site not in self.home_of_site]
        return [self.area, *homeless]

    def units(self, places: Sequence[str]) -> list[dict[str, Any]]:
        """Return the sized units at some places, in the document's order."""
        return [unit for unit in (self.document or {}).get("units", ()) if unit["place"] in places]

    def comparison(self, places: Sequence[str] | None = None) -> list[dict[str, Any]]:
        """Return the rows of the comparison at some places (None: everywhere)."""
        rows = (self.document or {}).get("comparison", ())
        return [row for row in rows if places is None or row["place"] in places]
