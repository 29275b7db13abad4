"""Several processes that start at once compile each entry once between them, and `advance` beside the people."""

import os
import subprocess
import sys
from pathlib import Path

from filelock import FileLock

from kernels import compiled_beside, entry

ROOT = Path(__file__).resolve().parents[1]
CALL = """
import sys
sys.stdin.readline()
from kernels import entry
entry.book.compile("void(int64, int64, int64, int64)")
print(sum(entry.book.stats.cache_misses.values()))
"""
BESIDE = """
from kernels import compiled_beside, entry
print(entry.advance._cache.is_wanted())
compiled_beside.subprocess.Popen = lambda command, **options: print(command[1:])
compiled_beside.compile_beside()
"""


def in_a_process(code, cache, **options):
    environment = {**os.environ, "PARITY_CACHE": str(cache), "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, "-c", code], env=environment, text=True, stdout=subprocess.PIPE, **options)


def test_of_processes_that_start_at_once_one_compiles_and_the_others_wait_for_its_file(tmp_path):
    processes = [in_a_process(CALL, tmp_path, stdin=subprocess.PIPE) for _ in range(3)]
    misses = [int(process.communicate("go\n")[0]) for process in processes]
    assert sorted(misses) == [0, 0, 1]


def test_without_a_compiled_loop_a_process_is_started_that_compiles_it(tmp_path):
    told, _ = in_a_process(BESIDE, tmp_path).communicate()
    assert told.split("\n")[:2] == ["True", "['-m', 'kernels.compiled_beside']"]


def test_a_compiled_loop_is_not_compiled_again():
    compiled_beside.advance_no_cell()
    before = len(compiled_beside.started)
    compiled_beside.compile_beside()
    assert not entry.advance._cache.is_wanted()
    assert len(compiled_beside.started) == before


def test_nobody_compiles_beside_a_process_that_is_at_it(tmp_path, monkeypatch):
    cache = entry.advance._cache
    monkeypatch.setattr(cache, "_cache_path", str(tmp_path))
    assert cache.is_wanted()
    with FileLock(tmp_path / f"{cache._cache_file._index_name}.lock"):
        assert not cache.is_wanted()
