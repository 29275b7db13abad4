"""A pool of worker processes: hand in a function and items, take results back in the order of the items.

The order of *work* is free, the order of *results* is not: whoever stops early (a sequential test, say)
decides the same on one worker or a thousand.  A task that fails is a row that says so, not a crash.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import traceback
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sized
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self

if TYPE_CHECKING:
    from distributed import Client, Future, LocalCluster

THREADS_OF_A_WORKER = {
    # Several workers share a machine: each keeps to one thread, whatever library it calls.
    "NUMBA_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
}
AHEAD_PER_WORKER = 4  # items in flight beyond the one awaited: enough to keep workers busy, few to throw away
WORKER_DIED = "KilledWorker"
DEATHS_BEFORE_BLAME = 1  # a second worker lost with a task on it, and the task is suspected
STARTING_SECONDS = 10.0  # longer than a worker takes to start
LOOK_AGAIN_SECONDS = 1.0  # how often lost workers are looked for while a result is awaited
GONE = "the scheduler is gone, and with it all tasks in flight; what was written is kept: start again to go on"

OnFailure = Literal["row", "raise"]
Progress = Callable[[int, int | None], object]


@dataclass(frozen=True)
class Failure:
    """A task that failed: what stands in its place among the results."""

    index: int
    item: Any
    error: str  # the exception's type
    message: str
    trace: str

    def __bool__(self) -> bool:
        """Failures are false, so that `filter(None, results)` drops them."""
        return False


class TaskFailedError(RuntimeError):
    """Raised for the first failed task, in index order, when failures are not wanted as rows."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(f"item {failure.index} failed: {failure.error}: {failure.message}\n{failure.trace}")
        self.failure = failure


class PoolLostError(ConnectionError):
    """The scheduler is gone, and with it every task that had not been handed back."""


class Pool:
    """Workers, and the one way to use them.

    Made by `Pool.local()`, `Pool.connect(address)` or `Pool.inline()`; a context manager.  Functions
    must be importable (module level): those of `__main__` travel by value and lose their caches.
    """

    def __init__(self, client: Client | None, cluster: LocalCluster | None, n_workers: int) -> None:
        self._client = client
        self._cluster = cluster
        self._n_workers = n_workers
        self._in_flight: set[Future] = set()

    @classmethod
    def local(cls, workers: int | None = None) -> Pool:
        """Start `workers` processes on this machine (default: one a CPU)."""
        import dask
        from distributed import Client, LocalCluster

        if workers is not None and workers < 1:
            raise ValueError(f"a pool needs at least 1 worker, not {workers}")
        n_workers = workers or dask.system.CPU_COUNT
        _quieten()
        # Set for good, not for a moment: workers that replace lost ones read it again.
        dask.config.set({f"distributed.nanny.pre-spawn-environ.{k}": v for k, v in THREADS_OF_A_WORKER.items()})
        dask.config.set({"distributed.scheduler.allowed-failures": DEATHS_BEFORE_BLAME})
        cluster = LocalCluster(
            n_workers=n_workers,
            threads_per_worker=1,
            processes=True,
            memory_limit=0,  # a run knows its size; a worker paused for memory would only look stuck
            dashboard_address=":0",  # any free port: two pools must not quarrel about one
            silence_logs=logging.CRITICAL,
            preload="cluster.worker_process",
        )
        return cls(Client(cluster, set_as_default=False), cluster, n_workers)

    @classmethod
    def connect(cls, address: str, *, timeout_seconds: float = 30.0) -> Pool:
        """Join a scheduler that is running at `address` (`tcp://host:8786`) and wait for its first worker."""
        from distributed import Client

        _quieten()
        try:
            client = Client(address, timeout=timeout_seconds, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            raise PoolLostError(f"no scheduler answers at {address!r} within {timeout_seconds:g} s") from error
        try:
            client.wait_for_workers(1, timeout=timeout_seconds)
        except TimeoutError as error:
            client.close()
            raise PoolLostError(f"the scheduler at {address!r} has no workers after {timeout_seconds:g} s") from error
        client.run(_limit_threads, THREADS_OF_A_WORKER)
        return cls(client, None, len(client.scheduler_info(n_workers=-1)["workers"]))

    @classmethod
    def inline(cls) -> Pool:
        """No workers: everything happens here, one item after another."""
        return cls(None, None, 1)

    @property
    def n_workers(self) -> int:
        """Workers asked for (local), found at connection (remote), or 1 (inline)."""
        return self._n_workers

    def map_ordered(
        self,
        function: Callable[[Any], Any],
        items: Iterable[Any],
        *,
        progress: Progress | None = None,
        on_failure: OnFailure = "row",
    ) -> Generator[Any, None, None]:
        """Yield `function(item)` for every item, in the order of the items.

        Parameters
        ----------
        items
            May be endless: only a few per worker are in flight ahead of the one awaited.  Leaving the
            loop (or closing the generator) cancels those.
        progress
            Called as `progress(done, total)` after each result; `total` is None for items without a length.
        on_failure
            `"row"`: a `Failure` stands in the failed item's place.  `"raise"`: `TaskFailedError`.
        """
        total = len(items) if isinstance(items, Sized) else None
        outcomes = self._inline(function, items) if self._client is None else self._ahead(function, items)
        try:
            for done, outcome in enumerate(outcomes, start=1):
                if progress is not None:
                    progress(done, total)
                if isinstance(outcome, Failure) and on_failure == "raise":
                    raise TaskFailedError(outcome)
                yield outcome
        finally:
            outcomes.close()

    def submit_all(
        self, function: Callable[[Any], Any], items: Iterable[Any], *, progress: Progress | None = None
    ) -> list[Any]:
        """Return all results (or `Failure` rows) as a list in the order of the items."""
        return list(self.map_ordered(function, list(items), progress=progress))

    def warm_up(self, function: Callable[..., Any], *arguments: Any) -> None:
        """Call `function(*arguments)` once on one worker, then once on every other.

        What the first compiles and caches on disk the others only read.
        """
        if self._client is None:
            function(*arguments)
            return
        addresses = list(self._client.scheduler_info(n_workers=-1)["workers"])
        for group in (addresses[:1], addresses[1:]):
            futures = [self._client.submit(function, *arguments, workers=[a], pure=False) for a in group]
            self._client.gather(futures)

    def cancel_remaining(self) -> None:
        """Give up whatever has been submitted and not yet been handed back."""
        if self._client is not None and self._in_flight:
            self._client.cancel(list(self._in_flight), force=True)
        self._in_flight.clear()

    def close(self) -> None:
        """Cancel what remains and let the workers go (those of a running scheduler stay with it)."""
        if self._client is not None:
            if self._client.status == "running":
                self.cancel_remaining()
                self._let_starters_finish(self._client)
            self._client.close()
        if self._cluster is not None:
            self._cluster.close()
        self._client = self._cluster = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _inline(self, function: Callable[[Any], Any], items: Iterable[Any]) -> Generator[Any, None, None]:
        for index, item in enumerate(items):
            try:
                outcome = function(item)
            except Exception as error:
                outcome = _failure(index, item, error)
            yield outcome

    def _ahead(self, function: Callable[[Any], Any], items: Iterable[Any]) -> Generator[Any, None, None]:
        """Submit a few items ahead of the one awaited; yield outcomes in order."""
        from distributed.client import ClosedClientError

        assert self._client is not None
        waiting: deque[tuple[int, Any, Future]] = deque()
        numbered = enumerate(items)
        try:
            while True:
                room = AHEAD_PER_WORKER * self._n_workers - len(waiting)
                for index, item in itertools.islice(numbered, room):
                    # Not pure: the same item twice is two tasks.  Earlier items first.
                    try:
                        future = self._client.submit(function, item, pure=False, priority=-index)
                    except ClosedClientError:
                        raise PoolLostError(GONE) from None
                    self._in_flight.add(future)
                    waiting.append((index, item, future))
                if not waiting:
                    return
                index, item, future = waiting.popleft()
                outcome = self._outcome(self._client, index, item, future)
                self._in_flight.discard(future)
                future.release()
                if isinstance(outcome, Failure) and outcome.error == WORKER_DIED:
                    outcome = self._alone(self._client, function, outcome)
                yield outcome
        finally:
            self._give_up([future for _, _, future in waiting])

    def _give_up(self, futures: list[Future]) -> None:
        self._in_flight.difference_update(futures)
        if self._client is not None and self._client.status == "running" and futures:
            self._client.cancel(futures, force=True)

    def _outcome(self, client: Client, index: int, item: Any, future: Future) -> Any:
        self._until_done(client, future)
        if future.cancelled():
            raise PoolLostError(GONE)
        if future.status == "error":
            return _failure(index, item, future.exception(), future.traceback())
        return future.result()

    def _alone(self, client: Client, function: Callable[[Any], Any], failure: Failure) -> Any:
        """Try an item whose workers died once more with nothing beside it.

        Workers hold a task or two ahead: an innocent one is blamed for the death its neighbour caused.
        """
        for future in list(self._in_flight):
            self._until_done(client, future)
        future = client.submit(function, failure.item, pure=False)
        return self._outcome(client, failure.index, failure.item, future)

    def _until_done(self, client: Client, future: Future) -> None:
        from distributed import wait
        from distributed.client import FuturesCancelledError

        while not future.done():
            try:
                with client.as_current():
                    wait([future], timeout=LOOK_AGAIN_SECONDS)
            except TimeoutError:
                self._heal()
            except FuturesCancelledError:
                return

    def _let_starters_finish(self, client: Client) -> None:
        """A worker dismissed while it is still starting (in place of a lost one) would complain aloud."""
        if self._cluster is not None:
            with contextlib.suppress(TimeoutError):
                client.wait_for_workers(self._n_workers, timeout=STARTING_SECONDS)

    def _heal(self) -> None:
        """Bring a local cluster back to its size: after a kill it may stay short until told again."""
        if self._cluster is None or self._cluster.scheduler is None:
            return
        if len(self._cluster.scheduler.workers) < self._n_workers:
            self._cluster.scale(self._n_workers)


def _failure(index: int, item: Any, error: BaseException, trace: TracebackType | None = None) -> Failure:
    lines = traceback.format_exception(type(error), error, trace or error.__traceback__)
    return Failure(index, item, type(error).__name__, str(error), "".join(lines))


def _limit_threads(threads: dict[str, str]) -> None:
    """Set on a running worker, for libraries it has not loaded yet."""
    import os

    os.environ.update(threads)


def _quieten() -> None:
    """Keep the client's own log to what matters: lost workers are healed, failures become rows."""
    for name in (
        "distributed",
        "distributed.client",
        "distributed.nanny",
        "distributed.scheduler",
        "tornado",
    ):
        logging.getLogger(name).setLevel(logging.CRITICAL)
