"""The daily chain in Mesa, NumPy, Starsim and LASER: each as its own documentation advises, one core.

All keep how many people are in each state on each day, and nothing else but what they keep of themselves.
"""

from __future__ import annotations

import os
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np

from experiments.bench.chain import LEAVING, STATES, ChainRun
from experiments.bench.page import cpu_seconds

LEAVE = LEAVING[:, -1].copy()


def traced(build: Callable[[], Any]) -> tuple[Any, int]:
    """Build something and return it with the bytes that were allocated for it."""
    tracemalloc.start()
    try:
        made = build()
        return made, tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


def run_numpy(n: int, days: int, seed: int = 1) -> ChainRun:
    """Run the chain as NumPy columns: one draw a person and day, movers looked up."""
    luck = np.random.default_rng(seed)
    state, size = traced(lambda: np.zeros(n, np.uint8))
    history = np.zeros((days, len(STATES)), np.int64)

    def run() -> None:
        for day in range(days):
            u = luck.random(n)
            movers = np.flatnonzero(u < LEAVE[state])
            state[movers] = (u[movers, None] >= LEAVING[state[movers]]).sum(axis=1)
            history[day] = np.bincount(state, minlength=len(STATES))

    seconds = cpu_seconds(run)
    return ChainRun("NumPy columns", n, days, seconds, size / n, history[-1], n * days, "counts a day")


def run_mesa(n: int, days: int, seed: int = 1) -> ChainRun:
    """Run the chain as Mesa agents: `shuffle_do` once a day, the counts by a data collector."""
    import mesa

    onward = [[float(x) for x in row] for row in LEAVING]

    class Person(mesa.Agent):
        def __init__(self, model: mesa.Model) -> None:
            super().__init__(model)
            self.state = 0

        def live(self) -> None:
            u = self.random.random()
            chances = onward[self.state]
            if u < chances[-1]:
                after = 0
                while u >= chances[after]:
                    after += 1
                self.state = after

    class Town(mesa.Model):
        def __init__(self) -> None:
            super().__init__(rng=seed)
            Person.create_agents(self, n)
            self.collector = mesa.DataCollector(
                model_reporters={"counts": lambda m: np.bincount(m.agents.get("state"), minlength=len(STATES))}
            )

        def step(self) -> None:
            self.agents.shuffle_do("live")
            self.collector.collect(self)

    town, size = traced(Town)

    def run() -> None:
        for _ in range(days):
            town.step()

    seconds = cpu_seconds(run)
    counts = town.collector.model_vars["counts"][-1]
    return ChainRun("Mesa agents", n, days, seconds, size / n, counts, n * days, "counts a day")


def run_starsim(n: int, days: int, seed: int = 1) -> ChainRun:
    """Run the chain as a Starsim module; its draws are common random numbers, by person."""
    os.environ.setdefault("STARSIM_INSTALL_FONTS", "0")
    import starsim as ss

    class Chain(ss.Module):
        def __init__(self) -> None:
            super().__init__()
            self.define_states(ss.IntArr("condition", default=0))
            self.luck = ss.random()

        def init_results(self) -> None:
            super().init_results()
            self.define_results(*[ss.Result(name, dtype=int) for name in STATES])

        def step(self) -> None:
            u = self.luck.rvs(self.condition.auids)
            state = self.condition.values
            movers = np.flatnonzero(u < LEAVE[state])
            state = state.copy()
            state[movers] = (u[movers, None] >= LEAVING[state[movers]]).sum(axis=1)
            self.condition[self.condition.auids] = state

        def update_results(self) -> None:
            super().update_results()
            counts = np.bincount(self.condition.values, minlength=len(STATES))
            for name, count in zip(STATES, counts, strict=True):
                self.results[name][self.ti] = count

    def build() -> Any:
        sim = ss.Sim(n_agents=n, modules=Chain(), dt=ss.days(1), dur=ss.days(days - 1), rand_seed=seed, verbose=0)
        sim.init()
        return sim

    sim, size = traced(build)
    seconds = cpu_seconds(sim.run)
    chain = next(iter(sim.modules))
    counts = np.bincount(chain.condition.values, minlength=len(STATES))
    return ChainRun("Starsim", n, len(sim.t.timevec), seconds, size / n, counts, n * days, "counts a day")


def run_laser(n: int, days: int, seed: int = 1) -> ChainRun:
    """Run the chain over a LaserFrame: a numba loop over the property, one thread."""
    import numba
    from laser.core import LaserFrame
    from laser.core.random import seed as start_luck

    @numba.njit(parallel=True, nogil=True)
    def live(state: Any, leaving: Any, counts: Any) -> None:
        for i in numba.prange(state.shape[0]):
            u = np.random.random()  # noqa: NPY002  (LASER seeds numba's own generator)
            now = state[i]
            if u < leaving[now, 4]:
                after = 0
                while u >= leaving[now, after]:
                    after += 1
                state[i] = after
        for i in range(state.shape[0]):
            counts[state[i]] += 1

    def build() -> Any:
        people = LaserFrame(n)
        people.add_scalar_property("state", dtype=np.uint8)
        return people

    people, size = traced(build)
    history = np.zeros((days, len(STATES)), np.int64)
    numba.set_num_threads(1)
    start_luck(seed)
    live(np.zeros(8, np.uint8), LEAVING, history[0])  # compiles
    history[0] = 0

    def run() -> None:
        for day in range(days):
            live(people.state, LEAVING, history[day])

    seconds = cpu_seconds(run)
    return ChainRun("LASER", n, days, seconds, size / n, history[-1], n * days, "counts a day")
