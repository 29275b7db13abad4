"""Risk families: the attributes that decide how often people ask, in groups small enough for two bytes a person.

All levels of a family's attributes together are a mixed-radix number; a person's *risk group* is its place after the
groups that occur have been put first.  Doors are dealt to families by the named set of factors they use: doors of one
set have one family, and the sets go in order of their own number of combinations, most first (then by name), each to
the family whose combinations grow least by it, or to a new one where none has room.  The rates do not depend on it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from abm.conditions import CONDITIONS
from kernels import synthesis
from pathways.errors import InputError

COLUMNS = ("age", "sex", "ethnicity", "phq9", "gad7", "severity", "past_use")
ATTRIBUTES = (*COLUMNS, "deprivation", "n_ltc", "n_mental", *CONDITIONS)  # the order the kernel counts on
N_COLUMNS = len(COLUMNS) + 1
MOST_GROUPS = 65_535  # a group is uint16

Levels = dict[str, list[tuple[float, float]]]
"""{attribute: [(at least, relative rate), …]} of one named set of factors"""


@dataclass(frozen=True)
class Factors:
    """The attributes that matter, with their levels.  Entry f of every array is one attribute.

    A person's group: `compact[sum over f of stride[f] * number of cuts[f] that are <= the attribute]`.
    """

    attributes: tuple[str, ...]
    cuts: np.ndarray  # float64[factor, cut] ascending, padded with inf
    stride: np.ndarray  # int64[factor]
    n_levels: np.ndarray  # int64[factor]
    compact: np.ndarray  # uint16[mixed radix] -> group

    def mixed_radix(self, columns: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return the mixed-radix number of each person, int32[person].

        `columns` needs `conditions` and the columns of `attributes`, and `deprivation` (decile) where it
        matters.
        """
        conditions = np.ascontiguousarray(columns["conditions"], np.uint32)
        kinds = np.array([ATTRIBUTES.index(name) for name in self.attributes])
        values = np.arange(256)  # every attribute is a small whole number: its level is looked up
        level = [
            np.searchsorted(cuts, values, side="right") * stride
            for cuts, stride in zip(self.cuts, self.stride, strict=True)
        ]
        bytes_of = tuple(
            _to_be_read(np.ascontiguousarray(columns[name] if name in self.attributes else (), np.uint8))
            for name in ATTRIBUTES[:N_COLUMNS]
        )
        number = np.empty(conditions.size, np.int32)
        table = np.array(level, np.int32).reshape(-1, 256)
        synthesis.levels(kinds, table, bytes_of, _to_be_read(conditions), number)
        return number

    def group_of(self, columns: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return the risk group of each person, uint16[person] (see `mixed_radix`)."""
        risk = np.empty((columns["conditions"].size, 1), np.uint16)
        self.fill_groups(columns, risk, 0)
        return risk[:, 0]

    def fill_groups(self, columns: Mapping[str, np.ndarray], risk: np.ndarray, family: int) -> None:
        """Write the risk group of each person to column `family` of `risk`, uint16[person, family]."""
        synthesis.risk_groups(self.mixed_radix(columns), self.compact, risk, family)


def _to_be_read(column: np.ndarray) -> np.ndarray:
    """Return a view that cannot be written: kernels are compiled once, for columns that may be shared."""
    view = column.view()
    view.setflags(write=False)
    return view


@dataclass(frozen=True, eq=False)
class Family:
    """Doors that share risk groups.

    `rates` float64[group, door of the family] referrals a year where the profile is 1; groups that occur among the
    people it was found from come first, commonest first.
    """

    doors: tuple[int, ...]
    """Places among all doors, ascending."""
    factors: Factors
    rates: np.ndarray
    n_occurring: int


def dealt(named: Mapping[str, Levels]) -> list[list[str]]:
    """Return the sets of factors of every family, families and sets in the order of `named`.

    Raises
    ------
    InputError
        If one set alone has more combinations than a 16-bit group can name.
    """
    found: list[list[str]] = []
    for name in sorted(named, key=lambda name: (-combinations({name: named[name]}), name)):
        growth = []
        for at, sets in enumerate(found):
            together = combinations({one: named[one] for one in (*sets, name)})
            if together <= MOST_GROUPS:
                growth.append((together / combinations({one: named[one] for one in sets}), at))
        if growth:
            found[min(growth)[1]].append(name)
        else:
            lay_out({name: named[name]})  # refused here if it is too large even alone
            found.append([name])
    order = list(named)
    return sorted((sorted(sets, key=order.index) for sets in found), key=lambda sets: order.index(sets[0]))


def combinations(named: Mapping[str, Levels]) -> int:
    """Return how many combinations of levels some sets of factors make together."""
    n = 1
    for name in ATTRIBUTES:
        n *= 1 + len({at for by in named.values() for at, _ in by.get(name, [])[1:]})
    return n


def lay_out(named: Mapping[str, Levels]) -> Factors:
    """Return the attributes with the union of all doors' cut points (`compact` still the identity).

    Raises
    ------
    InputError
        If there are more combinations than a 16-bit group can name.
    """
    attributes = tuple(name for name in ATTRIBUTES if any(name in by for by in named.values()))
    cuts_of = []
    for name in attributes:
        # the lowest level of each table is everybody else: its threshold is no cut
        cuts_of.append(sorted({at for by in named.values() for at, _ in by.get(name, [])[1:]}))
    n_levels = np.array([len(cuts) + 1 for cuts in cuts_of], np.int64)
    n = int(n_levels.prod())
    if n > MOST_GROUPS:
        raise InputError(
            file="demand_factors.csv", key="at_least", value=f"{n:,} combinations of levels",
            expected=f"at most {MOST_GROUPS:,}: use fewer factors or fewer, shared cut points",
        )  # fmt: skip
    cuts = np.full((len(attributes), max(1, max((len(c) for c in cuts_of), default=1))), np.inf)
    for i, row in enumerate(cuts_of):
        cuts[i, : len(row)] = row
    stride = np.concatenate([[1], np.cumprod(n_levels)[:-1]]).astype(np.int64)
    return Factors(attributes, cuts, stride, n_levels, np.arange(n, dtype=np.uint16))


def relative_rates(factors: Factors, by: Levels) -> np.ndarray:
    """Return the relative rate of every mixed-radix number under one set of factors, float64[mixed radix]."""
    total = np.ones(factors.compact.size)
    number = np.arange(factors.compact.size)
    for name, cuts, stride, n in zip(factors.attributes, factors.cuts, factors.stride, factors.n_levels, strict=True):
        if name not in by:
            continue
        starts = np.array([at for at, _ in by[name]])
        rates = np.array([rate for _, rate in by[name]])
        lowest = np.concatenate([[starts[0]], cuts[: n - 1]])  # where each level begins
        of_level = rates[np.maximum(np.searchsorted(starts, lowest, side="right") - 1, 0)]
        total *= of_level[(number // stride) % n]
    return total
