"""A patient, as somebody who looks sees them: a thin view of one row of the columns.

The columns are the truth.  A view costs nothing until it is made and may be thrown away; two views of the same
person are equal.  Writing to a view writes to the column, finds the person's risk group anew and rebooks their
next onsets: what has been used up of their luck stays used up.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import mesa
import numpy as np

from abm import rebooking
from kernels import columns as c
from kernels import lifetime as lt
from kernels.attributes import CONDITIONS, N_MENTAL, N_PHYSICAL, PAST_USE
from pathways.errors import InputError, nearest

if TYPE_CHECKING:
    from abm.model import CareSystem
    from abm.rules import PersonDraws, Route

Rows = np.ndarray | slice
BORN_OR_MOVED_IN = 1 << 60
"""Marks ids of people who were not there when the run started"""
PHYSICAL_BITS = (1 << N_PHYSICAL) - 1
MENTAL_BITS = ((1 << N_MENTAL) - 1) << N_PHYSICAL


class Column:
    """An attribute whose value lives in the model's columns, not on the agent.

    `low` and `high` bound what may be written; `table` is the column (default: the attribute's own name).
    """

    def __init__(self, low: int, high: int, table: str = "") -> None:
        self.low, self.high, self.table = low, high, table

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name
        self.table = self.table or name

    def __get__(self, agent: Patient | None, owner: type | None = None) -> Any:
        return self if agent is None else self.read(agent.model, np.array([agent.row]))[0].item()

    def __set__(self, agent: Patient, value: Any) -> None:
        self.set(agent.model, np.array([agent.row]), value)

    def read(self, model: CareSystem, rows: Rows) -> np.ndarray:
        """Return int64[patient] (bool[patient] of a condition)."""
        return getattr(model.m, self.table)[rows].astype(np.int64)

    def set(self, model: CareSystem, rows: np.ndarray, values: Any) -> None:
        """Write one value, or one a patient, and let it change what is going to happen to them."""
        values = np.asarray(values)
        whole = values.dtype.kind in "biu" or (values.dtype.kind == "f" and (values == np.floor(values)).all())
        if not whole or ((values < self.low) | (values > self.high)).any():
            wrong = values if not whole else values[(values < self.low) | (values > self.high)].ravel()[0]
            raise InputError(
                file="patients", key=self.name, value=wrong.tolist() if hasattr(wrong, "tolist") else wrong,
                expected=f"a whole number from {self.low} to {self.high}",
            )  # fmt: skip
        self.write(model, rows, values.astype(np.int64))
        rebooking.columns_changed(model.simulation, rows)

    def write(self, model: CareSystem, rows: np.ndarray, values: np.ndarray) -> None:
        """Put values into the column, nothing more."""
        getattr(model.m, self.table)[rows] = values


class Bit(Column):
    """A condition, or a service used in the past year: one bit of a column, read as true or false."""

    def __init__(self, table: str, bit: int) -> None:
        super().__init__(0, 1, table)
        self.bit = bit

    def read(self, model: CareSystem, rows: Rows) -> np.ndarray:
        """Return bool[patient]."""
        return (getattr(model.m, self.table)[rows] >> self.bit) & 1 != 0

    def write(self, model: CareSystem, rows: np.ndarray, values: np.ndarray) -> None:
        """Set or clear the bit."""
        column = getattr(model.m, self.table)
        others = column.dtype.type(np.iinfo(column.dtype).max ^ (1 << self.bit))
        column[rows] = (column[rows] & others) | (values << self.bit).astype(column.dtype)


class Derived(Column):
    """An attribute that follows from others and cannot be set."""

    def __init__(self, read: Callable[[CareSystem, Rows], np.ndarray]) -> None:
        super().__init__(0, 0)
        self.function = read

    def read(self, model: CareSystem, rows: Rows) -> np.ndarray:
        """Return what follows from the columns: [patient]."""
        return self.function(model, rows)

    def set(self, model: CareSystem, rows: np.ndarray, values: Any) -> None:
        """Refuse: nothing is stored."""
        raise AttributeError(f"{self.name!r} of a patient follows from other columns and cannot be set")


class Referral(NamedTuple):
    """One open referral of a patient, as it stands now."""

    state: str
    """`pathway/state`"""
    opened: datetime.datetime
    since: datetime.datetime
    """Entered the present state"""
    waiting: bool
    row: int


def _ids(model: CareSystem, rows: Rows) -> np.ndarray:
    m = model.m
    ids = (m.area_code[m.area[rows]].astype(np.int64) << 16) | m.ordinal[rows]
    if not model.lives:
        return ids
    at = np.arange(model.network.n_residents)[rows] - int(m.sizes[c.N_AT_START])
    since = (m.area_code[m.area[rows]].astype(np.int64) << 32) | m.later["id1"][np.maximum(at, 0)]
    return np.where(at < 0, ids, since | BORN_OR_MOVED_IN)


def _life(model: CareSystem, rows: Rows) -> np.ndarray:
    return model.m.life[rows].astype(np.int64) if model.lives else np.zeros_like(model.m.age[rows], np.int64)


def _where(model: CareSystem, rows: Rows) -> np.ndarray:
    return _life(model, rows) & int(lt.WHERE)


def _system_names(model: CareSystem, rows: Rows) -> np.ndarray:
    return np.array(model.setting.places.systems)[model.m.area_system[model.m.area[rows]]]


class Patient(mesa.Agent):
    """One resident, made when somebody looks.

    A subclass may name decision states in `decides` (`"pathway/state"`): its `decide` is then asked for every
    resident who gets there (`CareSystem(patient_class=...)`).
    """

    decides: ClassVar[tuple[str, ...]] = ()

    id = Derived(_ids)
    """Small area and ordinal in one number; never changes, never reused."""
    age = Column(0, 110)
    sex = Column(0, 1)
    """0 female, 1 male"""
    ethnicity = Column(0, 4)
    phq9 = Column(0, 27)
    gad7 = Column(0, 21)
    severity = Column(0, 3)
    past_use = Column(0, 31)
    (
        diabetes, copd, stroke, chd, heart_failure, asthma, cancer, dementia, frailty, depression, anxiety, psychosis,
        bipolar, personality_disorder, eating_disorder, perinatal, child_emotional, child_behavioural, adhd, autism,
        substance_misuse, self_harm, learning_disability,
    ) = (Bit("conditions", i) for i in range(len(CONDITIONS)))  # fmt: skip
    past_crisis, past_liaison, past_talking_therapies, past_inpatient, past_self_harm = (
        Bit("past_use", i) for i in range(len(PAST_USE))
    )
    deprivation = Derived(lambda model, rows: model.m.area_decile[model.m.area[rows]].astype(np.int64))
    """IMD decile, 1 = most deprived"""
    system = Derived(lambda model, rows: model.m.area_system[model.m.area[rows]].astype(np.int64))
    """Delivery system, by number"""
    system_name = Derived(_system_names)
    small_area = Derived(lambda model, rows: model.m.area_code[model.m.area[rows]].astype(np.int64))
    """Digits of the LSOA's code"""
    n_ltc = Derived(lambda m, rows: np.bitwise_count(m.m.conditions[rows] & PHYSICAL_BITS).astype(np.int64))
    n_mental = Derived(lambda m, rows: np.bitwise_count(m.m.conditions[rows] & MENTAL_BITS).astype(np.int64))
    n_open = Derived(lambda model, rows: model.m.n_open[rows].astype(np.int64))
    """Open referrals"""
    in_contact = Derived(lambda model, rows: model.m.contact[rows] >= 0)
    lives_here = Derived(lambda model, rows: _where(model, rows) == lt.HERE)
    """False: has died, moved away, or is still to be born or to move in"""
    has_died = Derived(lambda model, rows: _where(model, rows) == lt.DIED)
    treated = Derived(lambda model, rows: _life(model, rows) & (lt.TREATED | lt.PRIMARY_CARE) != 0)
    """By a service not long ago, or by a practice (known where lives go on)"""

    model: CareSystem
    row: int

    def __init__(self, model: CareSystem, row: int) -> None:
        # not Agent.__init__: that would register the view, and everybody is in the model's sets already
        object.__setattr__(self, "model", model)
        object.__setattr__(self, "row", int(row))

    @property
    def unique_id(self) -> int:
        """The patient's id."""
        return self.id

    @property
    def name(self) -> str:
        """Small area and ordinal in words: `E01012607/37`."""
        return f"E{self.small_area:08d}/{int(self.model.m.ordinal[self.row])}"

    @property
    def referrals(self) -> tuple[Referral, ...]:
        """Open referrals, the latest opened first."""
        model, found = self.model, []
        at = int(model.m.first_referral[self.row])
        while at >= 0:
            row = model.m.referral[at]
            found.append(
                Referral(
                    model.network.flat.state_names[row["state"]], model.when(row["opened"]), model.when(row["since"]),
                    bool(row["flags"] & (c.IS_WAITING | c.IS_ASIDE)), at,
                )
            )  # fmt: skip
            at = int(row["sibling"])
        return tuple(found)

    @property
    def next_onsets(self) -> dict[str, datetime.datetime | None]:
        """When the patient will next come through each door as things stand; None: not before the run ends."""
        return rebooking.next_onsets(self.model, self.row)

    def decide(self, state: str, routes: tuple[Route, ...], draws: PersonDraws) -> str | int | None:
        """Choose a route at a state of `decides`: a name, an index of `routes`, or None for what the file says."""
        return None

    def remove(self) -> None:
        """Refuse: residents are rows, and rows stay."""
        raise TypeError("a resident cannot be removed: the columns hold everybody")

    def __setattr__(self, name: str, value: Any) -> None:
        if not hasattr(type(self), name):
            raise AttributeError(
                f"a patient has no column {name!r}, and a view keeps nothing{_meant(type(self), name)}"
            )
        object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"a patient has no attribute {name!r}{_meant(type(self), name)}")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Patient) and self.id == other.id

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"


def column_of(patient_class: type[Patient], name: str) -> Column | None:
    """Return the column behind an attribute; None if it is computed in Python; unknown names are refused."""
    found = getattr(patient_class, name, None)
    if found is None:
        raise AttributeError(f"a patient has no attribute {name!r}{_meant(patient_class, name)}")
    return found if isinstance(found, Column) else None


def columns_of(patient_class: type[Patient]) -> list[str]:
    """Return the names of all columns."""
    return [name for name in dir(patient_class) if isinstance(getattr(patient_class, name), Column)]


def _meant(patient_class: type[Patient], name: str) -> str:
    word = nearest(name, columns_of(patient_class))
    return f"; did you mean {word!r}?" if word else ""
