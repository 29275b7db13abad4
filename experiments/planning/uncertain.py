"""The table of uncertain parameters (`uncertain.toml`): read, and every name in it held against the pathways."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.planning.parameter_laws import LAWS, ParameterLaw, law
from pathways import durations
from pathways.errors import InputError, nearest, one_of
from pathways.pathway import Pathway

TABLE = Path(__file__).resolve().parent / "uncertain.toml"
SCALES = ("demand", "durations", "chance", "share")
KEYS = ("title", "scales", "of", *LAWS, "source", "confidence")


@dataclass(frozen=True)
class Parameter:
    """One thing that is not known for sure; it may stand in several places, which then move together."""

    name: str
    title: str
    scales: str
    """demand, durations, chance or share: what the law's values do (see the table's head)"""
    of: tuple[str, ...]
    law: ParameterLaw
    source: str
    confidence: str

    @property
    def unit(self) -> str:
        """Return what its values are."""
        return "share" if self.law.kind == "beta" else "factor on the odds" if self.scales == "share" else "factor"


def read(graphs: Mapping[str, Pathway], file: Path | str = TABLE) -> tuple[Parameter, ...]:
    """Return the parameters of a table.

    Raises
    ------
    InputError
        For an unknown key, law, pathway, door, state or route (with the nearest word), a place without such
        a value, a range that does not hold the present value, or a range without a source.
    """
    try:
        content = tomllib.loads(Path(file).read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as problem:
        raise InputError(file=file, expected=f"a table of uncertain parameters that can be read ({problem})") from None
    for key in content:
        _known(key, ("parameter",), file, key)
    return tuple(_parameter(name, keys, graphs, file) for name, keys in content.get("parameter", {}).items())


def undeclared(graphs: Iterable[str], file: Path | str = TABLE) -> list[str]:
    """Return the pathways that no parameter of a table names: nothing is known of how unsure their figures are."""
    content = tomllib.loads(Path(file).read_text(encoding="utf-8"))
    named = {path.partition("/")[0] for keys in content.get("parameter", {}).values() for path in keys.get("of", ())}
    return [name for name in graphs if name not in named]


def _parameter(name: str, keys: Mapping[str, Any], graphs: Mapping[str, Pathway], file: object) -> Parameter:
    at = f"parameter.{name}"
    for key in keys:
        _known(key, KEYS, file, f"{at}.{key}")
    for key in ("title", "scales", "source", "confidence"):
        if not isinstance(keys.get(key), str) or not keys[key].strip():
            raise InputError(file=file, key=f"{at}.{key}", value=keys.get(key), expected="a text")
    _known(keys["scales"], SCALES, file, f"{at}.scales")
    kinds = [kind for kind in LAWS if kind in keys]
    if len(kinds) != 1 or (kinds[0] == "beta" and keys["scales"] != "share"):
        expected = f"exactly one law, {one_of(LAWS)}; beta for a share only"
        raise InputError(file=file, key=at, value=kinds or None, expected=expected)
    of = keys.get("of")
    if kinds[0] == "beta" and isinstance(of, list) and len(of) > 1:
        raise InputError(file=file, key=f"{at}.of", value=of, expected="one route for a beta; several take a lognormal")
    if not isinstance(of, list) or not of or not all(isinstance(path, str) for path in of):
        raise InputError(file=file, key=f"{at}.of", value=of, expected="a list of the places it stands in")
    found = Parameter(
        name, keys["title"], keys["scales"], tuple(of), law(kinds[0], keys[kinds[0]], file, f"{at}.{kinds[0]}"),
        keys["source"], keys["confidence"],
    )  # fmt: skip
    for path in of:
        check(found, path, graphs, file)
    return found


def check(parameter: Parameter, path: str, graphs: Mapping[str, Pathway], file: object = TABLE) -> None:
    """Refuse a place that is not there, holds nothing of the kind, or whose present value is out of the range."""
    key = f"parameter.{parameter.name}.of"
    pathway, _, rest = path.partition("/")
    _known(pathway, graphs, file, key)
    present = 1.0
    if parameter.scales == "demand":
        if rest:
            _known(rest, graphs[pathway].graph["door"], file, key)
    elif parameter.scales == "share":
        groups = groups_of(graphs[pathway], rest, parameter.law.kind == "beta", file, key)
        shares = [float(keys["share"]) for keys, _ in groups]
        if parameter.law.kind == "beta":
            present = shares[0]
        if not all(0 < share < 1 for share in shares):
            raise InputError(file=file, key=key, value=path, expected="a share that leaves something to others")
    else:
        _check_value(parameter, value_at(graphs[pathway], rest, file, key), path, file, key)
    if not parameter.law.low <= present <= parameter.law.high:
        raise InputError(
            file=file, key=f"parameter.{parameter.name}.{parameter.law.kind}", value=path,
            expected=f"a range that holds the present value, {present:g}",
        )  # fmt: skip


def _check_value(parameter: Parameter, value: Any, path: str, file: object, key: str) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if parameter.scales == "chance" and not number:
        raise InputError(file=file, key=key, value=path, expected="a chance such as dna = 0.1")
    if parameter.scales == "durations" and scaled(value, 2.0) == value:
        raise InputError(file=file, key=key, value=path, expected="a duration, or a law of durations")


def value_at(pathway: Pathway, path: str, file: object = TABLE, key: str = "of") -> Any:
    """Return what stands under state.NAME.KEY of a pathway."""
    root, *words = path.split(".")
    _known(root, ("state",), file, key)
    if len(words) < 2:
        raise InputError(file=file, key=key, value=path, expected="state.NAME.KEY")
    value: Any = pathway.states()
    for word in words:
        _known(word, value if isinstance(value, Mapping) else (), file, key)
        value = value[word]
    return value


def groups_of(
    pathway: Pathway, path: str, one: bool = False, file: object = TABLE, key: str = "of"
) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Return (keys of the route, keys of the other routes of its group) for route.FROM.TO[.EVENT].

    One pair for each group (condition `if`) the route is in; with `one`, only that without a condition.
    """
    root, *words = path.split(".")
    _known(root, ("route",), file, key)
    if len(words) not in (2, 3):
        raise InputError(file=file, key=key, value=path, expected="route.FROM.TO or route.FROM.TO.EVENT")
    _known(words[0], pathway.states(), file, key)
    _known(words[1], list(pathway.successors(words[0])), file, key)
    event = words[2] if len(words) == 3 else None
    from_there = [(to, keys) for origin, to, keys in pathway.routes() if origin == words[0]]
    mine = [keys for to, keys in from_there if to == words[1] and keys.get("when") == event]
    if one and len(mine) > 1:
        mine = [keys for keys in mine if "if" not in keys]
    if not mine:
        raise InputError(file=file, key=key, value=path, expected=f"a route of {words[0]} to {words[1]} like that")
    return [
        (keys, [other for _, other in from_there if other is not keys and _group(other) == _group(keys)])
        for keys in mine
    ]


def _group(keys: Mapping[str, Any]) -> tuple[str, str]:
    return " ".join(str(keys.get("when")).split()), " ".join(str(keys.get("if")).split())


def scaled(value: Any, factor: float) -> Any:
    """Return a duration, or everything that is one in a law, times a factor; what is none stays."""
    if isinstance(value, Mapping):
        return {key: scaled(inner, factor) for key, inner in value.items()}
    if isinstance(value, list):
        return [scaled(inner, factor) for inner in value]
    if isinstance(value, str):
        try:
            length = durations.seconds(value, zero=True)
        except InputError:
            return value
        return value if factor == 1.0 else f"{length * factor!r} s"
    return value


def _known(name: str, names: Iterable[str], file: object, key: str) -> None:
    listed = list(names)
    if name not in listed:
        raise InputError(
            file=file, key=key, value=name, expected=one_of(listed), suggestion=nearest(str(name), listed)
        )  # fmt: skip
