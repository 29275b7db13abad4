"""Dictionaries and lists that count their changes, so that an edit between two days is noticed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


class Revision:
    """How often anything that shares this counter has changed."""

    def __init__(self) -> None:
        self.count = 0


def plain(value: Any) -> Any:
    """Return the same content in plain dicts and lists."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


class ObservedDict(dict[Any, Any]):
    """A dict that counts its changes; dicts and lists put into it are observed with it."""

    def __init__(self, revision: Revision, content: Mapping[Any, Any] | None = None) -> None:
        super().__init__()
        self._revision = revision
        if content:
            self.update(content)

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return type(self), (self._revision, dict(self))

    def __setitem__(self, key: Any, value: Any) -> None:
        self._revision.count += 1
        super().__setitem__(key, observed(value, self._revision))

    def __delitem__(self, key: Any) -> None:
        self._revision.count += 1
        super().__delitem__(key)

    def update(self, *others: Any, **more: Any) -> None:
        for key, value in dict(*others, **more).items():
            self[key] = value

    def __ior__(self, other: Any) -> ObservedDict:  # type: ignore[misc]
        self.update(other)
        return self

    def setdefault(self, key: Any, default: Any = None) -> Any:
        if key not in self:
            self[key] = default
        return self[key]

    def pop(self, *args: Any) -> Any:
        self._revision.count += 1
        return super().pop(*args)

    def popitem(self) -> tuple[Any, Any]:
        self._revision.count += 1
        return super().popitem()

    def clear(self) -> None:
        self._revision.count += 1
        super().clear()


class ObservedList(list[Any]):
    """A list that counts its changes; dicts and lists put into it are observed with it."""

    def __init__(self, revision: Revision, content: Iterable[Any] = ()) -> None:
        super().__init__(observed(item, revision) for item in content)
        self._revision = revision

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return type(self), (self._revision, list(self))

    def _changed(self) -> Revision:
        self._revision.count += 1
        return self._revision

    def __setitem__(self, position: Any, value: Any) -> None:
        revision = self._changed()
        if isinstance(position, slice):
            super().__setitem__(position, [observed(item, revision) for item in value])
        else:
            super().__setitem__(position, observed(value, revision))

    def __delitem__(self, position: Any) -> None:
        self._changed()
        super().__delitem__(position)

    def __iadd__(self, other: Iterable[Any]) -> ObservedList:  # type: ignore[misc]
        self.extend(other)
        return self

    def __imul__(self, times: Any) -> ObservedList:  # type: ignore[misc]
        self._changed()
        super().__imul__(times)
        return self

    def append(self, value: Any) -> None:
        super().append(observed(value, self._changed()))

    def insert(self, position: Any, value: Any) -> None:
        super().insert(position, observed(value, self._changed()))

    def extend(self, values: Iterable[Any]) -> None:
        revision = self._changed()
        super().extend([observed(item, revision) for item in values])

    def pop(self, position: Any = -1) -> Any:
        self._changed()
        return super().pop(position)

    def remove(self, value: Any) -> None:
        self._changed()
        super().remove(value)

    def reverse(self) -> None:
        self._changed()
        super().reverse()

    def sort(self, **how: Any) -> None:
        self._changed()
        super().sort(**how)

    def clear(self) -> None:
        self._changed()
        super().clear()


def observed(value: Any, revision: Revision) -> Any:
    """Return `value` with its dicts and lists observed; what is observed with `revision` already stays
    itself.
    """
    if isinstance(value, ObservedDict | ObservedList) and value._revision is revision:
        return value
    if isinstance(value, Mapping):
        return ObservedDict(revision, value)
    if isinstance(value, list | tuple):
        return ObservedList(revision, value)
    return value
