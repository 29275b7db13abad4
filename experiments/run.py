"""Runs: a value that says what is run, the function that runs it, and the command that keeps what came out.

scenario → runs (one a replication) → outcomes → results on disk → modelled beside published
"""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import abm
import pathways
from abm import tables as published_tables
from abm.areas import cells_of, is_illustrative
from abm.checkpoint import Checkpoint
from abm.model import CareSystem
from abm.setting import Setting
from experiments import baseline, checkpoints, country_run, failures, outcome, scenario_checks, scenario_setting, store
from experiments import scenario as scenarios
from experiments.checkpoints import Checkpoints
from experiments.console import Progress, say
from experiments.failures import Failed, NothingFinishedError, failed_with
from experiments.outcome import Outcome
from experiments.run_tables import tables
from experiments.scenario import Scenario
from experiments.watch import Watch
from kernels.jit import sources_digest
from pathways.errors import InputError

if TYPE_CHECKING:
    from cluster.pool import Pool

__all__ = ["Run", "begin", "run", "runs_of", "simulate", "tables"]


@dataclass(frozen=True)
class Run:
    """Everything one run depends on.  Small, hashable, picklable, printable."""

    scenario: str
    """Canonical text of the scenario"""
    start: date
    days: int
    warm_up: int
    seed: int
    replication: int
    tables: str
    """Digest of the figures everything starts from"""
    kernels: str
    """Digest of the kernels' sources"""
    code: str
    """Digest of the sources of people, teams and pathways, the library files among them"""
    events: bool = False
    """Keep the event log too (changes nothing that happens)"""
    prove: bool = False
    """Prove at every midnight that nothing was lost (changes nothing that happens)"""
    checkpoints: Checkpoints | None = None
    """Where to go on from, and what to leave for others (changes nothing that happens)"""

    @property
    def identity(self) -> str:
        """Return the SHA-256 of all that can change this run's result."""
        return _sha(self.case, str(self.replication))

    @property
    def case(self) -> str:
        """Return the identity without the replication: runs of one case differ by luck alone."""
        return _sha(
            self.scenario, self.start.isoformat(), str(self.days), str(self.warm_up), str(self.seed),
            self.tables,
            self.kernels, self.code, outcome.SCHEMA_VERSION,
        )  # fmt: skip


def runs_of(scenario: Scenario, *, events: bool = False, prove: bool = False) -> list[Run]:
    """Return the runs of a scenario: one a replication."""
    return [
        Run(
            scenario.canonical(), scenario.start, scenario.measured_days, scenario.warm_up, scenario.seed,
            replication,
            tables_digest(), sources_digest(), code_digest(), events, prove,
        )
        for replication in range(scenario.replications)
    ]  # fmt: skip


def simulate(run: Run, progress: Callable[[int, int], None] | None = None, threads: int | None = None) -> Outcome:
    """Carry out one run and return what it leaves behind; `threads` share out the cells of an area of several.

    Raises
    ------
    BalanceError
        If the run was asked to prove its balance and something does not add up.
    """
    if len(cells_of(Scenario.model_validate_json(run.scenario).area)) > 1:
        return country_run.simulate(run, threads, progress)
    model, watch = _begun(run)
    days = run.warm_up + run.days

    def midnight(_: CareSystem) -> None:
        watch.day_is_over()
        checkpoints.write_when_due(run, watch)

    model.at_midnight = midnight
    for day in range(watch.day, days):
        watch.day_begins()
        model.step()
        if progress is not None:
            progress(day + 1, days)
    found = watch.outcome(run.identity, run.replication, run.events)
    model.let_go()
    return found


def begin(run: Run) -> CareSystem:
    """Return the model of a run of one cell at its first midnight."""
    scenario, setting = _asked_for(run)
    model = CareSystem(
        setting, start=run.start, days=run.days, warm_up=run.warm_up,
        plan=scenario_setting.plan(scenario, setting),
        seed=run.seed, replication=run.replication, minutes_per_step=scenario.minutes_per_step,
        events=run.events, prove=run.prove, lives=scenario.lives,
    )  # fmt: skip
    for change in scenario_setting.dated_changes(scenario, setting, run.seed, run.replication):
        model.change_on(change.day, change)
    return model


def _begun(run: Run) -> tuple[CareSystem, Watch]:
    """Return the model and who watches it: from the start, or from the checkpoint the run goes on from."""
    found = checkpoints.beginning(run)
    if not isinstance(found, Checkpoint):
        model = begin(run)
        return model, Watch(model)
    scenario, setting = _asked_for(run)
    changes = scenario_setting.dated_changes(scenario, setting, run.seed, run.replication)
    ahead = [(change.day, change) for change in changes if change.day >= found.date]
    model = CareSystem.from_checkpoint(found, setting, changes=ahead)
    return model, Watch(model, found.about)


def _asked_for(run: Run) -> tuple[Scenario, Setting]:
    scenario = Scenario.model_validate_json(run.scenario)
    return scenario, scenario_setting.setting(scenario)


def simulate_and_write(
    run: Run, out: str, progress: Callable[[int, int], None] | None = None, threads: int | None = None
) -> str:
    """Carry out one run where the results are wanted, and return its digest: tables do not travel."""
    done = simulate(run, progress, threads)
    store.write(done, Path(out), run.case, about(run))
    return done.digest


def run(
    scenario: Path | str | Scenario | None = None,
    *,
    area: str | None = None,
    start: date | None = None,
    years: float | None = None,
    seed: int | None = None,
    replications: int | None = None,
    out: Path | str = "results",
    events: bool = False,
    prove: bool = False,
    checkpoint_every: int = 0,
    branch_from: Sequence[Path | str] = (),
    threads: int | None = None,
    pool: Pool | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Run a scenario, keep the results, and return the document of `docs/outputs.md`.

    What is given here replaces what the scenario says.  Replications that are finished with the same
    identity are kept; those that were interrupted go on from their last checkpoint.  One that fails is a
    row of `failed`, and of `failed.json` beside the others.

    Parameters
    ----------
    checkpoint_every : days between two checkpoints of each replication (0: none)
    branch_from : checkpoints of the scenario's past, one a replication: only those replications are run, from there

    Raises
    ------
    InputError
        If the scenario cannot be run.
    NothingFinishedError
        If every replication failed.
    """
    wanted = scenario if isinstance(scenario, Scenario) else scenarios.read(scenario)
    wanted = wanted.replaced(area=area, start=start, years=years, seed=seed, replications=replications)
    # Options may have moved the run away from what a file was checked for: an unknown area, dates outside it.
    scenario_checks.check(wanted, scenario if isinstance(scenario, Path | str) else wanted.name)
    runs = runs_of(wanted, events=events, prove=prove)
    out, case = Path(out), runs[0].case
    kept_at = Checkpoints(str((store.folder(out, case) / checkpoints.FOLDER).resolve()), checkpoint_every)
    runs = [replace(one, checkpoints=kept_at) for one in runs]
    if branch_from:
        runs = checkpoints.branches(branch_from, wanted, runs[0])
    log = "events" if events else None
    todo = [
        one for one in runs if not store.finished(out, case, one.replication, one.identity, table=log, proved=prove)
    ]
    if len(todo) < len(runs):
        say(f"{len(runs) - len(todo)} of {len(runs)} replications are there already (same identity): kept")
    checkpoints.refuse_without_room(out, wanted, checkpoint_every, len(todo))
    place = store.write_about(out, case, {**about(runs[0]), "title": wanted.title, "name": wanted.name})
    failed = [one for one in _carried_out(todo, out, pool, progress, threads) if one is not None]
    for one in failed:
        say(f"replication {one.replication} failed: {one.error}: {one.message}")
    gone = {one.replication for one in failed}
    failures.keep(place, failed, [one.replication for one in runs if one.replication not in gone])
    last = max(one.replication for one in runs) + 1
    gone |= set(range(last)) - {one.replication for one in runs}
    if len(failed) == len(runs):
        raise NothingFinishedError(failed, place)
    return {
        "name": wanted.name, "title": wanted.title, "path": place.resolve(), "identity": case,
        "area": wanted.area, "illustrative": is_illustrative(wanted.area),
        "start": wanted.start, "days": wanted.measured_days, "warm_up": wanted.warm_up, "seed": wanted.seed,
        "replications": len(runs), "kept": len(runs) - len(todo), "failed": failures.rows(failed),
        **baseline.summary(place, last, without=gone),
    }  # fmt: skip


def _carried_out(
    todo: list[Run], out: Path, pool: Pool | None, progress: Progress | None, threads: int | None
) -> Iterator[Failed | None]:
    """Yield None for each run that was finished, in order; one run shows its days, several how many are done."""
    if len(todo) == 1 and (pool is None or pool.n_workers == 1):
        days = None if progress is None else (lambda day, total: progress(day, total, "Days"))
        yield _unless_refused(attempt(todo[0], str(out), days, threads))
    elif pool is None:
        for done, one in enumerate(todo, start=1):
            yield _unless_refused(attempt(one, str(out), None, threads))
            if progress is not None:
                progress(done, len(todo), "Replications")
    elif todo:
        found = pool.map_ordered(partial(attempt, out=str(out.resolve()), threads=threads), todo, progress=progress)
        for one, row in zip(todo, found, strict=True):
            if row is None or isinstance(row, Failed | InputError):
                yield _unless_refused(row)
            else:  # the pool's own row: the worker died with the run on it
                yield Failed(one.replication, row.error, row.message, row.trace)


def attempt(
    run: Run, out: str, progress: Callable[[int, int], None] | None = None, threads: int | None = None
) -> Failed | InputError | None:
    """Carry out one run where the results are wanted; None if that went well, else what went wrong."""
    try:
        simulate_and_write(run, out, progress, threads)
    except InputError as refused:
        return refused
    except Exception as error:
        return failed_with(run.replication, error)
    return None


def _unless_refused(found: Failed | InputError | None) -> Failed | None:
    """Return a row; input that cannot be used fails every replication, and is refused as such."""
    if isinstance(found, InputError):
        raise found
    return found


def about(run: Run) -> dict[str, Any]:
    """Return what a result must say of itself: scenario, versions, digests."""
    return {
        "scenario": run.scenario, "case": run.case, "start": run.start, "days": run.days,
        "warm_up": run.warm_up,
        "seed": run.seed, "digests": {"tables": run.tables, "kernels": run.kernels, "code": run.code},
        "schema_version": outcome.SCHEMA_VERSION, "versions": versions(),
    }  # fmt: skip


def versions() -> Mapping[str, str]:
    """Return the versions of what computes."""
    from importlib.metadata import version

    names = ("numpy", "numba", "mesa", "networkx", "pyarrow", "parity-mental-health")
    return {"python": platform.python_version()} | {name: version(name) for name in names}


@lru_cache(maxsize=1)
def tables_digest() -> str:
    """Return the digest of all figures."""
    return published_tables.digest(published_tables.names())


@lru_cache(maxsize=1)
def code_digest() -> str:
    """Return the digest of the sources that are not kernels: people, teams, pathways and their library."""
    digest = hashlib.sha256()
    for package in (abm, pathways):
        root = Path(str(package.__file__)).parent
        for path in sorted([*root.glob("*.py"), *root.glob("library/*.toml")]):
            digest.update(f"{root.name}/{path.relative_to(root)}".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def model_digest() -> str:
    """Return the digest of everything a result rests on beside its scenario: figures, kernels, other sources."""
    return _sha(tables_digest(), sources_digest(), code_digest())


def _sha(*words: str) -> str:
    return hashlib.sha256("\x1f".join(words).encode()).hexdigest()
