"""Quarters of financial years, and the start that a lead time asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pathways.errors import InputError

FIRST_YEAR = 2016
MONTHS_A_QUARTER, QUARTERS_A_YEAR, MONTHS_A_YEAR = 3, 4, 12


@dataclass(frozen=True, order=True)
class Quarter:
    """A quarter; 0 is April to June 2016, the one before it −1."""

    index: int

    def __str__(self) -> str:
        """Return it as people write it, such as 2016/17 Q1."""
        year = FIRST_YEAR + self.index // QUARTERS_A_YEAR
        return f"{year}/{(year + 1) % 100:02d} Q{self.index % QUARTERS_A_YEAR + 1}"

    @property
    def year(self) -> str:
        """Return its financial year."""
        return str(self).partition(" ")[0]


def quarter(text: str, option: str = "quarter") -> Quarter:
    """Read a quarter such as `2017/18 Q2`; refused with the option's name.

    Raises
    ------
    InputError
        If it is none.
    """
    match = re.fullmatch(r"(\d{4})/(\d{2}) ?Q([1-4])", text)
    if not match or (int(match[1]) + 1) % 100 != int(match[2]):
        raise InputError(key=option, value=text, expected="a quarter of a financial year such as 2017/18 Q2")
    return Quarter((int(match[1]) - FIRST_YEAR) * QUARTERS_A_YEAR + int(match[3]) - 1)


def of_month(month: int) -> Quarter:
    """Return the quarter of a month; month 0 is April 2016."""
    return Quarter(month // MONTHS_A_QUARTER)


def through(first: Quarter, last: Quarter) -> Iterator[Quarter]:
    """Yield the quarters from `first` to `last`, both included."""
    for index in range(first.index, last.index + 1):
        yield Quarter(index)
