"""A national number of posts or people shared out to STPs, delivery systems and CCGs, exactly.

Shares are whole numbers that sum at every level: England's to the 44 STPs, an STP's to its delivery systems, a
system's to its CCGs, each by largest remainder.  Weights are people, people × relative deprivation (illustrative:
IMD is no formula of need), or residents with a mental disorder.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from abm import areas, tables
from pathways.errors import InputError, nearest, one_of

FOLDER = Path(__file__).resolve().parent / "tables"
WEIGHTS = {
    "people": "head count",
    "deprivation": "people × relative IMD score (illustrative)",
    "need": "residents with a mental disorder (synthesised)",
}
ENGLAND = "England"


@dataclass(frozen=True)
class Place:
    """A place that gets a share."""

    name: str
    level: str
    """england, stp, system or ccg"""
    within: str
    """The place whose number it shares"""
    people: float
    imd_score: float
    """Mean over its people"""

    @property
    def deprivation(self) -> float:
        """Return its people × their mean IMD score."""
        return self.people * self.imd_score


def shared_out(total: int, weights: Sequence[float]) -> list[int]:
    """Return whole shares of `total` by weight that sum to it: largest remainders first, equal ones in order.

    Raises
    ------
    ValueError
        If a weight is negative, or all are nothing.
    """
    weight = np.asarray(weights, float)
    if (weight < 0).any() or not weight.sum() > 0:
        raise ValueError("weights are nothing or more, and not all nothing")
    exact = abs(total) * weight / weight.sum()
    shares = np.floor(exact).astype(np.int64)
    left = abs(total) - int(shares.sum())
    shares[np.argsort(-(exact - shares), kind="stable")[:left]] += 1
    return [int(share) * (1 if total >= 0 else -1) for share in shares]


@cache
def places() -> tuple[Place, ...]:
    """Return England, its 44 STPs, and Lancashire & South Cumbria's delivery systems and CCGs.

    Other STPs have no published delivery systems here: their number stays one.
    """
    stps = [
        Place(row["title"], "stp", ENGLAND, float(row["persons"]), float(row["imd_score"]))
        for row in tables.read("areas")
    ]
    people = sum(stp.people for stp in stps)
    england = Place(ENGLAND, "england", "", people, sum(stp.deprivation for stp in stps) / people)
    lsc = areas.title_of(areas.LSC)
    sums: dict[tuple[str, str, str], list[float]] = {}
    for row in tables.read("lsoa"):
        n = float(row["persons"])
        for key in (("system", row["system"], lsc), ("ccg", f"NHS {row['ccg']} CCG", row["system"])):
            one = sums.setdefault(key, [0.0, 0.0])
            one[0] += n
            one[1] += n * float(row["imd_score"])
    below = [Place(name, level, within, n, score / n) for (level, name, within), (n, score) in sums.items()]
    return (england, *stps, *sorted(below, key=lambda place: place.level != "system"))


def weights_of(by: str, file: Path | None = None) -> dict[str, float]:
    """Return the weight of every place below England.

    Parameters
    ----------
    by : `people`, `deprivation` or `need`; `file`: the numbers of a CSV with `place` and `weight`

    Raises
    ------
    InputError
        If there are no such weights, or a file leaves a place out.
    """
    below = places()[1:]
    if by == "people":
        return {place.name: place.people for place in below}
    if by == "deprivation":
        return {place.name: place.deprivation for place in below}
    if by == "need":
        return {row["place"]: float(row["residents_in_need"]) for row in tables.read("need_by_place", FOLDER)}
    if by != "file":
        known = (*WEIGHTS, "file")
        raise InputError(key="--by", value=by, expected=one_of(known), suggestion=nearest(by, known))
    return _own(file, [place.name for place in below])


def _own(file: Path | None, names: list[str]) -> dict[str, float]:
    if file is None:
        raise InputError(key="--weights", expected="a CSV with the columns place and weight, for `--by file`")
    if not file.is_file() or file.suffix != ".csv":
        raise InputError(key="--weights", value=str(file), expected="a .csv file that exists, columns place and weight")
    read = tables.read(file.stem, file.parent)
    if lacking := {"place", "weight"} - set(read[0] if read else ()):
        raise InputError(file=file, key="columns", expected=f"also {' and '.join(sorted(lacking))}")
    rows = {row["place"]: row["weight"] for row in read}
    for name in rows:
        if name not in names:
            raise InputError(file=file, key="place", value=name, expected="a place", suggestion=nearest(name, names))
    missing = [name for name in names if name not in rows]
    if missing:
        raise InputError(file=file, key="place", value=missing[0], expected="a row for it too")
    return {name: float(weight) for name, weight in rows.items()}


def apportioned(total: int, weights: dict[str, float]) -> dict[str, int]:
    """Return every place's whole share of England's `total`; shares sum at every level."""
    found = {ENGLAND: total}
    children: dict[str, list[str]] = {}
    for place in places()[1:]:
        children.setdefault(place.within, []).append(place.name)
    for within, names in children.items():
        found.update(zip(names, shared_out(found[within], [weights[name] for name in names]), strict=True))
    return found
