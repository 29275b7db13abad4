"""The board's document: four quadrants from what was gathered, each statement with the table and run behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.board import apportionment, gather, page, reality, stp, ways
from experiments.board.evidence import Quadrant, evidence_of
from experiments.board.where import Where, systems_of, where
from experiments.console import Progress
from experiments.demand import compared
from experiments.risk.simulated import Pool
from pathways.durations import seconds
from pathways.errors import InputError, nearest, one_of

YEAR = "2016/17 to 2020/21"


@dataclass(frozen=True)
class Wanted:
    """What a board is asked for, and the finished results it may rest on."""

    area: str = "lsc"
    run: Path | None = None
    """Folder of a finished run of the whole system; None: one is run"""
    risk: Path | None = None
    """Folder of a finished risk analysis; None: one is made within the budget"""
    establishment: Path | None = None
    """The area's own posts; None: not local"""
    budget: str = "4 min"
    by: str = "need"
    """How the national plan is shared out beside demand"""
    seed: int = 1
    replications: int = 1
    """Of what demand asks for; with more than one there are intervals"""


def check(wanted: Wanted) -> Where:
    """Return the place that is asked for.

    Raises
    ------
    InputError
        If there is no such place, way of sharing or duration, or a folder holds other results.
    """
    if wanted.by not in apportionment.WAYS:
        raise InputError(
            key="--by", value=wanted.by, expected=one_of(apportionment.WAYS),
            suggestion=nearest(wanted.by, apportionment.WAYS),
        )  # fmt: skip
    seconds(wanted.budget, key="--budget")
    place = where(wanted.area)
    if wanted.run is not None:
        gather.refuse_other(place, wanted.run)
    if wanted.risk is not None:
        gather.read_risk(place, wanted.risk)
    return place


def board(wanted: Wanted, pool: Pool, out: Path | None = None, progress: Progress | None = None) -> dict[str, Any]:
    """Return the document of `parity board`, and write page, workbook and Parquet if `out` is given.

    Raises
    ------
    InputError
        If there is no such place or way of sharing, or a folder holds other results.
    """
    place = check(wanted)
    kept = out or Path("results")
    risk = gather.risky(place, wanted.risk, wanted.budget, wanted.seed, pool, kept, progress)
    found = gather.ran(place, wanted.run, kept, wanted.seed, progress)
    systems = systems_of(place, found.case.tables["people"]["system"].tolist())
    staff = gather.staffed(place.place if place.level == "system" else place.area, wanted.seed, wanted.establishment)
    asked = compared.document(place.place, seed=wanted.seed, replications=wanted.replications, progress=progress)
    asked_behind = f"posts that demand asks for, seed {wanted.seed}, replications {wanted.replications}, {staff.model}"
    quadrants = [
        stp.quadrant(found.case, found.specs, systems, found.behind, place.place),
        reality.quadrant(place, found, staff.staff, staff.behind, staff.basis, wanted.by),
        apportionment.quadrant(place, wanted.by, asked, asked_behind, risk.percentiles, risk.behind),
        ways.quadrant(risk.mitigations, risk.questions, risk.behind),
    ]
    rests_on = [
        {"what": "Baseline year", "behind": found.behind}, {"what": "Staff", "behind": staff.behind},
        {"what": "Demand", "behind": asked_behind}, {"what": "Risk", "behind": risk.behind},
    ]  # fmt: skip
    document = _document(place.place, quadrants, rests_on)
    if out is not None:
        document["written"] = page.write(document, quadrants, out)
    return document


def _document(place: str, quadrants: Sequence[Quadrant], runs: Sequence[dict[str, str]]) -> dict[str, Any]:
    tables = evidence_of(quadrants)
    return {
        "place": place, "year": YEAR, "runs": list(runs),
        "rests_on": "; ".join(f"{one['what']}: {one['behind']}" for one in runs),
        "quadrants": [
            {"key": quadrant.key, "title": quadrant.title,
             "statements": [
                 {"text": one.text, "table": one.evidence, "behind": tables[one.evidence].behind,
                  "values": dict(one.values)}
                 for one in quadrant.statements
             ]}
            for quadrant in quadrants
        ],
        "tables": {key: {"title": one.title, "behind": one.behind, "rows": [dict(row) for row in one.rows]}
                   for key, one in tables.items()},
    }  # fmt: skip
