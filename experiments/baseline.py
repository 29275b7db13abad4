"""The baseline year, modelled beside published: every figure compared, every miss named."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from abm import areas
from abm import tables as published_tables
from experiments import life_tables, store
from experiments.trends import trends

MISS = 0.10
"""A difference beyond this share of the published figure is a miss, and named."""
YEAR_DAYS = 365
RESIDENTS_ONLY = "residents only"

Tables = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Results:
    """A case's tables (all replications) and the facts of its first replication."""

    tables: Tables
    facts: dict[str, Any]
    replications: int

    @property
    def a_year(self) -> float:
        """Return the factor from a total of all replications to a mean year."""
        return YEAR_DAYS / self.facts["days"] / self.replications

    def states(self, names: str) -> pd.DataFrame:
        """Return the rows of `waits` of states `pathway/state;pathway/state`."""
        waits = self.tables["waits"]
        return waits[(waits["pathway"] + "/" + waits["state"]).isin(names.split(";"))]

    def teams(self, names: str) -> pd.DataFrame:
        """Return the rows of `places` of teams `pathway/team;…`."""
        return self.tables["places"][self.tables["places"]["team"].isin(names.split(";"))]


def summary(path: Path | str, replications: int | None = None, *, without: Collection[int] = ()) -> dict[str, Any]:
    """Return headline figures, the comparison and the check of the warm-up of a case of results.

    Only of the first `replications`, if given, and `without` those that failed.
    """
    names = [
        "waits",
        "clocks",
        "places",
        "flows",
        "people",
        "people_reached",
        "contacts",
        "waiting_daily",
        "occupancy_daily",
    ]
    facts = [
        one for one in store.facts(path)
        if one["replication"] not in without and (replications is None or one["replication"] < replications)
    ]  # fmt: skip
    counted = [one["replication"] for one in facts]
    found = {name: table[table["replication"].isin(counted)] for name, table in store.read(path, names).items()}
    results = Results(found, facts[0], len(facts))
    with_lives = "lives_published" in facts[0]
    if with_lives:
        of_lives = {
            name: table[table["replication"].isin(counted)]
            for name, table in store.read(path, ["lives", "life_years"]).items()
        }
    return {
        "finished": len(facts),
        "proved": proved(facts),
        "digests": [one["digest"] for one in facts],
        "headline": headline(results),
        "clocks": clocks(results),
        "baseline": comparison(results),
        "warm_up_trends": trends(results),
        "lives": life_tables.summary(of_lives, facts[0], len(facts)) if with_lives else [],
    }


def proved(facts: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what was proved to balance, and how often: at the end of so many days in so many replications."""
    of = [one for one in facts if one.get("days_proved")]
    return {
        "what": of[0]["proved"] if of else [], "days": sum(one["days_proved"] for one in of), "replications": len(of)
    }  # fmt: skip


def comparison(results: Results) -> list[dict[str, Any]]:
    """Return one row a published figure: modelled, published, difference, and whether it is a miss.

    Counts are those of a mean year of 365 days.  Figures of pathways that were not run are left out.
    """
    here = set(results.tables["waits"]["pathway"])
    rows = []
    for row in published_tables.read("baseline_published"):
        named = {word.partition("/")[0] for part in row["of"].split("÷") for word in part.split(";")}
        if not named <= here:
            continue
        value = carried(row, results.facts.get("area", areas.LSC))
        if value is None:
            continue
        modelled = MEASURES[row["measure"]](results, row)
        if modelled is None and results.facts.get("illustrative"):
            continue  # its hospitals have no published figure
        difference = None if modelled is None else modelled / value - 1
        rows.append({
            "quantity": row["quantity"], "unit": row["unit"], "modelled": modelled, "published": value,
            "difference": difference, "miss": difference is None or abs(difference) > MISS,
            "comparable": row["comparable"],
            "year": row["year"], "how_carried": row["how_carried"], "source": row["source"],
            "confidence": row["confidence"],
        })  # fmt: skip
    return rows


def carried(row: Mapping[str, str], area: str) -> float | None:
    """Return a published figure as it is for an area; None where it is of Lancashire & South Cumbria alone.

    Shares and times of England stand everywhere; its numbers, carried to L&SC, go on to the area by residents.
    """
    value = float(row["lsc_value"])
    if area == areas.LSC:
        return value
    if not row["geography"].startswith("England"):
        return None
    if value == float(row["value"]) or row["unit"].startswith("share"):
        return float(row["value"])
    known = areas.all_areas()
    return value * sum(known[cell].persons for cell in areas.cells_of(area)) / known[areas.LSC].persons


def headline(results: Results) -> list[dict[str, Any]]:
    """Return one row a pathway: people in need, times asked, people reached, contacts, people waiting."""
    rows = []
    people, waits, contacts = (results.tables[name] for name in ("people", "waits", "contacts"))
    n = results.replications
    for pathway, mine in people.groupby("pathway", sort=False):
        states = waits[(waits["pathway"] == pathway) & waits["kind"].isin(["contact", "place"])]
        visits = states[~states["state"].str.endswith("/visit")]
        teams = contacts[contacts["team"].str.startswith(f"{pathway}/")]
        began = int(states["began"].sum())
        rows.append({
            "pathway": pathway, "need": int(mine["need"].sum() // n),
            "asked": mine["asked"].sum() * results.a_year,
            "reached": mine["reached"].sum() * results.a_year,
            "care_contacts": teams["care_contacts"].sum() * results.a_year,
            "mean_waiting": visits["mean_waiting"].sum() / n,
            "share_waited": states["waited"].sum() / began if began else None,
        })  # fmt: skip
    return rows


def clocks(results: Results) -> list[dict[str, Any]]:
    """Return one row a clock with a standard in force: the share within, and where it was missed."""
    table = results.tables["clocks"]
    table = table[table["standard_share"].notna() & table["in_force"] & ~table["of_state"]]
    rows = []
    for (pathway, clock), mine in table.groupby(["pathway", "clock"], sort=False):
        lost = 0 if mine["of_finished"].iloc[0] else mine["lost"].sum()
        decided = int(mine["stopped"].sum() + mine["still_over"].sum() + lost)
        by_place = mine.groupby("place", sort=False)["met"].apply(lambda met: met.dropna().astype(bool).mean())
        rows.append({
            "pathway": pathway, "clock": clock, "title": mine["title"].iloc[0],
            "status": mine["status"].iloc[0],
            "standard_seconds": int(mine["standard_seconds"].iloc[0]),
            "standard_share": float(mine["standard_share"].iloc[0]),
            "share_within": float(mine["within"].sum() / decided) if decided else None, "clocks": decided,
            "not_met_at": [place for place, met in by_place.items() if met < 0.5],
        })  # fmt: skip
    return rows


# --- measures: one function a word of the table's column `measure`


def _met(results: Results, names: str) -> float:
    """Return how often states were met: seen or admitted; waits, decisions and ends entered."""
    rows = results.states(names)
    held = rows["kind"].isin(["contact", "place"])
    return float(rows.loc[held, "began"].sum() + rows.loc[~held, "arrivals"].sum())


def _visits(results: Results, row: dict[str, str]) -> float | None:
    rows = results.states(row["of"])
    total = float(rows["arrivals"].sum())
    if RESIDENTS_ONLY in row["how_carried"]:
        # people from elsewhere come through A&E: their share there is taken off what A&E sends on
        for to, expected in results.facts["outside_expected"].items():
            arrived = float(results.states(to)["arrivals"].sum()) / results.replications
            share = min(1.0, expected / arrived) if arrived else 0.0
            flows = results.tables["flows"]
            onward = flows[flows["to"].isin(row["of"].split(";"))]
            total -= share * float(onward["count"].sum())
    return total * results.a_year


def _seen(results: Results, row: dict[str, str]) -> float | None:
    return _met(results, row["of"]) * results.a_year


def _ratio(results: Results, row: dict[str, str]) -> float | None:
    part, _, whole = row["of"].partition("÷")
    below = _met(results, whole)
    return _met(results, part) / below if below else None


def _clock_rows(results: Results, row: dict[str, str]) -> pd.DataFrame:
    table = results.tables["clocks"]
    return table[(table["pathway"] + "/" + table["clock"]) == row["of"]]


def _clock(results: Results, row: dict[str, str]) -> float | None:
    rows = _clock_rows(results, row)
    finished = not rows.empty and bool(rows["of_finished"].iloc[0])
    decided = rows["stopped"].sum() + (0 if finished else rows["lost"].sum() + rows["still_over"].sum())
    return float(rows["within"].sum() / decided) if decided else None


def _wait_days(results: Results, row: dict[str, str]) -> float | None:
    rows = _clock_rows(results, row).dropna(subset="mean_minutes")
    stopped = rows["stopped"].sum()
    return float((rows["mean_minutes"] * rows["stopped"]).sum() / stopped / 1440) if stopped else None


def _share_of_attendances(results: Results, row: dict[str, str]) -> float | None:
    sites = published_tables.read("ae_sites")
    published = {site["site"]: float(site["attendances"]) for site in sites}
    if not set(results.facts["sites"]) <= set(published):
        return None
    attendances = sum(published[site] for site in results.facts["sites"])
    return float(results.states(row["of"])["arrivals"].sum()) * results.a_year / attendances if attendances else None


def _stay_days(results: Results, row: dict[str, str]) -> float | None:
    """Return the mean stay by Little's law: occupied bed days ÷ admissions."""
    admitted = _met(results, row["of"])
    teams = results.teams(row["of"])
    bed_days = float(teams["mean_taken"].sum()) * results.facts["days"]
    return bed_days / admitted if admitted else None


def _occupancy(results: Results, row: dict[str, str]) -> float | None:
    teams = results.teams(row["of"])
    places = float(teams["places"].sum())
    return float(teams["mean_taken"].sum()) / places if places else None


def _places_per_100000(results: Results, row: dict[str, str]) -> float | None:
    beds = float(results.teams(row["of"])["places"].sum()) / results.replications
    return beds / results.facts["residents_18_64"] * 100_000


def _blocked_share(results: Results, row: dict[str, str]) -> float | None:
    teams = results.teams(row["of"])
    taken = float(teams["mean_taken"].sum())
    return float(teams["mean_blocked"].sum()) / taken if taken else None


def _present(results: Results, row: dict[str, str]) -> float | None:
    rows = results.states(row["of"])
    return float(rows["mean_present"].sum()) / results.replications


def _people_reached(results: Results, row: dict[str, str]) -> float | None:
    """Return residents seen by any of the pathways, each counted once (in the window, not scaled)."""
    wanted = set(row["of"].split(";"))
    table = results.tables["people_reached"]
    any_of = table["pathways"].map(lambda names: bool(wanted & set(names.split(";"))))
    return float(table.loc[any_of, "people"].sum()) / results.replications


MEASURES: dict[str, Callable[[Results, dict[str, str]], float | None]] = {
    "visits": _visits, "seen": _seen, "ratio": _ratio, "clock": _clock, "wait_days": _wait_days,
    "share_of_attendances": _share_of_attendances, "stay_days": _stay_days, "occupancy": _occupancy,
    "places_per_100000": _places_per_100000, "blocked_share": _blocked_share, "present": _present,
    "people_reached": _people_reached,
}  # fmt: skip
