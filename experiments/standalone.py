"""`parity pathway run`: one pathway with its own arrivals and teams, replicated, as one document."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from abm import readings, standalone
from abm.network import DAY, Network, Simulation
from abm.readings import Reading, percentile, pooled
from experiments.console import Progress
from experiments.intervals import mean_and_half_width
from pathways import durations, files
from pathways.errors import InputError
from pathways.pathway import Pathway
from pathways.specs import PathwaySpec, validated


def parsed(file: Path | str | Pathway) -> tuple[PathwaySpec, str]:
    """Read and check a stand-alone pathway; return it and its digest."""
    pathway = file if isinstance(file, Pathway) else files.read(file)
    spec = validated(pathway)
    if not spec.arrivals and not any(s.at_start + s.at_start_waiting for s in spec.states.values()):
        raise InputError(
            file=spec.file, key="arrivals", value=None,
            expected="[arrivals.NAME] tables: a stand-alone pathway brings its own arrivals",
        )  # fmt: skip
    content = {key: value for key, value in pathway.canonical().items() if key != "minutes_per_step"}
    identity = hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()
    return spec, identity  # the calendar's bucket does not change a result, nor its identity


def run(
    file: Path | str | Pathway,
    *,
    days: int = 365,
    warm_up: int = 90,
    replications: int = 20,
    seed: int = 1,
    every: str | None = None,
    minutes_per_step: int | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Run a stand-alone pathway and return the document of `docs/outputs.md`.

    `days` is measured after `warm_up`; `every` fills the series; errors are InputErrors before anything runs.
    """
    spec, identity = parsed(file)
    if days < 1 or warm_up < 0 or replications < 1:
        raise InputError(
            file=spec.file, key="days, warm_up, replications", value=(days, warm_up, replications),
            expected="at least 1 day and 1 replication, and a warm-up that is not negative",
        )  # fmt: skip
    interval = durations.whole_seconds(every, file="--every", key="every") if every else 0
    if interval > days * durations.DAY:
        raise InputError(key="--every", value=every, expected=f"an interval within the {days} days measured")
    network = standalone.network_of(spec)
    results: list[Reading] = []
    digest = hashlib.sha256(f"{identity} {days} {warm_up} {replications} {seed}".encode())
    for replication in range(replications):
        one = standalone.simulation(
            spec, days=days, warm_up=warm_up, seed=seed, replication=replication, every=interval,
            minutes_per_step=minutes_per_step, network=network,
        )  # fmt: skip
        results.append(measured(one, days, warm_up))
        digest.update(results[-1].digest.to_bytes(8, "little"))
        if progress is not None:
            progress(replication + 1, replications, spec.name)
    return {
        "name": spec.name,
        "digest": digest.hexdigest(),
        "replications": replications,
        "days": days,
        "warm_up": warm_up,
        "states": _states(network, spec, results),
        "teams": _teams(network, results),
        "clocks": _clocks(network, results),
        "series": _series(network, spec, results, interval) if interval else {},
    }


def measured(simulation: Simulation, days: int, warm_up: int) -> Reading:
    """Run through warm-up and window, and return the window's tallies."""
    before = None
    if warm_up:
        simulation.advance(warm_up * DAY)
        before = readings.read(simulation)
    simulation.advance((warm_up + days) * DAY)
    return readings.read(simulation, before)


def run_events(
    file: Path | str | Pathway, *, days: int, seed: int = 1, replication: int = 0, minutes_per_step: int | None = None
) -> tuple[np.ndarray, list[str]]:
    """Run one replication without warm-up and return its event log (`kernels.columns.LOG`) and the states' names."""
    spec, _ = parsed(file)
    one = standalone.simulation(
        spec, days=days, seed=seed, replication=replication, minutes_per_step=minutes_per_step, logging=True
    )
    one.advance(days * DAY)
    return one.events(), list(one.network.flat.state_names)


def _states(network: Network, spec: PathwaySpec, results: list[Reading]) -> dict[str, Any]:
    states: dict[str, Any] = {}
    histogram = pooled(results, "histogram")
    for at, (state, _) in enumerate(network.flat.cells):
        cells = [reading.cell[at] for reading in results]

        def total(name: str, cells: list[np.void] = cells) -> int:
            return int(sum(int(cell[name]) for cell in cells))

        arrivals = total("arrivals")
        full = network.flat.state_names[state]
        states[full.partition("/")[2]] = {
            "arrivals": arrivals,
            "completed": total("completed"),
            "wait_minutes": mean_and_half_width([_ratio(cell["wait_seconds"], cell["began"]) / 60 for cell in cells])
            | {f"p{p}": percentile(histogram[at], p / 100) / 60 for p in (50, 90, 95)},
            "queue_minutes": mean_and_half_width([_ratio(c["queue_seconds"], c["queued"]) / 60 for c in cells]),
            "waited": _ratio(total("waited"), arrivals),
            "within_standard": _within_standard(network, spec, results, full),
            "left_waiting": _ratio(total("left"), arrivals),
            "full": _ratio(total("full"), arrivals),
            "closed": _ratio(total("closed"), arrivals),
            "dna": _ratio(total("dna"), arrivals),
            "missed": _ratio(total("missed"), total("due")),
            "waiting": mean_and_half_width([r.cell[at]["waiting_seconds"] / r.seconds for r in results]),
            "present": mean_and_half_width([r.cell[at]["present_seconds"] / r.seconds for r in results]),
        }
    return states


def _within_standard(network: Network, spec: PathwaySpec, results: list[Reading], full: str) -> float | None:
    for k, clock in enumerate(network.flat.clocks):
        if clock.of_state and f"{clock.pathway}/{clock.name}" == full:
            return _clock_share(network, results, k)
    return None


def _ratio(part: float, whole: float) -> float:
    return float(part) / float(whole) if whole else 0.0


def share_within(reading: Reading, at: int, finished: bool) -> float | None:
    """Return the share of one clock cell that met its standard, None if no clock was decided.

    Decided are those that stopped and those that run beyond the standard; of all: also those lost (left unseen).
    """
    row = reading.clock_cell[at]
    decided = int(row["stopped"]) + int(reading.clock_overdue[at]) + (0 if finished else int(row["lost"]))
    return int(row["within"]) / decided if decided else None


def _clock_share(network: Network, results: list[Reading], k: int) -> float | None:
    at = next(i for i, (clock, _) in enumerate(network.flat.clock_cells) if clock == k)
    shares = [share_within(r, at, network.flat.clocks[k].finished) for r in results]
    known = [share for share in shares if share is not None]
    return float(np.mean(known)) if known else None


def _teams(network: Network, results: list[Reading]) -> dict[str, Any]:
    teams: dict[str, Any] = {}
    for p, (unit, role, kind) in enumerate(network.units.pool_names):
        if not unit:
            continue
        name = unit.partition(" @ ")[0].partition("/")[2]
        team = teams.setdefault(
            name, {"utilisation": {}, "overtime_minutes": 0.0, "idle_while_held_minutes": 0.0, "contacts": 0}
        )
        pools = [reading.pool[p] for reading in results]
        if kind == "staff":
            on = sum(int(pool["on_seconds"]) for pool in pools)
            team["utilisation"][role] = _ratio(sum(int(pool["busy_seconds"]) for pool in pools), on)
            team["overtime_minutes"] += sum(int(pool["over_seconds"]) for pool in pools) / 60
            team["idle_while_held_minutes"] += sum(int(pool["kept_seconds"]) for pool in pools) / 60
            team["contacts"] += sum(int(pool["contacts"]) for pool in pools)
        else:
            taken = mean_and_half_width([r.pool[p]["busy_seconds"] / r.seconds for r in results])
            team["places_taken" if kind == "places" else f"courses_{role}"] = taken
    return teams


def _clocks(network: Network, results: list[Reading]) -> dict[str, Any]:
    clocks: dict[str, Any] = {}
    histogram = pooled(results, "clock_histogram")
    for at, (k, _) in enumerate(network.flat.clock_cells):
        clock = network.flat.clocks[k]
        if clock.of_state:
            continue
        shares = [share_within(r, at, clock.finished) for r in results]
        within = mean_and_half_width([share for share in shares if share is not None])
        stopped = sum(int(r.clock_cell[at]["stopped"]) for r in results)
        seconds = sum(int(r.clock_cell[at]["seconds"]) for r in results)
        clocks[clock.name] = {
            "within": within["mean"],
            "half_width": within["half_width"],
            "started": sum(int(r.clock_cell[at]["started"]) for r in results),
            "stopped": stopped,
            "minutes": {
                "mean": _ratio(seconds, stopped) / 60,
                "p50": percentile(histogram[at], 0.5) / 60,
                "p95": percentile(histogram[at], 0.95) / 60,
            },
        }
    return clocks


def _series(network: Network, spec: PathwaySpec, results: list[Reading], interval: int) -> Mapping[str, Any]:
    series: dict[str, Any] = {}
    n = results[0].seconds // interval
    for at, (state, _) in enumerate(network.flat.cells):
        name = network.flat.state_names[state].partition("/")[2]
        rows = []
        stacked = np.stack([_steps(reading.series[:n, at]) for reading in results])  # [replication, interval, 3]
        for i in range(n):
            rows.append(
                {
                    "from_minutes": i * interval / 60,
                    "arrivals": mean_and_half_width(stacked[:, i, 0]),
                    "waiting": mean_and_half_width(stacked[:, i, 1] / interval),
                    "present": mean_and_half_width(stacked[:, i, 2] / interval),
                }
            )
        series[name] = rows
    return series


def _steps(cumulative: np.ndarray) -> np.ndarray:
    """Return what each interval added to cumulative tallies int64[interval, 3]."""
    out = cumulative.copy()
    out[1:] -= cumulative[:-1]
    return out
