"""The risk register: causes with owners and dates, each scored 1 to 5 for likelihood and for impact.

Where a row's driver is an uncertain input of the model, its scores are the model's: likelihood from how often the
driver alone makes the gap materially larger, impact from how much larger it then is.  Other rows carry scores of
their own, marked as what they are: judgement.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from abm import tables
from experiments.risk.inputs import known
from pathways.errors import InputError

FOLDER = Path(__file__).resolve().parent / "tables"
TABLE = FOLDER / "register.csv"
NOT_MODELLED = "none"
COLUMNS = (
    "risk", "cause", "effect", "driver", "owner", "od_action", "decision_body", "due_date", "likelihood", "impact",
    "source", "confidence",
)  # fmt: skip
SCORES = range(1, 6)
RATINGS = ((15, "extreme"), (8, "high"), (4, "moderate"), (1, "low"))
"""From this product of the scores on"""


@dataclass(frozen=True)
class Risk:
    """One row of the register."""

    risk: str
    cause: str
    effect: str
    driver: str
    """Name of an uncertain input, or `none`"""
    owner: str
    od_action: str
    decision_body: str
    due_date: date
    likelihood: int | None
    """1 to 5; None: from the model"""
    impact: int | None
    source: str
    confidence: str


@dataclass(frozen=True)
class Bands:
    """Least values of the scores 1 to 5: of a probability, and of an effect as a share of the posts needed."""

    likelihood: tuple[float, ...]
    impact: tuple[float, ...]

    @property
    def material(self) -> float:
        """Return the least effect that counts as the risk having come true: that of impact 2."""
        return self.impact[1]


def read(drivers: Iterable[str], file: Path | str = TABLE) -> list[Risk]:
    """Return the rows of a register.

    Raises
    ------
    InputError
        For a missing or unknown column, an unknown driver (with the nearest word), a row with neither a modelled
        driver nor scores of its own, scores beside a modelled driver, a date that is none, or a name given twice.
    """
    file = Path(file)
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            rows = list(csv.DictReader(opened))
    except (OSError, UnicodeDecodeError) as problem:
        raise InputError(file=file, expected=f"a risk register that can be read ({problem})") from None
    if not rows:
        raise InputError(file=file, expected="a register with at least one row")
    for column in rows[0]:
        known(column, COLUMNS, file, "column")
    for column in COLUMNS:
        if column not in rows[0]:
            raise InputError(file=file, key="column", value=list(rows[0]), expected=f"a column {column!r} too")
    names = (*drivers, NOT_MODELLED)
    found = [_risk(row, names, file) for row in rows]
    seen: set[str] = set()
    for one in found:
        if one.risk in seen:
            raise InputError(file=file, key="risk", value=one.risk, expected="each risk once")
        seen.add(one.risk)
    return found


def _risk(row: Mapping[str, str], drivers: Sequence[str], file: Path) -> Risk:
    at = str(row["risk"])
    for column in COLUMNS:
        if column not in ("likelihood", "impact") and not (row[column] or "").strip():
            raise InputError(file=file, key=f"{at}.{column}", value=row[column], expected="a text")
    known(row["driver"], drivers, file, f"{at}.driver")
    modelled = row["driver"] != NOT_MODELLED
    try:
        due = date.fromisoformat(row["due_date"])
    except ValueError:
        raise InputError(
            file=file, key=f"{at}.due_date", value=row["due_date"], expected="a date such as 2018-04-01"
        ) from None
    likelihood, impact = (_score(row, column, modelled, file) for column in ("likelihood", "impact"))
    words = {column: row[column] for column in COLUMNS[:7]}
    return Risk(**words, due_date=due, likelihood=likelihood, impact=impact, source=row["source"],
                confidence=row["confidence"])  # fmt: skip


def _score(row: Mapping[str, str], column: str, modelled: bool, file: Path) -> int | None:
    text = (row[column] or "").strip()
    key = f"{row['risk']}.{column}"
    if modelled:
        if text:
            raise InputError(file=file, key=key, value=text, expected="nothing: the driver's scores are the model's")
        return None
    if text not in {str(score) for score in SCORES}:
        raise InputError(file=file, key=key, value=text, expected="a score from 1 to 5")
    return int(text)


def bands(folder: Path = FOLDER) -> Bands:
    """Return the bands of the table `bands.csv`."""
    rows = tables.read("bands", folder)
    at = {(row["of"], int(row["score"])): float(row["at_least"]) for row in rows}
    return Bands(*(tuple(at[of, score] for score in SCORES) for of in ("likelihood", "impact")))


def score(least: Sequence[float], number: float) -> int:
    """Return the highest score whose least value a number reaches; 1 below all."""
    return max(1, sum(number >= bound for bound in least))


def rating(likelihood: int, impact: int) -> str:
    """Return what the product of two scores is called."""
    return next(name for least, name in RATINGS if likelihood * impact >= least)


def modelled(effect: np.ndarray, needed: float, bands: Bands) -> dict[str, Any]:
    """Return how often a driver alone makes the gap materially larger, how much larger then, and both scores.

    Parameters
    ----------
    effect : float[set] the gap with the driver as drawn, all else at its median, less the gap with it at its median
    needed : posts needed at the median, or their pounds: the unit of `effect`
    """
    share = effect / needed
    true = share >= bands.material
    probability = float(true.mean())
    size = float(share[true].mean()) if true.any() else float(max(np.quantile(share, 0.95), 0.0))
    return {
        "probability": probability, "effect": size * needed, "likelihood": score(bands.likelihood, probability),
        "impact": score(bands.impact, size),
    }  # fmt: skip


def worse(of_posts: Mapping[str, Any], of_pounds: Mapping[str, Any]) -> dict[str, Any]:
    """Return the scores by posts or by pounds, whichever product is larger, and both effects."""

    def product(scores: Mapping[str, Any]) -> int:
        return int(scores["likelihood"] * scores["impact"])

    by, found = ("pounds", of_pounds) if product(of_pounds) > product(of_posts) else ("posts", of_posts)
    return {
        "by": by, "probability": found["probability"], "effect_posts": of_posts["effect"],
        "effect_pounds": of_pounds["effect"], "likelihood": found["likelihood"], "impact": found["impact"],
    }  # fmt: skip
