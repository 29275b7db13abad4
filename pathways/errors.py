"""What is said when a file, a scenario or an option cannot be used."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any


def nearest(word: object, candidates: Iterable[str]) -> str | None:
    """Return the candidate that `word` was most likely meant to be, or None."""
    names = list(candidates)
    alike = 0.6 if len(str(word)) > 3 else 0.5  # two letters the wrong way round
    found = difflib.get_close_matches(str(word), names, n=3, cutoff=alike)
    if found:
        same_letters = [name for name in found if sorted(name) == sorted(str(word))]
        return (same_letters or found)[0]
    by_lower = {name.lower(): name for name in names}
    found = difflib.get_close_matches(str(word).lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None


def one_of(names: Iterable[str]) -> str:
    """Say a choice in words: `one of a, b, c`; long lists are cut."""
    listed = list(names)
    if not listed:
        return "nothing (none is declared)"
    more = f" … ({len(listed)} in all)" if len(listed) > 12 else ""
    return "one of " + ", ".join(listed[:12]) + more


class InputError(ValueError):
    """Input that is refused: names the file, the key, the value, what was expected and the nearest right
    word.
    """

    def __init__(
        self,
        *,
        file: object = None,
        key: str = "",
        value: Any = None,
        expected: str = "",
        suggestion: str | None = None,
    ) -> None:
        self.file = None if file is None else str(file)
        self.key = key
        self.value = value
        self.expected = expected
        self.suggestion = suggestion
        super().__init__(self._message())

    def _message(self) -> str:
        where = [part for part in (self.file, self.key) if part]
        parts = [": ".join(where)] if where else []
        if self.value is not None:
            shown = repr(self.value)
            parts.append(f"got {shown if len(shown) <= 200 else shown[:200] + '…'}")
        if self.expected:
            parts.append(f"expected {self.expected}")
        if self.suggestion:
            parts.append(f"did you mean {self.suggestion!r}?")
        return "; ".join(parts)

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (self.file, self.key, self.value, self.expected, self.suggestion)


def _restored(file: str | None, key: str, value: Any, expected: str, suggestion: str | None) -> InputError:
    """Rebuild the error in another process."""
    return InputError(file=file, key=key, value=value, expected=expected, suggestion=suggestion)
