"""A member of staff, as somebody who looks sees them: a thin view of one row of the columns; and sets of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import mesa
import numpy as np
from mesa.agentset import AbstractAgentSet, GroupBy

from abm.staff_columns import ROUTES, STATUS
from pathways.errors import nearest

if TYPE_CHECKING:
    from abm.staff import Workforce

ATTRIBUTES: dict[str, Callable[[Workforce, np.ndarray], np.ndarray]] = {
    "role": lambda model, rows: _names(model, "name", model.columns.role[rows]),
    "band": lambda model, rows: _names(model, "band", model.columns.role[rows]),
    "group": lambda model, rows: _names(model, "group", model.columns.role[rows]),
    "age": lambda model, rows: model.columns.age_months[rows] // 12,
    "length_of_service": lambda model, rows: model.columns.service_months[rows] / 12.0,
    "team": lambda model, rows: _of_unit(model, rows, "team"),
    "place": lambda model, rows: _of_unit(model, rows, "place"),
    "system": lambda model, rows: _of_unit(model, rows, "system"),
    "employer": lambda model, rows: _of_unit(model, rows, "employer"),
    "status": lambda model, rows: np.array(STATUS)[model.columns.status[rows]],
    "came_by": lambda model, rows: np.array(ROUTES)[model.columns.route[rows]],
    "came_in_month": lambda model, rows: model.columns.came[rows].astype(np.int64),
}
"""What can be asked of a member of staff, computed for whole arrays of rows."""


def _names(model: Workforce, attribute: str, role: np.ndarray) -> np.ndarray:
    return np.array([getattr(one, attribute) for one in model.rates.roles])[role]


def _of_unit(model: Workforce, rows: np.ndarray, attribute: str) -> np.ndarray:
    names = np.array([getattr(unit, attribute) for unit in model.establishment.units] + [""])
    post = model.columns.post[rows]
    return names[np.where(post >= 0, model.posts.unit[post], -1)]


class StaffMember(mesa.Agent):
    """One member of staff."""

    model: Workforce

    def __init__(self, model: Workforce, row: int) -> None:
        # not Agent.__init__: that would register the view, and everybody is in the model's columns already
        object.__setattr__(self, "model", model)
        object.__setattr__(self, "row", int(row))

    @property
    def unique_id(self) -> int:
        """The id: both words."""
        return int(self.model.columns.id0[self.row]) << 32 | int(self.model.columns.id1[self.row])

    def remove(self) -> None:
        """Refuse: people are rows, and rows stay."""
        raise TypeError("a member of staff cannot be removed: the columns hold everybody")

    def __getattr__(self, name: str) -> Any:
        if name not in ATTRIBUTES:
            word = nearest(name, ATTRIBUTES)
            raise AttributeError(
                f"a member of staff has no attribute {name!r}" + (f"; did you mean {word!r}?" if word else "")
            )
        return ATTRIBUTES[name](self.model, np.array([self.row]))[0].item()

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError("a member of staff is a view: what happens to them is the model's doing")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StaffMember) and (self.model, self.row) == (other.model, other.row)

    def __hash__(self) -> int:
        return hash(self.row)

    def __repr__(self) -> str:
        return f"<StaffMember {self.role}, {self.age}, {self.team or self.status}>"


class StaffSet(AbstractAgentSet):
    """Some of a workforce: `rows` int64[person] of the columns; None: everybody in post."""

    def __init__(self, model: Workforce, rows: np.ndarray | None = None) -> None:
        self.model = model
        self._rows = rows

    @property
    def rows(self) -> np.ndarray:
        """int64[person] positions in the columns."""
        return self.model.columns.in_post() if self._rows is None else self._rows

    @property
    def random(self) -> Any:
        """The model's own generator."""
        return self.model.random

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[StaffMember]:
        return (StaffMember(self.model, row) for row in self.rows)

    def __contains__(self, agent: object) -> bool:
        return isinstance(agent, StaffMember) and agent.model is self.model and agent.row in self.rows

    def __getitem__(self, position: int) -> StaffMember:
        return StaffMember(self.model, self.rows[position])

    def get(self, attr_names: str | list[str], handle_missing: str = "error", default_value: Any = None) -> np.ndarray:
        """Return the values of an attribute, [person], or of several, [person, attribute]."""
        if not isinstance(attr_names, str):
            return np.column_stack([self.get(name, handle_missing, default_value) for name in attr_names])
        if attr_names not in ATTRIBUTES:
            if handle_missing == "default":
                return np.full(len(self), default_value)
            raise AttributeError(f"a member of staff has no attribute {attr_names!r}")
        return ATTRIBUTES[attr_names](self.model, self.rows)

    def select(
        self, filter_func: Callable[[StaffMember], bool] | None = None, at_most: int | float = float("inf"),
        inplace: bool = False, agent_type: type | None = None, **equal: Any,
    ) -> StaffSet:  # fmt: skip
        """Return those for whom everything given holds: attributes equal (`role="pwp"`), and a function of each."""
        holds = np.ones(len(self), bool)
        for name, value in equal.items():
            holds &= self.get(name) == value
        rows = self.rows[holds]
        if filter_func is not None:
            rows = rows[[bool(filter_func(StaffMember(self.model, row))) for row in rows]]
        if isinstance(at_most, float) and at_most <= 1.0:
            at_most = int(len(self) * at_most)
        return self._with(rows[: int(at_most)] if at_most < len(rows) else rows, inplace)

    def _with(self, rows: np.ndarray, inplace: bool) -> StaffSet:
        if not inplace:
            return StaffSet(self.model, rows)
        self._rows = rows
        return self

    def groupby(self, by: str, result_type: str = "agentset") -> GroupBy:
        """Group by an attribute."""
        values = self.get(by)
        sets = {name.item(): StaffSet(self.model, self.rows[values == name]) for name in np.unique(values)}
        return GroupBy(sets if result_type == "agentset" else {k: list(v) for k, v in sets.items()})

    def sort(self, key: str, ascending: bool = False, inplace: bool = False) -> StaffSet:
        """Sort by an attribute, the highest first unless `ascending`."""
        order = np.argsort(self.get(key), kind="stable")
        return self._with(self.rows[order if ascending else order[::-1]], inplace)

    def shuffle(self, inplace: bool = False) -> StaffSet:
        """Put the people in an order drawn from `model.rng`."""
        return self._with(self.model.rng.permutation(self.rows), inplace)

    def map(self, method: str | Callable, *args: Any, **kwargs: Any) -> list[Any]:
        """Call a method, or a function, with each member of staff and return what it returns."""
        if isinstance(method, str):
            return [getattr(one, method)(*args, **kwargs) for one in self]
        return [method(one, *args, **kwargs) for one in self]

    def do(self, method: str | Callable, *args: Any, **kwargs: Any) -> StaffSet:
        """Call a method, or a function, with each member of staff."""
        self.map(method, *args, **kwargs)
        return self

    def shuffle_do(self, method: str | Callable, *args: Any, **kwargs: Any) -> StaffSet:
        """Call a method, or a function, with each member of staff in an order drawn from `model.rng`."""
        self.shuffle().do(method, *args, **kwargs)
        return self

    def add(self, agent: StaffMember) -> None:
        """Add somebody at the end of a selection."""
        if agent not in self:
            self._rows = np.append(self.rows, agent.row)

    def discard(self, agent: StaffMember) -> None:
        """Take somebody out of a selection."""
        if self._rows is None:
            raise TypeError("nobody leaves `model.staff` by hand: take from a selection instead")
        self._rows = self._rows[self._rows != agent.row]

    def remove(self, agent: StaffMember) -> None:
        """Take somebody out of a selection, who must be in it."""
        if agent not in self:
            raise KeyError(agent)
        self.discard(agent)

    def _update(self, agents: Iterable[StaffMember]) -> StaffSet:
        return self._with(np.fromiter((agent.row for agent in agents), np.int64), inplace=True)

    def __repr__(self) -> str:
        return f"<StaffSet of {len(self):,}>"
