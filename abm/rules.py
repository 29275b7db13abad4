"""Rules in Python for decision states: asked for whoever has just arrived there, with luck of their own.

>>> def by_age(batch, routes, draws):
...     return np.where(batch.get("age") >= 65, "crisis/home_treatment", None)
>>> model.rule("crisis/triaged", by_age)

A rule sees a batch: everyone who came to the state in one second, in order of their ties.  It returns a route for
each (its name, its place in `routes`, or None for what the file says), or one for all.  Its luck is keyed by
(seed, replication, person, purpose, visit), so nobody's choice depends on who else is in the batch.
"""

from __future__ import annotations

import datetime
import hashlib
import inspect
import re
import tokenize
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.network import Simulation
from abm.patient_sets import PatientSet
from abm.patients import Patient, column_of
from kernels import columns as c
from kernels import entry
from kernels.draws import purpose
from pathways.errors import InputError, nearest, one_of

if TYPE_CHECKING:
    from abm.model import CareSystem

Rule = Callable[["Arrivals", tuple["Route", ...], "Draws"], Any]


@dataclass(frozen=True)
class Route:
    """One ordinary route out of a decision state."""

    to: str
    """`pathway/state`"""
    share: float
    """Of the file, before odds"""
    condition: str
    """`if` for guarded routes, else empty"""
    index: int
    """Row of the kernels' routes"""


class Draws:
    """Keyed luck for everybody of a batch."""

    def __init__(self, model: CareSystem, state: str, referrals: np.ndarray) -> None:
        self._model, self._state, self._referrals = model, state, referrals

    def uniform(self, what: str) -> np.ndarray:
        """Return float64[arrival] in [0, 1): the same for the same person, purpose and visit, always."""
        out = np.empty(len(self._referrals))
        entry.uniforms(self._model.m.address, self._referrals, purpose(f"{self._state}/rule/{what}"), out)
        return out

    @property
    def route(self) -> np.ndarray:
        """float64[arrival] in [0, 1): the luck by which the file itself would choose the route."""
        return self._model.m.referral["route"][self._referrals] / 2.0**32


class PersonDraws:
    """Keyed luck for one patient of a batch."""

    def __init__(self, draws: Draws, at: int) -> None:
        self._draws, self._at = draws, at

    def uniform(self, what: str) -> float:
        """Return a number in [0, 1): the same for the same person, purpose and visit, always."""
        one = Draws(self._draws._model, self._draws._state, self._draws._referrals[self._at : self._at + 1])
        return float(one.uniform(what)[0])

    @property
    def route(self) -> float:
        """The luck by which the file itself would choose the route."""
        return float(self._draws.route[self._at])


class Arrivals:
    """The batch: whoever came to one decision state in one second, in order of their ties.

    Residents and people from elsewhere (whose attributes are a template's) stand side by side.
    """

    def __init__(self, model: CareSystem, state: str, referrals: np.ndarray, second: int) -> None:
        self.model, self.state, self.second = model, state, second
        self.referrals = referrals
        """int64[arrival] rows of the open referrals"""
        rows = model.m.referral[referrals]
        self.people = rows["person"].astype(np.int64)
        """int64[arrival] rows of the columns"""
        self.systems, self.sites = rows["system"].astype(np.int64), rows["site"].astype(np.int64)
        self.visits = rows["visit"].astype(np.int64)
        """int64[arrival]: how often this referral has now been here"""
        self.resident = self.people < model.network.n_residents
        self.time: datetime.datetime = model.when(second)
        self.routes = ordinary_routes(model, state)
        self.draws = Draws(model, state, referrals)

    def __len__(self) -> int:
        return len(self.referrals)

    @property
    def patients(self) -> PatientSet:
        """The residents of the batch, as a set."""
        return PatientSet(self.model, self.people[self.resident])

    def get(self, name: str) -> np.ndarray:
        """Return a column of everybody in the batch: [arrival]."""
        column = column_of(self.model.patient_class, name)
        if column is None:
            raise AttributeError(f"{name!r} is no column: ask `patients` of the batch")
        return column.read(self.model, self.people)

    def usual(self) -> np.ndarray:
        """Return what the file would choose: int64[arrival], places in `routes`."""
        out = np.empty(len(self), np.int64)
        entry.usual_routes(self.model.m.address, self.referrals, self.second, out)
        place = {route.index: at for at, route in enumerate(self.routes)}
        return np.array([place[int(index)] for index in out], np.int64)


def ordinary_routes(model: CareSystem, state: str) -> tuple[Route, ...]:
    """Return the routes of a state that no event brings about."""
    m, flat = model.m, model.network.flat
    found = []
    for group in m.route_group[slice(*m.state[flat.state(state)]["groups"])]:
        if group["event"] == c.NO_EVENT:
            for i in range(*group["routes"]):
                _, to, why = flat.routes[i]
                found.append(Route(to, float(m.route[i]["share"]), why, i))
    return tuple(found)


class Rules:
    """The Python rules of one model.  A rule that fails ends the run: the second it failed in is half lived."""

    def __init__(self, model: CareSystem) -> None:
        self.model = model
        self.by_state: dict[str, Rule] = {}
        self.sources: dict[str, str] = {}
        """SHA-256 of each rule's source"""
        self.at_work = False
        model.simulation.decide = self.decide

    def add(self, state: str, rule: Rule, source: str) -> None:
        """Let a rule decide at a state; the file's routes say where one may go."""
        names, kinds = self.model.network.flat.state_names, self.model.m.state["kind"]
        decisions = [name for name, kind in zip(names, kinds, strict=True) if kind == c.DECISION]
        if state not in decisions:
            raise InputError(
                file="rules", key=state, value=state, expected="a decision state, " + one_of(decisions),
                suggestion=nearest(state, decisions),
            )  # fmt: skip
        self.by_state[state], self.sources[state] = rule, source
        self.model.m.replace(state=self.model.m.state.copy())  # several cells may read one table
        self.model.m.state["rule"][self.model.network.flat.state(state)] = 1

    @property
    def states(self) -> frozenset[str]:
        """Where rules decide."""
        return frozenset(self.by_state)

    def decide(self, simulation: Simulation, referrals: np.ndarray, second: int) -> None:
        """Ask the rules for everybody who waits for a decision, and send them on."""
        rows = simulation.m.referral[referrals]
        order = np.lexsort((rows["id1"], rows["id0"], rows["tie"], rows["state"]))
        for state in np.unique(rows["state"]):
            mine = order[rows["state"][order] == state]
            name = simulation.network.flat.state_names[state]
            batch = Arrivals(self.model, name, referrals[mine].astype(np.int64), second)
            for referral, route in zip(batch.referrals, self._asked(name, batch), strict=True):
                entry.send(simulation.m.address, referral, batch.routes[route].index, second)

    def _asked(self, state: str, batch: Arrivals) -> np.ndarray:
        self.at_work = True
        try:
            answer = self.by_state[state](batch, batch.routes, batch.draws)
        finally:
            self.at_work = False
        return _places(answer, batch)


def _places(answer: Any, batch: Arrivals) -> np.ndarray:
    """Return what a rule answered as places in `routes`: int64[arrival]."""
    if isinstance(answer, str) or not isinstance(answer, Sequence | np.ndarray):
        answer = [answer] * len(batch)
    answers: Sequence[Any] = answer.tolist() if isinstance(answer, np.ndarray) else list(answer)
    if len(answers) != len(batch):
        raise InputError(
            file="rules",
            key=batch.state,
            value=f"{len(answers)} answers",
            expected=f"one for each of {len(batch)}",
        )
    usual = batch.usual() if any(one is None for one in answers) else None
    out = np.empty(len(batch), np.int64)
    for i, one in enumerate(answers):
        out[i] = usual[i] if one is None and usual is not None else _place(one, batch)
    return out


def _place(one: Any, batch: Arrivals) -> int:
    names = [route.to for route in batch.routes]
    if isinstance(one, str):
        full = one if "/" in one else f"{batch.state.partition('/')[0]}/{one}"
        if full in names:
            return names.index(full)
    elif isinstance(one, int | np.integer) and 0 <= one < len(names):
        return int(one)
    raise InputError(
        file="rules", key=batch.state, value=one,
        expected=f"a place from 0 to {len(names) - 1}, or " + one_of(names), suggestion=nearest(one, names),
    )  # fmt: skip


def asking_each(state: str) -> Rule:
    """Return the rule that asks every resident's own `decide`; people from elsewhere do as the file says."""

    def each_decides(batch: Arrivals, routes: tuple[Route, ...], draws: Draws) -> list[Any]:
        answers: list[Any] = [None] * len(batch)
        for i in np.flatnonzero(batch.resident):
            patient: Patient = batch.model.patient(batch.people[i])
            answers[i] = patient.decide(state, routes, PersonDraws(draws, int(i)))
        return answers

    return each_decides


def source_of(function: Any) -> str:
    """Return the SHA-256 of what a rule or change does: its source, its defaults and what it closes over."""
    parts = [getattr(function, "__qualname__", type(function).__name__), _text_of(function)]
    parts.append(repr(getattr(function, "__defaults__", None)))
    for cell in getattr(function, "__closure__", None) or ():
        held = cell.cell_contents
        parts.append(source_of(held) if inspect.isfunction(held) else repr(held))
    without_addresses = re.sub(r" at 0x[0-9a-f]+", "", "\n".join(parts))
    return hashlib.sha256(without_addresses.encode()).hexdigest()


def _text_of(function: Any) -> str:
    code = getattr(function, "__code__", None)
    try:
        text = inspect.getsource(function)
    except (OSError, TypeError, SyntaxError, tokenize.TokenError):
        text = ""
    if text and (code is None or code.co_name.strip("<>") in text):
        return text
    # typed at a prompt, or its file has changed since: the compiled code stands for the source
    return repr((code.co_code, code.co_consts, code.co_names)) if code else repr(function)
