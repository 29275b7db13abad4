"""Dieharder, fed through a pipe: the published batteries of Marsaglia, NIST and Brown on streams of 32-bit words.

Dieharder 3.31 (R. G. Brown, D. Eddelbuettel, D. Bauer) reads raw words from its standard input for as long as its
tests ask for them, so no stream is ever read twice.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pytest

Stream = Callable[[], Iterator[np.ndarray]]
"""Starts a stream again from its beginning: blocks of uint32."""

TESTS = {
    "birthday spacings": "-d 0 -p 20",
    "ranks of 32 x 32 bits": "-d 2 -p 3",
    "bitstream": "-d 4 -p 10",
    "count of ones": "-d 8 -p 10",
    "count of ones, chosen bytes": "-d 9 -p 10",
    "runs": "-d 15 -p 20",
    "craps": "-d 16 -p 5 -t 50000",
    "greatest common divisors": "-d 17 -p 2 -t 1000000",
    "serial": "-d 102 -p 10 -t 20000",
    "minimum distance in three dimensions": "-d 201 -n 3 -p 10",
    "permutations of five": "-d 202 -n 5 -p 10",
    "lagged sums": "-d 203 -n 3 -p 10 -t 200000",
    "bytes": "-d 205 -p 1 -t 4000000",
    "cosine transform": "-d 206 -p 1",
}
"""Only tests that dieharder itself calls good.  Few samples each: Kolmogorov and Smirnov's p of so few is only
approximate near 1, so what counts is a p near 0, which too even samples give as well as too uneven ones."""

IMPOSSIBLE = 1e-6
WEAK = 1e-3


@dataclass(frozen=True)
class Verdict:
    """One p-value of one test of one stream."""

    stream: str
    test: str
    p: float


def needed() -> None:
    """Skip the calling test, with the reason, where dieharder is not installed."""
    if shutil.which("dieharder") is None:
        pytest.skip("dieharder is not installed (`make verify` installs it; else `apt-get install dieharder`)")


def p_values(stream: Stream, options: str) -> list[float]:
    """Return the p-values of one test, fed until it has seen enough."""
    command = ["dieharder", "-g", "200", "-c", ",", "-D", "pvalues", *options.split()]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=False) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            for words in stream():
                process.stdin.write(memoryview(words).cast("B"))
        except BrokenPipeError:  # it has seen enough
            pass
        else:
            raise ValueError("the stream ended before the test had seen enough")
        finally:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()
        answer = process.stdout.read().decode()
    assert process.returncode == 0, answer
    return [float(line) for line in answer.split()]


def judge(streams: dict[str, Stream], tests: dict[str, str] = TESTS, threads: int = 2) -> list[Verdict]:
    """Run every test on every stream, two at a time, and return all p-values."""
    work = [(stream, test) for stream in streams for test in tests]
    with ThreadPoolExecutor(threads) as pool:
        found = pool.map(lambda pair: p_values(streams[pair[0]], tests[pair[1]]), work)
        return [Verdict(*pair, p) for pair, ps in zip(work, found, strict=True) for p in ps]


def failures(verdicts: list[Verdict]) -> list[Verdict]:
    """Return what cannot be chance."""
    return [verdict for verdict in verdicts if verdict.p < IMPOSSIBLE]
