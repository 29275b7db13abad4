"""Everybody in a model: teams, which are objects, and residents, who are rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any

import mesa
from mesa.agentset import AbstractAgentSet, AgentSet, _HardKeyAgentSet

from abm.patient_sets import PatientSet

if TYPE_CHECKING:
    from abm.model import CareSystem


class Everyone(AbstractAgentSet):
    """Mesa's `model.agents`: ordinary agents first, then the patients; Python sees at most a million at once."""

    def __init__(self, model: CareSystem, patients: PatientSet) -> None:
        self.model, self.patients = model, patients
        self._others: dict[mesa.Agent, None] = {}

    @property
    def random(self) -> Any:
        """The model's own generator (it refuses inside rules)."""
        return self.model.random

    @property
    def others(self) -> AgentSet:
        """Everybody but the patients, as an ordinary agent set."""
        return AgentSet(self._others, random=self.model.random)

    def __len__(self) -> int:
        return len(self._others) + len(self.patients)

    def __iter__(self) -> Iterator[mesa.Agent]:
        self.patients.refuse_many(
            "going through all agents", "agenttype_reporters={Team: ...} or model.patients.get(...)", False
        )
        return chain(list(self._others), self.patients)

    def __contains__(self, agent: object) -> bool:
        return agent in self._others or agent in self.patients

    def _update(self, agents: Iterable[mesa.Agent]) -> Everyone:
        raise TypeError("`model.agents` is everybody: work on a selection")

    def add(self, agent: mesa.Agent) -> None:
        """Register an ordinary agent."""
        self._others[agent] = None

    def discard(self, agent: mesa.Agent) -> None:
        """Take an ordinary agent out, if it is there."""
        self._others.pop(agent, None)

    def remove(self, agent: mesa.Agent) -> None:
        """Take an ordinary agent out."""
        del self._others[agent]

    def select(
        self,
        filter_func: Callable[[Any], bool] | None = None,
        at_most: int | float = float("inf"),
        inplace: bool = False,
        agent_type: type | None = None,
    ) -> AbstractAgentSet:
        """Return patients, or the others of a type; both at once, only where Python may go through everybody."""
        if inplace:
            raise TypeError("`model.agents` is everybody: work on a selection")
        if agent_type is not None and issubclass(self.model.patient_class, agent_type) and agent_type is not mesa.Agent:
            return self.patients.select(filter_func, at_most)
        if agent_type is not None and agent_type is not mesa.Agent:
            return self.others.select(filter_func, at_most, agent_type=agent_type)
        chosen = [agent for agent in self if filter_func is None or filter_func(agent)]
        if isinstance(at_most, float) and at_most <= 1.0:
            at_most = int(len(self) * at_most)
        return _HardKeyAgentSet(chosen[: int(at_most)] if at_most < len(chosen) else chosen, random=self.random)

    def get(self, attr_names: str | list[str], handle_missing: str = "error", default_value: Any = None) -> list[Any]:
        """Return an attribute, or several, of everybody."""
        theirs = self.patients.get(attr_names, handle_missing, default_value)
        return [*self.others.get(attr_names, handle_missing, default_value), *theirs.tolist()]

    def to_list(self) -> list[mesa.Agent]:
        """Return everybody."""
        return list(self)

    def do(self, method: str | Callable, *args: Any, **kwargs: Any) -> Everyone:
        """Call a method, or a function, with everybody."""
        self.map(method, *args, **kwargs)
        return self

    def shuffle_do(self, method: str | Callable, *args: Any, **kwargs: Any) -> Everyone:
        """Call a method, or a function, with everybody in an order drawn from `model.random`."""
        self.shuffle().do(method, *args, **kwargs)
        return self

    def map(self, method: str | Callable, *args: Any, **kwargs: Any) -> list[Any]:
        """Call a method, or a function, with everybody and return what it returns."""
        if isinstance(method, str):
            return [getattr(agent, method)(*args, **kwargs) for agent in self]
        return [method(agent, *args, **kwargs) for agent in self]

    def shuffle(self, inplace: bool = False) -> AbstractAgentSet:
        """Return everybody in an order drawn from `model.random`."""
        agents = list(self)
        self.random.shuffle(agents)
        return _HardKeyAgentSet(agents, self.random)

    def sort(self, key: Callable[[Any], Any] | str, ascending: bool = False, inplace: bool = False) -> AbstractAgentSet:
        """Return everybody, sorted."""
        values = {agent: getattr(agent, key) if isinstance(key, str) else key(agent) for agent in self}
        return _HardKeyAgentSet(sorted(values, key=values.__getitem__, reverse=not ascending), self.random)
