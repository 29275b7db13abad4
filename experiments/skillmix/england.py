"""England's skill mix: a programme and a check in each STP of a sample, and their sums with weights.

The sample, its weights and half-widths are those of `parity national` (`experiments/national/sample.py`). Outside
Lancashire & South Cumbria teams are illustrative. An STP that is finished is kept, so that nothing is done twice.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abm import areas
from experiments import scenario as scenarios
from experiments import store
from experiments.console import Progress
from experiments.million.identity import digest
from experiments.national import sample
from experiments.national.sample import Sampled
from experiments.reports.page import write_whole
from experiments.skillmix import frontier, mix
from experiments.skillmix.case import check_service
from experiments.skillmix.mix import MIX, PRESENT, SAME
from pathways.errors import InputError

if TYPE_CHECKING:
    from cluster.pool import Pool

N_STPS = 4
"""Lancashire & South Cumbria and three by chance: the fewest that leave a measure of error"""
WAITS = (0.3, 1.0)
ABOVE_FLOOR = (0.0, 0.1, 0.2)
"""Registered shares of the frontier, beyond the floor of the service: the same in every STP, so that they add up"""
MIXES = (PRESENT, SAME, MIX)

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Wanted:
    """What is asked of one STP."""

    area: str
    service: str
    scenario: str
    """Its file; empty: the built-in baseline"""
    year: str
    seed: int
    replications: int
    rounds: int
    floor: float | None
    floors: tuple[float, ...]
    waits: tuple[float, ...]

    @property
    def identity(self) -> str:
        """Return the SHA-256 of all that can change the answer: this, what the scenario says, tables and code."""
        said = scenarios.read(self.scenario or None).replaced(area=self.area, seed=self.seed).canonical()
        own = digest("skillmix", "planning", "money")
        return hashlib.sha256(f"{astuple(self)!r}{said}{own}".encode()).hexdigest()

    def file(self, folder: Path) -> Path:
        """Return where its answer lies."""
        return folder / f"{self.service}.{self.area}.{self.identity[:12]}.json"


def drawn(n: int, seed: int) -> list[Sampled]:
    """Return the STPs that stand for England.

    Raises
    ------
    InputError
        If so many cannot be drawn.
    """
    return sample.sample(sample.stps(), n, seed)


def document(
    service: str, scenario: Path | str | None = None, *, n: int = N_STPS, replications: int = 5, rounds: int = 8,
    seed: int = 1, year: str = "2016/17", floor: float | None = None, floors: Sequence[float] | None = None,
    waits: Sequence[float] | None = None, folder: Path | None = None, pool: Pool | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Return the document of `parity skill-mix --area england`.

    Parameters
    ----------
    n : STPs in the sample
    floors, waits : of the frontier (None: `ABOVE_FLOOR`, `WAITS`), the same in every STP
    folder : where each STP's answer is kept; None: nowhere
    """
    chosen = drawn(n, seed)
    least = check_service(service, scenarios.read(scenario).pathways, year)
    shares = tuple(floors or sorted({min((least if floor is None else floor) + more, 1.0) for more in ABOVE_FLOOR}))
    wanted = [
        Wanted(
            one.area, service, str(scenario or ""), year, seed, replications, rounds, floor,
            tuple(round(share, 3) for share in shares), tuple(waits or WAITS),
        ) for one in chosen
    ]  # fmt: skip
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    task = partial(kept, folder=None if folder is None else str(folder.resolve()))
    if progress is not None:
        progress(0, len(wanted), "STPs")
    done: Iterator[str] = map(task, wanted) if pool is None else pool.map_ordered(task, wanted, on_failure="raise")
    each: dict[str, Document] = {}
    for one, text in zip(wanted, done, strict=True):
        each[one.area] = json.loads(text)
        if progress is not None:
            progress(len(each), len(wanted), "STPs")
    return told(chosen, each, wanted[0])


def kept(wanted: Wanted, folder: str | None) -> str:
    """Return one STP's answer as JSON text: as it lies in the folder, or worked out and put there."""
    place = None if folder is None else wanted.file(Path(folder))
    if place is not None and place.is_file():
        return place.read_text(encoding="utf-8")
    try:
        found: dict[str, Any] = mix.document(
            wanted.area, wanted.service, None, wanted.scenario or None, replications=wanted.replications,
            rounds=wanted.rounds, seed=wanted.seed, year=wanted.year, floor=wanted.floor, floors=wanted.floors,
            waits=wanted.waits,
        )  # fmt: skip
    except InputError as refusal:  # limits that no mix keeps: said of this STP, the others go on
        found = {"area": wanted.area, "no_mix": f"{refusal.key}: {refusal.expected}"}
    content = store.as_json(found)
    if place is not None:
        write_whole(place, content)
    return content.decode()


def told(chosen: Sequence[Sampled], each: Mapping[str, Document], wanted: Wanted) -> dict[str, Any]:
    """Return England's document of the answers of a sample's STPs.

    Raises
    ------
    InputError
        If no STP of the sample has a mix that keeps to the limits.
    """
    there = [one for one in chosen if "no_mix" not in each[one.area]]
    if not there:
        raise InputError(
            key="skill mix", expected="limits that can be met in some STP of the sample; first: "
            f"{next(iter(each.values()))['no_mix']}",
        )  # fmt: skip
    first = each[there[0].area]
    return {
        "area": areas.ENGLAND, "service": wanted.service, "system": None, "year": wanted.year, "illustrative": True,
        "scenario": first["scenario"], "seed": wanted.seed, "replications": wanted.replications,
        "assurance": first["assurance"], "floor": first["floor"],
        "sums": sums(there, each), "roles": roles(there, each), "stps": [_row(one, each[one.area]) for one in chosen],
        "frontier": points(there, each, wanted.floors, wanted.waits), "sources": first["sources"],
    }  # fmt: skip


def _row(one: Sampled, found: Document) -> dict[str, Any]:
    """Return an STP's line."""
    row: dict[str, Any] = {
        "area": one.area, "stp": areas.title_of(one.area), "illustrative": areas.is_illustrative(one.area),
        "weight": one.weight, "certain": one.certain, "residents": sample.stps()[one.area].people,
        "no_mix": found.get("no_mix", ""),
    }  # fmt: skip
    if "no_mix" in found:
        return row
    row["as_now_refused"] = found["refused"]
    for name in _mixes(found):
        row |= {
            f"pounds, {name}": found["pounds"][name], f"wte, {name}": found["wte"][name],
            f"registered, {name}": found["registered_share"][name], f"not met, {name}": found["not_met"][name],
        }  # fmt: skip
        row |= {f"{outcome['title']}, {name}": outcome[name] for outcome in found["outcomes"]}
    return row | {"targets": found["n_targets"][MIX]}


def _mixes(found: Document) -> list[str]:
    return [name for name in MIXES if name in found["pounds"]]


def sums(chosen: Sequence[Sampled], each: Mapping[str, Document]) -> list[dict[str, Any]]:
    """Return one row (measure, unit, of, sum, half_width, stps) for each mix, and for what the mix changes.

    Sums are ratios to residents, shares are ratios of sums; half-widths are those of the sample, 95 %. A change is
    summed as a change: the same people and luck in both, so that how STPs differ is mostly gone.
    """
    measures: list[tuple[str, str, Callable[[Document, str], float], Callable[[Document, str], float] | None]] = [
        ("cost a year", "pounds", lambda one, name: one["pounds"][name], None),
        ("posts", "WTE", lambda one, name: one["wte"][name], None),
        ("registered share of posts", "share",
         lambda one, name: one["registered_share"][name] * one["wte"][name], lambda one, name: one["wte"][name]),
        ("standards not met", "share", lambda one, name: one["not_met"][name],
         lambda one, name: one["n_targets"][name]),
    ]  # fmt: skip
    for k, outcome in enumerate(each[chosen[0].area]["outcomes"]):
        measures.append((outcome["title"], "people", partial(_outcome, k), None))
    rows = []
    for title, unit, of, over in measures:
        for name in MIXES:
            rows.append({"measure": title, "unit": unit, "of": name, **_total(chosen, each, (name,), of, over)})
        if over is None:
            for other in (PRESENT, SAME):
                changed = partial(_changed, of, other)
                rows.append({"measure": title, "unit": unit, "of": f"{MIX} less {other}",
                             **_total(chosen, each, (MIX, other), changed, None)})  # fmt: skip
    return [row for row in rows if row["stps"]]


def _outcome(k: int, one: Document, name: str) -> float:
    return float(one["outcomes"][k][name])


def _changed(of: Callable[[Document, str], float], other: str, one: Document, name: str) -> float:
    return of(one, name) - of(one, other)


def _total(
    chosen: Sequence[Sampled], each: Mapping[str, Document], names: Sequence[str],
    of: Callable[[Document, str], float], over: Callable[[Document, str], float] | None,
) -> dict[str, Any]:  # fmt: skip
    """Return {sum, half_width, stps} over the STPs that have these mixes; with `over` the ratio of two sums."""
    there = [one for one in chosen if set(names) <= set(each[one.area]["pounds"])]
    if not there:
        return {"sum": None, "half_width": None, "stps": 0}
    numbers = [of(each[one.area], names[0]) for one in there]
    if over is not None:
        found = sample.total(there, numbers, [over(each[one.area], names[0]) for one in there], 1.0)
    else:
        people = [sample.stps()[one.area].people for one in there]
        found = sample.total(there, numbers, people, sum(place.people for place in sample.stps().values()))
    return {**found, "stps": len(there)}


def roles(chosen: Sequence[Sampled], each: Mapping[str, Document]) -> list[dict[str, Any]]:
    """Return posts (WTE) of England by role in each mix, with half-widths."""
    rows = []
    of = {area: {row["role"]: row for row in found["roles"]} for area, found in each.items() if "roles" in found}
    for role in sorted({role for found in of.values() for role in found}):
        one = next(found[role] for found in of.values() if role in found)
        row = {"role": role, "registered": one["registered"], "pounds_a_post": one["pounds_a_post"]}
        for name in MIXES:
            found = _total(chosen, each, (name,), partial(_posts, of, role), None)
            row |= {name: found["sum"], f"{name} ±": found["half_width"]}
        rows.append(row)
    return rows


def _posts(of: Mapping[str, Mapping[str, Document]], role: str, one: Document, name: str) -> float:
    return float(of[one["area"]].get(role, {}).get(name) or 0.0)


def points(
    chosen: Sequence[Sampled], each: Mapping[str, Document], floors: Sequence[float], waits: Sequence[float]
) -> list[dict[str, Any]]:
    """Return England's frontier: at each registered share and time allowed the sum of the STPs' cheapest points.

    A point of an STP that is quicker or more registered than asked for keeps to what is asked for, and may be cheapest.
    """
    rows: list[dict[str, Any]] = []
    for wait in sorted(waits):
        for floor in sorted(floors):
            row: dict[str, Any] = {"wait_factor": wait, "floor": floor}
            best = {one.area: _cheapest(each[one.area], wait, floor) for one in chosen}
            without = [areas.title_of(area) for area, point in best.items() if point is None]
            if without:
                rows.append({**row, "refused": f"no mix within the limits in {', '.join(without)}"})
                continue
            found = _summed(chosen, {area: point for area, point in best.items() if point is not None})
            if not any(one.get("pounds") == found["pounds"] and one["wait_factor"] == wait for one in rows):
                rows.append({**row, **found})  # a higher share than asked for is one point, not several
    frontier.mark_beaten(rows)
    return rows


def _cheapest(found: Document, wait: float, floor: float) -> Document | None:
    there = [
        row for row in found["frontier"]
        if "pounds" in row and row["wait_factor"] <= wait and row["registered_share"] >= floor - 1e-9
    ]  # fmt: skip
    return min(there, key=lambda row: float(row["pounds"]), default=None)


def _summed(chosen: Sequence[Sampled], best: Mapping[str, Document]) -> dict[str, Any]:
    """Return one point of England: sums with weights; the wait is a mean over everybody who came."""
    place = sample.stps()
    everybody = sum(one.people for one in place.values())
    people = [place[one.area].people for one in chosen]

    def mean(of: str, over: str) -> float:
        weights = [one.weight * best[one.area][over] for one in chosen]
        return sum(w * best[one.area][of] for w, one in zip(weights, chosen, strict=True)) / max(sum(weights), 1e-9)

    pounds = sample.total(chosen, [best[one.area]["pounds"] for one in chosen], people, everybody)
    return {
        "pounds": pounds["sum"], "half_width": pounds["half_width"],
        "registered_share": mean("registered_share", "wte"),
        "wte": sample.total(chosen, [best[one.area]["wte"] for one in chosen], people, everybody)["sum"],
        "wait_minutes": mean("wait_minutes", "came"), "not_met": sum(best[one.area]["not_met"] for one in chosen),
        "targets": sum(best[one.area]["targets"] for one in chosen),
    }  # fmt: skip
