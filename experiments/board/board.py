"""The board's document: four quadrants from what was gathered, each statement with the table and run behind it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from experiments.board import apportionment, page, reality, stp
from experiments.board.evidence import Quadrant, evidence_of
from experiments.board.gather import ran
from experiments.board.where import systems_of, where
from experiments.console import Progress

YEAR = "2016/17 to 2020/21"


def board(
    area: str = "lsc", *, run: Path | None = None, by: str = "need", seed: int = 1, out: Path | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Return the document of `parity board`, and write page, workbook and Parquet if `out` is given.

    Parameters
    ----------
    area : an STP, a delivery system by its name, or england
    run : folder of a finished run of the whole system; None: one is run now
    by : how the national plan is shared out (`apportion.weights_of`)
    """
    place = where(area)
    found = ran(place, run, out or Path("results"), seed, progress)
    systems = systems_of(place, found.case.tables["people"]["system"].tolist())
    quadrants = [
        stp.quadrant(found.case, found.specs, systems, found.behind),
        reality.quadrant(place, found.case, found.behind, by),
        apportionment.quadrant(place),
    ]
    document = _document(place.place, quadrants, [{"what": "Baseline year", "behind": found.behind}])
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
