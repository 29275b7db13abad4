"""What one run delivered: people, each counted once, and contacts, by delivery system and programme, never mixed.

People are residents whom a pathway saw or admitted in the year.  A programme's people are counted once however many
of its pathways saw them; the people of several programmes together are counted once too, beside the sum over
programmes.  Contacts are those of the staff: a contact that two people hold counts for both.  People from elsewhere at
an A&E site are no residents and are not among the people; they are among the site's contacts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from abm import tables
from experiments.planning import establishment

PLAN = "the million's programmes"
"""Distinct people of all programmes that have a trajectory"""
ANY = "any service"
"""Distinct people of all pathways"""
SHARED = "shared by the area"
"""The place of teams that serve no one delivery system"""
WEEKS_A_YEAR = 365 / 7


def people(reached: pd.DataFrame, programme_of: Mapping[str, str], in_plan: Iterable[str]) -> pd.DataFrame:
    """Return distinct people: one row (system, programme, people), `PLAN` and `ANY` among the programmes.

    Parameters
    ----------
    reached : table `people_reached` of one replication (`pathways` joined by `;`, `system`, `people`)
    in_plan : programmes that have a trajectory
    """
    plan = frozenset(in_plan)
    found: dict[tuple[str, str], int] = {}
    for pathways, system, n in zip(reached["pathways"], reached["system"], reached["people"], strict=True):
        names = {programme_of[pathway] for pathway in pathways.split(";")}
        for programme in (*names, ANY, *([PLAN] if names & plan else [])):
            found[system, programme] = found.get((system, programme), 0) + int(n)
    rows = [{"system": system, "programme": name, "people": n} for (system, name), n in found.items()]
    return pd.DataFrame(rows, columns=["system", "programme", "people"])


def home_of_site() -> dict[str, str]:
    """Return A&E site -> the delivery system it belongs to (Lancashire & South Cumbria's sites)."""
    system_of_trust = {row["trust"]: row["system"] for row in tables.read("systems")}
    return {
        row["site"]: system_of_trust[row["trust"]]
        for row in tables.read("ae_sites") if row["trust"] in system_of_trust
    }  # fmt: skip


def system_of(place: str, systems: Iterable[str], homes: Mapping[str, str]) -> str:
    """Return the delivery system of a team's place: its own, its site's, or `SHARED`."""
    return place if place in systems else homes.get(place, SHARED)


def contacts(
    table: pd.DataFrame, programme_of: Mapping[str, str], systems: Iterable[str], homes: Mapping[str, str]
) -> pd.DataFrame:
    """Return contacts and work: one row (system, programme, team, role, contacts, wte).

    `wte` are the posts that the hours worked take: busy minutes ÷ the hours a post of the role gives in a year
    (`abm/tables/working_time.csv`); nurses of wards, whose day is no list of contacts, are not among them.

    Parameters
    ----------
    table : table `contacts` of one replication of a year
    """
    systems = tuple(systems)
    minutes = table["busy_minutes"] + table["overtime_minutes"]
    rows = [
        {
            "system": system_of(place, systems, homes), "programme": programme_of[team.partition("/")[0]],
            "team": team, "role": role, "contacts": int(n),
            "wte": establishment.wte(role, worked / 60 / WEEKS_A_YEAR) or 0.0,
        }
        for team, place, role, n, worked in zip(
            table["team"], table["place"], table["role"], table["care_contacts"], minutes, strict=True
        )
    ]  # fmt: skip
    keys = ["system", "programme", "team", "role"]
    frame = pd.DataFrame(rows, columns=[*keys, "contacts", "wte"])
    return frame.groupby(keys, as_index=False)[["contacts", "wte"]].sum()


def lost(waits: pd.DataFrame, team_of: Mapping[tuple[str, str], str]) -> pd.DataFrame:
    """Return where people wait and leave: one row (team, left_waiting, turned_away, mean_waiting).

    Parameters
    ----------
    waits : table `waits` of one replication
    team_of : (pathway, state) -> team whose people a state needs
    """
    teams = [team_of.get((p, s.partition("/")[0]), "") for p, s in zip(waits["pathway"], waits["state"], strict=True)]
    frame = waits.assign(team=teams, turned_away=waits["full"] + waits["closed"])
    frame = frame[frame["team"] != ""]
    return frame.groupby("team", as_index=False)[["left_waiting", "turned_away", "mean_waiting"]].sum()
