"""What is not known for sure of an option's cost, drawn together as `parity risk` draws it: one sampler, one table.

Inputs of `experiments/risk/inputs.toml` that move a price (`shared_inputs.csv`) keep their law there and how they go
together; every other price lies in its range (`directions.csv` of money and of setting up) by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from abm import tables as committed
from experiments.business_case.where import FOLDER
from experiments.money.prices import number
from experiments.planning.parameter_laws import ParameterLaw
from experiments.risk import inputs as risk_inputs
from experiments.risk.inputs import Input, Inputs
from experiments.risk.joint import Joint, Law, joint
from experiments.risk.parts import drivers

PURPOSE = 0x63617365  # keeps these draws apart from whatever else a seed is used for
LAST_YEAR = "2020/21"


@dataclass(frozen=True)
class Price:
    """A price that is not known for sure, as the factor it is multiplied by."""

    name: str
    title: str
    law: Law
    present: float = 1.0
    """What the law's values are divided by: of a share its value in the tables, else 1"""


def read(file: Path | None = None) -> Inputs:
    """Return the uncertain inputs of `parity risk`, the caller's own or the built-in ones.

    Raises
    ------
    InputError
        If they are wrong, or contradict each other.
    """
    return risk_inputs.read(drivers(LAST_YEAR), file or risk_inputs.TABLE)


def prices(inputs: Inputs, folders: Sequence[Path]) -> list[Price]:
    """Return the prices of some tables of directions: those the inputs know by their law, all others by their range."""
    known = {one.name: one for one in inputs.inputs}
    shared = {row["price"]: known[row["input"]] for row in committed.read("shared_inputs", FOLDER)
              if row["input"] in known}  # fmt: skip
    rows = {row["name"]: row for folder in folders for row in committed.read("directions", folder)}
    return [_price(row, shared.get(name)) for name, row in rows.items()]


def _price(row: Mapping[str, str], one: Input | None) -> Price:
    if one is None:
        return Price(row["name"], row["what"], ParameterLaw("lognormal", float(row["low"]), float(row["high"])))
    return Price(row["name"], one.title, one.law, 1.0 if one.is_factor else number(row["name"]))


@dataclass(frozen=True)
class Drawn:
    """Prices (and luck) as they are drawn together."""

    prices: tuple[Price, ...]
    joint: Joint

    def factors(self, n: int, seed: int) -> np.ndarray:
        """Return what every price is multiplied by, float[set, price]; luck is a value of its own law."""
        values = self.joint.values(self.joint.scores(n, seed, PURPOSE))
        return values / np.array([one.present for one in self.prices])


def together(inputs: Inputs, wanted: Sequence[Price]) -> Drawn:
    """Return prices as they are drawn together: those of shared inputs with their declared correlations."""
    price_of = {row["input"]: row["price"] for row in committed.read("shared_inputs", FOLDER)}
    names = [one.name for one in wanted]
    pairs = {
        (price_of[a], price_of[b]): rank
        for (a, b), rank in inputs.pairs.items()
        if price_of.get(a) in names and price_of.get(b) in names
    }
    return Drawn(tuple(wanted), joint(names, [one.law for one in wanted], pairs, inputs.file))
