"""Sets of parameter values, one a year, spread evenly over what the parameters may be; and what a set changes.

The sets are the points of a scrambled Sobol sequence (Owen 1998, doi:10.1006/jcom.1998.0487) in index order: the
first n are the same however many there will be, and follow from the sizing's seed alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import qmc

from abm.setting import Setting, varied
from experiments.planning.uncertain import Parameter, check, groups_of, scaled, value_at
from pathways.errors import InputError
from pathways.pathway import Pathway

PURPOSE = 0x756E6365  # keeps the scrambling apart from whatever else a seed is used for
EDGE = 1e-6
LARGEST_CHANCE = 0.95

ParameterSet = tuple[tuple[Parameter, float], ...]
"""A value for each parameter: what travels to a worker."""


@dataclass(frozen=True)
class Design:
    """Parameters and their values in every set, float[set, parameter]."""

    parameters: tuple[Parameter, ...]
    values: np.ndarray

    def set(self, i: int) -> ParameterSet:
        """Return one set."""
        return tuple(zip(self.parameters, map(float, self.values[i]), strict=True))


def design(parameters: Sequence[Parameter], n: int, seed: int) -> Design:
    """Return the first `n` sets of a seed."""
    values = np.empty((n, len(parameters)))
    if parameters:
        rng = np.random.default_rng(np.random.SeedSequence([seed, PURPOSE]))
        sobol = qmc.Sobol(len(parameters), scramble=True, rng=rng)
        points = sobol.random_base2(max(n - 1, 0).bit_length())[:n]
        points = np.clip(points, EDGE, 1 - EDGE)
        values = np.column_stack([one.law.quantile(points[:, k]) for k, one in enumerate(parameters)])
    return Design(tuple(parameters), values)


def applicable(
    parameters: Sequence[Parameter], graphs: Mapping[str, Pathway]
) -> tuple[list[Parameter], list[tuple[Parameter, str]]]:
    """Return the parameters that fit pathways as a scenario has them, and those that do not, with the reason.

    A scenario may close a pathway, take a state away, or set a share that lies outside the range of the table.
    """
    fit, left_out = [], []
    for one in parameters:
        try:
            for path in one.of:
                check(one, path, graphs)
            fit.append(one)
        except InputError as problem:
            left_out.append((one, str(problem)))
    return fit, left_out


def with_values(setting: Setting, values: ParameterSet) -> Setting:
    """Return the setting with one set's values in its pathways and its demand."""
    graphs: dict[str, Pathway] = {}
    factors: dict[str, float] = {}
    for parameter, value in values:
        for path in parameter.of:
            pathway, _, rest = path.partition("/")
            if parameter.scales == "demand":
                for door in setting.demand.doors:
                    if door.name == path or (not rest and door.name.startswith(f"{pathway}/")):
                        factors[door.name] = factors.get(door.name, 1.0) * value
                continue
            if pathway not in graphs:
                graphs[pathway] = setting.pathways[pathway].copy()
            _put(graphs[pathway], parameter, rest, value)
    return varied(setting, graphs, factors)


def _put(pathway: Pathway, parameter: Parameter, path: str, value: float) -> None:
    if parameter.scales == "share":
        absolute = parameter.law.kind == "beta"
        for keys, others in groups_of(pathway, path, absolute):
            share = float(keys["share"])
            _share(keys, others, value if absolute else share * value / (1 - share + share * value))
        return
    where, _, last = path.rpartition(".")
    table: Any = pathway.states()
    for word in where.split(".")[1:]:
        table = table[word]
    now = value_at(pathway, path)
    table[last] = min(now * value, max(LARGEST_CHANCE, now)) if parameter.scales == "chance" else scaled(now, value)


def _share(keys: dict[str, Any], others: list[dict[str, Any]], share: float) -> None:
    """Give a route its share; what is left goes to the others of its group as before."""
    before = float(keys["share"])
    if share == before:
        return
    keys["share"] = share
    for other in others:
        other["share"] = float(other["share"]) * (1 - share) / (1 - before)
