"""Sets of parameter values, one a year, spread evenly over what the parameters may be; and what a set changes.

The sets are a Latin hypercube (McKay, Beckman & Conover 1979, doi:10.1080/00401706.1979.10489755): each parameter
visits n equal parts of its law once. Its columns are then paired anew until hardly any two go together (Iman & Conover
1982, doi:10.1080/03610918208812265), or else one parameter would be blamed for another; Sobol points of so few sets in
so many dimensions do go together. All follows from the sizing's seed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import norm, qmc

from abm.setting import Setting, varied
from experiments.planning.uncertain import Parameter, check, groups_of, scaled, value_at
from pathways.errors import InputError
from pathways.pathway import Pathway

PURPOSE = 0x756E6365  # keeps these draws apart from whatever else a seed is used for
EDGE = 1e-6
PAIRINGS = 50
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
    """Return the `n` sets of a seed."""
    values = np.empty((n, len(parameters)))
    if parameters:
        rng = np.random.default_rng(np.random.SeedSequence([seed, PURPOSE]))
        points = unpaired(qmc.LatinHypercube(len(parameters), rng=rng).random(n))
        points = np.clip(points, EDGE, 1 - EDGE)
        values = np.column_stack([one.law.quantile(points[:, k]) for k, one in enumerate(parameters)])
    return Design(tuple(parameters), values)


def unpaired(points: np.ndarray) -> np.ndarray:
    """Return float[set, parameter] with each column in another order, so that no two go together.

    Of several rounds the one whose largest rank correlation is smallest; with no more sets than parameters they
    cannot all be unrelated, and stay as they are.
    """
    n, d = points.shape
    if d < 2 or n <= d + 1:
        return points
    values, best, least = np.sort(points, axis=0), points, np.inf
    for _ in range(PAIRINGS):
        scores = norm.ppf((points.argsort(axis=0).argsort(axis=0) + 0.5) / n)
        together = np.corrcoef(scores, rowvar=False)
        largest = float(np.abs(together - np.eye(d)).max())
        if largest < least:
            best, least = points, largest
        apart = scores @ np.linalg.inv(np.linalg.cholesky(together)).T
        points = np.take_along_axis(values, apart.argsort(axis=0).argsort(axis=0), axis=0)
    return best


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
