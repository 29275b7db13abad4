"""The table of uncertain inputs (`inputs.toml`): each with its law, question and source; how they go together."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.planning.parameter_laws import LAWS, ParameterLaw, law
from experiments.risk.joint import Joint, Pairs, joint
from pathways.errors import InputError, nearest, one_of

TABLE = Path(__file__).resolve().parent / "inputs.toml"
PARTS = ("demand", "staff", "arithmetic")
WORDS = ("title", "question", "source", "confidence")
KEYS = ("part", "drives", *WORDS, *LAWS)
PAIR_KEYS = ("between", "rank", "source", "confidence")
MOST = 0.99


@dataclass(frozen=True)
class Input:
    """One thing that is not known for sure, and the question whose answer would settle it."""

    name: str
    part: str
    """demand, staff or arithmetic: which part of the model it enters"""
    drives: tuple[str, ...]
    """Factors (demand), levers (staff) or prices and shares (arithmetic) it moves, together if several"""
    law: ParameterLaw
    title: str
    question: str
    source: str
    confidence: str

    @property
    def is_factor(self) -> bool:
        """Return whether its values multiply what is there; else they are the value itself (a share)."""
        return self.law.kind == "lognormal"


@dataclass(frozen=True)
class Together:
    """Two inputs that go together."""

    between: tuple[str, str]
    rank: float
    """Spearman's rank correlation"""
    source: str
    confidence: str


@dataclass(frozen=True)
class Inputs:
    """The whole table."""

    inputs: tuple[Input, ...]
    together: tuple[Together, ...]
    file: str

    def named(self, name: str) -> Input:
        """Return the input of a name."""
        return next(one for one in self.inputs if one.name == name)

    def of(self, part: str) -> list[int]:
        """Return the indices of a part's inputs."""
        return [k for k, one in enumerate(self.inputs) if one.part == part]

    @property
    def pairs(self) -> Pairs:
        """Return the rank correlations by names."""
        return {one.between: one.rank for one in self.together}

    def joint(self) -> Joint:
        """Return the inputs as they are drawn together."""
        return joint([one.name for one in self.inputs], [one.law for one in self.inputs], self.pairs, self.file)


def read(drivers: Mapping[str, Iterable[str]], file: Path | str = TABLE) -> Inputs:
    """Return a table of inputs.

    Parameters
    ----------
    drivers : what the inputs of each part may drive, by part

    Raises
    ------
    InputError
        For an unknown key, part or driver (with the nearest word), two laws or none, a range that is none, a row
        without a source, and correlations that are unknown, too strong, given twice, or contradict each other.
    """
    try:
        content = tomllib.loads(Path(file).read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as problem:
        raise InputError(file=file, expected=f"a table of uncertain inputs that can be read ({problem})") from None
    for key in content:
        known(key, ("input", "correlation"), file, key)
    inputs = tuple(_input(name, keys, drivers, file) for name, keys in content.get("input", {}).items())
    if not inputs:
        raise InputError(file=file, key="input", expected="at least one uncertain input")
    names = [one.name for one in inputs]
    together: list[Together] = []
    for i, keys in enumerate(content.get("correlation", [])):
        together.append(_together(i, keys, names, file))
        if len({frozenset(one.between) for one in together}) < len(together):
            raise InputError(file=file, key=f"correlation[{i}]", value=keys["between"], expected="each pair once")
    found = Inputs(inputs, tuple(together), str(file))
    found.joint()  # refused here if the correlations cannot all hold
    return found


def _input(name: str, keys: Mapping[str, Any], drivers: Mapping[str, Iterable[str]], file: object) -> Input:
    at = f"input.{name}"
    for key in keys:
        known(key, KEYS, file, f"{at}.{key}")
    for key in ("part", *WORDS):
        text(keys, key, file, at)
    known(keys["part"], PARTS, file, f"{at}.part")
    kinds = [kind for kind in LAWS if kind in keys]
    if len(kinds) != 1:
        raise InputError(file=file, key=at, value=kinds or None, expected=f"exactly one law, {one_of(LAWS)}")
    drives = keys.get("drives")
    if not isinstance(drives, list) or not drives:
        raise InputError(file=file, key=f"{at}.drives", value=drives, expected="a list of what it drives")
    for one in drives:
        known(one, drivers[keys["part"]], file, f"{at}.drives")
    return Input(
        name, keys["part"], tuple(drives), law(kinds[0], keys[kinds[0]], file, f"{at}.{kinds[0]}"),
        *(keys[word] for word in WORDS),
    )  # fmt: skip


def _together(i: int, keys: Mapping[str, Any], names: list[str], file: object) -> Together:
    at = f"correlation[{i}]"
    for key in keys:
        known(key, PAIR_KEYS, file, f"{at}.{key}")
    for key in ("source", "confidence"):
        text(keys, key, file, at)
    between = keys.get("between")
    if not isinstance(between, list) or len(between) != 2 or between[0] == between[1]:
        raise InputError(file=file, key=f"{at}.between", value=between, expected="two inputs")
    for name in between:
        known(name, names, file, f"{at}.between")
    rank = keys.get("rank")
    if not isinstance(rank, int | float) or isinstance(rank, bool) or not -MOST <= rank <= MOST:
        raise InputError(file=file, key=f"{at}.rank", value=rank, expected=f"a rank correlation, -{MOST} to {MOST}")
    return Together((between[0], between[1]), float(rank), keys["source"], keys["confidence"])


def text(keys: Mapping[str, Any], key: str, file: object, at: str) -> str:
    """Return a text that must be there."""
    if not isinstance(keys.get(key), str) or not keys[key].strip():
        raise InputError(file=file, key=f"{at}.{key}", value=keys.get(key), expected="a text")
    return str(keys[key])


def known(name: object, names: Iterable[str], file: object, key: str) -> None:
    """Refuse a word that is not among `names`, with the nearest that is."""
    listed = list(names)
    if name not in listed:
        raise InputError(file=file, key=key, value=name, expected=one_of(listed), suggestion=nearest(name, listed))
