"""The care system of an area as a Mesa model: its step is one day."""

from __future__ import annotations

import datetime
import hashlib
import random as standard_random
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import mesa
import numpy as np
from mesa.agentset import AgentSet
from mesa.time import EventGenerator, Priority, Schedule

from abm import caseload, growth, policy, readings, retired
from abm.areas import check_memory
from abm.everyone import Everyone
from abm.lives import static_tables
from abm.network import DAY, Simulation, compile_network
from abm.newcomers import Newcomers, room_for, tables_at_start
from abm.observers import Daily
from abm.patient_sets import PatientSet
from abm.patients import Patient
from abm.proof import Proof
from abm.readings import Reading
from abm.rules import Rule, Rules, asking_each, source_of
from abm.setting import Setting, area_tables, people_tables, streams, take_back
from abm.teams import Team, all_teams
from kernels import columns as c
from kernels import entry
from kernels import lifetime as lt
from kernels.model import Model
from pathways.errors import InputError, nearest, one_of

if TYPE_CHECKING:
    from abm.checkpoint import Checkpoint


class CareSystem(mesa.Model):
    """Residents, teams and pathways of one area, day by day.

    Parameters
    ----------
    setting : the area's people, demand and pathways (`abm.setting.setting_of`)
    start : first measured day; the warm-up lies before it
    days, warm_up : lengths in days
    plan : int32[lever] numbers of staff, places and clinicians (default: the pathway files')
    seed, replication : the key of all luck
    prove : prove at every midnight that nothing and nobody was lost (`abm.proof`)
    rules : Python rules by decision state, `pathway/state` (see `abm.rules`)
    lives : people are born, age, fall ill, recover, move and die (docs/lives.md)
    patient_class : what residents look like to those who look; a subclass may decide (`Patient.decide`)
    checkpoint : where the run goes on from; of the same setting, dates, plan and seeds (see `from_checkpoint`)
    """

    however_many: bool = False
    """True lets Python be called for any number of patients at once."""
    m: Model
    """The tables of the run"""
    _default_schedule: EventGenerator

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
        prove: bool = False,
        rules: Mapping[str, Rule] | None = None,
        patient_class: type[Patient] = Patient,
        lives: bool = False,
        checkpoint: Checkpoint | None = None,
    ) -> None:
        self._rules: Rules | None = None
        super().__init__(rng=seed)
        self.setting = setting
        self.warm_up, self.days = warm_up, days
        self.first_day = start - datetime.timedelta(days=warm_up)
        horizon = warm_up + days
        self.lives = lives
        n_rows = setting.population.n
        if lives:
            check_memory(setting.area, lives=True)
            arriving = setting.newcomers(horizon, seed, replication)
            n_rows += room_for(setting, setting.lives, arriving, horizon)
        self.network = compile_network(
            setting.specs, setting.places, plan=plan, rosters=setting.rosters, n_residents=n_rows,
            streams=streams(setting, n_rows), n_at_start=setting.population.n,
        )  # fmt: skip
        hazards = setting.hazards(self.first_day, horizon)
        people = people_tables(setting, n_rows)
        own_lives = None
        if lives:
            own_lives = static_tables(setting, setting.lives, horizon, hazards)
            own_lives |= tables_at_start(setting, setting.lives, arriving, n_rows, people)
        self.simulation = Simulation(
            self.network, people, area_tables(setting), hazards, start=self.first_day, days=horizon,
            seed=seed, replication=replication, minutes_per_step=minutes_per_step, measure_from=warm_up * DAY,
            logging=events, hourly=hourly, lives=own_lives,
        )  # fmt: skip
        self.m = self.simulation.m
        if checkpoint is None:
            caseload.begin(self.simulation, setting.demand.external())
            self._book_first_onsets(setting, seed, replication)
            if lives:
                self._begin_lives(arriving, seed, replication)
        self._identity = [setting.digest, str(self.first_day), repr((days, warm_up, seed, replication))]
        self._identity.append(repr(self.network.units.plan.tolist()))
        if lives:
            self._identity.append("lives")
        self._settle_in(patient_class)
        self._rules = Rules(self)
        for state in patient_class.decides:
            self.rule(state, asking_each(state), source=patient_class.decide)
        for state, rule in (rules or {}).items():
            self.rule(state, rule)
        self.opening: Reading | None = None
        self.proof: Proof | None = None
        self.daily = Daily(self)
        self.at_midnight: Callable[[CareSystem], object] | None = None
        """Called when a day is over, before changes dated the next day are made"""
        if checkpoint is not None:
            self._identity = checkpoint.put_into(self)
            self._set_clock(int(self.m.now[c.T]) // DAY)
        elif warm_up == 0:
            self.open_the_books()
        self.proof = Proof(self, 0 if checkpoint is None else checkpoint.days_proved) if prove else None

    @classmethod
    def from_checkpoint(
        cls,
        checkpoint: Checkpoint | Path | str,
        setting: Setting,
        *,
        plan: np.ndarray | None = None,
        changes: Iterable[tuple[datetime.date | str, Callable[[CareSystem], Any]]] = (),
        rules: Mapping[str, Rule] | None = None,
        patient_class: type[Patient] = Patient,
    ) -> Self:
        """Go on from a checkpoint, with changes from its day on; what happens is what the uninterrupted run would do.

        Parameters
        ----------
        plan : int32[lever] numbers of staff, places and clinicians from the checkpoint's day on
        changes : (date, what) as of `change_on`, in order; those of the run before are given again if they are wanted
        rules, patient_class : those of the run before, and further rules that hold from now on

        Raises
        ------
        InputError
            If the checkpoint is damaged, or of other kernels, another setting, or other rules.
        """
        from abm.checkpoint import go_on

        return go_on(cls, checkpoint, setting, plan, changes, rules or {}, patient_class)

    def checkpoint(self, file: Path | str, **about: Any) -> Path:
        """Write all of the run between two days to a file: whole or not at all (see `abm.checkpoint`)."""
        from abm.checkpoint import write

        write(self, file, about)
        return Path(file)

    def _book_first_onsets(self, setting: Setting, seed: int, replication: int) -> None:
        """Find (or recall) who asks first and when, and put it on the calendar."""
        found, times = setting.first_onsets(self.m, self.first_day, self.warm_up + self.days, seed, replication)
        self.simulation.room_for_events(len(found))
        entry.book_first_onsets(self.m.address, found, times, len(found))

    def _begin_lives(self, arriving: Newcomers, seed: int, replication: int) -> None:
        """Put the first events of everybody's life, newcomers' arrivals and birthdays on the calendar."""
        m, n = self.m, self.setting.population.n
        m.now[c.LIVES], m.now[c.N_LATER] = 1, len(arriving)
        found, times = self.setting.first_lives(m, self.warm_up + self.days, seed, replication)
        rows = (np.arange(n, n + len(arriving)) << 8) | lt.ARRIVES
        chunks = np.arange((len(m.area_first) - 2 >> lt.AREAS_A_SECOND) + 1)
        days = (chunks << 8) | lt.BIRTHDAYS
        found, times = np.concatenate([found, rows, days]), np.concatenate([times, arriving.when, chunks + DAY])
        self.simulation.room_for_events(2 * len(found))
        self.simulation.room_for_lives(len(found))
        entry.book_first_lives(m.address, found, times, len(found))

    def _settle_in(self, patient_class: type[Patient]) -> None:
        """Put the residents, as a set over columns, and the teams among Mesa's agents."""
        self.patient_class = patient_class
        self.patients = PatientSet(self)
        self._all_agents = Everyone(self, self.patients)
        self._agents_by_type = {patient_class: self.patients}
        self.pathways = policy.OwnPathways(self.setting.pathways)
        self.changes: list[policy.Change] = []
        """Dated changes, in the order in which they were announced"""
        self._teams = {(team.team, team.place): team for team in all_teams(self)}

    # --- the day --------------------------------------------------------------------------------------------

    def step(self) -> None:
        """Live through one day.  Changes of policy dated today have just been made, by Mesa's schedule."""
        self.morning()
        self.live_through_the_day()  # decisions with Python rules are asked on the way
        self.evening()

    def morning(self) -> None:
        """Begin the day."""
        self.take_over_edits()

    def evening(self) -> None:
        """Write down the day that is over."""
        self.daily.observe()
        self.prove_the_balance()
        self.open_the_books_when_due()
        if self.at_midnight is not None:
            self.at_midnight(self)

    def take_over_edits(self) -> None:
        """Let what was edited on the pathways' graphs since yesterday hold from now on, once it is checked."""
        edited = self.pathways.edited()
        if not edited:
            return
        try:
            specs = policy.changed_specs(self.pathways, self.network.specs, edited)
            retired.refuse_lost(self.simulation, self.pathways, specs)
            policy.take_over(self.simulation, specs, self.rules.states)
        except InputError:
            self._wait_for_better_input()
            raise
        growth.follow(self)
        self.pathways.taken_over(edited)
        for name in edited:
            leaving = retired.retired(self.pathways[name], self.network.specs[name])
            for state in leaving:
                retired.move_people(self.simulation, state)
            moves = [str(self.pathways[name].taken_away[state.partition("/")[2]].moves_to) for state in leaving]
            self.noted("pathway", name, self.pathways[name].digest(), *moves)

    def _wait_for_better_input(self) -> None:
        """Set Mesa's clock back to this midnight and its daily step on the schedule again: no day has been lived."""
        self._set_clock(int(self.m.now[c.T]) // DAY)

    def _set_clock(self, day: int) -> None:
        """Let Mesa's clock say that so many days were lived."""
        self._default_schedule.stop()
        self.steps, self.time = day, float(day)
        daily = Schedule(interval=1.0, start=self.time + 1.0)
        self._default_schedule = EventGenerator(self, self._do_step, daily, priority=Priority.HIGH).start()

    def live_through_the_day(self) -> None:
        """Run the kernels to midnight, in exact order of what happens."""
        self.simulation.advance(int(self.m.now[c.T]) + DAY)

    def prove_the_balance(self) -> None:
        """Prove that people, staff, beds and minutes of the day balance, if the run was asked to."""
        if self.proof is not None:
            self.proof.day_is_over()

    def open_the_books_when_due(self) -> None:
        """Begin to measure when the warm-up has just ended."""
        if int(self.m.now[c.T]) == self.warm_up * DAY:
            self.open_the_books()

    def open_the_books(self) -> None:
        """Begin to measure: integrals so far are the warm-up's."""
        self.opening = readings.read(self.simulation)

    def run(self, progress: Callable[[int, int], None] | None = None) -> CareSystem:
        """Run to the end and return the model."""
        total = self.warm_up + self.days
        for day in range(int(self.m.now[c.T]) // DAY, total):
            self.step()
            if progress is not None:
                progress(day + 1, total)
        self.running = False
        return self

    def reading(self) -> Reading:
        """Return the tallies of the measured window so far."""
        return readings.read(self.simulation, self.opening)

    def let_go(self) -> None:
        """End the run for good: its tables serve the next run of the same setting, and are no longer here.

        For whoever runs many models one after another: it saves time and, as Python frees models late, memory.
        """
        take_back(self.setting, self.m)
        del self.m, self.simulation

    # --- what may be changed --------------------------------------------------------------------------------

    def change_on(self, date: datetime.date | str, what: Callable[[CareSystem], Any]) -> None:
        """Have a change of policy made when a day begins: `what` is called with the model."""
        day = datetime.date.fromisoformat(date) if isinstance(date, str) else date
        if day < self.today:
            raise InputError(file="model", key="change_on", value=str(day), expected=f"{self.today} or later")
        change = policy.Change(self, day, what)
        self.changes.append(change)  # Mesa's schedule holds it weakly
        self.schedule_event(change.carry_out, at=(day - self.first_day).days)

    def rule(self, state: str, rule: Rule, *, source: Any = None) -> None:
        """Let a Python function decide at a decision state from now on (see `abm.rules`)."""
        content = source_of(source or rule)
        self.rules.add(state, rule, content)
        self.noted("rule", state, content)

    def noted(self, *what: str) -> None:
        """Let something that was changed enter the run's identity, with its day."""
        self._identity.append(f"{self.today} {' '.join(what)}")

    @property
    def notes(self) -> list[str]:
        """What the identity says of what has happened so far."""
        return list(self._identity)

    @property
    def identity(self) -> str:
        """SHA-256 of what this run depends on so far: setting, dates, plan, seed, rules, and changes announced or made.

        Columns that are set by hand are not noted: set them in a dated change, whose source is.
        """
        ahead = sorted((one for one in self.changes if not one.made), key=lambda one: one.date)
        return hashlib.sha256("\n".join([*self._identity, *(one.note for one in ahead)]).encode()).hexdigest()

    # --- who and when ---------------------------------------------------------------------------------------

    @property
    def today(self) -> datetime.date:
        """The day that is about to be simulated."""
        return self.first_day + datetime.timedelta(days=int(self.m.now[c.T]) // DAY)

    def when(self, second: int) -> datetime.datetime:
        """Return the local time of a second of the run."""
        midnight = datetime.datetime.combine(self.first_day, datetime.time())
        return midnight + datetime.timedelta(seconds=int(second))

    def patient(self, row: int) -> Patient:
        """Return a view of the resident in a row of the columns."""
        if not 0 <= row < self.network.n_residents:
            raise IndexError(f"there are {self.network.n_residents:,} residents: no row {row}")
        return self.patient_class(self, int(row))

    @property
    def teams(self) -> AgentSet:
        """All teams, an ordinary Mesa agent set."""
        return AgentSet(self._teams.values(), random=self._random)

    def every_team(self) -> list[Team]:
        """Return all teams in the order of the units."""
        return list(self._teams.values())

    def team(self, name: str, place: str) -> Team:
        """Return a team by `pathway/team` and place."""
        if (name, place) not in self._teams:
            places = [at for team, at in self._teams if team == name]
            names = places or list(dict.fromkeys(team for team, _ in self._teams))
            word = place if places else name
            raise InputError(
                file="model", key="team", value=word, expected=one_of(names), suggestion=nearest(word, names)
            )
        return self._teams[name, place]

    @property
    def rules(self) -> Rules:
        """The Python rules at decision states."""
        assert self._rules is not None
        return self._rules

    # --- luck -----------------------------------------------------------------------------------------------

    @property
    def random(self) -> standard_random.Random:
        """Mesa's generator, for set-up and analysis; refused inside rules."""
        self._refuse_draws_in_turn()
        return self._random

    @random.setter
    def random(self, generator: standard_random.Random) -> None:
        self._random = generator

    @property
    def rng(self) -> np.random.Generator:
        """Mesa's numpy generator, for set-up and analysis; refused inside rules."""
        self._refuse_draws_in_turn()
        return self._generator

    @rng.setter
    def rng(self, generator: np.random.Generator) -> None:
        self._generator = generator

    def _refuse_draws_in_turn(self) -> None:
        if self._rules is not None and self._rules.at_work:
            raise RuntimeError(
                "a rule draws no luck in turn: use draws.uniform(purpose), which is keyed by person and visit"
            )
