"""Sets of patients: Mesa's agent set over columns.  What can be said of a column is done on the whole array."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from mesa.agentset import AbstractAgentSet, GroupBy

from abm.patients import Patient, column_of, columns_of
from kernels.lifetime import HERE, WHERE
from pathways import guards

if TYPE_CHECKING:
    from abm.model import CareSystem

MANY = 1_000_000
"""Python is not called for more patients than this at once, unless told `however_many=True`."""


class TooManyPatients(ValueError):
    """A Python function was about to be called for more than a million patients."""

    def __init__(self, n: int, what: str, instead: str) -> None:
        super().__init__(
            f"{what} would call Python for {n:,} patients, one by one (at most {MANY:,}): use {instead}, "
            "or pass however_many=True"
        )


class PatientSet(AbstractAgentSet):
    """Some of a model's residents, in order: `rows` int64[patient] of the columns, None for everybody."""

    def __init__(self, model: CareSystem, rows: np.ndarray | None = None) -> None:
        self.model = model
        self._rows = None if rows is None else np.asarray(rows, dtype=np.int64)

    @property
    def rows(self) -> np.ndarray:
        """int64[patient] positions in the columns."""
        if self._rows is not None:
            return self._rows
        return self._living() if self.model.lives else np.arange(len(self))

    def _living(self) -> np.ndarray:
        """Return the rows of those who are here, of a model in which people are born, move and die."""
        return np.flatnonzero((self.model.m.life[: self.model.network.n_residents] & WHERE) == HERE)

    @property
    def random(self) -> Any:
        """The model's own generator (it refuses inside rules)."""
        return self.model.random

    # --- a set ----------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        if self._rows is not None:
            return len(self._rows)
        return len(self._living()) if self.model.lives else self.model.network.n_residents

    def __iter__(self) -> Iterator[Patient]:
        return self.each()

    def __contains__(self, agent: object) -> bool:
        if not isinstance(agent, Patient) or agent.model is not self.model:
            return False
        if self._rows is None:
            return bool(agent.lives_here) if self.model.lives else agent.row < len(self)
        return bool((self._rows == agent.row).any())

    def __getitem__(self, position: int) -> Patient:
        return self.model.patient(self.rows[position])

    def __repr__(self) -> str:
        return f"<PatientSet of {len(self):,}>"

    def __copy__(self) -> PatientSet:
        return PatientSet(self.model, self._rows)

    def each(self, *, however_many: bool = False) -> Iterator[Patient]:
        """Yield a view of each patient, one by one."""
        self.refuse_many("going through them", "get, set, agg or select(where=...)", however_many)
        return map(self.model.patient, self.rows)

    def to_list(self) -> list[Patient]:
        """Return a view of each patient."""
        return list(self)

    def add(self, agent: Patient) -> None:
        """Add a patient at the end."""
        if agent not in self:
            self._rows = np.append(self.rows, agent.row)

    def discard(self, agent: Patient) -> None:
        """Take a patient out of this selection."""
        if self._rows is None:
            raise TypeError("residents cannot leave `model.patients`: take from a selection instead")
        self._rows = self._rows[self._rows != agent.row]

    def remove(self, agent: Patient) -> None:
        """Take a patient out of this selection, who must be in it."""
        if agent not in self:
            raise KeyError(agent)
        self.discard(agent)

    def _update(self, agents: Iterable[Patient]) -> PatientSet:
        return self._with(np.fromiter((agent.row for agent in agents), np.int64), inplace=True)

    def _with(self, rows: np.ndarray, inplace: bool) -> PatientSet:
        if not inplace:
            return PatientSet(self.model, rows)
        if self is self.model.patients:
            raise TypeError("`model.patients` is everybody: work on a selection or a copy")
        self._rows = rows
        return self

    def refuse_many(self, what: str, instead: str, however_many: bool) -> None:
        """Raise if Python is about to be called for more than a million patients without leave."""
        if len(self) > MANY and not (however_many or self.model.however_many):
            raise TooManyPatients(len(self), what, instead)

    # --- on whole columns -----------------------------------------------------------------------------------

    def get(self, attr_names: str | list[str], handle_missing: str = "error", default_value: Any = None) -> np.ndarray:
        """Return the values of an attribute, [patient], or of several, [patient, attribute].

        Counts are int64 and conditions bool, whatever the column's own type: sums do not overflow.
        """
        if handle_missing not in ("error", "default"):
            raise ValueError(f"handle_missing is {handle_missing!r}; expected 'error' or 'default'")
        if not isinstance(attr_names, str):
            return np.column_stack([self.get(name, handle_missing, default_value) for name in attr_names])
        try:
            column = column_of(self.model.patient_class, attr_names)
        except AttributeError:
            if handle_missing == "error":
                raise
            return np.full(len(self), default_value)
        if column is None:
            self.refuse_many(f"get({attr_names!r})", "a column", False)
            return np.array([getattr(patient, attr_names) for patient in self])
        everybody = self._rows is None and not self.model.lives
        return column.read(self.model, slice(0, len(self)) if everybody else self.rows)

    def set(self, attr_name: str, value: Any) -> PatientSet:
        """Set a column to one value, or one a patient; risk groups and onsets follow."""
        column = column_of(self.model.patient_class, attr_name)
        if column is None:
            return self.do(setattr, attr_name, value)
        column.set(self.model, self.rows, value)
        return self

    def select(
        self,
        filter_func: Callable[[Patient], bool] | str | None = None,
        at_most: int | float = float("inf"),
        inplace: bool = False,
        agent_type: type | None = None,
        *,
        where: str | Callable[[Columns], np.ndarray] | None = None,
        however_many: bool = False,
        **equal: Any,
    ) -> PatientSet:
        """Return those for whom everything given holds.

        Parameters
        ----------
        filter_func : called with each patient, in Python; or a condition, as `where`
        where : on whole columns: a condition as in pathway files (`"age >= 65 and psychosis"`), or a function
            of the columns (`lambda people: people.phq9 > 14`) that returns bool[patient]
        equal : columns and the value they have: `psychosis=True, system=2`
        at_most : the first so many; a float up to 1 is a share of this set
        """
        holds = np.ones(len(self), dtype=bool)
        if isinstance(filter_func, str):
            where, filter_func = filter_func if where is None else f"({where}) and ({filter_func})", None
        if where is not None:
            holds &= self._holds(where)
        for name, value in equal.items():
            holds &= self.get(name) == value
        if agent_type is not None and not issubclass(self.model.patient_class, agent_type):
            holds[:] = False
        rows = self.rows[holds]
        if filter_func is not None:
            left = PatientSet(self.model, rows)
            left.refuse_many("select(function)", 'select(where="...")', however_many)
            rows = rows[[bool(filter_func(patient)) for patient in left.each(however_many=True)]]
        if isinstance(at_most, float) and at_most <= 1.0:
            at_most = int(len(self) * at_most)
        return self._with(rows[: int(at_most)] if at_most < len(rows) else rows, inplace)

    def _holds(self, where: str | Callable[[Columns], np.ndarray]) -> np.ndarray:
        if callable(where):
            return np.asarray(where(Columns(self)), dtype=bool)
        words = columns_of(self.model.patient_class)
        return _on_columns(guards.parse(where, words, file="patients", key="where"), self.get, len(self))

    def sort(
        self, key: str | Callable[[Patient], Any], ascending: bool = False, inplace: bool = False, *,
        however_many: bool = False,
    ) -> PatientSet:  # fmt: skip
        """Sort by an attribute or a function of each patient, the highest first unless `ascending`."""
        values = self.get(key) if isinstance(key, str) else np.array(self.map(key, however_many=however_many))
        if ascending:
            order = np.argsort(values, kind="stable")
        else:  # as `sorted(..., reverse=True)`: equals stay in their order
            order = (len(values) - 1 - np.argsort(values[::-1], kind="stable"))[::-1]
        return self._with(self.rows[order], inplace)

    def shuffle(self, inplace: bool = False) -> PatientSet:
        """Put the patients in an order drawn from `model.rng`."""
        return self._with(self.model.rng.permutation(self.rows), inplace)

    def groupby(
        self, by: str | Callable[[Patient], Any], result_type: str = "agentset", *, however_many: bool = False
    ) -> PatientGroups:
        """Group by an attribute or a function of each patient."""
        values = self.get(by) if isinstance(by, str) else np.array(self.map(by, however_many=however_many))
        names, group = np.unique(values, return_inverse=True)
        order = np.argsort(group, kind="stable")
        parts = np.split(self.rows[order], np.cumsum(np.bincount(group, minlength=len(names)))[:-1])
        sets = {name.item(): PatientSet(self.model, rows) for name, rows in zip(names, parts, strict=True)}
        return PatientGroups(sets if result_type == "agentset" else {k: v.to_list() for k, v in sets.items()})

    # --- one by one -----------------------------------------------------------------------------------------

    def do(self, method: str | Callable, *args: Any, however_many: bool = False, **kwargs: Any) -> PatientSet:
        """Call a method, or a function, with each patient."""
        self.map(method, *args, however_many=however_many, **kwargs)
        return self

    def shuffle_do(self, method: str | Callable, *args: Any, however_many: bool = False, **kwargs: Any) -> PatientSet:
        """Call a method, or a function, with each patient in an order drawn from `model.rng`."""
        self.shuffle().do(method, *args, however_many=however_many, **kwargs)
        return self

    def map(self, method: str | Callable, *args: Any, however_many: bool = False, **kwargs: Any) -> list[Any]:
        """Call a method, or a function, with each patient and return what it returns."""
        self.refuse_many("do, map and functions of a patient", "set(column, values) or get(column)", however_many)
        each = self.each(however_many=True)
        if isinstance(method, str):
            return [getattr(patient, method)(*args, **kwargs) for patient in each]
        return [method(patient, *args, **kwargs) for patient in each]


_OPERATIONS = {
    "LT": np.less, "LE": np.less_equal, "GT": np.greater, "GE": np.greater_equal, "EQ": np.equal, "NE": np.not_equal,
    "AND": np.logical_and, "OR": np.logical_or,
}  # fmt: skip


def _on_columns(condition: guards.Expr, get: Callable[[str], np.ndarray], n: int) -> np.ndarray:
    """Evaluate a condition for `n` patients at once: bool[patient]."""
    stack: list[np.ndarray | float] = []
    for op, operand in condition.postfix():
        if op == "LOAD":
            stack.append(get(str(operand)))
        elif op == "CONST":
            stack.append(float(operand or 0.0))
        elif op == "NOT":
            stack.append(np.logical_not(stack.pop()))
        else:
            right, left = stack.pop(), stack.pop()
            stack.append(_OPERATIONS[op](left, right))
    return np.broadcast_to(np.asarray(stack[0]) != 0, (n,))


class Columns:
    """The columns of a set as attributes, for conditions on whole arrays."""

    def __init__(self, patients: PatientSet) -> None:
        self._patients = patients

    def __getattr__(self, name: str) -> np.ndarray:
        return self._patients.get(name)


class PatientGroups(GroupBy):
    """Groups of patients; `agg` works on whole columns."""

    def agg(self, attr_name: str, func: Callable) -> dict[Any, Any]:
        """Return the function of each group's values."""
        return {name: func(group.get(attr_name)) for name, group in self.groups.items()}
