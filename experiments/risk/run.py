"""What `parity risk` does: read and check the tables, analyse, and put names and notes to the answer."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from abm import areas
from experiments.console import Progress
from experiments.demand.needed import cell_of
from experiments.risk import inputs as uncertain
from experiments.risk import mitigations, register
from experiments.risk.analysis import Parts, Wanted, analyse
from experiments.risk.inputs import Inputs
from experiments.risk.parts import identity as identity_of_parts
from experiments.risk.parts import parts
from experiments.risk.simulated import Kept, Pool
from pathways.durations import seconds

YEAR = "2020/21"
POINTS_FILE = "points.jsonl"
FINISHING_SECONDS = 60.0
"""Kept of a budget for what comes after the simulations"""


@dataclass(frozen=True)
class Tables:
    """What an analysis reads: the parts with their drivers, inputs, register and mitigations, all checked."""

    parts: Parts
    inputs: Inputs
    risks: list[register.Risk]
    bands: register.Bands
    mitigations: list[mitigations.Mitigation]


def wanted_of(area: str, budget: str, points: int, seed: int) -> Wanted:
    """Return what is asked for.

    Raises
    ------
    InputError
        If there is no such area, or the budget is no duration.
    """
    cell, system = (area, None) if area == areas.ENGLAND else cell_of(area)
    allowed = float(seconds(budget, key="--budget"))
    return Wanted(cell, system or areas.title_of(cell), YEAR, seed, points, max(allowed - FINISHING_SECONDS, 1.0))


def tables_of(wanted: Wanted, inputs: Path | None, risks: Path | None, options: Path | None) -> Tables:
    """Return the tables, the caller's own or the built-in ones.

    Raises
    ------
    InputError
        If one of them is wrong (see `inputs.read`, `register.read`, `mitigations.read`).
    """
    made = parts(wanted.area, wanted.year)
    read = uncertain.read(made.present, inputs or uncertain.TABLE)
    return Tables(
        made, read, register.read([one.name for one in read.inputs], risks or register.TABLE), register.bands(),
        mitigations.read(made.present, options or mitigations.TABLE, made.shares),
    )  # fmt: skip


def risk(
    wanted: Wanted, tables: Tables, pool: Pool, out: Path | None = None, progress: Progress | None = None,
    identity: Callable[[], str] = identity_of_parts,
) -> dict[str, Any]:  # fmt: skip
    """Return the document of `parity risk`; with `out` finished points are kept there, and found again.

    Its tables are those of `experiments.risk.results.TABLES`; `place`, `year`, `seed`, `said` and `points` say what
    they are of.
    """
    start = time.monotonic()
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
    kept = Kept(identity(), None if out is None else out / POINTS_FILE)
    document = analyse(
        wanted, tables.inputs, tables.parts, tables.risks, tables.bands, tables.mitigations, pool, kept, progress
    )  # fmt: skip
    document |= {
        "area": wanted.area, "place": wanted.place, "year": wanted.year, "seed": wanted.seed,
        "seconds": round(time.monotonic() - start),
        "inputs": [_row(one, tables.parts) for one in tables.inputs.inputs],
        "correlations": [
            {"one": one.between[0], "other": one.between[1], "rank": one.rank, "source": one.source,
             "confidence": one.confidence}
            for one in tables.inputs.together
        ],
    }  # fmt: skip
    points = document["points"]
    document["said"] = (
        f"{points['demand']} simulated points of demand, {points['staff']} of staff; {document['sets']:,} joint sets; "
        f"seed {wanted.seed}"
    )
    return document


def _row(one: uncertain.Input, made: Parts) -> dict[str, Any]:
    present = made.present[one.part][one.drives[0]]
    return {
        "input": one.name, "title": one.title, "question": one.question, "part": one.part,
        "drives": ", ".join(one.drives), "law": f"{one.law.kind} {'factor' if one.is_factor else 'share'}",
        "present": present, "low": one.law.low, "median": float(one.law.quantile(0.5)), "high": one.law.high,
        "source": one.source, "confidence": one.confidence,
    }  # fmt: skip
