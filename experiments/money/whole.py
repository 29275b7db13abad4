"""Whole pounds and pence that sum: amounts rounded so that no total is ever a pound off."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def rounded(amounts: Sequence[float] | np.ndarray) -> np.ndarray:
    """Return whole numbers, int64[amount], that sum to the rounded sum of the amounts: largest remainders first.

    Amounts may be negative; equal remainders go to the first.  No number is further than one from its amount.
    """
    amount = np.asarray(amounts, np.float64)
    whole = np.floor(amount)
    left = round(float((amount - whole).sum()))
    found = whole.astype(np.int64)
    found[np.argsort(-(amount - whole), kind="stable")[:left]] += 1
    return found
