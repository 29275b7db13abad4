"""The tables of the appraisal: what benefits are asked for, by what route posts are filled, rates."""

from __future__ import annotations

from pathlib import Path

from experiments.money.prices import row_of

FOLDER = Path(__file__).resolve().parent / "tables"


def number(name: str) -> float:
    """Return one of `numbers.csv`."""
    return float(row_of("numbers", "name", name, FOLDER)["value"])
