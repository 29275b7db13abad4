"""The care system of an area as a Mesa model: its step is one day."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import mesa
import numpy as np

from abm import readings
from abm.network import DAY, Simulation, compile_network
from abm.readings import Reading
from abm.setting import Setting, area_tables, people_tables, streams
from kernels import columns as c
from kernels import entry


class CareSystem(mesa.Model):
    """Residents, teams and pathways of one area, day by day.

    Parameters
    ----------
    setting : the area's people, demand and pathways (`abm.setting.setting_of`)
    start : first measured day; the warm-up lies before it
    days, warm_up : lengths in days
    plan : int32[lever] numbers of staff, places and clinicians (default: the pathway files')
    seed, replication : the key of all luck
    """

    def __init__(
        self,
        setting: Setting,
        *,
        start: datetime.date = datetime.date(2016, 4, 1),
        days: int = 365,
        warm_up: int = 182,
        plan: np.ndarray | None = None,
        seed: int = 1,
        replication: int = 0,
        minutes_per_step: int = 15,
        events: bool = False,
        hourly: bool = False,
    ) -> None:
        super().__init__(rng=seed)
        self.setting = setting
        self.warm_up, self.days = warm_up, days
        self.first_day = start - datetime.timedelta(days=warm_up)
        horizon = warm_up + days
        self.network = compile_network(
            setting.specs, setting.places, plan=plan, rosters=setting.rosters, n_residents=setting.population.n,
            streams=streams(setting),
        )  # fmt: skip
        hazards = setting.hazards(self.first_day, horizon)
        self.simulation = Simulation(
            self.network, people_tables(setting), area_tables(setting), hazards, start=self.first_day, days=horizon,
            seed=seed, replication=replication, minutes_per_step=minutes_per_step, measure_from=warm_up * DAY,
            logging=events, hourly=hourly,
        )  # fmt: skip
        self.m = self.simulation.m
        self._book_first_onsets(setting, seed, replication)
        self.opening: Reading | None = None
        self.daily = Daily(self)

    def _book_first_onsets(self, setting: Setting, seed: int, replication: int) -> None:
        """Find (or recall) who asks first and when, and put it on the calendar."""
        found, times = setting.first_onsets(self.m, self.first_day, self.warm_up + self.days, seed, replication)
        self.simulation.room_for_events(len(found))
        entry.book_first_onsets(self.m.address, found, times, len(found))

    # --- the day --------------------------------------------------------------------------------------------

    @property
    def today(self) -> datetime.date:
        """Return the day that is about to be simulated."""
        return self.first_day + datetime.timedelta(days=int(self.m.now[c.T]) // DAY)

    def step(self) -> None:
        """Live through one day."""
        self.simulation.advance(int(self.m.now[c.T]) + DAY)
        self.daily.observe()
        if int(self.m.now[c.T]) == self.warm_up * DAY:
            self.open_the_books()

    def open_the_books(self) -> None:
        """Begin to measure: integrals so far are the warm-up's."""
        self.opening = readings.read(self.simulation)

    def run(self, progress: Callable[[int, int], None] | None = None) -> CareSystem:
        """Run to the end and return the model."""
        if self.warm_up == 0 and self.opening is None:
            self.open_the_books()
        total = self.warm_up + self.days
        for day in range(int(self.m.now[c.T]) // DAY, total):
            self.step()
            if progress is not None:
                progress(day + 1, total)
        return self

    def reading(self) -> Reading:
        """Return the tallies of the measured window so far."""
        return readings.read(self.simulation, self.opening)


class Daily:
    """What is written down at the end of every day: places and staff busy, people waiting."""

    def __init__(self, model: CareSystem) -> None:
        self.model = model
        horizon = model.warm_up + model.days
        self.busy = np.zeros((horizon, len(model.m.pool)), np.int32)
        self.waiting = np.zeros((horizon, len(model.m.cell)), np.int32)
        self.n = 0

    def observe(self) -> None:
        """Write down the day that just ended."""
        self.busy[self.n] = self.model.m.pool["busy"]
        self.waiting[self.n] = self.model.m.cell["n_waiting"]
        self.n += 1
