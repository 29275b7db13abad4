"""The document of `parity national`: STPs chosen, simulated one at a time, set beside each other and the promises."""

from __future__ import annotations

import resource
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.console import Progress
from experiments.million import trajectories
from experiments.national import league, sample, staff, stp
from experiments.national.sample import Sampled
from experiments.workforce import apportion

if TYPE_CHECKING:
    from cluster.pool import Pool


def chosen(n: int | None, seed: int) -> list[Sampled]:
    """Return the STPs to simulate: all, a sample of `n`, or none for 0.

    Raises
    ------
    InputError
        If so many cannot be drawn.
    """
    if n == 0:
        return []
    return sample.everyone() if n is None else sample.sample(sample.stps(), n, seed)


def national(
    *,
    year: str = trajectories.YEARS[-1],
    by: str = "people",
    weights: Path | None = None,
    n: int | None = None,
    replications: int = 1,
    factors: Mapping[str, float] | None = None,
    seed: int = 1,
    folder: Path,
    pool: Pool | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Return the document of `parity national`.

    Parameters
    ----------
    n : STPs in the sample; None: all 44; 0: none, need and shares alone
    factors : how much of each factor of demand (`experiments/demand/tables/factors.csv`); None: all as planned
    folder : where each STP's answer is kept
    """
    began, worked = time.monotonic(), time.process_time()
    drawn = chosen(n, seed)
    frames = stp.every(
        [
            stp.Asked(one.area, year, seed, replications, None if factors is None else tuple(sorted(factors.items())))
            for one in drawn
        ],
        folder, pool, progress,
    )  # fmt: skip
    numbers = {area: stp.numbers(frame, year) for area, frame in frames.items()}
    there = staff.more(year, seed, replications, folder) if drawn else None
    rows = league.rows(by, weights, drawn, numbers, there)
    said = f"{len(drawn)} of 44 STPs simulated" if drawn else "need and shares, nothing simulated"
    return {
        "year": year, "baseline": trajectories.BASELINE, "by": apportion.WEIGHTS.get(by, str(weights)), "seed": seed,
        "replications": replications, "said": f"posts shared by {apportion.WEIGHTS.get(by, by)}; {said}",
        "said_in_full": in_full(drawn),
        "sample": [{"area": one.area, "weight": one.weight, "certain": one.certain} for one in drawn],
        "rows": rows, "funnels": league.funnels(rows), "sums": league.sums(rows, drawn),
        "programmes": league.by_programme(drawn, frames) if drawn else [],
        "seconds": time.monotonic() - began, "processor_seconds": time.process_time() - worked,
        "most_memory_bytes": 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
    }  # fmt: skip


def in_full(drawn: list[Sampled]) -> str:
    """Return in words what was simulated and how it stands for England."""
    if not drawn:
        return "Need is counted among the synthesised people of every STP; no later year was simulated."
    by_chance = sum(not one.certain for one in drawn)
    if not by_chance:
        return "Every STP was simulated, at full size, one at a time; intervals are those of luck over replications."
    return (
        f"{len(drawn)} STPs were simulated at full size: {len(drawn) - by_chance} taken for certain, {by_chance} "
        "drawn systematically along the order of deprivation with probability proportional to residents. "
        "Each stands for 1 ÷ its probability; sums over England are ratio estimates on residents, their intervals "
        "those of sampling and of luck."
    )
