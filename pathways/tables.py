"""Reads the tables of a file value by value; what does not fit is refused with its full key."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pathways import durations, laws
from pathways.errors import InputError, nearest, one_of

COMMON = ("title", "source", "confidence", "note")
"""Keys every table may have: they say where its numbers come from."""

URGENCIES = {"emergency": 0, "urgent": 1, "soon": 2, "routine": 3}
NUMERIC_COLUMNS = ("phq9", "gad7", "severity")
"""Columns of a person that waiting and treatment move."""


class Table:
    """One table of a file.  Unknown keys are refused when it is opened."""

    def __init__(self, content: object, key: str, allowed: Iterable[str], file: object = None) -> None:
        if not isinstance(content, Mapping):
            raise InputError(file=file, key=key, value=content, expected=f"a table [{key}]")
        self.content: Mapping[str, Any] = content
        self.key, self.file = key, file
        known = (*allowed, *COMMON)
        for name, value in content.items():
            if name not in known:
                raise InputError(
                    file=file,
                    key=self.at(name),
                    value=value,
                    expected=f"one of the keys {', '.join(sorted(set(known)))}",
                    suggestion=nearest(name, known),
                )

    def at(self, name: str) -> str:
        """Return the full key of an entry."""
        return f"{self.key}.{name}" if self.key else name

    def refusal(self, name: str, expected: str, suggestion: str | None = None) -> InputError:
        """Return the error for an entry that does not fit."""
        return InputError(
            file=self.file,
            key=self.at(name),
            value=self.content.get(name),
            expected=expected,
            suggestion=suggestion,
        )

    def __contains__(self, name: str) -> bool:
        return name in self.content

    def raw(self, name: str) -> Any:
        """Return the value as it stands, or None."""
        return self.content.get(name)

    def needed(self, name: str, why: str) -> None:
        """Refuse the table if it lacks an entry."""
        if name not in self.content:
            raise InputError(file=self.file, key=self.at(name), expected=why)

    def number(
        self,
        name: str,
        default: Any = None,
        *,
        low: float = 0.0,
        high: float = float("inf"),
        whole: bool = False,
    ) -> Any:
        """Return a number between low and high (an int if `whole`)."""
        if name not in self.content:
            return default
        value = self.content[name]
        what = "a whole number" if whole else "a number"
        expected = f"{what} of {low:g} or more" if high == float("inf") else f"{what} from {low:g} to {high:g}"
        right = isinstance(value, int) if whole else isinstance(value, int | float)
        if isinstance(value, bool) or not right or not low <= value <= high or value == float("inf"):
            raise self.refusal(name, expected)
        return value if whole else float(value)

    def share(self, name: str, default: Any = None) -> Any:
        """Return a share, 0 to 1."""
        return self.number(name, default, high=1.0)

    def truth(self, name: str, default: bool = False) -> bool:
        """Return true or false."""
        value = self.content.get(name, default)
        if not isinstance(value, bool):
            raise self.refusal(name, "true or false")
        return value

    def text(self, name: str, default: Any = None) -> Any:
        """Return a text that is not empty."""
        if name not in self.content:
            return default
        value = self.content[name]
        if not isinstance(value, str) or not value.strip():
            raise self.refusal(name, "a text")
        return value

    def choice(self, name: str, words: Iterable[str], default: Any = None) -> Any:
        """Return one of the words."""
        value = self.text(name, default)
        listed = list(words)
        if value is not default and value not in listed:
            raise self.refusal(name, one_of(listed), nearest(value, listed))
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of names; one name alone is a list of one."""
        value = self.content.get(name, ())
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list | tuple) or not all(isinstance(item, str) and item for item in listed):
            raise self.refusal(name, "a list of names")
        return tuple(listed)

    def duration(self, name: str, default: Any = None, *, zero: bool = False) -> Any:
        """Return whole seconds."""
        if name not in self.content:
            return default
        return durations.whole_seconds(self.content[name], file=self.file, key=self.at(name), zero=zero)

    def law(self, name: str) -> laws.Law | None:
        """Return the law of a duration, or None."""
        if name not in self.content:
            return None
        return laws.law(self.content[name], file=self.file, key=self.at(name))

    def date(self, name: str) -> datetime.date | None:
        """Return a date, written as a TOML date or as a text."""
        value = self.content.get(name)
        if value is None:
            return None
        if isinstance(value, datetime.datetime) or not isinstance(value, datetime.date | str):
            raise self.refusal(name, 'a date such as "2016-04-04"')
        if isinstance(value, datetime.date):
            return value
        try:
            return datetime.date.fromisoformat(value)
        except ValueError:
            raise self.refusal(name, 'a date such as "2016-04-04"') from None

    def amounts[T](self, name: str, read: Callable[[Table, str], T]) -> dict[str, T]:
        """Return a table of values by name, each read by `read(table, name)`."""
        if name not in self.content:
            return {}
        content = self.content[name]
        table = Table(content, self.at(name), content if isinstance(content, Mapping) else (), self.file)
        return {entry: read(table, entry) for entry in table.content}

    def counts(self, name: str) -> dict[str, int]:
        """Return how many of each role: whole numbers from 1."""
        return self.amounts(name, lambda table, role: int(table.number(role, low=1, whole=True)))

    def child(self, name: str, allowed: Iterable[str]) -> Table | None:
        """Return a table inside this one, or None."""
        if name not in self.content:
            return None
        return Table(self.content[name], self.at(name), allowed, self.file)

    def children(self, name: str, allowed: Iterable[str]) -> list[Table]:
        """Return a list of tables inside this one."""
        rows = self.content.get(name, [])
        if not isinstance(rows, list | tuple):
            raise self.refusal(name, "a list of tables")
        return [Table(row, f"{self.at(name)}[{i}]", allowed, self.file) for i, row in enumerate(rows)]
