"""The pool: order, failures, lost workers, quiet."""

import itertools
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import cluster_tasks
import pytest

from cluster.pool import Failure, Pool, PoolLostError, TaskFailedError
from cluster.sites import SiteError, open_pool, opener


@pytest.fixture(scope="module")
def two_workers():
    with Pool.local(2) as pool:
        yield pool


@pytest.fixture(params=["inline", "local"])
def pool(request, two_workers):
    return two_workers if request.param == "local" else Pool.inline()


def test_results_come_in_the_order_of_the_items(pool):
    assert list(pool.map_ordered(cluster_tasks.square_slowest_first, range(12))) == [x * x for x in range(12)]


def test_progress_counts_to_the_total(pool):
    seen = []
    list(pool.map_ordered(cluster_tasks.square, range(5), progress=lambda done, total: seen.append((done, total))))
    assert seen == [(n, 5) for n in range(1, 6)]


def test_a_failed_task_is_a_row_and_the_others_go_on(pool):
    rows = list(pool.map_ordered(cluster_tasks.refuse_threes, range(1, 6)))
    assert [row for row in rows if not isinstance(row, Failure)] == [1, 2, 4, 5]
    failure = rows[2]
    assert (failure.index, failure.item, failure.error) == (2, 3, "ValueError")
    assert "3 is a multiple of three" in failure.message
    assert "refuse_threes" in failure.trace
    assert not failure


def test_a_failed_task_raises_when_asked_and_names_the_first_in_index_order(pool):
    with pytest.raises(TaskFailedError, match="item 2 failed: ValueError: 3 is a multiple"):
        list(pool.map_ordered(cluster_tasks.refuse_threes, range(1, 9), on_failure="raise"))


def test_the_same_item_twice_is_two_tasks(pool):
    assert pool.submit_all(cluster_tasks.square, [3, 3, 3]) == [9, 9, 9]


def test_endless_items_end_when_the_loop_does(pool):
    taken = list(itertools.islice(pool.map_ordered(cluster_tasks.square, itertools.count()), 20))
    assert taken == [x * x for x in range(20)]


def test_leaving_the_loop_cancels_the_rest(two_workers, tmp_path):
    for result in two_workers.map_ordered(cluster_tasks.leave_a_mark, [(str(tmp_path), x) for x in range(200)]):
        if result == 3:
            break
    assert two_workers._in_flight == set()
    assert two_workers.submit_all(cluster_tasks.square, range(4)) == [0, 1, 4, 9]
    assert len(list(tmp_path.iterdir())) < 40  # the window, not the two hundred


def test_workers_are_processes_that_keep_to_one_thread(two_workers):
    told = two_workers.submit_all(cluster_tasks.environment, range(8))
    assert str(os.getpid()) not in {t["pid"] for t in told}
    for name in ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        assert {t[name] for t in told} == {"1"}


def test_warming_up_reaches_every_worker(two_workers):
    two_workers.warm_up(cluster_tasks.environment, None)
    assert two_workers.n_workers == 2


def test_a_worker_killed_in_mid_task_costs_nothing_but_time_and_says_nothing(tmp_path, capfd):
    with Pool.local(2) as pool:
        survivor = pool.submit_all(cluster_tasks.die_once, [str(tmp_path / "marker")])[0]
        assert isinstance(survivor, int)
        assert (tmp_path / "marker").exists()
        assert list(pool.map_ordered(cluster_tasks.square, range(30))) == [x * x for x in range(30)]
    assert capfd.readouterr() == ("", "")


def test_all_workers_killed_from_outside_are_replaced():
    with Pool.local(2) as pool:
        pids = {int(t["pid"]) for t in pool.submit_all(cluster_tasks.environment, range(16))}
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        assert list(pool.map_ordered(cluster_tasks.square_slowest_first, range(10))) == [x * x for x in range(10)]
        new = {int(t["pid"]) for t in pool.submit_all(cluster_tasks.environment, range(16))}
        assert not (new & pids)


def test_a_running_scheduler_can_be_joined_and_outlives_the_pool(two_workers, tmp_path):
    address = two_workers._cluster.scheduler_address
    file = tmp_path / "scheduler.json"
    file.write_text(f'{{"address": "{address}"}}', encoding="utf-8")
    for scheduler in (address, str(file)):
        with open_pool(scheduler) as joined:
            assert joined.n_workers == 2
            assert joined.submit_all(cluster_tasks.square, range(6)) == [0, 1, 4, 9, 16, 25]
    assert two_workers.submit_all(cluster_tasks.square, [7]) == [49]


def test_a_task_that_kills_every_worker_is_a_row_too():
    with Pool.local(1) as pool:
        rows = pool.submit_all(cluster_tasks.die_at_two, range(4))
    assert [rows[0], rows[1], rows[3]] == [0, 1, 3]
    assert rows[2].error == "KilledWorker"


def test_ctrl_c_in_a_terminal_stops_workers_without_a_word():
    tests = Path(__file__).parent
    code = (
        "import sys, cluster_tasks\nfrom cluster.pool import Pool\n"
        "if __name__ == '__main__':\n"
        "    try:\n"
        "        with Pool.local(2) as pool:\n"
        "            for x in pool.map_ordered(cluster_tasks.square_slowest_first, iter(lambda: 0, 1)):\n"
        "                print('at work', flush=True)\n"
        "    except KeyboardInterrupt:\n"
        "        sys.exit(130)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(tests.parent), str(tests)])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # a process group of its own, as in a terminal
    )
    assert process.stdout.readline() == "at work\n"
    for _ in range(3):  # an interrupt that falls into a finaliser is dropped by Python: people press again
        os.killpg(process.pid, signal.SIGINT)
        try:
            _, err = process.communicate(timeout=30)
            break
        except subprocess.TimeoutExpired:
            continue
    assert (process.returncode, err) == (130, "")


@pytest.fixture
def scheduler_elsewhere(tmp_path):
    """A scheduler and a worker in processes of their own; yields (scheduler process, scheduler file)."""
    file = tmp_path / "scheduler.json"
    tests = Path(__file__).parent
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(tests.parent), str(tests)])}

    def start(*arguments):
        return subprocess.Popen(
            [
                sys.executable,
                "-m",
                "distributed.cli." + arguments[0],
                "--scheduler-file",
                file,
                *arguments[1:],
            ],
            env=environment,
            cwd=tmp_path,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    scheduler = start("dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--dashboard-address", ":0")
    worker = start("dask_worker", "--no-dashboard", "--no-nanny", "--nthreads", "1", "--death-timeout", "20")
    while not file.exists():
        assert scheduler.poll() is None
        time.sleep(0.05)
    yield scheduler, file
    for process in (worker, scheduler):
        process.kill()
        process.wait()


def test_a_scheduler_that_dies_is_said_and_what_came_before_is_kept(scheduler_elsewhere):
    scheduler, file = scheduler_elsewhere
    kept = []

    def count_and_kill(pool):
        for x in pool.map_ordered(cluster_tasks.leave_a_mark, [(str(file.parent), x) for x in range(500)]):
            kept.append(x)
            if x == 5:
                scheduler.kill()

    with open_pool(str(file)) as pool:
        told = pool.submit_all(cluster_tasks.environment, range(2))
        assert {t["NUMBA_NUM_THREADS"] for t in told} == {"1"}
        with pytest.raises(PoolLostError, match="start again"):
            count_and_kill(pool)
    assert kept[:6] == list(range(6))
    assert len(kept) < 500


def test_a_scheduler_that_does_not_answer_is_named():
    with pytest.raises(PoolLostError, match=r"no scheduler answers at 'tcp://127\.0\.0\.1:9'"):
        open_pool("tcp://127.0.0.1:9", timeout_seconds=0.5)


@pytest.mark.parametrize(
    ("scheduler", "words"),
    [
        ("locl", "Did you mean 'local'"),
        ("local:0", "at least 1 worker"),
        ("somewhere", "not a scheduler"),
    ],
)
def test_a_misspelt_scheduler_is_refused_before_anything_starts(scheduler, words):
    with pytest.raises(SiteError, match=words):
        opener(scheduler)


def test_a_scheduler_file_that_is_missing_is_named(tmp_path):
    with pytest.raises(SiteError, match="no such file"):
        open_pool(str(tmp_path / "missing.json"))
