"""Who sends whom how many referrals: flows between the services of an area and their neighbours, from a run.

Every state and every door belongs to an *interface* (`tables/belonging.csv`): hospitals, crisis teams, wards, councils,
the police …  A flow is what was counted along routes from one interface to another; what came through the doors
is what was counted for a pathway and system, dealt to its doors by their declared shares.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pandas as pd

from abm import tables
from experiments.reports.material import Case
from pathways.errors import InputError, nearest, one_of
from pathways.specs import PathwaySpec

FOLDER = Path(__file__).resolve().parent / "tables"
COLUMNS = ("from", "to", "how", "system", "a_year")


@cache
def titles() -> dict[str, str]:
    """Return what each interface is called."""
    return {row["interface"]: row["title"] for row in tables.read("interfaces", FOLDER)}


@cache
def _belonging(kind: str) -> dict[str, str]:
    file = tables.path_of("belonging", FOLDER)
    known = titles()
    found = {}
    for row in tables.read("belonging", FOLDER):
        if row["interface"] not in known:
            raise InputError(
                file=file, key=row["of"], value=row["interface"], expected=one_of(known),
                suggestion=nearest(row["interface"], known),
            )  # fmt: skip
        if row["kind"] == kind:
            found[row["of"]] = row["interface"]
    return found


def of_state(state: str) -> str:
    """Return the interface of a state `pathway/name`: its own row, else that of its name anywhere, else its pathway's.

    Raises
    ------
    InputError
        If its pathway belongs nowhere.
    """
    pathway, _, name = state.partition("/")
    by_state = _belonging("state")
    if state in by_state:
        return by_state[state]
    if f"*/{name}" in by_state:
        return by_state[f"*/{name}"]
    return _of_pathway(pathway)


def _of_pathway(pathway: str) -> str:
    known = _belonging("pathway")
    if pathway not in known:
        file = tables.path_of("belonging", FOLDER)
        raise InputError(
            file=file, key="of", value=pathway, expected="a row for every pathway", suggestion=nearest(pathway, known)
        )
    return known[pathway]


def of_door(pathway: str, door: str) -> str:
    """Return the interface a door opens to: its own row, else that of its name, else its pathway's."""
    known = _belonging("door")
    return known.get(f"{pathway}/{door}") or known.get(door) or _of_pathway(pathway)


def flows(case: Case, specs: Mapping[str, PathwaySpec]) -> pd.DataFrame:
    """Return one row a (from, to, how, system) with referrals a mean year, `a_year`; `how` is `route` or `door`.

    Only what passes from one interface to another; the same person may pass several.
    """
    counted = case.tables["flows"]
    routes = pd.DataFrame({
        "from": counted["from"].map(of_state), "to": counted["to"].map(of_state), "how": "route",
        "system": counted["system"], "a_year": counted["count"] * case.a_year,
    })  # fmt: skip
    asked_by = case.tables["people"].groupby(["pathway", "system"], sort=False)["asked"].sum() * case.a_year
    doors = []
    for (pathway, system), asked in asked_by.items():
        shares = {name: door.share for name, door in specs[pathway].doors.items()}
        for name, share in shares.items():
            ends = of_door(pathway, name), of_state(f"{pathway}/{specs[pathway].doors[name].to}")
            doors.append((*ends, "door", system, asked * share / sum(shares.values())))
    found = pd.concat([routes, pd.DataFrame(doors, columns=list(COLUMNS))], ignore_index=True)
    found = found[found["from"] != found["to"]]
    summed = found.groupby(list(COLUMNS[:-1]), as_index=False)["a_year"].sum()
    return summed[summed["a_year"] > 0].sort_values("a_year", ascending=False, ignore_index=True)


def between(found: pd.DataFrame) -> pd.DataFrame:
    """Return one row a (from, to): referrals a year over all ways and systems, most first."""
    summed = found.groupby(["from", "to"], as_index=False)["a_year"].sum()
    return summed.sort_values("a_year", ascending=False, ignore_index=True)


def passing(found: pd.DataFrame, start: str, to: str) -> float:
    """Return how many a year pass from one interface to another."""
    return float(found.loc[(found["from"] == start) & (found["to"] == to), "a_year"].sum())
